"""One planned analysis, cut out of an endpoint table: what every method is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia.analyse import estimands
from euexia.analyse.estimands import Settled
from euexia.analyse.result import Result
from euexia.core.choices import choose
from euexia.core.errors import InputError
from euexia.endpoints.table import DerivedEndpoint, EndpointTable
from euexia.protocol.analysis_plan import Analysis, Endpoint
from euexia.protocol.protocol import Protocol
from euexia.statistics.proportions import Alternative

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """Everything a method needs; arrays have the shape (trials, subjects)."""

    analysis: Analysis
    endpoint: Endpoint
    derived: DerivedEndpoint
    settled: Settled
    treated: Flags
    """Randomised to the arm."""
    controls: Flags
    """Randomised to the control; nobody where the analysis has none."""
    planned_sizes: Mapping[str, int]
    """Patients per arm that the protocol plans."""

    @property
    def level(self) -> float:
        """Return the confidence level that fits the test: 1 - alpha; 1 - 2 alpha if it is one-sided."""
        return 1.0 - (2.0 if self.analysis.one_sided else 1.0) * self.analysis.alpha

    @property
    def alternative(self) -> Alternative:
        """Return which departure the test looks for."""
        if not self.analysis.one_sided:
            return Alternative.TWO_SIDED
        return Alternative.GREATER if self.endpoint.higher_is_better else Alternative.LESS

    def count(self, who: Flags) -> Floats:
        """Return how many subjects of each trial a flag is true for."""
        return np.asarray(who.sum(axis=1), dtype=float)

    def result(
        self,
        *,
        measure_of_effect: str,
        unit: str,
        estimate: Floats,
        limits: tuple[Floats, Floats],
        p_value: Floats,
        numbers: Mapping[str, Floats],
        design: Mapping[str, float] | None = None,
        notes: tuple[str, ...] = (),
    ) -> Result:
        """Return the result of this analysis from what its method found, shape (trials,) each."""
        analysis = self.analysis
        with np.errstate(invalid="ignore"):
            reject = p_value <= analysis.alpha
        return Result(
            analysis=analysis.name,
            endpoint=analysis.endpoint,
            method=analysis.method.value,
            arm=analysis.arm,
            control=analysis.control,
            estimand=self.settled.words,
            measure_of_effect=measure_of_effect,
            unit=unit,
            estimate=estimate,
            low=limits[0],
            high=limits[1],
            level=self.level,
            p_value=p_value,
            reject=np.asarray(reject, dtype=bool),
            alpha=analysis.alpha,
            one_sided=analysis.one_sided,
            numbers=self._randomised() | dict(numbers),
            settled=self.accounts(),
            design=design or {},
            notes=(*notes, *self.settled.notes),
        )

    def _randomised(self) -> dict[str, Floats]:
        numbers = {"randomised": self.count(self.treated)}
        if self.analysis.control is not None:
            numbers["randomised_control"] = self.count(self.controls)
        return numbers

    def accounts(self) -> dict[str, Floats]:
        """Return how each arm's randomised subjects were settled."""
        numbers = estimands.count(self.settled, self.treated)
        if self.analysis.control is not None:
            control = estimands.count(self.settled, self.controls)
            numbers |= {f"{name}_control": value for name, value in control.items()}
        return numbers


def look_up(table: EndpointTable, protocol: Protocol, analysis: Analysis) -> Planned:
    """Cut one analysis out of the table and let its estimand decide.

    Raises UnknownNameError for an endpoint or arm the protocol does not have, InputError for an analysis
    without an estimand or with one that does not fit its endpoint.
    """
    place = f"analysis '{analysis.name}'"
    endpoint = choose("endpoint", analysis.endpoint, {e.name: e for e in protocol.endpoints}, asked_in=place)
    derived = choose("derived endpoint", analysis.endpoint, table.endpoints, asked_in=place)
    if analysis.endpoint not in protocol.estimands:
        raise InputError(
            f"The {place} is of endpoint '{analysis.endpoint}', for which protocol '{protocol.id}' states "
            f"no estimand. "
            "Say under 'estimands' what death, stopped treatment and missing readings do to it."
        )
    indices = {name: index for index, name in enumerate(table.arms)}
    treated = table.arm == choose("arm", analysis.arm, indices, asked_in=place)
    controls = np.zeros(table.arm.shape, dtype=bool)
    if analysis.control is not None:
        controls = table.arm == choose("arm", analysis.control, indices, asked_in=place)
    return Planned(
        analysis=analysis,
        endpoint=endpoint,
        derived=derived,
        settled=estimands.apply(derived, protocol.estimands[analysis.endpoint], endpoint.kind),
        treated=treated,
        controls=controls,
        planned_sizes=planned_sizes(protocol),
    )


def planned_sizes(protocol: Protocol) -> dict[str, int]:
    """Return how many patients each arm gets when the protocol's size is shared out by its ratios."""
    total = sum(arm.ratio for arm in protocol.arms)
    return {arm.name: round(protocol.size * arm.ratio / total) for arm in protocol.arms}
