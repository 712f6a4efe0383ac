"""The chapters of the cohort report: answers, overlap, courses, gaps, doubts, method."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from euexia.assess.columns import Reference
from euexia.criteria.catalogue import DEFINITIONS
from euexia.criteria.outcome import Outcome
from euexia.report import assessment_figures as figures
from euexia.report.assessment_material import AssessmentMaterial
from euexia.report.assessment_words import label, source
from euexia.report.content import Block, Chapter, Drawn, Fold, Listing, Prose, Table
from euexia.report.drawing import Picture
from euexia.report.formatting import number, percent, plural

MOST_FINDINGS = 200
MOST_GAPS = 15
REFERENCES = {
    Reference.AT_LOOK_BACK: (
        "A loss is counted from the weight nearest to the look-back day (± 30 days for 6 months and more, "
        "± 14 days for 2 months and more, else half the look-back)."
    ),
    Reference.MAXIMUM: "A loss is counted from the largest weight within the window.",
}


def chapters(material: AssessmentMaterial) -> tuple[Chapter, ...]:
    """Return the chapters in their order; empty ones are left out."""
    found = (
        ("answers", "Who meets which definition", tuple(_answers(material))),
        ("overlap", "How the definitions overlap", _drawn(figures.overlap(material))),
        ("courses", "How patients change", _drawn(figures.courses(material))),
        ("gaps", "What is missing", tuple(_gaps(material))),
        ("doubts", "What looks wrong", tuple(_doubts(material))),
        ("method", "How this was assessed", tuple(_method(material))),
    )
    return tuple(Chapter(id=name, title=title, blocks=blocks) for name, title, blocks in found if blocks)


def lead(material: AssessmentMaterial) -> str:
    """Return the cohort in a sentence."""
    parts = []
    for name in material.main[:3]:
        counts = material.yes_no[name]
        parts.append(
            f"{label(name)} in {percent(counts.yes / counts.total, 0)} (unknown in {counts.unknown})"
        )
    if not parts:
        return f"{plural(material.patients, 'patient')}; nobody is known to meet a definition of cachexia."
    return f"{plural(material.patients, 'patient')}: {'; '.join(parts)}."


def _drawn(picture: Picture | None) -> tuple[Block, ...]:
    return () if picture is None else (Drawn(picture=picture),)


def _answers(material: AssessmentMaterial) -> Iterator[Block]:
    yield from _drawn(figures.prevalence(material))
    rows = [
        (
            label(name),
            str(c.yes),
            str(c.no),
            str(c.unknown),
            _share(c.yes, c.total),
            _share(c.yes, c.yes + c.no),
        )
        for name, c in material.yes_no.items()
    ]
    columns = ("Definition", "Yes", "No", "Unknown", "Yes, of all", "Yes, of those known")
    if rows:
        yield Table(caption="Yes or no", columns=columns, rows=tuple(rows))
    graded = [row for name, outcome in material.outcomes.items() for row in _categories(name, outcome)]
    if graded:
        yield Table(
            caption="Stages, grades and bands",
            columns=("Definition", "Category", "Patients"),
            rows=tuple(graded),
            wordy=(1,),
        )
    values = [row for name, outcome in material.outcomes.items() for row in _values(name, outcome)]
    if values:
        yield Fold(
            summary="Scores and formulas",
            blocks=(
                Table(
                    caption="Scores and formulas",
                    columns=("Score", "Patients with it", "Median", "Lower quartile", "Upper quartile"),
                    rows=tuple(values),
                ),
            ),
        )


def _share(part: int, whole: int) -> str:
    return percent(part / whole, 0) if whole else "–"


def _categories(name: str, outcome: Outcome) -> Iterator[tuple[str, str, str]]:
    if outcome.category is None:
        return
    for code, words in enumerate((*outcome.categories, "unknown")):
        index = -1 if words == "unknown" and code == len(outcome.categories) else code
        amount = int((outcome.category == index).sum())
        if amount:
            yield label(name), words, str(amount)


def _values(name: str, outcome: Outcome) -> Iterator[tuple[str, ...]]:
    if outcome.value is None:
        return
    known = outcome.value[np.isfinite(outcome.value)]
    if len(known):
        low, middle, high = (number(float(np.quantile(known, share)), 2) for share in (0.25, 0.5, 0.75))
        yield label(name), str(len(known)), middle, low, high


def _gaps(material: AssessmentMaterial) -> Iterator[Block]:
    if not material.gaps:
        return
    yield Prose(text="Readings whose absence leaves an answer open, and in how many patients.")
    rows = tuple(
        (text[:1].upper() + text[1:], str(amount), _share(amount, material.patients))
        for text, amount in material.gaps[:MOST_GAPS]
    )
    yield Table(caption="Missing readings", columns=("Reading", "Patients", "Of all"), rows=rows)


def _doubts(material: AssessmentMaterial) -> Iterator[Block]:
    findings = material.checked.findings
    if not findings:
        yield Prose(text="Nothing in the readings looked wrong.")
        return
    withheld = sum(finding.withheld for finding in findings)
    yield Prose(
        text=f"{plural(len(findings), 'thing')} looked wrong in the table. The table was not changed. "
        f"The readings of {withheld} are used in no score: what needs them is unknown rather than wrong."
    )
    rows = tuple(
        (
            finding.patient or "all",
            ", ".join(str(row) for row in finding.rows) or "–",
            finding.date or "–",
            str(finding.kind.value),
            finding.text,
            "no" if finding.withheld else "yes",
        )
        for finding in findings[:MOST_FINDINGS]
    )
    left_out = len(findings) - len(rows)
    yield Table(
        caption="Readings in doubt",
        columns=("Patient", "Row", "Date", "What", "Why", "Used"),
        rows=rows,
        wordy=(2, 3, 4),
        note=f"{left_out} more stand in findings.csv." if left_out > 0 else "",
    )


def _method(material: AssessmentMaterial) -> Iterator[Block]:
    settings = material.last.settings
    yield Listing(
        items=(
            ("Reference weight", REFERENCES[settings.reference]),
            (
                "Readings in force",
                f"A reading counts for {settings.carry:g} days; sex, height and chronic illness last.",
            ),
            ("Unknown", "A missing reading makes an answer unknown if it could still change it, never no."),
            (
                "Exact limits",
                "A loss of exactly 5 % is not more than 5 %: equality is decided before comparing.",
            ),
            ("Fluid retention", "Where it is stated, weight and what is made of it are not used."),
        )
    )
    names = tuple(material.outcomes)
    yield Fold(
        summary=f"Sources of the {len(names)} definitions assessed",
        blocks=(Listing(items=tuple((label(name), source(name)) for name in names)),),
    )
    asked = [label(name) for name in DEFINITIONS if name not in names]
    if asked:
        yield Fold(
            summary=f"{plural(len(asked), 'definition')} not assessed: nothing they are about was read",
            blocks=(Prose(text=", ".join(asked) + "."),),
        )
