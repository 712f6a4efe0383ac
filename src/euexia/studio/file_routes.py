"""Files of a run: what is in memory of one that was only looked at, and the folder of one that was kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import FileResponse, Response

from euexia.report.plain_language import PlainPage, plain_page
from euexia.report.plain_language_facts import of_operating
from euexia.report.plain_language_page import fragment, full_page
from euexia.studio.keeping import KeptRun, as_json
from euexia.studio.run_routes import find
from euexia.studio.runs import Run, Simulation, State

router = APIRouter(prefix="/api/runs")

TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".yaml": "application/yaml",
    ".csv": "text/csv; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".zip": "application/zip",
}
WHOLE: Mapping[str, str] = {
    "report.html": "Report",
    "results.json": "Every figure of the report, for programs",
    "protocol.yaml": "The protocol as it was run",
    "trials.csv": "One row per scenario, trial and analysis",
}
EXTRA: Mapping[str, str] = {
    "plain.html": "The trial in plain words",
    "sdtm.zip": "The first simulated trial as SDTM (CDISC)",
    "adam.zip": "The first simulated trial as ADaM (CDISC)",
}
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""Of files that are downloaded: even opened in the browser they may run nothing and load nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file that can be downloaded: on disk, or made from memory."""

    label: str
    path: Path | None = None
    make: Callable[[], str] | None = None


@router.get("/{name}/files")
def list_files(request: Request, name: str) -> list[dict[str, Any]]:
    """List the files of a run."""
    return [
        {
            "name": file,
            "label": entry.label,
            "media_type": TYPES[Path(file).suffix].partition(";")[0],
            "size": None if entry.path is None else entry.path.stat().st_size,
        }
        for file, entry in _entries(find(request, name)).items()
    ]


@router.get("/{name}/files/{file:path}", response_class=Response)
def download(request: Request, name: str, file: str) -> Response:
    """Download one of the files that the list names; no other path leads anywhere."""
    entry = _entries(find(request, name)).get(file)
    if entry is None:
        raise HTTPException(404, "This run has no such file.")
    shown = Path(file).name
    headers = {
        "content-disposition": f'attachment; filename="{shown}"',
        "content-security-policy": SANDBOX,
    }
    media_type = TYPES[Path(file).suffix]
    if entry.path is not None:
        return FileResponse(entry.path, media_type=media_type, headers=headers)
    assert entry.make is not None
    return Response(entry.make(), media_type=media_type, headers=headers)


@router.get("/{name}/plain")
def tell_plainly(request: Request, name: str) -> dict[str, Any]:
    """Tell a run in words that a patient or a family can read."""
    page = _plain(find(request, name))
    return {
        "title": page.title,
        "html": fragment(page),
        "reading_grade": page.reading_grade,
        "terms": [{"term": term, "meaning": entry.meaning} for term, entry in page.terms],
    }


def _plain(run: Run) -> PlainPage:
    protocol = run.order.protocol
    if isinstance(run, Simulation) and run.done:
        return plain_page(protocol, of_operating(run.operating()))
    if isinstance(run, KeptRun) and run.state is State.DONE:
        from euexia.report.plain_language_facts import of_folder

        return plain_page(protocol, of_folder(run.folder)[1])
    return plain_page(protocol)


def _entries(run: Run) -> dict[str, Entry]:
    """Return what can be downloaded, by name."""
    if isinstance(run, KeptRun) and run.state is State.DONE:
        return _kept(run)
    found = {
        "protocol.yaml": Entry(label=WHOLE["protocol.yaml"], make=lambda: run.order.design.yaml),
        "plain.html": Entry(label=EXTRA["plain.html"], make=lambda: full_page(_plain(run))),
    }
    figures = run.latest
    if figures is None:
        return found
    return {
        "results.json": Entry(label="Every figure so far, for programs", make=lambda: as_json(figures)),
        "power.csv": Entry(label="Power of each analysis", make=lambda: _power(figures)),
        "arms.csv": Entry(label="Responders and disposition of each arm", make=lambda: _arms(figures)),
        "courses.csv": Entry(label="Courses of each measure", make=lambda: _courses(figures)),
        **found,
    }


def _kept(run: KeptRun) -> dict[str, Entry]:
    found = {
        name: Entry(label=label, path=run.folder / name)
        for name, label in WHOLE.items()
        if (run.folder / name).is_file()
    }
    found |= {
        name: Entry(label=label, path=run.extra / name)
        for name, label in EXTRA.items()
        if (run.extra / name).is_file()
    }
    for folder, label in (("figures", "Figure"), ("data", "First simulated trial")):
        for path in sorted((run.folder / folder).glob("*")):
            if path.suffix in TYPES and path.is_file() and not path.is_symlink():
                words = path.stem.replace("-", " ").replace("_", " ")
                found[f"{folder}/{path.name}"] = Entry(label=f"{label}: {words}", path=path)
    return found


def _table(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return stream.getvalue()


def _power(figures: Mapping[str, Any]) -> str:
    columns = (
        "analysis",
        "endpoint",
        "arm",
        "control",
        "primary",
        "power",
        "se",
        "type_one_error",
        "se_of_it",
    )
    false = {entry["analysis"]: entry for entry in figures["type_one"]}
    rows = [
        (
            *(entry[name] for name in ("analysis", "endpoint", "arm", "control", "primary", "value", "se")),
            false[entry["analysis"]]["value"],
            false[entry["analysis"]]["se"],
        )
        for entry in figures["power"]
    ]
    return _table(columns, rows)


def _arms(figures: Mapping[str, Any]) -> str:
    rows = []
    for arm in figures["arms"]:
        shares = {"responders": arm["responders"], **arm["disposition"]}
        rows += [
            (arm["arm"], name, share["value"], share["se"])
            for name, share in shares.items()
            if share is not None
        ]
    return _table(("arm", "what", "share", "se"), rows)


def _courses(figures: Mapping[str, Any]) -> str:
    rows = [
        (series["measure"], series["unit"], arm["arm"], *values)
        for series in figures["series"]
        for arm in series["arms"]
        for values in zip(arm["day"], arm["mean"], arm["se"], arm["sd"], arm["count"], strict=True)
    ]
    return _table(("measure", "unit", "arm", "day", "mean", "se", "sd", "readings"), rows)
