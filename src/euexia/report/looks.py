"""The chapter on looks: where trials end and why, what that saves, and what it does to the estimate."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from euexia.protocol.look_words import executed_looks, when
from euexia.report.content import Block, Chapter, Drawn, Prose, Table
from euexia.report.drawing import Picture
from euexia.report.formatting import (
    NOT_KNOWN,
    count,
    number,
    percent,
    range_of,
    sentence_case,
    share_with_error,
    value_with_error,
)
from euexia.report.look_figures import endings_panel, paths_panel
from euexia.report.material import Material
from euexia.study.look_plan import lead_of
from euexia.study.operating import Estimate, LookCharacteristics, LooksCharacteristics

REASONS = ("efficacy", "futility", "harm", "no_arm_left")
WORDS = {
    "efficacy": "efficacy",
    "futility": "futility",
    "harm": "harm",
    "no_arm_left": "no arm left",
}
PATHS = (
    "Left: the statistic of {} trials as modelled over the information they had, and the mean boundaries; a "
    "trial stops on or beyond a line. Right: share of all trials that end at each analysis,"
)
ENDINGS = "Share of all trials that end at each analysis,"


def chapter(material: Material) -> Chapter | None:
    """Return what the looks of simulated trials do; None where none is carried out."""
    if material.operating is None:
        return None
    found, null = material.operating.as_modelled.looks, material.operating.without_effect.looks
    if found is None or null is None:
        return None
    blocks: list[Block] = [
        Prose(text=opening(found)),
        Drawn(picture=_picture(material, found, null)),
        _endings(material, found, null),
        _changes(material, found, null),
        Prose(text=_about_estimates(material, found)),
    ]
    return Chapter(id="looks", title="Interim looks", blocks=tuple(blocks))


def opening(found: LooksCharacteristics) -> str:
    """Return what the looks save, in a sentence or two."""
    stopped = 1.0 - found.looks[-1].held.value
    text = (
        f"{percent(stopped)} of trials end at a look, as modelled. On average "
        f"{number(found.randomised.value)} patients are randomised ({count(found.planned)} without looks), "
        f"and the last of them is followed until month {number(found.months.value)} "
        f"({number(found.months_without_looks.value)} without looks)."
    )
    if found.resized.value > 0:
        text += f" The size is raised in {percent(found.resized.value)} of trials."
    return text


def _endings(material: Material, found: LooksCharacteristics, null: LooksCharacteristics) -> Table:
    reasons = [
        reason
        for reason in REASONS
        if any(look.ends[reason].value for part in (found, null) for look in part.looks)
    ]
    bounded = any(isfinite(look.information.value) for look in found.looks)
    statistic = "Responders" if found.by_responders else "Z"
    columns = [
        "Analysis",
        "Month",
        "Patients seen",
        "Randomised by then",
        *(("Information", f"{statistic} limits") if bounded else ()),
    ]
    for reason in reasons:
        columns += [f"Ends for {WORDS[reason]}, as modelled", "without effect"]
    rows = []
    for look, other in zip(found.looks, null.looks, strict=True):
        cells = [
            _name(material, look),
            number(look.months.value),
            number(look.patients.value),
            number(look.randomised.value),
            *((percent(look.information.value, 0), _limits(look)) if bounded else ()),
        ]
        for reason in reasons:
            cells += [share_with_error(look.ends[reason]), share_with_error(other.ends[reason])]
        rows.append(tuple(cells))
    return Table(
        caption="Where trials end: share of all trials",
        columns=tuple(columns),
        rows=tuple(rows),
        note=(
            "Means over the trials that come to each analysis. At the final analysis 'efficacy' is a test "
            "that rejects, 'futility' one that does not. ± is one Monte-Carlo standard error."
        ),
    )


def _name(material: Material, look: LookCharacteristics) -> str:
    planned = {interim.name: interim for interim in executed_looks(material.protocol)}
    if look.name not in planned:
        return "Final analysis"
    return f"{sentence_case(look.name)}: {when(planned[look.name])}"


def _limits(look: LookCharacteristics) -> str:
    low, high = look.lower.value, look.upper.value
    if isfinite(low) and isfinite(high) and low == high:
        return number(high, 2)
    parts = []
    if isfinite(low):
        parts.append(f"below {number(low, 2)}")
    if isfinite(high):
        parts.append(f"from {number(high, 2)}")
    return " or ".join(parts) or NOT_KNOWN


def _changes(material: Material, found: LooksCharacteristics, null: LooksCharacteristics) -> Table:
    return Table(
        caption="What the looks change, for the same patients",
        columns=("", "With looks, as modelled", "Without looks", "With looks, no effect", "Without looks"),
        rows=tuple(_change_rows(material, found, null)),
        note="Without looks: the same patients in a trial of the planned size that nobody looks into.",
    )


def _change_rows(
    material: Material, found: LooksCharacteristics, null: LooksCharacteristics
) -> Iterator[tuple[str, ...]]:
    yield (
        "The test rejects towards benefit (power; type I error)",
        *(
            share_with_error(e)
            for part in (found, null)
            for e in (part.rejection, part.rejection_without_looks)
        ),
    )
    yield "Patients randomised", *_beside(found.randomised, null.randomised, count(found.planned))
    for arm in material.protocol.arms:
        planned = next(style.size for style in material.arms if style.name == arm.name)
        pair = found.patients[arm.name], null.patients[arm.name]
        yield f"of these {arm.label}", *_beside(*pair, count(planned))
    yield "Nine of ten trials randomise", _range(found), NOT_KNOWN, _range(null), NOT_KNOWN
    yield (
        "Months to the last follow-up",
        *(value_with_error(e) for part in (found, null) for e in (part.months, part.months_without_looks)),
    )
    for name in [arm.name for arm in material.protocol.arms if arm.name in {**found.left, **null.left}]:
        shares = [
            share_with_error(part.left[name]) if name in part.left else percent(0) for part in (found, null)
        ]
        yield f"{material.labels[name]} is dropped", shares[0], NOT_KNOWN, shares[1], NOT_KNOWN
    if found.resized.value or null.resized.value:
        yield (
            "The size is raised",
            share_with_error(found.resized),
            NOT_KNOWN,
            share_with_error(null.resized),
            NOT_KNOWN,
        )
        yield "Size aimed at", *_beside(found.size, null.size, count(found.planned))


def _beside(found: Estimate, null: Estimate, planned: str) -> tuple[str, str, str, str]:
    return value_with_error(found), planned, value_with_error(null), planned


def _range(found: LooksCharacteristics) -> str:
    low, high = found.randomised_quantiles["0.05"], found.randomised_quantiles["0.95"]
    return range_of(low, high, 0)


def _about_estimates(material: Material, found: LooksCharacteristics) -> str:
    by_end = "; ".join(
        f"{'at the end' if name == found.looks[-1].name else sentence_case(name)} "
        f"{number(estimate.value, 3)} ({count(estimate.trials)} trials)"
        for name, estimate in found.estimate_by_end.items()
    )
    return (
        "A trial that stops early stops on a high or a low: its plain estimate is not corrected for that. As "
        f"modelled the plain estimate of '{lead_of(material.protocol).name}' is "
        f"{number(found.estimate.value, 3)} on average when the trial ends, and "
        f"{number(found.estimate_without_looks.value, 3)} in the same trials without looks: a difference "
        f"of {value_with_error(found.bias, 3)}. By where the trial ended: {by_end}."
    )


def _picture(material: Material, found: LooksCharacteristics, null: LooksCharacteristics) -> Picture:
    names = {look.name: "Final" for look in found.looks[-1:]} | {
        look.name: sentence_case(look.name) for look in found.looks[:-1]
    }
    bounded = any(isfinite(look.information.value) for look in found.looks)
    paths = (paths_panel(found),) if bounded else ()
    return Picture(
        name="looks",
        title="Boundaries, and where trials end",
        caption=f"{PATHS.format(len(found.paths)) if bounded else ENDINGS} by reason.",
        panels=(*paths, endings_panel(found, null, names)),
        columns=2,
    )
