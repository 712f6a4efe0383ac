"""Written quantities become canonical numbers, or a message with the way out."""

import pytest

from euexia.core import quantities
from euexia.core.errors import UnitError


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("25 mg", "oral_dose", 25.0),
        ("0.025 g", "oral_dose", 25.0),
        ("5 %", "fraction", 0.05),
        ("1.5 10^9/L", "cell_count", 1.5),
        ("8 weeks", "duration", 56.0),
        ("2.0 mg/dL", "concentration", 20.0),
        ("7.6 MJ/kg", "energy_density", 1816.4435946462713),
        ("50 mL/min", "renal_clearance", 50.0),
        ("0", "points", 0.0),
    ],
)
def test_conversion(text, kind, expected):
    """7.6 MJ/kg is 1816.44 kcal/kg with the thermochemical calorie, 4.184 J; the others are definitions."""
    assert quantities.parse(text, kind) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("text", ["25", "abc", "25 mL", "5 foo/(", "5 **", "5 mg;", "", "mg 5", "5 'a'"])
def test_what_is_no_dose_is_refused(text):
    with pytest.raises(UnitError, match=r"mg|unit"):
        quantities.parse(text, "oral_dose")


def test_every_kind_has_a_unit_pint_knows():
    for kind in quantities.CANONICAL:
        assert quantities.derived_factor(quantities.canonical_unit(kind), kind) == 1.0


@pytest.mark.parametrize(("unit", "kind"), quantities.KNOWN)
def test_known_factors_are_those_of_the_library_of_units(unit, kind):
    """To the last bit: they stand in for the library, which takes long to load."""
    assert quantities.KNOWN[unit, kind] == quantities.derived_factor(unit, kind)
