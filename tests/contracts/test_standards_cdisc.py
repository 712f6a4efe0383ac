"""Simulated trials to CDISC files and back: every analysis gives the very same figures.

Nothing is rounded on the way: study days are whole, and SAS transport holds a double of these sizes to the
last bit.  So every field of every result must be equal, bit for bit.
"""

import dataclasses
import json
from functools import cache
from importlib.resources import files

import jsonschema
import numpy as np
import pytest

from euexia import protocol
from euexia.analyse.run import run
from euexia.core.errors import TrialDataError
from euexia.endpoints.derive import derive
from euexia.formats import define_xml
from euexia.formats.read import read as read_datasets
from euexia.standards import conformance, export
from euexia.standards.export import FileFormat, Standard
from euexia.standards.read import read
from euexia.study import simulated
from euexia.trialdata.trialdata import first_trials

SHIPPED = ("lenalidomide", "ponsegromab", "menac")
FORMATS = (FileFormat.XPT, FileFormat.DATASET_JSON)
EVERY = tuple((standard, file_format) for standard in Standard for file_format in FORMATS)


@cache
def trials(name):
    """Return two small trials of a shipped protocol, and the protocol."""
    plan = dataclasses.replace(protocol.load(name), size=24)
    return plan, simulated.simulate(plan, trials=2, seed=5)


@cache
def analysed(name):
    plan, data = trials(name)
    return run(derive(data, plan), plan)


@pytest.fixture(scope="module")
def there_and_back(tmp_path_factory):
    """Return a function that writes both trials of a protocol and reads them back, once for each format."""

    @cache
    def both_ways(name, standard, file_format):
        plan, data = trials(name)
        folder = tmp_path_factory.mktemp("trip") / "out"
        export.write(folder, data, standard, file_format, protocol=plan)
        return read(folder, protocol=plan)

    return both_ways


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize(("standard", "file_format"), EVERY)
def test_every_result_is_the_same_after_a_round_trip(there_and_back, name, standard, file_format):
    """The round trip of the whole stack: figures, p values, estimates, decisions."""
    plan, _ = trials(name)
    data, understanding = there_and_back(name, standard, file_format)
    again = run(derive(data, plan), plan)
    assert len(again) == len(analysed(name)) > 0
    for before, after in zip(analysed(name), again, strict=True):
        for field in dataclasses.fields(before):
            np.testing.assert_equal(getattr(after, field.name), getattr(before, field.name))
    assert not understanding.conflicts


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize(("standard", "file_format"), EVERY)
def test_subjects_and_readings_are_the_same_after_a_round_trip(there_and_back, name, standard, file_format):
    """ADaM has no row for what was not measured: the day of a reading without a value is not kept there."""
    _, before = trials(name)
    after, _ = there_and_back(name, standard, file_format)
    assert after.arms == before.arms
    assert set(after.subjects) == set(before.subjects)
    for column, values in before.subjects.items():
        np.testing.assert_array_equal(after.subjects[column], values, err_msg=column)
    assert set(after.readings) == set(before.readings)
    for measure, part in before.readings.items():
        found = after.readings[measure]
        assert found.visits == part.visits, measure
        np.testing.assert_array_equal(found.planned, part.planned, err_msg=measure)
        np.testing.assert_array_equal(found.value, part.value, err_msg=measure)
        read_ = ~np.isnan(part.value)
        np.testing.assert_array_equal(found.day[read_], part.day[read_], err_msg=measure)
    assert after.events.trial.size == before.events.trial.size
    for field in ("trial", "subject", "day", "term", "grade", "serious"):
        wanted = getattr(before.events, field)[event_order(before.events)]
        np.testing.assert_array_equal(getattr(after.events, field)[event_order(after.events)], wanted)


def event_order(events):
    return np.lexsort((events.grade, events.term, events.day, events.subject, events.trial))


@pytest.mark.parametrize("file_format", FORMATS)
def test_doses_are_the_same_after_a_round_trip_by_sdtm(there_and_back, file_format):
    """Reasons that were never given are not in the files, so reasons are compared as words."""
    _, before = trials("lenalidomide")
    after, _ = there_and_back("lenalidomide", Standard.SDTM, file_format)
    for drug, part in before.dosing.items():
        found = after.dosing[drug]
        np.testing.assert_array_equal(found.planned, part.planned)
        np.testing.assert_array_equal(found.dose, part.dose)
        taken = ~np.isnan(part.dose)
        words = [np.array([*one.reasons, ""])[one.reason][taken] for one in (part, found)]
        np.testing.assert_array_equal(*words)


