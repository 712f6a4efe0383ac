"""What holds for every screen: nobody else is asked, it fits, it works by keyboard, axe finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
pytestmark = pytest.mark.browser

READY = {
    "design": ("#/design?start=ponsegromab&trials=10", ".lead:not(.busy) .progress-line:has-text('settled')"),
    "patient": ("#/patient", ".pill-text"),
    "assess": ("#/assess", ".drop"),
    "evidence": ("#/evidence", ".study figure svg"),
    "parameters": ("#/evidence?part=parameters", ".parameter-table tbody tr"),
    "runs": ("#/runs", ".runs, .empty-note"),
}
"""Where each screen is, and what shows that it is there."""


def ready(page: Any, name: str) -> None:
    """Wait until a screen shows what it is for."""
    page.locator(READY[name][1]).first.wait_for(state="attached")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1600), ("dark", 375)])
def test_fits_asks_nobody_and_is_accessible(
    visitor: Any, audit: Callable[[Any], list[str]], scheme: str, width: int
) -> None:
    """No screen is wider than its window or asks another host; axe-core finds nothing against WCAG 2.2 AA."""
    found = []
    for name, (hash_, _) in READY.items():
        page = visitor.open(hash_, width=width, height=800, color_scheme=scheme, reduced_motion="reduce")
        ready(page, name)
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), name
        assert visitor.hosts == {visitor.studio.root.split("/")[2]}, name
        found += [f"{name}: {each}" for each in audit(page)]
        page.context.close()
    assert found == []


def test_by_keyboard_alone(visitor: Any) -> None:
    """Skip link, visible focus, a slider moved by arrows, the figures follow, screens changed by Enter."""
    page = visitor.open(READY["design"][0])
    ready(page, "design")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    slider = page.get_by_label("Patients, slider", exact=True)
    for _ in range(40):
        page.keyboard.press("Tab")
        if slider.evaluate("element => element === document.activeElement"):
            break
    assert slider.evaluate("element => element.matches(':focus-visible')")
    before = page.get_by_label("Patients", exact=True).input_value()
    page.keyboard.press("ArrowRight")
    assert page.get_by_label("Patients", exact=True).input_value() != before
    ready(page, "design")
    page.keyboard.press("Control+z")
    expect(page.locator('[data-path="size"] .was')).to_have_count(0)
    page.get_by_role("link", name="Evidence").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Evidence", level=1).wait_for()


def test_theme_can_be_chosen(visitor: Any) -> None:
    """Light and dark follow the system until one is chosen, which lasts."""
    page = visitor.open("#/runs", color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("radio", name="Dark").check(force=True)
    assert page.evaluate(ground) != light
    page.reload()
    assert page.evaluate(ground) != light
    page.get_by_role("radio", name="As the system").check(force=True)
    assert page.evaluate(ground) == light


def test_phone_has_one_part_at_a_time(visitor: Any) -> None:
    """On a phone the tabs show controls, figures or words; the tabs answer to arrows."""
    page = visitor.open(READY["design"][0], width=375, height=800)
    ready(page, "design")
    tab = page.get_by_role("tab", name="Figures")
    tab.focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("heading", name="The protocol in words").wait_for()
    assert not page.locator(".pane-figures").is_visible()
    page.keyboard.press("Home")
    page.get_by_label("Patients", exact=True).wait_for()
