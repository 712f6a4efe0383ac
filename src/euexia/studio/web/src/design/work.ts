/** What the studio makes of the design in hand: the protocol in words at once, then estimates that grow. */
import { batch, effect, signal } from "@preact/signals";
import { asTrouble, forget, get, isAbort, post, type Trouble } from "../api";
import { announce } from "../frame/announce";
import type { Code, DesignCheck, ProtocolPage, ProtocolRow, Snapshot } from "../types";
import { type Draft, draft, keyOf, movedAt, pinned } from "./draft";
import { follow, type Progress } from "./follow";

export const protocols = signal<readonly ProtocolRow[]>([]);
export const page = signal<ProtocolPage | null>(null);
export const checked = signal<DesignCheck | null>(null);
export const trouble = signal<Trouble | null>(null);

/** One design's run as the page sees it. */
export interface Work {
  readonly key: string;
  readonly run: string | null;
  readonly snapshot: Snapshot | null;
  readonly progress: Progress | null;
  readonly state: "waiting" | "running" | "done" | "failed";
  readonly message: string;
  readonly code: Code | null;
}

const NOTHING: Work = { key: "", run: null, snapshot: null, progress: null, state: "waiting", message: "", code: null };
export const work = signal<Work>(NOTHING);
export const kept = signal<Work>(NOTHING);
const SETTLE_MS = 120;
const REMEMBERED = 40;
const remembered = new Map<string, Work>();

function remember(done: Work): void {
  remembered.delete(done.key);
  remembered.set(done.key, done);
  const [oldest] = remembered.keys();
  if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
}

/** One name per page load and use, so that the studio ends earlier work of this tab and no other's. */
const TAB = crypto.randomUUID();

class Runner {
  private close: () => void = () => undefined;
  private abort = new AbortController();
  private run: string | null = null;

  constructor(
    private readonly shown: typeof work,
    private readonly use: string,
  ) {}

  /** Leave the run that is followed; end it unless somebody else still wants it. */
  leave(cancel: boolean): void {
    this.close();
    this.close = () => undefined;
    this.abort.abort();
    this.abort = new AbortController();
    if (cancel && this.run !== null && this.shown.peek().state === "running") forget(`/api/runs/${encodeURIComponent(this.run)}`);
    this.run = null;
  }

  async begin(design: Draft, moved: number): Promise<void> {
    const key = keyOf(design);
    const before = remembered.get(key);
    this.shown.value = before ?? { ...this.shown.peek(), key, run: null, progress: null, state: "waiting", message: "", code: null };
    if (before !== undefined) measure(moved);
    if (before?.state === "done") return;
    const { signal: abort } = this.abort;
    try {
      const { run, code } = await post<{ run: string; code?: Code }>("/api/design/runs", { start: design.start, changes: design.changes, trials: design.trials, seed: design.seed, tab: `${TAB}-${this.use}` }, abort);
      this.run = run;
      if (code !== undefined) this.update(key, { code });
      this.listen(run, key, moved);
    } catch (problem) {
      if (!isAbort(problem)) this.update(key, { state: "failed", message: asTrouble(problem).message });
    }
  }

  private update(key: string, part: Partial<Work>): void {
    if (this.shown.peek().key === key) this.shown.value = { ...this.shown.peek(), ...part };
  }

  private listen(run: string, key: string, moved: number): void {
    let first = true;
    this.update(key, { run, state: "running" });
    this.close = follow(run, {
      progress: (progress) => this.update(key, { progress }),
      estimate: (snapshot) => {
        this.update(key, { snapshot, progress: { done: snapshot.trials, planned: snapshot.planned } });
        remember(this.shown.peek());
        if (first) measure(moved);
        first = false;
        if (this.shown === work) sayEstimate(snapshot);
      },
      done: () => {
        this.update(key, { state: "done" });
        remember(this.shown.peek());
      },
      failed: (message) => (message === "gone" ? this.update(key, { state: "failed", message: "The run is no longer there; it was ended elsewhere." }) : this.update(key, { state: "failed", message })),
    });
  }
}

/** How long from the last move of a control to the figures that answer it, for whoever asks the browser. */
function measure(moved: number): void {
  if (moved === 0) return;
  requestAnimationFrame(() => performance.measure("euexia:redraw", { start: moved, end: performance.now() }));
}

function sayEstimate(snapshot: Snapshot): void {
  if (snapshot.trials >= 100) announce(`After ${snapshot.trials} simulated trials. ${snapshot.answer[0] ?? ""}`);
}

const main = new Runner(work, "now");
const aside = new Runner(kept, "kept");
let asking = new AbortController();
let timer = 0;

async function check(design: Draft): Promise<boolean> {
  asking.abort();
  asking = new AbortController();
  try {
    const found = await post<DesignCheck>("/api/design/check", { start: design.start, changes: design.changes }, asking.signal);
    batch(() => {
      checked.value = found;
      trouble.value = null;
    });
    return found.faults.length === 0;
  } catch (problem) {
    if (!isAbort(problem)) trouble.value = asTrouble(problem);
    return false;
  }
}

async function loadStart(name: string): Promise<void> {
  try {
    const found = await get<ProtocolPage>(`/api/protocols/${encodeURIComponent(name)}`);
    if (draft.peek().start !== name) return;
    batch(() => {
      page.value = found;
      trouble.value = null;
    });
  } catch (problem) {
    trouble.value = asTrouble(problem);
  }
}

async function refresh(design: Draft): Promise<void> {
  const moved = movedAt;
  main.leave(keyOf(design) !== kept.peek().key);
  const begun = main.begin(design, moved);
  const fine = await check(design);
  if (!fine && keyOf(draft.peek()) === keyOf(design)) main.leave(true);
  await begun;
}

export function refreshNow(): void {
  clearTimeout(timer);
  void refresh(draft.peek());
}

/** Begin to follow the design in hand; the answer stops it, as when another screen is shown. */
export function watchDraft(): () => void {
  void get<readonly ProtocolRow[]>("/api/protocols").then((found) => { protocols.value = found; }).catch((problem: unknown) => { trouble.value = asTrouble(problem); });
  let start = "";
  const stopDraft = effect(() => {
    const design = draft.value;
    if (design.start !== start) {
      start = design.start;
      batch(() => {
        page.value = page.peek()?.name === start ? page.peek() : null;
        checked.value = null;
        if (work.peek().key !== keyOf(design)) work.value = NOTHING;
      });
      void loadStart(start);
    }
    clearTimeout(timer);
    timer = window.setTimeout(() => void refresh(design), movedAt === 0 ? 0 : SETTLE_MS);
  });
  const stopPinned = effect(() => {
    const design = pinned.value;
    aside.leave(false);
    if (design === null) kept.value = NOTHING;
    else void aside.begin(design, 0);
  });
  return () => {
    stopDraft();
    stopPinned();
    clearTimeout(timer);
    main.leave(false);
    aside.leave(false);
  };
}
