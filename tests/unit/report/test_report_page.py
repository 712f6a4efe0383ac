"""The page of a report: structure, accessibility, self-containment, escaping."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from euexia import report

VOID = {"wbr", "meta", "link", "br", "img", "hr", "input"}
LARGEST_PAGE = 3_000_000


class Page(HTMLParser):
    """Every element of a page with its attributes, and the text of a few of them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that opens."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element without content."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """Note an element that closes, and whether it was the last to open."""
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        """Gather the text."""
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of every element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


def write(folder: Path, study: Any) -> Path:
    return report.write(
        folder,
        protocol=study.protocol,
        data=study.data,
        results=study.results,
        provenance=study.provenance,
        parameters=study.parameters,
        operating=study.operating,
        endpoints=study.endpoints,
    )


@pytest.fixture(scope="module")
def text(fabricated: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("report"), fabricated).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_page_is_well_formed(page: Page) -> None:
    assert page.unbalanced == []
    assert page.open == []


def test_page_says_its_language_and_title(page: Page) -> None:
    assert page.all("html")[0]["lang"] == "en-GB"
    assert len(page.all("h1")) == 1
    for landmark in ("main", "nav", "footer"):
        assert len(page.all(landmark)) == 1


def test_headings_never_skip_a_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_identifiers_are_unique_and_references_resolve(page: Page, text: str) -> None:
    identifiers = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    wanted = {name for _, a in page.elements for name in a.get("aria-labelledby", "").split()}
    wanted |= {a["href"][1:] for _, a in page.elements if a.get("href", "").startswith("#")}
    wanted |= set(re.findall(r"url\(#([^)]+)\)", text))
    assert wanted <= set(identifiers)


def test_nothing_is_fetched_and_nothing_runs(page: Page, text: str) -> None:
    assert "http" not in re.sub(r"https?://www\.w3\.org/\S+", "", text)
    assert not page.all("script")
    assert not page.all("link")
    assert not page.all("img")
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)


def test_every_figure_is_named_described_and_captioned(page: Page) -> None:
    drawings = page.all("svg")
    assert len(drawings) > 20
    for drawing in drawings:
        assert drawing["role"] == "img"
        assert len(drawing["aria-labelledby"].split()) == 2
    assert len(page.all("figure")) == len(page.all("figcaption"))


def test_every_table_has_a_caption_and_scoped_headings(page: Page) -> None:
    assert len(page.all("table")) == len(page.all("caption")) > 8
    assert all(attributes.get("scope") in {"row", "col"} for attributes in page.all("th"))


def test_page_stays_small(text: str) -> None:
    """3 MB is the limit the project sets itself."""
    assert len(text.encode()) < LARGEST_PAGE


def test_contents_come_in_their_order(page: Page) -> None:
    identifiers = [attributes["id"] for attributes in page.all("section")]
    assert identifiers == [
        "answer",
        "assumed",
        "protocol",
        "patients",
        "primary",
        "course",
        "waterfall",
        "secondary",
        "safety",
        "screening",
        "distribution",
        "parameters",
        "provenance",
    ]


def test_report_says_what_it_is_not(page: Page) -> None:
    assert "no medical device" in page.text
    assert "Monte-Carlo standard error" in page.text


def test_hostile_text_is_escaped(make: Any, tmp_path: Path) -> None:
    study = make(trials=1, size=20, operating=False, title="<script>alert('x')</script> & <b>bold</b>")
    hostile = write(tmp_path, study).read_text(encoding="utf-8")
    assert "<script" not in hostile
    assert "&lt;script&gt;" in hostile
    assert not Page(hostile).all("b")


def test_hostile_labels_are_escaped_inside_figures(make: Any, tmp_path: Path) -> None:
    import dataclasses

    study = make(trials=1, size=20, operating=False)
    arms = tuple(dataclasses.replace(arm, label=f"<script>{arm.name}$x^2$") for arm in study.protocol.arms)
    study = dataclasses.replace(study, protocol=dataclasses.replace(study.protocol, arms=arms))
    hostile = write(tmp_path, study).read_text(encoding="utf-8")
    assert "<script" not in hostile
    assert Page(hostile).unbalanced == []
