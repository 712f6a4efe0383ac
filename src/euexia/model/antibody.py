"""An antibody against a circulating ligand: what an injection brings, its course, and what it binds.

Knows no drug and no ligand.  The complex is cleared like the free antibody, so the course of the total
antibody is linear and known in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from euexia.model.elementary import Value, exp, sqrt, where


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """One dose of every patient; each value a number or of shape (patients,)."""

    depot: Value
    """What is put under the skin and will be absorbed, per volume of distribution [nmol/L]; 0: no dose."""
    absorption: Value
    """[1/day]"""
    elimination: Value
    """[1/day]"""
    serum_dissociation: Value
    """Quasi-steady-state constant of binding in serum [nmol/L]."""
    site_half_effect: Value
    """Free antibody that halves the ligand where it acts [nmol/L]."""


class Antibody(NamedTuple):
    """State of an antibody in the body; all 0 where there is none."""

    depot: Value
    """Not yet absorbed, per volume of distribution [nmol/L]."""
    central: Value
    """Total antibody in serum, free and bound [nmol/L]."""
    absorption: Value
    elimination: Value
    serum_dissociation: Value
    site_half_effect: Value


def later(antibody: Antibody, days: Value) -> Antibody:
    r"""Return the antibody some days later, exactly; its rates are above 0.

    .. math:: A = A_0 e^{-k_a t}, \quad
        C = C_0 e^{-k t} + A_0 k_a \frac{e^{-k t} - e^{-k_a t}}{k_a - k}
    """
    left, kept = exp(-antibody.absorption * days), exp(-antibody.elimination * days)
    gap = antibody.absorption - antibody.elimination
    even = gap == 0
    taken = where(even, days * left, (kept - left) / where(even, antibody.absorption, gap))
    return antibody._replace(
        depot=antibody.depot * left,
        central=antibody.central * kept + antibody.depot * antibody.absorption * taken,
    )


def antibody_change(antibody: Antibody) -> tuple[Value, Value]:
    r"""Return the rates of change of depot and total antibody [nmol/L/day].

    .. math:: \dot A = -k_a A, \quad \dot C = k_a A - k C
    """
    absorbed = antibody.absorption * antibody.depot
    return -absorbed, absorbed - antibody.elimination * antibody.central


def free_antibody(central: Value, ligand: Value, dissociation: Value) -> Value:
    r"""Return free antibody in quasi-steady state with its ligand [nmol/L].

    .. math:: C_f = \tfrac12 \left(C - R - K_{ss} + \sqrt{(C - R - K_{ss})^2 + 4 K_{ss} C}\right)

    central: C, total antibody.  ligand: R, total ligand.  dissociation: K_ss.  All [nmol/L].
    """
    excess = central - ligand - dissociation
    root = sqrt(excess * excess + 2 * 2 * dissociation * central)
    return (excess + root) / 2


def bound_share(free: Value, dissociation: Value) -> Value:
    r"""Return the share of the ligand that is bound: :math:`C_f/(K_{ss} + C_f)`."""
    return free / (dissociation + free)
