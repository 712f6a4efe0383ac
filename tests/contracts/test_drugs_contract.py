"""What every treatment in DRUGS must do."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from builders.patients import random_columns, typical_columns
from euexia import drugs, parameters
from euexia.core.errors import InputError, UnknownNameError
from euexia.drugs import DRUGS, Drug
from euexia.model.effects import CHANNELS, NEUTRAL, Effects

PARAMETERS = parameters.load()
MOST = {name: drugs.highest_amount(name, PARAMETERS) for name in DRUGS}
BENEFITS = {
    "inflammation_suppression": 1,
    "receptor_occupancy": 1,
    "intake_addition": 1,
    "exercise": 1,
    "neutrophil_ceiling": -1,
    "platelet_ceiling": -1,
    "dropout_factor": 1,
    "serious_factor": 1,
    "thrombosis_factor": 1,
    "rash_factor": 1,
}
"""Channels that may only rise (1) or fall (-1) with the amount."""

every_drug = pytest.mark.parametrize("drug", DRUGS.values(), ids=DRUGS.keys())


def bits(effects: Effects) -> list[bytes]:
    """Return the bits of every channel."""
    return [np.asarray(getattr(effects, name), dtype=float).tobytes() for name in CHANNELS]


@every_drug
def test_nothing_taken_is_nothing_done(drug: Drug) -> None:
    """An amount of 0 gives neutral effects, bit for bit, as a number and as an array."""
    assert bits(drug.effects(0.0, {k: v[0] for k, v in typical_columns().items()}, PARAMETERS)) == bits(
        NEUTRAL
    )
    many = drug.effects(np.zeros(5), random_columns(5), PARAMETERS)
    for name in CHANNELS:
        np.testing.assert_array_equal(
            np.broadcast_to(getattr(many, name), 5), np.full(5, getattr(NEUTRAL, name))
        )


@every_drug
def test_more_taken_is_more_done(drug: Drug) -> None:
    """Every channel is monotone in the amount."""
    amounts = np.linspace(0.01, 1, 40) * MOST[drug.name]
    columns = {name: np.full(40, value[0]) for name, value in typical_columns().items()}
    acting = drug.effects(amounts, columns, PARAMETERS)
    for name, sign in BENEFITS.items():
        values = np.broadcast_to(getattr(acting, name), 40)
        with np.errstate(invalid="ignore"):
            assert np.all((np.diff(values) * sign >= 0) | (values[1:] == values[:-1])), name


@every_drug
def test_effects_are_possible(drug: Drug) -> None:
    """Shares lie in 0 to 1, factors are positive, everything is finite, for very different patients."""
    acting = drug.effects(np.full(500, MOST[drug.name]), random_columns(500), PARAMETERS)
    for name in CHANNELS:
        values = np.broadcast_to(getattr(acting, name), 500)
        assert not np.any(np.isnan(values)), name
        if name not in ("neutrophil_ceiling", "platelet_ceiling"):
            assert np.all(np.isfinite(values)), name
        if name in ("inflammation_suppression", "receptor_occupancy", "exercise"):
            assert np.all((values >= 0) & (values <= 1)), name
        if name.endswith(("factor", "ceiling")):
            assert np.all(values > 0), name


@every_drug
def test_missing_columns_are_named(drug: Drug) -> None:
    """A missing column is an error that names it and the treatment."""
    for name in drug.needs:
        columns: dict[str, Any] = typical_columns()
        del columns[name]
        with pytest.raises(UnknownNameError, match=drug.name):
            drugs.effects({drug.name: MOST[drug.name]}, columns, PARAMETERS)


@every_drug
def test_something_is_done(drug: Drug) -> None:
    """A full amount changes a channel, or an injection brings something into the body."""
    acting = drug.effects(np.full(5, MOST[drug.name]), random_columns(5), PARAMETERS)
    changed = any(np.any(getattr(acting, name) != getattr(NEUTRAL, name)) for name in CHANNELS)
    assert changed != (drug.injection is not None)


@every_drug
def test_an_injection_is_possible_and_nothing_at_dose_0(drug: Drug) -> None:
    """Amounts and rates are finite, positive and proportional to the dose; the dose 0 brings nothing."""
    if drug.injection is None:
        with pytest.raises(InputError, match="ponsegromab"):
            drugs.injection(drug.name, 0.0, typical_columns(), PARAMETERS)
        return
    one = drugs.injection(drug.name, np.full(500, MOST[drug.name]), random_columns(500), PARAMETERS)
    for field in fields(one):
        values = np.broadcast_to(getattr(one, field.name), 500)
        assert np.all(np.isfinite(values) & (values > 0)), field.name
    half = drugs.injection(drug.name, np.full(500, MOST[drug.name] / 2), random_columns(500), PARAMETERS)
    np.testing.assert_allclose(2 * half.depot, one.depot)
    assert np.all(drugs.injection(drug.name, np.zeros(500), random_columns(500), PARAMETERS).depot == 0)


@every_drug
@pytest.mark.parametrize("share", [-0.01, 1.01, np.nan, np.inf])
def test_impossible_amounts_are_refused(drug: Drug, share: float) -> None:
    """Below 0, above the highest plausible amount, not a number: the message names the treatment."""
    amounts = np.array([0.0, share * MOST[drug.name]])
    with pytest.raises(InputError, match=f"'{drug.name}' cannot be given"):
        drugs.effects({drug.name: amounts}, random_columns(2), PARAMETERS)


@every_drug
def test_spread_between_patients_acts(drug: Drug) -> None:
    """A treatment whose numbers differ between patients reads the patients' own factors."""
    columns = {name: value[:1] for name, value in random_columns(1).items()}
    for short, entry in PARAMETERS.block(drug.name).items():
        own = f"{drug.name}_{short}_effect"
        if entry.spread == 0 or short == "volume":
            continue
        found = []
        for factor in (1.0, 2.0):
            mine = {**columns, own: np.array([factor])}
            give = drug.effects if drug.injection is None else drug.injection
            done = give(MOST[drug.name] / 4, mine, PARAMETERS)
            found.append([np.asarray(getattr(done, field.name)).ravel().tolist() for field in fields(done)])
        assert found[0] != found[1], own


