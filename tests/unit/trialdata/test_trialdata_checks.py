"""Trial data refuse what a sponsor could not have, and what cannot be."""

from dataclasses import replace

import numpy as np
import pytest

from builders import make_trial
from builders.trials import make_events, make_readings, pairs
from euexia.core.errors import TrialDataError
from euexia.trialdata import check
from euexia.trialdata.trialdata import ScreeningLog


def test_ordinary_trial_data_pass_unchanged():
    data = make_trial([0, 0, 1])
    assert check(data) is data


def test_a_latent_measure_is_refused_with_the_nearest_known_one():
    data = make_trial([0, 1], readings={"lean_mass": pairs([40, 40], [41, 41])})
    with pytest.raises(TrialDataError, match=r"'lean_mass', which nobody can measure.*'lean_mass_ct'"):
        check(data)


def test_a_latent_subject_column_is_refused():
    data = make_trial([0, 1])
    data = replace(data, subjects={**data.subjects, "true_muscle": np.ones((1, 2))})
    with pytest.raises(TrialDataError, match=r"'true_muscle' that a sponsor could not have"):
        check(data)


def test_a_reading_after_death_is_refused_and_named():
    data = make_trial([0, 1], readings={"crp": pairs([50, 50], [40, 40])}, death_day=[30.0, np.nan])
    with pytest.raises(
        TrialDataError, match=r"'crp': 1 after death, for example subject 0 of trial 0 on day 56"
    ):
        check(data)


def test_a_reading_after_withdrawal_is_refused():
    data = make_trial([0, 1], readings={"crp": pairs([50, 50], [40, 40])}, withdrawal_day=[np.nan, 55.0])
    with pytest.raises(TrialDataError, match=r"1 after withdrawal, for example subject 1"):
        check(data)


def test_a_reading_on_the_day_of_death_is_allowed():
    check(make_trial([0, 1], readings={"crp": pairs([50, 50], [40, 40])}, death_day=[56.0, np.nan]))


def test_every_fault_is_said_at_once():
    data = make_trial(
        [0, 1],
        readings={"crp": pairs([50, 50], [40, 40]), "happiness": pairs([1, 1], [1, 1])},
        events=make_events([(0, 7, 3.0, "rash", 9, False)]),
        death_day=[30.0, np.nan],
    )
    with pytest.raises(TrialDataError) as caught:
        check(data)
    message = str(caught.value)
    assert "4 faults" in message
    for part in ("happiness", "after death", "subject that does not exist", "grade outside 1 to 5"):
        assert part in message


def test_an_arm_out_of_range_is_refused():
    with pytest.raises(TrialDataError, match=r"'arm' holds 2, but there are 2 arms"):
        check(make_trial([0, 2]))


def test_shapes_must_agree():
    data = make_trial([0, 1], readings={"crp": make_readings(np.zeros((1, 3, 1)), 50.0)})
    with pytest.raises(TrialDataError, match=r"shape \(1, 3, 1\), expected \(1, 2, 1\)"):
        check(data)


def test_an_implausible_reading_is_refused_unless_plausibility_is_waived():
    """CRP is plausible from 0 to 600 mg/L."""
    data = make_trial([0, 1], readings={"crp": pairs([50, 50], [40, 900])})
    with pytest.raises(TrialDataError, match=r"1 outside 0 to 600 mg/L, for example 900"):
        check(data)
    check(data, plausible=False)


def test_a_value_without_its_day_is_refused():
    data = make_trial([0], readings={"crp": make_readings([[[np.nan]]], [[[50.0]]], [0.0])})
    with pytest.raises(TrialDataError, match=r"without the day"):
        check(data)


def test_a_screening_log_of_unequal_length_is_refused():
    log = ScreeningLog(
        trial=np.array([0, 0]),
        candidate=np.array([0, 1]),
        day=np.array([1.0]),
        enrolled=np.array([True, False]),
        failed=np.zeros((2, 1), dtype=np.int8),
        criteria=("age", "crp"),
    )
    with pytest.raises(TrialDataError, match=r"columns of unequal length(.|\n)*'failed' has the shape"):
        check(make_trial([0, 1], screening=log))
