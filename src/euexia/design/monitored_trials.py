r"""Boundaries of many running trials at once, each at the information that its own looks really had.

The same recursion as ``design.recursion``, row by row for trials whose information differs.  At a look the
upper boundary is a value, or spends what a spending function allows by then; the last analysis spends all
that is left of alpha, so that the level is kept whatever the information was.  Where everything comes as
planned, the boundaries are those of ``design.group_sequential``.

Source: Lan and DeMets, Biometrika 1983;70:659-663; Jennison and Turnbull, Group Sequential Methods, 2000,
chapters 7 and 19.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from euexia.core.errors import InputError
from euexia.design.boundaries import FARTHEST, solve, upper_boundary
from euexia.design.spending import Boundary, spent

Floats = NDArray[np.float64]

POINTS = 192
"""Places at which the density of what goes on is kept, for every look."""
REACH = 8.5
HALVINGS = 56
LEAST_GAIN = 1e-6
"""Information of a look that adds nothing to the one before, as a share of all."""
LARGEST_DRIFT = 20.0
PIECE = 256
"""Rows worked off at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one analysis before the last may decide; critical values are of Z towards benefit.

    critical: given value for efficacy.  spends: efficacy spends by this function.  futility: given value;
    futility_power: stops below this conditional power; loses: futility spends by this function.
    """

    information: float
    critical: float | None = None
    spends: Boundary | None = None
    shape: float | None = None
    futility: float | None = None
    futility_power: float | None = None
    loses: Boundary | None = None
    futility_shape: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringPlan:
    """The boundaries of a trial as planned; information is a share of that of the final analysis.

    alpha: over both sides where there are two.  beta: what futility spends.  drift: expected Z at the final
    analysis under which futility spends; NaN where it spends nothing.
    """

    looks: tuple[Look, ...]
    alpha: float
    sides: int = 1
    binding: bool = False
    beta: float | None = None
    drift: float = float("nan")

    @property
    def information(self) -> tuple[float, ...]:
        """Return the information of every analysis as planned, the last one included."""
        return (*(look.information for look in self.looks), 1.0)

    @property
    def mirrors(self) -> bool:
        """Return whether the trial also stops for harm: two-sided, without a boundary for futility."""
        return self.sides == 2 and not any(_may_stop_for_futility(look) for look in self.looks)

    @property
    def tail(self) -> float:
        """Return the error towards benefit."""
        return self.alpha / self.sides


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Boundaries of Z of each row at each analysis so far, shape (rows, analyses)."""

    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paths:
    """What has crossed nothing so far: points of S = Z sqrt(I) and their mass, shape (rows, points)."""

    information: Floats
    points: Floats
    mass: Floats


def _may_stop_for_futility(look: Look) -> bool:
    return look.futility is not None or look.futility_power is not None or look.loses is not None


def complete(plan: MonitoringPlan) -> MonitoringPlan:
    """Return the plan with the drift under which its futility boundary spends beta.

    The drift is the one at which both boundaries meet at the final analysis as planned.  Raises
    InputError where no boundary spends as asked, or the boundaries cross.
    """
    if any(look.loses is not None for look in plan.looks):
        if plan.beta is None:
            raise InputError("Futility spends an error that is not given.")
        wanted = 1.0 - plan.beta

        def lacking(drift: float) -> float:
            return float(rejection(_with_drift(plan, drift), drift)) - wanted

        plan = _with_drift(plan, solve(lacking, 0.0, LARGEST_DRIFT))
    found = limits(plan, np.array([plan.information]), last=True)
    crossed = np.flatnonzero(found.lower[0, :-1] > found.upper[0, :-1])
    if crossed.size:
        place = int(crossed[0])
        raise InputError(
            f"The boundaries cross at look {place + 1}: it stops for futility below Z = "
            f"{found.lower[0, place]:.3g} and for efficacy from {found.upper[0, place]:.3g} on. Give a "
            "weaker futility boundary."
        )
    return plan


def shaped(
    kind: Boundary, information: tuple[float, ...], alpha: float, sides: int, shape: float | None
) -> Floats:
    """Return the critical values of a boundary of fixed shape at the looks as planned."""
    return upper_boundary(kind, information, alpha, shape=shape, sides=sides)


