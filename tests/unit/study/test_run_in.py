"""A run-in before randomisation: care begins then, hazards count from day 0; without one nothing changes."""

import dataclasses

import numpy as np
import pytest

from builders.toy_engine import ToyEngine
from euexia import parameters as parameter_files
from euexia import protocol as protocols
from euexia.core.errors import InputError
from euexia.core.streams import Purpose, exponential
from euexia.protocol.protocol import Protocol, Visit
from euexia.study import run_in, simulated
from euexia.study.prescribing import Prescriber
from euexia.study.screening import history_days
from euexia.trialdata.checks import check

SIZE = 10
RUN_IN = 14.0
SCREENING = -21.0
PARAMETERS = parameter_files.load()


def with_run_in(days: float, *visits: Visit, screening: float = SCREENING) -> Protocol:
    """Return the lenalidomide trial, smaller, with a run-in and further visits."""
    protocol = protocols.load("lenalidomide")
    schedule = dataclasses.replace(
        protocol.schedule, screening=screening, run_in=days, visits=(*protocol.schedule.visits, *visits)
    )
    return dataclasses.replace(protocol, size=SIZE, schedule=schedule)


class Recorder(ToyEngine):
    """The toy engine, which also writes down what it was asked."""

    def __init__(self):
        self.spans = []
        self.observed = []

    def advance(self, state, body, effects, *, start, days):
        """Write down the span, the intake added and the suppression, and advance."""
        added = np.broadcast_to(effects.intake_addition, state.shape[1:])
        self.spans.append((start, start + days, added.min(initial=np.inf), effects))
        return super().advance(state, body, effects, start=start, days=days)

    def observe(self, state, body, *, day):
        """Write down the day, and observe."""
        self.observed.append(day)
        return super().observe(state, body, day=day)


