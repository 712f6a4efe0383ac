"""The framework: elementary functions on every kind of value, effects, pharmacokinetics."""

from __future__ import annotations

import math
from dataclasses import fields

import jax.numpy as jnp
import numpy as np
import pytest

from euexia.core.quantities import quantity
from euexia.model import elementary
from euexia.model.effects import CHANNELS, NEUTRAL, Effects, combine
from euexia.model.pharmacokinetics import area_under_curve, mean_effect, steady_state


@pytest.mark.parametrize("make", [float, np.asarray, jnp.asarray], ids=["float", "numpy", "jax"])
def test_elementary_functions_pass_every_number(make: type) -> None:
    """Same answer from the value's own library; known values of exp, log and sqrt."""
    value = make(4.0)
    assert float(elementary.exp(value)) == pytest.approx(math.exp(4), rel=1e-6)
    assert float(elementary.log(value)) == pytest.approx(math.log(4), rel=1e-6)
    assert float(elementary.sqrt(value)) == 2
    assert float(elementary.maximum(value, 5.0)) == 5
    assert float(elementary.minimum(value, 5.0)) == 4
    assert float(elementary.positive_part(-value)) == 0
    assert float(elementary.where(value > 3, value, 0.0)) == 4


def test_elementary_functions_pass_quantities() -> None:
    """Units go through, and dimensionless ratios may be raised and logged."""
    mass = quantity(3.0, "mass")
    assert elementary.positive_part(-mass).magnitude == 0
    assert elementary.maximum(mass, quantity(5000.0, "mass") / 1000).to("kg").magnitude == 5
    assert elementary.log(mass / mass).magnitude == 0
    with pytest.raises(Exception, match="dimensionless"):
        elementary.exp(mass)


def test_neutral_effects_change_no_bit() -> None:
    """Combining with no treatment is no change, either way round, also for odd values."""
    acting = Effects(
        inflammation_suppression=0.1 + 0.2,
        appetite_factor=0.98,
        intake_addition=89.99999,
        neutrophil_ceiling=2.7,
        rash_factor=6.0,
    )
    for both in (combine(acting, NEUTRAL), combine(NEUTRAL, acting)):
        for name in CHANNELS:
            assert np.float64(getattr(both, name)).tobytes() == np.float64(getattr(acting, name)).tobytes(), (
                name
            )


def test_combination_rules() -> None:
    """Shares act in turn, additions add, factors multiply, the lower ceiling counts."""
    first = Effects(
        inflammation_suppression=0.5, intake_addition=10.0, serious_factor=2.0, platelet_ceiling=60.0
    )
    second = Effects(
        inflammation_suppression=0.2, intake_addition=5.0, serious_factor=3.0, platelet_ceiling=90.0
    )
    both = combine(first, second)
    assert both.inflammation_suppression == pytest.approx(0.6)
    assert both.intake_addition == 15
    assert both.serious_factor == 6
    assert both.platelet_ceiling == 60


def test_every_channel_has_a_documented_neutral_value() -> None:
    """Effects() is no treatment."""
    assert Effects() == NEUTRAL
    assert all(field.name in CHANNELS for field in fields(Effects))


def test_one_compartment_against_a_long_series_of_doses() -> None:
    """Peak and trough are the limits of adding up single doses; the exposure is dose over clearance."""
    dose, clearance, volume = 25.0, 6.3, 68.8
    left = math.exp(-clearance / volume * 24)
    amount = 0.0
    for _ in range(200):
        amount = amount * left + dose
    reached = steady_state(dose, clearance, volume, 24.0)
    assert reached.peak == pytest.approx(amount / volume)
    assert reached.trough == pytest.approx(amount * left / volume)
    assert area_under_curve(dose, clearance) == pytest.approx(
        (reached.peak - reached.trough) * volume / clearance
    )


def test_mean_effect_saturates() -> None:
    """At huge doses the daily mean is the largest effect, at small ones it is proportional to dose."""
    assert mean_effect(steady_state(1e9, 1.0, 10.0, 24.0), 0.45, 0.05) == pytest.approx(0.45, rel=1e-6)
    small = [mean_effect(steady_state(dose, 12.0, 68.8, 24.0), 0.45, 0.05) for dose in (1e-6, 2e-6)]
    assert small[1] / small[0] == pytest.approx(2, rel=1e-4)
