"""Type I error and coverage of every method on one kind of trial; the tables of the page on error rates.

Run: ``python benchmarks/error_rates.py --results counts.csv [--families means mixed ...] [--minutes 20]``.
Counts are appended block by block, and blocks that are there are not drawn again: a run may be stopped,
resumed, and split by families over processes that write to files of their own.  Then
``python benchmarks/error_rates.py --gather counts*.csv`` adds them up into ``benchmarks/error_rates.csv``,
and ``--page`` writes the tables from that file into docs/explanation/error-rates.md.  How trials are drawn:
``error_rates_generator``.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
import time
import warnings
from collections import defaultdict
from functools import partial
from pathlib import Path

import numpy as np
from error_rates_generator import CELLS, SHARES, SIZES, Cell, trials_of
from error_rates_methods import FAMILIES, Answer
from error_rates_truths import truths

HERE = Path(__file__).parent
TABLE = HERE / "error_rates.csv"
PAGE = HERE.parent / "docs" / "explanation" / "error-rates.md"
BLOCK = 500
USUAL = 10_000
COSTLY = {"several": 5_000, "firth": 2_000, "medians": 2_000, "conditional": 500, "drawn": 200}
"""Replicates of families of which one takes long."""

ONLY = {"drawn": (0.4,)}
"""Shares that leave at which a costly family is looked at; without missing values nothing is drawn."""

BLOCKS = {"conditional": 50, "drawn": 10}
FEWEST = 100
"""A cell of fewer trials is not shown."""

COUNTS = ("trials", "answered", "rejected", "intervals", "covered")
KEYS = ("family", "method", "size", "share", "effect")
BEGIN, FINISH = "<!-- table: begin -->", "<!-- table: end -->"

Row = dict[str, str]
Counts = dict[str, int]


def counted(answer: Answer, truth: dict[str, float], effect: bool) -> Counts:
    """Return how many trials have an answer, reject at 5 %, have an interval, and hold the truth in it."""
    known = ~np.isnan(answer.p_value)
    counts = {
        "trials": known.size,
        "answered": int(known.sum()),
        "rejected": int((answer.p_value[known] <= 0.05).sum()),
        "intervals": 0,
        "covered": 0,
    }
    if effect and answer.low is not None and answer.high is not None:
        bounded = ~np.isnan(answer.low) & ~np.isnan(answer.high)
        aim = truth[answer.target]
        counts["intervals"] = int(bounded.sum())
        counts["covered"] = int(((answer.low <= aim) & (aim <= answer.high))[bounded].sum())
    return counts


def block_of(family: str, cell: Cell, first: int, count: int) -> dict[str, Counts]:
    """Return the counts of every method of a family in some replicates of a cell."""
    method = FAMILIES[family]
    if family == "several":
        method = partial(method, effect=cell.effect)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        answers = method(trials_of(cell, first, count), first)
    truth = truths(cell.share) if cell.effect else {}
    return {name: counted(answer, truth, cell.effect) for name, answer in answers.items()}


def cells_of(family: str) -> list[Cell]:
    """Return the cells that a family is looked at in."""
    return [cell for cell in CELLS if cell.share in ONLY.get(family, SHARES)]


def simulate(path: Path, families: list[str], sizes: list[int], minutes: float, most: int) -> None:
    """Append blocks until all are there or the time is spent; all cells grow together."""
    there = {
        (*(row[key] for key in ("family", "size", "share", "effect")), row["first"]) for row in read([path])
    }
    stop = time.monotonic() + 60.0 * minutes
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, [*KEYS, "first", *COUNTS])
        if file.tell() == 0:
            writer.writeheader()
        for family in families:
            step = BLOCKS.get(family, BLOCK)
            for first in range(0, min(most, COSTLY.get(family, USUAL)), step):
                for cell in (cell for cell in cells_of(family) if cell.size in sizes):
                    key = family, str(cell.size), str(cell.share), str(cell.effect)
                    if (*key, str(first)) in there:
                        continue
                    if time.monotonic() > stop:
                        return
                    labels = {"size": cell.size, "share": cell.share, "effect": cell.effect, "first": first}
                    for name, counts in block_of(family, cell, first, step).items():
                        writer.writerow({"family": family, "method": name, **labels, **counts})
                    file.flush()


def read(paths: list[Path]) -> list[Row]:
    """Return the rows of the files that exist."""
    rows: list[Row] = []
    for path in paths:
        if path.exists():
            with path.open(newline="") as file:
                rows += list(csv.DictReader(file))
    return rows


def gather(paths: list[Path]) -> None:
    """Add up the blocks of files and write the table of counts."""
    sums: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * len(COUNTS))
    for row in read(paths):
        total = sums[tuple(row[key] for key in KEYS)]
        for place, name in enumerate(COUNTS):
            total[place] += int(row[name])
    order = list(FAMILIES)
    with TABLE.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*KEYS, *COUNTS])
        for key, total in sorted(sums.items(), key=lambda item: order.index(item[0][0])):
            writer.writerow([*key, *total])


def percent(part: int, whole: int) -> str:
    """Return a share in per cent with its Monte-Carlo error, in brackets."""
    if whole == 0:
        return "-"
    share = part / whole
    return f"{100 * share:.1f} ({100 * math.sqrt(share * (1 - share) / whole):.1f})"


def table(rows: list[Row], effect: bool, of: tuple[str, str], families: tuple[str, ...]) -> str:
    """Return one table: methods down, size and share across; of: which count out of which."""
    cells = [(n, p) for n in SIZES for p in SHARES]
    found = {
        (row["method"], int(row["size"]), float(row["share"])): row
        for row in rows
        if (row["effect"] == "True") is effect
        and row["family"] in families
        and int(row[of[1]])
        and int(row["trials"]) >= FEWEST
    }
    names = list(dict.fromkeys(key[0] for key in found))
    head = "| | " + " | ".join(f"{n}, {p:.0%}" for n, p in cells) + " | trials |"
    lines = [head, "|---" + "|--:" * (len(cells) + 1) + "|"]
    for name in names:
        own = [found.get((name, *cell)) for cell in cells]
        texts = ["-" if row is None else percent(int(row[of[0]]), int(row[of[1]])) for row in own]
        trials = sorted({int(row["trials"]) for row in own if row is not None})
        many = f"{trials[0]:,}" if len(trials) == 1 else f"{trials[0]:,} to {trials[-1]:,}"
        lines.append(f"| {name} | " + " | ".join(texts) + f" | {many} |")
    return "\n".join(lines)


def silent(rows: list[Row]) -> str:
    """Return a sentence for each method that had no answer in more than one trial of a thousand."""
    worst: dict[str, tuple[float, str]] = {}
    for row in rows:
        possible = int(row["trials"]) and int(row["answered"]) + int(row["intervals"])
        got = int(row["answered"]) or int(row["intervals"])
        share = 1.0 - got / int(row["trials"]) if possible else 0.0
        where = f"{row['size']} an arm, {float(row['share']):.0%}"
        worst[row["method"]] = max(worst.get(row["method"], (0.0, "")), (share, where))
    shown = [
        f"- {name}: {100 * share:.1f} % ({where})" for name, (share, where) in worst.items() if share > 0.001
    ]
    return "\n".join(shown)


def tables() -> str:
    """Return all tables, from the file of counts."""
    rows = read([TABLE])
    single = tuple(name for name in FAMILIES if name != "several")
    error, coverage, several = ("rejected", "answered"), ("covered", "intervals"), ("several",)
    parts = {
        "Type I error at 5 %": table(rows, False, error, single),
        "Coverage of 95 % intervals": table(rows, True, coverage, single),
        "At least one false claim of several, neither dose works": table(rows, False, error, several),
        "At least one false claim, the first dose works": table(rows, True, error, several),
        "Trials without an answer, at worst": silent(rows),
    }
    return "\n\n".join(f"### {title}\n\n{part}" for title, part in parts.items())


def page() -> None:
    """Write the tables into the page, between the marks."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    text = before + BEGIN + "\n\n" + tables() + "\n\n" + FINISH + rest.split(FINISH)[1]
    PAGE.write_text(text, encoding="utf-8")


def main() -> None:
    """Simulate, gather or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--families", nargs="*", default=list(FAMILIES), choices=list(FAMILIES))
    parser.add_argument("--sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--minutes", type=float, default=1e6)
    parser.add_argument("--replicates", type=int, default=USUAL)
    parser.add_argument("--gather", nargs="*", type=Path)
    parser.add_argument("--page", action="store_true")
    chosen = parser.parse_args()
    if chosen.results is not None:
        simulate(chosen.results, chosen.families, chosen.sizes, chosen.minutes, chosen.replicates)
    if chosen.gather is not None:
        gather(chosen.gather)
    if chosen.page:
        page()
    if chosen.results is None and chosen.gather is None and not chosen.page:
        sys.stderr.write("Nothing asked: give --results, --gather or --page.\n")


if __name__ == "__main__":
    main()
