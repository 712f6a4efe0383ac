"""The files of a report: equal runs give equal bytes; no NaN; nothing half written."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from euexia import report
from euexia.core.errors import InputError, OutputError
from euexia.protocol.analysis_plan import Estimand, Strategy
from euexia.report.results import SCHEMA

KEYS = [
    "schema",
    "protocol",
    "question",
    "answer",
    "assumptions",
    "trials",
    "seed",
    "versions",
    "hashes",
    "command",
    "design",
    "scenarios",
    "screening",
    "results",
]


def write(folder: Path, study: Any) -> Path:
    return report.write(
        folder,
        protocol=study.protocol,
        data=study.data,
        results=study.results,
        provenance=study.provenance,
        parameters=study.parameters,
        operating=study.operating,
        endpoints=study.endpoints,
    )


@pytest.fixture
def page_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the figure files, which take most of the time."""
    monkeypatch.setattr("euexia.report.drawing.Drawings.files", lambda drawings, picture: {})


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def read(folder: Path) -> Any:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    return json.loads((folder / "results.json").read_text(encoding="utf-8"), parse_constant=refuse)


def test_two_writes_give_equal_bytes(fabricated: Any, tmp_path: Path) -> None:
    write(tmp_path / "one", fabricated)
    write(tmp_path / "two", fabricated)
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert list(one) == list(two)
    assert all(one[name] == two[name] for name in one)


def test_report_brings_results_and_figures(make: Any, tmp_path: Path) -> None:
    page = write(tmp_path, make(trials=2, size=20))
    names = set(contents(tmp_path))
    assert page == tmp_path / "report.html"
    assert {"report.html", "results.json"} <= names
    for figure in (
        "flow",
        "response-rates",
        "power",
        "waterfall",
        "course-crp",
        "adverse-events",
        "screening",
    ):
        assert {f"figures/{figure}.svg", f"figures/{figure}.png"} <= names


@pytest.mark.usefixtures("page_only")
def test_results_follow_their_schema(fabricated: Any, tmp_path: Path) -> None:
    write(tmp_path, fabricated)
    results = read(tmp_path)
    assert list(results) == KEYS
    assert results["schema"] == SCHEMA
    assert [scenario["name"] for scenario in results["scenarios"]] == ["as_modelled", "without_effect"]
    rate = results["scenarios"][0]["arms"][0]["responder_rate"]
    assert set(rate) == {"unit", "value", "error", "trials"}
    assert results["trials"]["summarised"] == 1000
    assert results["scenarios"][0]["arms"][0]["series"]["crp"]["unit"] == "mg/L"
    assert results["scenarios"][0]["arms"][0]["series"]["dose"]["unit"] == "mg/day"


@pytest.mark.usefixtures("page_only")
def test_results_hold_the_numbers_they_were_given(fabricated: Any, tmp_path: Path) -> None:
    write(tmp_path, fabricated)
    found = {entry["analysis"]: entry for entry in read(tmp_path)["results"]}
    for result in fabricated.results:
        assert [trial["estimate"] for trial in found[result.analysis]["trials"]] == result.estimate.tolist()


@pytest.mark.usefixtures("page_only")
def test_one_trial_is_reported_alone(make: Any, tmp_path: Path) -> None:
    text = write(tmp_path, make(trials=1, size=20, operating=False)).read_text(encoding="utf-8")
    results = read(tmp_path)
    assert [scenario["name"] for scenario in results["scenarios"]] == ["observed"]
    assert results["trials"] == {"summarised": 1, "planned": 1, "of_data": 1, "patients_per_trial": 20}
    assert 'id="distribution"' not in text
    assert "Monte-Carlo" not in text
    assert "nan" not in text.lower().replace("lenalidomide", "").split()


@pytest.mark.usefixtures("page_only")
def test_a_stack_of_trials_is_reported_without_operating_characteristics(make: Any, tmp_path: Path) -> None:
    text = write(tmp_path, make(trials=3, size=20, operating=False)).read_text(encoding="utf-8")
    assert read(tmp_path)["trials"]["summarised"] == 3
    assert "3 trials of 20 patients" in text
    assert "First trial. " in text
    assert 'id="distribution"' in text


