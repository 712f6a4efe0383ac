"""The chapter that follows the patients: their changes, their readings and their dose over time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from euexia.criteria.measures import MEASURES
from euexia.protocol.condition import leaves
from euexia.protocol.protocol import Protocol
from euexia.protocol.statement import Condition, Quantity
from euexia.report.content import Block, Chapter, Drawn, Fold, Prose, Table
from euexia.report.course_figures import Course, course_panels
from euexia.report.drawing import Picture
from euexia.report.formatting import count, number, percent, value_with_error, weeks
from euexia.report.material import (
    Material,
    is_percent_change,
    leaf_of,
    measure_label,
    measure_unit,
)
from euexia.report.style import ArmStyle
from euexia.study.operating import Estimate, Series
from euexia.study.series import Scale, dose_series, name_of

SHOWN = ("body_weight", "lean_mass_ct", "handgrip_strength", "crp")
"""Measures drawn over time, in this order; the dose comes last."""
BANDS = (
    "Line: median; darker band: middle half; pale band: middle four fifths of the patients who have a "
    "reading. Dotted grey: the other arms’ medians."
)


def chapter(material: Material) -> Chapter:
    """Return changes and dose over time, one figure each; levels and the figures' numbers are folded."""
    changes = [course for course in (_changes(material, name) for name in SHOWN) if course is not None]
    levels = [course for course in (_levels(material, name) for name in SHOWN) if course is not None]
    drawn = {course.name.removeprefix("course-") for course in changes}
    bare = [course for course in levels if course.name.removeprefix("level-") not in drawn]
    main = [*changes, *bare, *_doses(material)]
    blocks: list[Block] = [Prose(text=_how_to_read(changes)), *(_drawn(material, course) for course in main)]
    folded = tuple(_drawn(material, course) for course in levels if course not in bare)
    if folded:
        blocks.append(Fold(summary="The readings themselves, not their changes", blocks=folded))
    shown = (*main, *(course for course in levels if course not in bare))
    tables = tuple(_table(course, simulated=material.is_simulated_many) for course in shown)
    if tables:
        blocks.append(Fold(summary="The numbers behind these figures", blocks=tables))
    return Chapter(
        id="course", title="Weight, lean mass, handgrip, CRP and dose over time", blocks=tuple(blocks)
    )


def _how_to_read(changes: list[Course]) -> str:
    own = "A change is from the patient’s own last reading at or before day 0. " if changes else ""
    return (
        f"{own}Readings of patients who died or withdrew end there; nothing is carried forward. So a later "
        "median speaks of those still in the trial, and may look better than the arm fared."
    )


def _drawn(material: Material, course: Course) -> Drawn:
    notes = [f"Over time, of {material.from_whom()}.", BANDS]
    if course.thresholds:
        notes.append("Dashed: " + "; ".join(label for _, label in course.thresholds) + ".")
    if course.doubling:
        notes.append("1 × is the baseline; each step of the axis halves or doubles.")
    if course.steps:
        notes.append("A dose on hold counts as 0 mg.")
    title = course.label if course.doubling else f"{course.label} [{course.unit}]"
    return Drawn(
        picture=Picture(
            name=course.name, title=title, caption=" ".join(notes), panels=course_panels(course), columns=3
        )
    )


def _changes(material: Material, name: str) -> Course | None:
    """Return the changes of a measure as the response looks at them, or else as the measure varies."""
    asked = Scale.PERCENT_CHANGE if is_percent_change(material.primary, name) else Scale.CHANGE
    for scale in dict.fromkeys((asked, Scale.RATIO, Scale.CHANGE, Scale.PERCENT_CHANGE)):
        series = _series(material, name_of(name, scale))
        if series:
            return _change(material, name, scale, series)
    return None


def _change(material: Material, name: str, scale: Scale, series: list[tuple[ArmStyle, Series]]) -> Course:
    relative = scale is Scale.PERCENT_CHANGE
    label = measure_label(name)
    if scale is Scale.RATIO:
        return Course(
            name=_picture_name("course", name),
            label=f"{label}, multiple of the baseline",
            unit="× baseline",
            decimals=2,
            series=tuple(series),
            changed=True,
            doubling=True,
            thresholds=tuple(_rule_lines(material.protocol, name)),
        )
    return Course(
        name=_picture_name("course", name),
        label=f"Change of {label[:1].lower()}{label[1:]}",
        unit="%" if relative else measure_unit(name),
        decimals=1,
        series=tuple((arm, _times(found, 100.0)) for arm, found in series) if relative else tuple(series),
        changed=True,
        thresholds=_response_line(material, name, scale),
    )


