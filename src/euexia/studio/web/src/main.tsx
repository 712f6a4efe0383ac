/** Begin: wait a moment for the fonts that came with the page, so that no line of text moves later; then draw. */
import { render } from "preact";
import { App } from "./app";
import { loadGlossary } from "./frame/terms";

const LONGEST_WAIT_MS = 600;

async function fontsReady(): Promise<void> {
  const wanted = ['16px "Source Sans 3 Variable"', '16px "Source Serif 4 Variable"'].map((font) => document.fonts.load(font));
  await Promise.race([Promise.allSettled(wanted), new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT_MS))]);
}

async function begin(): Promise<void> {
  const root = document.getElementById("app");
  if (root === null) return;
  await fontsReady();
  root.replaceChildren();
  render(<App />, root);
  void loadGlossary().catch(() => undefined);
}

void begin();
