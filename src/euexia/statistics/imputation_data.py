"""Longitudinal trials as the methods for missing data see them: checked, scaled, and sorted into cells.

A cell holds the subjects of one arm that have the same intercurrent event and the same visits observed: all
that the models and the imputations need of them are sums of products, so fits that leave one subject out
cost a subtraction.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum, unique

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.errors import InputError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

FLAT = 1e-10
"""Values whose spread is less than this share of their size are all the same."""


@unique
class Strategy(StrEnum):
    """What is assumed of a subject's missing values from the intercurrent event on."""

    MISSING_AT_RANDOM = "missing_at_random"
    """As subjects of the same arm with the same history: the event changes nothing."""
    JUMP_TO_REFERENCE = "jump_to_reference"
    """From the event on, the mean of the reference arm; before it, the subject's own arm."""
    COPY_REFERENCE = "copy_reference"
    """As if treated with the reference all along; a history above the reference's mean counts as luck."""
    COPY_INCREMENTS = "copy_increments"
    """What was gained before the event is kept; changes from it on are those of the reference."""
    LAST_MEAN_CARRIED_FORWARD = "last_mean_carried_forward"
    """From the event on, the mean of the own arm at the last visit before it."""


STRATEGIES = tuple(Strategy)


@unique
class ImputationDiagnosis(IntEnum):
    """What stood in the way of an imputation.  Closed: add at the end, never renumber."""

    FINE = 0
    ONE_ARM = 1
    INFINITE_VALUE = 2
    MISSING_COVARIATE = 3
    IDENTICAL_VALUES = 4
    VISIT_WITHOUT_OBSERVATION = 5
    NOBODY_LEFT_IN_REFERENCE = 6
    NOBODY_LEFT_IN_ARM = 7
    EVENT_BEFORE_FIRST_VISIT = 8
    SINGULAR_DESIGN = 9
    COVARIANCE_NOT_POSITIVE_DEFINITE = 10
    NOT_CONVERGED = 11
    TOO_FEW_SUBJECTS = 12
    NO_FREEDOM = 13

    @property
    def text(self) -> str:
        """Say in words what was found and what was not estimated."""
        return _TEXTS[self]


_TEXTS = {
    ImputationDiagnosis.FINE: "estimated",
    ImputationDiagnosis.ONE_ARM: "not both arms that are compared have subjects: nothing was estimated",
    ImputationDiagnosis.INFINITE_VALUE: "a value or covariate is infinite: nothing was estimated",
    ImputationDiagnosis.MISSING_COVARIATE: (
        "a subject lacks its baseline or another covariate: covariates are not imputed; leave the subject "
        "out or give a value"
    ),
    ImputationDiagnosis.IDENTICAL_VALUES: "all values are the same: there is no spread to draw from",
    ImputationDiagnosis.VISIT_WITHOUT_OBSERVATION: (
        "nobody was observed at one of the visits: its mean cannot be modelled; leave the visit out"
    ),
    ImputationDiagnosis.NOBODY_LEFT_IN_REFERENCE: (
        "nobody of the reference arm was observed at one of the visits: there is no reference to impute from"
    ),
    ImputationDiagnosis.NOBODY_LEFT_IN_ARM: (
        "nobody of an arm was observed, before an intercurrent event, at one of the visits: its mean cannot "
        "be modelled"
    ),
    ImputationDiagnosis.EVENT_BEFORE_FIRST_VISIT: (
        "a subject's event comes before the first visit: there is no last mean to carry forward; choose "
        "another strategy"
    ),
    ImputationDiagnosis.SINGULAR_DESIGN: (
        "arms and covariates cannot be told apart at some visit (singular design): nothing was estimated"
    ),
    ImputationDiagnosis.COVARIANCE_NOT_POSITIVE_DEFINITE: (
        "the covariance between visits cannot be estimated as positive definite (too few subjects seen at "
        "the same visits, or visits that repeat each other): nothing was estimated"
    ),
    ImputationDiagnosis.NOT_CONVERGED: "the imputation model did not converge: nothing is reported",
    ImputationDiagnosis.NO_FREEDOM: (
        "at one of the visits no more subjects than coefficients inform the model: no spread can be told"
    ),
    ImputationDiagnosis.TOO_FEW_SUBJECTS: (
        "the model cannot be fitted without one of the subjects (who may be the last of an arm at a visit): "
        "no jackknife"
    ),
}


