"""``euexia design`` as its user meets it: every example of the help runs, errors are messages."""

import csv
import io
import json
import re
import shlex
import subprocess
import sys

import pytest
import typer.main

from euexia.cli import design_sequential, design_sizes
from euexia.cli.main import app, main
from euexia.design.repeated import Structure
from euexia.design.spending import Boundary
from euexia.design.survival import EventFormula
from euexia.design.two_arm import RateTest


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Give a function that runs a command line in an empty folder: (exit code, output, messages)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")

    def call(line):
        monkeypatch.setattr(sys, "argv", ["euexia", *shlex.split(line)])
        with pytest.raises(SystemExit) as ended:
            main()
        output, messages = capsys.readouterr()
        assert "Traceback" not in messages
        return ended.value.code or 0, output, " ".join(messages.split())

    return call


def commands(group):
    """Yield every command below a group."""
    for command in group.commands.values():
        if hasattr(command, "commands"):
            yield command
            yield from commands(command)
        else:
            yield command


SIMULATED = ("design search", "design assurance")
"""Designs that are no closed form; their own tests run them, in small."""
DESIGN = typer.main.get_command(app).commands["design"]
EXAMPLES = sorted(
    {
        example
        for command in (DESIGN, *commands(DESIGN))
        for example in re.findall(r"euexia (design [^\n\[]*)", command.epilog or "")
        if not example.startswith(SIMULATED)
    }
)


def test_every_command_has_an_example():
    assert len(EXAMPLES) > 15
    for command in commands(DESIGN):
        assert "euexia design" in (command.epilog or ""), command.name


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_the_help_run(run, example):
    code, output, messages = run(example.strip())
    assert (code, messages) == (0, "")
    assert "Assumed: " in output
    assert "Source: " in output


@pytest.mark.parametrize("example", EXAMPLES)
def test_json_and_csv_can_be_read(run, example):
    code, output, _ = run(f"{example.strip()} --format json")
    content = json.loads(output)
    assert code == 0
    assert content["assumptions"]
    assert content["sources"]
    _, table, _ = run(f"{example.strip()} --format csv")
    rows = list(csv.DictReader(io.StringIO(table)))
    first = next(iter(content["tables"].values()))
    assert [list(row) for row in rows] == [list(row) for row in first]


def test_simons_design_is_said(run):
    _, output, _ = run("design two-stage --null 0.1 --alternative 0.3 --alpha 0.1 --power 0.9 --format json")
    designs = {row["aim"]: row for row in json.loads(output)["tables"]["designs"]}
    assert (designs["optimal"]["first_stage"], designs["optimal"]["whole_trial"]) == ("1/12", "5/35")
    assert designs["optimal"]["expected_size"] == pytest.approx(19.8429, abs=5e-5)


def test_a_design_that_is_called_optimal_and_is_not_is_named(run):
    _, output, _ = run(
        "design two-stage --null 0.1 --alternative 0.3 --alpha 0.1 --power 0.9 --check 2/18,4/26"
    )
    assert "The given design is not optimal: 1/12, 5/35" in " ".join(output.split())


def test_the_saw_tooth_is_warned_of(run):
    _, output, _ = run("design one-stage --null 0.05 --alternative 0.2 --alpha 0.025 --power 0.8")
    assert "33 patients are the first to reach the power" in output
    assert "saw-tooth" in output


def test_an_interim_that_has_crossed_is_said(run):
    _, output, _ = run("design conditional-power --looks 2 --analysis 1 --statistic 3.5")
    assert "by its plan the trial has rejected" in " ".join(output.split())


def test_a_test_that_breaks_its_level_is_said(run):
    """Pearson's chi-square at 12 % in the control arm; the exact level is above .025 at the size found."""
    line = "design sample-size responder --rate 0.4 --control-rate 0.12 --test chi-square"
    _, output, _ = run(line)
    assert "is not exact" in output


