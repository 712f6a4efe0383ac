"""The script of figures on public patients: its survival estimate by hand, its shares where the tables are.

The tables are not part of the project: EUEXIA_PUBLIC_DATA names a folder that holds them, else those tests
are skipped.
"""

import importlib.util
import os
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "public_patients.py"
FOLDER = os.environ.get("EUEXIA_PUBLIC_DATA", "")


@pytest.fixture(scope="module")
def script():
    """Return the script as a module."""
    specification = importlib.util.spec_from_file_location("public_patients", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    sys.modules["public_patients"] = module  # dataclasses look their module up
    specification.loader.exec_module(module)
    yield module
    del sys.modules["public_patients"]


def wanted(name):
    if not FOLDER:
        pytest.skip("EUEXIA_PUBLIC_DATA names no folder of public tables")
    if not (Path(FOLDER) / name).is_file():
        pytest.skip(f"{name} is not in EUEXIA_PUBLIC_DATA")
    return Path(FOLDER)


def test_survival_by_hand(script):
    """Five patients: deaths at 2, 3 and 5, one censored at 3 (at risk there), one at 6.

    S(2) = 1 - 1/5 = 0.8; S(3) = 0.8 (1 - 1/4) = 0.6; S(5) = 0.6 (1 - 1/2) = 0.3.
    """
    days = np.array([2.0, 3.0, 3.0, 5.0, 6.0])
    died = np.array([True, True, False, True, False])
    found = script.product_limit(days, died)
    np.testing.assert_array_equal(found.times, [2, 3, 5])
    np.testing.assert_allclose(found.alive, [0.8, 0.6, 0.3])
    assert (found.median, found.followed) == (5, 6)


def test_remission_under_6_mercaptopurine(script):
    """Weeks in remission, Freireich EJ et al. Blood 1963;21:699-716, as textbooks print them; + is censored.

    By hand: 18/21, then times 16/17, 14/15, 11/12, 10/11, 6/7 and 5/6.
    """
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    censored = [3, 5, 7, 8, 11, 12, 13, 16, 17, 18, 19, 20]  # places of 6+ 9+ 10+ 11+ 17+ 19+ 20+ 25+ ... 35+
    died = ~np.isin(np.arange(len(weeks)), censored)
    found = script.product_limit(np.array(weeks, dtype=float), died)
    np.testing.assert_array_equal(found.times, [6, 7, 10, 13, 16, 22, 23])
    steps = [18 / 21, 16 / 17, 14 / 15, 11 / 12, 10 / 11, 6 / 7, 5 / 6]
    np.testing.assert_allclose(found.alive, np.cumprod(steps))
    assert found.median == 23


def test_a_median_that_was_not_reached_is_not_said(script):
    found = script.product_limit(np.array([1.0, 9.0, 9.0]), np.array([True, False, False]))
    assert np.isnan(found.median)


def test_lung_patients_by_pounds_lost(script):
    """The median of all is 310 days, as R's survival gives it; 214 have a reading of loss, 14 have none."""
    folder = wanted(script.LUNG)
    found, frame = script.lung(folder)
    whole = script.product_limit(frame["time"].to_numpy(dtype=float), (frame["status"] == 2).to_numpy())
    assert whole.median == 310
    assert sum(patients for patients, _ in script.by_band(frame).values()) == 214
    (fearon,) = [line for line in script.shares(found) if line.split()[0] == "fearon2011"]
    assert "UNKNOWN 228 (100.0 %)" in fearon
    texts = [text.get_text() for text in script.drawn(frame).findobj() if hasattr(text, "get_text")]
    assert any("not by weight-loss grade" in text for text in texts)


def test_everything_is_told(script, capsys, tmp_path):
    folder = wanted(script.NHANES)
    wanted(script.PILOT)
    script.tell(folder, tmp_path / "survival.svg")
    said = capsys.readouterr().out
    assert "withheld: 01-717-1109" in said
    assert "not by weight-loss grade" in said
    assert "adults whose grip was measured" in said
    assert (tmp_path / "survival.svg").stat().st_size > 0


def test_tables_that_are_not_there_are_named(script, capsys, tmp_path):
    script.tell(tmp_path, None)
    said = capsys.readouterr().out.splitlines()
    assert said == [f"not in the folder: {name}" for name in (script.LUNG, script.NHANES, script.PILOT)]
