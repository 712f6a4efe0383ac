"""Several hypotheses against R; script, raw output and origin in reference/multiplicity."""

import numpy as np
import pytest

from builders.expected import read_expected
from euexia.statistics import dunnett, multiplicity
from euexia.statistics.multiplicity import Method
from euexia.statistics.proportions import Alternative

EXPECTED = read_expected("multiplicity", "multiplicity.csv")
SIDES = {
    "two.sided": Alternative.TWO_SIDED,
    "greater": Alternative.GREATER,
    "less": Alternative.LESS,
}


def cases(quantity):
    return sorted(case for case, found in EXPECTED.items() if quantity in found)


@pytest.mark.parametrize("case", cases("p"))
@pytest.mark.parametrize("method", [Method.BONFERRONI, Method.HOLM, Method.HOCHBERG, Method.HOMMEL])
def test_adjusted_p_values_agree_with_p_adjust(case, method):
    """p.adjust; the same arithmetic, equal to 1e-12."""
    found = multiplicity.adjust(EXPECTED[case]["p"], method)
    assert found == pytest.approx(EXPECTED[case][method.value], rel=1e-12)


@pytest.mark.parametrize("case", cases("t"))
@pytest.mark.parametrize("side", SIDES)
def test_dunnetts_tests_agree_with_multcomp(case, side):
    """R's multcomp, single-step and step-down ("free", up to four arms), integrated to about 1e-5."""
    found = EXPECTED[case]
    loading = dunnett.loadings(found["sizes"][1:], found["sizes"][0])
    ours = dunnett.single_step(found["t"], loading, found["df"][0], alternative=SIDES[side])
    assert ours[0] == pytest.approx(found[f"single_step_{side}"], abs=1e-4)
    if f"step_down_{side}" in found:
        ours = dunnett.step_down(found["t"], loading, found["df"][0], alternative=SIDES[side])
        assert ours[0] == pytest.approx(found[f"step_down_{side}"], abs=1e-4)


@pytest.mark.parametrize("case", cases("critical"))
def test_dunnetts_critical_value_agrees_with_mvtnorm(case):
    """R's qmvt at 95 %, which stops when the level is met to about 1e-4 of the value."""
    found = EXPECTED[case]
    loading = dunnett.loadings(found["sizes"][1:], found["sizes"][0])
    ours = dunnett.critical_value(loading, found["df"][0], 0.95)
    assert ours[0] == pytest.approx(found["critical"][0], abs=2e-3)


def test_dunnetts_published_table():
    """Dunnett, Biometrics 1964;20:482-491, two-sided 5 %, equal groups: 2.54 for three arms and 20 degrees.

    At infinite degrees of freedom 2.35; with one arm it is Student's 2.086.
    """
    loading = np.full(3, np.sqrt(0.5))
    assert dunnett.critical_value(loading, 20, 0.95)[0] == pytest.approx(2.54, abs=5e-3)
    assert dunnett.critical_value(loading, np.inf, 0.95)[0] == pytest.approx(2.35, abs=5e-3)
    assert dunnett.critical_value(loading[:1], 20, 0.95)[0] == pytest.approx(2.086, abs=5e-4)
