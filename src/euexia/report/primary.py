"""The chapter on the primary result: response rates, what the design can and cannot show, and the parts of the response."""

from __future__ import annotations

import numpy as np

from euexia.core.proportions import clopper_pearson
from euexia.protocol.protocol import Analysis
from euexia.report.answer import rejection
from euexia.report.content import Block, Chapter, Drawn, Heading, Prose, Table
from euexia.report.drawing import Picture
from euexia.report.formatting import count, number, p_value, percent, percent_range, sentence_case, share_with_error, weeks
from euexia.report.material import EXAMPLE, Material
from euexia.report.rate_figures import (
    Curve,
    Mark,
    RateRow,
    components_panel,
    distribution_panel,
    power_panel,
    rate_shares,
    rates_panel,
)
from euexia.report.style import ArmStyle
from euexia.study.operating import Estimate

NAN = float("nan")
LEVEL = 0.95
"""Confidence level of an interval that no planned analysis gives (an arm that only serves as control)."""


def references(material: Material) -> tuple[tuple[float, str], ...]:
    """Return the response rates that the planned tests speak of, with their labels."""
    found = {test.null for test in material.tests} | {test.alternative for test in material.tests}
    return tuple((rate, percent(rate, 0)) for rate in sorted(rate for rate in found if rate is not None))


def chapter(material: Material) -> Chapter:
    """Return the primary result."""
    blocks: list[Block] = [Prose(text=_what(material)), Drawn(picture=rates_picture(material))]
    if material.operating is not None:
        blocks.append(_simulated_table(material))
    blocks += [_example_table(material), *_comparisons(material), *_design(material), *_components(material)]
    return Chapter(id="primary", title="Primary result", blocks=tuple(blocks))


def _what(material: Material) -> str:
    estimand = next((r.estimand for r in material.results if r.endpoint == material.primary.name), "")
    return f"{material.primary.label}, week {weeks(material.primary.day)}. {estimand}".strip()


def rates_picture(material: Material) -> Picture:
    """Return the figure of response rates per arm."""
    rows = tuple(_rate_row(material, arm) for arm in material.arms)
    lines = references(material)
    said = " ".join(f"{row.arm.label}: {_row_in_words(row)}." for row in rows)
    if material.operating is not None:
        shown = (
            f"Filled marker: mean response rate of {material.from_whom()}; band: nine of ten trials lie in it. Open marker "
            "with line: the first simulated trial alone, with its exact confidence interval."
        )
    else:
        shown = f"Open marker with line: response rate of {material.from_whom()}, with its exact confidence interval."
    return Picture(
        name="response-rates",
        title="Response rate per arm",
        caption=f"{shown} Dashed lines: the rates that the planned tests speak of. {_missing(material)}",
        panels=(rates_panel(rows, lines, said),),
    )


def _missing(material: Material) -> str:
    estimand = material.protocol.estimands.get(material.primary.name)
    if estimand is None:
        return ""
    death = sentence_case(estimand.death.value).lower()
    return f"Death: {death}; value missing although alive: {sentence_case(estimand.missing.value).lower()}."


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
    """Return responders, analysed, rate and interval of one arm in the example trial, as its analyses count them."""
    for result in material.results:
        if result.endpoint == material.primary.name and result.arm == arm and result.control is None:
            numbers = (result.numbers["responders"][EXAMPLE], result.numbers["analysed"][EXAMPLE])
            return (*numbers, result.estimate[EXAMPLE], result.low[EXAMPLE], result.high[EXAMPLE])
    for result in material.results:
        if result.endpoint == material.primary.name and result.control == arm and "responders_control" in result.numbers:
            responders = result.numbers["responders_control"][EXAMPLE]
            analysed = result.numbers["analysed_control"][EXAMPLE]
            low, high = clopper_pearson(responders, analysed, LEVEL)
            rate = responders / analysed if analysed else NAN
            return responders, analysed, rate, float(low), float(high)
    return NAN, NAN, NAN, NAN, NAN