def words(codes: NDArray[np.int8]) -> tuple[str, ...]:
    """Return the text of each code."""
    return tuple(ImputationDiagnosis(int(code)).text for code in codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class LongitudinalTrials:
    """A stack of trials, checked and scaled; what is not a subject of a trial is zero everywhere."""

    outcome: Floats
    """(value - centre) / scale, NaN where missing, shape (trials, subjects, visits)."""
    design: Floats
    """One column per arm, then the covariates, standardised; shape (trials, subjects, columns)."""
    arm: Integers
    """Arm of each subject, -1 for a place without subject; shape (trials, subjects)."""
    event: Integers
    """Index of the first visit that the event affects, number of visits where there is none."""
    strategy: Integers
    """Place of each subject's strategy in STRATEGIES."""
    centre: Floats
    scale: Floats
    """Of the values, shape (trials,)."""
    arms: int
    reference: int
    treated: int
    constant: int
    """How many of the last covariates have one coefficient for all visits."""
    diagnosis: NDArray[np.int8]
    """One ImputationDiagnosis per trial."""

    @property
    def visits(self) -> int:
        """Return the number of visits."""
        return int(self.outcome.shape[2])

    @property
    def observed(self) -> Flags:
        """Return who was observed when, shape (trials, subjects, visits)."""
        return ~np.isnan(self.outcome)

    @property
    def modelled(self) -> Flags:
        """Return what informs the imputation model: values before the event, all of them under MAR."""
        visit = np.arange(self.visits)
        at_random = (self.strategy == STRATEGIES.index(Strategy.MISSING_AT_RANDOM))[..., np.newaxis]
        return np.asarray(self.observed & (at_random | (visit < self.event[..., np.newaxis])))

    def take(self, trials: NDArray[np.intp] | slice) -> LongitudinalTrials:
        """Return some of the trials."""
        return LongitudinalTrials(
            outcome=self.outcome[trials],
            design=self.design[trials],
            arm=self.arm[trials],
            event=self.event[trials],
            strategy=self.strategy[trials],
            centre=self.centre[trials],
            scale=self.scale[trials],
            arms=self.arms,
            reference=self.reference,
            treated=self.treated,
            constant=self.constant,
            diagnosis=self.diagnosis[trials],
        )


def dropout_visit(values: ArrayLike) -> Integers:
    """Return the first visit after the last one observed, the number of visits for those seen at the last.

    values: (..., visits), NaN where missing.  Gaps are no event; who was never seen left at visit 0.
    """
    seen = ~np.isnan(np.asarray(values, dtype=float))
    visits = seen.shape[-1]
    return np.where(seen.any(axis=-1), visits - np.argmax(seen[..., ::-1], axis=-1), 0)


def prepare(
    values: ArrayLike,
    baseline: ArrayLike,
    arm: ArrayLike,
    event_visit: ArrayLike | None = None,
    strategy: Strategy | NDArray[np.str_] = Strategy.MISSING_AT_RANDOM,
    reference: int = 0,
    *,
    treated: int = 1,
    constant_covariates: ArrayLike | None = None,
) -> LongitudinalTrials:
    """Check and scale trials for imputation.

    values: outcome or change from baseline, NaN where missing, (trials, subjects, visits) or (subjects,
    visits).  baseline: covariates whose coefficient differs by visit, (trials, subjects) or (trials,
    subjects, covariates).  arm: whole numbers from 0, those
    of the whole stack, -1 where there is no subject.  event_visit: index of
    the first visit that the intercurrent event affects; the number of visits, or more, where there is none;
    by default nobody has one, and all that is missing is missing at random.  strategy: one for all or one per
    subject. reference, treated: the arms that are compared.  constant_covariates: covariates with one
    coefficient for all visits, shaped as baseline.  Raises InputError on shapes and codes that do not fit;
    what is wrong with a trial's data is its diagnosis.
    """
    outcome = np.array(values, dtype=float, ndmin=2)
    single = outcome.ndim == 2
    outcome = outcome[np.newaxis] if single else outcome
    if outcome.ndim != 3:
        raise InputError("'values' must have the shape (trials, subjects, visits) or (subjects, visits).")
    trials, subjects, visits = outcome.shape
    codes = _per_subject("arm", arm, outcome.shape, single).astype(np.int64)
    event = np.full((trials, subjects), visits) if event_visit is None else event_visit
    event = np.clip(_per_subject("event_visit", event, outcome.shape, single), 0, visits).astype(np.int64)
    varying = _covariates("baseline", baseline, outcome.shape, single)
    constant = (
        np.zeros((trials, subjects, 0))
        if constant_covariates is None
        else _covariates("constant_covariates", constant_covariates, outcome.shape, single)
    )
    arms = max(int(codes.max(initial=-1)) + 1, reference + 1, treated + 1)
    if reference == treated or min(reference, treated) < 0:
        raise InputError(f"'reference' is {reference} and 'treated' is {treated}: give two different arms.")
    outcome[codes < 0] = np.nan
    covariates = np.where((codes >= 0)[..., np.newaxis], np.concatenate([varying, constant], axis=2), 0.0)
    kind = _strategies(strategy, (trials, subjects), single)
    diagnosis = _diagnose(outcome, covariates, codes, event, kind, (reference, treated))
    centre, scale = _location(outcome.reshape(trials, -1), ~np.isnan(outcome).reshape(trials, -1))
    return LongitudinalTrials(
        outcome=(outcome - centre[:, np.newaxis, np.newaxis]) / scale[:, np.newaxis, np.newaxis],
        design=_design(covariates, codes, arms),
        arm=codes,
        event=event,
        strategy=kind,
        centre=centre,
        scale=scale,
        arms=arms,
        reference=reference,
        treated=treated,
        constant=constant.shape[2],
        diagnosis=diagnosis,
    )


def _per_subject(name: str, given: ArrayLike, shape: tuple[int, ...], single: bool) -> NDArray[np.float64]:
    array = np.asarray(given, dtype=float)
    array = array[np.newaxis] if single and array.ndim == 1 else array
    if array.shape != shape[:2]:
        raise InputError(f"'{name}' has the shape {np.shape(given)}; give one per subject, {shape[:2]}.")
    if not np.isfinite(array).all():
        raise InputError(f"'{name}' is not known for every subject; give -1 or the number of visits.")
    return array


def _covariates(name: str, given: ArrayLike, shape: tuple[int, ...], single: bool) -> Floats:
    array = np.asarray(given, dtype=float)
    array = array[np.newaxis] if single else array
    array = array[..., np.newaxis] if array.ndim == 2 else array
    if array.ndim != 3 or array.shape[:2] != shape[:2]:
        raise InputError(
            f"'{name}' has the shape {np.shape(given)}; give one or more per subject, {shape[:2]}."
        )
    return array


def _strategies(strategy: Strategy | NDArray[np.str_], shape: tuple[int, int], single: bool) -> Integers:
    given = np.asarray(strategy, dtype=str)
    given = given[np.newaxis] if single and given.ndim == 1 else given
    known = np.array(STRATEGIES, dtype=str)
    if unknown := sorted(set(given.ravel().tolist()) - set(known.tolist())):
        raise InputError(f"'strategy' has no {unknown[0]!r}. Known: {', '.join(known)}.")
    if given.ndim and given.shape != shape:
        raise InputError(
            f"'strategy' has the shape {given.shape}; give one for all or one per subject, {shape}."
        )
    order = np.argsort(known)
    return np.broadcast_to(order[np.searchsorted(known[order], given)], shape).astype(np.int64)


def _location(values: Floats, known: Flags) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of the known values of each row; 0 and 1 where there are none."""
    count = np.maximum(known.sum(axis=1), 1).astype(float)
    filled = np.where(known & np.isfinite(values), values, 0.0)
    mean = filled.sum(axis=1) / count
    spread = np.sqrt((np.where(known, filled - mean[:, np.newaxis], 0.0) ** 2).sum(axis=1) / count)
    return mean, np.where(spread > FLAT * np.abs(mean), spread, 1.0)


def _design(covariates: Floats, arm: Integers, arms: int) -> Floats:
    """Return indicators of the arms and the standardised covariates, zero where there is no subject."""
    member = arm >= 0
    columns = [(arm == code).astype(float) for code in range(arms)]
    for place in range(covariates.shape[2]):
        column = np.where(np.isfinite(covariates[:, :, place]), covariates[:, :, place], 0.0)
        mean, spread = _location(column, member)
        standard = (column - mean[:, np.newaxis]) / spread[:, np.newaxis]
        columns.append(np.where(member & (np.abs(standard) > FLAT), standard, 0.0))
    return np.stack(columns, axis=2)


def _diagnose(
    outcome: Floats,
    covariates: Floats,
    arm: Integers,
    event: Integers,
    strategy: Integers,
    compared: tuple[int, int],
) -> NDArray[np.int8]:
    found = ImputationDiagnosis
    trials, _, visits = outcome.shape
    observed = ~np.isnan(outcome)
    known = observed.reshape(trials, -1)
    flat = outcome.reshape(trials, -1)
    low, high = np.where(known, flat, np.inf).min(axis=1), np.where(known, flat, -np.inf).max(axis=1)
    with np.errstate(invalid="ignore"):
        same = ~(high - low > FLAT * np.maximum(np.abs(high), np.abs(low)))
    at_random = strategy == STRATEGIES.index(Strategy.MISSING_AT_RANDOM)
    used = observed & (at_random[..., np.newaxis] | (np.arange(visits) < event[..., np.newaxis]))
    left = {
        code: (used & (arm == code)[..., np.newaxis]).sum(axis=1).min(axis=1)
        for code in sorted({*compared, *np.unique(arm[arm >= 0]).tolist()})
    }
    carried = strategy == STRATEGIES.index(Strategy.LAST_MEAN_CARRIED_FORWARD)
    emptied = np.zeros(trials, dtype=bool)
    for count in left.values():
        emptied |= count == 0
    conditions = [
        (((arm == compared[0]).sum(axis=1) == 0) | ((arm == compared[1]).sum(axis=1) == 0), found.ONE_ARM),
        (np.isinf(flat).any(axis=1) | np.isinf(covariates).any(axis=(1, 2)), found.INFINITE_VALUE),
        (np.isnan(covariates).any(axis=(1, 2)), found.MISSING_COVARIATE),
        ((observed.sum(axis=1) == 0).any(axis=1), found.VISIT_WITHOUT_OBSERVATION),
        (same, found.IDENTICAL_VALUES),
        (left[compared[0]] == 0, found.NOBODY_LEFT_IN_REFERENCE),
        (emptied, found.NOBODY_LEFT_IN_ARM),
        (used.sum(axis=1).min(axis=1) <= len(left) + covariates.shape[2], found.NO_FREEDOM),
        ((carried & (event == 0) & (arm >= 0)).any(axis=1), found.EVENT_BEFORE_FIRST_VISIT),
    ]
    chosen = np.select([condition for condition, _ in conditions], [int(code) for _, code in conditions], 0)
    return chosen.astype(np.int8)
