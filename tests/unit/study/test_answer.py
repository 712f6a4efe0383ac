"""The trial's question answered in words: yes, in part, no, and not by the drug."""

import dataclasses

import pytest

from euexia import load_protocol
from euexia.study import answer, replicate
from euexia.study.operating import Estimate


@pytest.fixture(scope="module")
def study():
    """Give two small simulated trials, whose response rates the tests replace."""
    protocol = dataclasses.replace(load_protocol("lenalidomide"), size=10)
    return replicate.run(protocol, trials=2, seed=3, workers=1)


def _first_sentence(study, rates):
    arms = tuple(
        dataclasses.replace(arm, responder_rate=Estimate(value=rates[arm.arm], error=0.01, trials=2))
        for arm in study.operating.as_modelled.arms
    )
    operating = dataclasses.replace(
        study.operating, as_modelled=dataclasses.replace(study.operating.as_modelled, arms=arms)
    )
    return answer.sentences(study.protocol, operating)[0]


@pytest.mark.parametrize(
    ("fixed", "guided", "control", "start"),
    [
        (0.30, 0.25, 0.05, "Yes: as modelled, every study arm"),
        (0.30, 0.10, 0.05, "In part: as modelled, only Lenalidomide 25 mg"),
        (0.10, 0.10, 0.05, "No: as modelled, no study arm"),
        (0.30, 0.30, 0.30, "Not by the drug alone: Lenalidomide 25 mg, Lenalidomide CRP-guided reaches"),
    ],
)
def test_the_verdict_follows_the_rates(study, fixed, guided, control, start):
    sentence = _first_sentence(study, {"fixed": fixed, "crp_guided": guided, "control": control})
    assert sentence.startswith(start)


def test_what_was_never_seen_has_a_bound():
    """None of 1000: 1 - 0.05^(1/1000) = 0.299 % is the exact one-sided 95 % bound (the rule of three)."""
    text = answer.trials_that_reject(Estimate(value=0.0, error=0.0, trials=1000))
    assert text == "none of 1000 trials (95 % upper bound 0.3 %)"
    always = answer.trials_that_reject(Estimate(value=1.0, error=0.0, trials=1000))
    assert always == "all of 1000 trials (95 % lower bound 99.7 %)"
    assert answer.trials_that_reject(Estimate(value=0.5, error=0.05, trials=100)).startswith("50.0 %")
