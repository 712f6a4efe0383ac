"""Masking, programmes, crossover, interim looks, allocation, named values: read, checked, said in words."""

from __future__ import annotations

import numpy as np
import pytest

from euexia import protocol
from euexia.core.errors import DataFileError
from euexia.core.logic import FALSE, TRUE, UNKNOWN
from euexia.criteria.measures import MEASURES, format_value
from euexia.protocol.condition import evaluate, in_words, once
from euexia.protocol.design import ExerciseType, Masking, Route, Spending
from euexia.protocol.dosing import GENERAL_REASONS, decide, reasons, start
from euexia.protocol.protocol import Action, Clause, DosingRule, RandomisationMethod, Treatment
from euexia.protocol.statement import Condition, Quantity

BASE = protocol.load("lenalidomide").source_text
INTERIMS = """
interims:
  futility_look:
    analysis: response_fixed
    information: 50 %
    futility: {spending: hwang_shih_decani, parameter: -2, error: 20 %}
    efficacy: {p_value: 0.001}
  second_look: {analysis: response_fixed, patients: 150, futility: {p_value: 0.4}, binding: true}
"""
CROSSOVERS = """
crossovers:
  extension: {arms: [control, fixed], to: fixed, day: 8 weeks, lasts: 4 weeks, uptake: 80 %}
  rescue: {arms: [control], to: crp_guided, day: 2 weeks, when: {measure: crp, above: 100 mg/L}}
"""
EXERCISE = (
    "treatments: [{drug: exercise, programme: {type: combined, sessions: 3 1/week, load: 60 %}, "
    "begins: 1 week, lasts: 4 weeks, adherence: 60 %, route: behavioural}, "
    "{drug: ponsegromab, loading: [400 mg, 300 mg], dose: 200 mg, every: 4 weeks, route: subcutaneous}]"
)
MINIMISED = """randomisation:
  method: minimisation
  strata:
    - {measure: liver_metastases, weight: 2}
    - {measure: body_weight, of: percent_loss, over: 6 months, cuts: [10 %]}
    - {measure: crp, cuts: [60 mg/L]}
  probability: 85 %
  imbalance: variance
"""


def with_minimisation(text):
    begin = text.index("randomisation:\n")
    return text[:begin] + MINIMISED + text[text.index("masking:") :]


def rich():
    """Return the text of a protocol that says everything."""
    text = BASE.replace("treatments: []\n", EXERCISE + "\n    duration: 6 weeks\n", 1)
    text = text.replace("day: 8 weeks            # [record]", "day: 8 weeks   #", 1)
    return with_minimisation(text) + INTERIMS + CROSSOVERS


def faults(text):
    with pytest.raises(DataFileError) as caught:
        protocol.loads(text, "wrong.yaml")
    return str(caught.value)


def test_everything_is_read():
    found = protocol.loads(rich(), "rich.yaml")
    assert found.masking is Masking.DOUBLE_BLIND
    plan = found.randomisation
    assert (plan.method, plan.block_size, plan.probability) == (RandomisationMethod.MINIMISATION, None, 0.85)
    assert [stratum.cuts for stratum in plan.strata] == [(), (0.1,), (60.0,)]
    assert plan.strata[1].of is Quantity.PERCENT_LOSS
    training, antibody = found.arms[2].treatments
    assert training.programme.type is ExerciseType.COMBINED
    assert training.programme.sessions == pytest.approx(3 / 7)
    assert (training.begins, training.lasts) == (7.0, 28.0)
    assert (antibody.loading, antibody.route) == ((400.0, 300.0), Route.SUBCUTANEOUS)
    assert found.arms[2].duration == 42.0
    extension, rescue = found.crossovers
    assert (extension.day, extension.lasts, extension.uptake) == (56.0, 28.0, 0.8)
    assert rescue.when.threshold == 100.0
    first, second = found.interims
    assert first.futility.spending is Spending.HWANG_SHIH_DECANI
    assert (second.patients, second.binding, second.executed) == (150, True, False)


