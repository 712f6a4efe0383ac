/** The figures of a design: power, responders, what becomes of patients, courses. Axes stand before the first numbers. */
import { useState } from "preact/hooks";
import { DispositionBars, FATES } from "../charts/disposition";
import { Figure, useNarrow } from "../charts/figure";
import { Lines } from "../charts/lines";
import { armLooks, Key, type Look, PLAIN } from "../charts/marks";
import { PublishedFigures } from "../charts/published";
import { ofPatients, ofTrials, type Reading, type ShareRow, Shares, sharesHeight } from "../charts/shares";
import { brief, CONFIDENCE, count, day, number, percent, shareWithError, withUnit } from "../format";
import { Explained } from "../frame/terms";
import type { ArmResult, Outline, OutlineAnalysis, PowerRow, Series, Snapshot } from "../types";

interface BoardProps {
  readonly outline: Outline;
  readonly now: Snapshot | null;
  readonly before: Snapshot | null;
  readonly busy: boolean;
}

interface Shown extends BoardProps {
  readonly looks: ReadonlyMap<string, Look>;
}

const TOPS = [0.05, 0.2, 0.5] as const;
const ROOM = 1.25;
const FEW = 6;

export function Board(props: BoardProps) {
  const looks = armLooks(props.outline.arms);
  const shown = { ...props, looks };
  const labels = new Map(props.outline.arms.map(({ arm, label }) => [arm, label]));
  return (
    <div class="board">
      <PowerFigure {...shown} primary />
      {props.outline.responders !== null && <ResponderFigure {...shown} />}
      <DispositionFigure {...shown} />
      <Key items={[...looks].map(([arm, look]) => ({ label: labels.get(arm) ?? arm, look }))} />
      <CoursesFigure {...shown} />
      <RecruitmentFigure {...shown} />
      <PowerFigure {...shown} primary={false} />
      {(props.now?.published ?? []).length > 0 && <div class="wide published"><PublishedFigures rows={props.now?.published ?? []} name="published" busy={props.busy} /></div>}
    </div>
  );
}

/** The row of a snapshot that tells of a planned analysis. */
export function rowOf(snapshot: Snapshot, row: OutlineAnalysis): PowerRow | undefined {
  return snapshot.power.find(({ analysis, arm, endpoint }) => analysis === row.analysis && arm === row.arm && endpoint === row.endpoint);
}

interface PowerShare extends ShareRow {
  readonly analysis: OutlineAnalysis;
}

function powerRows({ outline, now, before, looks }: Shown, primary: boolean): readonly PowerShare[] {
  const find = (snapshot: Snapshot | null, row: OutlineAnalysis): Reading | null => (snapshot === null ? null : ofTrials(rowOf(snapshot, row)?.value, snapshot.trials));
  return outline.analyses.filter((row) => row.primary === primary).map((row) => ({
    key: `${row.analysis}/${row.arm}/${row.endpoint}`,
    label: analysisLabel(row, outline),
    analysis: row,
    look: looks.get(row.arm) ?? PLAIN,
    now: find(now, row),
    before: find(before, row),
    strong: primary,
  }));
}

/** An analysis is told by its arm where all primary ones look at one endpoint, by both elsewhere. */
export function analysisLabel(row: OutlineAnalysis, outline: Outline): string {
  const arm = row.arm_label ?? outline.arms.find((each) => each.arm === row.arm)?.label ?? row.arm;
  const peers = outline.analyses.filter(({ primary }) => primary === row.primary);
  if (new Set(peers.map((each) => each.arm)).size === 1) return row.label;
  return new Set(peers.map((each) => each.endpoint)).size === 1 ? arm : `${row.label}: ${arm}`;
}

function effectText(now: Snapshot | null, row: OutlineAnalysis): string {
  const effect = now === null ? null : rowOf(now, row)?.effect;
  if (effect === null || effect === undefined || effect.value === null) return "–";
  const amount = effect.unit === "1" ? percent(effect.value, 1) : withUnit(number(effect.value, 2), effect.unit);
  return `${effect.measure}: ${amount}`;
}

