"""A real browser on a real studio: one server for all tests, a fresh page for each."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

WEB = Path(__file__).parents[2] / "src" / "euexia" / "studio" / "web"
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = 90_000
"""How long to wait for a simulation on a busy machine; waiting on conditions, a quick one is not slowed."""
START_SECONDS = 120.0
PRINTED = re.compile(r"Studio: (http://127\.0\.0\.1:\d+)(/\S*)")
LAYOUT_SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def chromium_path() -> str | None:
    """Return the browser to use: the one asked for, or one of the system's."""
    asked = os.environ.get("EUEXIA_CHROMIUM")
    return asked or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """A studio that runs, and the session that its one-time link opened."""

    root: str
    session: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Visitor:
    """A browser with a session; every page notes its faults and whom it asks."""

    browser: Any
    studio: Studio
    faults: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def open(self, hash_: str = "#/design", *, width: int = 1600, height: int = 1000, **options: Any) -> Any:
        """Return a new page at a screen, in a context of its own."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, storage_state=self.studio.session, **options
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(LAYOUT_SHIFTS)
        return self.visit(context, hash_)

    def visit(self, context: Any, hash_: str) -> Any:
        """Return a new page of a context."""
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        page.on(
            "request",
            lambda request: self.hosts.add(request.url.split("/")[2] if "://" in request.url else ""),
        )
        page.goto(f"{self.studio.root}/{hash_}")
        return page


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return a browser; skip, and say so, where there is none."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium here: install one, or name it in EUEXIA_CHROMIUM")
    api.expect.set_options(timeout=PATIENCE_MS)
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def studio(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Return a running studio, started as its user would start it."""
    entry_point = "from euexia.cli.main import main; main()"
    command = [sys.executable, "-c", entry_point, "studio", "--port", "0", "--no-browser"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path_factory.mktemp("studio"),
    )
    try:
        root, entry = _address(process)
        context = browser.new_context()
        page = context.new_page()
        page.goto(root + entry)
        page.get_by_role("heading", level=1).wait_for(timeout=PATIENCE_MS)
        assert "token" not in page.url, "the one-time token stays in the address"
        session = context.storage_state()
        context.close()
        yield Studio(root=root, session={**session, "origins": []})
    finally:
        process.terminate()
        process.wait(timeout=20)
        if process.stdout is not None:
            process.stdout.close()


def _address(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return what the studio printed, and read on so that it never waits for a reader."""
    found: list[tuple[str, str]] = []
    lines: list[str] = []
    ready = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            match = PRINTED.search(line)
            if match:
                found.append((match.group(1), match.group(2)))
                ready.set()
        ready.set()

    threading.Thread(target=read, daemon=True).start()
    ready.wait(START_SECONDS)
    if not found:
        pytest.fail("The studio did not start: " + "".join(lines))
    return found[0]


@pytest.fixture
def visitor(browser: Any, studio: Studio) -> Iterator[Visitor]:
    """Return a visitor whose pages must not have had a fault by the end."""
    found = Visitor(browser=browser, studio=studio)
    yield found
    for context in browser.contexts:
        context.close()
    assert found.faults == []


@pytest.fixture(scope="session")
def audit() -> Callable[[Any], list[str]]:
    """Return a function that asks axe for what breaks WCAG 2.2 AA on a page; skip without axe."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def run(page: Any) -> list[str]:
        if not AXE.is_file():
            pytest.skip("axe-core is not there: run `npm ci` in src/euexia/studio/web")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("(tags) => axe.run(document, { runOnly: tags })", tags)
        return [
            f"{each['impact']} {each['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
            for each in found["violations"]
            for node in each["nodes"]
        ]

    return run


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a clinic's table: one weight cannot be right, one identifier would like to be HTML."""
    rows = [
        "patient,date,weight_kg,height_cm,crp,handgrip_kg,sex,ward",
        "P-01,2026-01-05,62.0,168,45,22,female,B",
        "P-01,2026-07-02,57.1,168,62,20,female,B",
        "P-02,2026-01-08,81.4,181,3,38,male,A",
        "P-02,2026-07-10,80.9,181,4,37,male,A",
        "<img src=x onerror=alert(1)>,2026-01-12,560,159,88,15,female,B",
        "<img src=x onerror=alert(1)>,2026-07-11,50.2,159,91,13,female,B",
    ]
    path = tmp_path / "clinic.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path
