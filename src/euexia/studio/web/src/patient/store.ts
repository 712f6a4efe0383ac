/** The patient in hand: kept in the address; each change is simulated at once, the course before it stays as a ghost. */
import { batch, effect, signal } from "@preact/signals";
import { asTrouble, get, isAbort, post, type Trouble } from "../api";
import { place, rewrite } from "../router";
import type { Value } from "../types";
import type { Drivers, PatientControls, PatientCourse, PatientDraft, Treatment } from "./types";

export type Ghost = "before" | "untreated" | "none";

const SETTLE_MS = 150;
const WEEKS = 12;

export const known = signal<PatientControls | null>(null);
export const patient = signal<PatientDraft>(fromAddress());
export const course = signal<PatientCourse | null>(null);
export const before = signal<PatientCourse | null>(null);
export const untreated = signal<PatientCourse | null>(null);
export const ghost = signal<Ghost>("before");
export const busy = signal(false);
export const trouble = signal<Trouble | null>(null);
export const day = signal(0);
export const playing = signal(false);

function fromAddress(): PatientDraft {
  const asked = place.value.screen === "patient" ? place.value.asked : new URLSearchParams();
  try {
    return {
      archetype: asked.get("who") ?? "",
      patient: JSON.parse(asked.get("set") ?? "{}") as Record<string, Value>,
      treatments: JSON.parse(asked.get("treat") ?? "[]") as Treatment[],
      weeks: Number(asked.get("weeks") ?? WEEKS) || WEEKS,
    };
  } catch {
    // an address that was cut or mistyped: begin afresh
    return { archetype: "", patient: {}, treatments: [], weeks: WEEKS };
  }
}

function showAddress(next: PatientDraft): void {
  const query = new URLSearchParams({ who: next.archetype });
  if (Object.keys(next.patient).length > 0) query.set("set", JSON.stringify(next.patient));
  if (next.treatments.length > 0) query.set("treat", JSON.stringify(next.treatments));
  query.set("weeks", String(next.weeks));
  rewrite(`#/patient?${query.toString()}`);
}

export function change(part: Partial<PatientDraft>): void {
  batch(() => {
    patient.value = { ...patient.value, ...part };
    if (course.value !== null && !busy.value) before.value = course.value;
  });
}

export function setPatient(path: string, value: Value, base: Value): void {
  const values = { ...patient.value.patient };
  if (value === base) delete values[path];
  else values[path] = value;
  change({ patient: values });
}

export function setTreatment(name: string, path: string, value: Value): void {
  change({ treatments: patient.value.treatments.map((each) => (each.name === name ? { ...each, values: { ...each.values, [path]: value } } : each)) });
}

export function give(name: string, wanted: boolean): void {
  const others = patient.value.treatments.filter((each) => each.name !== name);
  change({ treatments: wanted ? [...others, { name, values: {} }] : others });
}

export const drivers = signal<{ readonly of: string; readonly found: Drivers } | null>(null);
export const driving = signal(false);

function asked(next: PatientDraft, treatments = next.treatments): Record<string, unknown> {
  return { archetype: next.archetype, patient: next.patient, treatments: treatments.map(({ name, values }) => ({ name, ...values })), weeks: next.weeks };
}

export function keyOf(next: PatientDraft): string {
  return JSON.stringify(asked(next));
}

/** Work out what drives the loss: some seconds, so only when asked for. */
export async function findDrivers(): Promise<void> {
  const next = patient.peek();
  driving.value = true;
  try {
    const found = await post<PatientCourse>("/api/patient", { ...asked(next), drivers: true });
    if (found.drivers !== undefined && found.drivers !== null) drivers.value = { of: keyOf(next), found: found.drivers };
  } catch (problem) {
    trouble.value = asTrouble(problem);
  }
  driving.value = false;
}

let asking = new AbortController();

async function simulate(next: PatientDraft): Promise<void> {
  asking.abort();
  asking = new AbortController();
  const { signal: abort } = asking;
  busy.value = true;
  try {
    const treated = post<PatientCourse>("/api/patient", asked(next), abort);
    const found = await treated;
    batch(() => {
      course.value = found;
      busy.value = false;
      trouble.value = null;
      const last = found.days.at(-1) ?? 0;
      if (day.value > last || day.value === 0) day.value = last;
    });
    untreated.value = next.treatments.length === 0 ? found : await post<PatientCourse>("/api/patient", asked(next, []), abort);
  } catch (problem) {
    if (isAbort(problem)) return;
    batch(() => {
      busy.value = false;
      trouble.value = asTrouble(problem);
    });
  }
}

export function again(): void {
  void simulate(patient.peek());
}

/** Begin to follow the patient in hand; the answer stops it. */
export function watchPatient(): () => void {
  let timer = 0;
  let first = true;
  if (known.peek() === null) void get<PatientControls>("/api/patient/controls").then(begin).catch((problem: unknown) => { trouble.value = asTrouble(problem); });
  const stop = effect(() => {
    const next = patient.value;
    if (known.value === null || next.archetype === "") return;
    showAddress(next);
    clearTimeout(timer);
    timer = window.setTimeout(() => void simulate(next), first ? 0 : SETTLE_MS);
    first = false;
  });
  return () => {
    stop();
    clearTimeout(timer);
    playing.value = false;
  };
}

function begin(found: PatientControls): void {
  batch(() => {
    known.value = found;
    const exists = found.archetypes.some(({ name }) => name === patient.value.archetype);
    if (!exists) patient.value = { ...patient.value, archetype: found.first };
  });
}

/** Let the days pass, about a week in a third of a second. */
export function play(): void {
  const last = course.peek()?.days.at(-1) ?? 0;
  if (day.peek() >= last) day.value = 0;
  playing.value = true;
  const speed = Math.max(last / 8000, 0.004);
  let then = performance.now();
  const step = (now: number): void => {
    if (!playing.peek()) return;
    day.value = Math.min(last, day.peek() + (now - then) * speed);
    then = now;
    if (day.peek() >= last) playing.value = false;
    else requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}
