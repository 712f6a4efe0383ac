"""The tutorials work as they stand: every command and every line of Python, in the order of the page."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the commands are those of a POSIX shell"),
]

TUTORIALS = Path(__file__).resolve().parents[2] / "docs" / "tutorials"
PAGES = sorted(path for path in TUTORIALS.glob("*.md") if path.stem != "README")
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_tutorial_works_as_it_stands(page, tmp_path):
    """Run in a fresh folder, with the ``euexia`` of this environment; a block that fails is shown whole."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    assert len(blocks) >= 3
    for language, text in blocks:
        program = (
            [sys.executable, "-c", text] if language == "python" else ["bash", "-euo", "pipefail", "-c", text]
        )
        done = subprocess.run(
            program,
            cwd=tmp_path,
            env={**os.environ, "PATH": places},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
