/** Runs that go on in the background: how far, what came of them, files to take away. */
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { asTrouble, forget, get, lost, Trouble } from "../api";
import { bytes, count, seconds, valueText } from "../format";
import { TroubleBox } from "../frame/troubles";
import { RunCode } from "./code";
import type { RunFile, RunRow } from "../types";

const runs = signal<readonly RunRow[] | null>(null);
const trouble = signal<Trouble | null>(null);
const LOOK_MS = 1500;

async function look(): Promise<void> {
  try {
    runs.value = await get<readonly RunRow[]>("/api/runs");
    trouble.value = null;
  } catch (problem) {
    trouble.value = asTrouble(problem);
    if (!(problem instanceof Trouble)) lost();
  }
}

export function RunsScreen() {
  useEffect(() => {
    void look();
    const timer = setInterval(() => { if (!document.hidden) void look(); }, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  const found = [...(runs.value ?? [])].sort((one, other) => Number(other.background) - Number(one.background) || other.started.localeCompare(one.started));
  return (
    <div class="sheet-screen">
      <header class="screen-head"><div class="head-title"><h1>Runs</h1><p class="note">They go on while you look elsewhere, and are here again after a reload, as long as the studio runs.</p></div></header>
      {trouble.value !== null && <TroubleBox trouble={trouble.value} again={() => void look()} />}
      {runs.value !== null && found.length === 0 && <p class="empty-note">No run yet. On <a href="#/design">Design</a>, “Keep: run 5,000 trials in the background” begins one.</p>}
      <ul class="runs">{found.map((run) => <Run key={run.run} run={run} />)}</ul>
    </div>
  );
}

const STATES: Readonly<Record<RunRow["state"], string>> = { queued: "waiting for its turn", running: "running", done: "done", failed: "failed", cancelled: "ended early" };

function Run({ run }: { readonly run: RunRow }) {
  const share = run.planned === 0 ? 0 : run.done / run.planned;
  const address = `#/design?${new URLSearchParams({ start: run.start, set: JSON.stringify(run.changes), trials: String(run.trials), seed: String(run.seed) }).toString()}`;
  const going = run.state === "running" || run.state === "queued";
  return (
    <li class="run" data-state={run.state}>
      <h2>{run.title}</h2>
      <p class="note">{run.start.replaceAll("_", " ")}, {changesText(run)}; seed {run.seed}; begun {clock(run.started)}{run.background ? "; in the background" : ""}</p>
      <div class="progress" role="progressbar" aria-label={`Progress of ${run.title}`} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}><span style={{ transform: `scaleX(${share})` }} /></div>
      <p><b>{STATES[run.state]}</b>, {count(run.done)} of {count(run.planned)} trials in {seconds(run.seconds)}{run.message !== null && run.message !== "" ? `: ${run.message}` : ""}</p>
      {run.folder !== undefined && run.folder !== null && run.folder !== "" && <p class="note">Kept in <code>{run.folder}</code>{run.resume !== undefined && run.resume !== null && run.resume !== "" && run.state !== "done" && <>; after the studio was ended, <code>{run.resume}</code> continues it</>}.</p>}
      <div class="run-tools">
        <a class="plain-button" href={address}>Open the design</a>
        <a class="plain-button" href={`#/plain/${encodeURIComponent(run.run)}`}>In plain words</a>
        {going && <button type="button" class="plain-button" onClick={() => { forget(`/api/runs/${encodeURIComponent(run.run)}`); setTimeout(() => void look(), 300); }}>End it</button>}
        <RunCode run={run.run} />
        <Files run={run} />
      </div>
    </li>
  );
}

const TOLD = 3;

function changesText({ changes }: RunRow): string {
  const all = Object.entries(changes);
  if (all.length === 0) return "as published";
  const some = all.slice(0, TOLD).map(([path, value]) => `${path.split(".").slice(-2).join(" ").replaceAll("_", " ")} ${valueText(value)}`);
  return `with ${some.join(", ")}${all.length > TOLD ? ` and ${all.length - TOLD} more changes` : ""}`;
}

function clock(text: string): string {
  const when = new Date(text);
  return Number.isNaN(when.getTime()) ? text : when.toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

function Files({ run }: { readonly run: RunRow }) {
  const [files, setFiles] = useState<readonly RunFile[] | null>(null);
  const [problem, setProblem] = useState<Trouble | null>(null);
  const [asked, setAsked] = useState(false);
  const open = (): void => {
    setAsked(true);
    setProblem(null);
    get<readonly RunFile[]>(`/api/runs/${encodeURIComponent(run.run)}/files`).then(setFiles).catch((found: unknown) => setProblem(asTrouble(found)));
  };
  if (run.state !== "done" && run.state !== "running") return null;
  return (
    <>
      <button type="button" class="plain-button" aria-expanded={files !== null} onClick={() => (files === null ? open() : setFiles(null))}>{asked && files === null && problem === null ? "Making the files …" : files === null ? "Files to download" : "Hide the files"}</button>
      {problem !== null && <TroubleBox trouble={problem} again={open} />}
      {files !== null && (
        <ul class="files">
          {files.map((file) => <li key={file.name}><a href={`/api/runs/${encodeURIComponent(run.run)}/files/${file.name.split("/").map(encodeURIComponent).join("/")}`} download>{file.label}</a> <span class="note">{file.name}{file.size === null ? "" : `, ${bytes(file.size)}`}</span></li>)}
          {files.length === 0 && <li class="note">There are none yet.</li>}
        </ul>
      )}
    </>
  );
}
