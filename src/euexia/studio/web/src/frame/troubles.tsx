/** Faults where they belong, each with its way out. */
import { connected, type Trouble } from "../api";
import type { Fault } from "../types";

export function Faults({ faults }: { readonly faults: readonly Fault[] }) {
  return (
    <ul class="faults">
      {faults.map((fault, place) => (
        <li key={place}>
          {fault.place !== "" && <code>{fault.place}</code>} {fault.problem}
          {fault.remedy !== "" && <span class="remedy"> {fault.remedy}</span>}
        </li>
      ))}
    </ul>
  );
}

export function TroubleBox({ trouble, again }: { readonly trouble: Trouble; readonly again?: () => void }) {
  return (
    <div class="trouble" role="alert">
      <p><strong>{trouble.message}</strong></p>
      {trouble.faults.length > 0 && <Faults faults={trouble.faults} />}
      {again !== undefined && <button type="button" class="plain-button" onClick={again}>Try again</button>}
    </div>
  );
}

export function ConnectionBar() {
  return (
    <div class="connection" role="status" aria-live="polite">
      {!connected.value && <p>The connection to the studio is lost. It is tried again every few seconds; what you have set is kept. If the terminal was closed, start <code>euexia studio</code> again.</p>}
    </div>
  );
}
