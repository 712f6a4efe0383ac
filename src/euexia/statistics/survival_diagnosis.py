"""What can be wrong with the data of a comparison of lifetimes or of patients, by name."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.errors import InputError


class Diagnosis(StrEnum):
    """Whether a data set could be analysed, and if not, why; ``text`` says it in a sentence."""

    SOUND = "sound"
    NO_SUBJECTS = "no_subjects"
    NEGATIVE_TIME = "negative_time"
    INFINITE_VALUE = "infinite_value"
    ONE_ARM = "one_arm"
    NO_EVENTS = "no_events"
    NO_VARIANCE = "no_variance"
    TOO_FEW = "too_few"
    NO_WINS_OR_LOSSES = "no_wins_or_losses"
    ALL_DEAD = "all_dead"
    NO_OUTCOME = "no_outcome"
    MISSING_COVARIATE = "missing_covariate"
    COLLINEAR = "collinear"
    MONOTONE_LIKELIHOOD = "monotone_likelihood"
    NOT_CONVERGED = "not_converged"
    BEYOND_FOLLOW_UP = "beyond_follow_up"
    AGAINST_MONOTONICITY = "against_monotonicity"

    @property
    def text(self) -> str:
        """Say what is wrong and what was not estimated."""
        return _WORDS[self]


_WORDS = {
    Diagnosis.SOUND: "Nothing is wrong.",
    Diagnosis.NO_SUBJECTS: "There is no subject with a known time; nothing was estimated.",
    Diagnosis.NEGATIVE_TIME: "A time is negative; count time from randomisation. Nothing was estimated.",
    Diagnosis.INFINITE_VALUE: "A value is infinite; give NaN for what is missing. Nothing was estimated.",
    Diagnosis.ONE_ARM: "An arm has no subject, so that nothing can be compared; nothing was estimated.",
    Diagnosis.NO_EVENTS: "No event was observed, so that hazards cannot be compared; nothing was estimated.",
    Diagnosis.NO_VARIANCE: "Nothing varies: no event happened while more than one arm was at risk, or all "
    "values are identical. The statistic has variance 0; no test was made.",
    Diagnosis.TOO_FEW: "An arm (or an arm within a stratum) has fewer than two subjects; a "
    "variance needs two.",
    Diagnosis.NO_WINS_OR_LOSSES: "No pair was won, or none was lost: the win ratio is 0, infinite or "
    "undefined, and has no interval. Win odds and net benefit stand.",
    Diagnosis.ALL_DEAD: "Nobody of an arm survived: there are no always-survivors to compare. "
    "Nothing was estimated.",
    Diagnosis.NO_OUTCOME: "No survivor of an arm has a known outcome; nothing was estimated.",
    Diagnosis.MISSING_COVARIATE: "A covariate of a subject with a known time is missing; impute it, or leave "
    "the subject out by name. Nothing was estimated.",
    Diagnosis.COLLINEAR: "The covariates are collinear or one of them is constant among those at risk; "
    "no coefficient was estimated.",
    Diagnosis.MONOTONE_LIKELIHOOD: "The likelihood is monotone (separation): some combination of covariates "
    "orders the events perfectly, for example when an arm has no events, and its hazard ratio is 0 or "
    "infinite. No coefficient was estimated; the score and likelihood-ratio tests stand. Ask for Firth's "
    "penalty (firth_cox).",
    Diagnosis.NOT_CONVERGED: "The maximum of the likelihood was not found; no coefficient was estimated.",
    Diagnosis.BEYOND_FOLLOW_UP: "The horizon lies beyond the follow-up of an arm whose curve has not reached "
    "zero; choose an earlier one. Nothing was estimated.",
    Diagnosis.AGAINST_MONOTONICITY: "Fewer survive in the arm that monotonicity says can only do better; "
    "the assumption is refuted by the data or by chance. Nothing was estimated.",
}


_NUMBERED = tuple(Diagnosis)


class Findings:
    """Collects the first thing found wrong with every data set of a stack."""

    def __init__(self, trials: int) -> None:
        self._found = np.zeros(trials, dtype=np.int64)

    def note(self, where: ArrayLike, diagnosis: Diagnosis) -> None:
        """Write the diagnosis down for those trials that have none yet."""
        self._found[np.asarray(where, dtype=bool) & self.sound] = _NUMBERED.index(diagnosis)

    @property
    def sound(self) -> NDArray[np.bool_]:
        """Return where nothing was found, shape (trials,)."""
        return np.asarray(self._found == 0, dtype=bool)

    @property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """Return the diagnosis of every trial."""
        return tuple(_NUMBERED[found] for found in self._found)


def check_level(level: float) -> None:
    """Raise InputError unless level lies strictly between 0 and 1."""
    if not 0.0 < level < 1.0:
        raise InputError(f"A level or share is {level:g}. Give a number strictly between 0 and 1.")
