"""Real patients over the wire: a file in, checks, cards and cohort out; nothing is kept unless asked."""

from __future__ import annotations

import asyncio
import json
import shlex
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Request, UploadFile
from fastapi import File as FileField
from pydantic import BaseModel, ConfigDict, Field
from starlette.formparsers import MultiPartParser

from euexia.core.errors import InputError
from euexia.studio.assessing import AssessAsked, UploadAsked, mapping_of, mapping_yaml
from euexia.studio.jobs import done
from euexia.studio.settings import RESEARCH, Settings
from euexia.studio.tables import Table
from euexia.studio.uploads import Uploads

router = APIRouter(prefix="/api/assess")
MultiPartParser.spool_max_size = 1 << 30  # never on disk: the gate bounds the size of what is sent

SECONDS = 120.0
LONGEST_NAME = 120
FORGOTTEN = "That table is not in memory any more. Choose the file again."


class AssessRequest(BaseModel):
    """A table that was uploaded, and what its columns mean."""

    model_config = ConfigDict(extra="forbid")

    upload: str = Field(max_length=64)
    mapping: dict[str, Any] = Field(max_length=40)


class SaveRequest(BaseModel):
    """What the columns of the table mean."""

    model_config = ConfigDict(extra="forbid")

    mapping: dict[str, Any] = Field(max_length=40)


@router.post("/columns")
async def read_columns(request: Request, file: Annotated[UploadFile, FileField()]) -> dict[str, Any]:
    """Read a table of patients into memory, and guess what its columns mean."""
    settings: Settings = request.app.state.settings
    asked = UploadAsked(content=await file.read(), name=_shown(file.filename), limits=settings.limits)
    table, found = await done(request, "upload", asked, SECONDS)
    return {"upload": _uploads(request).add(table, request.state.session), "name": table.name, **found}


@router.post("")
async def assess_table(request: Request, asked: AssessRequest) -> dict[str, Any]:
    """Assess the patients of a table: what looks wrong, a card for each, and the cohort."""
    table = _table(request, asked.upload)
    mapping_of(asked.mapping)
    work = AssessAsked(table=table, mapping=asked.mapping)
    found: dict[str, Any] = await done(request, "assess", work, SECONDS)
    return {**found, "research_only": RESEARCH, "code": _code(table, asked.mapping)}


@router.post("/{name}/save")
async def save_assessment(request: Request, name: str, asked: SaveRequest) -> dict[str, Any]:
    """Write the tables, the report and the cards into a new folder on this machine."""
    settings: Settings = request.app.state.settings
    table = _table(request, name)
    mapping_of(asked.mapping)
    folder = await asyncio.to_thread(_free, settings.folder / "assessments")
    await done(request, "assess", AssessAsked(table=table, mapping=asked.mapping, folder=folder), SECONDS)
    return {"folder": str(folder)}


@router.delete("/{name}")
def forget_table(request: Request, name: str) -> dict[str, Any]:
    """Forget a table at once."""
    if not _uploads(request).forget(name, request.state.session):
        raise HTTPException(404, FORGOTTEN)
    return {"forgotten": name}


def _uploads(request: Request) -> Uploads:
    found: Uploads = request.app.state.uploads
    return found


def _table(request: Request, name: str) -> Table:
    found = _uploads(request).get(name, request.state.session)
    if found is None:
        raise HTTPException(404, FORGOTTEN)
    return found


def _shown(name: str | None) -> str:
    """Return the name of a file to be shown: its last part, without marks that are none of a name."""
    last = PureWindowsPath(PurePosixPath(name or "").name).name
    plain = "".join(mark for mark in last if mark.isprintable())
    return plain[:LONGEST_NAME] or "patients"


def _free(parent: Path) -> Path:
    for number in range(1, 10_000):
        folder = parent / f"assessment-{number:04d}"
        if not folder.exists():
            return folder
    raise InputError("There are too many saved assessments. Move some of them elsewhere.")


def _code(table: Table, mapping: dict[str, Any]) -> dict[str, str]:
    words = [
        "euexia",
        "assess",
        table.name,
        "--mapping",
        "mapping.yaml",
        "--keep-going",
        "--out",
        "assessment",
    ]
    python = (
        "from euexia.assess import assess, check, mapping, read\n"
        "from pathlib import Path\n\n"
        'layout = mapping.load(Path("mapping.yaml"))\n'
        f"checked = check(read({json.dumps(table.name)}, layout, keep_going=True).record)\n"
        "outcomes = assess(checked.record).outcomes"
    )
    return {
        "yaml": mapping_yaml(mapping),
        "command": f"# save the mapping as mapping.yaml, then:\n{shlex.join(words)}",
        "python": python,
    }
