/** One virtual patient: courses, the body's cross-talk, drivers; change a treatment and watch. */
import { useEffect, useState } from "preact/hooks";
import { amount, Bars } from "../charts/bars";
import { Figure } from "../charts/figure";
import { type Line, Lines, valueAt } from "../charts/lines";
import { PLAIN } from "../charts/marks";
import { ControlRow, Controls } from "../design/controls";
import { brief, number, plain, prettyUnit, withUnit } from "../format";
import { CodeButton } from "../frame/code";
import { Explained } from "../frame/terms";
import { TroubleBox } from "../frame/troubles";
import type { Control } from "../types";
import { Diagram, linksOn, strengthText } from "./diagram";
import { again, before, busy, change, course, day, drivers, driving, findDrivers, type Ghost, ghost, give, keyOf, known, patient, play, playing, setPatient, setTreatment, trouble, untreated, watchPatient } from "./store";
import type { Observable, PatientControls, PatientCourse, TreatmentKind } from "./types";

export function PatientScreen() {
  useEffect(watchPatient, []);
  const found = known.value;
  const shown = course.value;
  const old = ghostCourse(ghost.value);
  const archetype = found?.archetypes.find(({ name }) => name === patient.value.archetype);
  return (
    <div class="patient">
      <header class="screen-head">
        <div class="head-title">
          <h1>{archetype?.title ?? "A virtual patient"}</h1>
          <p class="start-from"><label>Patient <select value={patient.value.archetype} onChange={(event) => change({ archetype: event.currentTarget.value, patient: {} })}>
            {(found?.archetypes ?? []).map(({ name, title }) => <option key={name} value={name}>{title}</option>)}
          </select></label></p>
          <p class="note about">{archetype?.about ?? " "}</p>
        </div>
        <div class="toolbar" role="group" aria-label="Steps">
          <button type="button" class="plain-button" disabled={Object.keys(patient.value.patient).length === 0 && patient.value.treatments.length === 0} onClick={() => change({ patient: {}, treatments: [] })}>Back to the start</button>
          <CodeButton code={shown?.code ?? null} name="patient" />
        </div>
      </header>
      <section class="pane-side" aria-label="Treatments and patient">{found !== null && <Side found={found} />}</section>
      <div class="patient-stage">
        {trouble.value !== null && <TroubleBox trouble={trouble.value} again={again} />}
        <div class="answer small" role="status">{shown !== null && <p><Explained text={summary(shown, untreated.value)} /></p>}</div>
        <TimeBar last={shown?.days.at(-1) ?? 84} />
        <div class="stage-columns">
          <TalkFigure shown={shown} old={old} />
          <div class="stage-right">
            <CourseFigures shown={shown} old={old} />
            <DriverFigure />
          </div>
        </div>
      </div>
    </div>
  );
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The course in a sentence or two. */
function summary(shown: PatientCourse, plainCourse: PatientCourse | null): string {
  const weeks = Math.round((shown.days.at(-1) ?? 0) / 7);
  const weight = shown.observables.find(({ name }) => name === "body_weight");
  const grip = shown.observables.find(({ name }) => name === "handgrip_strength");
  const treated = shown.dose.length > 0 || (shown.regimen !== "" && shown.regimen !== "none" && shown.regimen !== "no treatment");
  const parts = [movement(weight, "weighs"), movement(grip, "grips")].filter((part) => part !== "");
  const first = `In ${weeks} weeks${treated ? ` on ${shown.regimen}` : " without treatment"} this patient ${parts.join(", and ")}.`;
  if (!treated || plainCourse === null || plainCourse === shown || plainCourse.days.length !== shown.days.length) return first;
  const other = plainCourse.observables.find(({ name }) => name === "body_weight");
  const gain = (weight?.values.at(-1) ?? 0) - (other?.values.at(-1) ?? 0);
  return `${first} Without it the weight at the end would be ${number(Math.abs(gain), 1)} kg ${gain >= 0 ? "less" : "more"}.`;
}

function movement(course: Observable | undefined, verb: string): string {
  const [first, last] = [course?.values[0], course?.values.at(-1)];
  if (course === undefined || first === null || first === undefined || last === null || last === undefined) return "";
  const gap = last - first;
  return `${verb} ${number(Math.abs(gap), 1)} ${course.unit} ${gap < 0 ? "less" : "more"} (${number(first, 1)} to ${number(last, 1)} ${course.unit})`;
}

function ghostCourse(kind: Ghost): PatientCourse | null {
  switch (kind) {
    case "before":
      return before.value;
    case "untreated":
      return patient.value.treatments.length === 0 ? null : untreated.value;
    case "none":
      return null;
  }
}

const WEEKS: Control = { path: "weeks", label: "Weeks to follow", group: "", kind: "number", value: 12, unit: "weeks", low: 4, high: 52, step: 1, choices: null, status: null, help: null };

function Side({ found }: { readonly found: PatientControls }) {
  const controls = found.archetypes.find(({ name }) => name === patient.value.archetype)?.controls ?? [];
  const base = new Map(controls.map((control) => [control.path, control.value]));
  return (
    <>
      <h2 class="pane-title">Treatments</h2>
      <TreatmentList kinds={found.treatments.filter(({ is_care: care }) => care !== true)} label="Medicines" />
      <TreatmentList kinds={found.treatments.filter(({ is_care: care }) => care === true)} label="Care" />
      <ControlRow control={WEEKS} before={WEEKS.value} value={patient.value.weeks} fault={null} onSet={(_, value) => change({ weeks: Number(value) })} />
      <h2 class="pane-title">The patient</h2>
      <Controls controls={controls} base={base} values={patient.value.patient} faults={trouble.value?.faults ?? []} onSet={setPatient} remember="patient" />
    </>
  );
}

function TreatmentList({ kinds, label }: { readonly kinds: readonly TreatmentKind[]; readonly label: string }) {
  if (kinds.length === 0) return null;
  return <ul class="treatments" aria-label={label}>{kinds.map((kind) => <TreatmentRow key={kind.name} kind={kind} />)}</ul>;
}

function TreatmentRow({ kind }: { readonly kind: TreatmentKind }) {
  const given = patient.value.treatments.find(({ name }) => name === kind.name);
  return (
    <li class={given === undefined ? "treatment" : "treatment given"}>
      <label class="switch"><input type="checkbox" role="switch" checked={given !== undefined} onChange={(event) => give(kind.name, event.currentTarget.checked)} /><span>{sentenceCase(kind.label)}</span></label>
      {given !== undefined && kind.controls.map((control) => (
        <ControlRow key={control.path} control={control} before={control.value} value={control.path in given.values ? (given.values[control.path] ?? null) : control.value} fault={null}
          onSet={(path, value) => setTreatment(kind.name, path, value)} />
      ))}
    </li>
  );
}

function TimeBar({ last }: { readonly last: number }) {
  const shown = Math.min(day.value, last);
  return (
    <div class="time-bar">
      <button type="button" class="plain-button" onClick={() => { if (playing.value) playing.value = false; else play(); }}>{playing.value ? "Pause" : "Play"}</button>
      <label class="time-slider"><span class="unseen">Day shown</span>
        <input type="range" min={0} max={last} step={1} value={shown} aria-valuetext={dayText(shown)} style={{ "--share": String(last === 0 ? 0 : shown / last) }} onInput={(event) => { playing.value = false; day.value = Number(event.currentTarget.value); }} />
      </label>
      <output class="time-day">{dayText(shown)}</output>
      <label class="figure-choice">Ghost <select value={ghost.value} onChange={(event) => { ghost.value = event.currentTarget.value as Ghost; }}>
        <option value="before">before the last change</option>
        <option value="untreated">without treatment</option>
        <option value="none">none</option>
      </select></label>
    </div>
  );
}

function dayText(value: number): string {
  const week = Math.floor(value / 7);
  const rest = Math.round(value - week * 7);
  return value < 0.5 ? "Day 0" : `Week ${week}${rest === 0 ? "" : `, day ${rest}`}`;
}

function TalkFigure({ shown, old }: { readonly shown: PatientCourse | null; readonly old: PatientCourse | null }) {
  const links = shown === null ? [] : linksOn(shown, old, day.value);
  const rows = links.map(({ link, now, before: was }) => [link.label, `${link.source} to ${link.target}`, strengthText(link, now), was === null ? "–" : strengthText(link, was), link.meaning]);
  return (
    <Figure name="cross-talk" title="The body’s cross-talk" busy={busy.value} note={<Explained text="Today’s strength of each signal in this patient. Move the day, or let time pass, and the arrows change." />}
      table={{ columns: ["Signal", "From and to", "On this day", "Ghost", "Meaning"], rows }}>
      <div class="talk-room">{shown !== null && <Diagram course={shown} before={old} day={day.value} flowing={playing.value} />}</div>
    </Figure>
  );
}

function CourseFigures({ shown, old }: { readonly shown: PatientCourse | null; readonly old: PatientCourse | null }) {
  const all = shown === null ? [] : [...shown.observables, ...shown.dose];
  const rows = shown === null ? [] : all.flatMap((each) => weekly(shown.days).map((place) => [each.label, `week ${number((shown.days[place] ?? 0) / 7, 0)}`, valueText(each.values[place], each.unit)]));
  return (
    <Figure name="patient-courses" title="Courses" busy={busy.value} note={<Explained text={old === null ? "Point at a figure, or use the slider, to move the day in all of them." : "Dotted: the ghost. Point at a figure to move the day in all of them."} />} table={{ columns: ["What", "Week", "Value"], rows }}>
      <div class="multiples tight course-room">{shown !== null && all.map((each) => <CourseFigure key={each.name} observable={each} shown={shown} old={old} />)}</div>
    </Figure>
  );
}

function weekly(days: readonly number[]): readonly number[] {
  return days.flatMap((each, place) => (each % 7 === 0 ? [place] : []));
}

function valueText(value: number | null | undefined, unit: string): string {
  return value === null || value === undefined ? "–" : withUnit(plain(Number(value.toPrecision(3))), unit);
}

const LONGEST_HISTORY = -60;

function CourseFigure({ observable, shown, old }: { readonly observable: Observable; readonly shown: PatientCourse; readonly old: PatientCourse | null }) {
  const was = old === null ? undefined : [...old.observables, ...old.dose].find(({ name }) => name === observable.name);
  const history = shown.days_before.flatMap((each, place) => (each >= LONGEST_HISTORY ? [{ day: each, value: observable.before?.[place] ?? null }] : []));
  const past = observable.before === undefined || observable.before.length === 0 ? [] : history;
  const lines: Line[] = [{ key: "now", look: PLAIN, days: [...past.map((each) => each.day), ...shown.days], values: [...past.map((each) => each.value), ...observable.values] }];
  if (was !== undefined && old !== null) lines.unshift({ key: "ghost", look: { ...PLAIN, colour: "var(--arm-0)" }, days: old.days, values: was.values, ghost: true });
  const now = valueAt({ days: shown.days, values: observable.values }, day.value);
  const first = observable.values[0];
  const last = observable.values.at(-1);
  return <Lines title={brief(sentenceCase(observable.label))} unit={observable.unit} lines={lines} height={148} domain={[LONGEST_HISTORY, shown.days.at(-1) ?? 0]} cursor={day.value} onCursor={(value) => { playing.value = false; day.value = Math.max(0, Math.round(value)); }}
    readout={now === null ? "–" : plain(Number(now.toPrecision(3)))} label={`${observable.label} in ${prettyUnit(observable.unit)}: from ${valueText(first, "")} to ${valueText(last, "")}.`} />;
}

function DriverFigure() {
  const [wanted, setWanted] = useState("");
  const held = drivers.value;
  const found = held?.found ?? null;
  const stale = held !== null && held.of !== keyOf(patient.value);
  const outcome = found?.outcomes.find(({ name }) => name === wanted) ?? found?.outcomes[0];
  const periods = found === null || outcome === undefined ? [] : found.periods.map((period) => ({
    name: period.name,
    lost: period.lost[outcome.name] ?? null,
    bars: period.shares.map((share) => ({ key: share.name, label: sentenceCase(share.label), value: share.values[outcome.name] ?? null, se: null, unit: outcome.unit })),
  }));
  const choice = found === null ? undefined : (
    <label class="figure-choice">Loss of <select value={outcome?.name} onChange={(event) => setWanted(event.currentTarget.value)}>{found.outcomes.map(({ name, label }) => <option key={name} value={name}>{label}</option>)}</select></label>
  );
  return (
    <Figure name="drivers" title="What drives it in this patient" busy={driving.value || stale} extra={choice}
      note={<Explained text="How much of the loss goes back to each driver, found by taking it out of this patient. One patient, no chance: the numbers have no error of simulation; the model’s own uncertainty is not in them." />}
      table={{ columns: ["Period", "Driver", "Share of the loss"], rows: periods.flatMap((period) => period.bars.map((bar) => [period.name, bar.label, amount(bar)])) }}>
      <div class="driver-room">
        {(found === null || stale) && <p><button type="button" class="plain-button" disabled={driving.value} onClick={() => void findDrivers()}>{driving.value ? "Working it out …" : stale ? "Work out the drivers of the patient as changed" : "Work out the drivers (some seconds)"}</button></p>}
        {periods.map((period) => (
          <section key={period.name}>
            <h4>{sentenceCase(period.name)}{period.lost === null ? "" : `: ${amount({ key: "", label: "", value: period.lost, se: null, unit: outcome?.unit ?? "" })} lost`}</h4>
            <Bars bars={period.bars} label={`Drivers, ${period.name}: ${period.bars.map((bar) => `${bar.label} ${amount(bar)}`).join("; ")}`} />
          </section>
        ))}
      </div>
    </Figure>
  );
}
