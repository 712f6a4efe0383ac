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
}

export interface Mapped {
  readonly measure: string;
  readonly unit?: string;
  readonly days_before?: number;
  readonly values?: Readonly<Record<string, number>>;
}

/** How a table is read: a row per patient and date with a column per measure, or a row per reading. */
export interface Mapping {
  readonly layout: "wide" | "tidy";
  readonly patient?: string;
  readonly date?: string;
  readonly date_format?: string;
  readonly decimal?: "point" | "comma";
  readonly measure?: string;
  readonly value?: string;
  readonly unit?: string;
  readonly columns?: Readonly<Record<string, Mapped>>;
}

export interface Upload {
  readonly upload: string;
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly Column[];
  readonly mapping: Mapping;
}

export type State = "yes" | "no" | "unknown";

export interface Finding {
  readonly kind: string;
  readonly patient: string;
  readonly measure: string;
  readonly date: string | null;
  readonly rows: readonly number[];
  readonly text: string;
  readonly withheld: boolean;
}

export interface Card {
  readonly patient: string;
  readonly date: string;
  readonly facts: string;
  readonly summary: string;
  readonly status: readonly { readonly label: string; readonly state: State; readonly answer: string; readonly why: string; readonly shown: boolean }[];
  readonly trend: readonly string[];
  readonly drivers: readonly string[];
  readonly wanted: readonly { readonly text: string; readonly decides: readonly string[]; readonly helps: readonly string[] }[];
  readonly doubts: readonly string[];
  readonly readings: readonly { readonly label: string; readonly value: string }[];
  readonly weights: readonly { readonly date: string; readonly value: number }[];
}

export interface Cohort {
  readonly patients: number;
  readonly lead: string;
  readonly definitions: readonly { readonly name: string; readonly label: string; readonly concept: string; readonly citation: string; readonly yes: number; readonly no: number; readonly unknown: number }[];
  readonly gaps: readonly { readonly text: string; readonly patients: number }[];
}

export interface Assessment {
  readonly checks: { readonly readings: number; readonly measures: number; readonly faults: readonly Fault[]; readonly findings: readonly Finding[]; readonly more_findings: number };
  readonly patients: readonly Card[];
  readonly cohort: Cohort;
  readonly code: Code;
}
