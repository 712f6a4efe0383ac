"""Define-XML 2.1 of the datasets that are written: variables, code lists, methods, values by test."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from euexia.formats.dataset import Dataset, Variable
from euexia.formats.define import (
    Check,
    CodeList,
    CodeListItem,
    DatasetDefinition,
    Definition,
    Item,
    Method,
    Standard,
    ValueList,
    WhereClause,
    describe,
)
from euexia.standards.building import LONGEST_TEXT
from euexia.standards.codes import VariableEntry, layout, layouts
from euexia.version import __version__

LISTED = 60
"""A text variable with no more values than this may have a code list."""
CODED = ("TESTCD", "PARAMCD", "ARMCD", "SEX", "AESER", "TOXGR", "DSDECOD", "DSCAT", "FRQ", "STAT", "AEDECOD")
"""Endings of variables whose values are listed."""
FLAGGED = "FL"
STANDARDS = {
    "SDTM": Standard(oid="STD.1", name="SDTMIG", version="3.4"),
    "ADaM": Standard(oid="STD.1", name="ADaMIG", version="1.3"),
}


def definition(
    study: str, title: str, standard: str, datasets: Sequence[Dataset], files: Sequence[str]
) -> Definition:
    """Return the definition of the datasets of one study.

    standard: ``SDTM`` or ``ADaM``.  files: the file of each dataset.
    """
    lists = [_values(dataset, standard) for dataset in datasets]
    used = dict.fromkeys(
        entry.method for dataset in datasets for entry in layout(dataset.name).variables if entry.method
    )
    return Definition(
        study_oid=study,
        study_name=study,
        study_description=title,
        protocol_name=study,
        metadata_version_oid=f"MDV.{study}",
        name=f"{standard} of {study}",
        file_oid=f"DEF.{study}.{standard.upper()}",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        originator="Euexia",
        system="Euexia",
        system_version=__version__,
        standards=(STANDARDS[standard],),
        datasets=tuple(_dataset(one, standard, file) for one, file in zip(datasets, files, strict=True)),
        value_lists=tuple(values for values, _ in lists if values.items),
        where_clauses=tuple(clause for _, clauses in lists for clause in clauses),
        code_lists=tuple(_code_lists(datasets)),
        methods=tuple(
            Method(oid=f"MT.{name}", name=name, description=layouts().methods[name]) for name in used
        ),
    )


def _dataset(dataset: Dataset, standard: str, file: str) -> DatasetDefinition:
    entry = layout(dataset.name)
    told = {one.name: one for one in entry.variables}
    items = {variable.name: _item(dataset, variable, told[variable.name]) for variable in dataset.variables}
    return replace(
        describe(dataset, file=file, items=items),
        domain="" if standard == "ADaM" else dataset.name,
        class_name=entry.class_name,
        structure=entry.structure,
        purpose="Analysis" if standard == "ADaM" else "Tabulation",
        repeating=dataset.name not in ("DM", "ADSL"),
        reference_data=dataset.name in ("TS", "TA", "TV"),
        standard_oid="STD.1",
    )


def _item(dataset: Dataset, variable: Variable, entry: VariableEntry) -> Item:
    has_list = bool(_listed(dataset, variable))
    return Item(
        variable=replace(variable, code_list=_list_oid(dataset, variable) if has_list else ""),
        mandatory=entry.core == "required",
        method_oid=f"MT.{entry.method}" if entry.method else "",
        source="Sponsor" if entry.origin in ("Assigned", "Derived", "Protocol") else "",
        value_list_oid=f"VL.{dataset.name}.{variable.name}" if _has_values(dataset, variable.name) else "",
    )


def _listed(dataset: Dataset, variable: Variable) -> tuple[str, ...]:
    """Return the values of a coded variable; none for any other."""
    if variable.data_type.is_number or not variable.name.endswith((*CODED, FLAGGED)):
        return ()
    values = sorted({text for text in dataset[variable.name].tolist() if text})
    return tuple(values) if len(values) <= LISTED else ()


def _list_oid(dataset: Dataset, variable: Variable) -> str:
    return f"CL.{dataset.name}.{variable.name}"


def _code_lists(datasets: Iterable[Dataset]) -> Iterable[CodeList]:
    for dataset in datasets:
        for variable in dataset.variables:
            values = _listed(dataset, variable)
            if values:
                yield CodeList(
                    oid=_list_oid(dataset, variable),
                    name=f"{variable.label} ({dataset.name})",
                    items=tuple(CodeListItem(value=value) for value in values),
                )


def _has_values(dataset: Dataset, name: str) -> bool:
    return bool(_by(dataset)) and name in ("AVAL", f"{dataset.name}STRESN")


def _by(dataset: Dataset) -> str:
    """Return the variable by whose values the results differ; empty where there is none."""
    return next((name for name in ("PARAMCD", f"{dataset.name}TESTCD") if name in dataset), "")


def _values(dataset: Dataset, standard: str) -> tuple[ValueList, tuple[WhereClause, ...]]:
    """Return what the result means for each test, with the condition that tells the tests apart."""
    by = _by(dataset)
    value = "AVAL" if standard == "ADaM" else f"{dataset.name}STRESN"
    if not by or value not in dataset:
        return ValueList(oid="", items=()), ()
    label = "PARAM" if standard == "ADaM" else f"{dataset.name}TEST"
    names = dict(zip(dataset[by].tolist(), dataset[label].tolist(), strict=True))
    clauses = tuple(
        WhereClause(
            oid=f"WC.{dataset.name}.{code}",
            checks=(Check(item_oid=f"IT.{dataset.name}.{by}", comparator="EQ", values=(code,)),),
        )
        for code in names
    )
    items = tuple(
        Item(
            variable=replace(
                dataset.variable(value),
                oid=f"IT.{dataset.name}.{value}.{code}",
                label=str(name)[:LONGEST_TEXT],
                key_sequence=None,
            ),
            where_oids=(f"WC.{dataset.name}.{code}",),
        )
        for code, name in names.items()
    )
    return ValueList(oid=f"VL.{dataset.name}.{value}", items=items), clauses
