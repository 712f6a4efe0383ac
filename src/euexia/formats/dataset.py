"""A dataset as clinical research knows it: named variables in order, a column each, and what is said of them.

Two kinds of columns carry every data type, so that nothing is lost and everything stays fast:

* numbers (integer, float, double, boolean) are float64 with NaN where a value is missing; a truth value is
  1 or 0. Integers beyond 2**53 cannot be held exactly and are refused by the readers;
* text (string, decimal, date, datetime, time, URI) is an object array of ``str`` with ``None`` where a value
  is missing. Empty text ``""`` is not missing: formats that cannot tell the two apart (SAS transport, CSV)
  say so in their notes. Decimals and dates are kept as written: ``"0.10"`` stays ``"0.10"``, ``"2020-03"``
  stays partial.

A numeric SAS date is text like any other date, with the target type ``INTEGER`` to say that it was a number;
so the same dataset is the same in every format. The missing codes of SAS (``._``, ``.A`` to ``.Z``) stand
beside their column in ``missing_codes``; the value itself is NaN (or None).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from euexia.core.choices import choose
from euexia.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Column = npt.NDArray[Any]
LARGEST_EXACT_INTEGER = 2**53


class DataType(Enum):
    """The data types of Dataset-JSON 1.1."""

    STRING = "string"
    INTEGER = "integer"
    FLOAT = "float"
    DOUBLE = "double"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    URI = "URI"

    @property
    def is_number(self) -> bool:
        """Say whether columns of this type are float64 (else they are text)."""
        return self in NUMBERS


NUMBERS = frozenset({DataType.INTEGER, DataType.FLOAT, DataType.DOUBLE, DataType.BOOLEAN})
MOMENTS = frozenset({DataType.DATE, DataType.DATETIME, DataType.TIME})


class TargetType(Enum):
    """How a value is stored in the system it comes from, where that differs from its data type."""

    INTEGER = "integer"
    DECIMAL = "decimal"


class NoteKind(Enum):
    """Whether a note says what was understood or what was odd."""

    UNDERSTOOD = "understood"
    ODD = "odd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing a reader understood, or found odd, and where."""

    kind: NoteKind
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


def understood(place: str, text: str) -> Note:
    """Note something that was settled without doubt."""
    return Note(kind=NoteKind.UNDERSTOOD, place=place, text=text)


