"""What a trial rests on besides the model: each entry in words, and the hashes of the files that say so."""

import dataclasses

import pytest

from euexia import parameters as parameter_files
from euexia import population
from euexia import protocol as protocols
from euexia.observe import adverse_events, measurement
from euexia.population.distribution import Distribution
from euexia.study import provenance, stated

PROTOCOL = protocols.load("lenalidomide")
ENTRIES = {(entry.area, entry.name): entry for entry in stated.entries(PROTOCOL)}


def test_every_column_instrument_and_event_is_stated():
    columns = population.load(PROTOCOL.population).columns
    rules = adverse_events.rules()
    assert {name for area, name in ENTRIES if area == stated.POPULATION} == set(columns)
    assert {name for area, name in ENTRIES if area == stated.INSTRUMENT} == set(measurement.instruments())
    terms = {name for area, name in ENTRIES if area == stated.ADVERSE_EVENT}
    assert terms == {*rules.counts, *rules.hazards}


def test_every_entry_says_something_and_where_from():
    for entry in ENTRIES.values():
        assert entry.value
        assert entry.meaning
        assert entry.source.where


@pytest.mark.parametrize(
    ("area", "name", "words"),
    [
        (stated.POPULATION, "male", "probability 0.72"),
        (stated.POPULATION, "height", "normal: mean 173 (women 161) cm, SD 7 (women 6.5) cm, "),
        (stated.POPULATION, "tumour_kill", "log-normal: median 0.02 1/day, coefficient of variation 0.8"),
        (stated.POPULATION, "chemotherapy", "0"),
        (stated.POPULATION, "ecog", "0: 5 %, 1: 38 %"),
        (stated.POPULATION, "weight", "computed from other columns"),
        (stated.INSTRUMENT, "body_weight", "error with SD 0.6 kg, recorded to 0.1 kg"),
        (stated.INSTRUMENT, "crp", "relative error, SD of the logarithm 0.45, recorded to 0.1 mg/L"),
        (stated.INSTRUMENT, "lean_mass_ct", "computed from other readings"),
        (stated.INSTRUMENT, "age", "read exactly"),
        (stated.ADVERSE_EVENT, "neutropenia", "grade 1 below 2 10⁹/L"),
        (stated.ADVERSE_EVENT, "serious_adverse_event", "grade 3: 75 %, grade 4: 25 %"),
    ],
)
def test_an_entry_reads_as_its_file_says(area, name, words):
    """The numbers are those of the data files."""
    assert ENTRIES[area, name].value.startswith(words)


def test_the_words_cover_every_distribution():
    kinds = {column.distribution for column in population.load(PROTOCOL.population).columns.values()}
    assert kinds == set(Distribution)


def test_a_population_of_ones_own_is_left_out():
    own = dataclasses.replace(PROTOCOL, population="my_patients")
    assert {entry.area for entry in stated.entries(own)} == {stated.INSTRUMENT, stated.ADVERSE_EVENT}
    assert "population" not in provenance.hashes(own, parameter_files.load())


def test_hashes_name_everything_a_trial_is_made_from():
    """SHA-256 in hexadecimal, all different."""
    found = provenance.hashes(PROTOCOL, parameter_files.load())
    assert set(found) == {"protocol", "parameters", "population", "instruments", "adverse_events"}
    assert len(set(found.values())) == len(found)
    assert all(len(value) == 64 and set(value) <= set("0123456789abcdef") for value in found.values())
    assert found["population"] == population.fingerprint(PROTOCOL.population)


def test_populations_are_listed_by_name():
    assert PROTOCOL.population in population.names()
