r"""How many patients an endpoint needs: trials of other sizes drawn from the simulated patients.

A formula of the design gives the first guess; then trials of that size are drawn, with replacement and arm by
arm, from all simulated patients, every one is analysed as planned, and the guess is moved until so many of
them succeed as were asked for:

.. math:: M' = M \left(\frac{z_{1-\alpha} + z_{1-\beta}}{z_{1-\alpha} + \Phi^{-1}(\hat p)}\right)^2

Strata of randomisation are left to chance in drawn trials.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from euexia.analyse.plan import look_up, planned_sizes
from euexia.analyse.run import estimate
from euexia.core.errors import InputError
from euexia.core.streams import Purpose, uniform
from euexia.design import coprimary, means
from euexia.endpoints.table import EndpointTable
from euexia.protocol.analysis_plan import Method
from euexia.study.endpoint_comparison_block import Told, gain_of, mapped
from euexia.study.endpoint_comparison_plan import Pair, Plan, Question
from euexia.study.operating import Estimate
from euexia.study.summary import proportion

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LARGEST = 20_000
"""Patients of a whole trial beyond which no size is looked for."""
DRAWN = 1000
"""Trials drawn at each size."""
PATIENTS_DRAWN = 1_500_000
"""Of large trials fewer are drawn, so that no more patients are ..."""
LEAST_DRAWN = 200
"""... but at least so many trials."""
PATIENTS_AT_ONCE = 250_000
STEPS = 6
CLOSE = 2.0
"""Standard errors within which a power is the one asked for."""
CONFIDENCE = 1.959964
TOO_LARGE = f"more than {LARGEST:,} patients"
NO_EFFECT = "the simulated effect cannot be told from none"
WRONG_SIDE = "the simulated effect lies on the wrong side"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How far estimates of one analysis lie from no effect.

    mean, sd: over trials, of the gain (a ratio's logarithm).  trials: how many have a finite estimate.
    """

    mean: float
    sd: float
    trials: int

    @property
    def ratio(self) -> float:
        """Return the mean in standard deviations of the estimate."""
        return self.mean / self.sd if self.sd > 0 else float("nan")

    @property
    def limits(self) -> tuple[float, float]:
        r"""Return the 95 % limits of the ratio, with standard error sqrt((1 + ratio^2 / 2) / trials)."""
        error = CONFIDENCE * float(np.sqrt((1 + self.ratio**2 / 2) / max(self.trials, 1)))
        return self.ratio - error, self.ratio + error


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """The size at which a share ``power`` of trials succeeds, of the two arms compared.

    patients: None where ``why`` says that none was found.  low, high: 95 % limits from the Monte-Carlo error
    of the simulated effect.  checked: share of drawn trials of exactly this size that succeed.
    formula: what the formula of the design gives; None where there is none.
    """

    power: float
    patients: int | None
    low: float
    high: float
    checked: Estimate | None
    formula: int | None
    why: str = ""


def drift_of(gain: Floats) -> Drift:
    """Return the mean and standard deviation of the finite gains of trials."""
    known = gain[np.isfinite(gain)]
    sd = float(known.std(ddof=1)) if known.size > 1 else float("nan")
    mean = float(known.mean()) if known.size else float("nan")
    return Drift(mean=mean, sd=sd, trials=int(known.size))


def standardised(plan: Plan, pair: Pair, drift: Drift) -> float:
    r"""Return the effect in standard deviations of one randomised patient.

    .. math:: d = \frac{\bar g}{s_g} \sqrt{\frac{1}{n_1} + \frac{1}{n_0}}

    with the mean and the standard deviation over trials of the gain g, and everybody randomised in n: what
    is lost, and what adjustment wins, is in it, so that endpoints can be compared.
    """
    treated, control = pair_sizes(plan, pair, plan.variant.size)
    return drift.ratio * float(np.sqrt(1 / treated + 1 / control))


def pair_sizes(plan: Plan, pair: Pair, size: int) -> tuple[int, int]:
    """Return the patients of arm and control in a whole trial of a size."""
    sizes = planned_sizes(replace(plan.variant, size=size))
    return sizes[pair.arm], sizes[pair.control]


def formula(plan: Plan, question: Question, told: Told, power: float) -> int | None:
    """Return the patients of both arms by the design's formulas; None where none fits.

    Two means compared with known variance for one analysis, two co-primary means with the correlation of
    their estimates for two; effects are standardised as simulated.  Not for tests of one arm.
    """
    if any(plan.analyses[name].method is Method.EXACT_BINOMIAL for name in question.analyses):
        return None
    pair = question.pair
    effects = [standardised(plan, pair, drift_of(told.gain[name])) for name in question.analyses]
    if not all(np.isfinite(effect) and effect > 0 for effect in effects):
        return None
    treated, control = pair_sizes(plan, pair, plan.variant.size)
    try:
        if len(effects) == 1:
            return means.z_size(1.0, effects[0], pair.towards, power, treated / control).total
        if len(effects) == 2:
            first, second = (coprimary.ContinuousEndpoint(effect=effect) for effect in effects)
            correlation = _correlation(*(told.gain[name] for name in question.analyses))
            return coprimary.size(
                first, second, correlation, pair.towards, power, ratio=treated / control
            ).total
    except InputError:  # the formula's own limits: an effect too small for any size it looks at
        return None
    return None


def _correlation(first: Floats, second: Floats) -> float:
    known = np.isfinite(first) & np.isfinite(second)
    x, y = first[known] - first[known].mean(), second[known] - second[known].mean()
    found = float((x * y).sum() / np.sqrt((x * x).sum() * (y * y).sum()))
    return float(np.clip(found, -0.999, 0.999))


