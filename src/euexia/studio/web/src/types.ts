/** What the server says and hears. One place, so that a change of the interface is a change of this file. */

export type Value = number | string | boolean | null;

export interface Estimate {
  readonly value: number | null;
  readonly se: number | null;
}

export interface Effect extends Estimate {
  readonly measure: string;
  readonly unit: string;
}

export interface Control {
  readonly path: string;
  readonly label: string;
  readonly group: string;
  readonly kind: "number" | "choice" | "flag" | "text";
  readonly value: Value;
  readonly unit: string | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly step: number | null;
  readonly choices: readonly Choice[] | null;
  readonly status: string | null;
  readonly help: string | null;
  readonly origin?: string | null;
}

export type Choice = string | { readonly value: string; readonly label: string };

export type Block =
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "bullets"; readonly items: readonly string[] }
  | { readonly kind: "table"; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface Code {
  readonly yaml: string;
  readonly command: string;
  readonly python: string;
}

export interface Fault {
  readonly line: number | null;
  readonly place: string;
  readonly problem: string;
  readonly remedy: string;
}

export interface ProtocolRow {
  readonly name: string;
  readonly title: string;
  readonly registry: string | null;
  readonly drugs: readonly string[];
  readonly size: number;
  readonly primary_endpoint: string;
  readonly has_published: boolean;
}

export interface OutlineArm {
  readonly arm: string;
  readonly label: string;
  readonly control: boolean;
  readonly patients: number;
}

export interface OutlineAnalysis {
  readonly analysis: string;
  readonly label: string;
  readonly endpoint: string;
  readonly arm: string;
  readonly arm_label?: string;
  readonly control?: string | null;
  readonly primary: boolean;
}

export interface OutlineMeasure {
  readonly measure: string;
  readonly label: string;
  readonly unit: string;
}

export interface Outline {
  readonly arms: readonly OutlineArm[];
  readonly analyses: readonly OutlineAnalysis[];
  readonly measures: readonly OutlineMeasure[];
  readonly responders: { readonly label: string } | null;
  readonly target: number | null;
}

export interface ProtocolPage {
  readonly name: string;
  readonly title?: string;
  readonly yaml: string;
  readonly controls: readonly Control[];
  readonly words: readonly Section[];
  readonly code: Code;
  readonly outline: Outline;
}

export interface Difference {
  readonly path: string;
  readonly label: string;
  readonly before: Value;
  readonly after: Value;
}

export interface DesignCheck {
  readonly yaml: string;
  readonly words: readonly Section[];
  readonly controls: readonly Control[];
  readonly differences: readonly Difference[];
  readonly faults: readonly Fault[];
  readonly code: Code;
  readonly outline: Outline | null;
}

export interface PowerRow extends Estimate {
  readonly analysis: string;
  readonly label?: string;
  readonly endpoint: string;
  readonly arm: string;
  readonly primary: boolean;
  readonly hits?: string | null;
  readonly effect?: Effect | null;
}

export interface Disposition {
  readonly completed: Estimate;
  readonly died: Estimate;
  readonly withdrew: Estimate;
  readonly stopped_treatment: Estimate;
}

export interface ArmResult {
  readonly arm: string;
  readonly label: string;
  readonly patients: number;
  readonly responders: Estimate | null;
  readonly disposition: Disposition;
}

export interface Course {
  readonly arm: string;
  readonly day: readonly number[];
  readonly mean: readonly (number | null)[];
  readonly se: readonly (number | null)[];
  readonly sd: readonly (number | null)[];
}

export interface Series {
  readonly measure: string;
  readonly label: string;
  readonly unit: string;
  readonly arms: readonly Course[];
}

export interface Recruitment {
  readonly months: Estimate;
  readonly screened: Estimate;
  readonly enrolled: Estimate;
  readonly refused: readonly (Estimate & { readonly criterion: string })[];
}

export interface Published {
  readonly name: string;
  readonly label?: string;
  readonly endpoint: string;
  readonly arm: string;
  readonly control: string | null;
  readonly figure: string;
  readonly unit: string;
  readonly published: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly mean: number | null;
  readonly predicted_low: number | null;
  readonly predicted_high: number | null;
  readonly inside: boolean | null;
  readonly verified: boolean;
  readonly citation: string;
  readonly source: string;
}

export interface Snapshot {
  readonly published?: readonly Published[];
  readonly trials: number;
  readonly planned: number;
  readonly power: readonly PowerRow[];
  readonly arms: readonly ArmResult[];
  readonly series: readonly Series[];
  readonly type_one?: readonly (PowerRow & { readonly nominal?: number })[] | null;
  readonly answer: readonly string[];
  readonly duration?: Recruitment | null;
}

export interface RunRow {
  readonly run: string;
  readonly name: string;
  readonly title: string;
  readonly state: "queued" | "running" | "done" | "failed" | "cancelled";
  readonly done: number;
  readonly planned: number;
  readonly started: string;
  readonly seconds: number;
  readonly background: boolean;
  readonly start: string;
  readonly changes: Readonly<Record<string, Value>>;
  readonly trials: number;
  readonly seed: number;
  readonly message: string | null;
  readonly folder?: string | null;
  readonly resume?: string | null;
}

export interface RunFile {
  readonly name: string;
  readonly label: string;
  readonly media_type: string;
  readonly size: number | null;
}

export interface Term {
  readonly term: string;
  readonly also?: readonly string[];
  readonly meaning: string;
}

export interface PlainPage {
  readonly title: string;
  readonly html: string;
  readonly reading_grade: number;
  readonly terms: readonly Term[];
}
