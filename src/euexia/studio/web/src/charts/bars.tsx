/** Amounts with their error as bars from zero. */
import { number, withUnit } from "../format";
import { Drawing } from "./figure";
import { linear, span } from "./scale";

export interface Bar {
  readonly key: string;
  readonly label: string;
  readonly value: number | null;
  readonly se: number | null;
  readonly unit: string;
}

const ROW = 42;
const SIDE = 6;

export function amount(bar: Bar): string {
  if (bar.value === null) return "–";
  const digits = Math.abs(bar.value) >= 10 ? 1 : 2;
  return withUnit(`${number(bar.value, digits)}${bar.se === null ? "" : ` ± ${number(1.96 * bar.se, digits)}`}`, bar.unit);
}

export function Bars({ bars, label }: { readonly bars: readonly Bar[]; readonly label: string }) {
  const [low, high] = span([0, ...bars.flatMap(({ value, se }) => (value === null ? [] : [value - 1.96 * (se ?? 0), value + 1.96 * (se ?? 0)]))], 0.02);
  return (
    <Drawing height={bars.length * ROW + 6} label={label}>
      {(width) => {
        const x = linear([low, high], [SIDE, width - SIDE]);
        return (
          <>
            <line class="grid zero" x1={x(0)} x2={x(0)} y1={2} y2={bars.length * ROW} />
            {bars.map((bar, place) => {
              const y = place * ROW;
              const value = bar.value ?? 0;
              const reach = 1.96 * (bar.se ?? 0);
              return (
                <g key={bar.key}>
                  <text class="row-label" x={0} y={y + 15}>{bar.label}</text>
                  <text class="row-value" x={width} y={y + 15} text-anchor="end">{amount(bar)}</text>
                  <rect class={value < 0 ? "bar down" : "bar"} x={Math.min(x(0), x(value))} y={y + 22} width={Math.abs(x(value) - x(0))} height={11} rx={1.5} />
                  {reach > 0 && <path class="whisker" d={`M${x(value - reach)} ${y + 27.5}H${x(value + reach)}M${x(value - reach)} ${y + 24}v7M${x(value + reach)} ${y + 24}v7`} />}
                </g>
              );
            })}
          </>
        );
      }}
    </Drawing>
  );
}
