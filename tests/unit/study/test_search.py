"""The design search: what is shared, what is chosen, what is said, and what is kept on disk."""

import dataclasses
import json

import numpy as np
import pytest
from scipy.stats import norm

from euexia import parameters
from euexia.core.errors import InputError
from euexia.core.streams import Purpose, uniform
from euexia.protocol import load
from euexia.protocol.variation import varied
from euexia.report.search_report import write_search
from euexia.study import search as search_module
from euexia.study import search_simulation
from euexia.study.search import Plan, search
from euexia.study.search_choice import front
from euexia.study.search_confirmation import Confirming, check
from euexia.study.search_goal import question_of
from euexia.study.search_simulation import simulate_block, tasks_of
from euexia.study.search_space import space_of
from euexia.study.search_words import sentences


@pytest.fixture(scope="module")
def trial():
    return load("lenalidomide")


@pytest.mark.slow
def test_a_smaller_trial_is_the_beginning_of_a_larger_one(trial):
    """Figures of a design simulated in a family are those of the design simulated alone, bit for bit."""
    designs = [varied(trial, {"size": size}) for size in (10, 15, 25)]
    chosen = parameters.load()
    together = simulate_block(tasks_of(0, designs, chosen, trials=2, seed=3)[0]).tables
    for place in (0, 1):
        alone = simulate_block(tasks_of(0, [designs[place]], chosen, trials=2, seed=3)[0]).tables[0]
        assert alone.keys() == together[place].keys()
        for name, values in alone.items():
            np.testing.assert_array_equal(values, together[place][name], err_msg=name)


def power_of(changes):
    """Return a made-up power: best at week 8 and a threshold of 30 %, rising with size."""
    threshold = float(str(changes["dosing.crp_guided.threshold"]).split()[0])
    week = float(changes["endpoints.primary.week"])
    effect = 0.5 - 0.02 * abs(week - 8) - 0.006 * abs(threshold - 30)
    return float(norm.cdf(effect * np.sqrt(changes["arms.fixed.size"]) / 1.2 - 1.64))


@pytest.fixture
def made_up(monkeypatch):
    """Let trials succeed with the made-up power, on common chance; return the list of families simulated."""
    asked = []

    def simulate(crew, tasks):
        del crew
        for task in {task.family: task for task in tasks}.values():
            asked.append(task.family)
            yield task.family, tuple(table(protocol) for protocol in task.protocols), 0

    def table(protocol):
        trials = 200
        first = protocol.source_text.splitlines()[0]
        words = dict(pair.split("=", 1) for pair in first.partition(" with ")[2].replace(" %", "").split())
        changes = {**words, "arms.fixed.size": int(words["arms.fixed.size"])}
        chance = uniform(1, Purpose.OPERATION, np.arange(trials), 0)
        works = (chance < power_of(changes)).astype(float)
        ones = np.ones(trials)
        return {
            "success": works,
            "success.fixed": works,
            "false_success": 0.05 * ones,
            "patients": protocol.size * ones,
            "in_vain": protocol.size * (1 - works),
            "duration": (protocol.size / 10 + protocol.schedule.follow_up / 30) * ones,
            "visits": 10 * ones,
            "screened": 3.0 * protocol.size * ones,
        }

    monkeypatch.setattr(search_module, "simulate_families", simulate)
    return asked


AXES = [
    "arms.fixed.size=20..120..20",
    "endpoints.primary.week=4,6,8,10,12",
    "dosing.crp_guided.threshold=10..50..5 %",
]


FEW = ["arms.fixed.size=40,80,120", "endpoints.primary.week=6,8", "dosing.crp_guided.threshold=10 %,30 %"]


def plan_in(folder, **more):
    return Plan(**({"trials": 200, "seed": 1, "families": 14, "folder": folder} | more))


@pytest.mark.slow
def test_the_surrogate_finds_the_optimum_with_few_families(trial, made_up, tmp_path):
    """Of 45 families 14 are simulated; the truth is known, so the answer can be checked."""
    space = space_of(trial, AXES)
    question = question_of(trial, goals=["power >= 80 %"])
    found = search(space, question, plan_in(tmp_path))
    assert len(made_up) <= 14 < len(space.families)
    truth = {point: power_of(space.changes(point)) for point in range(space.points)}
    smallest = min(space.changes(point)["arms.fixed.size"] for point, power in truth.items() if power >= 0.8)
    best = space.changes(found.ranking[0])
    assert best["arms.fixed.size"] <= smallest + 20
    assert truth[found.ranking[0]] > 0.72
    assert any("a surrogate chose them" in sentence for sentence in sentences(found, ()))