def test_everything_is_said_in_words():
    text = " ".join(protocol.words(protocol.loads(rich(), "rich.yaml")).split())
    for words in (
        "Double-blind: neither patients nor those who treat and measure know the arm.",
        "Knowing the arm has no modelled effect",
        "minimisation (Pocock and Simon, variance) over liver metastases, weight 2",
        "fall of weight in 6 months (cut at 10 %)",
        "taken with probability 85 %",
        "Placebo: to Lenalidomide 25 mg on day 56 for 4 weeks; 80 % agree; Lenalidomide 25 mg goes on",
        "to Lenalidomide CRP-guided at the first dose check from day 14 at which CRP > 100 mg/L",
        "'response_fixed' at 50 % of the information: stop for efficacy at a p value at or below 0.001",
        "when 150 patients have reached the endpoint's day: stop for futility at a p value above 0.4",
        "Simulated trials do not carry out these looks",
    ):
        assert words in text, words
    arms = protocol.words(protocol.loads(rich(), "rich.yaml"))
    assert "combined training" in " ".join(arms.split())


def test_every_fault_of_a_design_is_said_at_once():
    text = rich()
    for old, new in (
        ("probability: 85 %", "probability: 20 %"),
        ("{measure: liver_metastases, weight: 2}", "{measure: liver_metastases, weight: -2}"),
        ("of: percent_loss, over: 6 months, cuts", "of: percent_loss, cuts"),
        ("begins: 1 week", "begins: -1 week"),
        ("load: 60 %", "load: 160 %"),
        ("loading: [400 mg, 300 mg]", "loading: [400 mg, -300 mg]"),
        ("duration: 6 weeks", "duration: 60 weeks"),
        ("arms: [control, fixed], to: fixed, day: 8 weeks", "arms: [contrl, fixed], to: fixd, day: 80 weeks"),
        ("uptake: 80 %", "uptake: 180 %"),
        ("when: {measure: crp, above", "when: {measure: bilirubin, above"),
        ("information: 50 %", "information: 150 %"),
        ("spending: hwang_shih_decani, parameter: -2", "spending: hwang_shih_decani"),
        ("binding: true", "binding: true, executed: true"),
        ("patients: 150, futility: {p_value: 0.4}", "patients: 1500, futility: {p_value: 4}"),
        ("analysis: response_fixed\n    information", "analysis: respons_fixed\n    information"),
    ):
        assert old in text, old
        text = text.replace(old, new, 1)
    said = faults(text.replace("above: 100 mg/L}}", "above: 100 umol/L}}"))
    for words in (
        "a probability of 20 % does not favour the balancing arm",
        "a weight of -2 counts for nothing",
        "Say over which time",
        "cannot begin 7 days before day 0",
        "a load of 160 % cannot be trained with",
        "a loading dose of -300 mg cannot be given",
        "treatment of 420 days does not fit",
        "there is no arm called 'contrl'. Did you mean 'control'?",
        "there is no arm called 'fixd'. Did you mean 'fixed'?",
        "a change on day 560",
        "180 % of patients cannot agree",
        "'bilirubin' is measured at no visit with 'dose_check: true'",
        "a look at 150 % of the information is not before the end",
        "a parameter belongs to kim_demets, hwang_shih_decani",
        "a look at 1500 patients is not before all 200 are in",
        "400 % is no probability to stop at",
        "Did you mean 'response_fixed'",
    ):
        assert words in said, words


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  block_size: 10", "  # block_size: 10", "permuted blocks need a size"),
        ("method: permuted_blocks", "method: simple", "'simple' has no blocks"),
        ("method: permuted_blocks", "method: minimisation", "minimisation balances nothing without factors"),
        ("strata: []", "strata: [{measure: crp}]", "nothing says where its strata end"),
        ("strata: []", "strata: [{measure: liver_metastases, cuts: [1]}]", "has no cuts: its values are"),
        ("strata: []", "strata: [{measure: liver_metastases, weight: 2}]", "only minimisation weighs"),
        (
            "strata: []",
            "strata: [{measure: crp, of: percent_loss, over: 1 month, cuts: [1 %]}]",
            "no history",
        ),
        ("masking: double_blind", "masking: blind", "is not a choice here"),
        ("- {drug: prokinetic,", "- {drug: prokinetic, dose: 5 mg,", "background care has no 'dose'"),
        ("treatments: []", "treatments: [{drug: nsaid}, {drug: nsaid}]", "'nsaid' stands twice"),
        ("{measure: age, above: 18 years}", "{measure: cancer_type, above: 1}", "has named values"),
        (
            "{measure: age, above: 18 years}",
            "{measure: cancer_type, one_of: [lungs]}",
            "Did you mean 'lung'?",
        ),
        ("{measure: age, above: 18 years}", "{measure: cancer_type, one_of: []}", "the list is empty"),
        (
            "{measure: age, above: 18 years}",
            "{measure: age, one_of: [old]}",
            "is a number, not one with named",
        ),
        (
            "resume_levels_down: 1 ",
            "at: [week_3]\n    resume_levels_down: 1 ",
            "no visit 'week_3' decides doses",
        ),
        ("        do: stop", "        confirm: 0\n        do: stop", "at 0 checks in a row"),
        (
            "dose: 25 mg, every",
            "dose: 25 mg, loading: [20 mg], every",
            "cannot follow a rule at the same time",
        ),
    ],
)
def test_a_fault_is_said_with_the_way_out(old, new, said):
    assert old in BASE
    text = faults(BASE.replace(old, new, 1))
    assert said in text


