"""What every shipped protocol and every shipped record must stand."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import pytest

from euexia import evidence, protocol
from euexia.analyse import run as analyse
from euexia.core.errors import DataFileError
from euexia.endpoints.derive import derive
from euexia.protocol.dosing import rule_of, start
from euexia.protocol.registry import draft
from euexia.study import feasibility, simulated
from euexia.trialdata.checks import check

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


@pytest.mark.parametrize("name", protocol.shipped())
def test_every_protocol_can_be_simulated(name: str) -> None:
    """Drugs, amounts, measures and population fit together, as far as can be said without simulating."""
    feasibility.check(protocol.load(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", protocol.shipped())
def test_every_protocol_is_simulated_and_analysed(name: str) -> None:
    """Small, with the real engine: trial data that pass their checks, and every planned result."""
    loaded = protocol.load(name)
    small = replace(loaded, size=6 * sum(arm.ratio for arm in loaded.arms))
    data = check(simulated.simulate(small, trials=2, seed=1), plausible=False)
    assert {analysis.name for analysis in small.analyses} == {
        result.analysis for result in analyse(derive(data, small), small)
    }


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
