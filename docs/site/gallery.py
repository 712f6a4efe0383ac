"""The gallery: every published trial drawn beside its simulation, from the tables of published-trials.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from euexia import protocol

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "euexia"

TABLES = "explanation/published-trials.md"
ROW = re.compile(r"^\| `(\w+)`(?: with `(\w+)`)? \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", re.MULTILINE)
NUMBER = re.compile(r"−?\d[\d,]*\.?\d*")
UNIT = re.compile(r"\[([^\]]*)\]$")
PUBLISHED, SIMULATED = "#111111", "#0072b2"
HEIGHT, WIDTH = 0.62, 8.2


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a trial: published and simulated, each value, low and high, as far as there are."""

    what: str
    unit: str
    published: tuple[float, ...]
    simulated: tuple[float, ...]
    verdict: str


def write(pages: Path) -> None:
    """Write the gallery: an index, and a page with its figure for each trial that has a published figure."""
    found: dict[tuple[str, str], list[Line]] = {}
    for name, overlay, line in lines((pages / TABLES).read_text(encoding="utf-8")):
        found.setdefault((name, overlay), []).append(line)
    folder = pages / "gallery"
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for (name, overlay), entries in found.items():
        compared = [entry for entry in entries if entry.published]
        if not compared:
            continue
        stem = f"{name}-{overlay}" if overlay else name
        for unit in dict.fromkeys(entry.unit for entry in compared):
            (folder / f"{stem}-{_plain(unit)}.svg").write_text(
                drawn([entry for entry in compared if entry.unit == unit], unit), encoding="utf-8"
            )
        (folder / f"{stem}.md").write_text(page(name, overlay, stem, compared), encoding="utf-8")
        inside = sum("outside" not in entry.verdict for entry in compared)
        title = protocol.load(name).title + (f", with `{overlay}`" if overlay else "")
        rows.append(f"| [{title}]({stem}.md) | {inside} of {len(compared)} |")
    index = [
        "# Published trials beside simulations",
        "",
        "Every shipped trial of which a figure was published, with the reference numbers of the model: "
        "nothing was tuned to these pictures, and misses are shown like hits. How the calibrated model does, "
        "and on which trials it was never fitted: [validation](../explanation/validation.md).",
        "",
        "| trial | published figures inside the 95 % prediction interval |",
        "|---|---|",
        *rows,
        "",
    ]
    (folder / "index.md").write_text("\n".join(index), encoding="utf-8")


def lines(text: str) -> Iterator[tuple[str, str, Line]]:
    """Yield protocol, overlay and figure of every row of the tables."""
    for name, overlay, what, published, simulated, verdict in ROW.findall(text):
        unit = UNIT.search(what)
        if unit is None:
            continue
        yield (
            name,
            overlay,
            Line(
                UNIT.sub("", what).strip(), unit.group(1), _numbers(published), _numbers(simulated), verdict
            ),
        )


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(number.replace("−", "-").replace(",", "")) for number in NUMBER.findall(text))


def page(name: str, overlay: str, stem: str, entries: list[Line]) -> str:
    """Return the page of a trial."""
    chosen = protocol.load(name)
    option = f" --parameters {overlay}" if overlay else ""
    out = [f"# {chosen.title}{', with ' + overlay if overlay else ''}", "", chosen.question, ""]
    for unit in dict.fromkeys(entry.unit for entry in entries):
        mine = [entry for entry in entries if entry.unit == unit]
        words = "; ".join(
            f"{e.what}: published {e.published[0]:g}, simulated {e.simulated[0]:g}" for e in mine
        )
        out += [f"![{words}]({stem}-{_plain(unit)}.svg)", ""]
    out += [
        "Black: as published, with its 95 % interval where there is one. Blue: the mean of 1,000 simulated "
        "trials and the interval in which 95 % of them lie.",
        "",
        "```sh",
        f"euexia run {name} --trials 200{option}",
        f"euexia show {name}",
        "```",
        "",
        "Every figure with its words: [published trials](../explanation/published-trials.md).",
        "",
    ]
    return "\n".join(out)


def drawn(entries: list[Line], unit: str) -> str:
    """Return the figure of some rows of one unit as SVG."""
    figure = Figure(figsize=(WIDTH, 0.9 + HEIGHT * len(entries)), layout="constrained")
    axes = figure.add_subplot()
    for place, entry in enumerate(entries):
        for values, colour, marker, shift in (
            (entry.published, PUBLISHED, "D", -0.13),
            (entry.simulated, SIMULATED, "o", 0.13),
        ):
            if not values:
                continue
            if len(values) == 3:
                axes.plot(values[1:], [place + shift] * 2, color=colour, linewidth=2)
            axes.plot(values[0], place + shift, marker=marker, color=colour, markersize=6)
    axes.set_yticks(range(len(entries)), [_wrapped(entry.what) for entry in entries], fontsize=8)
    axes.set_ylim(len(entries) - 0.5, -0.5)
    axes.set_xlabel(f"[{unit}]")
    keys = [
        Line2D([], [], color=PUBLISHED, marker="D", label="published"),
        Line2D([], [], color=SIMULATED, marker="o", label="simulated"),
    ]
    figure.legend(handles=keys, loc="outside upper right", ncols=2, frameon=False, fontsize=8)
    axes.axvline(0, color="#999999", linewidth=0.8, zorder=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#e3e3e3")
    text = StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def _wrapped(text: str) -> str:
    """Return a label on two lines: what is measured, and of whom."""
    first, colon, second = text.partition(": ")
    return f"{first}\n{second}" if colon else text


def _plain(unit: str) -> str:
    return "percent" if unit == "%" else re.sub(r"\W+", "-", unit)
