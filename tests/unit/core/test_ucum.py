"""Units as UCUM writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from euexia.core import ucum
from euexia.core.errors import UnitError
from euexia.core.quantities import factor
from euexia.criteria import written_units

WEIGHTS = {"kg": 1.0, "g": 1e-3, "[lb_av]": 0.45359237, "[oz_av]": 0.028349523125, "mg": 1e-6}
"""Kilograms in each unit: the international avoirdupois pound is 0.45359237 kg by definition."""


@pytest.mark.parametrize(("code", "kilograms"), WEIGHTS.items())
def test_weights(code, kilograms):
    assert factor(ucum.spelled(code), "mass") == pytest.approx(kilograms, rel=1e-12)


@pytest.mark.parametrize(
    ("code", "kind", "size"),
    [
        ("mg/dL", "concentration", 10.0),
        ("g/dL", "albumin", 10.0),
        ("10*9/L", "cell_count", 1.0),
        ("10*3/uL", "cell_count", 1.0),
        ("/uL", "cell_count", 1e-3),
        ("{cells}/uL", "cell_count", 1e-3),
        ("kg/m2", "body_mass_index", 1.0),
        ("[in_i]", "height", 2.54),
        ("{steps}/d", "steps", 1.0),
        ("kcal/d", "energy_rate", 1.0),
        ("µmol/L", "creatinine", 1.0),
        ("{score}", "points", 1.0),
        ("a", "years", 1.0),
        ("wk", "duration", 7.0),
    ],
)
def test_units_of_laboratories(code, kind, size):
    assert factor(ucum.spelled(code), kind) == pytest.approx(size, rel=1e-12)


@pytest.mark.parametrize("code", ["furlong", "mg/", "kg m", "mm[Hg", "kg..m"])
def test_what_is_no_unit_is_refused(code):
    with pytest.raises(UnitError):
        factor(ucum.spelled(code), "mass")


@given(st.floats(30, 200), st.sampled_from(sorted(WEIGHTS)), st.sampled_from(sorted(WEIGHTS)))
def test_a_weight_is_the_same_in_every_unit(kilograms, one, other):
    """A weight written in any two units is read as the same number of kilograms."""
    read = [
        kilograms / WEIGHTS[unit] * written_units.factor(unit, "body_weight", "mass") for unit in (one, other)
    ]
    assert read[0] == pytest.approx(read[1], rel=1e-12)


def test_the_molar_factor_is_of_its_measure():
    """1 mg/dL of creatinine is 88.42 umol/L, of bilirubin 17.1: conventional factors."""
    assert written_units.factor("mg/dL", "creatinine", "creatinine") == pytest.approx(88.42)
    assert written_units.factor("mg/dL", "bilirubin", "bilirubin") == pytest.approx(17.1)
