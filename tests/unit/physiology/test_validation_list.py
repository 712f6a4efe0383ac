"""The analytic part of the validation list of the disease model (science notes, part d), item by item.

Each expected number comes from the item quoted in the test's docstring.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad, solve_ivp

from builders.patients import random_columns, random_patients, typical_columns, typical_patient
from euexia import drugs, parameters
from euexia.model.effects import NEUTRAL, Effects
from euexia.model.pharmacokinetics import mean_effect, steady_state
from euexia.physiology import body_composition, inflammation, muscle, whole_body
from euexia.physiology import gdf15 as gdf15_block
from euexia.physiology.body import (
    Baseline,
    Body,
    Constants,
    Disease,
    Drive,
    Hazard,
    Host,
    Marrow,
    State,
    constants,
    personal,
)
from euexia.simulate.engine import Engine
from euexia.simulate.reference import Reference, pack, unpack

PARAMETERS = parameters.load()
C = constants(PARAMETERS)
WELL = Drive(tumour_mass=0.0, inflammation=0.0, gdf15=0.0)


def healthy(
    weight: float, height: float, age: float, male: float, level: float, c: Constants = C, **changes: float
) -> tuple[Body, State]:
    """Return a person without tumour, in the premorbid state."""
    row = typical_patient(crp=0.0, gdf15=0.0, chemotherapy=0.0, trial_intake=0.0, **changes)
    own = personal(row, c)._replace(tumour_mass=1.0)
    own = own.__class__(*(float(np.asarray(value).ravel()[0]) for value in own))
    person = whole_body.premorbid_person(weight, height, age, male, level, c)
    body = Body(person, own, Baseline(1.0, weight, 0.0, 0.0))
    disease = Disease(
        0.0,
        c.inflammation.signal_healthy,
        c.inflammation.crp_per_signal * c.inflammation.signal_healthy,
        c.gdf15.healthy,
    )
    return body, State(
        disease,
        whole_body.healthy_host(person, c),
        Marrow(own.neutrophils, own.platelets),
        Hazard(0.0, 0.0, 0.0),
    )


def imposed_diet(
    body: Body, host: Host, change: float, days: Sequence[float], *, c: Constants, hold_activity: bool
) -> NDArray[np.float64]:
    """Return body weight on the days, intake imposed at premorbid intake plus a change."""
    eaten = body.premorbid.intake + change

    def rates(day: float, vector: NDArray[np.float64]) -> NDArray[np.float64]:
        now = Host(*vector)
        found = _host_change_at(now, eaten, body, c)
        if hold_activity:
            found = found._replace(activity=0.0, quality=0.0)
        return np.array(found, dtype=float)

    solution = solve_ivp(
        rates, (0, max(days)), np.array(host, dtype=float), method="LSODA", t_eval=days, rtol=1e-9, atol=1e-11
    )
    return np.array([whole_body.body_weight(Host(*column), c) for column in solution.y.T])


def _host_change_at(now: Host, eaten: float, body: Body, c: Constants) -> Host:
    """Return the host's rates of change when appetite is set so that intake is as imposed."""
    weight = whole_body.body_weight(now, c)
    own, person = body.personal, body.premorbid
    back = own.feedback * c.intake.feedback_gain * (person.weight - weight)
    fed = now._replace(appetite=(eaten - back) / person.intake)
    return whole_body.host_change(fed, WELL, 0.0, body, NEUTRAL, c)._replace(appetite=0.0)


@pytest.mark.parametrize("male", [0.0, 1.0])
@pytest.mark.parametrize("age", [20.0, 60.0, 90.0])
@pytest.mark.parametrize("height", [150.0, 170.0, 195.0])
@pytest.mark.parametrize("weight", [42.0, 70.0, 130.0])
def test_item_1_health_is_a_steady_state(male: float, age: float, height: float, weight: float) -> None:
    """Item 1: without a tumour every rate of change is zero (< 1e-9), for any sex, age, height and weight."""
    body, state = healthy(weight, height, age, male, 1.5)
    parts = (
        whole_body.disease_change(state.disease, 0.0, 1.0, body, NEUTRAL, C),
        whole_body.host_change(
            state.host, whole_body.drive(state.disease, NEUTRAL, C), 1.0, body, NEUTRAL, C
        ),
        whole_body.marrow_change(state.marrow, body, NEUTRAL, C),
    )
    assert max(abs(rate) for part in parts for rate in part) < 1e-9


