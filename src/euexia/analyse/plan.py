"""One planned analysis, cut out of an endpoint table: what every method is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from euexia.analyse import estimands
from euexia.analyse.estimands import Settled, leave_out
from euexia.analyse.result import Curve, Result
from euexia.core.choices import choose
from euexia.core.errors import InputError
from euexia.criteria.measures import MEASURES
from euexia.endpoints.table import DerivedEndpoint, EndpointTable
from euexia.protocol.analysis_methods import METHODS
from euexia.protocol.analysis_plan import Analysis, Endpoint, EndpointKind
from euexia.protocol.protocol import Protocol
from euexia.statistics.proportions import Alternative

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]


BASELINE = "baseline"
WITH_BASELINE = frozenset({EndpointKind.CHANGE, EndpointKind.PERCENT_CHANGE, EndpointKind.LONGITUDINAL})
"""Kinds of endpoint that have a baseline value of their own."""
MOST_STRATA = 1000.0
"""More levels than this are no strata."""
NOBODY = "an arm has nobody who is analysed: arms are not compared"
NOT_ESTIMATED = "the values of these patients do not determine the effect: it was not estimated"


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
    columns: Mapping[str, Floats] = field(default_factory=dict)
    """Covariates and strata by name."""
    with_curves: bool = False
    code: str = ""
    lacking: Flags | None = None
    """Who lacks a covariate or stratum; None where none is used."""

    @property
    def trials(self) -> int:
        """Return how many trials the stack holds."""
        return int(self.treated.shape[0])

    @property
    def arms(self) -> tuple[tuple[str, Flags], ...]:
        """Return the suffix and the members of the arm and, if there is one, of the control."""
        own = ("", self.treated)
        return (own,) if self.analysis.control is None else (own, ("_control", self.controls))

    @property
    def group(self) -> Integers:
        """Return 1 for the arm, 0 for the control, -1 for those who are not analysed."""
        members = np.where(self.treated, 1, np.where(self.controls, 0, -1))
        return np.where(self.settled.included, members, -1)

    @property
    def covariates(self) -> tuple[Floats, ...]:
        """Return the covariates asked for, the baseline value where none are named and there is one."""
        return tuple(self.column(name) for name in covariate_names(self.analysis, self.endpoint))

    @property
    def factors(self) -> tuple[Integers, ...]:
        """Return the number of each subject's stratum, for every stratification asked for."""
        return tuple(_codes(self.column(name), name) for name in self.analysis.chosen.strata)

    @property
    def stratum(self) -> Integers:
        """Return the number of each subject's stratum, all stratifications crossed."""
        number = np.zeros(self.treated.shape, dtype=np.int64)
        for codes in self.factors:
            number = np.where(
                (number < 0) | (codes < 0), -1, number * (int(codes.max(initial=0)) + 1) + codes
            )
        return number

    def column(self, name: str) -> Floats:
        """Return a covariate or stratum; ``baseline`` is the endpoint's own."""
        if name == BASELINE:
            return self.derived.baseline
        return choose("column", name, self.columns, asked_in=f"analysis '{self.analysis.name}'")

    @property
    def unit(self) -> str:
        """Return the unit of the endpoint's values."""
        measure = self.endpoint.measure or ""
        if self.endpoint.kind is EndpointKind.PERCENT_CHANGE:
            return "1"
        return MEASURES[measure].unit if measure in MEASURES else ""

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
        diagnosis: tuple[str, ...] | None = None,
        choices: Mapping[str, tuple[str, ...]] | None = None,
        curves: Mapping[str, Curve] | None = None,
    ) -> Result:
        """Return the result of this analysis from what its method found, shape (trials,) each.

        diagnosis: what the method says went wrong, one text for each trial; if it says nothing, trials
        without an estimate are still named.
        """
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
            higher_is_better=self.endpoint.higher_is_better,
            numbers=self._randomised() | dict(numbers),
            settled=self.accounts(),
            design=design or {},
            notes=(*notes, *self.settled.notes),
            diagnosis=self._diagnosis(estimate) if diagnosis is None else diagnosis,
            choices=choices or {},
            curves=curves or {},
            code=self.code,
        )

    def _diagnosis(self, estimate: Floats) -> tuple[str, ...]:
        """Return for each trial without an estimate the plainest reason that can be seen."""
        sizes = [self.count(members & self.settled.included) for _, members in self.arms]
        empty = np.logical_or.reduce([size == 0 for size in sizes])
        return tuple(
            "" if known else NOBODY if nobody else NOT_ESTIMATED
            for known, nobody in zip(np.isfinite(estimate), empty, strict=True)
        )

    def _randomised(self) -> dict[str, Floats]:
        numbers = {"randomised": self.count(self.treated)}
        if self.analysis.control is not None:
            numbers["randomised_control"] = self.count(self.controls)
        return numbers

    def accounts(self) -> dict[str, Floats]:
        """Return how each arm's randomised subjects were settled."""
        numbers: dict[str, Floats] = {}
        for suffix, members in self.arms:
            counts = estimands.count(self.settled, members)
            if self.lacking is not None and self.lacking.any():
                counts["without_covariate"] = self.count(members & self.lacking)
            numbers |= {f"{name}{suffix}": value for name, value in counts.items()}
        return numbers