def rejection(plan: MonitoringPlan, drift: float) -> float:
    """Return the probability of rejecting towards benefit under a drift, all boundaries obeyed."""
    times = np.array([plan.information])
    found = limits(plan, times, last=True)
    paths, theta, total = _begin(1), np.array([drift]), 0.0
    for index in range(times.shape[1]):
        total += float(_tail(paths, found.upper[:, index], times[:, index], theta)[0])
        paths = _advance(paths, found.lower[:, index], found.upper[:, index], times[:, index], theta)
    return total


def limits(plan: MonitoringPlan, information: Floats, *, last: bool) -> Limits:
    """Return the boundaries of the analyses so far.

    information: of each row at each analysis so far, shape (rows, analyses), as a share of the final
    information as planned; may exceed 1.  last: the last of them is the final analysis.
    """
    times = _growing(np.asarray(information, dtype=float))
    unique, places = np.unique(times, axis=0, return_inverse=True)
    pieces = [_limits(plan, unique[start : start + PIECE], last) for start in range(0, len(unique), PIECE)]
    index = places.ravel()
    lower, upper = (np.concatenate([getattr(piece, name) for piece in pieces]) for name in ("lower", "upper"))
    return Limits(lower=lower[index], upper=upper[index])


def _growing(times: Floats) -> Floats:
    """Return times that increase from look to look: one that adds nothing is a little later."""
    found = times.copy()
    found[:, 0] = np.maximum(found[:, 0], LEAST_GAIN)
    for index in range(1, found.shape[1]):
        found[:, index] = np.maximum(found[:, index], found[:, index - 1] + LEAST_GAIN)
    return found


def _limits(plan: MonitoringPlan, times: Floats, last: bool) -> Limits:
    rows, analyses = times.shape
    lower, upper = np.full(times.shape, -np.inf), np.full(times.shape, np.inf)
    without, with_effect = _begin(rows), _begin(rows)
    none, theta = np.zeros(rows), np.full(rows, plan.drift)
    used = np.zeros(rows)
    for index in range(analyses):
        now = times[:, index]
        if last and index == analyses - 1:
            upper[:, index] = _value_above(without, now, plan.tail - used)
            lower[:, index] = upper[:, index]
            break
        look = plan.looks[index]
        upper[:, index] = _upper(plan, look, without, now, used)
        lower[:, index] = _lower(plan, index, look, with_effect, times, upper[:, index])
        used = used + _tail(without, upper[:, index], now, none)
        obeyed = lower[:, index] if plan.binding else np.full(rows, -np.inf)
        under_null = -upper[:, index] if plan.mirrors else obeyed
        without = _advance(without, under_null, upper[:, index], now, none)
        if plan.beta is not None:
            with_effect = _advance(with_effect, lower[:, index], upper[:, index], now, theta)
        if plan.mirrors:
            lower[:, index] = -upper[:, index]
    return Limits(lower=lower, upper=upper)


def _upper(plan: MonitoringPlan, look: Look, paths: _Paths, now: Floats, used: Floats) -> Floats:
    if look.critical is not None:
        return np.full(now.size, look.critical)
    if look.spends is None:
        return np.full(now.size, np.inf)
    allowed = spent(look.spends, plan.tail, np.minimum(now, 1.0), look.shape)
    return _value_above(paths, now, allowed - used)


def _lower(
    plan: MonitoringPlan, index: int, look: Look, paths: _Paths, times: Floats, upper: Floats
) -> Floats:
    now = times[:, index]
    if look.futility is not None:
        return np.full(now.size, look.futility)
    if look.futility_power is not None:
        return futile_below(look.futility_power, now, final_value(plan))
    if look.loses is None or plan.beta is None:
        return np.full(now.size, -np.inf)
    before = np.zeros(now.size) if not index else np.minimum(times[:, index - 1], 1.0)
    lost = [spent(look.loses, plan.beta, t, look.futility_shape) for t in (before, np.minimum(now, 1.0))]
    return np.minimum(_value_below(paths, now, plan.drift, lost[1] - lost[0]), upper)


def futile_below(power: float, information: Floats, final: float) -> Floats:
    r"""Return the Z below which success at the end is less probable than ``power`` if the trend goes on.

    .. math:: \Phi\!\left(\frac{z/\sqrt t - c}{\sqrt{1 - t}}\right) = \mathrm{power} \;\Rightarrow\;
              z = \sqrt t\,(c + \sqrt{1-t}\,\Phi^{-1}(\mathrm{power}))

    information: t.  final: c, critical value at the end.
    """
    t = np.clip(information, LEAST_GAIN, 1.0)
    return np.asarray(np.sqrt(t) * (final + np.sqrt(1.0 - t) * ndtri(power)))


