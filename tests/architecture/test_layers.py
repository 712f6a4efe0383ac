"""The layers hold, and a deliberate violation of each contract is caught."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from euexia.drugs import DRUGS

ROOT = Path(__file__).resolve().parents[2]

VIOLATIONS = {
    "Layers: higher may import lower, never sideways, never up": (
        "protocol/protocol.py",
        "import euexia.trialdata",
    ),
    "What reads trials is blind to how they were made": ("endpoints/derive.py", "import euexia.population"),
    "What makes trials is blind to how they are read": ("observe/observe.py", "import euexia.endpoints"),
    "Treatments do not know each other": ("drugs/lenalidomide.py", "import euexia.drugs.prokinetic"),
    "No cycles inside a package": ("core/errors.py", "import euexia.core.choices"),
    "Only core.quantities imports pint": ("core/streams.py", "import pint"),
    "Only core.datafile imports yaml": ("protocol/loader.py", "import yaml"),
    "Only the engine imports jax": ("population/sampling.py", "import jax"),
    "Only report draws and fills templates": ("study/summary.py", "import matplotlib"),
    "Only the studio speaks to browsers": ("report/page.py", "import fastapi"),
    "Only cli talks to the terminal": ("study/store.py", "import rich"),
}
"""For each contract: a file, and a line that breaks the contract there."""
LEFT_OUT = ("__pycache__", "data", "static", "web")
"""Folders of the package in which nothing is imported."""


def lint(root: Path, cache: Path) -> str:
    """Return what import-linter says about the package under a root."""
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    process = subprocess.run(
        [sys.executable, "-c", command, "--cache-dir", str(cache)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    return process.stdout + process.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """Give a copy of the package to do wrong in."""
    root = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", root)
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns(*LEFT_OUT))
    return root


def test_every_contract_is_kept(tmp_path):
    """The contracts are those of pyproject.toml; the list of violations below covers each of them."""
    report = lint(ROOT, tmp_path)
    assert f"Contracts: {len(VIOLATIONS)} kept, 0 broken" in report, report


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_violation_is_caught(copy, contract):
    """A contract that cannot fail protects nothing: break it in a copy and see."""
    name, line = VIOLATIONS[contract]
    file = copy / "src" / "euexia" / name
    before = file.read_text(encoding="utf-8")
    file.write_text(f"{before}\n{line}\n", encoding="utf-8")
    try:
        report = lint(copy, copy / "cache")
    finally:
        file.write_text(before, encoding="utf-8")
    assert any(row.startswith(f"{contract} BROKEN") for row in report.splitlines()), report


def test_every_treatment_is_on_the_list_of_the_independent():
    """The list in pyproject.toml is written by hand; a new treatment must join it."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    listed = next(c for c in contracts if c["name"] == "Treatments do not know each other")["modules"]
    assert sorted(listed) == sorted(f"euexia.drugs.{name}" for name in DRUGS)
