"""Parts of a run on disk: consecutive trials, reduced, as tidy Parquet tables that other programs read too.

A part is a folder of tables: ``results`` (scenario, trial and analysis), ``arms`` (scenario, trial and
arm), ``screening`` (trial), and ``series`` and ``histograms`` (measures over visits, of all trials of it);
of trials whose looks are carried out also ``looks`` (scenario and trial).  Trials count from 1 in the tables.
What a table cannot say stands in its metadata.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from euexia.study.block import AnalysisBlock, ArmBlock, Block, ScreeningBlock
from euexia.study.look_block import LookBlock, block_of
from euexia.study.series import BINS, SeriesBlock, add_all

if TYPE_CHECKING:
    import pyarrow as pa

SCENARIOS = ("as_modelled", "without_effect")
TABLES = ("results", "arms", "screening", "series", "histograms")
LOOKS = "looks"
COLUMNS = ("estimate", "low", "high", "p_value", "reject", "decided")
GROUPS = ("disposition", "adverse_events", "components", "components_analysed")
ABOUT = b"euexia"
"""Key of a table's metadata."""
DIGITS = 38
"""Digits of the whole numbers in which readings are summed."""


def tables_of(block: Block) -> tuple[str, ...]:
    """Return the names of the tables of a part."""
    return TABLES if block.looks is None else (*TABLES, LOOKS)


def join(blocks: Sequence[Block]) -> Block:
    """Return consecutive blocks as one."""
    first = blocks[0]
    series: dict[str, SeriesBlock] = {}
    for block in blocks:
        series |= add_all(series, block.series)
    screening = [block.screening for block in blocks if block.screening is not None]
    return Block(
        first_trial=first.first_trial,
        trials=sum(block.trials for block in blocks),
        analyses={
            name: _joined_analysis([block.analyses[name] for block in blocks]) for name in first.analyses
        },
        arms=_joined([block.arms for block in blocks]),
        series=series,
        screening=_joined(screening) if screening else None,
        looks=None if first.looks is None else _joined([block.looks for block in blocks]),
    )


def _joined_analysis(parts: Sequence[AnalysisBlock]) -> AnalysisBlock:
    first = parts[0]
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS
    }
    numbers = {name: np.concatenate([part.numbers[name] for part in parts]) for name in first.numbers}
    return replace(first, numbers=numbers, **arrays)


def _joined(parts: Sequence[Any]) -> Any:
    """Return the counts of several blocks as those of one: arrays by trial, and mappings of such arrays."""
    found: dict[str, Any] = {}
    for entry in fields(parts[0]):
        values = [getattr(part, entry.name) for part in parts]
        if isinstance(values[0], Mapping):
            found[entry.name] = {
                name: np.concatenate([value[name] for value in values]) for name in values[0]
            }
        else:
            found[entry.name] = None if values[0] is None else np.concatenate(values)
    return replace(parts[0], **found)


def write_part(folder: Path, modelled: Block, without_effect: Block) -> None:
    """Write the tables of a part into an existing folder.  Raises OSError."""
    import pyarrow.parquet as pq

    blocks = dict(zip(SCENARIOS, (modelled, without_effect), strict=True))
    tables = {
        "results": _results(blocks),
        "arms": _arms(blocks),
        "screening": _screening(modelled),
        "series": _series(modelled),
        "histograms": _histograms(modelled),
    }
    if modelled.looks is not None:
        tables[LOOKS] = _looks(blocks)
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")


def read_part(folder: Path) -> tuple[Block, Block]:
    """Return the blocks of a part, as modelled and without effect.  Raises OSError or ArrowInvalid."""
    import pyarrow.parquet as pq

    tables = {name: pq.read_table(folder / f"{name}.parquet") for name in TABLES}
    about = {name: json.loads(table.schema.metadata[ABOUT]) for name, table in tables.items()}
    trials, first = about["results"]["trials"], about["results"]["first_trial"]
    series = _read_series(tables["series"], tables["histograms"])
    screening = _read_screening(tables["screening"], about["screening"])
    looks = pq.read_table(folder / f"{LOOKS}.parquet") if about["results"].get(LOOKS) else None
    blocks = tuple(
        Block(
            first_trial=first,
            trials=trials,
            analyses=_read_results(tables["results"], about["results"], place, trials),
            arms=_read_arms(tables["arms"], about["arms"], place, trials),
            series={} if place else series,
            screening=screening,
            looks=None if looks is None else _read_looks(looks, place, trials),
        )
        for place in range(len(SCENARIOS))
    )
    return blocks[0], blocks[1]


