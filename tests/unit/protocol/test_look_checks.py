"""Interim looks that are carried out: every impossible one refused with its place and a way out."""

import pytest

from euexia import protocol
from euexia.core.errors import DataFileError, InputError
from euexia.protocol.design import FinalTest, ResizeRule, Shape
from euexia.study import feasibility

WEIGHT = protocol.load("thalidomide_pancreatic").source_text
RATES = protocol.load("lenalidomide").source_text
DOSES = protocol.load("ponsegromab").source_text


def with_looks(text, *looks):
    """Return a protocol with looks, each carried out."""
    lines = "\n".join(f"  look_{place}: {{executed: true, {look}}}" for place, look in enumerate(looks))
    return f"{text}\ninterims:\n{lines}\n"


def faults(text):
    with pytest.raises(DataFileError) as caught:
        protocol.loads(text, "wrong.yaml")
    return str(caught.value)


WEEK_4 = "analysis: weight_week_4"
GAIN = "efficacy: {spending: obrien_fleming}"
DOSES_DROPPED = "drop: {analyses: [weight_100, weight_200], keep: 1}"


@pytest.mark.parametrize(
    "look",
    [
        f"{WEEK_4}, information: 50 %, {GAIN}",
        f"{WEEK_4}, information: 50 %, efficacy: {{spending: hwang_shih_decani, parameter: -4, error: 5 %}}",
        f"{WEEK_4}, patients: 25, efficacy: {{shape: wang_tsiatis, parameter: 0.25}}, pause: true",
        f"{WEEK_4}, patients: 25, futility: {{conditional_power: 20 %}}, delay: 2 weeks",
        f"{WEEK_4}, information: 50 %, futility: {{spending: pocock, error: 20 %}}, binding: true",
        f"{WEEK_4}, information: 50 %, resize: {{by: promising_zone, maximum: 100, promising_from: 30 %}}",
        f"{WEEK_4}, information: 50 %, resize: {{by: blinded_variance, maximum: 100, assumed: 3.5}}",
        "analysis: survival, information: 50 %, number_of_events: 15, efficacy: {p_value: 0.001}",
    ],
)
def test_looks_that_can_be_carried_out_are_read_and_said(look):
    found = protocol.loads(with_looks(WEIGHT, look), "fine.yaml")
    feasibility.check(found)
    assert feasibility.notices(found) == ()
    words = " ".join(protocol.words(found).split())
    assert "Simulated trials carry out these looks" in words


def test_every_kind_of_decision_is_read():
    look = (
        f"{WEEK_4}, information: 50 %, efficacy: {{shape: pocock}}, delay: 14 days, co_primary: [handgrip], "
        "resize: {by: promising_zone, maximum: 80, test: conventional, power: 80 %}"
    )
    (found,) = protocol.loads(with_looks(WEIGHT, look), "fine.yaml").interims
    assert (found.efficacy.shape, found.delay, found.co_primary) == (Shape.POCOCK, 14.0, ("handgrip",))
    assert (found.resize.by, found.resize.test) == (ResizeRule.PROMISING_ZONE, FinalTest.CONVENTIONAL)
    (dropping,) = protocol.loads(
        with_looks(DOSES, f"analysis: weight_400, patients: 90, {DOSES_DROPPED}"), "fine.yaml"
    ).interims
    assert (dropping.drop.keep, dropping.drop.refill) == (1, True)


