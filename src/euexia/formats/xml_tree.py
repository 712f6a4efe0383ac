"""XML as nested dictionaries, read without trusting the file: no document types, no entities of its own."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from euexia.core.errors import InputError

_DECLARATIONS = ("<!DOCTYPE", "<!ENTITY")


def parse_xml(written: str, name: str) -> tuple[str, Any]:
    """Return the root's tag and its content as nested dictionaries.

    Elements stand under their tag (a list where a tag repeats), attributes under ``@name``.
    An element without children is its text; with attributes the text stands under ``#text``.  Raises
    InputError for a file that is not well formed, and for one that declares a document type or entities
    (these can make a parser read other files or fill the memory).
    """
    for declaration in _DECLARATIONS:
        if declaration in written:
            raise InputError(
                f"{name} declares '{declaration.removeprefix('<!')}', which is refused: it could make a "
                "reader open other files. Take the declaration out."
            )
    try:
        root = ElementTree.fromstring(written)
    except ElementTree.ParseError as error:
        line, column = error.position
        raise InputError(
            f"{name} is not well-formed XML (line {line}, column {column + 1}): {error}. Is it complete?"
        ) from error
    return _tag(root), _content(root)


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _content(element: ElementTree.Element) -> Any:
    content: dict[str, Any] = {f"@{name.rpartition('}')[2]}": value for name, value in element.attrib.items()}
    for child in element:
        tag, value = _tag(child), _content(child)
        if tag not in content:
            content[tag] = value
        elif isinstance(content[tag], list):
            content[tag].append(value)
        else:
            content[tag] = [content[tag], value]
    written = (element.text or "").strip()
    if not content:
        return written
    if written:
        content["#text"] = written
    return content
