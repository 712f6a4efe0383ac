/** Design a trial by looking: controls, figures that answer, the protocol in words. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { post, asTrouble } from "../api";
import { count, number, shareOfTrials, wilson } from "../format";
import { announce } from "../frame/announce";
import { CodeButton } from "../frame/code";
import { Tabs } from "../frame/tabs";
import { Explained } from "../frame/terms";
import { Faults, TroubleBox } from "../frame/troubles";
import { place } from "../router";
import type { Control, Outline, ProtocolPage, Value } from "../types";
import { analysisLabel, Board, progressText, rowOf } from "./board";
import { Compare } from "./compare";
import { Controls } from "./controls";
import { canRedo, canUndo, draft, followAddress, keyOf, pin, pinned, redo, resetAll, set, setSimulation, startFrom, takeUp, undo } from "./draft";
import { checked, kept, page, protocols, refreshNow, trouble, watchDraft, work } from "./work";
import { Words } from "./words";

type Pane = "controls" | "figures" | "words";
const pane = signal<Pane>("figures");
const sent = signal("");
const FULL_RUN = 5000;

export function DesignScreen() {
  useEffect(watchDraft, []);
  useEffect(() => {
    followAddress();
  }, [place.value]);
  useEffect(() => {
    addEventListener("keydown", shortcuts);
    return () => removeEventListener("keydown", shortcuts);
  }, []);
  const found = page.value;
  const outline = checked.value?.outline ?? found?.outline ?? null;
  return (
    <div class="design" data-pane={pane.value}>
      <Head found={found} />
      <Tabs label="Parts of the design" chosen={pane.value} panel="pane" onChoose={(key) => { pane.value = key; }} tabs={[{ key: "controls", label: "Controls" }, { key: "figures", label: "Figures" }, { key: "words", label: "In words" }]} />
      <section class="pane pane-controls" aria-label="Controls"><Glance outline={outline} />{found !== null && <ControlsPane found={found} />}</section>
      <section class="pane pane-figures" aria-label="Figures" id="pane"><h2 class="unseen">Figures</h2><FiguresPane outline={outline} /></section>
      <section class="pane pane-words" aria-label="The protocol in words">
        <h2 class="pane-title">The protocol in words</h2>
        {found !== null && <Words sections={checked.value?.words ?? found.words} before={checked.value === null ? [] : found.words} />}
      </section>
    </div>
  );
}

function shortcuts(event: KeyboardEvent): void {
  const typing = event.target instanceof HTMLInputElement && event.target.type !== "range";
  if (typing || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  event.preventDefault();
  if (event.shiftKey) redo();
  else undo();
}

function Head({ found }: { readonly found: ProtocolPage | null }) {
  const row = protocols.value.find(({ name }) => name === draft.value.start);
  const changes = Object.keys(draft.value.changes).length;
  return (
    <header class="screen-head">
      <div class="head-title">
        <h1>{found?.title ?? row?.title ?? " "}</h1>
        <p class="start-from">
          <label>Start from <select value={draft.value.start} onChange={(event) => startFrom(event.currentTarget.value)}>
            {protocols.value.length === 0 && <option value={draft.value.start}>{draft.value.start}</option>}
            {protocols.value.map(({ name, title }) => <option key={name} value={name}>{name.replaceAll("_", " ")}: {title}</option>)}
          </select></label>
        </p>
      </div>
      <div class="toolbar" role="group" aria-label="Steps">
        <button type="button" class="plain-button" disabled={!canUndo.value} onClick={undo} aria-keyshortcuts="Control+Z">Undo</button>
        <button type="button" class="plain-button" disabled={!canRedo.value} onClick={redo} aria-keyshortcuts="Control+Shift+Z">Redo</button>
        <button type="button" class="plain-button" disabled={changes === 0} onClick={resetAll}>Back to the start</button>
        <button type="button" class="plain-button" aria-pressed={pinned.value !== null} onClick={() => { pin(draft.value); announce("This design is kept as A. What you change now is B."); }}>{pinned.value === null ? "Keep as A, change B" : "Keep this as A"}</button>
        <CodeButton code={work.value.code ?? checked.value?.code ?? found?.code ?? null} name={draft.value.start} />
      </div>
    </header>
  );
}

function ControlsPane({ found }: { readonly found: ProtocolPage }) {
  const base = new Map(found.controls.map((control) => [control.path, control.value]));
  const controls = checked.value?.controls ?? found.controls;
  return (
    <>
      <h2 class="pane-title">Controls <span class="note">{changesText(Object.keys(draft.value.changes).length)}</span></h2>
      <Controls controls={controls} base={base} values={draft.value.changes} faults={checked.value?.faults ?? []} onSet={set} remember={found.name} />
      <details class="group">
        <summary><span class="group-name">Simulation</span></summary>
        <div class="control">
          <div class="control-head"><label for="trials">Simulated trials</label></div>
          <select id="trials" value={String(draft.value.trials)} onChange={(event) => setSimulation({ trials: Number(event.currentTarget.value) })}>
            {[300, 1000, 3000].map((each) => <option key={each} value={String(each)}>{count(each)}</option>)}
          </select>
        </div>
        <div class="control">
          <div class="control-head"><label for="seed">Seed of chance</label></div>
          <span class="amount"><input id="seed" type="number" min="0" step="1" value={draft.value.seed} onInput={(event) => { const seed = Number(event.currentTarget.value); if (Number.isSafeInteger(seed) && seed >= 0) setSimulation({ seed }); }} /></span>
          <p class="note">The same design and seed give the same numbers.</p>
        </div>
      </details>
    </>
  );
}

/** On a phone the figures are behind another tab: what matters most of them stays above the controls. */
function Glance({ outline }: { readonly outline: Outline | null }) {
  const { snapshot, key, state } = work.value;
  if (outline === null) return null;
  const busy = state === "waiting" || key !== keyOf(draft.value);
  const rows = outline.analyses.filter(({ primary }) => primary);
  return (
    <div class={busy ? "glance busy" : "glance"}>
      <ul aria-label="Chance of success at a glance">{rows.map((row) => (
        <li key={`${row.analysis}/${row.arm}`}><span>{analysisLabel(row, outline)}</span><b>{snapshot === null ? "…" : shareOfTrials(rowOf(snapshot, row)?.value ?? null, snapshot.trials)}</b></li>
      ))}</ul>
    </div>
  );
}

function changesText(changes: number): string {
  return changes === 0 ? "as published" : changes === 1 ? "1 change" : `${changes} changes`;
}

function FiguresPane({ outline }: { readonly outline: Outline | null }) {
  const now = work.value;
  const faults = checked.value?.faults ?? [];
  const current = now.key === keyOf(draft.value);
  const busy = now.state === "waiting" || !current;
  return (
    <>
      <Lead busy={busy} />
      {trouble.value !== null && <TroubleBox trouble={trouble.value} again={refreshNow} />}
      {faults.length > 0 && <div class="trouble" role="alert"><p><strong>This design cannot be run as it stands.</strong> The figures still show the one before.</p><Faults faults={faults} /><button type="button" class="plain-button" onClick={undo}>Undo the last change</button></div>}
      {now.state === "failed" && faults.length === 0 && current && <TroubleBox trouble={asTrouble(new Error(now.message))} again={refreshNow} />}
      {pinned.value !== null && outline !== null && <Compare a={pinned.value} b={draft.value} before={kept.value.snapshot} now={now.snapshot} outline={outline}
        labelOf={labelOf} unitOf={unitOf} baseOf={baseOf} onSwap={goBackToA} onDrop={() => pin(null)} />}
      {outline !== null && <Board outline={outline} now={now.snapshot} before={pinned.value === null ? null : kept.value.snapshot} busy={busy} />}
    </>
  );
}

function goBackToA(): void {
  const a = pinned.peek();
  if (a === null) return;
  takeUp(a);
  pin(null);
}

function controlAt(path: string): Control | undefined {
  return page.value?.controls.find((control) => control.path === path);
}
const labelOf = (path: string): string => { const control = controlAt(path); return control === undefined ? path : `${control.group}: ${control.label}`; };
const unitOf = (path: string): string | null => controlAt(path)?.unit ?? null;
const baseOf = (path: string): Value => controlAt(path)?.value ?? null;

/** The answer, and how far it can be trusted so far. */
function Lead({ busy }: { readonly busy: boolean }) {
  const { snapshot, progress, state } = work.value;
  const primary = snapshot?.power.filter(({ primary: first }) => first) ?? [];
  const error = Math.max(0, ...primary.map(({ value }) => { const [low, high] = wilson(value ?? 0, snapshot?.trials ?? 1); return (high - low) / 2; }));
  const share = progress === null || progress.planned === 0 ? 0 : progress.done / progress.planned;
  const told = progress === null ? "Simulating the first trials" : progressText(progress.done, progress.planned);
  return (
    <div class={busy ? "lead busy" : "lead"}>
      <div class="answer">{snapshot === null ? <p class="waiting">The first answer comes in a moment.</p> : <p><Explained text={snapshot.answer[0] ?? ""} /></p>}</div>
      <div class="progress-line">
        <div class="progress" role="progressbar" aria-label="Simulation" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)} aria-valuetext={told}><span style={{ transform: `scaleX(${share})` }} /></div>
        <p class="note">{told}{error > 0 && `; Monte-Carlo error of the power up to ± ${number(error * 100, 1)} points`}{state === "done" && !busy ? "; settled" : ""}</p>
        <button type="button" class="quiet" onClick={() => void runInFull()}>Keep: run {count(FULL_RUN)} trials in the background</button>
        <span class="note" role="status">{sent.value}</span>{sent.value !== "" && <a class="note" href="#/runs">See Runs</a>}
      </div>
      <details class="answer-rest">
        <summary>The answer in full</summary>
        {(snapshot?.answer ?? []).slice(1).map((sentence) => <p key={sentence}><Explained text={sentence} /></p>)}
      </details>
    </div>
  );
}

async function runInFull(): Promise<void> {
  const { start, changes, seed } = draft.peek();
  try {
    await post("/api/design/runs", { start, changes, seed, trials: FULL_RUN, background: true });
    sent.value = "Begun; report, tables, figures and CDISC data will be under Runs. It survives a reload.";
  } catch (problem) {
    sent.value = asTrouble(problem).message;
  }
}
