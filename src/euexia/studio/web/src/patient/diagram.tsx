/** The body's cross-talk: who speaks to whom in this patient today, and how loudly. */
import { useState } from "preact/hooks";
import { Drawing } from "../charts/figure";
import { valueAt } from "../charts/lines";
import { number, percent, withUnit } from "../format";
import type { Link, Organ, PatientCourse, Sign } from "./types";

interface Spot {
  readonly x: number;
  readonly y: number;
}

const HEIGHT = 540;
const FULL = 540;
const RADIUS = 35;
/** Places in the body, from its middle line and from the top. */
const SPOTS: Readonly<Record<string, Spot>> = {
  brain: { x: 0, y: 50 }, tumour: { x: -185, y: 165 }, cytokines: { x: 0, y: 215 }, gdf15: { x: -95, y: 75 }, liver: { x: 185, y: 165 },
  gut: { x: 185, y: 300 }, heart: { x: -185, y: 290 }, marrow: { x: 70, y: 330 }, muscle: { x: -165, y: 420 }, fat: { x: 165, y: 420 }, bone: { x: 0, y: 490 },
  intake: { x: 150, y: 60 }, function: { x: -40, y: 370 },
};
const SIGNS: Readonly<Record<Sign, { readonly colour: string; readonly dash: string; readonly told: string }>> = {
  harms: { colour: "var(--harm)", dash: "none", told: "drives wasting" },
  protects: { colour: "var(--protect)", dash: "9 4", told: "holds against it" },
  signals: { colour: "var(--signal)", dash: "2.5 3.5", told: "carries a signal" },
};

interface DiagramProps {
  readonly course: PatientCourse;
  readonly before: PatientCourse | null;
  readonly day: number;
  readonly flowing: boolean;
}

export interface LinkNow {
  readonly link: Link;
  readonly now: number;
  readonly before: number | null;
  readonly share: number;
}

/** The strength of each link on a day. */
export function linksOn(course: PatientCourse, before: PatientCourse | null, day: number): readonly LinkNow[] {
  return course.links.map((link, place) => {
    const now = valueAt({ days: course.days, values: link.strength }, day) ?? 0;
    const old = before?.links[place];
    return {
      link,
      now,
      before: before === null || old === undefined ? null : valueAt({ days: before.days, values: old.strength }, day),
      share: Math.min(1, Math.abs(now) / (link.scale || 1)),
    };
  });
}

