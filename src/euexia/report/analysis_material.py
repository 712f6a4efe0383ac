"""Everything the pages, tables and figures of an analysed trial speak of, gathered once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from euexia.analyse.result import Curve, Result
from euexia.core.datafile import Node, compose
from euexia.protocol.analysis_methods import METHODS
from euexia.protocol.analysis_plan import Analysis, Endpoint, Method, Role
from euexia.protocol.protocol import Protocol
from euexia.report.formatting import weeks
from euexia.report.style import ArmStyle, arm_styles
from euexia.study.real import TrialAnalysis, python_lines
from euexia.trialdata.trialdata import TrialData

ONE = 0
"""The trial: a real trial is a stack of one."""
CONTROL = "_control"
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """How to do one analysis again: on the command line, in Python, and what the protocol says of it."""

    command: str
    python: str
    yaml: str


@dataclass(frozen=True, kw_only=True)
class AnalysisMaterial:
    """One analysed trial."""

    trial: TrialAnalysis

    @property
    def protocol(self) -> Protocol:
        """Return the protocol."""
        return self.trial.protocol

    @property
    def data(self) -> TrialData:
        """Return the data."""
        return self.trial.source.data

    @property
    def results(self) -> tuple[Result, ...]:
        """Return the results in the order of the protocol."""
        return self.trial.results

    @cached_property
    def arms(self) -> tuple[ArmStyle, ...]:
        """Return how each arm looks and is called."""
        return arm_styles(self.protocol)

    @cached_property
    def styles(self) -> Mapping[str, ArmStyle]:
        """Return how an arm looks by its name."""
        return {arm.name: arm for arm in self.arms}

    @cached_property
    def planned(self) -> Mapping[str, Analysis]:
        """Return the planned analyses by name."""
        return {analysis.name: analysis for analysis in self.protocol.analyses}

    @cached_property
    def endpoints(self) -> Mapping[str, Endpoint]:
        """Return the endpoints by name."""
        return {endpoint.name: endpoint for endpoint in self.protocol.endpoints}

    @cached_property
    def tree(self) -> Node | None:
        """Return the protocol's file as written; None where it was made in Python."""
        text = self.protocol.source_text
        return compose(text, self.protocol.source_name, "protocol") if text.strip() else None

    def members(self, arm: str) -> Flags:
        """Return who was randomised to an arm, shape (subjects,)."""
        table = self.trial.table
        return np.asarray(table.arm[ONE] == table.arms.index(arm))

    def size(self, arm: str) -> int:
        """Return how many were randomised to an arm."""
        return int(self.members(arm).sum())

    def is_primary(self, analysis: str) -> bool:
        """Return whether an analysis is primary, by its own word or that of its endpoint."""
        planned = self.planned[analysis]
        return planned.primary or self.endpoints[planned.endpoint].role is Role.PRIMARY

    def arms_of(self, result: Result) -> tuple[tuple[str, str], ...]:
        """Return the suffix of its numbers and the name of each arm of a result."""
        own = (("", result.arm),)
        return own if result.control is None else (*own, (CONTROL, result.control))

    def endpoint_title(self, endpoint: str) -> str:
        """Return an endpoint with its week, as tables head it."""
        found = self.endpoints[endpoint]
        return f"{found.label}, week {weeks(found.day)}"

    def title(self, result: Result) -> str:
        """Return what a result is of, in one line."""
        return f"{self.endpoint_title(result.endpoint)}: {self.between(result)}"

    def between(self, result: Result) -> str:
        """Return the arms of a result."""
        own = self.styles[result.arm].label
        if result.control is None:
            null = self.planned[result.analysis].null
            return own if null is None else f"{own} against {100 * null:g} %"
        return f"{own} against {self.styles[result.control].label}"

    def reproduction(self, analysis: str) -> Reproduction:
        """Return how to do one analysis again."""
        source = self.trial.source
        words = self.trial.command.split(" --analysis ")[0]
        return Reproduction(
            command=f"{words} --analysis {analysis}",
            python=python_lines(source, self.protocol, analysis),
            yaml="\n".join(self._snippets(analysis)),
        )

    def _snippets(self, analysis: str) -> Iterator[str]:
        planned = self.planned[analysis]
        wanted = {
            "endpoints": planned.endpoint,
            "estimands": planned.estimand_name,
            "analyses": planned.name,
        }
        for section, name in wanted.items():
            text = self._written(section, name)
            if text:
                yield f"{section}:\n{text}"

    def _written(self, section: str, name: str) -> str:
        """Return the lines in which the protocol's file says something, empty where it has none."""
        found = _child(self.tree, section)
        for key, value in found.value if found is not None else ():
            if key.value == name:
                lines = self.protocol.source_text.splitlines()
                last = value.end_mark.line + (1 if value.end_mark.column > 0 else 0)
                return _trimmed(lines[key.start_mark.line : max(last, key.start_mark.line + 1)], key)
        return ""

    def warnings(self, result: Result) -> tuple[str, ...]:
        """Return what went wrong in one analysis, in words."""
        return tuple(text.rstrip(".") for text in result.diagnosis[:1] if text)

    def method_words(self, result: Result) -> str:
        """Return a method in words."""
        return METHODS[Method(result.method)].words

    def curves(self, kind: str) -> Iterator[tuple[Result, tuple[Curve, ...]]]:
        """Give each result that has lines of a kind (``means``, ``survival`` ...) that can be drawn."""
        for result in self.results:
            found = tuple(
                curve
                for name, curve in result.curves.items()
                if name.split(".")[0] == kind and np.isfinite(curve.y[ONE]).any()
            )
            if found:
                yield result, found


def _child(node: Node | None, name: str) -> Node | None:
    if node is None:
        return None
    return next((value for key, value in node.value if key.value == name), None)


def _trimmed(lines: list[str], key: Node) -> str:
    """Return lines without what follows the entry: blank lines, comments, the next key."""
    indent = key.start_mark.column
    while lines and len(lines) > 1 and _is_beyond(lines[-1], indent):
        lines = lines[:-1]
    return "\n".join(line[indent:] and f"  {line[indent:]}" for line in lines)


def _is_beyond(line: str, indent: int) -> bool:
    text = line.strip()
    return not text or text.startswith("#") or (len(line) - len(line.lstrip()) <= indent and text != "}")
