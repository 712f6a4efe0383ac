"""The chapters of the report of an analysed trial: answers, data, figures, tables, each analysis, code."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from euexia.analyse.result import Result
from euexia.protocol.analysis_words import multiplicity_in_words
from euexia.report.analysis_material import ONE, AnalysisMaterial
from euexia.report.analysis_numbers import (
    effect_text,
    effect_unit,
    effect_with_unit,
    interval_text,
    number_unit,
    p_text,
)
from euexia.report.analysis_tables import arm_text, tables, tested
from euexia.report.content import Block, Chapter, Code, Drawn, Fold, Listing, Prose, Table
from euexia.report.drawing import Picture
from euexia.report.formatting import count, number, plural, sentence_case
from euexia.standards.understanding import Level

GROUPS = {
    "effects": ("Effects", ("forest",)),
    "visits": ("Means over visits", ("means",)),
    "times": ("Times to events", ("survival", "incidence")),
    "wins": ("Wins, losses and ties", ("wins",)),
    "tipping": ("How much would have to be wrong", ("tipping",)),
    "patients": ("Patient by patient", ("waterfall",)),
}
"""Chapters of figures, by the beginning of the figures' names."""
MOST_REMARKS = 30
DIGITS = 6
"""Of the numbers behind a result."""


def lead(material: AnalysisMaterial) -> tuple[str, ...]:
    """Return what was found, in sentences: the primary analyses, then what was not done."""
    primary = [r for r in tested(material) if material.planned[r.analysis].primary]
    shown = primary or [r for r in tested(material) if material.is_primary(r.analysis)]
    said = [_sentence(material, result) for result in shown]
    if not said:
        said = ["No primary analysis is among the results below."]
    unsure = [r for r in material.results if material.warnings(r)]
    missing = len(unsure) + len(material.trial.not_done)
    if missing:
        said.append(
            f"{plural(missing, 'analysis', 'analyses')} could not be estimated on these data; the reasons "
            "are given below."
        )
    return (*said, *material.trial.remarks)


def _sentence(material: AnalysisMaterial, result: Result) -> str:
    endpoint = material.endpoints[result.endpoint]
    what = f"{material.title(result)}"
    if not np.isfinite(result.estimate[ONE]):
        why = "; ".join(material.warnings(result)) or "the data do not determine it"
        return f"{what}: not estimated, because {why}."
    unit = effect_unit(result)
    printed = "" if unit == "ratio" else f" {unit}"
    decided = result.reject[ONE] if result.adjusted is None else result.adjusted.reject[ONE]
    known = np.isfinite(result.p_value[ONE]) or result.adjusted is not None
    verdict = (
        f"the null hypothesis is {'rejected' if decided else 'not rejected'}" if known else "no test is made"
    )
    level = f"{100 * result.level:g} % interval {interval_text(result, endpoint)}"
    return (
        f"{what}: {result.measure_of_effect} {effect_text(result, endpoint)}{printed} ({level}; "
        f"p {p_text(result)}); {verdict if known else 'no test is made'}."
    )


def chapters(
    material: AnalysisMaterial, drawn: Sequence[Picture], formats: Collection[str]
) -> tuple[Chapter, ...]:
    """Return the chapters in their order."""
    found = (
        _not_estimated(material),
        _data(material),
        *_figures(material, drawn),
        _tables(material, formats),
        _each(material),
        _reproduction(material),
    )
    return tuple(chapter for chapter in found if chapter is not None)


def _not_estimated(material: AnalysisMaterial) -> Chapter | None:
    said = [
        (f"{material.title(result)} ({result.analysis})", f"Not estimated, or only in part, because: {text}.")
        for result in material.results
        for text in material.warnings(result)
    ]
    said += [(each.analysis, f"Not done: {each.reason}") for each in material.trial.not_done]
    if not said:
        return None
    blocks: tuple[Block, ...] = (Listing(items=tuple(said)),)
    return Chapter(id="not-estimated", title="What was not estimated, and why", blocks=blocks)


def _data(material: AnalysisMaterial) -> Chapter:
    source = material.trial.source
    found = source.understanding
    sizes = "; ".join(f"{arm.label}: {count(material.size(arm.name))}" for arm in material.arms)
    blocks: list[Block] = [
        Prose(
            text=f"{plural(material.data.size, 'patient')} randomised ({sizes}). Read as {found.standard} "
            f"from {source.path}, SHA-256 {source.hash[:12]}."
        )
    ]
    if found.measures:
        blocks.append(
            Table(
                caption="What each measure was read from",
                columns=("Measure", "Read from"),
                rows=tuple((name, text) for name, text in found.measures.items()),
                wordy=(1,),
            )
        )
    for level in (Level.CONFLICT, Level.LEFT_OUT, Level.UNDERSTOOD):
        remarks = found.of(level)
        if remarks:
            shown = tuple((each.topic, str(each)) for each in remarks[:MOST_REMARKS])
            more = () if len(remarks) <= MOST_REMARKS else (("", f"and {len(remarks) - MOST_REMARKS} more."),)
            blocks.append(
                Fold(
                    summary=f"{sentence_case(level.value)}: {plural(len(remarks), 'remark')}",
                    blocks=(Listing(items=(*shown, *more)),),
                    open=level is Level.CONFLICT,
                )
            )
    return Chapter(id="data", title="The data", blocks=tuple(blocks))


