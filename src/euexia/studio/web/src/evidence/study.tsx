/** One study: a prediction beside it where a protocol simulates it, and every row as it was published. */
import { useEffect, useState } from "preact/hooks";
import { asTrouble, forget, get, post, type Trouble } from "../api";
import { PublishedFigures } from "../charts/published";
import { follow } from "../design/follow";
import { count, number, plain, withUnit } from "../format";
import { CodeButton } from "../frame/code";
import { Linked } from "../frame/linked";
import { Explained } from "../frame/terms";
import { TroubleBox } from "../frame/troubles";
import type { Snapshot } from "../types";
import { Sources } from "./trials";
import type { EvidenceRow, StudyPage } from "./types";

export function StudyView({ name }: { readonly name: string }) {
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
      <header class="study-head"><h2><Linked text={study.citation} /></h2><CodeButton code={study.code} name={study.study} /></header>
      <p class="study-facts">{[study.population, study.treatment, study.size === "" ? "" : `${study.size} patients`].filter((part) => part !== "").join("; ")}
        {study.rows.some(({ use }) => use === "holdout") && <span class="chip good" title="The model was not fitted to these results: they test it.">held out</span>}
        {study.rows.some(({ use }) => use === "calibration") && <span class="chip" title="Some of these results helped to set the model.">used to set the model</span>}
      </p>
      <Sources study={study} sources={study.sources} />
      {study.protocols.map((protocol) => <Prediction key={protocol} protocol={protocol} />)}
      <h3 class="rows-title">As published <span class="note">{count(study.verified_rows)} of {count(study.rows_in_all)} rows were read at the source</span></h3>
      {study.handling !== "" && <p class="note"><Explained text={study.handling} /></p>}
      <Rows rows={study.rows} />
      {study.notes !== "" && <p class="note"><Explained text={study.notes} /></p>}
    </article>
  );
}

const TRIALS = 100;
const TAB = crypto.randomUUID();

/** Simulate the published trial now, and let its results stand beside. */
function Prediction({ protocol }: { readonly protocol: string }) {
  const [snapshot, setSnapshot] = useState<Snapshot | null>(null);
  const [done, setDone] = useState(0);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  useEffect(() => {
    let close = (): void => undefined;
    let run = "";
    const abort = new AbortController();
    post<{ run: string }>("/api/design/runs", { start: protocol, changes: {}, trials: TRIALS, seed: 1, tab: `${TAB}-evidence` }, abort.signal).then((begun) => {
      run = begun.run;
      close = follow(run, {
        progress: (progress) => setDone(progress.done),
        estimate: setSnapshot,
        done: () => { run = ""; },
        failed: (message) => setTrouble(asTrouble(new Error(message))),
      });
    }).catch((problem: unknown) => { if (!abort.signal.aborted) setTrouble(asTrouble(problem)); });
    return () => {
      abort.abort();
      close();
      if (run !== "") forget(`/api/runs/${encodeURIComponent(run)}`);
    };
  }, [protocol]);
  const rows = snapshot?.published ?? [];
  return (
    <section class="prediction" aria-label={`Prediction by ${protocol}`}>
      <p class="note" role="status">{snapshot === null || done < TRIALS ? `Simulating this trial now: ${count(done)} of ${count(TRIALS)} trials.` : `From ${count(snapshot.trials)} simulated trials.`} <a href={`#/design?start=${encodeURIComponent(protocol)}`}>Open its protocol on Design</a></p>
      {trouble !== null && <TroubleBox trouble={trouble} />}
      <div class="prediction-room">{rows.length > 0 && <PublishedFigures rows={rows} name={`published-${protocol}`} />}</div>
    </section>
  );
}

function whenOf(row: EvidenceRow): string {
  if (row.when !== "") return row.when;
  return row.weeks.length === 0 ? "" : `week ${row.weeks.map((week) => number(week, 0)).join(", ")}`;
}

function valueOf(row: EvidenceRow): string {
  if (row.value === null) return row.text === "" ? "–" : row.text;
  const range = row.low === null || row.high === null ? (row.dispersion ?? "") : `${plain(row.low)} to ${plain(row.high)}`;
  return `${withUnit(plain(row.value), row.unit)}${range === "" ? "" : ` (${range})`}`;
}

const USES: Readonly<Record<string, string>> = { context: "context", calibration: "set the model", holdout: "held out" };

function Rows({ rows }: { readonly rows: readonly EvidenceRow[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Published rows">
      <table class="published-rows">
        <thead><tr><th scope="col">Result</th><th scope="col">Arm</th><th scope="col">When</th><th scope="col">Value</th><th scope="col">Read</th><th scope="col">Use</th><th scope="col">Where</th></tr></thead>
        <tbody>{rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">{row.measure.replaceAll("_", " ")}{row.statistic !== "" && <span class="note"> {row.statistic.replaceAll("_", " ")}</span>}</th>
            <td>{[row.arm, row.contrast].filter((part) => part !== "").join(" against ").replaceAll("_", " ")}</td>
            <td>{whenOf(row)}</td>
            <td>{valueOf(row)}{row.p !== null && <span class="note"> p {row.p < 0.001 ? "< 0.001" : plain(row.p)}</span>}</td>
            <td>{row.verified ? <span class="chip verified">at the source</span> : <span class="chip assumed">not verified</span>}</td>
            <td>{USES[row.use] ?? row.use}</td>
            <td class="note"><Linked text={row.source} /></td>
          </tr>
        ))}</tbody>
      </table>
    </div>
  );
}
