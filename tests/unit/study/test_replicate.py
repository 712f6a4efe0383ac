"""The main job: many trials, the same bits however they are cut and whoever computes them."""

import dataclasses

import numpy as np
import pytest

from euexia import load_parameters, load_protocol
from euexia.core.errors import InputError
from euexia.study import executor, provenance, replicate, simulated
from euexia.study.parts import read_part


@pytest.fixture(scope="module")
def protocol():
    """Give the shipped trial with ten patients."""
    return dataclasses.replace(load_protocol("lenalidomide"), size=10)


@pytest.fixture(scope="module")
def whole(protocol):
    """Give six trials, simulated in one block by this process."""
    return replicate.run(protocol, trials=6, seed=11, workers=1)


def _same(first, second):
    """Assert that two values are equal to the last bit, NaN included."""
    if dataclasses.is_dataclass(first):
        for entry in dataclasses.fields(first):
            _same(getattr(first, entry.name), getattr(second, entry.name))
    elif isinstance(first, dict):
        assert first.keys() == second.keys()
        for key in first:
            _same(first[key], second[key])
    elif isinstance(first, tuple):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            _same(one, other)
    elif isinstance(first, np.ndarray):
        np.testing.assert_array_equal(first, second)
    else:
        assert first == second or (first != first and second != second)


def test_blocks_leave_no_trace(protocol, whole, monkeypatch):
    monkeypatch.setattr(replicate, "PATIENTS_PER_BLOCK", 20)
    cut = replicate.run(protocol, trials=6, seed=11, workers=1)
    _same(cut.operating, whole.operating)
    _same(cut.example, whole.example)


@pytest.mark.slow
def test_workers_leave_no_trace(protocol, whole, monkeypatch):
    """Two worker processes finish blocks in any order; the summary must not show it."""
    monkeypatch.setattr(replicate, "PATIENTS_PER_BLOCK", 20)
    _same(replicate.run(protocol, trials=6, seed=11, workers=2).operating, whole.operating)


def test_another_seed_gives_other_trials(protocol, whole):
    other = replicate.run(protocol, trials=6, seed=12, workers=1)
    with pytest.raises(AssertionError):
        _same(other.operating.as_modelled, whole.operating.as_modelled)


def test_more_trials_change_none_of_the_first(protocol, tmp_path):
    for name, trials in (("few", 2), ("many", 6)):
        replicate.run(protocol, trials=trials, seed=11, workers=1, folder=tmp_path / name)
    parts = (next((tmp_path / name / "parts").iterdir()) for name in ("few", "many"))
    few, many = (read_part(part)[0].analyses for part in parts)
    for name, part in few.items():
        np.testing.assert_array_equal(part.estimate, many[name].estimate[:2])


def test_an_interrupt_keeps_what_is_done(protocol, monkeypatch):
    """Ctrl-C after the first block: two of six trials are summarised, and the answer says so."""
    monkeypatch.setattr(replicate, "PATIENTS_PER_BLOCK", 20)

    def interrupted(work, tasks, workers):
        yield work(tasks[0])
        raise KeyboardInterrupt

    monkeypatch.setattr(executor, "completed", interrupted)
    study = replicate.run(protocol, trials=6, seed=11, workers=1)
    assert (study.operating.trials, study.operating.planned_trials) == (2, 6)
    assert study.operating.answer[-1] == "The run was stopped after 2 of 6 trials."


def test_an_interrupt_before_anything_is_done_goes_on_to_the_caller(protocol, monkeypatch):
    def interrupted(work, tasks, workers):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(executor, "completed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replicate.run(protocol, trials=6, seed=11, workers=1)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"trials": 0}, "number of trials is 0"),
        ({"trials": -5}, "number of trials is -5"),
        ({"seed": -1}, "seed is -1"),
        ({"workers": 0}, "number of workers is 0"),
        ({"keep": 0}, "number of trials to keep whole is 0"),
    ],
)
def test_what_makes_no_sense_is_refused(protocol, changed, said):
    with pytest.raises(InputError, match=said):
        replicate.run(protocol, **({"trials": 1} | changed))


def test_without_effect_no_arm_differs_from_what_it_would_be_untreated(whole):
    """The patients and their chance are the same in both scenarios; only the drug's effect is gone."""
    modelled, null = whole.operating.as_modelled, whole.operating.without_effect
    control = [
        arm.responder_rate for scenario in (modelled, null) for arm in scenario.arms if arm.arm == "control"
    ]
    assert control[0] == control[1]


def test_the_run_says_how_to_make_it_again(whole):
    assert whole.provenance.command == "euexia run lenalidomide --trials 6 --seed 11 --size 10"
    assert 'dataclasses.replace(euexia.load_protocol("lenalidomide"), size=10)' in whole.provenance.python
    assert {"protocol", "parameters"} <= set(whole.provenance.hashes)
    assert "euexia" in whole.provenance.versions


def test_another_size_is_another_protocol(protocol):
    """The hash speaks of what was run, not of the file it came from."""
    full = load_protocol("lenalidomide")
    parameters = load_parameters()
    assert provenance.hashes(protocol, parameters) != provenance.hashes(full, parameters)
    assert "--size" not in provenance.command_line(full, trials=1, seed=1, overlays=())


def test_the_example_is_the_trial_simulated_alone(protocol, whole):
    """It is cut from the first block; the trial simulated by itself has the same bits."""
    _same(whole.example, simulated.simulate(protocol, trials=1, seed=11))
    more = replicate.run(protocol, trials=2, seed=11, workers=1, keep=3)
    assert more.example.trials == 3