def test_patients_change_once_a_day():
    twice = """
crossovers:
  one: {arms: [control], to: fixed, day: 4 weeks}
  two: {arms: [control], to: crp_guided, day: 28 days}
"""
    assert "patients of 'control' change twice on day 28" in faults(BASE + twice)


def test_picograms_are_nanograms():
    """1500 pg/mL is 1.5 ng/mL."""
    (line,) = [line for line in protocol.load("ponsegromab").eligibility if line.id == "gdf15"]
    assert line.require.threshold == pytest.approx(1.5)
    assert in_words(line.require) == "GDF-15 ≥ 1.50 ng/mL"


def test_a_named_value_is_one_of_several_or_unknown():
    """Pancreas is 1 and stomach 3 in the list of cancers."""
    condition = Condition(measure="cancer_type", one_of=("lung", "pancreas"))
    truth = evaluate(condition, {"cancer_type": once(np.array([0.0, 1.0, 3.0, np.nan]))})
    assert truth.tolist() == [TRUE, TRUE, FALSE, UNKNOWN]
    assert in_words(condition) == "cancer: lung or pancreas"
    assert format_value(6.0, MEASURES["cancer_type"]) == "head and neck"


ALWAYS = Condition(
    measure="crp", comparison=protocol.load("ponsegromab").eligibility[1].require.comparison, threshold=1.0
)


def test_a_row_of_checks_is_broken_by_false_but_not_by_unknown():
    """TRUE, unknown, TRUE confirms at the third check; TRUE, FALSE, TRUE does not."""
    clause = Clause(id="down", do=Action.REDUCE, when=ALWAYS, confirm=2)
    rule = DosingRule(name="rule", levels=(5.0, 10.0), clauses=(clause,))
    state = start(rule, Treatment(drug="x", dose=10.0), 2)
    seen = []
    for day, values in enumerate(((5.0, 5.0), (np.nan, 0.5), (5.0, 5.0)), start=1):
        decision = decide(rule, state, {"crp": once(np.array(values))}, float(day))
        state = decision.state
        seen.append([reasons(rule)[code] for code in decision.reason])
    recheck = "rule.down.recheck"
    assert seen == [[recheck, recheck], ["keep", "keep"], ["rule.down", recheck]]
    assert state.dose(rule).tolist() == [5.0, 10.0]


def test_recheck_keeps_the_dose_and_stands_before_what_follows():
    look = Clause(id="look", do=Action.RECHECK, when=ALWAYS)
    stop = Clause(id="stop", do=Action.STOP, when=ALWAYS)
    rule = DosingRule(name="rule", levels=(10.0,), clauses=(look, stop))
    state = start(rule, Treatment(drug="x", dose=10.0), 1)
    decision = decide(rule, state, {"crp": once(np.array([5.0]))}, 1.0)
    assert decision.dose.tolist() == [10.0]
    assert decision.reason.tolist() == [len(GENERAL_REASONS)]


def test_a_protocol_that_says_nothing_new_keeps_its_fingerprint():
    """Keys that came later leave no trace at their defaults."""
    without = BASE.replace("masking: double_blind", "# masking: double_blind", 1)
    assert protocol.fingerprint(protocol.loads(without, "a.yaml")) != protocol.fingerprint(
        protocol.loads(BASE, "b.yaml")
    )
    stated = BASE.replace("masking: double_blind", "masking: not_stated", 1)
    assert protocol.fingerprint(protocol.loads(without, "a.yaml")) == protocol.fingerprint(
        protocol.loads(stated, "c.yaml")
    )
