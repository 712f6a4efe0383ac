r"""LS means, their differences, and type III tests of a fitted model.

An LS mean is the model's prediction for the levels of some factors, averaged over the levels of the others
and at the mean of the covariates; a linear combination of the coefficients.  Source of the name and the type
III hypotheses: SAS/STAT User's Guide, GLM and MIXED procedures; Searle, Speed and Milliken, The American
Statistician 1980;34:216-221 (there: population marginal means).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, product
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.statistics.mmrm_freedom import Contrasts, JointTest, contrasts, joint_test
from euexia.statistics.mmrm_model import Model
from euexia.statistics.proportions import Alternative

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Margins(StrEnum):
    """How the levels of the factors that are averaged over are weighted."""

    EQUAL = "equal"
    """Each combination alike."""
    OBSERVED = "observed"
    """By its share of the observations analysed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LsMeans:
    """LS means or their differences: ``labels`` name the rows of ``combinations`` and of ``estimates``.

    combinations: shape (rows, p).  estimates: arrays of shape (1, rows).
    """

    factors: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    combinations: Floats
    estimates: Contrasts


@dataclass(frozen=True, slots=True, kw_only=True)
class TermTest:
    """The type III test of one term."""

    term: str
    test: JointTest


def ls_means(
    model: Model,
    factors: Sequence[str],
    *,
    margins: Margins = Margins.EQUAL,
    at: Mapping[str, float] | None = None,
    level: float = 0.95,
) -> LsMeans:
    """Return the LS means of every combination of levels of some factors.

    at: values of covariates, instead of their means over the observations analysed.
    """
    chosen = tuple(factors)
    for name in chosen:
        if name not in model.terms.factors:
            raise InputError(
                f"'{name}' is no factor of the model. Choose among {sorted(model.terms.factors)}."
            )
    others = tuple(name for name in model.terms.factors if name not in chosen)
    cells, weights = _weights(model, others, margins)
    fixed = {name: float(np.mean(model.rows[name])) for name in model.terms.covariates} | dict(at or {})
    labels, rows = [], []
    for places in product(*(range(len(model.terms.factors[name].levels)) for name in chosen)):
        values: dict[str, Floats | Integers] = {
            name: np.full(weights.size, fixed[name]) for name in model.terms.covariates
        }
        values |= {name: cells[:, column] for column, name in enumerate(others)}
        values |= {name: np.full(weights.size, place) for name, place in zip(chosen, places, strict=True)}
        rows.append(weights @ model.terms.matrix(values))
        pairs = zip(chosen, places, strict=True)
        labels.append(tuple(model.terms.factors[name].levels[place] for name, place in pairs))
    return _estimated(model, chosen, tuple(labels), np.stack(rows), level, Alternative.TWO_SIDED)


def differences(
    model: Model,
    means: LsMeans,
    *,
    within: str | None = None,
    against: str | None = None,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> LsMeans:
    """Return differences of LS means, the later level less the earlier one.

    within: a factor; only means that share its level are compared.  against: the level of the (only) other
    factor that all others are compared with.  Labels are those of both means, one after the other.
    """
    held = None if within is None else means.factors.index(within)
    labels, rows = [], []
    for first, second in combinations(range(len(means.labels)), 2):
        one, other = means.labels[first], means.labels[second]
        if held is not None and one[held] != other[held]:
            continue
        if against is not None and against not in (*one, *other):
            continue
        if against is not None and against in other:
            first, second, one, other = second, first, other, one
        labels.append((*other, *one))
        rows.append(means.combinations[second] - means.combinations[first])
    if not rows:
        raise InputError(
            f"No two LS means of {means.factors} are to be compared. Check 'within' and 'against'."
        )
    return _estimated(model, means.factors * 2, tuple(labels), np.stack(rows), level, alternative)


def type_iii_tests(model: Model) -> tuple[TermTest, ...]:
    """Return the F test of every term, each adjusted for all others."""
    return tuple(
        TermTest(
            term=":".join(term),
            test=joint_test(
                model.fit,
                model.terms.hypotheses(term),
                freedom=model.freedom,
                information=model.information,
            ),
        )
        for term in model.terms.terms
    )


def coefficients(model: Model, *, level: float = 0.95) -> LsMeans:
    """Return the coefficients with their t tests, labelled by their names."""
    names = tuple((name,) for name in model.terms.names)
    return _estimated(model, (), names, np.eye(len(names)), level, Alternative.TWO_SIDED)


def _estimated(
    model: Model,
    factors: tuple[str, ...],
    labels: tuple[tuple[str, ...], ...],
    rows: Floats,
    level: float,
    alternative: Alternative,
) -> LsMeans:
    found = contrasts(
        model.fit,
        rows,
        freedom=model.freedom,
        information=model.information,
        level=level,
        alternative=alternative,
    )
    return LsMeans(factors=factors, labels=labels, combinations=rows, estimates=found)


def _weights(model: Model, others: tuple[str, ...], margins: Margins) -> tuple[Integers, Floats]:
    """Return the combinations of levels that are averaged over, and their weights, which sum to one."""
    sizes = [len(model.terms.factors[name].levels) for name in others]
    every = list(product(*(range(size) for size in sizes)))
    cells = np.array(every, dtype=np.int64).reshape(len(every), len(others))
    match margins:
        case Margins.EQUAL:
            return cells, np.full(cells.shape[0], 1.0 / cells.shape[0])
        case Margins.OBSERVED:
            rows = np.stack([model.rows[name] for name in others], axis=1) if others else np.empty((1, 0))
            counts = np.array([(rows == cell).all(axis=1).sum() for cell in cells], dtype=float)
            return cells, counts / counts.sum()
        case _:
            assert_never(margins)
