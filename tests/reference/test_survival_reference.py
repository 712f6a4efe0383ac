"""Survival methods against R's survival; script, input, raw output and origin in reference/survival."""

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest

from euexia.statistics import competing_risks, cox, kaplan_meier, log_rank, restricted_mean
from euexia.statistics.survival_diagnosis import Diagnosis

FOLDER = Path(__file__).resolve().parents[2] / "reference" / "survival"
EXACT = {"rel": 1e-9, "abs": 1e-12, "nan_ok": True}
"""Closed forms in double precision on both sides; sums are taken in another order."""
MAXIMUM = {"rel": 1e-6, "abs": 1e-9}
"""R ends its search when the log-likelihood moves by less than 1e-9 of itself: half the digits in beta."""
PUBLIC = os.environ.get("EUEXIA_PUBLIC_DATA", "")


def numbers(rows, name):
    return np.array([float(row[name]) if row[name] not in ("", "NA") else np.nan for row in rows])


def read(name):
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


SETS = {}
for line in read("survival.csv"):
    SETS.setdefault(line["set"], []).append(line)
EXPECTED = json.loads((FOLDER / "survival.json").read_text(encoding="utf-8"))
CLASSICS = json.loads((FOLDER / "classics.json").read_text(encoding="utf-8"))


def public(name):
    """Return a table of R's survival, with the columns of the invented trials."""
    found = [
        path for path in (Path(PUBLIC) / name, Path(PUBLIC) / "survival_classics" / name) if path.is_file()
    ]
    if not PUBLIC or not found:
        pytest.skip(f"EUEXIA_PUBLIC_DATA names no folder that holds {name}")
    with found[0].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if name == "lung.csv":
        event = numbers(rows, "status") - 1
        columns = {
            "time": numbers(rows, "time"),
            "event": event,
            "group": numbers(rows, "sex") - 1,
            "stratum": numbers(rows, "ph.ecog"),
            "age": numbers(rows, "age"),
            "score": numbers(rows, "sex"),
            "cause": event,
        }
        known = ~np.isnan(columns["stratum"])
        return {name: values[known] for name, values in columns.items()}
    first = list({row["id"]: row for row in reversed(rows)}.values())
    return {
        "time": numbers(first, "futime"),
        "event": (numbers(first, "status") == 2).astype(float),
        "group": numbers(first, "trt"),
        "stratum": numbers(first, "stage"),
        "age": numbers(first, "age"),
        "score": np.log(numbers(first, "bili")),
        "cause": numbers(first, "status"),
    }


@pytest.fixture(params=[*SETS, "lung", "pbcseq"])
def case(request):
    """Return one trial and what R says of it."""
    if request.param in CLASSICS:
        return public(f"{request.param}.csv"), CLASSICS[request.param]
    rows = SETS[request.param]
    names = ("time", "event", "group", "stratum", "age", "score", "cause")
    return {name: numbers(rows, name) for name in names}, EXPECTED[request.param]


def close(found, expected, **tolerance):
    wanted = np.array(expected, dtype=float)
    assert np.asarray(found) == pytest.approx(wanted, **(tolerance or EXACT))


def covariates(data):
    return np.stack([data["age"], data["score"]], axis=1)


@pytest.mark.parametrize("interval", kaplan_meier.Interval)
def test_curve(case, interval):
    """survfit(conf.type = log-log, log, plain, logit, arcsin); quantiles with Brookmeyer-Crowley limits."""
    data, expected = case
    wanted = expected["curve"][interval.value]
    curve = kaplan_meier.estimate(data["time"], data["event"], interval=interval)
    if "time" in wanted:
        time, at_risk, events, survival, error, low, high, hazard = curve.steps().T
        close(time, wanted["time"])
        close(at_risk, wanted["at_risk"])
        close(events, wanted["events"])
        close(survival, wanted["survival"])
        close(error, wanted["error"])
        close(low, wanted["low"])
        close(high, wanted["high"])
        close(hazard, wanted["hazard"])
    for place, share in enumerate((0.25, 0.5, 0.75)):
        found = kaplan_meier.quantile(curve, share)
        close(found.time, [wanted["quantile"][place]])
        close(found.low, [wanted["quantile_low"][place]])
        close(found.high, [wanted["quantile_high"][place]])


@pytest.mark.parametrize(
    ("name", "stratified", "rho"),
    [
        ("log_rank", False, 0.0),
        ("stratified", True, 0.0),
        ("peto", False, 1.0),
        ("peto_stratified", True, 1.0),
        ("half", False, 0.5),
    ],
)
def test_log_rank(case, name, stratified, rho):
    """survdiff(rho = 0, 1, 0.5), with and without strata: weights are Fleming and Harrington's S(t-)^rho."""
    data, expected = case
    group = data["group"] - data["group"].min()
    strata = data["stratum"] if stratified else None
    kind = log_rank.Weights.FLEMING_HARRINGTON
    found = log_rank.test(data["time"], data["event"], group, strata, weights=kind, rho=rho)
    wanted = expected[name]
    close(found.observed[0], wanted["observed"])
    close(found.expected[0], wanted["expected"])
    close(found.covariance[0], wanted["covariance"])
    close(found.statistic, [wanted["statistic"]])