def test_few_families_are_all_simulated(trial, made_up, tmp_path):
    found = search(space_of(trial, FEW), question_of(trial), plan_in(tmp_path))
    assert found.is_grid
    assert len(found.simulated) == found.space.points
    best = found.space.changes(found.ranking[0])
    assert best["arms.fixed.size"] == 120
    assert best["endpoints.primary.week"] == "8"


@pytest.mark.slow
def test_a_search_that_was_ended_goes_on_to_the_same_bits(trial, made_up, tmp_path):
    space, question = space_of(trial, AXES), question_of(trial, goals=["power >= 80 %"])
    whole = search(space, question, plan_in(tmp_path / "whole"))

    class EndedError(RuntimeError):
        pass

    def end(done, planned):
        if done >= 7:
            raise EndedError

    with pytest.raises(EndedError):
        search(space, question, plan_in(tmp_path / "again"), progress=end)
    (
        tmp_path / "again" / "trials" / sorted(p.name for p in (tmp_path / "again" / "trials").iterdir())[0]
    ).write_bytes(b"half of a file")
    made_up.clear()
    resumed = search(space, question, plan_in(tmp_path / "again", resume=True))
    assert resumed.simulated == whole.simulated
    assert resumed.ranking == whole.ranking
    assert len(made_up) < 14
    again = search(space, question, plan_in(tmp_path / "again", resume=True))
    assert again.simulated == whole.simulated


def test_another_question_may_be_asked_of_the_same_trials_but_no_other_trials(trial, made_up, tmp_path):
    space = space_of(trial, FEW)
    search(space, question_of(trial), plan_in(tmp_path))
    made_up.clear()
    other = search(
        space,
        question_of(trial, goals=["power >= 60 %"], minimise="duration"),
        plan_in(tmp_path, resume=True),
    )
    assert other.ranking
    assert not made_up
    with pytest.raises(InputError, match="seed: 1 there, 2 now"):
        search(space, question_of(trial), plan_in(tmp_path, seed=2, resume=True))


def test_a_goal_out_of_reach_is_said_with_the_nearest_design(trial, made_up, tmp_path):
    space = space_of(
        trial, ["arms.fixed.size=20,25", "endpoints.primary.week=8", "dosing.crp_guided.threshold=30 %"]
    )
    found = search(space, question_of(trial, goals=["power >= 99 %"]), plan_in(tmp_path))
    assert not found.ranking
    said = " ".join(sentences(found, ()))
    assert "No simulated design reaches power >= 99 %" in said
    assert "arms.fixed.size = 25" in said
    assert "try larger values" in said


def test_designs_that_are_no_protocol_are_left_out_with_the_reason(trial, made_up, tmp_path):
    space = space_of(
        trial,
        [
            "arms.fixed.size=20,40",
            "endpoints.primary.week=8",
            "dosing.crp_guided.threshold=30 %",
            "arms.fixed.dose=25,7",
        ],
    )
    found = search(space, question_of(trial), plan_in(tmp_path))
    assert len(found.simulated) == 2
    (left,) = found.left_out
    assert "not a level of 'fixed_safety'" in left.reason
    assert len(left.points) == 2
    nothing = space_of(trial, ["arms.fixed.dose=7,8"])
    with pytest.raises(InputError, match="None of the designs is a valid protocol"):
        search(nothing, question_of(trial), plan_in(tmp_path / "none"))


def test_every_design_has_a_file_and_a_command(trial, made_up, tmp_path):
    found = search(space_of(trial, FEW), question_of(trial, goals=["power >= 80 %"]), plan_in(tmp_path))
    page = write_search(tmp_path, found, ()).read_text(encoding="utf-8")
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert len(results["designs"]) == found.space.points
    for design in results["designs"][::5]:
        file = tmp_path / "points" / f"{design['design']}.yaml"
        assert load(file).size == design["figures"]["patients"]["value"]
        assert design["command"] == f"euexia run points/{file.name} --trials 200 --seed 1"
    assert "What power costs" in page
    assert "What each choice does" in page


def test_a_confirmation_needs_another_seed(tmp_path):
    check(Confirming(trials=10, seed=2), plan_in(tmp_path))
    with pytest.raises(InputError, match="would confirm its luck too"):
        check(Confirming(trials=10, seed=1), plan_in(tmp_path))


def test_an_adaptive_design_shares_no_patients(trial):
    look = dataclasses.replace
    assert search_simulation.are_nested([trial, look(trial, size=10)])


def test_the_pareto_front_is_what_nothing_beats():
    costs = np.array([1.0, 2.0, 2.0, 3.0, 4.0])
    gains = np.array([0.2, 0.5, 0.4, 0.5, 0.9])
    np.testing.assert_array_equal(front(costs, gains), [True, True, False, False, True])
