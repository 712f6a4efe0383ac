"""Pharmacokinetics in closed form; knows no drug."""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value, exp, log


class DailyExposure(NamedTuple):
    """Steady state of one compartment under a repeated bolus."""

    peak: Value
    """Concentration just after a dose [mg/L]."""
    trough: Value
    """Concentration just before a dose [mg/L]."""
    decay: Value
    """Elimination rate times dosing interval."""


def steady_state(dose: Value, clearance: Value, volume: Value, interval: Value) -> DailyExposure:
    r"""Return peak and trough of one compartment at steady state under a repeated bolus.

    .. math:: k = CL/V, \quad C_{max} = \frac{D}{V (1 - e^{-k\tau})}, \quad C_{min} = C_{max} e^{-k\tau}

    dose: D [mg].  clearance: CL [L/h].  volume: V [L].  interval: tau [h].
    """
    decay = clearance / volume * interval
    left = exp(-decay)
    peak = dose / (volume * (1 - left))
    return DailyExposure(peak, peak * left, decay)


def area_under_curve(dose: Value, clearance: Value) -> Value:
    """Return dose over clearance, the exposure of one dosing interval [mg h/L]."""
    return dose / clearance


def mean_effect(exposure: DailyExposure, maximal: Value, half_effect_concentration: Value) -> Value:
    r"""Return the exact mean over one dosing interval of a saturating effect.

    .. math:: E = \frac{E_{max}}{k\tau} \ln\frac{IC_{50} + C_{max}}{IC_{50} + C_{min}}
    """
    ratio = (half_effect_concentration + exposure.peak) / (half_effect_concentration + exposure.trough)
    return maximal * log(ratio) / exposure.decay
