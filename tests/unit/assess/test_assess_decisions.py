"""Definitions on records, trials that fit, and the next dose, by the code that serves virtual patients."""

import json
from datetime import UTC, date, datetime

import numpy as np
import pytest

from euexia import protocol as protocols
from euexia.assess import audit, label_dose
from euexia.assess.assessment import applicable, assess, tables
from euexia.assess.columns import Baseline, Settings
from euexia.assess.matching import screen
from euexia.assess.next_dose import next_dose
from euexia.assess.record import Record, Series, occasions, to_day
from euexia.core.errors import InputError, UnknownNameError
from euexia.core.logic import FALSE, TRUE, UNKNOWN
from euexia.criteria.catalogue import DEFINITIONS
from euexia.criteria.dosing_labels import Indication, Region
from euexia.protocol import dosing

LENALIDOMIDE = protocols.load("lenalidomide")
START = date(2026, 6, 1)
DAY = to_day(START)


def record(patients=("P",), **measures):
    """Return a record from measure=[(day from the start, value) or (patient, day, value)]."""
    found = {}
    for name, readings in measures.items():
        rows = [(0, *reading) if len(reading) == 2 else reading for reading in readings]
        who, when, what = zip(*rows, strict=True)
        found[name] = Series.sorted(who, [DAY + day for day in when], what, range(2, 2 + len(rows)))
    return Record(patients=patients, series=found)


def last(given, **options):
    return assess(given, at=occasions(given, last_only=True), **options)


# --- definitions


@pytest.mark.parametrize(
    ("earlier", "now", "truth"),
    [(80.0, 75.0, TRUE), (70.0, 66.5, UNKNOWN), (70.0, 66.4, TRUE), (70.0, 69.0, FALSE)],
)
def test_fearon_from_weights_alone(earlier, now, truth):
    """6.25 % is more than 5 %. Exactly 5 %: open, as muscle was not measured. 1.4 %: cachexia by no arm."""
    given = record(body_weight=[(0, earlier), (182, now)], height=[(182, 172.0)])
    outcome = last(given).outcomes["fearon2011"]
    assert outcome.truth.tolist() == [truth]


def test_an_exact_loss_of_5_percent_never_exceeds_5_percent_from_a_table():
    """All 800 weights from 40.0 to 119.9 kg after a loss of exactly 5 %, no sarcopenia, BMI over 20."""
    weights = np.arange(400, 1200) / 10
    size = len(weights)
    who = np.arange(size)
    given = Record(
        patients=tuple(str(number) for number in who),
        series={
            "body_weight": Series.sorted(
                [*who, *who], [0] * size + [182] * size, [*weights, *(weights * 95 / 100)], range(2 * size)
            ),
            "bmi": Series.sorted(who, [182] * size, [24.0] * size, range(size)),
            "sarcopenia": Series.sorted(who, [182] * size, [0.0] * size, range(size)),
        },
    )
    assert set(last(given).outcomes["fearon2011"].truth.tolist()) == {int(FALSE)}


def test_the_table_says_why_and_what_is_missing():
    given = record(body_weight=[(0, 60.0), (182, 58.5)], height=[(182, 170.0)])
    found = {str(t["definition"].iloc[0]): t for t in tables(last(given))}["fearon2011"]
    row = found.iloc[0]
    assert (row["patient"], row["answer"], row["missing"]) == ("P", "UNKNOWN", "sarcopenia")
    assert row["citation"].startswith("Fearon")
    assert row["version"] == DEFINITIONS["fearon2011"].version
    assert row["source_verified"] == DEFINITIONS["fearon2011"].source_verified


def test_only_what_can_be_asked_is_asked():
    names = {definition.id for definition in applicable(record(crp=[(0, 5.0)], albumin=[(0, 30.0)]))}
    assert {"mgps", "gps", "car"} <= names
    assert not {"wlgs2015", "bia_sergi", "nlr"} & names
    assert applicable(record(male=[(0, 1.0)])) == ()


def test_assessing_in_any_order_gives_the_same():
    given = record(("P", "Q"), body_weight=[(0, 0, 80.0), (0, 182, 75.0), (1, 0, 60.0), (1, 182, 59.9)])
    both = last(given).outcomes["fearon2011"].truth
    second = assess(given, at=occasions(record(("P", "Q"), body_weight=[(1, 182, 0.0)])))
    assert second.outcomes["fearon2011"].truth.tolist() == [both[1]]


def test_response_is_counted_from_the_first_reading_when_asked():
    """Muscle 120 to 122.81 cm2 is lean mass +2.004 %, and grip +4 kg: a responder. +2.0 % of area is not."""
    first = Settings(baseline=Baseline.FIRST)
    for area, truth in ((122.81, TRUE), (122.4, FALSE)):
        given = record(
            skeletal_muscle_area=[(0, 120.0), (56, area)],
            handgrip_strength=[(0, 26.0), (56, 30.0)],
            body_weight=[(0, 60.0), (56, 63.1)],
        )
        found = assess(given, settings=first)
        assert found.outcomes["resp_nct01127386"].truth.tolist() == [UNKNOWN, truth]
        assert found.outcomes["resp_weight5"].truth.tolist() == [UNKNOWN, TRUE]
        assert "resp_weight5" not in assess(given).outcomes


