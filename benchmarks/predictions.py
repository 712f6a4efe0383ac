"""The page on prediction of published trials, written anew: tables, figures and the committed numbers.

Run: ``python benchmarks/predictions.py [--draws 200] [--set calibrated_1]``.  It does what ``euexia
validate`` does, for every twin, puts the tables between the markers of ``docs/explanation/validation.md`` and
of ``docs/explanation/calibration.md``, the figures into ``docs/images`` and the numbers beside the set.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from euexia import parameters
from euexia.evidence.row import Use
from euexia.report import validation_report, validation_words
from euexia.report.content import Table
from euexia.report.drawing import Drawings
from euexia.report.files import RESULTS
from euexia.report.validation_figures import courses, forest
from euexia.study.calibrated_set import LATEST, load_draws, load_summary
from euexia.study.validation import Validation, validate

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "explanation"
IMAGES = ROOT / "docs" / "images"
SETS = ROOT / "src" / "euexia" / "data" / "calibrations"


def markdown(table: Table) -> str:
    """Return a table of a report as Markdown."""
    lines = [table.columns, tuple("---" for _ in table.columns), *table.rows]
    text = "\n".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines)
    return f"**{table.caption}**\n\n{text}" + (f"\n\n{table.note}" if table.note else "")


def renewed(text: str, name: str, body: str) -> str:
    """Return a page with a part between its markers put anew."""
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    if not marked.search(text):
        raise SystemExit(f"The page has no markers '{name}'.")
    return marked.sub(lambda found: f"{found.group(1)}{body}\n{found.group(2)}", text)


def write(page: Path, parts: Mapping[str, str]) -> None:
    """Put parts between the markers of a page."""
    text = page.read_text("utf-8")
    for name, body in parts.items():
        text = renewed(text, name, body)
    page.write_text(text, "utf-8")


def every_figure(found: Validation) -> Table:
    """Return the table of all figures."""
    fold = validation_report.chapters(found)[1].blocks[1]
    table = fold.blocks[0]  # type: ignore[union-attr]
    assert isinstance(table, Table)
    return table


def validation_parts(found: Validation) -> dict[str, str]:
    """Return the parts of the page on validation."""
    errors = [markdown(validation_report.error_table(found, use)) for use in (Use.HOLDOUT, Use.CALIBRATION)]
    lost = [
        f"- {validation_words.USES[use]}: {line}"
        for use in (Use.HOLDOUT, Use.CALIBRATION)
        for line in validation_words.not_beaten(found, use)
    ]
    return {
        "answer": "\n\n".join(validation_words.sentences(found)),
        "coverage": markdown(validation_report.coverage_table(found)),
        "errors": "\n\n".join(errors),
        "not beaten": "\n".join(lost) or "- nothing",
        "figures": markdown(every_figure(found)),
    }


def posterior(entries: Sequence[Mapping[str, Any]]) -> str:
    """Return prior against posterior as Markdown."""

    def three(values: Sequence[float]) -> str:
        low, middle, high = (f"{value:.3g}".replace("-", "−") for value in values)
        return f"{middle} ({low} to {high})"

    rows = tuple(
        (
            f"`{entry['name']}`",
            entry["unit"],
            f"{entry['value']:.3g}",
            three(entry["prior"]),
            three(entry["posterior"]),
            f"{entry['ratio']:.2f}",
            f"{entry['agreement']:.2f}",
        )
        for entry in sorted(entries, key=lambda entry: entry["ratio"])
    )
    columns = ("number", "unit", "uncalibrated", "prior", "posterior", "SD ratio", "ensembles")
    return markdown(Table(caption="Prior and posterior: median and 95 % limits", columns=columns, rows=rows))


def calibration_parts(summary: Mapping[str, Any]) -> dict[str, str]:
    """Return the parts of the page on calibration."""
    ties = [f"- `{tie['one']}` and `{tie['other']}`: {tie['correlation']:.2f}" for tie in summary["ties"]]
    silent = [f"`{entry['name']}`" for entry in summary["parameters"] if entry["ratio"] >= 0.9]
    return {
        "posterior": posterior(summary["parameters"]),
        "ties": "\n".join(ties).replace("-0.", "−0.") or "- none",
        "not informed": ", ".join(silent) or "none",
    }


def main() -> None:
    """Compute and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--set", default=LATEST)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    started = time.perf_counter()

    def progress(done: int, planned: int) -> None:
        print(f"{done} of {planned} trials, {time.perf_counter() - started:.0f} s", flush=True)

    found = validate(
        parameters.load(),
        load_draws(asked.set),
        draws=asked.draws,
        seed=1,
        workers=asked.workers,
        progress=progress,
    )
    drawings = Drawings()
    for picture in (forest(found), courses(found)):
        if picture is not None:
            files = drawings.files(picture)
            name = next(name for name in files if name.endswith(".svg"))
            (IMAGES / name).write_bytes(files[name])
    write(PAGES / "validation.md", validation_parts(found))
    write(PAGES / "calibration.md", calibration_parts(load_summary(asked.set)))
    results = validation_report.validation_files(found)[RESULTS]
    (SETS / asked.set / "validation.json").write_bytes(results)
    print("\n".join(validation_words.sentences(found)))
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
