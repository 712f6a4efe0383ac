/** Talk to the server of this page. Every fault becomes a Trouble with its way out; a lost connection is told once and retried. */
import { signal } from "@preact/signals";
import type { Fault } from "./types";

export const connected = signal(true);

export class Trouble extends Error {
  constructor(
    message: string,
    readonly faults: readonly Fault[] = [],
    readonly status = 0,
  ) {
    super(message);
  }
}

interface ErrorBody {
  readonly error?: { readonly message?: string; readonly faults?: readonly Fault[] };
}

const RETRY_MS = 1500;
let watching = false;

/** Ask until the server answers again, then say so. */
function watchForReturn(): void {
  if (watching) return;
  watching = true;
  const attempt = async (): Promise<void> => {
    try {
      await fetch("/api/about", { cache: "no-store" });
      watching = false;
      connected.value = true;
    } catch {
      setTimeout(() => void attempt(), RETRY_MS);
    }
  };
  setTimeout(() => void attempt(), RETRY_MS);
}

export function lost(): void {
  connected.value = false;
  watchForReturn();
}

/** Wait until the server is there. */
export function whenConnected(): Promise<void> {
  if (connected.value) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = connected.subscribe((value) => {
      if (value) {
        queueMicrotask(() => stop());
        resolve();
      }
    });
  });
}

async function refused(response: Response): Promise<Trouble> {
  let body: ErrorBody = {};
  try {
    body = (await response.json()) as ErrorBody;
  } catch {
    // no JSON: the status alone must do
  }
  const message = body.error?.message ?? `The studio answered with status ${response.status}.`;
  return new Trouble(message, body.error?.faults ?? [], response.status);
}

async function ask(path: string, options: RequestInit): Promise<Response> {
  for (;;) {
    try {
      const response = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
      if (!response.ok) throw await refused(response);
      return response;
    } catch (problem) {
      if (problem instanceof Trouble) throw problem;
      if (options.signal?.aborted === true) throw problem;
      lost();
      await whenConnected();
    }
  }
}

export async function get<T>(path: string, abort?: AbortSignal): Promise<T> {
  const response = await ask(path, abort === undefined ? {} : { signal: abort });
  return (await response.json()) as T;
}

export async function post<T>(path: string, body: unknown, abort?: AbortSignal): Promise<T> {
  const options: RequestInit = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await ask(path, abort === undefined ? options : { ...options, signal: abort });
  return (await response.json()) as T;
}

export async function upload<T>(path: string, file: File): Promise<T> {
  const form = new FormData();
  form.append("file", file, file.name);
  const response = await ask(path, { method: "POST", body: form });
  return (await response.json()) as T;
}

/** Tell the server that something is no longer wanted; nobody waits for it. */
export function forget(path: string): void {
  void fetch(path, { method: "DELETE", credentials: "same-origin", keepalive: true }).catch(() => undefined);
}

export function isAbort(problem: unknown): boolean {
  return problem instanceof DOMException && problem.name === "AbortError";
}

export function asTrouble(problem: unknown): Trouble {
  if (problem instanceof Trouble) return problem;
  return new Trouble(problem instanceof Error ? problem.message : String(problem));
}