def test_the_answer_is_written_to_a_new_file(run, tmp_path):
    line = "design sample-size mean --difference 2 --deviation 4"
    code, output, messages = run(f"{line} --out size.txt")
    assert (code, output, messages) == (0, "", "Design: size.txt")
    assert "Both arms" in (tmp_path / "size.txt").read_text(encoding="utf-8")
    code, _, messages = run(f"{line} --out size.txt --format json")
    assert code == 2
    assert "exists and is not overwritten" in messages
    assert run(f"{line} --out no/such/folder.csv --format csv")[0] == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["size.txt"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("one-stage --null 0.5 --alternative 0.2", "not above 'null'"),
        ("one-stage --null 0.05 --alternative 0.2 --size 0", "'size' is 0"),
        ("two-stage --null 0.1 --alternative 0.3 --alpha 0.7", "'alpha' is 0.7"),
        ("two-stage --null 0.1 --alternative 0.3 --check 2-18", "such as 1/10,5/29"),
        ("group-sequential --information 1,0.5", "increase from analysis to analysis"),
        ("group-sequential --information half", "Give numbers with commas"),
        ("group-sequential --information 0.5,1 --looks 3", "Give one of the two"),
        ("group-sequential --looks 0", "Give 1 to 50"),
        ("group-sequential --power 0.01", "a coin would do"),
        ("group-sequential --futility lan-demets-pocok", "Did you mean 'lan-demets-pocock'?"),
        ("group-sequential --binding", "need '--futility'"),
        ("group-sequential --fixed-size -3", "'fixed_size' is -3"),
        ("conditional-power --analysis 2 --statistic 1", "is the last one"),
        ("conditional-power --analysis 1 --statistic nan", "'statistic' is nan"),
        ("final-analysis --analysis 3 --statistic 2", "the design has 2"),
        ("final-analysis --analysis 1 --statistic inf", "'statistic' is inf"),
        ("coprimary --effects 0.5 --correlation 0", "1 endpoints were given"),
        ("coprimary --rates 0.5,0.3,0.2 --correlation 0", "2 or 4 numbers"),
        ("coprimary --effects 0.5,0.4 --correlation 0 --test fisher", "is for two rates"),
        ("coprimary --rates 0.95,0.9,0.5,0.2 --correlation 0.9", "for these response rates"),
        ("binomial-looks --sizes 5.5 --stop-at-most 0 --reject-at-least 3 --rates 0.1", "Give whole numbers"),
        ("dose-finding --target 0.9", "in the order low, target, high"),
        (
            "sample-size mmrm --difference 2 --deviation 4 --correlation 0.6 --retention 0.8,0.9",
            "never growing",
        ),
        (
            "sample-size mmrm --difference 2 --deviation 4,5 --correlation 0.6 --retention 1,1,1",
            "one for each of 3",
        ),
        ("sample-size win-odds", "Give either --odds"),
        ("sample-size responder --rate 0.3 --control-rate 0.5", "nothing to show"),
        (
            "sample-size survival --hazard-ratio 1 --control-median 12 --accrual 1 --follow-up 1",
            "nothing to detect",
        ),
        (
            "sample-size survival --hazard-ratio 0.7 --control-median 12 --accrual 1 --follow-up 1 --dropout "
            "1",
            "'--dropout' is 1",
        ),
    ],
)
def test_mistakes_are_said(run, line, said):
    code, output, messages = run(f"design {line}")
    assert (code, output) == (2, "")
    assert said in messages


def test_the_choices_of_the_command_line_are_those_of_the_package():
    """They are listed twice so that help need not load any numerical package."""
    assert [*design_sequential.BoundaryName] == [*Boundary]
    assert [*design_sizes.Test] == [*RateTest]
    assert [*design_sizes.StructureName] == [*Structure]
    assert [*design_sizes.Events] == [*EventFormula]


def test_help_loads_no_numerical_package():
    code = (
        "import sys; sys.argv = ['euexia', 'design', 'sample-size', '--help']\n"
        "from euexia.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('LOADED', sorted({'numpy', 'scipy', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "LOADED []" in done.stdout
