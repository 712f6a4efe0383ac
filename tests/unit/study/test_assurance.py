"""Assurance: draws, what is kept, what is said; the trials are made up, so that the answer is known."""

import json

import numpy as np
import pytest

from euexia import parameters
from euexia.core.errors import InputError, NumericalError, UnknownNameError
from euexia.core.streams import Purpose, uniform
from euexia.protocol import load
from euexia.report.assurance_report import write_assurance
from euexia.study import assurance as assurance_module
from euexia.study.assurance import Plan, assure
from euexia.study.assurance_words import sentences
from euexia.study.search_simulation import Outcome
from euexia.study.uncertain_parameters import read_draws, uncertainty_of

BLAMED = "ponsegromab.volume"


@pytest.fixture(scope="module")
def trial():
    return load("ponsegromab")


@pytest.fixture(scope="module")
def stated():
    return parameters.load()


@pytest.fixture
def made_up(monkeypatch):
    """Let the power fall evenly with one parameter; return the numbers of the draws simulated."""
    asked = []

    def simulate(task):
        entry = task.parameters[BLAMED]
        asked.append(task.family)
        power = 0.9 - 0.6 * (entry.value - entry.low) / (entry.high - entry.low)
        chance = uniform(5, Purpose.OPERATION, task.first_trial + np.arange(task.trials), 0)
        works = (chance < power).astype(float)
        none = np.zeros(task.trials)
        return Outcome(
            family=task.family,
            tables=({"success": works, "success.dose_400": works, "false_success": none},),
        )

    monkeypatch.setattr(assurance_module, "simulate_block", simulate)
    return asked


def plan_in(folder, **more):
    return Plan(**({"draws": 80, "trials": 20, "seed": 1, "folder": folder, "workers": 1} | more))


def test_the_number_that_matters_is_found(trial, stated, made_up, tmp_path):
    found = assure(trial, uncertainty_of(trial, stated), plan_in(tmp_path))
    assert found.power.expected == pytest.approx(0.6, abs=4 * found.power.error)
    assert found.influences[0].parameter.name == BLAMED
    assert found.influences[0].share.index > 0.7
    assert found.influences[0].share.slope < -0.3
    said = " ".join(sentences(found))
    assert f"'{BLAMED}'" in said
    page = write_assurance(tmp_path, found).read_text(encoding="utf-8")
    assert "Which uncertainty costs most" in page
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert results["draws"] == 80


def test_what_was_ended_goes_on_and_grows_to_the_same_bits(trial, stated, made_up, tmp_path):
    uncertain = uncertainty_of(trial, stated, only=["ponsegromab"])
    whole = assure(trial, uncertain, plan_in(tmp_path / "whole", draws=30))
    assure(trial, uncertain, plan_in(tmp_path / "again", draws=12))
    (tmp_path / "again" / "draws" / "00004.json").write_text("{half", encoding="utf-8")
    made_up.clear()
    again = assure(trial, uncertain, plan_in(tmp_path / "again", draws=30, resume=True))
    assert sorted(made_up) == [4, *range(13, 31)]
    assert again.draws == whole.draws
    assert again.power == whole.power
    with pytest.raises(InputError, match="made with other seed"):
        assure(trial, uncertain, plan_in(tmp_path / "again", seed=2, resume=True))


def test_draws_that_fail_are_left_out_and_told(trial, stated, made_up, tmp_path, monkeypatch):
    simulate = assurance_module.simulate_block

    def fail_some(task):
        if task.family % 10 == 3:
            raise NumericalError("This draw starves.")
        return simulate(task)

    monkeypatch.setattr(assurance_module, "simulate_block", fail_some)
    found = assure(trial, uncertainty_of(trial, stated), plan_in(tmp_path / "some"))
    assert len(found.used) == 72
    assert any("8 of 80 draws could not be simulated" in sentence for sentence in sentences(found))

    def fail_most(task):
        if task.family:
            raise NumericalError("This draw starves.")
        return simulate(task)

    monkeypatch.setattr(assurance_module, "simulate_block", fail_most)
    with pytest.raises(NumericalError, match="This draw starves"):
        assure(trial, uncertainty_of(trial, stated), plan_in(tmp_path / "most"))


def test_draws_stay_within_their_ranges_around_the_stated_value(trial, stated):
    uncertain = uncertainty_of(trial, stated)
    drawn = [uncertain.values(1, number) for number in range(1, 201)]
    for entry in uncertain.ranged:
        values = np.array([one[entry.name] for one in drawn])
        assert entry.low <= values.min()
        assert values.max() <= entry.high
        assert 0.3 < np.mean(values < entry.value) < 0.7 or entry.value in (entry.low, entry.high)


def test_only_what_acts_in_the_trial_is_drawn(trial, stated):
    blocks = {entry.name.partition(".")[0] for entry in uncertainty_of(trial, stated).ranged}
    assert "ponsegromab" in blocks
    assert "lenalidomide" not in blocks
    only = uncertainty_of(trial, stated, only=["gdf15", BLAMED])
    assert {entry.name.partition(".")[0] for entry in only.ranged} == {"gdf15", "ponsegromab"}
    with pytest.raises(UnknownNameError, match="Did you mean"):
        uncertainty_of(trial, stated, only=["ponsegromap"])
    with pytest.raises(InputError, match="no range that acts"):
        uncertainty_of(trial, stated, only=["lenalidomide"])


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_rows_of_a_posterior_are_taken_whole(trial, stated, tmp_path, ending):
    import pandas as pd

    names = [BLAMED, "ponsegromab.clearance"]
    frame = pd.DataFrame({f"{names[0]} [L]": [4.0, 5.0, 6.0], names[1]: [0.01, 0.02, 0.03]})
    path = tmp_path / f"draws.{ending}"
    if ending == "csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path)
    columns = read_draws(path)
    if names[1] not in stated.entries:
        del columns[names[1]]
    uncertain = uncertainty_of(trial, stated, posterior=columns, source=path.name)
    assert BLAMED not in [entry.name for entry in uncertain.ranged]
    rows = {tuple(uncertain.values(1, number)[name] for name in columns) for number in range(60)}
    assert len(rows) == 3


def test_draws_that_are_none_are_explained(trial, stated, tmp_path):
    cases = {
        "a.csv": ("a,b\n1,2\n3\n", "line 3"),
        "b.csv": ("a\nx\n", "no number"),
        "c.csv": ("a\n", "at least one row"),
        "d.csv": ("a\nnan\n", "finite number"),
        "e.txt": ("a\n1\n", "neither"),
        "f.parquet": ("no parquet", "cannot be read"),
    }
    for name, (text, said) in cases.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=said):
            read_draws(tmp_path / name)
    with pytest.raises(InputError, match="There is no file"):
        read_draws(tmp_path / "none.csv")
    with pytest.raises(UnknownNameError, match="no parameter"):
        uncertainty_of(trial, stated, posterior={"gdf15.nothing": np.ones(3)})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"draws": 3}, "at least 10"),
        ({"trials": 1}, "Give 2 or more"),
        ({"worth": 1.5}, "between 0 and 100"),
        ({"of": "placebo"}, "Known: dose_100"),
    ],
)
def test_plans_that_cannot_be_are_refused(trial, stated, tmp_path, more, said):
    with pytest.raises(InputError, match=said):
        assure(trial, uncertainty_of(trial, stated), plan_in(tmp_path, **more))
