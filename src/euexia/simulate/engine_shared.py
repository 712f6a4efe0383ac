"""Compiled kernels that all engines of a process share.

Kernels take the numbers of the model as an argument: a new parameter set compiles nothing.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any

from euexia.simulate.engine_antibody import AntibodyKernels
from euexia.simulate.engine_kernels import Kernels
from euexia.simulate.engine_run_in import RunInKernels

_MAKING = threading.Lock()
_STRUCTURES = 4
"""The constants of the model have one structure, so there is little to keep."""

_trial = lru_cache(_STRUCTURES)(Kernels)
_run_in = lru_cache(_STRUCTURES)(RunInKernels)
_antibody = lru_cache(_STRUCTURES)(AntibodyKernels)


def trial_kernels(structure: Any) -> Kernels:
    """Return the kernels of the trial for constants of a structure."""
    with _MAKING:  # two threads that ask at once must not make, and later compile, two
        return _trial(structure)


def run_in_kernels(structure: Any) -> RunInKernels:
    """Return the kernels of the run-in for constants of a structure."""
    with _MAKING:
        return _run_in(structure)


def antibody_kernels(structure: Any) -> AntibodyKernels:
    """Return the kernels of patients with an antibody for constants of a structure."""
    with _MAKING:
        return _antibody(structure)
