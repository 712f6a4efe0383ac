/** Every parameter with what it means, how well it is known and where it stands written. */
import { useEffect, useState } from "preact/hooks";
import { asTrouble, get, type Trouble } from "../api";
import { count, plain } from "../format";
import { CodeButton } from "../frame/code";
import { Linked } from "../frame/linked";
import { Explained } from "../frame/terms";
import { TroubleBox } from "../frame/troubles";
import type { Parameter, ParameterPage } from "./types";

const STATUSES: readonly { readonly key: string; readonly told: string }[] = [
  { key: "verified", told: "read in its source" },
  { key: "derived", told: "computed from what was read" },
  { key: "calibrated", told: "set so that the model agrees with data" },
  { key: "assumed", told: "chosen by us, for a stated reason" },
];
const MOST = 60;

export function ParametersPart() {
  const [page, setPage] = useState<ParameterPage | null>(null);
  const rows: readonly Parameter[] | null = page?.rows ?? null;
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [sought, setSought] = useState("");
  const [wanted, setWanted] = useState<ReadonlySet<string>>(new Set(STATUSES.map(({ key }) => key)));
  const [all, setAll] = useState(false);
  const load = (): void => {
    setTrouble(null);
    get<ParameterPage>("/api/parameters").then(setPage).catch((problem: unknown) => setTrouble(asTrouble(problem)));
  };
  useEffect(load, []);
  const text = sought.trim().toLowerCase();
  const fitting = (rows ?? []).filter((row) => wanted.has(row.status) && (text === "" || `${row.name} ${row.meaning} ${row.block} ${row.source} ${row.where}`.toLowerCase().includes(text)));
  const shown = all ? fitting : fitting.slice(0, MOST);
  const toggle = (key: string): void => {
    const next = new Set(wanted);
    if (!next.delete(key)) next.add(key);
    setWanted(next);
  };
  return (
    <div class="parameters">
      {trouble !== null && <TroubleBox trouble={trouble} again={load} />}
      <div class="filters">
        <label>Find <input type="search" value={sought} onInput={(event) => { setSought(event.currentTarget.value); setAll(false); }} /></label>
        <fieldset><legend class="unseen">Status</legend>{STATUSES.map(({ key, told }) => (
          <label key={key} class={`chip-choice ${key}`} title={told}><input type="checkbox" checked={wanted.has(key)} onChange={() => toggle(key)} /> {key} <span class="note">{count((rows ?? []).filter(({ status }) => status === key).length)}</span></label>
        ))}</fieldset>
        <CodeButton code={page?.code ?? null} name="parameters" />
        <p class="note" role="status">{rows === null ? "" : `${count(fitting.length)} of ${count(rows.length)} parameters`}</p>
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label="Parameters">
        <table class="parameter-table">
          <caption class="unseen">Parameters of the model</caption>
          <thead><tr><th scope="col">Parameter</th><th scope="col">Value</th><th scope="col">Range</th><th scope="col">Status</th><th scope="col">Source</th></tr></thead>
          <tbody>{shown.map((row) => (
            <tr key={row.name}>
              <th scope="row"><code>{row.name}</code><span class="meaning"><Explained text={row.meaning} /></span></th>
              <td class="value">{row.printed}</td>
              <td class="value">{row.low === null || row.high === null ? "–" : `${plain(row.low)} to ${plain(row.high)}`}</td>
              <td><span class={`chip ${row.status}`}>{row.status}</span></td>
              <td>{row.source === "" ? "" : <Linked text={row.source} />}{row.where !== "" && <span class="note where">{row.where}</span>}</td>
            </tr>
          ))}</tbody>
        </table>
      </div>
      {fitting.length > shown.length && <p><button type="button" class="plain-button" onClick={() => setAll(true)}>Show all {count(fitting.length)}</button></p>}
      {rows !== null && fitting.length === 0 && <p class="empty-note">Nothing fits. Try another word, or tick more statuses.</p>}
    </div>
  );
}
