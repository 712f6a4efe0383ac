"""What the design can show, exactly and from trial to trial: critical values, power curves, distributions."""

from __future__ import annotations

import numpy as np

from euexia.protocol.analysis_plan import Analysis
from euexia.report.answer import rejection
from euexia.report.content import Block, Chapter, Drawn, Heading, Table
from euexia.report.drawing import Picture
from euexia.report.formatting import count, joined, percent, percent_range
from euexia.report.material import Material
from euexia.report.rate_figures import Curve, Mark, distribution_panel, power_panel, rate_shares
from euexia.study.operating import OperatingCharacteristics

NAN = float("nan")
LONGEST_HEADING = 50
"""Letters that fit over a curve."""


def references(material: Material) -> tuple[tuple[float, str], ...]:
    """Return the response rates that the planned tests speak of, with their labels."""
    found = {test.null for test in material.tests} | {test.alternative for test in material.tests}
    return tuple((rate, percent(rate, 0)) for rate in sorted(rate for rate in found if rate is not None))


def design_facts(material: Material, analysis: str) -> dict[str, float]:
    """Return the closed-form facts of one test's design."""
    known = dict(material.result[analysis].design) if analysis in material.result else {}
    if material.operating is not None:
        known |= dict(material.operating.design.get(analysis, {}))
    return known


def blocks(material: Material) -> tuple[Block, ...]:
    """Return the exact design in a table, and its power curve; nothing where no test has a critical value."""
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
        columns=(
            "Arm",
            "Patients",
            "Null rate",
            "Rejects at responders",
            "Level planned",
            "Level attained",
            "Power",
        ),
        rows=tuple(rows),
    )
    return (
        Heading(text="What the design can show"),
        table,
        Drawn(picture=_power_picture(material, tests)),
    )


def _who_counts(material: Material) -> str:
    if material.everybody_counts:
        return material.settled.words
    return (
        "The number analysed differs from trial to trial, and with it the rate from which a test rejects: so "
        f"no bar is marked. {material.settled.words}"
    )


def _power_picture(material: Material, tests: list[Analysis]) -> Picture:
    """Return one curve per different design; arms that share a design share its curve."""
    curves: dict[tuple[int, int, float | None, float | None], list[Analysis]] = {}
    sizes = {arm.name: arm.size for arm in material.arms}
    for test in tests:
        facts = design_facts(material, test.name)
        key = (
            int(facts.get("size", sizes[test.arm])),
            int(facts["critical_value"]),
            test.null,
            test.alternative,
        )
        curves.setdefault(key, []).append(test)
    panels = []
    for place, ((size, critical, null, alternative), group) in enumerate(curves.items()):
        marks = _marks(material, group)
        label = joined(tuple(material.labels[test.arm] for test in group))
        label = label if len(label) <= LONGEST_HEADING else "All tested arms"
        curve = Curve(
            label=label, size=size, critical=critical, null=null or 0.0, alternative=alternative, marks=marks
        )
        said = f"The test rejects at {critical} or more responders of {size}. " + " ".join(
            f"{m.arm.label}: true rate {percent(m.rate)}, rejected in {percent(m.rejection.value)} of trials."
            for m in marks
        )
        panels.append(power_panel(curve, f"power-{place + 1}", said))
    caption = "Line: exact chance that the test rejects, by the true response rate of the arm; no simulation."
    if material.operating is not None:
        caption += (
            f" Markers: mean response rate as modelled, and the share of {material.trials:,} simulated "
            "trials that rejected, "
            "with its Monte-Carlo standard error. Death and missing values count as the estimand says."
        )
    return Picture(
        name="power",
        title="Power by the true response rate",
        caption=caption,
        panels=tuple(panels),
        columns=min(2, len(panels)),
    )


def _marks(material: Material, tests: list[Analysis]) -> tuple[Mark, ...]:
    if material.operating is None:
        return ()
    return tuple(_mark(material, test, material.operating) for test in tests)


def _mark(material: Material, test: Analysis, operating: OperatingCharacteristics) -> Mark:
    arm = next(arm for arm in material.arms if arm.name == test.arm)
    rate = material.characteristics(test.arm).responder_rate.value
    return Mark(arm=arm, rate=rate, rejection=rejection(operating.as_modelled, test.name).rejection)


def distribution(material: Material) -> Chapter | None:
    """Return how response rates vary from trial to trial; None for a single trial."""
    if material.trials < 2 or not material.responds:
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
        critical = (
            facts["critical_value"] / facts.get("size", arm.size)
            if "critical_value" in facts and material.everybody_counts
            else None
        )
        low, middle, high = np.quantile(rates, (0.05, 0.5, 0.95))
        said = (
            f"{arm.label}: median {percent(middle)}, nine of ten trials between {percent_range(low, high)}."
        )
        panels.append(distribution_panel(arm, rates, lines, critical, (right, top), said))
    caption = (
        f"Share of the {material.trials:,} trials with each response rate. Full colour: trials whose test "
        "rejects; pale: trials "
        f"whose test does not, or an arm that is not tested alone. {_who_counts(material)}"
    )
    picture = Picture(
        name="distribution",
        title="Response rates over trials",
        caption=caption,
        panels=tuple(panels),
        columns=3,
    )
    return Chapter(id="distribution", title="From trial to trial", blocks=(Drawn(picture=picture),))
