"""Public data of real trials, read from the files of clinical research to the published figures.

The data are not part of the project: EUEXIA_PUBLIC_DATA names a folder that holds them, else these tests are
skipped.  Wanted: ``cdisc_pilot_adam`` (ADaM of the CDISC pilot study in several formats),
``pharmaverse_sdtm`` (SDTM of the same study), ``cdisc_datasetjson_examples`` (CDISC's examples).
"""

import os
from pathlib import Path

import numpy as np
import pytest

from euexia.formats.read import read as read_files
from euexia.standards import export
from euexia.standards.read import read
from euexia.standards.understanding import Level
from euexia.statistics import ancova, log_rank
from euexia.statistics.contrasts import pairs

FOLDER = os.environ.get("EUEXIA_PUBLIC_DATA", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="EUEXIA_PUBLIC_DATA names no folder of public data")


def public(name):
    path = Path(FOLDER) / name
    if not path.exists():
        pytest.skip(f"{name} is not in EUEXIA_PUBLIC_DATA")
    return path


def arm_sizes(data):
    return dict(zip(data.arms, np.bincount(data.subjects["arm"][0].astype(int)).tolist(), strict=True))


@pytest.fixture(scope="module")
def adam():
    return read(public("cdisc_pilot_adam/csv"))


@pytest.fixture(scope="module")
def sdtm():
    return read(public("pharmaverse_sdtm"))


def test_the_pilot_has_254_subjects_in_its_published_arms(adam, sdtm):
    """Table 14-2.01 of the pilot's report: 86 placebo, 84 low, 84 high dose; mean ages 75.2, 75.7, 74.4."""
    data, _ = adam
    assert data.size == 254
    assert arm_sizes(data) == {"placebo": 86, "xanomeline_low_dose": 84, "xanomeline_high_dose": 84}
    ages = [data.subjects["age"][data.subjects["arm"] == arm].mean() for arm in range(3)]
    assert [round(age, 1) for age in ages] == [75.2, 75.7, 74.4]
    other, _ = sdtm
    assert other.size == 254
    assert arm_sizes(other) == {"pbo": 86, "xan_hi": 84, "xan_lo": 84}
    assert round(float(other.subjects["age"].mean()), 6) == round(float(data.subjects["age"].mean()), 6)


def test_weights_are_the_same_by_sdtm_and_by_adam(adam, sdtm):
    """2,050 weights of 254 subjects; ADVS lists 226 of them again under "End of Treatment"."""
    values = []
    for data, _ in (adam, sdtm):
        weight = data.readings["body_weight"].value[0]
        assert int((~np.isnan(weight)).sum()) == 2050
        assert (~np.isnan(weight)).any(axis=1).all()
        values.append(np.sort(weight[~np.isnan(weight)]))
    np.testing.assert_allclose(values[0], values[1], atol=0.006)


def test_disposition_is_that_of_the_report(adam, sdtm):
    """110 of 254 completed, 3 died, so 141 left otherwise (DSDECOD of the 254 randomised)."""
    for data, _ in (adam, sdtm):
        died = ~np.isnan(data.subjects["death_day"])
        left = ~np.isnan(data.subjects["withdrawal_day"])
        assert (int(died.sum()), int(left.sum())) == (3, 141)
        assert data.events.trial.size == 1191


def test_oddities_of_the_pilot_are_named(adam, sdtm):
    """ADLBC dates of another calendar, urine creatinine, severities for grades, one file not in UTF-8."""
    _, told = adam
    days = [one for one in told.conflicts if one.topic == "day"]
    assert {one.place.split(",")[0] for one in days} == {"ADLBC", "ADLBH"}
    _, told = sdtm
    assert any(one.place == "ts.csv.gz" and "utf-8" in one.text for one in told.of(Level.LEFT_OUT))
    assert sum(one.count for one in told.of(Level.LEFT_OUT) if one.topic == "partial date") == 26
    assert {"specimen", "grade", "treatment stop"} <= {one.topic for one in told.of(Level.UNDERSTOOD)}


def test_the_same_trial_comes_out_of_every_format(adam):
    """ADaM as CSV and as compressed Dataset-JSON: the same readings to the digits that are printed."""
    data, _ = adam
    other, _ = read(public("cdisc_pilot_adam/dataset_json_compressed"))
    assert other.arms == data.arms
    assert set(other.readings) == set(data.readings)
    for measure, part in data.readings.items():
        assert other.readings[measure].visits == part.visits
        np.testing.assert_allclose(other.readings[measure].value, part.value, rtol=1e-11)
        np.testing.assert_array_equal(other.readings[measure].day, part.day)


