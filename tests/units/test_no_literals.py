"""Every number has a home: physiology and drugs hold no numeric literals but 0, 1 and 2."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import euexia

ROOT = Path(euexia.__file__).parent
FILES = sorted(path for package in ("physiology", "drugs") for path in (ROOT / package).glob("*.py"))
ALLOWED = (0, 1, 2)
EXEMPT = {"LEAST_RUN_IN"}
"""Module constants that are choices of the method, not numbers of nature."""


def literals(text: str) -> list[float]:
    """Return the numeric literals that need a home."""
    tree = ast.parse(text)
    exempt = {
        id(node)
        for statement in ast.walk(tree)
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and statement.targets[0].id in EXEMPT
        for node in ast.walk(statement.value)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
        and id(node) not in exempt
        and node.value not in ALLOWED
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_numbers_live_in_data_files(path: Path) -> None:
    """A number in the code would have no unit, no range and no source."""
    assert literals(path.read_text(encoding="utf-8")) == []


def test_the_check_sees_a_literal() -> None:
    """The check itself works."""
    assert literals("rate = 0.75 * mass") == [0.75]
