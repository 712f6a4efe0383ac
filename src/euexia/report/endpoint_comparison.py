"""Write a comparison of endpoints: one page, a table, and every figure for programs."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any

from markupsafe import Markup

from euexia.report import endpoint_comparison_words as words
from euexia.report.content import Chapter, Drawn, Fold, Heading, Listing, Prose, Table
from euexia.report.drawing import Drawings
from euexia.report.endpoint_comparison_figure import picture
from euexia.report.files import FIGURES, REPORT, RESULTS, write_files
from euexia.report.formatting import NOT_KNOWN, count, joined, number, share_with_error, weeks
from euexia.report.page import page_environment, template_source
from euexia.study.endpoint_comparison import POWERS, Comparison, Verdict
from euexia.study.endpoint_comparison_plan import Pair
from euexia.study.store import check_folder
from euexia.version import __version__

SCHEMA = "euexia-endpoints/1"
TABLE = "endpoints.csv"
PROTOCOL = "protocol.yaml"


def write_comparison(folder: Path, comparison: Comparison) -> Path:
    """Write the page, its figures and its numbers into a new folder; return the path of the page.

    Raises InputError for a folder that is not empty, OutputError when it cannot be written.
    """
    check_folder(folder)
    return write_files(folder, comparison_files(comparison))


def comparison_files(comparison: Comparison) -> dict[str, bytes]:
    """Return every file of a comparison, by its path inside the folder; equal arguments give equal bytes."""
    content = comparison_chapters(comparison)
    drawings = Drawings()
    found: dict[str, bytes] = {}
    for chapter in content:
        for drawn in chapter.pictures():
            found |= {f"{FIGURES}/{name}": file for name, file in drawings.files(drawn).items()}
    page = (
        page_environment()
        .get_template("endpoints.html")
        .render(
            title=comparison.protocol.title,
            eyebrow="Which endpoint should this trial use?",
            about=partial(comparison),
            lead=words.sentences(comparison),
            chapters=content,
            inline_svg=drawings.inline_svg,
            style=Markup(template_source("report.css")),  # our own file, not something given
            version=__version__,
            command=comparison.provenance.command,
        )
    )
    return found | {
        REPORT: page.encode(),
        RESULTS: to_json(comparison).encode(),
        TABLE: table_text(comparison).encode(),
        PROTOCOL: comparison.protocol.source_text.encode(),
    }


def partial(comparison: Comparison) -> str:
    """Return what was left undone because the run was stopped; empty where nothing was."""
    parts = []
    if comparison.trials < comparison.planned_trials:
        parts.append(
            f"The run was stopped early: {count(comparison.trials)} of {count(comparison.planned_trials)} "
            "planned trials. All figures are of the finished trials."
        )
    if not comparison.sized:
        parts.append("The search for sizes was stopped early; those that are missing were not looked for.")
    return " ".join(parts)


def comparison_chapters(comparison: Comparison) -> tuple[Chapter, ...]:
    """Return the chapters of the page."""
    several = len(comparison.plan.pairs) > 1
    compared = tuple(
        Chapter(
            id=f"arm-{pair.arm}-{pair.control}".replace("_", "-"),
            title=words.arms_in_words(comparison, pair) if several else "Every endpoint",
            blocks=(
                Drawn(picture=picture(comparison, pair)),
                _power_table(comparison, pair),
                _size_table(comparison, pair),
                _published_table(comparison, pair),
            ),
        )
        for pair in comparison.plan.pairs
    )
    return (*compared, _meaning(comparison), _methods(comparison))


def _power_table(comparison: Comparison, pair: Pair) -> Table:
    rows = tuple(
        (
            verdict.label,
            share_with_error(verdict.power),
            share_with_error(verdict.type_one),
            words.effects(verdict),
            number(verdict.standardised, 2),
            words.needed(verdict.needed.get(words.FIRST_POWER)),
            words.lost(verdict),
            words.fate(verdict),
        )
        for verdict in comparison.of(pair)
    )
    return Table(
        caption=f"{words.arms_in_words(comparison, pair)}: the same trials, judged by every endpoint",
        columns=(
            "Endpoint",
            "Power",
            "Type I error",
            "Effect",
            "Standardised effect",
            "Patients for 80 %",
            "Lost to the endpoint",
            "Published",
        ),
        rows=rows,
        wordy=(6, 7),
    )


def _size_table(comparison: Comparison, pair: Pair) -> Fold:
    """Return how many patients each power takes, and what supports that."""
    rows = []
    for verdict in comparison.of(pair):
        cells: list[str] = []
        for power in POWERS:
            found = verdict.needed.get(power)
            formula = NOT_KNOWN if found is None or found.formula is None else count(found.formula)
            cells += [words.needed(found), words.checked(found), formula]
        rows.append((verdict.label, *cells))
    table = Table(
        caption="Patients in the two arms, power of drawn trials of that size, and the formula",
        columns=("Endpoint", "For 80 %", "checked", "by formula", "For 90 %", "checked", "by formula"),
        rows=tuple(rows),
        quiet=True,
    )
    return Fold(summary="Sizes for 80 % and 90 %, checked", blocks=(table,))


def _published_table(comparison: Comparison, pair: Pair) -> Fold:
    rows = {
        (fate.study, fate.row): (
            fate.words,
            fate.measure,
            f"{fate.study}, {fate.row}",
            f"{fate.source}{'' if fate.verified else ' (not seen at the source)'}",
        )
        for verdict in comparison.of(pair)
        for fate in verdict.fates
    }
    if not rows:
        nothing = "No published result of these endpoints is among the evidence."
        return Fold(summary="Published results", blocks=(Prose(text=nothing),))
    table = Table(
        caption="Published results of these endpoints",
        columns=("As printed", "Measure", "Row of evidence", "Source"),
        rows=tuple(rows.values()),
        wordy=(1, 2, 3),
        quiet=True,
    )
    return Fold(summary="Published results, row by row", blocks=(table,))


def _meaning(comparison: Comparison) -> Chapter:
    verdicts = comparison.of(comparison.plan.pairs[0])
    table = Table(
        caption="What each endpoint tells",
        columns=("Endpoint", "Week read", "What it means for the patient", "Regulators and guidelines"),
        rows=tuple(
            (verdict.label, weeks(verdict.day), verdict.about, words.accepted(verdict))
            for verdict in verdicts
        ),
        wordy=(2, 3),
        note="Regulators and guidelines: only what a study among the evidence says; silence is not refusal.",
    )
    by_estimand: dict[str, list[str]] = {}
    for verdict in verdicts:
        said = " ".join(dict.fromkeys(effect.estimand for effect in verdict.effects))
        by_estimand.setdefault(said, []).append(verdict.short)
    estimands = Listing(
        items=tuple(
            (joined(tuple(names))[:1].upper() + joined(tuple(names))[1:], said)
            for said, names in by_estimand.items()
        )
    )
    blocks = (table, Heading(text="What death and missing readings do"), estimands)
    return Chapter(id="meaning", title="What each tells", blocks=blocks)


def _methods(comparison: Comparison) -> Chapter:
    assumed = Listing(items=tuple((entry.about, entry.text) for entry in comparison.protocol.assumptions))
    folded = (Fold(summary="Assumptions of the protocol", blocks=(assumed,)),) if assumed.items else ()
    return Chapter(
        id="method",
        title="How it was found",
        blocks=(*(Prose(text=text) for text in words.method_words(comparison)), *folded),
    )


def to_json(comparison: Comparison) -> str:
    """Return every figure as JSON text: schema ``euexia-endpoints/1``; what is not known is null."""
    made = comparison.provenance
    content = {
        "schema": SCHEMA,
        "protocol": comparison.protocol.id,
        "size": comparison.plan.variant.size,
        "day": comparison.plan.day,
        "trials": {"summarised": comparison.trials, "planned": comparison.planned_trials},
        "pooled_patients": comparison.pooled_patients,
        "seed": comparison.seed,
        "versions": dict(sorted(made.versions.items())),
        "hashes": dict(sorted(made.hashes.items())),
        "command": made.command,
        "answer": list(words.sentences(comparison)),
        "verdicts": [_plain(verdict) for verdict in comparison.verdicts],
    }
    return json.dumps(_plain(content), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {entry.name: _plain(getattr(value, entry.name)) for entry in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value


COLUMNS = (
    "arm", "control", "endpoint", "label", "day", "power", "power_error", "type_one", "type_one_error",
    "effect", "effect_error", "unit", "measure_of_effect", "standardised",
    "patients_80", "low_80", "high_80", "checked_80", "formula_80",
    "patients_90", "low_90", "high_90", "checked_90", "formula_90",
    "died", "lost_by_death", "lost_by_leaving", "lost_by_missed_visit", "counted_as_failure",
    "published", "published_met", "trials",
)  # fmt: skip


def table_text(comparison: Comparison) -> str:
    """Return one row for each endpoint and pair of arms as CSV; what is not known is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for verdict in comparison.verdicts:
        writer.writerow([_cell(value) for value in _values(verdict)])
    return text.getvalue()


def _values(verdict: Verdict) -> Iterator[Any]:
    yield from (verdict.pair.arm, verdict.pair.control, verdict.judgement, verdict.label, verdict.day)
    yield from (verdict.power.value, verdict.power.error, verdict.type_one.value, verdict.type_one.error)
    single = verdict.effects[0] if len(verdict.effects) == 1 else None
    yield from (
        (None, None, "", "")
        if single is None
        else (single.estimate.value, single.estimate.error, single.unit, single.measure_of_effect)
    )
    yield verdict.standardised
    for power in POWERS:
        found = verdict.needed.get(power)
        if found is None or found.patients is None:
            yield from (None, None, None, None, None if found is None else found.formula)
        else:
            power_there = None if found.checked is None else found.checked.value
            yield from (found.patients, found.low, found.high, power_there, found.formula)
    yield from verdict.losses.values()
    yield words.fate(verdict) if verdict.fates else None
    yield verdict.met
    yield verdict.power.trials


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return ""
    return repr(value) if isinstance(value, float) else str(value)
