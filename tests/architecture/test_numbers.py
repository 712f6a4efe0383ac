"""Every number of the model has one home, where its meaning, unit, status and source stand beside it."""

import ast
from pathlib import Path

import pytest

import euexia
from euexia import parameters
from euexia.core.quantities import CANONICAL
from euexia.parameters.references import load_references

SOURCE = Path(euexia.__file__).parent
DATA = SOURCE / "data"
BIOLOGY = sorted([*(SOURCE / "physiology").glob("*.py"), *(SOURCE / "drugs").glob("*.py")])
ALLOWED = {0, 1, 2}
ASSUMPTION = "assumption"
PARAMETERS = parameters.load()


def parameter_files() -> list[Path]:
    return sorted([*(DATA / "parameters").rglob("*.yaml"), *(DATA / "drugs").glob("*.yaml")])


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_every_parameter_is_sourced(name):
    """Meaning, kind, status and source are there; only an assumption may do without a citation."""
    parameter = PARAMETERS[name]
    assert parameter.meaning
    assert parameter.kind in CANONICAL
    assert parameter.status in parameters.Status
    assert parameter.source.key
    assert parameter.source.where
    if parameter.source.key == ASSUMPTION:
        assert parameter.status in (parameters.Status.ASSUMED, parameters.Status.CALIBRATED)


def test_every_citation_is_known_and_used():
    used = {entry.source.key for entry in PARAMETERS.values()} - {ASSUMPTION}
    assert used - set(load_references()) == set()


@pytest.mark.parametrize("path", BIOLOGY, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_number_hides_in_the_biology(path):
    """Other literals than 0, 1 and 2 would be parameters without unit and source."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    numbers = [
        f"line {node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
        and node.value not in ALLOWED
    ]
    assert numbers == []
