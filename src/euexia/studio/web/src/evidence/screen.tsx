/** Evidence: published trials beside predictions, and every parameter with its status. */
import { useState } from "preact/hooks";
import { Tabs } from "../frame/tabs";
import { place, rewrite } from "../router";
import { ParametersPart } from "./parameters";
import { TrialsPart } from "./trials";

type Part = "trials" | "parameters";

export function EvidenceScreen() {
  const [part, setPart] = useState<Part>(place.value.asked.get("part") === "parameters" ? "parameters" : "trials");
  const choose = (next: Part): void => {
    setPart(next);
    rewrite(next === "parameters" ? "#/evidence?part=parameters" : "#/evidence");
  };
  return (
    <div class="sheet-screen">
      <header class="screen-head"><div class="head-title"><h1>Evidence</h1><p class="note">Why should you believe it? What was published, what this model says of the same trials, and where each number comes from.</p></div></header>
      <Tabs label="Parts of the evidence" chosen={part} panel="evidence-panel" onChoose={choose} tabs={[{ key: "trials", label: "Published trials" }, { key: "parameters", label: "Parameters" }]} />
      <div id="evidence-panel" role="tabpanel" class="tab-panel">{part === "trials" ? <TrialsPart /> : <ParametersPart />}</div>
    </div>
  );
}
