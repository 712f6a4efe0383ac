"""The parts of a comparison of endpoints that need no simulation: list, plan, sizes, published fate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from euexia import evidence, protocol
from euexia.core.errors import DataFileError, InputError
from euexia.design import coprimary, means
from euexia.endpoints.table import DerivedEndpoint, EndpointTable
from euexia.protocol.protocol import Protocol
from euexia.study import endpoint_comparison_size as sizes
from euexia.study.endpoint_comparison_block import Told, joined, mapped
from euexia.study.endpoint_comparison_fate import fates, met
from euexia.study.endpoint_comparison_list import load
from euexia.study.endpoint_comparison_plan import OWN, Plan, analysis_name, plan

SINGLE = """
endpoints:
  weight:
    label: Body weight
    short: weight
    about: The scale.
    endpoint: {kind: change, measure: body_weight}
    estimand: {death: while_alive, missing: hypothetical, summary: mean}
    method: ancova
"""


@pytest.fixture(scope="module")
def romana1() -> Protocol:
    return protocol.load("romana1")


@pytest.fixture(scope="module")
def planned(romana1: Protocol) -> Plan:
    return plan(romana1, load())


def own_list(folder: Path, text: str) -> Path:
    path = folder / "endpoints.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_shipped_list_names_its_sources() -> None:
    """What regulators accept is said only with a published study that says so."""
    judgements = load()
    assert {"lean_mass_dxa", "lean_mass_ct", "weight", "handgrip", "survival"} <= set(judgements)
    for name, entry in judgements.items():
        assert entry.about, name
        if entry.accepted:
            assert evidence.load(entry.accepted_source).id == entry.accepted_source


def test_own_list_is_read(tmp_path: Path) -> None:
    (entry,) = load(own_list(tmp_path, SINGLE)).values()
    assert entry.measures == ("body_weight",)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("body_weight", "body_wheight"), "Did you mean 'body_weight'"),
        (("    method: ancova\n", ""), "needs 'endpoint', 'estimand' and 'method'"),
        (("ancova", "category_table"), "does not compare two arms"),
        (("    method: ancova\n", "    method: ancova\n    accepted: Yes.\n"), "needs a source"),
        (("    method: ancova\n", "    method: ancova\n    all_of: [weight, grip]\n"), "no endpoint 'grip'"),
        (("missing: hypothetical", "missing: while_on_treatment"), "not carried out"),
    ],
)
def test_wrong_list_is_explained(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said.replace("(", r"\(")):
        load(own_list(tmp_path, SINGLE.replace(*change)))


def test_wrong_form_of_a_list_is_explained(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match="unknown key"):
        load(own_list(tmp_path, SINGLE.replace("short:", "shrot:")))


def test_protocol_without_two_arms_is_refused(romana1: Protocol) -> None:
    with pytest.raises(InputError, match="one arm only"):
        plan(replace(romana1, arms=romana1.arms[:1]), load())
    alone = replace(romana1, analyses=tuple(replace(entry, control=None) for entry in romana1.analyses))
    with pytest.raises(InputError, match="compares two arms"):
        plan(alone, load())
    with pytest.raises(InputError, match="Arms it compares: 'anamorelin'"):
        plan(romana1, load(), arm="placebo")


def test_week_without_a_visit_is_refused(romana1: Protocol) -> None:
    with pytest.raises(InputError, match="no visit in week 13"):
        plan(romana1, load(), week=13)
    assert plan(romana1, load(), week=6).day == 42


def test_measure_the_model_does_not_give_is_refused(tmp_path: Path, romana1: Protocol) -> None:
    judgements = load(own_list(tmp_path, SINGLE.replace("body_weight", "creatinine")))
    with pytest.raises(InputError, match="'weight' needs 'creatinine'"):
        plan(romana1, judgements)


def test_plan_adds_readings_and_nothing_else(planned: Plan) -> None:
    before, after = planned.protocol, planned.variant
    assert after.schedule.visits[0].measures[: len(before.schedule.visits[0].measures)] == (
        before.schedule.visits[0].measures
    )
    assert replace(after.schedule, visits=()) == replace(before.schedule, visits=())
    for name in ("arms", "population", "eligibility", "randomisation", "size", "background", "rules"):
        assert getattr(after, name) == getattr(before, name)
    assert [question.judgement for question in planned.questions] == [OWN, *load()]


def test_arrays_by_patient_are_reached_everywhere() -> None:
    """Boolean, float and nested arrays are put together patient by patient; the rest stays."""
    one = {"a": (np.zeros((1, 2)), "word"), "planned": np.arange(3)}
    both = mapped([one, one], lambda arrays: np.concatenate(arrays, axis=1))
    assert both["a"][0].shape == (1, 4)
    assert both["a"][1] == "word"
    assert both["planned"].shape == (3,)


def pool_of(planned: Plan, effect: float, patients: int) -> EndpointTable:
    """Return patients whose weight changes by a normal amount of SD 1, in the treated by ``effect`` more."""
    rng = np.random.default_rng(5)
    arm = np.tile([0, 0, 1], patients // 3)[None, :]
    nobody = np.zeros(arm.shape, dtype=bool)
    derived = DerivedEndpoint(
        name="judged_by_weight",
        value=rng.standard_normal(arm.shape) + effect * (arm == 0),
        baseline=rng.standard_normal(arm.shape),
        dead=nobody,
        withdrawn=nobody,
        stopped=nobody,
        exposure=np.full(arm.shape, 84.0),
    )
    return EndpointTable(
        protocol_id="romana1", arms=("anamorelin", "placebo"), arm=arm, endpoints={derived.name: derived}
    )


def told_of(planned: Plan, effect: float) -> Told:
    """Return the gains of many trials whose estimates are normal, as for patients of SD 1."""
    pair = planned.pairs[0]
    treated, control = sizes.pair_sizes(planned, pair, planned.variant.size)
    error = np.sqrt(1 / treated + 1 / control)
    gain = effect + error * np.random.default_rng(3).standard_normal(4000)
    name = analysis_name("weight", pair)
    return Told(
        gain={name: gain},
        estimate={name: gain},
        rejects={},
        succeeds={},
        measure_of_effect={},
        unit={},
        estimand={},
    )


def test_drawn_trials_have_the_power_of_the_t_test(planned: Plan) -> None:
    """Against the exact power of the t test; analysis of covariance loses nothing to a useless covariate."""
    place = [question.judgement for question in planned.questions].index("weight")
    pool = sizes.Pool(planned, pool_of(planned, 0.4, 60_000), seed=1)
    found = pool.power(place, 150)
    assert abs(found.value - means.t_power(100, 50, 0.4, 1.0, 0.025)) < 4 * found.error + 0.01
    assert pool.power(place, 150) == found


def test_size_agrees_with_the_formula(planned: Plan) -> None:
    """Normal patients: the size found by drawing lies near that of the design's formula, two to one."""
    place = [question.judgement for question in planned.questions].index("weight")
    pool = sizes.Pool(planned, pool_of(planned, 0.4, 60_000), seed=1)
    found = sizes.sizes_of(planned, told_of(planned, 0.4), (0.8,), pool, place)[0.8]
    expected = means.t_size(0.4, 1.0, 0.025, 0.8, 2.0).total
    assert found.patients is not None
    assert found.checked is not None
    assert found.formula is not None
    assert abs(found.patients / expected - 1) < 0.12
    assert abs(found.formula / expected - 1) < 0.06
    assert found.low < found.patients < found.high
    assert abs(found.checked.value - 0.8) < 3 * found.checked.error


