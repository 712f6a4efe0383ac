"""Two arms compared by times to an event: how many events, and how many patients to see them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, exp, expm1, isfinite, log, sqrt
from typing import assert_never

from scipy.special import ndtr, ndtri

from euexia.core.errors import InputError
from euexia.design.allocation import TwoArmSize, sized
from euexia.design.input_checks import check_alpha, check_positive, check_power, check_ratio


class EventFormula(StrEnum):
    """How many events, or patients, a log-rank test is given."""

    SCHOENFELD = "schoenfeld"
    FREEDMAN = "freedman"
    LACHIN_FOULKES = "lachin-foulkes"
    """Patients directly, from the variance of the estimated exponential hazards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recruitment:
    """When patients come, how long they are followed, and how many are lost.  Times in one unit."""

    accrual: float
    """Time over which patients come evenly; 0 if all come at once."""
    follow_up: float
    """Time from the last patient's coming to the analysis."""
    dropout: float = 0.0
    """Hazard of being lost, the same in both arms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalSize:
    """Size of a comparison of two exponential survival curves."""

    size: TwoArmSize
    events: float
    """Needed (Schoenfeld, Freedman) or expected (Lachin and Foulkes) under the alternative, both arms."""
    hazard: float
    control_hazard: float
    event_probability: float
    """Of a treated patient by the analysis."""
    control_event_probability: float

    @property
    def whole_events(self) -> int:
        """Return the events to wait for."""
        return ceil(self.events - 1e-9)


def schoenfeld_events(hazard_ratio: float, alpha: float, power: float, ratio: float = 1.0) -> float:
    r"""Return the events that a log-rank test needs.

    .. math:: d = \frac{(1 + r)^2}{r}\frac{(z_{1-\alpha} + z_{1-\beta})^2}{(\ln HR)^2}

    ratio: r, treated per control.  alpha: one-sided.  Source: Schoenfeld, Biometrika 1981;68:316-319;
    Biometrics 1983;39:499-503.
    """
    _check(hazard_ratio, alpha, power, ratio)
    return float((1 + ratio) ** 2 / ratio * (ndtri(1 - alpha) + ndtri(power)) ** 2 / log(hazard_ratio) ** 2)


def freedman_events(hazard_ratio: float, alpha: float, power: float, ratio: float = 1.0) -> float:
    r"""Return the events that a log-rank test needs, by Freedman's formula.

    .. math:: d = \frac{(1 + r HR)^2}{r}\frac{(z_{1-\alpha} + z_{1-\beta})^2}{(1 - HR)^2}

    Arguments as for schoenfeld_events.  Source: Freedman, Statistics in Medicine 1982;1:121-129.
    """
    _check(hazard_ratio, alpha, power, ratio)
    scale = (1 + ratio * hazard_ratio) ** 2 / ratio / (1 - hazard_ratio) ** 2
    return float(scale * (ndtri(1 - alpha) + ndtri(power)) ** 2)


def event_power(events: float, hazard_ratio: float, alpha: float, ratio: float = 1.0) -> float:
    r"""Return the power of a log-rank test with a number of events, by Schoenfeld's formula."""
    _check(hazard_ratio, alpha, 1 - alpha, ratio)
    return float(ndtr(sqrt(events * ratio) / (1 + ratio) * abs(log(hazard_ratio)) - ndtri(1 - alpha)))


def event_probability(hazard: float, recruitment: Recruitment) -> float:
    r"""Return the probability that a patient has the event before the analysis and before being lost.

    .. math:: \frac{\lambda}{\lambda + \eta}\left[1 - \frac{e^{-(\lambda+\eta)f} - e^{-(\lambda+\eta)(f+a)}}
              {(\lambda + \eta) a}\right]

    hazard: lambda.  Accrual a is even, follow-up f, dropout eta.  Source: Lachin and Foulkes, Biometrics
    1986;42:507-519.
    """
    check_positive("hazard", hazard, "events per patient and unit of time")
    _check_recruitment(recruitment)
    leaving = hazard + recruitment.dropout
    left = exp(-leaving * recruitment.follow_up)
    if recruitment.accrual > 0:
        left *= -expm1(-leaving * recruitment.accrual) / (leaving * recruitment.accrual)
    return hazard / leaving * (1 - left)


