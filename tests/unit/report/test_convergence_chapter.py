"""How sure the figures are: the course of power over trials, and the words about it."""

import dataclasses

import numpy as np
import pytest

from euexia import load_protocol
from euexia.report import convergence as chapter
from euexia.statistics.proportions import clopper_pearson
from euexia.study import convergence, ladder, replicate
from euexia.study.decisions import Decisions
from euexia.study.operating import Estimate
from euexia.study.stopping import Stopping


@pytest.fixture(scope="module")
def study():
    """Give 30 trials of ten patients."""
    protocol = dataclasses.replace(load_protocol("lenalidomide"), size=10)
    return replicate.run(protocol, trials=30, seed=2, workers=1)


def test_a_course_is_the_share_of_the_first_trials_with_its_exact_interval(study):
    """In trials 3, 6, 9 ... the test rejects: 3 of the first 10, 10 of all 30."""
    decisions = Decisions(study.protocol)
    decisions.trials = 30
    for analysis in study.protocol.analyses:
        for scenario in ("as_modelled", "without_effect"):
            decisions._rejections[scenario, analysis.name] = [np.arange(1, 31) % 3 == 0]
    course = convergence.convergence(study.protocol, decisions)[0]
    assert (course.trials[0], course.trials[-1]) == (10, 30)
    assert (course.share[0], course.share[-1]) == (0.3, 1 / 3)
    low, high = clopper_pearson(np.array([3]), np.array([10]), 0.95)
    assert (course.low[0], course.high[0]) == (low[0], high[0])


def test_the_last_point_is_the_power_that_the_report_gives(study):
    rejection = {a.analysis: a.rejection for a in study.operating.as_modelled.analyses}
    for course in study.convergence:
        if course.scenario == "as_modelled":
            assert course.share[-1] == rejection[course.analysis].value
            assert course.trials[-1] == 30


def material(study, **changed):
    from euexia.endpoints import derive
    from euexia.report.material import Material

    return Material(
        protocol=study.protocol,
        data=study.example,
        results=study.example_results,
        table=derive(study.example, study.protocol),
        provenance=study.provenance,
        parameters=study.parameters,
        operating=study.operating,
        convergence=study.convergence,
        **changed,
    )


def test_the_chapter_has_a_panel_for_each_primary_analysis_and_says_where_a_rule_ended(study):
    stopping = Stopping(rule="power se < 5 %", met_at=30, trials=30, most=100)
    found = chapter.chapter(material(study, stopping=stopping))
    (picture,) = found.pictures()
    assert [panel.title.replace("\u00a0", " ") for panel in picture.panels] == [
        "Lenalidomide 25 mg against 5 %",
        "Lenalidomide CRP-guided against 5 %",
    ]
    assert "30 trials" in picture.panels[0].description
    assert "was met at 30 trials (at most 100)" in found.blocks[0].text
    assert "unbiased" in found.blocks[0].text


def test_trials_that_are_not_many_have_no_such_chapter(study):
    assert chapter.chapter(dataclasses.replace(material(study), operating=None)) is None


@pytest.mark.parametrize(("trials", "word"), [(40, "one by one"), (2_000, "a look"), (10_000, "a decision")])
def test_the_ladder_says_what_trials_are_good_for_and_what_halves_the_error(study, trials, word):
    """sqrt(0.25 / 2,000) is 1.1 percentage points."""
    rejection = Estimate(value=0.5, error=(0.25 / trials) ** 0.5, trials=trials)
    analyses = tuple(
        dataclasses.replace(analysis, rejection=rejection)
        for analysis in study.operating.as_modelled.analyses
    )
    modelled = dataclasses.replace(study.operating.as_modelled, analyses=analyses)
    operating = dataclasses.replace(study.operating, as_modelled=modelled, trials=trials)
    (sentence,) = ladder.sentences(study.protocol, operating, None)
    assert word in sentence
    assert f"±{100 * rejection.error:.2g} percentage points" in sentence
    assert f"--trials {4 * trials} --resume" in sentence


def test_a_rule_that_was_not_met_is_said():
    said = ladder.ended(Stopping(rule="power se < 1 %", met_at=None, trials=500, most=500))
    assert said == "The rule 'power se < 1 %' was not met by 500 of at most 500 trials."
