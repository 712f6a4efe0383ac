"""Bounds of the effect in those who would survive under either treatment, for a stack of trials."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from euexia.core.errors import InputError
from euexia.statistics.survival_diagnosis import Diagnosis, Findings, check_level
from euexia.statistics.survival_times import codes, stack

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

_HALVINGS = 60


class Monotonicity(StrEnum):
    """What is assumed about who survives."""

    NONE = "none"
    """Nothing."""
    TREATMENT_SAVES = "treatment_saves"
    """Whoever would survive as a control would survive when treated."""
    TREATMENT_HARMS = "treatment_harms"
    """Whoever would survive when treated would survive as a control."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivorEffect:
    """Bounds of the mean difference, treated minus control, in always-survivors; shape (trials,)."""

    low: Floats
    high: Floats
    low_error: Floats
    high_error: Floats
    """By the bootstrap, as are the limits."""
    interval_low: Floats
    interval_high: Floats
    """Cover the effect itself, not the whole of the bounds, with the chosen level."""
    always_survivors: Floats
    """Their smallest share of all patients that the data and the assumption allow."""
    survival: Floats
    """Share alive of controls and of treated, shape (trials, 2)."""
    naive: Floats
    """Difference between the survivors of both arms: no causal effect, given for comparison."""
    monotonicity: Monotonicity
    level: float
    diagnosis: tuple[Diagnosis, ...]


