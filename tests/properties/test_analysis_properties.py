"""What holds for every trial: order changes nothing, missing never helps, intervals hold estimates."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import make_protocol, make_trial
from builders.trials import make_events, pairs
from euexia import analyse, endpoints
from euexia.statistics.proportion_intervals import miettinen_nurminen, newcombe
from euexia.statistics.proportions import clopper_pearson, critical_count, probability_at_least
from euexia.trialdata.trialdata import Events, Readings, TrialData

FEW = settings(max_examples=25, deadline=None)


@st.composite
def trials(draw):
    """Draw one stack of one trial: arms, readings with gaps, deaths, withdrawals, stops and events."""
    size = draw(st.integers(4, 20))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    arm = rng.integers(0, 2, size)
    arm[:2] = 0, 1
    death = np.where(rng.random(size) < 0.2, 30.0, np.nan)
    gone = ~np.isnan(death)

    def reading(first, spread):
        later = first + rng.normal(0.04 * first, spread, size)
        return pairs(np.full(size, first), np.where(gone | (rng.random(size) < 0.15), np.nan, later))

    rows = [(0, int(s), 9.0, "rash", 3, True) for s in np.flatnonzero(rng.random(size) < 0.3)]
    return make_trial(
        arm,
        readings={
            "lean_mass_ct": reading(40.0, 2.0),
            "handgrip_strength": reading(26.0, 6.0),
            "crp": pairs(rng.uniform(30, 90, size), np.where(gone, np.nan, rng.uniform(10, 90, size))),
            "tumour_size": reading(80.0, 30.0),
        },
        events=make_events(rows),
        death_day=death,
        treatment_stop_day=np.where(rng.random(size) < 0.2, 15.0, np.nan),
    )


def results_of(data, plan):
    return analyse.run(endpoints.derive(data, plan), plan)


def assert_same(first, second, *, exactly):
    for a, b in zip(first, second, strict=True):
        pairs_of = [(getattr(a, n), getattr(b, n)) for n in ("estimate", "low", "high", "p_value")]
        pairs_of += [(a.numbers[name], b.numbers[name]) for name in a.numbers]
        pairs_of += [(a.settled[name], b.settled[name]) for name in a.settled]
        for x, y in pairs_of:
            if exactly:
                np.testing.assert_array_equal(x, y)
            else:
                np.testing.assert_allclose(x, y, rtol=1e-9, atol=1e-9)


@FEW
@given(trials(), st.randoms(use_true_random=False))
def test_the_order_of_subjects_and_events_changes_nothing(data, shuffler):
    """Sums in another order may differ in the last bit, no more."""
    order = list(range(data.size))
    shuffler.shuffle(order)
    plan = make_protocol()
    assert_same(results_of(data, plan), results_of(reordered(data, order), plan), exactly=False)


@FEW
@given(trials())
def test_the_order_of_arms_changes_nothing(data):
    plan = make_protocol()
    swapped = replace(
        data,
        arms=tuple(reversed(data.arms)),
        subjects={**data.subjects, "arm": 1.0 - data.subjects["arm"]},
    )
    swapped_plan = replace(plan, arms=tuple(reversed(plan.arms)))
    assert_same(results_of(data, plan), results_of(swapped, swapped_plan), exactly=True)


@FEW
@given(trials(), st.data())
def test_a_missing_reading_never_makes_a_responder_more(data, draw):
    plan = make_protocol()
    subject = draw.draw(st.integers(0, data.size - 1))
    measure = draw.draw(st.sampled_from(["lean_mass_ct", "handgrip_strength"]))
    visit = draw.draw(st.integers(0, 1))
    value = data.readings[measure].value.copy()
    value[0, subject, visit] = np.nan
    fewer = replace(data, readings={**data.readings, measure: replace(data.readings[measure], value=value)})
    before, after = (results_of(d, plan)[0].numbers for d in (data, fewer))
    assert after["responders"].item() <= before["responders"].item()
    assert after["analysed"].item() == before["analysed"].item()


@FEW
@given(trials())
def test_p_values_are_probabilities_and_intervals_hold_their_estimates(data):
    for result in results_of(data, make_protocol()):
        p_value = result.p_value.item()
        assert np.isnan(p_value) or 0.0 <= p_value <= 1.0
        if not np.isnan(result.low.item()):
            assert result.low.item() <= result.estimate.item() + 1e-12
            assert result.estimate.item() <= result.high.item() + 1e-12


@given(st.integers(1, 60), st.data(), st.floats(0.01, 0.99), st.floats(0.005, 0.2))
def test_the_exact_interval_leaves_out_the_null_exactly_when_the_test_rejects(size, draw, null, alpha):
    responders = draw.draw(st.integers(0, size))
    rejected = probability_at_least(responders, size, null) <= alpha
    low, _ = clopper_pearson(responders, size, 1.0 - 2.0 * alpha)
    # where the two touch to the last digits either answer is right
    assert rejected == (low >= null) or abs(low - null) < 1e-9
    assert rejected == (responders >= critical_count(size, null, alpha))


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_intervals_of_a_difference_mirror_and_hold_the_difference(size, control_size, draw):
    x1, x0 = draw.draw(st.integers(0, size)), draw.draw(st.integers(0, control_size))
    for interval in (miettinen_nurminen, newcombe):
        low, high = interval(x1, size, x0, control_size, 0.95)
        assert -1.0 <= low <= x1 / size - x0 / control_size <= high <= 1.0
        mirrored_low, mirrored_high = interval(x0, control_size, x1, size, 0.95)
        np.testing.assert_allclose((mirrored_low, mirrored_high), (-high, -low), atol=1e-9)


def reordered(data: TrialData, order: list[int]) -> TrialData:
    """Return the same trial with its subjects in another order and its events backwards."""

    def moved(readings: Readings) -> Readings:
        return replace(readings, day=readings.day[:, order], value=readings.value[:, order])

    place = np.argsort(order)
    e = data.events
    return replace(
        data,
        subjects={name: values[:, order] for name, values in data.subjects.items()},
        readings={name: moved(readings) for name, readings in data.readings.items()},
        events=Events(
            trial=e.trial[::-1],
            subject=place[e.subject][::-1],
            day=e.day[::-1],
            term=e.term[::-1],
            grade=e.grade[::-1],
            serious=e.serious[::-1],
        ),
    )
