"""A protocol of the lenalidomide trial's form, in Python."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from euexia.core.logic import Comparison
from euexia.protocol.analysis_plan import (
    Analysis,
    Endpoint,
    EndpointKind,
    Estimand,
    Method,
    Role,
    Strategy,
    Summary,
)
from euexia.protocol.protocol import (
    Accrual,
    Arm,
    Protocol,
    Randomisation,
    RandomisationMethod,
    Schedule,
    Visit,
)
from euexia.protocol.statement import Condition, Quantity

LEAN = Condition(
    measure="lean_mass_ct", of=Quantity.PERCENT_CHANGE, comparison=Comparison.ABOVE, threshold=0.02
)
GRIP = Condition(
    measure="handgrip_strength", of=Quantity.CHANGE, comparison=Comparison.AT_LEAST, threshold=4.0
)

VISITS = (
    Visit(name="day_0", day=0.0, measures=("lean_mass_ct", "handgrip_strength", "crp", "tumour_size")),
    Visit(name="week_4", day=28.0, measures=("crp",), window=3.0),
    Visit(
        name="week_8",
        day=56.0,
        measures=("lean_mass_ct", "handgrip_strength", "crp", "tumour_size"),
        window=5.0,
    ),
)

ENDPOINTS = (
    Endpoint(
        name="response",
        label="Response",
        kind=EndpointKind.RESPONDER,
        role=Role.PRIMARY,
        day=56.0,
        condition=Condition(all=(LEAN, GRIP)),
    ),
    Endpoint(
        name="inflammation",
        label="CRP",
        kind=EndpointKind.CHANGE,
        role=Role.SECONDARY,
        day=56.0,
        measure="crp",
        higher_is_better=False,
    ),
    Endpoint(
        name="serious",
        label="Serious adverse events",
        kind=EndpointKind.EVENT_COUNT,
        role=Role.SECONDARY,
        day=84.0,
        events="serious_adverse_event",
        higher_is_better=False,
    ),
    Endpoint(
        name="tumour",
        label="Tumour",
        kind=EndpointKind.CATEGORY,
        role=Role.SECONDARY,
        day=56.0,
        measure="tumour_size",
    ),
)

ESTIMANDS = {
    "response": Estimand(endpoint="response"),
    "inflammation": Estimand(
        endpoint="inflammation",
        death=Strategy.WHILE_ALIVE,
        missing=Strategy.HYPOTHETICAL,
        summary=Summary.MEAN,
    ),
    "serious": Estimand(
        endpoint="serious", death=Strategy.WHILE_ALIVE, missing=Strategy.WHILE_ALIVE, summary=Summary.RATE
    ),
    "tumour": Estimand(
        endpoint="tumour", death=Strategy.WHILE_ALIVE, missing=Strategy.HYPOTHETICAL, summary=Summary.COUNTS
    ),
}


def make_analysis(name: str, endpoint: str, method: Method, **changes: Any) -> Analysis:
    """Return an analysis of the arm ``drug`` against ``control``."""
    return Analysis(
        name=name, endpoint=endpoint, method=method, **{"arm": "drug", "control": "control", **changes}
    )


ANALYSES = (
    make_analysis(
        "response_drug",
        "response",
        Method.EXACT_BINOMIAL,
        control=None,
        null=0.05,
        alternative=0.25,
        one_sided=True,
        primary=True,
    ),
    make_analysis("response_fisher", "response", Method.FISHER),
    make_analysis("response_boschloo", "response", Method.BOSCHLOO),
    make_analysis("inflammation_drug", "inflammation", Method.MEAN_DIFFERENCE),
    make_analysis("serious_drug", "serious", Method.EVENT_RATE),
    make_analysis("tumour_drug", "tumour", Method.CATEGORY_TABLE),
)


def make_protocol(**changes: Any) -> Protocol:
    """Return a two-arm protocol with one analysis by each method; changes: fields to replace."""
    protocol = Protocol(
        id="two_arms",
        title="Two arms",
        registry="",
        question="Does the drug work?",
        population="nobody",
        size=60,
        eligibility=(),
        arms=(Arm(name="drug", label="Drug", ratio=2), Arm(name="control", label="Control", ratio=1)),
        randomisation=Randomisation(method=RandomisationMethod.PERMUTED_BLOCKS, block_size=3),
        accrual=Accrual(candidates_per_month=10.0),
        background=(),
        rules={},
        schedule=Schedule(screening=-7.0, treatment=56.0, follow_up=84.0, visits=VISITS),
        endpoints=ENDPOINTS,
        estimands=ESTIMANDS,
        analyses=ANALYSES,
    )
    return replace(protocol, **changes)
