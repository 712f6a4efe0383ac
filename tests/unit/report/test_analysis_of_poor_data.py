"""Trials from which little can be told: every method says so, and no page fails or prints NaN."""

import re
from dataclasses import replace

import numpy as np
import pytest

from builders.plans import eventful_stack, full_protocol
from builders.trials import make_events
from euexia.core.errors import TrialDataError
from euexia.report.analysis_material import AnalysisMaterial
from euexia.report.analysis_report import files
from euexia.standards.understanding import Understanding
from euexia.study.real import TrialSource, analyse

BASE = eventful_stack(1, 40)
NEVER = np.full((1, 40), np.nan)


def analysed(data):
    """Return the trial analysed by every method."""
    source = TrialSource(
        data=data,
        understanding=Understanding(standard="own tables"),
        path="data",
        mapping=None,
        hash="0" * 64,
    )
    return analyse(source, full_protocol())


def with_subjects(**columns):
    return replace(BASE, subjects={**BASE.subjects, **columns})


def with_values(change, *measures):
    """Return the trial with readings changed, NaN where nothing was read."""
    chosen = measures or tuple(BASE.readings)
    parts = {
        name: replace(part, value=np.where(np.isnan(part.value), np.nan, change(part.value)))
        for name, part in BASE.readings.items()
        if name in chosen
    }
    return replace(BASE, readings={**BASE.readings, **parts})


def all_dead():
    """Everybody of the control arm died on day 5."""
    control = BASE.subjects["arm"] == 1
    end = np.where(control, 5.0, 84.0)
    data = with_subjects(
        death_day=np.where(control, 5.0, np.nan),
        withdrawal_day=NEVER,
        treatment_stop_day=NEVER,
        rescue_day=NEVER,
        last_contact_day=end,
    )
    readings = {
        name: replace(part, value=np.where(part.day > end[..., np.newaxis], np.nan, part.value))
        for name, part in data.readings.items()
    }
    return replace(data, readings=readings, events=make_events())


def one_visit_less(value):
    blank = value.copy()
    blank[..., 2] = np.nan
    return blank


CASES = {
    "an arm of which all died": all_dead,
    "one arm": lambda: with_subjects(arm=BASE.subjects["arm"] * 0),
    "identical values": lambda: with_values(lambda value: value * 0 + 40.0),
    "a visit without a reading": lambda: with_values(one_visit_less, "body_weight"),
    "one sex": lambda: with_subjects(sex=BASE.subjects["sex"] * 0),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_not_estimated_is_said(case):
    """A result without a number has a diagnosis; a result without an interval has one too."""
    trial = analysed(CASES[case]())
    for result in trial.results:
        known = np.isfinite(result.estimate[0])
        if result.method != "category_table" and not known:
            assert result.diagnosis[0], result.analysis
        if known and np.isnan(result.low[0]) and np.isnan(result.high[0]):
            assert result.diagnosis[0], result.analysis
    written = files(AnalysisMaterial(trial=trial), ("html", "rtf", "csv"))
    for name in ("report.html", "tables.html", "results.json", "results.csv"):
        text = written[name].decode()
        assert re.findall(r".{0,30}(?:>nan|NaN|\bnan\b|>inf\b|\binf\b).{0,30}", text) == [], name
    if case != "one sex":
        assert "What was not estimated, and why" in written["report.html"].decode()


def test_infinite_readings_are_refused():
    with pytest.raises(TrialDataError, match="infinite readings of body_weight"):
        analysed(with_values(lambda value: value + np.inf, "body_weight"))
