"""``euexia analyse`` from the outside: what a user sees, what is refused, and that simulated data agree."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from builders.plans import eventful_stack
from builders.real_trials import PROTOCOL
from euexia.cli import analyse_commands
from euexia.cli.main import app
from euexia.core.errors import EuexiaError, InputError, UnknownNameError
from euexia.study import real
from euexia.trialdata import tables

RUNNER = CliRunner()
PUBLIC = os.environ.get("EUEXIA_PUBLIC_DATA", "")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder as a user has it: a protocol, and the tables of its trial."""
    monkeypatch.chdir(tmp_path)
    Path("trial.yaml").write_text(PROTOCOL, encoding="utf-8")
    tables.write("data", eventful_stack(1, 80))
    return tmp_path


def analyse(*words):
    return RUNNER.invoke(app, ["analyse", *words])


def refused(kind, *words):
    """Return the message of a refusal; nothing may have been written."""
    answer = analyse(*words)
    assert isinstance(answer.exception, kind), answer.exception
    assert isinstance(answer.exception, EuexiaError)
    assert not Path("out").exists()
    return str(answer.exception)


def test_a_trial_is_analysed_as_far_as_its_data_allow(place):
    """Albumin was never read, so one analysis of three cannot be done: said, and the others are there."""
    answer = analyse("trial.yaml", "data", "--out", "out", "--format", "csv", "--format", "html")
    assert answer.exit_code == 0, answer.exception
    assert "weight_mmrm" in answer.stdout
    assert "out/report.html" in answer.stdout
    assert "albumin_ancova was not done: The trial data hold no readings of 'albumin'" in answer.stderr
    found = json.loads(Path("out/results.json").read_text(encoding="utf-8"))
    assert [each["analysis"] for each in found["results"]] == ["weight_mmrm", "grip_ancova"]
    assert [each["analysis"] for each in found["not_done"]] == ["albumin_ancova"]
    assert all(each["adjusted"]["procedure"] == "holm" for each in found["results"])
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "estimates.csv",
        "report.html",
        "results.csv",
        "results.json",
        "tables.html",
    ]


def test_the_code_of_a_result_does_it_again(place):
    assert analyse("trial.yaml", "data", "--out", "out", "--format", "csv").exit_code == 0
    found = json.loads(Path("out/results.json").read_text(encoding="utf-8"))["results"][1]
    kept = {}
    exec(found["code"]["python"].replace("print(", "kept['result'] = ("), {"kept": kept})
    assert float(kept["result"].estimate[0]) == found["estimate"]
    words = found["code"]["command"].split()[1:]
    assert RUNNER.invoke(app, [*words, "--out", "again", "--format", "csv"]).exit_code == 0
    again = json.loads(Path("again/results.json").read_text(encoding="utf-8"))["results"]
    assert [each["estimate"] for each in again] == [found["estimate"]]
    assert "  grip_ancova: {endpoint: grip, method: ancova" in found["code"]["yaml"]


def test_one_test_of_several_has_no_adjusted_decision(place):
    answer = analyse("trial.yaml", "data", "--out", "out", "--analysis", "weight_mmrm", "--format", "csv")
    assert answer.exit_code == 0
    assert "grip_ancova was not done: no adjusted decision" in answer.stderr
    assert json.loads(Path("out/results.json").read_text(encoding="utf-8"))["results"][0]["adjusted"] is None


def test_a_folder_with_something_in_it_is_left_alone(place):
    Path("mine").mkdir()
    Path("mine/thesis.txt").write_text("years", encoding="utf-8")
    assert "not empty" in refused(InputError, "trial.yaml", "data", "--out", "mine")
    assert "not an analysis" in refused(InputError, "trial.yaml", "data", "--out", "mine", "--overwrite")


def test_mistakes_are_named(place):
    assert "does not exist" in refused(InputError, "trial.yaml", "nowhere", "--out", "out")
    assert "not recognised" in refused(InputError, "trial.yaml", "trial.yaml", "--out", "out")
    unknown = refused(UnknownNameError, "trial.yaml", "data", "--out", "out", "--analysis", "weigth_mmrm")
    assert "weight_mmrm" in unknown
    assert "'two_arms'" in refused(InputError, "lenalidomide", "data", "--out", "out")
    only = refused(InputError, "trial.yaml", "data", "--out", "out", "--analysis", "albumin_ancova")
    assert "None of the analyses" in only


def test_several_trials_are_no_trial(place):
    tables.write("stack", eventful_stack(3, 40))
    assert "holds 3 trials" in refused(InputError, "trial.yaml", "stack", "--out", "out")