def test_item_1_healthy_weight_does_not_drift() -> None:
    """Item 1: weight drifts by less than 0.1 % in 5 years, here in the engine itself."""
    engine = Engine(PARAMETERS)
    inputs = random_patients(64)
    well = typical_patient(
        **{name: getattr(inputs, name) for name in ("male", "age", "height", "weight", "activity_level")},
        crp=0.5, gdf15=0.3, tumour_mass=1e-9, tumour_growth=0.001, trial_intake=0.0,
    )  # fmt: skip
    body, state, _ = engine.run_in(well)
    later = engine.advance(state, body, NEUTRAL, start=0.0, days=5 * 365.0)
    drift = engine.observe(later, body, day=1825.0)["body_weight"] / well.weight - 1
    assert np.max(np.abs(drift)) < 1e-3


def test_item_2_energy_is_conserved() -> None:
    """Item 2: the integral of EI - TEE equals the energy stored in fat, lean tissue and glycogen, to 1e-6.

    Tumour, chemotherapy, drug and care are on; the balance is integrated beside the states.
    """
    patient = Reference(PARAMETERS).run_in(typical_patient(chemotherapy=1.0))
    acting = Effects(inflammation_suppression=0.3, appetite_factor=0.95, intake_addition=90.0, exercise=0.5)
    body, e = patient.body, C.energy_balance

    def rates(day: float, vector: NDArray[np.float64]) -> NDArray[np.float64]:
        state = unpack(vector[:-1])
        change = whole_body.change(state, day, 1.0, body, acting, C)
        felt = whole_body.drive(state.disease, acting, C)
        energy = whole_body.balance(
            state.host, felt, body.personal.trial_intake + acting.intake_addition, body, C
        )
        laid_down = e.fat_deposition_cost * change.host.fat + e.lean_deposition_cost * (
            change.host.muscle + change.host.other_lean
        )
        return np.append(pack(change), energy.intake - energy.spent - laid_down)

    start = np.append(pack(patient.state), 0.0)
    end = solve_ivp(rates, (0.0, 84.0), start, method="LSODA", rtol=1e-10, atol=1e-10).y[:, -1]
    before, after = patient.state.host, unpack(end[:-1]).host
    lean = after.muscle + after.other_lean - before.muscle - before.other_lean
    stored = (
        e.fat_energy_density * (after.fat - before.fat)
        + e.lean_energy_density * lean
        + e.glycogen_energy_density * (after.glycogen - before.glycogen)
    )
    assert abs(stored) > 1000
    assert end[-1] == pytest.approx(stored, rel=1e-6)


DAYS = (30.0, 84.0, 365.0, 730.0, 1095.0)


