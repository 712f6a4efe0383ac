"""Run folders: never over somebody's files; the report and its tables whole or not at all."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from euexia.core.errors import InputError, OutputError
from euexia.study import run_folder
from euexia.study.replicate import StudyResult
from euexia.study.run_folder import MANIFEST
from euexia.trialdata import tables

MOST_TRIALS_IN_TEXT = 10_000
"""Longer runs are not written as text too: their parts hold the same rows."""
TRIALS_IN_TEXT = ("trials.csv", "trials.parquet")
TRIAL_COLUMNS = ("scenario", "trial", "analysis", "estimate", "low", "high", "p_value", "reject", "decided")
FILES = {
    "report.html": "the report",
    "results.json": "every figure of the report, for programs",
    "trials.csv, trials.parquet": "one row per scenario, trial and analysis; of runs of up to 10,000 trials",
    "parts/": "every trial, in parts: results, arms, screening, readings over visits",
    "data/": "the first simulated trial as tidy tables, with a data dictionary",
    "figures/": "the figures of the report",
    "protocol.yaml": "the protocol as it was run",
}


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


def prepare(folder: Path, *, overwrite: bool = False) -> Path | None:
    """Make room for a new run: check the folder, and set an earlier run aside; return where it stands.

    The earlier run is only removed by ``release``, once the new one is there.  Raises InputError or
    OutputError.
    """
    check_folder(folder, overwrite=overwrite)
    if not folder.is_dir() or not any(folder.iterdir()):
        return None
    aside = Path(tempfile.mkdtemp(dir=folder.absolute().parent, prefix=f".{folder.name}-old-"))
    aside.rmdir()
    folder.rename(aside)
    return aside


def release(folder: Path, aside: Path | None, *, done: bool) -> Path | None:
    """Remove the earlier run that was set aside, or put it back where the new one came to nothing.

    Where the new run was ended in the middle, both are kept: the earlier one beside it, in a folder of its
    own, which is returned.
    """
    if aside is None:
        return None
    if done:
        shutil.rmtree(aside, ignore_errors=True)
        return None
    if _has_trials(folder):
        numbers = itertools.count(1)
        names = (f"{folder.name}-earlier" if n == 1 else f"{folder.name}-earlier-{n}" for n in numbers)
        kept = next(place for place in map(folder.with_name, names) if not place.exists())
        aside.rename(kept)
        return kept
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)
    return None


def _has_trials(folder: Path) -> bool:
    try:
        return run_folder.load_manifest(folder).trials > 0
    except InputError:
        return False


def conclude(folder: Path, study: StudyResult, report: Callable[[Path], Path]) -> Path:
    """Write the report and the tables of a run into its folder and return the path of the report.

    report: writes ``report.html`` and its companions into a folder and returns the report's path.
    Everything is first written beside its place and then moved there; the parts of the run are not touched.
    Raises OutputError.
    """
    target = folder.absolute()
    staging: Path | None = None
    try:
        if not (target / MANIFEST).is_file():
            _begin(target, study)
        staging = Path(tempfile.mkdtemp(dir=target, prefix=".report-"))
        name = report(staging).name
        tables.write(staging / "data", study.example, study.protocol)
        manifest = run_folder.load_manifest(target)
        if 0 < manifest.trials <= MOST_TRIALS_IN_TEXT:
            _write_trials(target, staging, manifest)
        elif manifest.trials:
            for name in TRIALS_IN_TEXT:  # of the run before it grew
                (target / name).unlink(missing_ok=True)
        for entry in sorted(staging.iterdir()):
            _replace(entry, target / entry.name)
        run_folder.write_manifest(target, manifest, files=FILES)
    except OSError as error:
        raise run_folder.not_written(folder, error) from error
    finally:
        if staging is not None and staging.exists():
            shutil.rmtree(staging, ignore_errors=True)
    return folder / name


def _begin(folder: Path, study: StudyResult) -> None:
    """Make the folder of a run whose trials were not kept."""
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    made = study.provenance
    manifest = run_folder.Manifest(
        protocol=study.protocol.id,
        size=study.operating.size,
        seed=study.operating.seed,
        planned_trials=study.operating.planned_trials,
        versions=made.versions,
        hashes=made.hashes,
        overlays=study.parameters.overlays,
        command=made.command,
    )
    (folder / run_folder.PROTOCOL).write_text(study.protocol.source_text, encoding="utf-8")
    run_folder.write_manifest(folder, manifest)


def _replace(source: Path, target: Path) -> None:
    """Move a file or folder to its place; what stood there before goes."""
    if target.is_dir():
        shutil.rmtree(target)
    source.replace(target)


def _write_trials(folder: Path, staging: Path, manifest: run_folder.Manifest) -> None:
    """Write one row per scenario, trial and analysis, as text and as Parquet."""
    frames = [
        pd.read_parquet(
            folder / run_folder.PARTS / part.name / "results.parquet", columns=list(TRIAL_COLUMNS)
        )
        for part in manifest.parts
    ]
    frame = pd.concat(frames, ignore_index=True)
    frame = frame.sort_values(["scenario", "trial"], kind="stable", ignore_index=True)
    frame.to_csv(staging / "trials.csv", index=False)
    frame.to_parquet(staging / "trials.parquet", index=False)
