"""Win statistics against base R, every pair in a matrix; all files in reference/win_statistics."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from euexia.statistics import composite_rank, finkelstein_schoenfeld, win_statistics
from euexia.statistics.win_statistics import Component, Kind, Outcome

FOLDER = Path(__file__).resolve().parents[2] / "reference" / "win_statistics"
EXPECTED = json.loads((FOLDER / "win_statistics.json").read_text(encoding="utf-8"))

DEATH = Component(name="time", kind=Kind.TIME_TO_EVENT)
HIERARCHIES = {
    "survival": (DEATH,),
    "lean_mass": (Component(name="lean_mass"),),
    "survival_lean_mass": (DEATH, Component(name="lean_mass")),
    "survival_lean_mass_margin": (DEATH, Component(name="lean_mass", margin=1.5)),
    "three": (DEATH, Component(name="lean_mass", margin=1.5), Component(name="grip", margin=1)),
    "four": (
        DEATH,
        Component(name="responder"),
        Component(name="lean_mass", margin=2),
        Component(name="grip"),
    ),
}


def read():
    with (FOLDER / "win_statistics.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    sets = {}
    for row in rows:
        sets.setdefault(row["set"], []).append(row)
    return {name: columns(part) for name, part in sets.items()}


def columns(rows):
    return {
        name: np.array([float(row[name]) if row[name] else np.nan for row in rows])
        for name in rows[0]
        if name != "set"
    }


SETS = read()


def arms(data, hierarchy):
    """Return treated and controls, and their strata."""
    sides = []
    for treated in (1, 0):
        here = data["treated"] == treated
        sides.append(
            [
                Outcome(
                    value=data[part.name][here],
                    event=data["died"][here] if part.kind is Kind.TIME_TO_EVENT else None,
                )
                for part in hierarchy
            ]
        )
    return *sides, tuple(data["stratum"][data["treated"] == treated] for treated in (1, 0))


@pytest.mark.parametrize("stratified", [False, True], ids=["plain", "stratified"])
@pytest.mark.parametrize("name", HIERARCHIES)
@pytest.mark.parametrize("trial", SETS)
def test_win_statistics(trial, name, stratified):
    """Counts exactly; probabilities, variances and the permutation test to rounding."""
    expected = EXPECTED[trial]["stratified" if stratified else "plain"]
    if not expected:
        pytest.skip("five patients in an arm are not stratified")
    wanted, hierarchy = expected[name], HIERARCHIES[name]
    treated, controls, strata = arms(SETS[trial], hierarchy)
    found = win_statistics.compare(hierarchy, treated, controls, strata if stratified else None)
    assert [found.wins[0], found.losses[0], found.ties[0]] == wanted["counts"]
    assert [found.wins_by_component[0].tolist(), found.losses_by_component[0].tolist()] == wanted["by"]
    assert [found.win_probability[0], found.loss_probability[0]] == pytest.approx(wanted["p"], rel=1e-12)
    for statistic in ("net_benefit", "win_ratio", "win_odds"):
        estimate = getattr(found, statistic)
        assert [estimate.estimate[0], estimate.error[0]] == pytest.approx(wanted[statistic], rel=1e-9)
    test = finkelstein_schoenfeld.test(hierarchy, treated, controls, strata if stratified else None)
    assert [test.statistic[0], test.z[0]] == pytest.approx(wanted["finkelstein_schoenfeld"], rel=1e-12)


@pytest.mark.parametrize("trial", SETS)
def test_composite_rank(trial):
    """wilcox.test(exact = FALSE), with and without correction for continuity; theta from all pairs."""
    data, wanted = SETS[trial], EXPECTED[trial]["composite"]
    survivors_without = (data["died"] == 0) & np.isnan(data["grip"])
    inputs = (data["time"], data["died"], data["grip"], data["treated"])
    found = composite_rank.test(*inputs)
    corrected = composite_rank.test(*inputs, continuity=True)
    n = int(((data["treated"] == 1) & ~survivors_without).sum())
    assert found.rank_sum[0] - n * (n + 1) / 2 == pytest.approx(wanted["statistic"], rel=1e-12)
    assert found.wilcoxon_p_value[0] == pytest.approx(wanted["p"], rel=1e-9)
    assert corrected.wilcoxon_p_value[0] == pytest.approx(wanted["p_corrected"], rel=1e-9)
    assert found.theta[0] == pytest.approx(wanted["theta"], rel=1e-9, abs=1e-14)
    assert found.unknown.sum() == survivors_without.sum()