@pytest.mark.parametrize(
    ("person", "change", "expected"),
    [
        ((80.0, 180.0, 40.0, 1.0, 1.6), -250.0, (78.94, 77.65, 73.45, 71.46, 70.89)),
        ((65.0, 165.0, 45.0, 0.0, 1.6), -200.0, (64.13, 63.13, 59.70, 57.83, 57.18)),
        ((66.0, 170.0, 63.0, 1.0, 1.5), 300.0, (67.37, 68.96, 74.14, 77.08, 78.29)),
    ],
    ids=["man minus 250", "woman minus 200", "man plus 300"],
)
def test_item_3_is_the_model_of_hall(
    person: tuple[float, ...], change: float, expected: tuple[float, ...]
) -> None:
    """Item 3: with chi = 0, activity and quality held, intake imposed: weights of Hall 2011 (+-0.03 kg)."""
    without = C._replace(water=C.water._replace(lean_coupling=0.0))
    body, state = healthy(*person, without)
    found = imposed_diet(body, state.host, change, DAYS, c=without, hold_activity=True)
    np.testing.assert_allclose(found, expected, atol=0.03)


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ((90.0, 177.0, 40.0, 1.0, 1.6), (-1.07, 0.61, 0.94)),
        ((78.0, 163.0, 40.0, 0.0, 1.6), (-1.17, 0.56, 0.91)),
    ],
    ids=["man", "woman"],
)
def test_item_4_rule_of_thumb(person: tuple[float, ...], expected: tuple[float, ...]) -> None:
    """Item 4: 100 kJ a day less costs 0.9 to 1.2 kg finally, 50 to 66 % of it in 1 year, 90 to 97 % in 3.

    The printed figures of both people are met to their last digit.
    """
    body, state = healthy(*person, C)
    weights = imposed_diet(body, state.host, -23.9, (365.0, 1095.0, 40 * 365.0), c=C, hold_activity=True)
    lost = person[0] - weights
    assert 0.9 <= lost[2] <= 1.2
    assert 0.50 <= lost[0] / lost[2] <= 0.66
    assert 0.90 <= lost[1] / lost[2] <= 0.97
    found = (-lost[2], lost[0] / lost[2], lost[1] / lost[2])
    assert found == pytest.approx(expected, abs=0.0051)


def _time_to(
    fraction: float, rates: Callable[[float, Any], Any], start: Sequence[float], index: int, end: float
) -> float:
    def crossed(day: float, vector: NDArray[np.float64]) -> float:
        return float(vector[index] - fraction * start[index])

    crossed.terminal = True  # type: ignore[attr-defined]
    return float(
        solve_ivp(rates, (0, end), start, events=crossed, rtol=1e-10, atol=1e-12, max_step=0.01).t_events[0][
            0
        ]
    )


def test_item_6_crp_half_lives() -> None:
    """Item 6: CRP alone halves in 19.0 h (ln 2/0.875 d); with production of the signal stopped, in 27.8 h."""
    c = C.inflammation
    alone = _time_to(0.5, lambda _, y: [inflammation.crp_change(y[0], 0.0, c)], [60.0], 0, 5)
    assert alone * 24 == pytest.approx(19.0, abs=0.05)

    def both(_: float, y: Any) -> list[Any]:
        return [-c.signal_turnover * y[0], inflammation.crp_change(y[1], y[0], c)]

    assert _time_to(0.5, both, [30.0, 60.0], 1, 5) * 24 == pytest.approx(27.8, abs=0.1)


def test_item_7_gdf15_half_life() -> None:
    """Item 7, the part without antibody: GDF-15 alone halves in 3.0 h."""
    c = C.gdf15._replace(healthy=0.0)
    half = _time_to(0.5, lambda _, y: [gdf15_block.gdf15_change(y[0], 0.0, c)], [3.0], 0, 1)
    assert half * 24 == pytest.approx(3.0, abs=0.01)


@pytest.mark.parametrize(
    ("renal", "area", "suppression"), [(80.0, 2083, 0.214), (40.0, 3968, 0.318), (23.0, 6447, 0.369)]
)
def test_item_8_lenalidomide_exposure(renal: float, area: float, suppression: float) -> None:
    """Item 8: AUC 2083/3968/6447 ng h/mL and E6 .214/.318/.369 at 25 mg and CrCl 80/40/23 mL/min."""
    from euexia.drugs import lenalidomide

    c = PARAMETERS.constants("lenalidomide", lenalidomide.Constants)
    cleared = lenalidomide.clearance(renal, 1.0, c)
    assert 25 / cleared * 1000 == pytest.approx(area, rel=1e-3)
    found = drugs.effects({"lenalidomide": 25.0}, {**typical_columns(creatinine_clearance=renal)}, PARAMETERS)
    assert float(found.inflammation_suppression[0]) == pytest.approx(suppression, abs=5e-4)


