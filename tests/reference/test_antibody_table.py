"""The script of peaks and troughs of ponsegromab: accumulation by hand, mass kept."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "antibody.py"


@pytest.fixture(scope="module")
def script():
    """Return the script as a module."""
    specification = importlib.util.spec_from_file_location("antibody_table", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    sys.modules["antibody_table"] = module  # dataclasses look their module up
    specification.loader.exec_module(module)
    yield module
    del sys.modules["antibody_table"]


@pytest.mark.slow
def test_troughs_accumulate_as_in_one_compartment_and_mass_is_kept(script):
    """By hand: trough n of doses every tau is the sum of e^(-i k tau) - e^(-i ka tau), i = 1 to n.

    Far below the number of doses it is the first times 1/(1 - e^(-k tau)), absorption being over by then.
    """
    course = script.Course()
    intervals = [course.interval() for _ in range(script.DOSES)]
    k, ka, tau = course.elimination, course.absorption, script.INTERVAL
    single = [np.exp(-i * k * tau) - np.exp(-i * ka * tau) for i in range(1, script.DOSES + 1)]
    ratio = intervals[-1].antibody[1] / intervals[0].antibody[1]
    assert ratio == pytest.approx(np.full(3, sum(single) / single[0]), rel=1e-9)
    assert ratio == pytest.approx(np.full(3, 1 / (1 - np.exp(-k * tau))), rel=2e-3)
    assert course.worst_balance < 1e-3