def _table(columns: Mapping[str, Any], about: Mapping[str, Any]) -> pa.Table:
    import pyarrow as pa

    table = pa.table(dict(columns))
    return table.replace_schema_metadata({ABOUT: json.dumps(about).encode()})


def _repeated(names: Sequence[str], each: int) -> pa.Array:
    """Return each name so many times, stored once."""
    import pyarrow as pa

    codes = np.repeat(np.arange(len(names), dtype=np.int32), each)
    return pa.DictionaryArray.from_arrays(codes, pa.array(list(names), type=pa.string()))


def _trials(block: Block, times: int) -> NDArray[np.int64]:
    return np.tile(np.arange(block.trials, dtype=np.int64) + block.first_trial + 1, times)


def _results(blocks: Mapping[str, Block]) -> pa.Table:
    import pyarrow as pa

    block = blocks[SCENARIOS[0]]
    names, trials = list(block.analyses), block.trials
    numbers = list(dict.fromkeys(name for part in block.analyses.values() for name in part.numbers))
    parts = [blocks[scenario].analyses[name] for scenario in SCENARIOS for name in names]
    columns: dict[str, Any] = {
        "scenario": _repeated(SCENARIOS, len(names) * trials),
        "trial": _trials(block, len(parts)),
        "analysis": pa.DictionaryArray.from_arrays(
            np.tile(np.repeat(np.arange(len(names), dtype=np.int32), trials), len(SCENARIOS)),
            pa.array(names, type=pa.string()),
        ),
    }
    columns |= {name: np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS}
    nothing = np.full(trials, np.nan)
    for name in numbers:
        columns[name] = np.concatenate([part.numbers.get(name, nothing) for part in parts])
    about = {
        "first_trial": block.first_trial,
        "trials": trials,
        **({LOOKS: True} if block.looks is not None else {}),
        "analyses": {
            name: {
                "measure_of_effect": part.measure_of_effect,
                "unit": part.unit,
                "design": dict(part.design),
                "numbers": list(part.numbers),
            }
            for name, part in block.analyses.items()
        },
    }
    return _table(columns, about)


def _read_results(
    table: pa.Table, about: Mapping[str, Any], place: int, trials: int
) -> dict[str, AnalysisBlock]:
    found = {}
    for index, (name, said) in enumerate(about["analyses"].items()):
        start = (place * len(about["analyses"]) + index) * trials
        rows = table.slice(start, trials)
        found[name] = AnalysisBlock(
            **{column: rows[column].to_numpy() for column in COLUMNS},
            numbers={number: rows[number].to_numpy() for number in said["numbers"]},
            measure_of_effect=said["measure_of_effect"],
            unit=said["unit"],
            design=said["design"],
        )
    return found


def _looks(blocks: Mapping[str, Block]) -> pa.Table:
    block = blocks[SCENARIOS[0]]
    found = [part.looks.columns() for part in blocks.values() if part.looks is not None]
    columns: dict[str, Any] = {
        "scenario": _repeated(SCENARIOS, block.trials),
        "trial": _trials(block, len(SCENARIOS)),
    }
    columns |= {name: np.concatenate([part[name] for part in found]) for name in found[0]}
    return _table(columns, {})


def _read_looks(table: pa.Table, place: int, trials: int) -> LookBlock:
    rows = table.slice(place * trials, trials)
    columns = {name: rows[name].to_numpy() for name in rows.column_names}
    return block_of({name: columns[name] for name in columns if name not in ("scenario", "trial")})


def _arms(blocks: Mapping[str, Block]) -> pa.Table:
    block = blocks[SCENARIOS[0]]
    arms = block.arms.patients.shape[1]
    found = [blocks[scenario].arms for scenario in SCENARIOS]
    columns: dict[str, Any] = {
        "scenario": _repeated(SCENARIOS, block.trials * arms),
        "trial": np.tile(np.repeat(_trials(block, 1), arms), len(SCENARIOS)),
        "arm": np.tile(np.arange(arms), block.trials * len(SCENARIOS)),
    }
    for name, counts in _counts(found):
        columns[name] = np.concatenate([part.ravel() for part in counts])
    groups = {name: list(getattr(block.arms, name)) for name in GROUPS}
    return _table(columns, {"arms": arms, "groups": groups, "responders": block.arms.responders is not None})


