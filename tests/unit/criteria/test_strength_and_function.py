"""Grip, walking and function at their printed cut-points.

Expected values are worked by hand from the printed rules and equations.
"""

from __future__ import annotations

import numpy as np
import pytest

from euexia.core.logic import FALSE, TRUE, UNKNOWN
from euexia.criteria import function, strength, walking

NAN = float("nan")
MAN, WOMAN = 1, 0

LEFT, RIGHT = [24.0, 26.0, 25.0], [28.0, 27.0, 30.0]


def test_best_of_six() -> None:
    grip = strength.best_of_six(LEFT, RIGHT)
    assert grip.strength == 30.0
    assert grip.squeezes == 6
    assert grip.other_hand_missing == FALSE


@pytest.mark.parametrize(("hand", "mean"), [(RIGHT, 28.333333333), (LEFT, 25.0)])
def test_mean_of_three(hand: list[float], mean: float) -> None:
    assert strength.mean_of_three(hand).strength == pytest.approx(mean, abs=1e-8)


def test_best_and_mean_disagree_about_weakness() -> None:
    """Trap: a man of 30 kg by the best of six is weak by the mean of his left hand (cut-off 27 kg)."""
    cutoff = strength.GRIP_CUTOFFS["ewgsop2"]
    assert strength.weak_grip(strength.best_of_six(LEFT, RIGHT).strength, MAN, cutoff) == FALSE
    assert strength.weak_grip(strength.mean_of_three(LEFT).strength, MAN, cutoff) == TRUE


def test_one_hand_is_used_and_flagged() -> None:
    grip = strength.best_of_six(
        [[NAN, NAN, NAN], [20.0, NAN, 21.0], [NAN] * 3], [[28.0, 27.0, NAN]] * 2 + [[NAN] * 3]
    )
    np.testing.assert_array_equal(grip.strength, [28.0, 28.0, NAN])
    assert grip.other_hand_missing.tolist() == [TRUE, FALSE, FALSE]
    assert grip.squeezes.tolist() == [2, 4, 0]


@pytest.mark.parametrize(
    ("left", "right", "right_handed", "mean", "alone"),
    [
        (LEFT, RIGHT, 1, 25.0, FALSE),
        (LEFT, RIGHT, 0, 85 / 3, FALSE),
        (LEFT, RIGHT, NAN, NAN, FALSE),
        ([NAN] * 3, RIGHT, 1, 85 / 3, TRUE),
        (LEFT, [NAN] * 3, 0, 25.0, TRUE),
        ([NAN] * 3, [NAN] * 3, 1, NAN, FALSE),
    ],
)
def test_non_dominant_hand(left, right, right_handed: float, mean: float, alone: int) -> None:
    grip = strength.mean_of_non_dominant(left, right, right_handed)
    np.testing.assert_allclose(grip.strength, mean)
    assert grip.other_hand_missing == alone


@pytest.mark.parametrize(
    ("male", "kilograms", "cutoff", "weak"),
    [
        (WOMAN, 15.9, "ewgsop2", TRUE),
        (WOMAN, 16.0, "ewgsop2", FALSE),
        (MAN, 26.5, "fnih2014", FALSE),
        (MAN, 26.5, "ewgsop2", TRUE),
        (MAN, 27.0, "ewgsop2", FALSE),
        (MAN, 27.0, "awgs2019", TRUE),
        (MAN, 28.0, "awgs2019", FALSE),
        (MAN, 26.0, "fnih2014", FALSE),
        (MAN, 35.4, "sdoc2020", TRUE),
        (MAN, 35.5, "sdoc2020", FALSE),
        (WOMAN, 19.9, "sdoc2020", TRUE),
        (NAN, 10.0, "ewgsop2", UNKNOWN),
        (MAN, NAN, "ewgsop2", UNKNOWN),
    ],
)
def test_weak_grip(male: float, kilograms: float, cutoff: str, weak: int) -> None:
    """Trap: 26, 27 and 28 kg are the cut-offs of three definitions."""
    assert strength.weak_grip(kilograms, male, strength.GRIP_CUTOFFS[cutoff]) == weak


