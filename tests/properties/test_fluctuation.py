"""Passing changes: chance by address, blind to visits, blocks and company; none in the reference set."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euexia import parameters, protocol
from euexia.model.effects import NEUTRAL, Effects
from euexia.simulate.fluctuation import APPETITE, Constants, Fluctuation
from euexia.study.simulated import simulate

NUMBERS = Constants(0.25, 21.0, 1.5, 28.0, 0.2, 42.0)
REFERENCE = parameters.load()
SWITCHED_ON = parameters.load(overlays=("known_misfits",))


def cohort(people: int, seed: int = 3, first: int = 0) -> Fluctuation:
    """Give the deviations of some candidates of trial 7."""
    candidates = np.arange(first, first + people)
    return Fluctuation(NUMBERS, seed, np.full(people, 7), candidates)


def test_the_reference_set_has_none() -> None:
    """All deviations are nought, so no span is cut and no draw is made: not one bit differs."""
    address = (1, np.zeros(3, dtype=np.int64), np.arange(3))
    assert Fluctuation.of(REFERENCE, *address) is None
    assert Fluctuation.of(SWITCHED_ON, *address) is not None


@settings(max_examples=30, deadline=None)
@given(start=st.integers(0, 100), days=st.integers(1, 100), cut=st.integers(1, 99))
def test_spans_do_not_depend_on_visits(start: int, days: int, cut: int) -> None:
    """A visit in the middle of a span changes what holds on no day; the spans fill the time without gap."""
    whole = list(cohort(2).spans(start, days, NEUTRAL))
    assert whole[0].start == start
    assert sum(span.days for span in whole) == pytest.approx(days)
    middle = min(cut, days)
    parts = [*cohort(2).spans(start, middle, NEUTRAL)]
    if days > middle:
        parts += cohort(2).spans(start + middle, days - middle, NEUTRAL)

    def on_each_day(spans: list) -> list[float]:
        return [float(span.effects.appetite_factor[0]) for span in spans for _ in range(int(span.days))]

    assert on_each_day(whole) == on_each_day(parts)


@settings(max_examples=20, deadline=None)
@given(week=st.integers(0, 30), first=st.integers(0, 50))
def test_everyone_has_their_own_chance(week: int, first: int) -> None:
    """Who else is in the block changes nobody's deviation, nor does what was asked before."""
    alone = cohort(1, first=first).deviation(week, APPETITE, 21.0)
    among = cohort(60)
    for earlier in range(week):
        among.deviation(earlier, APPETITE, 21.0)
    assert alone[0] == among.deviation(week, APPETITE, 21.0)[first]


def test_variance_and_memory_are_those_of_the_process() -> None:
    """Var x(t) = 1 - exp(-2t/tau) from 0 on day 0, and corr(x(s), x(t)) = exp(-|t - s|/tau) late.

    The middle of week k is day 7k + 3.5; 40,000 people give a Monte-Carlo error of 0.007 of a variance.
    """
    people = cohort(40_000)
    for week in (0, 3, 20):
        day = 7 * week + 3.5
        expected = 1 - np.exp(-2 * day / 21)
        assert np.var(people.deviation(week, APPETITE, 21.0)) == pytest.approx(expected, abs=0.03)
    late, later = (people.deviation(week, APPETITE, 21.0) for week in (20, 23))
    assert np.corrcoef(late, later)[0, 1] == pytest.approx(np.exp(-1), abs=0.02)


def test_effects_add_to_those_of_treatment() -> None:
    """What a treatment does stays; appetite never falls below nought."""
    (span,) = cohort(500).spans(0, 7, Effects(water_addition=0.22, appetite_factor=1.1))
    own = cohort(500).effects(0)
    assert np.allclose(span.effects.water_addition, 0.22 + own.water_addition)
    assert (span.effects.appetite_factor >= 0).all()


def test_a_trial_is_the_same_in_any_block() -> None:
    """Trial 1 alone and trial 1 beside trial 0 give the same bits with every mechanism on."""
    plan = protocol.load("menac")
    both = simulate(plan, trials=2, seed=4, parameters=SWITCHED_ON)
    alone = simulate(plan, trials=1, seed=4, first_trial=1, parameters=SWITCHED_ON)
    for name, part in both.readings.items():
        assert np.array_equal(part.value[1], alone.readings[name].value[0], equal_nan=True), name
