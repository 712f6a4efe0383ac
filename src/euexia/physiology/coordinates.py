r"""Slow coordinates of the host, in which no rate of change is the difference of two large fast ones.

Fat takes up what glycogen gives within a day, and lean tissue follows fat at once, so the rate of change of
fat contains that of glycogen.  A method that steps over days must not see this.  With the numbers of the
start of a step frozen,

.. math:: X = F + \kappa G, \quad X_m = L_m - \lambda_m F, \quad X_o = L_o - \lambda_o F

change slowly.  The map is linear, so rates of change are mapped by the same functions.  It changes no
solution, only the error of a step.
"""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value
from euexia.physiology.body import Constants, Host


class Coupling(NamedTuple):
    """Frozen numbers of the map."""

    glycogen: Value
    """kappa: fat made from one kilogram of glycogen."""
    muscle: Value
    """lambda_m: muscle that follows one kilogram of fat."""
    other_lean: Value
    """lambda_o: other lean tissue that follows one kilogram of fat."""


def coupling(fat: Value, c: Constants) -> Coupling:
    r"""Return the couplings at a fat mass.

    .. math:: \lambda = C_F/F, \quad \kappa = \frac{\rho_G}{\rho_F + \eta_F + (\rho_L + \eta_L) \lambda}
    """
    e = c.energy_balance
    following = e.forbes_constant / fat
    cost = (
        e.fat_energy_density
        + e.fat_deposition_cost
        + (e.lean_energy_density + e.lean_deposition_cost) * following
    )
    share = c.muscle.forbes_share
    return Coupling(e.glycogen_energy_density / cost, share * following, (1 - share) * following)


def to_slow(host: Host, k: Coupling) -> Host:
    """Return the host, or its rates of change, in slow coordinates."""
    return host._replace(
        fat=host.fat + k.glycogen * host.glycogen,
        muscle=host.muscle - k.muscle * host.fat,
        other_lean=host.other_lean - k.other_lean * host.fat,
    )


def from_slow(host: Host, k: Coupling) -> Host:
    """Return the host from slow coordinates."""
    fat = host.fat - k.glycogen * host.glycogen
    return host._replace(
        fat=fat,
        muscle=host.muscle + k.muscle * fat,
        other_lean=host.other_lean + k.other_lean * fat,
    )
