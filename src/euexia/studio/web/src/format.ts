/** Numbers as a reader of a British journal expects them. */
import type { Estimate, Value } from "./types";

const MINUS = "\u2212";
const THIN = "\u202f";

export function number(value: number, digits: number): string {
  const text = Math.abs(value).toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const isZero = Number(value.toFixed(digits)) === 0;
  return value < 0 && !isZero ? MINUS + text : text;
}

/** As many digits as three figures need, no more. */
export function plain(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value)) return number(value, 0);
  if (size >= 100) return number(value, 0);
  if (size >= 10) return number(value, 1);
  if (size >= 1) return number(value, 2).replace(/0$/, "");
  return value === 0 ? "0" : Number(value.toPrecision(2)).toString().replace("-", MINUS);
}

export function count(value: number): string {
  return number(value, 0);
}

export function percent(share: number | null, digits = 0): string {
  return share === null ? "–" : `${number(share * 100, digits)}${THIN}%`;
}

export function points(share: number, digits = 1): string {
  const text = number(share * 100, digits);
  return share > 0 && Number(text) !== 0 ? `+${text}` : text;
}

export const CONFIDENCE = 1.96;

/** A share of patients with its error: "7.1 % ± 0.4". */
export function shareWithError(estimate: Estimate): string {
  if (estimate.value === null) return "–";
  const digits = estimate.value < 0.1 ? 1 : 0;
  const error = estimate.se === null ? "" : ` ± ${number(CONFIDENCE * estimate.se * 100, estimate.se * 100 * CONFIDENCE < 1 ? 1 : digits)}`;
  return `${percent(estimate.value, digits)}${error}`;
}

/** Wilson's 95 % interval of a share of trials: honest where none or all of them succeed, as counted errors are not. */
export function wilson(share: number, trials: number): readonly [number, number] {
  const square = CONFIDENCE ** 2;
  const middle = (share + square / (2 * trials)) / (1 + square / trials);
  const reach = (CONFIDENCE / (1 + square / trials)) * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials ** 2));
  return [Math.max(0, middle - reach), Math.min(1, middle + reach)];
}

/** A share of trials with its interval: "78 % (75 to 81)". */
export function shareOfTrials(share: number | null, trials: number): string {
  if (share === null) return "–";
  const [low, high] = wilson(share, trials);
  const digits = high - low < 0.02 ? 1 : 0;
  return `${percent(share, digits === 1 && share > 0 && share < 1 ? 1 : 0)} (${number(low * 100, digits)} to ${number(high * 100, digits)})`;
}

export function withUnit(value: string, unit: string | null | undefined): string {
  if (unit === null || unit === undefined || unit === "" || unit === "1") return value;
  return `${value}${THIN}${prettyUnit(unit)}`;
}

const UNIT_WORDS: Readonly<Record<string, string>> = {
  "kg/m^2": "kg/m²", "10^9/L": "×10⁹/L", "umol/L": "µmol/L", cm2: "cm²", "cm^2": "cm²", "1/d": "per day", percent: "%",
};

export function prettyUnit(unit: string): string {
  return UNIT_WORDS[unit] ?? unit.replaceAll("^2", "²");
}

export function valueText(value: Value, unit?: string | null): string {
  if (value === null) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return withUnit(plain(value), unit);
  return value;
}

export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  if (size < 1_000_000) return `${number(size / 1000, 0)} kB`;
  return `${number(size / 1_000_000, 1)} MB`;
}

export function seconds(value: number): string {
  if (value < 60) return `${number(value, 0)} s`;
  if (value < 3600) return `${number(value / 60, 0)} min`;
  return `${number(value / 3600, 1)} h`;
}

/** A day of the trial in the words of its visits. */
export function day(value: number): string {
  if (value === 0) return "start";
  return value % 7 === 0 ? `week ${number(value / 7, 0)}` : `day ${number(value, 0)}`;
}

/** A label without what it says in brackets, for places with little room; the whole of it stands in the table. */
export function brief(label: string): string {
  return label.replace(/ \([^)]*\)/g, "");
}
