/** Which column says what: a guess, open to correction. */
import { count } from "../format";
import type { Mappable, Mapping, Upload } from "./types";

interface ColumnsProps {
  readonly upload: Upload;
  readonly measures: readonly Mappable[];
  readonly mapping: Mapping;
  readonly onMap: (mapping: Mapping) => void;
}

const TIDY_ROLES = ["measure", "value", "unit"] as const;
const ROLE_LABELS = { patient: "Patient", date: "Date", measure: "Name of the measure", value: "Value", unit: "Unit" } as const;
type Role = keyof typeof ROLE_LABELS;
const MEASURE = "measure:";

function roleOf(mapping: Mapping, column: string): string {
  for (const role of ["patient", "date", ...(mapping.layout === "tidy" ? TIDY_ROLES : [])] as const) if (mapping[role] === column) return role;
  const found = mapping.layout === "wide" ? mapping.columns?.[column] : undefined;
  return found === undefined ? "" : MEASURE + found.measure;
}

/** The same mapping with one column read otherwise; a role that was another column's moves over. */
function withRole(mapping: Mapping, column: string, role: string, measures: readonly Mappable[]): Mapping {
  const next: Record<string, unknown> = { ...mapping };
  const columns = { ...mapping.columns };
  for (const each of Object.keys(ROLE_LABELS) as Role[]) if (mapping[each] === column) delete next[each];
  delete columns[column];
  if (role.startsWith(MEASURE)) {
    const name = role.slice(MEASURE.length);
    const unit = measures.find((each) => each.name === name)?.unit ?? null;
    columns[column] = unit === null || unit === "" ? { measure: name } : { measure: name, unit };
  } else if (role !== "") next[role] = column;
  if (mapping.layout === "wide") next["columns"] = columns;
  return next as unknown as Mapping;
}

function withLayout(mapping: Mapping, layout: Mapping["layout"]): Mapping {
  const { columns, measure, value, unit, ...shared } = mapping;
  void [measure, value, unit];
  return layout === "wide" ? { ...shared, layout, columns: columns ?? {} } : { ...shared, layout };
}

export function ColumnsPart({ upload, measures, mapping, onMap }: ColumnsProps) {
  const used = upload.columns.filter(({ name }) => roleOf(mapping, name) !== "").length;
  const known = new Set(measures.map(({ name }) => name));
  const more = Object.values(mapping.columns ?? {}).filter(({ measure }) => !known.has(measure)).map(({ measure }) => ({ name: measure, label: measure.replaceAll("_", " "), unit: null }));
  const options = [...measures, ...more.filter((each, place) => more.findIndex(({ name }) => name === each.name) === place)];
  return (
    <section aria-labelledby="columns-title">
      <h2 id="columns-title">Columns of {upload.name}</h2>
      <p class="note">{count(upload.rows)} rows. {used} of {upload.columns.length} columns are read. The guesses come from the names and values; correct them where they are wrong.</p>
      <p class="filters">
        <label>Each row is <select value={mapping.layout} onChange={(event) => onMap(withLayout(mapping, event.currentTarget.value === "tidy" ? "tidy" : "wide"))}>
          <option value="wide">one patient on one date</option><option value="tidy">one reading</option>
        </select></label>
        <label>Decimals are written with a <select value={mapping.decimal ?? "point"} onChange={(event) => onMap({ ...mapping, decimal: event.currentTarget.value === "comma" ? "comma" : "point" })}>
          <option value="point">point (61.5)</option><option value="comma">comma (61,5)</option>
        </select></label>
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Columns and what they say">
        <table class="columns-table">
          <thead><tr><th scope="col">Column</th><th scope="col">Examples</th><th scope="col">Says</th><th scope="col">Unit</th></tr></thead>
          <tbody>{upload.columns.map((column) => {
            const role = roleOf(mapping, column.name);
            return (
              <tr key={column.name} class={role === "" ? "unread" : ""}>
                <th scope="row">{column.name}</th>
                <td class="note">{column.examples.slice(0, 3).join(", ")}</td>
                <td><select aria-label={`What ${column.name} says`} value={role} onChange={(event) => onMap(withRole(mapping, column.name, event.currentTarget.value, measures))}>
                  <option value="">not read</option>
                  <optgroup label="Who and when">{(["patient", "date", ...(mapping.layout === "tidy" ? TIDY_ROLES : [])] as const).map((each) => <option key={each} value={each}>{ROLE_LABELS[each]}</option>)}</optgroup>
                  {mapping.layout === "wide" && <optgroup label="Measures">{options.map(({ name, label }) => <option key={name} value={MEASURE + name}>{label}</option>)}</optgroup>}
                </select></td>
                <td>{role.startsWith(MEASURE) && <UnitField column={column.name} mapping={mapping} onMap={onMap} />}</td>
              </tr>
            );
          })}</tbody>
        </table>
      </div>
    </section>
  );
}

function UnitField({ column, mapping, onMap }: { readonly column: string; readonly mapping: Mapping; readonly onMap: (mapping: Mapping) => void }) {
  const found = mapping.columns?.[column];
  if (found === undefined) return null;
  return <input class="unit-field" type="text" aria-label={`Unit of ${column}`} value={found.unit ?? ""} onChange={(event) => onMap({ ...mapping, columns: { ...mapping.columns, [column]: { ...found, unit: event.currentTarget.value.trim() } } })} />;
}
