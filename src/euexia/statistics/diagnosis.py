"""Why a trial of a stack has no estimate: closed codes, kept beside the numbers."""

from __future__ import annotations

from enum import IntEnum, unique
from typing import cast

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int8]
"""One Diagnosis per trial, shape (trials,)."""


@unique
class Diagnosis(IntEnum):
    """What stood in the way of an estimate.  Closed: add at the end, never renumber."""

    FINE = 0
    NOBODY = 1
    EMPTY_ARM = 2
    INFINITE_VALUE = 3
    IDENTICAL_VALUES = 4
    NO_FREEDOM = 5
    CONFOUNDED = 6
    SEPARATED = 7
    PARTLY_SEPARATED = 8
    ONE_OUTCOME = 9
    NOT_CONVERGED = 10
    NO_INFORMATIVE_STRATUM = 11
    FULL_LEVERAGE = 12
    TOO_FEW = 13

    @property
    def text(self) -> str:
        """Say in words what was found and what was not estimated."""
        return _TEXTS[self]


_TEXTS = {
    Diagnosis.FINE: "estimated",
    Diagnosis.NOBODY: "nobody has all the values that the method needs: nothing was estimated",
    Diagnosis.EMPTY_ARM: "an arm has nobody with all the values that the method needs: arms are not compared",
    Diagnosis.INFINITE_VALUE: "a value is infinite: nothing was estimated",
    Diagnosis.IDENTICAL_VALUES: (
        "values do not vary within the arms beyond what the model explains: nothing to test against"
    ),
    Diagnosis.NO_FREEDOM: "as many parameters as patients: no standard error can be told",
    Diagnosis.CONFOUNDED: (
        "arms cannot be told apart from a covariate or a stratum (singular design): arms are not compared"
    ),
    Diagnosis.SEPARATED: (
        "arms or covariates foretell every response (complete separation): no maximum of the likelihood "
        "exists; ask for Firth's penalty"
    ),
    Diagnosis.PARTLY_SEPARATED: (
        "arms or covariates foretell the responses of some patients (quasi-complete separation): no maximum "
        "of the likelihood exists; ask for Firth's penalty"
    ),
    Diagnosis.ONE_OUTCOME: "all patients responded, or none did: a model of the response cannot be fitted",
    Diagnosis.NOT_CONVERGED: "the iterations did not converge: nothing is reported",
    Diagnosis.NO_INFORMATIVE_STRATUM: "no stratum holds two arms and two outcomes: arms are not compared",
    Diagnosis.FULL_LEVERAGE: (
        "a patient alone decides a coefficient (leverage 1): the robust standard error cannot be told"
    ),
    Diagnosis.TOO_FEW: "the arms are too small for an interval at the level asked: no interval is given",
}


def words(codes: Codes) -> tuple[str, ...]:
    """Return the text of each code."""
    return tuple(Diagnosis(int(code)).text for code in codes)


def first_of(*found: tuple[NDArray[np.bool_], Diagnosis]) -> Codes:
    """Return, for each trial, the first diagnosis whose condition holds; FINE where none does."""
    conditions = [condition for condition, _ in found]
    return cast(
        "Codes",
        np.select(conditions, [np.int8(code) for _, code in found], np.int8(Diagnosis.FINE)).astype(np.int8),
    )
