"""The page of a design search."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from euexia.report.content import Block, Chapter, Code, Drawn, Fold, Listing, Prose, Table
from euexia.report.patient_report import PAGE, write_pages
from euexia.report.plain_page import render_plain
from euexia.report.search_figures import choices_picture, pareto_picture
from euexia.study.operating import Estimate
from euexia.study.search import Search
from euexia.study.search_confirmation import Confirmation, command_of
from euexia.study.search_folder import POINTS, point_name
from euexia.study.search_goal import short_label
from euexia.study.search_words import power_figure, question_in_words, sentences, value_in_words
from euexia.study.trial_figures import COST, FALSE_SUCCESS, IN_VAIN, MONTHS, PATIENTS

TABLE, RESULTS = "designs.csv", "results.json"
MOST_OPEN = 12
"""Designs that the first table shows."""


def write_search(
    folder: Path, found: Search, confirmations: Sequence[Confirmation], *, overlays: tuple[str, ...] = ()
) -> Path:
    """Write the page, its figures and its numbers into the folder of a search; return the page's path.

    Raises OutputError when it cannot be written.
    """
    chosen = chosen_point(found, confirmations)
    chapters = (
        *_confirmation(found, confirmations),
        _figures(found, chosen),
        _designs(found, overlays),
        *_left_out(found),
        _how(found),
    )
    page = render_plain(
        f"The better design: {found.space.protocol.id}",
        chapters,
        eyebrow="Design search",
        about=found.space.protocol.title,
        lead=tuple(sentences(found, confirmations)),
        shows="what a model's virtual trials do, not what a trial will find",
        parameters_hash=found.parameters.hash,
        table=TABLE,
    )
    contents = {
        PAGE: page.encode(),
        TABLE: _csv(found, overlays).encode(),
        RESULTS: (json.dumps(results(found, confirmations, overlays), indent=1) + "\n").encode(),
    }
    return write_pages(folder, contents, chapters)


def chosen_point(found: Search, confirmations: Sequence[Confirmation]) -> int:
    """Return the design that is shown: recommended, or the nearest to the goals."""
    if confirmations:
        return confirmations[-1].point
    return found.ranking[0] if found.ranking else found.nearest


def _name(found: Search, point: int) -> str:
    return point_name(point, found.space.points)


def shown_figures(found: Search) -> list[str]:
    """Return the figures of the tables."""
    asked = [goal.figure for goal in found.question.goals] + [found.question.objective.figure]
    names = [power_figure(found), *asked, PATIENTS, MONTHS, IN_VAIN, FALSE_SUCCESS, COST]
    return [name for name in dict.fromkeys(names) if name in found.simulated[0].values]


def _confirmation(found: Search, confirmations: Sequence[Confirmation]) -> tuple[Chapter, ...]:
    if not confirmations:
        return ()
    figures = shown_figures(found)
    rows = []
    for entry in confirmations:
        before = found.values(entry.point)
        name = _name(found, entry.point)
        rows.append((f"{name}, in the search", *(_cell(figure, before[figure]) for figure in figures)))
        rows.append(
            (f"{name}, seed {entry.seed}", *(_cell(figure, entry.values[figure]) for figure in figures))
        )
    table = Table(
        caption="The recommended design on the seed that chose it, and on a fresh one",
        columns=("Design", *(short_label(figure) for figure in figures)),
        rows=tuple(rows),
        note="± is the Monte-Carlo standard error. The row of the fresh seed is the one to quote: the design "
        "was chosen by the other one, and so was the luck of that seed.",
    )
    items = tuple((path, f"{value}") for path, value in found.space.words(confirmations[-1].point).items())
    return (
        Chapter(
            id="recommended",
            title="The recommended design" if confirmations[-1].confirmed else "The last design tried",
            blocks=(Listing(items=items), table),
        ),
    )


def _cell(figure: str, value: Estimate) -> str:
    """Return a figure as a cell; its unit stands in the head of the column."""
    text = value_in_words(figure, value).partition(" (")[0]
    return text.removesuffix(" patients").removesuffix(" months").removesuffix(" visits")


def _figures(found: Search, chosen: int) -> Chapter:
    pictures = [pareto_picture(found, chosen), choices_picture(found, chosen)]
    blocks = tuple(Drawn(picture=picture) for picture in pictures if picture is not None)
    return Chapter(id="figures", title="What it costs, and what each choice does", blocks=blocks)


def _designs(found: Search, overlays: tuple[str, ...]) -> Chapter:
    order = [*found.ranking, *(e.point for e in found.simulated if e.point not in set(found.ranking))]
    rows = [_row(found, point) for point in order]
    columns = _columns(found)
    blocks: list[Block] = [
        Prose(text=f"{question_in_words(found)}. Best first; what meets the goals stands above the rest."),
        Table(
            caption="The first designs",
            columns=columns,
            rows=tuple(rows[:MOST_OPEN]),
            quiet=True,
        ),
    ]
    rest = Table(
        caption="All simulated designs",
        columns=(*columns, "Again, in this folder"),
        rows=tuple((*row, _command(found, point, overlays)) for row, point in zip(rows, order, strict=True)),
        wordy=(len(columns),),
    )
    blocks.append(Fold(summary=f"All {len(rows)} simulated designs, with their commands", blocks=(rest,)))
    return Chapter(id="designs", title="The designs", blocks=tuple(blocks))


def _columns(found: Search) -> tuple[str, ...]:
    smoothed = ("Power, smoothed",) if found.beliefs is not None else ()
    return (
        "Design",
        *(axis.path for axis in found.space.axes),
        *smoothed,
        *(short_label(figure) for figure in shown_figures(found)),
    )


def _row(found: Search, point: int) -> tuple[str, ...]:
    values = found.values(point)
    name = _name(found, point)
    smoothed = (_smoothed(found, point),) if found.beliefs is not None else ()
    return (
        name,
        *found.space.words(point).values(),
        *smoothed,
        *(_cell(figure, values[figure]) for figure in shown_figures(found)),
    )


def _command(found: Search, point: int, overlays: tuple[str, ...]) -> str:
    return command_of(f"{POINTS}/{_name(found, point)}.yaml", found.trials, found.seed, overlays)


def _smoothed(found: Search, point: int) -> str:
    value = smoothed_power(found, point)
    return "–" if math.isnan(value) else f"{100 * value:.1f} %"


def smoothed_power(found: Search, point: int) -> float:
    """Return the surrogate's power of a design; NaN where it was not asked for it."""
    figure = power_figure(found)
    if found.beliefs is None or figure not in found.beliefs.by_figure or point not in found.beliefs.places:
        return math.nan
    return float(found.beliefs.by_figure[figure].value()[found.beliefs.places[point]])


