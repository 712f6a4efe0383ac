"""Public REDCap projects and FHIR files, read.

They are not part of the project, for their invented people look real: EUEXIA_PUBLIC_DATA names a folder that
holds ``redcap_samples`` (two test projects of REDCapR, MIT licence) and ``fhir_samples`` (Synthea patients in
the tests of fhiry, MIT licence), else these tests are skipped.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from euexia.core.errors import DataFileError
from euexia.formats import fhir, redcap
from euexia.standards.read import read

FOLDER = os.environ.get("EUEXIA_PUBLIC_DATA", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="EUEXIA_PUBLIC_DATA names no folder of public exports")


def public(name):
    path = Path(FOLDER) / name
    if not path.exists():
        pytest.skip(f"{name} is not in EUEXIA_PUBLIC_DATA")
    return path


def counts(export):
    return {name: one.dataset.records for name, one in export.instruments.items()}


@pytest.mark.parametrize("dictionary", ["dictionary.csv", "metadata.csv", "project.xml"])
def test_a_sex_that_a_spreadsheet_turned_into_true_and_false_is_refused(dictionary):
    """Its dictionary says 0 Female, 1 Male; the export says FALSE in rows 2 and 5, TRUE in 3, 4 and 6."""
    path, beside = public("redcap_samples/simple/data.csv"), public(f"redcap_samples/simple/{dictionary}")
    with pytest.raises(DataFileError, match=r"line 2, column 'sex': 'FALSE' is no choice.*Also in row 5"):
        redcap.read(path, beside)
    found = redcap.read(path, beside, keep_going=True)
    assert counts(found) == {"demographics": 5, "health": 5, "race_and_ethnicity": 5}
    assert list(found.faults) == ["sex"]
    boxes = sum(found.instruments["race_and_ethnicity"].dataset[f"race___{code}"] for code in range(1, 7))
    assert boxes.tolist() == [1, 2, 2, 2, 2]


def test_repeated_instruments_are_the_same_from_the_export_and_from_the_project_xml():
    export = redcap.read(
        public("redcap_samples/repeating-instruments/data.csv"),
        public("redcap_samples/repeating-instruments/dictionary.csv"),
    )
    project = redcap.read(public("redcap_samples/repeating-instruments/project.xml"))
    assert counts(export) == counts(project) == {"demographics": 2, "bp": 4}
    for name, one in export.instruments.items():
        other = project.instruments[name].dataset
        for column in one.dataset.names:
            assert one.dataset[column].tolist() == other[column].tolist(), column


def test_the_project_xml_has_its_own_data():
    found = redcap.read(public("redcap_samples/simple/project.xml"))
    assert counts(found)["health"] == 5
    assert found.instruments["health"].dataset["weight"].tolist() == [1, 1, 80, 54, 104]
    assert found.faults == {}


def test_every_resource_of_the_bundle_is_read():
    """319 entries; ten readings each of weight, height and body-mass index, all of 84.17 kg."""
    found = fhir.read(public("fhir_samples/afhir.json"))
    assert sum(len(ones) for ones in found.resources.values()) == 319
    data, understanding = read(public("fhir_samples/afhir.json"))
    weights = data.readings["body_weight"].value
    assert int((~np.isnan(weights)).sum()) == 10
    assert np.unique(weights.round(2)).tolist() == [84.17]
    for measure in ("height", "body_mass_index"):
        assert int((~np.isnan(data.readings[measure].value)).sum()) == 10
    assert any("38483-4" in remark.text for remark in understanding.remarks)  # creatinine of whole blood


def test_the_bulk_export_is_25_patients():
    data, _ = read(public("fhir_samples/Patient.ndjson"))
    assert data.size == 25
