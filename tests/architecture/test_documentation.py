"""What the documentation says is so."""

import dataclasses
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from euexia.cli.main import app
from euexia.criteria.measures import MEASURES
from euexia.protocol import analysis_plan, design, protocol, published, statement

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = runpy.run_path(str(ROOT / "make.py"))["COMMANDS"]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "changelog.d").glob("*.md")])
PARTS_OF_A_PROTOCOL = [
    protocol.Accrual,
    analysis_plan.Analysis,
    protocol.Arm,
    design.Boundary,
    protocol.Clause,
    statement.Condition,
    protocol.Criterion,
    design.Crossover,
    protocol.DosingRule,
    analysis_plan.Endpoint,
    analysis_plan.Estimand,
    design.Interim,
    design.Boundary,
    design.Drop,
    design.Resize,
    design.Programme,
    protocol.Protocol,
    published.Published,
    protocol.Randomisation,
    protocol.Schedule,
    protocol.Stratum,
    protocol.Treatment,
    protocol.Visit,
]
NOT_WRITTEN = {"comparison", "threshold", "id", "name", "source_text", "source_name"}
"""Fields that are not keys of the file: the comparison's own key, or the entry's name, stands for them."""


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.slow
def test_the_five_lines_of_the_readme_run(tmp_path):
    code = re.search(r"```python\n(.*?)```", page("README.md"), re.DOTALL).group(1)
    assert len([line for line in code.splitlines() if line and not line.startswith("import")]) == 5
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert (tmp_path / "my-report" / "report.html").stat().st_size > 10_000
    assert (tmp_path / "my-report" / "results.json").exists()


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_every_link_leads_somewhere(path):
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_every_command_exists(path):
    text = path.read_text(encoding="utf-8")
    commands = set(typer.main.get_command(app).commands)
    known = set(COMMANDS)
    assert set(re.findall(r"^(?:\$ )?euexia ([a-z][a-z-]*)", text, re.MULTILINE)) <= commands
    assert set(re.findall(r"`euexia ([a-z][a-z-]*)", text)) <= commands
    assert set(re.findall(r"make\.py ([a-z][a-z-]*)", text)) <= known
    assert set(re.findall(r"`make ([a-z-]+)`", text)) <= known


def test_the_makefile_knows_every_command():
    phony = re.search(r"^\.PHONY: (.*)$", page("Makefile"), re.MULTILINE).group(1)
    assert phony.split() == list(COMMANDS)


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.id)
def test_every_measure_is_listed_as_it_is(measure):
    limits = "yes or no" if measure.is_flag else f"{measure.low:g} to {measure.high:g}"
    limits = ", ".join(measure.categories) if measure.is_category else limits
    row = f"| `{measure.id}` | {measure.label} | {measure.unit} | {limits} | {measure.note} |"
    assert row in page("docs/reference/measures.md")


@pytest.mark.parametrize("part", PARTS_OF_A_PROTOCOL, ids=lambda part: part.__name__)
def test_every_key_of_a_protocol_is_described(part):
    text = page("docs/reference/protocol.md")
    keys = {entry.name for entry in dataclasses.fields(part)} - NOT_WRITTEN
    assert {key for key in keys if f"`{key}`" not in text and f"{key}:" not in text} == set()


@pytest.mark.parametrize(
    "choice",
    [
        protocol.Action,
        protocol.RandomisationMethod,
        design.ExerciseType,
        design.Masking,
        design.Route,
        design.Spending,
        design.Shape,
        design.ResizeRule,
        design.FinalTest,
        analysis_plan.EndpointKind,
        analysis_plan.Method,
        analysis_plan.Strategy,
        statement.Status,
    ],
)
def test_every_choice_is_described(choice):
    text = page("docs/reference/protocol.md")
    assert [member.value for member in choice if f"`{member.value}`" not in text] == []
