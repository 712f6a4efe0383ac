"""Write what a course hangs on: a tornado for each observable, the indices, and what readings can tell."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from euexia.report.axes import heading, placed, reference
from euexia.report.content import Chapter, Drawn, Fold, Listing, Prose, Table
from euexia.report.drawing import Panel, Picture
from euexia.report.formatting import SPACE, joined, plural
from euexia.report.patient_report import PAGE, render_patient, write_pages
from euexia.report.style import PALETTE
from euexia.study.exchange import observable
from euexia.study.global_indices import Method
from euexia.study.sensitivity import Influence, Sensitivity
from euexia.study.store import check_folder

if TYPE_CHECKING:
    from matplotlib.figure import FigureBase

TABLE = "sensitivity.csv"
SHOWN = 15
"""Bars of a tornado."""
ROW, WIDTH, LEFT = 22.0, 640.0, 250.0


def write_sensitivity(folder: Path, found: Sensitivity) -> Path:
    """Write the page, its figures and its numbers into a new folder; return the path of the page.

    Raises InputError for a folder that is not empty, OutputError when it cannot be written.
    """
    check_folder(folder)
    chapters = (*(_chapter(found, name) for name in found.influences), _readings_chapter(found))
    page = render_patient(
        found.patient,
        chapters,
        eyebrow="What this virtual patient's course hangs on",
        lead=tuple(leading(found, name) for name in found.influences),
        parameters_hash=found.parameters_hash,
        table=TABLE,
    )
    return write_pages(folder, {PAGE: page.encode(), TABLE: table_text(found).encode()}, chapters)


def called(name: str) -> str:
    """Return a number of the model as figures and sentences call it."""
    return name.replace(".", ": ").replace("_", " ")


def value(number: float) -> str:
    """Return a number with three digits that count."""
    return f"{number:.3g}".replace("-", "−")


def column_heads(method: Method) -> tuple[str, ...]:
    """Return what the columns of the table of influences hold."""
    match method:
        case Method.MORRIS:
            indices = ("Mean effect", "Mean size (±)", "SD of effects")
        case Method.SOBOL:
            indices = ("First-order index", "Total index (±)", "Interactions")
        case _:
            assert_never(method)
    return ("Range", "Change at low", "Change at high", *indices)


def row(entry: Influence) -> tuple[str, ...]:
    """Return the cells of one number."""
    parameter = entry.parameter
    return (
        parameter.name,
        f"{value(parameter.low or 0.0)} to {value(parameter.high or 0.0)}",
        value(entry.at_low),
        value(entry.at_high),
        value(entry.own),
        f"{value(entry.overall)}{SPACE}±{SPACE}{value(entry.error)}",
        value(entry.spread),
    )


def leading(found: Sensitivity, name: str) -> str:
    """Return the change of an observable and the numbers it hangs on most."""
    unit, meaning = observable(name)
    most = [called(entry.parameter.name) for entry in found.influences[name][:3] if entry.overall > 0]
    change = f"{meaning} changes by {_with_unit(found.stated[name], unit)} in {found.weeks} weeks"
    under = f"under {found.regimen.label}" if found.regimen.parts else "without treatment"
    hangs = f"it hangs most on {joined(tuple(most))}" if most else "no number that was varied moves it"
    return f"{change} ({under}); {hangs}."


def _with_unit(number: float, unit: str) -> str:
    return value(number) if unit == "1" else f"{value(number)} {unit}"


def method_words(found: Sensitivity) -> str:
    """Return how the indices were found."""
    match found.method:
        case Method.MORRIS:
            how = (
                f"{found.size} trajectories after Morris (1991): an effect is how far the outcome moves "
                "while a number crosses its range, seen from many places; a large SD means that it acts with "
                "others"
            )
        case Method.SOBOL:
            how = (
                f"indices of Sobol from {found.size} base samples (Saltelli 2010): shares of the outcome's "
                "variance; what the total index has beyond the first-order one comes of acting together"
            )
        case _:
            assert_never(found.method)
    return (
        f"Every number ranges evenly from its stated low to its stated high; {found.runs} runs, seed "
        f"{found.seed}; {how}. ± is the half-width of the 95 % interval. For every run the history is solved "
        "anew, so that weight, C-reactive protein and GDF-15 of today stay as described." + _astray(found)
    )


def _astray(found: Sensitivity) -> str:
    if not found.astray:
        return ""
    return (
        f" In {plural(found.astray, 'run')} the disease cannot lead to the weight of today; the nearest "
        "weight stands in."
    )


def identifiability_words(found: Sensitivity) -> tuple[str, ...]:
    """Return what readings every four weeks could say about the numbers."""
    told = found.identifiability
    numbers = {entry.parameter.name for entries in found.influences.values() for entry in entries}
    words = [
        f"Readings every four weeks over {found.weeks} weeks, {plural(len(told.measures), 'measure')}: of "
        f"{plural(len(numbers), 'number')}, {len(told.hidden)} move no reading by as much as its error, even "
        "from one end of their range to the other. Such readings of one patient cannot teach them."
    ]
    words += [
        f"{joined(tuple(called(name) for name in group))} move the readings in the same way: only their "
        "joint effect can be learnt."
        for group in told.alike
    ]
    return tuple(words)


def tornado(found: Sensitivity, name: str) -> Picture:
    """Return the tornado of one observable: each number alone at both ends of its range."""
    unit, meaning = observable(name)
    shown = sorted(found.influences[name], key=lambda entry: -entry.swing)[:SHOWN]
    return Picture(
        name=f"tornado-{name.replace('_', '-')}",
        title=f"{meaning}: what its change hangs on",
        caption=(
            "Each number alone at its low and at its high end, all others as stated; "
            f"{plural(len(shown), 'bar')}, the widest first. Dashed: every number as stated."
        ),
        panels=(_bars(found.stated[name], shown, name, f"{meaning}, change in {found.weeks} weeks", unit),),
    )


def _bars(stated: float, shown: Sequence[Influence], name: str, title: str, unit: str) -> Panel:
    size = (WIDTH, 84 + ROW * len(shown))

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, size, left=LEFT, right=18, top=46, bottom=36)
        heading(figure, size, title, second="orange: number at its low end; blue: at its high end")
        for place, entry in enumerate(shown):
            for end, colour in ((entry.at_low, PALETTE[1]), (entry.at_high, PALETTE[0])):
                axes.barh(place, end - stated, left=stated, color=colour, height=0.66)
        axes.set_yticks(range(len(shown)), [called(entry.parameter.name) for entry in shown])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.grid(axis="x")
        reference(axes, stated)
        axes.set_xlabel("change" if unit == "1" else f"change [{unit}]")

    words = "; ".join(
        f"{called(entry.parameter.name)} {value(entry.at_low)} to {value(entry.at_high)}" for entry in shown
    )
    return Panel(
        name=f"tornado-{name.replace('_', '-')}",
        title=title,
        description=f"{title}, stated {value(stated)}; at the low and the high end: {words}.",
        draw=draw,
        width=size[0],
        height=size[1],
    )


def _chapter(found: Sensitivity, name: str) -> Chapter:
    _, meaning = observable(name)
    table = Table(
        caption=f"{meaning}: every number that was varied",
        columns=("Number", *column_heads(found.method)),
        rows=tuple(row(entry) for entry in found.influences[name]),
        wordy=(0,),
    )
    blocks = (Drawn(picture=tornado(found, name)), Fold(summary="In numbers", blocks=(table,)))
    return Chapter(id=name.replace("_", "-"), title=meaning, blocks=blocks)


def _readings_chapter(found: Sensitivity) -> Chapter:
    hidden = Listing(items=tuple(("", called(name)) for name in found.identifiability.hidden))
    folded = (Fold(summary="What moves no reading", blocks=(hidden,)),) if hidden.items else ()
    return Chapter(
        id="readings",
        title="What readings could tell",
        blocks=(
            *(Prose(text=text) for text in identifiability_words(found)),
            *folded,
            Prose(text=method_words(found)),
        ),
    )


def table_text(found: Sensitivity) -> str:
    """Return every influence as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ("observable", "number", "low", "stated", "high", "change_at_low", "change_stated", "change_at_high",
         "own", "overall", "overall_error", "spread", "method")
    )  # fmt: skip
    for name, entries in found.influences.items():
        for entry in entries:
            p = entry.parameter
            numbers = (p.low, p.value, p.high, entry.at_low, found.stated[name], entry.at_high)
            indices = (entry.own, entry.overall, entry.error, entry.spread)
            writer.writerow((name, p.name, *map(repr, (*numbers, *indices)), found.method.value))
    return text.getvalue()
