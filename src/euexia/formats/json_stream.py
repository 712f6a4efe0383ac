"""Read JSON that is too large to be held: one object whose ``rows`` come in batches, or a row to a line.

Numbers must be JSON numbers (no NaN, no Infinity); a key that is there twice in an object is a fault.
"""

from __future__ import annotations

import codecs
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NoReturn, Protocol

BATCH = 4_000_000
SPACE = " \t\r\n"
ATTEMPTS = 100


class JsonError(ValueError):
    """The text is not the JSON that was expected; says where and why."""


class Source(Protocol):
    """Whatever gives bytes."""

    def read(self, size: int, /) -> bytes:
        """Give at most so many bytes; none at the end."""


@dataclass(slots=True)
class Inflated:
    """A compressed file, read as the bytes it holds; zlib and gzip are told apart by their first bytes."""

    file: BinaryIO
    machine: Any = field(default_factory=lambda: zlib.decompressobj(wbits=47))

    def read(self, size: int, /) -> bytes:
        """Give some bytes; JsonError if the stream is damaged or ends too early."""
        while not self.machine.eof:
            raw = self.machine.unconsumed_tail or self.file.read(1 << 16)
            if not raw:
                raise JsonError("the compressed stream ends before its end: the file is truncated.")
            try:
                given: bytes = self.machine.decompress(raw, size)
            except zlib.error as error:
                raise JsonError(f"the compressed stream is damaged ({error}).") from error
            if given:
                return given
        if self.machine.unused_data or self.file.read(1):
            raise JsonError("something follows the compressed stream.")
        return b""


@dataclass(slots=True)
class Feed:
    """Text that arrives in pieces."""

    source: Source
    text: str = ""
    ended: bool = False
    decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8-sig")()
    )

    def more(self) -> bool:
        """Append a piece; False at the end. JsonError if it is not UTF-8."""
        raw = b"" if self.ended else self.source.read(BATCH)
        self.ended = self.ended or not raw
        try:
            self.text += self.decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            shown = error.object[max(0, error.start - 20) : error.start + 4]
            raise JsonError(f"byte 0x{error.object[error.start]:02x} in {shown!r} is not UTF-8.") from error
        return bool(raw)

    def peek(self) -> str:
        """Give the next character that is no space; empty at the end."""
        while True:
            self.text = self.text.lstrip(SPACE)
            if self.text or not self.more():
                return self.text[:1]

    def take(self, wanted: str, where: str) -> None:
        """Step over a character, or raise JsonError."""
        found = self.peek()
        if found != wanted:
            shown = f"'{found}'" if found else "the end"
            raise JsonError(f"{where}: '{wanted}' was expected and there is {shown}.")
        self.text = self.text[1:]

    def value(self, where: str) -> Any:
        """Read one whole value."""
        self.peek()
        while True:
            try:
                value, end = _first_value(self.text)
            except json.JSONDecodeError as error:
                if self.more():
                    continue
                raise JsonError(f"{where}: {error.msg.lower()}.") from error
            if end < len(self.text) or not self.more():
                self.text = self.text[end:]
                return value


def object_with_rows(feed: Feed, header: dict[str, Any]) -> Iterator[list[Any]]:
    """Read an object: fill the header with all its members but ``rows``, and give those in batches."""
    feed.take("{", "the beginning of the file")
    while feed.peek() != "}":
        key = feed.value("a key")
        if not isinstance(key, str):
            raise JsonError(f"{key!r} is no key: keys are text.")
        if key in header:
            raise JsonError(f"the key '{key}' is there twice.")
        feed.take(":", f"after the key '{key}'")
        header[key] = None
        if key == "rows":
            yield from _rows(feed)
        else:
            header[key] = feed.value(f"the value of '{key}'")
        if feed.peek() == "}":
            break
        feed.take(",", f"after the value of '{key}'")
    feed.take("}", "the end of the file")
    if feed.peek():
        raise JsonError(f"'{feed.text[:20]}' follows the end of the object.")


