"""A calibrated set on disk: an overlay with posterior medians, the draws, and what is to be said of them."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia.core.choices import choose
from euexia.core.quantities import canonical_unit
from euexia.study.calibration import Calibration
from euexia.study.calibration_ensemble import Step
from euexia.study.calibration_result import Summary
from euexia.study.uncertain_parameters import read_draws

Floats = NDArray[np.float64]

DRAWS, SUMMARY, OVERLAY, VALIDATION = "draws.csv", "summary.json", "overlay.yaml", "validation.json"
SCHEMA = "euexia-calibration/1"
LATEST = "calibrated_1"
"""The calibrated set that comes with this version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Draws from the posterior: one set of numbers a row, canonical."""

    name: str
    names: tuple[str, ...]
    values: Floats
    """Shape (draws, parameters)."""


def shipped() -> tuple[str, ...]:
    """Return the names of the calibrated sets that come with the package."""
    return tuple(sorted(_folders()))


def load_draws(name_or_path: str | Path) -> Draws:
    """Return the draws of a calibrated set, by name or from a CSV file.

    The header names parameters, ``block.name``, each followed by its canonical unit in brackets.
    Raises UnknownNameError for a name that is none, InputError for a file that cannot be read as draws.
    """
    path = Path(name_or_path)
    if path.suffix:
        return _of(read_draws(path), path.stem)
    folder = choose("calibrated set", str(name_or_path), _folders())
    return _of(read_draws(Path(str(folder / DRAWS))), str(name_or_path))


def _of(columns: Mapping[str, Floats], name: str) -> Draws:
    return Draws(name=name, names=tuple(columns), values=np.stack(list(columns.values()), axis=1))


def load_summary(name: str) -> Mapping[str, Any]:
    """Return what is said of a calibrated set that comes with the package."""
    folder = choose("calibrated set", name, _folders())
    found: Mapping[str, Any] = json.loads((folder / SUMMARY).read_text("utf-8"))
    return found


def load_validation(name: str) -> Mapping[str, Any]:
    """Return how a calibrated set that comes with the package did on published figures."""
    folder = choose("calibrated set", name, _folders())
    found: Mapping[str, Any] = json.loads((folder / VALIDATION).read_text("utf-8"))
    return found


def _folders() -> dict[str, Any]:
    root = files("euexia") / "data" / "calibrations"
    return {entry.name: entry for entry in root.iterdir() if entry.is_dir() and (entry / DRAWS).is_file()}


def set_files(name: str, calibration: Calibration, summary: Summary, *, seconds: float) -> dict[str, bytes]:
    """Return the files of a calibrated set, by name; equal arguments give equal bytes but for the seconds."""
    return {
        DRAWS: _draws_text(calibration).encode(),
        SUMMARY: _summary_text(name, calibration, summary, seconds).encode(),
        OVERLAY: _overlay_text(name, summary, calibration).encode(),
    }


def _draws_text(calibration: Calibration) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    units = [canonical_unit(calibration.parameters[name].kind) for name in calibration.prior.names]
    writer.writerow([f"{name} [{unit}]" for name, unit in zip(calibration.prior.names, units, strict=True)])
    writer.writerows([f"{value:.8g}" for value in row] for row in calibration.draws)
    return out.getvalue()


def _summary_text(name: str, calibration: Calibration, summary: Summary, seconds: float) -> str:
    content = {
        "schema": SCHEMA,
        "name": name,
        "split_sha256": calibration.split,
        "parameters_sha256": calibration.parameters.hash,
        "members": calibration.settings.members,
        "ensembles": len(calibration.members),
        "repeats": calibration.settings.repeats,
        "seed": calibration.settings.seed,
        "seconds": round(seconds),
        "workers": calibration.settings.workers,
        "converged": summary.converged,
        "faults": list(summary.faults),
        "squared_distance_per_target": round(summary.distance, 4),
        "dimensions_informed": round(summary.dimensions_informed, 3),
        "simulated_steps": _steps(calibration.simulated_steps),
        "emulator_error_in_sds": round(calibration.emulator_distance, 3),
        "parameters": [_rounded(dataclasses.asdict(entry)) for entry in summary.learnt],
        "ties": [_rounded(dataclasses.asdict(entry)) for entry in summary.ties],
        "targets": [_rounded(dataclasses.asdict(entry)) for entry in summary.fits],
        "correlation": [[round(float(value), 3) for value in row] for row in summary.correlation],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _steps(ensembles: Sequence[Sequence[Step]]) -> list[list[dict[str, float]]]:
    return [
        [{"size": round(step.size, 5), "misfit": round(step.misfit, 3)} for step in steps]
        for steps in ensembles
    ]


def _rounded(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _short(value) for key, value in entry.items()}


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    return [_short(part) for part in value] if isinstance(value, tuple) else value


def _overlay_text(name: str, summary: Summary, calibration: Calibration) -> str:
    fitted = len({target.study for target in calibration.targets})
    lines = [
        f"overlay: {name}",
        f'about: "Posterior medians of {len(summary.learnt)} numbers, calibrated to '
        f'{len(calibration.targets)} figures of {fitted} published studies; low and high are 95 % limits."',
        "parameters:",
    ]
    for entry in summary.learnt:
        low, middle, high = entry.posterior
        where = f"posterior over prior SD {entry.ratio:.2f}; draws in calibrations/{name}"
        lines += [
            f"  {entry.name}:",
            f"    value: {middle:.6g}",
            f'    unit: "{entry.unit}"',
            f"    low: {low:.6g}",
            f"    high: {high:.6g}",
            f"    status: {'calibrated' if entry.informed else 'assumed'}",
            f'    source: {{key: calibration, where: "{where}"}}',
        ]
    return "\n".join(lines) + "\n"
