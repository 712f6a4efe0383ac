"""Every figure of an analysed trial, in the order of its report; and its waterfalls."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from euexia.criteria.measures import MEASURES
from euexia.endpoints.table import DerivedEndpoint
from euexia.protocol.analysis_plan import Endpoint, EndpointKind
from euexia.report.analysis_curves import event_pictures, mean_pictures
from euexia.report.analysis_forest import forest
from euexia.report.analysis_material import ONE, AnalysisMaterial
from euexia.report.analysis_tipping import tipping_pictures
from euexia.report.drawing import Picture
from euexia.report.material import is_percent_change, leaf_of, measure_unit
from euexia.report.patient_figures import Change, Patients, common_limits, waterfall_panel
from euexia.report.win_figures import win_pictures

CHANGES = frozenset({EndpointKind.CHANGE, EndpointKind.PERCENT_CHANGE, EndpointKind.LONGITUDINAL})
Floats = NDArray[np.float64]


def pictures(material: AnalysisMaterial) -> tuple[Picture, ...]:
    """Return every figure that the results allow."""
    effects = forest(material)
    return (
        *(() if effects is None else (effects,)),
        *mean_pictures(material),
        *event_pictures(material),
        *win_pictures(material),
        *tipping_pictures(material),
        *waterfalls(material),
    )


def waterfalls(material: AnalysisMaterial) -> Iterator[Picture]:
    """Give the change of every patient, endpoint by endpoint, arm beside arm."""
    for name, derived in material.trial.table.endpoints.items():
        endpoint = material.endpoints[name]
        changes = tuple(_changes(endpoint, derived))
        if changes and any(np.isfinite(change.value).any() for change in changes):
            yield _waterfall(material, endpoint, derived, changes)


def _waterfall(
    material: AnalysisMaterial, endpoint: Endpoint, derived: DerivedEndpoint, changes: tuple[Change, ...]
) -> Picture:
    dead = derived.dead[ONE]
    responds = endpoint.kind is EndpointKind.RESPONDER
    responder = derived.value[ONE] >= 1 if responds else np.zeros(dead.shape, dtype=bool)
    limits = [common_limits([change.value[~dead]], change.threshold) for change in changes]
    panels = []
    for arm in material.arms:
        mine = material.members(arm.name)
        patients = Patients(
            arm=arm,
            changes=tuple(
                Change(
                    label=change.label,
                    unit=change.unit,
                    value=change.value[mine],
                    threshold=change.threshold,
                    limits=limit,
                )
                for change, limit in zip(changes, limits, strict=True)
            ),
            responder=responder[mine],
            dead=dead[mine],
        )
        panels.append(waterfall_panel(patients, name=endpoint.name, responds=responds))
    marked = "Filled marker: responder; hollow: not. " if responds else ""
    return Picture(
        name=f"waterfall-{endpoint.name}",
        title=f"Change of every patient: {material.endpoint_title(endpoint.name)}",
        caption=f"Every patient randomised, in the order of the change. {marked}Cross: died before the "
        "assessment; small grey circle: not assessed.",
        panels=tuple(panels),
        columns=3,
    )


def _changes(endpoint: Endpoint, derived: DerivedEndpoint) -> Iterator[Change]:
    if endpoint.kind is EndpointKind.RESPONDER:
        for measure, values in (derived.changes or {}).items():
            leaf = leaf_of(endpoint, measure)
            threshold = None if leaf is None else leaf.threshold
            relative = is_percent_change(endpoint, measure)
            yield _change(measure, values[ONE], relative=relative, threshold=threshold)
    elif endpoint.kind in CHANGES and endpoint.measure is not None:
        relative = endpoint.kind is EndpointKind.PERCENT_CHANGE
        yield _change(endpoint.measure, derived.value[ONE], relative=relative, threshold=None)


def _change(measure: str, values: Floats, *, relative: bool, threshold: float | None) -> Change:
    times = 100.0 if relative else 1.0
    short = MEASURES[measure].short if measure in MEASURES else measure
    return Change(
        label=f"change of {short}",
        unit="%" if relative else measure_unit(measure),
        value=times * values,
        threshold=None if threshold is None else times * threshold,
        limits=(0.0, 0.0),
    )
