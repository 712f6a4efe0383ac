"""``euexia definitions``: one concept, all of them, the page, and what is refused."""

import sys

import pytest

from euexia.cli.main import main
from euexia.criteria.catalogue import DEFINITIONS
from euexia.criteria.definition_page import markdown


@pytest.fixture
def definitions(monkeypatch, capsys):
    """Give a function that runs the command: (exit code, output, messages)."""

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["euexia", "definitions", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, *capsys.readouterr()

    return call


def test_all_are_listed(definitions):
    code, output, messages = definitions()
    assert code == 0
    assert f"{len(DEFINITIONS)} of {len(DEFINITIONS)} definitions" in messages
    lines = {line.split()[0] for line in output.splitlines() if line.strip()}
    assert set(DEFINITIONS) <= lines


def test_one_concept_is_listed_with_source_and_check(definitions):
    code, output, _ = definitions("sarcopenia")
    assert code == 0
    assert "ewgsop2" in output
    assert "fearon2011" not in output
    assert "Checked: " in output


def test_the_page_is_written(definitions):
    code, output, _ = definitions("--format", "markdown")
    assert (code, output) == (0, markdown(DEFINITIONS))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sarkopenia",), "Did you mean 'sarcopenia'?"),
        (("sarcopenia", "--format", "markdown"), "The page holds all definitions."),
    ],
)
def test_mistakes_are_said(definitions, words, said):
    code, _, messages = definitions(*words)
    assert code == 2
    assert said in " ".join(messages.split())
