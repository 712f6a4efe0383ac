"""Skeletal muscle and other lean tissue: turnover around set-points that follow fat mass."""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value, where


class Constants(NamedTuple):
    """Numbers of the block ``muscle``."""

    muscle_turnover: Value
    other_turnover: Value
    forbes_share: Value
    igf1_synthesis: Value
    exercise_synthesis: Value
    anabolic_resistance: Value
    inflammation_breakdown: Value
    inactivity_breakdown: Value
    chemotherapy_breakdown: Value
    chemotherapy_resistance: Value
    women_breakdown: Value


def synthesis(igf1: Value, exercise: Value, inflammation: Value, chemotherapy: Value, c: Constants) -> Value:
    r"""Return muscle protein synthesis relative to health.

    .. math:: S = 1 + s_{igf} (IGF - 1) + s_{ex} (1 - r_{ch} ch) Ex (1 - r h)
    """
    reached = c.exercise_synthesis * (1 - c.chemotherapy_resistance * chemotherapy)
    trained = reached * exercise * (1 - c.anabolic_resistance * inflammation)
    return 1 + c.igf1_synthesis * (igf1 - 1) + trained


def breakdown(
    inflammation: Value, activity: Value, chemotherapy: Value, addition: Value, c: Constants
) -> Value:
    r"""Return muscle protein breakdown relative to health.

    .. math:: D = 1 + d_i z_m h + d_{pa} (1 - PA) + d_{ch} ch + d_{drug}

    inflammation: zm h, the patient's own inflammatory effect on muscle.
    """
    inactive = c.inactivity_breakdown * (1 - activity)
    return (
        1
        + c.inflammation_breakdown * inflammation
        + inactive
        + c.chemotherapy_breakdown * chemotherapy
        + addition
    )


def inflammatory_breakdown(personal: Value, male: Value, c: Constants) -> Value:
    """Return the factor of inflammation's effect on breakdown: the patient's own, times that of women."""
    return personal * where(male > 0, 1.0, c.women_breakdown)


def muscle_set_point(premorbid: Value, following: Value, c: Constants) -> Value:
    r"""Return the muscle that belongs to the fat mass [kg]: :math:`L_{m,p} + \pi C_F \ln(F/F_p)`."""
    return premorbid + c.forbes_share * following


def other_set_point(premorbid: Value, following: Value, c: Constants) -> Value:
    r"""Return the lean rest that belongs to the fat mass [kg]: :math:`L_{o,p} + (1-\pi) C_F \ln(F/F_p)`."""
    return premorbid + (1 - c.forbes_share) * following


def own_muscle_change(muscle: Value, set_point: Value, made: Value, broken: Value, c: Constants) -> Value:
    r"""Return the change of muscle that does not follow fat [kg/day]: :math:`J_m = k_m (S L_m^* - D L_m)`."""
    return c.muscle_turnover * (made * set_point - broken * muscle)


def own_other_change(other: Value, set_point: Value, c: Constants) -> Value:
    r"""Return the change of the lean rest apart from fat [kg/day]: :math:`J_o = k_o (L_o^* - L_o)`."""
    return c.other_turnover * (set_point - other)
