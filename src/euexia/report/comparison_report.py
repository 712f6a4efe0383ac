"""The page that sets two designs side by side."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from euexia.report.content import Block, Chapter, Drawn, Prose, Table
from euexia.report.drawing import Panel, Picture
from euexia.report.formatting import (
    SPACE,
    number,
    percent,
    points_with_error,
    share_with_error,
    signed,
    value_with_error,
)
from euexia.report.patient_report import PAGE, write_pages
from euexia.report.plain_page import render_plain
from euexia.report.rate_figures import RateRow, rates_panel
from euexia.report.style import PALETTE, ArmStyle
from euexia.study.comparison import Agreement, Design, Paired
from euexia.study.operating import Estimate
from euexia.study.trial_figures import Kind, Whom

TABLE, RESULTS = "comparison.csv", "results.json"
DRAWN = ("success", "false_success")
CLEAR = 2.0
"""A difference of more than this many Monte-Carlo errors is called one."""


def write_comparison(
    folder: Path,
    first: Design,
    second: Design,
    found: Sequence[Paired],
    *,
    parameters_hash: str,
    agreement: Agreement | None = None,
    currency: str = "",
) -> Path:
    """Write the page, its figure and its numbers into a folder; return the path of the page.

    Raises OutputError when it cannot be written.
    """
    chapters = (
        _for_whom(first, second, found),
        _figures(first, second, found, agreement, currency),
        _differences(first, second),
    )
    page = render_plain(
        f"{first.label} or {second.label}?",
        chapters,
        eyebrow="Two designs side by side",
        about=f"{first.protocol.title} / {second.protocol.title}",
        lead=tuple(sentences(first, second, found)),
        shows="what a model's virtual trials do, not what a trial will find",
        parameters_hash=parameters_hash,
        table=TABLE,
    )
    results = {"schema": "euexia-comparison/2", "designs": [first.label, second.label]}
    written = json.dumps({**results, "figures": [_plain(asdict(entry)) for entry in found]}, indent=1)
    contents = {
        PAGE: page.encode(),
        TABLE: _csv(found).encode(),
        RESULTS: f"{written}\n".encode(),
    }
    return write_pages(folder, contents, chapters)


def sentences(first: Design, second: Design, found: Sequence[Paired]) -> Iterator[str]:
    """Say which design is better in what, and where the simulated trials cannot tell."""
    named = {entry.name: entry for entry in found}
    success = named["success"]
    yield (
        f"{first.label} succeeds in {share_with_error(success.first)} of its repeats, {second.label} in "
        f"{share_with_error(success.second)}: {_verdict(first, second, success)}."
    )
    for whom in Whom:
        yield f"For {whom.value}: {_weighed(first, second, _of(found, whom))}."


def _of(found: Sequence[Paired], whom: Whom) -> list[Paired]:
    return [entry for entry in found if entry.whom is whom and entry.name != "success"]


def _weighed(first: Design, second: Design, entries: Sequence[Paired]) -> str:
    """Say in what each design is better, and what cannot be told."""
    parts = []
    for design in (first, second):
        won = [entry for entry in entries if _better(first, second, entry) is design]
        if won:
            told = ", ".join(f"{_plainly(entry)} ({_difference(entry).lstrip('+−')})" for entry in won)
            parts.append(f"{design.label} is better in {told}")
    open_ones = [entry for entry in entries if entry.larger_is_better is not None and _is_open(entry)]
    if open_ones:
        told = ", ".join(_plainly(entry) for entry in open_ones)
        parts.append(f"the trials cannot tell, or do not differ, in {told}")
    return "; ".join(parts) or "nothing speaks for either"


def _plainly(entry: Paired) -> str:
    return {
        "false_success": "success of a drug that does nothing",
        "correct_decision": "correct decisions",
        "duration": "months to the last visit",
        "in_vain": "patients treated in vain",
        "serious": "serious adverse events",
        "visits": "visits of each patient",
        "patients": "patients randomised",
        "screened": "candidates screened",
        "cost": "cost",
    }.get(entry.name, entry.label.lower())


def _is_open(entry: Paired) -> bool:
    return not abs(entry.difference.value) > CLEAR * entry.difference.error


def _better(first: Design, second: Design, entry: Paired) -> Design | None:
    """Return which design is better in a figure; None where neither is, or chance cannot be ruled out."""
    if entry.larger_is_better is None or _is_open(entry):
        return None
    return second if (entry.difference.value > 0) is entry.larger_is_better else first


def _for_whom(first: Design, second: Design, found: Sequence[Paired]) -> Chapter:
    rows: list[tuple[str, ...]] = []
    for whom in Whom:
        concerned = [entry for entry in found if entry.whom is whom]
        for place, entry in enumerate(concerned):
            values = (_shown(entry.first, entry.kind), _shown(entry.second, entry.kind))
            heading = whom.value.capitalize() if place == 0 else ""
            rows.append((heading, entry.label, *values, _judged(first, second, entry)))
    table = Table(
        caption="Which design is better for whom",
        columns=("For", "In", first.label, second.label, "Better"),
        rows=tuple(rows),
        wordy=(1, 4),
        quiet=True,
        note="Better: a paired difference of more than two Monte-Carlo errors. A figure without a better "
        "side (who is treated, who dies in a larger trial) is shown for reading.",
    )
    return Chapter(id="for-whom", title="Better for whom", blocks=(table,))


def _judged(first: Design, second: Design, entry: Paired) -> str:
    if entry.larger_is_better is None:
        return "neither side is better"
    better = _better(first, second, entry)
    if better is None:
        return "no difference" if entry.difference.value == 0 else "cannot be told"
    return f"{better.label} (by {_difference(entry).lstrip('+−')})"


def _verdict(first: Design, second: Design, entry: Paired) -> str:
    difference = entry.difference
    if difference.value == 0:
        return "no difference"
    if not abs(difference.value) > CLEAR * difference.error:
        return f"{difference.trials:,} trials cannot tell them apart"
    if entry.larger_is_better is None:
        return f"a difference of {_difference(entry)}"
    better = second if (difference.value > 0) is entry.larger_is_better else first
    return f"{better.label} is better by {_difference(entry).lstrip('+−')}"


def _figures(
    first: Design,
    second: Design,
    found: Sequence[Paired],
    agreement: Agreement | None,
    currency: str,
) -> Chapter:
    styles = [
        ArmStyle(
            name=design.label,
            label=design.label,
            colour=PALETTE[place],
            marker="os"[place],
            line="-",
            size=0,
        )
        for place, design in enumerate((first, second))
    ]
    panels = tuple(_panel(styles, entry) for entry in found if entry.name in DRAWN)
    caption = (
        f"Circle {first.label}, square {second.label}; band: two Monte-Carlo errors either side. First the "
        "trials that succeed as modelled, then those that do so although the drug does nothing."
    )
    picture = Picture(
        name="shares", title="How the designs decide", caption=caption, panels=panels, columns=len(panels)
    )
    rows = tuple(
        (
            f"{entry.label}{_bracket(entry.kind, currency)}",
            _shown(entry.first, entry.kind),
            _shown(entry.second, entry.kind),
            _difference(entry, with_error=True),
        )
        for entry in found
    )
    table = Table(
        caption=f"Over {found[0].difference.trials:,} trials that both designs have",
        columns=("Figure", first.label, second.label, f"{second.label} − {first.label}, paired"),
        rows=rows,
        note="± is the Monte-Carlo standard error. The same candidates come to both designs, with the same "
        "chance; the error of a difference is that of pairs, and smaller than the two errors suggest.",
    )
    blocks: tuple[Block, ...] = (Drawn(picture=picture), table, *_agreement(first, second, agreement))
    return Chapter(id="figures", title="Side by side", blocks=blocks)


def _agreement(first: Design, second: Design, found: Agreement | None) -> tuple[Table, ...]:
    if found is None:
        return ()
    rows = (
        ("Both succeed", share_with_error(found.both)),
        (f"{first.label} alone", share_with_error(found.first_alone)),
        (f"{second.label} alone", share_with_error(found.second_alone)),
        ("Neither", share_with_error(found.neither)),
    )
    return (
        Table(
            caption="How often they succeed in the same trials",
            columns=("", "Share of trials"),
            rows=rows,
            note="Trial by trial, with the same candidates.",
        ),
    )


def _panel(styles: Sequence[ArmStyle], entry: Paired) -> Panel:
    """Return both designs' share of trials, in per cent from nought."""
    nothing = float("nan")
    rows = [
        RateRow(
            arm=style,
            mean=value.value,
            low=max(0.0, value.value - CLEAR * value.error),
            high=min(1.0, value.value + CLEAR * value.error),
            one=nothing,
            one_low=nothing,
            one_high=nothing,
        )
        for style, value in zip(styles, (entry.first, entry.second), strict=True)
    ]
    said = f"{entry.label}: " + ", ".join(f"{row.arm.label} {percent(row.mean)}" for row in rows) + "."
    return replace(rates_panel(tuple(rows), (), said), name=entry.name, title=entry.label)


