"""How a design is printed and written: tables to read, JSON and CSV to compute with."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, assert_never

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from euexia.cli.consoles import results, tell
from euexia.core.errors import InputError, OutputError
from euexia.core.whole_file import write_whole

if TYPE_CHECKING:
    from euexia.design.answer import Answer, AnswerTable, Cell, Column

BAR_WIDTH = 30


class Format(StrEnum):
    """How a design is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


Written = Annotated[
    Format, typer.Option("--format", help="Text to read, JSON of everything, or CSV of the first table.")
]
Out = Annotated[
    Path | None,
    typer.Option(help="New file to write instead of printing.", metavar="FILE", show_default="none"),
]


def listed(name: str, words: str) -> tuple[float, ...]:
    """Return the numbers of an option such as '0.33,0.67,1'."""
    try:
        return tuple(float(word) for word in words.split(","))
    except ValueError as error:
        raise InputError(
            f"'{name}' is '{words}'. Give numbers with commas between them, such as 0.5,1."
        ) from error


def whole(name: str, words: str) -> tuple[int, ...]:
    """Return the whole numbers of an option such as '50,100'."""
    numbers = listed(name, words)
    if any(number != int(number) for number in numbers):
        raise InputError(
            f"'{name}' is '{words}'. Give whole numbers with commas between them, such as 50,100."
        )
    return tuple(int(number) for number in numbers)


def deliver(answer: Answer, written: Format, out: Path | None) -> None:
    """Print the answer, or write it to a new file."""
    if out is None:
        match written:
            case Format.TEXT:
                results.print(_page(answer))
            case Format.JSON | Format.CSV:
                results.print(_text(answer, written), end="", markup=False, soft_wrap=True, highlight=False)
            case _:
                assert_never(written)
        return
    content = _plain(answer) if written is Format.TEXT else _text(answer, written)
    _write_new(out, content)
    tell(f"Design: {out}")


def _text(answer: Answer, written: Format) -> str:
    return as_csv(answer) if written is Format.CSV else as_json(answer)


def as_json(answer: Answer) -> str:
    """Return everything as JSON; infinite boundaries become null."""
    content = {
        "title": answer.title,
        "tables": {table.name: _records(table) for table in answer.tables},
        "assumptions": list(answer.assumptions),
        "warnings": list(answer.warnings),
        "sources": list(answer.sources),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def as_csv(answer: Answer) -> str:
    """Return the first table as CSV."""
    records = _records(answer.tables[0])
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return buffer.getvalue()


def _records(table: AnswerTable) -> list[dict[str, Cell]]:
    places = [(place, column.key) for place, column in enumerate(table.columns) if column.key]
    return [{key: _finite(row[place]) for place, key in places} for row in table.rows]


def _finite(cell: Cell) -> Cell:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _page(answer: Answer) -> RenderableType:
    lines: list[RenderableType] = [Text(answer.title, style="bold")]
    for table in answer.tables:
        lines += [Text(""), Text(table.title), _table(table)]
    for warning in answer.warnings:
        lines.append(Text.assemble(("Mind: ", "bold yellow"), warning))
    lines += [Text.assemble(("Assumed: ", "dim"), words) for words in answer.assumptions]
    lines += [Text.assemble(("Source: ", "dim"), words) for words in answer.sources]
    return Group(*lines)


def _table(table: AnswerTable) -> Table:
    drawn = Table()
    for column in table.columns:
        drawn.add_column(column.label, justify="left" if _is_words(column) else "right")
    for row in table.rows:
        drawn.add_row(*(_cell(column)(value) for column, value in zip(table.columns, row, strict=True)))
    return drawn


def _is_words(column: Column) -> bool:
    from euexia.design.answer import Style

    return column.style in (Style.TEXT, Style.BAR)


def _cell(column: Column) -> Callable[[Cell], Text]:
    from euexia.design.answer import Style

    def shown(value: Cell) -> Text:
        if value is None:
            return Text("–")
        if isinstance(value, str):
            return Text(value)
        match column.style:
            case Style.PROBABILITY:
                return Text(f"{value:.4f}")
            case Style.COUNT | Style.TEXT:
                return Text(f"{value:g}" if math.isinf(value) else f"{int(value)}")
            case Style.NUMBER:
                return Text(_number(value))
            case Style.BAR:
                return Text("█" * round(BAR_WIDTH * value))
            case _:
                assert_never(column.style)

    return shown


def _number(value: float) -> str:
    if math.isinf(value):
        return "none"
    return f"{value:.2f}" if abs(value) >= 100 else f"{value:.4f}".rstrip("0").rstrip(".")


def _plain(answer: Answer) -> str:
    from rich.console import Console

    buffer = io.StringIO()
    Console(file=buffer, width=110, force_terminal=False, color_system=None).print(_page(answer))
    return buffer.getvalue()


def _write_new(path: Path, content: str) -> None:
    """Write a file that does not exist yet, whole or not at all."""
    if path.exists():
        raise InputError(f"'{path}' exists and is not overwritten. Choose another --out.")
    try:
        write_whole(path, content.encode())
    except OSError as error:
        raise OutputError(f"'{path}' cannot be written: {error.strerror or error}.") from error
