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
from euexia.study.calibration_emulator import Emulator, learn
from euexia.study.calibration_ensemble import Data, Step, advance
from euexia.study.calibration_prior import Prior, Uncertain, prior_of, uncertain
from euexia.study.calibration_store import Store
from euexia.study.twin_model import Question, ask, order_of, question_of, trial_figures, trials_of

Floats = NDArray[np.float64]

ENSEMBLES = 2
"""Independent ensembles, each with trials of its own: what they disagree on has not converged."""
MOST_STEPS = 20
LARGE = 2000
"""Members of the ensembles on the emulator."""
EMULATED = 100
"""Added to the number of an ensemble on the emulator: its chance is its own."""
CHECK = 99
"""Number of the step at which draws live the twins once more."""
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
    emulated: tuple[Floats, ...]
    """What the emulator says of the same members."""
    emulator_error: Floats
    """SD of what it misses in a set left out, by target."""
    simulated_steps: tuple[tuple[Step, ...], ...]
    """Of the small ensembles that lived the twins."""
    steps: tuple[tuple[Step, ...], ...]
    """Of the large ones, on the emulator."""

    @property
    def emulator_distance(self) -> float:
        """Return the mean error of the emulator, in SDs of all errors of a figure."""
        return float((self.emulator_error / np.sqrt(np.diag(self.data.covariance))).mean())

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
    emulator = learn(
        prior,
        np.concatenate([free for lived, _ in runs for free, _ in lived]),
        np.concatenate([said for lived, _ in runs for _, said in lived]),
    )
    members, steps = zip(
        *(_sampled(number, emulator, data, settings) for number in range(1, ENSEMBLES + 1)), strict=True
    )
    looked = [
        _looked(n, members[n - 1], targets, parameters, prior, settings, store, progress) for n in (1, 2)
    ]
    return Calibration(
        parameters=parameters,
        settings=settings,
        targets=targets,
        prior=prior,
        data=data,
        split=split_hash(),
        members=members,
        predicted=tuple(looked),
        emulated=tuple(emulator(free[:LAST_LOOK]) for free in members),
        emulator_error=emulator.error,
        simulated_steps=tuple(steps_of for _, steps_of in runs),
        steps=steps,
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


Lived = tuple[Floats, Floats]
"""Free values of members, and what the twins that they lived print."""


def _ensemble(
    ensemble: int,
    targets: Sequence[Target],
    parameters: ParameterSet,
    prior: Prior,
    data: Data,
    settings: Settings,
    store: Store,
    progress: Progress,
) -> tuple[list[Lived], tuple[Step, ...]]:
    """Return everything that one simulated ensemble lived on its way to the posterior, and its steps."""
    members = prior.draws(settings.members, settings.seed, ensemble)
    asked = _question(ensemble, targets, parameters, prior, settings)
    order, reached, steps = order_of(targets), 0.0, list[Step]()
    lived: list[Lived] = []
    while True:
        number = len(steps)
        last = reached >= 1.0 or number == MOST_STEPS
        looked = members[:LAST_LOOK] if last else members
        said = _said(asked, prior.values(looked), ensemble, number, reached, settings, store, progress)
        said = said[:, order]
        lived.append((looked, said))
        if last:
            return lived, tuple(steps)
        step = advance(
            members, said, data, reached=reached, seed=settings.seed, ensemble=ensemble, number=number
        )
        members, reached = step.members, step.reached
        steps.append(step)


def _question(
    ensemble: int,
    targets: Sequence[Target],
    parameters: ParameterSet,
    prior: Prior,
    settings: Settings,
) -> Question:
    return question_of(
        targets,
        parameters,
        prior.names,
        repeats=settings.repeats,
        seed=settings.seed,
        first_trial=ensemble * FAR,
    )


def _sampled(
    ensemble: int, emulator: Emulator, data: Data, settings: Settings
) -> tuple[Floats, tuple[Step, ...]]:
    """Return draws from the posterior by a large ensemble on the emulator, and its steps."""
    address = ensemble + EMULATED
    members = emulator.prior.draws(LARGE, settings.seed, address)
    compared = emulator.data(data)
    reached, steps = 0.0, list[Step]()
    while reached < 1.0 and len(steps) < MOST_STEPS:
        step = advance(
            members,
            emulator(members),
            compared,
            reached=reached,
            seed=settings.seed,
            ensemble=address,
            number=len(steps),
        )
        members, reached = step.members, step.reached
        steps.append(step)
    return members[: settings.members], tuple(steps)


def _looked(
    ensemble: int,
    members: Floats,
    targets: Sequence[Target],
    parameters: ParameterSet,
    prior: Prior,
    settings: Settings,
    store: Store,
    progress: Progress,
) -> Floats:
    """Return what the first draws print when they live the twins: the emulator is held to it."""
    asked = _question(ensemble, targets, parameters, prior, settings)
    values = prior.values(members[:LAST_LOOK])
    said = _said(asked, values, ensemble, CHECK, 1.0, settings, store, progress)
    return np.asarray(said[:, order_of(targets)])


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
