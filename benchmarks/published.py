"""Published results of every shipped protocol beside its simulated trials, with a 95 % prediction interval.

Run: ``python benchmarks/published.py [--trials 1000] [--only NAME ...] [--write PAGE]``, where PAGE is
``docs/explanation/published-trials.md``.  Each protocol is simulated as it ships, with the reference numbers
of the model; nothing is tuned.  The interval holds what one more trial of that size would print if protocol
and model were true.  With ``--write`` the tables between the markers of the page are renewed; rows of
protocols that are not named stay.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import euexia
from euexia import protocol
from euexia.evidence.row import Row
from euexia.protocol.analysis_plan import Analysis, Role
from euexia.protocol.protocol import Protocol
from euexia.protocol.published import ESTIMATE, Published
from euexia.study.published import PREDICTION, printed_row

PATIENTS_PER_BLOCK = 4096
NORMAL = 1.96
"""Standard errors on either side of a published estimate that has no interval."""
VARIANTS = (("thalidomide_pancreatic", "thalidomide_gordon"),)
"""Protocols that are simulated once more, with an overlay."""
PRIMARY, FURTHER, TIMES = "primary results", "further results", "run times"
COMPARED = ("published (95 % interval)", "simulated (95 % prediction interval)", "published value is")
HEADINGS = {
    PRIMARY: ("protocol", "primary result", *COMPARED),
    FURTHER: ("protocol", "result", *COMPARED),
    TIMES: ("protocol", "patients", "trials", "seconds"),
}
SHARE, COUNTS = "1", ("patients", "n")
"""Units that are printed as per cent, and without decimals."""
NOTHING = "–"

Table = dict[str, list[str]]
"""Lines of a table, by protocol."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the simulated trials, trial by trial, in a unit."""

    unit: str
    blocks: list[np.ndarray] = field(default_factory=list)

    def summary(self) -> tuple[float, float, float]:
        """Return mean and prediction interval over the trials in which the figure could be estimated."""
        values = np.concatenate(self.blocks)
        known = values[np.isfinite(values)]
        if not known.size:
            return np.nan, np.nan, np.nan
        low, high = np.quantile(known, PREDICTION)
        return float(known.mean()), float(low), float(high)


Figures = dict[tuple[str, str], Figure]
"""By analysis and figure."""


def number(value: float, unit: str) -> str:
    """Return a number for reading, with a true minus sign."""
    if unit == SHARE:
        return f"{100 * value:.1f}".replace("-", "−")
    return f"{value:.{0 if unit in COUNTS else 2}f}".replace("-", "−")


def with_interval(value: float, low: float, high: float, unit: str) -> str:
    """Return a value and its interval."""
    return f"{number(value, unit)} ({number(low, unit)} to {number(high, unit)})"


