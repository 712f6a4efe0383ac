/** Words of the trade, explained where they stand. */
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { get } from "../api";
import type { Term } from "../types";

export const glossary = signal<readonly Term[]>([]);
let pattern: RegExp | null = null;
let meanings = new Map<string, Term>();

export async function loadGlossary(): Promise<void> {
  const terms = await get<readonly Term[]>("/api/glossary");
  meanings = new Map(terms.flatMap((term) => [term.term, ...(term.also ?? [])].map((word) => [word.toLowerCase(), term] as const)));
  const words = [...meanings.keys()].sort((one, other) => other.length - one.length).map(escaped);
  pattern = words.length === 0 ? null : new RegExp(`(?<![\\w-])(${words.join("|")})(?![\\w-])`, "gi");
  glossary.value = terms;
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

/** A text whose first use of each term can be asked for its meaning. */
export function Explained({ text, seen }: { readonly text: string; readonly seen?: Set<string> }) {
  void glossary.value;
  if (pattern === null) return <>{text}</>;
  const told = seen ?? new Set<string>();
  const parts: ComponentChildren[] = [];
  let last = 0;
  for (const found of text.matchAll(pattern)) {
    const term = meanings.get(found[0].toLowerCase());
    if (term === undefined || told.has(term.term)) continue;
    told.add(term.term);
    parts.push(text.slice(last, found.index), <Meaning key={found.index} term={term}>{found[0]}</Meaning>);
    last = found.index + found[0].length;
  }
  parts.push(text.slice(last));
  return <>{parts}</>;
}

export function Meaning({ term, children }: { readonly term: Term; readonly children: ComponentChildren }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [left, setLeft] = useState(0);
  const holder = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!open) return;
    const box = holder.current?.getBoundingClientRect();
    const width = Math.min(320, innerWidth - 24);
    if (box !== undefined) setLeft(Math.min(0, innerWidth - 12 - width - box.left));
    const close = (event: KeyboardEvent): void => {
      if (event.key === "Escape") setOpen(false);
    };
    addEventListener("keydown", close);
    return () => removeEventListener("keydown", close);
  }, [open]);
  return (
    <span class="term" ref={holder} onMouseEnter={() => setOpen(true)} onMouseLeave={() => setOpen(false)}>
      <span role="button" tabIndex={0} class="term-word" aria-describedby={open ? id : undefined} aria-expanded={open}
        onFocus={() => setOpen(true)} onBlur={() => setOpen(false)} onClick={() => setOpen(true)}>{children}</span>
      {open && <span role="tooltip" id={id} class="term-note" style={{ left: `${left}px` }}><b>{term.term}</b> {term.meaning}</span>}
    </span>
  );
}
