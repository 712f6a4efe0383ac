"""Write a dataset in the format that the ending of its path names, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from euexia.core.errors import InputError
from euexia.formats import dataset_json, tables, xpt
from euexia.formats.dataset import Dataset, Note
from euexia.formats.read import ENDINGS, Format, ending_format
from euexia.formats.xpt_writing import SIZES


def write(path: str | Path, dataset: Dataset) -> tuple[Note, ...]:
    """Write a dataset, and note what the format holds differently.

    SAS transport is written as version 5, or as 8 where names, labels or texts need it.
    Raises InputError for an unknown ending and OutputError for what the format cannot hold.
    """
    path = Path(path)
    known = ending_format(path)
    match known:
        case Format.XPT:
            return xpt.write(path, dataset, version=8 if needs_version_8(dataset) else 5)
        case Format.DATASET_JSON:
            return dataset_json.write(path, dataset)
        case Format.DELIMITED:
            if ".tsv" in path.name.lower():
                raise InputError(
                    f"{path.name}: delimited text is written with commas; end it in .csv or .csv.gz."
                )
            return tables.write_csv(path, dataset)
        case Format.PARQUET:
            return tables.write_parquet(path, dataset)
        case None:
            raise InputError(f"{path.name} has none of the endings {', '.join(ENDINGS)}.")
        case _:
            assert_never(known)


def needs_version_8(dataset: Dataset) -> bool:
    """Say whether names, labels or texts are longer than version 5 of SAS transport has room for."""
    longest_name, longest_label, longest_text = SIZES[5]
    names = [dataset.name, *dataset.names]
    labels = [dataset.label, *(variable.label for variable in dataset.variables)]
    if any(len(name) > longest_name for name in names) or any(
        len(label.encode()) > longest_label for label in labels
    ):
        return True
    texts = [dataset[one.name] for one in dataset.variables if not one.data_type.is_number]
    return any(len(text.encode()) > longest_text for column in texts for text in set(column.tolist()) if text)
