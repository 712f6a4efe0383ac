"""Energy expenditure: tissues, activity, digestion, adaptation, inflammation and tumour."""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value


class Constants(NamedTuple):
    """Numbers of the block ``expenditure``."""

    fat_expenditure: Value
    lean_expenditure: Value
    thermic_effect: Value
    adaptation_share: Value
    adaptation_time: Value
    adaptation_inhibition: Value
    inflammation_effect: Value
    tumour_expenditure: Value


def activity_cost(activity_level: Value, resting: Value, weight: Value, c: Constants) -> Value:
    r"""Return the energy cost of activity per body weight in health [kcal/kg/day].

    .. math:: \delta = ((1 - \beta) PAL - 1) RMR_p / BW_p
    """
    return ((1 - c.thermic_effect) * activity_level - 1) * resting / weight


def tissue_expenditure(fat: Value, lean: Value, c: Constants) -> Value:
    r"""Return resting expenditure of fat and lean tissue [kcal/day]: :math:`\gamma_F F + \gamma_L L`."""
    return c.fat_expenditure * fat + c.lean_expenditure * lean


def resting_part(constant: Value, tissues: Value, adaptation: Value, inflamed: Value, tumour: Value) -> Value:
    r"""Return the part of expenditure that neither activity nor digestion causes [kcal/day].

    .. math:: K + \gamma_F F + \gamma_L L + AT + REE_{inf} + \varepsilon_T T

    All arguments [kcal/day].
    """
    return constant + tissues + adaptation + inflamed + tumour


def adaptation_change(adaptation: Value, intake_change: Value, inflammation: Value, c: Constants) -> Value:
    r"""Return the rate of change of adaptive thermogenesis [kcal/day/day].

    .. math:: \dot{AT} = (\beta_{AT} (1 - a_i h)(EI - EI_p) - AT)/\tau_{AT}

    intake_change: EI - EI_p [kcal/day].
    """
    target = c.adaptation_share * (1 - c.adaptation_inhibition * inflammation) * intake_change
    return (target - adaptation) / c.adaptation_time
