"""Looks carried out in simulated trials: the same bits however cut, and nothing else touched."""

import dataclasses

import numpy as np
import pytest

from builders.plain_trials import DUE, plain_protocol, plain_source
from euexia import load_parameters, load_protocol, simulate
from euexia.protocol.analysis_options import Multiplicity, Procedure
from euexia.protocol.design import Boundary, Drop, Interim
from euexia.study import replicate
from euexia.study.adaptive import carry_out, read_again
from euexia.study.adaptive_simulation import reduce_course, results_of, simulate_blocks, simulate_course
from euexia.study.look_block import block_of
from euexia.study.look_decisions import Decision
from euexia.study.look_plan import plan_looks
from euexia.study.parts import read_part, write_part
from euexia.trialdata.trialdata import NOT_RANDOMISED

NEVER = Boundary(p_value=1e-12)


def look(**changes):
    """Return a look at half of the patients that is carried out."""
    return Interim(
        **{"name": "half", "analysis": "inflammation_fixed", "information": 0.5, "executed": True, **changes}
    )


@pytest.fixture(scope="module")
def base():
    """Give the shipped trial with twenty patients."""
    return dataclasses.replace(load_protocol("lenalidomide"), size=20)


def blocks(protocol, first=0, trials=4):
    return simulate_blocks(
        protocol, parameters=load_parameters(), seed=5, first_trial=first, trials=trials, keep=1
    )


def same(first, second):
    """Assert that two values are equal to the last bit, NaN included."""
    if dataclasses.is_dataclass(first):
        for entry in dataclasses.fields(first):
            same(getattr(first, entry.name), getattr(second, entry.name))
    elif isinstance(first, dict):
        assert first.keys() == second.keys()
        for key in first:
            same(first[key], second[key])
    elif isinstance(first, tuple):
        for one, other in zip(first, second, strict=True):
            same(one, other)
    elif isinstance(first, np.ndarray):
        np.testing.assert_array_equal(first, second)
    else:
        assert first == second or (first != first and second != second)


def test_a_look_that_never_stops_leaves_every_other_number(base):
    """All data, results and summaries are those of the same trials without the look."""
    found = blocks(dataclasses.replace(base, interims=(look(efficacy=NEVER),)))
    plain = replicate._simulate_block(
        replicate._Task(protocol=base, parameters=load_parameters(), seed=5, first_trial=0, trials=4, keep=1)
    )
    assert (found.as_modelled.looks.ended == 1).all()
    for scenario in ("as_modelled", "without_effect"):
        own, other = getattr(found, scenario), getattr(plain, scenario)
        same(dict(own.series), dict(other.series))
        same(own.arms, other.arms)
        same(own.screening, other.screening)
        for name, part in other.analyses.items():
            same(dataclasses.replace(own.analyses[name], design=part.design), part)
    same(found.example, plain.example)


def test_blocks_leave_no_trace_in_looks(base):
    protocol = dataclasses.replace(base, interims=(look(futility=Boundary(p_value=0.5)),))
    whole, parts = blocks(protocol), [blocks(protocol, first, 2) for first in (0, 2)]
    for scenario in ("as_modelled", "without_effect"):
        for name, column in getattr(whole, scenario).looks.columns().items():
            joined = np.concatenate([getattr(part, scenario).looks.columns()[name] for part in parts])
            np.testing.assert_array_equal(joined, column, err_msg=name)
    assert len({int(end) for end in whole.as_modelled.looks.ended}) == 2


def test_a_part_on_disk_gives_its_looks_back(base, tmp_path):
    found = blocks(dataclasses.replace(base, interims=(look(futility=Boundary(p_value=0.5)),)), trials=2)
    write_part(tmp_path, found.as_modelled, found.without_effect)
    for own, other in zip(read_part(tmp_path), (found.as_modelled, found.without_effect), strict=True):
        same(own.looks, other.looks)
    same(block_of(found.as_modelled.looks.columns()), found.as_modelled.looks)


