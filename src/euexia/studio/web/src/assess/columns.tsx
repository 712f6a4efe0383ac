/** Which column says what: a guess, open to correction. */
import { count, prettyUnit } from "../format";
import type { Mappable, Mapping, Upload } from "./types";

interface ColumnsProps {
  readonly upload: Upload;
  readonly mapping: Mapping;
  readonly onMap: (mapping: Mapping) => void;
}

export function ColumnsPart({ upload, mapping, onMap }: ColumnsProps) {
  const groups = grouped(upload.measures);
  const used = upload.columns.filter(({ name }) => (mapping[name] ?? null) !== null).length;
  const choose = (column: string, measure: string): void => {
    const found = upload.measures.find(({ name }) => name === measure);
    onMap({ ...mapping, [column]: found === undefined ? null : { measure, unit: found.unit } });
  };
  return (
    <section aria-labelledby="columns-title">
      <h2 id="columns-title">Columns of {upload.file}</h2>
      <p class="note">{count(upload.rows)} rows. {used} of {upload.columns.length} columns are read. The guesses below come from the names; correct them where they are wrong.</p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Columns and what they say">
        <table class="columns-table">
          <thead><tr><th scope="col">Column</th><th scope="col">Examples</th><th scope="col">Says</th><th scope="col">Unit</th></tr></thead>
          <tbody>{upload.columns.map((column) => {
            const mapped = mapping[column.name] ?? null;
            const found = upload.measures.find(({ name }) => name === mapped?.measure);
            return (
              <tr key={column.name} class={mapped === null ? "unread" : ""}>
                <th scope="row">{column.name}</th>
                <td class="note">{column.examples.slice(0, 3).join(", ")}</td>
                <td><select aria-label={`What ${column.name} says`} value={mapped?.measure ?? ""} onChange={(event) => choose(column.name, event.currentTarget.value)}>
                  <option value="">not read</option>
                  {[...groups].map(([group, members]) => <optgroup key={group} label={group}>{members.map(({ name, label }) => <option key={name} value={name}>{label}</option>)}</optgroup>)}
                </select></td>
                <td><UnitChoice column={column.name} mapped={mapped} found={found ?? null} onUnit={(unit) => onMap({ ...mapping, [column.name]: mapped === null ? null : { ...mapped, unit } })} /></td>
              </tr>
            );
          })}</tbody>
        </table>
      </div>
    </section>
  );
}

function grouped(measures: readonly Mappable[]): Map<string, Mappable[]> {
  const groups = new Map<string, Mappable[]>();
  for (const measure of measures) groups.set(measure.group, [...(groups.get(measure.group) ?? []), measure]);
  return groups;
}

interface UnitProps {
  readonly column: string;
  readonly mapped: Mapping[string];
  readonly found: Mappable | null;
  readonly onUnit: (unit: string) => void;
}

function UnitChoice({ column, mapped, found, onUnit }: UnitProps) {
  if (mapped === null || mapped === undefined) return null;
  const units = [...new Set([mapped.unit, ...(found?.units ?? []), found?.unit ?? null])].filter((unit): unit is string => unit !== null && unit !== "");
  if (units.length <= 1) return <span>{prettyUnit(units[0] ?? "")}</span>;
  return <select aria-label={`Unit of ${column}`} value={mapped.unit ?? ""} onChange={(event) => onUnit(event.currentTarget.value)}>{units.map((unit) => <option key={unit} value={unit}>{prettyUnit(unit)}</option>)}</select>;
}
