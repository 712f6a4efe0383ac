"""The chapter on the patients' flow: from screening to analysis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.report.content import Chapter, Drawn, Fold, Prose, Table
from euexia.report.drawing import Picture
from euexia.report.flow_figure import ArmFlow, Flow, Step, flow_panels
from euexia.report.formatting import count, percent, plural, share_with_error, weeks
from euexia.report.material import EXAMPLE, Material
from euexia.report.style import ArmStyle

MOST_REASONS = 5
Flags = NDArray[np.bool_]


def chapter(material: Material) -> Chapter:
    """Return the flow diagram of the example trial, and the disposition over all trials."""
    flow = build_flow(material)
    picture = Picture(
        name="flow",
        title="Flow of patients",
        caption=_caption(material),
        panels=flow_panels(flow),
    )
    blocks = (
        Drawn(picture=picture),
        disposition(material),
        Fold(summary="The flow in words", blocks=_words(flow)),
    )
    return Chapter(id="patients", title="Patients, from screening to analysis", blocks=blocks)


def _caption(material: Material) -> str:
    which = "this trial" if material.trials == 1 else "one simulated trial, the first"
    mean = "" if material.operating is None else " Means over all simulated trials stand in brackets."
    who = (
        "Everybody randomised is analysed; patients who died or left before the assessment keep their place, "
        "as the estimand says."
        if material.everybody_counts
        else f"Who is analysed is as the estimand says. {material.settled.words}"
    )
    return (
        f"In {which}: {plural(material.data.size, 'patient')} randomised.{mean} A candidate may be refused "
        f"for several reasons. {who}"
    )


def _words(flow: Flow) -> tuple[Prose, ...]:
    steps = [step for step in (flow.screened, flow.refused, flow.randomised) if step is not None]
    parts = [_sentence(step) for step in steps]
    parts += [f"{arm.arm.label}. " + " ".join(_sentence(step) for step in arm.steps) for arm in flow.arms]
    return tuple(Prose(text=text) for text in parts)


def _sentence(step: Step) -> str:
    return f"{step.head}: {'; '.join(step.details)}." if step.details else f"{step.head}."


def build_flow(material: Material) -> Flow:
    """Return the flow of the example trial, with means over all trials in brackets where there are any."""
    screened, refused = _screening(material)
    return Flow(
        screened=screened,
        refused=refused,
        randomised=Step(head=f"{count(material.data.size)} randomised"),
        arms=tuple(_arm(material, arm) for arm in material.arms),
    )


def _screening(material: Material) -> tuple[Step | None, Step | None]:
    log = material.data.screening
    if log is None:
        return None, None
    here = log.trial == EXAMPLE
    enrolled = log.enrolled[here]
    mean, mean_refused = "", ""
    if material.operating is not None:
        known = material.operating.screening
        mean = f" (mean {count(round(known.screened.value, 1))})"
        mean_refused = f" (mean {count(round(known.screened.value - known.enrolled.value, 1))})"
    failures = (log.failed[here] == 1).sum(axis=0)
    names = {criterion.id: criterion.text for criterion in material.protocol.eligibility}
    order = np.argsort(-failures, kind="stable")
    reasons = [f"{failures[k]}  {names.get(log.criteria[k], log.criteria[k])}" for k in order if failures[k]]
    shown = tuple(reasons[:MOST_REASONS])
    if len(reasons) > MOST_REASONS:
        shown += (f"and {plural(len(reasons) - MOST_REASONS, 'more reason')}, see Screening",)
    return (
        Step(head=f"{count(len(enrolled))} screened{mean}"),
        Step(head=f"{count(int((~enrolled).sum()))} refused{mean_refused}; not met:", details=shown),
    )


def _arm(material: Material, arm: ArmStyle) -> ArmFlow:
    response, mine = material.response, material.example(arm.name)
    dead, withdrawn = response.dead[EXAMPLE] & mine, response.withdrawn[EXAMPLE] & mine
    stopped = response.stopped[EXAMPLE] & mine & ~dead & ~withdrawn
    unknown = np.isnan(response.value[EXAMPLE]) & mine & ~dead & ~withdrawn
    responders = material.responders[EXAMPLE] & mine
    week = weeks(material.primary.day)

    def said(flags: Flags, text: str, key: str) -> str:
        return f"{count(int(flags.sum()))} {text}{_mean(material, arm.name, key)}"

    return ArmFlow(
        arm=arm,
        steps=(
            Step(head=arm.label, details=(plural(int(mine.sum()), "patient"),)),
            Step(
                head=f"Before week {week}",
                details=(
                    said(dead, "died", "died"),
                    said(withdrawn, "withdrew", "withdrew"),
                    said(stopped, "stopped treatment, stayed", "stopped_treatment"),
                    f"{count(int(unknown.sum()))} in the trial, not assessed",
                ),
            ),
            Step(
                head=f"{count(int((material.settled.included[EXAMPLE] & mine).sum()))} analysed",
                details=(f"{plural(int(responders.sum()), 'responder')}",) if material.responds else (),
            ),
        ),
    )


def _mean(material: Material, arm: str, key: str) -> str:
    found = material.characteristics(arm)
    if material.operating is None or key not in found.disposition:
        return ""
    return f" ({count(round(found.disposition[key].value * found.patients, 1))})"


DISPOSITION = {
    "completed": "In the trial",
    "died": "Died",
    "withdrew": "Withdrew",
    "stopped_treatment": "Stopped treatment but stayed",
}


def disposition(material: Material) -> Table:
    """Return what became of the patients by the primary assessment, per arm."""
    rows = tuple(
        (
            arm.label,
            count(material.characteristics(arm.name).patients),
            *(
                share_with_error(material.characteristics(arm.name).disposition[key])
                if material.operating is not None
                else percent(material.characteristics(arm.name).disposition[key].value)
                for key in DISPOSITION
            ),
        )
        for arm in material.arms
    )
    return Table(
        caption=f"By week {weeks(material.primary.day)}: share of {material.from_whom()}",
        columns=("Arm", "Patients per trial", *DISPOSITION.values()),
        rows=rows,
    )
