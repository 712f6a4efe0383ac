"""Rates at which each part of a patient relaxes by itself: what a method that steps time may take exactly."""

from __future__ import annotations

from euexia.physiology import water
from euexia.physiology.body import Body, Constants, Disease, Host, Marrow


def host_turnover(body: Body, c: Constants) -> Host:
    """Return the rate at which each part of the host relaxes by itself [1/day]."""
    still = 0 * c.muscle.muscle_turnover
    burnt = (
        2
        * body.premorbid.glycogen_breakdown
        * c.premorbid.glycogen
        / c.energy_balance.glycogen_energy_density
    )
    return Host(
        appetite=c.intake.appetite_turnover,
        fat=still,
        muscle=c.muscle.muscle_turnover,
        other_lean=c.muscle.other_turnover,
        water=water.turnover(c.water),
        glycogen=burnt,
        adaptation=1 / c.expenditure.adaptation_time,
        activity=c.activity.turnover,
        quality=c.strength.quality_turnover,
        igf1=c.hormones.igf1_turnover,
    )


def disease_turnover(c: Constants) -> Disease:
    """Return the rate at which each part of the disease relaxes by itself [1/day]."""
    return Disease(
        tumour_mass=0 * c.gdf15.turnover,
        signal=c.inflammation.signal_turnover,
        crp=c.inflammation.crp_turnover,
        gdf15=c.gdf15.turnover,
    )


def marrow_turnover(c: Constants) -> Marrow:
    """Return the rate at which each blood count relaxes by itself [1/day]."""
    return Marrow(c.marrow.neutrophil_turnover, c.marrow.platelet_turnover)