def odd(place: str, text: str) -> Note:
    """Note something that a person should look at."""
    return Note(kind=NoteKind.ODD, place=place, text=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """What is said about one column.

    ``length`` is in bytes (SAS) or characters (Dataset-JSON); ``origin`` is the word of Define-XML
    (Collected, Derived, Assigned, Protocol, Predecessor); ``code_list`` the OID of its code list there.
    ``extensions`` keeps what a file says about the variable beyond its standard.
    """

    name: str
    label: str = ""
    data_type: DataType = DataType.STRING
    target_type: TargetType | None = None
    length: int | None = None
    display_format: str = ""
    input_format: str = ""
    key_sequence: int | None = None
    origin: str = ""
    code_list: str = ""
    oid: str = ""
    extensions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Where a dataset comes from; empty text where a file does not say. Moments are ISO 8601 text."""

    study_oid: str = ""
    metadata_version_oid: str = ""
    metadata_ref: str = ""
    item_group_oid: str = ""
    file_oid: str = ""
    originator: str = ""
    system: str = ""
    system_version: str = ""
    created: str = ""
    modified: str = ""
    format: str = ""
    encoding: str = ""
    extensions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A named table of records with its variables in order; columns are read-only.

    ``missing_codes`` holds, for the variables that have any, an object array of ``"._"``, ``".A"`` ...
    ``".Z"`` and ``None``; ``notes`` what the reader of its file understood and found odd.

    Raises InputError when variables and columns do not belong together.
    """

    name: str
    variables: tuple[Variable, ...]
    columns: Mapping[str, Column]
    label: str = ""
    metadata: Metadata = field(default_factory=Metadata)
    missing_codes: Mapping[str, Column] = field(default_factory=dict)
    notes: tuple[Note, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        names = [variable.name for variable in self.variables]
        problems = _misfits(self.variables, names, self.columns, self.missing_codes)
        if problems:
            raise InputError(f"'{self.name}' is not a dataset: " + "; ".join(problems))
        frozen = {name: _read_only(self.columns[name]) for name in names}
        codes = {name: _read_only(column) for name, column in self.missing_codes.items()}
        object.__setattr__(self, "columns", MappingProxyType(frozen))
        object.__setattr__(self, "missing_codes", MappingProxyType(codes))

    def __getitem__(self, name: str) -> Column:
        """Return a column by the name of its variable."""
        return choose("variable", name, self.columns, asked_in=self.name)

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    @property
    def records(self) -> int:
        """The number of records."""
        return len(next(iter(self.columns.values()))) if self.columns else 0

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the variables, in order."""
        return tuple(variable.name for variable in self.variables)

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the key variables, in the order of their key sequence."""
        keyed = [variable for variable in self.variables if variable.key_sequence is not None]
        return tuple(variable.name for variable in sorted(keyed, key=lambda one: one.key_sequence or 0))

    def variable(self, name: str) -> Variable:
        """Return what is said about a column."""
        described = {variable.name: variable for variable in self.variables}
        return choose("variable", name, described, asked_in=self.name)

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """Return a column as doubles, decimals as the nearest double; InputError for any other text."""
        column, data_type = self[name], self.variable(name).data_type
        if data_type.is_number:
            return column
        if data_type is DataType.DECIMAL:
            return np.array([float(text) if text else np.nan for text in column], dtype=np.float64)
        raise InputError(f"{self.name}.{name} is {data_type.value}, not a number.")

    def with_notes(self, notes: Iterable[Note]) -> Dataset:
        """Add notes."""
        return replace(self, notes=(*self.notes, *notes))

    def take(self, rows: npt.NDArray[Any]) -> Dataset:
        """Keep some records: by a mask or by positions."""
        return replace(
            self,
            columns={name: column[rows] for name, column in self.columns.items()},
            missing_codes={name: column[rows] for name, column in self.missing_codes.items()},
        )

    def frame(self) -> pd.DataFrame:
        """Copy the columns to a pandas DataFrame: float64 and object columns, as they are here."""
        import pandas as pd

        return pd.DataFrame(
            {name: pd.Series(column, dtype=column.dtype) for name, column in self.columns.items()}
        )


def number_column(values: Iterable[float | None]) -> Column:
    """Make a column of numbers; None becomes NaN."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def text_column(values: Sequence[str | None]) -> Column:
    """Make a column of text; None stays missing."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def is_missing(column: Column) -> npt.NDArray[np.bool_]:
    """Say where a column has no value; empty text is a value."""
    if column.dtype == object:
        missing: npt.NDArray[np.bool_] = np.asarray(column == np.array(None, dtype=object), dtype=np.bool_)
        return missing
    return np.isnan(column)


def is_blank(column: Column) -> npt.NDArray[np.bool_]:
    """Say where a column has no value or empty text, which SAS and CSV cannot tell apart."""
    if column.dtype == object:
        empty: npt.NDArray[np.bool_] = np.asarray(column == np.array("", dtype=object), dtype=np.bool_)
        return is_missing(column) | empty
    return np.isnan(column)


def of_columns(
    name: str, columns: Mapping[str, Column], *, label: str = "", variables: Sequence[Variable] = ()
) -> Dataset:
    """Make a dataset of columns; variables that are not described are plain text or doubles."""
    described = {variable.name: variable for variable in variables}
    chosen = tuple(
        described.get(
            key, Variable(name=key, data_type=DataType.STRING if column.dtype == object else DataType.DOUBLE)
        )
        for key, column in columns.items()
    )
    strangers = [f"'{key}' is described but has no column" for key in described if key not in columns]
    if strangers:
        raise InputError(f"'{name}' is not a dataset: " + "; ".join(strangers))
    return Dataset(name=name, label=label, variables=chosen, columns=columns)


def of_frame(
    name: str, frame: pd.DataFrame, *, label: str = "", variables: Sequence[Variable] = ()
) -> Dataset:
    """Make a dataset of a pandas DataFrame: numbers, truth values, text, and datetimes as ISO 8601 text.

    Raises InputError naming the columns that hold anything else.
    """
    described = {variable.name: variable for variable in variables}
    columns: dict[str, Column] = {}
    problems = []
    for key in frame.columns:
        series, column = frame[key], str(key)
        if series.dtype.kind in "biuf":
            columns[column] = series.to_numpy(dtype=np.float64, na_value=np.nan)
            plain = {"b": DataType.BOOLEAN, "f": DataType.DOUBLE}.get(series.dtype.kind, DataType.INTEGER)
            beyond = plain is DataType.INTEGER and (np.abs(columns[column]) > LARGEST_EXACT_INTEGER).any()
            problems += [f"'{column}' (beyond 2**53)"] if beyond else []
        else:
            moments = series.dtype.kind == "M"
            values = [None if absent else value for value, absent in zip(series, series.isna(), strict=True)]
            texts = [value.isoformat() if moments and value is not None else value for value in values]
            problems += [f"'{column}'" for text in texts if not (text is None or isinstance(text, str))][:1]
            columns[column] = text_column(texts)
            plain = DataType.DATETIME if moments else DataType.STRING
        described.setdefault(column, Variable(name=column, data_type=plain))
    if problems:
        words = f"{', '.join(problems)} hold values that are neither exact numbers nor text nor datetimes"
        raise InputError(f"'{name}' is not a dataset: {words}. Turn them into text or numbers first.")
    return of_columns(name, columns, label=label, variables=tuple(described.values()))


def _misfits(
    variables: Sequence[Variable],
    names: Sequence[str],
    columns: Mapping[str, Column],
    codes: Mapping[str, Column],
) -> list[str]:
    """List what does not fit together."""
    problems = [f"variable '{name}' is there twice" for name in sorted(set(names)) if names.count(name) > 1]
    problems += [f"variable '{name}' has no column" for name in names if name not in columns]
    problems += [f"column '{name}' has no variable" for name in columns if name not in names]
    problems += [
        f"missing codes are given for '{name}', which is not there" for name in codes if name not in names
    ]
    for variable in variables:
        problems += _misfit(variable, columns.get(variable.name))
    lengths = {name: len(column) for name, column in (*columns.items(), *codes.items()) if column.ndim == 1}
    if len(set(lengths.values())) > 1:
        problems.append("columns differ in length: " + ", ".join(f"{key} {n}" for key, n in lengths.items()))
    return problems


def _misfit(variable: Variable, column: Column | None) -> list[str]:
    """Say why a column cannot hold its variable."""
    if column is None:
        return []
    wanted = np.dtype(np.float64) if variable.data_type.is_number else np.dtype(object)
    if column.ndim == 1 and column.dtype == wanted:
        return []
    return [
        f"'{variable.name}' ({variable.data_type.value}) needs a one-dimensional {wanted} column, "
        f"not {column.ndim}-dimensional {column.dtype}"
    ]


def _read_only(column: Column) -> Column:
    view = column.view()
    view.flags.writeable = False
    return view