@pytest.mark.parametrize(
    ("male", "height", "weight", "age", "metres", "lower"),
    [
        (MAN, 172, 70, 67, 533.5, 380.5),
        (WOMAN, 160, 58, 65, 496.08, 357.08),
        (MAN, 180, 90, 55, 619.1, 466.1),
    ],
)
def test_six_minute_walk(
    male: float, height: float, weight: float, age: float, metres: float, lower: float
) -> None:
    """The lower limit is not the predicted value, as one page has it."""
    walk = walking.six_minute_walk(male, age, height, weight)
    assert walk.distance == pytest.approx(metres, abs=0.005)
    assert walk.lower_limit == pytest.approx(lower, abs=0.005)
    assert walk.extrapolated == FALSE


@pytest.mark.parametrize(
    ("male", "height", "weight", "age", "metres"),
    [(MAN, 172, 70, 67, 542.28), (WOMAN, 160, 58, 65, 496.68)],
)
def test_six_minute_walk_by_body_mass_index(
    male: float, height: float, weight: float, age: float, metres: float
) -> None:
    index = weight / (height / 100) ** 2
    assert walking.six_minute_walk_by_body_mass_index(male, age, index) == pytest.approx(metres, abs=0.005)


@pytest.mark.parametrize(("age", "flag"), [(39, TRUE), (40, FALSE), (80, FALSE), (81, TRUE), (NAN, UNKNOWN)])
def test_six_minute_walk_says_when_it_extrapolates(age: float, flag: int) -> None:
    assert walking.six_minute_walk(MAN, age, 172, 70).extrapolated == flag


def test_share_of_predicted() -> None:
    assert walking.share_of_predicted(400.0, 533.5) == pytest.approx(0.74977, abs=1e-5)
    assert np.isnan(walking.share_of_predicted(400.0, 0.0))


@pytest.mark.parametrize(
    ("metres", "seconds", "speed", "slow"),
    [
        (4, 5.0, 0.80, {"ewgsop2": TRUE, "fnih2014": TRUE, "fnih2014_strict": FALSE, "sdoc2020": FALSE}),
        (4, 4.0, 1.00, {"awgs2019": FALSE}),
        (6, 6.2, 0.968, {"awgs2019": TRUE}),
        (4, 0.0, NAN, {"awgs2019": UNKNOWN}),
    ],
)
def test_gait_speed(metres: float, seconds: float, speed: float, slow: dict[str, int]) -> None:
    reached = walking.gait_speed(metres, seconds)
    np.testing.assert_allclose(reached, speed, atol=0.0005)
    assert {name: walking.slow_gait(reached, walking.GAIT_CUTOFFS[name]) for name in slow} == slow


@pytest.mark.parametrize(
    ("age", "male", "speed"),
    [
        (45, MAN, 1.434),
        (80, WOMAN, 0.943),
        (99, WOMAN, 0.943),
        (100, MAN, NAN),
        (19, MAN, NAN),
        (45, NAN, NAN),
    ],
)
def test_mean_gait_speed(age: float, male: float, speed: float) -> None:
    """The extremes that Bohannon 2011 prints: 143.4 cm/s in men of 40-49, 94.3 in women of 80-99."""
    np.testing.assert_allclose(walking.mean_gait_speed(age, male), speed)


@pytest.mark.parametrize(
    ("side", "semi", "tandem", "walk", "chair", "unable", "points"),
    [
        (10, 10, 5.2, 5.5, 15.0, 0, (3, 3, 2, 8)),
        (10, 10, 10, 4.0, 10.5, 0, (4, 4, 4, 12)),
        (10, 6, NAN, 9.0, NAN, 1, (1, 1, 0, 2)),
        (10, 10, 2.99, 4.82, 16.70, 0, (2, 3, 1, 6)),
        (9.9, NAN, NAN, 8.70, 13.69, 0, (0, 2, 3, 5)),
        (10, 10, 3.0, 8.71, 60.01, 0, (3, 1, 0, 4)),
        (10, 10, 9.99, 6.20, 11.19, 0, (3, 3, 4, 10)),
        (10, 10, 10, 6.21, 11.20, 0, (4, 2, 3, 9)),
        (10, 10, NAN, 5.0, 12.0, 0, (NAN, 3, 3, NAN)),
        (10, 10, 10, NAN, 12.0, 0, (4, NAN, 3, NAN)),
        (10, 10, 10, 5.0, 12.0, NAN, (4, 3, NAN, NAN)),
    ],
)
def test_short_battery(side, semi, tandem, walk, chair, unable, points) -> None:
    """Unable scores 0; not done for other reasons leaves the total unknown."""
    score = function.short_battery(
        side_by_side=side, semi_tandem=semi, tandem=tandem, walk=walk, chair=chair, chair_unable=unable
    )
    np.testing.assert_array_equal([score.balance, score.gait, score.chair, score.total], points)


