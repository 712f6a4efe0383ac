"""Runs of designs over the wire: begun, watched as a stream of events, listed, cancelled."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from pydantic import Field
from starlette.responses import StreamingResponse

from euexia.core.errors import DataFileError
from euexia.studio import codes, designs
from euexia.studio.design_routes import DesignRequest
from euexia.studio.keeping import Keeper
from euexia.studio.runs import Order, Run, Runs, State
from euexia.studio.settings import Settings

router = APIRouter(prefix="/api")

LOOK_EVERY = 0.03
"""Seconds between looks at whether there is something new."""
STILL_THERE = 15.0
"""Seconds after which a stream without news says that it is still there."""


class RunRequest(DesignRequest):
    """A design to be simulated."""

    trials: int = Field(default=1000, ge=1)
    seed: int = Field(default=1, ge=0)
    label: str = Field(default="", max_length=200)
    tab: str = Field(default="", max_length=100)
    background: bool = False


def runs_of(request: Request) -> Runs:
    """Return the runs of this studio."""
    found: Runs = request.app.state.runs
    return found


def find(request: Request, name: str) -> Run:
    """Return a run.  Raises 404."""
    run = runs_of(request).get(name)
    if run is None:
        raise HTTPException(404, "There is no such run any more; begin it anew.")
    return run


def order_of(request: Request, asked: RunRequest) -> Order:
    """Return what is to be run.  Raises InputError with every fault of the design."""
    design = designs.changed(asked.start, asked.changes)
    if design.protocol is None:
        raise DataFileError(f"{asked.start}.yaml", "protocol", design.faults)
    return Order(
        design=design,
        protocol=design.protocol,
        changes=dict(asked.changes),
        trials=asked.trials,
        seed=asked.seed,
        label=asked.label,
        session=request.state.session,
        tab=asked.tab,
        background=asked.background,
    )


@router.post("/design/runs")
def begin_run(request: Request, asked: RunRequest) -> dict[str, Any]:
    """Begin to simulate a design; its figures come as events and grow finer."""
    order = order_of(request, asked)
    keeper: Keeper = request.app.state.keeper
    run = keeper.begin(order) if order.background else runs_of(request).begin(order)
    return {"run": run.id, "code": codes.of_design(order.design, trials=order.trials, seed=order.seed)}


@router.get("/runs")
def list_runs(request: Request) -> list[dict[str, Any]]:
    """List the runs, the newest first."""
    return [run.entry() for run in runs_of(request).all()]


@router.get("/runs/{name}")
def show_run(request: Request, name: str) -> dict[str, Any]:
    """Show a run with its newest figures and its code."""
    run = find(request, name)
    order = run.order
    code = codes.of_design(order.design, trials=order.trials, seed=order.seed)
    return {**run.entry(), "figures": run.latest, "code": code}


@router.delete("/runs/{name}")
def cancel_run(request: Request, name: str) -> dict[str, Any]:
    """Stop a run at once."""
    run = find(request, name)
    runs_of(request).cancel(run)
    return {"run": run.id, "state": run.state.value}


@router.get("/runs/{name}/events", response_class=StreamingResponse)
async def watch_run(request: Request, name: str) -> StreamingResponse:
    """Stream what happens to a run: progress, estimate, done, failed."""
    run = find(request, name)
    settings: Settings = request.app.state.settings
    streams: set[object] = request.app.state.streams
    if len(streams) >= settings.limits.event_streams:
        raise HTTPException(429, "Too many pages are watching at once. Close one.")
    last = request.headers.get("last-event-id", "0")
    seen = int(last) if last.isdigit() and len(last) < 16 else 0
    return StreamingResponse(
        _counted(streams, _events(run, seen)),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


async def _counted(streams: set[object], events: AsyncIterator[str]) -> AsyncIterator[str]:
    mark = object()
    streams.add(mark)
    try:
        async for event in events:
            yield event
    finally:
        streams.discard(mark)


async def _events(run: Run, seen: int) -> AsyncIterator[str]:
    """Give what a page has not seen yet; the newest figures stand for all before them."""
    shown, told, last = seen, -1, time.monotonic()
    while True:
        version, latest, made = run.version, run.latest, run.latest_version
        if latest is not None and made > shown:
            shown = made
            yield _event("estimate", latest, made)
        if version > told:
            told, last = version, time.monotonic()
            yield _event("progress", _progress(run))
        if run.is_over and run.latest_version <= shown:
            yield _ending(run)
            return
        if time.monotonic() - last > STILL_THERE:
            last = time.monotonic()
            yield ": still there\n\n"
        await asyncio.sleep(LOOK_EVERY)


def _progress(run: Run) -> dict[str, Any]:
    return {"done": run.done, "planned": run.order.trials, "state": run.state.value}


def _ending(run: Run) -> str:
    if run.state is State.FAILED:
        return _event("failed", {"message": run.message})
    return _event("done", {**_progress(run), "seconds": round(run.seconds, 2)})


def _event(name: str, content: Any, number: int | None = None) -> str:
    head = "" if number is None else f"id: {number}\n"
    return f"{head}event: {name}\ndata: {json.dumps(content, allow_nan=False, separators=(',', ':'))}\n\n"
