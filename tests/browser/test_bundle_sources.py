"""The committed page belongs to its sources, carries its licences, asks nobody else.  Needs no browser."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

STUDIO = Path(__file__).parents[2] / "src" / "euexia" / "studio"
WEB = STUDIO / "web"
STATIC = STUDIO / "static"
BESIDE = ("build.mjs", "package.json", "package-lock.json", "tsconfig.json")
ADDRESS = re.compile(rb"https?://[^\s\"'`)\\]+")
NAMESPACES = (b"http://www.w3.org/",)
LINKS = (b"https://doi.org/", b"https://clinicaltrials.gov/study/", b"https://pmc.ncbi.nlm.nih.gov/articles/")
"""Where sources are found; a reader opens them, the page does not."""


def source_hash() -> str:
    """Return the hash that web/build.mjs writes into the bundle, over the same files in the same order."""
    sources = sorted(
        (path for path in (WEB / "src").rglob("*") if path.is_file()), key=lambda path: str(path)
    )
    total = hashlib.sha256()
    for path in [*sources, *(WEB / name for name in BESIDE)]:
        total.update(f"{path.relative_to(WEB).as_posix()}\n".encode())
        total.update(f"{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def test_bundle_belongs_to_sources() -> None:
    """Whoever changes web/src must run `npm run build`; the bundle holds a hash of its sources."""
    built = json.loads((STATIC / "bundle.json").read_text(encoding="utf-8"))
    assert built["sources"] == source_hash(), (
        "run `npm ci && npm run build` in src/euexia/studio/web and commit static/"
    )


def test_bundle_names_no_other_host() -> None:
    """Addresses in what the browser runs are names of XML languages, and links that a reader may open."""
    for name in ("app.js", "theme.js", "style.css", "index.html"):
        found = [
            each
            for each in ADDRESS.findall((STATIC / name).read_bytes())
            if not each.startswith(NAMESPACES + LINKS)
        ]
        assert found == [], name


def test_every_bundled_library_has_its_licence() -> None:
    """Each dependency of package.json, and what it brings, stands in LICENCES.txt with its version."""
    lock = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))
    text = (STATIC / "LICENCES.txt").read_text(encoding="utf-8")
    bundled = {
        path.removeprefix("node_modules/"): entry["version"]
        for path, entry in lock["packages"].items()
        if path and not entry.get("dev", False)
    }
    assert bundled
    for name, version in bundled.items():
        assert f"{name} {version} (" in text, name


def test_page_needs_no_inline_code() -> None:
    """The content security policy of the server allows scripts and styles of the studio alone."""
    html = (STATIC / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
    assert "style=" not in html
    assert "<style" not in html
    assert re.findall(r"\son\w+=", html) == []
