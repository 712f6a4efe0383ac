"""Formatting, looks and drawings of a report."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np
import pytest

from euexia.report import forest_figures, formatting
from euexia.report.drawing import Panel, inline_svg
from euexia.report.rate_figures import rate_shares
from euexia.report.style import CONTROL, PALETTE, arm_styles, tinted
from euexia.study.operating import Estimate

NAN = float("nan")


def estimate(value: float, error: float) -> Estimate:
    return Estimate(value=value, error=error, trials=1000)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(1234.5, 1, "1,234.5"), (-2.04, 1, "−2.0"), (-0.01, 1, "0.0"), (0.0, 0, "0"), (NAN, 1, "–")],
)
def test_number(value: float, decimals: int, text: str) -> None:
    """By hand; a rounded zero has no sign."""
    assert formatting.number(value, decimals) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.25, "25.0 %"),
        (0.9998, "99.98 %"),
        (1.0, "100.0 %"),
        (0.0004, "0.04 %"),
        (0.0, "0.0 %"),
        (NAN, "–"),
    ],
)
def test_percent_never_rounds_to_certainty(share: float, text: str) -> None:
    assert formatting.percent(share).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.312, 0.0146, "31.2 % ± 1.5"),
        (0.0211, 0.0004, "2.11 % ± 0.04"),
        (0.0, 0.0, "0.0 % (none in 1,000 trials)"),
        (1.0, 0.0, "100.0 % (all in 1,000 trials)"),
        (0.5, NAN, "50.0 %"),
        (NAN, NAN, "–"),
    ],
)
def test_share_with_error(value: float, error: float, text: str) -> None:
    """An error is shown to its first digit, and the value as far as its error."""
    assert formatting.share_with_error(estimate(value, error)).replace("\u00a0", " ") == text


def test_value_with_error() -> None:
    shown = formatting.value_with_error(estimate(-26.0, 0.2))
    assert shown.replace("\u00a0", " ") == "−26.0 ± 0.2"
    assert formatting.value_with_error(estimate(100.0, 0.0)) == "100.0"


@pytest.mark.parametrize(("value", "text"), [(0.00001, "< 0.0001"), (0.04567, "0.0457"), (NAN, "–")])
def test_p_value(value: float, text: str) -> None:
    assert formatting.p_value(value) == text


def test_words() -> None:
    assert formatting.joined(()) == ""
    assert formatting.joined(("a",)) == "a"
    assert formatting.joined(("a", "b", "c")) == "a, b and c"
    assert formatting.sentence_case("venous_thromboembolism") == "Venous thromboembolism"
    assert formatting.sentence_case("crp_guided") == "CRP guided"
    assert formatting.plural(1, "patient") == "1 patient"
    assert formatting.plural(0, "patient") == "0 patients"
    assert formatting.weeks(56.0) == "8"


def test_arms_look_different_and_controls_are_grey(fabricated: Any) -> None:
    styles = arm_styles(fabricated.protocol)
    assert len({style.colour for style in styles}) == len({style.marker for style in styles}) == 3
    assert styles[-1].colour == CONTROL
    assert [style.size for style in styles] == [40, 40, 20]


def luminance(colour: str) -> float:
    """WCAG 2.2, definition of relative luminance."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [*PALETTE, CONTROL])
def test_text_in_arm_colours_has_enough_contrast(colour: str) -> None:
    """WCAG 2.2, success criterion 1.4.3: at least 4.5 : 1, on white and on the palest tint in use."""
    for ground in ("#ffffff", tinted(colour, 0.06)):
        assert (luminance(ground) + 0.05) / (luminance(colour) + 0.05) >= 4.5


def test_drawings_are_the_same_each_time_and_name_their_own_parts() -> None:
    def draw(figure: Any) -> None:
        axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
        axes.plot([0, 1], [1 / 3, 2 / 3], marker="o")

    panel = Panel(name="one", title="A <title>", description="d", draw=draw, width=200, height=100)
    first = inline_svg(panel)
    assert first == inline_svg(panel)
    other = inline_svg(dataclasses.replace(panel, name="two"))
    assert not set(re.findall(r' id="([^"]+)"', first)) & set(re.findall(r' id="([^"]+)"', other))
    assert "A &lt;title&gt;" in first


def test_rate_shares_sum_to_one() -> None:
    """Few different rates are shown as they are; many are binned."""
    few = np.array([0.0, 0.1, 0.1, 0.2])
    values, shares, _ = rate_shares(few, 10)
    assert values.tolist() == [0.0, 0.1, 0.2]
    assert shares.tolist() == [0.25, 0.5, 0.25]
    _, shares, _ = rate_shares(np.linspace(0, 1, 500), 10)
    assert shares.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("value", "text"), [(0.125, "+12.5"), (-0.031, "−3.1"), (0.0, "0.0"), (0.0001, "0.0"), (NAN, "–")]
)
def test_percentage_points_are_signed_and_have_no_unit(value: float, text: str) -> None:
    """By hand: shares of 0.125 and 0.031 apart; what rounds to zero has no sign."""
    assert formatting.points(value) == text


@pytest.mark.parametrize("limit", [0.3, 1.0, 4.4, 44.0, 700.0, 9999.0])
def test_ticks_of_a_forest_plot_are_few_and_round(limit: float) -> None:
    step = forest_figures._step(limit)
    assert 3 <= 2 * int(limit / step) + 1 <= forest_figures.MOST_TICKS
    assert float(f"{step:.0e}") == pytest.approx(step)


def test_a_forest_plot_without_a_known_interval_is_drawn(fabricated: Any) -> None:
    arm = arm_styles(fabricated.protocol)[0]
    row = forest_figures.EffectRow(arm=arm, one=NAN, one_low=NAN, one_high=NAN)
    outcome = forest_figures.OutcomeEffects(label="Any", unit="kg", higher_is_better=True, rows=(row,))
    assert "Any [kg]" in inline_svg(
        forest_figures.forest_panel([outcome], "nothing is known", name="forest", title="Effects")
    )