def test_item_8_lenalidomide_half_life() -> None:
    """Item 8: half-life 3.97 h at CrCl 80 mL/min."""
    from euexia.drugs import lenalidomide

    c = PARAMETERS.constants("lenalidomide", lenalidomide.Constants)
    assert np.log(2) * c.volume / lenalidomide.clearance(80.0, 1.0, c) == pytest.approx(3.97, abs=0.01)


@pytest.mark.parametrize(
    ("dose", "clearance", "volume"), [(25.0, 12.0, 68.8), (5.0, 3.9, 68.8), (200.0, 10.41, 120.7)]
)
def test_item_8_daily_mean_is_exact(dose: float, clearance: float, volume: float) -> None:
    """Item 8: the closed-form daily mean effect equals the integrated mean of the repeated bolus to 1e-6."""
    reached = steady_state(dose, clearance, volume, 24.0)

    def effect(hour: float) -> float:
        concentration = reached.peak * np.exp(-clearance / volume * hour)
        return float(0.45 * concentration / (0.052 + concentration))

    integrated = quad(effect, 0, 24, epsabs=1e-13, epsrel=1e-13)[0] / 24
    assert mean_effect(reached, 0.45, 0.052) == pytest.approx(integrated, abs=1e-6)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(PARAMETERS)


def _follow(
    engine: Engine, body: Any, state: Any, effects_on: Callable[[float], Effects], end: float
) -> list[dict[str, Any]]:
    seen = []
    for day in np.arange(0.0, end, 7.0):
        state = engine.advance(state, body, effects_on(day), start=day, days=7.0)
        seen.append(engine.observe(state, body, day=day + 7.0))
    return seen


def test_item_9_everything_stays_in_bounds(engine: Engine) -> None:
    """Item 9: states positive, EI at least 0.4 EI_p, hazards rising, survival between 0 and 1."""
    inputs = random_patients(2000, seed=3)
    body, state, history = engine.run_in(inputs)
    columns = random_columns(2000)
    acting = drugs.effects({"lenalidomide": 25.0, "activity_counselling": 0.5}, columns, PARAMETERS)
    seen = _follow(engine, body, state, lambda _: acting, 84.0)
    floor = C.intake.floor * body[5]
    before = {
        name: np.zeros(2000) for name in ("cumulative_death", "cumulative_dropout", "cumulative_serious")
    }
    for truth in (*history.values(), *seen):
        for name in set(truth) - {"weight_loss_6_months"}:
            assert np.all(np.isfinite(truth[name])), name
            assert np.all(truth[name] >= 0), name
        assert np.all(truth["energy_intake"] >= floor * (1 - 1e-12))
        assert np.all(truth["fat_mass"] > 0)
        assert np.all(truth["faact_acs"] <= 48)
    for truth in seen:
        for name, last in before.items():
            assert np.all(truth[name] >= last), name
            assert np.all((np.exp(-truth[name]) >= 0) & (np.exp(-truth[name]) <= 1))
            before[name] = truth[name]


def test_item_9_dose_zero_is_no_treatment_bit_for_bit(engine: Engine) -> None:
    """Item 9: a dose of 0 equals placebo, bit for bit."""
    body, state, _ = engine.run_in(random_patients(300))
    regimen = dict.fromkeys(drugs.DRUGS, np.zeros(300))
    nothing = drugs.effects(regimen, random_columns(300), PARAMETERS)
    treated = engine.advance(state, body, nothing, start=0.0, days=28.0)
    untreated = engine.advance(state, body, NEUTRAL, start=0.0, days=28.0)
    np.testing.assert_array_equal(treated, untreated)


def test_item_9_the_future_does_not_change_the_past(engine: Engine) -> None:
    """Item 9: a drug that starts on day 28 leaves every earlier day unchanged, and changes the later ones."""
    body, state, _ = engine.run_in(random_patients(100))
    drug = drugs.effects({"lenalidomide": 25.0}, random_columns(100), PARAMETERS)
    late = _follow(engine, body, state, lambda day: drug if day >= 28 else NEUTRAL, 56.0)
    never = _follow(engine, body, state, lambda _: NEUTRAL, 56.0)
    for a, b in zip(late[:4], never[:4], strict=True):
        for name in a:
            np.testing.assert_array_equal(a[name], b[name])
    assert np.all(late[-1]["crp"] <= never[-1]["crp"])
    assert np.any(late[-1]["crp"] < never[-1]["crp"])