@pytest.mark.parametrize(
    ("seconds", "points"), [(3.61, 4), (3.62, 3), (4.65, 3), (4.66, 2), (6.52, 2), (6.53, 1)]
)
def test_three_metre_walk_has_cut_points_of_its_own(seconds: float, points: float) -> None:
    """Trap: a source prints these as if for 4 m."""
    assert function.gait_points(seconds, course=function.Course.THREE_METRES) == points


def test_the_better_walk_counts() -> None:
    assert function.better_walk([5.5, NAN], [4.6, 7.0]).tolist() == [4.6, 7.0]


def test_a_walk_the_patient_could_not_do_scores_nothing() -> None:
    assert function.gait_points([NAN, 4.0], [1, 1], course=function.Course.FOUR_METRES).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("male", "age", "stands", "arms", "below"),
    [
        (MAN, 67, 11, 0, TRUE),
        (WOMAN, 62, 12, 0, FALSE),
        (MAN, 72, 15, 1, TRUE),
        (WOMAN, 91, 4, 0, FALSE),
        (WOMAN, 91, 3, 0, TRUE),
        (MAN, 59, 5, 0, UNKNOWN),
        (MAN, 95, 5, 1, UNKNOWN),
        (MAN, 94.9, 6, 0, TRUE),
        (NAN, 67, 5, 0, UNKNOWN),
        (MAN, 67, NAN, 0, UNKNOWN),
        (MAN, 67, 5, NAN, TRUE),
        (MAN, 67, 15, NAN, UNKNOWN),
    ],
)
def test_chair_stands(male: float, age: float, stands: float, arms: float, below: int) -> None:
    assert function.chair_stands_below_average(stands, age, male, arms) == below


@pytest.mark.parametrize(
    ("age", "seconds", "slower"),
    [
        (65, 11.4, FALSE),
        (75, 13.0, TRUE),
        (85, 14.8, FALSE),
        (59, 20, UNKNOWN),
        (90, 20, UNKNOWN),
        (65, 11.5, TRUE),
    ],
)
def test_five_stands(age: float, seconds: float, slower: int) -> None:
    assert function.five_stands_slower_than_average(seconds, age) == slower


@pytest.mark.parametrize(
    ("seconds", "rule", "low"), [(15.0, "ewgsop2", FALSE), (15.0, "awgs2019", TRUE), (12.0, "awgs2019", TRUE)]
)
def test_five_stands_low(seconds: float, rule: str, low: int) -> None:
    assert function.five_stands_low(seconds, function.FIVE_STANDS_LOW[rule]) == low


@pytest.mark.parametrize(
    ("mass", "rise", "seconds", "watts"),
    [(70, 1.8, 6.0, 206.0), (64.7, 3.0, 12.5, 152.3), (70, 1.8, 5.4, 228.9)],
)
def test_stair_climb_power(mass: float, rise: float, seconds: float, watts: float) -> None:
    assert function.stair_climb_power(mass, rise, seconds) == pytest.approx(watts, abs=0.05)


def test_weight_gain_raises_stair_climb_power_without_a_faster_climb() -> None:
    """Trap: the measure has weight in it."""
    assert function.stair_climb_power(77, 1.8, 6.0) > function.stair_climb_power(70, 1.8, 6.0)


@pytest.mark.parametrize(
    ("age", "seconds", "slower"),
    [(65, 9.0, FALSE), (75, 10.3, TRUE), (85, 12.7, FALSE), (99, 12.8, TRUE), (59, 30, UNKNOWN)],
)
def test_up_and_go(age: float, seconds: float, slower: int) -> None:
    assert function.up_and_go_slower_than_average(seconds, age) == slower


@pytest.mark.parametrize(("seconds", "low"), [(20.0, TRUE), (19.9, FALSE), (NAN, UNKNOWN)])
def test_up_and_go_low(seconds: float, low: int) -> None:
    assert function.up_and_go_low(seconds) == low


@pytest.mark.parametrize(
    ("trials", "best", "mean"),
    [
        ((12.1, 45, 50), 45.0, 34.03),
        ((3, 4, 5), 5.0, 4.0),
        ((0, 0, 2), 2.0, 0.667),
        ((3, NAN, 5), NAN, NAN),
        ((46, NAN, 5), 45.0, NAN),
    ],
)
def test_one_leg_stance(trials: tuple[float, ...], best: float, mean: float) -> None:
    stance = function.one_leg_stance(trials)
    np.testing.assert_allclose([stance.best, stance.mean], [best, mean], atol=0.005)


