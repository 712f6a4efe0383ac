"""What is shipped: every data file, nothing else, and a lock file that anyone can use."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


LEFT_OUT = {"__pycache__", "web"}
"""Caches, and the sources of the studio's page, whose bundle is in the wheel."""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build wheel and sdist; return the names of the files in each."""
    place = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(place)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    wheel, sdist = next(place.glob("*.whl")), next(place.glob("*.tar.gz"))
    return zipfile.ZipFile(wheel).namelist(), tarfile.open(sdist).getnames()


def test_the_wheel_holds_every_file_of_the_package(built):
    wheel, _ = built
    source = {
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src" / "euexia").rglob("*")
        if path.is_file() and not LEFT_OUT & set(path.parts)
    }
    packaged = {name for name in wheel if name.startswith("euexia/")}
    assert packaged == source
    assert any(name.endswith("licenses/LICENSE") for name in wheel)
    assert any(name.endswith("licenses/NOTICE") for name in wheel)


def test_the_sdist_holds_what_is_needed_to_build_and_test(built):
    _, sdist = built
    inside = {name.partition("/")[2] for name in sdist}
    assert {"pyproject.toml", "README.md", "LICENSE", "NOTICE", "make.py", "uv.lock"} <= inside
    assert any(name.startswith("tests/") for name in inside)


def test_the_lock_file_names_only_the_public_index():
    """A lock file made behind a mirror would bind everyone to that mirror."""
    lock = (ROOT / "uv.lock").read_text(encoding="utf-8")
    assert set(re.findall(r'registry = "(https?://[^/"]+)', lock)) == {"https://pypi.org"}
    assert set(re.findall(r'url = "(https?://[^/"]+)', lock)) == {"https://files.pythonhosted.org"}
    assert "file://" not in lock


def test_the_lock_file_covers_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    locked = {package["name"] for package in lock["package"]}
    assert {re.split(r"[<>=~! ]", name)[0] for name in wanted} <= locked
