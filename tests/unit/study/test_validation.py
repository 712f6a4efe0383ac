"""Scores of predictions against numbers worked out by hand, and the page that shows them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from euexia import parameters as parameter_files
from euexia.core.errors import InputError, UnknownNameError
from euexia.evidence.row import Use
from euexia.evidence.targets import Target, all_targets
from euexia.evidence.twin import Measured, Of
from euexia.report import validation_words
from euexia.report.validation_report import table_text, validation_files, write_validation
from euexia.study import validation as subject
from euexia.study.calibrated_set import Draws
from euexia.study.validation import (
    CALIBRATED,
    DRUG_EFFECTS,
    PLACEBO_ARMS,
    PREDICTORS,
    UNCALIBRATED,
    Curve,
    Prediction,
    Validation,
    Verdict,
    validate,
)

REFERENCE = parameter_files.load()
TARGETS = {target.name: target for target in all_targets()}
NAN = float("nan")


def says(mean: float, half: float = 1.0) -> Prediction:
    """Return a prediction with intervals about its mean."""
    return Prediction(
        mean=mean,
        without=(mean - half / 2, mean + half / 2),
        narrow=(mean - half, mean + half),
        wide=(mean - 2 * half, mean + 2 * half),
    )


def point(mean: float) -> Prediction:
    """Return a prediction without an interval."""
    nothing = (NAN, NAN)
    return Prediction(mean=mean, without=nothing, narrow=nothing, wide=nothing)


def verdict(target: Target, own: float, other: float, placebo: float, effect: float) -> Verdict:
    """Return a verdict with the predictions' distances from what was published."""
    at = target.value
    return Verdict(
        target=target,
        predictions={
            CALIBRATED: says(at + own),
            UNCALIBRATED: says(at + other),
            PLACEBO_ARMS: Prediction(
                mean=at + placebo, without=(NAN, NAN), narrow=(NAN, NAN), wide=(NAN, NAN)
            ),
            DRUG_EFFECTS: Prediction(
                mean=at + effect, without=(NAN, NAN), narrow=(NAN, NAN), wide=(NAN, NAN)
            ),
        },
    )


@pytest.fixture
def made() -> Validation:
    """Return a validation of two held-out figures and one fitted."""
    one = TARGETS["ono_7643_04.lean_mass_anamorelin"]
    other = TARGETS["ono_7643_04.lean_mass_placebo"]
    fitted = TARGETS["gordon.weight_placebo_week_4"]
    verdicts = (
        verdict(one, 0.2, 0.4, 2.0, 1.0),
        verdict(other, -1.4, 0.2, 2.0, -0.1),
        verdict(fitted, 0.1, 0.5, 0.0, 0.0),
    )
    weeks = (0.0, 12.0, 24.0)
    return Validation(
        verdicts=verdicts,
        scores=tuple(subject._score(verdicts, name, use) for use in Use for name in PREDICTORS),
        curves=tuple(
            Curve(
                twin="ono_7643_04",
                what=what,
                weeks=weeks,
                mean=np.array([1.0, 0.8, 0.6]),
                low=np.array([1.0, 0.7, 0.5]),
                high=np.array([1.0, 0.9, 0.7]),
            )
            for what in (Of.DEAD, Of.IN_TRIAL)
        ),
        draws=40,
        seed=1,
        calibrated="by hand",
        split="0" * 64,
        parameters_hash=REFERENCE.hash,
    )


def test_coverage_and_errors_are_those_worked_out_by_hand(made: Validation) -> None:
    """By hand: errors 0.2 and 1.4, mean 0.8; narrow (1.0) holds one of two, wide (2.0) both."""
    score = made.score(CALIBRATED, Use.HOLDOUT)
    assert score.errors == {Measured.LEAN_MASS: pytest.approx(0.8)}
    assert score.coverage == {"without": 0.5, "narrow": 0.5, "wide": 1.0}
    scale = [np.hypot(entry.target.se or 0, entry.target.discrepancy) for entry in made.verdicts[:2]]
    assert score.standardised == pytest.approx((0.2 / scale[0] + 1.4 / scale[1]) / 2)
    assert made.score(UNCALIBRATED, Use.HOLDOUT).errors[Measured.LEAN_MASS] == pytest.approx(0.3)


def test_it_is_said_aloud_where_the_model_beats_nothing(made: Validation) -> None:
    """The calibrated model errs by 0.8 kg, the uncalibrated by 0.3, drug effects by 0.55."""
    text = validation_words.verdict_on(made, Use.HOLDOUT)
    assert "does not beat: model, uncalibrated; no model: placebo arms and mean drug effect" in text
    assert list(validation_words.not_beaten(made, Use.HOLDOUT)) == [
        "Lean mass (DXA): model, uncalibrated, no model: placebo arms and mean drug effect"
    ]


def test_a_figure_that_a_predictor_is_silent_on_is_scored_for_none(made: Validation) -> None:
    """Errors are compared on the same figures only; coverage is of all."""
    first = made.verdicts[0]
    silent = replace(
        first,
        predictions={
            **first.predictions,
            PLACEBO_ARMS: replace(first.predictions[PLACEBO_ARMS], mean=NAN),
        },
    )
    score = subject._score([silent, made.verdicts[1]], CALIBRATED, Use.HOLDOUT)
    assert score.rows == 1
    assert score.coverage["wide"] == 1.0


def test_page_table_and_numbers_say_the_same(made: Validation, tmp_path: Path) -> None:
    """The same bytes each time; every figure by name in each file; no folder is overwritten."""
    files = validation_files(made)
    assert files == validation_files(made)
    content = json.loads(files["results.json"])
    assert [entry["figure"] for entry in content["figures"]] == [v.target.name for v in made.verdicts]
    assert table_text(made).count("\n") == 4
    assert b"held out" in files["report.html"]
    page = write_validation(tmp_path / "out", made)
    assert page.is_file()
    with pytest.raises(InputError):
        write_validation(tmp_path / "out", made)


def test_too_few_draws_and_unknown_twins_are_refused() -> None:
    """Before anything is simulated."""
    drawn = Draws(name="one", names=("hazards.death_rate",), values=np.full((1, 1), 0.001))

    def silent(done: int, planned: int) -> None:
        return

    with pytest.raises(InputError, match="10 trials cannot show"):
        validate(REFERENCE, drawn, draws=10, seed=1, progress=silent)
    with pytest.raises(UnknownNameError, match="romana9"):
        validate(REFERENCE, drawn, draws=20, seed=1, twins=("romana9",), progress=silent)
