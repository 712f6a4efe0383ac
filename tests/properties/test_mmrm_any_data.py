"""Whatever data come, a fit ends in numbers that can be, or in a diagnosis without numbers, unwarned."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.repeated import stack
from euexia.statistics.covariance import Structure
from euexia.statistics.mmrm_result import Diagnosis, Freedom, Method
from euexia.statistics.mmrm_visits import treatment_by_visit

SPOILED = ("", "constant", "repeated visit", "same baseline", "infinite value", "missing baseline")


def spoil(how, values, baseline):
    """Return data of which one trial, or all, have something wrong."""
    if how == "constant":
        values[0] = np.where(np.isnan(values[0]), np.nan, 3.0)
    if how == "repeated visit":
        values[1, :, -1] = values[1, :, 0]
    if how == "same baseline":
        baseline = np.full_like(baseline, 70.0)
    if how == "infinite value":
        values[2, 0, 0] = np.inf
    if how == "missing baseline":
        baseline[1, 0], baseline[2, 1] = np.inf, np.nan
    return values, baseline


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10_000),
    visits=st.integers(1, 4),
    subjects=st.integers(3, 24),
    missing=st.sampled_from([0.0, 0.2, 0.6]),
    scale=st.sampled_from([1e-8, 1.0, 1e8]),
    how=st.sampled_from(SPOILED),
    structures=st.lists(st.sampled_from(list(Structure)), min_size=1, max_size=4, unique=True),
    by_arm=st.booleans(),
    choice=st.sampled_from(
        [
            (Method.REML, Freedom.SATTERTHWAITE),
            (Method.REML, Freedom.KENWARD_ROGER),
            (Method.ML, Freedom.SATTERTHWAITE),
        ]
    ),
)
def test_numbers_or_a_diagnosis(seed, visits, subjects, missing, scale, how, structures, by_arm, choice):
    """Fitted: finite estimates, errors above zero, degrees of freedom that can be, p in [0, 1]; else NaN."""
    values, arm, baseline = stack(3, subjects, visits, seed=seed, missing=missing)
    values, baseline = spoil(how, scale * values, baseline)
    method, freedom = choice
    found = treatment_by_visit(
        values, arm, baseline, structures=structures, method=method, freedom=freedom, by_arm=by_arm
    )
    fitted = found.diagnosis == Diagnosis.FITTED
    rows = found.differences
    assert np.isnan(rows.estimate[~fitted]).all()
    assert np.isnan(rows.p_value[~fitted]).all()
    assert np.isfinite(rows.estimate[fitted]).all()
    assert (rows.error[fitted] > 0.0).all()
    assert (rows.freedom[fitted] > 0.01).all()
    assert (rows.freedom[fitted] < 1e6).all()
    assert ((rows.p_value[fitted] >= 0.0) & (rows.p_value[fitted] <= 1.0)).all()