def hazard_of_median(median: float) -> float:
    """Return the exponential hazard with a given median time."""
    check_positive("median", median, "the time by which half have had the event")
    return log(2) / median


def survival_size(
    hazard_ratio: float,
    control_hazard: float,
    recruitment: Recruitment,
    alpha: float,
    power: float,
    *,
    ratio: float = 1.0,
    formula: EventFormula = EventFormula.SCHOENFELD,
) -> SurvivalSize:
    r"""Return the patients and events of a comparison of two arms with exponential times to an event.

    .. math::
        N &= d / \bar p \quad \text{(Schoenfeld, Freedman)} \\
        N &= \frac{\left(z_{1-\alpha}\sqrt{\psi(\bar\lambda)/(Q_1 Q_0)} +
             z_{1-\beta}\sqrt{\psi(\lambda_1)/Q_1 + \psi(\lambda_0)/Q_0}\right)^2}{(\lambda_1 - \lambda_0)^2},
             \quad \psi(\lambda) = \lambda^2 / p(\lambda) \quad \text{(Lachin and Foulkes)}

    hazard_ratio: treated over control.  Q: shares of the arms, p: probability of an event.  alpha: one-sided.
    """
    _check(hazard_ratio, alpha, power, ratio)
    hazard = control_hazard * hazard_ratio
    seen, control_seen = (
        event_probability(hazard, recruitment),
        event_probability(control_hazard, recruitment),
    )
    share = ratio / (1 + ratio)
    mean_seen = share * seen + (1 - share) * control_seen
    match formula:
        case EventFormula.SCHOENFELD:
            needed = schoenfeld_events(hazard_ratio, alpha, power, ratio) / mean_seen
        case EventFormula.FREEDMAN:
            needed = freedman_events(hazard_ratio, alpha, power, ratio) / mean_seen
        case EventFormula.LACHIN_FOULKES:
            needed = _lachin_foulkes(hazard, control_hazard, recruitment, alpha, power, share)
        case _:
            assert_never(formula)

    def reached(treated: float, control: float) -> float:
        return event_power(treated * seen + control * control_seen, hazard_ratio, alpha, treated / control)

    return SurvivalSize(
        size=sized(needed, ratio, reached),
        events=needed * mean_seen,
        hazard=hazard,
        control_hazard=control_hazard,
        event_probability=seen,
        control_event_probability=control_seen,
    )


def _lachin_foulkes(
    hazard: float, control_hazard: float, recruitment: Recruitment, alpha: float, power: float, share: float
) -> float:
    def variance(rate: float) -> float:
        return rate**2 / event_probability(rate, recruitment)

    mean = share * hazard + (1 - share) * control_hazard
    under_null = sqrt(variance(mean) / (share * (1 - share)))
    under_alternative = sqrt(variance(hazard) / share + variance(control_hazard) / (1 - share))
    numerator = ndtri(1 - alpha) * under_null + ndtri(power) * under_alternative
    return float(numerator**2 / (hazard - control_hazard) ** 2)


def _check(hazard_ratio: float, alpha: float, power: float, ratio: float) -> None:
    check_positive("hazard_ratio", hazard_ratio, "the treated hazard over the control's, for example 0.7")
    if hazard_ratio == 1:
        raise InputError("'hazard_ratio' is 1: there is nothing to detect. Give, for example, 0.7.")
    check_alpha(alpha)
    check_power(power, alpha)
    check_ratio(ratio)


def _check_recruitment(recruitment: Recruitment) -> None:
    for name, value in (
        ("accrual", recruitment.accrual),
        ("follow_up", recruitment.follow_up),
        ("dropout", recruitment.dropout),
    ):
        if not (isfinite(value) and value >= 0):
            raise InputError(f"'{name}' is {value:g}. Give a number that is not negative.")
    if recruitment.accrual + recruitment.follow_up <= 0:
        raise InputError("'accrual' and 'follow_up' are both 0: nobody is followed. Give one of them.")
