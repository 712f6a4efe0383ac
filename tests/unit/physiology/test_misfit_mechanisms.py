"""Mechanisms for known misfits: exactly neutral in the reference set, and doing what they are said to do."""

from dataclasses import replace

import numpy as np
import pytest

from euexia import parameters
from euexia.model.effects import NEUTRAL, Effects
from euexia.parameters import ParameterSet
from euexia.physiology.body import constants, personal
from euexia.physiology.inputs import PatientInputs
from euexia.simulate.engine import Engine
from euexia.simulate.individual import premorbid
from euexia.simulate.reference import Reference

REFERENCE = parameters.load()
SWITCHED_ON = parameters.load(overlays=("known_misfits",))
NEUTRAL_VALUES = {
    "energy_balance.lipolysis": 0.0,
    "intake.relieved_share": 0.0,
    "muscle.chemotherapy_resistance": 0.0,
    "muscle.women_breakdown": 1.0,
    "strength.recovery": 1.0,
    "premorbid.grip_women": 1.0,
    "premorbid.grip_age": 0.0,
    "fluctuation.appetite_deviation": 0.0,
    "fluctuation.water_deviation": 0.0,
    "fluctuation.breakdown_deviation": 0.0,
}


def changed(**values: float) -> ParameterSet:
    """Give the reference set with some numbers replaced; a double underscore stands for the point."""
    entries = dict(REFERENCE.entries)
    for name, value in values.items():
        key = name.replace("__", ".")
        entries[key] = replace(entries[key], value=value)
    return ParameterSet("changed", entries)


def patients(**values: object) -> PatientInputs:
    """Give the pancreatic patient of the proof run, or others."""
    usual = {
        "male": 1, "age": 67, "height": 170, "weight": 60, "activity_level": 1.5, "crp": 50, "gdf15": 2.5,
        "tumour_mass": 0.35, "tumour_growth": 0.011, "tumour_kill": 0.02, "chemotherapy": 0,
        "trial_intake": 0, "appetite_inflammation_effect": 1.3, "appetite_gdf15_effect": 1,
        "expenditure_effect": 1.2, "muscle_effect": 1.2, "quality_effect": 1, "feedback": 0.15,
        "handgrip_effect": 1, "run_in_days": 300, "ecog": 1, "neutrophils": 4, "platelets": 250,
    }  # fmt: skip
    return PatientInputs.of(**{**usual, **values})


def after(chosen: ParameterSet, inputs: PatientInputs, days: float = 56, effects: Effects = NEUTRAL) -> dict:
    """Give the change of every observable from day 0."""
    engine = Engine(chosen)
    body, state, history = engine.run_in(inputs)
    later = engine.observe(engine.advance(state, body, effects, start=0, days=days), body, day=days)
    return {name: later[name] - history[0.0][name] for name in later}


@pytest.mark.parametrize(("name", "value"), NEUTRAL_VALUES.items())
def test_the_reference_value_is_neutral(name: str, value: float) -> None:
    """Each mechanism is off, within its stated range, and the overlay switches it on."""
    entry = REFERENCE[name]
    assert entry.value == value
    assert entry.low is not None
    assert entry.high is not None
    assert entry.low <= value <= entry.high
    assert SWITCHED_ON.value(name) != value


def test_what_is_the_patients_own_is_untouched_bit_for_bit() -> None:
    """Factors at their reference value give back the very numbers that went in."""
    inputs = patients(male=np.array([1.0, 0.0]), age=np.array([33.3, 71.7]), muscle_effect=1 / 3)
    own = personal(inputs, constants(REFERENCE))
    assert np.array_equal(own.muscle_effect, inputs.muscle_effect)
    assert np.array_equal(own.handgrip_effect, inputs.handgrip_effect)


def test_lipolysis_costs_fat_and_keeps_lean_mass() -> None:
    """Half a year of illness takes a larger share of fat; energy decides the whole, so weight falls less."""
    share = {}
    for name, chosen in (("off", REFERENCE), ("on", changed(energy_balance__lipolysis=0.8))):
        body, _, history = Engine(chosen).run_in(patients())
        healthy, now = premorbid(body), history[0.0]
        fat = healthy.fat - now["fat_mass"]
        share[name] = float((fat / (healthy.weight - now["body_weight"]))[0])
    assert share["on"] > share["off"] + 0.04