def test_interruption_writes_nothing(place, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(real, "analyse", interrupted)
    answer = analyse("trial.yaml", "data", "--out", "out")
    assert answer.exit_code == analyse_commands.INTERRUPTED
    assert "nothing was written" in answer.stderr
    assert not Path("out").exists()


def test_long_analyses_say_how_far_they_are(monkeypatch, capsys):
    clock = iter([0.0, 1.0, 3.0, 9.0])
    monkeypatch.setattr(analyse_commands.time, "monotonic", lambda: next(clock))
    told = []
    monkeypatch.setattr(analyse_commands, "tell", told.append)
    report = analyse_commands._progress()
    report(0, 3, "first")
    report(1, 3, "second")
    report(3, 3, "")
    assert told == ["1 of 3 analyses after 3 s, about 6 s left; next: second"]


def test_an_arm_that_nobody_was_allotted_to_is_a_diagnosis(place):
    """All patients in one arm: nothing is compared, and each analysis says why."""
    data = eventful_stack(1, 40)
    alone = replace(data, subjects={**data.subjects, "arm": data.subjects["arm"] * 0})
    tables.write("alone", alone)
    answer = analyse("trial.yaml", "alone", "--out", "out")
    assert answer.exit_code == 0, answer.exception
    found = json.loads(Path("out/results.json").read_text(encoding="utf-8"))
    for each in found["results"]:
        assert each["estimate"] is None
        assert each["diagnosis"]
    assert "What was not estimated, and why" in Path("out/report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_example_of_a_run_has_the_same_results_when_analysed(place):
    """The tidy tables of a run hold its first trial; every number of its results must come back from them."""
    words = ["run", "lenalidomide", "--trials", "2", "--size", "60", "--seed", "3", "--workers", "1"]
    assert RUNNER.invoke(app, [*words, "--out", "run"]).exit_code == 0
    assert analyse("lenalidomide", "run/data", "--out", "out", "--format", "csv").exit_code == 0
    simulated = json.loads(Path("run/results.json").read_text(encoding="utf-8"))["results"]
    found = json.loads(Path("out/results.json").read_text(encoding="utf-8"))["results"]
    assert [each["analysis"] for each in found] == [each["analysis"] for each in simulated]
    for own, other in zip(found, simulated, strict=True):
        for name in ("estimate", "low", "high", "p_value", "reject", "numbers", "settled"):
            assert own[name] == other["trials"][0][name], (own["analysis"], name)
        assert own["estimand"]["words"] == other["estimand"]


PILOT = """\
protocol: pilot_weight
title: Body weight in the CDISC pilot study
registry: ""
question: Does xanomeline change body weight over 24 weeks?
population: advanced_cancer
size: 254
eligibility: {}
arms:
  placebo: {label: Placebo, ratio: 1, treatments: []}
  low: {label: Xanomeline Low Dose, ratio: 1, treatments: []}
  high: {label: Xanomeline High Dose, ratio: 1, treatments: []}
background: []
rules: {}
randomisation: {method: permuted_blocks, block_size: 3}
accrual: {candidates_per_month: 10, status: assumed}
schedule:
  screening: -14 days
  treatment: 24 weeks
  follow_up: 26 weeks
  visits:
    baseline: {day: 0 days, measures: [body_weight]}
    week_8: {day: 8 weeks, window: 14 days, measures: [body_weight]}
    week_16: {day: 16 weeks, window: 14 days, measures: [body_weight]}
    week_24: {day: 24 weeks, window: 14 days, measures: [body_weight]}
endpoints:
  weight: {label: Body weight, kind: change, role: primary, day: 24 weeks, measure: body_weight}
estimands:
  weight: {death: while_alive, discontinuation: treatment_policy, missing: hypothetical, summary: mean}
analyses:
  weight_low: {endpoint: weight, method: ancova, arm: low, control: placebo, primary: true}
  weight_high: {endpoint: weight, method: ancova, arm: high, control: placebo, primary: true}
assumptions: {all: Made for a test.}
"""


@pytest.mark.slow
@pytest.mark.skipif(not PUBLIC, reason="EUEXIA_PUBLIC_DATA names no folder of public data")
def test_weight_in_the_cdisc_pilot_study(place):
    """Baseline weights are those of Table 14-2.01 of the pilot's report: n, mean and SD of each arm.

    86 of placebo, mean 62.8 (SD 12.77); 84 of the high dose, 70.0 (14.65).  Of the low dose the report has 83
    of 84, since one was weighed at screening alone, a reading that counts as baseline here.
    """
    folder = Path(PUBLIC) / "cdisc_pilot_adam" / "dataset_json_compressed"
    if not (folder / "advs.dsjc").is_file():
        pytest.skip("the ADaM datasets of the pilot are not in EUEXIA_PUBLIC_DATA")
    Path("pilot").mkdir()
    for name in ("adsl.dsjc", "advs.dsjc", "adae.dsjc"):
        (Path("pilot") / name).write_bytes((folder / name).read_bytes())
    Path("pilot.yaml").write_text(PILOT, encoding="utf-8")
    answer = analyse("pilot.yaml", "pilot", "--out", "out", "--format", "html")
    assert answer.exit_code == 0, answer.exception
    found = json.loads(Path("out/results.json").read_text(encoding="utf-8"))
    assert [arm["randomised"] for arm in found["protocol"]["arms"]] == [86, 84, 84]
    assert found["data"]["standard"] == "ADaM"
    page = Path("out/tables.html").read_text(encoding="utf-8")
    weight = page[page.index("Body weight [kg]") :]
    for printed in ("<td>86</td><td>84</td><td>84</td>", "62.76 (12.77)", "70.00 (14.65)"):
        assert printed in weight
