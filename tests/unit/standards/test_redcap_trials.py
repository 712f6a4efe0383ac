"""The REDCap project that ships (six invented people) as trial data, and what a template guesses of it."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from euexia.core.errors import DataFileError, InputError
from euexia.standards import mapping as mappings
from euexia.standards.mapping_template import template
from euexia.standards.read import read, recognised

EXAMPLE = Path(str(files("euexia"))) / "data" / "standards" / "examples" / "redcap"


def copied(folder, **changes):
    """Copy the example into a folder, with changes to the text of its files."""
    for name in ("export.csv", "dictionary.csv", "mapping.yaml"):
        text = (EXAMPLE / name).read_text(encoding="utf-8")
        for old, new in changes.get(name.partition(".")[0], ()):
            assert old in text
            text = text.replace(old, new)
        (folder / name).write_text(text, encoding="utf-8")
    return read(folder / "export.csv", folder / "mapping.yaml")


@pytest.fixture(scope="module")
def example():
    return read(EXAMPLE / "export.csv", EXAMPLE / "mapping.yaml")


def test_the_example_is_a_trial_of_six(example):
    """Counted in the files themselves: 3 + 3 people, 17 visits, 1 death on 2025-04-14, day 49."""
    data, found = example
    assert (data.arms, data.size) == (("placebo", "study_drug"), 6)
    assert data.subjects["arm"][0].tolist() == [0, 1, 1, 0, 1, 0]
    assert int((~np.isnan(data.readings["body_weight"].value)).sum()) == 17
    assert data.subjects["death_day"][0, 3] == 49
    assert found.conflicts == ()


def test_units_doses_and_events_of_the_example(example):
    data, _ = example
    assert data.readings["albumin"].value[0, 0, 0] == pytest.approx(34.0)  # 3.4 g/dL
    assert data.readings["body_weight"].day[0, 1, 1] == 27
    assert data.dosing["study_drug"].dose[0, 1].tolist()[:2] == [25.0, 25.0]
    assert data.events.term.tolist() == ["rash", "Pneumonia", "Respiratory failure"]
    assert data.events.grade.tolist() == [2, 3, 5]
    assert data.events.serious.tolist() == [False, True, True]


def test_a_code_that_the_mapping_needs_is_refused_another_is_only_named(tmp_path):
    row = "X-01,enrolment_arm_1,,,2025-01-25,1,1958,66,178,2025-02-03,1,2"
    with pytest.raises(DataFileError, match="line 2, column 'sex': 'TRUE' is no choice"):
        copied(tmp_path, export=[(row, row.replace(",1,1958", ",TRUE,1958"))])
    _, found = copied(tmp_path, export=[(row, row.replace("1958", "fifty-eight"))])
    assert any(one.topic == "unread" and "fifty-eight" in one.text for one in found.remarks)


def test_decimal_commas_are_understood_and_said(tmp_path):
    text = (EXAMPLE / "export.csv").read_text(encoding="utf-8")
    commas = text.replace(",", ";").replace(".", ",")
    (tmp_path / "export.csv").write_text(commas, encoding="utf-8")
    for name in ("dictionary.csv", "mapping.yaml"):
        (tmp_path / name).write_text((EXAMPLE / name).read_text(encoding="utf-8"), encoding="utf-8")
    data, found = read(tmp_path / "export.csv", tmp_path / "mapping.yaml")
    expected, _ = read(EXAMPLE / "export.csv", EXAMPLE / "mapping.yaml")
    assert np.array_equal(
        data.readings["body_weight"].value, expected.readings["body_weight"].value, equal_nan=True
    )
    assert any("decimal commas" in one.text for one in found.remarks)


def test_without_mapping_or_dictionary_the_way_out_is_said(tmp_path):
    with pytest.raises(InputError, match="euexia map-template"):
        read(EXAMPLE / "export.csv")
    (tmp_path / "export.csv").write_text(
        (EXAMPLE / "export.csv").read_text(encoding="utf-8"), encoding="utf-8"
    )
    with pytest.raises(InputError, match="without its data dictionary"):
        read(tmp_path / "export.csv", _mapping(tmp_path))


def _mapping(folder):
    path = folder / "mapping.yaml"
    text = (EXAMPLE / "mapping.yaml").read_text(encoding="utf-8")
    path.write_text("\n".join(line for line in text.splitlines() if not line.startswith("dictionary")) + "\n")
    return path


def test_a_folder_with_export_and_dictionary_is_recognised(tmp_path):
    copied(tmp_path)
    assert recognised(tmp_path).name == "REDCap"
    assert recognised(tmp_path / "export.csv").name == "REDCap"


def test_the_template_is_a_mapping_whose_guesses_are_all_named(tmp_path):
    copied(tmp_path)
    text = template(tmp_path / "export.csv")
    told = mappings.loads(text, "mapping.yaml")
    assert told.subjects.arm.codes == {"1": "Placebo", "2": "Study drug"}
    assert told.visits["week_12"].day == 84
    assert told.readings[1].columns["alb"].unit == "g/dL"
    path = tmp_path / "guessed.yaml"
    path.write_text(text, encoding="utf-8")
    data, found = read(tmp_path / "export.csv", path)
    assert data.size == 6
    assert sum(one.topic == "guess" for one in found.conflicts) == text.count("guess: by")


def test_the_template_of_a_plain_table_guesses_by_the_names(tmp_path):
    path = tmp_path / "visits.csv"
    path.write_text("patient,arm,visit_date,weight_kg,crp_mg,mood\nA,x,2025-01-01,70,5,3\n")
    text = template(path)
    told = mappings.loads(text, "m")
    assert told.identifier == "patient"
    assert told.readings[0].date == "visit_date"
    assert told.readings[0].columns["weight_kg"].unit == "kg"
    assert told.readings[0].columns["crp_mg"].unit == "?"  # nothing is made up: reading refuses it by name
    assert "mood" not in told.readings[0].columns


def test_a_protocol_gives_arms_and_visits_their_names(tmp_path, example):
    from euexia import protocol

    plan = protocol.load("lenalidomide")
    arms = [arm.name for arm in plan.arms]
    changes = [
        ('codes: {"1": placebo, "2": study_drug}', f'codes: {{"1": {arms[0]}, "2": {arms[1]}}}'),
        ("arms: [placebo, study_drug]\n", ""),
    ]
    copied(tmp_path, mapping=changes)
    data, _ = read(tmp_path / "export.csv", tmp_path / "mapping.yaml", plan)
    assert (data.protocol_id, data.arms) == ("lenalidomide", tuple(arms))
    with pytest.raises(InputError, match="arm 'study_drug' is none of protocol"):
        read(EXAMPLE / "export.csv", EXAMPLE / "mapping.yaml", plan)
