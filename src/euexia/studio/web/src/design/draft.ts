/** The design in hand: what was changed from which protocol; kept in the address, with a history for undo. */
import { batch, computed, signal } from "@preact/signals";
import { place, rewrite } from "../router";
import type { Value } from "../types";

export type Changes = Readonly<Record<string, Value>>;

export interface Draft {
  readonly start: string;
  readonly changes: Changes;
  readonly trials: number;
  readonly seed: number;
}

interface History {
  readonly past: readonly Draft[];
  readonly now: Draft;
  readonly future: readonly Draft[];
}

export const FIRST_PROTOCOL = "ponsegromab";
export const TRIALS = 1000;
export const SEED = 1;
const STORED = "euexia-design";
const LONGEST_PAST = 100;
const SAME_MOVE_MS = 1200;

export function sameDraft(one: Draft, other: Draft): boolean {
  return keyOf(one) === keyOf(other);
}

/** One text per design, whatever the order in which it was changed. */
export function keyOf(draft: Draft): string {
  const changes = Object.entries(draft.changes).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([draft.start, changes, draft.trials, draft.seed]);
}

function readChanges(text: string | null): Changes {
  if (text === null) return {};
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Changes) : {};
  } catch {
    return {};
  }
}

function readNumber(text: string | null, otherwise: number): number {
  const value = Number(text ?? Number.NaN);
  return Number.isSafeInteger(value) && value >= 0 ? value : otherwise;
}

function fromAddress(asked: URLSearchParams): Draft {
  return {
    start: asked.get("start") ?? FIRST_PROTOCOL,
    changes: readChanges(asked.get("set")),
    trials: readNumber(asked.get("trials"), TRIALS),
    seed: readNumber(asked.get("seed"), SEED),
  };
}

function pinnedFromAddress(asked: URLSearchParams): Draft | null {
  const text = asked.get("a");
  if (text === null) return null;
  const [start, changes, trials, seed] = JSON.parse(text) as [string, Changes, number, number];
  return { start, changes, trials, seed };
}

function safely<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

function begin(): History {
  const now = fromAddress(place.value.asked);
  const stored = safely(() => JSON.parse(sessionStorage.getItem(STORED) ?? "null") as History | null, null);
  if (stored !== null && (sameDraft(stored.now, now) || !place.value.asked.has("start"))) return stored;
  return { past: [], now, future: [] };
}

const history = signal<History>(begin());
export const pinned = signal<Draft | null>(safely(() => pinnedFromAddress(place.value.asked), null));
export const draft = computed(() => history.value.now);
export const canUndo = computed(() => history.value.past.length > 0);
export const canRedo = computed(() => history.value.future.length > 0);
/** When the design in hand was last moved, for measuring how soon the figures follow. */
export let movedAt = 0;

let lastPath = "";
let lastMove = 0;

export function addressOf(now: Draft, kept: Draft | null): string {
  const query = new URLSearchParams({ start: now.start });
  if (Object.keys(now.changes).length > 0) query.set("set", JSON.stringify(now.changes));
  if (now.trials !== TRIALS) query.set("trials", String(now.trials));
  if (now.seed !== SEED) query.set("seed", String(now.seed));
  if (kept !== null) query.set("a", JSON.stringify([kept.start, kept.changes, kept.trials, kept.seed]));
  return `#/design?${query.toString()}`;
}

function keep(next: History): void {
  batch(() => {
    history.value = next;
    movedAt = performance.now();
    sessionStorage.setItem(STORED, JSON.stringify(next));
    rewrite(addressOf(next.now, pinned.value));
  });
}

/** Put the design in hand into the address, as after coming back from another screen. */
export function showAddress(): void {
  rewrite(addressOf(draft.value, pinned.value));
}

/** Follow an address that was typed, or a link to a run. */
export function followAddress(): void {
  if (!place.value.asked.has("start")) return showAddress();
  const asked = fromAddress(place.value.asked);
  if (!sameDraft(asked, draft.value)) move(asked);
}

/** Take a step; steps of one slider in one go are one step for undo. */
function move(next: Draft, path = ""): void {
  const { past, now } = history.value;
  if (sameDraft(next, now)) return;
  const again = path !== "" && path === lastPath && performance.now() - lastMove < SAME_MOVE_MS && past.length > 0;
  lastPath = path;
  lastMove = performance.now();
  keep({ past: again ? past : [...past, now].slice(-LONGEST_PAST), now: next, future: [] });
}

export function set(path: string, value: Value, before: Value): void {
  const changes = { ...draft.value.changes };
  if (value === before) delete changes[path];
  else changes[path] = value;
  move({ ...draft.value, changes }, path);
}

export function setSimulation(part: Partial<Pick<Draft, "trials" | "seed">>): void {
  move({ ...draft.value, ...part }, Object.keys(part).join());
}

export function startFrom(name: string): void {
  move({ ...draft.value, start: name, changes: {} });
}

export function resetAll(): void {
  move({ ...draft.value, changes: {} });
}

/** Take up a design as it stood. */
export function takeUp(design: Draft): void {
  move(design);
}

export function undo(): void {
  const { past, now, future } = history.value;
  const last = past.at(-1);
  lastPath = "";
  if (last !== undefined) keep({ past: past.slice(0, -1), now: last, future: [now, ...future] });
}

export function redo(): void {
  const { past, now, future } = history.value;
  const [next, ...rest] = future;
  lastPath = "";
  if (next !== undefined) keep({ past: [...past, now], now: next, future: rest });
}

export function pin(value: Draft | null): void {
  pinned.value = value;
  showAddress();
}
