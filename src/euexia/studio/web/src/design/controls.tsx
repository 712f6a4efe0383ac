/** The controls of a design: a slider and a number with its unit, a choice, a switch or a text, in groups. */
import { signal } from "@preact/signals";
import { useId } from "preact/hooks";
import { Meaning } from "../frame/terms";
import { prettyUnit, valueText } from "../format";
import type { Choice, Control, Fault, Value } from "../types";

interface ControlsProps {
  readonly controls: readonly Control[];
  readonly base: ReadonlyMap<string, Value>;
  readonly values: Readonly<Record<string, Value>>;
  readonly faults: readonly Fault[];
  readonly onSet: (path: string, value: Value, before: Value) => void;
  readonly remember: string;
}

const OPEN_AT_FIRST = 2;
const opened = signal<Readonly<Record<string, boolean>>>(storedOpen());
const sought = signal("");

function storedOpen(): Readonly<Record<string, boolean>> {
  try {
    return JSON.parse(sessionStorage.getItem("euexia-open") ?? "{}") as Record<string, boolean>;
  } catch {
    return {};
  }
}

function grouped(controls: readonly Control[]): ReadonlyMap<string, readonly Control[]> {
  const groups = new Map<string, Control[]>();
  for (const control of controls) groups.set(control.group, [...(groups.get(control.group) ?? []), control]);
  return groups;
}

export function Controls({ controls, base, values, faults, onSet, remember }: ControlsProps) {
  const wanted = sought.value.trim().toLowerCase();
  const fitting = wanted === "" ? controls : controls.filter(({ label, group, path }) => `${label} ${group} ${path}`.toLowerCase().includes(wanted));
  const groups = [...grouped(fitting)];
  return (
    <div class="controls">
      <label class="find">
        <span class="unseen">Find a setting</span>
        <input type="search" placeholder="Find a setting" value={sought.value} onInput={(event) => { sought.value = event.currentTarget.value; }} />
      </label>
      {groups.length === 0 && <p class="note">No setting has “{sought.value}” in its name.</p>}
      {groups.map(([group, members], place) => {
        const changed = members.filter(({ path }) => path in values).length;
        const key = `${remember}/${group}`;
        const open = wanted !== "" || (opened.value[key] ?? place < OPEN_AT_FIRST);
        return (
          <details key={key} class="group" open={open} onToggle={(event) => keepOpen(key, event.currentTarget.open, wanted === "")}>
            <summary><span class="group-name">{group}</span><span class="group-count">{changed > 0 ? `${changed} changed` : ""}</span></summary>
            {open && members.map((control) => (
              <ControlRow key={control.path} control={control} before={base.get(control.path) ?? null} value={control.path in values ? (values[control.path] ?? null) : control.value}
                fault={faults.find(({ place: where }) => where === control.path) ?? null} onSet={onSet} />
            ))}
          </details>
        );
      })}
    </div>
  );
}

function keepOpen(key: string, open: boolean, byHand: boolean): void {
  if (!byHand || opened.value[key] === open) return;
  opened.value = { ...opened.value, [key]: open };
  sessionStorage.setItem("euexia-open", JSON.stringify(opened.value));
}

interface RowProps {
  readonly control: Control;
  readonly before: Value;
  readonly value: Value;
  readonly fault: Fault | null;
  readonly onSet: ControlsProps["onSet"];
}

export function ControlRow({ control, before, value, fault, onSet }: RowProps) {
  const id = useId();
  const changed = value !== before;
  const set = (next: Value): void => onSet(control.path, next, before);
  return (
    <div class={changed ? "control changed" : "control"} data-path={control.path}>
      <div class="control-head">
        <label for={id}>{control.label}</label>
        {control.help !== null && control.help !== "" && <span class="help"><Meaning term={{ term: control.label, meaning: control.help }}>?<span class="unseen"> about {control.label}</span></Meaning></span>}
        {control.status === "assumed" && <span class="status assumed" title="Not public; chosen by us and open to editing.">assumed</span>}
      </div>
      <Field control={control} value={value} id={id} set={set} faultId={fault === null ? null : `${id}-fault`} />
      {changed && <p class="was"><span>was {valueText(before, control.unit)}</span> <button type="button" class="quiet" onClick={() => set(before)}>Reset<span class="unseen"> {control.label}</span></button></p>}
      {fault !== null && <p class="field-fault" id={`${id}-fault`}>{fault.problem} <span class="remedy">{fault.remedy}</span></p>}
    </div>
  );
}

interface FieldProps {
  readonly control: Control;
  readonly value: Value;
  readonly id: string;
  readonly set: (value: Value) => void;
  readonly faultId: string | null;
}

function Field(props: FieldProps) {
  const { control, value, id, set } = props;
  switch (control.kind) {
    case "number":
      return <NumberField {...props} />;
    case "choice":
      return (
        <select id={id} value={String(value ?? "")} onChange={(event) => set(event.currentTarget.value)}>
          {(control.choices ?? []).map((choice) => <option key={choiceValue(choice)} value={choiceValue(choice)}>{choiceLabel(choice)}</option>)}
        </select>
      );
    case "flag":
      return <label class="switch"><input id={id} type="checkbox" role="switch" checked={value === true} onChange={(event) => set(event.currentTarget.checked)} /><span class="switch-text">{value === true ? "yes" : "no"}</span></label>;
    case "text":
      return <input id={id} type="text" value={String(value ?? "")} onChange={(event) => set(event.currentTarget.value)} />;
  }
}

function choiceValue(choice: Choice): string {
  return typeof choice === "string" ? choice : choice.value;
}

function choiceLabel(choice: Choice): string {
  return typeof choice === "string" ? choice.replaceAll("_", " ") : choice.label;
}

function NumberField({ control, value, id, set, faultId }: FieldProps) {
  const amount = typeof value === "number" ? value : Number(value ?? 0);
  const bounded = control.low !== null && control.high !== null;
  const read = (text: string): void => {
    const next = Number(text);
    if (text.trim() !== "" && Number.isFinite(next)) set(next);
  };
  const limits = { min: control.low ?? undefined, max: control.high ?? undefined, step: control.step ?? "any" } as const;
  const unit = control.unit === null ? "" : prettyUnit(control.unit);
  return (
    <div class="number-field">
      {bounded && (
        <input type="range" {...limits} value={amount} aria-label={`${control.label}, slider`} aria-valuetext={`${amount} ${unit}`}
          style={{ "--share": String((amount - (control.low ?? 0)) / ((control.high ?? 1) - (control.low ?? 0) || 1)) }} onInput={(event) => read(event.currentTarget.value)} />
      )}
      <span class="amount">
        <input id={id} type="number" inputMode="decimal" {...limits} step="any" value={amount} aria-invalid={faultId === null ? undefined : true} aria-describedby={faultId ?? undefined} onInput={(event) => read(event.currentTarget.value)} />
        <span class="unit">{unit}</span>
      </span>
    </div>
  );
}
