/** Published studies, and the parameters of the model. */
import type { Code } from "../types";

export interface Study {
  readonly study: string;
  readonly topic: string;
  readonly citation: string;
  readonly doi: string;
  readonly registry: readonly string[];
  readonly population: string;
  readonly treatment: string;
  readonly size: string;
  readonly rows_in_all: number;
  readonly verified_rows: number;
  readonly protocols: readonly string[];
}

export interface EvidenceRow {
  readonly name: string;
  readonly measure: string;
  readonly verified: boolean;
  readonly arm: string;
  readonly contrast: string;
  readonly weeks: readonly number[];
  readonly when: string;
  readonly statistic: string;
  readonly value: number | null;
  readonly unit: string;
  readonly low: number | null;
  readonly high: number | null;
  readonly p: number | null;
  readonly n: number | null;
  readonly text: string;
  readonly dispersion?: string;
  readonly source: string;
  readonly use: string;
}

export interface StudyPage extends Study {
  readonly handling: string;
  readonly notes: string;
  readonly sources: readonly string[];
  readonly arms: readonly { readonly name: string; readonly dose: string; readonly note: string; readonly verified: boolean }[];
  readonly rows: readonly EvidenceRow[];
  readonly code: Code;
}

export interface Parameter {
  readonly name: string;
  readonly block: string;
  readonly meaning: string;
  readonly printed: string;
  readonly unit: string;
  readonly low: number | null;
  readonly high: number | null;
  readonly status: string;
  readonly source: string;
  readonly where: string;
}

export interface ParameterPage {
  readonly rows: readonly Parameter[];
  readonly code: Code;
}