def test_relieved_care_had_been_missing_before() -> None:
    """Who gains from care has lost more before it; who gains nothing, or loses by it, has not."""
    inputs = patients(trial_intake=np.array([0.0, 200.0, -200.0]))
    lost = {}
    for name, chosen in (("off", REFERENCE), ("on", changed(intake__relieved_share=0.5))):
        _, _, history = Engine(chosen).run_in(inputs, days=(-180.0,))
        lost[name] = history[-180.0]["body_weight"] - history[0.0]["body_weight"]
    assert np.array_equal(lost["on"][[0, 2]], lost["off"][[0, 2]])
    assert lost["on"][1] > lost["off"][1] + 0.5


def test_chemotherapy_blunts_exercise() -> None:
    """At full resistance training builds no muscle while chemotherapy runs, and still builds force."""
    trained = Effects(exercise=1.0)
    for chemotherapy in (0, 1):
        inputs = patients(chemotherapy=chemotherapy)
        gain = {}
        for name, chosen in (("off", REFERENCE), ("on", changed(muscle__chemotherapy_resistance=1.0))):
            with_it, without = after(chosen, inputs, effects=trained), after(chosen, inputs)
            gain[name] = [
                float((with_it[of] - without[of])[0]) for of in ("skeletal_muscle_area", "handgrip_strength")
            ]
        if chemotherapy:
            assert gain["on"][0] < gain["off"][0] / 2
            assert gain["on"][1] > 0
        else:
            assert gain["on"] == gain["off"]


def test_quality_comes_back_more_slowly_than_it_goes() -> None:
    """Slow recovery takes from the gain of a blocked interleukin-6, not from the loss without it."""
    blocked = Effects(inflammation_suppression=0.9)
    slow = changed(strength__recovery=0.2)
    assert after(slow, patients())["handgrip_strength"] == pytest.approx(
        after(REFERENCE, patients())["handgrip_strength"], abs=1e-9
    )
    fast = after(REFERENCE, patients(), effects=blocked)["handgrip_strength"]
    assert after(slow, patients(), effects=blocked)["handgrip_strength"] < fast - 0.3


def test_women_lose_less_muscle_and_men_as_before() -> None:
    """The factor of women is felt by women alone."""
    inputs = patients(male=np.array([1.0, 0.0]))
    before = after(REFERENCE, inputs)["skeletal_muscle_area"]
    then = after(changed(muscle__women_breakdown=0.4), inputs)["skeletal_muscle_area"]
    assert then[0] == before[0]
    assert then[1] > before[1]


def test_grip_in_health_falls_with_age() -> None:
    """A fall of 1 % a year halves the factor in 69 years; at 60 years it is 1."""
    chosen = constants(changed(premorbid__grip_age=-0.01, premorbid__grip_women=0.9))
    own = personal(patients(age=np.array([60.0, 80.0, 60.0]), male=np.array([1.0, 1.0, 0.0])), chosen)
    assert own.handgrip_effect == pytest.approx([1.0, np.exp(-0.2), 0.9])


def test_the_engine_agrees_with_lsoda_when_all_are_on() -> None:
    """The fast engine against SciPy's LSODA, with every mechanism on: 0.02 kg after eight weeks."""
    inputs = patients(chemotherapy=1, trial_intake=100, male=0)
    engine, slow = Engine(SWITCHED_ON), Reference(SWITCHED_ON)
    body, state, _ = engine.run_in(inputs)
    fast = engine.observe(engine.advance(state, body, NEUTRAL, start=0, days=56), body, day=56.0)
    exact = slow.observe(slow.advance(slow.run_in(inputs), NEUTRAL, 0.0, 56.0), 56.0)
    for name in ("body_weight", "lean_mass_dxa", "fat_mass", "handgrip_strength"):
        assert fast[name][0] == pytest.approx(exact[name], abs=0.02), name
