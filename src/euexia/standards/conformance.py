"""A small conformance check of SDTM and ADaM datasets: rules as data, each with an identifier of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from euexia.core import datafile
from euexia.formats.dataset import Dataset
from euexia.standards import conformance_content, conformance_shape
from euexia.standards.rule_material import Found, Together


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: its identifier, the test that looks for breaches, and what a breach means."""

    id: str
    test: str
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """The content of conformance.yaml."""

    rules: tuple[Rule, ...]
    terminology: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A breach of a rule: where it is met first, how often, and what was found there."""

    rule: Rule
    dataset: str
    variable: str
    row: int | None
    found: str
    count: int

    def __str__(self) -> str:
        where = f"{self.dataset}.{self.variable}" if self.variable else self.dataset
        row = "" if self.row is None else f", row {self.row}"
        often = f" ({self.count} times)" if self.count > 1 else ""
        told = f": {self.found}" if self.found else ""
        return f"{self.rule.id} {self.rule.severity}: {where}{row}: {self.rule.message}{told}{often}"


@cache
def rules() -> RuleFile:
    """Return the rules and the terminology."""
    source = files("euexia") / "data" / "standards" / "conformance.yaml"
    return datafile.load(source, "list of conformance rules", RuleFile)


def check(datasets: Sequence[Dataset]) -> tuple[Finding, ...]:
    """Return every breach of every rule, by dataset and rule; none if the datasets conform."""
    book = rules()
    together = Together(
        datasets={dataset.name.upper(): dataset for dataset in datasets}, terminology=book.terminology
    )
    return tuple(finding for rule in book.rules for finding in _findings(rule, together))


TESTS: Mapping[str, Callable[[Dataset, Together], Iterable[Found]]] = {
    **conformance_shape.TESTS,
    **conformance_content.TESTS,
}
"""The test of each rule."""


def _findings(rule: Rule, together: Together) -> Iterator[Finding]:
    if rule.test == "no_subjects":
        if not {"DM", "ADSL"} & set(together.datasets):
            yield Finding(rule=rule, dataset="", variable="", row=None, found="", count=1)
        return
    for name, dataset in together.datasets.items():
        for found in TESTS[rule.test](dataset, together):
            yield Finding(
                rule=rule,
                dataset=name,
                variable=found.variable,
                row=found.row,
                found=found.text,
                count=found.count,
            )
