/** One patient on a card: what is known, what it means by each definition, what would settle the rest. */
import { Drawing } from "../charts/figure";
import { linear, span } from "../charts/scale";
import { number } from "../format";
import type { Card, State } from "./types";

const SIGNS: Readonly<Record<State, string>> = { yes: "●", no: "○", unknown: "?" };

export function PatientCard({ card }: { readonly card: Card }) {
  const open = card.status.filter(({ state }) => state === "unknown");
  const settled = card.status.filter(({ state }) => state !== "unknown");
  return (
    <li class="card">
      <h3>{card.patient}</h3>
      <p class="note">{card.date}. {card.facts}.</p>
      <p>{card.summary}.</p>
      <dl class="card-lines">{card.readings.map((reading) => <div key={reading.label}><dt>{reading.label}</dt><dd>{reading.value}</dd></div>)}</dl>
      {card.weights.length > 1 && <Weights weights={card.weights} />}
      <ul class="card-definitions">{settled.map((status) => <Status key={status.label} {...status} />)}</ul>
      {open.length > 0 && <details><summary>{open.length} {open.length === 1 ? "definition" : "definitions"} cannot be said</summary><ul class="card-definitions">{open.map((status) => <Status key={status.label} {...status} />)}</ul></details>}
      {card.wanted.length > 0 && <details><summary>What would help most</summary><ul>{card.wanted.map((wanted) => <li key={wanted.text}>{wanted.text} <span class="note">{wanted.decides.length > 0 ? `settles ${wanted.decides.join(", ")}` : `helps with ${wanted.helps.slice(0, 3).join(", ")}`}</span></li>)}</ul></details>}
      <details><summary>Course and drivers</summary><ul>{[...card.trend, ...card.drivers, ...card.doubts].map((line) => <li key={line}>{line}</li>)}</ul></details>
    </li>
  );
}

function Status({ label, state, answer, why }: Card["status"][number]) {
  return <li data-outcome={state}><span class="sign" aria-hidden="true">{SIGNS[state]}</span> {label}: <b>{answer}</b>{why !== "" && <span class="note"> {why}</span>}</li>;
}

const HEIGHT = 54;

function Weights({ weights }: { readonly weights: Card["weights"] }) {
  const days = weights.map(({ date }) => Date.parse(date));
  const first = weights[0];
  const last = weights.at(-1);
  if (first === undefined || last === undefined) return null;
  const label = `Weight from ${number(first.value, 1)} kg on ${first.date} to ${number(last.value, 1)} kg on ${last.date}`;
  return (
    <Drawing height={HEIGHT} label={label}>
      {(width) => {
        const x = linear(span(days, 0), [6, width - 6]);
        const y = linear(span(weights.map(({ value }) => value)), [HEIGHT - 8, 20]);
        return (
          <>
            <text class="tick" x={0} y={12}>{number(first.value, 1)} kg</text>
            <text class="tick" x={width} y={12} text-anchor="end">{number(last.value, 1)} kg</text>
            <path d={`M${weights.map(({ value }, place) => `${x(days[place] ?? 0)} ${y(value)}`).join("L")}`} fill="none" stroke="var(--arm-1)" stroke-width="2" />
            {weights.map(({ value }, place) => <circle key={place} cx={x(days[place] ?? 0)} cy={y(value)} r="3.2" fill="var(--arm-1)" />)}
          </>
        );
      }}
    </Drawing>
  );
}