def test_weeks_of_treatment_are_counted_from_the_first_reading():
    """Weeks 6 and 12 are days 42 and 84; a reading within a week of them counts, one 8 days off does not."""
    given = record(handgrip_strength=[(0, 26.0), (40, 27.0), (92, 30.0)])
    found = assess(given, settings=Settings(baseline=Baseline.FIRST)).columns
    np.testing.assert_equal(found["handgrip_strength_week_6"], [np.nan, 27.0, 27.0])
    np.testing.assert_equal(found["handgrip_strength_week_12"], [np.nan, np.nan, np.nan])
    np.testing.assert_equal(found["handgrip_strength_at_baseline"], [np.nan, 26.0, 26.0])


# --- matching

ELIGIBLE = {
    "age": [(0, 66.0)],
    "male": [(0, 1.0)],
    "advanced_solid_tumour": [(0, 1.0)],
    "able_to_eat": [(0, 1.0)],
    "expected_survival_over_3_months": [(0, 1.0)],
    "ecog": [(0, 1.0)],
    "excluded_medication": [(0, 0.0)],
    "crp": [(0, 30.0)],
    "other_cause_of_inflammation": [(0, 0.0)],
    "neutrophils": [(0, 4.0)],
    "platelets": [(0, 200.0)],
    "creatinine": [(0, 80.0)],
    "bilirubin": [(0, 10.0)],
    "ast": [(0, 1.0)],
    "alt": [(0, 1.0)],
    "fluid_retention": [(0, 0.0)],
    "weight_loss_involuntary": [(0, 1.0)],
    "body_weight": [(-182, 70.0), (-61, 67.0), (-28, 66.4), (0, 65.6)],
}


def answer(**changes):
    given = record(**{name: readings for name, readings in {**ELIGIBLE, **changes}.items() if readings})
    return screen(LENALIDOMIDE, given, occasions(given, last_only=True))


def test_who_meets_every_line_fits():
    """CRP of exactly 30 mg/L and a loss of 6.3 % in 6 months: the registered criteria are met."""
    found = answer()
    assert found.eligible.tolist() == [TRUE]
    assert list(found.hindrances(0)) == []


def test_who_fails_a_line_learns_which_and_by_how_much():
    found = answer(crp=[(0, 24.0)])
    (line,) = found.hindrances(0)
    assert found.eligible.tolist() == [FALSE]
    assert (line.criterion, line.truth) == ("inflammation", FALSE)
    assert line.reading == "24 mg/L; asked: CRP ≥ 30 mg/L, missed by 6 mg/L"


def test_what_is_missing_is_named():
    found = answer(ecog=[], body_weight=[(-28, 66.4), (0, 65.6)])
    assert found.eligible.tolist() == [UNKNOWN]
    lines = {line.criterion: line for line in found.hindrances(0)}
    assert set(lines) == {"performance_status", "weight_loss"}
    assert lines["weight_loss"].missing == (
        "weight of about 61 days before",
        "weight of about 183 days before",
    )


def test_an_old_reading_no_longer_counts():
    assert answer(crp=[(-31, 60.0)]).eligible.tolist() == [UNKNOWN]


# --- next dose

BASE = {
    "crp": [(0, 42.0), (3, 40.0), (7, 38.0)],
    "neutrophils": [(0, 4.0), (3, 4.0), (7, 3.5)],
    "platelets": [(0, 220.0), (3, 210.0), (7, 200.0)],
    "creatinine": [(0, 80.0), (3, 80.0), (7, 80.0)],
    "body_weight": [(0, 62.0)],
    "age": [(0, 66.0)],
    "male": [(0, 1.0)],
}


def dose(**changes):
    given = record(**{name: readings for name, readings in {**BASE, **changes}.items() if readings})
    return next_dose(LENALIDOMIDE, "lenalidomide", "crp_guided", given, "P", first_dose=START)


def test_the_dose_rises_after_a_week_without_a_fall_of_crp():
    """The protocol's rule: 5 mg, one level up when CRP has not fallen by 30 % and a week has passed."""
    found = dose()
    assert [(check.day, check.before, check.dose) for check in found.checks] == [
        (3.0, 5.0, 5.0),
        (7.0, 5.0, 10.0),
    ]
    assert found.checks[-1].reason == "crp_guided.raise_for_crp"
    assert "raise from 5 mg to 10 mg" in found.checks[-1].text
    assert found.safety_unknown == ()


