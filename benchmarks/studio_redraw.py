"""Time from a moved control to the first figures that answer it, in a real browser.

python benchmarks/studio_redraw.py [MOVES] starts a studio and Chromium (or the browser of EUEXIA_CHROMIUM),
moves the size of a trial MOVES times (default 30), waits each time until the page has drawn the first figures
of the new design, and prints median and 95th percentile.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
from typing import Any

ADDRESS = re.compile(r"Studio: (\S+)")
PATIENCE_MS = 120_000
FIRST_SIZE, STEP = 60, 7
SCREEN = "#/design?start=ponsegromab"
TIMES = "performance.getEntriesByName('euexia:redraw').map((entry) => entry.duration)"


def main(moves: int) -> None:
    """Start, move, wait, report."""
    entry = "from euexia.cli.main import main; main()"
    command = [sys.executable, "-c", entry, "studio", "--port", "0", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = next(match for line in process.stdout if (match := ADDRESS.search(line)))
            report(measured(found.group(1), moves))
        finally:
            process.terminate()


def measured(address: str, moves: int) -> list[float]:
    """Return the milliseconds of each move."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("EUEXIA_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        page.set_default_timeout(PATIENCE_MS)
        page.goto(address)
        page.goto(address.partition("?")[0] + SCREEN)
        page.locator(".lead:not(.busy) .answer p:not(.waiting)").wait_for()
        times = [moved(page, FIRST_SIZE + STEP * move) for move in range(moves)]
        browser.close()
    return times


def moved(page: Any, size: int) -> float:
    """Return the milliseconds until the figures answer a new size."""
    page.evaluate("performance.clearMeasures()")
    page.get_by_label("Patients", exact=True).fill(str(size))
    page.locator(".lead:not(.busy)").wait_for()
    while not (times := page.evaluate(TIMES)):
        page.wait_for_timeout(20)
    return float(times[0])


def report(times: list[float]) -> None:
    """Print what was measured, with the load under which it was."""
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    load = os.getloadavg()[0]
    print(
        f"{len(times)} moves: median {statistics.median(times):.0f} ms, 95th percentile {cuts[-1]:.0f} ms, "
        f"largest {max(times):.0f} ms; {os.cpu_count()} cores, load {load:.1f}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
