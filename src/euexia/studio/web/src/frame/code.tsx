/** The code of a screen: the YAML, the command and the Python that give the same again. */
import { useEffect, useRef, useState } from "preact/hooks";
import { saveText } from "../charts/save";
import type { Code } from "../types";
import { announce } from "./announce";
import { Tabs } from "./tabs";

type Kind = "yaml" | "command" | "python";
const KINDS: readonly { readonly key: Kind; readonly label: string; readonly file: string; readonly told: string }[] = [
  { key: "yaml", label: "YAML", file: "yaml", told: "The file that says everything. Any text editor opens it." },
  { key: "command", label: "Command", file: "sh", told: "Type this in a terminal and the same numbers come again." },
  { key: "python", label: "Python", file: "py", told: "The same from Python, for those who want to go on from there." },
];

interface CodeProps {
  readonly code: Code | null;
  readonly name: string;
  readonly startOpen?: boolean;
}

export function CodeButton({ code, name, startOpen }: CodeProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(startOpen === true);
  useEffect(() => {
    if (open && dialog.current?.open === false) dialog.current.showModal();
  }, [open]);
  return (
    <>
      <button type="button" class="plain-button code-button" disabled={code === null} aria-haspopup="dialog" onClick={() => setOpen(true)}>Code</button>
      {open && code !== null && (
        <dialog ref={dialog} class="drawer" aria-labelledby="code-title" onClose={() => setOpen(false)} onClick={(event) => { if (event.target === dialog.current) dialog.current?.close(); }}>
          <Drawer code={code} name={name} close={() => dialog.current?.close()} />
        </dialog>
      )}
    </>
  );
}

function Drawer({ code, name, close }: { readonly code: Code; readonly name: string; readonly close: () => void }) {
  const offered = KINDS.filter(({ key }) => code[key] !== "");
  const [kind, setKind] = useState<Kind>(offered[0]?.key ?? "command");
  const [copied, setCopied] = useState(false);
  const chosen = KINDS.find(({ key }) => key === kind);
  const text = code[kind];
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    announce("Copied.");
    setTimeout(() => setCopied(false), 2500);
  };
  return (
    <div class="drawer-inside">
      <header class="drawer-head">
        <h2 id="code-title">Code of this screen</h2>
        <button type="button" class="plain-button" onClick={close}>Close</button>
      </header>
      <Tabs label="Kinds of code" tabs={offered} chosen={kind} panel="code-panel" onChoose={setKind} />
      <div id="code-panel" role="tabpanel" class="code-panel">
        <p class="note">{chosen?.told}</p>
        <p class="figure-tools">
          <button type="button" class="plain-button" onClick={() => void copy()}>{copied ? "Copied" : "Copy"}</button>
          <button type="button" class="plain-button" onClick={() => saveText(text, `${name}.${chosen?.file ?? "txt"}`)}>Download {name}.{chosen?.file}</button>
        </p>
        <pre class="code" tabIndex={0} aria-label={`${chosen?.label ?? ""} of this screen`}>{text}</pre>
      </div>
    </div>
  );
}
