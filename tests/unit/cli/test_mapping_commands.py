"""``euexia map-template`` from the outside."""

from typer.testing import CliRunner

from euexia.cli.main import app
from euexia.core.errors import InputError, OutputError

RUNNER = CliRunner()


def run(*arguments):
    return RUNNER.invoke(app, [str(argument) for argument in arguments])


def test_the_example_is_written_once_and_can_be_checked(tmp_path):
    folder = tmp_path / "project"
    assert run("map-template", "--example", folder).exit_code == 0
    assert isinstance(run("map-template", "--example", folder).exception, InputError)
    answer = run("check", folder / "export.csv", "--mapping", folder / "mapping.yaml")
    assert answer.exit_code == 0
    assert "body_weight" in answer.stdout
    assert "Conflicts" not in answer.stdout


def test_a_template_is_a_file_that_is_never_overwritten_and_whose_guesses_are_named(tmp_path):
    folder, out = tmp_path / "project", tmp_path / "guessed.yaml"
    run("map-template", "--example", folder)
    assert run("map-template", folder / "export.csv", "--out", out).exit_code == 0
    again = run("map-template", folder / "export.csv", "--out", out)
    assert isinstance(again.exception, OutputError)
    answer = run("check", folder / "export.csv", "--mapping", out)
    assert answer.exit_code == 0
    assert "that nobody has confirmed" in answer.stdout


def test_a_template_can_be_printed(tmp_path):
    table = tmp_path / "visits.csv"
    table.write_text("patient,day,weight_kg\nA,0,70\n")
    answer = run("map-template", table)
    assert answer.exit_code == 0
    assert "weight_kg: {measure: body_weight, unit: kg, guess: by its name}" in answer.stdout


def test_without_data_the_way_out_is_said():
    assert isinstance(run("map-template").exception, InputError)
    assert isinstance(run("map-template", "nowhere.csv").exception, InputError)
