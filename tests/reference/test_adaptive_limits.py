"""Simulated looks agree with closed forms where the model is plain enough to have one.

Expected: ``euexia.design.group_sequential`` (itself held against rpact in test_design_rpact) and the complete
enumeration of ``euexia.design.two_stage``.  Agreement: within three Monte-Carlo standard errors.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders.plain_trials import DUE, one_arm_protocol, plain_protocol, plain_source, response_source
from euexia.design import group_sequential, two_stage
from euexia.design.boundaries import Futility
from euexia.design.monitored_trials import Look, MonitoringPlan, complete, limits, shaped
from euexia.design.monitoring import conditional_power
from euexia.design.recursion import crossing
from euexia.design.spending import Boundary as Kind
from euexia.protocol.design import Boundary, Interim, Resize, ResizeRule, Shape, Spending
from euexia.statistics.proportions import probability_at_least
from euexia.study import look_decisions
from euexia.study.adaptive import carry_out
from euexia.study.look_decisions import Decision
from euexia.study.look_plan import plan_looks

TIMES = (0.3, 0.6, 1.0)
ALPHA, POWER = 0.025, 0.9
TRIALS = 40_000
ERRORS = 3.0

FAMILIES = {
    "obrien_fleming": (Kind.OBRIEN_FLEMING, None, None),
    "pocock": (Kind.POCOCK, None, None),
    "wang_tsiatis": (Kind.WANG_TSIATIS, 0.25, None),
    "hwang_shih_decani": (Kind.HWANG_SHIH_DECANI, -4.0, None),
    "kim_demets": (Kind.KIM_DEMETS, 2.0, None),
    "lan_demets_obrien_fleming": (Kind.SPENDING_OBRIEN_FLEMING, None, None),
    "lan_demets_pocock": (Kind.SPENDING_POCOCK, None, None),
    "binding": (
        Kind.SPENDING_OBRIEN_FLEMING,
        None,
        Futility(boundary=Kind.HWANG_SHIH_DECANI, shape=-2.0, binding=True),
    ),
    "not_binding": (
        Kind.SPENDING_OBRIEN_FLEMING,
        None,
        Futility(boundary=Kind.HWANG_SHIH_DECANI, shape=-2.0),
    ),
    "fixed_futility": (Kind.SPENDING_POCOCK, None, Futility(values=(0.0, 0.5), binding=True)),
}


def near(share, expected, trials):
    """Hold a simulated share against an exact probability."""
    error = np.sqrt(max(expected * (1 - expected), 1 / trials) / trials)
    assert abs(share - expected) < ERRORS * error, (share, expected, error)


def designs(name, sides=1):
    """Return the closed form and the plan of running trials of one family."""
    kind, shape, futility = FAMILIES[name]
    alpha = ALPHA * sides
    closed = group_sequential.design(kind, TIMES, alpha, POWER, shape=shape, sides=sides, futility=futility)
    fixed = None if kind.spends else shaped(kind, TIMES, alpha, sides, shape)
    looks = tuple(
        Look(
            information=time,
            spends=kind if kind.spends else None,
            shape=shape if kind.spends else None,
            critical=None if fixed is None else float(fixed[place]),
            futility=futility.values[place] if futility and futility.values else None,
            loses=futility.boundary if futility else None,
            futility_shape=futility.shape if futility else None,
        )
        for place, time in enumerate(TIMES[:-1])
    )
    plan = MonitoringPlan(
        looks=looks,
        alpha=alpha,
        sides=sides,
        binding=bool(futility and futility.binding),
        beta=1 - POWER if futility and futility.boundary else None,
    )
    return closed, complete(plan)


def statistics(drift, trials=TRIALS, times=TIMES, seed=3):
    """Return Z at each analysis of trials with independent increments, shape (trials, analyses)."""
    steps = np.diff(np.array(times), prepend=0.0)
    noise = np.random.default_rng(seed).normal(size=(trials, steps.size))
    return np.cumsum(noise * np.sqrt(steps) + drift * steps, axis=1) / np.sqrt(np.array(times))


def run(plan, z, times=TIMES):
    """Take every look at stacks of statistics; return decisions, NOT_HELD after a stop."""
    information = np.broadcast_to(np.array(times), z.shape)
    codes = np.full(z.shape, int(Decision.NOT_HELD))
    going = np.ones(len(z), dtype=bool)
    for place in range(z.shape[1]):
        decide = look_decisions.at_end if place == z.shape[1] - 1 else look_decisions.at_look
        found = decide(plan, z[:, place], information[:, : place + 1])
        codes[going, place] = found.decision[going]
        going &= found.decision == Decision.GOES_ON
    return codes


@pytest.mark.parametrize("name", FAMILIES)
def test_boundaries_at_the_planned_information_are_those_of_the_closed_form(name):
    for sides in (1, 2) if FAMILIES[name][2] is None else (1,):
        closed, plan = designs(name, sides)
        found = limits(plan, np.array([TIMES]), last=True)
        assert found.upper[0] == pytest.approx(closed.upper, abs=1e-9)
        assert found.lower[0, :-1] == pytest.approx(closed.lower[:-1], abs=1e-9)


@pytest.mark.parametrize("share", [0.0, 1.0])
@pytest.mark.parametrize("name", FAMILIES)
def test_stopping_at_each_look_agrees_with_the_closed_form(name, share):
    closed, plan = designs(name)
    course = group_sequential.course(closed, share * closed.drift)
    codes = run(plan, statistics(share * closed.drift))
    for place in range(len(TIMES)):
        near((codes[:, place] == Decision.EFFICACY).mean(), course.efficacy[place], TRIALS)
        if place < len(TIMES) - 1:
            near((codes[:, place] == Decision.FUTILITY).mean(), course.futility[place], TRIALS)
    near((codes == Decision.EFFICACY).any(axis=1).mean(), course.rejection, TRIALS)
    held = codes != Decision.NOT_HELD
    spent = np.array(TIMES)[held.sum(axis=1) - 1]
    error = spent.std() / np.sqrt(TRIALS)
    assert abs(spent.mean() - course.expected_information) < ERRORS * error


def test_the_level_is_kept_when_futility_that_is_not_binding_is_ignored():
    closed, plan = designs("not_binding")
    z = statistics(0.0)
    upper = limits(plan, np.array([TIMES]), last=True).upper[0]
    near((z >= upper).any(axis=1).mean(), group_sequential.level(closed), TRIALS)
    assert group_sequential.level(closed) == pytest.approx(ALPHA, abs=1e-6)


def test_two_sided_trials_stop_for_harm_as_often_as_for_benefit():
    _, plan = designs("lan_demets_obrien_fleming", sides=2)
    codes = run(plan, statistics(0.0))
    near((codes == Decision.EFFICACY).any(axis=1).mean(), ALPHA, TRIALS)
    near((codes == Decision.HARM).any(axis=1).mean(), ALPHA, TRIALS)


def test_the_level_is_kept_at_information_of_each_trials_own():
    """Looks earlier and later than planned: the last analysis spends what is left, whatever it is."""
    _, plan = designs("lan_demets_pocock")
    chance = np.random.default_rng(7)
    times = np.sort(chance.choice([0.2, 0.35, 0.5, 0.7, 0.85], size=(TRIALS, 2)), axis=1)
    times[:, 1] += 0.01
    times = np.column_stack([times, chance.choice([0.95, 1.1], size=TRIALS)])
    steps = np.diff(times, axis=1, prepend=0.0)
    z = np.cumsum(chance.normal(size=times.shape) * np.sqrt(steps), axis=1) / np.sqrt(times)
    going, rejected = np.ones(TRIALS, dtype=bool), np.zeros(TRIALS, dtype=bool)
    for place in range(3):
        decide = look_decisions.at_end if place == 2 else look_decisions.at_look
        code = decide(plan, z[:, place], times[:, : place + 1]).decision
        rejected |= going & (code == Decision.EFFICACY)
        going &= code == Decision.GOES_ON
    near(rejected.mean(), ALPHA, TRIALS)


SMALL = 1200
SIZE, LARGE = 120, 480


def look(**changes):
    """Return a look at half of the patients that is carried out."""
    return Interim(
        **{"name": "half", "analysis": "strength_drug", "information": 0.5, "executed": True, **changes}
    )


@pytest.mark.parametrize("effect", [0.0, 0.25])
@pytest.mark.parametrize("shape", [Shape.OBRIEN_FLEMING, Shape.POCOCK])
def test_whole_trials_of_normal_values_stop_as_the_closed_form_says(shape, effect):
    """Through readings, calendar, cut, endpoint and analysis of covariance; one patient a day.

    480 patients, so that a t test is one of Z: with 120 it has visibly less power.
    """
    gain = Boundary(shape=shape)
    plan = plan_looks(plain_protocol(look(efficacy=gain, futility=Boundary(p_value=0.5)), size=LARGE))
    found = carry_out(plan, plain_source(plan.protocol, SMALL, effects={"drug": effect}, seed=2)).looks
    closed = group_sequential.design(Kind(shape.value.replace("_", "-")), (0.5, 1.0), ALPHA, POWER)
    drift = effect * np.sqrt(LARGE / 4)
    course = group_sequential.course(replace(closed, lower=np.array([0.0, closed.upper[1]])), drift)
    near((found.decision[:, 0] == Decision.EFFICACY).mean(), course.efficacy[0], SMALL)
    near((found.decision[:, 0] == Decision.FUTILITY).mean(), course.futility[0], SMALL)
    near(found.reject.mean(), course.rejection, SMALL)
    spared = LARGE / 2 - DUE  # while the last of the first half becomes due, one patient a day comes
    expected = LARGE - (course.efficacy[0] + course.futility[0]) * spared
    error = max(found.randomised.std(), 1.0) / np.sqrt(SMALL)
    assert abs(found.randomised.mean() - expected) < ERRORS * error
    assert found.information[:, 0] == pytest.approx(0.5)


@pytest.mark.parametrize("rate", [0.1, 0.3])
@pytest.mark.parametrize("aim", two_stage.Aim)
def test_two_stages_agree_with_complete_enumeration(aim, rate):
    """Simon 1989, table 1: p0 10 %, p1 30 %, errors of 5 % and 20 %: 1/10 5/29 optimal, 1/15 5/25 minimax."""
    design = two_stage.simon(0.1, 0.3, 0.05, 0.8, aim)
    first = Interim(
        name="first_stage",
        analysis="response_drug",
        patients=design.first_size,
        pause=True,
        executed=True,
        futility=Boundary(responders=design.first_limit),
        binding=True,
    )
    protocol = one_arm_protocol(first, size=design.size, null=0.1, alternative=0.3, alpha=0.05)
    one_arm = replace(
        protocol, arms=protocol.arms[:1], randomisation=replace(protocol.randomisation, block_size=1)
    )
    plan = plan_looks(one_arm)
    trials = 4 * SMALL
    found = carry_out(plan, response_source(protocol, trials, rate=rate)).looks
    early = 1 - float(probability_at_least(design.first_limit + 1, design.first_size, rate))
    near((found.ended == 0).mean(), early, trials)
    near(found.reject.mean(), float(two_stage.rejection_curve(design, rate)), trials)
    expected = design.first_size + (1 - early) * (design.size - design.first_size)
    assert abs(found.randomised.mean() - expected) < ERRORS * found.randomised.std() / np.sqrt(trials)
    assert (found.upper[found.ended == 1, 1] == design.limit + 1).all()
    assert (found.randomised[found.ended == 0] == design.first_size).all()


@pytest.mark.parametrize("test", ["inverse_normal", "conventional"])
def test_a_new_size_that_follows_the_effect_keeps_the_level_and_gains_power(test):
    resize = Resize(by=ResizeRule.PROMISING_ZONE, maximum=240, promising_from=0.5, power=0.9, test=test)
    gain = Boundary(spending=Spending.OBRIEN_FLEMING)
    plan = plan_looks(plain_protocol(look(efficacy=gain, resize=resize), size=SIZE))
    null = carry_out(plan, plain_source(plan.protocol, SMALL, effects={}, size=240)).looks
    near(null.reject.mean(), ALPHA, SMALL)
    works = carry_out(plan, plain_source(plan.protocol, SMALL, effects={"drug": 0.4}, size=240)).looks
    raised = works.size > SIZE
    assert 0.1 < raised.mean() < 0.5
    assert works.size.max() <= 240
    assert (works.randomised[works.ended == 1] == works.size[works.ended == 1]).all()
    assert works.reject.mean() > works.fixed_reject.mean()


def test_a_blinded_spread_twice_as_large_as_assumed_doubles_the_size():
    resize = Resize(by=ResizeRule.BLINDED_VARIANCE, maximum=400, assumed=0.5**0.5)
    plan = plan_looks(plain_protocol(look(resize=resize), size=SIZE))
    found = carry_out(plan, plain_source(plan.protocol, SMALL, effects={}, size=400)).looks
    assert found.size.mean() == pytest.approx(2 * SIZE, rel=0.03)
    near(found.reject.mean(), ALPHA, SMALL)


@pytest.mark.parametrize("sides", [1, 2])
def test_p_values_at_looks_leave_the_rest_of_the_level_to_the_end(sides):
    """Looks at p = 0.001 (Haybittle and Peto): the last analysis is hardly stricter than without looks."""
    looks = tuple(Look(information=time, critical=3.290526731491926) for time in TIMES[:-1])
    plan = complete(MonitoringPlan(looks=looks, alpha=ALPHA * sides, sides=sides))
    upper = limits(plan, np.array([TIMES]), last=True).upper[0]
    lower = -upper if sides == 2 else np.full(3, -np.inf)
    found = crossing(lower, upper, TIMES, 0.0)
    assert float(found.upper_total) == pytest.approx(ALPHA, abs=1e-9)
    assert 1.96 < upper[-1] < 1.98


def test_a_futile_trend_is_the_conditional_power_of_the_closed_form():
    """``design.monitoring.conditional_power`` under the observed trend, at the limit of 20 %."""
    closed = group_sequential.design(Kind.SPENDING_OBRIEN_FLEMING, (0.5, 1.0), ALPHA, POWER)
    looks = (Look(information=0.5, spends=Kind.SPENDING_OBRIEN_FLEMING, futility_power=0.2),)
    plan = complete(MonitoringPlan(looks=looks, alpha=ALPHA))
    limit = limits(plan, np.array([[0.5]]), last=False).lower[0, 0]
    assert float(conditional_power(closed, 1, limit)) == pytest.approx(0.2, abs=1e-9)
