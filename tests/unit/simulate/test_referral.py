"""The disease at screening in closed form: from few columns, and the same for any block of candidates."""

import numpy as np

from euexia import parameters as parameter_files
from euexia import population
from euexia.simulate.referral import DISEASE_COLUMNS, disease_before

PARAMETERS = parameter_files.load()
PEOPLE = population.sample(population.load("inflammatory_cachexia"), 4, 0, np.arange(300))


def test_the_disease_does_not_feel_the_other_columns():
    """Bitwise: from all columns, and from those that are named."""
    few = {name: PEOPLE[name] for name in DISEASE_COLUMNS}
    for day in (-35.0, -7.0, 0.0):
        whole = disease_before(PEOPLE.columns, day, PARAMETERS)
        for name, values in disease_before(few, day, PARAMETERS).items():
            np.testing.assert_array_equal(values, whole[name])


def test_near_day_0_the_disease_is_that_of_the_population():
    """The population's values are steady states of day 0; CRP lags a growing tumour by a day or two.

    The tumour grows 0.7 % a day (median; at most 4 %), and CRP is never below the healthy 2 mg/L.
    """
    found = disease_before(PEOPLE.columns, 0.0, PARAMETERS)
    ill = PEOPLE["crp"] > 5
    np.testing.assert_allclose(found["crp"][ill], PEOPLE["crp"][ill], rtol=0.15)
    assert (found["crp"][ill] < PEOPLE["crp"][ill]).all()
    assert (found["crp"] >= 2).all()
