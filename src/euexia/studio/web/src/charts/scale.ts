/** Linear scales and round ticks. */
export interface Scale {
  (value: number): number;
  readonly domain: readonly [number, number];
}

export function linear(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const span = domain[1] - domain[0] || 1;
  const scale = (value: number): number => range[0] + ((value - domain[0]) / span) * (range[1] - range[0]);
  return Object.assign(scale, { domain });
}

const ROUND = [1, 2, 2.5, 5, 10] as const;

/** Round numbers inside a span, about as many as asked for. */
export function ticks(low: number, high: number, about: number): readonly number[] {
  const rough = (high - low) / Math.max(1, about);
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (ROUND.find((each) => each * power >= rough) ?? 10);
  const found: number[] = [];
  for (let tick = Math.ceil(low / step); tick * step <= high + step * 1e-9; tick += 1) found.push(Number((tick * step).toPrecision(12)));
  return found;
}

/** Ticks of a time axis in days: whole weeks. */
export function weekTicks(low: number, high: number, about: number): readonly number[] {
  const weeks = (high - low) / 7;
  const step = [1, 2, 4, 8, 12, 13, 26, 52].find((each) => weeks / each <= about) ?? 104;
  const found: number[] = [];
  for (let week = Math.ceil(low / 7 / step) * step; week * 7 <= high; week += step) found.push(week * 7);
  return found;
}

/** The span of some numbers, with room around it; never empty. */
export function span(values: Iterable<number | null | undefined>, room = 0.06): readonly [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === null || value === undefined || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  const more = (high - low || Math.abs(high) || 1) * room;
  return [low - more, high + more];
}

export function digitsOf(tickValues: readonly number[]): number {
  const [first = 0, second = 1] = tickValues;
  const step = Math.abs(second - first);
  return step >= 1 && Number.isInteger(step) ? 0 : Math.min(4, Math.max(0, Math.ceil(-Math.log10(step) + (String(step).includes("25") ? 0.7 : 0))));
}