class Pool:
    """All simulated patients as one row, and trials drawn from them."""

    def __init__(self, plan: Plan, table: EndpointTable, seed: int) -> None:
        self._plan = plan
        self._table = table
        self._seed = seed
        codes = table.arm[0]
        self._members = {name: np.flatnonzero(codes == k) for k, name in enumerate(table.arms)}

    def power(self, place: int, size: int) -> Estimate:
        """Return the share of drawn trials that succeed; size: of the whole trial.

        place: number of the question, which addresses the chance.
        """
        question = self._plan.questions[place]
        trials = int(np.clip(PATIENTS_DRAWN // size, LEAST_DRAWN, DRAWN))
        at_once = max(1, PATIENTS_AT_ONCE // size)
        parts = [
            self._succeed(question, place, size, np.arange(first, min(first + at_once, trials)))
            for first in range(0, trials, at_once)
        ]
        return proportion(np.concatenate(parts))

    def _succeed(self, question: Question, place: int, size: int, trials: Integers) -> NDArray[np.bool_]:
        plan = replace(self._plan, variant=replace(self._plan.variant, size=size))
        table = self._drawn(question, place, size, trials)
        succeeds = np.ones(trials.size, dtype=bool)
        for name in question.analyses:
            analysis = plan.analyses[name]
            result = estimate(look_up(table, plan.variant, analysis))
            with np.errstate(invalid="ignore"):
                succeeds &= result.reject & (gain_of(plan, analysis, result) > 0)
        return succeeds

    def _drawn(self, question: Question, place: int, size: int, trials: Integers) -> EndpointTable:
        """Return trials of the two arms, each patient drawn from the own arm."""
        chosen = []
        sizes = pair_sizes(self._plan, question.pair, size)
        for code, (arm, patients) in enumerate(
            zip((question.pair.arm, question.pair.control), sizes, strict=True)
        ):
            members = self._members[arm]
            draws = uniform(
                self._seed,
                Purpose.BOOTSTRAP,
                trials[:, None],
                np.arange(patients)[None, :],
                size,
                2 * place + code,
            )
            chosen.append(members[(draws * members.size).astype(np.int64)])
        index = np.concatenate(chosen, axis=1)
        names = {self._plan.analyses[name].endpoint for name in question.analyses}
        needed = {name: part for name, part in self._table.endpoints.items() if name in names}
        bare = replace(self._table, endpoints=needed)
        return cast(EndpointTable, mapped([bare], lambda arrays: arrays[0][0][index]))


def needed(plan: Plan, place: int, told: Told, power: float, power_at: Callable[[int], Estimate]) -> Needed:
    """Return the size at which a share ``power`` of trials succeeds; power_at: of a whole trial's size."""
    question = plan.questions[place]
    found = formula(plan, question, told, power)
    drifts = [drift_of(told.gain[name]) for name in question.analyses]
    weakest = min(drifts, key=lambda drift: drift.ratio)
    if not (np.isfinite(weakest.ratio) and weakest.limits[0] > 0):
        return _none(power, None, WRONG_SIDE if weakest.limits[1] < 0 else NO_EFFECT)
    wanted = float(ndtri(1 - question.pair.towards) + ndtri(power))
    start = plan.variant.size * (wanted / weakest.ratio) ** 2
    if start > LARGEST:
        return _none(power, found, TOO_LARGE)
    size, checked = _search(plan, question.pair, power, start, power_at)
    if size is None:
        return _none(power, found, TOO_LARGE)
    patients = sum(pair_sizes(plan, question.pair, size))
    low, high = weakest.limits
    return Needed(
        power=power,
        patients=patients,
        low=patients * (weakest.ratio / high) ** 2,
        high=patients * (weakest.ratio / low) ** 2,
        checked=checked,
        formula=found,
    )


def _none(power: float, formula: int | None, why: str) -> Needed:
    unknown = float("nan")
    return Needed(
        power=power, patients=None, low=unknown, high=unknown, checked=None, formula=formula, why=why
    )


def _search(
    plan: Plan, pair: Pair, power: float, start: float, power_at: Callable[[int], Estimate]
) -> tuple[int | None, Estimate | None]:
    """Return the whole-trial size whose checked power is nearest to the one asked for, and that power."""
    step = sum(arm.ratio for arm in plan.variant.arms)
    critical = float(ndtri(1 - pair.towards))
    size = _rounded(start, step)
    seen: dict[int, Estimate] = {}
    for _ in range(STEPS):
        if size > LARGEST:
            return None, None
        seen[size] = found = power_at(size)
        if abs(found.value - power) <= CLOSE * max(found.error, 1e-12):
            break
        least = 0.5 / found.trials
        reached = critical + float(ndtri(np.clip(found.value, least, 1 - least)))
        factor = ((critical + float(ndtri(power))) / max(reached, 0.2)) ** 2
        size = _rounded(size * float(np.clip(factor, 0.25, 4.0)), step)
        if size in seen:
            break
    best = min(seen, key=lambda known: abs(seen[known].value - power))
    return best, seen[best]


def _rounded(size: float, step: int) -> int:
    """Return the next size that the arms can share, with two patients at least for each part of the ratio."""
    return max(2 * step, int(np.ceil(size / step - 1e-9)) * step)


def sizes_of(
    plan: Plan, told: Told, powers: Sequence[float], pool: Pool, place: int
) -> Mapping[float, Needed]:
    """Return the sizes of one question for several powers; what was drawn once is not drawn again."""
    drawn: dict[int, Estimate] = {}

    def power_at(size: int) -> Estimate:
        if size not in drawn:
            drawn[size] = pool.power(place, size)
        return drawn[size]

    return {power: needed(plan, place, told, power, power_at) for power in powers}
