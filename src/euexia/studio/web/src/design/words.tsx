/** The protocol in words, with every difference from the start marked as an editor would. */
import type { ComponentChildren } from "preact";
import { Explained } from "../frame/terms";
import type { Block, Section } from "../types";

interface WordsProps {
  readonly sections: readonly Section[];
  readonly before: readonly Section[];
}

export function Words({ sections, before }: WordsProps) {
  const seen = new Set<string>();
  return (
    <div class="words">
      {sections.map((section, place) => {
        const old = before.find(({ title }) => title === section.title) ?? before[place] ?? null;
        return (
          <section key={section.title}>
            <h3>{section.title}</h3>
            {section.blocks.map((block, at) => <BlockView key={at} block={block} old={old?.blocks[at] ?? null} seen={seen} compare={before.length > 0} />)}
          </section>
        );
      })}
    </div>
  );
}

interface BlockProps {
  readonly block: Block;
  readonly old: Block | null;
  readonly seen: Set<string>;
  readonly compare: boolean;
}

function BlockView({ block, old, seen, compare }: BlockProps) {
  switch (block.kind) {
    case "paragraph":
      return <p><Changed now={block.text} was={old?.kind === "paragraph" ? old.text : null} seen={seen} compare={compare} /></p>;
    case "bullets": {
      const items = old?.kind === "bullets" ? old.items : [];
      const gone = compare && old?.kind === "bullets" ? items.slice(block.items.length) : [];
      return (
        <ul>
          {block.items.map((item, place) => <li key={place}><Changed now={item} was={items[place] ?? null} seen={seen} compare={compare} /></li>)}
          {gone.map((item, place) => <li key={`gone-${place}`}><del>{item}</del></li>)}
        </ul>
      );
    }
    case "table": {
      const rows = old?.kind === "table" ? old.rows : [];
      return (
        <div class="scroll" tabIndex={0} role="region" aria-label={block.columns.join(", ")}>
          <table>
            <thead><tr>{block.columns.map((column, place) => <th key={place} scope="col">{column}</th>)}</tr></thead>
            <tbody>{block.rows.map((row, place) => <tr key={place}>{row.map((cell, at) => <td key={at}><Changed now={cell} was={rows[place]?.[at] ?? null} seen={seen} compare={compare} /></td>)}</tr>)}</tbody>
          </table>
        </div>
      );
    }
  }
}

function Changed({ now, was, seen, compare }: { readonly now: string; readonly was: string | null; readonly seen: Set<string>; readonly compare: boolean }) {
  if (!compare || now === was) return <Explained text={now} seen={seen} />;
  if (was === null) return <ins>{now}</ins>;
  return <>{tracked(was, now)}</>;
}

/** Words taken out and words put in, by the longest common run of words. */
export function tracked(was: string, now: string): ComponentChildren[] {
  const old = was.split(/(\s+)/);
  const fresh = now.split(/(\s+)/);
  const lengths = commonLengths(old, fresh);
  const parts: { kind: "same" | "gone" | "new"; text: string }[] = [];
  const push = (kind: "same" | "gone" | "new", text: string): void => {
    const last = parts.at(-1);
    if (last?.kind === kind) last.text += text;
    else parts.push({ kind, text });
  };
  let i = 0;
  let j = 0;
  while (i < old.length || j < fresh.length) {
    const [before, after] = [old[i], fresh[j]];
    if (before !== undefined && before === after) {
      push("same", before);
      i += 1;
      j += 1;
    } else if (before !== undefined && (after === undefined || at(lengths, i + 1, j) >= at(lengths, i, j + 1))) {
      push("gone", before);
      i += 1;
    } else if (after !== undefined) {
      push("new", after);
      j += 1;
    }
  }
  return parts.map(({ kind, text }, place) => (kind === "same" ? text : kind === "gone" ? <del key={place}>{text}</del> : <ins key={place}>{text}</ins>));
}

function at(lengths: readonly Uint16Array[], i: number, j: number): number {
  return lengths[i]?.[j] ?? 0;
}

function commonLengths(old: readonly string[], fresh: readonly string[]): readonly Uint16Array[] {
  const lengths = Array.from({ length: old.length + 1 }, () => new Uint16Array(fresh.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = fresh.length - 1; j >= 0; j -= 1) {
      const row = lengths[i];
      if (row !== undefined) row[j] = old[i] === fresh[j] ? at(lengths, i + 1, j + 1) + 1 : Math.max(at(lengths, i + 1, j), at(lengths, i, j + 1));
    }
  }
  return lengths;
}
