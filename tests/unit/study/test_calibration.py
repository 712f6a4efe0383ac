"""Calibration reads what it may, goes on where it was, and says by name what did not work."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from euexia import evidence
from euexia import parameters as parameter_files
from euexia.core.errors import InputError, NumericalError
from euexia.evidence import loader, targets
from euexia.evidence.row import Study, Use
from euexia.evidence.targets import ContradictionError, MissingDispersionError, calibration_targets, check
from euexia.study import calibration as subject
from euexia.study.calibration import Calibration, Settings, calibrate
from euexia.study.calibration_prior import prior_of, uncertain
from euexia.study.calibration_result import require_converged, summarise
from euexia.study.twin_model import Question

REFERENCE = parameter_files.load()
SETTINGS = Settings(members=16, repeats=1, workers=1, only=("gordon", "tan"))


def silent(*_: object) -> None:
    """Say nothing."""


def stand_in(question: Question, parameters: object, trials: Mapping[str, int]) -> np.ndarray:
    """Return figures that follow from the numbers in closed form, with a little noise by trial."""
    chosen = parameters_of(parameters)
    figures = sum(len(figures) for figures in question.figures.values())
    count = max(trials.values())
    place = np.arange(figures)
    base = np.sin(1 + place) * (10 * chosen["intake.inflammation_effect"] + 0.5)
    wobble = 0.1 * np.sin(np.arange(count)[:, None] * (3 + place) + place)
    return np.asarray(base[None, :] + wobble)


def parameters_of(parameters: object) -> dict[str, float]:
    """Return the values of a parameter set."""
    return {name: parameters.value(name) for name in ("intake.inflammation_effect",)}  # type: ignore[attr-defined]


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a closed form in the place of the simulated twins."""
    monkeypatch.setattr("euexia.study.twin_model.trial_figures", stand_in)
    monkeypatch.setattr("euexia.study.calibration.trial_figures", stand_in)
    monkeypatch.setattr("euexia.study.calibration.LARGE", 64)


@pytest.mark.usefixtures("fast")
def test_poisoned_holdout_rows_change_no_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If fitting read a held-out row, a wild value in it would move the draws."""
    clean = calibrate(REFERENCE, tmp_path / "clean", SETTINGS, progress=silent)
    honest = loader.load

    def poisoned(study: str) -> Study:
        found = honest(study)
        rows = {
            key: replace(row, value=1e6, se=1e-6, sd=1e-6, n=1e6) if row.use is Use.HOLDOUT else row
            for key, row in found.rows.items()
        }
        return replace(found, rows=rows)

    for module in (loader, targets, evidence):
        monkeypatch.setattr(module, "load", poisoned)
    monkeypatch.setattr("euexia.evidence.split.load", poisoned)
    assert poisoned("anamorelin_romana2").rows["lbm_change_placebo"].value == 1e6
    again = calibrate(REFERENCE, tmp_path / "poisoned", SETTINGS, progress=silent)
    np.testing.assert_array_equal(clean.draws, again.draws)
    assert clean.split == again.split


def test_only_rows_for_calibration_come_through_the_door() -> None:
    """``calibration_targets`` is the only way from evidence to fitting."""
    found = calibration_targets()
    assert {target.use for target in found} == {Use.CALIBRATION}
    assert "anamorelin_romana2" not in {target.study for target in found}


@pytest.mark.usefixtures("fast")
def test_a_killed_calibration_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    """Stop in the midst of the second step of the second ensemble, then go on."""
    whole = calibrate(REFERENCE, tmp_path / "whole", SETTINGS, progress=silent)

    def stop(ensemble: int, step: int, done: int, members: int, reached: float) -> None:
        if (ensemble, step) == (2, 1) and 0 < done < members:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calibrate(REFERENCE, tmp_path / "part", SETTINGS, progress=stop)
    rest = calibrate(REFERENCE, tmp_path / "part", SETTINGS, progress=silent)
    np.testing.assert_array_equal(whole.draws, rest.draws)


@pytest.mark.usefixtures("fast")
def test_a_folder_of_another_calibration_is_refused_by_what_differs(tmp_path: Path) -> None:
    """The message names the setting with both values."""
    calibrate(REFERENCE, tmp_path / "state", SETTINGS, progress=silent)
    with pytest.raises(InputError, match=r"seed \(1 there, 2 here\)"):
        calibrate(REFERENCE, tmp_path / "state", replace(SETTINGS, seed=2), progress=silent)


@pytest.mark.usefixtures("fast")
def test_a_posterior_that_does_not_converge_is_refused_by_name(tmp_path: Path) -> None:
    """Two ensembles that are moved apart disagree on that number and no other."""
    found = calibrate(REFERENCE, tmp_path / "state", SETTINGS, progress=silent)
    place = found.prior.names.index("hazards.death_rate")
    one, other = (members.copy() for members in found.members)
    other[:, place] += 10.0
    apart: Calibration = replace(found, members=(one, other))
    with pytest.raises(NumericalError, match=r"disagree on 'hazards\.death_rate'"):
        require_converged(summarise(apart))
    cut = replace(found, steps=((), found.steps[1]))
    assert any("ensemble 1 came 0%" in fault for fault in summarise(cut).faults)
    missed = replace(found, emulated=tuple(said + 1e3 for said in found.emulated))
    assert any("the emulator misses 'tan.lean_index'" in fault for fault in summarise(missed).faults)


def test_a_row_without_dispersion_is_named() -> None:
    """The message says which row, and the way out."""
    target = replace(calibration_targets()[0], se=None)
    with pytest.raises(MissingDispersionError, match=f"'{target.study}.{target.comparison.row}'"):
        check([target])


def test_contradictory_rows_are_named_with_their_distance() -> None:
    """The same figure twice is refused, whether it agrees (counted twice) or not (contradiction)."""
    target = next(t for t in calibration_targets() if t.se is not None)
    far = replace(target, value=target.value + 10 * (target.se or 0))
    with pytest.raises(ContradictionError, match=r"7\.1 standard errors apart"):
        check([target, far])
    with pytest.raises(ContradictionError, match="the same patients twice"):
        check([target, target])


def test_a_twin_without_rows_for_calibration_is_named() -> None:
    """Held-out twins cannot be fitted, and the message says which can."""
    with pytest.raises(InputError, match=r"'romana2'.*gordon"):
        subject._chosen(calibration_targets(), ("romana2",))


def test_the_prior_covers_the_stated_ranges() -> None:
    """Reference: 95 % of a log-normal prior lies between limits as far apart as those of the file."""
    prior = prior_of(REFERENCE, uncertain())
    place = prior.names.index("intake.inflammation_effect")
    parameter = REFERENCE["intake.inflammation_effect"]
    draws = prior.values(prior.draws(4000, 1, 1))[:, place]
    low, high = np.quantile(draws, (0.025, 0.975))
    assert parameter.low is not None
    assert parameter.high is not None
    assert high / low == pytest.approx(parameter.high / parameter.low, rel=0.05)
    bounded = prior.values(prior.draws(4000, 1, 1))[:, prior.names.index("energy_balance.lipolysis")]
    assert bounded.min() >= 0
    assert bounded.max() <= 0.8
