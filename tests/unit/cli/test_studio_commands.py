"""``euexia studio`` and ``euexia plain`` as people call them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from euexia.cli.main import app
from euexia.core.errors import EuexiaError, InputError, OutputError, UnknownNameError

RUNNER = CliRunner()


def called(*words: str) -> Any:
    return RUNNER.invoke(app, list(words), catch_exceptions=True)


def test_others_need_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """No password, or a short one: refused before anything listens."""
    monkeypatch.delenv("EUEXIA_STUDIO_PASSWORD", raising=False)
    assert isinstance(called("studio", "--host", "0.0.0.0").exception, InputError)
    monkeypatch.setenv("EUEXIA_STUDIO_PASSWORD", "short")
    assert "shorter" in str(called("studio", "--host", "0.0.0.0").exception)
    assert "no password" in str(called("studio", "--password").exception)


def test_what_others_can_reach_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The traffic is not encrypted; no token is printed; nothing is served in this test."""
    from euexia.studio import serving

    monkeypatch.setenv("EUEXIA_STUDIO_PASSWORD", "correct horse battery")
    monkeypatch.setattr(serving, "serve", lambda application, listening, ready: (ready(), listening.close()))
    found = called("studio", "--host", "0.0.0.0", "--no-browser")
    assert found.exit_code == 0, found.exception
    said = " ".join(found.output.split())
    assert "NOT encrypted" in said
    assert "token" not in said
    assert "correct horse" not in said


def test_one_s_own_machine_needs_only_the_link(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line with the address to open."""
    from euexia.studio import serving

    monkeypatch.setattr(serving, "serve", lambda application, listening, ready: (ready(), listening.close()))
    found = called("studio", "--no-browser")
    assert "Studio: http://127.0.0.1:" in found.output
    assert "?token=" in found.output


def test_a_port_that_is_taken_is_told() -> None:
    """With the way out."""
    from euexia.studio import serving

    held = serving.bind("127.0.0.1", 0)
    held.listen()
    try:
        with pytest.raises(OutputError, match="--port"):
            serving.bind("127.0.0.1", held.getsockname()[1])
    finally:
        held.close()


def test_without_its_packages_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message, no traceback."""
    import sys

    for name in list(sys.modules):
        if name.startswith("euexia.studio"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "fastapi", None)
    assert "euexia[studio]" in str(called("studio").exception)


def test_a_trial_in_plain_words(tmp_path: Path) -> None:
    """On the screen and as a page that is never overwritten."""
    found = called("plain", "romana1")
    assert "What is cachexia?" in found.output
    assert "Reading grade" in found.output
    page = tmp_path / "page.html"
    assert called("plain", "romana1", "--out", str(page)).exit_code == 0
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert isinstance(called("plain", "romana1", "--out", str(page)).exception, EuexiaError)
    assert isinstance(called("plain", "nothing").exception, UnknownNameError)
    assert isinstance(called("plain", str(tmp_path)).exception, InputError)