def covariate_names(analysis: Analysis, endpoint: Endpoint) -> tuple[str, ...]:
    """Return the covariates of an analysis: those it names, else the baseline value if it can use it."""
    named = analysis.chosen.covariates
    takes_any = "covariates" in METHODS[analysis.method].options
    has_baseline = endpoint.kind in WITH_BASELINE
    return named if named or not (takes_any and has_baseline) else (BASELINE,)


def _codes(values: Floats, name: str) -> Integers:
    """Return whole numbers from 0, -1 where unknown; raise InputError if the values are no strata."""
    known = ~np.isnan(values)
    whole = np.where(known, values, 0.0)
    if (whole != np.floor(whole)).any() or (whole < 0).any() or whole.max(initial=0.0) > MOST_STRATA:
        raise InputError(
            f"'{name}' has too many values to be a stratum. Use sex, randomisation or a yes/no measure, or "
            "name it under 'covariates'."
        )
    return np.where(known, whole, -1.0).astype(np.int64)


def look_up(
    table: EndpointTable, protocol: Protocol, analysis: Analysis, *, with_curves: bool = False
) -> Planned:
    """Cut one analysis out of the table and let its estimand decide.

    Raises UnknownNameError for an endpoint or arm the protocol does not have, InputError for an analysis
    without an estimand or with one that does not fit its endpoint.
    """
    place = f"analysis '{analysis.name}'"
    endpoint = choose("endpoint", analysis.endpoint, {e.name: e for e in protocol.endpoints}, asked_in=place)
    derived = choose("derived endpoint", analysis.endpoint, table.endpoints, asked_in=place)
    if analysis.estimand_name not in protocol.estimands:
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
    settled = estimands.apply(
        derived,
        protocol.estimands[analysis.estimand_name],
        endpoint.kind,
        higher_is_better=endpoint.higher_is_better,
    )
    planned = Planned(
        analysis=analysis,
        endpoint=endpoint,
        derived=derived,
        settled=settled,
        treated=treated,
        controls=controls,
        planned_sizes=planned_sizes(protocol),
        columns=table.columns,
        with_curves=with_curves,
        code=reproduction(protocol, analysis),
    )
    return _complete(planned)


def _complete(planned: Planned) -> Planned:
    """Leave out, and count, those who lack a covariate or stratum that the analysis uses."""
    names = (*covariate_names(planned.analysis, planned.endpoint), *planned.analysis.chosen.strata)
    lacking = np.zeros(planned.treated.shape, dtype=bool)
    for name in names:
        lacking |= np.isnan(planned.column(name))
    if not names:
        return planned
    return replace(planned, settled=leave_out(planned.settled, lacking), lacking=lacking)


def reproduction(protocol: Protocol, analysis: Analysis) -> str:
    """Return Python that does an analysis again, from a protocol and trial data."""
    source = protocol.source_name if protocol.source_name.endswith((".yaml", ".yml")) else protocol.id
    name = source.removesuffix(".yaml") if source == f"{protocol.id}.yaml" else source
    return "\n".join(
        (
            "import euexia",
            f"protocol = euexia.load_protocol({name!r})",
            "table = euexia.derive(trial_data, protocol)",
            f"result = {{r.analysis: r for r in euexia.analyse(table, protocol)}}[{analysis.name!r}]",
        )
    )


def planned_sizes(protocol: Protocol) -> dict[str, int]:
    """Return how many patients each arm gets when the protocol's size is shared out by its ratios."""
    total = sum(arm.ratio for arm in protocol.arms)
    return {arm.name: round(protocol.size * arm.ratio / total) for arm in protocol.arms}
