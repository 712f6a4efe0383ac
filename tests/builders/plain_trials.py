"""Trials of a plain model, as the source of the machinery of looks: independent values, one patient a day.

The patient of a place has the same chance whatever arm is allotted, as in simulated trials.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from builders.protocols import GRIP, make_analysis, make_protocol
from builders.trials import make_readings, make_trial
from euexia.protocol.analysis_plan import Endpoint, EndpointKind, Estimand, Method, Role, Strategy, Summary
from euexia.protocol.design import Interim
from euexia.protocol.protocol import Arm, Protocol, Randomisation, RandomisationMethod, Schedule, Visit
from euexia.simulate.randomisation import allot
from euexia.study.adaptive import Source
from euexia.study.adaptive_simulation import _with_arms

DUE = 28.0
ARMS = ("drug", "control")
VISITS = (
    Visit(name="day_0", day=0.0, measures=("handgrip_strength",)),
    Visit(name="week_4", day=DUE, measures=("handgrip_strength",)),
)
STRENGTH = Endpoint(
    name="strength",
    label="Strength",
    kind=EndpointKind.CHANGE,
    role=Role.PRIMARY,
    day=DUE,
    measure="handgrip_strength",
)
RESPONSE = Endpoint(
    name="response", label="Response", kind=EndpointKind.RESPONDER, role=Role.PRIMARY, day=DUE, condition=GRIP
)
ESTIMANDS = {
    "strength": Estimand(
        endpoint="strength",
        death=Strategy.WHILE_ALIVE,
        missing=Strategy.HYPOTHETICAL,
        summary=Summary.MEAN,
    ),
    "response": Estimand(endpoint="response"),
}


def plain_protocol(
    *looks: Interim, size: int = 100, arms: tuple[str, ...] = ARMS, **changes: Any
) -> Protocol:
    """Return a protocol of equal arms, each compared with the last in its strength at four weeks."""
    control = arms[-1]
    analyses = tuple(
        make_analysis(
            f"strength_{arm}",
            "strength",
            Method.MEAN_DIFFERENCE,
            arm=arm,
            control=control,
            alpha=0.025,
            one_sided=True,
            primary=True,
        )
        for arm in arms[:-1]
    )
    given = {
        "size": size,
        "arms": tuple(Arm(name=arm, label=arm, ratio=1) for arm in arms),
        "randomisation": Randomisation(method=RandomisationMethod.PERMUTED_BLOCKS, block_size=len(arms)),
        "schedule": Schedule(screening=-1.0, treatment=DUE, follow_up=DUE, visits=VISITS),
        "endpoints": (STRENGTH,),
        "estimands": ESTIMANDS,
        "analyses": analyses,
        "interims": looks,
    }
    return make_protocol(**{**given, **changes})


def one_arm_protocol(*looks: Interim, size: int, null: float, alternative: float, alpha: float) -> Protocol:
    """Return a protocol of one arm whose response rate is held against a fixed one."""
    analysis = make_analysis(
        "response_drug",
        "response",
        Method.EXACT_BINOMIAL,
        control=None,
        null=null,
        alternative=alternative,
        alpha=alpha,
        one_sided=True,
        primary=True,
    )
    return plain_protocol(
        *looks,
        size=size,
        arms=ARMS[:1],
        endpoints=(RESPONSE,),
        analyses=(analysis,),
    )


def plain_source(
    protocol: Protocol, trials: int, *, effects: dict[str, float], seed: int = 1, size: int | None = None
) -> Source:
    """Return trials of normal changes with standard deviation 1; effects: mean change of each arm.

    A response is a change of 4 and more; see ``response_source``.
    """
    chance = np.random.default_rng(seed)
    shape = (trials, protocol.size if size is None else size)
    noise, baseline = chance.normal(size=shape), chance.normal(30.0, 1.0, size=shape)
    mean = np.array([effects.get(arm.name, 0.0) for arm in protocol.arms])
    return _source(protocol, shape, lambda arm: mean[arm] + noise, baseline, seed)


def response_source(protocol: Protocol, trials: int, *, rate: float, seed: int = 1) -> Source:
    """Return trials in which each patient responds (a change of 5) with a probability."""
    shape = (trials, protocol.size)
    responds = np.random.default_rng(seed).random(shape) < rate
    return _source(protocol, shape, lambda _: np.where(responds, 5.0, 0.0), np.full(shape, 30.0), seed)


def _source(protocol: Protocol, shape: tuple[int, int], change: Any, baseline: Any, seed: int) -> Source:
    numbers, stratum = np.arange(shape[0]), np.zeros(shape, dtype=np.int64)
    arm = allot(protocol, seed, numbers, stratum)
    day = np.broadcast_to(np.array([0.0, DUE]), (*shape, 2))

    def conduct(allotted: Any) -> Any:
        value = np.stack([baseline, baseline + change(allotted)], axis=-1)
        return make_trial(
            allotted,
            readings={"handgrip_strength": make_readings(day, value)},
            arms=tuple(arm.name for arm in protocol.arms),
            enrolled_day=np.arange(shape[1], dtype=float),
            last_contact_day=DUE,
        )

    def reallot(active: Any) -> Any:
        found = arm.copy()
        for pattern in np.unique(active, axis=0):
            rows, names = (active == pattern).all(axis=1), np.flatnonzero(pattern)
            if 0 < names.size < pattern.size:
                found[rows] = names[allot(_with_arms(protocol, names), seed, numbers[rows], stratum[rows])]
        return found

    return Source(arm=arm, conduct=conduct, reallot=reallot)
