"""Figures of twins against numbers worked out by hand."""

import numpy as np
import pytest

from euexia.core.errors import InputError, UnknownNameError
from euexia.evidence.twin import Average, Figure, Of
from euexia.study.twin_figures import figure_of
from euexia.trialdata.trialdata import Events, Readings, TrialData

NAN = np.nan
DRUG, PLACEBO = ("drug",), ("placebo",)


def trial() -> TrialData:
    """Return one trial of six: three on a drug, three on placebo; weight at days 0, 42 and 84."""
    drug = [[60, 61, 63], [70, 72, NAN], [80, NAN, NAN]]
    placebo = [[50, 49, 47], [60, 60, NAN], [70, 67, 66]]
    weight = np.array([[*drug, *placebo]])
    lean = weight * 0.7
    day = np.array([0.0, 42.0, 84.0])
    shown = {"body_weight": weight, "lean_mass_dxa": lean}
    empty = np.array([])
    return TrialData(
        protocol_id="by_hand",
        arms=("drug", "placebo"),
        subjects={
            "arm": np.array([[0.0, 0, 0, 1, 1, 1]]),
            "height": np.full((1, 6), 200.0),
            "death_day": np.array([[NAN, NAN, 30.0, NAN, 83.0, NAN]]),
            "withdrawal_day": np.array([[NAN, 60.0, NAN, NAN, NAN, NAN]]),
        },
        readings={
            name: Readings(
                visits=("a", "b", "c"), planned=day, day=np.broadcast_to(day, values.shape), value=values
            )
            for name, values in shown.items()
        },
        dosing={},
        events=Events(
            trial=empty.astype(int),
            subject=empty.astype(int),
            day=empty,
            term=np.array([], dtype=str),
            grade=empty.astype(int),
            serious=empty.astype(bool),
        ),
        screening=None,
    )


def of(kind: Of, weeks: tuple[float, ...], arms: tuple[str, ...] = DRUG, **more: object) -> float:
    """Return one figure of the trial."""
    asked = Figure(of=kind, arms=arms, weeks=weeks, **{"measure": "body_weight", **more})  # type: ignore[arg-type]
    return float(figure_of(trial(), asked)[0])


def test_a_change_is_the_mean_of_the_weeks_that_were_read_and_of_those_with_any() -> None:
    """By hand: patient 1 (1 + 3) / 2 = 2, patient 2 has week 6 alone: 2, patient 3 none: mean 2."""
    assert of(Of.CHANGE, (6, 12)) == pytest.approx(2.0)
    assert of(Of.CHANGE, (12,)) == pytest.approx(3.0)


def test_medians_differences_and_spreads_are_of_the_same_patients() -> None:
    """By hand: placebo changes over weeks 6 and 12 are -2, 0 and -3.5."""
    assert of(Of.CHANGE, (6, 12), PLACEBO, average=Average.MEDIAN) == pytest.approx(-2.0)
    assert of(Of.CHANGE, (6, 12), control=PLACEBO) == pytest.approx(2.0 + 5.5 / 3)
    assert of(Of.SPREAD, (6, 12), PLACEBO) == pytest.approx(np.std([-2, 0, -3.5], ddof=1))


def test_levels_are_of_different_patients() -> None:
    """By hand: 63 at week 12 in the one who is read; 70 at day 0 in all three."""
    assert of(Of.LEVELS, (12,)) == pytest.approx(63 - 70)


def test_fat_is_weight_less_lean_mass_and_indices_are_per_height_squared() -> None:
    """By hand: 30 % of 3 kg, and that over 2 m squared."""
    assert of(Of.CHANGE, (12,), minus="lean_mass_dxa") == pytest.approx(0.9)
    assert of(Of.CHANGE, (12,), squared_height=True) == pytest.approx(3 / 4)


def test_shares_count_the_dead_the_withdrawn_and_the_read() -> None:
    """By hand: of three on the drug one died on day 30 and one left on day 60."""
    assert of(Of.DEAD, (6,)) == pytest.approx(1 / 3)
    assert of(Of.IN_TRIAL, (12,)) == pytest.approx(1 / 3)
    assert of(Of.READ, (6, 12)) == pytest.approx(2 / 3)
    assert of(Of.DEAD, (12,), PLACEBO, after=6) == pytest.approx(1 / 3)
    assert of(Of.GAINED, (12,), percent=4.0) == pytest.approx(1.0)


def test_who_left_before_is_not_asked_again() -> None:
    """By hand: of the drug arm two are there at week 6, and one of them at week 12."""
    assert of(Of.IN_TRIAL, (12,), after=6) == pytest.approx(1 / 2)


def test_a_week_without_a_visit_an_arm_and_a_measure_are_said_by_name() -> None:
    """The messages name the trial and what it has."""
    with pytest.raises(InputError, match="does not read 'body_weight' in week 9"):
        of(Of.CHANGE, (9,))
    with pytest.raises(UnknownNameError, match="drog"):
        of(Of.CHANGE, (6,), ("drog",))
    with pytest.raises(UnknownNameError, match="handgrip"):
        of(Of.CHANGE, (6,), measure="handgrip_strength")
