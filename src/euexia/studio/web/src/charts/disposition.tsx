/** What became of the patients of each arm, as bars of 100 %; those who stopped treatment may be in any part of them. */
import { count, percent } from "../format";
import type { ArmResult, Disposition, OutlineArm } from "../types";
import { Drawing } from "./figure";

export const FATES: readonly { readonly key: keyof Disposition; readonly label: string }[] = [
  { key: "completed", label: "Completed" },
  { key: "withdrew", label: "Withdrew" },
  { key: "died", label: "Died" },
];

const ROW = 54;
const BAR = 24;

export function dispositionHeight(arms: number): number {
  return arms * ROW + 4;
}

interface DispositionProps {
  readonly arms: readonly OutlineArm[];
  readonly results: readonly ArmResult[];
  readonly before: readonly ArmResult[];
  readonly label: string;
}

export function DispositionBars({ arms, results, before, label }: DispositionProps) {
  return (
    <>
      <FateKey />
      <Drawing height={dispositionHeight(arms.length)} label={label}>
        {(width) => (
          <>
            <Patterns />
            {arms.map((arm, place) => (
              <g key={arm.arm}>
                <text class="row-label" x={0} y={place * ROW + 16}>{arm.label}</text>
                <text class="row-value" x={width} y={place * ROW + 16} text-anchor="end">{count(arm.patients)} patients{width > 460 ? stopped(results, arm.arm) : ""}</text>
                <Stack y={place * ROW + 23} height={BAR} width={width} result={results.find((each) => each.arm === arm.arm) ?? null} />
                <Stack y={place * ROW + 23 + BAR + 1} height={4} width={width} result={before.find((each) => each.arm === arm.arm) ?? null} ghost />
              </g>
            ))}
          </>
        )}
      </Drawing>
    </>
  );
}

function stopped(results: readonly ArmResult[], arm: string): string {
  const share = results.find((each) => each.arm === arm)?.disposition.stopped_treatment.value ?? null;
  return share === null || share < 0.0005 ? "" : `, ${percent(share, share < 0.1 ? 1 : 0)} stopped treatment`;
}

function FateKey() {
  return (
    <ul class="key" aria-label="Key">
      {FATES.map(({ key, label }) => (
        <li key={key}>
          <svg width="18" height="14" aria-hidden="true"><Patterns suffix="-key" /><rect class={`fate ${key}`} x="0.5" y="0.5" width="17" height="13" />{key === "withdrew" && <rect x="0.5" y="0.5" width="17" height="13" fill="url(#fate-withdrew-key)" />}</svg>
          {label}
        </li>
      ))}
    </ul>
  );
}

/** Hatches over the colours, so that the parts differ without colour too. */
function Patterns({ suffix = "" }: { readonly suffix?: string }) {
  return (
    <defs>
      <pattern id={`fate-withdrew${suffix}`} width="6" height="6" patternUnits="userSpaceOnUse"><circle class="hatch-dot" cx="3" cy="3" r="1.2" /></pattern>
    </defs>
  );
}

function Stack({ y, height, width, result, ghost }: { readonly y: number; readonly height: number; readonly width: number; readonly result: ArmResult | null; readonly ghost?: boolean }) {
  if (result === null) return ghost === true ? null : <rect class="empty" x={0} y={y} width={width} height={height} rx={2} />;
  let left = 0;
  return (
    <g class={ghost === true ? "ghost" : ""}>
      {FATES.map(({ key, label }) => {
        const share = result.disposition[key].value ?? 0;
        const start = left;
        left += share * width;
        const room = share * width;
        return (
          <g key={key}>
            <rect class={`fate ${key}`} x={start} y={y} width={Math.max(0, room)} height={height} />
            {key === "withdrew" && ghost !== true && <rect x={start} y={y} width={Math.max(0, room)} height={height} fill={`url(#fate-${key})`} />}
            {ghost !== true && room > 38 && <text class={`fate-label ${key}`} x={start + room / 2} y={y + height / 2 + 4.5} text-anchor="middle"><title>{label}</title>{percent(share)}</text>}
          </g>
        );
      })}
    </g>
  );
}
