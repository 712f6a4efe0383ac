"""The report of a really simulated small study: structure, references, agreement with tests, equal bytes."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from euexia import load_protocol, report
from euexia.core.quantities import canonical_unit
from euexia.parameters import Status
from euexia.report import statuses
from euexia.report.material import Material
from euexia.study import replicate

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def study() -> Any:
    """Give three trials of ten patients, really simulated."""
    protocol = dataclasses.replace(load_protocol("lenalidomide"), size=10)
    return replicate.run(protocol, trials=3, seed=5, workers=1)


def write(folder: Path, study: Any) -> dict[str, bytes]:
    """Write the report and return its files."""
    report.write(
        folder,
        protocol=study.protocol,
        data=study.example,
        results=study.example_results,
        operating=study.operating,
        provenance=study.provenance,
        parameters=study.parameters,
    )
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def files(study: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return write(tmp_path_factory.mktemp("study"), study)


@pytest.fixture(scope="module")
def text(files: dict[str, bytes]) -> str:
    return files["report.html"].decode()


def test_the_same_study_gives_the_same_bytes(study: Any, files: dict[str, bytes], tmp_path: Path) -> None:
    assert write(tmp_path, study) == files


def test_every_chapter_is_there(text: str) -> None:
    assert re.findall(r'<section id="([^"]+)"', text) == [
        "answer",
        "assumed",
        "protocol",
        "patients",
        "primary",
        "course",
        "waterfall",
        "secondary",
        "safety",
        "screening",
        "distribution",
        "parameters",
        "provenance",
    ]


def test_changes_come_first_and_levels_are_folded(text: str) -> None:
    folded = text.index("The readings themselves, not their changes")
    for measure in ("body-weight", "lean-mass-ct", "handgrip-strength", "crp"):
        assert text.index(f'id="figure-course-{measure}"') < folded
        assert text.index(f'id="figure-level-{measure}"') > folded


def test_thresholds_of_the_response_and_of_the_rule_are_drawn(text: str) -> None:
    """Lean mass above +2 %, handgrip at least +4 kg; the guided dose looks at 30 % below baseline."""
    for line in (
        "response: &gt;\u00a02\u00a0%",
        "response: ≥\u00a04\u00a0kg",
        "dose rule: −30\u00a0%",
    ):
        assert line in text


def test_identifiers_are_unique_and_references_resolve(text: str) -> None:
    identifiers = re.findall(r' id="([^"]+)"', text)
    assert len(identifiers) == len(set(identifiers))
    wanted = set(re.findall(r'(?:href="#|url\(#)([^")]+)', text))
    wanted |= {name for names in re.findall(r'aria-labelledby="([^"]+)"', text) for name in names.split()}
    assert wanted <= set(identifiers)


def test_nothing_outside_is_referred_to(files: dict[str, bytes], text: str) -> None:
    own_files = [text, *(content.decode() for name, content in files.items() if name.endswith(".svg"))]
    for content in own_files:
        plain = re.sub(r'xmlns(:\w+)?="[^"]*"', "", content)
        assert not re.findall(r'(?:src|href|action|data)="(?!#)[^"]*"|@import|url\((?!#)', plain)
        assert "<script" not in content


def test_rates_agree_with_the_tests(files: dict[str, bytes]) -> None:
    """Over the three trials, the rate of each arm is that of its test, and the distribution its estimates."""
    found = json.loads(files["results.json"])["scenarios"][0]
    effects = {entry["arm"]: entry["effect"]["value"] for entry in found["analyses"] if entry["primary"]}
    for arm in found["arms"]:
        if arm["arm"] in effects:
            assert arm["responder_rate"]["value"] == pytest.approx(effects[arm["arm"]])
            assert arm["analysed_per_trial"] == arm["patients_per_trial"]
    rates = found["arms"][0]["responder_rates"]["values"]
    assert rates == sorted(rates)
    assert sum(rates) / len(rates) == pytest.approx(effects[found["arms"][0]["arm"]])


def test_series_of_changes_have_their_units(files: dict[str, bytes]) -> None:
    series = json.loads(files["results.json"])["scenarios"][0]["arms"][0]["series"]
    units = {name: entry["unit"] for name, entry in series.items() if "." in name}
    assert units == {
        "body_weight.change": canonical_unit("mass"),
        "lean_mass_ct.change": canonical_unit("mass"),
        "lean_mass_ct.percent_change": "1",
        "handgrip_strength.change": canonical_unit("mass"),
        "crp.ratio": "1",
    }
    assert series["crp.ratio"]["quantiles"]["0.5"][0] == pytest.approx(1.0, rel=0.01)
    assert series["body_weight.change"]["mean"][0] == 0.0


def test_a_forest_plot_says_percentage_points(text: str) -> None:
    forest = text[text.index('id="figure-forest"') : text.index('id="safety"')]
    assert "Serious adverse events, week 12" in forest
    assert "[percentage points]" in forest
    assert "risk difference [percentage points]" in forest
    assert "← better" in forest
    assert "better →" in forest


def test_everything_that_went_in_is_counted_by_status(study: Any) -> None:
    """Protocol, population, instruments, adverse-event rules and model: each with as many rows as entries."""
    material = Material(
        protocol=study.protocol,
        data=study.example,
        results=study.example_results,
        table=None,  # type: ignore[arg-type]
        provenance=study.provenance,
        parameters=study.parameters,
        operating=study.operating,
    )
    chapter = statuses.chapter(material)
    counts = next(block for block in chapter.blocks if block.kind == "table")
    assert [row[0] for row in counts.rows] == [
        "Protocol",
        "Population",
        "Instruments and their errors",
        "Adverse-event rules",
        "Model parameters",
        "Together",
    ]
    folds = [block for block in chapter.blocks if block.kind == "fold"]
    for row, fold in zip(counts.rows, folds, strict=False):
        listed = [cells[1] for cells in fold.blocks[0].rows]
        assert [int(cell) for cell in row[1:-1]] == [listed.count(status.value) for status in statuses.ORDER]
        assert int(row[-1]) == len(listed) > 0
    assert set(statuses.ORDER) == set(Status)
    assert int(counts.rows[4][-1]) == len(study.parameters)
