"""Stopping rules: read strictly, looked at by the number of trials alone, and fair."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from euexia import load_protocol
from euexia.core.errors import InputError, UnknownNameError
from euexia.study import replicate, stopping
from euexia.study.decisions import Decisions
from euexia.study.run_folder import load_manifest
from euexia.study.stopping import Figure, Watch


@pytest.fixture(scope="module")
def protocol():
    """Give the shipped trial with ten patients."""
    return dataclasses.replace(load_protocol("lenalidomide"), size=10)


def test_a_rule_means_all_primary_analyses_unless_one_is_named(protocol):
    rule = stopping.parse("power se < 0.5 % and  type_I(response_fixed) se<0.2%", protocol)
    assert [(goal.figure, goal.names, goal.error) for goal in rule.goals] == [
        (Figure.POWER, ("response_fixed", "response_crp_guided"), 0.005),
        (Figure.TYPE_I, ("response_fixed",), 0.002),
    ]
    arms = stopping.parse("responders se < 1 %", protocol).goals[0].names
    assert arms == ("fixed", "crp_guided", "control")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("power < 0.5 %", "no stopping rule"),
        ("power se < 0.5", "no stopping rule"),
        ("power se > 0.5 %", "no stopping rule"),
        ("power se < 0.5 % or type I se < 1 %", "no stopping rule"),
        ("power = 80 %", "--until 'power se < 0.5 %'"),
        ("powr se < 0.5 %", "Did you mean 'power'"),
        ("power(response_fixd) se < 0.5 %", "Did you mean 'response_fixed'"),
        ("responders(placebo) se < 0.5 %", "There is no arm called 'placebo'"),
        ("power se < 0 %", "between 0.01 and 10 %"),
        ("power se < 40 %", "between 0.01 and 10 %"),
    ],
)
def test_what_is_no_rule_is_refused_with_the_way_out(protocol, text, said):
    with pytest.raises((InputError, UnknownNameError), match=said.replace("(", r"\(")):
        stopping.parse(text, protocol)


def test_responders_of_a_trial_without_response_are_refused():
    with pytest.raises(InputError, match="nobody responds"):
        stopping.parse("responders se < 1 %", load_protocol("ponsegromab"))


def test_looks_are_at_round_numbers_of_trials():
    """Every hundredth trial up to 10,000, then every thousandth."""
    looks = [100]
    while looks[-1] < 30_000:
        looks.append(stopping.next_check(looks[-1]))
    assert looks[:3] == [100, 200, 300]
    assert looks[98:102] == [9_900, 10_000, 11_000, 12_000]


@given(
    first=st.integers(0, 500),
    trials=st.integers(0, 900),
    per_block=st.integers(1, 300),
    per_part=st.integers(1, 700),
    checked=st.booleans(),
)
def test_blocks_follow_each_other_and_never_cross_a_part_or_a_look(
    first, trials, per_block, per_part, checked
):
    last, expected = first + trials, first
    for begin, size in stopping.spans(first, last, per_block=per_block, per_part=per_part, checked=checked):
        assert begin == expected
        assert 1 <= size <= per_block
        assert begin // per_part == (begin + size - 1) // per_part
        assert not checked or begin // 100 == (begin + size - 1) // 100
        expected = begin + size
    assert expected == last


def decided(protocol, rejects):
    """Give decisions of trials in which the primary analyses reject as told, and never without effect."""
    found = Decisions(protocol)
    found.trials = len(rejects)
    for analysis in protocol.analyses:
        found._rejections["as_modelled", analysis.name] = [rejects]
        found._rejections["without_effect", analysis.name] = [np.zeros_like(rejects)]
    return found


def test_a_rule_ends_where_the_error_is_small_enough(protocol):
    """sqrt(0.5 * 0.5 / n) < 0.02 from n = 626 on, so at the look at 700."""
    watch = Watch(stopping.parse("power se < 2 %", protocol), decided(protocol, np.arange(2_000) % 2 == 0))
    assert watch.is_met()
    assert watch.outcome(5_000).met_at == 700


def test_few_trials_that_agree_do_not_end_a_run(protocol):
    """None of 100 rejects: by the plain formula the error is 0; with two hits and misses more it is 1.4 %."""
    rule = stopping.parse("power se < 1 %", protocol)
    assert not Watch(rule, decided(protocol, np.zeros(100, dtype=bool))).is_met()
    assert Watch(rule, decided(protocol, np.zeros(200, dtype=bool))).is_met()


def test_stopping_on_the_error_leaves_the_power_all_but_unbiased(protocol):
    """1,500 runs with a power of 0.9, ended at an error of 2 %: their mean is 0.9 within a tenth of that.

    The mean of 1,500 runs has itself an error of 0.02 / sqrt(1,500) = 0.0005.
    """
    chance = np.random.default_rng(5)
    rule = stopping.parse("power(response_fixed) se < 2 %", protocol)
    ended = []
    for _ in range(1_500):
        rejects = chance.random(700) < 0.9
        watch = Watch(rule, decided(protocol, rejects))
        assert watch.is_met()
        ended.append(rejects[: watch.met_at].mean())
    assert abs(np.mean(ended) - 0.9) < 0.002


def test_a_run_ends_at_the_same_trial_however_it_is_cut_and_interrupted(protocol, tmp_path, monkeypatch):
    """Nobody responds, so 1.41 / trials < 0.01 decides: the rule is met at 200 trials, in no block's end."""
    named = {"trials": 1_000, "seed": 3, "workers": 1, "until": "power se < 1 %"}
    whole = replicate.run(protocol, folder=tmp_path / "whole", **named)
    assert (whole.stopping.met_at, whole.stopping.trials, whole.operating.trials) == (200, 200, 200)
    assert whole.operating.planned_trials == 200
    monkeypatch.setattr(replicate, "PATIENTS_PER_BLOCK", 370)
    replicate.run(protocol, folder=tmp_path / "cut", **named | {"trials": 50})
    cut = replicate.run(protocol, folder=tmp_path / "cut", resume=True, **named)
    assert cut.operating.trials == 200
    manifests = [load_manifest(tmp_path / name) for name in ("whole", "cut")]
    assert manifests[0].parts == manifests[1].parts
    assert [manifest.is_complete for manifest in manifests] == [True, True]


def test_trials_beyond_the_stopping_point_are_never_thrown_away(protocol, tmp_path):
    named = {"seed": 3, "workers": 1, "folder": tmp_path / "run"}
    replicate.run(protocol, trials=230, **named)
    study = replicate.run(protocol, trials=1_000, until="power se < 1 %", resume=True, **named)
    assert (study.stopping.met_at, study.operating.trials) == (200, 230)
