"""The synopsis of a protocol, as a page and as a Word document."""

from __future__ import annotations

import dataclasses
import io
import re
import sys
from html.parser import HTMLParser

import pytest

from euexia import protocol
from euexia.core.errors import InputError
from euexia.report.synopsis import synopsis
from euexia.report.synopsis_docx import synopsis_docx
from euexia.report.synopsis_page import synopsis_page

SHIPPED = protocol.shipped()
IN_ORDER = ["1.1", "1.2", "1.3", "3", "4", "5", "6", "8", "10", "What", "14"]
"""Chapters by the numbers of ICH M11; assumptions have none there."""


class Outline(HTMLParser):
    """Collects what a screen reader goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.heads: list[dict[str, str | None]] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that begins."""
        found = dict(attrs)
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag == "th":
            self.heads.append(found)
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "a":
            self.links.append(str(found["href"]))
        if tag not in ("meta", "br", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that elements end in order."""
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", SHIPPED)
def test_page_says_everything_in_order(name: str) -> None:
    loaded = protocol.load(name)
    page = synopsis_page(loaded)
    assert [chapter.title.split()[0] for chapter in synopsis(loaded).chapters] == IN_ORDER
    text = re.sub(r"<[^>]+>", "", page)
    for said in (
        *(arm.label for arm in loaded.arms),
        *(endpoint.label for endpoint in loaded.endpoints),
        *(criterion.text for criterion in loaded.eligibility),
        *(entry.text for entry in loaded.assumptions),
    ):
        assert " ".join(said.split()) in " ".join(_unescaped(text).split())
    assert page == synopsis_page(loaded)


def _unescaped(text: str) -> str:
    import html

    return html.unescape(text)


@pytest.mark.parametrize("name", SHIPPED)
def test_page_can_be_read_aloud(name: str) -> None:
    """One first heading, no level skipped, heads of tables with their scope, links that lead somewhere."""
    outline = Outline()
    outline.feed(synopsis_page(protocol.load(name)))
    assert outline.levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))
    assert all(head.get("scope") in ("col", "row") for head in outline.heads)
    assert len(set(outline.ids)) == len(outline.ids)
    assert {link.removeprefix("#") for link in outline.links} <= set(outline.ids)
    assert not outline.open


def test_schedule_of_activities_marks_what_each_visit_measures() -> None:
    """Ponsegromab: GDF-15 on day 0 and at week 12 (its protocol file)."""
    chapter = next(
        item for item in synopsis(protocol.load("ponsegromab")).chapters if item.id == "activities"
    )
    table = chapter.blocks[1]
    assert table.kind == "table"
    row = next(row for row in table.rows if row[0] == "Growth differentiation factor 15")
    done = [head.split(",")[0] for head, cell in zip(table.columns[1:], row[1:], strict=True) if cell]
    assert done == ["Baseline", "Week 12"]


def test_what_is_given_is_escaped() -> None:
    loaded = dataclasses.replace(protocol.load("menac"), title="<script>alert(1)</script>")
    assert "<script>" not in synopsis_page(loaded)


@pytest.mark.parametrize("name", SHIPPED)
def test_word_document_has_headings_and_heads_of_tables(name: str) -> None:
    docx = pytest.importorskip("docx")
    loaded = protocol.load(name)
    written = synopsis_docx(loaded)
    assert written == synopsis_docx(loaded)
    document = docx.Document(io.BytesIO(written))
    headings = [part.text for part in document.paragraphs if part.style.name == "Heading 1"]
    assert headings == [chapter.title for chapter in synopsis(loaded).chapters]
    assert document.core_properties.title == loaded.title
    for table in document.tables:
        assert "w:tblHeader" in table.rows[0]._tr.xml
        assert re.search(r'w:tblCaption w:val="\w', table._tbl.tblPr.xml)
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert {endpoint.label for endpoint in loaded.endpoints} <= cells


def test_without_the_package_the_way_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(InputError, match=r"python-docx.*euexia\[docx\].*--format html"):
        synopsis_docx(protocol.load("menac"))
