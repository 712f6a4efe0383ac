"""A USDM document as objects that can be looked up; what is broken in it is named."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from euexia.core.errors import DataFileError, Fault, InputError
from euexia.standards.usdm_objects import Object
from euexia.standards.usdm_shape import faults

KIND = "USDM document"
MAJOR = "4"
NEAR = 4000
"""Characters at either end of a file in which the version is looked for."""
VALUES = ("Code", "AliasCode", "Quantity", "Range", "Duration")
"""Classes of values, to which nothing refers by identifier."""
_TAGS = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class Document:
    """One document: the version of the study, its one design, and every object by its identifier."""

    file: str
    study: Object
    version: Object
    design: Object
    objects: Mapping[str, Object]

    def found(self, identifier: Any, asked_by: str) -> Object:
        """Return the object with an identifier; raise InputError if there is none.

        asked_by: who refers to it, in words.
        """
        if not isinstance(identifier, str) or identifier not in self.objects:
            raise InputError(
                f"{self.file}: {asked_by} refers to '{identifier}', but no object has this id. "
                "The document is incomplete: export it again."
            )
        return self.objects[identifier]


def looks_like_usdm(text: str) -> bool:
    """Return whether a text means to be USDM: JSON with a study or the version of USDM at its top."""
    trimmed = text.strip("\ufeff \t\r\n")
    if not trimmed.startswith("{"):
        return False
    ends = trimmed[:NEAR] + trimmed[-NEAR:]
    return '"usdmVersion"' in ends or re.match(r'\{\s*"study"\s*:\s*\{', trimmed) is not None


def opened(text: str, file: str) -> Document:
    """Return the objects of a USDM v4 document with one design.

    Raises InputError if the text is no JSON, is of another version of USDM or has no or several studies,
    versions or designs, and DataFileError naming every value of a wrong form, or every identifier used twice.
    """
    root = _json(text, file)
    study = root.get("study")
    if not isinstance(study, dict):
        raise InputError(f"{file} is no USDM document: it has no object 'study' at its top.")
    _check_version(root, study, file)
    wrong = tuple(faults(study, ["Study"], "study"))
    if wrong:
        raise DataFileError(file, KIND, wrong)
    version = _only(study.get("versions"), f"{file}: 'study.versions'", "version of the study")
    design = _only(version.get("studyDesigns"), f"{file}: 'studyDesigns'", "study design")
    if design.get("instanceType") == "ObservationalStudyDesign":
        raise InputError(
            f"{file} is of an observational study. Euexia reads trials: an interventional design."
        )
    return Document(file, study, version, design, _by_identifier(study, file))


def _json(text: str, file: str) -> Object:
    try:
        root = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        end = "" if text.rstrip().endswith("}") else " (the file is cut off)"
        raise InputError(
            f"{file} is no JSON: line {error.lineno}, column {error.colno}: {error.msg}{end}. "
            "Export it again."
        ) from error
    except RecursionError as error:
        raise InputError(f"{file} nests objects too deeply to be a USDM document.") from error
    if not isinstance(root, dict):
        raise InputError(f"{file} is no USDM document: its top is not an object.")
    return root


def _check_version(root: Object, study: Object, file: str) -> None:
    written = str(root.get("usdmVersion") or "").strip()
    if written.split(".")[0] == MAJOR:
        return
    if written:
        raise InputError(
            f"{file} is USDM {written}. Euexia reads USDM {MAJOR}: "
            f"convert it, or export it again as version {MAJOR}."
        )
    if "studyDesigns" in study or "studyTitle" in study:
        raise InputError(
            f"{file} is USDM before version 3, without its number. Export it again as USDM {MAJOR}."
        )
    raise InputError(
        f"{file} does not say its version of USDM. Write 'usdmVersion' at its top, such as '4.0.0'."
    )


def _only(found: Any, place: str, what: str) -> Object:
    """Return the one object of a list."""
    items = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    if not items:
        raise InputError(f"{place} is empty: there is no {what} to read.")
    if len(items) > 1:
        names = ", ".join(f"'{label(item)}'" for item in items)
        raise InputError(f"{place} holds {len(items)} of them ({names}). Keep one {what} in the file.")
    return items[0]


def _by_identifier(study: Object, file: str) -> Mapping[str, Object]:
    everything = [
        (at, item) for at, item in _objects(study, "study") if item.get("instanceType") not in VALUES
    ]
    count = Counter(item["id"] for _, item in everything if isinstance(item.get("id"), str))
    twice = [
        Fault(line=None, place=place, problem=f"the id '{item['id']}' is used {count[item['id']]} times.")
        for place, item in everything
        if isinstance(item.get("id"), str) and count[item["id"]] > 1
    ]
    if twice:
        raise DataFileError(file, KIND, tuple(twice))
    return {item["id"]: item for _, item in everything if isinstance(item.get("id"), str)}


def _objects(value: Any, place: str) -> Iterator[tuple[str, Object]]:
    """Give every object with its place; those inside extensions are not part of the standard."""
    if isinstance(value, dict):
        yield place, value
        for name, child in value.items():
            if name != "extensionAttributes":
                yield from _objects(child, f"{place}.{name}")
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from _objects(child, f"{place}[{number}]")


def label(item: Object) -> str:
    """Return what an object is called: its label, else its name, else its identifier."""
    return str(item.get("label") or item.get("name") or item.get("id") or "unnamed")


def words(value: Any) -> str:
    """Return a text without markup and line breaks; empty if there is none."""
    text = _TAGS.sub(" ", value) if isinstance(value, str) else ""
    return " ".join(text.split())


def decode(value: Any) -> str:
    """Return the words of a code, or of the code inside an alias; empty if there is none."""
    code = value.get("standardCode", value) if isinstance(value, dict) else {}
    return words(code.get("decode")) if isinstance(code, dict) else ""


def listed(item: Object, name: str) -> list[Object]:
    """Return the objects of a list of an object, empty if it has none."""
    found = item.get(name)
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []
