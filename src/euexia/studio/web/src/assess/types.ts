/** What the server says of a table of real patients. */
import type { Code, Fault } from "../types";

export interface Column {
  readonly name: string;
  readonly examples: readonly string[];
}

export interface Mappable {
  readonly name: string;
  readonly label: string;
  readonly unit: string | null;
  readonly units?: readonly string[];
  readonly group: string;
}

export interface Mapped {
  readonly measure: string;
  readonly unit: string | null;
}

export type Mapping = Readonly<Record<string, Mapped | null>>;

export interface Upload {
  readonly upload: string;
  readonly file: string;
  readonly rows: number;
  readonly columns: readonly Column[];
  readonly measures: readonly Mappable[];
  readonly mapping: Mapping;
  readonly preview: readonly (readonly string[])[];
  readonly faults: readonly Fault[];
}

export type Outcome = "yes" | "no" | "unknown";

export interface Check {
  readonly patient: string;
  readonly date: string | null;
  readonly column: string;
  readonly problem: string;
  readonly remedy: string;
  readonly severity: string;
}

export interface Definition {
  readonly name: string;
  readonly label: string;
  readonly outcome: Outcome;
  readonly stage: string | null;
  readonly because: readonly string[];
  readonly missing: readonly string[];
  readonly source: string | null;
}

export interface Card {
  readonly patient: string;
  readonly title: string;
  readonly lines: readonly { readonly label: string; readonly value: string; readonly unit: string | null; readonly date: string | null }[];
  readonly definitions: readonly Definition[];
  readonly eligible: readonly { readonly protocol: string; readonly title: string; readonly outcome: Outcome; readonly because: readonly string[] }[];
}

export interface Assessment {
  readonly checks: readonly Check[];
  readonly patients: readonly Card[];
  readonly cohort: { readonly patients: number; readonly rows: readonly { readonly name: string; readonly label: string; readonly yes: number; readonly no: number; readonly unknown: number }[]; readonly sentences: readonly string[] };
  readonly code: Code;
}