def _counts(found: Sequence[ArmBlock]) -> Iterator[tuple[str, list[NDArray[np.int64]]]]:
    for name in ("patients", "analysed", "responders"):
        parts = [getattr(part, name) for part in found]
        if parts[0] is not None:
            yield name, parts
    for group in GROUPS:
        for name in getattr(found[0], group):
            yield f"{group}.{name}", [getattr(part, group)[name] for part in found]


def _read_arms(table: pa.Table, about: Mapping[str, Any], place: int, trials: int) -> ArmBlock:
    size = trials * about["arms"]
    rows = table.slice(place * size, size)

    def counts(name: str) -> NDArray[np.int64]:
        return np.asarray(rows[name].to_numpy(), dtype=np.int64).reshape(trials, about["arms"])

    return ArmBlock(
        patients=counts("patients"),
        analysed=counts("analysed"),
        responders=counts("responders") if about["responders"] else None,
        **{
            group: {name: counts(f"{group}.{name}") for name in names}
            for group, names in about["groups"].items()
        },
    )


def _screening(block: Block) -> pa.Table:
    found = block.screening
    if found is None:
        return _table({"trial": _trials(block, 1)}, {"refused": None})
    columns = {
        "trial": _trials(block, 1),
        "screened": found.screened,
        "enrolled": found.enrolled,
        "months": found.months,
    }
    columns |= {f"refused.{name}": counts for name, counts in found.refused.items()}
    return _table(columns, {"refused": list(found.refused)})


def _read_screening(table: pa.Table, about: Mapping[str, Any]) -> ScreeningBlock | None:
    if about["refused"] is None:
        return None
    return ScreeningBlock(
        screened=table["screened"].to_numpy(),
        enrolled=table["enrolled"].to_numpy(),
        months=table["months"].to_numpy(),
        refused={name: table[f"refused.{name}"].to_numpy() for name in about["refused"]},
    )


def _series(block: Block) -> pa.Table:
    import pyarrow as pa

    rows: dict[str, list[Any]] = {
        name: [] for name in ("series", "arm", "visit", "day", "count", "total", "square")
    }
    for name, part in block.series.items():
        for arm, visit in np.ndindex(*part.count.shape):
            values = (name, arm, visit, float(part.day[visit]))
            sums = (int(getattr(part, key)[arm, visit]) for key in ("count", "total", "square"))
            for key, value in zip(rows, (*values, *sums), strict=True):
                rows[key].append(value)
    whole = pa.decimal128(DIGITS, 0)
    columns = {
        key: pa.array(values, type=whole) if key in ("count", "total", "square") else values
        for key, values in rows.items()
    }
    columns["series"] = pa.array(rows["series"], type=pa.string())
    return _table(columns, {})


def _histograms(block: Block) -> pa.Table:
    import pyarrow as pa

    names, places, counts = [], [], []
    for name, part in block.series.items():
        where = np.flatnonzero(part.histogram)
        names += [name] * where.size
        places.append(where)
        counts.append(part.histogram.ravel()[where])
    empty = np.zeros(0, dtype=np.int64)
    columns = {
        "series": pa.array(names, type=pa.string()).dictionary_encode(),
        "cell": np.concatenate([empty, *places]),
        "count": np.concatenate([empty, *counts]),
    }
    return _table(columns, {"bins": BINS})


def _read_series(table: pa.Table, histograms: pa.Table) -> dict[str, SeriesBlock]:
    rows = table.to_pydict()
    names = np.asarray(rows["series"], dtype=object)
    cells = histograms["series"].to_numpy()
    found = {}
    for name in dict.fromkeys(rows["series"]):
        mine = np.flatnonzero(names == name)
        arms = 1 + max(rows["arm"][k] for k in mine)
        shape = (arms, mine.size // arms)
        sums = {
            key: np.array([int(rows[key][k]) for k in mine], dtype=object).reshape(shape)
            for key in ("count", "total", "square")
        }
        histogram = np.zeros((*shape, BINS), dtype=np.int64)
        chosen = cells == name
        histogram.ravel()[histograms["cell"].to_numpy()[chosen]] = histograms["count"].to_numpy()[chosen]
        day = np.array([rows["day"][k] for k in mine[: shape[1]]])
        found[name] = SeriesBlock(day=day, histogram=histogram, **sums)
    return found
