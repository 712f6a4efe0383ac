"""Lean mass and handgrip strength under every treatment: 12 weeks, against no treatment.

The patient is the shipped archetype ``nsclc``; each treatment is given at its usual amount.
Run: ``python benchmarks/dissociation.py [--figure docs/images/dissociation.svg]`` (under a minute).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from euexia import drugs, parameters
from euexia.population import archetypes
from euexia.report.dissociation import Gain, dissociation_svg
from euexia.study import regimen
from euexia.study.single_patient import simulate_patient

WEEKS = 12
COMBINATION = "anamorelin 100 mg daily + exercise 100 %"
COMBINATION_LABEL = "anamorelin + exercise"


def gains() -> list[Gain]:
    """Return the gains of every treatment, and of anamorelin with exercise."""
    chosen = parameters.load()
    given = {drug.label: regimen.usual(name, chosen) for name, drug in drugs.DRUGS.items()}
    given[COMBINATION_LABEL] = regimen.parse(COMBINATION, chosen)
    course = simulate_patient(
        archetypes.load("nsclc"),
        list(given.values()),
        weeks=WEEKS,
        parameters=chosen,
        reference=regimen.parse(regimen.NOTHING, chosen),
    )
    places = {entry.label: place for place, entry in enumerate(course.regimens)}
    lean, grip = (course.at_week(name, WEEKS) for name in ("lean_mass_dxa", "handgrip_strength"))
    return [
        Gain(
            label=label,
            lean_mass=float(lean[places[entry.label]] - lean[course.reference]),
            handgrip=float(grip[places[entry.label]] - grip[course.reference]),
        )
        for label, entry in given.items()
    ]


def main() -> None:
    """Print the table; draw the figure if a file is named."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--figure", type=Path, help="SVG file to write")
    figure = reader.parse_args().figure
    found = gains()
    print(f"{'against no treatment, 12 weeks':32s}{'lean mass kg':>14s}{'handgrip kg':>14s}")
    for gain in sorted(found, key=lambda one: -one.lean_mass):
        print(f"{gain.label:32s}{gain.lean_mass:+14.2f}{gain.handgrip:+14.2f}")
    if figure is not None:
        second = "Man of 63 with lung cancer on chemotherapy, 12 weeks of each treatment at its usual amount"
        figure.write_text(dissociation_svg(found, second), encoding="utf-8")


if __name__ == "__main__":
    main()