@every_drug
def test_has_a_parameter_file(drug: Drug) -> None:
    """Every treatment's numbers are in a file of its name, and its registry name is its own."""
    assert PARAMETERS.block(drug.name)
    assert DRUGS[drug.name] is drug


def test_unknown_treatment_is_refused() -> None:
    """The nearest name is offered."""
    with pytest.raises(UnknownNameError, match="Did you mean 'lenalidomide'"):
        drugs.effects({"lenalidomid": 25.0}, typical_columns(), PARAMETERS)


def test_severe_neutropenia_has_the_published_risk() -> None:
    """The logit of grade 3 or 4 in 12 weeks is -1.77 + 1.2 ln(AUC/2083): 14.6 % at 25 mg and CrCl 80."""
    chance = np.random.default_rng(3)
    count = 200_000
    columns = typical_columns(
        creatinine_clearance=80.0, neutropenia_susceptibility=chance.logistic(size=count)
    )
    ceiling = drugs.effects({"lenalidomide": 25.0}, columns, PARAMETERS).neutrophil_ceiling
    assert np.mean(ceiling < 1.0) == pytest.approx(1 / (1 + np.exp(1.77)), abs=0.003)


def test_event_rates_follow_the_treatment() -> None:
    """Thrombosis doubles on lenalidomide, rash rises with dose, both are at their base without."""
    nothing = drugs.event_rates(NEUTRAL, PARAMETERS)
    treated = drugs.event_rates(
        drugs.effects({"lenalidomide": 25.0}, typical_columns(), PARAMETERS), PARAMETERS
    )
    half = drugs.event_rates(drugs.effects({"lenalidomide": 12.5}, typical_columns(), PARAMETERS), PARAMETERS)
    assert nothing["thrombosis_rate"] == PARAMETERS.value("hazards.thrombosis_rate")
    assert treated["thrombosis_rate"] == pytest.approx(2 * nothing["thrombosis_rate"])
    assert nothing["rash_rate"] < half["rash_rate"] < treated["rash_rate"]
