"""Write a calibration: prior beside posterior, what was not informed, and the figures it was fitted to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from euexia.report.content import Block, Chapter, Drawn, Listing, Prose, Table
from euexia.report.drawing import Drawings, Panel, Picture
from euexia.report.files import FIGURES, REPORT, write_files
from euexia.report.formatting import number
from euexia.report.plain_page import render_plain
from euexia.report.style import CONTROL, INK, MUTED, PALETTE
from euexia.study.calibration import Calibration
from euexia.study.calibration_result import MOST_SHRINKAGE, NOT_INFORMED, Learnt, Summary

if TYPE_CHECKING:
    from matplotlib.figure import FigureBase

WIDTH, ROW, TOP, BOTTOM = 760.0, 24.0, 34.0, 44.0
LEFT, AXIS = 260.0, 330.0
ACROSS = 4
"""More columns than the page narrows: one drawing takes its whole width."""
REACH = 3.2
"""Prior SDs on either side that are drawn."""
MOST_TIES = 12
SHORT = 1e-3


def write_calibration(
    folder: Path, calibration: Calibration, summary: Summary, files: Mapping[str, bytes], *, seconds: float
) -> Path:
    """Write the page of a calibration beside its files; return the path of the page.

    Raises OutputError when it cannot be written.
    """
    content = chapters(calibration, summary)
    drawings = Drawings()
    found = dict(files)
    for chapter in content:
        for picture in chapter.pictures():
            found |= {f"{FIGURES}/{name}": file for name, file in drawings.files(picture).items()}
    page = render_plain(
        "Calibration",
        content,
        eyebrow="What published trials leave of the doubt",
        lead=sentences(calibration, summary, seconds),
        shows="numbers of the model fitted to published trials",
        parameters_hash=calibration.parameters.hash,
        table="summary.json",
    )
    return write_files(folder, found | {REPORT: page.encode()})


def sentences(calibration: Calibration, summary: Summary, seconds: float) -> tuple[str, ...]:
    """Return the answer: converged or not, what was learnt, and what it took."""
    informed = sum(entry.informed for entry in summary.learnt)
    studies = len({target.study for target in calibration.targets})
    state = (
        "The calibration converged."
        if summary.converged
        else f"The calibration did not converge: {'; '.join(summary.faults)}. It must not be used."
    )
    return (
        f"{state} {len(calibration.targets)} figures of {studies} studies informed {informed} of "
        f"{len(summary.learnt)} numbers; together they took away as much doubt as "
        f"{number(summary.dimensions_informed, 1)} exactly known numbers would.",
        f"The mean prediction lies {number(summary.distance, 2)} squared SDs a figure away from what was "
        "fitted (1 is what chance and the assumed discrepancy would give, on average).",
        f"{sum(len(members) for members in calibration.members)} draws in {len(calibration.members)} "
        f"independent ensembles; it took {number(seconds / 60, 0)} minutes on {calibration.settings.workers} "
        "processes.",
    )


def chapters(calibration: Calibration, summary: Summary) -> tuple[Chapter, ...]:
    """Return the chapters of the page."""
    return (
        Chapter(
            id="posterior",
            title="Before and after",
            blocks=(Drawn(picture=before_and_after(summary)), posterior_table(summary)),
        ),
        Chapter(id="told-apart", title="What trials do not tell", blocks=_not_told(summary)),
        Chapter(id="fit", title="What it was fitted to", blocks=(_fits(summary),)),
        Chapter(id="steps", title="Convergence", blocks=(_steps(calibration),)),
    )


def before_and_after(summary: Summary) -> Picture:
    """Return prior and posterior of every number on the scale of its prior."""
    entries = sorted(summary.learnt, key=lambda entry: entry.ratio)
    height = TOP + ROW * len(entries) + BOTTOM
    said = " ".join(
        f"{entry.name}: prior {_three(entry.prior)}, posterior {_three(entry.posterior)}."
        for entry in entries
    )

    def draw(figure: FigureBase) -> None:
        body = ROW * len(entries)
        axes = figure.add_axes((LEFT / WIDTH, BOTTOM / height, AXIS / WIDTH, body / height))
        axes.set(xlim=(-REACH, REACH), ylim=(len(entries), 0), yticks=[])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("SDs of the prior")
        for place, entry in enumerate(entries):
            down = place + 0.5
            low, middle, high = (_at(entry, value) for value in entry.posterior)
            axes.plot([-1.96, 1.96], [down + 0.2] * 2, color=CONTROL, linewidth=2.2, alpha=0.45)
            colour = PALETTE[0] if entry.informed else PALETTE[4]
            axes.plot([low, high], [down - 0.08] * 2, color=colour, linewidth=4)
            axes.plot(middle, down - 0.08, "o", color=INK, markersize=4, zorder=4)
            at = 1 - (TOP + ROW * down) / height
            figure.text(8 / WIDTH, at, entry.name, color=INK, size=10.5, va="center")
            text = f"{_three(entry.posterior)} {entry.unit}"
            figure.text((LEFT + AXIS + 10) / WIDTH, at, text, color=MUTED, size=10, va="center")

    return Picture(
        name="calibration-posterior",
        title="Prior and posterior",
        caption=(
            "Grey: 95 % of the prior. Blue: 95 % of the posterior with its median, where the trials said "
            "something; brown where they did not. The most informed stand first."
        ),
        panels=(
            Panel(
                name="calibration-posterior",
                title="Prior and posterior of every number",
                description=said,
                draw=draw,
                width=WIDTH,
                height=height,
            ),
        ),
        columns=ACROSS,
    )


def _at(entry: Learnt, value: float) -> float:
    """Return a value in SDs of the prior, read off its median and limits on the number's own scale."""
    low, middle, high = entry.prior
    if entry.scale == "log":
        low, middle, high, value = (float(np.log(part)) for part in (low, middle, high, value))
    side = (high - middle) if value >= middle else (middle - low)
    return float(np.clip(1.96 * (value - middle) / side, -REACH, REACH))