def _response_line(material: Material, name: str, scale: Scale) -> tuple[tuple[float, str], ...]:
    """Return the threshold of the response on a scale; nothing where the response does not ask for it."""
    leaf = leaf_of(material.primary, name)
    asked = {Scale.CHANGE: Quantity.CHANGE, Scale.PERCENT_CHANGE: Quantity.PERCENT_CHANGE}.get(scale)
    if leaf is None or leaf.of is not asked or leaf.threshold is None or leaf.comparison is None:
        return ()
    relative = scale is Scale.PERCENT_CHANGE
    value = 100.0 * leaf.threshold if relative else leaf.threshold
    unit = "%" if relative else measure_unit(name)
    return ((value, f"response: {leaf.comparison.symbol}\u00a0{value:g}\u00a0{unit}"),)


def _rule_lines(protocol: Protocol, name: str) -> Iterator[tuple[float, str]]:
    """Yield the multiples of the baseline at which a dosing rule acts."""
    seen: set[float] = set()
    for rule in protocol.rules.values():
        for clause in rule.clauses:
            for leaf in leaves(clause.when):
                value = _multiple(leaf)
                if leaf.measure == name and value is not None and value not in seen:
                    seen.add(value)
                    yield value, f"dose rule: {percent(value - 1, 0)}"


def _multiple(leaf: Condition) -> float | None:
    """Return the multiple of the baseline that a comparison asks for, if it asks for one."""
    if leaf.threshold is None or leaf.over is not None:
        return None
    match leaf.of:
        case Quantity.PERCENT_LOSS:
            return 1.0 - leaf.threshold
        case Quantity.PERCENT_CHANGE:
            return 1.0 + leaf.threshold
        case _:
            return None


def _levels(material: Material, name: str) -> Course | None:
    series = _series(material, name)
    if not series:
        return None
    return Course(
        name=_picture_name("level", name),
        label=measure_label(name),
        unit=measure_unit(name),
        decimals=MEASURES[name].decimals,
        series=tuple(series),
        from_zero=name == "crp",
    )


def _doses(material: Material) -> Iterator[Course]:
    """Yield the dose of each drug that any arm was given; its name is told where there are several."""
    drugs = dict.fromkeys(
        treatment.drug
        for arm in material.protocol.arms
        for treatment in arm.treatments
        if treatment.dose is not None
    )
    for drug, name in dose_series(drugs).items():
        series = [(arm, found) for arm, found in _series(material, name) if np.nanmax(found.mean) > 0]
        if series:
            of = "" if len(drugs) == 1 else f" of {drug.replace('_', ' ')}"
            yield Course(
                name=_picture_name("course", name.replace(".", "_")),
                label=f"Dose per day{of}",
                unit="mg",
                decimals=0,
                series=tuple(series),
                from_zero=True,
                steps=True,
            )


def _picture_name(prefix: str, measure: str) -> str:
    return f"{prefix}-{measure.replace('_', '-')}"


def _times(series: Series, factor: float) -> Series:
    return replace(
        series,
        mean=factor * series.mean,
        sd=factor * series.sd,
        quantiles={key: factor * values for key, values in series.quantiles.items()},
    )


def _series(material: Material, name: str) -> list[tuple[ArmStyle, Series]]:
    """Return the series of every arm that has a reading."""
    found = []
    for arm in material.arms:
        series = material.characteristics(arm.name).series.get(name)
        if series is not None and np.isfinite(series.quantiles["0.5"]).any():
            found.append((arm, series))
    return found


def _table(course: Course, *, simulated: bool) -> Table:
    """Return the table of a course; the means of simulated trials with their Monte-Carlo error."""
    decimals = course.decimals if course.changed else course.decimals + 1
    rows = []
    for arm, series in course.series:
        errors = series.mean_error(geometric=course.doubling)
        for place in _chosen(series):
            error = float(errors[place]) if simulated else float("nan")
            mean = Estimate(value=float(series.mean[place]), error=error, trials=0)
            levels = {key: float(values[place]) for key, values in series.quantiles.items()}
            rows.append(
                (
                    arm.label,
                    weeks(float(series.day[place])),
                    count(float(series.count[place])),
                    number(levels["0.5"], decimals),
                    f"{number(levels['0.25'], decimals)} to {number(levels['0.75'], decimals)}",
                    f"{number(levels['0.1'], decimals)} to {number(levels['0.9'], decimals)}",
                    value_with_error(mean, decimals),
                )
            )
    heading = "Geometric mean" if course.doubling else "Mean"
    return Table(
        caption=f"{course.label} [{course.unit}]",
        columns=("Arm", "Week", "Readings", "Median", "Middle half", "Middle four fifths", heading),
        rows=tuple(rows),
        note="± is the Monte-Carlo standard error; medians are known about as well." if simulated else "",
    )


def _chosen(series: Series) -> list[int]:
    """Return the visits to print: all with readings, thinned where there are many."""
    known = [
        int(place) for place in np.flatnonzero((series.count > 0) & np.isfinite(series.quantiles["0.5"]))
    ]
    step = max(1, len(known) // 8)
    return sorted({*known[::step], *known[-1:]})
