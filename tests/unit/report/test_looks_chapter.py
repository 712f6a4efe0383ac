"""The chapter on interim looks: where trials end, what that saves, what it does to the estimate."""

from types import SimpleNamespace

import pytest

from builders.plain_trials import one_arm_protocol, plain_protocol, plain_source, response_source
from euexia.protocol.design import Boundary, Drop, Interim, Resize, ResizeRule, Spending
from euexia.report import looks
from euexia.report.content import Drawn, Prose, Table
from euexia.report.drawing import picture_files
from euexia.report.look_results import looks_of
from euexia.report.results import plain
from euexia.report.style import arm_styles
from euexia.study.adaptive import carry_out
from euexia.study.adaptive_simulation import reduce_course
from euexia.study.look_plan import plan_looks
from euexia.study.look_summary import characterise

TRIALS = 60


def characteristics(protocol, source):
    plan = plan_looks(protocol)
    course = carry_out(plan, source)
    patients = reduce_course(0, plan, course, with_series=False).arms.patients
    return characterise(protocol, course.looks, patients)


def material(protocol, modelled, null):
    """Return what the chapter reads of a report's material."""
    return SimpleNamespace(
        protocol=protocol,
        arms=arm_styles(protocol),
        labels={arm.name: arm.label for arm in protocol.arms},
        operating=SimpleNamespace(
            as_modelled=SimpleNamespace(looks=modelled), without_effect=SimpleNamespace(looks=null)
        ),
    )


def chapter_of(protocol, **sizes):
    modelled = characteristics(protocol, plain_source(protocol, TRIALS, effects={"drug": 0.4}, **sizes))
    null = characteristics(protocol, plain_source(protocol, TRIALS, effects={}, **sizes))
    return looks.chapter(material(protocol, modelled, null)), modelled


def text_of(chapter):
    parts = []
    for block in chapter.blocks:
        if isinstance(block, Prose):
            parts.append(block.text)
        elif isinstance(block, Table):
            parts += [block.caption, *block.columns, *(cell for row in block.rows for cell in row)]
        elif isinstance(block, Drawn):
            parts.append(block.picture.caption)
    return " ".join(parts)


def look(**changes):
    given = {"analysis": "strength_drug", "information": 0.5, "executed": True, **changes}
    return Interim(name="half", **given)


@pytest.fixture(scope="module")
def stopping():
    """Give a trial that may stop for both reasons and grow."""
    return plain_protocol(
        look(
            efficacy=Boundary(spending=Spending.POCOCK),
            futility=Boundary(p_value=0.5),
            resize=Resize(by=ResizeRule.PROMISING_ZONE, maximum=150, promising_from=0.3),
        )
    )


def test_the_chapter_says_where_trials_end_and_what_that_saves(stopping):
    chapter, found = chapter_of(stopping, size=150)
    text = text_of(chapter)
    assert f"{100 * (1 - found.looks[-1].held.value):.1f}" in text
    for words in (
        "Half: at 50 % of the information",
        "Final analysis",
        "Ends for efficacy, as modelled",
        "below 0.00 or from 2.16",
        "The test rejects towards benefit (power; type I error)",
        "The size is raised",
        "of these drug",
        "the plain estimate of 'strength_drug'",
    ):
        assert words in text.replace("\u00a0", " "), words
    endings, changes = (block for block in chapter.blocks if isinstance(block, Table))
    assert all(len(row) == len(endings.columns) for row in endings.rows)
    assert all(len(row) == len(changes.columns) for row in changes.rows)


def test_the_figure_is_drawn_the_same_each_time(stopping):
    chapter, _ = chapter_of(stopping, size=150)
    (picture,) = chapter.pictures()
    files = picture_files(picture)
    assert files == picture_files(picture)
    assert b"Where trials end" in files["looks.svg"]
    assert b"efficacy" in files["looks.svg"]


def test_a_design_that_only_drops_arms_has_no_boundaries():
    drop = Drop(analyses=("strength_low", "strength_high"), keep=1)
    protocol = plain_protocol(look(analysis="strength_low", drop=drop), size=90, arms=("low", "high", "none"))
    chapter, found = chapter_of(protocol)
    text = text_of(chapter)
    assert "low is dropped" in text
    assert "limits" not in text
    assert len(next(chapter.pictures()).panels) == 1
    assert sum(share.value for share in found.left.values()) == pytest.approx(1)


def test_two_stages_are_told_by_responders():
    first = Interim(
        name="first",
        analysis="response_drug",
        patients=10,
        pause=True,
        executed=True,
        futility=Boundary(responders=1),
        binding=True,
    )
    protocol = one_arm_protocol(first, size=29, null=0.1, alternative=0.3, alpha=0.05)
    modelled, null = (
        characteristics(protocol, response_source(protocol, TRIALS, rate=rate)) for rate in (0.3, 0.1)
    )
    text = text_of(looks.chapter(material(protocol, modelled, null)))
    assert "Responders limits" in text
    assert "nobody being randomised meanwhile" in text
    values = plain(looks_of(modelled))
    assert values["statistic"] == "responders"
    assert values["analyses"][0]["lower"]["value"] == 1


def test_a_report_without_looks_has_no_such_chapter():
    nothing = SimpleNamespace(looks=None)
    given = SimpleNamespace(operating=SimpleNamespace(as_modelled=nothing, without_effect=nothing))
    assert looks.chapter(given) is None
    assert looks.chapter(SimpleNamespace(operating=None)) is None