def test_a_run_with_looks_is_continued_exactly(base, tmp_path):
    protocol = dataclasses.replace(base, interims=(look(futility=Boundary(p_value=0.5)),))
    replicate.run(protocol, trials=2, seed=5, workers=1, folder=tmp_path / "run")
    resumed = replicate.run(protocol, trials=4, seed=5, workers=1, folder=tmp_path / "run", resume=True)
    whole = replicate.run(protocol, trials=4, seed=5, workers=1)
    own, other = resumed.operating.as_modelled.looks, whole.operating.as_modelled.looks
    same(dataclasses.replace(own, paths=()), dataclasses.replace(other, paths=()))
    assert own.rejection.trials == 4


def test_a_stopped_trial_ends_with_the_patients_who_had_come(base):
    protocol = dataclasses.replace(base, interims=(look(futility=Boundary(p_value=0.5), delay=7.0),))
    course = simulate_course(protocol, trials=4, seed=5)
    looks, days = course.looks, course.data.subjects["enrolled_day"]
    stopped = looks.ended == 0
    assert stopped.any()
    assert not stopped.all()
    for trial in np.flatnonzero(stopped):
        inside = course.data.subjects["arm"][trial] != NOT_RANDOMISED
        assert inside.sum() == looks.randomised[trial] >= 10
        assert days[trial][inside].max() <= looks.day[trial, 0] + 7.0
        assert np.isnan(course.data.readings["body_weight"].value[trial][~inside]).all()
        assert (course.data.events.subject[course.data.events.trial == trial] < inside.sum()).all()
    log = course.data.screening
    enrolled = np.bincount(log.trial, weights=log.enrolled, minlength=4)
    np.testing.assert_array_equal(enrolled, looks.randomised)
    assert (looks.fixed_end_day >= looks.end_day).all()


def test_data_that_looks_left_are_read_again_to_the_same_decisions(base):
    protocol = dataclasses.replace(base, interims=(look(futility=Boundary(p_value=0.5)),))
    course = simulate_course(protocol, trials=4, seed=5)
    again = read_again(plan_looks(protocol), simulate(protocol, trials=4, seed=5))
    for name in ("decision", "statistic", "upper", "ended", "randomised", "estimate", "reject"):
        np.testing.assert_array_equal(getattr(again.looks, name), getattr(course.looks, name), err_msg=name)
    for own, other in zip(results_of(course.data, protocol), course.results, strict=True):
        np.testing.assert_array_equal(own.p_value, other.p_value)


def test_patients_who_came_before_arms_left_stay_bit_for_bit(base):
    drop = Drop(analyses=("inflammation_fixed", "inflammation_crp_guided"), keep=1)
    dropping = simulate_course(dataclasses.replace(base, interims=(look(drop=drop),)), trials=2, seed=5)
    plain = simulate_course(dataclasses.replace(base, interims=(look(efficacy=NEVER),)), trials=2, seed=5)
    assert ((dropping.looks.left >= 0).sum(axis=1) == 1).all()
    early = dropping.data.subjects["enrolled_day"] <= dropping.looks.day[:, :1]
    later = ~early
    for name, column in plain.data.subjects.items():
        np.testing.assert_array_equal(dropping.data.subjects[name][early], column[early], err_msg=name)
    arm = dropping.data.subjects["arm"].astype(int)
    gone = dropping.looks.left >= 0
    assert not np.take_along_axis(gone, arm, axis=1)[later].any()
    same_arm = later & (arm == plain.data.subjects["arm"])
    for name, part in plain.data.readings.items():
        np.testing.assert_array_equal(dropping.data.readings[name].value[same_arm], part.value[same_arm])


ARMS = ("low", "high", "control")


def plain_course(drop, effects, trials=300, **changes):
    """Return a plain course of two doses and a control with one look that drops."""
    at = Interim(name="half", analysis="strength_low", information=0.5, executed=True, drop=drop)
    plan = plan_looks(plain_protocol(at, size=150, arms=ARMS, **changes))
    return plan, carry_out(plan, plain_source(plan.protocol, trials, effects=effects))


