"""The order of the site: chosen sections first, within a section by the title of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SECTIONS = {
    "tutorials": "Tutorials",
    "how-to": "How to",
    "explanation": "Explanation",
    "gallery": "Gallery",
    "reference": "Reference",
    "reference/commands": "Commands",
    "reference/python": "Python",
    "reference/model": "Model",
    "decisions": "Decisions",
}
"""Folders of pages, in the order in which they are shown; one inside another is shown inside it."""


def of(pages: Path) -> list[Any]:
    """Return the navigation of every page there is."""
    found: list[Any] = [{"Euexia": "index.md"}]
    found += [{title: section(pages, folder)} for folder, title in SECTIONS.items() if "/" not in folder]
    return [
        *found,
        {"Changes": "CHANGELOG.md"},
        {"Contributing": "CONTRIBUTING.md"},
        {"Security": "SECURITY.md"},
    ]


def section(pages: Path, folder: str) -> list[Any]:
    """Return a section: its index first, then its pages, then the sections inside it."""
    files = sorted(
        (pages / folder).glob("*.md"), key=lambda path: (path.stem not in ("index", "README"), _key(path))
    )
    inside = [inner for inner in SECTIONS if Path(inner).parent == Path(folder)]
    return [
        *(path.relative_to(pages).as_posix() for path in files),
        *({SECTIONS[inner]: section(pages, inner)} for inner in inside),
    ]


def _key(path: Path) -> str:
    """Return what a page is sorted by: its number, if it has one, else its title."""
    title = path.read_text(encoding="utf-8").partition("\n")[0]
    return path.stem if path.stem[0].isdigit() else title.lstrip("# ").lower()
