"""The chapter on each patient's change: the waterfall of the example trial."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from euexia.criteria.measures import MEASURES
from euexia.protocol.analysis_plan import EndpointKind
from euexia.report.content import Chapter, Drawn, Table
from euexia.report.drawing import Picture
from euexia.report.formatting import NOT_KNOWN, count, number, plural, weeks
from euexia.report.material import EXAMPLE, Material, is_percent_change, leaf_of, measure_unit
from euexia.report.patient_figures import Change, Patients, common_limits, waterfall_panel

CHANGES = (EndpointKind.CHANGE, EndpointKind.PERCENT_CHANGE, EndpointKind.LONGITUDINAL)


def chapter(material: Material) -> Chapter | None:
    """Return every patient's changes in the example trial; None where the response has no measured parts."""
    changes = _changes(material)
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
            responder=material.responders[EXAMPLE][mine],
            dead=dead[mine],
        )
        panels.append(waterfall_panel(patients))
        rows.append(_row(patients))
    which = "this trial" if material.trials == 1 else "the first simulated trial"
    markers = ", ".join(f"{arm.marker_name} {arm.label}" for arm in material.arms)
    caption = (
        f"Every patient of {which} ({plural(material.data.size, 'patient')}), week "
        f"{weeks(material.primary.day)}. Within an arm "
        f"the patients stand in the same order in each row. {_marked(material)}× died before the assessment; "
        f"grey ring: not assessed. Both count as the estimand says. Arms: {markers}."
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


def _changes(material: Material) -> Mapping[str, NDArray[np.float64]]:
    """Return the changes that the primary result rests on, by measure."""
    if material.responds:
        return material.response.changes or {}
    return {
        endpoint.measure: material.table.endpoints[endpoint.name].value
        for endpoint in material.protocol.endpoints
        if endpoint.name in material.shown_first and endpoint.kind in CHANGES and endpoint.measure is not None
    }


def _marked(material: Material) -> str:
    if not material.responds:
        return ""
    return "Filled marker: responder, above both dashed thresholds; hollow: not. "


def _scaled(material: Material, name: str, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Change:
    leaf = leaf_of(material.primary, name)
    relative = is_percent_change(material.primary, name) or any(
        endpoint.measure == name and endpoint.kind is EndpointKind.PERCENT_CHANGE
        for endpoint in material.protocol.endpoints
        if endpoint.name in material.shown_first
    )
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
