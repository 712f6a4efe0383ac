"""What must not change an answer does not: order of rows, unit of a weight, other patients."""

import tempfile
from datetime import date
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from euexia.assess import Record, assess, check, occasions, read
from euexia.assess.record import Series

TODAY = date(2026, 11, 1)
POUND = 0.45359237
WEIGHTS = st.lists(
    st.tuples(st.sampled_from("PQR"), st.integers(1, 28), st.integers(1, 10), st.integers(40, 120)),
    min_size=1,
    max_size=20,
    unique_by=lambda reading: reading[:3],
)


def answers(lines, order):
    """Return Fearon's answers by patient and date from a table with its rows in an order."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        rows = [lines[index] for index in order]
        path.write_text("patient,date,measure,value,unit\n" + "\n".join(rows) + "\n", encoding="utf-8")
        record = check(read(path, today=TODAY).record).record
    found = assess(record)
    truth = found.outcomes["fearon2011"].truth if "fearon2011" in found.outcomes else np.full(len(found), -1)
    names = [record.patients[who] for who in found.at.patient]
    return dict(zip(zip(names, found.at.day.tolist(), strict=True), truth.tolist(), strict=True))


def rows_of(weights, unit="kg", size=1.0):
    lines = [
        f"{who},2026-{month:02d}-{day:02d},body_weight,{kg / size!r},{unit}"
        for who, day, month, kg in weights
    ]
    return lines + [f"{who},2026-01-01,height,170,cm" for who in sorted({weight[0] for weight in weights})]


@settings(max_examples=25, deadline=None)
@given(weights=WEIGHTS, data=st.data())
def test_the_order_of_rows_changes_nothing(weights, data):
    lines = rows_of(weights)
    shuffled = data.draw(st.permutations(range(len(lines))))
    assert answers(lines, range(len(lines))) == answers(lines, shuffled)


@settings(max_examples=25, deadline=None)
@given(weights=WEIGHTS)
def test_pounds_give_the_answers_of_kilograms(weights):
    """Even at the limits: comparisons are exact to one part in 1e9."""
    kilograms, pounds = rows_of(weights), rows_of(weights, "lb", POUND)
    assert answers(kilograms, range(len(kilograms))) == answers(pounds, range(len(pounds)))


@settings(max_examples=25, deadline=None)
@given(weights=WEIGHTS)
def test_patients_do_not_know_each_other(weights):
    together = answers(rows_of(weights), range(len(rows_of(weights))))
    for who in {weight[0] for weight in weights}:
        own = rows_of([weight for weight in weights if weight[0] == who])
        alone = answers(own, range(len(own)))
        assert {key: truth for key, truth in together.items() if key[0] == who} == alone


@settings(max_examples=50, deadline=None)
@given(loss=st.floats(-0.2, 0.4), weight=st.floats(40, 120))
def test_more_readings_never_turn_an_answer(loss, weight):
    """A reading that was missing may settle UNKNOWN; TRUE stays TRUE and FALSE stays FALSE."""
    weights = Series.sorted([0, 0], [0, 182], [weight, weight * (1 - loss)], [2, 3])
    some = Record(patients=("P",), series={"body_weight": weights})
    at = occasions(some, last_only=True)
    before = assess(some, at=at).outcomes["fearon2011"].truth[0]
    for sarcopenia in (0.0, 1.0):
        for index in (18.0, 24.0):
            flag = Series.sorted([0], [182], [sarcopenia], [4])
            body = Series.sorted([0], [182], [index], [5])
            more = Record(patients=("P",), series={"body_weight": weights, "sarcopenia": flag, "bmi": body})
            after = assess(more, at=at).outcomes["fearon2011"].truth[0]
            assert before in (-1, after)
