"""Hazards of death, dropout and adverse events.

C-reactive protein and weight loss predict death; that treating them prolongs life is not shown.
``causal_share`` is therefore 0 in the reference set: in the death hazard both stay at their values of day
0, and a treatment acts on death only through the tumour.  Dropout and serious events follow the present
C-reactive protein.
"""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value, exp, log, maximum


class Constants(NamedTuple):
    """Numbers of the block ``hazards``."""

    death_rate: Value
    death_crp_reference: Value
    death_crp_floor: Value
    death_crp_exponent: Value
    ecog_effect: Value
    ecog_reference: Value
    weight_loss_effect: Value
    weight_loss_reference: Value
    tumour_exponent: Value
    causal_share: Value
    dropout_rate: Value
    dropout_crp_exponent: Value
    serious_rate: Value
    serious_crp_exponent: Value
    event_crp_reference: Value
    thrombosis_rate: Value
    rash_rate: Value


def death_rate(crp: Value, weight_loss: Value, ecog: Value, tumour_ratio: Value, c: Constants) -> Value:
    r"""Return the death rate [1/day].

    .. math:: 0.0011 \left(\frac{\max(CRP, 1)}{10}\right)^{0.5}
        e^{0.25 (ECOG - 1)} e^{3 (WL - 0.05)} (T/T_0)^{0.3}

    weight_loss: WL over six months, as a fraction.  tumour_ratio: T/T0.
    """
    logarithm = (
        c.death_crp_exponent * log(maximum(crp, c.death_crp_floor) / c.death_crp_reference)
        + c.ecog_effect * (ecog - c.ecog_reference)
        + c.weight_loss_effect * (weight_loss - c.weight_loss_reference)
        + c.tumour_exponent * log(tumour_ratio)
    )
    return c.death_rate * exp(logarithm)


def dropout_rate(crp: Value, factor: Value, c: Constants) -> Value:
    r"""Return the dropout rate [1/day]: :math:`0.0024\,(CRP/20)^{0.3}` times the factor of treatment."""
    return c.dropout_rate * exp(c.dropout_crp_exponent * log(crp / c.event_crp_reference)) * factor


def serious_rate(crp: Value, ecog: Value, factor: Value, c: Constants) -> Value:
    r"""Return the rate of serious adverse events [1/day].

    .. math:: 0.0035\,(CRP/20)^{0.5} e^{0.25 (ECOG - 1)} \times \text{factor of treatment}
    """
    logarithm = c.serious_crp_exponent * log(crp / c.event_crp_reference)
    return c.serious_rate * exp(logarithm + c.ecog_effect * (ecog - c.ecog_reference)) * factor


def causal_value(present: Value, baseline: Value, c: Constants) -> Value:
    """Return the value that acts on death: between baseline (share 0) and present (share 1)."""
    return baseline + c.causal_share * (present - baseline)
