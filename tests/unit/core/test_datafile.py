"""Strict YAML: every fault at once, each with its line and the way out."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import pytest

from euexia.core import datafile
from euexia.core.datafile import Unit
from euexia.core.errors import DataFileError, InputError


class Colour(StrEnum):
    """Two choices."""

    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, kw_only=True)
class Inner:
    """A nested group."""

    dose: Annotated[float, Unit("oral_dose")]
    colour: Colour = Colour.RED


@dataclass(frozen=True, kw_only=True)
class Outer:
    """A file."""

    count: int
    inner: Inner
    steps: Annotated[tuple[float, ...], Unit("oral_dose")] = ()
    named: Mapping[str, float] | None = None
    note: str | None = None
    switch: bool = False


def _load(text):
    return datafile.loads(text, "trial.yaml", "protocol", Outer)


def test_a_good_file():
    outer = _load(
        "count: 3\ninner: {dose: 25 mg, colour: blue}\nsteps: [5 mg, 0.01 g]\nnamed: {a: 1}\nnote: '12'\n"
    )
    assert outer == Outer(
        count=3, inner=Inner(dose=25.0, colour=Colour.BLUE), steps=(5.0, 10.0), named={"a": 1.0}, note="12"
    )


def test_all_faults_at_once():
    text = "count: many\ninner:\n  doze: 25 mg\n  colour: bleu\nsteps: [5 mg, 10 mL]\nswitch: yes\ncount: 4\n"
    with pytest.raises(DataFileError) as caught:
        _load(text)
    faults = {(fault.line, fault.place) for fault in caught.value.faults}
    assert {
        (1, "count"),
        (3, "inner.doze"),
        (4, "inner.colour"),
        (5, "steps.2"),
        (6, "switch"),
        (7, "count"),
    } <= faults
    message = str(caught.value)
    assert "trial.yaml is not a valid protocol (7 faults)" in message
    assert "Did you mean 'dose'?" in message
    assert "Did you mean 'blue'?" in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("a: b: c", "line 1"),
        ("- 1\n- 2\n", "expected keys and values"),
        ("inner: {dose: 1 mg}", "count"),
    ],
)
def test_what_is_no_such_file(text, said):
    with pytest.raises(DataFileError, match=said):
        _load(text)


def test_unreadable_files(tmp_path):
    with pytest.raises(InputError, match="There is no file"):
        datafile.load(tmp_path / "none.yaml", "protocol", Outer)
    with pytest.raises(InputError, match="is a folder"):
        datafile.load(tmp_path, "protocol", Outer)
    (tmp_path / "latin.yaml").write_bytes(b"note: caf\xe9\n")
    with pytest.raises(InputError, match="UTF-8"):
        datafile.load(tmp_path / "latin.yaml", "protocol", Outer)
