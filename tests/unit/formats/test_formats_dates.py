"""Partial dates are read as they are, impossible ones named, SAS numbers turned both ways."""

import numpy as np
import pytest

from euexia.formats import dates
from euexia.formats.dataset import DataType, text_column
from euexia.formats.dates import Moment, Precision


@pytest.mark.parametrize(
    ("text", "moment", "precision"),
    [
        ("2020", Moment(year=2020), Precision.YEAR),
        ("2020-03", Moment(year=2020, month=3), Precision.MONTH),
        ("2020---15", Moment(year=2020, day=15), Precision.YEAR),
        ("--03-15", Moment(month=3, day=15), Precision.NOTHING),
        ("-----T07:15", Moment(hour=7, minute=15), Precision.NOTHING),
        ("2020-03-15", Moment(year=2020, month=3, day=15), Precision.DAY),
        ("2020-03-15T-:15", Moment(year=2020, month=3, day=15, minute=15), Precision.DAY),
        ("2020-03-15T07", Moment(year=2020, month=3, day=15, hour=7), Precision.HOUR),
        (
            "2020-03-15T07:15:30.5+02:00",
            Moment(year=2020, month=3, day=15, hour=7, minute=15, second=30.5, offset="+02:00"),
            Precision.SECOND,
        ),
        ("--02-29", Moment(month=2, day=29), Precision.NOTHING),
    ],
)
def test_partial_dates(text, moment, precision):
    assert dates.parse(text) == moment
    assert moment.precision is precision


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2021-02-29", "February 2021 has 28 days"),
        ("2021-13-01", "no month 13"),
        ("2021-00-01", "no month 0"),
        ("2021-04-31", "April 2021 has 30 days"),
        ("2021---32", "a month has 31 days"),
        ("--02-30", "February has 29 days"),
        ("0000-01-01", "no year 0"),
        ("2021-01-01T25:00", "no hour 25"),
        ("2021-01-01T07:60", "no minute 60"),
        ("2021-01-01T07:15:61", "no second 61"),
        ("2021-01-01T07:15+19:00", "no offset +19:00"),
        ("15MAR2020", "not an ISO 8601 date"),
        ("2020-3-5", "not an ISO 8601 date"),
        ("٢٠٢٠", "not an ISO 8601 date"),
    ],
)
def test_impossible_dates_are_named(text, problem):
    assert problem in dates.parse(text)


def test_faults_name_row_and_column_and_skip_what_is_missing():
    column = text_column(["2020", None, "", "2021-02-29", "2021-02-29"])
    found = dates.faults(column, DataType.DATE, "AESTDTC")
    assert [one.place for one in found] == ["row 4, column AESTDTC", "row 5, column AESTDTC"]


def test_days_are_counted_for_complete_dates_only():
    """1960-01-01 is day 0 of SAS; 2014-01-02 is 19725, as the transport files of the CDISC pilot have it."""
    column = text_column(["1960-01-01", "2014-01-02", "2014-01-02T08:00", "2014-01", None, "2021-02-29"])
    found = dates.days(column)
    assert found[:3].tolist() == [0, 19725, 19725]
    assert np.isnan(found[3:]).all()


def test_sas_numbers_both_ways():
    seconds = np.array([0.0, 1234567890.25, -1.0, np.nan])
    texts, wrong = dates.iso_text(seconds, DataType.DATETIME)
    assert texts.tolist() == ["1960-01-01T00:00:00", "1999-02-13T23:31:30.25", "1959-12-31T23:59:59", None]
    assert not wrong.any()
    np.testing.assert_array_equal(dates.sas_numbers(texts, DataType.DATETIME), seconds)
    times = dates.sas_numbers(text_column(["07:15:30", "T23:59"]), DataType.TIME)
    assert times.tolist() == [26130.0, 86340.0]
    assert dates.iso_text(times, DataType.TIME)[0].tolist() == ["07:15:30", "23:59:00"]


def test_numbers_that_are_no_dates_are_said():
    texts, wrong = dates.iso_text(np.array([1.5, 1e9, -200_000.0, np.inf]), DataType.DATE)
    assert wrong.all()
    assert texts.tolist() == [None] * 4
    assert dates.iso_text(np.array([86_400.0, -1.0, 1e-9]), DataType.TIME)[1].all()


@pytest.mark.parametrize(
    ("name", "data_type"),
    [
        ("DATE9.", DataType.DATE),
        ("yymmdd10.", DataType.DATE),
        ("E8601DA.", DataType.DATE),
        ("DATETIME20.", DataType.DATETIME),
        ("E8601DT19.", DataType.DATETIME),
        ("TIME8.", DataType.TIME),
        ("8.2", None),
        ("$10.", None),
        ("", None),
        ("BEST12.", None),
    ],
)
def test_sas_formats_say_what_a_number_is(name, data_type):
    assert dates.sas_format_type(name) is data_type
