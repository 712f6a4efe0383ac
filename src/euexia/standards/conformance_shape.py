"""Conformance of the shape of datasets: names, labels, lengths, keys, required variables, codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from euexia.formats.dataset import Dataset, is_blank
from euexia.standards import columns as of
from euexia.standards.codes import layout, layouts
from euexia.standards.rule_material import Found, Together, breaches, is_set, prefix

LONGEST_NAME, LONGEST_LABEL, LONGEST_TEXT = 8, 40, 200
YES_OR_EMPTY = ("ABLFL", "ANL01FL", "DTHFL", "TRTEMFL")
"""Flags of ADaM that are never N; flags of SDTM findings are not either."""


def _name_length(dataset: Dataset, together: Together) -> Iterator[Found]:
    del together
    for name in (dataset.name, *dataset.names):
        if len(name) > LONGEST_NAME:
            yield Found(variable=name)


def _label_length(dataset: Dataset, together: Together) -> Iterator[Found]:
    del together
    for variable in dataset.variables:
        if not 0 < len(variable.label) <= LONGEST_LABEL:
            yield Found(variable=variable.name, text=f"'{variable.label}'")
    if len(dataset.label) > LONGEST_LABEL:
        yield Found(variable="", text=f"'{dataset.label}'")


def _text_length(dataset: Dataset, together: Together) -> Iterator[Found]:
    del together
    for variable in dataset.variables:
        if not variable.data_type.is_number:
            column = of.text(dataset, variable.name)
            long = {text for text in set(column.tolist()) if len(text.encode()) > LONGEST_TEXT}
            yield from breaches(variable.name, np.isin(column, list(long)))


def _keys_unique(dataset: Dataset, together: Together) -> Iterator[Found]:
    del together
    keys = list(dataset.keys)
    if keys:
        table = pd.DataFrame({key: of.text(dataset, key) for key in keys})
        yield from breaches(", ".join(keys), table.duplicated().to_numpy())


def _required(dataset: Dataset, together: Together) -> Iterator[Found]:
    del together
    known = layouts()
    if dataset.name not in {*known.domains, *known.findings_domains, *known.basic_datasets}:
        return
    for entry in layout(dataset.name).variables:
        if entry.core == "required":
            if entry.name not in dataset:
                yield Found(variable=entry.name, text="not there")
            else:
                yield from breaches(entry.name, is_blank(dataset[entry.name]))


def _codes_of_domain(dataset: Dataset, together: Together) -> Iterator[Found]:
    del together
    if "DOMAIN" in dataset:
        domain = of.text(dataset, "DOMAIN")
        wrong = np.array([not dataset.name.startswith(one) or not one for one in domain], dtype=bool)
        yield from breaches("DOMAIN", wrong, domain)


def _codes(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Yield the pairs of code and name of a dataset."""
    start = prefix(dataset)
    pairs = (("PARAMCD", "PARAM"), (f"{start}TESTCD", f"{start}TEST"), ("TSPARMCD", "TSPARM"))
    yield from (pair for pair in pairs if pair[0] in dataset and pair[1] in dataset)


def _code_shape(dataset: Dataset, together: Together) -> Iterator[Found]:
    del together
    for code, _ in _codes(dataset):
        column = of.text(dataset, code)
        wrong = np.array([len(one) > LONGEST_NAME or one[:1].isdigit() for one in column], dtype=bool)
        yield from breaches(code, wrong, column)


def _one_to_one(dataset: Dataset, together: Together) -> Iterator[Found]:
    del together
    for code, name in _codes(dataset):
        pairs = pd.DataFrame(
            {"code": of.text(dataset, code), "name": of.text(dataset, name)}
        ).drop_duplicates()
        for column in ("code", "name"):
            twice = pairs[column][pairs[column].duplicated()]
            if len(twice):
                yield Found(
                    variable=code, row=int(twice.index[0]) + 1, text=f"'{twice.iloc[0]}'", count=len(twice)
                )


def _flags(dataset: Dataset, together: Together) -> Iterator[Found]:
    del together
    for name in dataset.names:
        if name.endswith("FL") and not dataset.variable(name).data_type.is_number:
            column = of.text(dataset, name)
            strict = "DOMAIN" in dataset or name in YES_OR_EMPTY
            allowed = ["", "Y"] if strict else ["", "Y", "N"]
            yield from breaches(name, ~np.isin(column, allowed), column)


def _sequence(dataset: Dataset, together: Together) -> Iterator[Found]:
    del together
    name = f"{prefix(dataset)}SEQ"
    if name in dataset and "USUBJID" in dataset and "DOMAIN" in dataset:
        table = pd.DataFrame({"who": of.text(dataset, "USUBJID"), "number": of.text(dataset, name)})
        yield from breaches(name, table.duplicated().to_numpy(), of.text(dataset, name))


def _terminology(dataset: Dataset, together: Together) -> Iterator[Found]:
    for name, allowed in together.terminology.items():
        if name in dataset and allowed:
            column = of.text(dataset, name)
            yield from breaches(name, is_set(column) & ~np.isin(column, allowed), column)


def _one_study(dataset: Dataset, together: Together) -> Iterator[Found]:
    first = next(iter(together.datasets.values()))
    studies = of.text(first, "STUDYID")
    if "STUDYID" in dataset and len(studies):
        column = of.text(dataset, "STUDYID")
        yield from breaches("STUDYID", column != studies[0], column)


TESTS: Mapping[str, Callable[[Dataset, Together], Iterable[Found]]] = {
    "name_length": _name_length,
    "label_length": _label_length,
    "text_length": _text_length,
    "keys_unique": _keys_unique,
    "required": _required,
    "codes_of_domain": _codes_of_domain,
    "code_shape": _code_shape,
    "one_to_one": _one_to_one,
    "flags": _flags,
    "sequence": _sequence,
    "terminology": _terminology,
    "one_study": _one_study,
}
"""Tests of the shape of a dataset, by name."""
