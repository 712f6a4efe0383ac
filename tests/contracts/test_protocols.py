"""What every shipped protocol and every shipped record must stand."""

from __future__ import annotations

from importlib.resources import files

import pytest

from euexia import evidence, protocol
from euexia.core.errors import DataFileError
from euexia.protocol.dosing import rule_of, start
from euexia.protocol.registry import draft

RECORDS = sorted(
    entry.name for entry in (files("euexia") / "data" / "records").iterdir() if entry.name.endswith(".txt")
)


@pytest.mark.parametrize("name", protocol.shipped())
def test_protocol_loads_and_speaks(name: str) -> None:
    loaded = protocol.load(name)
    assert loaded.id == name
    assert len(protocol.fingerprint(loaded)) == 64
    assert loaded.title.split()[0] in protocol.words(loaded)


@pytest.mark.parametrize("name", protocol.shipped())
def test_every_rule_can_start(name: str) -> None:
    loaded = protocol.load(name)
    for arm in loaded.arms:
        for treatment in arm.treatments:
            rule = rule_of(loaded, treatment)
            assert start(rule, treatment, 2).dose(rule).tolist() == [treatment.dose or 0.0] * 2


@pytest.mark.parametrize("name", RECORDS)
def test_record_gives_a_draft_that_asks(name: str) -> None:
    text = draft((files("euexia") / "data" / "records" / name).read_text(encoding="utf-8"), name)
    with pytest.raises(DataFileError) as caught:
        protocol.loads(text, "draft.yaml")
    assert len(caught.value.faults) == text.count('"TODO')


@pytest.mark.parametrize("name", protocol.shipped())
def test_every_published_result_that_is_named_is_there(name: str) -> None:
    """The protocol cannot look it up itself: evidence stands above it."""
    for published in protocol.load(name).published:
        assert evidence.find_row(published.study, published.row).value is not None
