"""The chapters that follow the patients: measures and dose over time, and each patient's change."""

from __future__ import annotations

import numpy as np

from euexia.criteria.measures import MEASURES
from euexia.report.content import Block, Chapter, Drawn, Fold, Prose, Table
from euexia.report.course_figures import course_panels
from euexia.report.drawing import Picture
from euexia.report.formatting import NOT_KNOWN, count, number, plural, weeks
from euexia.report.material import EXAMPLE, Material, is_percent_change, leaf_of, measure_label, measure_unit
from euexia.report.patient_figures import Change, Patients, common_limits, waterfall_panel
from euexia.report.style import ArmStyle
from euexia.study.operating import Series

SHOWN = ("body_weight", "lean_mass_ct", "handgrip_strength", "crp", "dose")
"""Measures drawn over time, in this order."""


def chapter(material: Material) -> Chapter:
    """Return the measures over time, one figure each, with the figures' numbers folded below."""
    blocks: list[Block] = [Prose(text=_how_to_read(material))]
    tables: list[Table] = []
    for name in SHOWN:
        series = _series(material, name)
        if not series:
            continue
        label, unit, decimals = _named(name)
        caption = (
            f"Over time, of {material.from_whom()}. Line: median; darker band: middle half; pale "
            "band: middle "
            f"four fifths of the patients who have a reading.{_dose_note(name)} Dotted grey: the other "
            "arms’ medians."
        )
        panels = course_panels(name, label, unit, decimals, series)
        picture = Picture(
            name=f"course-{name.replace('_', '-')}",
            title=f"{label} [{unit}]",
            caption=caption,
            panels=panels,
            columns=3,
        )
        blocks.append(Drawn(picture=picture))
        tables.append(_table(label, unit, decimals, series))
    if tables:
        blocks.append(Fold(summary="The numbers behind these figures", blocks=tuple(tables)))
    return Chapter(
        id="course", title="Weight, lean mass, handgrip, CRP and dose over time", blocks=tuple(blocks)
    )


def _how_to_read(material: Material) -> str:
    return (
        "Readings of patients who died or withdrew end there; nothing is carried forward. So a later median "
        "speaks of those "
        "still in the trial, and may look better than the arm fared."
    )


def _dose_note(name: str) -> str:
    return " A dose on hold counts as 0 mg." if name == "dose" else ""


def _named(name: str) -> tuple[str, str, int]:
    if name == "dose":
        return "Dose per day", "mg", 0
    return measure_label(name), measure_unit(name), MEASURES[name].decimals


def _series(material: Material, name: str) -> list[tuple[ArmStyle, Series]]:
    found = []
    for arm in material.arms:
        series = material.characteristics(arm.name).series.get(name)
        if series is None or not np.isfinite(series.quantiles["0.5"]).any():
            continue
        if name == "dose" and not np.nanmax(series.mean) > 0:
            continue
        found.append((arm, series))
    return found


def _table(label: str, unit: str, decimals: int, series: list[tuple[ArmStyle, Series]]) -> Table:
    rows = []
    for arm, found in series:
        for place in _chosen(found):
            levels = {key: float(values[place]) for key, values in found.quantiles.items()}
            rows.append(
                (
                    arm.label,
                    weeks(float(found.day[place])),
                    count(float(found.count[place])),
                    number(levels["0.5"], decimals + 1),
                    f"{number(levels['0.25'], decimals + 1)} to {number(levels['0.75'], decimals + 1)}",
                    f"{number(levels['0.1'], decimals + 1)} to {number(levels['0.9'], decimals + 1)}",
                    number(float(found.mean[place]), decimals + 1),
                )
            )
    return Table(
        caption=f"{label} [{unit}]",
        columns=("Arm", "Week", "Readings", "Median", "Middle half", "Middle four fifths", "Mean"),
        rows=tuple(rows),
    )


def _chosen(series: Series) -> list[int]:
    """Return the visits to print: all with readings, thinned where there are many."""
    known = [
        int(place) for place in np.flatnonzero((series.count > 0) & np.isfinite(series.quantiles["0.5"]))
    ]
    step = max(1, len(known) // 8)
    return sorted({*known[::step], *known[-1:]})


def waterfall(material: Material) -> Chapter | None:
    """Return every patient's changes in the example trial; None where the response has no measured parts."""
    changes = material.response.changes or {}
    if not changes:
        return None
    scaled = {name: _scaled(material, name, values[EXAMPLE]) for name, values in changes.items()}
    dead = material.response.dead[EXAMPLE]
    limits = {name: common_limits([change.value[~dead]], change.threshold) for name, change in scaled.items()}
    panels, rows = [], []
    for arm in material.arms:
        mine = material.example(arm.name)
        patients = Patients(
            arm=arm,
            changes=tuple(
                Change(
                    label=change.label,
                    unit=change.unit,
                    value=change.value[mine],
                    threshold=change.threshold,
                    limits=limits[name],
                )
                for name, change in scaled.items()
            ),
            responder=(material.response.value[EXAMPLE] == 1)[mine],
            dead=dead[mine],
        )
        panels.append(waterfall_panel(patients))
        rows.append(_row(patients))
    which = "this trial" if material.trials == 1 else "the first simulated trial"
    markers = ", ".join(f"{arm.marker_name} {arm.label}" for arm in material.arms)
    caption = (
        f"Every patient of {which} ({plural(material.data.size, 'patient')}), week "
        f"{weeks(material.primary.day)}. Within an arm "
        "the patients stand in the same order in each row. Filled marker: responder, above both dashed "
        "thresholds; hollow: "
        "not. × died before the assessment; grey ring: not assessed. Both count as the estimand says. "
        f"Arms: {markers}."
    )
    picture = Picture(
        name="waterfall", title="Change of every patient", caption=caption, panels=tuple(panels), columns=3
    )
    columns = (
        "Arm",
        "Assessed",
        "Died",
        "Not assessed",
        *(f"Median {c.label} [{c.unit}]" for c in scaled.values()),
    )
    table = Table(caption=f"Changes in {which}", columns=columns, rows=tuple(rows))
    return Chapter(id="waterfall", title="Patient by patient", blocks=(Drawn(picture=picture), table))


def _scaled(material: Material, name: str, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Change:
    leaf = leaf_of(material.primary, name)
    relative = is_percent_change(material.primary, name)
    factor = 100.0 if relative else 1.0
    short = MEASURES[name].short if name in MEASURES else name
    return Change(
        label=f"change of {short}",
        unit="%" if relative else measure_unit(name),
        value=factor * values,
        threshold=None if leaf is None or leaf.threshold is None else factor * leaf.threshold,
        limits=(0.0, 0.0),
    )


def _row(patients: Patients) -> tuple[str, ...]:
    first = patients.changes[0].value
    assessed = (
        np.isfinite(np.stack([change.value for change in patients.changes])).all(axis=0) & ~patients.dead
    )
    medians = tuple(
        number(float(np.nanmedian(change.value)), 1) if np.isfinite(change.value).any() else NOT_KNOWN
        for change in patients.changes
    )
    return (
        patients.arm.label,
        count(int(assessed.sum())),
        count(int(patients.dead.sum())),
        count(len(first) - int(assessed.sum()) - int(patients.dead.sum())),
        *medians,
    )
