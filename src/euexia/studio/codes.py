"""The code behind a screen: the file, the command line and the Python that give the same again."""

from __future__ import annotations

import json
import shlex
from typing import TypedDict

from euexia.studio.designs import Design

TRIALS = 1000
SEED = 1


class Code(TypedDict):
    """What a person needs to do without the page what the page did."""

    yaml: str
    command: str
    python: str


def file_name(design: Design) -> str:
    """Return the name of the protocol, or of the file that the changed protocol is to be saved as."""
    return f"{design.start}-changed.yaml" if design.differences else design.start


def of_design(design: Design, *, trials: int = TRIALS, seed: int = SEED) -> Code:
    """Return the code that simulates a design."""
    name = file_name(design)
    python = (
        "import euexia\n\n"
        f"protocol = euexia.load_protocol({json.dumps(name)})\n"
        f"study = euexia.operating_characteristics(protocol, trials={trials}, seed={seed})"
    )
    command = shlex.join(["euexia", "run", name, "--trials", str(trials), "--seed", str(seed)])
    if design.differences:
        command = f"# save the protocol as {name}, then:\n{command}"
        python = f"# save the protocol as {name} first\n{python}"
    return Code(yaml=design.yaml, command=command, python=python)
