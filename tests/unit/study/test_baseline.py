"""Baselines of virtual patients: every line stands on a published row, and most are near it."""

import numpy as np
import pytest
from typer.testing import CliRunner

from euexia import evidence, population
from euexia.cli.main import app
from euexia.study import baseline
from euexia.study.baseline import Summary

KNOWN = {
    "romana_bmi": -0.53,
    "ald518_albumin": -0.95,
    "nsclc_age": -0.27,
    "digestive_muscle": 0.74,
    "population_loss": -0.55,
    "appetite": -0.88,
    "albumin_loss": 0.34,
}
"""Standardised differences beyond 0.25, as told on the page of virtual populations."""


@pytest.fixture(scope="module")
def lines() -> dict[str, baseline.Line]:
    """Give every line, by its key."""
    return dict(zip(baseline.entries(), baseline.compare(), strict=True))


@pytest.mark.parametrize("key", baseline.entries())
def test_a_line_stands_on_a_row_and_on_a_population(key: str) -> None:
    """The row has a value, and whom it is compared with exists."""
    entry = baseline.entries()[key]
    assert evidence.find_row(entry.study, entry.row).value is not None
    assert entry.protocol or entry.population in population.names()


def test_virtual_patients_are_near_published_baselines(lines: dict[str, baseline.Line]) -> None:
    """All but the misfits that are told lie within a quarter of a standard deviation (seeds are fixed)."""
    far = {key for key, line in lines.items() if abs(line.apart) > 0.25}
    assert far == set(KNOWN)
    for key, apart in KNOWN.items():
        assert lines[key].apart == pytest.approx(apart, abs=0.06), key


def test_the_joint_population_meets_the_weight_of_romana() -> None:
    """Mean 23.0 kg/m2 (SD 3.6) were randomised; the joint version enrols that, the first does not."""
    entry = baseline.concerning("advanced_nsclc_joint")["romana_bmi"]
    (line,) = baseline.compare({"bmi": entry})
    assert abs(line.apart) < 0.2
    assert line.who == "romana1"


def test_standardised_differences_by_hand() -> None:
    """Means over the published SD; shares after Cohen; correlations by Fisher's z."""
    assert baseline._apart(Summary.MEAN, 20.0, 4.0, 22.0, 9.0) == 0.5
    assert baseline._apart(Summary.MEDIAN, 20.0, None, 22.0, 8.0) == 0.25
    assert baseline._apart(Summary.SHARE, 40.0, None, 60.0, 0.5) == pytest.approx(0.2 / np.sqrt(0.24))
    assert baseline._apart(Summary.CORRELATION, 0.0, None, 0.5, 1.0) == pytest.approx(np.arctanh(0.5))


def test_rank_correlations_know_ties() -> None:
    """Two columns of equal order correlate by 1, ties or not; scipy's spearmanr says the same."""
    people = {"a": np.array([1.0, 2, 2, 3]), "b": np.array([10.0, 20, 20, 90])}
    assert baseline.rank_correlations(people, ("a", "b"))[0, 1] == pytest.approx(1.0)


def test_the_command_shows_one_population() -> None:
    """Summary, correlations and comparison; a wrong name is told with the known ones."""
    runner = CliRunner()
    shown = runner.invoke(app, ["population", "pancreatic_first_line", "--people", "300"])
    assert shown.exit_code == 0
    for word in ("Age [years]", "Rank correlations", "GDF-15", "Enrolled: ngm120"):
        assert word in shown.output
    listed = runner.invoke(app, ["population"])
    assert "advanced_nsclc_joint" in listed.output
