/** Published trials beside predictions, and the parameters of the model. */
export interface Study {
  readonly study: string;
  readonly title: string;
  readonly year: number | null;
  readonly registry: string | null;
  readonly url: string | null;
  readonly source: string | null;
  readonly held_out: boolean | null;
  readonly protocol: string | null;
  readonly outcomes: number;
}

export interface Figure {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface Outcome {
  readonly outcome: string;
  readonly arm: string;
  readonly day: number | null;
  readonly published: Figure;
  readonly predicted: Figure | null;
  readonly unit: string;
  readonly where: string;
  readonly status: string | null;
}

export interface StudyPage extends Study {
  readonly rows: readonly Outcome[];
}

export interface Parameter {
  readonly name: string;
  readonly group: string;
  readonly meaning: string;
  readonly value: number | string | null;
  readonly unit: string;
  readonly low: number | null;
  readonly high: number | null;
  readonly status: string;
  readonly source: { readonly key: string; readonly title: string | null; readonly url: string | null; readonly where: string | null } | null;
}
