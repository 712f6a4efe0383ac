"""Win odds of two arms in a stack of trials, against every pair in NumPy and in R, in one run.

Run: ``python benchmarks/win_statistics.py`` (about a minute; R is asked if it is there).  The hierarchy is
death with censoring, then lean mass by a margin, then grip by a margin.  The peers compute the same wins and
losses of the first trials from matrices of all pairs; their results are compared before their times are.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from euexia.statistics.win_statistics import Component, Kind, Outcome, compare

HIERARCHIES = {
    "death alone": (Component(name="death", kind=Kind.TIME_TO_EVENT),),
    "death, lean mass": (
        Component(name="death", kind=Kind.TIME_TO_EVENT),
        Component(name="lean mass", margin=0.5),
    ),
    "death, lean mass, grip": (
        Component(name="death", kind=Kind.TIME_TO_EVENT),
        Component(name="lean mass", margin=0.5),
        Component(name="grip", margin=1.0),
    ),
}

R_SCRIPT = """
given <- commandArgs(TRUE); d <- read.csv(given[1]); k <- as.integer(given[2])
a <- d[d$arm == 1, ]; b <- d[d$arm == 0, ]
pairs <- function() {
  i <- rep(seq_len(nrow(a)), nrow(b)); j <- rep(seq_len(nrow(b)), each = nrow(a))
  win <- b$died[j] & (a$time[i] > b$time[j] | (a$time[i] == b$time[j] & !a$died[i]))
  loss <- a$died[i] & (b$time[j] > a$time[i] | (a$time[i] == b$time[j] & !b$died[j]))
  score <- win - loss
  for (m in list(c("lean", 0.5), c("grip", 1))[seq_len(k - 1)]) {
    gap <- as.vector(outer(a[[m[1]]], b[[m[1]]], "-")); margin <- as.numeric(m[2]) * (1 - 1e-9)
    score <- ifelse(score == 0, (gap >= margin) - (gap <= -margin), score)
  }
  c(sum(score > 0), sum(score < 0))
}
invisible(pairs()); time <- system.time(for (r in 1:3) found <- pairs())[["elapsed"]] / 3
cat(found, time)
"""


def arm(seed: int, trials: int, patients: int) -> list[Outcome]:
    """Return death, lean mass and grip of one arm."""
    rng = np.random.default_rng(seed)
    death = np.ceil(rng.exponential(300, (trials, patients)))
    follow_up = np.ceil(rng.uniform(80, 200, (trials, patients)))
    return [
        Outcome(value=np.minimum(death, follow_up), event=death <= follow_up),
        Outcome(value=np.round(rng.normal(size=(trials, patients)), 2)),
        Outcome(value=np.round(rng.normal(size=(trials, patients)), 1)),
    ]


def every_pair(
    hierarchy: tuple[Component, ...], treated: list[Outcome], controls: list[Outcome], trial: int
) -> tuple[int, int]:
    """Count wins and losses from matrices of all pairs, as one would write them down."""
    score = np.zeros((np.shape(treated[0].value)[1], np.shape(controls[0].value)[1]))
    for component, mine, theirs in zip(hierarchy, treated, controls, strict=False):
        ours, others = mine.value[trial][:, None], theirs.value[trial][None, :]
        if component.kind is Kind.TIME_TO_EVENT:
            died, dead = mine.event[trial][:, None], theirs.event[trial][None, :]
            win = dead & ((ours > others) | ((ours == others) & ~died))
            loss = died & ((others > ours) | ((ours == others) & ~dead))
        else:
            gap, margin = ours - others, component.margin * (1 - 1e-9)
            win, loss = gap >= margin, gap <= -margin
        score = np.where(score == 0, win.astype(float) - loss, score)
    return int((score > 0).sum()), int((score < 0).sum())


def in_r(treated: list[Outcome], controls: list[Outcome], components: int) -> tuple[int, int, float] | None:
    """Return wins, losses and seconds of the first trial in R; None without R."""
    if shutil.which("Rscript") is None:
        return None
    lines = ["arm,time,died,lean,grip"]
    for side, outcomes in ((1, treated), (0, controls)):
        columns = (*(outcome.value[0] for outcome in outcomes[:1]), outcomes[0].event[0].astype(int))
        rows = zip(*columns, outcomes[1].value[0], outcomes[2].value[0], strict=True)
        lines += [",".join(str(value) for value in (side, *row)) for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder) / "arms.csv", Path(folder) / "pairs.R"
        table.write_text("\n".join(lines), encoding="utf-8")
        script.write_text(R_SCRIPT, encoding="utf-8")
        command = ["Rscript", str(script), str(table), str(components)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return int(printed[0]), int(printed[1]), float(printed[2])


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--patients", type=int, default=1_000, help="per arm")
    parser.add_argument("--block", type=int, default=500, help="trials drawn at a time")
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    for name, hierarchy in HIERARCHIES.items():
        seconds, peer = 0.0, np.inf
        for begin in range(0, chosen.trials, chosen.block):
            trials = min(chosen.block, chosen.trials - begin)
            sides = [arm(seed, trials, chosen.patients)[: len(hierarchy)] for seed in (begin, begin + 1)]
            begun = time.perf_counter()
            found = compare(hierarchy, *sides, workers=chosen.workers)
            seconds += time.perf_counter() - begun
            if begin == 0:
                for trial in range(min(3, trials)):
                    begun = time.perf_counter()
                    counts = every_pair(hierarchy, *sides, trial)
                    peer = min(peer, time.perf_counter() - begun)
                    assert counts == (found.wins[trial], found.losses[trial])
                r = in_r(*(arm(seed, 1, chosen.patients) for seed in (0, 1)), len(hierarchy))
                first = compare(hierarchy, *(arm(s, 1, chosen.patients)[: len(hierarchy)] for s in (0, 1)))
        rate = chosen.trials / seconds
        print(
            f"{name}: {chosen.trials} trials of {chosen.patients} against {chosen.patients}: {seconds:.1f} s,"
        )
        print(f"  {rate:.0f} trials/s with variances, {chosen.workers} threads;")
        print(f"  counts alone from all pairs, NumPy: {1 / peer:.1f} trials/s, ratio {peer * rate:.0f}")
        if r is not None:
            assert r[:2] == (first.wins[0], first.losses[0])
            print(f"  counts alone from all pairs, R: {1 / r[2]:.2f} trials/s, ratio {r[2] * rate:.0f}")


if __name__ == "__main__":
    main()
