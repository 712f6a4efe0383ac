"""Titles of the outcomes of a forest plot are broken, not cut off."""

import pytest
from matplotlib.figure import Figure

from builders import make_protocol
from euexia.report.forest_figures import CHARACTERS, LINE, EffectRow, OutcomeEffects, forest_panel
from euexia.report.style import ArmStyle, arm_styles

LONG = "Appetite and eating symptoms (FAACT A/CS), mean of weeks 3 to 12, week 12: Anamorelin 100 mg (mean)"


@pytest.fixture
def arm() -> ArmStyle:
    return arm_styles(make_protocol())[0]


def outcome(label: str, arm: ArmStyle) -> OutcomeEffects:
    row = EffectRow(arm=arm, one=1.0, one_low=0.5, one_high=1.5)
    return OutcomeEffects(label=label, unit="points", higher_is_better=True, rows=(row,))


def test_a_long_title_takes_more_lines_and_more_room(arm):
    short = forest_panel([outcome("Weight", arm)], "", name="a", title="a")
    long = forest_panel([outcome(LONG, arm)], "", name="a", title="a")
    figure = Figure(figsize=(long.width / 72, long.height / 72))
    long.draw(figure)
    (title,) = (text.get_text() for text in figure.texts)
    assert title.replace("\n", " ") == f"{LONG} [points]"
    assert max(map(len, title.split("\n"))) <= CHARACTERS
    assert long.height - short.height == pytest.approx(LINE * title.count("\n"))
