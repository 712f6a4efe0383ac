"""The calibrated set that ships: what it was made of, that it serves, and that its page can be made again."""

import json
from importlib.resources import files

import numpy as np
import pytest

from euexia import parameters
from euexia.evidence.split import split_hash
from euexia.evidence.targets import calibration_targets
from euexia.study.calibrated_set import LATEST, load_draws, load_summary, shipped

SUMMARY = load_summary(LATEST)


def test_it_was_fitted_on_the_split_that_is_in_force() -> None:
    """A file that moves a row makes the set void; fit again, and give it a new name."""
    assert SUMMARY["split_sha256"] == split_hash()


def test_it_converged_and_says_what_it_was_fitted_to() -> None:
    """Nothing is installed that did not; its targets are the rows for calibration, all of them."""
    assert LATEST in shipped()
    assert SUMMARY["converged"]
    assert {entry["name"] for entry in SUMMARY["targets"]} == {t.name for t in calibration_targets()}


def test_the_draws_are_the_summary_and_the_overlay_is_their_median() -> None:
    """Three files, one posterior."""
    draws, set_ = load_draws(LATEST), parameters.load(overlays=(LATEST,))
    assert len(draws.values) == SUMMARY["members"] * SUMMARY["ensembles"]
    for entry in SUMMARY["parameters"]:
        own = draws.values[:, draws.names.index(entry["name"])]
        assert np.median(own) == pytest.approx(entry["posterior"][1], rel=1e-4)
        assert set_.value(entry["name"]) == pytest.approx(entry["posterior"][1], rel=1e-4)
    assert {name: set_.value(name) for name in draws.names} != {
        name: parameters.load().value(name) for name in draws.names
    }


@pytest.mark.slow
def test_the_committed_figures_come_out_again_in_the_small() -> None:
    """Forty trials of four twins against the committed page, within four Monte-Carlo errors of a mean.

    The seed is that of the page, so the patients are its first forty trials; the sets drawn are others.

    The committed numbers are written by benchmarks/predictions.py.
    """
    from euexia.study.validation import CALIBRATED, UNCALIBRATED, validate

    path = files("euexia") / "data" / "calibrations" / LATEST / "validation.json"
    content = json.loads(path.read_text("utf-8"))
    committed = {entry["figure"]: entry for entry in content["figures"]}
    found = validate(
        parameters.load(),
        load_draws(LATEST),
        draws=40,
        seed=1,
        twins=("gordon", "ono_7643_04", "tan", "olanzapine_placebo"),
        workers=2,
        progress=lambda done, planned: None,
    )
    for verdict in found.verdicts:
        entry = committed[verdict.target.name]
        for predictor in (CALIBRATED, UNCALIBRATED):
            low, high = entry[f"{predictor}_without_low"], entry[f"{predictor}_without_high"]
            error = (high - low) / 3.92 * np.sqrt(1 / 40 + 1 / content["draws"])
            assert abs(verdict.predictions[predictor].mean - entry[predictor]) < 4 * error, (
                verdict.target.name
            )
