"""Looks in variants of shipped trials, end to end on the disease model."""

import json

import numpy as np
import pytest

from euexia import load_protocol, protocol
from euexia.report import write_study
from euexia.study import replicate
from euexia.study.adaptive_simulation import simulate_course
from euexia.study.look_decisions import Decision

pytestmark = pytest.mark.slow

ROMANA = """
interims:
  half:
    analysis: lean_mass
    co_primary: [handgrip]
    information: 50 %
    delay: 2 weeks
    executed: true
    efficacy: {spending: obrien_fleming}
    futility: {p_value: 0.5}
"""
DOSES = """
interims:
  doses:
    analysis: weight_400
    patients: 24
    executed: true
    drop: {analyses: [weight_100, weight_200], keep: 1}
"""
RATES = """
interims:
  first_stage:
    analysis: response_fixed
    information: 50 %
    executed: true
    drop: {analyses: [response_fixed, response_crp_guided], responders: 1, refill: false}
"""
EVENTS = """
interims:
  events:
    analysis: survival
    number_of_events: 10
    information: 40 %
    executed: true
    efficacy: {shape: pocock}
    futility: {conditional_power: 30 %}
"""
SIZES = """
interims:
  half:
    analysis: weight_week_4
    information: 50 %
    executed: true
    resize: {by: blinded_variance, maximum: 80, assumed: 1.5}
"""


def variant(name, size, looks):
    """Return a shipped protocol of another size, with looks."""
    shipped = load_protocol(name)
    text = shipped.source_text.replace(f"size: {shipped.size}", f"size: {size}", 1)
    return protocol.loads(text + looks, f"{name}.yaml")


def test_romana_stops_for_futility_by_the_weaker_of_both_endpoints(tmp_path):
    found = replicate.run(variant("romana1", 60, ROMANA), trials=12, seed=3, workers=1)
    for scenario in (found.operating.as_modelled, found.operating.without_effect):
        looks = scenario.looks
        assert looks.looks[0].held.value == 1
        assert looks.looks[0].information.value == pytest.approx(0.5, abs=0.03)
        assert looks.randomised.value <= 60
    assert found.operating.without_effect.looks.looks[0].ends["futility"].value >= 0.25
    decided = {a.analysis: a.rejection for a in found.operating.as_modelled.analyses if a.primary}
    assert decided["lean_mass"] == decided["handgrip"]
    page = write_study(tmp_path / "report", found)
    text = page.read_text(encoding="utf-8")
    assert 'id="looks"' in text
    assert "Half: at 50 % of the information, decided 2 weeks later" in text
    results = json.loads((page.parent / "results.json").read_text(encoding="utf-8"))
    for scenario in results["scenarios"]:
        ends = [share["value"] for look in scenario["looks"]["analyses"] for share in look["ends"].values()]
        assert sum(ends) == pytest.approx(1)
    assert (page.parent / "figures" / "looks.svg").is_file()


def test_a_dose_finding_trial_drops_a_dose():
    course = simulate_course(variant("ponsegromab", 48, DOSES), trials=4, seed=3)
    left = course.looks.left >= 0
    assert (left.sum(axis=1) == 1).all()
    assert not left[:, [0, 3]].any()
    arm = course.data.subjects["arm"].astype(int)
    later = course.data.subjects["enrolled_day"] > course.looks.day[:, :1]
    assert not np.take_along_axis(left, arm, axis=1)[later].any()
    assert (course.looks.randomised == 48).all()
    gone = {name: left[:, place] for place, name in enumerate(course.data.arms)}
    for result in course.results:
        assert not result.reject[gone[result.arm]].any()


def test_arms_against_a_fixed_rate_leave_one_by_one():
    course = simulate_course(variant("lenalidomide", 40, RATES), trials=4, seed=3)
    none = course.looks.decision[:, 0] == Decision.NO_ARM_LEFT
    assert none.any()
    assert (course.looks.randomised[none] < 40).all()


def test_a_look_waits_for_its_events():
    course = simulate_course(variant("thalidomide_pancreatic", 40, EVENTS), trials=4, seed=3)
    held = course.looks.decision[:, 0] != Decision.NOT_HELD
    assert held.any()
    assert course.looks.information[held, 0] == pytest.approx(0.4, abs=0.05)
    survival = next(result for result in course.results if result.analysis == "survival")
    ended = held & (course.looks.ended == 0)
    events = survival.numbers["events"] + survival.numbers["events_control"]
    assert (events[ended] >= 10).all()


def test_a_larger_spread_than_assumed_adds_patients():
    course = simulate_course(variant("thalidomide_pancreatic", 40, SIZES), trials=4, seed=3)
    assert (course.looks.size > 40).any()
    assert (course.looks.randomised == course.looks.size).all()
    assert (course.looks.size <= 80).all()
