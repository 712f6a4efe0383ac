"""Every error Euexia raises, drawn as one tree.

::

    EuexiaError
    ├── InputError              something that was given to Euexia is wrong; exit code 2
    │   ├── DataFileError       a file does not say what its kind of file must say (all faults at once)
    │   ├── UnknownNameError    a name that is not among the closed choices
    │   ├── UnitError           a quantity without a unit, or with one of another dimension
    │   └── TrialDataError      a table that is not trial data
    ├── OutputError             a result could not be written; nothing was lost; exit code 3
    ├── NumericalError          a computation did not reach its stated accuracy; exit code 4
    └── WorkerError             a process that was to compute is gone; what was finished is kept; exit code 5

A message names the thing, the value, the place and the way out.
"""

from __future__ import annotations

from dataclasses import dataclass


class EuexiaError(Exception):
    """Any failure that Euexia can explain."""

    exit_code = 1


class InputError(EuexiaError):
    """Something that was given to Euexia is wrong."""

    exit_code = 2


class UnknownNameError(InputError):
    """A name that is not among the closed choices."""


class UnitError(InputError):
    """A quantity without a unit, or with a unit of another dimension."""


class TrialDataError(InputError):
    """A table or an array that is not trial data."""


class OutputError(EuexiaError):
    """A result could not be written."""

    exit_code = 3


class NumericalError(EuexiaError):
    """A computation did not reach its stated accuracy."""

    exit_code = 4


class WorkerError(EuexiaError):
    """A process that was to compute is gone."""

    exit_code = 5


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fault:
    """One thing that is wrong in a file: where, what, and the way out."""

    line: int | None
    place: str
    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}, " if self.line is not None else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{where}{self.place}: {self.problem}{remedy}"


class DataFileError(InputError):
    """A file does not say what its kind of file must say; holds every fault found."""

    def __init__(self, file: str, kind: str, faults: tuple[Fault, ...]) -> None:
        self.file = file
        self.kind = kind
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line or 0, fault.place)))
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        lines = "\n".join(f"  - {fault}" for fault in self.faults)
        super().__init__(f"{file} is not a valid {kind} ({count}):\n{lines}")