function PowerFigure(props: Shown & { readonly primary: boolean }) {
  const rows = powerRows(props, props.primary);
  if (rows.length === 0) return null;
  const title = props.primary ? "Chance of success" : "The other analyses";
  const told = rows.map((row) => `${row.label}: ${row.now?.text ?? "not yet known"}`).join("; ");
  const shared = new Set(props.outline.analyses.filter(({ primary }) => primary).map(({ label }) => label));
  const note = props.primary
    ? `${shared.size === 1 ? `${[...shared][0] ?? ""}. ` : ""}Power: the share of simulated trials that reach their goal. Bars are 95 % Monte-Carlo intervals; they shrink as trials are added. The dotted line marks the power asked for.`
    : "Secondary and supporting analyses, as shares of simulated trials that reach significance.";
  return (
    <Figure name={props.primary ? "power" : "other-power"} wide={!props.primary || props.outline.responders === null} title={title} busy={props.busy} note={<Explained text={note} />}
      table={{ columns: ["Analysis", "Power (95 %)", ...(props.before === null ? [] : ["Design A"]), "Effect, mean of trials"], rows: rows.map((row) => [row.label, row.now?.text ?? "–", ...(props.before === null ? [] : [row.before?.text ?? "–"]), effectText(props.now, row.analysis)]) }}>
      <Shares rows={rows} target={props.primary ? props.outline.target : null} label={`${title}. ${told}`} />
    </Figure>
  );
}

function ResponderFigure(props: Shown) {
  const { outline, now, before, looks } = props;
  const rows = outline.arms.map(({ arm, label }): ShareRow => ({
    key: arm,
    label,
    look: looks.get(arm) ?? PLAIN,
    now: ofPatients(now?.arms.find((each) => each.arm === arm)?.responders),
    before: ofPatients(before?.arms.find((each) => each.arm === arm)?.responders),
    strong: false,
  }));
  const largest = Math.max(...rows.flatMap(({ now: one, before: other }) => [one?.value ?? 0, other?.value ?? 0]));
  const top = TOPS.find((each) => largest > 0 && largest * ROOM < each) ?? 1;
  const told = rows.map((row) => `${row.label}: ${row.now?.text ?? "not yet known"}`).join("; ");
  return (
    <Figure name="responders" title="Patients who respond" busy={props.busy} note={<Explained text={`${outline.responders?.label ?? ""}: share of each arm, mean over simulated trials.`} />}
      table={{ columns: ["Arm", "Responders ± 95 %"], rows: rows.map((row) => [row.label, row.now?.text ?? "–"]) }}>
      <Shares rows={rows} target={null} top={top} label={`Patients who respond. ${told}`} />
    </Figure>
  );
}

function DispositionFigure({ outline, now, before, busy }: Shown) {
  const results = now?.arms ?? [];
  const rows = outline.arms.map(({ arm, label }) => {
    const found = results.find((each) => each.arm === arm);
    return [label, ...FATES.map(({ key }) => (found === undefined ? "–" : shareWithError(found.disposition[key])))];
  });
  const told = rows.map(([label, ...shares]) => `${label ?? ""}: ${FATES.map((fate, place) => `${fate.label.toLowerCase()} ${shares[place] ?? ""}`).join(", ")}`).join("; ");
  return (
    <Figure name="disposition" title="What becomes of the patients" busy={busy} note={<Explained text={before === null ? "Share of each arm at the end of the trial. Death is counted, never dropped." : "Share of each arm at the end of the trial; the thin bar below is design A."} />}
      table={{ columns: ["Arm", ...FATES.map(({ label }) => label), "Stopped treatment"], rows: rows.map((row, place) => [...row, stoppedText(results, outline.arms[place]?.arm)]) }}>
      <DispositionBars arms={outline.arms} results={results} before={before?.arms ?? []} label={`What becomes of the patients. ${told}`} />
    </Figure>
  );
}

const REASONS = 6;
const RESERVED = 3;

function RecruitmentFigure({ now, before, busy }: Shown) {
  const narrow = useNarrow();
  const found = now?.duration ?? null;
  const reasons = [...(found?.refused ?? [])].sort((one, other) => (other.value ?? 0) - (one.value ?? 0)).filter(({ value }) => (value ?? 0) > 0);
  const old = (criterion: string): Reading | null => ofPatients(before?.duration?.refused.find((each) => each.criterion === criterion));
  const rows = reasons.slice(0, REASONS).map((each): ShareRow => ({ key: each.criterion, label: each.criterion, look: REFUSAL, now: ofPatients(each), before: old(each.criterion), strong: false }));
  const told = found === null ? "" : `${count(found.screened.value ?? 0)} people are screened for ${count(found.enrolled.value ?? 0)} patients; recruiting takes ${number(found.months.value ?? 0, 0)} months.`;
  return (
    <Figure name="recruitment" title="Finding the patients" wide busy={busy} note={<Explained text={`${told} Share of those screened who miss each criterion; one may miss several. The months follow from an assumed number of candidates a month.`} />}
      table={{ columns: ["Criterion that is missed", "Share of those screened"], rows: reasons.map((each) => [each.criterion, ofPatients(each)?.text ?? "–"]) }}>
      <div style={{ minHeight: `${sharesHeight(RESERVED, narrow)}px` }}>{rows.length > 0 && <Shares rows={rows} target={null} label={`Finding the patients. ${told} ${rows.map((row) => `${row.label}: ${row.now?.text ?? ""}`).join("; ")}`} />}</div>
    </Figure>
  );
}