@pytest.mark.parametrize(
    ("name", "ties", "stratified", "robust"),
    [
        ("efron", cox.Ties.EFRON, False, False),
        ("breslow", cox.Ties.BRESLOW, False, False),
        ("strata_efron", cox.Ties.EFRON, True, False),
        ("strata_breslow", cox.Ties.BRESLOW, True, False),
        ("robust_efron", cox.Ties.EFRON, False, True),
        ("robust_breslow", cox.Ties.BRESLOW, False, True),
        ("robust_strata", cox.Ties.EFRON, True, True),
    ],
)
def test_cox(case, name, ties, stratified, robust):
    """coxph(ties, strata, robust): coefficients, covariance, log-likelihoods, score and Wald tests."""
    data, expected = case
    strata = data["stratum"] if stratified else None
    found = cox.fit(data["time"], data["event"], covariates(data), strata, ties=ties, robust=robust)
    wanted = expected[name]
    assert found.diagnosis == (Diagnosis.SOUND,)
    close(found.coefficient[0], wanted["coefficient"], **MAXIMUM)
    close(found.covariance[0], wanted["covariance"], **MAXIMUM)
    likelihoods = [found.null_log_likelihood[0], found.log_likelihood[0]]
    close(likelihoods, wanted["log_likelihood"], rel=1e-9)
    close(found.score, [wanted["score"]], rel=1e-9)
    close(found.wald, [wanted["wald"]], **MAXIMUM)


@pytest.mark.parametrize("scale", cox.TimeScale)
def test_proportionality(case, scale):
    """Grambsch and Therneau's statistic from residuals(fit, 'schoenfeld'), in the script beside the data."""
    data, expected = case
    found = cox.proportionality(data["time"], data["event"], covariates(data), scale=scale)
    close(found.correlation[0], expected[scale.value]["correlation"], **MAXIMUM)
    close(found.statistic[0], expected[scale.value]["statistic"], **MAXIMUM)


def test_restricted_mean(case):
    """summary(survfit, rmean): the first two arms' means and errors."""
    data, expected = case
    wanted = expected["restricted_mean"]
    group = data["group"] - data["group"].min()
    time = np.where(group < 2, data["time"], np.nan)
    found = restricted_mean.difference(time, data["event"], group, horizon=wanted["horizon"])
    close(found.mean[0], wanted["mean"][:2])
    close(found.error[0], wanted["error"][:2])


def test_incidence(case):
    """The Aalen-Johansen estimate, survfit of a factor.

    R's error is the infinitesimal jackknife; where nobody is left after a time it and ours may part in the
    last decimals, elsewhere they are the same number.
    """
    data, expected = case
    wanted = expected["incidence"]
    found = competing_risks.estimate(data["time"], data["cause"], causes=2)
    time = found.time[0]
    ends = np.append(time[1:] != time[:-1], True)
    shares = np.column_stack([found.survival[0], found.incidence[0].T])[ends]
    rows = len(wanted["time"])
    close(time[ends][-rows:], wanted["time"])
    close(shares[-rows:], wanted["share"])
    errors = np.array(wanted["error"], dtype=float)[:, 1:]
    close(found.error[0].T[ends][-rows:], errors, rel=1e-6, abs=1e-9)


def test_dermatologic_events_of_the_pilot_study():
    """CDISC pilot study, ADTTE: events 29/86, 62/84, 61/84; medians none, 33, 36 d; chi-squared 60.27.

    Computed from the public data with other software and published with the data standard; to their digits.
    """
    rows = read("adtte.csv")
    arms = ("Placebo", "Xanomeline Low Dose", "Xanomeline High Dose")
    group = np.array([arms.index(row["TRTA"]) for row in rows])
    time, event = numbers(rows, "AVAL"), 1.0 - numbers(rows, "CNSR")
    assert [int((group == arm).sum()) for arm in range(3)] == [86, 84, 84]
    found = log_rank.test(time, event, group)
    assert found.observed[0].tolist() == [29, 62, 61]
    assert round(float(found.statistic[0]), 2) == 60.27
    each = np.where(group == np.arange(3)[:, np.newaxis], time, np.nan)
    medians = kaplan_meier.median(kaplan_meier.estimate(each, np.tile(event, (3, 1))))
    assert medians.time == pytest.approx([np.nan, 33, 36], nan_ok=True)


@pytest.mark.parametrize("ties", cox.Ties)
def test_fine_gray(case, ties):
    """finegray, then coxph with its weights, errors clustered by subject."""
    data, expected = case
    wanted = expected[f"fine_gray_{ties.value}"]
    found = competing_risks.fine_gray(data["time"], data["cause"], covariates(data), of=1, ties=ties)
    close(found.coefficient[0], wanted["coefficient"], **MAXIMUM)
    close(found.covariance[0], wanted["covariance"], **MAXIMUM)


def test_same_incidence(case):
    """The robust score test (rscore) of coxph with finegray's weights, groups alone."""
    data, expected = case
    group = data["group"] - data["group"].min()
    found = competing_risks.test(data["time"], data["cause"], group, of=1)
    close(found.statistic, [expected["same_incidence"]], rel=1e-9)