def bounds(
    outcome: ArrayLike,
    survived: ArrayLike,
    group: ArrayLike,
    monotonicity: Monotonicity = Monotonicity.NONE,
    *,
    limits: tuple[float, float] | None = None,
    draws: int = 500,
    seed: int = 0,
    level: float = 0.95,
) -> SurvivorEffect:
    r"""Bound the survivor average causal effect of a binary or continuous outcome.

    .. math:: \pi \ge p_1 + p_0 - 1, \quad q_1 = \pi / p_1, \quad q_0 = \pi / p_0, \quad
              \underline{m}_1(q_1) - \overline{m}_0(q_0) \le E[Y(1) - Y(0) \mid \text{always survive}]
              \le \overline{m}_1(q_1) - \underline{m}_0(q_0)

    with p the share alive, and m the mean of the lowest or highest share q of the survivors' outcomes.
    Without monotonicity pi is p_1 + p_0 - 1; if the treatment can only save, pi = p_0 and only the treated
    are trimmed; if it can only harm, pi = p_1.  outcome: of survivors; a survivor without it is left out of
    the means.  survived: 1 or 0; NaN where there is no such patient; group: 1 treated, 0 control; all of
    shape (subjects,) or (trials, subjects).  limits: the lowest and highest possible outcome, which bound
    the effect where there may be no always-survivor at all (p_1 + p_0 <= 1); the observed range if absent.
    draws: bootstrap samples within arms, the same for every trial of the stack; 0 for none.

    Limits are those of Imbens and Manski with bootstrap errors: c solves Phi(c + D / max error) - Phi(-c) =
    level, D being the distance of the bounds.  Source: Zhang and Rubin, Journal of Educational and Behavioral
    Statistics 2003;28:353-368; Lee, Review of Economic Studies 2009;76:1071-1102; Imbens and Manski,
    Econometrica 2004;72:1845-1857.
    """
    check_level(level)
    alive = stack(survived, "survived")
    values = stack(outcome, "outcome", alive.shape)
    inside = ~np.isnan(alive)
    if not np.isin(alive[inside], (0.0, 1.0)).all():
        raise InputError("'survived' has values other than 0 and 1.")
    arm = codes(group, "group", inside)
    findings, survival = _checked(values, alive == 1, inside, arm, monotonicity)
    found = np.full((alive.shape[0], 7), np.nan)
    for trial in np.flatnonzero(findings.sound):
        arms = [inside[trial] & (arm[trial] == g) for g in (0, 1)]
        parts = [_Arm.of(values[trial][here], alive[trial][here] == 1) for here in arms]
        found[trial] = _one_trial(parts, monotonicity, limits, draws, seed, level)
    return SurvivorEffect(
        low=found[:, 0],
        high=found[:, 1],
        low_error=found[:, 2],
        high_error=found[:, 3],
        interval_low=found[:, 4],
        interval_high=found[:, 5],
        always_survivors=_share(survival, monotonicity) + np.where(findings.sound, 0.0, np.nan),
        survival=survival,
        naive=found[:, 6],
        monotonicity=monotonicity,
        level=level,
        diagnosis=findings.diagnoses,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arm:
    """Survivors' outcomes of one arm in ascending order, and how many were alive of how many."""

    outcome: Floats
    alive: int
    size: int

    @staticmethod
    def of(values: Floats, alive: Booleans) -> _Arm:
        known = np.sort(values[alive & ~np.isnan(values)])
        return _Arm(outcome=known, alive=int(alive.sum()), size=alive.size)

    def resampled(self, draws: int, generator: np.random.Generator) -> tuple[Floats, Floats]:
        """Return weights of the known outcomes, shape (draws, known), and the share alive of each draw."""
        known = self.outcome.size
        kinds = np.append(np.ones(known), [self.alive - known, self.size - self.alive]) / self.size
        counts = generator.multinomial(self.size, kinds, size=draws).astype(float)
        return counts[:, :known], counts[:, : known + 1].sum(axis=1) / self.size


def trimmed_means(values: Floats, weights: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Return the means of the lowest and of the highest share of weighted, ascending values.

    values: (n,).  weights: (draws, n).  share: (draws,), of the total weight; the value at the edge counts in
    part.  NaN where there is no weight.
    """
    total = weights.sum(axis=1)
    kept = (share * total)[:, np.newaxis]
    before = np.cumsum(weights, axis=1) - weights
    after = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1] - weights
    with np.errstate(divide="ignore", invalid="ignore"):
        low = (np.clip(kept - before, 0.0, weights) * values).sum(axis=1) / kept[:, 0]
        high = (np.clip(kept - after, 0.0, weights) * values).sum(axis=1) / kept[:, 0]
    return low, high


def _checked(
    values: Floats, alive: Booleans, inside: Booleans, arm: NDArray[np.int64], monotonicity: Monotonicity
) -> tuple[Findings, Floats]:
    findings = Findings(values.shape[0])
    findings.note((np.isinf(values) & inside & alive).any(axis=1), Diagnosis.INFINITE_VALUE)
    size = np.stack([(inside & (arm == g)).sum(axis=1) for g in (0, 1)], axis=1)
    known = inside & alive & ~np.isnan(values)
    lived = np.stack([(inside & alive & (arm == g)).sum(axis=1) for g in (0, 1)], axis=1)
    measured = np.stack([(known & (arm == g)).sum(axis=1) for g in (0, 1)], axis=1)
    findings.note((size == 0).any(axis=1), Diagnosis.ONE_ARM)
    findings.note((lived == 0).any(axis=1), Diagnosis.ALL_DEAD)
    findings.note((measured == 0).any(axis=1), Diagnosis.NO_OUTCOME)
    survival = np.where(size > 0, lived / np.maximum(size, 1), np.nan)
    match monotonicity:
        case Monotonicity.NONE:
            pass
        case Monotonicity.TREATMENT_SAVES:
            findings.note(survival[:, 1] < survival[:, 0], Diagnosis.AGAINST_MONOTONICITY)
        case Monotonicity.TREATMENT_HARMS:
            findings.note(survival[:, 1] > survival[:, 0], Diagnosis.AGAINST_MONOTONICITY)
        case _:
            assert_never(monotonicity)
    return findings, survival


def _share(survival: Floats, monotonicity: Monotonicity) -> Floats:
    """Return the smallest share of always-survivors; survival: (..., 2), controls first."""
    match monotonicity:
        case Monotonicity.NONE:
            return np.asarray(np.maximum(survival.sum(axis=-1) - 1.0, 0.0), dtype=float)
        case Monotonicity.TREATMENT_SAVES | Monotonicity.TREATMENT_HARMS:
            return np.asarray(survival.min(axis=-1), dtype=float)
        case _:
            assert_never(monotonicity)


def _one_trial(
    arms: list[_Arm],
    monotonicity: Monotonicity,
    limits: tuple[float, float] | None,
    draws: int,
    seed: int,
    level: float,
) -> Floats:
    span = limits or (min(a.outcome[0] for a in arms), max(a.outcome[-1] for a in arms))
    whole = [(np.ones((1, a.outcome.size)), np.array([a.alive / a.size])) for a in arms]
    low, high = _bounds(arms, whole, monotonicity, span)
    naive = arms[1].outcome.mean() - arms[0].outcome.mean()
    if draws == 0:
        return np.array([low[0], high[0], np.nan, np.nan, np.nan, np.nan, naive])
    generator = np.random.default_rng(seed)
    samples = [arm.resampled(draws, generator) for arm in arms]
    lows, highs = _bounds(arms, samples, monotonicity, span)
    errors = [float(np.nanstd(part, ddof=1)) for part in (lows, highs)]
    multiple = _imbens_manski(float(high[0] - low[0]), max(errors), level)
    interval = (low[0] - multiple * errors[0], high[0] + multiple * errors[1])
    return np.array([low[0], high[0], *errors, *interval, naive])


def _bounds(
    arms: list[_Arm],
    samples: list[tuple[Floats, Floats]],
    monotonicity: Monotonicity,
    span: tuple[float, float],
) -> tuple[Floats, Floats]:
    """Return the bounds of every draw."""
    survival = np.stack([alive for _, alive in samples], axis=1)
    share = _share(survival, monotonicity)
    means = []
    for arm, (weights, alive) in zip(arms, samples, strict=True):
        kept = np.where(alive > 0, np.minimum(share / np.where(alive > 0, alive, 1.0), 1.0), 0.0)
        low, high = trimmed_means(arm.outcome, weights, kept)
        nobody = ~(share > 0)
        means.append((np.where(nobody, span[0], low), np.where(nobody, span[1], high)))
    return means[1][0] - means[0][1], means[1][1] - means[0][0]


def _imbens_manski(width: float, error: float, level: float) -> float:
    """Return how many standard errors to go beyond the bounds."""
    if not error > 0:
        return 0.0
    low, high = 0.0, 10.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        covered = float(ndtr(middle + width / error) - ndtr(-middle))
        low, high = (middle, high) if covered < level else (low, middle)
    return high
