"""Instruments: pure, scattered as their file says, recorded to their resolution."""

import numpy as np
import pytest

from euexia.core.errors import UnknownNameError
from euexia.core.streams import Purpose, normal
from euexia.criteria.measures import MEASURES
from euexia.observe.measurement import Address, ErrorModel, instruments, occasion, read, read_all, record

COUNT = 20_000
ADDRESS = Address(seed=1, trial=np.zeros(COUNT, dtype=np.int64), candidate=np.arange(COUNT))
TYPICAL = {
    "body_weight": 64.7,
    "skeletal_muscle_area": 130.0,
    "fat_mass_ct": 15.0,
    "handgrip_strength": 28.0,
    "crp": 60.0,
    "gdf15": 2.5,
    "energy_intake": 1764.0,
    "resting_expenditure": 1566.0,
    "daily_steps": 4000.0,
    "faact_acs": 25.0,
    "tumour_size": 120.0,
    "neutrophils": 6.0,
    "platelets": 300.0,
    "creatinine": 78.0,
    "bilirubin": 9.0,
    "ast": 0.75,
    "alt": 0.65,
    "albumin": 34.0,
}


def test_every_measure_that_is_a_number_has_an_instrument():
    assert set(instruments()) == {name for name, measure in MEASURES.items() if not measure.is_coded}


def test_numbers_of_instruments_are_never_shared():
    numbers = [instrument.number for instrument in instruments().values()]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("measure", sorted(TYPICAL))
def test_readings_scatter_as_the_file_says(measure):
    """SD of 20,000 readings against the file, with the error of rounding (resolution squared over 12)."""
    instrument = instruments()[measure]
    truth = np.full(COUNT, TYPICAL[measure])
    readings = read(measure, truth, ADDRESS, 7)
    rounding = instrument.resolution**2 / 12
    if instrument.error is ErrorModel.NORMAL:
        assert np.mean(readings - truth) == pytest.approx(0, abs=5 * instrument.spread / np.sqrt(COUNT))
        assert np.std(readings - truth) == pytest.approx(
            np.hypot(instrument.spread, np.sqrt(rounding)), rel=0.03
        )
    else:
        coarse = np.sqrt(rounding) / TYPICAL[measure]
        assert np.std(np.log(readings / truth)) == pytest.approx(
            np.hypot(instrument.spread, coarse), rel=0.04
        )


def test_a_reading_is_the_same_whoever_asks():
    """Bitwise: among others or alone, and not the same on another day."""
    truth = np.linspace(40, 90, COUNT)
    together = read("body_weight", truth, ADDRESS, 14)
    one = Address(seed=1, trial=np.array([0]), candidate=np.array([77]))
    assert read("body_weight", truth[77:78], one, 14)[0] == together[77]
    assert read("body_weight", truth[77:78], one, 17)[0] != together[77]


def test_measures_of_one_visit_scatter_independently():
    """Correlation of 20,000 pairs: standard error 0.007."""
    weight = read("body_weight", np.full(COUNT, 60.0), ADDRESS, 0)
    grip = read("handgrip_strength", np.full(COUNT, 30.0), ADDRESS, 0)
    assert abs(np.corrcoef(weight, grip)[0, 1]) < 0.03


def test_readings_are_recorded_as_decimals():
    """64.3 is the double nearest to 64.3, not 643 times the double nearest to 0.1."""
    assert record(np.array([64.3111, 64.28]), 0.1).tolist() == [64.3, 64.3]
    assert record(np.array([27.8, 27.7]), 0.5).tolist() == [28.0, 27.5]


def test_an_instrument_has_ends_of_its_scale():
    points = read("faact_acs", np.full(COUNT, 47.0), ADDRESS, 0)
    assert points.max() == 48
    assert read("handgrip_strength", np.full(COUNT, 1.0), ADDRESS, 0).min() == 0


def test_lean_mass_comes_from_the_area_as_read():
    """Mourtzakis 2008: 0.30 x area + 6.06, of the very reading of the area."""
    truth = {"skeletal_muscle_area": np.full(COUNT, 130.0)}
    both = read_all(("lean_mass_ct", "skeletal_muscle_area"), truth, ADDRESS, 56)
    alone = read_all(("lean_mass_ct",), truth, ADDRESS, 56)
    assert both["lean_mass_ct"] == pytest.approx(0.30 * both["skeletal_muscle_area"] + 6.06)
    assert (alone["lean_mass_ct"] == both["lean_mass_ct"]).all()


def test_clearance_comes_from_creatinine_and_weight_as_read():
    """Cockcroft-Gault, published worked example: man 67 y, 64.7 kg, 1.2 mg/dL gives 54.67 mL/min."""
    one = Address(seed=1, trial=np.array([0]), candidate=np.array([0]))
    truth = {
        "creatinine": np.array([1.2 * 88.42]),
        "body_weight": np.array([64.7]),
        "age": np.array([67.9]),
        "male": np.array([1.0]),
    }
    found = read_all(("creatinine", "body_weight", "creatinine_clearance"), truth, one, 0)
    scale = found["body_weight"] / 64.7 * (1.2 * 88.42) / found["creatinine"]
    assert found["creatinine_clearance"] == pytest.approx(54.67 * scale, abs=0.01)


def test_a_missing_truth_stays_missing():
    one = Address(seed=1, trial=np.array([0]), candidate=np.array([0]))
    assert np.isnan(read("body_weight", np.array([np.nan]), one, 0)).all()


def test_days_have_addresses_of_their_own():
    days = np.arange(-400, 400, 0.5)
    assert np.unique(occasion(days)).size == days.size


def test_what_has_no_instrument_is_refused():
    with pytest.raises((UnknownNameError, KeyError)):
        read("true_muscle", np.zeros(1), ADDRESS, 0)


def test_a_draw_that_was_made_is_kept_and_is_that_of_the_stream():
    """Asked twice, or of some of the patients, a draw is the one that core.streams gives for the address."""
    whole = Address(seed=1, trial=np.zeros(COUNT, dtype=np.int64), candidate=np.arange(COUNT))
    members = np.array([5, 3, 8])
    place = (Purpose.MEASUREMENT, occasion(7.0), 3)
    fresh = normal(1, Purpose.MEASUREMENT, whole.trial, whole.candidate, occasion(7.0), 3)
    np.testing.assert_array_equal(whole.draw(normal, *place), fresh)
    assert whole.draw(normal, *place) is whole.draw(normal, *place)
    some = whole.take(members)
    np.testing.assert_array_equal(some.draw(normal, *place), fresh[members])
    np.testing.assert_array_equal(some.candidate, members)
    alone = Address(seed=1, trial=some.trial, candidate=some.candidate)
    np.testing.assert_array_equal(some.draw(normal, *place), alone.draw(normal, *place))


def test_a_draw_that_is_kept_cannot_be_changed():
    whole = Address(seed=1, trial=np.zeros(3, dtype=np.int64), candidate=np.arange(3))
    kept = whole.draw(normal, Purpose.MEASUREMENT, occasion(0.0), 1)
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 0.0
