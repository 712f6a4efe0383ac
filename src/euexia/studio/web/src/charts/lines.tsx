/** Courses over time: lines with a band of error, a shared time cursor, and ghosts of what was before. */
import { number, prettyUnit } from "../format";
import { Drawing } from "./figure";
import { type Look, Mark } from "./marks";
import { clipped } from "./shares";
import { digitsOf, linear, type Scale, span, ticks, weekTicks } from "./scale";

export interface Line {
  readonly key: string;
  readonly look: Look;
  readonly days: readonly number[];
  readonly values: readonly (number | null)[];
  readonly error?: readonly (number | null)[] | undefined;
  readonly ghost?: boolean;
  readonly marked?: boolean;
}

interface LinesProps {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
  readonly height?: number;
  readonly label: string;
  readonly domain?: readonly [number, number];
  readonly cursor?: number | null;
  readonly onCursor?: (day: number) => void;
  readonly readout?: string;
  readonly floor?: number;
}

const LEFT = 42;
const RIGHT = 12;
const TOP = 30;
const FOOT = 24;

export function Lines({ title, unit, lines, height = 176, label, domain, cursor, onCursor, readout, floor }: LinesProps) {
  const days = domain ?? span(lines.flatMap((line) => line.days), 0);
  const reach = extent(lines, floor);
  const point = onCursor === undefined ? {} : {
    onPointer: (x: number | null, width: number): void => {
      if (x === null) return;
      const share = (x - LEFT) / (width - LEFT - RIGHT);
      onCursor(days[0] + Math.min(1, Math.max(0, share)) * (days[1] - days[0]));
    },
  };
  return (
    <Drawing height={height} label={label} {...point}>
      {(width) => {
        const x = linear(days, [LEFT, width - RIGHT]);
        const y = linear(reach, [height - FOOT, TOP]);
        return (
          <>
            <text class="plot-title" x={0} y={14}>{clipped(title, width - 14 - 7 * prettyUnit(unit).length - (readout === undefined ? 0 : 8 * readout.length + 10))}<tspan class="plot-unit" dx="6">{prettyUnit(unit)}</tspan></text>
            {readout !== undefined && <text class="row-value strong" x={width} y={14} text-anchor="end">{readout}</text>}
            {lines.length === 0 ? <line class="grid zero" x1={LEFT} x2={width - RIGHT} y1={height - FOOT} y2={height - FOOT} /> : <Axes x={x} y={y} width={width} height={height} />}
            {lines.map((line) => <Band key={line.key} line={line} x={x} y={y} />)}
            {lines.map((line) => <Course key={line.key} line={line} x={x} y={y} />)}
            {cursor !== undefined && cursor !== null && <Cursor day={cursor} lines={lines} x={x} y={y} height={height} />}
          </>
        );
      }}
    </Drawing>
  );
}

function extent(lines: readonly Line[], floor: number | undefined): readonly [number, number] {
  const values = lines.flatMap((line) => line.values.flatMap((value, place) => {
    const error = line.error?.[place] ?? 0;
    return value === null ? [] : [value - error, value + error];
  }));
  const found = span(values);
  return floor !== undefined && found[0] < floor ? [floor, found[1]] : found;
}

function Axes({ x, y, width, height }: { readonly x: Scale; readonly y: Scale; readonly width: number; readonly height: number }) {
  const across = ticks(y.domain[0], y.domain[1], 4);
  const digits = digitsOf(across);
  const along = weekTicks(x.domain[0], x.domain[1], width < 320 ? 4 : 7);
  return (
    <>
      {across.map((tick) => (
        <g key={tick}>
          <line class={tick === 0 ? "grid zero" : "grid"} x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} />
          <text class="tick" x={LEFT - 7} y={y(tick) + 4} text-anchor="end">{number(tick, digits)}</text>
        </g>
      ))}
      {along.map((tick, place) => <text key={tick} class="tick" x={x(tick)} y={height - 6} text-anchor={place === along.length - 1 && place > 0 ? "end" : "middle"} dx={place === along.length - 1 && place > 0 ? 10 : 0}>{place === along.length - 1 && width > 200 ? `week ${number(tick / 7, 0)}` : number(tick / 7, 0)}</text>)}
    </>
  );
}

function Band({ line, x, y }: { readonly line: Line; readonly x: Scale; readonly y: Scale }) {
  if (line.error === undefined || line.ghost === true) return null;
  const there = line.days.flatMap((day, place) => {
    const value = line.values[place];
    const error = line.error?.[place];
    return value === null || value === undefined || error === null || error === undefined ? [] : [{ day, value, error }];
  });
  if (there.length < 2) return null;
  const upper = there.map(({ day, value, error }) => `${x(day).toFixed(1)} ${y(value + error).toFixed(1)}`);
  const lower = there.map(({ day, value, error }) => `${x(day).toFixed(1)} ${y(value - error).toFixed(1)}`).reverse();
  return <path class="band" d={`M${upper.join("L")}L${lower.join("L")}Z`} fill={line.look.colour} />;
}

function Course({ line, x, y }: { readonly line: Line; readonly x: Scale; readonly y: Scale }) {
  let path = "";
  let pen = "M";
  line.days.forEach((day, place) => {
    const value = line.values[place];
    if (value === null || value === undefined) pen = "M";
    else {
      path += `${pen}${x(day).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = "L";
    }
  });
  const ghost = line.ghost === true;
  return (
    <g opacity={ghost ? 0.55 : 1}>
      <path d={path} fill="none" stroke={line.look.colour} stroke-width={ghost ? 1.3 : 2} stroke-dasharray={ghost ? "2 3" : line.look.dash} stroke-linejoin="round" />
      {line.marked === true && !ghost && line.days.map((day, place) => {
        const value = line.values[place];
        return value === null || value === undefined ? null : <Mark key={day} shape={line.look.shape} x={x(day)} y={y(value)} size={3.6} colour={line.look.colour} />;
      })}
    </g>
  );
}

function Cursor({ day, lines, x, y, height }: { readonly day: number; readonly lines: readonly Line[]; readonly x: Scale; readonly y: Scale; readonly height: number }) {
  return (
    <>
      <line class="cursor" x1={x(day)} x2={x(day)} y1={TOP - 6} y2={height - FOOT} />
      {lines.map((line) => {
        const value = valueAt(line, day);
        return value === null ? null : <Mark key={line.key} shape={line.look.shape} x={x(day)} y={y(value)} size={4.4} colour={line.look.colour} {...(line.ghost === true ? { hollow: true } : {})} />;
      })}
    </>
  );
}

/** Read a line between its points. */
export function valueAt(line: Pick<Line, "days" | "values">, day: number): number | null {
  const after = line.days.findIndex((each) => each >= day);
  if (after < 0) return null;
  const high = line.values[after] ?? null;
  if (after === 0 || line.days[after] === day) return high;
  const low = line.values[after - 1] ?? null;
  const from = line.days[after - 1] ?? 0;
  const to = line.days[after] ?? 1;
  return low === null || high === null ? null : low + ((high - low) * (day - from)) / (to - from);
}
