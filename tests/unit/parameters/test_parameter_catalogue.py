"""The catalogue of every number: complete, up to date, and refused where a number has no source."""

import dataclasses
from pathlib import Path

import pytest

from euexia import parameters
from euexia.core.errors import DataFileError, InputError, UnknownNameError
from euexia.parameters import ParameterSet, Source, Status
from euexia.parameters.catalogue import markdown
from euexia.parameters.load import _read_block

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "parameters.md"
PARAMETERS = parameters.load()


def test_the_page_is_up_to_date():
    """To write it again: ``euexia parameters --format markdown > docs/reference/parameters.md``."""
    assert PAGE.read_text(encoding="utf-8") == markdown(PARAMETERS)


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_every_parameter_has_its_row(name):
    entry = PARAMETERS[name]
    rows = [
        line
        for line in markdown(PARAMETERS).splitlines()
        if f"| `{name.partition('.')[2]}` | {entry.meaning} " in line
    ]
    assert any(f" {entry.status.value} | " in row for row in rows)


def changed(**changes):
    """Give a parameter set of one number, with something about it changed."""
    entry = dataclasses.replace(PARAMETERS["intake.floor"], **changes)
    return ParameterSet("one", {entry.name: entry})


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"source": Source(key="", where="p. 3")}, UnknownNameError, "no source called ''.*'intake.floor'"),
        ({"source": Source(key="hall2010", where="p. 3")}, UnknownNameError, "Did you mean 'hall2011'"),
        ({"source": Source(key="hall2011", where=" ")}, InputError, "'intake.floor' has no source"),
        ({"source": Source(key="assumption", where="")}, InputError, "why it is assumed"),
        ({"meaning": ""}, InputError, "'intake.floor' has no meaning"),
        (
            {"status": Status.VERIFIED, "source": Source(key="assumption", where="just so")},
            InputError,
            "called verified, but names no source",
        ),
    ],
)
def test_an_unsourced_number_is_refused(changes, error, said):
    with pytest.raises(error, match=said):
        markdown(changed(**changes))


@pytest.mark.parametrize("key", ["meaning", "source", "status"])
def test_a_file_with_an_unsourced_number_is_not_read(key, tmp_path):
    entry = {
        "meaning": "A number",
        "kind": "fraction",
        "value": "1",
        "unit": '"1"',
        "status": "assumed",
        "source": "{key: assumption, where: just so}",
    }
    lines = [f"    {name}: {value}" for name, value in entry.items() if name != key]
    path = tmp_path / "block.yaml"
    path.write_text("block: b\nabout: x\nparameters:\n  n:\n" + "\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(DataFileError, match=f"parameters.n.{key}: required key is missing"):
        _read_block(path)
