"""Words of this field in plain words: the glossary, and how treatments and measures are called there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from euexia.core import datafile


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One word; ``also``: other spellings.  source: whose meaning it is, or ``own words``."""

    meaning: str
    source: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Glossary:
    """The file of words."""

    about: str
    terms: Mapping[str, Term]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainWords:
    """What treatments, measures and harms are called in plain words, by their names."""

    about: str
    treatments: Mapping[str, str]
    measures: Mapping[str, str]
    events: Mapping[str, str]


@cache
def glossary() -> Mapping[str, Term]:
    """Return the words and their meanings."""
    path = files("euexia") / "data" / "plain" / "glossary.yaml"
    return datafile.load(path, "glossary", _Glossary).terms


@cache
def plain_words() -> PlainWords:
    """Return the plain words."""
    path = files("euexia") / "data" / "plain" / "treatments.yaml"
    return datafile.load(path, "list of plain words", PlainWords)
