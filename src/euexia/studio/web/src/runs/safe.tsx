/** Text with its headings and lists from a page of the server, and nothing else of it: no script, no style, no picture. */
import { type ComponentChild, h } from "preact";

const KEPT: ReadonlySet<string> = new Set(["h2", "h3", "h4", "p", "ul", "ol", "li", "strong", "em", "b", "i", "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "section", "br", "blockquote"]);
const DROPPED: ReadonlySet<string> = new Set(["script", "style", "template", "iframe", "object", "svg", "title", "head"]);

export function Safe({ html }: { readonly html: string }) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return <>{[...page.body.childNodes].map(kept)}</>;
}

function kept(node: Node, place: number): ComponentChild {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (!(node instanceof Element)) return null;
  const name = node.tagName.toLowerCase();
  if (DROPPED.has(name)) return null;
  const inside = [...node.childNodes].map(kept);
  if (name === "h1") return null;
  return KEPT.has(name) ? h(name, { key: place }, inside) : inside;
}
