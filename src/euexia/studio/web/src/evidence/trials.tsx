/** Published studies as they stand in print; trials that a shipped protocol simulates with a prediction beside. */
import { useEffect, useState } from "preact/hooks";
import { asTrouble, get, type Trouble } from "../api";
import { count } from "../format";
import { addressOf, Linked, SourceLink } from "../frame/linked";
import { TroubleBox } from "../frame/troubles";
import { place, rewrite } from "../router";
import { StudyView } from "./study";
import type { Study } from "./types";

const REGISTRATION = /\d{4}/;

export function TrialsPart() {
  const [studies, setStudies] = useState<readonly Study[]>([]);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [open, setOpen] = useState(place.value.asked.get("study") ?? "");
  const [sought, setSought] = useState("");
  const load = (): void => {
    setTrouble(null);
    get<readonly Study[]>("/api/evidence").then((found) => {
      setStudies(found);
      setOpen((chosen) => (chosen !== "" ? chosen : (found.find(({ protocols }) => protocols.length > 0)?.study ?? "")));
    }).catch((problem: unknown) => setTrouble(asTrouble(problem)));
  };
  useEffect(load, []);
  const choose = (study: string): void => {
    setOpen(study);
    rewrite(`#/evidence?study=${encodeURIComponent(study)}`);
  };
  const text = sought.trim().toLowerCase();
  const fitting = studies.filter((study) => text === "" || `${study.study} ${study.citation} ${study.population} ${study.treatment} ${study.registry.join(" ")}`.toLowerCase().includes(text));
  const groups = [
    { title: "Simulated by a shipped protocol", members: fitting.filter(({ protocols }) => protocols.length > 0) },
    { title: "Other trials", members: fitting.filter(({ protocols, topic }) => protocols.length === 0 && topic === "trial") },
    { title: "What the model is built on and checked with", members: fitting.filter(({ protocols, topic }) => protocols.length === 0 && topic !== "trial") },
  ];
  return (
    <div class="evidence">
      {trouble !== null && <TroubleBox trouble={trouble} again={load} />}
      <nav class="study-list" aria-label="Published studies">
        <label class="find"><span class="unseen">Find a study</span><input type="search" placeholder={`Find among ${count(studies.length)} studies`} value={sought} onInput={(event) => setSought(event.currentTarget.value)} /></label>
        <div class="study-groups" tabIndex={0} role="region" aria-label="Studies">
          {groups.filter(({ members }) => members.length > 0).map(({ title, members }) => (
            <section key={title}>
              <h2>{title}</h2>
              <ul>{members.map((study) => (
                <li key={study.study}><button type="button" aria-current={study.study === open ? "true" : undefined} onClick={() => choose(study.study)}>
                  <span>{study.treatment === "" ? study.study.replaceAll("_", " ") : `${study.treatment}: ${study.study.replaceAll("_", " ")}`}</span>
                  <span class="note">{[study.population, ...study.registry.filter((each) => REGISTRATION.test(each))].filter((part) => part !== "").join(" · ")}</span>
                </button></li>
              ))}</ul>
            </section>
          ))}
        </div>
      </nav>
      <div class="study">{open !== "" && <StudyView key={open} name={open} />}</div>
    </div>
  );
}

export function Sources({ study, sources }: { readonly study: Study; readonly sources: readonly string[] }) {
  return (
    <ul class="sources" aria-label="Sources">
      {study.doi !== "" && <li><SourceLink to={addressOf(study.doi)}>doi:{study.doi}</SourceLink></li>}
      {study.registry.filter((each) => /^NCT\d{8}$/.test(each)).map((each) => <li key={each}><SourceLink to={addressOf(each)}>{each}</SourceLink></li>)}
      {sources.map((source) => <li key={source}><Linked text={source} /></li>)}
    </ul>
  );
}
