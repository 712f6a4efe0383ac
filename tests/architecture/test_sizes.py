"""Files and functions stay small enough to be read at once; ruff holds the complexity."""

import ast
from pathlib import Path

import pytest

import euexia

SOURCE = Path(euexia.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))

LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 60
STATEMENTS_OF_A_FUNCTION = 30


def functions(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def statements(function: ast.FunctionDef) -> int:
    """Count statements below a function's head; a docstring is none."""
    count = sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1
    return count - (ast.get_docstring(function) is not None)


def body_lines(function: ast.FunctionDef) -> int:
    """Count the lines of a function below its docstring: text that explains is free."""
    first = function.body[0]
    start = first.end_lineno if ast.get_docstring(function) is not None else function.lineno
    return function.end_lineno - start


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_files_and_functions_are_small(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LINES_OF_A_FILE
    too_long = [f.name for f in functions(path) if body_lines(f) > LINES_OF_A_FUNCTION]
    too_full = [f.name for f in functions(path) if statements(f) > STATEMENTS_OF_A_FUNCTION]
    assert (too_long, too_full) == ([], [])
