/** Text whose identifiers and addresses are links: to the publisher, the registry, the archive.  Opened only by the reader. */
import type { ComponentChildren } from "preact";

const FOUND = /https?:\/\/[^\s,;]+[^\s,;.)]|\b10\.\d{4,9}\/[^\s,;]+[^\s,;.)]|\bNCT\d{8}\b|\bPMC\d{4,}\b/g;

const LONGEST = 40;

export function addressOf(identifier: string): string {
  if (identifier.startsWith("http")) return identifier.replace(/^http:/, "https:");
  if (identifier.startsWith("10.")) return `https://doi.org/${identifier}`;
  if (identifier.startsWith("NCT")) return `https://clinicaltrials.gov/study/${identifier}`;
  return `https://pmc.ncbi.nlm.nih.gov/articles/${identifier}/`;
}

/** A long address is told by its host: the whole of it is behind the link. */
function shown(identifier: string): string {
  if (!identifier.startsWith("http")) return identifier;
  const bare = identifier.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, "");
  return bare.length <= LONGEST ? bare : `${bare.split("/")[0] ?? bare}/…`;
}

export function SourceLink({ to, children }: { readonly to: string; readonly children: ComponentChildren }) {
  return <a class="source-link" href={to} rel="noreferrer noopener" target="_blank">{children}<span aria-hidden="true"> ↗</span><span class="unseen"> (opens in a new tab)</span></a>;
}

export function Linked({ text }: { readonly text: string }) {
  const parts: ComponentChildren[] = [];
  let last = 0;
  for (const found of text.matchAll(FOUND)) {
    parts.push(text.slice(last, found.index), <SourceLink key={found.index} to={addressOf(found[0])}>{shown(found[0])}</SourceLink>);
    last = found.index + found[0].length;
  }
  parts.push(text.slice(last));
  return <>{parts}</>;
}
