"""The layout of SAS transport files, versions 5 and 8: which datasets a file holds and where their bytes are.

A file is made of records of 80 bytes. A library header is followed by members; a member by its descriptor,
its variables (140 bytes each), in version 8 by labels longer than 40 bytes, and by its observations, padded
with blanks to a multiple of 80. Version 5 does not count its observations, version 8 does.

Layout: SAS technical note TS-140, and "Record layout of a SAS version 8 or 9 data set in SAS transport
format".
"""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

from euexia.core.errors import Fault
from euexia.formats.files import fault, refusal

RECORD = 80
KIND = "SAS transport file"
HEADER = b"HEADER RECORD*******"
MARK = b"HEADER RECORD!!!!!!!"
DESCRIPTOR_SIZES = {b"0140": 140, b"0136": 136}
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
TWO_DIGIT_PIVOT = 60
MOMENT = re.compile(
    r"\d\d(?P<year>\d\d)-(?P<month>0[1-9]|1[0-2])-(?P<day>\d\d)T(?P<clock>\d\d:\d\d:\d\d)", re.ASCII
)
HEADERS_AT_MOST = 16_000_000

Buffer = bytes | mmap.mmap


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the headers of one version are called."""

    version: int
    library: bytes
    member: bytes
    descriptor: bytes
    variables: bytes
    observations: bytes


VERSIONS = (
    Names(version=5, library=b"LIBRARY", member=b"MEMBER", descriptor=b"DSCRPTR", variables=b"NAMESTR",
          observations=b"OBS"),
    Names(version=8, library=b"LIBV8", member=b"MEMBV8", descriptor=b"DSCPTV8", variables=b"NAMSTV8",
          observations=b"OBSV8"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One variable: what it is called, and where its bytes are in an observation."""

    number: int
    name: bytes
    label: bytes
    kind: int
    length: int
    position: int
    display_format: bytes
    input_format: bytes

    @property
    def is_number(self) -> bool:
        """Say whether it is a number (kind 1) and not text (kind 2)."""
        return self.kind == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One dataset of a file: what is said of it, its variables, and where its observations are."""

    version: int
    name: bytes
    label: bytes
    system: bytes
    system_version: bytes
    created: str
    modified: str
    fields: tuple[Field, ...]
    start: int
    end: int
    declared_records: int | None

    @property
    def width(self) -> int:
        """The bytes of an observation."""
        return max((one.position + one.length for one in self.fields), default=0)


def members(buffer: Buffer, file: str) -> tuple[Member, ...]:
    """Find the datasets of a file; DataFileError names what is damaged and where."""
    names = _version(buffer, file)
    if len(buffer) % RECORD:
        place, whole = f"byte {len(buffer)}", len(buffer) // RECORD
        problem = f"the file ends inside record {whole + 1} of {RECORD} bytes: it is truncated or was changed"
        raise refusal(file, KIND, [fault(place, problem + ".", "Copy it again, in binary mode.")])
    starts = _member_starts(buffer, names)
    if not starts:
        raise refusal(
            file, KIND, [fault(f"byte {3 * RECORD}", "no member header follows: the file holds no dataset.")]
        )
    ends = [*starts[1:], len(buffer)]
    return tuple(_member(buffer, start, end, names, file) for start, end in zip(starts, ends, strict=True))


def header(name: bytes, rest: bytes = b"0" * 30) -> bytes:
    """Make a header record."""
    return (HEADER + name.ljust(8) + MARK + rest).ljust(RECORD)


def moment(stamp: bytes) -> str:
    """Turn ``21AUG20:09:14:28`` into ISO 8601; empty text if it is not one. Years are 1960 to 2059."""
    text = stamp.decode("ascii", errors="replace")
    month = text[2:5].upper()
    if len(text) != 16 or month not in MONTHS or not (text[:2] + text[5:7]).isdigit():
        return ""
    year = int(text[5:7]) + (1900 if int(text[5:7]) >= TWO_DIGIT_PIVOT else 2000)
    return f"{year}-{MONTHS.index(month) + 1:02d}-{text[:2]}T{text[8:]}"


def stamp(iso: str) -> bytes:
    """Turn an ISO 8601 moment into ``21AUG20:09:14:28``; blanks if there is none."""
    found = MOMENT.match(iso)
    if found is None:
        return b" " * 16
    text = f"{found['day']}{MONTHS[int(found['month']) - 1]}{found['year']}:{found['clock']}"
    return text.encode("ascii")


def _version(buffer: Buffer, file: str) -> Names:
    """Recognise the library header."""
    first = bytes(buffer[:RECORD])
    known = [names for names in VERSIONS if first.startswith(HEADER + names.library.ljust(8) + MARK)]
    if known:
        return known[0]
    if first.startswith(b"**COMPRESSED**"):
        problem, remedy = "it is a file of PROC CPORT, not of the XPORT engine.", "Export it with XPORT."
    else:
        problem = f"it does not begin with the library header of SAS transport but with {first[:28]!r}."
        remedy = "If it was copied as text, copy it again, in binary mode."
    raise refusal(file, KIND, [fault("byte 0", problem, remedy)])


def _member_starts(buffer: Buffer, names: Names) -> list[int]:
    """Find the member headers; they begin at a multiple of 80 bytes."""
    wanted = HEADER + names.member.ljust(8) + MARK
    starts, at = [], buffer.find(wanted)
    while at >= 0:
        if at % RECORD == 0:
            starts.append(at)
        at = buffer.find(wanted, at + 1)
    return starts


def _member(buffer: Buffer, offset: int, end: int, names: Names, file: str) -> Member:
    """Read the headers of one member."""
    observations = buffer.find(HEADER + names.observations.ljust(8) + MARK, offset, end)
    part = bytes(
        buffer[offset : min(end, observations + RECORD if observations >= 0 else offset + HEADERS_AT_MOST)]
    )
    _expect(part, RECORD, names.descriptor, offset, file)
    _expect(part, 4 * RECORD, names.variables, offset, file)
    size = DESCRIPTOR_SIZES.get(part[74:78])
    if size is None:
        problem = (
            f"it declares variables of {part[74:78].decode('ascii', 'replace')} bytes, not 140 (or 136)."
        )
        raise refusal(file, KIND, [fault(f"byte {offset + 74}", problem)])
    about, more = part[2 * RECORD : 3 * RECORD], part[3 * RECORD : 4 * RECORD]
    at, fields = _fields(part, size, names, offset, file)
    at, fields = _long_labels(part, at, fields, offset, file)
    _expect(part, at, names.observations, offset, file)
    name = about[8:16] if names.version == 5 else about[8:40]
    tail = about[24:40] if names.version == 5 else about[48:64]
    return Member(
        version=names.version, name=name.rstrip(b" \0"), label=more[32:72].rstrip(b" \0"),
        system_version=tail[:8].rstrip(b" \0"), system=tail[8:].rstrip(b" \0"),
        created=moment(about[64:80]), modified=moment(more[:16]), fields=fields,
        start=offset + at + RECORD, end=end,
        declared_records=_declared(part[at : at + RECORD]) if names.version == 8 else None,
    )  # fmt: skip


def _expect(part: bytes, at: int, name: bytes, offset: int, file: str) -> None:
    """Refuse the file unless a header record of this name stands here."""
    record = part[at : at + RECORD]
    if record.startswith(HEADER + name.ljust(8) + MARK):
        return
    wanted = name.decode("ascii")
    if len(record) < RECORD:
        problem = f"the file ends where the {wanted} header should be: it is truncated."
    else:
        problem = f"the {wanted} header is missing or damaged; there is {record[:28]!r}."
    raise refusal(file, KIND, [fault(f"byte {offset + at}", problem, "Copy the file again, in binary mode.")])


def _fields(part: bytes, size: int, names: Names, offset: int, file: str) -> tuple[int, tuple[Field, ...]]:
    """Read the variables, and return where they end."""
    counted = part[4 * RECORD + 54 : 4 * RECORD + 58]
    place = f"byte {offset + 4 * RECORD + 54}"
    if not counted.isdigit():
        raise refusal(
            file, KIND, [fault(place, f"the number of variables is {counted!r}, which is no number.")]
        )
    count, begin = int(counted), 5 * RECORD
    end = begin + -(-count * size // RECORD) * RECORD
    if end > len(part):
        problem = f"{count} variables are declared, but the file ends inside variable "
        raise refusal(
            file, KIND, [fault(place, f"{problem}{(len(part) - begin) // size + 1}: it is truncated.")]
        )
    places = range(begin, begin + count * size, size)
    fields = tuple(_field(part[at : at + size], names.version) for at in places)
    problems = [
        one for field, at in zip(fields, places, strict=True) for one in _impossible(field, offset + at)
    ]
    problems += _overlaps(fields, f"byte {offset + begin}")
    if problems:
        raise refusal(file, KIND, problems)
    return end, fields


def _field(raw: bytes, version: int) -> Field:
    """Read one variable: NAMESTR of TS-140."""
    kind, _, length, number = struct.unpack(">4h", raw[:8])
    width, decimals = struct.unpack(">2h", raw[64:68])
    input_width, input_decimals = struct.unpack(">2h", raw[80:84])
    short, long = raw[8:16].rstrip(b" \0"), raw[88:120].rstrip(b" \0") if version == 8 else b""
    return Field(
        number=number,
        name=long or short,
        label=raw[16:56].rstrip(b" \0"),
        kind=kind,
        length=length,
        position=struct.unpack(">i", raw[84:88])[0],
        display_format=_format(raw[56:64], width, decimals),
        input_format=_format(raw[72:80], input_width, input_decimals),
    )


def _format(name: bytes, width: int, decimals: int) -> bytes:
    """Write a format as SAS does: ``DATE9.``, ``8.2``, ``$10.``."""
    bare = name.rstrip(b" \0")
    if not bare and not width:
        return b""
    shown = f"{width}." if width else "."
    return bare + shown.encode("ascii") + (str(decimals).encode("ascii") if decimals else b"")


def _impossible(field: Field, at: int) -> list[Fault]:
    """Say what cannot be in a variable."""
    name = field.name.decode("ascii", "replace") or f"number {field.number}"
    place = f"byte {at}, variable {name}"
    if not field.name:
        return [fault(place, "it has no name.")]
    if field.kind not in (1, 2):
        return [fault(place, "its type is neither 1 (number) nor 2 (text).")]
    if field.is_number and not 2 <= field.length <= 8:
        return [fault(place, f"a number of {field.length} bytes is declared; SAS has 2 to 8.")]
    if field.length < 1:
        return [fault(place, f"a length of {field.length} bytes is declared.")]
    if field.position < 0:
        return [fault(place, f"it is said to begin at byte {field.position} of an observation.")]
    return []


def _overlaps(fields: Sequence[Field], place: str) -> list[Fault]:
    """Name variables that share bytes, leave a gap, or have the same name."""
    problems, expected = [], 0
    for field in sorted(fields, key=lambda one: one.position):
        if field.position != expected:
            shown = field.name.decode("ascii", "replace")
            problem = f"it begins at byte {field.position} of an observation where {expected} was expected."
            problems.append(fault(f"{place}, variable {shown}", problem))
        expected = field.position + max(field.length, 0)
    seen = [field.name.upper() for field in fields]
    for name in sorted({name for name in seen if seen.count(name) > 1}):
        shown = name.decode("ascii", "replace")
        problems.append(fault(f"{place}, variable {shown}", "it is there twice."))
    return problems


def _long_labels(
    part: bytes, at: int, fields: tuple[Field, ...], offset: int, file: str
) -> tuple[int, tuple[Field, ...]]:
    """Read the labels that are longer than 40 bytes (version 8), if there are any."""
    record = part[at : at + RECORD]
    sizes = 5 if record.startswith(HEADER + b"LABELV9 ") else 3
    if not record.startswith((HEADER + b"LABELV8 ", HEADER + b"LABELV9 ")):
        return at, fields
    begin = cursor = at + RECORD
    counted = record[48:].split()
    by_name = {field.name: field for field in fields}
    for _ in range(int(counted[0]) if counted and counted[0].isdigit() else 0):
        head = part[cursor : cursor + 2 * sizes]
        lengths = struct.unpack(f">{sizes}H", head.ljust(2 * sizes, b"\0"))[1:]
        text = part[cursor + 2 * sizes : cursor + 2 * sizes + sum(lengths)]
        if len(text) < sum(lengths) or not lengths[0]:
            raise refusal(
                file, KIND, [fault(f"byte {offset + cursor}", "the long labels are truncated or damaged.")]
            )
        name = text[: lengths[0]].rstrip(b" \0")
        if name in by_name:
            by_name[name] = _relabelled(by_name[name], text[lengths[0] :], lengths[1:])
        cursor += 2 * sizes + sum(lengths)
    return begin + -(-(cursor - begin) // RECORD) * RECORD, tuple(by_name.values())


def _relabelled(field: Field, text: bytes, lengths: Sequence[int]) -> Field:
    """Give a variable its long label; LABELV9 has its formats too, before or after the label."""
    label = text[: lengths[0]]
    if len(lengths) > 1 and not label.startswith(field.label):
        label = text[lengths[0] + lengths[1] :]
    return replace(field, label=label.rstrip(b" \0"))


def _declared(record: bytes) -> int | None:
    """Read the count of observations of version 8; files of some writers leave it out."""
    counted = record[48:63].strip()
    return int(counted) if counted.isdigit() and not record[48:78].isdigit() else None
