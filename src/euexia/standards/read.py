"""Read trial data from whatever files they come in: the registry of readers, and the choice among them.

A reader is a module of this package.  ``recognise`` looks at names, headings and first bytes alone and must
be cheap; ``read`` does the work.  The first reader that recognises a path reads it, so a reader claims only
what is its own.  With a mapping file the path is a plain table, unless its reader says otherwise.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol as Shape

from euexia.core.errors import InputError
from euexia.protocol.protocol import Protocol
from euexia.standards.understanding import Understanding
from euexia.trialdata.trialdata import TrialData

Path_ = str | os.PathLike[str]


class ReaderModule(Shape):
    """What the module of a reader must have."""

    def recognise(self, path: Path, mapping: Path | None) -> bool:
        """Say whether the path is in this format."""

    def read(
        self, path: Path, mapping: Path | None, protocol: Protocol | None
    ) -> tuple[TrialData, Understanding]:
        """Read it; TrialDataError or DataFileError with every fault if it cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One reader: what it reads, in words, and the module of this package that does it."""

    name: str
    reads: str
    module: str

    def load(self) -> ReaderModule:
        """Import the module."""
        module: ReaderModule = import_module(f"euexia.standards.{self.module}")
        return module


READERS: Sequence[Reader] = (
    Reader(
        name="own tables",
        reads="a folder with subjects, readings and dictionary as Euexia writes them",
        module="own_tables",
    ),
    Reader(
        name="REDCap",
        reads="an export or project XML, or a folder with export and data dictionary; needs a mapping",
        module="redcap",
    ),
    Reader(
        name="FHIR",
        reads="bundles (.json) and bulk exports (.ndjson) of FHIR R4, a file or a folder of them",
        module="fhir",
    ),
    Reader(
        name="tables",
        reads="a table or a folder of tables (.csv, .tsv, .xlsx, .parquet) that comes with a mapping",
        module="plain_tables",
    ),
    Reader(
        name="CDISC",
        reads="SDTM and ADaM: a file or a folder of .xpt, .json, .ndjson, .dsjc, .csv, .parquet",
        module="cdisc",
    ),
)
"""The readers, in the order in which they are asked."""


def read(
    path: Path_, mapping: Path_ | None = None, protocol: Protocol | None = None
) -> tuple[TrialData, Understanding]:
    """Read trial data from a file or a folder, and say what was understood of it.

    mapping: a file that says what the columns of plain tables mean.  protocol: matches arms and visits by
    their names and labels; without it the trial has the arms and visits of its data.
    Raises InputError where nothing can read the path, TrialDataError or DataFileError with every fault.
    """
    source = Path(path)
    if not source.exists():
        raise InputError(f"'{source}' does not exist. Give a file or a folder with data.")
    table = None if mapping is None else Path(mapping)
    reader = recognised(source, table)
    if reader is None:
        known = "\n".join(f"  - {one.name}: {one.reads}" for one in READERS)
        raise InputError(f"'{source}' is not recognised as data of a trial. These can be read:\n{known}")
    return reader.load().read(source, table, protocol)


def recognised(path: Path, mapping: Path | None = None) -> Reader | None:
    """Return the reader of a path, None if there is none."""
    return next((one for one in READERS if one.load().recognise(path, mapping)), None)
