"""The report of a trial whose primary endpoints are changes, not a response."""

import dataclasses

import numpy as np
import pytest

from builders import make_protocol, make_trial
from builders.trials import pairs
from euexia import analyse, endpoints
from euexia.protocol.analysis_plan import Endpoint, EndpointKind, Estimand, Method, Role, Strategy, Summary
from euexia.protocol.protocol import Protocol
from euexia.report import answer, primary, waterfall
from euexia.report.forest_figures import EffectRow, OutcomeEffects
from euexia.report.material import Material
from euexia.report.page import chapters, render
from euexia.study import answer as study_answer
from euexia.study.provenance import Provenance

FIRST = {"lean_mass": "lean_mass_ct", "grip": "handgrip_strength"}


def changes(protocol: Protocol) -> Protocol:
    """Return a protocol whose two primary endpoints are changes."""
    endpoints = tuple(
        Endpoint(
            name=name,
            label=name.replace("_", " ").capitalize(),
            kind=EndpointKind.CHANGE,
            role=Role.PRIMARY,
            day=56.0,
            measure=measure,
        )
        for name, measure in FIRST.items()
    )
    estimands = {
        name: Estimand(
            endpoint=name,
            death=Strategy.WHILE_ALIVE,
            missing=Strategy.HYPOTHETICAL,
            summary=Summary.MEAN,
        )
        for name in FIRST
    }
    treated, control = (protocol.arms[0].name, protocol.arms[-1].name)
    sample = next(a for a in protocol.analyses if a.method is Method.MEAN_DIFFERENCE)
    analyses = tuple(
        dataclasses.replace(
            sample, name=name, endpoint=name, arm=treated, control=control, primary=True, estimand=None
        )
        for name in FIRST
    )
    return dataclasses.replace(protocol, endpoints=endpoints, estimands=estimands, analyses=analyses)


@pytest.fixture
def material() -> Material:
    """Give one trial of 24 patients, in which a few died."""
    rng = np.random.default_rng(3)
    shape = (1, 24)
    death = np.where(rng.random(shape) < 0.15, 30.0, np.nan)
    gone = ~np.isnan(death)
    data = make_trial(
        np.repeat([[0, 1]], 12, axis=1),
        readings={
            "lean_mass_ct": pairs(np.full(shape, 40.0), np.where(gone, np.nan, rng.normal(40.5, 2.0, shape))),
            "handgrip_strength": pairs(
                np.full(shape, 26.0), np.where(gone, np.nan, rng.normal(26.0, 4.0, shape))
            ),
        },
        death_day=death,
    )
    protocol = changes(make_protocol())
    table = endpoints.derive(data, protocol)
    return Material(
        protocol=protocol,
        data=data,
        results=analyse.run(table, protocol),
        table=table,
        provenance=Provenance(seed=1, versions={}, hashes={}, command="", python=""),
        parameters={},
        operating=None,
    )


def test_the_page_is_made_of_effects(material):
    found = chapters(material)
    page = render(material, found)
    assert "Effects on primary endpoints" in page
    assert "respond" not in " ".join(
        figure[0] for arm in answer.key_figures(material) for figure in arm.figures
    )
    assert not any(chapter.id == "distribution" for chapter in found)


def test_every_primary_endpoint_is_in_the_chapter_on_the_primary_result(material):
    chapter = primary.chapter(material)
    tables = [block for block in chapter.blocks if block.kind == "table"]
    assert [row[0].partition(",")[0] for row in tables[-1].rows] == ["Lean mass", "Grip"]
    assert len(answer.sentences(material)) == len(FIRST)


def test_the_waterfall_shows_each_primary_change(material):
    chapter = waterfall.chapter(material)
    assert chapter is not None
    assert chapter.blocks[1].columns[-2:] == (
        "Median change of lean mass [kg]",
        "Median change of handgrip [kg]",
    )


def test_a_ratio_is_placed_by_doublings():
    outcome = OutcomeEffects(label="Wins", unit="win ratio", higher_is_better=True, rows=(), is_ratio=True)
    assert [outcome.place(value) for value in (0.5, 1.0, 2.0)] == [-1.0, 0.0, 1.0]
    plain = dataclasses.replace(outcome, is_ratio=False)
    assert plain.place(0.5) == 0.5
    assert isinstance(EffectRow, type)
    assert np.isnan(outcome.place(float("nan")))


def test_a_protocol_without_primary_analyses_says_so():
    plan = changes(make_protocol())
    plan = dataclasses.replace(
        plan, analyses=tuple(dataclasses.replace(a, primary=False) for a in plan.analyses)
    )
    scenario = type("S", (), {"analyses": (), "arms": (), "success": {}, "looks": None})()
    operating = type(
        "O",
        (),
        {"as_modelled": scenario, "without_effect": scenario, "trials": 2, "planned_trials": 2, "design": {}},
    )()
    assert study_answer.sentences(plan, operating) == (
        "The protocol plans no primary analysis, so there is no power to report.",
    )
