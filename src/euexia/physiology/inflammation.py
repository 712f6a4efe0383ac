"""Tumour-driven inflammation: an interleukin-6-like signal, C-reactive protein, and their effect."""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value, exp, positive_part


class Constants(NamedTuple):
    """Numbers of the block ``inflammation``."""

    signal_turnover: Value
    signal_healthy: Value
    signal_half_effect: Value
    crp_turnover: Value
    crp_per_signal: Value


def drive(crp: Value, tumour_mass: Value, c: Constants) -> Value:
    r"""Return the inflammatory drive per tumour mass that explains a C-reactive protein [pg/mL/kg].

    .. math:: s_6 = (CRP_0/c_{CRP} - I6_h)_+ / T_0
    """
    return positive_part(crp / c.crp_per_signal - c.signal_healthy) / tumour_mass


def signal_change(signal: Value, tumour_signal: Value, suppression: Value, c: Constants) -> Value:
    r"""Return the rate of change of the inflammatory signal [pg/mL/day].

    .. math:: \dot{I6} = k_6 (I6_h + s_6 T (1 - E_6) - I6)

    tumour_signal: s6 T [pg/mL].  suppression: E6, share of it that treatment takes away.
    """
    return c.signal_turnover * (c.signal_healthy + tumour_signal * (1 - suppression) - signal)


def untreated_signal(
    tumour_signal: Value, first: Value, growth: Value, elapsed: Value, c: Constants
) -> Value:
    r"""Return the signal above the healthy one while an untreated tumour grows [pg/mL], in closed form.

    .. math:: x(t) =
        s_6 \left(\frac{k_6}{k_6 + K_G} T(t) + \frac{K_G}{k_6 + K_G} T_1 e^{-k_6 (t - t_1)}\right)

    tumour_signal: s6 T now.  first: s6 T1 at the start, where the signal was at its steady state.  elapsed:
    [day].
    """
    settled = c.signal_turnover / (c.signal_turnover + growth)
    return settled * tumour_signal + (1 - settled) * first * exp(-c.signal_turnover * elapsed)


def crp_change(crp: Value, signal: Value, c: Constants) -> Value:
    r"""Return the rate of change of C-reactive protein [mg/L/day]: :math:`k_{CRP} (c_{CRP} I6 - CRP)`."""
    return c.crp_turnover * (c.crp_per_signal * signal - crp)


def untreated_crp(excess: Value, growth: Value, c: Constants) -> Value:
    r"""Return C-reactive protein while an untreated tumour grows [mg/L], its own start forgotten.

    .. math:: CRP = c_{CRP} \left(I6_h + \frac{k_{CRP}}{k_{CRP} + K_G} x\right)

    excess: x, signal above the healthy one [pg/mL].  Half a year after the start the rest is below double
    precision.
    """
    settled = c.crp_turnover / (c.crp_turnover + growth)
    return c.crp_per_signal * (c.signal_healthy + settled * excess)


def inflammation(signal: Value, c: Constants) -> Value:
    r"""Return the inflammatory effect, 0 (healthy) to 1.

    .. math:: h = \frac{x}{I6_{50} + x}, \quad x = (I6 - I6_h)_+
    """
    excess = positive_part(signal - c.signal_healthy)
    return excess / (c.signal_half_effect + excess)