@pytest.mark.parametrize(
    ("text", "looks", "said"),
    [
        (
            WEIGHT,
            [f"{WEEK_4}, information: 60 %, {GAIN}", f"{WEEK_4}, patients: 20, {GAIN}"],
            "interims.look_1: this look does not come after 'look_0'",
        ),
        (WEIGHT, [f"{WEEK_4}, information: 120 %, {GAIN}"], "120 % of the information is not before the end"),
        (WEIGHT, [f"{WEEK_4}, patients: 3, {GAIN}"], "there is no endpoint to look at yet"),
        (WEIGHT, [f"{WEEK_4}, patients: 20"], "nothing is decided at this look"),
        (
            WEIGHT,
            [f"{WEEK_4}, patients: 20, efficacy: {{p_value: 0.4}}, futility: {{p_value: 0.3}}"],
            "the boundaries cross",
        ),
        (
            WEIGHT,
            [f"{WEEK_4}, patients: 20, efficacy: {{spending: pocock, error: 2.5 %}}"],
            "is not the level of 'weight_week_4' (5 %)",
        ),
        (WEIGHT, [f"{WEEK_4}, patients: 20, futility: {{spending: pocock}}"], "error that is not given"),
        (WEIGHT, [f"{WEEK_4}, patients: 20, futility: {{shape: pocock}}"], "'shape' is no boundary of"),
        (
            WEIGHT,
            [f"{WEEK_4}, patients: 20, futility: {{responders: 2}}"],
            "is no response rate against a fixed one",
        ),
        (
            WEIGHT,
            [
                f"{WEEK_4}, patients: 20, {GAIN}",
                f"{WEEK_4}, patients: 30, efficacy: {{spending: pocock}}",
            ],
            "spends its error in another way than at 'look_0'",
        ),
        (
            WEIGHT,
            [f"{WEEK_4}, patients: 20, {GAIN}", f"analysis: handgrip, patients: 30, {GAIN}"],
            "stopped by another analysis than at 'look_0'",
        ),
        (
            WEIGHT,
            [f"{WEEK_4}, patients: 20, resize: {{by: promising_zone, maximum: 50}}"],
            "leave nothing to add to the 50",
        ),
        (
            WEIGHT,
            [
                f"{WEEK_4}, patients: 20, resize: {{by: promising_zone, maximum: 90}}",
                f"{WEEK_4}, patients: 30, {GAIN}",
            ],
            "estimated again at the last look only",
        ),
        (
            WEIGHT,
            [
                f"{WEEK_4}, patients: 20, "
                "resize: {by: promising_zone, maximum: 90, promising_from: 30 %, test: conventional}"
            ],
            "keeps its level only where the conditional power is 50 % or more",
        ),
        (
            WEIGHT,
            [f"{WEEK_4}, patients: 20, resize: {{by: blinded_variance, maximum: 90}}"],
            "compares with what the planned size assumed",
        ),
        (
            WEIGHT,
            [f"{WEEK_4}, patients: 20, resize: {{by: blinded_rate, maximum: 90, assumed: 0.2}}"],
            "the endpoint has no response rate",
        ),
        (
            WEIGHT,
            [f"analysis: survival, patients: 20, {GAIN}"],
            "the information of a time to event is its events",
        ),
        (WEIGHT, [f"{WEEK_4}, patients: 20, number_of_events: 9, {GAIN}"], "does not wait for events"),
        (WEIGHT, [f"{WEEK_4}, patients: 20, delay: -3 days, {GAIN}"], "cannot come before the data are cut"),
        (WEIGHT, [f"{WEEK_4}, patients: 20, co_primary: [grip], {GAIN}"], "no analysis called 'grip'"),
        (
            RATES,
            [
                "analysis: response_fixed, patients: 100, "
                "drop: {analyses: [response_fixed, response_fixed_against_control], keep: 1}"
            ],
            "two of them are of one arm",
        ),
        (
            RATES,
            ["analysis: response_fixed, patients: 100, drop: {analyses: [response_fixed]}"],
            "nothing says which arms leave",
        ),
        (
            RATES,
            [
                "analysis: response_fixed, patients: 100, "
                + "drop: {analyses: [energy_intake_fixed], responders: 1}"
            ],
            "only a response rate against a fixed one",
        ),
        (
            DOSES,
            [f"analysis: weight_400, patients: 90, {DOSES_DROPPED.replace('keep: 1', 'keep: 2')}"],
            "of 2 arms 2 cannot be the best that go on",
        ),
        (
            DOSES,
            ["analysis: weight_400, patients: 90, drop: {analyses: [weight_100, weight_400], keep: 1}"],
            "'extension' changes patients to the treatment of an arm that may leave",
        ),
        (
            DOSES.replace("method: permuted_blocks", "method: minimisation").replace(
                "block_size: 8", "# none"
            ),
            [f"analysis: weight_400, patients: 90, {DOSES_DROPPED}"],
            "arms cannot leave a trial that is allotted by minimisation",
        ),
        (
            f"{DOSES}\nmultiplicity: {{procedure: dunnett, analyses: [weight_100, weight_200]}}\n",
            [f"analysis: weight_400, patients: 90, {DOSES_DROPPED}"],
            "Dunnett's test needs every arm to the end",
        ),
        (
            DOSES,
            [
                f"analysis: weight_100, patients: 60, {GAIN}",
                f"analysis: weight_400, patients: 90, {DOSES_DROPPED}",
            ],
            "stopped by what is found in 'dose_100', which may leave",
        ),
    ],
)
def test_a_look_that_cannot_be_carried_out_is_refused(text, looks, said):
    assert said in " ".join(faults(with_looks(text, *looks)).split())


def test_the_control_never_leaves():
    text = DOSES.replace(
        "  weight_400_mixed_model:",
        "  backwards: {endpoint: weight, method: ancova, arm: placebo, control: dose_400, status: assumed}\n"
        "  weight_400_mixed_model:",
    )
    look = "analysis: weight_400, patients: 90, drop: {analyses: [weight_100, backwards], keep: 1}"
    assert "'placebo' is a control: without it nothing can be compared" in faults(with_looks(text, look))


def test_boundaries_that_cross_by_what_they_spend_are_refused_before_a_run():
    look = (
        f"{WEEK_4}, information: 50 %, efficacy: {{spending: pocock}}, futility: {{p_value: 0.01}}, "
        "binding: true"
    )
    found = protocol.loads(with_looks(WEIGHT, look), "crossing.yaml")
    with pytest.raises(InputError, match=r"boundaries cross at look 1.*Give a weaker futility boundary"):
        feasibility.check(found)


def test_a_look_that_is_only_declared_may_stand_beside_others():
    text = with_looks(WEIGHT, f"{WEEK_4}, patients: 20, {GAIN}")
    text += f"  later: {{{WEEK_4}, patients: 30, {GAIN}}}\n"
    found = protocol.loads(text, "mixed.yaml")
    (said,) = feasibility.notices(found)
    assert "'later'" in said
    assert "the others will" in said
    assert "Declared only." in protocol.words(found)
