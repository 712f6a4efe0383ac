"""FHIR files: bundles and NDJSON, versions and copies, references, and what is refused."""

import gzip
import json

import pytest

from euexia.core.errors import DataFileError
from euexia.formats import fhir


def written(path, *bodies, bundle=True):
    if bundle:
        entries = [{"resource": body, "fullUrl": f"urn:uuid:{body.get('id')}"} for body in bodies]
        text = json.dumps({"resourceType": "Bundle", "entry": entries}, indent=1)
    else:
        text = "\n".join(json.dumps(body) for body in bodies) + "\n"
    path.write_text(text, encoding="utf-8")
    return path


PATIENT = {"resourceType": "Patient", "id": "p1"}
READING = {"resourceType": "Observation", "id": "o1", "subject": {"reference": "urn:uuid:p1"}}


@pytest.mark.parametrize("bundle", [True, False])
def test_bundle_and_lines_give_the_same_resources(tmp_path, bundle):
    found = fhir.read(written(tmp_path / "data.json", PATIENT, READING, bundle=bundle))
    assert [len(found.of(kind)) for kind in ("Patient", "Observation")] == [1, 1]
    assert found.of("Observation")[0].place == f"data.json, {'entry' if bundle else 'line'} 2"


def test_a_folder_and_packed_files_are_read(tmp_path):
    written(tmp_path / "Patient.ndjson", PATIENT, bundle=False)
    (tmp_path / "Observation.ndjson.gz").write_bytes(gzip.compress(json.dumps(READING).encode()))
    assert set(fhir.read(tmp_path).resources) == {"Patient", "Observation"}


@pytest.mark.parametrize(
    "reference", ["urn:uuid:p1", "Patient/p1", "https://x.org/fhir/Patient/p1/_history/3"]
)
def test_references_find_their_resource(tmp_path, reference):
    found = fhir.read(written(tmp_path / "data.json", PATIENT, READING))
    assert found.referred({"reference": reference}, found.of("Observation")[0]).id == "p1"


def test_contained_resources_are_found(tmp_path):
    body = {**READING, "contained": [{"resourceType": "Medication", "id": "m"}]}
    found = fhir.read(written(tmp_path / "data.json", body))
    assert found.referred({"reference": "#m"}, found.of("Observation")[0]).kind == "Medication"
    assert found.referred({"reference": "#n"}, found.of("Observation")[0]) is None


def test_the_newest_version_is_kept_and_the_older_noted(tmp_path):
    old, new = ({**READING, "meta": {"versionId": v}, "status": s} for v, s in (("9", "a"), ("10", "b")))
    found = fhir.read(written(tmp_path / "data.json", new, old))
    assert found.of("Observation")[0].body["status"] == "b"
    assert "older version" in found.notes[0].text


def test_equal_copies_are_one(tmp_path):
    found = fhir.read(written(tmp_path / "data.json", READING, READING))
    assert len(found.of("Observation")) == 1
    assert "stands in" in found.notes[0].text


def test_different_copies_without_a_version_are_refused(tmp_path):
    with pytest.raises(DataFileError, match=r"entry 2: Observation/o1 differs from data.json, entry 1"):
        fhir.read(written(tmp_path / "data.json", READING, {**READING, "status": "final"}))


def test_a_damaged_line_is_refused_by_its_number(tmp_path):
    path = tmp_path / "Patient.ndjson"
    path.write_text(f'{json.dumps(PATIENT)}\n{{"resourceType": "Pat\n{{"id": "x"}}\n')
    with pytest.raises(DataFileError) as refused:
        fhir.read(path)
    assert "line 2, Patient.ndjson: is not JSON" in str(refused.value)
    assert "Patient.ndjson, line 3: has no 'resourceType'" in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[1, 2", "no json"])
def test_what_is_no_json_is_refused(tmp_path, text):
    path = tmp_path / "data.json"
    path.write_text(text)
    with pytest.raises(DataFileError):
        fhir.read(path)