def test_the_replay_is_the_simulators_decision():
    """The same readings given straight to ``protocol.dosing.decide``."""
    found = dose()
    treatment = LENALIDOMIDE.arms[1].treatments[0]
    rule = dosing.rule_of(LENALIDOMIDE, treatment)
    assert found.rule == rule
    assert found.dose == rule.levels[1]


def test_a_low_count_holds_the_dose():
    found = dose(neutrophils=[(0, 4.0), (3, 4.0), (7, 0.9)])
    assert (found.dose, found.held) == (0.0, True)
    assert "Grade 3 neutropenia" in found.checks[-1].text


def test_a_count_that_was_not_read_forbids_the_raise_and_is_named():
    found = dose(neutrophils=[(0, 4.0), (3, 4.0)])
    assert found.dose == 5.0
    assert "Grade 3 neutropenia" in found.safety_unknown
    advice = label_dose.advise(found, Region.EU, Indication.MULTIPLE_MYELOMA, dialysis=False)
    assert advice.dose is None


@pytest.mark.parametrize(
    ("creatinine", "region", "expected"),
    [
        # Cockcroft-Gault, man, 66 years, 62 kg: (140 - 66) 62 / (72 Scr); 100 umol/L gives 56 mL/min
        (100.0, Region.EU, 25.0),
        (100.0, Region.US, 10.0),
        (80.0, Region.US, 25.0),  # 70 mL/min
    ],
)
def test_the_labels_differ_between_50_and_60(creatinine, region, expected):
    steady = {"neutrophils": 4.0, "platelets": 200.0, "crp": 42.0}
    readings = {name: [(0, value), (7, value)] for name, value in steady.items()}
    given = record(**{**BASE, **readings, "creatinine": [(0, creatinine), (7, creatinine)]})
    found = next_dose(LENALIDOMIDE, "lenalidomide", "fixed", given, "P", first_dose=START)
    advice = label_dose.advise(found, region, Indication.MULTIPLE_MYELOMA, dialysis=False)
    assert found.dose == 25.0
    assert advice.dose == expected


def test_unknown_kidneys_are_never_taken_for_good_ones():
    found = dose(creatinine=[])
    advice = label_dose.advise(found, Region.US, Indication.MULTIPLE_MYELOMA, dialysis=False)
    assert advice.dose is None
    assert "Measure creatinine" in advice.reasons[-1]


def test_a_held_dose_is_said_even_if_the_kidneys_are_unknown():
    found = dose(neutrophils=[(0, 4.0), (3, 4.0), (7, 0.9)], creatinine=[])
    advice = label_dose.advise(found, Region.EU, Indication.MULTIPLE_MYELOMA, dialysis=False)
    assert advice.dose == 0.0


def test_where_label_and_rule_cannot_be_joined_a_person_decides():
    """On dialysis the US label gives 5 mg a day after it in myeloma, but three times a week in MDS."""
    found = dose(crp=[(0, 42.0), (3, 20.0), (7, 20.0)])
    assert found.dose == 5.0
    daily = label_dose.advise(found, Region.US, Indication.MULTIPLE_MYELOMA, dialysis=True)
    assert daily.dose == 5.0
    rarer = label_dose.advise(found, Region.US, Indication.MYELODYSPLASTIC_SYNDROME, dialysis=True)
    assert rarer.dose is None
    assert "A person must decide" in rarer.reasons[-1]


def test_nothing_to_decide_on_is_an_error():
    with pytest.raises(InputError, match="no dose can be decided"):
        dose(crp=[(0, 42.0)], neutrophils=[(0, 4.0)], platelets=[(0, 220.0)], creatinine=[(0, 80.0)])
    with pytest.raises(UnknownNameError, match="no arm called 'guided'"):
        next_dose(LENALIDOMIDE, "lenalidomide", "guided", record(**BASE), "P", first_dose=START)
    with pytest.raises(InputError, match="gives no drug"):
        next_dose(LENALIDOMIDE, "lenalidomide", "control", record(**BASE), "P", first_dose=START)


# --- the log


def test_the_log_only_grows_and_shows_a_change(tmp_path):
    log = tmp_path / "log.jsonl"
    when = datetime(2026, 6, 8, tzinfo=UTC)
    first = audit.append(log, {"patient": "P", "dose": 5}, now=when)
    audit.append(log, {"patient": "P", "dose": 10}, now=when)
    lines = log.read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[1])["previous"] == first == audit.line_hash(lines[0])
    assert audit.verify(log).lines == 2
    log.write_text(lines[0].replace('"dose": 5', '"dose": 25') + f"\n{lines[1]}\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2 does not follow"):
        audit.append(log, {"patient": "P", "dose": 15}, now=when)


def test_a_removed_line_is_noticed(tmp_path):
    log = tmp_path / "log.jsonl"
    for number in range(3):
        audit.append(log, {"number": number})
    lines = log.read_text(encoding="utf-8").splitlines()
    log.write_text(f"{lines[0]}\n{lines[2]}\n", encoding="utf-8")
    with pytest.raises(InputError, match="was changed"):
        audit.verify(log)
