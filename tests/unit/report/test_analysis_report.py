"""An analysed trial as files: tables say what results.json says, pages stand alone, bytes are equal."""

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from builders.real_trials import analysed
from euexia.core.errors import InputError
from euexia.report import analysis_tables
from euexia.report.analysis_curves import at_risk
from euexia.report.analysis_figures import pictures
from euexia.report.analysis_material import AnalysisMaterial
from euexia.report.analysis_numbers import decimals, effect_text, factor, interval_text, number_unit
from euexia.report.analysis_report import FORMATS, files, is_analysis, write_analysis
from euexia.study.real import NotDone


@pytest.fixture(scope="module")
def material():
    return AnalysisMaterial(trial=analysed())


@pytest.fixture(scope="module")
def written(material):
    return files(material)


@pytest.fixture(scope="module")
def found(written):
    return json.loads(written["results.json"])


def numbers_in(text):
    """Return every number of a printed cell."""
    return [float(part.replace(",", "")) for part in re.findall(r"-?\d[\d,]*\.?\d*", text.replace("−", "-"))]


def test_every_kind_of_file_is_written(written):
    for name in ("report.html", "tables.html", "results.json", "results.csv", "estimates.csv"):
        assert name in written
    assert "tables/table-14.1.1.rtf" in written
    for figure in ("forest", "means-weight_mmrm", "wins-benefit_ratio", "tipping-weight_tipping"):
        assert f"figures/{figure}.svg" in written
        assert written[f"figures/{figure}.png"].startswith(b"\x89PNG")


def test_tables_print_the_numbers_of_the_results(material, found):
    """Each row of the tables of effects is compared with results.json, rounded as the table prints."""
    rows = {}
    for table in analysis_tables.tables(material):
        if table.number in ("14.2.1", "14.2.2"):
            rows |= {re.search(r"\((\w+)\)$", row.label)[1]: row.cells for row in table.rows if row.cells}
    assert set(rows) == {each["analysis"] for each in found["results"]} - {"tumour_drug"}
    endpoints = {endpoint.name: endpoint for endpoint in material.protocol.endpoints}
    for each in found["results"]:
        if each["analysis"] not in rows:
            continue
        cells = rows[each["analysis"]]
        assert numbers_in(cells[0]) == [each["numbers"]["analysed"], each["numbers"]["randomised"]]
        shown = decimals(each["unit"], endpoints[each["endpoint"]])
        printed = [numbers_in(cells[4])[0], *numbers_in(cells[5])]
        for value, name in zip(printed, ("estimate", "low", "high"), strict=True):
            assert value == pytest.approx(factor(each["unit"]) * each[name], abs=0.5001 * 10**-shown)
        if each["p_value"] is not None:
            assert numbers_in(cells[6])[0] == pytest.approx(each["p_value"], abs=0.50001e-4)


def test_visits_of_the_table_are_the_points_of_the_results(material, found):
    table = next(t for t in analysis_tables.tables(material) if t.number == "14.2.4.1")
    model = next(each for each in found["results"] if each["analysis"] == "weight_mmrm")
    points = model["curves"]["difference"]["points"]
    assert len(table.rows) == len(points) == 4
    for row, point in zip(table.rows, points, strict=True):
        printed = numbers_in(row.cells[4])
        expected = [point["y"], point["low"], point["high"]]
        assert printed == pytest.approx(expected, abs=0.0051)


def test_every_number_has_a_unit(material):
    without = {
        (result.method, name)
        for result in material.results
        for name in result.numbers
        if not number_unit(result, name)
    }
    assert without == set()


def test_results_hold_no_nan_and_say_all_that_is_asked(found):
    assert found["schema"] == "euexia-analysis/1"
    for each in found["results"]:
        assert each["estimand"]["words"]
        assert each["method_words"]
        assert each["randomised"] >= each["analysed"]
        assert each["code"]["command"].startswith("euexia analyse two_arms data --analysis ")
        compile(each["code"]["python"], "code", "exec")


def test_accounts_of_every_arm_add_up(found):
    """Everybody randomised is decided by exactly one thing."""
    for each in found["results"]:
        decided = ("observed", "death", "discontinuation", "rescue", "missing", "outside")
        total = sum(each["settled"].get(name, 0) for name in decided)
        assert total == each["numbers"]["randomised"], each["analysis"]


