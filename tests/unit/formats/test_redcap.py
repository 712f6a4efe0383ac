"""REDCap exports: raw and labelled, repeated, with boxes, codes, commas and dates; all invented here."""

import numpy as np
import pytest

from euexia.core.errors import DataFileError, InputError
from euexia.formats import redcap
from euexia.formats.text_numbers import Decimal

HEAD = (
    '"Variable / Field Name","Form Name","Field Type","Field Label",'
    '"Choices, Calculations, OR Slider Labels","Text Validation Type OR Show Slider Number"\n'
)
DICTIONARY = HEAD + (
    "id,person,text,Record ID,,\n"
    'sex,person,radio,Sex,"1, Male | 2, Female",\n'
    'symptoms,person,checkbox,Symptoms,"1, Nausea | 2, | -1, None",\n'
    "seen,visit,text,Date of visit,,date_dmy\n"
    "weight,visit,text,Weight (kg),,number\n"
    "albumin,visit,text,Albumin,,number_1dp_comma_decimal\n"
    "pain,visit,slider,Pain,,\n"
    "event,ae,text,Event,,\n"
    'grade,ae,dropdown,Grade,"1, Mild | 2, Moderate",\n'
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "dictionary.csv").write_text(DICTIONARY, encoding="utf-8")
    return tmp_path


def export(folder, text, **told):
    path = folder / "export.csv"
    path.write_text(text, encoding="utf-8")
    return redcap.read(path, folder / "dictionary.csv", **told)


def values(found, form, column):
    return found.instruments[form].dataset[column].tolist()


LONG = (
    "id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,sex,symptoms___1,symptoms___2,"
    "symptoms____1,seen,weight,albumin,pain,event,grade\n"
    'A,start_arm_1,,,1,1,0,0,2025-01-31,75.5,"3,4",10,,\n'
    "A,start_arm_1,ae,1,,,,,,,,,Rash,2\n"
    "A,start_arm_1,ae,2,,,,,,,,,Fall,1\n"
    "A,week_4_arm_1,,,,0,0,0,2025-02-28,74.0,,,,\n"
)


def test_each_instrument_has_its_own_rows_and_keys(folder):
    found = export(folder, LONG)
    counts = {name: one.dataset.records for name, one in found.instruments.items()}
    assert counts == {"person": 1, "visit": 2, "ae": 2}
    assert found.instruments["ae"].dataset.keys == ("id", "redcap_event_name", "redcap_repeat_instance")
    assert found.instruments["visit"].rows.tolist() == [2, 5]
    assert values(found, "ae", "event") == ["Rash", "Fall"]


def test_numbers_dates_codes_and_boxes_have_their_types(folder):
    found = export(folder, LONG)
    assert values(found, "visit", "weight") == [75.5, 74.0]
    assert values(found, "visit", "seen") == ["2025-01-31", "2025-02-28"]
    assert values(found, "visit", "albumin")[0] == 3.4  # the dictionary says that this field has a comma
    assert values(found, "person", "symptoms___1") == [1.0]
    assert values(found, "person", "sex") == ["1"]


def test_a_choice_without_a_label_is_kept_and_noted(folder):
    found = export(folder, LONG)
    assert any("choice '2' has no label" in note.text for note in found.notes)


def test_a_box_that_is_in_no_dictionary_is_kept_and_noted(folder):
    found = export(folder, "id,sex,symptoms___7\nA,1,1\n")
    assert values(found, "person", "symptoms___7") == [1.0]
    assert any("symptoms___7" in note.place for note in found.notes)


def test_a_labelled_export_says_the_same_as_the_raw_one(folder):
    labelled = (
        "Record ID,Event Name,Sex,Symptoms (choice=Nausea),Symptoms (choice=None),Complete?,"
        "Date of visit,Weight (kg),Complete?\n"
        "A,Start,Female,Checked,Unchecked,Complete,31.01.2025,75.5,Incomplete\n"
    )
    found = export(folder, labelled)
    assert values(found, "person", "sex") == ["2"]
    assert values(found, "person", "symptoms___1") == [1.0]
    assert values(found, "person", "symptoms____1") == [0.0]
    assert values(found, "person", "person_complete") == ["2"]
    assert values(found, "visit", "seen") == ["2025-01-31"]


def test_combined_boxes_are_codes(folder):
    found = export(folder, 'id,symptoms\nA,"1,-1"\nB,Nausea\n', keep_going=True)
    assert values(found, "person", "symptoms") == ["1,-1", None]
    assert "'Nausea' is no choice" in str(found.faults["symptoms"][0])


