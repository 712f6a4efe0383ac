/** Say something to a reader who listens: politely, and never twice within a second. */
import { signal } from "@preact/signals";

const message = signal("");
const alarm = signal("");
const PAUSE_MS = 1000;
let waiting: string | null = null;
let timer = 0;

export function announce(text: string): void {
  waiting = text;
  if (timer !== 0) return;
  timer = window.setTimeout(() => {
    message.value = waiting ?? "";
    waiting = null;
    timer = 0;
  }, PAUSE_MS);
}

export function alert(text: string): void {
  alarm.value = text;
}

export function Announcer() {
  return (
    <>
      <div class="unseen" role="status" aria-live="polite" data-testid="announcer">{message.value}</div>
      <div class="unseen" role="alert">{alarm.value}</div>
    </>
  );
}