@lru_cache(maxsize=256)
def final_value(plan: MonitoringPlan) -> float:
    """Return the critical value of the final analysis as planned, futility by conditional power aside."""
    spared = tuple(_without_power(look) for look in plan.looks)
    bare = MonitoringPlan(
        looks=spared,
        alpha=plan.alpha,
        sides=plan.sides,
        binding=plan.binding,
        beta=plan.beta,
        drift=plan.drift,
    )
    return float(_limits(bare, np.array([bare.information]), True).upper[0, -1])


def _without_power(look: Look) -> Look:
    if look.futility_power is None:
        return look
    return Look(information=look.information, critical=look.critical, spends=look.spends, shape=look.shape)


def _with_drift(plan: MonitoringPlan, drift: float) -> MonitoringPlan:
    return MonitoringPlan(
        looks=plan.looks,
        alpha=plan.alpha,
        sides=plan.sides,
        binding=plan.binding,
        beta=plan.beta,
        drift=drift,
    )


def _begin(rows: int) -> _Paths:
    return _Paths(information=np.zeros(rows), points=np.zeros((rows, 1)), mass=np.ones((rows, 1)))


def _standard(paths: _Paths, bound: Floats, now: Floats, drift: Floats) -> Floats:
    gained = now - paths.information
    with np.errstate(invalid="ignore"):
        reach = (bound * np.sqrt(now))[:, np.newaxis] - paths.points - (drift * gained)[:, np.newaxis]
    return np.asarray(reach / np.sqrt(gained)[:, np.newaxis])


def _tail(paths: _Paths, bound: Floats, now: Floats, drift: Floats) -> Floats:
    """Return the probability that Z at the next analysis is at least the bound."""
    return np.asarray((paths.mass * ndtr(-_standard(paths, bound, now, drift))).sum(axis=-1))


def _head(paths: _Paths, bound: Floats, now: Floats, drift: Floats) -> Floats:
    return np.asarray((paths.mass * ndtr(_standard(paths, bound, now, drift))).sum(axis=-1))


def _advance(paths: _Paths, lower: Floats, upper: Floats, now: Floats, drift: Floats) -> _Paths:
    """Return what goes on after the next analysis."""
    root, gained = np.sqrt(now), now - paths.information
    mean = drift * root
    low = np.clip(lower, mean - REACH, mean + REACH) * root
    high = np.clip(upper, mean - REACH, mean + REACH) * root
    nodes, weights = _legendre(POINTS)
    half = (np.maximum(high - low, 0.0) / 2.0)[:, np.newaxis]
    places = low[:, np.newaxis] + half * (nodes + 1.0)
    step = np.sqrt(gained)[:, np.newaxis, np.newaxis]
    shift = (drift * gained)[:, np.newaxis, np.newaxis]
    apart = (places[:, :, np.newaxis] - paths.points[:, np.newaxis, :] - shift) / step
    density = np.exp(-0.5 * apart**2) * paths.mass[:, np.newaxis, :]
    mass = density.sum(axis=-1) / (step[..., 0] * np.sqrt(2.0 * np.pi)) * half * weights
    return _Paths(information=now, points=places, mass=mass)


def _value_above(paths: _Paths, now: Floats, gain: Floats) -> Floats:
    """Return the Z that is exceeded with a given probability when there is no effect; infinite for none."""
    none = np.zeros(now.size)
    found = _bisected(lambda value: _tail(paths, value, now, none) > gain, now.size, 0.0)
    return np.where(gain <= _tail(paths, np.full(now.size, FARTHEST), now, none), np.inf, found)


def _value_below(paths: _Paths, now: Floats, drift: float, loss: Floats) -> Floats:
    """Return the Z below which a given probability lies under the drift; minus infinity for none."""
    theta = np.full(now.size, drift)
    centre = drift * np.sqrt(now)
    found = _bisected(lambda value: _head(paths, value, now, theta) < loss, now.size, centre)
    none = _head(paths, centre - FARTHEST, now, theta) >= loss
    return np.where((loss <= 0) | none, -np.inf, found)


def _bisected(below: Callable[[Floats], NDArray[np.bool_]], rows: int, centre: Floats | float) -> Floats:
    """Return for each row the value up to which ``below`` is true."""
    low, high = np.full(rows, -FARTHEST) + centre, np.full(rows, FARTHEST) + centre
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        more = below(middle)
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return np.asarray((low + high) / 2.0)


@lru_cache(maxsize=4)
def _legendre(points: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(points)
    return nodes, weights
