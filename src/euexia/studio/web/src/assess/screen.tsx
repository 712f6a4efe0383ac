/** Assess real patients: a file, its columns, what cannot be trusted, cards, the cohort. Nothing leaves the machine. */
import { useEffect, useRef, useState } from "preact/hooks";
import { asTrouble, forget, get, post, type Trouble, upload as send } from "../api";
import { count } from "../format";
import { announce } from "../frame/announce";
import { CodeButton } from "../frame/code";
import { TroubleBox } from "../frame/troubles";
import { ColumnsPart } from "./columns";
import { ResultsPart } from "./results";
import type { Assessment, Mappable, Mapping, Upload } from "./types";

export function AssessScreen() {
  const [upload, setUpload] = useState<Upload | null>(null);
  const [mapping, setMapping] = useState<Mapping>({ layout: "wide" });
  const [measures, setMeasures] = useState<readonly Mappable[]>([]);
  const [result, setResult] = useState<Assessment | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [busy, setBusy] = useState("");
  const held = useRef<string | null>(null);
  const drop = (): void => {
    if (held.current !== null) forget(`/api/assess/${encodeURIComponent(held.current)}`);
    held.current = null;
  };
  useEffect(() => {
    get<readonly Mappable[]>("/api/measures").then(setMeasures).catch((problem: unknown) => setTrouble(asTrouble(problem)));
  }, []);
  useEffect(() => {
    addEventListener("pagehide", drop);
    return () => {
      removeEventListener("pagehide", drop);
      drop();
    };
  }, []);
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    setBusy(what);
    setTrouble(null);
    try {
      await work();
    } catch (problem) {
      setTrouble(asTrouble(problem));
    }
    setBusy("");
  };
  const take = (file: File): Promise<void> => attempt("Reading the file …", async () => {
    drop();
    setResult(null);
    const found = await send<Upload>("/api/assess/columns", file);
    held.current = found.upload;
    setUpload(found);
    setMapping(found.mapping);
    announce(`${found.name} is read: ${found.rows} rows, ${found.columns.length} columns.`);
  });
  const assess = (): Promise<void> => attempt("Assessing …", async () => {
    if (upload === null) return;
    const found = await post<Assessment>("/api/assess", { upload: upload.upload, mapping });
    setResult(found);
    announce(`${found.cohort.patients} patients are assessed.`);
  });
  const clear = (): void => {
    drop();
    setUpload(null);
    setResult(null);
    setTrouble(null);
  };
  return (
    <div class="sheet-screen assess">
      <header class="screen-head">
        <div class="head-title"><h1>Assess patients</h1><p class="privacy"><strong>Nothing leaves this machine.</strong> The file goes from this page to the studio on your own computer, is held in memory, and is forgotten when you leave this screen. Nothing is kept unless you save it.</p></div>
        <div class="toolbar">
          {upload !== null && <button type="button" class="plain-button" onClick={clear}>Forget the file</button>}
          <CodeButton code={result?.code ?? null} name="assess" />
        </div>
      </header>
      {upload === null && <DropPlace take={take} />}
      <p class="busy-note" role="status">{busy}</p>
      {trouble !== null && <TroubleBox trouble={trouble} />}
      {upload !== null && (
        <>
          <ColumnsPart upload={upload} measures={measures} mapping={mapping} onMap={(next) => { setMapping(next); setResult(null); }} />
          <p><button type="button" class="plain-button strong-button" disabled={busy !== ""} onClick={() => void assess()}>Assess {count(upload.rows)} rows</button></p>
        </>
      )}
      {result !== null && upload !== null && <ResultsPart result={result} upload={upload.upload} mapping={mapping} />}
    </div>
  );
}

function DropPlace({ take }: { readonly take: (file: File) => Promise<void> }) {
  const [over, setOver] = useState(false);
  const choose = (files: FileList | null | undefined): void => {
    const file = files?.item(0);
    if (file !== null && file !== undefined) void take(file);
  };
  return (
    <div class={over ? "drop over" : "drop"} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={(event) => { event.preventDefault(); setOver(false); choose(event.dataTransfer?.files); }}>
      <p class="drop-title">Drop a table here</p>
      <p class="note">CSV, TSV, Excel or Parquet: one row per patient and date, column names in the first row.</p>
      <label class="plain-button strong-button file-button">Choose a file<input class="unseen" type="file" accept=".csv,.tsv,.txt,.xlsx,.parquet" onChange={(event) => choose(event.currentTarget.files)} /></label>
    </div>
  );
}
