"""The chapter on the primary result: response rates, what the design can show, the response's parts."""

from __future__ import annotations

import numpy as np

from euexia.protocol.analysis_plan import Analysis
from euexia.report import design_facts, primary_effect
from euexia.report.answer import rejection
from euexia.report.content import Block, Chapter, Drawn, Heading, Prose, Table
from euexia.report.drawing import Picture
from euexia.report.formatting import (
    count,
    number,
    p_value,
    percent,
    percent_range,
    points,
    points_with_error,
    range_of,
    sentence_case,
    share_with_error,
    weeks,
)
from euexia.report.material import EXAMPLE, Material
from euexia.report.rate_figures import (
    RateRow,
    components_panel,
    rates_panel,
)
from euexia.report.style import ArmStyle
from euexia.statistics.proportions import clopper_pearson
from euexia.study.operating import Estimate, OperatingCharacteristics

NAN = float("nan")
LEVEL = 0.95
"""Confidence level of an interval that no planned analysis gives (an arm that only serves as control)."""


def chapter(material: Material) -> Chapter:
    """Return the primary result: of a response, or else of the effects on the primary endpoints."""
    if not material.responds:
        return primary_effect.chapter(material)
    blocks: list[Block] = [Prose(text=_what(material)), Drawn(picture=rates_picture(material))]
    if material.operating is not None:
        blocks.append(_simulated_table(material, material.operating))
    blocks += [
        _example_table(material),
        *_comparisons(material),
        *design_facts.blocks(material),
        *_components(material),
    ]
    return Chapter(id="primary", title="Primary result", blocks=tuple(blocks))


def _what(material: Material) -> str:
    return f"{material.primary.label}, week {weeks(material.primary.day)}. {_estimand(material)}".strip()


def rates_picture(material: Material) -> Picture:
    """Return the figure of response rates per arm."""
    rows = tuple(_rate_row(material, arm) for arm in material.arms)
    lines = design_facts.references(material)
    said = " ".join(f"{row.arm.label}: {_row_in_words(row)}." for row in rows)
    if material.operating is not None:
        shown = (
            f"Filled marker: mean response rate of {material.from_whom()}; band: nine of ten trials lie in "
            "it. Open marker "
            "with line: the first simulated trial alone, with its exact confidence interval."
        )
    else:
        shown = (
            f"Open marker with line: response rate of {material.from_whom()}, with its exact confidence "
            "interval."
        )
    return Picture(
        name="response-rates",
        title="Response rate per arm",
        caption=f"{shown} Dashed lines: the rates that the planned tests speak of. {_estimand(material)}",
        panels=(rates_panel(rows, lines, said),),
    )


def _estimand(material: Material) -> str:
    return next((r.estimand for r in material.results if r.endpoint == material.primary.name), "")


def _level(material: Material) -> float:
    """Return the confidence level of the planned tests of one arm, for every arm of the same table."""
    return next(
        (r.level for r in material.results if r.endpoint == material.primary.name and not r.control), LEVEL
    )


def _row_in_words(row: RateRow) -> str:
    if np.isfinite(row.mean):
        return f"mean {percent(row.mean)}, nine of ten trials between {percent_range(row.low, row.high)}"
    return f"{percent(row.one)}, interval {percent_range(row.one_low, row.one_high)}"


def _rate_row(material: Material, arm: ArmStyle) -> RateRow:
    _, _, one, low, high = single(material, arm.name)
    if material.operating is None:
        return RateRow(arm=arm, mean=NAN, low=NAN, high=NAN, one=one, one_low=low, one_high=high)
    found = material.characteristics(arm.name)
    spread = np.quantile(found.responder_rates, (0.05, 0.95)) if found.responder_rates.size else (NAN, NAN)
    return RateRow(
        arm=arm,
        mean=found.responder_rate.value,
        low=float(spread[0]),
        high=float(spread[1]),
        one=one,
        one_low=low,
        one_high=high,
    )


def single(material: Material, arm: str) -> tuple[float, float, float, float, float]:
    """Return responders, analysed, rate and interval of an arm in the example trial, as analysed."""
    for result in material.results:
        if result.endpoint == material.primary.name and result.arm == arm and result.control is None:
            numbers = (result.numbers["responders"][EXAMPLE], result.numbers["analysed"][EXAMPLE])
            return (*numbers, result.estimate[EXAMPLE], result.low[EXAMPLE], result.high[EXAMPLE])
    for result in material.results:
        if (
            result.endpoint == material.primary.name
            and result.control == arm
            and "responders_control" in result.numbers
        ):
            responders = result.numbers["responders_control"][EXAMPLE]
            analysed = result.numbers["analysed_control"][EXAMPLE]
            low, high = clopper_pearson(responders, analysed, _level(material))
            rate = responders / analysed if analysed else NAN
            return responders, analysed, rate, float(low), float(high)
    return NAN, NAN, NAN, NAN, NAN


