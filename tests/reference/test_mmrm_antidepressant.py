"""The public antidepressant trial (origin in reference/imputation), all observed values, week of visit 7."""

import numpy as np
import pytest

from builders.antidepressant import antidepressant
from euexia.statistics.mmrm_visits import treatment_by_visit


def test_effect_at_the_last_visit():
    """CAMIS comparison of R rbmi and SAS: -2.829, error 1.117, CI -5.035 to -0.622, p 0.0123.

    The mean has baseline by visit, drug by visit and sex; -2 restricted log likelihood 3492.915.  SAS gives
    the interval -5.033 to -0.624: the programs differ in the degrees of freedom, hence 5e-3.
    """
    trial = antidepressant()
    found = treatment_by_visit(
        trial.change[None], trial.arm, trial.baseline, covariates=trial.female[:, None]
    )
    assert found.objective[0] == pytest.approx(3492.915, abs=1e-3)
    last = {name: getattr(found.differences, name)[0, 0, 3] for name in ("estimate", "error", "p_value")}
    assert last == pytest.approx({"estimate": -2.8287, "error": 1.1166, "p_value": 0.0123}, abs=1e-4)
    assert found.differences.low[0, 0, 3] == pytest.approx(-5.035, abs=5e-3)
    assert found.differences.high[0, 0, 3] == pytest.approx(-0.622, abs=5e-3)
    assert found.counts.sum() == np.isfinite(trial.change).sum()