@pytest.mark.parametrize(
    ("cutoff", "men", "women"),
    [("ewgsop2", 27, 16), ("awgs2019", 28, 18), ("fnih2014", 26, 16), ("sdoc2020", 35.5, 20)],
)
def test_every_grip_cutoff_from_both_sides(cutoff: str, men: float, women: float) -> None:
    rule = strength.GRIP_CUTOFFS[cutoff]
    found = strength.weak_grip([men - 0.1, men, women - 0.1, women], [1, 1, 0, 0], rule)
    assert found.tolist() == [TRUE, FALSE, TRUE, FALSE]


@pytest.mark.parametrize(
    ("cutoff", "slow"),
    [
        ("ewgsop2", [TRUE, TRUE, FALSE]),
        ("fnih2014", [TRUE, TRUE, FALSE]),
        ("fnih2014_strict", [TRUE, FALSE, FALSE]),
        ("sdoc2020", [TRUE, FALSE, FALSE]),
    ],
)
def test_every_gait_cutoff_from_both_sides(cutoff: str, slow: list[int]) -> None:
    found = walking.slow_gait([0.79, 0.80, 0.81], walking.GAIT_CUTOFFS[cutoff])
    assert found.tolist() == slow


@pytest.mark.parametrize(
    ("male", "centimetres"),
    [
        (MAN, [135.8, 143.3, 143.4, 143.3, 133.9, 126.2, 96.8, 96.8]),
        (WOMAN, [134.1, 133.7, 139.0, 131.3, 124.1, 113.2, 94.3, 94.3]),
    ],
)
def test_gait_norms_by_decade(male: float, centimetres: list[float]) -> None:
    """Means in cm/s from the first and to the last day of each printed age group (the last is 80-99)."""
    decades = np.arange(20, 100, 10)
    for edge in (decades, decades + 9.99):
        np.testing.assert_allclose(100 * walking.mean_gait_speed(edge, male), centimetres)
    assert np.isnan(walking.mean_gait_speed([19.99, 100.0], male)).all()


@pytest.mark.parametrize(
    ("male", "cutpoints"), [(MAN, [14, 12, 12, 11, 10, 8, 7]), (WOMAN, [12, 11, 10, 10, 9, 8, 4])]
)
def test_chair_stands_by_age(male: float, cutpoints: list[int]) -> None:
    """Below average is fewer than the cut-point, from the first to the last day of each five years."""
    ages = np.arange(60, 95, 5)
    for edge in (ages, ages + 4.99):
        at_cut = function.chair_stands_below_average(cutpoints, edge, male)
        one_less = function.chair_stands_below_average(np.asarray(cutpoints) - 1, edge, male)
        assert (at_cut == FALSE).all()
        assert (one_less == TRUE).all()


@pytest.mark.parametrize(
    ("judge", "bands"),
    [
        (function.five_stands_slower_than_average, {(60, 69.9): 11.4, (70, 79.9): 12.6, (80, 89.9): 14.8}),
        (function.up_and_go_slower_than_average, {(60, 69.9): 9.0, (70, 79.9): 10.2, (80, 99.9): 12.7}),
    ],
)
def test_slower_than_average_by_age(judge, bands: dict[tuple[float, float], float]) -> None:
    for ages, limit in bands.items():
        for age in ages:
            assert judge([limit, limit + 0.1], age).tolist() == [FALSE, TRUE]
    oldest = max(ages[1] for ages in bands)
    assert judge(30.0, [59.9, oldest + 0.1]).tolist() == [UNKNOWN, UNKNOWN]


def test_no_time_is_no_speed_and_no_power() -> None:
    assert np.isnan(walking.gait_speed(4, [0.0, -1.0, NAN])).all()
    assert np.isnan(function.stair_climb_power(70, 1.8, [0.0, -1.0, NAN])).all()


def test_points_without_a_word_about_inability() -> None:
    """Unless told otherwise the patient was able."""
    assert function.chair_points(11.0) == 4
    score = function.short_battery(side_by_side=10, semi_tandem=10, tandem=10, walk=4.0, chair=11.0)
    assert score.total == 12
