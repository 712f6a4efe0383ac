/** The frame of every screen: masthead, the screen itself, foot. */
import { signal } from "@preact/signals";
import type { ComponentChild } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { get } from "./api";
import { AssessScreen } from "./assess/screen";
import { DesignScreen } from "./design/screen";
import { EvidenceScreen } from "./evidence/screen";
import { Announcer } from "./frame/announce";
import { ThemeSwitch } from "./frame/theme";
import { ConnectionBar } from "./frame/troubles";
import { PatientScreen } from "./patient/screen";
import { place } from "./router";
import { PlainScreen } from "./runs/plain";
import { RunsScreen } from "./runs/screen";

interface About {
  readonly version: string;
  readonly research_only: string;
}

const about = signal<About | null>(null);

const SCREENS: readonly { readonly key: string; readonly label: string; readonly title: string; readonly draw: () => ComponentChild }[] = [
  { key: "design", label: "Design", title: "Design a trial", draw: () => <DesignScreen /> },
  { key: "patient", label: "Patient", title: "Follow a patient", draw: () => <PatientScreen /> },
  { key: "assess", label: "Assess", title: "Assess patients", draw: () => <AssessScreen /> },
  { key: "evidence", label: "Evidence", title: "Evidence", draw: () => <EvidenceScreen /> },
  { key: "runs", label: "Runs", title: "Runs", draw: () => <RunsScreen /> },
];

export function App() {
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const { screen } = place.value;
  const shown = screen === "plain" ? null : (SCREENS.find(({ key }) => key === screen) ?? SCREENS[0]);
  useEffect(() => {
    void get<About>("/api/about").then((found) => { about.value = found; }).catch(() => undefined);
  }, []);
  useEffect(() => {
    document.title = `${shown?.title ?? "In plain words"} · Euexia studio`;
    if (!first.current) {
      scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
    first.current = false;
  }, [screen]);
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>Skip to the screen</a>
      <Masthead screen={shown?.key ?? "runs"} />
      <ConnectionBar />
      <main id="main" tabIndex={-1} ref={main}>{shown?.draw() ?? <PlainScreen run={place.value.rest} />}</main>
      <footer class="foot">
        <p>{about.value?.research_only ?? "Research use only: Euexia is no medical device and gives no medical advice."}</p>
        <p class="note">Euexia {about.value?.version ?? ""} on your own machine. Nothing leaves it.</p>
      </footer>
      <Announcer />
    </>
  );
}

function Masthead({ screen }: { readonly screen: string }) {
  return (
    <header class="masthead">
      <a class="wordmark" href="#/design" aria-label="Euexia studio, first screen">Euexia</a>
      <nav aria-label="Screens">
        <ul>
          {SCREENS.map(({ key, label }) => <li key={key}><a href={`#/${key}`} aria-current={key === screen ? "page" : undefined}>{label}</a></li>)}
        </ul>
      </nav>
      <ThemeSwitch />
    </header>
  );
}