@pytest.mark.parametrize("standard", Standard)
def test_dataset_json_is_valid_by_the_official_schema(tmp_path, standard):
    """The schema is CDISC's own, of Dataset-JSON 1.1."""
    plan, data = trials("lenalidomide")
    export.write(tmp_path / "out", first_trials(data, 1), standard, FileFormat.DATASET_JSON, protocol=plan)
    source = files("euexia") / "data" / "schemas" / "dataset-json-1.1.schema.json"
    schema = json.loads(source.read_text("utf-8"))
    written = sorted((tmp_path / "out").glob("*.json"))
    assert len(written) > 8
    for file in written:
        jsonschema.validate(json.loads(file.read_text("utf-8")), schema)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("standard", Standard)
def test_what_is_written_conforms(name, standard):
    plan, data = trials(name)
    assert conformance.check(export.datasets(data, standard, protocol=plan)) == ()


@pytest.mark.parametrize("standard", Standard)
@pytest.mark.parametrize("file_format", [one for one in FileFormat if one is not FileFormat.CSV])
def test_the_definition_describes_the_datasets(tmp_path, standard, file_format):
    """CSV says nothing about types, so it is not compared."""
    plan, data = trials("ponsegromab")
    export.write(tmp_path / "out", first_trials(data, 1), standard, file_format, protocol=plan)
    told = define_xml.read(tmp_path / "out" / "define.xml")
    assert define_xml.check(told) == ()
    assert define_xml.mismatches(told, read_datasets(tmp_path / "out")) == ()
    origins = {item.variable.origin for dataset in told.datasets for item in dataset.items}
    assert origins <= {"Assigned", "Collected", "Derived", "Predecessor", "Protocol"}


@pytest.mark.parametrize("standard", Standard)
def test_transport_files_are_version_5(tmp_path, standard):
    """Names of at most 8 and labels of at most 40 characters, texts of at most 200 bytes."""
    plan, data = trials("lenalidomide")
    export.write(tmp_path / "out", first_trials(data, 1), standard, FileFormat.XPT, protocol=plan)
    for file in sorted((tmp_path / "out").glob("*.xpt")):
        assert b"LIBRARY HEADER" in file.read_bytes()[:80]
        assert b"LIBV8" not in file.read_bytes()[:80]


def test_without_the_protocol_it_is_a_trial_of_its_own_arms_and_visits(tmp_path):
    plan, data = trials("ponsegromab")
    export.write(tmp_path / "out", data, Standard.SDTM, FileFormat.XPT, protocol=plan)
    found, _ = read(tmp_path / "out")
    assert found.arms == data.arms
    assert found.readings["body_weight"].visits == data.readings["body_weight"].visits
    np.testing.assert_array_equal(found.readings["body_weight"].value, data.readings["body_weight"].value)
    results = run(derive(found, plan), plan)
    np.testing.assert_equal(results[0].estimate, analysed("ponsegromab")[0].estimate)


def test_sdtm_and_adam_in_one_folder_are_one_trial(tmp_path):
    """Collected readings are taken from SDTM, in whichever format each file is."""
    plan, data = trials("menac")
    one = first_trials(data, 1)
    export.write(tmp_path / "sdtm", one, Standard.SDTM, FileFormat.XPT, protocol=plan)
    export.write(tmp_path / "adam", one, Standard.ADAM, FileFormat.DATASET_JSON, protocol=plan)
    (tmp_path / "both").mkdir()
    for file in ("sdtm/dm.xpt", "sdtm/ds.xpt", "sdtm/vs.xpt", "adam/adsl.json", "adam/admk.json"):
        source = tmp_path / file
        (tmp_path / "both" / source.name).write_bytes(source.read_bytes())
    found, understanding = read(tmp_path / "both", protocol=plan)
    assert understanding.standard == "SDTM and ADaM"
    for measure in ("body_weight", "lean_mass_ct", "handgrip_strength"):
        np.testing.assert_array_equal(found.readings[measure].value, one.readings[measure].value)
    assert np.isnan(found.readings["six_minute_walk"].value).all()


def test_trials_of_a_stack_that_differ_are_refused_and_remarks_say_their_trial(tmp_path):
    plan, data = trials("menac")
    export.write(tmp_path / "both", data, Standard.SDTM, FileFormat.XPT, protocol=plan)
    _, understanding = read(tmp_path / "both", protocol=plan)
    assert {remark.place.split(",")[0] for remark in understanding.remarks} == {"trial 1", "trial 2"}
    assert len(understanding.subjects) == len(understanding.day_zero) == 2
    smaller = dataclasses.replace(plan, size=12)
    other = simulated.simulate(smaller, trials=1, seed=5)
    export.write(tmp_path / "other", other, Standard.SDTM, FileFormat.XPT, protocol=smaller)
    (tmp_path / "other").rename(tmp_path / "both" / "trial_0003")
    with pytest.raises(TrialDataError, match="trial 3 has 12 subjects"):
        read(tmp_path / "both", protocol=plan)
