"""Sets of parameters as uncertain as they are: drawn from their stated ranges, or from a posterior."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from euexia import drugs
from euexia.core.choices import did_you_mean
from euexia.core.errors import InputError, UnknownNameError
from euexia.core.streams import Purpose, uniform
from euexia.parameters import Parameter, ParameterSet
from euexia.protocol.protocol import Protocol
from euexia.study.drivers import with_values
from euexia.study.sensitivity import NOT_VARIED

Floats = NDArray[np.float64]

CSV_ENDING, PARQUET_ENDING = ".csv", ".parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertainty:
    """Which numbers are uncertain, and how.

    ranged: drawn from low to high, each by itself.  posterior: names of the columns of ``draws``, whose rows
    are taken whole, so that what hangs together stays together.
    """

    parameters: ParameterSet
    ranged: tuple[Parameter, ...]
    posterior: tuple[str, ...] = ()
    draws: Floats | None = None
    """Shape (rows, names of the posterior)."""
    source: str = ""
    """Of the posterior."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return every uncertain number; those of the posterior first."""
        return (*self.posterior, *(entry.name for entry in self.ranged))

    def values(self, seed: int, number: int) -> dict[str, float]:
        """Return the numbers of one draw.

        A number with a range falls below or above its stated value with equal chance, evenly as far as the
        end of the range: the stated value is the median, and neither end is passed.
        """
        found: dict[str, float] = {}
        if self.draws is not None:
            share = float(uniform(seed, Purpose.PARAMETER, 1, number))
            row = self.draws[min(int(share * len(self.draws)), len(self.draws) - 1)]
            found |= dict(zip(self.posterior, map(float, row), strict=True))
        for entry in self.ranged:
            assert entry.low is not None
            assert entry.high is not None
            address = zlib.crc32(entry.name.encode())
            chance = float(uniform(seed, Purpose.PARAMETER, 0, number, 0, address))
            end, share = (entry.low, 1 - 2 * chance) if chance < 1 / 2 else (entry.high, 2 * chance - 1)
            found[entry.name] = entry.value + share * (end - entry.value)
        return found

    def drawn(self, seed: int, number: int) -> ParameterSet:
        """Return the parameter set of one draw."""
        return with_values(self.parameters, self.values(seed, number))


def uncertainty_of(
    protocol: Protocol,
    parameters: ParameterSet,
    *,
    only: Sequence[str] = (),
    posterior: Mapping[str, Floats] | None = None,
    source: str = "",
) -> Uncertainty:
    """Return what is uncertain in the model for a protocol.

    Every number with a range, but those of treatments that the protocol does not give, those that are a
    choice, and those that are 0: a mechanism that is off stays off.
    only: numbers or whole blocks.  posterior: columns of draws by name; they replace the ranges.
    Raises UnknownNameError, or InputError where nothing is uncertain.
    """
    given = {treatment.drug for arm in protocol.arms for treatment in arm.treatments}
    given |= {treatment.drug for treatment in protocol.background}
    others = set(drugs.DRUGS) - given
    ranged = [entry for entry in parameters.values() if _is_uncertain(entry) and _block(entry) not in others]
    if only:
        ranged = _chosen(parameters, ranged, only)
    columns = dict(posterior or {})
    unknown = [name for name in columns if name not in parameters.entries]
    if unknown:
        raise UnknownNameError(
            f"The draws have a column '{unknown[0]}', which is no parameter. "
            f"{did_you_mean(unknown[0], list(parameters.entries))}"
        )
    left = tuple(entry for entry in ranged if entry.name not in columns)
    if not left and not columns:
        raise InputError("Nothing is uncertain: no parameter that acts in this protocol has a range.")
    return Uncertainty(
        parameters=parameters,
        ranged=left,
        posterior=tuple(columns),
        draws=np.stack(list(columns.values()), axis=1) if columns else None,
        source=source,
    )


def _block(entry: Parameter) -> str:
    return entry.name.partition(".")[0]


def _is_uncertain(entry: Parameter) -> bool:
    chosen = entry.name.partition(".")[2] in NOT_VARIED
    ranged = entry.low is not None and entry.high is not None and entry.low < entry.high
    return ranged and not chosen and entry.value != 0


def _chosen(parameters: ParameterSet, ranged: Sequence[Parameter], only: Sequence[str]) -> list[Parameter]:
    """Return those of the uncertain numbers that are named, or stand in a named block."""
    blocks = {_block(entry) for entry in parameters.values()}
    found = []
    for name in only:
        own = [entry for entry in ranged if name in (entry.name, _block(entry))]
        if not own:
            if name in parameters.entries or name in blocks:
                raise InputError(f"'{name}' has no range that acts in this protocol. Leave it out.")
            known = [*parameters.entries, *blocks]
            raise UnknownNameError(f"There is no parameter called '{name}'. {did_you_mean(name, known)}")
        found += own
    return list({entry.name: entry for entry in found}.values())


def read_draws(path: Path) -> dict[str, Floats]:
    """Return the columns of a file of draws: one draw a row, canonical units, names as of parameters.

    A name may be followed by its unit in brackets.  Raises InputError for a file that is none.
    """
    if not path.is_file():
        raise InputError(f"There is no file of draws '{path}'. Give a {CSV_ENDING} or {PARQUET_ENDING} file.")
    if path.suffix == PARQUET_ENDING:
        columns = _parquet(path)
    elif path.suffix == CSV_ENDING:
        columns = _csv(path)
    else:
        raise InputError(f"'{path}' is neither a {CSV_ENDING} nor a {PARQUET_ENDING} file.")
    if not columns or any(not np.isfinite(values).all() or not len(values) for values in columns.values()):
        raise InputError(f"The draws in '{path}' need a finite number in every cell, and at least one row.")
    return {name.partition(" [")[0].strip(): values for name, values in columns.items()}


def _csv(path: Path) -> dict[str, Floats]:
    with path.open(encoding="utf-8", newline="") as stream:
        head, *rows = list(csv.reader(stream)) or [[]]
    uneven = next((place for place, row in enumerate(rows, start=2) if len(row) != len(head)), None)
    if uneven is not None:
        raise InputError(f"'{path}', line {uneven}: it has not as many cells as the {len(head)} columns.")
    try:
        values = np.array([[float(cell) for cell in row] for row in rows], dtype=float)
    except ValueError as error:
        raise InputError(f"'{path}' holds something that is no number: {error}.") from error
    return {name: values[:, place] for place, name in enumerate(head)} if rows else {}


def _parquet(path: Path) -> dict[str, Floats]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        return {name: np.asarray(table.column(name).to_numpy(), dtype=float) for name in table.column_names}
    except (pa.ArrowInvalid, OSError, ValueError, TypeError) as error:
        raise InputError(f"'{path}' cannot be read as draws: {error}.") from error
