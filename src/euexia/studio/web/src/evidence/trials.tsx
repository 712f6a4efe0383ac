/** Published results as they stand in print, with the model's prediction beside each. */
import { useEffect, useState } from "preact/hooks";
import { asTrouble, get, type Trouble } from "../api";
import { Drawing, Figure } from "../charts/figure";
import { Mark } from "../charts/marks";
import { digitsOf, linear, span, ticks } from "../charts/scale";
import { clipped } from "../charts/shares";
import { day, number, plain, prettyUnit, withUnit } from "../format";
import { Explained } from "../frame/terms";
import { TroubleBox } from "../frame/troubles";
import { place, rewrite } from "../router";
import type { Figure as Shown, Outcome, Study, StudyPage } from "./types";

export function TrialsPart() {
  const [studies, setStudies] = useState<readonly Study[] | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [open, setOpen] = useState(place.value.asked.get("study") ?? "");
  const load = (): void => {
    setTrouble(null);
    get<readonly Study[]>("/api/evidence").then((found) => {
      setStudies(found);
      if (open === "") setOpen(found.find(({ protocol }) => protocol !== null)?.study ?? found[0]?.study ?? "");
    }).catch((problem: unknown) => setTrouble(asTrouble(problem)));
  };
  useEffect(load, []);
  const choose = (study: string): void => {
    setOpen(study);
    rewrite(`#/evidence?study=${encodeURIComponent(study)}`);
  };
  return (
    <div class="evidence">
      {trouble !== null && <TroubleBox trouble={trouble} again={load} />}
      <nav class="study-list" aria-label="Published trials">
        <ul>{(studies ?? []).map((study) => (
          <li key={study.study}><button type="button" aria-current={study.study === open ? "true" : undefined} onClick={() => choose(study.study)}>
            <span>{study.title}</span>
            <span class="note">{[study.year, study.registry, study.held_out === true ? "held out" : study.held_out === false ? "used to calibrate" : null].filter((each) => each !== null).join(" · ")}</span>
          </button></li>
        ))}</ul>
      </nav>
      <div class="study">{open !== "" && <StudyView key={open} name={open} />}</div>
    </div>
  );
}

function StudyView({ name }: { readonly name: string }) {
  const [study, setStudy] = useState<StudyPage | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const load = (): void => {
    setTrouble(null);
    get<StudyPage>(`/api/evidence/${encodeURIComponent(name)}`).then(setStudy).catch((problem: unknown) => setTrouble(asTrouble(problem)));
  };
  useEffect(load, [name]);
  if (trouble !== null) return <TroubleBox trouble={trouble} again={load} />;
  if (study === null) return null;
  return (
    <article>
      <h2>{study.title}</h2>
      <p class="study-facts">
        {study.url === null ? <span>{study.source}</span> : <a href={study.url} rel="noreferrer noopener" target="_blank" class="source-link">{study.source ?? study.url}<span class="unseen"> (opens the publisher’s page in a new tab)</span> ↗</a>}
        {study.held_out === true && <span class="chip good" title="The model was not fitted to this trial: its results test it.">held out</span>}
        {study.held_out === false && <span class="chip" title="Results of this trial helped to set the model.">used to calibrate</span>}
        {study.protocol !== null && <a href={`#/design?start=${encodeURIComponent(study.protocol)}`}>Open its protocol on Design</a>}
      </p>
      {byUnit(study.rows).map(([unit, rows]) => <UnitFigure key={unit} unit={unit} rows={rows} study={study.study} />)}
      {study.rows.length === 0 && <p class="empty-note">No results of this trial are in the collection.</p>}
    </article>
  );
}

function byUnit(rows: readonly Outcome[]): readonly (readonly [string, readonly Outcome[]])[] {
  const groups = new Map<string, Outcome[]>();
  for (const row of rows) groups.set(row.unit, [...(groups.get(row.unit) ?? []), row]);
  return [...groups];
}