def test_item_10_muscle_finds_its_new_balance() -> None:
    """Item 10: breakdown raised to 1.08 takes muscle to L/1.08 with rate k_m x 1.08 (half-time 46 d)."""
    c, start = C.muscle, 28.0

    def rates(_: float, y: Any) -> list[Any]:
        return [muscle.own_muscle_change(y[0], start, 1.0, 1.08, c)]

    days = np.array([0.0, 46.17, 3000.0])
    mass = solve_ivp(rates, (0, 3000), [start], t_eval=days, rtol=1e-10, atol=1e-12).y[0]
    assert mass[2] == pytest.approx(start / 1.08, rel=1e-8)
    assert (mass[0] - mass[1]) / (mass[0] - mass[2]) == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("male", [0.0, 1.0])
def test_item_11_ct_equations_invert_in_health(male: float) -> None:
    """Item 11: the premorbid muscle area gives back BW_p - F_p by the CT equation, to 1e-9."""
    person = whole_body.premorbid_person(72.0, 170.0, 60.0, male, 1.5, C)
    area = body_composition.premorbid_area(person.weight, person.fat, C.body_composition)
    lean = body_composition.lean_mass_from_area(area, C.body_composition)
    assert lean == pytest.approx(person.weight - person.fat, abs=1e-9)


def _weight_at_12_weeks(tolerance: float) -> float:
    reference = Reference(PARAMETERS, tolerance=tolerance)
    patient = reference.run_in(typical_patient())
    later = reference.advance(patient, NEUTRAL, 0.0, 84.0)
    return reference.observe(later, 84.0)["body_weight"]


@pytest.mark.slow
def test_item_12_tolerance_does_not_matter() -> None:
    """Item 12: halving the tolerance changes the weight at 12 weeks by less than 1e-3 kg."""
    assert abs(_weight_at_12_weeks(1e-7) - _weight_at_12_weeks(5e-8)) < 1e-3


def test_item_12_plain_runge_kutta_agrees() -> None:
    """Item 12: fixed-step RK4 with 0.2 d agrees with LSODA to 1e-9 kg (of 12-week weight, tight LSODA)."""
    patient = Reference(PARAMETERS, tolerance=1e-8).run_in(typical_patient())

    def rates(day: float, vector: NDArray[np.float64]) -> NDArray[np.float64]:
        return pack(whole_body.change(unpack(vector), day, 1.0, patient.body, NEUTRAL, C))

    vector, step = pack(patient.state), 0.2
    for index in range(420):
        day = index * step
        a = rates(day, vector)
        b = rates(day + step / 2, vector + step / 2 * a)
        c = rates(day + step / 2, vector + step / 2 * b)
        d = rates(day + step, vector + step * c)
        vector = vector + step / 6 * (a + 2 * b + 2 * c + d)
    tight = solve_ivp(rates, (0, 84), pack(patient.state), method="LSODA", rtol=1e-13, atol=1e-13).y[:, -1]
    weight = whole_body.body_weight(unpack(vector).host, C)
    assert weight == pytest.approx(whole_body.body_weight(unpack(tight).host, C), abs=1e-9)


def test_item_12_the_engine_step_does_not_matter(engine: Engine) -> None:
    """Item 12 for the engine: halving all its steps changes the 12-week weight by less than 1e-3 kg."""
    inputs = random_patients(500)
    weights = []
    for candidate in (engine, Engine(PARAMETERS, step=0.5, refine=2)):
        body, state, _ = candidate.run_in(inputs)
        later = candidate.advance(state, body, NEUTRAL, start=0.0, days=84.0)
        weights.append(candidate.observe(later, body, day=84.0)["body_weight"])
    assert np.max(np.abs(weights[0] - weights[1])) < 1e-3
