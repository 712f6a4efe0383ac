"""One patient as SBML: what the file says, and what is refused."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from euexia import parameters
from euexia.core.errors import InputError, OutputError
from euexia.model import sbml
from euexia.model.effects import CHANNELS
from euexia.physiology import observables
from euexia.physiology.body import Baseline, Personal, Premorbid
from euexia.population import archetypes
from euexia.study import exchange, exchange_names, regimen

PARAMETERS = parameters.load()
NSCLC = archetypes.load("nsclc")
SPACE = {"s": sbml.NAMESPACE, "h": sbml.XHTML}


def model(treatment: str, weeks: float = 12.0, stop_week: float | None = None) -> ElementTree.Element:
    given = regimen.parse(treatment, PARAMETERS)
    text = exchange.export(NSCLC, given, parameters=PARAMETERS, weeks=weeks, stop_week=stop_week)
    return ElementTree.fromstring(text)


def parameter(root: ElementTree.Element, name: str) -> ElementTree.Element:
    found = root.find(f".//s:parameter[@id='{name}']", SPACE)
    assert found is not None, name
    return found


def test_every_observable_and_state_is_there_with_unit_and_meaning() -> None:
    root = model("none")
    for name in observables.NAMES:
        assert parameter(root, name).get("units")
    for entry in root.iterfind(".//s:parameter", SPACE):
        assert entry.get("units"), entry.get("id")
        meaning = entry.find(".//h:p", SPACE)
        assert meaning is not None
        assert meaning.text, entry.get("id")
    states = [known.name for part in exchange_names.STATES.values() for known in part]
    assert [rule.get("variable") for rule in root.iterfind(".//s:rateRule", SPACE)] == states


def test_a_number_of_the_model_tells_value_status_and_source() -> None:
    entry = PARAMETERS["muscle.muscle_turnover"]
    found = parameter(model("none"), "muscle_muscle_turnover")
    assert float(found.get("value", "")) == entry.value
    assert found.get("units") == "per_day"
    text = found.findtext(".//h:p", "", SPACE)
    assert entry.meaning in text
    assert f"Status: {entry.status.value}" in text
    assert entry.source.where in text


def test_nothing_is_written_that_no_equation_reads() -> None:
    """Numbers of drugs, and what only a healthy person needs, stay out."""
    root = model("lenalidomide 25 mg daily")
    names = {entry.get("id", "") for entry in root.iterfind(".//s:parameter", SPACE)}
    assert not any(name.startswith(("lenalidomide_", "untreated_")) for name in names)
    assert "premorbid_fat_age" not in names


def test_injections_are_events_and_the_first_is_the_start() -> None:
    root = model("ponsegromab 200 mg every 4 weeks", weeks=12)
    assert [event.get("id") for event in root.iterfind(".//s:event", SPACE)] == [
        "injection_on_day_28",
        "injection_on_day_56",
    ]
    assert parameter(root, "antibody_depot").get("value") == parameter(root, "antibody_dose").get("value")
    assert parameter(root, "antibody_serum").get("value") == "0.0"


def test_a_stop_ends_injections_and_makes_the_channels_neutral() -> None:
    root = model("ponsegromab 200 mg every 4 weeks + lenalidomide 25 mg daily", 24.0, 6.0)
    events = [event.get("id") for event in root.iterfind(".//s:event", SPACE)]
    assert events == ["injection_on_day_28", "treatment_stops"]
    assert parameter(root, "treatment_inflammation_suppression").get("constant") == "false"
    assert parameter(root, "untreated_neutrophil_ceiling").get("value") == "INF"


def test_a_dose_of_nothing_is_no_treatment() -> None:
    given = (regimen.parse(text, PARAMETERS) for text in ("none", "ponsegromab 0 mg every 4 weeks"))
    first, second = (exchange.course_of(NSCLC, entry, parameters=PARAMETERS) for entry in given)
    assert first == second


def test_the_same_patient_gives_the_same_file() -> None:
    given = regimen.parse("lenalidomide 25 mg daily", PARAMETERS)
    first, second = (exchange.export(NSCLC, given, parameters=PARAMETERS) for _ in range(2))
    assert first == second


def test_tables_of_names_cover_every_field() -> None:
    assert tuple(exchange_names.PREMORBID) == Premorbid._fields
    assert tuple(exchange_names.PERSONAL) == Personal._fields
    assert tuple(exchange_names.BASELINE) == Baseline._fields
    assert tuple(exchange_names.EFFECTS) == CHANNELS


@pytest.mark.parametrize(("weeks", "stop"), [(0.0, None), (500.0, None), (12.0, 13.0), (float("nan"), None)])
def test_weeks_that_cannot_be_are_refused(weeks: float, stop: float | None) -> None:
    with pytest.raises(InputError, match="Ask for up to 104 weeks"):
        model("none", weeks, stop)


def test_an_observable_without_a_unit_is_refused() -> None:
    with pytest.raises(InputError, match="has no unit"):
        exchange.observable("happiness")


def test_a_file_is_written_whole_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "model.xml"
    exchange.write_model(path, "<sbml/>")
    assert path.read_text(encoding="utf-8") == "<sbml/>"
    with pytest.raises(InputError, match="exists already"):
        exchange.write_model(path, "other")
    with pytest.raises(OutputError, match="cannot be written"):
        exchange.write_model(tmp_path / "nowhere" / "model.xml", "other")
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.xml"]
