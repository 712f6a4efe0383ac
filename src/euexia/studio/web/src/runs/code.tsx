/** The code of a run, fetched when it is asked for: a list of runs need not carry all their files. */
import { useState } from "preact/hooks";
import { asTrouble, get, type Trouble } from "../api";
import { CodeButton } from "../frame/code";
import { TroubleBox } from "../frame/troubles";
import type { Code } from "../types";

export function RunCode({ run }: { readonly run: string }) {
  const [code, setCode] = useState<Code | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const load = (): void => {
    setTrouble(null);
    get<{ code: Code }>(`/api/runs/${encodeURIComponent(run)}`).then((found) => setCode(found.code)).catch((problem: unknown) => setTrouble(asTrouble(problem)));
  };
  if (trouble !== null) return <TroubleBox trouble={trouble} again={load} />;
  if (code !== null) return <CodeButton code={code} name="run" startOpen />;
  return <button type="button" class="plain-button" aria-haspopup="dialog" onClick={load}>Code</button>;
}
