"""Tables of patients over the wire: told by content, bounded, escaped by being data, forgotten."""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import Any

import pytest

from euexia.assess.template import EXAMPLE, WIDE_EXAMPLE
from euexia.core.errors import InputError
from euexia.studio import guesses, tables
from euexia.studio.settings import Limits
from euexia.studio.uploads import Uploads

LIMITS = Limits()
EVIL = "<img src=x onerror=alert(1)>"


def send(browser: Any, content: bytes, name: str = "patients.csv") -> Any:
    return browser.post("/api/assess/columns", files={"file": (name, content)})


def workbook(rows: list[list[object]]) -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_file_is_read_assessed_and_forgotten(browser: Any) -> None:
    """The invented patient A-001 of the template meets Fearon's definition (6.25 % lost in 6 months)."""
    read = send(browser, EXAMPLE.encode()).json()
    assert read["mapping"]["layout"] == "tidy"
    asked = {"upload": read["upload"], "mapping": read["mapping"]}
    found = browser.post("/api/assess", json=asked).json()
    assert found["patients"][0]["patient"] == "A-001"
    fearon = next(line for line in found["patients"][0]["status"] if "Fearon" in line["label"])
    assert fearon["state"] == "yes"
    assert found["cohort"]["patients"] == 2
    assert "euexia assess patients.csv" in found["code"]["command"]
    assert browser.delete(f"/api/assess/{read['upload']}").status_code == 200
    assert browser.post("/api/assess", json=asked).status_code == 404


def test_nothing_is_written_unless_saved(browser: Any, studio: Any) -> None:
    """Saving makes a new folder with the report; before it there is none."""
    read = send(browser, EXAMPLE.encode()).json()
    browser.post("/api/assess", json={"upload": read["upload"], "mapping": read["mapping"]})
    assert not studio.settings.folder.exists()
    saved = browser.post(f"/api/assess/{read['upload']}/save", json={"mapping": read["mapping"]})
    assert (studio.settings.folder / "assessments" / "assessment-0001" / "cohort.html").is_file(), saved.text


