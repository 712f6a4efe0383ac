/** Follow a run as it grows; only while the tab is seen, because a browser keeps few streams open at a time. */
import { connected, lost } from "../api";
import type { Snapshot } from "../types";

export interface Progress {
  readonly done: number;
  readonly planned: number;
}

export interface Ears {
  readonly progress: (progress: Progress) => void;
  readonly estimate: (snapshot: Snapshot) => void;
  readonly done: () => void;
  readonly failed: (message: string) => void;
}

function parsed<T>(event: Event): T {
  return JSON.parse((event as MessageEvent<string>).data) as T;
}

/** Open the stream of a run; the answer closes it, which does not end the run. */
export function follow(run: string, ears: Ears): () => void {
  let stream: EventSource | null = null;
  let ended = false;
  const close = (): void => {
    stream?.close();
    stream = null;
  };
  const end = (tell: () => void): void => {
    ended = true;
    close();
    stopWatching();
    tell();
  };
  const open = (): void => {
    if (ended || stream !== null || document.hidden) return;
    stream = new EventSource(`/api/runs/${encodeURIComponent(run)}/events`);
    stream.addEventListener("open", () => { connected.value = true; });
    stream.addEventListener("progress", (event) => ears.progress(parsed<Progress>(event)));
    stream.addEventListener("estimate", (event) => ears.estimate(parsed<Snapshot>(event)));
    stream.addEventListener("done", () => end(ears.done));
    stream.addEventListener("failed", (event) => end(() => ears.failed(parsed<{ message: string }>(event).message)));
    stream.addEventListener("error", () => {
      if (ended) return;
      if (stream?.readyState === EventSource.CLOSED) end(() => ears.failed("gone"));
      else lost();
    });
  };
  const look = (): void => (document.hidden ? close() : open());
  const stopWatching = (): void => document.removeEventListener("visibilitychange", look);
  document.addEventListener("visibilitychange", look);
  open();
  return () => {
    ended = true;
    close();
    stopWatching();
  };
}
