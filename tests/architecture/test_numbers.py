"""Every number of the model has one home, where its meaning, unit, status and source stand beside it.

tests/units/test_no_literals.py holds that none hides in the code.
"""

import pytest

from euexia import parameters
from euexia.core.quantities import CANONICAL
from euexia.parameters.references import load_references

ASSUMPTION = "assumption"
PARAMETERS = parameters.load()


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_every_parameter_is_sourced(name):
    """Meaning, kind, status and source are there; only an assumption may do without a citation."""
    parameter = PARAMETERS[name]
    assert parameter.meaning
    assert parameter.kind in CANONICAL
    assert parameter.status in parameters.Status
    assert parameter.source.key
    assert parameter.source.where
    if parameter.source.key == ASSUMPTION:
        assert parameter.status in (parameters.Status.ASSUMED, parameters.Status.CALIBRATED)


def test_every_citation_is_known_and_used():
    used = {entry.source.key for entry in PARAMETERS.values()} - {ASSUMPTION}
    assert used - set(load_references()) == set()
