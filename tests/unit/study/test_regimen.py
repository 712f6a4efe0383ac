"""Treatments in words."""

import pytest

from euexia import drugs, parameters
from euexia.core.errors import InputError, UnitError, UnknownNameError
from euexia.study.regimen import parse, usual

PARAMETERS = parameters.load()


@pytest.mark.parametrize(
    ("text", "label", "steady"),
    [
        ("none", "no treatment", {}),
        ("Lenalidomide 25 mg daily", "lenalidomide 25 mg daily", {"lenalidomide": 25.0}),
        ("lenalidomide 25 mg every 2 days", "lenalidomide 25 mg every 2 days", {"lenalidomide": 12.5}),
        ("anamorelin 50 mg twice daily", "anamorelin 50 mg twice daily", {"anamorelin": 100.0}),
        ("nutrition counselling 60 %", "nutrition counselling 60 %", {"nutrition_counselling": 0.6}),
        ("exercise", "exercise programme 100 %", {"exercise": 1.0}),
    ],
)
def test_words_become_doses(text, label, steady):
    found = parse(text, PARAMETERS)
    assert (found.label, found.steady) == (label, steady)


def test_parts_are_joined():
    found = parse("ponsegromab 400 mg every 4 weeks + nutrition counselling 60 %", PARAMETERS)
    assert found.label == "ponsegromab 400 mg every 4 weeks + nutrition counselling 60 %"
    assert found.steady == {"nutrition_counselling": 0.6}
    assert [(part.drug.name, part.amount, part.every) for part in found.injections] == [
        ("ponsegromab", 400.0, 28.0)
    ]


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("lenalidomid 25 mg daily", UnknownNameError, "Did you mean 'lenalidomide'"),
        ("placebo 3 mg daily", UnknownNameError, "Known: .*prokinetic"),
        ("lenalidomide 25 kcal daily", UnitError, "'kcal' cannot be converted to 'mg'"),
        ("lenalidomide 25 mgg daily", UnitError, "not a unit"),
        ("lenalidomide daily", UnknownNameError, "Did you mean 'lenalidomide'"),
        ("lenalidomide", UnitError, "names no dose"),
        ("lenalidomide 25 mg", InputError, "does not say how often"),
        ("lenalidomide 25 mg sometimes", InputError, "is no rhythm"),
        ("lenalidomide 200 mg daily", InputError, "plausible range of lenalidomide: 0 to 50 mg a day"),
        ("ponsegromab 4000 mg every 4 weeks", InputError, "0 to 800 mg per injection"),
        ("lenalidomide -5 mg daily", InputError, "plausible range"),
        ("exercise 120 %", InputError, "0 to 100 %"),
        ("exercise 3 mg", UnitError, "is a percentage"),
        ("exercise 70 % daily", InputError, "has an uptake, no rhythm"),
        ("exercise + exercise", InputError, "more than once"),
        ("25 mg daily", InputError, "is not a treatment"),
    ],
)
def test_what_cannot_be_given_is_refused_by_name(text, error, said):
    with pytest.raises(error, match=said):
        parse(text, PARAMETERS)


@pytest.mark.parametrize("name", sorted(drugs.DRUGS))
def test_every_treatment_has_a_usual_form_that_can_be_written(name):
    """What is listed as usual can be asked for by its own label."""
    found = usual(name, PARAMETERS)
    again = parse(found.label, PARAMETERS)
    assert [(part.drug.name, part.every) for part in again.parts] == [(name, found.parts[0].every)]
    assert again.parts[0].amount == pytest.approx(found.parts[0].amount, rel=0.01)
