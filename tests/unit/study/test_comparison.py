"""Two designs on common chance: paired figures, their page, and what is refused."""

import dataclasses
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from euexia import load_protocol
from euexia.cli.main import app
from euexia.core.errors import InputError
from euexia.report.comparison_report import differing_lines, sentences, write_comparison
from euexia.study import replicate, run_folder
from euexia.study.comparison import Design, agreement, compare
from euexia.study.costs import Costs
from euexia.study.parts import read_part

TRIALS = 4


@pytest.fixture(scope="module")
def designs(tmp_path_factory):
    """Give the shipped trial with twenty and with ten patients, both simulated."""
    folder = tmp_path_factory.mktemp("compare")
    found = []
    for place, size in (("a", 20), ("b", 10)):
        protocol = dataclasses.replace(load_protocol("lenalidomide"), size=size)
        replicate.run(protocol, trials=TRIALS, seed=7, workers=1, folder=folder / place)
        found.append(Design(protocol=protocol, folder=folder / place, label=f"{size} patients"))
    return found


def test_figures_are_paired_trial_by_trial(designs):
    found = {entry.name: entry for entry in compare(*designs, Costs(per_patient=100.0))}
    assert (found["patients"].first.value, found["patients"].second.value) == (20, 10)
    assert found["patients"].difference.value == -10
    assert found["patients"].difference.error == 0
    assert found["cost"].difference.value == -1000
    name = "effect.response_fixed"
    one, other = (
        read_part(next((design.folder / "parts").glob("000000*")))[0].analyses["response_fixed"].estimate
        for design in designs
    )
    difference = other - one
    assert found[name].difference.value == pytest.approx(np.nanmean(difference))
    known = difference[~np.isnan(difference)]
    assert found[name].difference.error == pytest.approx(known.std(ddof=1) / np.sqrt(known.size))


def test_a_design_against_itself_differs_in_nothing(designs):
    for entry in compare(designs[0], designs[0]):
        assert entry.difference.value == 0 or np.isnan(entry.difference.value)
        assert entry.name != "cost"
    assert list(differing_lines(designs[0], designs[0])) == []


def test_the_smaller_trial_has_patients_of_the_larger(designs):
    """The same candidates come to both: the first ten of the larger trial are those of the smaller."""
    from euexia.study.simulated import simulate

    large, small = (simulate(design.protocol, trials=1, seed=7).subjects["height"] for design in designs)
    np.testing.assert_array_equal(large[0, :10], small[0])


def test_the_page_says_which_design_is_better_in_what(designs, tmp_path):
    found = compare(*designs)
    said = list(sentences(*designs, found))
    told = next(sentence for sentence in said if "who runs and pays" in sentence)
    assert "10 patients is better in" in told
    assert "patients randomised (10.0)" in told
    page = write_comparison(tmp_path / "out", *designs, found, parameters_hash="0" * 64)
    text = page.read_text(encoding="utf-8")
    assert "Side by side" in text
    results = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert {entry["name"] for entry in results["figures"]} >= {"success", "patients", "duration"}
    assert (
        (tmp_path / "out" / "comparison.csv").read_text(encoding="utf-8").startswith("name,label,kind,first")
    )


def test_each_figure_is_told_for_whom_it_is_better(designs, tmp_path):
    found = compare(*designs, Costs(per_patient=100.0, per_visit=10.0))
    by_name = {entry.name: entry for entry in found}
    assert by_name["in_vain"].whom is not None
    visits = by_name["visits"].first.value
    assert by_name["cost"].first.value == 20 * 100 + 20 * visits * 10
    page = write_comparison(
        tmp_path / "out", *designs, found, parameters_hash="0" * 64, agreement=agreement(*designs)
    )
    text = page.read_text(encoding="utf-8")
    assert "Better for whom" in text
    assert "How often they succeed in the same trials" in text


def test_shares_of_trials_in_which_designs_agree_add_up(designs):
    found = agreement(*designs)
    parts = (found.both, found.first_alone, found.second_alone, found.neither)
    assert sum(part.value for part in parts) == pytest.approx(1.0)


def test_runs_that_do_not_share_their_chance_are_refused(designs, tmp_path):
    manifest = run_folder.load_manifest(designs[1].folder)
    for name, changed, said in (
        ("seed", {"seed": 8}, "seeds 7 and 8"),
        ("hashes", {"hashes": {**manifest.hashes, "parameters": "x"}}, "differ in their parameters"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        run_folder.write_manifest(folder, dataclasses.replace(manifest, **changed))
        with pytest.raises(InputError, match=said):
            compare(designs[0], dataclasses.replace(designs[1], folder=folder))


def test_the_command_explains_what_it_cannot_do(tmp_path):
    answer = CliRunner().invoke(app, ["compare", "lenalidomide", "lenalidomide", "--resume"])
    assert isinstance(answer.exception, InputError)
    assert "--out" in str(answer.exception)
