"""Names say what a thing is, and nothing in the project knows the machine it was written on."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

import euexia

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path(euexia.__file__).parent

EMPTY_NAMES = {"common", "helper", "helpers", "misc", "tool", "tools", "util", "utils"}
MACHINE_PATH = re.compile(r"(^|[\s\"'`(=:])/(work|root|home|Users|farm|workspace)/")
TEXT = {".cff", ".css", ".html", ".j2", ".md", ".py", ".toml", ".txt", ".yaml", ".yml", ".csv", ".json", ""}


def project_files() -> list[Path]:
    """Return the files that belong to the project: what git knows, or what lies in its folders."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    folders = [ROOT / name for name in ("src", "tests", "docs", "benchmarks")]
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def test_no_module_has_an_empty_name():
    named = [
        path
        for path in project_files()
        if SOURCE in path.parents and EMPTY_NAMES & {path.stem, path.parent.name}
    ]
    assert named == []


def test_no_file_names_a_path_of_a_machine():
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in project_files()
        if path.suffix in TEXT and path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert found == []


def test_no_file_is_large():
    """The lock file is the largest; data of a megabyte would belong elsewhere."""
    assert [str(path.relative_to(ROOT)) for path in project_files() if path.stat().st_size > 1_000_000] == []


@pytest.mark.parametrize("name", ["print", "input"])
def test_only_the_command_line_talks(name):
    calls = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if path.parent.name != "cli"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]
    assert calls == []


def test_no_exception_is_swallowed_unnamed():
    bare = [
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    assert bare == []
