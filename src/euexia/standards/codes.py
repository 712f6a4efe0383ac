"""What CDISC calls the measures, events, units and variables of Euexia: two data files, read once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from math import nan

from euexia.core import datafile
from euexia.criteria.measures import MEASURES

LONGEST_ARM_CODE = 20
FLAG_WORDS: Mapping[str, float] = {"N": 0.0, "Y": 1.0, "NO": 0.0, "YES": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What CDISC calls a measure; the fields are told in ``data/standards/cdisc.yaml``."""

    domain: str
    code: str
    name: str
    unit: str
    dataset: str
    terminology: str
    category: str = ""
    about: str = ""
    derived: bool = False
    also: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The code as written, and the others that mean the same."""
        return (self.code, *self.also)

    @property
    def parameter(self) -> str:
        """Return PARAM: the name with its unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How an adverse event is coded."""

    decode: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFile:
    """The content of cdisc.yaml."""

    measures: Mapping[str, Code]
    terms: Mapping[str, Term]
    units: Mapping[str, str]
    frequencies: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableEntry:
    """One variable of a dataset that is written."""

    name: str
    label: str
    core: str
    origin: str
    type: str = "text"
    method: str = ""
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsDomain:
    """One findings domain."""

    label: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetEntry:
    """One dataset that is written."""

    label: str
    structure: str
    keys: tuple[str, ...]
    variables: tuple[VariableEntry, ...]
    class_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFile:
    """The content of cdisc_datasets.yaml."""

    findings: tuple[VariableEntry, ...]
    findings_domains: Mapping[str, FindingsDomain]
    domains: Mapping[str, DatasetEntry]
    basic: tuple[VariableEntry, ...]
    basic_datasets: Mapping[str, str]
    methods: Mapping[str, str] = field(default_factory=dict)


@cache
def book() -> CodeFile:
    """Return the codes of measures, events, units and frequencies."""
    source = files("euexia") / "data" / "standards" / "cdisc.yaml"
    return datafile.load(source, "list of CDISC codes", CodeFile)


@cache
def layouts() -> DatasetFile:
    """Return the variables of the datasets that are written."""
    source = files("euexia") / "data" / "standards" / "cdisc_datasets.yaml"
    return datafile.load(source, "list of CDISC datasets", DatasetFile)


@cache
def layout(name: str) -> DatasetEntry:
    """Return label, structure, keys and variables of a dataset by its name (``VS``, ``ADLB``)."""
    known = layouts()
    if name in known.domains:
        return known.domains[name]
    if name in known.findings_domains:
        return _findings(name, known)
    return DatasetEntry(
        label=known.basic_datasets[name],
        class_name="BASIC DATA STRUCTURE",
        structure="One record per subject per parameter per analysis visit",
        keys=("STUDYID", "USUBJID", "PARAMCD", "AVISITN"),
        variables=known.basic,
    )


def _findings(name: str, known: DatasetFile) -> DatasetEntry:
    domain = known.findings_domains[name]
    variables = tuple(
        VariableEntry(
            name=entry.name.replace("--", name),
            label=entry.label.replace("{about}", domain.about),
            core=entry.core,
            origin=entry.origin,
            type=entry.type,
            method=entry.method,
        )
        for entry in known.findings
        if not entry.only or name in entry.only
    )
    return DatasetEntry(
        label=domain.label,
        class_name="FINDINGS",
        structure="One record per test per visit per subject",
        keys=("STUDYID", "USUBJID", f"{name}TESTCD", "VISITNUM"),
        variables=variables,
    )


@cache
def measures_of_domain(domain: str) -> Mapping[str, str]:
    """Return the measure of each test code of an SDTM domain."""
    return {
        code: measure
        for measure, entry in book().measures.items()
        if entry.domain == domain
        for code in entry.codes
    }


@cache
def measures_of_parameters() -> Mapping[str, str]:
    """Return the measure of each parameter code."""
    return {code: measure for measure, entry in book().measures.items() for code in entry.codes}


@cache
def terms_by_decode() -> Mapping[str, str]:
    """Return our adverse event of each preferred term, in capitals."""
    return {
        word.upper(): term for term, entry in book().terms.items() for word in (entry.decode, *entry.also)
    }


def coded_value(measure: str, word: str) -> float:
    """Return the code of an answer: Y and N, or the place of a category; NaN for any other word."""
    known = MEASURES[measure]
    if known.is_flag:
        return FLAG_WORDS.get(word.strip().upper(), nan)
    names = [name.upper() for name in known.categories]
    plain = word.strip().upper().replace(" ", "_")
    return float(names.index(plain)) if plain in names else nan


def plain_name(text: str) -> str:
    """Return an identifier of a name as people write it: ``WEEK 8`` is week_8."""
    return re.sub(r"[^0-9a-z]+", "_", text.strip().lower()).strip("_")


def printed_name(name: str) -> str:
    """Return how an identifier is printed in CDISC datasets: week_8 is ``WEEK 8``."""
    printed = name.replace("_", " ").upper()
    return printed if plain_name(printed) == name else name


def arm_codes(arms: Sequence[str]) -> tuple[str, ...]:
    """Return the code of each arm, at most 20 characters; a longer name is cut and numbered."""
    return tuple(
        name.upper()
        if len(name) <= LONGEST_ARM_CODE and plain_name(name) == name
        else f"{plain_name(name)[: LONGEST_ARM_CODE - 3].upper()}_{number:02d}"
        for number, name in enumerate(arms, start=1)
    )
