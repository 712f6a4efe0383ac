#!/usr/bin/env python3
"""Set up Euexia and run it, from a checkout that has nothing but Python 3.11 or newer.

    python3 make.py demo        install, run the main job in small, say where its report is
    python3 make.py test        install, run the fast tests
    python3 make.py test-slow   only the slow science checks
    python3 make.py test-browser  the studio in a real browser (needs Chromium)
    python3 make.py test-all    every test
    python3 make.py check       style, types and layers
    python3 make.py docs        the documentation site, into site/
    python3 make.py bench       one table of speed, as ratios against other programs
    python3 make.py setup       only install, with the tools of a developer
    python3 make.py build       wheel and sdist, into dist/

Words after the command go to what it runs: ``python3 make.py test -k dosing``.  Everything is installed into
``.venv`` of the checkout, in the versions of ``uv.lock``: by uv where there is one, else by pip.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
BINARIES = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
STAMP = ENVIRONMENT / "euexia-setup.txt"
OLDEST = (3, 11)

USE, DEVELOP, BENCH, DOCS = (), ("dev",), ("dev", "bench"), ("dev", "docs")
"""Groups of tools of ``pyproject.toml`` that are installed beside the package and what it needs."""
SHARED = ("--numprocesses", "auto", "--dist", "loadfile")
"""The tests of a file stay together, the files are shared out over the processors."""
COMMANDS = {
    "demo": (USE, [["euexia", "demo"]]),
    "test": (DEVELOP, [["python", "-m", "pytest", *SHARED, "-m", "not slow and not browser"]]),
    "test-slow": (DEVELOP, [["python", "-m", "pytest", *SHARED, "-m", "slow and not browser"]]),
    "test-browser": (DEVELOP, [["python", "-m", "pytest", "-m", "browser"]]),
    "test-all": (DEVELOP, [["python", "-m", "pytest", *SHARED]]),
    "check": (DEVELOP, [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"], ["lint-imports"]]),
    "docs": (DOCS, [["python", "docs/site/build.py"]]),
    "bench": (BENCH, [["python", "benchmarks/bench.py"]]),
    "setup": (DEVELOP, []),
    "build": (DEVELOP, [["hatchling", "build"]]),
}
"""For each command: what it needs to be installed, and what it runs."""


def main() -> int:
    """Set up what the command needs, run it, and return its exit code."""
    if sys.version_info < OLDEST:
        return run_with_newer_python()
    name, words = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    if name not in COMMANDS:
        asked_for_help = name in ("", "-h", "--help")
        say(__doc__ if asked_for_help else f"There is no command '{name}'. Known: {', '.join(COMMANDS)}.")
        return 0 if asked_for_help else 2
    groups, steps = COMMANDS[name]
    try:
        set_up(groups)
        return max([call([str(BINARIES / step[0]), *step[1:], *words]) for step in steps], default=0)
    except KeyboardInterrupt:
        return 130
    except subprocess.CalledProcessError as error:
        say(f"Setting up failed: '{' '.join(map(str, error.cmd))}' ended with exit code {error.returncode}.")
        return 1


def run_with_newer_python() -> int:
    """Start this file again with a Python that is new enough, if the machine has one."""
    for minor in (14, 13, 12, 11):
        newer = shutil.which(f"python3.{minor}")
        if newer and subprocess.call([newer, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return subprocess.call([newer, *sys.argv])
    found = sys.version.split()[0]
    say(f"Euexia needs Python 3.11 or newer; this is {found}. Install one from https://www.python.org.")
    return 2


def set_up(groups: tuple[str, ...]) -> None:
    """Install Euexia and groups of tools into ``.venv``, unless they are there as the lock file says."""
    fingerprint = fingerprint_of_setup()
    stamp = STAMP.read_text().split() if STAMP.exists() else []
    there = set(stamp[1:]) if stamp[:1] == [fingerprint] else set()
    if stamp[:1] == [fingerprint] and there.issuperset(groups):
        return
    say(f"Setting up {ENVIRONMENT} (a minute or two, once) ...")
    STAMP.unlink(missing_ok=True)
    wanted = sorted(there.union(groups))
    if not install_with_uv(wanted):
        install_with_pip(wanted)
    STAMP.write_text(" ".join([fingerprint, *wanted]))


def fingerprint_of_setup() -> str:
    """Return a hash of everything that decides what is installed, and where."""
    parts = [(ROOT / "uv.lock").read_bytes(), (ROOT / "pyproject.toml").read_bytes()]
    parts += [str(ROOT).encode(), sys.version.encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def install_with_uv(groups: list[str]) -> bool:
    """Install with uv; return False where there is no uv, or it cannot."""
    uv = shutil.which("uv")
    if uv is None:
        return False
    extent = ["--no-dev", *([f"--group={group}" for group in groups] or ["--inexact"])]
    if call([uv, "sync", "--quiet", "--locked", "--python", sys.executable, *extent]) == 0:
        return True
    say("uv could not install; trying pip.")
    return False


def install_with_pip(groups: list[str]) -> None:
    """Install with pip, every version as locked."""
    import tomllib

    python = str(BINARIES / "python")
    if not ENVIRONMENT.exists() or call([python, "-m", "pip", "--version"], quiet=True) != 0:
        make_environment()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    tools = [tool for group in groups for tool in project["dependency-groups"][group]]
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text(locked_versions(), encoding="utf-8")
        words = ["--quiet", "--disable-pip-version-check", "--constraint", str(constraints)]
        subprocess.run([python, "-m", "pip", "install", *words, *tools, "--editable", str(ROOT)], check=True)


def make_environment() -> None:
    """Make a fresh ``.venv``."""
    import venv

    try:
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
    except subprocess.CalledProcessError:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        say(f"This Python cannot make environments. On Debian or Ubuntu: apt install python{version}-venv")
        raise


def locked_versions() -> str:
    """Return the versions of ``uv.lock`` as constraints for pip."""
    import tomllib

    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    packages = [package for package in lock["package"] if "registry" in package["source"]]
    return "".join(f"{package['name']}=={package['version']}\n" for package in packages)


def call(command: list[str], *, quiet: bool = False) -> int:
    """Run a command in the checkout and return its exit code."""
    silence = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.call(command, cwd=ROOT, stdout=silence, stderr=silence)
    except FileNotFoundError:
        return 127


def say(text: str) -> None:
    """Write to standard error."""
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
