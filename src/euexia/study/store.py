"""Run folders: written whole or not at all, and never over somebody's files."""

from __future__ import annotations

import errno
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from euexia.core.errors import InputError, OutputError
from euexia.study.block import Block
from euexia.study.replicate import StudyResult
from euexia.trialdata import tables

MANIFEST = "manifest.json"
FORMAT = "euexia-run/1"


def check_folder(folder: Path, *, overwrite: bool = False) -> None:
    """Raise InputError or OutputError if a run could not be written to ``folder``; changes nothing.

    An existing folder that is not empty is refused, unless ``overwrite`` is given and it is a run folder.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"'{folder}' is a file, not a folder. Choose another --out.")
    if folder.is_dir() and any(folder.iterdir()):
        if not overwrite:
            raise InputError(
                f"The folder '{folder}' exists and is not empty; nothing was changed. "
                "Choose another --out, or add --overwrite to replace an earlier run."
            )
        if not (folder / MANIFEST).is_file():
            raise InputError(
                f"The folder '{folder}' is not a run of Euexia (it holds no {MANIFEST}), "
                "so it is not replaced. Choose another --out."
            )
    _check_writable(folder)


def _check_writable(folder: Path) -> None:
    parent = folder.absolute().parent
    existing = next(place for place in (parent, *parent.parents) if place.exists())
    if not existing.is_dir():
        raise InputError(
            f"'{existing}' is a file, so the folder '{folder}' cannot be made. Choose another --out."
        )
    try:
        with tempfile.TemporaryDirectory(dir=existing, prefix=".euexia-"):
            pass
    except OSError as error:
        raise OutputError(
            f"The folder '{folder}' cannot be written: {error.strerror or error}. Choose another --out."
        ) from error


def write(
    folder: Path, study: StudyResult, report: Callable[[Path], Path], *, overwrite: bool = False
) -> Path:
    """Write a run folder and return the path of its report.

    report: writes ``report.html`` and its companions into a folder and returns the report's path.
    Everything is first written beside the target and then moved there in one step; on any failure the target
    is as it was.  Raises InputError or OutputError.
    """
    check_folder(folder, overwrite=overwrite)
    target = folder.absolute()
    staging: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
        staging.chmod(0o755)
        name = report(staging).name
        _write_contents(staging, study)
        _move(staging, target)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        why = "the disk is full" if full else str(error.strerror or error)
        way_out = "Free some space" if full else "Check the folder"
        raise OutputError(
            f"The run could not be written to '{folder}': {why}. Nothing that was there before has changed. "
            f"{way_out} and run the same command again, or choose another --out."
        ) from error
    finally:
        if staging is not None and staging.exists():
            shutil.rmtree(staging, ignore_errors=True)
    return folder / name


def _write_contents(folder: Path, study: StudyResult) -> None:
    tables.write(folder / "data", study.example, study.protocol)
    frame = trial_table(study.blocks, study.blocks_without_effect)
    frame.to_csv(folder / "trials.csv", index=False)
    frame.to_parquet(folder / "trials.parquet", index=False)
    (folder / "protocol.yaml").write_text(study.protocol.source_text, encoding="utf-8")
    provenance = study.provenance
    manifest = {
        "format": FORMAT,
        "protocol": study.protocol.id,
        "trials": study.operating.trials,
        "planned_trials": study.operating.planned_trials,
        "size": study.operating.size,
        "complete": study.operating.trials == study.operating.planned_trials,
        "seed": provenance.seed,
        "versions": dict(provenance.versions),
        "hashes": dict(provenance.hashes),
        "command": provenance.command,
        "files": {
            "report.html": "the report",
            "results.json": "every figure of the report, for programs",
            "trials.csv, trials.parquet": "one row per trial, scenario and analysis",
            "data/": "the first simulated trial as tidy tables, with a data dictionary",
            "figures/": "the figures of the report",
            "protocol.yaml": "the protocol as it was run",
        },
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def trial_table(blocks: tuple[Block, ...], without_effect: tuple[Block, ...]) -> pd.DataFrame:
    """Return one row per trial, scenario and analysis, in that order; trials count from 1."""
    parts = []
    for scenario, chosen in (("as_modelled", blocks), ("without_effect", without_effect)):
        for block in chosen:
            for name, analysis in block.analyses.items():
                parts.append(
                    pd.DataFrame(
                        {
                            "scenario": scenario,
                            "trial": np.arange(block.trials) + block.first_trial + 1,
                            "analysis": name,
                            "measure_of_effect": analysis.measure_of_effect,
                            "unit": analysis.unit,
                            "estimate": analysis.estimate,
                            "low": analysis.low,
                            "high": analysis.high,
                            "p_value": analysis.p_value,
                            "reject": analysis.reject,
                        }
                    )
                )
    frame = pd.concat(parts, ignore_index=True)
    return frame.sort_values(["scenario", "trial"], kind="stable", ignore_index=True)


def _move(staging: Path, target: Path) -> None:
    """Put the finished folder in place; an earlier run is set aside first and removed last."""
    if not target.exists():
        staging.rename(target)
        return
    aside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-old-"))
    aside.rmdir()
    target.rename(aside)
    try:
        staging.rename(target)
    except OSError:
        aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)