def _figures(material: AnalysisMaterial, drawn: Sequence[Picture]) -> Iterator[Chapter]:
    for name, (title, kinds) in GROUPS.items():
        mine: list[Block] = [Drawn(picture=p) for p in drawn if p.name.split("-")[0] in kinds]
        if name == "effects":
            mine += _effects(material)
        if mine:
            yield Chapter(id=name, title=title, blocks=tuple(mine))


def _effects(material: AnalysisMaterial) -> Iterator[Block]:
    rows = tuple(
        (
            f"{material.title(result)} ({result.analysis})",
            f"{count(result.analysed[ONE])} of {count(result.randomised[ONE])}",
            *(arm_text(material, result, suffix) for suffix, _ in material.arms_of(result)),
            *(("–",) if result.control is None else ()),
            effect_with_unit(result, material.endpoints[result.endpoint]),
            interval_text(result, material.endpoints[result.endpoint]),
            p_text(result),
        )
        for result in tested(material)
    )
    columns = ("Outcome and arms", "Analysed", "Arm", "Control", "Effect [unit]", "Interval", "p")
    if rows:
        note = "Not adjusted for several tests, unless the decisions below say so."
        yield Table(caption="Every effect", columns=columns, rows=rows, wordy=(2, 3), note=note)
    plan = material.protocol.multiplicity
    if plan is not None:
        yield Prose(text=multiplicity_in_words(plan))
        yield from _decisions(material)


def _decisions(material: AnalysisMaterial) -> Iterator[Block]:
    rows = tuple(
        (
            material.title(result),
            p_text(result),
            number(float(result.adjusted.p_value[ONE]), 4),
            "rejected" if result.adjusted.reject[ONE] else "not rejected",
        )
        for result in material.results
        if result.adjusted is not None
    )
    if rows:
        columns = ("Test", "p", "Adjusted p", "Null hypothesis")
        yield Table(caption="Decisions of the tests that share one level", columns=columns, rows=rows)


def _tables(material: AnalysisMaterial, formats: Collection[str]) -> Chapter:
    rtf = ", and each as RTF for word processors in tables/" if "rtf" in formats else ""
    said = f"The tables of a clinical study report are in tables.html{rtf}."
    items = tuple((f"Table {table.number}", table.title) for table in tables(material))
    return Chapter(id="tables", title="Tables", blocks=(Prose(text=said), Listing(items=items)))


def _each(material: AnalysisMaterial) -> Chapter:
    said = (
        "Each analysis with its method, its estimand, whom it analysed, its warnings, and how to do it again."
    )
    folds = tuple(_analysis(material, result) for result in material.results)
    return Chapter(
        id="analyses", title="Every analysis, and how to do it again", blocks=(Prose(text=said), *folds)
    )


def _analysis(material: AnalysisMaterial, result: Result) -> Fold:
    code = material.reproduction(result.analysis)
    facts = [
        ("Method", f"{sentence_case(material.method_words(result))}; {result.measure_of_effect}"),
        ("Estimand", result.estimand),
        ("Analysed", f"{count(result.analysed[ONE])} of {count(result.randomised[ONE])} randomised"),
        ("Decided", _decided(result)),
        *(("Chosen", f"{name}: {texts[ONE].replace('_', ' ')}") for name, texts in result.choices.items()),
        *(("Note", note) for note in result.notes),
        *(("Warning", f"{text}.") for text in material.warnings(result)),
    ]
    rows = tuple(
        (name.replace("_", " "), _digits(float(values[ONE])), number_unit(result, name).replace("1", ""))
        for name, values in result.numbers.items()
    )
    blocks: list[Block] = [
        Prose(text=_sentence(material, result)) if result in tested(material) else Prose(text="Counts only."),
        Listing(items=tuple(fact for fact in facts if fact[1])),
        Table(caption="Numbers behind it", columns=("Number", "Value", "Unit"), rows=rows, wordy=(2,)),
        Code(label="On the command line", text=code.command),
        Code(label="In Python", text=code.python),
    ]
    if code.yaml:
        blocks.append(Code(label="In the protocol", text=code.yaml))
    return Fold(summary=f"{material.title(result)} ({result.analysis})", blocks=tuple(blocks))


def _digits(value: float) -> str:
    if not np.isfinite(value):
        return "–"
    return f"{value:,.0f}" if value == round(value) else f"{value:.{DIGITS}g}".replace("-", "−")


def _decided(result: Result) -> str:
    parts = [
        f"{name.replace('_control', ' (control)').replace('_', ' ')} {count(values[ONE])}"
        for name, values in result.settled.items()
        if values[ONE] > 0
    ]
    return "by " + ", ".join(parts) if parts else ""


def _reproduction(material: AnalysisMaterial) -> Chapter:
    trial = material.trial
    rows = tuple((name, text) for part in (trial.versions, trial.hashes) for name, text in part.items())
    blocks: tuple[Block, ...] = (
        Code(label="All of it again", text=trial.command),
        Table(caption="Versions and SHA-256 of what it rests on", columns=("What", "Value"), rows=rows),
    )
    return Chapter(id="reproduce", title="Where it comes from", blocks=blocks)
