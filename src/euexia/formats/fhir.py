"""FHIR: the resources of bundles (JSON) and bulk exports (NDJSON), each with its place, none of them twice.

Only what a file says is kept; what the resources mean is the affair of ``euexia.standards``.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from euexia.core.errors import Fault
from euexia.formats.dataset import Note, odd, understood
from euexia.formats.files import fault, read_bytes, refusal
from euexia.formats.tree import every, part, text

KIND = "FHIR file"
ENDINGS = (".json", ".ndjson", ".jsonl", ".json.gz", ".ndjson.gz")
LONGEST_START = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource: its content, and the line (NDJSON) or entry (bundle) of its file, counted from 1."""

    kind: str
    id: str
    body: Mapping[str, Any]
    file: str
    number: int
    unit: str
    """``line`` or ``entry``."""
    address: str = ""
    """Full address in its bundle, such as ``urn:uuid:...``."""

    @property
    def place(self) -> str:
        """Say where it stands."""
        return f"{self.file}, {self.unit} {self.number}"

    @property
    def version(self) -> tuple[int, str]:
        """Return what orders its versions: the number of the version, then the time of its last change."""
        written = text(self.body, "meta", "versionId")
        return (int(written) if written.isdigit() else 0, text(self.body, "meta", "lastUpdated"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Resources by kind, and how references find them."""

    resources: Mapping[str, tuple[Resource, ...]]
    notes: tuple[Note, ...] = ()
    by_address: Mapping[str, Resource] = field(default_factory=dict)

    def of(self, kind: str) -> tuple[Resource, ...]:
        """Return the resources of a kind, in order."""
        return self.resources.get(kind, ())

    def referred(self, reference: Any, inside: Resource) -> Resource | None:
        """Return the resource that a reference means: contained, by address, or by kind and identifier."""
        written = text(reference, "reference")
        if written.startswith("#"):
            return _contained(inside, written[1:])
        bare = written.partition("/_history/")[0]
        return self.by_address.get(bare) or self.by_address.get("/".join(bare.split("/")[-2:]))


def is_fhir(path: Path) -> bool:
    """Say whether a file, or a file of a folder, holds FHIR resources."""
    if path.is_dir():
        return any(is_fhir(file) for file in _files(path)[:3])
    if not path.name.lower().endswith(ENDINGS) or not path.is_file():
        return False
    try:
        start = _opened(path, LONGEST_START)
    except OSError:
        return False
    return b'"resourceType"' in start


def read(path: Path | str) -> Collection:
    """Return the resources of a file, or of all files of a folder; DataFileError with every fault.

    Of several versions of a resource the newest is kept, of equal copies one; different copies without
    a version are refused.
    """
    place = Path(path)
    faults: list[Fault] = []
    found: list[Resource] = []
    for file in _files(place) if place.is_dir() else [place]:
        found += _of_file(file, faults)
    if not found and not faults:
        faults.append(fault("the file", "holds no resource."))
    kept, notes = _newest(found, faults)
    if faults:
        raise refusal(place.name, KIND, faults)
    resources: dict[str, list[Resource]] = {}
    addresses: dict[str, Resource] = {}
    for one in kept:
        resources.setdefault(one.kind, []).append(one)
        for address in (one.address, f"{one.kind}/{one.id}"):
            if address and not address.endswith("/"):
                addresses.setdefault(address, one)
    return Collection(
        resources={kind: tuple(ones) for kind, ones in resources.items()},
        notes=tuple(notes),
        by_address=addresses,
    )


def codes(concept: Any) -> tuple[tuple[str, str], ...]:
    """Return system and code of each coding of a concept."""
    return tuple((text(one, "system"), text(one, "code")) for one in every(concept, "coding"))


def words(concept: Any) -> str:
    """Return a concept in words: its text, else the first display, else the first code."""
    shown = [text(one, "display") or text(one, "code") for one in every(concept, "coding")]
    return text(concept, "text") or next((one for one in shown if one), "")


def moment(body: Any, *stems: str) -> tuple[str, str]:
    """Return when something was, in ISO 8601, and ``period`` if it lasted over more than one date.

    stems: names of the element without its type, such as ``effective``.
    """
    for stem in stems:
        for name in (f"{stem}DateTime", f"{stem}Instant", stem):
            written = part(body, name)
            if isinstance(written, str) and written:
                return written, ""
        start, end = text(body, f"{stem}Period", "start"), text(body, f"{stem}Period", "end")
        if start or end:
            return start or end, "period" if start[:10] != end[:10] else ""
    return "", ""


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.name.lower().endswith(ENDINGS))


def _opened(path: Path, length: int) -> bytes:
    if path.name.endswith(".gz"):
        with gzip.open(path, "rb") as packed:
            return packed.read(length)
    with path.open("rb") as file:
        return file.read(length)


def _of_file(file: Path, faults: list[Fault]) -> Iterator[Resource]:
    """Give the resources of a file; what is none is a fault."""
    content = read_bytes(file, KIND)
    try:
        written = (gzip.decompress(content) if file.name.endswith(".gz") else content).decode("utf-8-sig")
    except (UnicodeDecodeError, OSError, EOFError) as error:
        faults.append(fault(file.name, f"is not text in UTF-8 ({error})."))
        return
    try:
        yield from _of_tree(json.loads(written), file.name, faults)
    except json.JSONDecodeError as error:
        if "\n" not in written.strip() or error.msg != "Extra data":
            problem = f"is not JSON: {error.msg} (column {error.colno})."
            faults.append(fault(file.name, problem, "Is it complete?", line=error.lineno))
            return
        yield from _of_lines(written, file.name, faults)


def _of_lines(written: str, file: str, faults: list[Fault]) -> Iterator[Resource]:
    for number, line in enumerate(written.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            body = json.loads(line)
        except json.JSONDecodeError as error:
            problem = f"is not JSON: {error.msg} (column {error.colno})."
            faults.append(fault(file, problem, "Is the line complete?", line=number))
            continue
        yield from _resource(body, file, number, "line", "", faults)


def _of_tree(tree: Any, file: str, faults: list[Fault]) -> Iterator[Resource]:
    if text(tree, "resourceType") != "Bundle":
        yield from _resource(tree, file, 1, "line", "", faults)
        return
    for number, entry in enumerate(every(tree, "entry"), start=1):
        body = part(entry, "resource")
        if body is not None:
            yield from _resource(body, file, number, "entry", text(entry, "fullUrl"), faults)


def _resource(
    body: Any, file: str, number: int, unit: str, address: str, faults: list[Fault]
) -> Iterator[Resource]:
    kind = text(body, "resourceType")
    if not kind:
        problem = "has no 'resourceType', so it is no resource of FHIR."
        faults.append(fault(f"{file}, {unit} {number}", problem))
        return
    yield Resource(
        kind=kind, id=text(body, "id"), body=body, file=file, number=number, unit=unit, address=address
    )


def _newest(found: Sequence[Resource], faults: list[Fault]) -> tuple[list[Resource], list[Note]]:
    """Return each resource once, and what was said of the others."""
    kept: dict[str, Resource] = {}
    notes: list[Note] = []
    for one in found:
        key = f"{one.kind}/{one.id}" if one.id else one.address or f"{one.place}"
        known = kept.setdefault(key, one)
        if known is one:
            continue
        if known.body == one.body:
            notes.append(understood(one.place, f"{key} stands in {known.place} already; one is kept."))
        elif known.version == one.version:
            problem = f"{key} differs from {known.place}, and no version says which is newer."
            faults.append(fault(one.place, problem, "Keep the right one."))
        else:
            newer, older = (one, known) if one.version > known.version else (known, one)
            kept[key] = newer
            notes.append(odd(older.place, f"an older version of {key} in {newer.place}; left out."))
    return list(kept.values()), notes


def _contained(inside: Resource, identifier: str) -> Resource | None:
    for body in every(inside.body, "contained"):
        if text(body, "id") == identifier:
            return Resource(
                kind=text(body, "resourceType"),
                id=identifier,
                body=body,
                file=inside.file,
                number=inside.number,
                unit=inside.unit,
            )
    return None
