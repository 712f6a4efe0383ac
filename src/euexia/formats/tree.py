"""Look into nested dictionaries and lists of a parsed file without trusting their shape."""

from __future__ import annotations

import math
import re
from typing import Any

_NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?")


def part(tree: Any, *path: str) -> Any:
    """Return what stands under a path of keys; None where a key is absent."""
    for key in path:
        if not isinstance(tree, dict):
            return None
        tree = tree.get(key)
    return tree


def text(tree: Any, *path: str) -> str:
    """Return the text under a path; empty where there is none."""
    found = part(tree, *path)
    if isinstance(found, str):
        return found.strip()
    return str(found) if isinstance(found, (int, float)) and not isinstance(found, bool) else ""


def every(tree: Any, *path: str) -> list[Any]:
    """Return the entries under a path: a list as it is, a single entry as a list of one, nothing as none."""
    found = part(tree, *path)
    if found is None or found in ({}, ""):
        return []
    return found if isinstance(found, list) else [found]


def number(written: str) -> float | None:
    """Return a written number; None for text such as ``NA``, and for what is not finite."""
    stripped = written.strip().lstrip("<>=≤≥ ").rstrip("% ")
    if not _NUMBER.fullmatch(stripped):
        return None
    value = float(stripped.replace(",", ""))
    return value if math.isfinite(value) else None
