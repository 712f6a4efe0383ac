/** A page about a run that a patient or family can read. */
import { useEffect, useState } from "preact/hooks";
import { asTrouble, get, type Trouble } from "../api";
import { number } from "../format";
import { TroubleBox } from "../frame/troubles";
import type { PlainPage } from "../types";
import { RunCode } from "./code";
import { Safe } from "./safe";

export function PlainScreen({ run }: { readonly run: string }) {
  const [page, setPage] = useState<PlainPage | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const load = (): void => {
    setTrouble(null);
    get<PlainPage>(`/api/runs/${encodeURIComponent(run)}/plain`).then(setPage).catch((problem: unknown) => setTrouble(asTrouble(problem)));
  };
  useEffect(load, [run]);
  return (
    <div class="plain-screen">
      <p class="note"><a href="#/runs">Back to the runs</a></p>
      <h1>{page?.title ?? "In plain words"}</h1>
      {trouble !== null && <TroubleBox trouble={trouble} again={load} />}
      {page !== null && (
        <>
          <article class="plain-text"><Safe html={page.html} /></article>
          <aside class="plain-terms" aria-labelledby="terms-title">
            <h2 id="terms-title">Words used here</h2>
            <dl>{page.terms.map((term) => <div key={term.term}><dt>{term.term}</dt><dd>{term.meaning}</dd></div>)}</dl>
            <p class="note">Reading level of this page: school grade {number(page.reading_grade, 1)} by the usual formula.</p>
            <div class="run-tools"><button type="button" class="plain-button" onClick={() => print()}>Print</button><RunCode run={run} /></div>
          </aside>
        </>
      )}
    </div>
  );
}
