"""The figure of mass against force."""

import itertools
import re

from euexia.report.dissociation import LINE, Gain, dissociation_svg

NAMES = ("anamorelin", "progestin", "exercise", "lenalidomide", "an antibody")


def test_every_treatment_is_labelled_and_no_label_lies_on_another():
    """Five points, three of them at one place: each name is drawn once, a line's height apart on its side."""
    gains = [
        Gain(label=name, lean_mass=0.0 if place < 3 else 1.0 * place, handgrip=0.0 if place < 3 else -1.0)
        for place, name in enumerate(NAMES)
    ]
    svg = dissociation_svg(gains, "A patient, after 12 weeks")
    drawn = {}
    for name in NAMES:
        (found,) = re.findall(rf"<text([^>]*)>{name}</text>", svg)
        numbers = re.search(r'(?:translate\(| x=")(-?[\d.]+)(?:" y="| )(-?[\d.]+)', found)
        drawn[name] = (float(numbers[1]), float(numbers[2]), "end" in found)
    for one, other in itertools.combinations(NAMES[:3], 2):
        apart = abs(drawn[one][1] - drawn[other][1]) > LINE - 1
        assert apart or drawn[one][2] != drawn[other][2]
    assert "A patient, after 12 weeks" in svg


def test_the_figure_is_small_and_the_same_each_time():
    """Less than 200 kB; the same bytes from the same gains, also where nothing changes."""
    gains = [Gain(label="nothing", lean_mass=0.0, handgrip=0.0)]
    first, second = (dissociation_svg(gains, "") for _ in range(2))
    assert first == second
    assert len(first) < 200_000
