"""What is varied in a design search, and the goals it is for."""

import numpy as np
import pytest

from euexia.core.errors import InputError
from euexia.protocol import load
from euexia.study.costs import Costs
from euexia.study.search_goal import parse_goal, question_of
from euexia.study.search_space import parse_axis, space_of


@pytest.fixture(scope="module")
def trial():
    return load("lenalidomide")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("size=20..120", tuple(range(20, 121, 10))),
        ("size=20..120..40", (20, 60, 100, 120)),
        ("arms.fixed.size=40,20", (20, 40)),
        ("endpoints.primary.week=6,8,12", ("6", "8", "12")),
        ("a.b=10..50..20 %", ("10 %", "30 %", "50 %")),
        ("a.b=0..1", ("0", "1")),
        ("a.b=0.0..1.0..0.5", ("0", "0.5", "1")),
        ("a.b=-4..0..2 %", ("-4 %", "-2 %", "0 %")),
        ("a.b=[5 mg, 10 mg],[5 mg]", (("5 mg", "10 mg"), ("5 mg",))),
        ("a.b=simple,permuted_blocks", ("simple", "permuted_blocks")),
    ],
)
def test_values_are_read(text, values):
    assert parse_axis(text).values == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("size", "does not say what takes which values"),
        ("size=", "does not say"),
        ("size=120..20", "runs from 120 down to 20"),
        ("size=1..1000..1", "at most 200"),
        ("size=2,2", "names a value twice"),
        ("size=2.5", "no number of patients"),
        ("size=a..b", "is no range"),
        ("a.b=[5 mg, [6 mg]]", "brackets"),
        ("a.b=[5 mg", "stays open"),
        ("a.b=1,,2", "empty value"),
        ("a.b=1..5..0", "step of 0"),
    ],
)
def test_impossible_values_are_explained(text, said):
    with pytest.raises(InputError, match=said):
        parse_axis(text)


def test_designs_that_differ_in_size_alone_are_a_family(trial):
    space = space_of(
        trial, ["endpoints.primary.week=6,8", "size=50..70..10", "eligibility.inflammation=20,30"]
    )
    assert space.points == 12
    assert len(space.families) == 4
    for family in space.families:
        assert [space.changes(point)["size"] for point in family] == [50, 60, 70]
        assert len({space.words(point)["endpoints.primary.week"] for point in family}) == 1
    assert sorted(point for family in space.families for point in family) == list(range(12))


def test_levels_and_numbers_are_inverse(trial):
    space = space_of(trial, ["size=50..70..10", "endpoints.primary.week=6,8"])
    assert [space.number(space.levels(point)) for point in range(space.points)] == list(range(space.points))


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([], "Nothing is varied"),
        (["sze=1,2"], "Did you mean 'size'"),
        (["size=50,60", "size=70"], "varied twice"),
        (["dosing.crp_guided.steps=5,10"], "Give a list"),
        (
            ["size=1..200..1", "endpoints.primary.week=1..200..1", "eligibility.inflammation=1..9..1"],
            "are more",
        ),
    ],
)
def test_what_does_not_fit_the_protocol_is_refused_before_anything_is_simulated(trial, texts, said):
    with pytest.raises(InputError, match=said):
        space_of(trial, texts)


def test_goals_are_read(trial):
    goal = parse_goal("power >= 80 %", trial)
    assert (goal.figure, goal.at_least, goal.value) == ("success", True, 0.8)
    assert parse_goal("power(fixed) ≥ 0.9", trial).figure == "success.fixed"
    assert parse_goal("duration <= 24", trial).value == 24
    assert parse_goal("false success < 10 %", trial).met(0.05)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("power", "is no goal"),
        ("pwer >= 80 %", "Did you mean 'power'"),
        ("power >= 120 %", "between 0 and 100"),
        ("patients <= 80 %", "is no share"),
        ("power(fixd) >= 80 %", "Did you mean 'fixed'"),
        ("duration(fixed) <= 8", "only the power is told by arm"),
    ],
)
def test_goals_that_are_none_are_explained(trial, text, said):
    with pytest.raises(InputError, match=said):
        parse_goal(text, trial)


def test_the_objective_has_a_default_and_may_not_contradict_itself(trial):
    assert question_of(trial).objective.largest
    assert question_of(trial, goals=["power >= 80 %"]).objective.figure == "patients"
    with pytest.raises(InputError, match="--minimise or --maximise"):
        question_of(trial, minimise="patients", maximise="power")
    with pytest.raises(InputError, match="not known"):
        question_of(trial, goals=["power >= 80 %"], minimise="cost")
    known = question_of(trial, minimise="cost", costs=Costs(per_patient=1.0))
    assert known.objective.figure == "cost"


def test_costs_are_a_sum_of_their_parts():
    one = np.ones(1)
    costs = Costs(per_patient=1.0, per_visit=10.0, per_candidate=100.0, per_month=1000.0)
    price = costs.price(patients=2 * one, visits=3 * one, screened=4 * one, months=5 * one)
    assert price[0] == 2 + 30 + 400 + 5000