def simulated_figures(trial: Protocol, trials: int, overlays: Sequence[str]) -> Figures:
    """Return each figure asked for: published ones, and the estimates of primary analyses."""
    numbers = euexia.load_parameters(overlays=tuple(overlays))
    asked = {(entry.analysis, entry.figure) for entry in trial.published}
    asked |= {(analysis.name, ESTIMATE) for analysis in trial.analyses if analysis.primary}
    found: Figures = {}
    block = max(1, PATIENTS_PER_BLOCK // trial.size)
    for first in range(0, trials, block):
        size = min(block, trials - first)
        data = euexia.simulate(trial, trials=size, seed=1, first_trial=first, parameters=numbers)
        results = {result.analysis: result for result in euexia.analyse(euexia.derive(data, trial), trial)}
        for analysis, figure in asked:
            result = results[analysis]
            values = result.estimate if figure == ESTIMATE else result.numbers[figure]
            found.setdefault((analysis, figure), Figure(result.unit)).blocks.append(values)
    return found


def printed(row: Row) -> str:
    """Return the published value with its interval, or with one from its standard error."""
    if row.value is None:
        return NOTHING
    if row.low is not None and row.high is not None:
        return with_interval(row.value, row.low, row.high, row.unit)
    if row.se is not None:
        reach = NORMAL * row.se
        return with_interval(row.value, row.value - reach, row.value + reach, row.unit)
    return number(row.value, row.unit)


def label(trial: Protocol, analysis: Analysis, figure: str, unit: str) -> str:
    """Return what a figure is, in words."""
    endpoint = next(entry for entry in trial.endpoints if entry.name == analysis.endpoint)
    arms = {arm.name: arm.label for arm in trial.arms}
    own, control = arms[analysis.arm], arms.get(analysis.control or "", "")
    if figure == ESTIMATE:
        who = f"{own} − {control}" if control else own
    else:
        who = control if figure.endswith("_control") else own
        who += f" ({figure.removesuffix('_control')})"
    shown = "%" if unit == SHARE else unit
    return f"{endpoint.label}, week {endpoint.day / 7:g}: {who} [{shown}]"


def compared(trial: Protocol, entry: Published, found: Figures, name: str) -> tuple[str, str]:
    """Return the table that a published result belongs to, and its line."""
    analysis = next(a for a in trial.analyses if a.name == entry.analysis)
    endpoint = next(e for e in trial.endpoints if e.name == analysis.endpoint)
    row = printed_row(entry)
    mean, low, high = found[entry.analysis, entry.figure].summary()
    met = "inside" if row.value is not None and low <= row.value <= high else "**outside**"
    counts = entry.figure.removesuffix("_control") == "analysed"
    table = PRIMARY if endpoint.role is Role.PRIMARY and not counts else FURTHER
    said = label(trial, analysis, entry.figure, row.unit)
    return table, line(name, said, printed(row), with_interval(mean, low, high, row.unit), met)


def line(*cells: object) -> str:
    """Return a line of a table."""
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def lines_of(trial: Protocol, found: Figures, name: str) -> Iterator[tuple[str, str]]:
    """Yield every line of a protocol with its table; without a published figure, its primary analyses."""
    lines = [compared(trial, entry, found, name) for entry in trial.published]
    yield from lines
    if any(table == PRIMARY for table, _ in lines):
        return
    for analysis in trial.analyses:
        if analysis.primary:
            figure = found[analysis.name, ESTIMATE]
            said = label(trial, analysis, ESTIMATE, figure.unit)
            shown = with_interval(*figure.summary(), figure.unit)
            yield PRIMARY, line(name, said, "no figure was read", shown, NOTHING)


def main() -> None:
    """Simulate, print the tables, and renew those of a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--only", nargs="*", default=list(protocol.shipped()))
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    tables: dict[str, Table] = {name: {} for name in HEADINGS}
    runs = [(name, ()) for name in asked.only]
    runs += [(name, (overlay,)) for name, overlay in VARIANTS if name in asked.only]
    for name, overlays in runs:
        trial = protocol.load(name)
        shown = f"`{name}`" + "".join(f" with `{overlay}`" for overlay in overlays)
        started = time.perf_counter()
        found = simulated_figures(trial, asked.trials, overlays)
        seconds = time.perf_counter() - started
        for table, text in lines_of(trial, found, shown):
            tables[table].setdefault(shown, []).append(text)
        tables[TIMES][shown] = [line(shown, trial.size, asked.trials, f"{seconds:.0f}")]
        print(f"{shown}: {seconds:.0f} s", flush=True)
    text = asked.write.read_text("utf-8") if asked.write else ""
    for name, table in tables.items():
        merged = {**existing(text, name), **table}
        ordered = [entry for key in sorted(merged) for entry in merged[key]]
        heading = [line(*HEADINGS[name]), "|" + "---|" * len(HEADINGS[name])]
        print("\n".join(["", name, *heading, *ordered]))
        if asked.write:
            text = renewed(text, name, [*heading, *ordered])
    if asked.write:
        asked.write.write_text(text, "utf-8")


def marked(name: str) -> re.Pattern[str]:
    """Return a pattern for what stands between the markers of a table."""
    return re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)


def existing(text: str, name: str) -> Table:
    """Return the lines of a table of the page, by protocol."""
    found = marked(name).search(text)
    lines: Table = {}
    for entry in (found.group(0) if found else "").splitlines():
        if entry.startswith("| `"):
            lines.setdefault(entry.split(" | ")[0].removeprefix("| "), []).append(entry)
    return lines


def renewed(text: str, name: str, lines: Sequence[str]) -> str:
    """Return the page with a table put between its markers."""
    body = "\n".join(lines)
    return marked(name).sub(lambda found: f"{found.group(1)}{body}\n{found.group(2)}", text)


if __name__ == "__main__":
    main()