def test_the_better_dose_goes_on_and_gets_the_places():
    drop = Drop(analyses=("strength_low", "strength_high"), keep=1)
    plan, course = plain_course(drop, {"high": 0.8})
    left = course.looks.left >= 0
    assert (left.sum(axis=1) == 1).all()
    assert left[:, 0].mean() > 0.95
    patients = reduce_course(0, plan, course, with_series=False).arms.patients
    assert (patients.sum(axis=1) == 150).all()
    balance = patients[:, 1] - patients[:, 2]
    assert np.abs(balance[left[:, 0]]).max() <= 3
    assert patients[left[:, 0], 0].max() <= (75 + DUE) / 3 + 1


def test_places_of_an_arm_that_left_may_stay_empty():
    """Half of 150 are due on day 74 + 28; 103 have come: 34 of 50 places of the arm are filled."""
    drop = Drop(analyses=("strength_low", "strength_high"), keep=1, refill=False)
    plan, course = plain_course(drop, {"high": 0.8}, trials=60)
    patients = reduce_course(0, plan, course, with_series=False).arms.patients
    assert set(patients.sum(axis=1).tolist()) <= {150 - 16, 150 - 15}
    assert np.abs(patients[:, 1:] - 50).max() <= 3 + 16


def test_a_trial_without_any_arm_left_stops():
    drop = Drop(analyses=("strength_low", "strength_high"), p_value=0.01)
    _, course = plain_course(drop, {})
    none = course.looks.decision[:, 0] == Decision.NO_ARM_LEFT
    assert none.mean() > 0.9
    assert (course.looks.ended[none] == 0).all()
    assert not course.looks.reject[none].any()


def test_dropping_never_raises_the_error_of_the_tests_that_stay():
    """Bonferroni over both doses keeps 2.5 % although the better one was chosen half way."""
    shared = Multiplicity(
        procedure=Procedure.BONFERRONI, analyses=("strength_low", "strength_high"), alpha=0.025
    )
    drop = Drop(analyses=("strength_low", "strength_high"), keep=1)
    _, course = plain_course(drop, {}, trials=1500, multiplicity=shared)
    error = np.sqrt(0.025 * 0.975 / 1500)
    assert course.looks.reject.mean() < 0.025 + 3 * error


def test_nobody_is_randomised_while_the_trial_pauses():
    at = Interim(
        name="half",
        analysis="strength_drug",
        patients=40,
        pause=True,
        delay=10.0,
        executed=True,
        futility=Boundary(p_value=0.5),
    )
    plan = plan_looks(plain_protocol(at, size=100))
    course = carry_out(plan, plain_source(plan.protocol, 50, effects={}))
    days = course.data.subjects["enrolled_day"]
    decided = 39 + DUE + 10
    going = course.looks.ended == 1
    assert (course.looks.randomised[~going] == 40).all()
    assert (days[going][:, 39] == 39).all()
    assert (days[going][:, 40] == decided + 1).all()  # one patient a day again
    assert (course.looks.patients[:, 0] == 40).all()


def test_summaries_of_looks_carry_their_error(base):
    protocol = dataclasses.replace(base, interims=(look(futility=Boundary(p_value=0.5)),))
    found = replicate.run(protocol, trials=4, seed=5, workers=1).operating
    looks = found.as_modelled.looks
    assert [entry.name for entry in looks.looks] == ["half", "final"]
    ends = sum(share.value for entry in looks.looks for share in entry.ends.values())
    assert ends == pytest.approx(1.0)
    assert looks.randomised.error > 0 or looks.randomised.value == 20
    assert looks.months.value <= looks.months_without_looks.value
    assert any("Looks end trials early" in sentence for sentence in found.answer)
    assert found.without_effect.looks is not None
