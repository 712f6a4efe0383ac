"""The web application of the studio: routes, errors, the page's own files, and the gate around it all."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from euexia import protocol as protocols
from euexia.studio import (
    answers,
    assess_routes,
    design_routes,
    designs,
    file_routes,
    library_routes,
    patient_routes,
    run_routes,
)
from euexia.studio.gate import Gate
from euexia.studio.keeping import Keeper
from euexia.studio.pieces import Piece
from euexia.studio.pool import Pool, Series, Work
from euexia.studio.runs import Runs
from euexia.studio.serving import address
from euexia.studio.sessions import Sessions
from euexia.studio.settings import RESEARCH, Settings
from euexia.studio.uploads import Uploads
from euexia.version import __version__

STATIC = Path(__file__).parent / "static"
COMPILED_FIRST = "lenalidomide"
NO_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Euexia studio</title></head>
<body><main><h1>Euexia studio</h1><p>The page is not built. Its parts answer under /api.</p></main></body>
</html>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """A studio ready to be served."""

    settings: Settings
    sessions: Sessions
    application: FastAPI
    gate: Gate
    """What is served: the application behind its gate."""


def create(settings: Settings) -> Studio:
    """Return a studio; its computing processes start when it is served."""
    pool = Pool(settings.workers, warm_with=_first_piece())
    runs = Runs(pool, settings.limits)
    keeper = Keeper(runs, settings.folder, at_once=max(1, settings.workers // 2))
    sessions = Sessions(settings=settings)

    @asynccontextmanager
    async def life(application: FastAPI) -> AsyncIterator[None]:
        pool.start()
        threading.Thread(target=_look_ahead, args=(pool, keeper), daemon=True).start()
        try:
            yield
        finally:
            keeper.close()
            pool.close()

    application = FastAPI(
        title="Euexia studio",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=life,
    )
    state = application.state
    state.settings, state.sessions, state.pool, state.runs, state.keeper = (
        settings,
        sessions,
        pool,
        runs,
        keeper,
    )
    state.streams = set()
    state.uploads = Uploads(settings.limits)
    answers.register(application)
    _add_routes(application)
    gate = Gate(application=application, settings=settings, sessions=sessions)
    return Studio(settings=settings, sessions=sessions, application=application, gate=gate)


def _add_routes(application: FastAPI) -> None:
    """Add every address; what is none of them is answered with the page."""
    application.add_api_route("/api/about", about, methods=["GET"])
    application.add_api_route("/api/invitation", invite, methods=["POST"])
    for part in (design_routes, run_routes, file_routes, patient_routes, assess_routes, library_routes):
        application.include_router(part.router)
    application.mount("/static", StaticFiles(directory=STATIC, check_dir=False), name="static")
    application.add_api_route("/{path:path}", page, methods=["GET"], include_in_schema=False)


def invite(request: Request) -> dict[str, str]:
    """Give an address that lets one further browser of the same person in, once."""
    settings: Settings = request.app.state.settings
    if settings.is_shared:
        raise HTTPException(404, "Others come in by the password.")
    sessions: Sessions = request.app.state.sessions
    return {"url": address(settings.host, settings.port, sessions.invite())}


def _look_ahead(pool: Pool, keeper: Keeper) -> None:
    """Read and compile early what the page asks for first, so that nobody waits for it."""
    keeper.restore()
    others = (name for name in protocols.shipped() if name != COMPILED_FIRST)
    pool.add(Series(works=[Work(name="warm", argument=_first_piece(name)) for name in others]))
    design_routes.list_protocols()
    patient_routes.patient_controls()
    library_routes.list_parameters()
    library_routes.list_evidence()


def _first_piece(name: str = COMPILED_FIRST) -> Piece:
    """Return one trial of a protocol: what compiles the engines that it needs."""
    text = designs.shipped_text(name)
    return Piece(text=text, name=f"{name}.yaml", seed=1, first_trial=0, trials=1)


def about(request: Request) -> dict[str, Any]:
    """Say which Euexia this is, what it is for, and what it allows."""
    settings: Settings = request.app.state.settings
    return {
        "version": __version__,
        "research_only": RESEARCH,
        "shared": settings.is_shared,
        "limits": asdict(settings.limits),
    }


def page(path: str) -> Response:
    """Answer every other address with the page; what it shows is told by the part after the #."""
    if path.startswith("api/"):
        return answers.problem(404, "There is nothing under this address.")
    index = STATIC / "index.html"
    return FileResponse(index) if index.is_file() else HTMLResponse(NO_PAGE)
