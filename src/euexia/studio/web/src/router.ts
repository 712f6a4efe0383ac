/** Where the reader is: kept in the part of the address after "#", so that a reload and several tabs work. */
import { signal } from "@preact/signals";

export interface Place {
  readonly screen: string;
  readonly rest: string;
  readonly asked: URLSearchParams;
}

function read(): Place {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [screen = "", ...rest] = path.split("/");
  return { screen: screen === "" ? "design" : screen, rest: decodeURIComponent(rest.join("/")), asked: new URLSearchParams(query) };
}

export const place = signal<Place>(read());

addEventListener("hashchange", () => {
  place.value = read();
});

export function go(hash: string): void {
  location.hash = hash;
}

/** Change what the address says without a new step in the browser's history. */
export function rewrite(hash: string): void {
  if (location.hash === hash) return;
  history.replaceState(history.state, "", hash);
  place.value = read();
}
