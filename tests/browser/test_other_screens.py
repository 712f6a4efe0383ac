"""Patient, assessment, evidence, runs and plain words, each as its reader would use it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
pytestmark = pytest.mark.browser


def strengths(page: Any) -> list[str]:
    """Return what stands at the arrows of the body's cross-talk."""
    return list(page.locator(".pill-text").all_text_contents())


def test_change_a_treatment_and_watch(visitor: Any) -> None:
    """A medicine changes courses and arrows; the one before stays as a ghost; the day moves all."""
    page = visitor.open("#/patient")
    page.locator(".pill-text").first.wait_for()
    last_day = strengths(page)
    weight = page.locator('[data-figure="patient-courses"] svg.chart').first
    untreated = weight.get_attribute("aria-label")
    page.get_by_role("switch", name="Anamorelin").check()
    expect(weight).not_to_have_attribute("aria-label", untreated)
    assert weight.locator("path[stroke-dasharray='2 3']").count() == 1, "the ghost of before"
    assert strengths(page) != last_day
    page.get_by_label("Day shown").focus()
    treated = strengths(page)
    page.keyboard.press("Home")
    page.get_by_text("Day 0", exact=True).wait_for()
    assert strengths(page) != treated
    page.reload()
    page.locator(".pill-text").first.wait_for()
    assert page.get_by_role("switch", name="Anamorelin").is_checked()


def test_cross_talk_in_words(visitor: Any) -> None:
    """Each arrow has a line that says who speaks to whom, how loudly, and what it means."""
    page = visitor.open("#/patient")
    line = page.get_by_role("list", name="What the arrows say").get_by_role("button").first
    line.focus()
    assert page.locator(".talk-meaning").inner_text() != "Choose a line below to read what it means."
    assert "→" in line.inner_text()


def test_upload_map_assess_forget(visitor: Any, table: Path, audit: Callable[[Any], list[str]]) -> None:
    """A table is read, mapped, checked, assessed, forgotten; what looks like HTML in it stays text."""
    page = visitor.open("#/assess")
    page.get_by_text("Nothing leaves this machine.").wait_for()
    page.get_by_label("Choose a file").set_input_files(table)
    page.get_by_role("heading", name="Columns of clinic.csv").wait_for()
    ward = page.get_by_label("What ward says")
    ward.select_option("")
    assert page.get_by_label("What patient says").input_value() == "patient"
    assert page.get_by_label("What weight_kg says").input_value() == "measure:body_weight"
    page.get_by_role("button", name="Assess 6 rows").click()
    page.get_by_role("heading", name="The cohort").wait_for()
    checks = page.get_by_role("region", name="Checks")
    assert "560" in checks.inner_text()
    cards = page.locator(".card")
    assert cards.count() == 3
    assert cards.nth(2).get_by_role("heading").inner_text() == "<img src=x onerror=alert(1)>"
    assert page.locator("img").count() == 0
    assert audit(page) == []
    with page.expect_request(lambda request: request.method == "DELETE") as forgotten:
        page.get_by_role("button", name="Forget the file").click()
    assert "/api/assess/" in forgotten.value.url
    page.get_by_text("Drop a table here").wait_for()


def test_a_file_that_is_no_table(visitor: Any, tmp_path: Path) -> None:
    """What cannot be read is said, with the way out, where the file was dropped."""
    path = tmp_path / "photo.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    page = visitor.open("#/assess")
    page.get_by_label("Choose a file").set_input_files(path)
    assert page.locator(".trouble").inner_text() != ""
    visitor.faults[:] = [
        fault for fault in visitor.faults if "the server responded with a status of 4" not in fault
    ]


def test_sources_are_one_click_away(visitor: Any) -> None:
    """Published stands beside predicted; the source is a link of its own that opens apart."""
    page = visitor.open("#/evidence")
    source = page.locator(".study .source-link").first
    source.wait_for()
    assert str(source.get_attribute("href")).startswith("https://")
    assert source.get_attribute("target") == "_blank"
    assert "noopener" in str(source.get_attribute("rel"))
    page.locator(".study figure").first.get_by_role("button", name="Numbers").click()
    assert page.locator(".study table tbody tr").count() > 0


def test_parameters_by_status_and_word(visitor: Any) -> None:
    """Every parameter has its status; the list follows statuses and words."""
    page = visitor.open("#/evidence")
    page.get_by_role("tab", name="Published trials").press("ArrowRight")
    told = page.locator(".filters [role=status]")
    page.locator(".parameter-table tbody tr").first.wait_for()
    everything = told.inner_text()
    page.get_by_role("checkbox", name=re.compile("assumed")).uncheck()
    assert told.inner_text() != everything
    assert "assumed" not in page.locator(".parameter-table tbody .chip").all_inner_texts()
    page.get_by_label("Find").fill("no such parameter")
    page.get_by_text("Nothing fits.").wait_for()


def test_background_run_survives_a_reload(visitor: Any) -> None:
    """A run in the background is in the list, after a reload too, and can be ended."""
    page = visitor.open("#/design?start=ponsegromab&trials=10")
    page.get_by_role("button", name=re.compile("in the background")).click()
    page.get_by_text("survives a reload").wait_for()
    page.goto(f"{visitor.studio.root}/#/runs")
    page.reload()
    run = page.locator(".run", has_text="in the background").first
    run.wait_for()
    run.get_by_role("button", name="End it").click()
    page.locator(".run", has_text="ended early").first.wait_for()


def test_plain_words_of_a_run(visitor: Any, audit: Callable[[Any], list[str]]) -> None:
    """A page a patient can read, with its words explained and its reading level told."""
    page = visitor.open("#/design?start=ponsegromab&trials=10")
    page.locator(".progress-line", has_text="settled").wait_for()
    page.get_by_role("link", name="Runs").click()
    run = page.locator(".run[data-state=done]").first
    run.wait_for()
    run.get_by_role("link", name="In plain words").click()
    page.locator(".plain-text p").first.wait_for()
    assert page.locator(".plain-terms dt").count() > 3
    assert re.search(r"school grade \d", page.locator(".plain-terms").inner_text())
    assert page.locator(".plain-text script").count() == 0
    assert audit(page) == []


def test_files_of_a_run(visitor: Any) -> None:
    """Tables, results and the protocol of a run can be downloaded."""
    page = visitor.open("#/design?start=ponsegromab&trials=10")
    page.locator(".progress-line", has_text="settled").wait_for()
    page.get_by_role("link", name="Runs").click()
    run = page.locator(".run[data-state=done]").first
    run.get_by_role("button", name="Files to download").click()
    links = run.locator(".files a")
    links.first.wait_for()
    names = " ".join(run.locator(".files li").all_inner_texts())
    assert {"power.csv", "courses.csv", "protocol.yaml"} <= set(names.replace(",", " ").split())
    run.get_by_role("button", name="Code").click()
    assert "ponsegromab" in page.get_by_role("dialog").locator("pre").inner_text()
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        run.locator(".files li", has_text="results.json").get_by_role("link").click()
    assert download.value.path().stat().st_size > 100