@pytest.mark.parametrize(
    ("effect", "why"), [(-0.4, sizes.WRONG_SIDE), (0.0, sizes.NO_EFFECT), (0.02, sizes.TOO_LARGE)]
)
def test_no_size_is_invented(planned: Plan, effect: float, why: str) -> None:
    place = [question.judgement for question in planned.questions].index("weight")
    pool = sizes.Pool(planned, pool_of(planned, effect, 3000), seed=1)
    found = sizes.sizes_of(planned, told_of(planned, effect), (0.8,), pool, place)[0.8]
    assert (found.patients, found.why) == (None, why)


def test_formula_of_two_endpoints_is_the_co_primary_one(planned: Plan) -> None:
    """Against euexia.design.coprimary with the same effects and correlation."""
    question = next(q for q in planned.questions if q.judgement == "lean_mass_and_handgrip")
    rng = np.random.default_rng(7)
    common = rng.standard_normal(3000)
    gains = {name: 2.5 + 0.8 * common + 0.6 * rng.standard_normal(3000) for name in question.analyses}
    told = replace(told_of(planned, 0.4), gain=gains)
    found = sizes.formula(planned, question, told, 0.8)
    first, second = (
        coprimary.ContinuousEndpoint(
            effect=sizes.standardised(planned, question.pair, sizes.drift_of(gains[name]))
        )
        for name in question.analyses
    )
    expected = coprimary.size(
        first, second, float(np.corrcoef(*gains.values())[0, 1]), 0.025, 0.8, ratio=323 / 161
    )
    assert found is not None
    assert abs(found / expected.total - 1) < 0.01


@pytest.mark.parametrize(
    ("judgement", "expected"),
    [
        ("lean_mass_dxa", True),
        ("weight", True),
        ("handgrip", False),
        ("appetite", True),
        ("lean_mass_and_handgrip", False),
        (OWN, False),
        ("chair_stand", None),
        ("survival", None),
    ],
)
def test_published_fate_of_romana_1(planned: Plan, judgement: str, expected: bool | None) -> None:
    """Temel 2016: lean mass p < 0.0001, handgrip p = 0.15, weight p < 0.0001, FAACT A/CS p = 0.0004."""
    question = next(q for q in planned.questions if q.judgement == judgement)
    assert met(planned, question) is expected
    if judgement == "handgrip":
        assert [fate.words for fate in fates(planned, question)] == ["p = 0.15"]


def test_published_fate_of_a_dose_is_that_of_its_arm() -> None:
    """PROACC-1: weight at 100 mg and 400 mg have rows of their own."""
    found = plan(protocol.load("ponsegromab"), load(), arm="dose_400")
    question = next(q for q in found.questions if q.judgement == "weight")
    rows = {fate.row for fate in fates(found, question)}
    contrasts = {evidence.find_row("ponsegromab_proacc1", row).contrast for row in rows}
    assert contrasts
    assert all(contrast.startswith("400 mg") for contrast in contrasts)


def test_pools_are_joined_in_order(planned: Plan) -> None:
    first, second = pool_of(planned, 0.0, 3), pool_of(planned, 1.0, 6)
    both = joined([first, second])
    assert both.arm.shape == (1, 9)
    assert (
        both.endpoints["judged_by_weight"].value[0, 3:] == second.endpoints["judged_by_weight"].value
    ).all()
