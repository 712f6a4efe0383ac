/** Looks of arms and of outcomes: a colour, a shape and a line each, so that none depends on colour alone. */
export interface Look {
  readonly colour: string;
  readonly shape: Shape;
  readonly dash: string;
}

export type Shape = "circle" | "square" | "diamond" | "triangle" | "down" | "cross";

const SHAPES: readonly Shape[] = ["circle", "square", "diamond", "down", "cross"];
const DASHES = ["none", "9 3", "6 3 2 3", "2 3", "none"] as const;

export function armLooks(arms: readonly { readonly arm: string; readonly control: boolean }[]): ReadonlyMap<string, Look> {
  const looks = new Map<string, Look>();
  let turn = 0;
  for (const { arm, control } of arms) {
    if (control) looks.set(arm, { colour: "var(--arm-0)", shape: "triangle", dash: "4 3" });
    else {
      looks.set(arm, { colour: `var(--arm-${(turn % 5) + 1})`, shape: SHAPES[turn % 5] ?? "circle", dash: DASHES[turn % 5] ?? "none" });
      turn += 1;
    }
  }
  return looks;
}

export const PLAIN: Look = { colour: "var(--arm-1)", shape: "circle", dash: "none" };

interface MarkProps {
  readonly shape: Shape;
  readonly x: number;
  readonly y: number;
  readonly size?: number;
  readonly colour: string;
  readonly hollow?: boolean;
}

export function Mark({ shape, x, y, size = 5, colour, hollow }: MarkProps) {
  const paint = hollow === true ? { fill: "var(--sheet)", stroke: colour, "stroke-width": 1.6 } : { fill: colour, stroke: "var(--sheet)", "stroke-width": 1 };
  return <path d={outline(shape, x, y, size)} {...paint} />;
}

function outline(shape: Shape, x: number, y: number, size: number): string {
  const s = size;
  switch (shape) {
    case "circle":
      return `M${x - s} ${y}a${s} ${s} 0 1 0 ${2 * s} 0a${s} ${s} 0 1 0 ${-2 * s} 0`;
    case "square":
      return `M${x - s * 0.88} ${y - s * 0.88}h${s * 1.76}v${s * 1.76}h${-s * 1.76}Z`;
    case "diamond":
      return `M${x} ${y - s * 1.25}L${x + s * 1.25} ${y}L${x} ${y + s * 1.25}L${x - s * 1.25} ${y}Z`;
    case "triangle":
      return `M${x} ${y - s * 1.15}L${x + s * 1.1} ${y + s * 0.85}H${x - s * 1.1}Z`;
    case "down":
      return `M${x} ${y + s * 1.15}L${x + s * 1.1} ${y - s * 0.85}H${x - s * 1.1}Z`;
    case "cross": {
      const t = s * 0.38;
      return `M${x - t} ${y - s}h${2 * t}v${s - t}h${s - t}v${2 * t}h${t - s}v${s - t}h${-2 * t}v${t - s}h${t - s}v${-2 * t}h${s - t}Z`;
    }
  }
}

export function Key({ items }: { readonly items: readonly { readonly label: string; readonly look: Look }[] }) {
  return (
    <ul class="key" aria-label="Key">
      {items.map(({ label, look }) => (
        <li key={label}>
          <svg width="34" height="14" aria-hidden="true">
            <line x1="1" x2="33" y1="7" y2="7" stroke={look.colour} stroke-width="2" stroke-dasharray={look.dash} />
            <Mark shape={look.shape} x={17} y={7} size={4.5} colour={look.colour} />
          </svg>
          {label}
        </li>
      ))}
    </ul>
  );
}