@pytest.fixture
def engine(monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr(simulated, "engine_for", lambda parameters: recorder)
    return recorder


def recruit(protocol, trials=6, **more):
    return simulated.recruit_trials(protocol, trials=trials, seed=3, parameters=PARAMETERS, **more)


def test_any_block_partition_gives_the_same_bits(engine):
    """Four trials at once, and one by one."""
    protocol = with_run_in(RUN_IN)
    together = check(simulated.simulate(protocol, trials=4, seed=3, parameters=PARAMETERS))
    for trial in range(4):
        alone = simulated.simulate(protocol, trials=1, seed=3, first_trial=trial, parameters=PARAMETERS)
        for name, values in together.subjects.items():
            np.testing.assert_array_equal(values[trial], alone.subjects[name][0], err_msg=name)
        for name, readings in together.readings.items():
            np.testing.assert_array_equal(readings.value[trial], alone.readings[name].value[0], err_msg=name)
        rows = together.screening.trial == trial
        np.testing.assert_array_equal(together.screening.failed[rows], alone.screening.failed)


def test_without_a_run_in_nobody_is_stepped_before_randomisation(engine):
    """Days of the engine and of the trial agree, and the screening log asks for eligibility alone."""
    protocol = with_run_in(0.0, screening=-7.0)
    recruited = recruit(protocol)
    assert engine.spans == []
    assert len(recruited.screening.criteria) == len(protocol.eligibility)
    engine.observed.clear()
    simulated.conduct(recruited)
    assert engine.observed[0] == 0
    assert engine.observed[-1] == protocol.schedule.follow_up
    assert engine.spans[0][0] == 0


def test_the_engine_counts_from_the_first_day_of_the_run_in(engine):
    """Screening is day -7 of the engine, randomisation its day 14, the end of follow-up its day 98."""
    recruited = recruit(with_run_in(RUN_IN))
    assert min(engine.observed) == -180
    assert SCREENING + RUN_IN in engine.observed
    engine.observed.clear()
    engine.spans.clear()
    simulated.conduct(recruited)
    assert engine.observed[0] == RUN_IN
    assert engine.observed[-1] == RUN_IN + 84
    assert [span[0] for span in engine.spans[:2]] == [RUN_IN, RUN_IN + 3]


def test_care_begins_with_the_run_in_and_the_drug_with_randomisation(engine):
    """In the run-in everyone has the intake of counselling, and nobody suppression of inflammation."""
    recruited = recruit(with_run_in(RUN_IN))
    assert engine.spans
    for start, end, added, effects in engine.spans:
        assert (start, end) == (0, RUN_IN)
        assert added > 0
        assert np.all(effects.inflammation_suppression == 0)
    engine.spans.clear()
    simulated.conduct(recruited)
    first = engine.spans[0][3]
    assert np.max(first.inflammation_suppression) > 0
    assert np.min(first.intake_addition) > 0


def test_the_baseline_is_read_after_the_run_in(engine):
    """The toy patient gains by care and loses 0.08 % a day; screening is a week before care begins."""
    recruited = recruit(with_run_in(RUN_IN))
    cohort = recruited.cohort
    now = ToyEngine().observe(cohort.state, cohort.body, day=RUN_IN)
    then = cohort.before[SCREENING]["body_weight"]
    weight = cohort.columns["weight"]
    loss = 0.0008 * cohort.columns["appetite_inflammation_effect"]
    np.testing.assert_allclose(then, weight * (1 + 7 * loss), rtol=1e-12)
    care = run_in.background_care(recruited.protocol, cohort.address)
    assert np.all(now["body_weight"] > weight * (1 - 0.0008 * RUN_IN))
    assert set(care) == {"prokinetic", "activity_counselling", "nutrition_counselling"}
    found = simulated.conduct(recruited).readings["body_weight"]
    for day, true in ((0.0, now["body_weight"]), (SCREENING, then)):
        read = found.value[..., list(found.planned).index(day)].ravel()
        np.testing.assert_allclose(read, true, rtol=0.05)


def test_who_is_lost_in_the_run_in_is_replaced(engine):
    """The toy hazards are 0.002 (1 + sqrt(CRP/20)) a day: with CRP 30 to 150 mg/L, 6 to 11 % in 14 days."""
    recruited = recruit(with_run_in(RUN_IN), trials=60)
    log = recruited.screening
    assert log.criteria[-1] == run_in.STAYED
    lost, stayed = log.failed[:, -1] == 1, log.failed[:, -1] == 0
    assert (log.failed[lost, :-1] == 0).all()
    assert not log.enrolled[lost].any()
    np.testing.assert_array_equal(stayed, log.enrolled)
    assert np.bincount(log.trial, weights=log.enrolled).tolist() == [SIZE] * 60
    share = lost.sum() / (lost.sum() + stayed.sum())
    assert 0.05 < share < 0.12


def test_hazards_count_from_randomisation(engine):
    """Cumulative hazards start at 0 on day 0, and serious events of the run-in are not the trial's."""
    recruited = recruit(with_run_in(RUN_IN))
    prescriber = Prescriber(
        recruited.protocol, recruited.cohort.columns, recruited.cohort.address, recruited.arm
    )
    truth = simulated.follow(recruited, prescriber, without_effect=True).truth
    for name in ("cumulative_death", "cumulative_dropout", "cumulative_serious"):
        assert (truth[name][:, 0] == 0).all()
        assert (truth[name][:, 1] > 0).all()
    assert (recruited.cohort.state[4:] > 0).all()


def test_visits_before_and_within_the_run_in_are_read(engine):
    """Day -17 is before the care begins, day -10 in its middle; the truth of each is its own."""
    visits = tuple(
        Visit(name=name, day=day, measures=("body_weight", "crp"))
        for name, day in (("before_care", -17.0), ("under_care", -10.0))
    )
    recruited = recruit(with_run_in(RUN_IN, *visits))
    cohort = recruited.cohort
    assert set(cohort.before) == {SCREENING, -17.0, -10.0}
    crp = [cohort.before[day]["crp"] for day in (-17.0, -10.0)]
    np.testing.assert_array_equal(crp[0], cohort.columns["crp"])
    np.testing.assert_allclose(crp[1], cohort.columns["crp"] * np.exp(0.005 * 4), rtol=1e-12)
    found = check(simulated.conduct(recruited)).readings["crp"]
    assert found.visits[:4] == ("screening", "before_care", "under_care", "baseline")
    assert not np.isnan(found.value[..., :4]).any()


def test_a_visit_in_the_run_in_changes_nobody(engine):
    """Stepping the run-in in two spans is the toy's exponential growth of CRP twice; who enters stays."""
    plain = recruit(with_run_in(RUN_IN))
    stopped = recruit(with_run_in(RUN_IN, Visit(name="lead_in", day=-7.0, measures=("crp",))))
    np.testing.assert_array_equal(plain.cohort.address.candidate, stopped.cohort.address.candidate)


def test_screening_may_fall_on_the_first_day_of_the_run_in(engine):
    data = simulated.simulate(with_run_in(RUN_IN, screening=-RUN_IN), trials=1, seed=3, parameters=PARAMETERS)
    assert check(data) is data


def test_no_weight_is_known_from_before_the_disease_history():
    """Six months before screening would be day -204; the history begins 180 days before the run-in."""
    assert history_days(with_run_in(RUN_IN)) == (-194.0, -82.0, -49.0, -21.0)


@pytest.mark.parametrize("days", [-1.0, 30.0])
def test_a_run_in_that_does_not_fit_is_refused(engine, days):
    with pytest.raises(InputError, match="Screen before the run-in begins"):
        recruit(with_run_in(days))


def test_a_vanishing_run_in_is_none(engine):
    """A run-in of a thousandth of a day: the same people in the same arms, with the same truth to 0.01 %."""
    none, hardly = (recruit(with_run_in(days)) for days in (0.0, 0.001))
    np.testing.assert_array_equal(none.cohort.address.candidate, hardly.cohort.address.candidate)
    np.testing.assert_array_equal(none.arm, hardly.arm)
    np.testing.assert_allclose(none.cohort.state[:4], hardly.cohort.state[:4], rtol=1e-4)
    for day, truth in none.cohort.before.items():
        for name, values in truth.items():
            np.testing.assert_allclose(values, hardly.cohort.before[day][name], rtol=1e-4, err_msg=name)


def test_losses_in_the_run_in_have_draws_of_their_own(engine):
    """Who dies in the trial has small draws of the trial; those of the run-in tell nothing about it."""
    protocol = with_run_in(RUN_IN)
    recruited = recruit(protocol, trials=20)
    deaths = simulated.conduct(recruited).subjects["death_day"].ravel()
    draws = exponential(3, Purpose.DEATH, recruited.cohort.address.trial, recruited.cohort.address.candidate)
    died = ~np.isnan(deaths)
    assert draws[died].max() < draws[~died].max()
    assert draws[died].mean() < draws[~died].mean()
    own = exponential(
        3,
        Purpose.DEATH,
        recruited.cohort.address.trial,
        recruited.cohort.address.candidate,
        0,
        run_in.BEFORE_RANDOMISATION,
    )
    assert abs(np.corrcoef(own, draws)[0, 1]) < 0.2
