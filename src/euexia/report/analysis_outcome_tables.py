"""Tables 14.2.4 to 14.2.6 of an analysed trial: means by visit, times to events, wins and losses."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from euexia.analyse.result import Curve, Result
from euexia.report.analysis_material import ONE, AnalysisMaterial
from euexia.report.analysis_numbers import (
    decimals,
    effect_unit,
    effect_with_unit,
    factor,
    interval_text,
    p_text,
    value_unit,
)
from euexia.report.analysis_people_tables import share_text
from euexia.report.clinical_table import ClinicalRow, ClinicalTable
from euexia.report.formatting import NOT_KNOWN, number, percent, range_of, sentence_case, signed

TIMES = frozenset({"log_rank", "cox", "restricted_mean", "cumulative_incidence"})
WINS = frozenset({"win_ratio", "win_odds", "net_benefit"})
ANALYSED = "Patients analysed, as the estimand of each analysis says"


def visits(material: AnalysisMaterial, source: str) -> Iterator[ClinicalTable]:
    """Give the means at every visit of each model that has them."""
    for place, (result, _) in enumerate(material.curves("means")):
        control, difference = result.control, result.curves["difference"]
        if control is None:
            continue
        arms = (result.curves[f"means.{result.arm}"], result.curves[f"means.{control}"])
        rows = [
            ClinicalRow(
                label=f"Week {number(day / 7, 0 if day % 7 == 0 else 1)}",
                cells=_visit_cells(material, result, arms, difference, visit),
            )
            for visit, day in enumerate(difference.x[ONE])
        ]
        labels = [material.styles[name].label for name in (result.arm, control)]
        level = f"{100 * result.level:g} % interval"
        unit = value_unit(result)
        covariance = result.choices.get("covariance", ("",))[ONE].replace("_", " ") or "none fitted"
        yield ClinicalTable(
            number=f"14.2.4.{place + 1}",
            title=f"Least-squares means by visit: {material.title(result)}",
            population=ANALYSED,
            columns=(
                *(f"{label}\n{what}" for label in labels for what in ("n", f"mean [{unit}] ({level})")),
                f"Difference [{effect_unit(result)}]\n({level})",
            ),
            rows=tuple(rows),
            stub="Visit",
            footnotes=(
                f"{sentence_case(result.measure_of_effect)}; covariance: {covariance}. "
                "n: patients with a reading at the visit. No adjustment for several visits.",
            ),
            source=source,
        )


def _visit_cells(
    material: AnalysisMaterial,
    result: Result,
    arms: tuple[Curve, ...],
    difference: Curve,
    visit: int,
) -> tuple[str, ...]:
    shown, times = decimals(result.unit, material.endpoints[result.endpoint]), factor(result.unit)
    cells: list[str] = []
    for curve in arms:
        cells += [number(float(curve.count[ONE, visit]), 0), _point(curve, visit, times, shown, number)]
    return (*cells, _point(difference, visit, times, shown, signed))


def _point(curve: Curve, place: int, times: float, shown: int, text: Callable[[float, int], str]) -> str:
    value, low, high = (times * float(part[ONE, place]) for part in (curve.y, curve.low, curve.high))
    return f"{text(value, shown)} ({range_of(low, high, shown)})" if np.isfinite(value) else NOT_KNOWN


def times_to_events(material: AnalysisMaterial, source: str) -> ClinicalTable | None:
    """Return events, censored times, medians and effects of every time to event; None if there is none."""
    rows: list[ClinicalRow] = []
    for result in material.results:
        if result.method not in TIMES:
            continue
        endpoint = material.endpoints[result.endpoint]
        rows.append(ClinicalRow(label=f"{material.title(result)} ({result.analysis})"))
        for suffix, arm in material.arms_of(result):
            size, events, competing, median = (
                float(result.numbers[f"{name}{suffix}"][ONE])
                for name in ("analysed", "events", "competing", "median_time")
            )
            rows.append(
                ClinicalRow(
                    label=material.styles[arm].label,
                    cells=(
                        number(size, 0),
                        share_text(int(events), int(size)),
                        number(competing, 0),
                        number(size - events - competing, 0),
                        _at_day(result, arm, endpoint.day),
                        number(median, 0) if np.isfinite(median) else "not reached",
                    ),
                    indent=1,
                )
            )
        rows.append(
            ClinicalRow(
                label=f"{sentence_case(result.measure_of_effect)}: {effect_with_unit(result, endpoint)} "
                f"({interval_text(result, endpoint)}), p {p_text(result)}",
                indent=1,
            )
        )
    if not rows:
        return None
    return ClinicalTable(
        number="14.2.5",
        title="Times to events",
        population=ANALYSED,
        columns=(
            "Analysed",
            "With event",
            "Competing event",
            "Censored",
            "Estimate at the endpoint's day [%]\n(interval)",
            "Median day",
        ),
        rows=tuple(rows),
        stub="Analysis and arm",
        footnotes=(
            "Estimate: share still without the event (Kaplan-Meier); where events compete, share with the "
            "event (Aalen-Johansen).",
        ),
        source=source,
    )


def _at_day(result: Result, arm: str, day: float) -> str:
    """Return the value of an arm's curve on a day."""
    found = [c for n, c in result.curves.items() if n in (f"survival.{arm}", f"incidence.{arm}")]
    for curve in found:
        reached = np.flatnonzero(curve.x[ONE] <= day)
        if reached.size:
            return _point(curve, int(reached[-1]), 100.0, 1, number)
    return NOT_KNOWN


def wins_and_losses(material: AnalysisMaterial, source: str) -> ClinicalTable | None:
    """Return how pairs of patients were decided, component by component; None where none were compared."""
    rows: list[ClinicalRow] = []
    for result in material.results:
        if result.method not in WINS:
            continue
        endpoint, numbers = material.endpoints[result.endpoint], result.numbers
        wins, losses, ties = (float(numbers[name][ONE]) for name in ("wins", "losses", "ties"))
        pairs = wins + losses + ties
        rows.append(ClinicalRow(label=f"{material.title(result)} ({result.analysis})"))
        for name in numbers:
            if name.startswith("wins: "):
                part = name.removeprefix("wins: ")
                won, lost = (float(numbers[f"{key}: {part}"][ONE]) for key in ("wins", "losses"))
                cells = (_pairs(won, pairs), _pairs(lost, pairs), "")
                rows.append(ClinicalRow(label=sentence_case(part), cells=cells, indent=1))
        total = (_pairs(wins, pairs), _pairs(losses, pairs), _pairs(ties, pairs))
        rows.append(ClinicalRow(label=f"All {number(pairs, 0)} pairs", cells=total, indent=1))
        rows.append(
            ClinicalRow(
                label=f"{sentence_case(result.measure_of_effect)}: {effect_with_unit(result, endpoint)} "
                f"({interval_text(result, endpoint)}), p {p_text(result)}",
                indent=1,
            )
        )
    if not rows:
        return None
    return ClinicalTable(
        number="14.2.6",
        title="Wins and losses, component by component",
        population=ANALYSED,
        columns=("Won by the arm", "Won by the control", "Tied to the end"),
        rows=tuple(rows),
        stub="Analysis and component",
        footnotes=(
            "Pairs of one patient of each arm (share of all pairs), decided by the first difference.",
        ),
        source=source,
    )


def _pairs(count: float, pairs: float) -> str:
    return f"{number(count, 0)} ({percent(count / pairs) if pairs else NOT_KNOWN})"
