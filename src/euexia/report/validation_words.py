"""What a validation says, in words: figures by name, scores, and whether the model beat anything."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from euexia.criteria.measures import MEASURES
from euexia.evidence.row import Use
from euexia.evidence.targets import Target
from euexia.evidence.twin import Figure, Measured, Of, protocol_of
from euexia.report.formatting import NOT_KNOWN, number, percent
from euexia.study.validation import (
    CALIBRATED,
    DRUG_EFFECTS,
    PLACEBO_ARMS,
    PREDICTORS,
    UNCALIBRATED,
    Score,
    Validation,
)

SHARE = "1"
NAMES = {
    CALIBRATED: "Model, calibrated",
    UNCALIBRATED: "Model, uncalibrated",
    PLACEBO_ARMS: "No model: mean of placebo arms",
    DRUG_EFFECTS: "No model: placebo arms and mean drug effect",
}
USES = {Use.CALIBRATION: "fitted", Use.HOLDOUT: "held out", Use.CONTEXT: "shown only"}
MEASURED = {
    Measured.WEIGHT: ("Weight", "kg"),
    Measured.LEAN_MASS: ("Lean mass (DXA)", "kg"),
    Measured.FAT_MASS: ("Fat mass (DXA)", "kg"),
    Measured.MUSCLE: ("Muscle index (CT)", "cm²/m²"),
    Measured.BODY_INDEX: ("Lean and fat index (CT)", "kg/m²"),
    Measured.HANDGRIP: ("Handgrip", "kg"),
    Measured.APPETITE: ("Appetite (FAACT A/CS)", "points"),
    Measured.SYMPTOMS: ("Symptoms (5-IASS)", "points"),
    Measured.CRP: ("C-reactive protein", "mg/L"),
    Measured.COMPLETION: ("Completion", "% points"),
    Measured.DEATH: ("Death", "% points"),
    Measured.GAIN: ("Share who gained weight", "% points"),
    Measured.SPREAD: ("Spread between patients", "own unit"),
}
IN_SHARES = frozenset({Measured.COMPLETION, Measured.DEATH, Measured.GAIN})
NOT_MEASURED = (Measured.CRP,)
"""Asked for, but no verified row prints it of a trial that has a twin."""


def label(target: Target) -> str:
    """Return what a figure is of, whose, and when."""
    figure = target.figure
    what = _what(figure)
    return f"{what}, {_when(figure)}: {_whose(target)}"


def _what(figure: Figure) -> str:
    words = {Of.IN_TRIAL: "Still in the trial", Of.DEAD: "Died", Of.READ: "With a weight reading"}
    if figure.of in words:
        return words[figure.of]
    measure = MEASURES[figure.measure].label
    if figure.minus:
        measure = "Fat mass (weight less lean mass)"
    if figure.squared_height:
        measure = f"{measure}, per height squared"
    if figure.of is Of.GAINED:
        return f"Gained over {figure.percent:g} %"
    return f"SD of {measure[0].lower()}{measure[1:]}" if figure.of is Of.SPREAD else measure


def _when(figure: Figure) -> str:
    if len(figure.weeks) > 1:
        return f"weeks {figure.weeks[0]:g} to {figure.weeks[-1]:g}"
    since = f"weeks {figure.after:g} to " if figure.after is not None else "week "
    return f"{since}{round(figure.weeks[0], 1):g}"


def _whose(target: Target) -> str:
    arms = {arm.name: arm.label for arm in protocol_of(target.twin).arms}
    figure = target.figure
    own = "all arms" if len(figure.arms) == len(arms) > 1 else ", ".join(arms[name] for name in figure.arms)
    if len(figure.arms) > 1 and own != "all arms":
        own = "all doses"
    against = ", ".join(arms[name] for name in figure.control)
    return f"{own} − {against}" if against else own


def shown(value: float, unit: str) -> str:
    """Return a number for reading: shares as per cent."""
    if not isfinite(value):
        return NOT_KNOWN
    return percent(value) if unit == SHARE else number(value, 2)


def printed(target: Target) -> str:
    """Return a published value with its standard error."""
    unit = _share_unit(target)
    error = NOT_KNOWN if target.se is None else shown(target.se, unit)
    return f"{shown(target.value, unit)} ({error})"


def interval(low: float, high: float, target: Target) -> str:
    """Return an interval for reading."""
    unit = _share_unit(target)
    return f"{shown(low, unit)} to {shown(high, unit)}"


def value(number_: float, target: Target) -> str:
    """Return a predicted value in the unit of a target."""
    return shown(number_, _share_unit(target))


def _share_unit(target: Target) -> str:
    return SHARE if target.measured in IN_SHARES else "own"


def unit_of(target: Target) -> str:
    """Return the unit of a target in words."""
    if target.measured in IN_SHARES:
        return "%"
    return "points" if target.unit == "1" else target.unit.replace("^2", "²")


def mean_error(score: Score, measured: Measured) -> str:
    """Return a mean absolute error for reading."""
    if measured not in score.errors:
        return NOT_KNOWN
    found = score.errors[measured]
    return number(100 * found, 1) if measured in IN_SHARES else number(found, 2)


def sentences(validation: Validation) -> tuple[str, ...]:
    """Return the answer: coverage and error on what was held out, and whether that beats no model."""
    held, fitted = (validation.score(CALIBRATED, use) for use in (Use.HOLDOUT, Use.CALIBRATION))
    rows = [entry for entry in validation.verdicts if entry.target.use is Use.HOLDOUT]
    lines = []
    if rows:
        lines.append(
            f"Of {len(rows)} published figures held out, {percent(held.coverage['wide'], 0)} lie in the 95 % "
            f"prediction interval of the calibrated model and {percent(held.coverage['narrow'], 0)} in "
            "the one of 80 %"
            + (
                f"; of those it was fitted to, {percent(fitted.coverage['wide'], 0)} and "
                f"{percent(fitted.coverage['narrow'], 0)}."
                if fitted.rows
                else "."
            )
        )
        lines.append(
            "Without the discrepancy that is assumed of the model, the intervals of 95 % hold "
            f"{percent(held.coverage['without'], 0)} of them."
        )
    return (*lines, *(verdict_on(validation, use) for use in (Use.HOLDOUT, Use.CALIBRATION)))


def verdict_on(validation: Validation, use: Use) -> str:
    """Return whether the calibrated model beats the uncalibrated one and both naive predictors."""
    scores = {name: validation.score(name, use) for name in PREDICTORS}
    own = scores[CALIBRATED].standardised
    if not scores[CALIBRATED].rows or not isfinite(own):
        return f"No figure that is {USES[use]} can be scored by all predictors."
    others = {name: scores[name].standardised for name in PREDICTORS[1:]}
    beaten = [NAMES[name].lower() for name, error in others.items() if own < error]
    not_beaten = [NAMES[name].lower() for name, error in others.items() if own >= error]
    said = ", ".join(f"{NAMES[name].lower()} {error:.2f}" for name, error in others.items())
    text = (
        f"On the {scores[CALIBRATED].rows} figures {USES[use]} that every predictor speaks of, the "
        f"calibrated model errs by {own:.2f} SDs of sampling and discrepancy on average; {said}."
    )
    if not_beaten:
        return f"{text} It does not beat: {'; '.join(not_beaten)}."
    return f"{text} It beats {'all of them' if len(beaten) == len(others) else '; '.join(beaten)}."


def not_beaten(validation: Validation, use: Use) -> Iterator[str]:
    """Yield, for each measure, the predictors that err less than the calibrated model."""
    own = validation.score(CALIBRATED, use)
    for measured, error in own.errors.items():
        better = [
            NAMES[name].lower()
            for name in PREDICTORS[1:]
            if validation.score(name, use).errors[measured] < error
        ]
        if better:
            yield f"{MEASURED[measured][0]}: {', '.join(better)}"
