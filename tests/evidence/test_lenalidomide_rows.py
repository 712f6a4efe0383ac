"""The lenalidomide rows of the proof run (science notes, part c), by the fast engine.

The patient: man, 67 y, 1.72 m, 64.7 kg, CRP 60, GDF-15 2.5, tumour 0.35 kg growing 0.007 per day, premorbid
grip 39 kg, no new chemotherapy, creatinine clearance 75 mL/min, trial care +70 kcal/d.  Tolerance: 0.02 kg
and 1 mg/L.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from builders.patients import typical_columns, typical_patient
from euexia import drugs, parameters
from euexia.physiology import whole_body
from euexia.physiology.body import constants
from euexia.simulate.engine import Engine
from euexia.simulate.reference import Reference, pack, unpack

PREMORBID_GRIP = 39.0


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(parameters.load())


@pytest.fixture(scope="module")
def patient(engine: Engine) -> Any:
    """Return body, state and history of the typical patient, with the stated premorbid grip."""
    body, _, _ = engine.run_in(typical_patient())
    grip = float(body[10, 0]) * parameters.load().value("premorbid.grip_per_muscle")
    return engine.run_in(typical_patient(handgrip_effect=PREMORBID_GRIP / grip))


def change_at_8_weeks(engine: Engine, patient: Any, overlay: str | None, dose: float) -> dict[str, float]:
    """Return changes from day 0 to day 56, and CRP on day 56."""
    body, state, history = patient
    chosen = parameters.load(overlays=() if overlay is None else (overlay,))
    acting = drugs.effects({"lenalidomide": np.array([dose])}, typical_columns(), chosen)
    later = engine.observe(engine.advance(state, body, acting, start=0.0, days=56.0), body, day=56.0)
    names = ("body_weight", "fat_mass", "lean_mass_dxa", "handgrip_strength")
    changes = {name: float(later[name][0] - history[0.0][name][0]) for name in names}
    return {**changes, "crp": float(later["crp"][0])}


def as_row(weight: float, fat: float, lean: float, grip: float, crp: float) -> Mapping[str, float]:
    """Return a row of the table under the names of the measures."""
    return {
        "body_weight": weight,
        "fat_mass": fat,
        "lean_mass_dxa": lean,
        "handgrip_strength": grip,
        "crp": crp,
    }


@pytest.mark.parametrize(
    ("overlay", "dose", "row"),
    [
        (None, 0.0, as_row(-2.13, -1.05, -1.08, -1.49, 87)),
        (None, 25.0, as_row(-2.18, -1.09, -1.09, -1.23, 68)),
        ("lenalidomide_without_appetite_toxicity", 25.0, as_row(-1.95, -0.98, -0.97, -1.18, 68)),
        ("lenalidomide_optimistic", 25.0, as_row(-1.68, -0.88, -0.80, -0.69, 49)),
    ],
    ids=["placebo", "25 mg", "25 mg without appetite toxicity", "optimistic"],
)
def test_row(
    engine: Engine, patient: Any, overlay: str | None, dose: float, row: Mapping[str, float]
) -> None:
    """Changes in 8 weeks as printed in the table."""
    found = change_at_8_weeks(engine, patient, overlay, dose)
    for name, expected in row.items():
        assert found[name] == pytest.approx(expected, abs=1.0 if name == "crp" else 0.02), name


def test_row_5_mg_as_printed_has_the_whole_appetite_toxicity(engine: Engine, patient: Any) -> None:
    """The 5 mg row (-2.29, -1.13, -1.16, -1.42, CRP 79) was computed with the toxicity of 25 mg, -0.02.

    The drug table says -0.02 x dose/25, that is -0.004 at 5 mg.  With -0.02 every printed digit comes out; by
    the table's own formula, which the model follows, the loss is 0.18 kg smaller.
    """
    body, state, history = patient
    acting = drugs.effects({"lenalidomide": np.array([5.0])}, typical_columns(), parameters.load())
    printed = replace(acting, appetite_factor=0.98)
    later = engine.observe(engine.advance(state, body, printed, start=0.0, days=56.0), body, day=56.0)
    for name, expected in as_row(-2.29, -1.13, -1.16, -1.42, 79).items():
        value = float(later[name][0]) - (0.0 if name == "crp" else float(history[0.0][name][0]))
        assert value == pytest.approx(expected, abs=1.0 if name == "crp" else 0.02), name
    ours = change_at_8_weeks(engine, patient, None, 5.0)
    assert ours["body_weight"] == pytest.approx(-2.11, abs=0.02)
    assert ours["crp"] == pytest.approx(79, abs=1)


def test_baseline_row(patient: Any) -> None:
    """BW_p 74.7, loss 8.7 %, F 14.8, L 47.3, EI 1764, RMR 1566, a .72, PA .59, Q .83, HGS 27.7, FAACT 25."""
    body, state, history = patient
    truth = {name: float(value[0]) for name, value in history[0.0].items()}
    assert body[0, 0] == pytest.approx(74.7, abs=0.05)
    assert 100 * truth["weight_loss_6_months"] == pytest.approx(8.7, abs=0.05)
    assert truth["fat_mass"] == pytest.approx(14.8, abs=0.05)
    assert truth["lean_mass_dxa"] == pytest.approx(47.3, abs=0.05)
    assert truth["energy_intake"] == pytest.approx(1764, abs=1)
    assert truth["resting_expenditure"] == pytest.approx(1566, abs=1)
    assert truth["handgrip_strength"] == pytest.approx(27.7, abs=0.05)
    assert truth["faact_acs"] == pytest.approx(25.1, abs=0.05)
    host = unpack(state[:19, 0]).host
    assert (host.appetite, host.activity, host.quality) == pytest.approx((0.72, 0.59, 0.83), abs=0.005)
    grip = truth["handgrip_strength"] / PREMORBID_GRIP
    assert grip == pytest.approx(host.muscle / body[2, 0] * host.quality, rel=1e-12)


RAMP = {
    0: (70.0, 14.8, 55.2, 28.1, 1503, 2405, 2405, 42.0),
    91: (67.9, 14.1, 53.9, 27.2, 1552, 2300, 2134, 38.7),
    182: (64.4, 12.6, 51.8, 25.8, 1569, 2203, 2002, 34.5),
    273: (60.6, 11.0, 49.6, 24.4, 1579, 2137, 1936, 31.2),
    365: (56.9, 9.4, 47.5, 23.1, 1587, 2090, 1904, 28.7),
}
"""Day: weight, fat, fat-free mass, skeletal muscle, RMR, TEE, EI, handgrip (premorbid grip 42 kg)."""


def test_twelve_month_ramp() -> None:
    """Man 60 y, 1.75 m, 70 kg, PAL 1.6; CRP 2 to 40, GDF-15 .6 to 3, tumour 0 to .75 kg imposed over 365 d.

    The regression table in the style of Hall and Baracos (science notes, part d).  Expected to the printed
    digit; grip starts from the table's own 42.0 kg.
    """
    from scipy.integrate import solve_ivp

    from euexia.model.effects import NEUTRAL
    from euexia.physiology import gdf15, inflammation
    from euexia.physiology.body import Baseline, Body, Drive, Host, Personal

    c = constants(parameters.load())
    person = whole_body.premorbid_person(70.0, 175.0, 60.0, 1.0, 1.6, c)
    own = Personal(
        **{**dict.fromkeys(Personal._fields, 1.0), "chemotherapy": 0.0, "trial_intake": 0.0, "feedback": 0.15}
    )
    body = Body(person, own, Baseline(1.0, 70.0, 0.0, 0.0))

    def felt(day: float) -> Drive:
        share = day / 365
        signal = (2 + 38 * share) / c.inflammation.crp_per_signal
        return Drive(
            0.75 * share,
            inflammation.inflammation(signal, c.inflammation),
            gdf15.gdf15_effect(0.6 + 2.4 * share, 0.0, c.gdf15),
        )

    def rates(day: float, vector: Any) -> Any:
        return np.array(whole_body.host_change(Host(*vector), felt(day), 0.0, body, NEUTRAL, c))

    start = np.array(whole_body.healthy_host(person, c))
    solution = solve_ivp(rates, (0, 365), start, method="LSODA", t_eval=list(RAMP), rtol=1e-9, atol=1e-11)
    for (day, row), column in zip(RAMP.items(), solution.y.T, strict=True):
        host = Host(*column)
        energy = whole_body.balance(host, felt(day), 0.0, body, c)
        change = whole_body.host_change(host, felt(day), 0.0, body, NEUTRAL, c)
        e = c.energy_balance
        spent = (
            energy.spent
            + e.fat_deposition_cost * change.fat
            + e.lean_deposition_cost * (change.muscle + change.other_lean)
        )
        force = host.muscle / person.muscle
        found = (
            energy.weight, host.fat, energy.weight - host.fat, person.skeletal_muscle * force,
            energy.resting, spent, energy.intake, 42.0 * force * host.quality,
        )  # fmt: skip
        tolerances = (0.06, 0.06, 0.06, 0.06, 1, 1, 1, 0.06)
        for value, expected, tolerance in zip(found, row, tolerances, strict=True):
            assert value == pytest.approx(expected, abs=tolerance), (day, found)


def test_reference_engine_agrees_on_the_typical_patient(engine: Engine, patient: Any) -> None:
    """The fast engine's patient on day 0 is the reference's, to 1e-4 of every state (the stated goal)."""
    reference = Reference(parameters.load(), tolerance=1e-9).run_in(typical_patient())
    _, state, _ = patient
    np.testing.assert_allclose(state[:16, 0], pack(reference.state)[:16], rtol=1e-4)
