"""The disease model over the whole range of people, and inputs that are off by default."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders.patients import random_columns, typical_patient
from euexia import drugs, parameters
from euexia.criteria.tumour_response import target_response
from euexia.model.effects import NEUTRAL
from euexia.physiology.inputs import PatientInputs
from euexia.simulate.engine import Engine

PARAMETERS = parameters.load()
ENGINE = Engine(PARAMETERS)
PEOPLE = np.array(
    list(itertools.product((0.0, 1.0), (18.0, 40.0, 65.0, 80.0, 95.0), (14.0, 16.0, 18.5, 25.0, 35.0, 45.0)))
)
"""Sex, age [year], body mass index [kg/m2]."""


def people(**changes: Any) -> PatientInputs:
    """Return women and men of 18 to 95 years and a body mass index of 14 to 45 today."""
    male, age, index = PEOPLE.T
    height = np.where(male > 0, 175.0, 162.0)
    weight = index * (height / 100) ** 2
    return typical_patient(male=male, age=age, height=height, weight=weight, **changes)


def test_without_a_tumour_everyone_is_steady() -> None:
    """Weight drifts by less than 0.1 % in two years, and every state stays where it was."""
    inputs = people(crp=1.0, gdf15=0.3, tumour_mass=1e-9, tumour_growth=1e-6, trial_intake=0, chemotherapy=0)
    body, state, _ = ENGINE.run_in(inputs)
    later = ENGINE.advance(state, body, NEUTRAL, start=0.0, days=730.0)
    drift = ENGINE.observe(later, body, day=730.0)["body_weight"] / inputs.weight - 1
    assert np.max(np.abs(drift)) < 1e-3
    np.testing.assert_allclose(later[4:14], state[4:14], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("crp", [5.0, 60.0, 200.0])
def test_with_a_tumour_everyone_is_finite_and_positive(crp: float) -> None:
    """Masses, readings and hazards for a year of untreated disease; who could not live is not asked to."""
    inputs = people(crp=crp, chemotherapy=0)
    body, state, history = ENGINE.run_in(inputs)
    for day in (0.0, 28.0, 84.0, 182.0):
        truth = ENGINE.observe(state, body, day=day) if day else history[0.0]
        for name in set(truth) - {"weight_loss_6_months"}:
            assert np.all(np.isfinite(truth[name]) & (truth[name] >= 0)), (day, name)
        assert np.all(truth["fat_mass"] > 0)
        state = ENGINE.advance(
            state, body, NEUTRAL, start=day, days={0.0: 28, 28.0: 56, 84.0: 98}.get(day, 0)
        )


def test_everyone_can_have_every_treatment() -> None:
    """All treatments at once at their highest amounts leave everyone finite and positive."""
    inputs = people(chemotherapy=1)
    body, state, _ = ENGINE.run_in(inputs)
    columns = random_columns(len(PEOPLE))
    regimen = {name: drugs.highest_amount(name, PARAMETERS) for name in drugs.DRUGS}
    acting = drugs.effects(regimen, columns, PARAMETERS)
    injected = drugs.injection("ponsegromab", np.full(len(PEOPLE), 800.0), columns, PARAMETERS)
    later = ENGINE.advance(ENGINE.inject(state, injected), body, acting, start=0.0, days=84.0)
    truth = ENGINE.observe(later, body, day=84.0)
    for name in set(truth) - {"weight_loss_6_months"}:
        assert np.all(np.isfinite(truth[name]) & (truth[name] >= 0)), name


def overlay(folder: Path, name: str, value: float) -> Path:
    """Return an overlay that switches one mediator on."""
    path = folder / "mediator.yaml"
    path.write_text(
        f"overlay: mediator\nabout: A mediator switched on.\nparameters:\n  mediators.{name}:\n"
        f'    value: {value}\n    unit: "1"\n    status: assumed\n'
        "    source: {key: assumption, where: for this test}\n"
    )
    return path


@pytest.mark.parametrize(
    ("name", "worse"), [("rankl_effect", "handgrip_strength"), ("lipocalin2_effect", "faact_acs")]
)
def test_mediators_are_off_and_can_be_switched_on(tmp_path: Path, name: str, worse: str) -> None:
    """RANKL weakens muscle, lipocalin-2 takes appetite; in the reference set both effects are 0."""
    assert PARAMETERS.value(f"mediators.{name}") == 0
    engine = Engine(parameters.load(overlays=(overlay(tmp_path, name, 0.3),)))
    _, _, reference = ENGINE.run_in(typical_patient())
    _, _, switched = engine.run_in(typical_patient())
    assert switched[0.0][worse] < reference[0.0][worse] - 0.2


def test_tumour_response_over_time_under_chemotherapy() -> None:
    """RECIST over time: partial response, then progression from the nadir; untreated, progression at once."""
    inputs = typical_patient(chemotherapy=[1.0, 0.0], tumour_kill=0.06, tumour_growth=0.008)
    body, state, history = ENGINE.run_in(inputs)
    sizes = [history[0.0]["tumour_size"]]
    for start in np.arange(0.0, 392.0, 56.0):
        state = ENGINE.advance(state, body, NEUTRAL, start=start, days=56.0)
        sizes.append(ENGINE.observe(state, body, day=start + 56)["tumour_size"])
    treated, untreated = np.stack(sizes, axis=1)
    lowest = int(np.argmin(treated))
    assert 0 < lowest < len(treated) - 1
    assert np.all(np.diff(treated[: lowest + 1]) < 0)
    assert np.all(np.diff(untreated) > 0)
    response = target_response(treated[0], treated.min(initial=treated[0]), treated[lowest])
    assert response == target_response(100.0, 60.0, 60.0)
    assert target_response(treated[0], treated[lowest], treated[-1]) == target_response(100.0, 60.0, 80.0)
    assert target_response(untreated[0], untreated[0], untreated[-1]) == target_response(100.0, 100.0, 130.0)
