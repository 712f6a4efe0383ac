"""Known misfits of the reference set, before and after the mechanisms that answer them are switched on.

Run: ``python benchmarks/misfits.py`` (a minute).  ``--write PAGE`` puts the table between the marks of a
page, ``--figure FILE`` draws the figures that have a published number.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from builders.misfits import LINES, measure
from euexia import parameters
from euexia.report.dots import dots_svg

BEGIN, END = "<!-- misfits -->", "<!-- end of misfits -->"


def table(before: dict[str, float], after: dict[str, float]) -> str:
    """Return the table as Markdown."""
    rows = [
        "| | figure | unit | published | reference set | mechanisms on |",
        "|---|---|---|---|---|---|",
    ]
    for line in LINES:
        numbers = (f"{found[line.figure]:.2f}".replace("-", "−") for found in (before, after))
        published = line.published.replace(" -", " −").replace("-1", "−1").replace("-0", "−0")
        rows.append(f"| {line.letter} | {line.label} | {line.unit} | {published} | {' | '.join(numbers)} |")
    return "\n".join(rows)


def figure(before: dict[str, float], after: dict[str, float]) -> str:
    """Return the figures that have a published number, as shares of it."""
    told = [line for line in LINES if line.value == line.value]
    return dots_svg(
        [f"({line.letter}) {line.label}" for line in told],
        {
            "reference set": [before[line.figure] / line.value for line in told],
            "mechanisms on": [after[line.figure] / line.value for line in told],
        },
        title="Known misfits: how much of the published figure the model gives",
        second="Simulated over published; mechanisms at assumed values, nothing fitted",
        across="simulated / published",
        line=1.0,
        line_label="as published",
    )


def main() -> None:
    """Print the table, write it into a page, or draw the figure."""
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--overlay", default="known_misfits", help="what is laid over the reference set")
    reader.add_argument("--write", type=Path, help="page with the marks of the table")
    reader.add_argument("--figure", type=Path, help="SVG file to write")
    asked = reader.parse_args()
    before, after = measure(parameters.load()), measure(parameters.load(overlays=(asked.overlay,)))
    found = table(before, after)
    if asked.figure is not None:
        asked.figure.write_text(figure(before, after), encoding="utf-8")
    if asked.write is None:
        print(found)
        return
    text = asked.write.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    tail = rest.partition(END)[2]
    asked.write.write_text(f"{head}{BEGIN}\n{found}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
