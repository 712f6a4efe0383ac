"""The chapters on adverse events and on screening."""

from __future__ import annotations

import numpy as np

from euexia.report.content import Block, Chapter, Drawn, Prose, Table
from euexia.report.drawing import Picture
from euexia.report.formatting import (
    count,
    percent,
    sentence_case,
    share_with_error,
    value_with_error,
    weeks,
)
from euexia.report.material import EXAMPLE, Material
from euexia.report.safety_figures import events_panel, refusals_panel
from euexia.study.operating import Estimate

GRADES = (1, 2, 3, 4, 5)
SEVERE = "_grade_3_or_more"
SERIOUS = "serious_adverse_event"
NONE = Estimate(value=float("nan"), error=float("nan"), trials=0)


def chapter(material: Material) -> Chapter:
    """Return adverse events per arm: any grade, grade 3 or more, and by worst grade."""
    terms = _terms(material)
    if not terms:
        blocks: tuple[Block, ...] = (Prose(text="No adverse events were recorded."),)
        return Chapter(id="safety", title="Adverse events", blocks=blocks)
    period = weeks(material.protocol.schedule.follow_up)
    shares = [_share(material, arm.name, term).value for arm in material.arms for term in terms]
    right = min(1.0, max([share for share in shares if np.isfinite(share)] + [0.05]) * 1.12)
    panels = []
    for arm in material.arms:
        lines = [
            (sentence_case(term), _share(material, arm.name, term), _share(material, arm.name, term + SEVERE))
            for term in terms
        ]
        said = "; ".join(
            f"{label} {percent(a.value)}, grade 3 or more {percent(s.value)}" for label, a, s in lines
        )
        panels.append(events_panel(arm, lines, right, f"{arm.label}: {said}."))
    picture = Picture(
        name="adverse-events",
        title="Adverse events: share of patients",
        caption=f"Share of {material.from_whom()} with each event up to week {period}. Pale bar with its "
        "number: any grade; hatched bar: grade 3 or more. Patients who died or withdrew stay in the "
        "denominator; their events count up to then.",
        panels=tuple(panels),
        columns=3,
    )
    blocks = (Drawn(picture=picture), _shares_table(material, terms, period), _grades_table(material, period))
    return Chapter(id="safety", title="Adverse events", blocks=blocks)


def _terms(material: Material) -> list[str]:
    found = material.characteristics(material.arms[0].name).adverse_events
    return [term for term in found if not term.endswith(SEVERE)]


def _share(material: Material, arm: str, term: str) -> Estimate:
    return material.characteristics(arm).adverse_events.get(term, NONE)


def _shares_table(material: Material, terms: list[str], period: str) -> Table:
    rows = tuple(
        (
            f"{sentence_case(term)}{grade}",
            *(share_with_error(_share(material, arm.name, key)) for arm in material.arms),
        )
        for term in terms
        for key, grade in _rows_of(term)
    )
    return Table(
        caption=f"Adverse events up to week {period}: share of {material.from_whom()}",
        columns=("Event", *(arm.label for arm in material.arms)),
        rows=rows,
    )


def _rows_of(term: str) -> tuple[tuple[str, str], ...]:
    """Return the rows of one event; a serious one is serious whatever its grade."""
    return ((term, ""),) if term == SERIOUS else ((term, ", any grade"), (term + SEVERE, ", grade ≥ 3"))


def _grades_table(material: Material, period: str) -> Table:
    """Count patients of the example trial by the worst grade of each event."""
    events = material.data.events
    here = events.trial == EXAMPLE
    rows = []
    for term in sorted(set(events.term[here].tolist())):
        chosen = here & (events.term == term)
        worst = np.zeros(material.data.size, dtype=np.int64)
        np.maximum.at(worst, events.subject[chosen], events.grade[chosen])
        for arm in material.arms:
            mine = worst[material.example(arm.name)]
            rows.append(
                (sentence_case(term), arm.label, *(count(int((mine == grade).sum())) for grade in GRADES))
            )
    which = "this trial" if material.trials == 1 else "the first simulated trial"
    return Table(
        caption=f"Patients of {which} by the worst grade of each event (CTCAE), up to week {period}",
        columns=("Event", "Arm", *(f"Grade {grade}" for grade in GRADES)),
        rows=tuple(rows),
        wordy=(1,),
    )


def screening(material: Material) -> Chapter | None:
    """Return how many were screened and why candidates were refused; None without a screening log."""
    found = material.screening
    if found is None:
        return None
    names = {criterion.id: criterion.text for criterion in material.protocol.eligibility}
    rows = sorted(
        ((names.get(name, name), share) for name, share in found.refused.items() if share.value > 0),
        key=lambda row: -row[1].value,
    )
    per = "" if material.trials == 1 else " per trial"
    said = (
        f"{value_with_error(found.screened)} candidates screened{per} for {count(found.enrolled.value)} "
        "enrolled; recruitment "
        f"takes {value_with_error(found.months)} months."
    )
    blocks: list[Block] = [Prose(text=said)]
    if rows:
        words = "; ".join(f"{label}: {percent(share.value)}" for label, share in rows)
        caption = (
            f"Share of screened candidates who did not meet each criterion, {_trials(material)}. One "
            "candidate may fail several, "
            "and the history of weight is looked at only when the rest is met. Screening comes before "
            "randomisation: nobody "
            "here has died or is missing."
        )
        panel = refusals_panel(rows, words)
        blocks.append(
            Drawn(
                picture=Picture(
                    name="screening",
                    title="Share not meeting each criterion",
                    caption=caption,
                    panels=(panel,),
                )
            )
        )
        cells = tuple((label, share_with_error(share)) for label, share in rows)
        columns = ("Criterion not met", "Share of candidates")
        blocks.append(Table(caption="Why candidates were refused", columns=columns, rows=cells))
    return Chapter(id="screening", title="Screening", blocks=tuple(blocks))


def _trials(material: Material) -> str:
    return "this trial" if material.trials == 1 else f"{material.trials:,} simulated trials"
