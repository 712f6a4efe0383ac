"""Design a trial by looking: controls, figures that answer, undo, side by side, addresses that keep it."""

from __future__ import annotations

import re
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
pytestmark = pytest.mark.browser

SMALL = "#/design?start=ponsegromab&trials=10"
"""Ten trials are enough to see the figures answer."""
SETTLED = re.compile("settled")


def settled(page: Any) -> None:
    """Wait until the run of the design in hand is done."""
    page.locator(".lead:not(.busy) .progress-line", has_text=SETTLED).wait_for()


def power(page: Any) -> str:
    """Return what the figure of power says to those who cannot see it."""
    return str(page.locator('[data-figure="power"] svg.chart').get_attribute("aria-label"))


def size_of(page: Any) -> Any:
    """Return the number field of the trial's size."""
    return page.get_by_label("Patients", exact=True)


def test_moving_a_control_redraws_and_undo_returns(visitor: Any) -> None:
    """Figures follow a control, the words show the change as an editor would, undo brings numbers back."""
    page = visitor.open(SMALL)
    settled(page)
    first = power(page)
    page.evaluate("performance.clearMeasures()")
    size_of(page).fill("60")
    settled(page)
    assert page.evaluate("performance.getEntriesByName('euexia:redraw').length") > 0
    second = power(page)
    assert second != first
    assert page.locator('[data-path="size"] .was').inner_text().startswith("was 187")
    expect(page.locator(".words ins", has_text="60").first).to_be_visible()
    expect(page.locator(".words del", has_text="187").first).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.locator(".words ins")).to_have_count(0)
    settled(page)
    assert power(page) == first, "the same design and seed must give the same numbers"
    page.get_by_role("button", name="Redo").click()
    settled(page)
    assert power(page) == second
    page.locator('[data-path="size"]').get_by_role("button", name="Reset").click()
    settled(page)
    assert size_of(page).input_value() == "187"


def test_two_designs_side_by_side(visitor: Any) -> None:
    """A is kept, B changes; the difference stands with its error, from pairs of trials."""
    page = visitor.open(SMALL)
    settled(page)
    page.get_by_role("button", name="Keep as A, change B").click()
    compare = page.get_by_role("region", name="Two designs side by side")
    compare.get_by_text("Nothing yet.").wait_for()
    size_of(page).fill("40")
    settled(page)
    compare.get_by_role("row", name=re.compile("Patients")).wait_for()
    gap = compare.locator(".gap").first
    assert re.fullmatch(r"(\+|−)?\d+\.\d ± \d+\.\d", gap.inner_text())
    assert "pairs of trials" in compare.inner_text()
    page.reload()
    compare.locator(".gap").first.wait_for()
    assert size_of(page).input_value() == "40"
    compare.get_by_role("button", name="Go back to A").click()
    expect(page.locator('[data-path="size"] .was')).to_have_count(0)
    assert compare.count() == 0


def test_address_keeps_a_design_and_tabs_are_apart(visitor: Any) -> None:
    """A reload and a second tab show what their address says, and do not disturb each other."""
    page = visitor.open('#/design?start=ponsegromab&trials=10&set={"size":50}')
    settled(page)
    other = visitor.visit(page.context, SMALL)
    settled(other)
    page.reload()
    settled(page)
    assert size_of(page).input_value() == "50"
    assert size_of(other).input_value() == "187"


def test_impossible_design_says_what_to_do(visitor: Any) -> None:
    """A fault names the thing and the way out; the figures of before stay; undo mends it."""
    page = visitor.open(SMALL)
    settled(page)
    size_of(page).fill("-3")
    trouble = page.get_by_role("alert").filter(has_text="cannot be run as it stands")
    trouble.wait_for()
    assert power(page) != ""
    trouble.get_by_role("button", name="Undo the last change").click()
    trouble.wait_for(state="detached")
    settled(page)
    visitor.faults[:] = [fault for fault in visitor.faults if "422" not in fault]


def test_code_of_the_screen(visitor: Any) -> None:
    """YAML, command and Python of the design as changed; copied, downloaded, closed by Escape."""
    page = visitor.open('#/design?start=ponsegromab&trials=10&set={"size":50}')
    settled(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Code").click()
    drawer = page.get_by_role("dialog")
    code = drawer.locator("pre")
    assert re.search(r"^size: 50\b", code.inner_text(), re.MULTILINE)
    drawer.get_by_role("tab", name="YAML").press("ArrowRight")
    assert code.inner_text().strip().splitlines()[-1].startswith("euexia ")
    drawer.get_by_role("button", name="Copy").click()
    drawer.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == code.text_content()
    drawer.get_by_role("tab", name="Command").press("ArrowRight")
    assert "euexia" in code.inner_text()
    with page.expect_download() as download:
        drawer.get_by_role("button", name=re.compile("Download")).click()
    assert download.value.suggested_filename == "ponsegromab.py"
    page.keyboard.press("Escape")
    drawer.wait_for(state="detached")


def test_figures_can_be_taken_away(visitor: Any) -> None:
    """A figure is saved as it is seen, its numbers open as a table; nothing moved while it came about.

    Cumulative layout shift from the first paint until the figures are full: below 0.02.
    """
    page = visitor.open(SMALL)
    settled(page)
    assert page.evaluate("window.shifts") < 0.02
    figure = page.locator('[data-figure="courses"]')
    for kind, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download() as download:
            figure.get_by_role("button", name=kind).click()
        assert download.value.path().read_bytes().startswith(start)
    figure.get_by_role("button", name="Numbers").click()
    assert figure.get_by_role("table").locator("tbody tr").count() > 5
    page.locator(".pane-figures .term-word").first.focus()
    page.get_by_role("tooltip").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("tooltip").wait_for(state="detached")


def test_lost_connection_is_said_and_mended(visitor: Any) -> None:
    """What is set while the studio cannot be reached is kept, and answered when it is back."""
    page = visitor.open(SMALL)
    settled(page)
    page.context.set_offline(True)
    size_of(page).fill("70")
    bar = page.locator(".connection", has_text="connection to the studio is lost")
    bar.wait_for()
    page.context.set_offline(False)
    bar.wait_for(state="hidden")
    settled(page)
    expect(page.locator(".words ins", has_text="70").first).to_be_visible()
    visitor.faults[:] = [fault for fault in visitor.faults if "ERR_INTERNET_DISCONNECTED" not in fault]
