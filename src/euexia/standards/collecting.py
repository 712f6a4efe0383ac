"""The files of a folder that hold SDTM or ADaM datasets: which, in which role, and which are left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from euexia.core.errors import DataFileError
from euexia.formats import define_xml
from euexia.formats.compare import differences
from euexia.formats.dataset import Dataset
from euexia.formats.read import ENDINGS, Format, ending_format
from euexia.formats.read import read as read_file
from euexia.standards import columns as of
from euexia.standards.codes import layouts, measures_of_parameters
from euexia.standards.understanding import Remark, left_out, refuse, understood

NEEDED = ("DM", "DS", "EX", "AE", "TS", "TA", "SUPPDM", "ADSL", "ADAE")
LONGEST_SPLIT = 4
DEFINITION, SHOWN = "define.xml", 5
PRINTED = 1e-11
"""Relative difference of numbers that were printed with 12 digits."""
SPARE = ("SV", "TV", "TE", "SE", "ADTTE")
NOT_READ = ("SUPP", "RELREC", "RELSUB", "RELSPEC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The datasets of one trial by name, the domain that each holds, and what was said on the way."""

    datasets: Mapping[str, Dataset]
    roles: Mapping[str, str]
    remarks: tuple[Remark, ...] = ()


def stem(path: Path) -> str:
    """Return the name of a file without its ending, in small letters."""
    name = path.name.lower()
    ending = max((one for one in ENDINGS if name.endswith(one)), key=len, default=path.suffix)
    return name.removesuffix(ending)


def collect(path: Path) -> Collected:
    """Read the datasets of a file or a folder that have a role in a trial.

    Raises DataFileError if a file with a role cannot be read; TrialDataError where two files of one dataset
    say different things.
    """
    files = (
        sorted(one for one in path.iterdir() if one.is_file() and ending_format(one))
        if path.is_dir()
        else [path]
    )
    remarks: list[Remark] = []
    found: dict[str, tuple[Dataset, Path]] = {}
    for file in files:
        for dataset in _read(file, remarks):
            name = dataset.name.upper()
            if name in found:
                _same(found[name], dataset, file, remarks)
                continue
            found[name] = (dataset, file)
            remarks += [
                left_out("file", f"{file.name}: {note.place}", note.text) if note.kind.value == "odd"
                else understood("file", f"{file.name}: {note.place}", note.text)
                for note in dataset.notes
            ]  # fmt: skip
    datasets = {name: dataset for name, (dataset, _) in found.items()}
    roles = _roles(datasets, remarks)
    remarks += _against_definition(path / DEFINITION, [found[name] for name in roles])
    kept = {name: dataset for name, dataset in datasets.items() if name in roles}
    return Collected(datasets=kept, roles=roles, remarks=tuple(remarks))


def _against_definition(file: Path, read: list[tuple[Dataset, Path]]) -> list[Remark]:
    """Say where datasets are not as the definition beside them says; delimited text knows no types."""
    datasets = [dataset for dataset, path in read if ending_format(path) is not Format.DELIMITED]
    if not file.is_file():
        return []
    try:
        told = define_xml.read(file)
    except DataFileError as error:
        return [left_out("definition", file.name, f"cannot be read and is left out: {error.faults[0]}")]
    found = define_xml.mismatches(told, datasets)
    remarks = [left_out("definition", f"{file.name}: {one.place}", one.problem) for one in found[:SHOWN]]
    if len(found) > SHOWN:
        remarks.append(left_out("definition", file.name, "more of the kind", len(found) - SHOWN))
    return remarks or [understood("definition", file.name, "the datasets are as it says.")]


NEEDED_COLUMNS = {
    "DM": ("USUBJID", "ARMCD|ARM"),
    "ADSL": ("USUBJID", "ARMCD|TRT01P|ARM"),
    "DS": ("USUBJID", "DSDECOD", "DSSTDTC|DSSTDY"),
    "EX": ("USUBJID", "EXTRT", "EXDOSE", "EXSTDTC|EXSTDY"),
    "AE": ("USUBJID", "AEDECOD|AETERM"),
    "ADAE": ("USUBJID", "AEDECOD|AETERM"),
    "BDS": ("USUBJID", "PARAMCD", "AVAL", "ADY|ADT"),
}
"""Variables without which a dataset cannot be read; any one of those with a bar between."""
OF_FINDINGS = ("USUBJID", "{}TESTCD", "{0}STRESN|{0}STRESC|{0}ORRES", "{0}DTC|{0}DY")


