/** One virtual patient: courses, the body's cross-talk, drivers; change a treatment and watch. */
import { useEffect } from "preact/hooks";
import { amount, Bars } from "../charts/bars";
import { Figure } from "../charts/figure";
import { type Line, Lines, valueAt } from "../charts/lines";
import { PLAIN } from "../charts/marks";
import { ControlRow, Controls } from "../design/controls";
import { number, plain, prettyUnit, withUnit } from "../format";
import { CodeButton } from "../frame/code";
import { Explained } from "../frame/terms";
import { TroubleBox } from "../frame/troubles";
import type { Control, Value } from "../types";
import { Diagram, linksOn, strengthText } from "./diagram";
import { again, before, busy, change, course, day, type Ghost, ghost, give, known, patient, play, playing, setPatient, setTreatment, trouble, untreated, watchPatient } from "./store";
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
        <div class="answer small" aria-live="polite">{(shown?.sentence ?? []).map((sentence) => <p key={sentence}><Explained text={sentence} /></p>)}</div>
        <TimeBar last={shown?.days.at(-1) ?? 84} />
        <div class="stage-columns">
          <TalkFigure shown={shown} old={old} />
          <div class="stage-right">
            <CourseFigures shown={shown} old={old} />
          </div>
        </div>
        <DriverFigure shown={shown} />
      </div>
    </div>
  );
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

function Side({ found }: { readonly found: PatientControls }) {
  const archetype = found.archetypes.find(({ name }) => name === patient.value.archetype);
  const own = (control: Control): Value => (archetype !== undefined && control.path in archetype.values ? (archetype.values[control.path] ?? null) : control.value);
  const controls = found.controls.map((control) => ({ ...control, value: own(control) }));
  const base = new Map(controls.map((control) => [control.path, control.value]));
  const weeks = found.weeks ?? { value: 12, low: 4, high: 52 };
  return (
    <>
      <h2 class="pane-title">Treatments</h2>
      <ul class="treatments">{found.treatments.map((kind) => <TreatmentRow key={kind.name} kind={kind} />)}</ul>
      <ControlRow control={{ path: "weeks", label: "Weeks to follow", group: "", kind: "number", value: weeks.value, unit: "weeks", low: weeks.low, high: weeks.high, step: 1, choices: null, status: null, help: null }}
        before={weeks.value} value={patient.value.weeks} fault={null} onSet={(_, value) => change({ weeks: Number(value) })} />
      <h2 class="pane-title">The patient</h2>
      <Controls controls={controls} base={base} values={patient.value.patient} faults={trouble.value?.faults ?? []} onSet={setPatient} remember="patient" />
    </>
  );
}

function TreatmentRow({ kind }: { readonly kind: TreatmentKind }) {
  const given = patient.value.treatments.find(({ name }) => name === kind.name);
  return (
    <li class={given === undefined ? "treatment" : "treatment given"}>
      <label class="switch"><input type="checkbox" role="switch" checked={given !== undefined} onChange={(event) => give(kind.name, event.currentTarget.checked)} /><span>{kind.label}</span></label>
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

function CourseFigure({ observable, shown, old }: { readonly observable: Observable; readonly shown: PatientCourse; readonly old: PatientCourse | null }) {
  const was = old === null ? undefined : [...old.observables, ...old.dose].find(({ name }) => name === observable.name);
  const lines: Line[] = [{ key: "now", look: PLAIN, days: shown.days, values: observable.values }];
  if (was !== undefined && old !== null) lines.unshift({ key: "ghost", look: { ...PLAIN, colour: "var(--arm-0)" }, days: old.days, values: was.values, ghost: true });
  const now = valueAt({ days: shown.days, values: observable.values }, day.value);
  const first = observable.values[0];
  const last = observable.values.at(-1);
  return <Lines title={observable.label} unit={observable.unit} lines={lines} height={148} cursor={day.value} onCursor={(value) => { playing.value = false; day.value = Math.round(value); }}
    readout={now === null ? "–" : plain(Number(now.toPrecision(3)))} label={`${observable.label} in ${prettyUnit(observable.unit)}: from ${valueText(first, "")} to ${valueText(last, "")}.`} />;
}

function DriverFigure({ shown }: { readonly shown: PatientCourse | null }) {
  const bars = (shown?.drivers ?? []).map((driver) => ({ key: driver.name, label: driver.label, value: driver.value, se: driver.se, unit: driver.unit ?? "" }));
  return (
    <Figure name="drivers" title="What drives it in this patient" busy={busy.value} note={<Explained text={shown?.drivers_note ?? "How much of the loss each driver brings about; the bar is its error."} />} table={{ columns: ["Driver", "Amount ± 95 %"], rows: bars.map((bar) => [bar.label, amount(bar)]) }}>
      <div class="driver-room">{bars.length > 0 && <Bars bars={bars} label={`Drivers: ${bars.map((bar) => `${bar.label} ${amount(bar)}`).join("; ")}`} />}</div>
    </Figure>
  );
}