def test_large_files_do_not_touch_the_disk(browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of 3 MB is spooled in memory only."""
    import tempfile

    def to_disk(self: Any) -> None:
        raise AssertionError("a table of patients was written to disk")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", to_disk)
    rows = b"".join(b"p%d,2026-01-01,body_weight,70,kg,%s\n" % (n, b"x" * 100) for n in range(20_000))
    answer = send(browser, b"patient,date,measure,value,unit,note\n" + rows)
    assert answer.json()["rows"] == 20_000


def test_another_session_cannot_have_it(studio: Any, guest: Any) -> None:
    """A table belongs to who sent it."""
    read = send(guest(studio), EXAMPLE.encode()).json()
    other = guest(studio)
    asked = {"upload": read["upload"], "mapping": read["mapping"]}
    assert other.post("/api/assess", json=asked).status_code == 404
    assert other.delete(f"/api/assess/{read['upload']}").status_code == 404


def test_tables_are_forgotten_after_their_time() -> None:
    """The clock is the test's own: 61 minutes later nothing is left."""
    now = [0.0]
    kept = Uploads(Limits(upload_minutes=60, uploads=2), clock=lambda: now[0])
    table = tables.read(EXAMPLE.encode(), "x", LIMITS)
    name = kept.add(table, "s")
    assert kept.get(name, "s") is table
    now[0] = 61 * 60
    assert kept.get(name, "s") is None
    for _ in range(5):
        kept.add(table, "s")
    assert len(kept) == 2


def test_html_in_identifiers_stays_data(browser: Any) -> None:
    """An identifier and a file name that are HTML come back as JSON text; the saved pages escape them."""
    content = EXAMPLE.replace("A-001", EVIL).encode()
    answer = send(browser, content, f"../../{EVIL}.csv")
    assert answer.headers["content-type"] == "application/json"
    read = answer.json()
    assert "/" not in read["name"]
    found = browser.post("/api/assess", json={"upload": read["upload"], "mapping": read["mapping"]})
    assert found.headers["content-type"] == "application/json"
    assert found.json()["patients"][0]["patient"] == EVIL
    saved = browser.post(f"/api/assess/{read['upload']}/save", json={"mapping": read["mapping"]}).json()
    import pathlib

    for page in pathlib.Path(saved["folder"]).rglob("*.html"):
        assert EVIL not in page.read_text("utf-8")


def zipped(name: str, size: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr(name, b"0" * size)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02binary", "no table"),
        (b"%PDF-1.7\x00", "no table"),
        (b"PK\x03\x04broken", "archive"),
        (b"PAR1broken", "Parquet"),
        (b"\x1f\x8bbroken", "damaged"),
        (b"a,b\n", "no readings"),
        (b"a,b\n1,2,3\n", "more cells"),
        (b",\n1,2\n", "no headings"),
        (b"a,b\n" + b"1,2\n" * 60_000, "rows"),
        (b",".join(b"c%d" % n for n in range(600)) + b"\n1\n", "columns"),
        (b"a\n" + b"x" * 30_000 + b"\n", "longer"),
        (b",".join(b"c%d" % n for n in range(400)) + b"\n" + (b"1" + b"," * 399 + b"\n") * 6000, "cells"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, told: str) -> None:
    """By its content, whatever it is called, with a message that says what it is."""
    with pytest.raises(InputError, match=told):
        tables.read(content, "patients.csv", LIMITS)


def test_bombs_are_not_unpacked() -> None:
    """A gzip file of 50 MB of zeros in 50 kB, a workbook whose sheet is 100 MB of zeros, too many entries."""
    with pytest.raises(InputError, match="too large"):
        tables.read(gzip.compress(b"0" * 50_000_000), "x.gz", LIMITS)
    with pytest.raises(InputError, match="too large"):
        tables.read(zipped("xl/worksheets/sheet1.xml", 100_000_000), "x.xlsx", LIMITS)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", b"")
        for number in range(2100):
            archive.writestr(f"{number}", b"")
    with pytest.raises(InputError, match="too large"):
        tables.read(stream.getvalue(), "x.xlsx", LIMITS)
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("../../evil", b"x")
    with pytest.raises(InputError, match="no Excel workbook"):
        tables.read(other.getvalue(), "x.xlsx", LIMITS)


def test_entities_of_a_workbook_are_not_expanded() -> None:
    """A billion laughs in the sheet: an error, at once."""
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
        + b"]><worksheet>&j;</worksheet>"
    )
    good = workbook([["patient", "date"], ["a", "2026-01-01"]])
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as before, zipfile.ZipFile(stream, "w") as after:
        for entry in before.infolist():
            content = laughs if entry.filename.endswith("sheet1.xml") else before.read(entry)
            after.writestr(entry.filename, content)
    with pytest.raises(InputError):
        tables.read(stream.getvalue(), "x.xlsx", LIMITS)


def test_workbooks_and_parquet_give_the_same_table_as_text() -> None:
    """Numbers without a needless fraction, dates in ISO form."""
    import datetime

    import pandas as pd

    rows: list[list[object]] = [["patient", "date", "crp"], ["a", datetime.datetime(2026, 1, 2), 4.0]]
    excel = tables.read(workbook(rows), "x", LIMITS)
    assert excel.rows == (("a", "2026-01-02", "4"),)
    stream = io.BytesIO()
    pd.DataFrame({"patient": ["a"], "date": ["2026-01-02"], "crp": [4.0]}).to_parquet(stream)
    assert tables.read(stream.getvalue(), "x", LIMITS).rows == excel.rows


def test_a_wide_table_is_guessed() -> None:
    """The wide example of ``euexia assess --template``: day first, decimal comma, height in metres."""
    table = tables.read(WIDE_EXAMPLE.encode(), "wide.csv", LIMITS)
    found = guesses.mapping(table)
    assert found["layout"] == "wide"
    assert (found["patient"], found["date"]) == ("hospital_id", "seen")
    assert (found["date_format"], found["decimal"]) == ("%d.%m.%Y", "comma")
    assert found["columns"]["weight"] == {"measure": "body_weight", "unit": "kg"}
    assert found["columns"]["height"] == {"measure": "height", "unit": "m"}
    assert found["columns"]["gender"]["measure"] == "male"


@pytest.mark.parametrize(
    "mapping", [{"layout": "round"}, {"columns": 3}, {"date_format": {}}, {"nonsense": 1}]
)
def test_wrong_mappings_are_told(browser: Any, mapping: dict[str, Any]) -> None:
    """As the faults of a mapping file are."""
    read = send(browser, EXAMPLE.encode()).json()
    answer = browser.post("/api/assess", json={"upload": read["upload"], "mapping": mapping})
    assert answer.status_code == 422