def _bracket(kind: str, currency: str) -> str:
    if kind == Kind.MONEY:
        return f" [{currency}]" if currency else ""
    return "" if kind in (*Kind, "", "1") else f" [{kind}]"


def _shown(value: Estimate, kind: str) -> str:
    if kind in (Kind.SHARE, "1"):
        return share_with_error(value)
    if kind in (Kind.MONEY, Kind.VISITS):
        return value_with_error(value, 0)
    return value_with_error(value, 1 if kind in (Kind.PATIENTS, Kind.MONTHS) else 2)


def _difference(entry: Paired, *, with_error: bool = False) -> str:
    if entry.kind in (Kind.SHARE, "1"):
        shown = points_with_error(entry.difference)
        return f"{shown if with_error else shown.partition(SPACE)[0]} points"
    decimals = {"patients": 1, "months": 1, "money": 0, "visits": 0}.get(entry.kind, 2)
    shown = signed(entry.difference.value, decimals)
    return f"{shown} ± {number(entry.difference.error, max(decimals, 1))}" if with_error else shown


def _differences(first: Design, second: Design) -> Chapter:
    """Say in the files' own lines where the two protocols differ."""
    rows = tuple(differing_lines(first, second))
    if not rows:
        return Chapter(
            id="protocols", title="Where the protocols differ", blocks=(Prose(text="They say the same."),)
        )
    table = Table(
        caption="Values of the protocols that differ",
        columns=("Place", first.label, second.label),
        rows=rows,
        wordy=(1, 2),
    )
    return Chapter(id="protocols", title="Where the protocols differ", blocks=(table,))