def lines(feed: Feed) -> Iterator[list[Any]]:
    """Read lines that hold one row each, in batches."""
    count = 0
    while feed.text or feed.more():
        end = feed.text.rfind("\n")
        if end < 0 and feed.more():
            continue
        part, feed.text = (feed.text, "") if end < 0 else (feed.text[:end], feed.text[end + 1 :])
        part = part.strip(SPACE)
        if part:
            rows = _lines(part, count)
            count += len(rows)
            yield rows


def _lines(part: str, before: int) -> list[Any]:
    """Parse many lines at once; one by one if that fails, to name the line."""
    try:
        rows: list[Any] = _only_value("[" + part.replace("\n", ",") + "]")
        if len(rows) == part.count("\n") + 1:
            return rows
    except json.JSONDecodeError:
        pass
    rows = []
    for line in part.split("\n"):
        if line.strip(SPACE):
            try:
                rows.append(_only_value(line))
            except json.JSONDecodeError as error:
                raise JsonError(f"row {before + len(rows) + 1}: {error.msg.lower()}.") from error
    return rows


def _rows(feed: Feed) -> Iterator[list[Any]]:
    """Read an array of rows in batches."""
    feed.take("[", "the value of 'rows'")
    if feed.peek() == "]":
        feed.take("]", "the rows")
        return
    count = 0
    while True:
        if feed.peek() != "[":
            raise JsonError(f"row {count + 1}: a row is an array and begins with '['.")
        batch, closed = _batch(feed, count)
        count += len(batch)
        yield batch
        if closed:
            return


def _batch(feed: Feed, before: int) -> tuple[list[Any], bool]:
    """Read some rows: up to a ``],`` between rows, or to the end of the array.

    A ``],`` inside a text is noticed: the text is then not closed, and an earlier ``],`` is tried.
    """
    while True:
        if len(feed.text) < BATCH and feed.more():
            continue
        if feed.ended:
            return _last_batch(feed, before)
        end = len(feed.text)
        for _ in range(ATTEMPTS):
            end = feed.text.rfind("],", 0, end)
            if end < 0:
                break
            found = _decoded("[" + feed.text[: end + 1] + "]")
            if found is None:
                continue
            rows, stop = found
            closed = stop < end + 3
            feed.text = feed.text[stop - 1 if closed else end + 2 :]
            return rows, closed
        feed.more()


def _decoded(text: str) -> tuple[list[Any], int] | None:
    try:
        rows, stop = _first_value(text)
    except json.JSONDecodeError:
        return None
    return rows, stop


def _last_batch(feed: Feed, before: int) -> tuple[list[Any], bool]:
    """Read the rest of the array, and name the row that cannot be read."""
    found = _decoded("[" + feed.text)
    if found is not None:
        rows, stop = found
        feed.text = feed.text[stop - 1 :]
        return rows, True
    count, rest = before, feed.text
    while rest.startswith("["):
        try:
            _, stop = _first_value(rest)
        except json.JSONDecodeError as error:
            raise JsonError(f"row {count + 1}: {error.msg.lower()}.") from error
        count, rest = count + 1, rest[stop:].lstrip(SPACE)
        rest = rest[1:].lstrip(SPACE) if rest.startswith(",") else rest
    raise JsonError(f"after row {count}: the rows are not closed: the file is truncated.")


def _first_value(text: str) -> tuple[Any, int]:
    """Read the value a text begins with, and say where it ends."""
    try:
        return DECODER.raw_decode(text)
    except (json.JSONDecodeError, JsonError):
        raise
    except ValueError as error:  # an integer of thousands of digits
        raise JsonError(f"holds a number that cannot be read: {error}.") from error


def _only_value(text: str) -> Any:
    """Read the one value of a text."""
    value, end = _first_value(text)
    if text[end:].strip(SPACE):
        raise json.JSONDecodeError("Extra data", text, end)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object whose keys are there once."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise JsonError(f"the key '{twice[0]}' is there twice in an object.")
    return made


def _no_constant(text: str) -> NoReturn:
    raise JsonError(f"{text} is not a JSON number; a missing value is null.")


DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)
