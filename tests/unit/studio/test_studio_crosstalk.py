"""The arrows of the diagram are the model's own terms: nothing in health, as stated in illness."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from euexia import parameters
from euexia.model.effects import NEUTRAL
from euexia.physiology import whole_body
from euexia.physiology.body import Baseline, Body, Disease, Drive, Hazard, Marrow, Personal, State, constants
from euexia.studio import crosstalk
from euexia.studio.crosstalk import Today


def today(*, tumour: float, inflamed: float, nausea: float) -> Today:
    c = constants(parameters.load())
    person = whole_body.premorbid_person(70.0, 172.0, 65.0, 1.0, 1.6, c)
    own = Personal(**dict.fromkeys(Personal._fields, 1.0))
    baseline = Baseline(**dict.fromkeys(Baseline._fields, 0.0))
    disease = Disease(tumour, c.inflammation.signal_healthy, 1.0, c.gdf15.healthy)
    marrow, hazard = Marrow(4.0, 250.0), Hazard(0.0, 0.0, 0.0)
    state = State(disease, whole_body.healthy_host(person, c), marrow, hazard)
    felt = Drive(tumour_mass=tumour, inflammation=inflamed, gdf15=nausea)
    body = Body(premorbid=person, personal=own, baseline=baseline)
    return Today(state=state, felt=felt, body=body, effects=NEUTRAL, constants=c)


def test_in_health_every_arrow_is_zero() -> None:
    """Where nothing drives, nothing is drawn."""
    for link in crosstalk.strengths([today(tumour=0.0, inflamed=0.0, nausea=0.0)]):
        assert link["strength"] == [pytest.approx(0.0, abs=1e-9)], link["label"]


def test_arrows_are_the_terms_of_the_equations() -> None:
    """Loss of appetite is A_i z h and A_g z g, extra breakdown d_i z h, of the model page; by hand."""
    day = today(tumour=0.3, inflamed=0.5, nausea=0.4)
    found = {(e["source"], e["target"]): e["strength"][0] for e in crosstalk.strengths([day])}
    c = day.constants
    assert found["cytokines", "brain"] == pytest.approx(c.intake.inflammation_effect * 0.5)
    assert found["gdf15", "brain"] == pytest.approx(c.intake.gdf15_effect * 0.4)
    assert found["cytokines", "muscle"] == pytest.approx(c.muscle.inflammation_breakdown * 0.5)
    assert found["tumour", "fat"] == pytest.approx(c.expenditure.tumour_expenditure * 0.3)
    assert found["bone", "muscle"] == 0.0  # the reference set leaves RANKL off: its size is not known


def test_nodes_and_links_fit() -> None:
    """Each arrow joins two nodes, says what it means, and no two join the same."""
    names = {node["name"] for node in crosstalk.nodes()}
    pairs = [(link.source, link.target) for link in crosstalk.LINKS]
    assert len(set(pairs)) == len(pairs)
    assert {name for pair in pairs for name in pair} <= names
    assert all(link.meaning.endswith(".") and link.scale > 0 for link in crosstalk.LINKS)


@pytest.mark.slow
def test_a_patient_is_followed(browser: Any) -> None:
    """The same weight today as ``euexia patient`` gives; an antibody against GDF-15 gives appetite back."""
    asked = {"archetype": "gdf15_high", "weeks": 8}
    without = browser.post("/api/patient", json=asked).json()
    treated = browser.post("/api/patient", json={**asked, "treatments": [{"name": "ponsegromab"}]}).json()
    assert len(without["days"]) == 9
    weights = [
        next(o for o in f["observables"] if o["name"] == "body_weight")["values"] for f in (without, treated)
    ]
    assert weights[0][0] == weights[1][0]
    assert weights[1][-1] > weights[0][-1]
    links = {(e["source"], e["target"]): e["strength"] for e in treated["links"]}
    assert links["gdf15", "brain"][-1] < links["gdf15", "brain"][0]
    from euexia.population import archetypes
    from euexia.study.regimen import parse
    from euexia.study.single_patient import simulate_patient

    numbers = parameters.load()
    course = simulate_patient(
        archetypes.load("gdf15_high"), [parse("none", numbers)], weeks=8, parameters=numbers
    )
    np.testing.assert_allclose(course.values["body_weight"][0], weights[0], rtol=1e-12)


def test_wrong_patients_are_told(browser: Any) -> None:
    """Unknown names, words for numbers, values outside their range: before anything is computed."""
    for wrong in (
        {"archetype": "nobody"},
        {"patient": {"nothing": 1}},
        {"patient": {"crp": "high"}},
        {"patient": {"sex": "x"}},
        {"patient": {"crp": 1e300}},
        {"treatments": [{"name": "tea"}]},
        {"weeks": 1000},
    ):
        assert 400 <= browser.post("/api/patient", json=wrong).status_code < 500, wrong
