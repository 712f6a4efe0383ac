"""Validation: every published figure beside what the model predicts of it, and what it must beat.

The prediction is of one more trial of the published size: a parameter set is drawn, and one trial of the twin
lived by it.  Its spread carries the doubt about the numbers, the chance of patients and of readings; with the
assumed discrepancy of the model it is the interval that is scored.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.core.streams import Purpose, normal
from euexia.evidence.row import Use
from euexia.evidence.split import split_hash
from euexia.evidence.targets import Target, all_targets, needed
from euexia.evidence.twin import Figure, Measured, Of, load_twin, protocol_of
from euexia.parameters import ParameterSet
from euexia.study.calibrated_set import Draws
from euexia.study.drivers import with_values
from euexia.study.naive_prediction import naive_predictions
from euexia.study.simulated import simulate
from euexia.study.twin_figures import figure_of

Floats = NDArray[np.float64]

CALIBRATED, UNCALIBRATED = "calibrated", "uncalibrated"
PLACEBO_ARMS, DRUG_EFFECTS = "placebo_arms", "drug_effects"
PREDICTORS = (CALIBRATED, UNCALIBRATED, PLACEBO_ARMS, DRUG_EFFECTS)
"""The model twice, and two predictors that know no model."""
NARROW, WIDE = (0.1, 0.9), (0.025, 0.975)
"""Quantiles of the 80 and 95 % prediction intervals."""
FRESH = 5_000_000
"""Number of the first trial: no patient of a calibration is met again."""
LACKING = 4
"""Occasion of the draws of discrepancy."""
CURVE_WEEKS = tuple(float(week) for week in range(0, 25, 2))
BLOCK = 20
"""Trials that a process takes at once."""
FEWEST = 20
SAME = 1e-5
"""Relative difference up to which a published value is the end of an interval."""

Progress = Callable[[int, int], None]
"""Called with (trials done, trials planned)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What one predictor says of one figure.

    without: 95 % interval of parameters and chance alone.  narrow, wide: 80 and 95 % with the discrepancy.
    A predictor without a model gives a number and no interval (NaN).
    """

    mean: float
    without: tuple[float, float]
    narrow: tuple[float, float]
    wide: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One published figure beside every prediction of it."""

    target: Target
    predictions: Mapping[str, Prediction]

    def error(self, predictor: str) -> float:
        """Return prediction less published value."""
        return self.predictions[predictor].mean - self.target.value

    def standard_errors(self, predictor: str) -> float:
        """Return the error in standard errors of the published value; NaN where none is known."""
        return self.error(predictor) / self.target.se if self.target.se else float("nan")

    def inside(self, predictor: str, which: str) -> bool:
        """Return whether the published value lies in the ``without``, ``narrow`` or ``wide`` interval."""
        low, high = getattr(self.predictions[predictor], which)
        slack = SAME * max(abs(low), abs(high), 1.0)  # shares of equal counts meet the end of an interval
        return bool(low - slack <= self.target.value <= high + slack)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How one predictor did on the figures of one use; shares and errors in canonical units.

    coverage: by interval.  rows: figures scored.  errors: mean absolute error by what is measured.
    standardised: mean absolute error in standard errors plus discrepancy, one number over all measures.
    """

    predictor: str
    use: Use
    rows: int
    coverage: Mapping[str, float]
    errors: Mapping[Measured, float]
    counts: Mapping[Measured, int]
    standardised: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Share still alive, or still in the trial, over the weeks; low and high hold 95 % of trials."""

    twin: str
    what: Of
    weeks: tuple[float, ...]
    mean: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """Every verdict, the scores and the curves."""

    verdicts: tuple[Verdict, ...]
    scores: tuple[Score, ...]
    curves: tuple[Curve, ...]
    draws: int
    seed: int
    calibrated: str
    split: str
    parameters_hash: str

    def score(self, predictor: str, use: Use) -> Score:
        """Return one score."""
        return next(s for s in self.scores if s.predictor == predictor and s.use is use)