def test_decimal_commas_are_read_where_they_can_be_nothing_else(folder):
    found = export(folder, "id;weight;pain\nA;75,3;10\nB;80,25;20\n")
    assert values(found, "visit", "weight") == [75.3, 80.25]
    assert any("decimal commas" in note.text for note in found.notes)


def test_a_comma_that_may_separate_thousands_is_refused_by_row_and_column(folder):
    with pytest.raises(DataFileError, match="line 3, column 'weight': '1,500' may be a decimal comma"):
        export(folder, "id;weight\nA;75\nB;1,500\n")
    found = export(folder, "id;weight\nA;75\nB;1,500\n", decimal=Decimal.COMMA)
    assert values(found, "visit", "weight") == [75.0, 1.5]


def test_points_and_commas_together_are_refused(folder):
    with pytest.raises(DataFileError, match="'75,3' may be a decimal comma"):
        export(folder, "id;weight\nA;75,3\nB;80.1\n")


@pytest.mark.parametrize(
    ("written", "read"), [("31-01-2025", "2025-01-31"), ("31/1/2025", "2025-01-31"), ("2025-01", "2025-01")]
)
def test_dates_are_read_in_the_order_of_the_dictionary(folder, written, read):
    assert values(export(folder, f"id,seen\nA,{written}\n"), "visit", "seen") == [read]


@pytest.mark.parametrize("written", ["30.02.2025", "2025-02-30", "01/31/2025", "31.01.25", "soon"])
def test_impossible_dates_are_refused_by_row_and_column(folder, written):
    with pytest.raises(DataFileError, match="line 2, column 'seen'"):
        export(folder, f"id,seen\nA,{written}\n")


def test_every_fault_is_said_at_once(folder):
    with pytest.raises(DataFileError) as refused:
        export(folder, "id,sex,weight,seen\nA,3,heavy,2025-13-01\n")
    assert len(refused.value.faults) == 3
    assert "Choices: 1 Male; 2 Female" in str(refused.value)


def test_a_missing_data_code_is_nothing_and_is_noted(folder):
    found = export(folder, "id,weight\nA,-99\nB,NASK\nC,70\n", missing=("-99", "NASK"))
    assert np.isnan(values(found, "visit", "weight")[:2]).all()
    assert sum("missing-data code" in note.text for note in found.notes) == 2


def test_keys_that_stand_twice_are_refused_with_both_rows(folder):
    with pytest.raises(DataFileError, match=r"line 4, column 'id': the key \(A, start\) stands in row 2"):
        export(folder, "id,redcap_event_name,weight\nA,start,70\nB,start,80\nA,start,71\n")


def test_columns_of_another_project_are_refused(folder):
    with pytest.raises(DataFileError, match="column 'muscle': no field of the dictionary"):
        export(folder, "id,muscle\nA,1\n")


def test_a_value_in_the_row_of_another_instrument_is_a_fault(folder):
    text = "id,redcap_repeat_instrument,redcap_repeat_instance,weight,event\nA,ae,1,70,Rash\n"
    with pytest.raises(DataFileError, match="a value of instrument 'visit' in a row of another"):
        export(folder, text)


def test_repeated_events_have_their_instances(folder):
    text = "id,redcap_event_name,redcap_repeat_instance,weight\nA,visit,1,70\nA,visit,2,71\n"
    found = export(folder, text)
    assert values(found, "visit", "redcap_repeat_instance") == ["1", "2"]


def test_without_a_dictionary_nothing_is_guessed(folder):
    path = folder / "export.csv"
    path.write_text(LONG, encoding="utf-8")
    with pytest.raises(InputError, match="without its data dictionary"):
        redcap.read(path)


def test_a_dictionary_is_refused_with_its_rows(tmp_path):
    path = tmp_path / "dictionary.csv"
    path.write_text(
        HEAD + 'id,a,text,ID,,\nBad name,a,text,,,\nx,a,gauge,,,\ny,a,radio,,"1, a | 1, b",\nid,a,text,,,\n'
    )
    with pytest.raises(DataFileError) as refused:
        redcap.read_dictionary(path)
    text = str(refused.value)
    for part in (
        "line 3",
        "'Bad name'",
        "there is no field type 'gauge'",
        "choice '1' stands twice",
        "field 'id'",
    ):
        assert part in text


