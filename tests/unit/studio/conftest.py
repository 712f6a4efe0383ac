"""A studio without computing processes, and browsers that were let in or not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from euexia.studio.application import Studio, create
from euexia.studio.settings import Limits, Settings
from euexia.studio.worker import JOBS

PORT = 8765
HERE = f"http://127.0.0.1:{PORT}"


class Browser:
    """Asks the studio without a network; keeps its cookies, follows no redirects."""

    def __init__(self, studio: Studio, headers: dict[str, str]) -> None:
        self.studio = studio
        self.headers = headers
        self.cookies: dict[str, str] = {}

    def request(self, method: str, path: str, **asked: Any) -> httpx.Response:
        """Return the answer; what the application does not catch is raised."""
        return asyncio.run(self._request(method, path, **asked))

    async def _request(self, method: str, path: str, **asked: Any) -> httpx.Response:
        headers = {**self.headers, **asked.pop("headers", {})}
        transport = httpx.ASGITransport(app=self.studio.gate)
        async with httpx.AsyncClient(transport=transport, base_url=HERE, cookies=self.cookies) as client:
            answer = await client.request(method, path, headers=headers, **asked)
        self.cookies |= dict(client.cookies)
        return answer

    def get(self, path: str, **asked: Any) -> httpx.Response:
        """GET."""
        return self.request("GET", path, **asked)

    def post(self, path: str, **asked: Any) -> httpx.Response:
        """POST."""
        return self.request("POST", path, **asked)

    def delete(self, path: str, **asked: Any) -> httpx.Response:
        """DELETE."""
        return self.request("DELETE", path, **asked)


class InlinePool:
    """Does work at once, in this process; what is in ``held`` waits."""

    def __init__(self) -> None:
        self.jobs: list[Any] = []
        self.held = {"block"}

    def add(self, job: Any) -> None:
        """Do the work of a job."""
        self.jobs.append(job)
        while not job.is_over and (piece := self._next(job)) is not None:
            try:
                job.deliver(piece, JOBS[piece.name](piece.argument))
            except Exception as error:
                job.fail(error)

    def _next(self, job: Any) -> Any:
        if "block" in self.held and hasattr(job, "tally"):
            return None
        return job.next_piece()

    def wake(self) -> None:
        """Nothing sleeps."""


Maker = Callable[..., Studio]


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    """Return a function that makes a studio with other settings or limits."""

    def made(limits: Limits | None = None, **settings: Any) -> Studio:
        given = {"port": PORT, "folder": tmp_path / "kept", "limits": limits or Limits(), **settings}
        studio = create(Settings(**given))
        pool = InlinePool()
        studio.application.state.pool = pool
        studio.application.state.runs._pool = pool
        return studio

    return made


@pytest.fixture
def studio(make: Maker) -> Studio:
    """Return a studio on this machine alone."""
    return make()


Entrance = Callable[..., Browser]


@pytest.fixture
def stranger() -> Entrance:
    """Return a function that gives a browser that was not let in."""

    def opened(studio: Studio, **headers: str) -> Browser:
        known = {"origin": HERE, **headers}
        return Browser(studio, known)

    return opened


@pytest.fixture
def guest(stranger: Entrance) -> Entrance:
    """Return a function that gives a browser that was let in."""

    def opened(studio: Studio) -> Browser:
        browser = stranger(studio)
        assert browser.get(f"/?token={studio.sessions.invite()}").status_code == 303
        return browser

    return opened


@pytest.fixture
def browser(studio: Studio, guest: Entrance) -> Browser:
    """Return a browser that was let in."""
    return guest(studio)
