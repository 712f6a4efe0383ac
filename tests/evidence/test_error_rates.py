"""The error rates in benchmarks/error_rates.csv are those that the methods have: fresh trials must agree.

Trials are drawn at addresses that the table did not use (replicates from 500,000 on), so that the counts are
independent binomial numbers.  A difference of more than four standard errors (two-sided 6e-5 for each of some
160 counts, and the seed is fixed) means that a method, or the generator, is no longer what it was.
"""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import error_rates  # noqa: E402
from error_rates_generator import SHARES, Cell, leaving_rate, trials_of  # noqa: E402
from error_rates_methods import FAMILIES  # noqa: E402

FRESH = 500_000
FEW = {"medians": 300, "conditional": 60, "drawn": 30}
MANY = 600
APART = 4.0


def published() -> dict[tuple[str, str, int, float, bool], dict[str, int]]:
    with (ROOT / "benchmarks" / "error_rates.csv").open(newline="") as file:
        return {
            (row["family"], row["method"], int(row["size"]), float(row["share"]), row["effect"] == "True"): {
                name: int(row[name]) for name in error_rates.COUNTS
            }
            for row in csv.DictReader(file)
        }


def apart(part: int, whole: int, known_part: int, known_whole: int) -> float:
    """Return the difference of two shares in errors of the pooled share; 0 where there is no trial."""
    if not whole or not known_whole:
        return 0.0
    pooled = (part + known_part + 1.0) / (whole + known_whole + 2.0)
    error = math.sqrt(pooled * (1.0 - pooled) * (1.0 / whole + 1.0 / known_whole))
    return abs(part / whole - known_part / known_whole) / error


@pytest.mark.slow
@pytest.mark.parametrize("effect", [False, True], ids=["null", "alternative"])
@pytest.mark.parametrize("family", FAMILIES)
def test_fresh_trials_agree_with_the_table(family: str, effect: bool):
    """20 patients an arm, 40 % leave: the cell where methods differ most."""
    known = published()
    cell = Cell(size=20, share=0.4, effect=effect)
    found = error_rates.block_of(family, cell, FRESH, FEW.get(family, MANY))
    assert found
    for name, counts in found.items():
        table = known[family, name, cell.size, cell.share, effect]
        for part, whole in (("rejected", "answered"), ("covered", "intervals"), ("answered", "trials")):
            gap = apart(counts[part], counts[whole], table[part], table[whole])
            assert gap < APART, f"{name}: {part} {counts[part]} of {counts[whole]}, table {table}"


def test_a_broken_method_would_be_caught():
    """A test at 12 instead of 5 %, an interval that covers 88 instead of 95 %: both are far apart at 600."""
    assert apart(72, MANY, 500, 10_000) > APART
    assert apart(528, MANY, 9_500, 10_000) > APART
    assert apart(36, MANY, 500, 10_000) < APART


def test_dropout_has_the_share_asked_for():
    """Of 40,000 controls: binomial error 0.25 points, four of them, and as much again for the search."""
    for share in SHARES:
        trials = trials_of(Cell(size=200, share=share, effect=False), FRESH, 100)
        missing = np.isnan(trials.values[..., -1]).mean()
        assert missing == pytest.approx(share, abs=0.015)
    assert 0.0 < leaving_rate(0.2) < leaving_rate(0.4)


def test_a_trial_does_not_depend_on_its_block():
    cell = Cell(size=20, share=0.2, effect=True)
    block, alone = trials_of(cell, 0, 5), trials_of(cell, 3, 1)
    for name in block.__slots__:
        assert getattr(block, name)[3].tobytes() == getattr(alone, name)[0].tobytes(), name


def test_every_family_has_its_cells_and_the_page_is_of_these_counts():
    known = published()
    there = {(family, size, share, effect) for family, _, size, share, effect in known}
    for family in FAMILIES:
        for cell in error_rates.cells_of(family):
            assert (family, cell.size, cell.share, cell.effect) in there
    text = error_rates.PAGE.read_text(encoding="utf-8")
    shown = text.split(error_rates.BEGIN)[1].split(error_rates.FINISH)[0]
    assert shown.strip() == error_rates.tables().strip()
