"""What a course hangs on: signs that the equations demand, the whole path, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from euexia import parameters
from euexia.core.errors import InputError, UnknownNameError
from euexia.parameters import ParameterSet
from euexia.physiology import observables
from euexia.population import archetypes
from euexia.report import sensitivity_report
from euexia.study import sensitivity
from euexia.study.global_indices import Method
from euexia.study.regimen import parse
from euexia.study.sensitivity import Sensitivity

pytest.importorskip("SALib")

PARAMETERS = parameters.load()
NSCLC = archetypes.load("nsclc")
NONE = parse("none", PARAMETERS)
FEW = (
    "expenditure.inflammation_effect",
    "intake.gdf15_effect",
    "muscle.inflammation_breakdown",
    "hazards.death_rate",
)


def analyse(treatment: str = "none", names: tuple[str, ...] = FEW, **changes: object) -> Sensitivity:
    given: dict[str, object] = {"of": ["body_weight", "handgrip_strength"], "size": 4, **changes}
    return sensitivity.analyse(
        NSCLC,
        parse(treatment, PARAMETERS),
        parameters=PARAMETERS,
        names=names,
        **given,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def found() -> Sensitivity:
    return analyse()


def by_name(found: Sensitivity, outcome: str) -> dict[str, sensitivity.Influence]:
    return {entry.parameter.name: entry for entry in found.influences[outcome]}


def test_signs_follow_from_the_equations(found: Sensitivity) -> None:
    """The disease grows from day 0 on: what makes it felt more makes the loss larger."""
    weight, grip = by_name(found, "body_weight"), by_name(found, "handgrip_strength")
    for name in FEW[:2]:
        assert weight[name].at_high < found.stated["body_weight"] < weight[name].at_low
        assert weight[name].own < 0
    assert set(grip) == set(FEW)


def test_what_no_reading_feels_has_no_influence(found: Sensitivity) -> None:
    """The death rate moves neither weight nor strength, and is said to be hidden."""
    entry = by_name(found, "body_weight")["hazards.death_rate"]
    assert (entry.swing, entry.own, entry.overall, entry.spread) == (0, 0, 0, 0)
    assert "hazards.death_rate" in found.identifiability.hidden
    assert found.influences["body_weight"][-1] is entry


def test_the_largest_stands_first_and_runs_are_counted(found: Sensitivity) -> None:
    overall = [entry.overall for entry in found.influences["body_weight"]]
    assert overall == sorted(overall, reverse=True)
    assert found.runs == 4 * (len(FEW) + 1) + 1 + 2 * len(FEW)
    assert found.astray == 0


def test_one_at_a_time_is_a_simulation_with_that_number(found: Sensitivity) -> None:
    """The end of a bar is what the patient's simulation says under an overlay with that number."""
    from euexia.study.single_patient import simulate_patient

    name = "intake.gdf15_effect"
    entry = PARAMETERS[name]
    assert entry.high is not None
    changed = ParameterSet("x", {**PARAMETERS.entries, name: replace(entry, value=entry.high)})
    plain = PARAMETERS.value("premorbid.grip_per_muscle")
    assert plain == changed.value("premorbid.grip_per_muscle")
    course = simulate_patient(NSCLC, [NONE], weeks=12, parameters=changed)
    change = course.at_week("body_weight", 12)[0] - course.at_week("body_weight", 0)[0]
    assert by_name(found, "body_weight")[name].at_high == pytest.approx(change, abs=1e-6)


def test_sobol_ranks_as_one_at_a_time_does() -> None:
    names = ("intake.gdf15_effect", "hazards.death_rate")
    found = analyse(names=names, method=Method.SOBOL, size=16, of=["body_weight"])
    first, second = found.influences["body_weight"]
    assert first.parameter.name == names[0]
    assert first.overall == pytest.approx(1.0, abs=0.2)
    assert second.overall == 0


def test_numbers_of_a_treatment_are_varied_when_it_is_given() -> None:
    """The potency of an antibody acts only on who has it."""
    treated = parse("ponsegromab 200 mg every 4 weeks", PARAMETERS)
    names = {entry.name for entry in sensitivity.varied_parameters(PARAMETERS, treated)}
    without = {entry.name for entry in sensitivity.varied_parameters(PARAMETERS, NONE)}
    more = names - without
    assert more
    assert {name.partition(".")[0] for name in more} == {"ponsegromab"}
    assert not any(name.endswith((".dose", ".interval")) for name in names)
    found = analyse(treated.label, names=("ponsegromab",), of=["body_weight"])
    assert found.influences["body_weight"][0].overall > 0


def test_what_is_off_is_varied_only_when_named() -> None:
    """A share of 0 is a mechanism that the model as stated leaves out."""
    name = "hazards.causal_share"
    assert PARAMETERS.value(name) == 0
    assert name not in {entry.name for entry in sensitivity.varied_parameters(PARAMETERS, NONE)}
    assert name in {entry.name for entry in sensitivity.varied_parameters(PARAMETERS, NONE, ("hazards",))}


def test_blocks_stand_for_their_numbers() -> None:
    found = sensitivity.varied_parameters(PARAMETERS, NONE, ("muscle",))
    assert {entry.name.partition(".")[0] for entry in found} == {"muscle"}
    assert len(found) > 3


def test_numbers_that_act_alike_are_grouped() -> None:
    """Readings made by hand: b moves as a does, c in its own way, d not at all."""
    varied = sensitivity.varied_parameters(PARAMETERS, NONE, ("muscle",))[:4]
    days, count = 3, len(observables.NAMES)
    course = np.ones((1 + 2 * 4, days, count))
    weight, grip = (observables.NAMES.index(name) for name in ("body_weight", "handgrip_strength"))
    course[2, :, weight] += 10
    course[4, :, weight] -= 30
    course[6, :, grip] += 50
    told = sensitivity.identify(varied, course)
    a, b, _, d = (entry.name for entry in varied)
    assert told.alike == ((a, b),)
    assert told.hidden == (d,)


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"of": ["body_wieght"]}, UnknownNameError, "body_weight"),
        ({"weeks": 0}, InputError, "1 to 52 weeks"),
        ({"names": ("muscle.turnoverr",)}, UnknownNameError, "muscle"),
        ({"names": ("anamorelin.dose",)}, InputError, "Without a range"),
        ({"size": 1}, InputError, "at least 4"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    changes: dict[str, object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        analyse(**changes)  # type: ignore[arg-type]


def test_the_report_holds_page_figures_and_numbers(found: Sensitivity, tmp_path: Path) -> None:
    page = sensitivity_report.write_sensitivity(tmp_path / "out", found)
    text = page.read_text(encoding="utf-8")
    assert "hangs most on intake: gdf15 effect" in text
    table = (tmp_path / "out" / "sensitivity.csv").read_text(encoding="utf-8").splitlines()
    assert len(table) == 1 + 2 * len(FEW)
    figure = tmp_path / "out" / "figures" / "tornado-body-weight.svg"
    assert ElementTree.parse(figure).getroot().tag.endswith("svg")
    with pytest.raises(InputError):
        sensitivity_report.write_sensitivity(tmp_path / "out", found)
