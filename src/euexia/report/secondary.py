"""The chapter on secondary outcomes: a forest plot, the effects in a table, and categories by arm."""

from __future__ import annotations

import numpy as np

from euexia.analyse.result import Result
from euexia.protocol.analysis_plan import Method
from euexia.report import effects
from euexia.report.content import Block, Chapter, Prose, Table
from euexia.report.formatting import count, sentence_case, weeks
from euexia.report.material import EXAMPLE, Material

UNCORRECTED = (
    "Secondary outcomes are not corrected for multiple testing. Death and missing values are dealt with "
    "as the estimand of each outcome says (see the protocol)."
)


def chapter(material: Material) -> Chapter:
    """Return every planned analysis that is not of a primary endpoint."""
    results = [result for result in material.results if result.endpoint not in material.shown_first]
    counted = [result for result in results if result.method == Method.CATEGORY_TABLE]
    measured = [result for result in results if result.method != Method.CATEGORY_TABLE]
    blocks: list[Block] = []
    compared = [result for result in measured if result.control is not None]
    if any(np.isfinite(result.estimate[EXAMPLE]) for result in compared):
        blocks.append(
            effects.forest(material, compared, name="forest", title="Effects on secondary outcomes")
        )
    if measured:
        blocks.append(
            effects.effects_table(material, measured, caption="Secondary outcomes", note=UNCORRECTED)
        )
    names = dict.fromkeys(result.endpoint for result in counted)
    blocks += [_categories(material, [r for r in counted if r.endpoint == name]) for name in names]
    if not blocks:
        blocks.append(Prose(text="The protocol plans no analysis of a secondary outcome."))
    return Chapter(id="secondary", title="Secondary outcomes", blocks=tuple(blocks))


def _categories(material: Material, results: list[Result]) -> Table:
    """Return the counts of each category, every arm once."""
    endpoint = next(e for e in material.protocol.endpoints if e.name == results[0].endpoint)
    names = [name for name in results[0].numbers if not name.endswith("_control") and name != "analysed"]
    counts: dict[str, tuple[str, ...]] = {}
    for result in results:
        for suffix, arm in (("", result.arm), ("_control", result.control)):
            if arm is not None:
                counts[arm] = tuple(count(result.numbers[f"{name}{suffix}"][EXAMPLE]) for name in names)
    which = "this trial" if material.trials == 1 else "the first simulated trial"
    return Table(
        caption=f"{endpoint.label}, week {weeks(endpoint.day)}: patients of {which}",
        columns=("Arm", *(sentence_case(name) for name in names)),
        rows=tuple((arm.label, *counts[arm.name]) for arm in material.arms if arm.name in counts),
        note=f"{results[0].notes[0]} Unknown: died or not assessed." if results[0].notes else "",
    )
