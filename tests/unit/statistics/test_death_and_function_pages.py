"""The examples on the pages about lifetimes, death and function run and give what they say."""

import re
from pathlib import Path

import numpy as np
import pytest

PAGES = Path(__file__).resolve().parents[3] / "docs" / "explanation"


@pytest.mark.parametrize("name", ["time-to-event.md", "death-and-function.md"])
def test_examples_run(name):
    found = {}
    for code in re.findall(r"```python\n(.*?)```", (PAGES / name).read_text(encoding="utf-8"), re.DOTALL):
        exec(compile(code, name, "exec"), found)
    if "curve" in found:
        assert np.allclose(found["kaplan_meier"].median(found["curve"]).time, [16])
        assert found["cox"].fit(found["time"], found["event"], found["group"]).diagnosis[0] == "sound"
