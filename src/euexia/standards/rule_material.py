"""What the tests of conformance rules are given, and what they give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia.formats.dataset import Column, Dataset
from euexia.standards import columns as of


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """All datasets by name, and the terminology of variables."""

    datasets: Mapping[str, Dataset]
    terminology: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A breach in one variable: its first row (from 1), how often, and the value there."""

    variable: str
    row: int | None = None
    text: str = ""
    count: int = 1


def breaches(variable: str, wrong: NDArray[np.bool_], shown: Column | None = None) -> Iterator[Found]:
    """Yield one breach for the rows that are wrong, if any are."""
    rows = np.flatnonzero(wrong)
    if rows.size:
        first = int(rows[0])
        text = "" if shown is None else f"'{shown[first]}'"
        yield Found(variable=variable, row=first + 1, text=text, count=int(rows.size))


def is_set(column: Column) -> NDArray[np.bool_]:
    """Say where a text column holds anything."""
    filled: NDArray[np.bool_] = np.asarray(column != np.array("", dtype=object), dtype=np.bool_)
    return filled


def prefix(dataset: Dataset) -> str:
    """Return what stands for ``--`` in the names of variables: the domain, or the dataset's first letters."""
    said = next(iter(of.text(dataset, "DOMAIN")), "") if "DOMAIN" in dataset else ""
    return said or dataset.name[:2]


def starts(together: Together) -> dict[str, float]:
    """Return the reference start of each subject, days since 1960-01-01."""
    subjects = together.datasets.get("DM") or together.datasets.get("ADSL")
    if subjects is None:
        return {}
    days = of.first_date(subjects, [], "RANDDT", "TRTSDT") if "RFSTDTC" not in subjects else (
        of.dates(subjects, "RFSTDTC", [])
    )  # fmt: skip
    return dict(zip(of.text(subjects, "USUBJID").tolist(), days.tolist(), strict=True))
