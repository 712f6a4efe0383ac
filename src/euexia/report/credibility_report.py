"""Write why a use of the model may be believed, and where it may not: as a page, or as Markdown to keep."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from euexia.report.content import Chapter, Listing, Prose, Table
from euexia.report.files import write_files
from euexia.report.plain_page import render_plain
from euexia.study.credibility import Category, ContextOfUse, Credibility, Judged

PAGE = "credibility.html"
TITLES = {
    Category.CODE_VERIFICATION: "Code verification",
    Category.CALIBRATION: "Model calibration",
    Category.BENCH_VALIDATION: "Bench test validation",
    Category.IN_VIVO_VALIDATION: "In vivo validation",
    Category.POPULATION_VALIDATION: "Population-based validation",
    Category.EMERGENT_BEHAVIOUR: "Emergent model behaviour",
    Category.PLAUSIBILITY: "Model plausibility",
    Category.CALCULATION_VERIFICATION: "Calculation verification and uncertainty",
}
COLUMNS = ("Figure", "Value", "Criterion", "Met", "Why this limit", "Shown at length")
LIMITS = (
    "Trials are simulated from a model of which much is assumed; euexia parameters lists every number with "
    "its status.",
    "Real patients are matched by summaries of published trials, never person by person.",
    "Coverage of held-out figures moves by several points with the draw of the trials (see the page on "
    "validation), so a criterion that is just met is not met for certain.",
    "What treatments do is uncertain beyond what the calibration could tell.",
    "The criteria, and the judgement whether they are met, are the authors' own; nobody else has assessed "
    "them.",
)


def write_credibility(folder: Path, found: Credibility, parameters_hash: str) -> Path:
    """Write the report as a page into a folder; return its path.  Raises OutputError."""
    page = render_plain(
        f"Credibility: {found.context.title}",
        chapters(found),
        eyebrow="By the categories of the FDA (2023) and ASME V&V 40",
        lead=sentences(found),
        shows="what was shown for one use of the model, and what was not",
        parameters_hash=parameters_hash,
    )
    write_files(folder, {PAGE: page.encode()})
    return folder / PAGE


def sentences(found: Credibility) -> tuple[str, ...]:
    """Return the answer in words."""
    count, missed = len(found.judged), found.missed
    met = f"{count - len(missed)} of {count} criteria, set beforehand, are met."
    if not missed:
        return (met,)
    return (met, "Not met: " + "; ".join(_in_words(entry) for entry in missed) + ".")


def _in_words(entry: Judged) -> str:
    meaning = f"{entry.figure.meaning[:1].lower()}{entry.figure.meaning[1:]}"
    return f"{meaning} is {value(entry)}, not {entry.criterion.limit}"


def value(entry: Judged) -> str:
    """Return a figure with its unit."""
    unit = "" if entry.figure.unit == "1" else f" {entry.figure.unit}"
    return f"{entry.figure.value:.3g}{unit}"


def chapters(found: Credibility) -> tuple[Chapter, ...]:
    """Return the chapters of the page."""
    context = found.context
    return (
        Chapter(id="use", title="Question and use", blocks=tuple(_use(context))),
        *(
            Chapter(
                id=category.value.replace("_", "-"),
                title=TITLES[category],
                blocks=(_evidence(found, category),),
            )
            for category in Category
        ),
        Chapter(id="limits", title="Limits", blocks=(Listing(items=tuple(("", text) for text in LIMITS)),)),
    )


def _use(context: ContextOfUse) -> Iterator[Prose | Listing]:
    yield Prose(text=context.question)
    yield Listing(
        items=(
            ("Context of use", context.use),
            ("Influence of the model", f"{context.influence.level}: {context.influence.why}"),
            ("Consequence of a wrong decision", f"{context.consequence.level}: {context.consequence.why}"),
            ("Risk of relying on the model", context.risk.value),
        )
    )


def _evidence(found: Credibility, category: Category) -> Table | Prose:
    entries = [entry for entry in found.judged if entry.criterion.category is category]
    if not entries:
        return Prose(text=f"Not applicable: {found.context.not_applicable[category]}.")
    return Table(
        caption=TITLES[category],
        columns=COLUMNS,
        rows=tuple(_row(entry) for entry in entries),
        wordy=(1, 2, 3, 4, 5),
        quiet=True,
    )


def _row(entry: Judged) -> tuple[str, ...]:
    return (
        entry.figure.meaning,
        value(entry),
        entry.criterion.limit,
        "yes" if entry.met else "NO",
        entry.criterion.why,
        entry.figure.shown,
    )


def markdown(found: Credibility) -> str:
    """Return the report as Markdown, the same bytes for the same figures."""
    context = found.context
    lines = [
        f"# Credibility: {context.title[:1].lower()}{context.title[1:]}",
        "",
        "This page is written by `euexia credibility --acknowledge`; CI computes the figures anew, and",
        "a change fails until somebody has looked at it. The categories are those of the FDA's guidance on",
        "the credibility of computational modelling (17 November 2023); influence and consequence are those",
        "of ASME V&V 40-2018. Nobody but the authors has assessed it.",
        "",
        f"**Question.** {context.question}",
        "",
        f"**Context of use.** {context.use}",
        "",
        f"**Influence of the model: {context.influence.level}**: {context.influence.why}.",
        f"**Consequence of a wrong decision: {context.consequence.level}**: {context.consequence.why}.",
        "",
        f"**Answer.** {' '.join(sentences(found))}",
        "",
    ]
    for category in Category:
        lines += [f"## {TITLES[category]}", "", *_markdown_evidence(found, category), ""]
    lines += ["## Limits", "", *(f"- {text}" for text in LIMITS), ""]
    return "\n".join(lines)


def _markdown_evidence(found: Credibility, category: Category) -> Iterator[str]:
    entries = [entry for entry in found.judged if entry.criterion.category is category]
    if not entries:
        yield f"Not applicable: {found.context.not_applicable[category]}."
        return
    yield "| " + " | ".join(COLUMNS) + " |"
    yield "|" + "---|" * len(COLUMNS)
    for entry in entries:
        yield "| " + " | ".join(_row(entry)) + " |"