const REFUSAL: Look = { colour: "var(--arm-4)", shape: "square", dash: "none" };

function stoppedText(results: readonly ArmResult[], arm: string | undefined): string {
  const found = results.find((each) => each.arm === arm);
  return found === undefined ? "–" : shareWithError(found.disposition.stopped_treatment);
}

type Width = "se" | "sd";

function CoursesFigure({ outline, now, before, looks, busy }: Shown) {
  const [width, setWidth] = useState<Width>("se");
  const [cursor, setCursor] = useState<number | null>(null);
  const [all, setAll] = useState(false);
  const shown = all ? outline.measures : outline.measures.slice(0, FEW);
  const labels = new Map(outline.arms.map(({ arm, label }) => [arm, label]));
  const rows = (now?.series ?? []).flatMap((series) => series.arms.flatMap((course) => course.day.map((each, place) => [
    series.label, labels.get(course.arm) ?? course.arm, day(each), text(course.mean[place], series.unit), text(course.se[place], series.unit), text(course.sd[place], series.unit),
  ])));
  const choice = (
    <label class="figure-choice">Band <select value={width} onChange={(event) => setWidth(event.currentTarget.value as Width)}>
      <option value="se">error of the mean</option>
      <option value="sd">spread of patients</option>
    </select></label>
  );
  return (
    <Figure name="courses" title="Courses by arm" wide busy={busy} extra={choice}
      note={<Explained text={`Mean of the patients still followed at each visit; the band is ${width === "se" ? "its 95 % interval within one trial" : "one standard deviation of patients"}.${before === null ? "" : " Dotted: design A."}`} />}
      table={{ columns: ["Measure", "Arm", "Visit", "Mean", "Standard error", "Standard deviation"], rows }}>
      <div class="multiples">
        {shown.map((measure) => (
          <Multiple key={measure.measure} title={measure.label} unit={measure.unit} series={now?.series.find((each) => each.measure === measure.measure) ?? null}
            before={before?.series.find((each) => each.measure === measure.measure) ?? null} looks={looks} labels={labels} width={width} cursor={cursor} onCursor={setCursor} />
        ))}
      </div>
      {outline.measures.length > FEW && <p class="more"><button type="button" class="quiet" aria-expanded={all} onClick={() => setAll(!all)}>{all ? "Show fewer measures" : `Show ${outline.measures.length - FEW} more measures`}</button></p>}
    </Figure>
  );
}

function text(value: number | null | undefined, unit: string): string {
  return value === null || value === undefined ? "–" : withUnit(number(value, 2), unit);
}

interface MultipleProps {
  readonly title: string;
  readonly unit: string;
  readonly series: Series | null;
  readonly before: Series | null;
  readonly looks: ReadonlyMap<string, Look>;
  readonly labels: ReadonlyMap<string, string>;
  readonly width: Width;
  readonly cursor: number | null;
  readonly onCursor: (day: number) => void;
}

function Multiple({ title, unit, series, before, looks, labels, width, cursor, onCursor }: MultipleProps) {
  const lines = [
    ...(before?.arms ?? []).map((course) => ({ key: `a-${course.arm}`, look: looks.get(course.arm) ?? PLAIN, days: course.day, values: course.mean, ghost: true })),
    ...(series?.arms ?? []).map((course) => ({
      key: course.arm, look: looks.get(course.arm) ?? PLAIN, days: course.day, values: course.mean, marked: true,
      error: course[width].map((value) => (value === null ? null : value * (width === "se" ? CONFIDENCE : 1))),
    })),
  ];
  const last = (series?.arms ?? []).map((course) => `${labels.get(course.arm) ?? course.arm} ${text(course.mean.at(-1), unit)}`).join(", ");
  return <Lines title={brief(title)} unit={unit} lines={lines} label={`${title} over time. ${last === "" ? "Not yet known." : `At the last visit: ${last}.`}`} {...(cursor === null ? {} : { cursor })} onCursor={onCursor} />;
}

export function progressText(trials: number, planned: number): string {
  return `${count(trials)} of ${count(planned)} simulated trials`;
}
