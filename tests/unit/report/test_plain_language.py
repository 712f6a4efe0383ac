"""The page in plain words: its grade by the textbook formula, its honesty, its escaping."""

from __future__ import annotations

import dataclasses

import pytest

from euexia import protocol as protocols
from euexia.drugs import DRUGS
from euexia.protocol.analysis_plan import EVENTS, Role
from euexia.report.glossary import glossary, plain_words
from euexia.report.plain_language import plain_page
from euexia.report.plain_language_facts import ArmFacts, EffectFacts, RunFacts
from euexia.report.plain_language_grade import reading_grade, syllables
from euexia.report.plain_language_page import fragment, full_page, text

RASH = {"rash": 0.3}
FACTS = RunFacts(
    trials=100,
    arms=(
        ArmFacts(
            name="a", label="<b>Drug</b>", responders=0.123, died=0.05, completed=0.8, harms={"rash": 0.3}
        ),
        ArmFacts(name="b", label="Placebo", responders=0.001, died=None, completed=None, harms={}),
    ),
    effects=(),
)


def test_the_grade_is_that_of_the_formula() -> None:
    """By hand: 6 words, 1 sentence, 6 syllables: 0.39 * 6 + 11.8 - 15.59 = -1.45 (Kincaid et al. 1975)."""
    assert reading_grade(["The cat sat on the mat."]) == pytest.approx(-1.45)
    two = 0.39 * 10 / 2 + 11.8 * 13 / 10 - 15.59  # 10 words, 13 syllables, 2 sentences
    assert reading_grade(["Patients lose weight. They eat less and become very weak."]) == pytest.approx(two)
    assert reading_grade([]) == 0.0


@pytest.mark.parametrize(
    ("word", "count"),
    [("cat", 1), ("muscle", 2), ("appetite", 3), ("inflammation", 4), ("treated", 2), ("use", 1), ("25", 1)],
)
def test_syllables(word: str, count: int) -> None:
    """Counted aloud."""
    assert syllables(word) == count


@pytest.mark.parametrize("name", protocols.shipped())
def test_every_trial_can_be_read_by_a_twelve_year_old(name: str) -> None:
    """Grade 8 at most, with and without figures of a run; no advice, and what is guessed is said."""
    protocol = protocols.load(name)
    effects = tuple(
        EffectFacts(analysis=a.name, value=1.2, unit="kg", measure_of_effect="difference", success=0.4)
        for a in protocol.analyses
        if a.primary
    )
    arms = tuple(
        ArmFacts(name=a.name, label=a.label, responders=0.1, died=0.1, completed=0.7, harms={"rash": 0.1})
        for a in protocol.arms
    )
    for facts in (None, RunFacts(trials=100, arms=arms, effects=effects)):
        page = plain_page(protocol, facts)
        assert page.reading_grade <= 8
        said = text(page)
        assert "not advice" in said
        assert str(len(protocol.assumptions)) in said
        assert "how patients do" not in said  # every primary endpoint has plain words


def test_figures_are_told_as_counts_of_a_hundred() -> None:
    """12.3 % is about 12 of 100; 0.1 % is fewer than 1."""
    said = text(plain_page(protocols.load("lenalidomide"), FACTS))
    assert "about 12 of 100 people reached the goal" in said
    assert "fewer than 1 of 100" in said
    assert "made-up patients" in said


def test_what_is_given_is_escaped() -> None:
    """Names of arms are text, never HTML."""
    page = plain_page(protocols.load("lenalidomide"), FACTS)
    assert "<b>Drug</b>" not in fragment(page)
    assert "&lt;b&gt;Drug" in fragment(page)
    assert "<b>Drug</b>" not in full_page(page)


def test_every_treatment_measure_and_harm_has_plain_words() -> None:
    """So that no page falls back on the words of the field."""
    words = plain_words()
    assert set(words.treatments) == set(DRUGS)
    assert set(words.events) == set(EVENTS)
    for name in protocols.shipped():
        for endpoint in protocols.load(name).endpoints:
            if endpoint.role is Role.PRIMARY and endpoint.measure:
                assert endpoint.measure in words.measures


def test_the_glossary_is_easy_too() -> None:
    """Each meaning is a sentence of its own; all of them together stay below grade 9."""
    meanings = [entry.meaning for entry in glossary().values()]
    assert all(meaning.endswith(".") for meaning in meanings)
    assert reading_grade(meanings) < 9


def test_terms_are_those_that_the_page_uses() -> None:
    """A word that is not said is not explained."""
    page = plain_page(protocols.load("lenalidomide"))
    assert "cachexia" in dict(page.terms)
    assert "estimand" not in dict(page.terms)
    assert dataclasses.is_dataclass(page)
