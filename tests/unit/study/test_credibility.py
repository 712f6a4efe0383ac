"""Why believe it: criteria set beforehand, figures computed anew, and no change that nobody has looked at."""

from pathlib import Path

import pytest

from euexia.core.errors import DataFileError, InputError
from euexia.report import credibility_report
from euexia.study import credibility
from euexia.study.credibility_figures import FIGURES, Figure

ROOT = Path(__file__).resolve().parents[3]


def judged(value=0.25, *, at_most=1.0, before=0.25, category=credibility.Category.PLAUSIBILITY):
    criterion = credibility.Criterion(category=category, figure="x", why="because", at_most=at_most)
    figure = Figure(value=value, unit="kg", meaning="Something that is measured", shown="a test")
    return credibility.Judged(criterion=criterion, figure=figure, before=before)


@pytest.mark.parametrize("name", credibility.names())
def test_every_context_that_ships_says_something_of_every_category(name):
    context = credibility.load(name)
    said = {criterion.category for criterion in context.criteria} | set(context.not_applicable)
    assert said == set(credibility.Category)
    assert all(criterion.figure in FIGURES for criterion in context.criteria)
    assert context.risk is credibility.Level.MEDIUM


@pytest.mark.parametrize(
    ("value", "met"), [(0.5, True), (1.0, True), (1.0000001, False), (float("nan"), False)]
)
def test_a_limit_is_met_up_to_itself_and_never_by_what_is_unknown(value, met):
    assert judged(value).met is met


@pytest.mark.parametrize(
    ("value", "before", "changed"),
    [(0.25, 0.25, False), (0.2501, 0.25, False), (0.26, 0.25, True), (0.25, None, True), (0, 0, False)],
)
def test_a_figure_that_moves_by_more_than_rounding_has_changed(value, before, changed):
    assert judged(value, before=before).changed is changed


def test_a_context_of_ones_own_is_checked_whole(tmp_path):
    own = tmp_path / "mine.yaml"
    own.write_text(
        "context: mine\ntitle: T\nquestion: Q\nuse: U\n"
        "influence: {level: high, why: w}\nconsequence: {level: low, why: w}\n"
        "criteria:\n  - {category: plausibility, figure: engine_eror, why: w}\n",
        encoding="utf-8",
    )
    with pytest.raises(DataFileError) as caught:
        credibility.load(str(own))
    text = str(caught.value)
    assert "no figure 'engine_eror'" in text
    assert "give at_most or at_least" in text
    assert "nothing is said of code_verification" in text


def test_the_report_names_what_is_not_met():
    context = credibility.load("design_choice")
    entries = [judged(category=category) for category in credibility.Category]
    found = credibility.Credibility(context=context, judged=(*entries, judged(2.0)), hashes={})
    assert credibility_report.sentences(found) == (
        "8 of 9 criteria, set beforehand, are met.",
        "Not met: something that is measured is 2 kg, not at most 1.",
    )
    text = credibility_report.markdown(found)
    assert "| Something that is measured | 2 kg | at most 1 | NO | because | a test |" in text
    assert all(f"## {title}" in text for title in credibility_report.TITLES.values())


def test_figures_are_kept_only_in_a_checkout_and_with_a_reason(tmp_path):
    context = credibility.load("design_choice")
    found = credibility.Credibility(context=context, judged=(judged(),), hashes={})
    with pytest.raises(InputError, match="no checkout"):
        credibility.keep(found, "why", tmp_path, "page")
    with pytest.raises(InputError, match="Say why"):
        credibility.keep(found, " ", tmp_path, "page")


@pytest.mark.slow
def test_no_figure_has_changed_without_somebody_looking_at_it():
    """What is committed is what the code gives; else somebody looks: euexia credibility --acknowledge."""
    context = credibility.load("design_choice")
    found = credibility.assess(context)
    assert [(entry.criterion.figure, entry.before, entry.figure.value) for entry in found.changed] == []
    page = (ROOT / "docs" / "explanation" / "credibility.md").read_text(encoding="utf-8")
    assert all(title in page for title in credibility_report.TITLES.values())
