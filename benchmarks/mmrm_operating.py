"""Type I error and coverage of the repeated-measures model under informative dropout, with Monte-Carlo error.

Run: ``python benchmarks/mmrm_operating.py [--trials 10000]``.  Two arms without any difference, four visits,
baseline by visit and arm by visit, unstructured REML.  Whether a patient leaves depends on the last value
seen (missing at random): of those below the mean of the visit four times as many leave as of those above;
the rates make the stated share miss the last visit.  Rejections are two-sided at 5 % at the last visit;
coverage is that of the 95 % interval.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from euexia.statistics.mmrm_result import Diagnosis, Freedom
from euexia.statistics.mmrm_visits import treatment_by_visit

BLOCK = 1000
VISITS = 4
FACTOR = np.linalg.cholesky(
    np.array([[16.0, 9.0, 7.0, 5.0], [9.0, 20.0, 12.0, 9.0], [7.0, 12.0, 25.0, 15.0], [5.0, 9.0, 15.0, 30.0]])
)


def draw(trials: int, size: int, share: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values, arm and baseline of trials in which the given share has left before the last visit."""
    generator = np.random.default_rng([2026, seed, size, round(100 * share)])
    baseline = generator.normal(70.0, 12.0, (trials, 2 * size))
    arm = np.arange(2 * size) % 2
    noise = generator.normal(size=(trials, 2 * size, VISITS)) @ FACTOR.T
    values = noise + 0.1 * baseline[..., None]
    rate = 1.0 - (1.0 - share) ** (1.0 / (VISITS - 1))
    here = np.ones(baseline.shape, dtype=bool)
    for visit in range(1, VISITS):
        chance = np.where(noise[..., visit - 1] < 0.0, 1.6, 0.4) * rate
        here &= generator.random(here.shape) >= chance
        values[..., visit][~here] = np.nan
    return values, arm, baseline


def row(size: int, share: float, trials: int, freedom: Freedom) -> tuple[float, float, float]:
    """Return rejections, coverage and the share fitted with an unstructured covariance, in percent."""
    rejected = covered = fitted = unstructured = 0
    for seed in range(trials // BLOCK):
        values, arm, baseline = draw(BLOCK, size, share, seed)
        found = treatment_by_visit(values, arm, baseline, freedom=freedom)
        good = found.diagnosis == Diagnosis.FITTED
        last = (slice(None), 0, VISITS - 1)
        rejected += int((found.differences.p_value[last][good] < 0.05).sum())
        low, high = found.differences.low[last][good], found.differences.high[last][good]
        covered += int(((low <= 0.0) & (high >= 0.0)).sum())
        fitted += int(good.sum())
        unstructured += int((found.structure[good] == 0).sum())
    return 100 * rejected / fitted, 100 * covered / fitted, 100 * unstructured / (trials // BLOCK * BLOCK)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    chosen = parser.parse_args()
    error = 100 * np.sqrt(0.05 * 0.95 / chosen.trials)
    sys.stdout.write(f"Monte-Carlo error {error:.2f} percentage points, {chosen.trials} trials a row\n")
    sys.stdout.write("per arm  missing last  freedom         type I %  coverage %  unstructured %\n")
    for size in (20, 50, 200):
        for share in (0.0, 0.2, 0.4):
            for freedom in (Freedom.SATTERTHWAITE, Freedom.KENWARD_ROGER):
                rejected, covered, rich = row(size, share, chosen.trials, freedom)
                sys.stdout.write(
                    f"{size:7d}  {share:12.0%}  {freedom.value:14s}  {rejected:8.2f}  {covered:10.2f}  "
                    f"{rich:14.2f}\n"
                )
                sys.stdout.flush()


if __name__ == "__main__":
    main()
