"""The chapter that sets published results beside simulated ones."""

from __future__ import annotations

import numpy as np

from euexia.report.content import Chapter, Drawn, Listing, Table
from euexia.report.drawing import Picture
from euexia.report.forest_figures import EffectRow, OutcomeEffects, forest_panel
from euexia.report.formatting import number, plural, range_of, sentence_case, value_with_error, weeks
from euexia.report.material import Material
from euexia.study.operating import Comparison, Estimate
from euexia.study.success import gains_upward

DECIMALS = 2


def chapter(material: Material) -> Chapter | None:
    """Return published beside simulated; None where nothing published is named or nothing was simulated."""
    found = () if material.operating is None else material.operating.published
    if not found:
        return None
    inside = sum(comparison.inside for comparison in found)
    caption = (
        "Open marker with line: published, with the interval that was printed. Filled marker and band: mean "
        f"and 95 % prediction interval of one trial, over {found[0].trials:,} simulated trials of this size. "
        f"{inside} of {plural(len(found), 'published result')} lie in the band. Each axis has its own unit."
    )
    effects = [_drawn(material, comparison) for comparison in found]
    said = " ".join(_in_words(material, comparison) for comparison in found)
    panel = forest_panel(effects, said, name="published", title="Published and simulated")
    picture = Picture(name="published", title="Published and simulated", caption=caption, panels=(panel,))
    blocks = (Drawn(picture=picture), _table(material, found), _sources(found))
    return Chapter(id="published", title="Published beside simulated", blocks=blocks)


def _drawn(material: Material, comparison: Comparison) -> OutcomeEffects:
    analysis = next(a for a in material.protocol.analyses if a.endpoint == comparison.endpoint)
    endpoint = next(e for e in material.protocol.endpoints if e.name == comparison.endpoint)
    factor = _factor(comparison)
    style = next(arm for arm in material.arms if arm.name == comparison.arm)
    row = EffectRow(
        arm=style,
        one=factor * comparison.published,
        one_low=factor * comparison.low,
        one_high=factor * comparison.high,
        mean=factor * comparison.mean,
        low=factor * comparison.predicted_low,
        high=factor * comparison.predicted_high,
    )
    return OutcomeEffects(
        label=_label(material, comparison),
        unit=_unit(comparison),
        higher_is_better=gains_upward(analysis.method, endpoint),
        rows=(row,),
    )


def _label(material: Material, comparison: Comparison) -> str:
    endpoint = next(e for e in material.protocol.endpoints if e.name == comparison.endpoint)
    arm = material.labels[comparison.arm]
    between = arm if comparison.control is None else f"{arm} − {material.labels[comparison.control]}"
    figure = comparison.figure.removesuffix("_control")
    said = "difference" if comparison.control is not None else sentence_case(figure).lower()
    return f"{endpoint.label}, week {weeks(endpoint.day)}: {between} ({said})"


def _unit(comparison: Comparison) -> str:
    return "%" if comparison.unit == "1" else comparison.unit


def _factor(comparison: Comparison) -> float:
    return 100.0 if comparison.unit == "1" else 1.0


def _in_words(material: Material, comparison: Comparison) -> str:
    published, simulated = _cells(comparison)
    label, unit = _label(material, comparison), _unit(comparison)
    return f"{label}: published {published}, simulated {simulated} {unit}."


def _cells(comparison: Comparison) -> tuple[str, str]:
    factor = _factor(comparison)
    published = number(factor * comparison.published, DECIMALS)
    if np.isfinite(comparison.low):
        published += f" ({range_of(factor * comparison.low, factor * comparison.high, DECIMALS)})"
    limits = range_of(factor * comparison.predicted_low, factor * comparison.predicted_high, DECIMALS)
    mean = Estimate(
        value=factor * comparison.mean, error=factor * comparison.mean_error, trials=comparison.trials
    )
    return published, f"{value_with_error(mean, DECIMALS)} ({limits})"


def _table(material: Material, found: tuple[Comparison, ...]) -> Table:
    rows = tuple(
        (
            f"{_label(material, comparison)} [{_unit(comparison)}]",
            *_cells(comparison),
            "inside" if comparison.inside else "outside",
            "yes" if comparison.verified else "no",
        )
        for comparison in found
    )
    return Table(
        caption="Published and simulated results",
        columns=(
            "Result",
            "Published (interval)",
            "Simulated (95 % prediction interval)",
            "Published value is",
            "Seen at its source",
        ),
        rows=rows,
        wordy=(3, 4),
        note="± is the Monte-Carlo standard error. The prediction interval holds what one more trial of this "
        "size would print if the model and the protocol were true; it carries chance between trials and "
        "patients, not the doubt about the model's numbers.",
    )


def _sources(found: tuple[Comparison, ...]) -> Listing:
    items = {comparison.citation: comparison.source for comparison in found}
    notes = {c.name: c.note for c in found if c.note}
    return Listing(
        items=tuple((citation, source) for citation, source in items.items())
        + tuple((sentence_case(name), note) for name, note in notes.items())
    )
