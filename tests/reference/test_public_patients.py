"""Public tables of real people, assessed end to end.

The tables are not part of the project: EUEXIA_PUBLIC_DATA names a folder that holds them, else these tests
are skipped.  Wanted: ``cdisc_pilot_adam/csv/advs.csv.gz`` (CDISC pilot, vital signs), ``survival_classics/
lung.csv`` (NCCTG lung cancer, Loprinzi 1994), ``nhanes/nhanes_1999_2018_bioage_subset.csv.gz`` (NHANES).
"""

import os
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from euexia.assess.assessment import assess, chosen
from euexia.assess.checks import Kind, check
from euexia.assess.mapping import Column, Layout, TableMapping
from euexia.assess.reading import read
from euexia.assess.record import Record, Series, occasions
from euexia.core.logic import FALSE, TRUE, UNKNOWN
from euexia.criteria.outcome import Status

FOLDER = os.environ.get("EUEXIA_PUBLIC_DATA", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="EUEXIA_PUBLIC_DATA names no folder of public tables")
TODAY = date(2026, 11, 1)


def public(name):
    path = Path(FOLDER) / name
    if not path.is_file():
        pytest.skip(f"{name} is not in EUEXIA_PUBLIC_DATA")
    return path


@pytest.fixture(scope="module")
def pilot():
    """Return the checked weights and heights of the CDISC pilot."""
    layout = TableMapping(
        patient="USUBJID",
        date="ADT",
        measure="PARAMCD",
        value="AVAL",
        unit="",
        skip_others=True,
        columns={
            "WEIGHT": Column(measure="body_weight", unit="kg"),
            "HEIGHT": Column(measure="height", unit="cm"),
        },
    )
    return check(read(public("cdisc_pilot_adam/csv/advs.csv.gz"), layout, today=TODAY).record)


def test_the_known_weight_error_is_the_only_reading_withheld(pilot):
    """Subject 01-717-1109: a baseline of 44.45 kg where all other weights are 77 to 81 kg."""
    assert len(pilot.record.patients) == 254
    (withheld,) = [finding for finding in pilot.findings if finding.withheld]
    assert (withheld.patient, withheld.kind, withheld.date) == ("01-717-1109", Kind.JUMP, "2014-01-27")
    assert "44.5 kg" in withheld.text
    changed = {f.patient for f in pilot.findings if f.kind is Kind.IDENTITY}
    assert changed == {"01-705-1349", "01-705-1393", "01-716-1418"}


def test_254_weight_courses_are_assessed(pilot):
    """Sex and sarcopenia are not in the table: many answers stay open, and none of those is no."""
    found = assess(pilot.record, at=occasions(pilot.record, last_only=True)).outcomes["fearon2011"]
    counts = [int((found.truth == answer).sum()) for answer in (TRUE, FALSE, UNKNOWN)]
    assert counts == [14, 89, 151]


def lung_layout():
    return TableMapping(
        layout=Layout.WIDE,
        patient="",
        date="",
        fixed_date="1994-01-01",
        columns={
            "age": Column(measure="age", unit="year"),
            "sex": Column(measure="male", values={"1": 1.0, "2": 0.0}),
            "ph.ecog": Column(measure="ecog"),
            "ph.karno": Column(measure="karnofsky"),
            "meal.cal": Column(measure="energy_intake", unit="kcal/day"),
            "wt.loss": Column(measure="kilograms_lost_6_months", unit="lb"),
        },
    )


def test_lung_cancer_by_kilograms_lost():
    """Loss is in pounds and there is no weight: percentages, and all of Fearon, cannot be known."""
    reading = read(public("survival_classics/lung.csv"), lung_layout(), keep_going=True, today=TODAY)
    record = check(reading.record).record
    assert len(record.patients) == 228
    lost = record.of("kilograms_lost_6_months")
    raw = pd.read_csv(public("survival_classics/lung.csv"))["wt.loss"]
    known = raw[raw >= 0]
    assert len(lost) == len(known)
    np.testing.assert_allclose(np.sort(lost.value), np.sort(known * 0.45359237))
    found = assess(record, definitions=chosen(("fearon2011", "snaq_kruizenga", "karnofsky_to_ecog_ma2010")))
    assert set(found.outcomes["fearon2011"].truth.tolist()) == {int(UNKNOWN)}
    ecog = found.outcomes["karnofsky_to_ecog_ma2010"]
    assert int((ecog.status == Status.OK).sum()) == 227  # one Karnofsky status is not given


def nhanes():
    """Return grip, weight, height and so body-mass index of the people whose grip was measured."""
    frame = pd.read_csv(public("nhanes/nhanes_1999_2018_bioage_subset.csv.gz"), low_memory=False)
    frame = frame[frame["grip_d"].notna() & (frame["age"] >= 20)].reset_index(drop=True)
    who, day, row = np.arange(len(frame)), np.zeros(len(frame)), np.arange(len(frame))
    columns = {"handgrip_strength": "grip_d", "body_weight": "weight", "height": "height", "age": "age"}
    series = {}
    for name, column in columns.items():
        known = frame[column].notna().to_numpy()
        series[name] = Series.sorted(who[known], day[known], frame[column].to_numpy()[known], row[known])
    male = (frame["gender"] == 1).to_numpy(dtype=float)
    series["male"] = Series.sorted(who, day, male, row)
    return Record(patients=tuple(map(str, who)), series=series), frame


def test_low_grip_in_a_population_by_each_definition():
    """Mean grip of men of 60 to 69 is 38.8 kg (8.5): the cut-offs order the shares, whatever the age."""
    record, frame = nhanes()
    men = (frame["gender"] == 1) & frame["age"].between(60, 69)
    assert frame.loc[men, "grip_d"].mean() == pytest.approx(38.8, abs=0.05)
    names = ("weak_grip_fnih2014", "weak_grip_ewgsop2", "weak_grip_awgs2019", "weak_grip_sdoc2020")
    outcomes = assess(check(record).record, definitions=chosen(names)).outcomes
    old = (frame["age"] >= 65).to_numpy()
    shares = [float((outcomes[name].truth[old] == TRUE).mean()) for name in names]
    assert shares == sorted(shares)
    assert len(frame) > 9000
    by_age = [
        float(
            (
                outcomes["weak_grip_ewgsop2"].truth[frame["age"].between(low, low + 9).to_numpy()] == TRUE
            ).mean()
        )
        for low in (50, 60, 70)
    ]
    assert by_age == sorted(by_age)