export function Diagram({ course, before, day, flowing }: DiagramProps) {
  const [lit, setLit] = useState<number | null>(null);
  const links = linksOn(course, before, day);
  const told = links.map(({ link, now }) => `${nameOf(course.nodes, link.source)} to ${nameOf(course.nodes, link.target)}, ${link.label}: ${strengthText(link, now)}`).join("; ");
  return (
    <div class="talk">
      <Drawing height={HEIGHT} label={`The body's cross-talk today. ${told}.`}>
        {(width) => {
          const spots = placed(course.nodes, width);
          const pills = pillSpots(course.links, spots);
          return (
            <g class={flowing ? "flowing" : ""}>
              <Heads />
              <Silhouette x={width / 2} scale={Math.min(1, width / FULL)} />
              {links.map((each, place) => <Arrow key={place} {...each} spots={spots} bend={bendOf(course.links, place)} faded={lit !== null && lit !== place} lit={lit === place} />)}
              {course.nodes.map((organ) => <Node key={organ.name} organ={organ} spot={spots.get(organ.name) ?? { x: width / 2, y: HEIGHT / 2 }} />)}
              {links.map((each, place) => <Strength key={place} {...each} spot={pills[place] ?? { x: 0, y: 0 }} lit={lit === place} faded={lit !== null && lit !== place} />)}
            </g>
          );
        }}
      </Drawing>
      <ul class="key" aria-label="Key">
        {(Object.keys(SIGNS) as Sign[]).filter((sign) => course.links.some((link) => link.sign === sign)).map((sign) => (
          <li key={sign}><svg width="36" height="12" aria-hidden="true"><line x1="1" x2="35" y1="6" y2="6" stroke={SIGNS[sign].colour} stroke-width="3" stroke-dasharray={SIGNS[sign].dash} /></svg>{SIGNS[sign].told}</li>
        ))}
        <li class="note">Wider is stronger.</li>
      </ul>
      <p class="talk-meaning note" aria-live="polite">{lit === null ? "Choose a line below to read what it means." : links[lit]?.link.meaning}</p>
      <ol class="talk-list" aria-label="What the arrows say">
        {links.map((each, place) => (
          <li key={place} onMouseEnter={() => setLit(place)} onMouseLeave={() => setLit(null)} class={lit === place ? "lit" : ""}>
            <button type="button" aria-pressed={lit === place} onFocus={() => setLit(place)} onBlur={() => setLit(null)} onClick={() => setLit(place)}>
              <span class="talk-who">{nameOf(course.nodes, each.link.source)} → {nameOf(course.nodes, each.link.target)}</span>
              <span class="talk-what">{each.link.label}</span>
              <span class="talk-bar" aria-hidden="true"><i style={{ width: `${each.share * 100}%`, background: SIGNS[signOf(each)].colour }} /></span>
              <span class="talk-value">{strengthText(each.link, each.now)}{each.before !== null && strengthText(each.link, each.before) !== strengthText(each.link, each.now) && <span class="note"> was {strengthText(each.link, each.before)}</span>}</span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}

const SHARES: ReadonlySet<string> = new Set(["share of appetite", "of healthy turnover", "of health", "1"]);

export function strengthText(link: Link, value: number): string {
  if (SHARES.has(link.unit)) return percent(value, Math.abs(value) < 0.1 ? 1 : 0);
  const size = Math.abs(value);
  return withUnit(number(value, size >= 20 ? 0 : size >= 1 ? 1 : 2), link.unit === "kcal/day" ? "kcal" : link.unit);
}

/** A signal below zero works the other way round. */
function signOf({ link, now }: LinkNow): Sign {
  return now < 0 && link.sign === "harms" ? "protects" : link.sign;
}

function nameOf(nodes: readonly Organ[], name: string): string {
  return nodes.find((node) => node.name === name)?.label ?? name;
}

function placed(nodes: readonly Organ[], width: number): ReadonlyMap<string, Spot> {
  const scale = Math.min(1, (width - 2 * RADIUS - 8) / (FULL - 2 * RADIUS - 90));
  return new Map(nodes.map((node, place) => {
    const spot = SPOTS[node.name] ?? { x: 200 * Math.cos(place), y: HEIGHT / 2 + 200 * Math.sin(place) };
    return [node.name, { x: width / 2 + spot.x * scale, y: spot.y }];
  }));
}

/** Two arrows between the same organs bend to opposite sides. */
function bendOf(links: readonly Link[], place: number): number {
  const link = links[place];
  if (link === undefined) return 0;
  const twins = links.flatMap((other, at) => (other.source === link.source && other.target === link.target ? [at] : []));
  return 22 + 34 * twins.indexOf(place);
}

interface Curve {
  readonly path: string;
  readonly along: (part: number) => Spot;
}

function curve(from: Spot, to: Spot, bend: number): Curve {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const normal = { x: -(to.y - from.y) / length, y: (to.x - from.x) / length };
  const control = { x: (from.x + to.x) / 2 + normal.x * bend, y: (from.y + to.y) / 2 + normal.y * bend };
  const start = toward(from, control, RADIUS + 3);
  const end = toward(to, control, RADIUS + 9);
  const mix = (one: number, two: number, three: number, part: number): number => (1 - part) ** 2 * one + 2 * part * (1 - part) * two + part ** 2 * three;
  return {
    path: `M${start.x} ${start.y}Q${control.x} ${control.y} ${end.x} ${end.y}`,
    along: (part) => ({ x: mix(start.x, control.x, end.x, part), y: mix(start.y, control.y, end.y, part) }),
  };
}

const PARTS = [0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78] as const;
const CLEAR_X = 58;
const CLEAR_Y = 23;

/** Where on each curve its number stands clear of the others and of the organs. */
function pillSpots(links: readonly Link[], spots: ReadonlyMap<string, Spot>): readonly Spot[] {
  const taken: Spot[] = [];
  for (const [place, link] of links.entries()) {
    const [from, to] = [spots.get(link.source), spots.get(link.target)];
    if (from === undefined || to === undefined) {
      taken.push({ x: -99, y: -99 });
      continue;
    }
    const { along } = curve(from, to, bendOf(links, place));
    const crowd = (spot: Spot): number => taken.reduce((sum, other) => sum + Math.max(0, 1 - Math.abs(spot.x - other.x) / CLEAR_X) * Math.max(0, 1 - Math.abs(spot.y - other.y) / CLEAR_Y), 0)
      + [...spots.values()].reduce((sum, organ) => sum + Math.max(0, 1 - Math.hypot(spot.x - organ.x, spot.y - organ.y) / (RADIUS + 18)), 0);
    const candidates = PARTS.map((part, order) => ({ spot: along(part), cost: crowd(along(part)) + order * 0.01 }));
    taken.push(candidates.reduce((best, each) => (each.cost < best.cost ? each : best)).spot);
  }
  return taken;
}

function toward(from: Spot, to: Spot, by: number): Spot {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return { x: from.x + ((to.x - from.x) * by) / length, y: from.y + ((to.y - from.y) * by) / length };
}

interface ArrowProps extends LinkNow {
  readonly spots: ReadonlyMap<string, Spot>;
  readonly bend: number;
  readonly lit: boolean;
  readonly faded: boolean;
}

const NARROWEST = 1.2;
const WIDEST = 9;

function Arrow(props: ArrowProps) {
  const { link, share, spots, bend, faded, lit } = props;
  const sign = signOf(props);
  const [from, to] = [spots.get(link.source), spots.get(link.target)];
  if (from === undefined || to === undefined) return null;
  const { path } = curve(from, to, bend);
  const look = SIGNS[sign];
  return (
    <g opacity={faded ? 0.18 : 0.35 + 0.65 * Math.sqrt(share)}>
      <path d={path} fill="none" stroke={look.colour} stroke-width={NARROWEST + share * WIDEST} stroke-dasharray={look.dash} marker-end={`url(#head-${sign})`} stroke-linecap={sign === "harms" ? "round" : "butt"} />
      <path class="flow" d={path} fill="none" stroke="var(--sheet)" stroke-width={Math.max(1, share * 4)} stroke-dasharray="3 17" stroke-linecap="round" />
      {lit && <path d={path} fill="none" stroke="var(--ink)" stroke-width="1" />}
    </g>
  );
}

interface PillProps extends LinkNow {
  readonly spot: Spot;
  readonly lit: boolean;
  readonly faded: boolean;
}

function Strength(props: PillProps) {
  const { link, now, spot, lit, faded } = props;
  const text = strengthText(link, now);
  const width = text.length * 6.6 + 12;
  return (
    <g opacity={faded ? 0.2 : 1}>
      <title>{`${link.label}: ${link.meaning}`}</title>
      <rect class={lit ? "pill lit" : "pill"} x={spot.x - width / 2} y={spot.y - 10} width={width} height={20} rx={10} stroke={SIGNS[signOf(props)].colour} />
      <text class="pill-text" x={spot.x} y={spot.y + 4.4} text-anchor="middle">{text}</text>
    </g>
  );
}

function Heads() {
  return (
    <defs>
      {(Object.keys(SIGNS) as Sign[]).map((sign) => (
        <marker key={sign} id={`head-${sign}`} viewBox="0 0 10 10" refX="4" refY="5" markerWidth="13" markerHeight="13" markerUnits="userSpaceOnUse" orient="auto-start-reverse">
          <path d={sign === "protects" ? "M3.2 0H6.4V10H3.2Z" : "M0 0L10 5L0 10Z"} fill={SIGNS[sign].colour} />
        </marker>
      ))}
    </defs>
  );
}

function Node({ organ, spot }: { readonly organ: Organ; readonly spot: Spot }) {
  const words = organ.label.split(" ");
  return (
    <g>
      <title>{organ.meaning}</title>
      <circle class="organ" cx={spot.x} cy={spot.y} r={RADIUS} />
      {words.map((word, place) => <text key={place} class={word.length > 9 ? "organ-name long" : "organ-name"} x={spot.x} y={spot.y + 4.5 + (place - (words.length - 1) / 2) * 14} text-anchor="middle">{word}</text>)}
    </g>
  );
}

function Silhouette({ x, scale }: { readonly x: number; readonly scale: number }) {
  return (
    <g class="silhouette" transform={`translate(${x} 0) scale(${scale} 1)`}>
      <ellipse cx="0" cy="52" rx="46" ry="50" />
      <path d="M-20 96Q-20 116 -60 122Q-112 130 -122 180L-140 300Q-144 322 -128 324Q-114 324 -110 304L-92 212L-84 300Q-90 360 -84 430L-76 530H-14L-4 372H4L14 530H76L84 430Q90 360 84 300L92 212L110 304Q114 324 128 324Q144 322 140 300L122 180Q112 130 60 122Q20 116 20 96Z" />
    </g>
  );
}
