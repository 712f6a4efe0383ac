"""The chapter on the primary result where it is an effect: how large, how sure, and how often it is seen."""

from __future__ import annotations

import numpy as np

from euexia.analyse.result import Result
from euexia.report import effects
from euexia.report.answer import rejection
from euexia.report.content import Block, Chapter, Prose, Table
from euexia.report.formatting import joined, share_with_error, weeks
from euexia.report.material import EXAMPLE, Material

NOTE = "Death and missing values are dealt with as the estimand of each endpoint says."
SIDES = (
    "± is the Monte-Carlo standard error. ‘Succeeds’: every primary analysis of the arm rejects, and its "
    "estimate lies on the side that is better for the patient. ‘Drug without effect’: the same patients and "
    "the same chance, but the study drug does nothing; what rejects then is an error of the first kind."
)


def chapter(material: Material) -> Chapter:
    """Return the effects on the primary endpoints, in the example trial and over all trials."""
    results = [result for result in material.results if result.endpoint in material.shown_first]
    blocks: list[Block] = [Prose(text=text) for text in _what(material, results)]
    compared = [r for r in results if r.control is not None and np.isfinite(r.estimate[EXAMPLE])]
    if compared:
        blocks.append(
            effects.forest(material, compared, name="effects", title="Effects on primary endpoints")
        )
    if material.operating is not None:
        blocks.append(_power(material))
    if results:
        blocks.append(effects.effects_table(material, results, caption="Primary endpoints", note=NOTE))
    return Chapter(id="primary", title="Primary result", blocks=tuple(blocks))


def _what(material: Material, results: list[Result]) -> list[str]:
    """Return each primary endpoint with its estimand and what its analyses note."""
    said = []
    for endpoint in material.protocol.endpoints:
        mine = [result for result in results if result.endpoint == endpoint.name]
        if mine:
            words = joined(tuple(dict.fromkeys(result.estimand for result in mine)))
            notes = " ".join(dict.fromkeys(note for result in mine for note in result.notes))
            said.append(f"{endpoint.label}, week {weeks(endpoint.day)}. {words} {notes}".strip())
    return said or [f"{material.primary.label}. The protocol plans no analysis of it."]


def _power(material: Material) -> Table:
    operating = material.operating
    rows = []
    if operating is not None:
        tests = [test for test in operating.as_modelled.analyses if test.primary]
        for arm, success in operating.as_modelled.success.items():
            for test in (test for test in tests if test.arm == arm):
                endpoint = next(e for e in material.protocol.endpoints if e.name == test.endpoint)
                null = rejection(operating.without_effect, test.analysis)
                rows.append(
                    (
                        f"{material.labels[arm]}: {endpoint.label}",
                        share_with_error(test.rejection),
                        share_with_error(null.rejection),
                    )
                )
            rows.append(
                (
                    f"{material.labels[arm]}: succeeds",
                    share_with_error(success),
                    share_with_error(operating.without_effect.success[arm]),
                )
            )
    return Table(
        caption=f"Power over {material.from_whom()}",
        columns=("Primary analysis", "Trials that reject (power)", "Drug without effect: false alarms"),
        rows=tuple(rows),
        note=SIDES,
    )
