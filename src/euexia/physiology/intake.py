"""Appetite and energy intake."""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value, maximum, positive_part


class Constants(NamedTuple):
    """Numbers of the block ``intake``."""

    appetite_turnover: Value
    inflammation_effect: Value
    gdf15_effect: Value
    feedback_gain: Value
    floor: Value
    relieved_share: Value


def appetite_target(inflammation_loss: Value, gdf15_loss: Value, treatment_factor: Value) -> Value:
    r"""Return the appetite towards which the patient moves (1 = healthy).

    .. math:: a^* = (1 - A_i z_a h)(1 - A_g z_g g) \prod_j (1 + E_j)

    inflammation_loss: Ai za h.  gdf15_loss: Ag zg g.  treatment_factor: the product over treatments.
    """
    return (1 - inflammation_loss) * (1 - gdf15_loss) * treatment_factor


def appetite_change(appetite: Value, target: Value, c: Constants) -> Value:
    r"""Return the rate of change of appetite [1/day]: :math:`k_a (a^* - a)`."""
    return c.appetite_turnover * (target - appetite)


def care(trial_intake: Value, in_trial: Value, tumour_share: Value, c: Constants) -> Value:
    r"""Return the change of intake by care, or before the trial by the lack of it [kcal/day].

    .. math:: \Delta EI = I\, \Delta_{trial} - (1 - I)\, \varrho\, (\Delta_{trial})_+\, T/T_0

    trial_intake: what care adds from day 0 on [kcal/day].  in_trial: 1 from day 0 on, else 0.
    tumour_share: T/T_0.  With rho above 0 care relieves what the disease had brought before it (pain, nausea,
    obstruction), so who lost more before the trial gains more in it; what takes intake away in the trial had
    added nothing before it.
    """
    missing = c.relieved_share * positive_part(trial_intake) * tumour_share
    return in_trial * trial_intake - (1 - in_trial) * missing


def energy_intake(
    appetite: Value,
    weight_lost: Value,
    addition: Value,
    premorbid_intake: Value,
    feedback: Value,
    c: Constants,
) -> Value:
    r"""Return energy intake [kcal/day].

    .. math:: EI = \max(EI_p a + \varphi k_{fb} (BW_p - BW) + \Delta EI, \; 0.4\, EI_p)

    weight_lost: BW_p - BW [kg].  addition: by trial care and feeding [kcal/day].
    feedback: phi, the share left.
    """
    wanted = premorbid_intake * appetite + feedback * c.feedback_gain * weight_lost + addition
    return maximum(wanted, c.floor * premorbid_intake)