def _simulated_table(material: Material, operating: OperatingCharacteristics) -> Table:
    tests = {test.arm: test for test in material.tests}
    null = {arm.arm: arm for arm in operating.without_effect.arms}
    rows = []
    for arm in material.arms:
        found = material.characteristics(arm.name)
        rates = found.responder_rates
        spread = percent_range(*np.quantile(rates, (0.05, 0.95))) if rates.size else percent(NAN)
        test = tests.get(arm.name)
        rows.append(
            (
                arm.label,
                share_with_error(found.responder_rate),
                spread,
                _rejection(material, test, without=False),
                share_with_error(null[arm.name].responder_rate),
                _rejection(material, test, without=True),
            )
        )
    return Table(
        caption=f"Response over {material.from_whom()}",
        columns=(
            "Arm",
            "Response rate",
            "Nine of ten trials",
            "Power: trials that reject",
            "Response rate, drug without effect",
            "False alarms: trials that reject then",
        ),
        rows=tuple(rows),
        note="± is the Monte-Carlo standard error. ‘Drug without effect’: the same patients and the same "
        "chance, but the study drug does nothing; what rejects then is an error of the first kind.",
    )


def _rejection(material: Material, test: Analysis | None, *, without: bool) -> str:
    if test is None or material.operating is None:
        return "not tested alone"
    scenario = material.operating.without_effect if without else material.operating.as_modelled
    return share_with_error(rejection(scenario, test.name).rejection)


def _example_table(material: Material) -> Table:
    rows = []
    for arm in material.arms:
        responders, analysed, rate, low, high = single(material, arm.name)
        test = next((test for test in material.tests if test.arm == arm.name), None)
        result = material.result.get(test.name) if test is not None else None
        rows.append(
            (
                arm.label,
                f"{count(responders)} of {count(analysed)}",
                percent(rate),
                percent_range(low, high),
                p_value(result.p_value[EXAMPLE]) if result is not None else "not tested alone",
                _verdict(bool(result.reject[EXAMPLE])) if result is not None else "",
            )
        )
    which = "this trial" if material.trials == 1 else "the first simulated trial, as a reader would see it"
    return Table(
        caption=f"Response in {which}",
        columns=(
            "Arm",
            "Responders",
            "Response rate",
            f"{percent(_level(material), 0)} interval",
            "p",
            "Null hypothesis",
        ),
        rows=tuple(rows),
        wordy=(5,),
    )


def _verdict(rejected: bool) -> str:
    return "rejected" if rejected else "not rejected"


def _comparisons(material: Material) -> tuple[Block, ...]:
    """Return each arm against the control, in the example trial and over all trials."""
    rows = []
    for result in material.results:
        if result.endpoint != material.primary.name or result.control is None:
            continue
        row: tuple[str, ...] = (
            f"{material.labels[result.arm]} − {material.labels[result.control]}",
            points(result.estimate[EXAMPLE]),
            range_of(100 * result.low[EXAMPLE], 100 * result.high[EXAMPLE]),
            p_value(result.p_value[EXAMPLE]),
        )
        if material.operating is not None:
            found = rejection(material.operating.as_modelled, result.analysis)
            null = rejection(material.operating.without_effect, result.analysis)
            row += (
                points_with_error(found.effect),
                share_with_error(found.rejection),
                share_with_error(null.rejection),
            )
        rows.append(row)
    if not rows:
        return ()
    columns: tuple[str, ...] = ("Comparison", "Difference (percentage points)", "Interval (points)", "p")
    if material.operating is not None:
        columns += ("Mean difference, all trials (points)", "Power", "False alarms")
    note = next(
        iter(
            r.notes[0]
            for r in material.results
            if r.endpoint == material.primary.name and r.control and r.notes
        ),
        "",
    )
    return (Table(caption="Against the control arm", columns=columns, rows=tuple(rows), note=note),)


def _components(material: Material) -> tuple[Block, ...]:
    texts = list(material.characteristics(material.arms[0].name).components)
    if not texts:
        return ()
    lines: list[tuple[str, tuple[tuple[ArmStyle, Estimate], ...]]] = [
        (
            sentence_case(text),
            tuple((arm, material.characteristics(arm.name).components[text]) for arm in material.arms),
        )
        for text in texts
    ]
    whole = tuple((arm, material.characteristics(arm.name).responder_rate) for arm in material.arms)
    lines.append(("Together: the response", whole))
    table = Table(
        caption=f"Parts of the response: share of {material.analysed()}",
        columns=("Part", *(arm.label for arm in material.arms)),
        rows=tuple((label, *(share_with_error(estimate) for _, estimate in line)) for label, line in lines),
    )
    said = " ".join(
        f"{label}: " + ", ".join(f"{arm.label} {number(100 * e.value)} %" for arm, e in line) + "."
        for label, line in lines
    )
    markers = ", ".join(f"{arm.marker_name} {arm.label}" for arm in material.arms)
    picture = Picture(
        name="components",
        title="Parts of the response",
        caption=f"Share of {material.analysed()} who meet each part alone, and all together. "
        f"Markers: {markers}. Each part is settled as the whole response is: {material.settled.words}",
        panels=(components_panel(lines, said),),
    )
    return (Heading(text="The parts of the response"), Drawn(picture=picture), table)
