"""Growth differentiation factor 15 made by the tumour, and its effect in the brain stem."""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value, exp, positive_part


class Constants(NamedTuple):
    """Numbers of the block ``gdf15``."""

    turnover: Value
    healthy: Value
    half_effect: Value
    amount_per_mass: Value


def drive(gdf15: Value, tumour_mass: Value, c: Constants) -> Value:
    r"""Return GDF-15 made per tumour mass [ng/mL/kg]: :math:`s_G = (G_0 - G_h)_+ / T_0`."""
    return positive_part(gdf15 - c.healthy) / tumour_mass


def gdf15_change(gdf15: Value, tumour_gdf15: Value, c: Constants) -> Value:
    r"""Return the rate of change of GDF-15 [ng/mL/day]: :math:`k_R (G_h + s_G T - G)`.

    tumour_gdf15: sG T [ng/mL].
    """
    return c.turnover * (c.healthy + tumour_gdf15 - gdf15)


def untreated_gdf15(tumour_gdf15: Value, first: Value, growth: Value, elapsed: Value, c: Constants) -> Value:
    r"""Return GDF-15 while an untreated tumour grows [ng/mL], in closed form.

    .. math:: G = G_h
        + s_G \left(\frac{k_R}{k_R + K_G} T(t) + \frac{K_G}{k_R + K_G} T_1 e^{-k_R (t - t_1)}\right)

    tumour_gdf15: sG T now.  first: sG T1 at the start, where GDF-15 was at its steady state.  elapsed: [day].
    """
    settled = c.turnover / (c.turnover + growth)
    return c.healthy + settled * tumour_gdf15 + (1 - settled) * first * exp(-c.turnover * elapsed)


def gdf15_effect(gdf15: Value, occupancy: Value, c: Constants) -> Value:
    r"""Return the effect of GDF-15, 0 (healthy) to 1.

    .. math:: g = (1 - RO) \frac{y}{EC_{50} + y}, \quad y = (G - G_h)_+

    occupancy: RO, share of receptors blocked.
    """
    excess = positive_part(gdf15 - c.healthy)
    return (1 - occupancy) * excess / (c.half_effect + excess)


def bound_gdf15_change(
    gdf15: Value, tumour_gdf15: Value, bound: Value, elimination: Value, c: Constants
) -> Value:
    r"""Return the rate of change of total GDF-15 while an antibody binds some of it [ng/mL/day].

    .. math:: k_R (G_h + s_G T) - k_R (1 - b) G - k b G

    tumour_gdf15: sG T [ng/mL].  bound: b, share bound.  elimination: k, of the complex [1/day].
    """
    made = c.turnover * (c.healthy + tumour_gdf15)
    return made - (c.turnover * (1 - bound) + elimination * bound) * gdf15


def gdf15_at_site(tumour_gdf15: Value, antibody: Value, half_effect: Value, c: Constants) -> Value:
    r"""Return GDF-15 at its site of action under an antibody [ng/mL].

    .. math:: \frac{G_h + s_G T}{1 + C_f/K_{bio}}

    antibody: C_f, free in serum [nmol/L].  half_effect: K_bio [nmol/L].
    """
    return (c.healthy + tumour_gdf15) / (1 + antibody / half_effect)


def molar_gdf15(gdf15: Value, c: Constants) -> Value:
    """Return GDF-15 [nmol/L] from its mass concentration."""
    return c.amount_per_mass * gdf15