def _simulated_table(material: Material) -> Table:
    assert material.operating is not None
    tests = {test.arm: test for test in material.tests}
    null = {arm.arm: arm for arm in material.operating.without_effect.arms}
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
        note="± is the Monte-Carlo standard error. ‘Drug without effect’: the same patients and the same chance, but the study "
        "drug does nothing; what rejects then is an error of the first kind.",
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
    level = next((r.level for r in material.results if r.endpoint == material.primary.name and not r.control), LEVEL)
    return Table(
        caption=f"Response in {which}",
        columns=("Arm", "Responders", "Response rate", f"{percent(level, 0)} interval", "p", "Null hypothesis"),
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
        row = (
            f"{material.labels[result.arm]} − {material.labels[result.control]}",
            percent(result.estimate[EXAMPLE]),
            percent_range(result.low[EXAMPLE], result.high[EXAMPLE]),
            p_value(result.p_value[EXAMPLE]),
        )
        if material.operating is not None:
            found = rejection(material.operating.as_modelled, result.analysis)
            null = rejection(material.operating.without_effect, result.analysis)
            row += (share_with_error(found.effect), share_with_error(found.rejection), share_with_error(null.rejection))
        rows.append(row)
    if not rows:
        return ()
    columns = ("Comparison", "Difference", "Interval", "p")
    if material.operating is not None:
        columns += ("Mean difference, all trials", "Power", "False alarms")
    note = next(iter(r.notes[0] for r in material.results if r.endpoint == material.primary.name and r.control and r.notes), "")
    return (Table(caption="Against the control arm", columns=columns, rows=tuple(rows), note=note),)


def design_facts(material: Material, analysis: str) -> dict[str, float]:
    """Return the closed-form facts of one test's design."""
    known = dict(material.result[analysis].design) if analysis in material.result else {}
    if material.operating is not None:
        known |= dict(material.operating.design.get(analysis, {}))
    return known


def _design(material: Material) -> tuple[Block, ...]:
    tests = [test for test in material.tests if "critical_value" in design_facts(material, test.name)]
    if not tests:
        return ()
    rows = []
    sizes = {arm.name: arm.size for arm in material.arms}
    for test in tests:
        facts = design_facts(material, test.name)
        rows.append(
            (
                material.labels[test.arm],
                count(facts.get("size", sizes[test.arm])),
                percent(test.null if test.null is not None else NAN, 0),
                f"{count(facts['critical_value'])} or more",
                percent(test.alpha, 0) + (" one-sided" if test.one_sided else " two-sided"),
                percent(facts.get("level", NAN), 2),
                f"{percent(facts.get('power', NAN), 2)} at {percent(test.alternative or NAN, 0)}",
            )
        )
    table = Table(
        caption="The exact design: no simulation in these figures",
        columns=("Arm", "Patients", "Null rate", "Rejects at responders", "Level planned", "Level attained", "Power"),
        rows=tuple(rows),
    )
    return (
        Heading(text="What the design can show"),
        table,
        Drawn(picture=_power_picture(material, tests)),
    )


def _power_picture(material: Material, tests: list[Analysis]) -> Picture:
    """Return one curve per different design; arms that share a design share its curve."""
    curves: dict[tuple[int, int, float | None, float | None], list[Analysis]] = {}
    sizes = {arm.name: arm.size for arm in material.arms}
    for test in tests:
        facts = design_facts(material, test.name)
        key = (int(facts.get("size", sizes[test.arm])), int(facts["critical_value"]), test.null, test.alternative)
        curves.setdefault(key, []).append(test)
    panels = []
    for place, ((size, critical, null, alternative), group) in enumerate(curves.items()):
        marks = tuple(_mark(material, test) for test in group) if material.operating is not None else ()
        label = " and ".join(material.labels[test.arm] for test in group) if len(curves) > 1 else "Power of the exact test"
        curve = Curve(
            label=label, size=size, critical=critical, null=null or 0.0, alternative=alternative, marks=marks
        )
        said = f"The test rejects at {critical} or more responders of {size}. " + " ".join(
            f"{m.arm.label}: true rate {percent(m.rate)}, rejected in {percent(m.rejection.value)} of trials." for m in marks
        )
        panels.append(power_panel(curve, f"power-{place + 1}", said))
    caption = "Line: exact chance that the test rejects, by the true response rate of the arm; no simulation."
    if material.operating is not None:
        caption += (
            f" Markers: mean response rate as modelled, and the share of {material.trials:,} simulated trials that rejected, "
            "with its Monte-Carlo standard error. Death and missing values count as the estimand says."
        )
    return Picture(name="power", title="Power curve", caption=caption, panels=tuple(panels), columns=min(2, len(panels)))


def _mark(material: Material, test: Analysis) -> Mark:
    assert material.operating is not None
    arm = next(arm for arm in material.arms if arm.name == test.arm)
    rate = material.characteristics(test.arm).responder_rate.value
    return Mark(arm=arm, rate=rate, rejection=rejection(material.operating.as_modelled, test.name).rejection)


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
        caption=f"Parts of the response: share of {material.from_whom()}",
        columns=("Part", *(arm.label for arm in material.arms)),
        rows=tuple((label, *(share_with_error(estimate) for _, estimate in line)) for label, line in lines),
    )
    said = " ".join(
        f"{label}: " + ", ".join(f"{arm.label} {number(100 * e.value)} %" for arm, e in line) + "." for label, line in lines
    )
    markers = ", ".join(f"{arm.marker_name} {arm.label}" for arm in material.arms)
    picture = Picture(
        name="components",
        title="Parts of the response",
        caption=f"Share of {material.from_whom()} who meet each part alone, and both together. Markers: {markers}. Patients who "
        "died or were not assessed stay in the denominator and meet no part.",
        panels=(components_panel(lines, said),),
    )
    return (Heading(text="The parts of the response"), Drawn(picture=picture), table)


def distribution(material: Material) -> Chapter | None:
    """Return how response rates vary from trial to trial; None for a single trial."""
    if material.trials < 2:
        return None
    lines = references(material)
    tests = {test.arm: test for test in material.tests}
    found = [(arm, material.characteristics(arm.name).responder_rates) for arm in material.arms]
    found = [(arm, rates) for arm, rates in found if rates.size]
    right = min(1.0, max([float(rates.max()) for _, rates in found] + [rate for rate, _ in lines]) + 0.06)
    top = max(float(rate_shares(rates, arm.size)[1].max()) for arm, rates in found) * 1.08
    panels = []
    for arm, rates in found:
        test = tests.get(arm.name)
        facts = design_facts(material, test.name) if test is not None else {}
        critical = facts["critical_value"] / facts.get("size", arm.size) if "critical_value" in facts else None
        low, middle, high = np.quantile(rates, (0.05, 0.5, 0.95))
        said = f"{arm.label}: median {percent(middle)}, nine of ten trials between {percent_range(low, high)}."
        panels.append(distribution_panel(arm, rates, lines, critical, (right, top), said))
    caption = (
        f"Share of the {material.trials:,} trials with each response rate. Full colour: trials whose test rejects; pale: trials "
        "whose test does not, or an arm that is not tested alone. Everybody randomised counts; death and missing values are "
        "no response."
    )
    picture = Picture(
        name="distribution",
        title="Response rates over trials",
        caption=caption,
        panels=tuple(panels),
        columns=3,
    )
    return Chapter(id="distribution", title="From trial to trial", blocks=(Drawn(picture=picture),))
