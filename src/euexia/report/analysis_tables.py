"""Tables 14.2 of an analysed trial: effects, responses, visits, times to events, wins, decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from euexia.analyse.result import Result
from euexia.protocol.analysis_plan import Method
from euexia.report import analysis_people_tables as people
from euexia.report.analysis_material import CONTROL, ONE, AnalysisMaterial
from euexia.report.analysis_numbers import (
    decimals,
    effect_with_unit,
    factor,
    interval_text,
    p_text,
    value_unit,
)
from euexia.report.analysis_outcome_tables import ANALYSED, times_to_events, visits, wins_and_losses
from euexia.report.clinical_table import ClinicalRow, ClinicalTable
from euexia.report.formatting import NOT_KNOWN, SPACE, number, p_value, percent, sentence_case

NOTHING_TESTED = frozenset({Method.CATEGORY_TABLE.value})
"""Methods without an effect: their counts are the result."""
POSTERIOR = "Of a posterior, the interval is credible, and p is told from the probability of no benefit."


def tables(material: AnalysisMaterial) -> tuple[ClinicalTable, ...]:
    """Return every table, in the order of a clinical study report; those without content are left out."""
    source = _source(material)
    found = (
        people.disposition(material, source),
        people.baseline(material, source),
        people.estimands(material, source),
        people.accounting(material, source),
        _effects(material, source, primary=True),
        _effects(material, source, primary=False),
        _responders(material, source),
        *visits(material, source),
        times_to_events(material, source),
        wins_and_losses(material, source),
        _categories(material, source),
        _decisions(material, source),
        _not_estimated(material, source),
        people.adverse_events(material, source),
    )
    return tuple(table for table in found if table is not None and table.rows)


def _source(material: AnalysisMaterial) -> str:
    trial = material.trial
    made = f"{trial.command} (Euexia {trial.versions['euexia']})"
    return f"Source: data {trial.source.hash[:12]}. Made by: {made}"


def tested(material: AnalysisMaterial) -> tuple[Result, ...]:
    """Return the results that have an effect."""
    return tuple(result for result in material.results if result.method not in NOTHING_TESTED)


def _effects(material: AnalysisMaterial, source: str, *, primary: bool) -> ClinicalTable | None:
    chosen = [r for r in tested(material) if material.is_primary(r.analysis) is primary]
    if not chosen:
        return None
    rows: list[ClinicalRow] = []
    for endpoint in dict.fromkeys(result.endpoint for result in chosen):
        rows.append(ClinicalRow(label=material.endpoint_title(endpoint)))
        for result in chosen:
            if result.endpoint == endpoint:
                rows += _effect_rows(material, result)
    levels = {f"{100 * result.level:g} %" for result in chosen}
    level = f"{levels.pop()} confidence interval" if len(levels) == 1 else "Confidence interval"
    sides = {result.one_sided for result in chosen}
    p_head = "p" if len(sides) > 1 else ("p (one-sided)" if sides.pop() else "p (two-sided)")
    return ClinicalTable(
        number="14.2.1" if primary else "14.2.2",
        title="Primary analyses" if primary else "Secondary analyses",
        population=ANALYSED,
        columns=("Arm\nn of N", "Arm", "Control\nn of N", "Control", "Effect [unit]", level, p_head),
        rows=tuple(rows),
        stub="Endpoint, analysis and method",
        footnotes=(
            "n of N: analysed of randomised. A dash: not estimated; the table of what was not estimated says "
            "why. p-values are those of each test alone, not adjusted for there being several.",
            *((POSTERIOR,) if any(result.method == Method.POSTERIOR_MEAN for result in chosen) else ()),
        ),
        source=source,
    )


def _effect_rows(material: AnalysisMaterial, result: Result) -> Iterator[ClinicalRow]:
    endpoint = material.endpoints[result.endpoint]
    sizes, values = ["", ""], ["", ""]
    for place, (suffix, _) in enumerate(material.arms_of(result)):
        analysed, randomised = (result.numbers[f"{key}{suffix}"][ONE] for key in ("analysed", "randomised"))
        sizes[place] = f"{number(analysed, 0)}{SPACE}of{SPACE}{number(randomised, 0)}"
        values[place] = arm_text(material, result, suffix)
    sided = f", {100 * result.level:g} % interval" if result.level != 1 - result.alpha else ""
    yield ClinicalRow(
        label=f"{material.between(result)}: {result.measure_of_effect}; {material.method_words(result)}"
        f"{sided} ({result.analysis})",
        cells=(
            sizes[0],
            values[0],
            sizes[1],
            values[1],
            effect_with_unit(result, endpoint),
            interval_text(result, endpoint),
            p_text(result),
        ),
        indent=1,
    )


def arm_text(material: AnalysisMaterial, result: Result, suffix: str) -> str:
    """Return what one arm of a result shows, in the words of its method."""

    def get(name: str) -> float:
        return float(result.numbers[f"{name}{suffix}"][ONE])

    shown = decimals(result.unit, material.endpoints[result.endpoint])
    times = factor(result.unit)
    unit = "" if result.unit == "ratio" else f" {value_unit(result)}"
    kinds: tuple[tuple[str, Callable[[], str]], ...] = (
        ("responders", lambda: people.share_text(int(get("responders")), int(get("analysed")))),
        ("affected", lambda: people.share_text(int(get("affected")), int(get("analysed")))),
        ("incidence", lambda: f"incidence {percent(get('incidence'))}"),
        ("mean_error", lambda: _with("SE", get("mean"), get("mean_error"), times, shown, unit)),
        ("sd", lambda: _with("SD", get("mean"), get("sd"), times, shown, unit)),
        ("median", lambda: f"median {number(times * get('median'), shown)}{unit}"),
        ("events", lambda: f"{number(get('events'), 0)} events, {_median(get('median_time'))}"),
        ("deaths", lambda: f"{number(get('deaths'), 0)} deaths"),
        ("rate", lambda: percent(get("rate"))),
    )
    for name, text in kinds:
        if f"{name}{suffix}" in result.numbers:
            return text()
    if "wins" in result.numbers:
        return f"{number(float(result.numbers['losses' if suffix else 'wins'][ONE]), 0)} pairs won"
    return ""


def _with(what: str, mean: float, error: float, times: float, shown: int, unit: str) -> str:
    if not np.isfinite(mean):
        return NOT_KNOWN
    return f"mean {number(times * mean, shown)}{unit} ({what} {number(times * error, shown)})"


def _median(day: float) -> str:
    return f"median day {number(day, 0)}" if np.isfinite(day) else "median not reached"


def _responders(material: AnalysisMaterial, source: str) -> ClinicalTable | None:
    rows: list[ClinicalRow] = []
    done: set[tuple[str, str]] = set()
    for result in material.results:
        for suffix, arm in material.arms_of(result):
            estimand = material.planned[result.analysis].estimand_name
            if f"responders{suffix}" not in result.numbers or (estimand, arm) in done:
                continue
            if all(estimand != named for named, _ in done):
                rows.append(ClinicalRow(label=f"{material.endpoint_title(result.endpoint)} ({estimand})"))
            done.add((estimand, arm))
            size, hits = (int(result.numbers[f"{n}{suffix}"][ONE]) for n in ("analysed", "responders"))
            settled = [result.settled.get(f"{name}{suffix}") for name in ("death", "missing")]
            rows.append(
                ClinicalRow(
                    label=material.styles[arm].label,
                    cells=(
                        number(float(result.numbers[f"randomised{suffix}"][ONE]), 0),
                        str(size),
                        people.share_text(hits, size),
                        people.share_text(size - hits, size),
                        *(NOT_KNOWN if found is None else number(float(found[ONE]), 0) for found in settled),
                    ),
                    indent=1,
                )
            )
    if not rows:
        return None
    return ClinicalTable(
        number="14.2.3",
        title="Responders and non-responders",
        population=ANALYSED,
        columns=(
            "Randomised",
            "Analysed",
            "Responders",
            "Not responders",
            "Decided by death",
            "Decided by missing readings",
        ),
        rows=tuple(rows),
        stub="Endpoint and arm",
        footnotes=("Shares are of the patients analysed.",),
        source=source,
    )


def _categories(material: AnalysisMaterial, source: str) -> ClinicalTable | None:
    counted = [result for result in material.results if result.method in NOTHING_TESTED]
    rows: list[ClinicalRow] = []
    names: list[str] = []
    for endpoint in dict.fromkeys(result.endpoint for result in counted):
        mine = [result for result in counted if result.endpoint == endpoint]
        names = [
            n for n in mine[0].numbers if not n.endswith(CONTROL) and n not in ("randomised", "analysed")
        ]
        rows.append(ClinicalRow(label=material.endpoint_title(endpoint)))
        shown: set[str] = set()
        for result in mine:
            for suffix, arm in material.arms_of(result):
                if arm in shown:
                    continue
                shown.add(arm)
                size = int(result.numbers[f"randomised{suffix}"][ONE])
                cells = (people.share_text(int(result.numbers[f"{n}{suffix}"][ONE]), size) for n in names)
                rows.append(ClinicalRow(label=material.styles[arm].label, cells=tuple(cells), indent=1))
    if not rows:
        return None
    return ClinicalTable(
        number="14.2.7",
        title="Patients in each category",
        population=people.EVERYBODY,
        columns=tuple(sentence_case(name) for name in names),
        rows=tuple(rows),
        stub="Endpoint and arm",
        footnotes=("Shares are of the patients randomised. Unknown: died or not assessed.",),
        source=source,
    )


def _decisions(material: AnalysisMaterial, source: str) -> ClinicalTable | None:
    primary = [r for r in tested(material) if material.planned[r.analysis].primary or r.adjusted is not None]
    if not primary:
        return None
    rows = []
    for result in primary:
        adjusted = result.adjusted
        decided = bool(result.reject[ONE]) if adjusted is None else bool(adjusted.reject[ONE])
        rows.append(
            ClinicalRow(
                label=f"{material.title(result)} ({result.analysis})",
                cells=(
                    p_text(result),
                    f"{100 * (result.alpha if adjusted is None else adjusted.alpha):g} %",
                    "alone" if adjusted is None else sentence_case(adjusted.procedure),
                    NOT_KNOWN if adjusted is None else p_value(float(adjusted.p_value[ONE])),
                    "rejected" if decided else "not rejected",
                ),
            )
        )
    return ClinicalTable(
        number="14.2.8",
        title="Decisions of the primary tests, and of tests that share one level",
        population=ANALYSED,
        columns=("p", "Level", "Procedure", "Adjusted p", "Null hypothesis"),
        rows=tuple(rows),
        stub="Test",
        footnotes=tuple(material.trial.remarks),
        source=source,
    )


def _not_estimated(material: AnalysisMaterial, source: str) -> ClinicalTable | None:
    rows = [
        ClinicalRow(label=f"{material.title(result)} ({result.analysis})", cells=(text,))
        for result in material.results
        for text in material.warnings(result)
    ]
    rows += [ClinicalRow(label=each.analysis, cells=(each.reason,)) for each in material.trial.not_done]
    return ClinicalTable(
        number="14.2.9",
        title="What was not estimated, and why",
        population="",
        columns=("Reason",),
        rows=tuple(rows),
        stub="Analysis",
        source=source,
    )