def _three(values: tuple[float, float, float]) -> str:
    low, middle, high = (_readable(value) for value in values)
    return f"{middle} ({low} to {high})"


def _readable(value: float) -> str:
    if abs(value) < SHORT:
        return f"{value:.2g}".replace("-", "−")
    return f"{value:.3g}".replace("-", "−")


def posterior_table(summary: Summary) -> Table:
    """Return prior against posterior as a table."""
    return Table(
        caption="Prior and posterior: median and 95 % limits",
        columns=("Number", "Unit", "Uncalibrated", "Prior", "Posterior", "SD ratio", "Ensembles"),
        rows=tuple(
            (
                entry.name,
                entry.unit,
                _readable(entry.value),
                _three(entry.prior),
                _three(entry.posterior),
                number(entry.ratio, 2),
                number(entry.agreement, 2),
            )
            for entry in summary.learnt
        ),
        wordy=(1,),
        note=(
            f"SD ratio: posterior over prior on the scale of the prior; from {NOT_INFORMED} on a number "
            "counts as not informed. Ensembles: SD of all draws over the SD inside an ensemble; above "
            f"{MOST_SHRINKAGE} they disagree."
        ),
    )


def _not_told(summary: Summary) -> tuple[Block, ...]:
    silent = [entry.name for entry in summary.learnt if not entry.informed]
    ties = summary.ties[:MOST_TIES]
    found: list[Block] = [
        Prose(
            text="Not informed: " + (", ".join(silent) if silent else "none") + ". They stay as uncertain as "
            "they were assumed to be; whatever hangs on them is an assumption, not a finding."
        )
    ]
    if ties:
        found.append(Prose(text="Told apart badly, because trials see only their sum or difference:"))
        found.append(
            Listing(items=tuple((f"{tie.one} and {tie.other}", number(tie.correlation, 2)) for tie in ties))
        )
    return tuple(found)


def _fits(summary: Summary) -> Table:
    return Table(
        caption="Published and calibrated",
        columns=("Figure", "Published", "SD of error", "Calibrated", "SD of draws", "Distance in SDs"),
        rows=tuple(
            (
                entry.name,
                number(entry.published, 2),
                number(entry.error, 2),
                number(entry.after, 2),
                number(entry.after_sd, 2),
                number((entry.after - entry.published) / entry.error, 1),
            )
            for entry in summary.fits
        ),
        note="Shares as fractions. The error is sampling, chance of the simulation and discrepancy together.",
    )


def _steps(calibration: Calibration) -> Table:
    rows = [
        (str(ensemble), str(number_), number(step.size, 3), number(step.reached, 3), number(step.misfit, 1))
        for ensemble, steps in enumerate(calibration.simulated_steps, start=1)
        for number_, step in enumerate(steps, start=1)
    ]
    return Table(
        caption="Steps from prior (0) to posterior (1)",
        columns=("Ensemble", "Step", "Size", "Reached", "Mean misfit before"),
        rows=tuple(rows),
    )
