"""When a simulated trial succeeds: every primary analysis of an arm rejects, on the patient's side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from euexia.protocol.analysis_plan import Analysis, Endpoint, Method
from euexia.protocol.protocol import Protocol
from euexia.study.block import Block

Flags = NDArray[np.bool_]

WINS = frozenset({Method.WIN_RATIO, Method.WIN_ODDS, Method.NET_BENEFIT, Method.RANK_COMPOSITE})
"""Methods whose estimate counts wins of the treated: the endpoint's own order says what a win is."""
HAZARDS = frozenset({Method.COX, Method.LOG_RANK, Method.CUMULATIVE_INCIDENCE})
"""Methods whose estimate falls when events come later."""
RATIOS = frozenset({Method.COX, Method.LOG_RANK, Method.WIN_RATIO, Method.WIN_ODDS})
"""Methods whose estimate is a ratio."""


def successes(protocol: Protocol, blocks: Sequence[Block]) -> Mapping[str, Flags]:
    """Return for each arm with primary analyses in which trials all of them succeed, shape (trials,).

    An analysis succeeds when it rejects, by its adjusted decision where several share a level, and its
    estimate lies on the side that is better for the patient: a significant harm is no success.
    """
    endpoints = {endpoint.name: endpoint for endpoint in protocol.endpoints}
    found: dict[str, Flags] = {}
    for analysis in protocol.analyses:
        if analysis.primary:
            own = np.concatenate([_succeeds(analysis, endpoints, block) for block in blocks])
            found[analysis.arm] = found[analysis.arm] & own if analysis.arm in found else own
    return found


def _succeeds(analysis: Analysis, endpoints: Mapping[str, Endpoint], block: Block) -> Flags:
    part = block.analyses[analysis.name]
    with np.errstate(invalid="ignore"):
        gain = part.estimate - neutral(analysis)
        better = gain > 0 if gains_upward(analysis.method, endpoints[analysis.endpoint]) else gain < 0
    return np.asarray(part.decided & better, dtype=bool)


def neutral(analysis: Analysis) -> float:
    """Return the value of an estimate that says: no effect."""
    if analysis.method is Method.EXACT_BINOMIAL:
        return analysis.null or 0.0
    return 1.0 if analysis.method in RATIOS else 0.0


def gains_upward(method: Method, endpoint: Endpoint) -> bool:
    """Return whether a larger estimate is better for the patient."""
    if method in WINS:
        return True
    return endpoint.higher_is_better is not (method in HAZARDS)


def is_ratio(measure_of_effect: str) -> bool:
    """Return whether an effect is a ratio, by its name: 1 says no effect."""
    return any(word in measure_of_effect for word in ("ratio", "odds"))
