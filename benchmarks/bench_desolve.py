"""deSolve with a compiled model: C is written from the exported SBML, compiled by R, and run in R."""

from __future__ import annotations

import re
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
from bench_task import Case, Table

from euexia.physiology import observables

SBML = "{http://www.sbml.org/sbml/level3/version2/core}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
INFIX = {"plus": "+", "times": "*", "divide": "/", "minus": "-"}
CALLS = {"exp": "exp", "ln": "log", "power": "pow", "max": "fmax", "min": "fmin", "root": "sqrt"}

SCRIPT = """
suppressPackageStartupMessages(library(deSolve))
dyn.load(file.path(folder, paste0("model", .Platform$dynlib.ext)))
starts <- as.matrix(read.table(file.path(folder, "starts.txt")))
values <- as.matrix(read.table(file.path(folder, "values.txt")))
days <- scan(file.path(folder, "days.txt"), quiet = TRUE)
solve <- function(k) lsoda(starts[k, ], days, "derivatives", values[k, ], rtol = tolerance,
  atol = tolerance * 1e-3, dllname = "model", initfunc = "initialise", nout = outputs)
for (k in seq_len(nrow(starts)))
  write.table(format(solve(k), digits = 17), file.path(folder, paste0("found", k, ".txt")),
    quote = FALSE, row.names = FALSE, col.names = FALSE)
begun <- proc.time()[["elapsed"]]
for (k in seq_len(patients)) solve((k - 1) %% nrow(starts) + 1)
cat(proc.time()[["elapsed"]] - begun)
"""


def expression(node: ET.Element, place: Mapping[str, str]) -> str:
    """Return MathML as C."""
    kind = node.tag.removeprefix(MATHML)
    if kind == "cn":
        return repr(float((node.text or "").strip()))
    if kind == "ci":
        return place[(node.text or "").strip()]
    if kind == "csymbol":
        return "(*t)"
    operator, *rest = node
    parts = [expression(part, place) for part in rest]
    name = operator.tag.removeprefix(MATHML)
    if name in INFIX:
        return f"(-{parts[0]})" if len(parts) == 1 else "(" + INFIX[name].join(parts) + ")"
    if name in ("max", "min"):
        return reduce(lambda first, second: f"{CALLS[name]}({first},{second})", parts)
    return f"{CALLS[name]}({','.join(parts)})"


class DeSolve:
    """The compiled model and its patients, in a folder of its own."""

    def __init__(self, cases: Sequence[Case], days: Any) -> None:
        self._keep = tempfile.TemporaryDirectory()
        self._folder = Path(self._keep.name)
        models = [_read(case.sbml) for case in cases]
        rates, rules, _ = models[0]
        self._outputs = list(rules)
        self._cases = len(cases)
        numbers = sorted(set(models[0][2]) - set(rates) - set(rules))
        text = _c(rates, rules, numbers)
        if any(_c(r, a, numbers) != text for r, a, _ in models[1:]):
            raise SystemExit("The patients' models differ in more than their numbers.")
        (self._folder / "model.c").write_text(text, encoding="utf-8")
        np.savetxt(self._folder / "starts.txt", [[m[2][name] for name in rates] for m in models], fmt="%.17g")
        np.savetxt(
            self._folder / "values.txt", [[m[2][name] for name in numbers] for m in models], fmt="%.17g"
        )
        np.savetxt(self._folder / "days.txt", days, fmt="%.17g")
        self._columns = [*rates, *rules]
        subprocess.run(["R", "CMD", "SHLIB", "model.c"], cwd=self._folder, check=True, capture_output=True)

    def seconds(self, tolerance: float, patients: int) -> float:
        """Return how long R takes for so many patients, its start and the compilation apart."""
        head = f'folder <- "{self._folder.as_posix()}"\ntolerance <- {tolerance!r}\n'
        head += f"outputs <- {len(self._outputs)}\npatients <- {patients}\n"
        told = subprocess.run(
            ["Rscript", "-e", head + SCRIPT], check=True, capture_output=True, text=True
        ).stdout
        return float(re.findall(r"[\d.]+$", told.strip())[0])

    def answers(self, tolerance: float) -> list[Table]:
        """Return every observable after day 0 of each case."""
        self.seconds(tolerance, 1)
        found: list[Table] = []
        for case in range(1, self._cases + 1):
            rows = np.loadtxt(self._folder / f"found{case}.txt")[1:, 1:]
            found.append({name: rows[:, self._columns.index(name)] for name in observables.NAMES})
        return found


def _read(text: str) -> tuple[dict[str, ET.Element], dict[str, ET.Element], dict[str, float]]:
    """Return the rate rules, the assignment rules in an order that can be computed, and the numbers."""
    model = ET.fromstring(text).find(f"{SBML}model")
    assert model is not None
    numbers = {p.get("id", ""): float(p.get("value", "nan")) for p in model.iter(f"{SBML}parameter")}
    rules = {
        kind: {rule.get("variable", ""): rule[-1][0] for rule in model.iter(f"{SBML}{kind}")}
        for kind in ("rateRule", "assignmentRule")
    }
    waiting, ordered = dict(rules["assignmentRule"]), {}
    while waiting:
        for name, node in list(waiting.items()):
            used = {(ci.text or "").strip() for ci in node.iter(f"{MATHML}ci")}
            if not used & set(waiting):
                ordered[name] = waiting.pop(name)
    return rules["rateRule"], ordered, numbers


def _c(rates: Mapping[str, ET.Element], rules: Mapping[str, ET.Element], numbers: Sequence[str]) -> str:
    """Return the model as deSolve wants it."""
    place = {name: f"values[{k}]" for k, name in enumerate(numbers)}
    place |= {name: f"y[{k}]" for k, name in enumerate(rates)}
    place |= {name: f"out[{k}]" for k, name in enumerate(rules)}
    lines = [f"out[{k}] = {expression(node, place)};" for k, node in enumerate(rules.values())]
    lines += [f"rate[{k}] = {expression(node, place)};" for k, node in enumerate(rates.values())]
    body = "\n  ".join(lines)
    return (
        f"#include <math.h>\nstatic double values[{len(numbers)}];\n"
        f"void initialise(void (*give)(int *, double *)) {{ int n = {len(numbers)}; give(&n, values); }}\n"
        "void derivatives(int *n, double *t, double *y, double *rate, double *out, int *ip) {\n"
        f"  {body}\n}}\n"
    )