def _left_out(found: Search) -> tuple[Chapter, ...]:
    if not found.left_out:
        return ()
    table = Table(
        caption="Designs that are no valid protocol",
        columns=("Designs", "Why"),
        rows=tuple((entry.words, entry.reason) for entry in found.left_out),
        wordy=(1,),
        quiet=True,
    )
    return (Chapter(id="left-out", title="Left out", blocks=(table,)),)


def _how(found: Search) -> Chapter:
    axes = tuple(
        (axis.path, ", ".join(axis.words(place) for place in range(len(axis.values))))
        for axis in found.space.axes
    )
    text = (
        f"Every design was simulated in the same {found.trials:,} trials of seed {found.seed}: the same "
        "candidates come to all of them and live the same chance, so they are told apart better than their "
        "single errors suggest. Designs that differ in size alone share their patients: the smaller trial is "
        "the beginning of the larger one, bit for bit. The smoothed power is that of a Gaussian process over "
        "all simulated designs, to which the Monte-Carlo variance of each is known. Title and question in a "
        "design's file are those of the original."
    )
    example = found.simulated[0].point
    name = _name(found, example)
    code = Code(
        label="Any design again, with its full report",
        text=command_of(f"{POINTS}/{name}.yaml", found.trials, found.seed, ()),
    )
    return Chapter(
        id="how", title="How it was searched", blocks=(Listing(items=axes), Prose(text=text), code)
    )


def _csv(found: Search, overlays: tuple[str, ...]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    figures = list(found.simulated[0].values)
    writer.writerow(
        [
            "design",
            *(axis.path for axis in found.space.axes),
            "meets_goals",
            "smoothed_power",
            *(part for figure in figures for part in (figure, f"{figure}_error")),
            "trials",
            "seed",
            "command",
        ]
    )
    for entry in found.simulated:
        name = _name(found, entry.point)
        numbers = [n for figure in figures for n in (entry.values[figure].value, entry.values[figure].error)]
        writer.writerow(
            [
                name,
                *found.space.words(entry.point).values(),
                entry.point in found.ranking,
                smoothed_power(found, entry.point),
                *numbers,
                found.trials,
                found.seed,
                command_of(f"{POINTS}/{name}.yaml", found.trials, found.seed, overlays),
            ]
        )
    return stream.getvalue()


def results(
    found: Search, confirmations: Sequence[Confirmation], overlays: tuple[str, ...]
) -> dict[str, Any]:
    """Return everything as JSON knows it."""
    return {
        "schema": "euexia-design-search/1",
        "protocol": found.space.protocol.id,
        "axes": {axis.path: [axis.words(k) for k in range(len(axis.values))] for axis in found.space.axes},
        "goals": [goal.text for goal in found.question.goals],
        "objective": {
            "figure": found.question.objective.figure,
            "largest": found.question.objective.largest,
        },
        "trials": found.trials,
        "seed": found.seed,
        "sentences": list(sentences(found, confirmations)),
        "ranking": [_name(found, point) for point in found.ranking],
        "confirmations": [
            {
                "design": _name(found, entry.point),
                "seed": entry.seed,
                "trials": entry.trials,
                "confirmed": entry.confirmed,
                "figures": _plain(entry.values),
            }
            for entry in confirmations
        ],
        "designs": [
            {
                "design": _name(found, entry.point),
                "values": found.space.words(entry.point),
                "figures": _plain(entry.values),
                "command": command_of(
                    f"{POINTS}/{_name(found, entry.point)}.yaml", found.trials, found.seed, overlays
                ),
            }
            for entry in found.simulated
        ],
        "left_out": [{"designs": entry.words, "reason": entry.reason} for entry in found.left_out],
        "parameters": found.parameters.hash,
    }


def _plain(values: Any) -> dict[str, Any]:
    return {
        figure: {"value": _finite(value.value), "error": _finite(value.error), "trials": value.trials}
        for figure, value in values.items()
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