def validate(
    parameters: ParameterSet,
    drawn: Draws,
    *,
    draws: int,
    seed: int,
    twins: Sequence[str] = (),
    workers: int = 1,
    progress: Progress,
) -> Validation:
    """Set the predictions of the calibrated and the uncalibrated model beside published figures.

    draws: how many trials of every twin, each with a parameter set of its own.  twins: only these.
    workers: processes that share the work; they change no figure.
    Raises InputError for too few draws, UnknownNameError for a twin that is none.
    """
    if draws < FEWEST:
        raise InputError(f"{draws} trials cannot show an interval of 95 %; give at least {FEWEST}.")
    for name in twins:
        load_twin(name)
    every = all_targets()
    targets = tuple(target for target in every if not twins or target.twin in twins)
    lived = _lived(targets, parameters, drawn, draws, seed, workers, progress)
    knowing = naive_predictions(every)
    verdicts: list[Verdict] = []
    curves: list[Curve] = []
    for twin in needed(targets):
        own = [target for target in targets if target.twin == twin]
        modelled, plain = lived[twin, True], lived[twin, False]
        curves += _curves(twin, modelled[:, len(own) :])
        for place, target in enumerate(own):
            lacking = _lacking(target, draws, seed)
            predictions = {
                CALIBRATED: _prediction(modelled[:, place], lacking),
                UNCALIBRATED: _prediction(plain[:, place], lacking),
                PLACEBO_ARMS: _point(knowing[target.name].placebo),
                DRUG_EFFECTS: _point(knowing[target.name].effect),
            }
            verdicts.append(Verdict(target=target, predictions=predictions))
    return Validation(
        verdicts=tuple(verdicts),
        scores=tuple(_score(verdicts, predictor, use) for use in Use for predictor in PREDICTORS),
        curves=tuple(curves),
        draws=draws,
        seed=seed,
        calibrated=drawn.name,
        split=split_hash(),
        parameters_hash=parameters.hash,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """Some trials of one twin: one for each row of ``values``, or ``count`` by the stated numbers."""

    twin: str
    figures: tuple[Figure, ...]
    parameters: ParameterSet
    names: tuple[str, ...]
    values: Floats | None
    first: int
    count: int
    seed: int


def _lived(
    targets: Sequence[Target],
    parameters: ParameterSet,
    drawn: Draws,
    draws: int,
    seed: int,
    workers: int,
    progress: Progress,
) -> dict[tuple[str, bool], Floats]:
    """Return every figure of every trial, (trials, figures), by twin and whether by drawn sets.

    Trials by drawn sets have the figures of the curves behind those of the targets.
    """
    values = drawn.values[(np.arange(draws) * len(drawn.values)) // draws]  # evenly spread over the draws
    tasks = {}
    for twin, figures in needed(targets).items():
        for first in range(0, draws, BLOCK):
            for calibrated in (True, False):
                tasks[twin, calibrated, first] = _Task(
                    twin=twin,
                    figures=(*figures, *_curve_figures(twin)) if calibrated else figures,
                    parameters=parameters,
                    names=drawn.names,
                    values=values[first : first + BLOCK] if calibrated else None,
                    first=FRESH + first,
                    count=min(BLOCK, draws - first),
                    seed=seed,
                )
    parts: dict[tuple[str, bool], list[Floats]] = {}
    done, planned = 0, sum(task.count for task in tasks.values())
    for (twin, calibrated, _), found in zip(tasks, _answers(list(tasks.values()), workers), strict=True):
        parts.setdefault((twin, calibrated), []).append(found)
        done += len(found)
        progress(done, planned)
    return {key: np.concatenate(blocks) for key, blocks in parts.items()}


def _answers(tasks: Sequence[_Task], workers: int) -> Iterator[Floats]:
    if workers < 2:
        yield from map(_answer, tasks)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_answer, tasks)


def _answer(task: _Task) -> Floats:
    """Return the figures of a task, shape (trials, figures)."""
    protocol = protocol_of(task.twin)
    if task.values is None:
        data = simulate(
            protocol,
            trials=task.count,
            seed=task.seed,
            first_trial=task.first,
            parameters=task.parameters,
        )
        return np.stack([figure_of(data, figure) for figure in task.figures], axis=-1)
    rows = []
    for place, row in enumerate(task.values):
        numbers = with_values(task.parameters, dict(zip(task.names, map(float, row), strict=True)))
        data = simulate(
            protocol, trials=1, seed=task.seed, first_trial=task.first + place, parameters=numbers
        )
        rows.append([float(figure_of(data, figure)[0]) for figure in task.figures])
    return np.array(rows)


def _lacking(target: Target, draws: int, seed: int) -> Floats:
    """Return draws of what the model lacks, addressed by the figure: other twins change nothing."""
    address = zlib.crc32(target.name.encode())
    return np.asarray(
        target.discrepancy * normal(seed, Purpose.PARAMETER, 0, np.arange(draws), LACKING, address)
    )


def _prediction(values: Floats, lacking: Floats) -> Prediction:
    known = np.isfinite(values)
    if not known.any():
        return _point(float("nan"))
    alone, whole = values[known], (values + lacking)[known]
    return Prediction(
        mean=float(alone.mean()),
        without=_quantiles(alone, WIDE),
        narrow=_quantiles(whole, NARROW),
        wide=_quantiles(whole, WIDE),
    )


def _quantiles(values: Floats, which: tuple[float, float]) -> tuple[float, float]:
    low, high = np.quantile(values, which)
    return float(low), float(high)


def _point(value: float) -> Prediction:
    nothing = (float("nan"), float("nan"))
    return Prediction(mean=value, without=nothing, narrow=nothing, wide=nothing)


def _score(verdicts: Sequence[Verdict], predictor: str, use: Use) -> Score:
    """Score a predictor on the figures that every predictor has something to say on."""
    scored = [entry for entry in verdicts if entry.target.use is use and comparable(entry)]
    groups: dict[Measured, list[float]] = {}
    for entry in scored:
        groups.setdefault(entry.target.measured, []).append(abs(entry.error(predictor)))
    away = [
        abs(entry.error(predictor)) / np.hypot(entry.target.se or 0.0, entry.target.discrepancy)
        for entry in scored
        if entry.target.se
    ]
    own = [entry for entry in verdicts if entry.target.use is use]
    return Score(
        predictor=predictor,
        use=use,
        rows=len(scored),
        coverage={
            which: float(np.mean([entry.inside(predictor, which) for entry in own])) if own else float("nan")
            for which in ("without", "narrow", "wide")
        },
        errors={measured: float(np.mean(errors)) for measured, errors in groups.items()},
        counts={measured: len(errors) for measured, errors in groups.items()},
        standardised=float(np.mean(away)) if away else float("nan"),
    )


def comparable(verdict: Verdict) -> bool:
    """Return whether every predictor says something of a figure, so that all are scored on the same ones."""
    return all(np.isfinite(verdict.predictions[predictor].mean) for predictor in PREDICTORS)


def _curve_figures(twin: str) -> list[Figure]:
    arms = tuple(arm.name for arm in protocol_of(twin).arms)
    last = protocol_of(twin).schedule.follow_up / 7
    weeks = [week for week in CURVE_WEEKS if week <= last]
    return [Figure(of=of, arms=arms, weeks=(week,)) for of in (Of.DEAD, Of.IN_TRIAL) for week in weeks]


def _curves(twin: str, values: Floats) -> list[Curve]:
    """Return survival and completion from the extra figures, in the order of ``_curve_figures``."""
    weeks = tuple(figure.weeks[0] for figure in _curve_figures(twin) if figure.of is Of.DEAD)
    alive, stayed = 1 - values[:, : len(weeks)], values[:, len(weeks) :]
    found = []
    for what, shares in ((Of.DEAD, alive), (Of.IN_TRIAL, stayed)):
        low, high = np.quantile(shares, WIDE, axis=0)
        found.append(Curve(twin=twin, what=what, weeks=weeks, mean=shares.mean(axis=0), low=low, high=high))
    return found
