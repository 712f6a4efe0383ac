/** What came out: the cohort first, then what cannot be trusted, then each patient. */
import { useState } from "preact/hooks";
import { asTrouble, post, type Trouble } from "../api";
import { Figure, Drawing } from "../charts/figure";
import { clipped } from "../charts/shares";
import { count } from "../format";
import { Explained } from "../frame/terms";
import { Faults, TroubleBox } from "../frame/troubles";
import { PatientCard } from "./card";
import type { Assessment, Cohort, Mapping } from "./types";

const FEW = 12;

interface ResultsProps {
  readonly result: Assessment;
  readonly upload: string;
  readonly mapping: Mapping;
}

export function ResultsPart({ result, upload, mapping }: ResultsProps) {
  const [sought, setSought] = useState("");
  const [most, setMost] = useState(FEW);
  const text = sought.trim().toLowerCase();
  const fitting = result.patients.filter(({ patient, summary }) => `${patient} ${summary}`.toLowerCase().includes(text));
  return (
    <>
      <section aria-labelledby="cohort-title" class="cohort">
        <h2 id="cohort-title">The cohort</h2>
        <div class="answer small"><p><Explained text={result.cohort.lead} /></p></div>
        <CohortFigure cohort={result.cohort} />
        {result.cohort.gaps.length > 0 && <details class="answer-rest"><summary>What is most often missing</summary><ul>{result.cohort.gaps.map((gap) => <li key={gap.text}>{gap.text}: {count(gap.patients)} {gap.patients === 1 ? "patient" : "patients"}</li>)}</ul></details>}
        <Save upload={upload} mapping={mapping} />
      </section>
      <Checks checks={result.checks} />
      <section aria-labelledby="cards-title">
        <h2 id="cards-title">Patients</h2>
        <p class="filters"><label>Find a patient <input type="search" value={sought} onInput={(event) => { setSought(event.currentTarget.value); setMost(FEW); }} /></label> <span class="note" role="status">{count(fitting.length)} of {count(result.patients.length)}</span></p>
        <ul class="cards">{fitting.slice(0, most).map((card) => <PatientCard key={card.patient} card={card} />)}</ul>
        {fitting.length > most && <p><button type="button" class="plain-button" onClick={() => setMost(most + 48)}>Show more</button></p>}
        {result.cohort.patients > result.patients.length && <p class="note">Cards of the first {count(result.patients.length)} of {count(result.cohort.patients)} patients; the saved assessment holds all.</p>}
      </section>
    </>
  );
}

const ROW = 42;

function CohortFigure({ cohort }: { readonly cohort: Cohort }) {
  const rows = cohort.definitions;
  const told = rows.map((row) => `${row.label}: ${row.yes} yes, ${row.no} no, ${row.unknown} cannot be said`).join("; ");
  return (
    <Figure name="cohort" title="Who is cachectic, by which definition" wide note={<Explained text="Left: yes. Middle, pale: no. Right, hatched: cannot be said from what is there." />}
      table={{ columns: ["Definition", "Concept", "Yes", "No", "Cannot be said", "Source"], rows: rows.map((row) => [row.label, row.concept, String(row.yes), String(row.no), String(row.unknown), row.citation]) }}>
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
                  <text class="row-label" x={0} y={y + 15}>{clipped(row.label, width - 150)}</text>
                  <text class="row-value" x={width} y={y + 15} text-anchor="end">{row.yes} yes, {row.no} no, {row.unknown} ?</text>
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

function Save({ upload, mapping }: { readonly upload: string; readonly mapping: Mapping }) {
  const [said, setSaid] = useState("");
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const save = (): void => {
    setTrouble(null);
    post<{ folder: string }>(`/api/assess/${encodeURIComponent(upload)}/save`, { mapping }).then(({ folder }) => setSaid(`Saved in ${folder}.`)).catch((problem: unknown) => setTrouble(asTrouble(problem)));
  };
  return (
    <>
      <p class="save-line"><button type="button" class="plain-button" onClick={save}>Save the assessment on this computer</button> <span class="note" role="status">{said === "" ? "Until then nothing is written." : said}</span></p>
      {trouble !== null && <TroubleBox trouble={trouble} again={save} />}
    </>
  );
}

function Checks({ checks }: { readonly checks: Assessment["checks"] }) {
  const [most, setMost] = useState(FEW);
  const { findings, faults } = checks;
  const total = findings.length + faults.length + checks.more_findings;
  return (
    <section aria-labelledby="checks-title">
      <h2 id="checks-title">Checks</h2>
      <p class="note">{count(checks.readings)} readings of {count(checks.measures)} measures are read. {total === 0 ? "Nothing looks wrong." : `${count(total)} ${total === 1 ? "thing" : "things"} to look at. What cannot be trusted is left out of the assessment.`}</p>
      {faults.length > 0 && <Faults faults={faults} />}
      {findings.length > 0 && <ul class="checks">{findings.slice(0, most).map((finding, place) => (
        <li key={place}><strong>{[finding.patient, finding.date].filter((part) => part !== null && part !== "").join(", ")}</strong>: {finding.text} <span class="note">{finding.kind}{finding.withheld ? "; left out" : "; kept"}; {finding.rows.length === 1 ? "row" : "rows"} {finding.rows.join(", ")}</span></li>
      ))}</ul>}
      {findings.length > most && <p><button type="button" class="plain-button" onClick={() => setMost(findings.length)}>Show all {count(findings.length)}</button></p>}
    </section>
  );
}
