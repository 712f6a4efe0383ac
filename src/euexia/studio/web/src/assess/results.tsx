/** What came out: the cohort first, then what cannot be trusted, then each patient. */
import { useState } from "preact/hooks";
import { asTrouble, post, type Trouble } from "../api";
import { Drawing, Figure } from "../charts/figure";
import { count, prettyUnit } from "../format";
import { Explained } from "../frame/terms";
import { TroubleBox } from "../frame/troubles";
import type { Assessment, Card, Check, Outcome } from "./types";

const FEW = 12;
const SIGNS: Readonly<Record<Outcome, string>> = { yes: "●", no: "○", unknown: "?" };

export function ResultsPart({ result, upload }: { readonly result: Assessment; readonly upload: string }) {
  const [sought, setSought] = useState("");
  const [most, setMost] = useState(FEW);
  const fitting = result.patients.filter(({ patient, title }) => `${patient} ${title}`.toLowerCase().includes(sought.trim().toLowerCase()));
  return (
    <>
      <section aria-labelledby="cohort-title" class="cohort">
        <h2 id="cohort-title">The cohort</h2>
        <div class="answer small">{result.cohort.sentences.map((sentence) => <p key={sentence}><Explained text={sentence} /></p>)}</div>
        <CohortFigure cohort={result.cohort} />
        <Save upload={upload} />
      </section>
      <Checks checks={result.checks} />
      <section aria-labelledby="cards-title">
        <h2 id="cards-title">Patients</h2>
        <p class="filters"><label>Find a patient <input type="search" value={sought} onInput={(event) => { setSought(event.currentTarget.value); setMost(FEW); }} /></label> <span class="note" role="status">{count(fitting.length)} of {count(result.patients.length)}</span></p>
        <ul class="cards">{fitting.slice(0, most).map((card) => <PatientCard key={card.patient} card={card} />)}</ul>
        {fitting.length > most && <p><button type="button" class="plain-button" onClick={() => setMost(most + 48)}>Show more</button></p>}
      </section>
    </>
  );
}

const ROW = 42;

function CohortFigure({ cohort }: { readonly cohort: Assessment["cohort"] }) {
  const rows = cohort.rows;
  const told = rows.map((row) => `${row.label}: ${row.yes} yes, ${row.no} no, ${row.unknown} cannot be said`).join("; ");
  return (
    <Figure name="cohort" title="Who is cachectic, by which definition" wide note={<Explained text="Left: yes. Middle, pale: no. Right, hatched: cannot be said from what is there." />} table={{ columns: ["Definition", "Yes", "No", "Cannot be said"], rows: rows.map((row) => [row.label, String(row.yes), String(row.no), String(row.unknown)]) }}>
      <Drawing height={rows.length * ROW + 4} label={`Who is cachectic, by which definition. ${told}`}>
        {(width) => (
          <>
            <defs><pattern id="unsaid" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch-plain" x1="0" y1="0" x2="0" y2="6" /></pattern></defs>
            {rows.map((row, place) => {
              const total = Math.max(1, row.yes + row.no + row.unknown);
              const yes = (row.yes / total) * width;
              const no = (row.no / total) * width;
              const y = place * ROW;
              return (
                <g key={row.name}>
                  <text class="row-label" x={0} y={y + 15}>{row.label}</text>
                  <text class="row-value" x={width} y={y + 15} text-anchor="end">{row.yes} of {total}</text>
                  <rect class="cohort-yes" x={0} y={y + 21} width={yes} height={13} />
                  <rect class="cohort-no" x={yes} y={y + 21} width={no} height={13} />
                  <rect x={yes + no} y={y + 21} width={Math.max(0, width - yes - no)} height={13} fill="url(#unsaid)" class="cohort-unsaid" />
                </g>
              );
            })}
          </>
        )}
      </Drawing>
    </Figure>
  );
}

function Save({ upload }: { readonly upload: string }) {
  const [said, setSaid] = useState("");
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const save = (): void => {
    setTrouble(null);
    post<{ folder?: string; path?: string; message?: string }>(`/api/assess/${encodeURIComponent(upload)}/save`, {}).then((found) => setSaid(found.message ?? `Saved in ${found.folder ?? found.path ?? "the studio’s folder"}.`)).catch((problem: unknown) => setTrouble(asTrouble(problem)));
  };
  return (
    <>
      <p class="save-line"><button type="button" class="plain-button" onClick={save}>Save the assessment on this computer</button> <span class="note" role="status">{said === "" ? "Until then nothing is written." : said}</span></p>
      {trouble !== null && <TroubleBox trouble={trouble} again={save} />}
    </>
  );
}

function Checks({ checks }: { readonly checks: readonly Check[] }) {
  const [most, setMost] = useState(FEW);
  return (
    <section aria-labelledby="checks-title">
      <h2 id="checks-title">Checks</h2>
      {checks.length === 0 ? <p class="note">Nothing in the table looks wrong.</p> : (
        <>
          <p class="note">{count(checks.length)} {checks.length === 1 ? "thing" : "things"} to look at. What cannot be trusted is left out of the assessment.</p>
          <ul class="checks">{checks.slice(0, most).map((check, place) => (
            <li key={place}><strong>{[check.patient, check.date, check.column].filter((part) => part !== null && part !== "").join(", ")}</strong>: {check.problem} <span class="remedy">{check.remedy}</span></li>
          ))}</ul>
          {checks.length > most && <p><button type="button" class="plain-button" onClick={() => setMost(checks.length)}>Show all {count(checks.length)}</button></p>}
        </>
      )}
    </section>
  );
}

function PatientCard({ card }: { readonly card: Card }) {
  return (
    <li class="card">
      <h3>{card.title === "" ? card.patient : card.title}</h3>
      <dl class="card-lines">{card.lines.map((line) => <div key={line.label}><dt>{line.label}</dt><dd>{line.value}{line.unit !== null && line.unit !== "" ? ` ${prettyUnit(line.unit)}` : ""}{line.date !== null && <span class="note"> {line.date}</span>}</dd></div>)}</dl>
      <ul class="card-definitions">{card.definitions.map((definition) => (
        <li key={definition.name} data-outcome={definition.outcome}>
          <details>
            <summary><span class="sign" aria-hidden="true">{SIGNS[definition.outcome]}</span> {definition.label}: <b>{definition.outcome === "unknown" ? "cannot be said" : definition.outcome}</b>{definition.stage !== null && definition.stage !== "" && `, ${definition.stage}`}</summary>
            {definition.because.length > 0 && <p class="note">{definition.because.join("; ")}.</p>}
            {definition.missing.length > 0 && <p class="note">Missing: {definition.missing.join(", ")}.</p>}
            {definition.source !== null && <p class="note">{definition.source}</p>}
          </details>
        </li>
      ))}</ul>
      {card.eligible.length > 0 && <details class="card-trials"><summary>Trials: {card.eligible.filter(({ outcome }) => outcome === "yes").length} might fit of {card.eligible.length}</summary>
        <ul>{card.eligible.map((trial) => <li key={trial.protocol} data-outcome={trial.outcome}><span class="sign" aria-hidden="true">{SIGNS[trial.outcome]}</span> {trial.title}: <b>{trial.outcome === "unknown" ? "cannot be said" : trial.outcome}</b>{trial.because.length > 0 && <span class="note"> {trial.because.join("; ")}</span>}</li>)}</ul>
      </details>}
    </li>
  );
}
