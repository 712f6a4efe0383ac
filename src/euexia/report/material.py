"""Everything a report speaks about, gathered once, so that its sections only choose words and drawings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from euexia.analyse import estimands
from euexia.analyse.estimands import Settled
from euexia.analyse.result import Result
from euexia.core.errors import InputError
from euexia.criteria.measures import MEASURES
from euexia.endpoints.table import DerivedEndpoint, EndpointTable
from euexia.parameters import Parameter
from euexia.protocol.analysis_plan import Analysis, Endpoint, Role
from euexia.protocol.condition import leaves
from euexia.protocol.lead import is_response, lead_endpoint, lead_estimand
from euexia.protocol.protocol import Protocol
from euexia.protocol.statement import Condition
from euexia.report.style import ArmStyle, arm_styles
from euexia.study.block import Block, reduce_block
from euexia.study.convergence import Convergence
from euexia.study.operating import (
    ArmCharacteristics,
    OperatingCharacteristics,
    Scenario,
    ScreeningCharacteristics,
)
from euexia.study.provenance import Provenance
from euexia.study.series import Scale, is_dose
from euexia.study.stopping import Stopping
from euexia.study.tally import scenario, screening
from euexia.trialdata.trialdata import TrialData

EXAMPLE = 0
"""Which trial of the stack is shown patient by patient."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """What one report is about.  Without ``operating`` it is about the trials of ``data`` themselves."""

    protocol: Protocol
    data: TrialData
    results: tuple[Result, ...]
    table: EndpointTable
    provenance: Provenance
    parameters: Mapping[str, Parameter]
    operating: OperatingCharacteristics | None
    convergence: tuple[Convergence, ...] = ()
    stopping: Stopping | None = None

    def __post_init__(self) -> None:
        if self.data.protocol_id != self.protocol.id:
            raise InputError(
                f"The data are of the trial '{self.data.protocol_id}', the protocol is '{self.protocol.id}'. "
                "Give the protocol under which the data were collected."
            )
        lead_endpoint(self.protocol)  # a protocol that cannot be reported is refused at once

    @cached_property
    def arms(self) -> tuple[ArmStyle, ...]:
        """Return how each arm looks and is called."""
        return arm_styles(self.protocol)

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Return the label of each arm by its name."""
        return {arm.name: arm.label for arm in self.protocol.arms}

    @cached_property
    def primary(self) -> Endpoint:
        """Return the first primary endpoint."""
        return lead_endpoint(self.protocol)

    @cached_property
    def responds(self) -> bool:
        """Return whether patients respond, or not, in the first primary endpoint."""
        return is_response(self.protocol)

    @cached_property
    def shown_first(self) -> frozenset[str]:
        """Return the endpoints that the chapter on the primary result is about."""
        if self.responds:
            return frozenset({self.primary.name})
        return frozenset(e.name for e in self.protocol.endpoints if e.role is Role.PRIMARY)

    @cached_property
    def response(self) -> DerivedEndpoint:
        """Return the primary endpoint of every patient."""
        return self.table.endpoints[self.primary.name]

    @cached_property
    def settled(self) -> Settled:
        """Return the primary endpoint of every patient after its estimand has decided."""
        return estimands.apply(
            self.response,
            lead_estimand(self.protocol),
            self.primary.kind,
            higher_is_better=self.primary.higher_is_better,
        )

    @cached_property
    def responders(self) -> NDArray[np.bool_]:
        """Return who counts as a responder, shape (trials, subjects); nobody where none can respond."""
        if not self.responds:
            return np.zeros(self.settled.included.shape, dtype=bool)
        return np.asarray(self.settled.included & (self.settled.value >= 1))

    @cached_property
    def everybody_counts(self) -> bool:
        """Return whether the estimand analyses everybody randomised."""
        return all(arm.analysed == arm.patients for arm in self.scenario.arms)

    @cached_property
    def planned(self) -> Mapping[str, Analysis]:
        """Return the planned analyses by name."""
        return {analysis.name: analysis for analysis in self.protocol.analyses}

    @cached_property
    def tests(self) -> tuple[Analysis, ...]:
        """Return the analyses of the primary endpoint that hold one arm against a fixed response rate."""
        return tuple(
            analysis
            for analysis in self.protocol.analyses
            if analysis.endpoint == self.primary.name
            and analysis.control is None
            and analysis.null is not None
        )

    @cached_property
    def result(self) -> Mapping[str, Result]:
        """Return the results by the name of their analysis."""
        return {result.analysis: result for result in self.results}

    @cached_property
    def scenario(self) -> Scenario:
        """Return what happened per arm: over all simulated trials, or in the data themselves."""
        if self.operating is not None:
            return self.operating.as_modelled
        return scenario("observed", "as observed", self.protocol, [self._block])

    @cached_property
    def screening(self) -> ScreeningCharacteristics | None:
        """Return who was screened and refused; None without a screening log."""
        if self.operating is not None:
            return self.operating.screening
        return None if self._block.screening is None else screening(self._block.screening)

    @cached_property
    def _block(self) -> Block:
        return reduce_block(0, self.protocol, self.data, self.table, self.results)

    @cached_property
    def trials(self) -> int:
        """Return of how many trials the summaries are."""
        return self.data.trials if self.operating is None else self.operating.trials

    @property
    def is_simulated_many(self) -> bool:
        """Return whether the report is of the operating characteristics of a design."""
        return self.operating is not None

    def characteristics(self, arm: str) -> ArmCharacteristics:
        """Return what happened in one arm."""
        return next(found for found in self.scenario.arms if found.arm == arm)

    def example(self, arm: str) -> NDArray[np.bool_]:
        """Return which subjects of the example trial are in an arm, shape (subjects,)."""
        return np.asarray(self.table.arm[EXAMPLE] == self.table.arms.index(arm))

    def analysed(self) -> str:
        """Return in words on how many patients the primary result rests."""
        if self.everybody_counts:
            return self.from_whom()
        return f"the analysed patients among {self.from_whom()}"

    def from_whom(self) -> str:
        """Return in words on how many patients and trials a summary rests."""
        looks = None if self.operating is None else self.operating.as_modelled.looks
        each = self.protocol.size if looks is None else looks.randomised.value
        patients = round(self.trials * each)
        if self.trials == 1:
            return f"{self.data.size} patients of this trial"
        return f"{patients:,} patients of {self.trials:,} simulated trials"


def measure_label(name: str) -> str:
    """Return the printed name of a measure."""
    return MEASURES[name].label if name in MEASURES else name.replace("_", " ").capitalize()


def measure_unit(name: str) -> str:
    """Return the printed unit of a measure."""
    return MEASURES[name].unit if name in MEASURES else ""


def is_percent_change(endpoint: Endpoint, measure: str) -> bool:
    """Return whether a responder's condition looks at the relative change of a measure."""
    leaf = leaf_of(endpoint, measure)
    return leaf is not None and "percent" in leaf.of.value


def leaf_of(endpoint: Endpoint, measure: str) -> Condition | None:
    """Return the comparison of a responder's condition that looks at a measure; None if there is none."""
    found = () if endpoint.condition is None else leaves(endpoint.condition)
    return next((leaf for leaf in found if leaf.measure == measure), None)


def series_unit(name: str) -> str:
    """Return the unit of a series: of a measure, of its change, or of the dose."""
    measure, _, scale = name.partition(".")
    if is_dose(name):
        return "mg/day"
    return measure_unit(measure) if scale in ("", Scale.CHANGE) else "1"
