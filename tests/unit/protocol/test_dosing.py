"""The rule engine, on the rules of the shipped lenalidomide protocol (mg, days from randomisation)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from euexia import protocol
from euexia.core.errors import InputError
from euexia.protocol import dosing
from euexia.protocol.condition import MeasureHistory, once
from euexia.protocol.protocol import Treatment

PROTOCOL = protocol.load("lenalidomide")
GUIDED = PROTOCOL.rules["crp_guided"]
NAN = float("nan")


def readings(
    crp: float = 60.0,
    baseline_crp: float = 60.0,
    neutrophils: float = 4.0,
    platelets: float = 250.0,
    clearance: float = 80.0,
) -> Mapping[str, MeasureHistory]:
    """One patient at one check."""
    days = np.array([0.0, 10.0])
    values = {"neutrophils": neutrophils, "platelets": platelets, "creatinine_clearance": clearance}
    histories = {name: once([value], day=10.0) for name, value in values.items()}
    return {**histories, "crp": MeasureHistory(days, np.array([[baseline_crp, crp]]), now=1, baseline=0)}


def begin(rule: str = "crp_guided", dose: float = 5.0) -> dosing.RuleState:
    treatment = Treatment(drug="lenalidomide", dose=dose, rule=rule)
    return dosing.start(PROTOCOL.rules[rule], treatment, 1)


def check(
    state: dosing.RuleState, day: float, rule: str = "crp_guided", **values: float
) -> tuple[float, str, dosing.RuleState]:
    decision = dosing.decide(PROTOCOL.rules[rule], state, readings(**values), day)
    reason = dosing.reasons(PROTOCOL.rules[rule])[int(decision.reason[0])]
    return float(decision.dose[0]), reason, decision.state


def test_dose_waits_a_week_then_rises_by_one_level() -> None:
    """'after: 1 week' and the levels 5, 10, ... of lenalidomide.yaml."""
    dose, reason, state = check(begin(), 3.0)
    assert (dose, reason) == (5.0, "keep")
    dose, reason, state = check(state, 7.0)
    assert (dose, reason) == (10.0, "crp_guided.raise_for_crp")
    dose, reason, state = check(state, 10.0)
    assert (dose, reason) == (10.0, "keep")
    dose, reason, state = check(state, 14.0)
    assert dose == 15.0


def test_enough_fall_keeps_the_dose() -> None:
    """'below 30 %': 60 to 42 mg/L is a fall of exactly 30 %, so the clause does not hold."""
    assert check(begin(), 7.0, crp=42.0)[:2] == (5.0, "keep")
    assert check(begin(), 7.0, crp=42.1)[0] == 10.0


def test_ceiling_is_not_passed() -> None:
    assert check(begin(dose=25.0), 7.0)[:2] == (25.0, "keep")


def test_hold_gives_nothing_and_resumes_one_level_lower() -> None:
    dose, reason, state = check(begin(dose=15.0), 7.0, neutrophils=0.9)
    assert (dose, reason) == (0.0, "crp_guided.hold_for_neutropenia")
    dose, reason, state = check(state, 10.0, neutrophils=NAN)
    assert (dose, reason) == (0.0, "held")
    dose, reason, state = check(state, 14.0, neutrophils=1.0)
    assert (dose, reason) == (10.0, "resume")
    assert check(state, 17.0)[:2] == (10.0, "keep")


def test_lowest_level_resumes_at_itself() -> None:
    _, _, state = check(begin(), 7.0, platelets=49.0)
    assert check(state, 10.0)[:2] == (5.0, "resume")


def test_stop_is_for_good() -> None:
    dose, reason, state = check(begin(), 7.0, neutrophils=0.4)
    assert (dose, reason) == (0.0, "crp_guided.stop_for_neutropenia")
    assert check(state, 10.0)[:2] == (0.0, "stopped")
    assert check(state, 40.0)[:2] == (0.0, "stopped")


def test_stop_ends_a_hold() -> None:
    _, _, state = check(begin(), 7.0, neutrophils=0.9)
    dose, reason, state = check(state, 10.0, neutrophils=0.4)
    assert (dose, reason) == (0.0, "crp_guided.stop_for_neutropenia")
    assert not state.held.any()


def test_renal_limit_caps_and_forbids_the_raise() -> None:
    """'to: 10 mg' below 50 mL/min."""
    dose, reason, state = check(begin(dose=25.0), 7.0, clearance=45.0)
    assert (dose, reason) == (10.0, "crp_guided.reduce_for_kidneys")
    assert check(state, 30.0, clearance=45.0)[0] == 10.0
    assert check(begin(dose=5.0), 7.0, clearance=45.0)[0] == 5.0


def test_resuming_stays_within_a_limit() -> None:
    _, _, state = check(begin(dose=25.0), 7.0, neutrophils=0.9)
    assert check(state, 10.0, clearance=45.0)[0] == 10.0


@pytest.mark.parametrize("missing", ["crp", "neutrophils", "platelets", "clearance", "baseline_crp"])
def test_a_missing_reading_never_raises(missing: str) -> None:
    """UNKNOWN never acts, and a dose is not raised while a safety reading is missing."""
    assert check(begin(), 7.0, **{missing: NAN})[:2] == (5.0, "keep")


def test_fixed_dose_follows_its_safety_rule_and_is_never_raised() -> None:
    state = begin("fixed_safety", 25.0)
    assert check(state, 7.0, "fixed_safety")[:2] == (25.0, "keep")
    _, _, state = check(state, 7.0, "fixed_safety", neutrophils=0.8)
    dose, _, state = check(state, 10.0, "fixed_safety")
    assert dose == 20.0
    assert check(state, 50.0, "fixed_safety")[0] == 20.0


def test_treatment_without_rule_keeps_its_dose() -> None:
    treatment = Treatment(drug="lenalidomide", dose=25.0)
    rule = dosing.rule_of(PROTOCOL, treatment)
    state = dosing.start(rule, treatment, 3)
    decision = dosing.decide(rule, state, {}, 7.0)
    assert decision.dose.tolist() == [25.0] * 3
    assert decision.reason.tolist() == [dosing.KEEP] * 3


def test_starting_dose_must_be_a_level() -> None:
    with pytest.raises(InputError, match=r"7 mg is not a level"):
        dosing.start(GUIDED, Treatment(drug="lenalidomide", dose=7.0, rule="crp_guided"), 1)
