/** Published results with the model's prediction beside each, one figure per unit. */
import { number, plain, prettyUnit, withUnit } from "../format";
import { Explained } from "../frame/terms";
import type { Published } from "../types";
import { Drawing, Figure, useNarrow } from "./figure";
import { Mark, type Shape } from "./marks";
import { digitsOf, linear, span, ticks } from "./scale";
import { clipped } from "./shares";

const ROW = 50;
const NARROW_ROW = 66;
const FOOT = 24;

interface PublishedProps {
  readonly rows: readonly Published[];
  readonly name: string;
  readonly busy?: boolean;
}

export function PublishedFigures({ rows, name, busy }: PublishedProps) {
  const units = new Map<string, Published[]>();
  for (const row of rows) units.set(row.unit, [...(units.get(row.unit) ?? []), row]);
  return <>{[...units].map(([unit, members]) => <UnitFigure key={unit} unit={unit} rows={members} name={name} busy={busy === true} />)}</>;
}

function range(value: number | null, low: number | null, high: number | null, unit: string): string {
  if (value === null) return "–";
  const text = (each: number): string => plain(Number(each.toPrecision(3)));
  return withUnit(`${text(value)}${low === null || high === null ? "" : ` (${text(low)} to ${text(high)})`}`, unit);
}

function UnitFigure({ unit, rows, name, busy }: PublishedProps & { readonly unit: string; readonly busy: boolean }) {
  const narrow = useNarrow();
  const step = narrow ? NARROW_ROW : ROW;
  const title = unit === "" || unit === "1" ? "Published beside predicted: shares and ratios" : `Published beside predicted, in ${prettyUnit(unit)}`;
  const [low, high] = span(rows.flatMap((row) => [row.published, row.low, row.high, row.mean, row.predicted_low, row.predicted_high]));
  const published = (row: Published): string => range(row.published, row.low, row.high, unit);
  const predicted = (row: Published): string => range(row.mean, row.predicted_low, row.predicted_high, unit);
  const inside = rows.filter((row) => row.inside === true).length;
  return (
    <Figure name={`${name}-${unit.replaceAll(/\W/g, "")}`} title={title} wide busy={busy}
      note={<Explained text={`Filled circle: published, with its interval where one was given. Hollow diamond: predicted, with the span of 95 % of simulated trials. ${inside} of ${rows.length} published values lie inside it.`} />}
      table={{ columns: ["Result", "Published", "Predicted", "Inside", "Read at the source", "Source"], rows: rows.map((row) => [labelOf(row), published(row), predicted(row), row.inside === null ? "–" : row.inside ? "yes" : "no", row.verified ? "yes" : "no", row.source === "" ? row.citation : row.source]) }}>
      <Drawing height={rows.length * step + FOOT} label={`${title}. ${rows.map((row) => `${labelOf(row)}: published ${published(row)}, predicted ${predicted(row)}`).join("; ")}`}>
        {(width) => {
          const x = linear([low, high], [8, width - 8]);
          const marks = ticks(low, high, width < 400 ? 4 : 7);
          return (
            <>
              {marks.map((tick) => <g key={tick}>
                {rows.map((row, at) => <line key={row.name} class={tick === 0 ? "grid zero" : "grid"} x1={x(tick)} x2={x(tick)} y1={(at + 1) * step - 28} y2={(at + 1) * step - 4} />)}
                <text class="tick" x={x(tick)} y={rows.length * step + 16} text-anchor="middle">{number(tick, digitsOf(marks))}</text>
              </g>)}
              {rows.map((row, at) => <g key={row.name}>
                <text class="row-label" x={0} y={at * step + 16}>{clipped(labelOf(row), narrow ? width : width - 150)}</text>
                <text class="row-value" x={narrow ? 0 : width} y={at * step + (narrow ? 32 : 16)} text-anchor={narrow ? "start" : "end"}>{plain(Number(row.published.toPrecision(3)))} | {row.mean === null ? "–" : plain(Number(row.mean.toPrecision(3)))}</text>
                <Interval value={row.published} low={row.low} high={row.high} x={x} y={(at + 1) * step - 22} colour="var(--arm-1)" shape="circle" />
                <Interval value={row.mean} low={row.predicted_low} high={row.predicted_high} x={x} y={(at + 1) * step - 11} colour="var(--arm-2)" shape="diamond" hollow />
              </g>)}
            </>
          );
        }}
      </Drawing>
    </Figure>
  );
}

function labelOf(row: Published): string {
  const arms = row.control === null || row.control === "" ? row.arm : `${row.arm} against ${row.control}`;
  return [row.label ?? row.endpoint, row.figure, arms].filter((part) => part !== null && part !== "").map((part) => part.replaceAll("_", " ")).join(", ").replace(/^./, (first) => first.toUpperCase());
}

interface IntervalProps {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly x: (value: number) => number;
  readonly y: number;
  readonly colour: string;
  readonly shape: Shape;
  readonly hollow?: boolean;
}

function Interval({ value, low, high, x, y, colour, shape, hollow }: IntervalProps) {
  if (value === null) return null;
  return (
    <g>
      {low !== null && high !== null && <line x1={x(low)} x2={x(high)} y1={y} y2={y} stroke={colour} stroke-width="2" />}
      <Mark shape={shape} x={x(value)} y={y} size={4.6} colour={colour} {...(hollow === true ? { hollow: true } : {})} />
    </g>
  );
}
