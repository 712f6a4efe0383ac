/** What the server says of one virtual patient. */
import type { Code, Control, Value } from "../types";

export interface TreatmentKind {
  readonly name: string;
  readonly label: string;
  readonly controls: readonly Control[];
}

export interface Archetype {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly values: Readonly<Record<string, Value>>;
}

export interface PatientControls {
  readonly controls: readonly Control[];
  readonly treatments: readonly TreatmentKind[];
  readonly archetypes: readonly Archetype[];
  readonly weeks?: { readonly value: number; readonly low: number; readonly high: number };
}

export interface Observable {
  readonly name: string;
  readonly label: string;
  readonly unit: string;
  readonly values: readonly (number | null)[];
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

export interface Driver {
  readonly name: string;
  readonly label: string;
  readonly value: number | null;
  readonly se: number | null;
  readonly unit?: string;
}

export interface PatientCourse {
  readonly days: readonly number[];
  readonly observables: readonly Observable[];
  readonly dose: readonly Observable[];
  readonly nodes: readonly Organ[];
  readonly links: readonly Link[];
  readonly drivers: readonly Driver[];
  readonly drivers_note?: string;
  readonly sentence?: readonly string[];
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
