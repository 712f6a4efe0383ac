"""``euexia document`` and ``euexia draft`` with a USDM document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from euexia import protocol
from euexia.cli.main import app
from euexia.core.errors import InputError, OutputError

RUNNER = CliRunner()


def run(*words: str) -> str:
    result = RUNNER.invoke(app, list(words))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_usdm_out_and_in_again(tmp_path: Path) -> None:
    out, back = tmp_path / "menac.json", tmp_path / "back.yaml"
    run("document", "menac", "--as", "usdm", "--out", str(out))
    assert json.loads(out.read_text(encoding="utf-8"))["usdmVersion"] == "4.0.0"
    run("draft", str(out), "--out", str(back))
    assert protocol.fingerprint(protocol.load(back)) == protocol.fingerprint(protocol.load("menac"))


def test_the_ending_chooses_the_form(tmp_path: Path) -> None:
    pytest.importorskip("docx")
    run("document", "menac", "--out", str(tmp_path / "a.docx"))
    run("document", "menac", "--out", str(tmp_path / "a.html"))
    run("document", "menac", "--as", "synopsis", "--format", "html", "--out", str(tmp_path / "a.txt"))
    assert (tmp_path / "a.docx").read_bytes()[:2] == b"PK"
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "a.txt").read_bytes()


def test_wrong_forms_and_places_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'--as usdm' is written as json, not as html"):
        run("document", "menac", "--as", "usdm", "--out", str(tmp_path / "a.html"))
    there = tmp_path / "there.html"
    there.write_text("mine")
    with pytest.raises(InputError, match="exists and is not overwritten"):
        run("document", "menac", "--out", str(there))
    with pytest.raises(OutputError, match="cannot be written"):
        run("document", "menac", "--out", str(tmp_path / "nowhere" / "a.html"))
    with pytest.raises(InputError, match="There is no protocol called"):
        run("document", "menak", "--out", str(tmp_path / "b.html"))