def check_columns(collected: Collected, path: str) -> None:
    """Raise TrialDataError for every dataset that lacks a variable it cannot be read without."""
    faults = []
    for name, role in collected.roles.items():
        dataset = collected.datasets[name]
        pattern = OF_FINDINGS if role in layouts().findings_domains else NEEDED_COLUMNS.get(role, ())
        if role == "BDS" and not set(of.text(dataset, "PARAMCD")) & set(measures_of_parameters()):
            continue
        wanted = [one.format(role) for one in pattern]
        lacking = [one for one in wanted if not set(one.split("|")) & set(dataset.names)]
        faults += [f"{name} has no variable {one.replace('|', ' or ')}" for one in lacking]
        if "USUBJID" in dataset and role in ("DM", "ADSL"):
            blank = np.flatnonzero(of.text(dataset, "USUBJID") == np.array("", dtype=object))
            faults += [f"{name}, row {row + 1}: USUBJID is empty" for row in blank.tolist()]
    if faults:
        raise refuse(path, faults)


def of_datasets(datasets: Mapping[str, Dataset]) -> Collected:
    """Return datasets that are already in memory with their roles."""
    remarks: list[Remark] = []
    roles = _roles(datasets, remarks)
    kept = {name: dataset for name, dataset in datasets.items() if name in roles}
    return Collected(datasets=kept, roles=roles, remarks=tuple(remarks))


def _read(file: Path, remarks: list[Remark]) -> tuple[Dataset, ...]:
    """Read a file; one that cannot be read and has no part in trial data is left alone, and named."""
    try:
        return read_file(file)
    except DataFileError as error:
        name = stem(file).upper()
        needed = name in NEEDED or name in layouts().findings_domains or name.startswith("AD")
        if needed and name != "TS":
            raise
        problem = f"cannot be read and is left out: {error.faults[0]}"
        remarks.append(left_out("file", file.name, problem))
        return ()


def _same(first: tuple[Dataset, Path], dataset: Dataset, file: Path, remarks: list[Remark]) -> None:
    """Take the same dataset in two files once, if both say the same."""
    kept, other = first
    exact = differences(kept, dataset)
    unlike = differences(kept, dataset, relative=PRINTED) if exact else exact
    if unlike:
        problem = f"'{other.name}' and '{file.name}' are both {kept.name} and differ: {unlike[0]}. Keep one."
        raise refuse(str(file.parent), [problem])
    words = "the same to the digits that are printed" if exact else "the same"
    remarks.append(understood("file", file.name, f"{words} as '{other.name}', which is read."))


def _roles(datasets: Mapping[str, Dataset], remarks: list[Remark]) -> dict[str, str]:
    """Return the domain of each dataset that has one; a split domain (LBCH) is its domain."""
    roles: dict[str, str] = {}
    others: list[str] = []
    for name, dataset in datasets.items():
        role = _role(name, dataset)
        if role:
            roles[name] = role
        elif name in SPARE:
            text = "known, and not needed: the readings say the same."
            remarks.append(understood("dataset", name, text))
        else:
            others.append(name)
    if others:
        text = "no datasets that trial data are made of; left out."
        remarks.append(left_out("dataset", ", ".join(others), text))
    return roles


def _role(name: str, dataset: Dataset) -> str:
    domains = layouts().findings_domains
    if name in NEEDED or name in domains:
        return name
    if name.startswith(NOT_READ):
        return ""
    if {"PARAMCD", "AVAL"} <= set(dataset.names) and "CNSR" not in dataset:
        return "BDS"
    said = next(iter(of.text(dataset, "DOMAIN")), "") if "DOMAIN" in dataset else ""
    split = said in domains and name.startswith(said) and len(name) <= LONGEST_SPLIT
    return said if split else ""