def test_tidy_tables_hold_the_same_effects(written, found):
    rows = list(csv.DictReader(io.StringIO(written["results.csv"].decode())))
    assert [row["analysis"] for row in rows] == [each["analysis"] for each in found["results"]]
    for row, each in zip(rows, found["results"], strict=True):
        assert (float(row["estimate"]) if row["estimate"] else None) == each["estimate"]
    tidy = list(csv.DictReader(io.StringIO(written["estimates.csv"].decode())))
    effects = {row["analysis"]: row["value"] for row in tidy if row["part"] == "effect"}
    assert effects == {row["analysis"]: row["estimate"] for row in rows}


def test_equal_trials_give_equal_bytes(material, written):
    assert files(AnalysisMaterial(trial=analysed())) == written


class Page(HTMLParser):
    """Collects what an accessible page must have."""

    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attributes):
        """Note a tag with its attributes."""
        self.tags.append((tag, dict(attributes)))


@pytest.mark.parametrize("name", ["report.html", "tables.html"])
def test_pages_stand_alone_and_can_be_listened_to(written, name):
    page = Page()
    page.feed(written[name].decode())
    tags = page.tags
    assert ("html", {"lang": "en-GB"}) in tags
    assert sum(tag == "table" for tag, _ in tags) == sum(tag == "caption" for tag, _ in tags)
    assert all("scope" in known for tag, known in tags if tag == "th")
    assert not [known for tag, known in tags if tag in ("script", "img", "link")]
    drawings = [known for tag, known in tags if tag == "svg" and "viewBox" in known]
    assert all(known.get("role") == "img" and known.get("aria-labelledby") for known in drawings)
    identifiers = [known["id"] for _, known in tags if "id" in known]
    assert len(identifiers) == len(set(identifiers))
    assert "prefers-color-scheme: dark" in written[name].decode()


def test_every_figure_is_described(material):
    for picture in pictures(material):
        assert picture.caption
        for panel in picture.panels:
            assert panel.description
            assert "nan" not in panel.description


def test_rtf_is_ascii_and_names_its_table(written):
    text = written["tables/table-14.2.1.rtf"].decode("ascii")
    assert text.startswith("{\\rtf1")
    assert "Table 14.2.1" in text
    assert text.count("{") == text.count("}")
    assert "(response_drug)" in text  # an underscore is no subscript
    assert "\\sub " not in text


def test_numbers_at_risk_begin_with_everybody_in_the_arm(material):
    for result in material.results:
        for curve in result.curves.values():
            if curve.steps:
                assert at_risk(curve, 0.0) == material.size(curve.arm)
                assert at_risk(curve, 10_000.0) == 0.0


def test_what_could_not_be_done_is_said_first(material):
    trial = replace(material.trial, not_done=(NotDone(analysis="lost", reason="No readings of it."),))
    page = files(AnalysisMaterial(trial=trial), ("html",))["report.html"].decode()
    assert "What was not estimated, and why" in page
    assert "No readings of it." in page


def test_an_unknown_effect_is_a_dash(material):
    result = next(each for each in material.results if each.analysis == "lean_ancova")
    blank = replace(result, estimate=np.array([np.nan]), low=np.array([np.nan]), high=np.array([1.0]))
    endpoint = material.endpoints["lean"]
    assert effect_text(blank, endpoint) == "–"
    assert interval_text(blank, endpoint) == "– to 100.00"


def test_a_folder_is_never_replaced_silently(material, tmp_path):
    folder = tmp_path / "out"
    page = write_analysis(folder, material.trial, formats=("csv",))
    assert page == folder / "results.json"
    assert is_analysis(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["estimates.csv", "results.csv", "results.json"]
    with pytest.raises(InputError, match="not empty"):
        write_analysis(folder, material.trial)
    write_analysis(folder, material.trial, formats=("rtf",), overwrite=True)
    assert not (folder / "results.csv").exists()
    strange = tmp_path / "mine"
    strange.mkdir()
    (strange / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match="not an analysis"):
        write_analysis(strange, material.trial, overwrite=True)
    assert (strange / "thesis.txt").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_formats_are_a_closed_list():
    assert set(FORMATS) == {"html", "rtf", "csv", "svg", "png"}
