/** Two designs side by side: what was changed, and what it does, with its error. */
import { number, points, shareOfTrials, valueText } from "../format";
import type { Outline, PowerRow, Snapshot, Value } from "../types";
import { analysisLabel } from "./board";
import type { Draft } from "./draft";

interface CompareProps {
  readonly a: Draft;
  readonly b: Draft;
  readonly before: Snapshot | null;
  readonly now: Snapshot | null;
  readonly outline: Outline;
  readonly labelOf: (path: string) => string;
  readonly unitOf: (path: string) => string | null;
  readonly baseOf: (path: string) => Value;
  readonly onSwap: () => void;
  readonly onDrop: () => void;
}

interface Gap {
  readonly value: number;
  readonly se: number;
  readonly paired: boolean;
}

/** Difference of two shares; from pairs of trials where both designs were run with the same chance. */
export function gap(now: PowerRow, before: PowerRow): Gap | null {
  if (now.value === null || before.value === null) return null;
  const pairs = Math.min(now.hits?.length ?? 0, before.hits?.length ?? 0);
  if (pairs > 1) return pairedGap(now.hits ?? "", before.hits ?? "", pairs);
  return { value: now.value - before.value, se: Math.hypot(now.se ?? 0, before.se ?? 0), paired: false };
}

function pairedGap(now: string, before: string, pairs: number): Gap {
  let sum = 0;
  let squares = 0;
  for (let trial = 0; trial < pairs; trial += 1) {
    const difference = Number(now[trial] === "1") - Number(before[trial] === "1");
    sum += difference;
    squares += difference * difference;
  }
  const mean = sum / pairs;
  return { value: mean, se: Math.sqrt((squares / pairs - mean * mean) / (pairs - 1)), paired: true };
}

export function Compare({ a, b, before, now, outline, labelOf, unitOf, baseOf, onSwap, onDrop }: CompareProps) {
  const paths = [...new Set([...Object.keys(a.changes), ...Object.keys(b.changes)])];
  const differing = paths.filter((path) => valueIn(a, path, baseOf) !== valueIn(b, path, baseOf));
  const gaps = outline.analyses.map((row) => {
    const [one, other] = [find(now, row), find(before, row)];
    return { row, one, other, gap: one === undefined || other === undefined ? null : gap(one, other) };
  });
  const paired = gaps.some((each) => each.gap?.paired === true) && a.seed === b.seed;
  return (
    <section class="compare" aria-labelledby="compare-title">
      <header class="figure-head">
        <h2 id="compare-title">Two designs side by side</h2>
        <span><button type="button" class="quiet" onClick={onSwap}>Go back to A</button> <button type="button" class="quiet" onClick={onDrop}>End the comparison</button></span>
      </header>
      <div class="compare-tables">
        <table>
          <caption>What differs</caption>
          <thead><tr><th scope="col">Setting</th><th scope="col">A</th><th scope="col">B (now)</th></tr></thead>
          <tbody>
            {a.start !== b.start && <tr><th scope="row">Protocol</th><td>{a.start}</td><td>{b.start}</td></tr>}
            {differing.map((path) => <tr key={path}><th scope="row">{labelOf(path)}</th><td>{valueText(valueIn(a, path, baseOf), unitOf(path))}</td><td><b>{valueText(valueIn(b, path, baseOf), unitOf(path))}</b></td></tr>)}
            {differing.length === 0 && a.start === b.start && <tr><td colSpan={3} class="note">Nothing yet. Move a control: it changes B, and A stays.</td></tr>}
          </tbody>
        </table>
        <table>
          <caption>What it does to the chance of success</caption>
          <thead><tr><th scope="col">Analysis</th><th scope="col">A</th><th scope="col">B</th><th scope="col">Difference, points</th></tr></thead>
          <tbody>
            {gaps.filter(({ row }) => row.primary).map(({ row, one, other, gap: found }) => (
              <tr key={`${row.analysis}/${row.arm}`}>
                <th scope="row">{analysisLabel(row, outline)}</th>
                <td>{other === undefined ? "–" : shareOfTrials(other.value, before?.trials ?? 1)}</td>
                <td>{one === undefined ? "–" : shareOfTrials(one.value, now?.trials ?? 1)}</td>
                <td>{found === null ? "–" : <b class="gap">{points(found.value)} ± {number(1.96 * found.se * 100, 1)}</b>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="note">{paired ? "Both designs meet the same chance (same seed), trial by trial, so the error of the difference comes from pairs of trials." : "The error of the difference is that of two independent simulations."} Intervals are 95 %.</p>
    </section>
  );
}

function find(snapshot: Snapshot | null, row: Outline["analyses"][number]): PowerRow | undefined {
  return snapshot?.power.find(({ analysis, arm, endpoint }) => analysis === row.analysis && arm === row.arm && endpoint === row.endpoint);
}

function valueIn(draft: Draft, path: string, baseOf: (path: string) => Value): Value {
  return path in draft.changes ? (draft.changes[path] ?? null) : baseOf(path);
}