@pytest.mark.usefixtures("page_only")
def test_a_trial_in_which_everybody_dies(make: Any, tmp_path: Path) -> None:
    """Nobody is assessed: no responder, no change, and nothing breaks."""
    write(tmp_path, make(trials=1, size=20, operating=False, all_dead=True))
    arms = read(tmp_path)["scenarios"][0]["arms"]
    assert [arm["responder_rate"]["value"] for arm in arms] == [0.0, 0.0, 0.0]
    assert [arm["disposition"]["died"]["value"] for arm in arms] == [1.0, 1.0, 1.0]


@pytest.mark.usefixtures("page_only")
def test_no_screening_log(make: Any, tmp_path: Path) -> None:
    study = make(trials=1, size=20, operating=False)
    study = dataclasses.replace(study, data=dataclasses.replace(study.data, screening=None))
    text = write(tmp_path, study).read_text(encoding="utf-8")
    assert read(tmp_path)["screening"] is None
    assert 'id="screening"' not in text
    assert "20 randomised" in text


@pytest.mark.usefixtures("page_only")
def test_unknown_numbers_become_null(make: Any, tmp_path: Path) -> None:
    study = make(trials=1, size=20, operating=False)
    blank = np.full(1, np.nan)
    unknown = tuple(
        dataclasses.replace(result, estimate=blank, low=blank, high=blank, p_value=blank)
        for result in study.results
    )
    write(tmp_path, dataclasses.replace(study, results=unknown))
    assert all(trial["estimate"] is None for entry in read(tmp_path)["results"] for trial in entry["trials"])


@pytest.mark.usefixtures("page_only")
def test_no_adverse_events(make: Any, tmp_path: Path) -> None:
    study = make(trials=1, size=20, operating=False)
    events = study.data.events
    none = {
        name: getattr(events, name)[:0] for name in ("trial", "subject", "day", "term", "grade", "serious")
    }
    data = dataclasses.replace(study.data, events=dataclasses.replace(events, **none))
    assert write(tmp_path, dataclasses.replace(study, data=data)).is_file()


@pytest.mark.usefixtures("page_only")
def test_a_run_stopped_early_says_so(make: Any, tmp_path: Path) -> None:
    study = make(trials=2, size=20)
    early = dataclasses.replace(study.operating, trials=120)
    text = write(tmp_path, dataclasses.replace(study, operating=early)).read_text(encoding="utf-8")
    assert "stopped early: 120 of 1,000 planned trials" in text


def test_data_of_another_protocol_are_refused(make: Any, tmp_path: Path) -> None:
    study = make(trials=1, size=20, operating=False)
    other = dataclasses.replace(study.protocol, id="other")
    with pytest.raises(InputError, match="'lenalidomide', the protocol is 'other'"):
        write(tmp_path, dataclasses.replace(study, protocol=other))


def test_a_folder_that_cannot_be_made_is_explained(make: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="could not be written"):
        write(tmp_path / "file" / "report", make(trials=1, size=20, operating=False))


@pytest.mark.usefixtures("page_only")
def test_a_rewritten_report_leaves_nothing_behind(make: Any, tmp_path: Path) -> None:
    study = make(trials=1, size=20, operating=False)
    write(tmp_path, study)
    before = contents(tmp_path)
    write(tmp_path, study)
    assert contents(tmp_path) == before


def test_a_protocol_without_responders_is_explained(make: Any, tmp_path: Path) -> None:
    study = make(trials=1, size=20, operating=False)
    endpoints = tuple(e for e in study.protocol.endpoints if e.name != "response")
    protocol = dataclasses.replace(study.protocol, endpoints=endpoints)
    with pytest.raises(InputError, match="no primary endpoint"):
        write(tmp_path, dataclasses.replace(study, protocol=protocol))


def test_who_is_left_out_is_said(make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Survivors only: rates are of the analysed, and no caption says that everybody counts."""
    monkeypatch.setattr("euexia.report.drawing.Drawings.files", lambda drawings, picture: {})
    study = make(trials=3, size=20, operating=False)
    survivors = Estimand(endpoint="response", death=Strategy.EXCLUDE, missing=Strategy.EXCLUDE)
    protocol = dataclasses.replace(
        study.protocol, estimands={**study.protocol.estimands, "response": survivors}
    )
    text = write(tmp_path, dataclasses.replace(study, protocol=protocol)).read_text(encoding="utf-8")
    arms = read(tmp_path)["scenarios"][0]["arms"]
    assert any(arm["analysed_per_trial"] < arm["patients_per_trial"] for arm in arms)
    assert "the analysed patients among" in text
    assert "left out of the analysis (survivors only)" in text
    assert "Everybody randomised is analysed" not in text
    assert "no bar is marked" in text
