"""Calibration: from what is believed of uncertain numbers to what published trials leave of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.evidence.split import split_hash
from euexia.evidence.targets import Target, calibration_targets, needed
from euexia.parameters import ParameterSet
from euexia.study.calibration_ensemble import Data, Step, advance
from euexia.study.calibration_prior import Prior, Uncertain, prior_of, uncertain
from euexia.study.calibration_store import Store
from euexia.study.twin_model import Question, ask, order_of, question_of, trial_figures, trials_of

Floats = NDArray[np.float64]

ENSEMBLES = 2
"""Independent ensembles, each with trials of its own: what they disagree on has not converged."""
MOST_STEPS = 20
LAST_LOOK = 24
"""Members of each ensemble that live the twins once more at the end, to say how it fits."""
REPLICATES = 64
"""Trials of each twin from which the correlation of its figures is learnt."""
FAR = 100_000
"""Number of the first trial of each ensemble, times its own number: they share no patients."""
CORRELATION_TRIALS = 9 * FAR

Progress = Callable[[int, int, int, int, float], None]
"""Called with ensemble, step, members done, members, and how far the ensemble has come (0 to 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a calibration is run."""

    members: int = 128
    """Of each of the two ensembles."""
    repeats: int = 3
    """Trials of each twin for every member, more of small ones."""
    seed: int = 1
    workers: int = 2
    only: tuple[str, ...] = ()
    """Twins; all of those with rows for calibration if empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What came of it, converged or not."""

    parameters: ParameterSet
    settings: Settings
    targets: tuple[Target, ...]
    prior: Prior
    data: Data
    split: str
    members: tuple[Floats, ...]
    """Free values of each ensemble, shape (members, parameters)."""
    predicted: tuple[Floats, ...]
    """What the first members say at the end, shape (members, targets)."""
    steps: tuple[tuple[Step, ...], ...]

    @property
    def draws(self) -> Floats:
        """Return the canonical values of all members, shape (draws, parameters)."""
        return self.prior.values(np.concatenate(self.members))


def calibrate(
    parameters: ParameterSet,
    folder: Path,
    settings: Settings,
    *,
    progress: Progress,
    chosen: Mapping[str, Uncertain] | None = None,
) -> Calibration:
    """Calibrate the uncertain numbers of a parameter set; begun folders are gone on with.

    The rows come from ``calibration_targets`` alone: nothing that is held out is read.
    Raises InputError (settings, folder), MissingDispersionError, ContradictionError, NumericalError.
    """
    _check(settings)
    targets = _chosen(calibration_targets(), settings.only)
    prior = prior_of(parameters, uncertain() if chosen is None else chosen)
    store = Store.open(folder, _manifest(parameters, prior, targets, settings))
    data = _data(targets, parameters, prior, settings, store)
    runs = [
        _ensemble(number, targets, parameters, prior, data, settings, store, progress)
        for number in range(1, ENSEMBLES + 1)
    ]
    return Calibration(
        parameters=parameters,
        settings=settings,
        targets=targets,
        prior=prior,
        data=data,
        split=split_hash(),
        members=tuple(members for members, _, _ in runs),
        predicted=tuple(predicted for _, predicted, _ in runs),
        steps=tuple(steps for _, _, steps in runs),
    )


def _check(settings: Settings) -> None:
    if settings.members < 16:
        raise InputError(f"{settings.members} members cannot carry a covariance; give at least 16.")
    if settings.repeats < 1 or settings.workers < 1:
        raise InputError("Repeats and workers must be at least 1.")


def _chosen(targets: tuple[Target, ...], only: Sequence[str]) -> tuple[Target, ...]:
    known = {target.twin for target in targets}
    wrong = [name for name in only if name not in known]
    if wrong:
        raise InputError(
            f"No rows for calibration belong to {', '.join(repr(name) for name in wrong)}. "
            f"Twins that have some: {', '.join(sorted(known))}."
        )
    return tuple(target for target in targets if not only or target.twin in only)


def _manifest(
    parameters: ParameterSet, prior: Prior, targets: Sequence[Target], settings: Settings
) -> dict[str, object]:
    return {
        "parameters": parameters.hash,
        "split": split_hash(),
        "names": list(prior.names),
        "prior": [list(map(float, prior.mean)), list(map(float, prior.sd))],
        "targets": {target.name: [target.value, target.se, target.discrepancy] for target in targets},
        "members": settings.members,
        "trials": {twin: trials_of(twin, settings.repeats) for twin in needed(targets)},
        "seed": settings.seed,
    }


def _data(
    targets: Sequence[Target], parameters: ParameterSet, prior: Prior, settings: Settings, store: Store
) -> Data:
    """Return the published values and the covariance of everything that stands between them and the model.

    Published sampling error, correlated between the figures of one trial as in its twin; the chance of the
    simulated patients, likewise; and the discrepancy, independent.
    """
    value = np.array([target.value for target in targets])
    published = np.array([target.se or 0.0 for target in targets])
    simulated, correlation = _sampling(targets, parameters, settings, store)
    sampling = correlation * np.outer(published, published) + simulated
    discrepancy = np.diag([target.discrepancy**2 for target in targets])
    return Data(value=value, covariance=sampling + discrepancy)


def _sampling(
    targets: Sequence[Target], parameters: ParameterSet, settings: Settings, store: Store
) -> tuple[Floats, Floats]:
    """Return the covariance of means over simulated trials, and the correlation within each trial."""
    figures = needed(targets)
    kept = store.parts(0, 0)
    covariance = np.zeros((len(targets), len(targets)))
    correlation = np.eye(len(targets))
    names = np.array([target.twin for target in targets])
    for number, (twin, wanted) in enumerate(figures.items()):
        if number not in kept:
            one = Question(
                parameters=parameters,
                names=(),
                figures={twin: wanted},
                repeats=1,
                seed=settings.seed,
                first_trial=CORRELATION_TRIALS,
            )
            kept[number] = trial_figures(one, parameters, {twin: REPLICATES})
            store.keep(0, 0, number, kept[number])
        own = np.flatnonzero(names == twin)
        block = np.ix_(own, own)
        known = kept[number][np.isfinite(kept[number]).all(axis=1)]
        repeats = trials_of(twin, settings.repeats)
        own_covariance = np.atleast_2d(np.cov(known, rowvar=False))
        deviation = np.sqrt(np.diag(own_covariance))
        covariance[block] = own_covariance / repeats
        correlation[block] = own_covariance / np.outer(deviation, deviation)
    return covariance, correlation


def _ensemble(
    ensemble: int,
    targets: Sequence[Target],
    parameters: ParameterSet,
    prior: Prior,
    data: Data,
    settings: Settings,
    store: Store,
    progress: Progress,
) -> tuple[Floats, Floats, tuple[Step, ...]]:
    """Return the members of one ensemble at the posterior, what they say, and the steps on the way."""
    members = prior.draws(settings.members, settings.seed, ensemble)
    asked = question_of(
        targets,
        parameters,
        prior.names,
        repeats=settings.repeats,
        seed=settings.seed,
        first_trial=ensemble * FAR,
    )
    order, reached, steps = order_of(targets), 0.0, list[Step]()
    while True:
        number = len(steps)
        last = reached >= 1.0 or number == MOST_STEPS
        looked = members[:LAST_LOOK] if last else members
        predicted = _said(asked, prior.values(looked), ensemble, number, reached, settings, store, progress)
        predicted = predicted[:, order]
        if last:
            return members, predicted, tuple(steps)
        step = advance(
            members, predicted, data, reached=reached, seed=settings.seed, ensemble=ensemble, number=number
        )
        members, reached = step.members, step.reached
        steps.append(step)


def _said(
    asked: Question,
    values: Floats,
    ensemble: int,
    number: int,
    reached: float,
    settings: Settings,
    store: Store,
    progress: Progress,
) -> Floats:
    known = store.parts(ensemble, number)
    done = sum(len(rows) for rows in known.values())
    progress(ensemble, number, done, len(values), reached)

    def answered(start: int, rows: Floats) -> None:
        nonlocal done
        store.keep(ensemble, number, start, rows)
        done += len(rows)
        progress(ensemble, number, done, len(values), reached)

    return ask(asked, values, workers=settings.workers, known=known, answered=answered)