def test_the_examples_of_cdisc_are_one_trial_in_four_formats():
    data, told = read(public("cdisc_datasetjson_examples/sdtm"))
    assert data.size == 17
    assert any("the same to the digits" in one.text for one in told.remarks if one.place == "lb.xpt")


def test_a_real_trial_survives_being_written(sdtm, tmp_path):
    """The pilot's SDTM written as SDTM, read, written as ADaM and read: the same subjects and readings."""
    data, _ = sdtm
    export.write(tmp_path / "sdtm", data, export.Standard.SDTM, export.FileFormat.XPT)
    again, told = read(tmp_path / "sdtm")
    assert not told.conflicts
    export.write(tmp_path / "adam", again, export.Standard.ADAM, export.FileFormat.DATASET_JSON)
    for found in (again, read(tmp_path / "adam")[0]):
        assert found.arms == data.arms
        for name, column in data.subjects.items():
            np.testing.assert_array_equal(found.subjects[name], column, err_msg=name)
        for measure, part in data.readings.items():
            assert as_rows(found.readings[measure]) == as_rows(part)


def as_rows(part):
    """Return the values of readings by subject, visit and day."""
    where = zip(*np.nonzero(~np.isnan(part.value[0])), strict=True)
    return {(who, part.visits[at], part.day[0, who, at], part.value[0, who, at]) for who, at in where}


ADADAS = ("dataset_json/adadas.json", "dataset_json_compressed/adadas.dsjc", "csv/adadas.csv.gz")


@pytest.mark.parametrize("file", ADADAS)
def test_the_primary_table_of_the_pilot_from_every_format(file):
    """Table 14-3.01 of the report (SAS, 2006): ADAS-Cog(11), change to week 24, LOCF, rounded as printed."""
    (dataset,) = read_files(public(f"cdisc_pilot_adam/{file}"))
    table = dataset.frame()
    chosen = table[
        (table["EFFFL"] == "Y") & (table["ITTFL"] == "Y") & (table["PARAMCD"] == "ACTOT")
        & (table["ANL01FL"] == "Y") & (table["AVISITN"] == 24)
    ]  # fmt: skip
    dose = chosen["TRTPN"].to_numpy(dtype=float)
    arm = np.unique(dose, return_inverse=True)[1]
    site = np.unique(chosen["SITEGR1"].astype(str), return_inverse=True)[1]
    change = chosen["CHG"].to_numpy(dtype=float)[np.newaxis]
    model = {
        "covariates": [chosen["BASE"].to_numpy(dtype=float)[np.newaxis]],
        "factors": [site[np.newaxis]],
    }
    assert np.bincount(arm).tolist() == [79, 81, 74]
    fit = ancova.estimate(change, arm[np.newaxis], arms=3, **model)
    found = ancova.compare(fit, pairs(3))
    assert found.estimate[0].round(1).tolist() == [-0.5, -1.0, -0.5]
    assert found.error[0].round(2).tolist() == [0.82, 0.84, 0.84]
    assert found.p_value[0].round(3).tolist() == [0.569, 0.233, 0.520]
    trend = ancova.dose_response(change, dose[np.newaxis], **model)
    assert round(trend.p_value.item(), 3) == 0.245


ADTTE = ("dataset_json/adtte.json", "dataset_json/adtte.ndjson", "dataset_json_compressed/adtte.dsjc",
         "xpt/adtte.xpt", "csv/adtte.csv.gz")  # fmt: skip


@pytest.mark.parametrize("file", ADTTE)
def test_time_to_the_first_dermatologic_event_from_every_format(file):
    """Events 29 of 86, 62 of 84 and 61 of 84; log-rank chi-squared 60.27 over three groups (R survival)."""
    (dataset,) = read_files(public(f"cdisc_pilot_adam/{file}"))
    table = dataset.frame()
    group = np.unique(table["TRTAN"].to_numpy(dtype=float), return_inverse=True)[1]
    event = table["CNSR"].to_numpy(dtype=float) == 0
    assert np.bincount(group).tolist() == [86, 84, 84]
    assert [int(event[group == arm].sum()) for arm in range(3)] == [29, 62, 61]
    found = log_rank.test(table["AVAL"].to_numpy(dtype=float), event, group)
    assert found.statistic.item() == pytest.approx(60.27, abs=0.005)
