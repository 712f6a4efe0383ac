"""The dose over time, of one drug and of several."""

from dataclasses import replace

import numpy as np

from builders.trials import make_trial, pairs
from euexia.study.series import DOSE, axis_of, characterise, dose_series, is_dose, reduce_data
from euexia.trialdata.trialdata import Dosing

ARM = np.array([0, 0, 1, 1])
ONE_HOT = np.equal.outer(ARM[np.newaxis], np.arange(2))


def dosing(drug, first, later):
    """Return what four patients were prescribed on day 0 and on day 28, mg per day, arm by arm."""
    dose = np.stack([np.repeat(first, 2), np.repeat(later, 2)], axis=-1).astype(float)[np.newaxis]
    return Dosing(
        drug=drug,
        planned=np.array([0.0, 28.0]),
        dose=dose,
        reason=np.zeros(dose.shape, dtype=np.int64),
        reasons=("start",),
    )


def blocks(*given):
    data = make_trial(ARM, readings={"body_weight": pairs(np.full((1, 4), 60.0), np.full((1, 4), 61.0))})
    return reduce_data(replace(data, dosing={part.drug: part for part in given}), ONE_HOT)


def means(found, name):
    return [[round(float(x), 6) for x in series.mean] for series in characterise(name, found[name])]


def test_one_drug_keeps_the_plain_name():
    found = blocks(dosing("lenalidomide", [25, 0], [10, 0]))
    assert [name for name in found if is_dose(name)] == [DOSE]
    assert means(found, DOSE) == [[25.0, 10.0], [0.0, 0.0]]


def test_several_drugs_have_a_series_each():
    found = blocks(dosing("lenalidomide", [25, 0], [10, 0]), dosing("anamorelin", [0, 100], [0, 50]))
    assert [name for name in found if is_dose(name)] == ["dose.lenalidomide", "dose.anamorelin"]
    assert means(found, "dose.lenalidomide") == [[25.0, 10.0], [0.0, 0.0]]
    assert means(found, "dose.anamorelin") == [[0.0, 0.0], [100.0, 50.0]]


def test_no_drug_has_no_series():
    assert not [name for name in blocks() if is_dose(name)]
    assert dose_series(()) == {}


def test_every_dose_lies_on_the_axis_of_doses():
    assert axis_of("dose.anamorelin") == axis_of(DOSE)
    assert not is_dose("body_weight.change")
