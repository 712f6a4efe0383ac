"""Mixed models for repeated measures against R: 12 data sets, 6 covariance structures, REML and ML.

Scripts, data, raw output and versions are in reference/mmrm.  Both programs stop at their own tolerance: R's
likelihood is within 1e-6 of ours, and where it is as flat as that, an estimate moves by 1e-4 of its standard
error and a standard error or a covariance by 1e-4 of itself.
"""

from functools import cache

import numpy as np
import pytest

from builders.repeated import judged_design, judged_sets, lines
from euexia.statistics.covariance import Structure
from euexia.statistics.mmrm import fit
from euexia.statistics.mmrm_freedom import contrasts, joint_test
from euexia.statistics.mmrm_result import Freedom, Information, Method

STRUCTURES = (
    Structure.UNSTRUCTURED,
    Structure.HETEROGENEOUS_COMPOUND_SYMMETRY,
    Structure.COMPOUND_SYMMETRY,
    Structure.HETEROGENEOUS_AUTOREGRESSIVE,
    Structure.AUTOREGRESSIVE,
    Structure.SPATIAL_EXPONENTIAL,
)
SETS = judged_sets()


@cache
def said_by_gls():
    """Return (set, structure, method) -> quantity -> name -> value."""
    result = {}
    for row in lines("gls.csv"):
        key = row["set"], row["structure"], row["method"].lower()
        result.setdefault(key, {}).setdefault(row["quantity"], {})[row["name"]] = float(row["value"])
    return result


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("name", SETS)
def test_fit_agrees_with_gls(name, structure, method):
    """nlme::gls, reference/mmrm/gls.R: likelihood, coefficients, their errors, covariance of the visits."""
    values, arm, baseline, times = SETS[name]
    design, names = judged_design(arm, baseline, values.shape[1])
    expected = said_by_gls()[name, structure.value, method.value]
    found = fit(values[None], design[None], structures=(structure,), method=method, times=times)
    assert found.objective[0] == pytest.approx(expected["objective"][""], abs=1e-6)
    errors = np.array([expected["error"][column] for column in names])
    if method is Method.ML:  # gls inflates by N / (N - p)
        size = found.observations[0]
        errors *= np.sqrt((size - len(names)) / size)
    coefficients = np.array([expected["coefficient"][column] for column in names])
    assert np.sqrt(np.diagonal(found.coefficient_covariance[0])) == pytest.approx(errors, rel=1e-4)
    assert (found.coefficients[0] - coefficients) / errors == pytest.approx(0.0, abs=1e-4)
    deviations = np.sqrt(np.diagonal(found.sigma[0, 0]))
    for pair, value in expected["sigma"].items():
        row, column = (int(visit) - 1 for visit in pair.split(":"))
        apart = (found.sigma[0, 0, row, column] - value) / (deviations[row] * deviations[column])
        assert apart == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize("name", SETS)
def test_kenward_roger_agrees_with_pbkrtest(name):
    """A random intercept, lme4, pbkrtest::vcovAdj and KRmodcomp; reference/mmrm/kenward_roger.R.

    pbkrtest takes the expected information, as the paper does.  lmer's own optimiser leaves about 1e-5.
    """
    said = {}
    for row in lines("kenward_roger.csv"):
        if row["set"] == name:
            said.setdefault(row["quantity"], {})[row["name"]] = float(row["value"])
    if "singular" in said:
        pytest.skip(f"the random intercept of '{name}' has no variance: lmer cannot express its correlation")
    values, arm, baseline, _ = SETS[name]
    design, names = judged_design(arm, baseline, values.shape[1])
    asked = {"freedom": Freedom.KENWARD_ROGER, "information": Information.EXPECTED}
    found = fit(values[None], design[None], structures=(Structure.COMPOUND_SYMMETRY,), **asked)
    rows = contrasts(found, np.eye(len(names)), **asked)
    assert found.objective[0] == pytest.approx(said["objective"][""], abs=1e-5)
    assert rows.error[0] == pytest.approx([said["error"][column] for column in names], rel=1e-4)
    assert rows.freedom[0] == pytest.approx([said["freedom"][column] for column in names], rel=1e-4)
    joint = joint_test(found, np.eye(len(names))[["arm" in n and ":" in n for n in names]], **asked)
    assert joint.statistic[0] == pytest.approx(said["joint_statistic"]["factor:arm"], rel=1e-3)
    assert joint.denominator[0] == pytest.approx(said["joint_denominator"]["factor:arm"], rel=1e-4)
    assert joint.p_value[0] == pytest.approx(said["joint_p"]["factor:arm"], rel=1e-3)
