/** Shares of trials or of patients as marks with error bars on one line from 0 to 100 %. */
import { CONFIDENCE, percent, shareOfTrials, shareWithError, wilson } from "../format";
import type { Estimate } from "../types";
import { Drawing, useNarrow } from "./figure";
import { type Look, Mark } from "./marks";

/** A share with its 95 % interval, and both in words. */
export interface Reading {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly text: string;
}

export function ofPatients(estimate: Estimate | null | undefined): Reading | null {
  if (estimate === null || estimate === undefined || estimate.value === null) return null;
  const reach = CONFIDENCE * (estimate.se ?? 0);
  return { value: estimate.value, low: Math.max(0, estimate.value - reach), high: Math.min(1, estimate.value + reach), text: shareWithError(estimate) };
}

export function ofTrials(share: number | null | undefined, trials: number): Reading | null {
  if (share === null || share === undefined) return null;
  const [low, high] = wilson(share, trials);
  return { value: share, low, high, text: shareOfTrials(share, trials) };
}

export interface ShareRow {
  readonly key: string;
  readonly label: string;
  readonly look: Look;
  readonly now: Reading | null;
  readonly before: Reading | null;
  readonly strong: boolean;
}

const ROW = 44;
const NARROW_ROW = 58;
const FOOT = 26;
const SIDE = 10;

export function sharesHeight(rows: number, narrow: boolean): number {
  return rows * (narrow ? NARROW_ROW : ROW) + FOOT;
}

interface SharesProps {
  readonly rows: readonly ShareRow[];
  readonly label: string;
  readonly target: number | null;
  readonly top?: number;
}

export function Shares({ rows, label, target, top = 1 }: SharesProps) {
  const narrow = useNarrow();
  const step = narrow ? NARROW_ROW : ROW;
  const height = sharesHeight(rows.length, narrow);
  return (
    <Drawing height={height} label={label}>
      {(width) => {
        const x = (share: number): number => SIDE + (Math.min(share, top) / top) * (width - 2 * SIDE);
        const grid = [0, 0.25, 0.5, 0.75, 1].map((part) => part * top);
        return (
          <>
            {grid.map((share) => (
              <g key={share}>
                {rows.map((row, place) => <line key={row.key} class="grid" x1={x(share)} x2={x(share)} y1={(place + 1) * step - 21} y2={(place + 1) * step - 5} />)}
                <text class="tick" x={x(share)} y={height - 6} text-anchor={share === 0 ? "start" : share === top ? "end" : "middle"} dx={share === 0 ? -SIDE : share === top ? SIDE : 0}>{percent(share, top < 0.2 ? 1 : 0)}</text>
              </g>
            ))}
            {target !== null && rows.map((row, place) => <line key={row.key} class="target" x1={x(target)} x2={x(target)} y1={(place + 1) * step - 20} y2={(place + 1) * step - 4} />)}
            {rows.map((row, place) => <Row key={row.key} row={row} y={place * step} step={step} x={x} width={width} />)}
          </>
        );
      }}
    </Drawing>
  );
}

function Row({ row, y, step, x, width }: { readonly row: ShareRow; readonly y: number; readonly step: number; readonly x: (share: number) => number; readonly width: number }) {
  const line = y + step - 13;
  const room = step === ROW ? width - 122 : width;
  return (
    <g>
      <text class={row.strong ? "row-label strong" : "row-label"} x={0} y={y + 17}>{clipped(row.label, room)}</text>
      <text class={row.strong ? "row-value strong" : "row-value"} x={step === ROW ? width : 0} y={step === ROW ? y + 17 : y + 34} text-anchor={step === ROW ? "end" : "start"}>{row.now?.text ?? ""}</text>
      <line class="track" x1={x(0)} x2={x(1)} y1={line} y2={line} />
      {row.before !== null && <Bar reading={row.before} look={row.look} x={x} y={line - 5} hollow />}
      {row.now !== null && <Bar reading={row.now} look={row.look} x={x} y={row.before === null ? line : line + 4} />}
    </g>
  );
}

function Bar({ reading, look, x, y, hollow }: { readonly reading: Reading; readonly look: Look; readonly x: (share: number) => number; readonly y: number; readonly hollow?: boolean }) {
  return (
    <g class="moving">
      <line x1={x(reading.low)} x2={x(reading.high)} y1={y} y2={y} stroke={look.colour} stroke-width={hollow === true ? 2 : 6} stroke-opacity={hollow === true ? 0.8 : 0.32} stroke-linecap="round" />
      <Mark shape={look.shape} x={x(reading.value)} y={y} size={hollow === true ? 4.2 : 5.5} colour={look.colour} {...(hollow === true ? { hollow: true } : {})} />
    </g>
  );
}

const LETTER = 6.9;

/** Cut a label to the room it has; the whole of it stands in the table. */
export function clipped(text: string, room: number): string {
  const most = Math.max(6, Math.floor(room / LETTER));
  return text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`;
}