PROJECT = """<?xml version="1.0" encoding="UTF-8" ?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:redcap="https://projectredcap.org">
<Study OID="P"><GlobalVariables><redcap:MissingDataCodes>-99, Not asked</redcap:MissingDataCodes>
<redcap:RepeatingInstrumentsAndEvents><redcap:RepeatingInstruments>
<redcap:RepeatingInstrument redcap:UniqueEventName="event_1_arm_1" redcap:RepeatInstrument="ae"/>
</redcap:RepeatingInstruments></redcap:RepeatingInstrumentsAndEvents></GlobalVariables>
<MetaDataVersion OID="M">
<ItemGroupDef OID="person.id" Name="person"><ItemRef ItemOID="id"/><ItemRef ItemOID="weight"/></ItemGroupDef>
<ItemGroupDef OID="ae.event" Name="ae"><ItemRef ItemOID="event"/></ItemGroupDef>
<ItemDef OID="id" redcap:Variable="id" redcap:FieldType="text"/>
<ItemDef OID="weight" redcap:Variable="weight" redcap:FieldType="text" redcap:TextValidationType="float"/>
<ItemDef OID="event" redcap:Variable="event" redcap:FieldType="textarea"/>
</MetaDataVersion></Study>
<ClinicalData>
<SubjectData SubjectKey="A">
<FormData FormOID="Form.person" FormRepeatKey="1"><ItemGroupData><ItemData ItemOID="id" Value="A"/>
<ItemData ItemOID="weight" Value="70.5"/></ItemGroupData></FormData>
<FormData FormOID="Form.ae" FormRepeatKey="1"><ItemGroupData><ItemData ItemOID="event" Value="Rash"/>
</ItemGroupData></FormData>
<FormData FormOID="Form.ae" FormRepeatKey="2"><ItemGroupData><ItemData ItemOID="event" Value="Fall"/>
</ItemGroupData></FormData>
</SubjectData>
<SubjectData SubjectKey="B"><FormData FormOID="Form.person" FormRepeatKey="1"><ItemGroupData>
<ItemData ItemOID="weight" Value="-99"/></ItemGroupData></FormData></SubjectData>
</ClinicalData></ODM>
"""


def test_a_project_xml_holds_dictionary_missing_codes_and_data(tmp_path):
    path = tmp_path / "project.xml"
    path.write_text(PROJECT, encoding="utf-8")
    found = redcap.read(path)
    assert values(found, "person", "weight")[0] == 70.5
    assert values(found, "ae", "event") == ["Rash", "Fall"]
    assert any("missing-data code" in note.text for note in found.notes)


def test_a_damaged_project_xml_is_refused(tmp_path):
    path = tmp_path / "project.xml"
    path.write_text(PROJECT[:900], encoding="utf-8")
    with pytest.raises(DataFileError, match="not well-formed XML"):
        redcap.read(path)


def test_a_project_xml_without_data_is_a_dictionary_only(tmp_path):
    path = tmp_path / "project.xml"
    path.write_text(PROJECT[: PROJECT.index("<ClinicalData>")] + "</ODM>", encoding="utf-8")
    with pytest.raises(InputError, match="holds no data, only the project"):
        redcap.read(path)
    (tmp_path / "export.csv").write_text("id,weight\nA,70\n", encoding="utf-8")
    assert values(redcap.read(tmp_path / "export.csv", path), "person", "weight") == [70.0]


def test_an_unknown_field_type_of_a_project_xml_is_refused(tmp_path):
    path = tmp_path / "project.xml"
    path.write_text(PROJECT.replace('"textarea"', '"gauge"'), encoding="utf-8")
    with pytest.raises(DataFileError, match="there is no field type 'gauge'"):
        redcap.read(path)


def test_a_longitudinal_project_xml_has_events_and_their_repeats(tmp_path):
    path = tmp_path / "project.xml"
    form = (
        '<FormData FormOID="Form.person" FormRepeatKey="1"><ItemGroupData>'
        '<ItemData ItemOID="weight" Value="{}"/></ItemGroupData></FormData>'
    )
    event = '<StudyEventData StudyEventOID="Event.{0}" StudyEventRepeatKey="{1}">{2}</StudyEventData>'
    told = event.format("start_arm_1", 1, form.format(70)) + "".join(
        event.format("visit_arm_1", number, form.format(70 + number)) for number in (1, 2)
    )
    repeated = (
        '<redcap:RepeatingEvents><redcap:RepeatingEvent redcap:UniqueEventName="visit_arm_1"/>'
        "</redcap:RepeatingEvents>"
    )
    head = PROJECT[: PROJECT.index("<ClinicalData>")].replace(
        "</redcap:RepeatingInstruments>", f"</redcap:RepeatingInstruments>{repeated}"
    )
    data = f'<ClinicalData><SubjectData SubjectKey="A">{told}</SubjectData></ClinicalData></ODM>'
    path.write_text(head + data, encoding="utf-8")
    person = redcap.read(path).instruments["person"].dataset
    assert person["redcap_event_name"].tolist() == ["start_arm_1", "visit_arm_1", "visit_arm_1"]
    assert person["redcap_repeat_instance"].tolist() == [None, "1", "2"]
    assert person["weight"].tolist() == [70, 71, 72]
