/** What the server says of one virtual patient. */
import type { Code, Control, Value } from "../types";

export interface TreatmentKind {
  readonly name: string;
  readonly label: string;
  readonly is_care?: boolean;
  readonly controls: readonly Control[];
}

export interface Archetype {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly controls: readonly Control[];
}

export interface PatientControls {
  readonly archetypes: readonly Archetype[];
  readonly first: string;
  readonly treatments: readonly TreatmentKind[];
}

export interface Observable {
  readonly name: string;
  readonly label: string;
  readonly unit: string;
  readonly values: readonly (number | null)[];
  readonly before?: readonly (number | null)[];
  readonly every?: number | null;
}

export type Sign = "harms" | "protects" | "signals";

export interface Link {
  readonly source: string;
  readonly target: string;
  readonly label: string;
  readonly sign: Sign;
  readonly strength: readonly (number | null)[];
  readonly unit: string;
  readonly scale: number;
  readonly meaning: string;
}

export interface Organ {
  readonly name: string;
  readonly label: string;
  readonly meaning: string;
}

export interface Drivers {
  readonly weeks: number;
  readonly outcomes: readonly { readonly name: string; readonly label: string; readonly unit: string }[];
  readonly periods: readonly {
    readonly name: string;
    readonly lost: Readonly<Record<string, number | null>>;
    readonly shares: readonly { readonly name: string; readonly label: string; readonly meaning: string; readonly values: Readonly<Record<string, number | null>> }[];
  }[];
}

export interface PatientCourse {
  readonly regimen: string;
  readonly days: readonly number[];
  readonly days_before: readonly number[];
  readonly observables: readonly Observable[];
  readonly dose: readonly Observable[];
  readonly nodes: readonly Organ[];
  readonly links: readonly Link[];
  readonly drivers?: Drivers | null;
  readonly code: Code;
}

export interface Treatment {
  readonly name: string;
  readonly values: Readonly<Record<string, Value>>;
}

export interface PatientDraft {
  readonly archetype: string;
  readonly patient: Readonly<Record<string, Value>>;
  readonly treatments: readonly Treatment[];
  readonly weeks: number;
}