function told(figure: Shown | null, unit: string): string {
  if (figure === null || figure.value === null) return "–";
  const range = figure.low === null || figure.high === null ? "" : ` (${plain(figure.low)} to ${plain(figure.high)})`;
  return withUnit(`${plain(figure.value)}${range}`, unit);
}

const ROW = 46;

function UnitFigure({ unit, rows, study }: { readonly unit: string; readonly rows: readonly Outcome[]; readonly study: string }) {
  const title = unit === "" ? "Results without a unit" : `Results in ${prettyUnit(unit)}`;
  const name = (row: Outcome): string => [row.outcome, row.arm, row.day === null ? "" : day(row.day)].filter((part) => part !== "").join(", ");
  const [low, high] = span([...rows.flatMap(({ published, predicted }) => [published.value, published.low, published.high, predicted?.value, predicted?.low, predicted?.high])]);
  const anyPredicted = rows.some(({ predicted }) => predicted !== null);
  return (
    <Figure name={`evidence-${study}-${unit.replaceAll(/\W/g, "")}`} title={title} wide
      note={<Explained text={anyPredicted ? "Filled circle: published. Hollow diamond: what the model predicts. Lines: 95 % intervals, where they were given." : "As published; no prediction of it is shipped. Open its protocol to make one."} />}
      table={{ columns: ["Result", "Published", "Predicted", "Where it stands", "Status"], rows: rows.map((row) => [name(row), told(row.published, unit), told(row.predicted, unit), row.where, row.status ?? ""]) }}>
      <Drawing height={rows.length * ROW + 26} label={`${title}. ${rows.map((row) => `${name(row)}: published ${told(row.published, unit)}, predicted ${told(row.predicted, unit)}`).join("; ")}`}>
        {(width) => {
          const x = linear([low, high], [8, width - 8]);
          const marks = ticks(low, high, width < 400 ? 4 : 7);
          return (
            <>
              {marks.map((tick) => <g key={tick}>
                <line class={tick === 0 ? "grid zero" : "grid"} x1={x(tick)} x2={x(tick)} y1={2} y2={rows.length * ROW + 4} />
                <text class="tick" x={x(tick)} y={rows.length * ROW + 20} text-anchor="middle">{number(tick, digitsOf(marks))}</text>
              </g>)}
              {rows.map((row, at) => <g key={at}>
                <rect class="label-ground" x={0} y={at * ROW + 2} width={Math.min(width, clipped(name(row), width - 150).length * 6.7)} height={19} />
                <text class="row-label" x={0} y={at * ROW + 16}>{clipped(name(row), width - 150)}</text>
                <text class="row-value" x={width} y={at * ROW + 16} text-anchor="end">{row.published.value === null ? "–" : plain(row.published.value)}{row.predicted?.value === null || row.predicted === null ? "" : ` | ${plain(Number(row.predicted.value.toPrecision(3)))}`}</text>
                <Interval figure={row.published} x={x} y={at * ROW + 28} colour="var(--arm-1)" shape="circle" />
                {row.predicted !== null && <Interval figure={row.predicted} x={x} y={at * ROW + 38} colour="var(--arm-2)" shape="diamond" hollow />}
              </g>)}
            </>
          );
        }}
      </Drawing>
    </Figure>
  );
}

function Interval({ figure, x, y, colour, shape, hollow }: { readonly figure: Shown; readonly x: (value: number) => number; readonly y: number; readonly colour: string; readonly shape: "circle" | "diamond"; readonly hollow?: boolean }) {
  if (figure.value === null) return null;
  return (
    <g>
      {figure.low !== null && figure.high !== null && <line x1={x(figure.low)} x2={x(figure.high)} y1={y} y2={y} stroke={colour} stroke-width="2" />}
      <Mark shape={shape} x={x(figure.value)} y={y} size={4.6} colour={colour} {...(hollow === true ? { hollow: true } : {})} />
    </g>
  );
}