def differing_lines(first: Design, second: Design) -> Iterator[tuple[str, str, str]]:
    """Give every value of the two protocols that differs, by its place."""
    one, other = dict(_values(asdict(first.protocol), "")), dict(_values(asdict(second.protocol), ""))
    for place in sorted({*one, *other}):
        if one.get(place) != other.get(place) and not place.startswith(("source_", "published")):
            yield place, one.get(place, "–"), other.get(place, "–")


def _values(value: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _values(inner, f"{place}.{key}".lstrip("."))
    elif isinstance(value, tuple | list):
        for index, inner in enumerate(value):
            name = inner.get("name") or inner.get("id") if isinstance(inner, dict) else None
            yield from _values(inner, f"{place}.{name or index + 1}")
    elif value not in (None, ""):
        yield place, str(value)


def _csv(found: Sequence[Paired]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(
        [
            "name",
            "label",
            "kind",
            "first",
            "first_error",
            "second",
            "second_error",
            "difference",
            "difference_error",
        ]
    )
    for entry in found:
        values = (entry.first, entry.second, entry.difference)
        writer.writerow(
            [entry.name, entry.label, entry.kind, *(n for v in values for n in (v.value, v.error))]
        )
    return stream.getvalue()


def _plain(value: object) -> object:
    """Return a value as JSON knows it; a number that is not finite becomes null."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
