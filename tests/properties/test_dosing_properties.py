"""What holds of the dosing engine whatever the readings."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from euexia import protocol
from euexia.protocol import dosing
from euexia.protocol.condition import MeasureHistory, Readings, once
from euexia.protocol.protocol import Treatment

RULE = protocol.load("lenalidomide").rules["crp_guided"]
DAYS = (3.0, 7.0, 10.0, 14.0, 17.0, 21.0, 24.0, 28.0, 31.0, 35.0)
PATIENTS = 4

reading = st.one_of(st.just(float("nan")), st.floats(0.0, 300.0))
visit = st.lists(
    st.tuples(reading, st.floats(0.0, 6.0) | st.just(float("nan")), reading, reading),
    min_size=PATIENTS,
    max_size=PATIENTS,
)
course = st.lists(visit, min_size=len(DAYS), max_size=len(DAYS))


def readings(values: np.ndarray) -> Readings:
    crp = np.stack([np.full(len(values), 60.0), values[:, 0]], axis=-1)
    return {
        "crp": MeasureHistory(np.array([0.0, 1.0]), crp, now=1, baseline=0),
        "neutrophils": once(values[:, 1]),
        "platelets": once(values[:, 2]),
        "creatinine_clearance": once(values[:, 3]),
    }


def run(
    visits: list[list[tuple[float, ...]]], rows: list[int]
) -> tuple[np.ndarray, np.ndarray, list[dosing.RuleState]]:
    state = dosing.start(RULE, Treatment(drug="lenalidomide", dose=5.0, rule=RULE.name), len(rows))
    doses, reasons, states = [], [], []
    for day, values in zip(DAYS, visits, strict=True):
        decision = dosing.decide(RULE, state, readings(np.array(values)[rows]), day)
        state = decision.state
        doses.append(decision.dose)
        reasons.append(decision.reason)
        states.append(state)
    return np.array(doses), np.array(reasons), states


@settings(max_examples=60, deadline=None)
@given(course)
def test_doses_are_levels_and_stops_are_final(visits: list[list[tuple[float, ...]]]) -> None:
    doses, reasons, states = run(visits, list(range(PATIENTS)))
    assert set(np.unique(doses)) <= {0.0, *RULE.levels}
    for earlier, later in itertools.pairwise(states):
        assert not (earlier.stopped & ~later.stopped).any()
        assert (later.dose(RULE)[earlier.stopped] == 0.0).all()
    for state, dose in zip(states, doses, strict=True):
        assert (dose[state.held | state.stopped] == 0.0).all()
        assert not (state.held & state.stopped).any()
    assert reasons.min() >= 0
    assert reasons.max() < len(dosing.reasons(RULE))


@settings(max_examples=60, deadline=None)
@given(course, st.permutations(range(PATIENTS)))
def test_patients_do_not_influence_one_another(
    visits: list[list[tuple[float, ...]]], order: list[int]
) -> None:
    together, why, _ = run(visits, list(range(PATIENTS)))
    shuffled, shuffled_why, _ = run(visits, order)
    assert (shuffled == together[:, order]).all()
    assert (shuffled_why == why[:, order]).all()
    alone, _, _ = run(visits, [2])
    assert (alone[:, 0] == together[:, 2]).all()


@settings(max_examples=60, deadline=None)
@given(course)
def test_no_reading_changes_no_dose(visits: list[list[tuple[float, ...]]]) -> None:
    """A visit without any reading keeps every dose as it is."""
    _, _, states = run(visits, list(range(PATIENTS)))
    nothing = readings(np.full((PATIENTS, 4), np.nan))
    decision = dosing.decide(RULE, states[-1], nothing, 49.0)
    assert (decision.dose == states[-1].dose(RULE)).all()


@settings(max_examples=60, deadline=None)
@given(course)
def test_the_dose_rises_by_one_level_at_most_once_a_week(visits: list[list[tuple[float, ...]]]) -> None:
    doses, reasons, _ = run(visits, list(range(PATIENTS)))
    raised = len(dosing.GENERAL_REASONS) + [clause.id for clause in RULE.clauses].index("raise_for_crp")
    before = np.vstack([np.full(PATIENTS, 5.0), doses[:-1]])
    assert (doses[reasons == raised] - before[reasons == raised] == 5.0).all()
    for patient in range(PATIENTS):
        days = [day for day, why in zip(DAYS, reasons[:, patient], strict=True) if why == raised]
        assert all(later - earlier >= 7.0 for earlier, later in itertools.pairwise(days))
