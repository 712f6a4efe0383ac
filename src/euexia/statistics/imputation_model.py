r"""The imputation model: outcomes of a subject are multivariate normal, means by visit and arm.

.. math:: y_i \sim N(B x_i, \Sigma_{g(i)}), \quad x_i = (1\{arm = a\}, \text{covariates})

B has one row per visit, so covariates meet visits; some covariates may keep one coefficient for all visits.
The covariance is unstructured, common or by arm.  Fitted by restricted (or plain) maximum likelihood from
what is observed, that is under missing at random: the mixed model for repeated measures.  All fits of a stack
run side by side, each from its own sums of products; none sees its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from euexia.statistics.imputation_moments import Layout, sweep

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

_ITERATIONS = 500
_TOLERANCE = 1e-9
"""Fits end when no variance or covariance moves by more than this share of the outcome's variance."""
_PATIENCE = 40
"""Iterations of scoring before its steps give way to those of Newton, which cost tens of evaluations."""
_LEAVE_ONE_OUT_TOLERANCE = 1e-6
"""Of the last step; steps shrink about n-fold each, so the fit is that much closer to its end."""
_LEAVE_ONE_OUT_ITERATIONS = 30
_WALK = 0.5
"""A step from the full fit larger than this share of the largest covariance is no small step."""
_SLACK = 1e-10
_DIFFERENCE = 1e-4
"""Step of differences, share of the largest variance: rounding and curvature both leave about 1e-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFits:
    """Imputation models of a stack of fits."""

    coefficients: Floats
    """B, shape (fits, visits, columns)."""
    covariance: Floats
    """Sigma, shape (fits, groups, visits, visits)."""
    uncertainty: Floats
    """Covariance of vec(B) by rows given Sigma, shape (fits, visits * columns, visits * columns)."""
    log_likelihood: Floats
    """Restricted (or plain), without the constants of 2 pi; shape (fits,)."""
    estimable: Flags
    """False where arms and covariates cannot be told apart."""
    positive: Flags
    """False where the covariance, or what is known of it, is singular."""
    converged: Flags
    iterations: NDArray[np.int64]

    @property
    def fine(self) -> Flags:
        """Return which fits can be used."""
        return self.estimable & self.positive & self.converged

    def take(self, places: Places) -> ModelFits:
        """Return some of the fits."""
        return ModelFits(**{name: getattr(self, name)[places] for name in self.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """The likelihood at a covariance: value, gradient and what it was computed from."""

    precision: Floats
    """Inverse covariance of each block, zero at visits not observed; (fits, blocks, visits, visits)."""
    coefficients: Floats
    uncertainty: Floats
    gradient: Floats
    """With respect to Sigma, entries taken as free; shape (fits, groups, visits, visits)."""
    log_likelihood: Floats
    estimable: Flags
    positive: Flags

    def merge(self, other: _State, places: Places) -> _State:
        """Return the state with the fits at places replaced."""
        merged = {}
        for name in self.__slots__:
            merged[name] = getattr(self, name).copy()
            merged[name][places] = getattr(other, name)
        return _State(**merged)

    def take(self, places: Places) -> _State:
        """Return some of the fits."""
        return _State(**{name: getattr(self, name)[places] for name in self.__slots__})


def fit(
    layout: Layout,
    products: Floats,
    counts: Floats,
    *,
    restricted: bool = True,
    start: Floats | None = None,
) -> ModelFits:
    r"""Fit the imputation model to sums of products by Fisher scoring, with EM steps where scoring fails.

    .. math:: \ell(\Sigma) = -\tfrac12 \Big[\sum_i \log|\Sigma_{o(i)}|
              + \sum_i r_i^\top \Sigma_{o(i)}^{-1} r_i + \log\Big|\sum_i X_i^\top \Sigma_{o(i)}^{-1}
              X_i\Big|\Big]

    the last term under restriction only; o(i) are the visits that subject i informs, r the residuals of
    generalised least squares.  products, counts: as in ``Moments``.  start: covariance, (fits, groups,
    visits, visits).  Source: Patterson and Thompson, Biometrika 1971;58:545-554; EM of a covariance with
    missing values as in Jennrich and Schluchter, Biometrics 1986;42:805-820.
    """
    fits, visits = products.shape[0], layout.visits
    sigma = np.broadcast_to(np.eye(visits), (fits, layout.groups, visits, visits)).copy()
    sigma = sigma if start is None else start.copy()
    state = evaluate(layout, products, counts, sigma, restricted)
    converged, iterations = ~state.estimable, np.zeros(fits, dtype=np.int64)
    known = np.ones(fits, dtype=bool)
    for iteration in range(_ITERATIONS):
        active = np.flatnonzero(~converged & state.positive)
        if not active.size:
            break
        here, patient = state.take(active), iteration < _PATIENCE
        step = _step(layout, products[active], counts[active], sigma[active], here, restricted, patient)
        proposal, new, known[active] = step
        moved = np.abs(proposal - sigma[active]).reshape(active.size, -1).max(axis=1)
        size = np.abs(sigma[active]).reshape(active.size, -1).max(axis=1)
        sigma[active] = proposal
        state = state.merge(new, active)
        iterations[active] += 1
        converged[active] = moved <= _TOLERANCE * size
    return ModelFits(
        coefficients=state.coefficients,
        covariance=sigma,
        uncertainty=state.uncertainty,
        log_likelihood=state.log_likelihood,
        estimable=state.estimable,
        positive=state.positive & known,
        converged=converged,
        iterations=iterations,
    )


def refit(
    layout: Layout,
    products: Floats,
    counts: Floats,
    around: ModelFits,
    curvature: Floats,
    *,
    restricted: bool,
) -> ModelFits:
    """Fit samples that differ little from a fitted one, walking from its estimate along its curvature.

    around: the fit of the full sample, one row per sample.  curvature: inverse information there, from
    ``observed_curvature``, one row per sample.  Samples that do not settle are fitted from the beginning.
    """
    fits = products.shape[0]
    sigma = around.covariance.copy()
    result = around
    settled, iterations = np.zeros(fits, dtype=bool), np.zeros(fits, dtype=np.int64)
    lost = np.zeros(fits, dtype=bool)
    coefficients, uncertainty = around.coefficients.copy(), around.uncertainty.copy()
    for _ in range(_LEAVE_ONE_OUT_ITERATIONS):
        active = np.flatnonzero(~settled & ~lost)
        if not active.size:
            break
        state = evaluate(layout, products[active], counts[active], sigma[active], restricted)
        step = _whole_step(layout, state.gradient, curvature[active])
        sigma[active] += step
        coefficients[active], uncertainty[active] = state.coefficients, state.uncertainty
        iterations[active] += 1
        moved = np.abs(step).reshape(active.size, -1).max(axis=1)
        size = np.abs(sigma[active]).reshape(active.size, -1).max(axis=1)
        lost[active] = ~(state.positive & state.estimable & (moved <= _WALK * size))
        settled[active] = ~lost[active] & (moved <= _LEAVE_ONE_OUT_TOLERANCE * size)
    result = replace(
        around,
        coefficients=coefficients,
        covariance=sigma,
        uncertainty=uncertainty,
        converged=settled,
        iterations=iterations,
    )
    again = np.flatnonzero(~settled)
    if again.size:
        start = around.covariance[again]
        fresh = fit(layout, products[again], counts[again], restricted=restricted, start=start)
        result = merge(result, fresh, again)
    return result


def merge(fits: ModelFits, other: ModelFits, places: Places) -> ModelFits:
    """Return the fits with those at places replaced."""
    merged = {}
    for name in ModelFits.__slots__:
        merged[name] = getattr(fits, name).copy()
        merged[name][places] = getattr(other, name)
    return ModelFits(**merged)


def evaluate(layout: Layout, products: Floats, counts: Floats, sigma: Floats, restricted: bool) -> _State:
    """Return likelihood, gradient and generalised least squares at a covariance."""
    fits, blocks, visits, columns = products.shape[0], len(layout.blocks), layout.visits, layout.columns
    precision, log_determinants, positive = _precisions(layout, sigma)
    normal = np.zeros((fits, visits * visits, columns * columns))
    right = np.zeros((fits, visits, columns))
    for place in range(blocks):
        weight = precision[:, place]
        design = np.ascontiguousarray(products[:, place, visits:, visits:])
        normal += weight.reshape(fits, -1, 1) * design.reshape(fits, 1, -1)
        right += np.matmul(weight, products[:, place, :visits, visits:])
    normal = normal.reshape(fits, visits, visits, columns, columns).transpose(0, 1, 3, 2, 4)
    coefficients, uncertainty, log_normal, estimable = _least_squares(layout, normal, right)
    spread = uncertainty.reshape(fits, visits, columns, visits, columns).transpose(0, 1, 3, 2, 4)
    spread = np.ascontiguousarray(spread).reshape(fits, visits * visits, columns * columns)
    residual_map = np.concatenate(
        [np.broadcast_to(np.eye(visits), (fits, visits, visits)), -coefficients], axis=2
    )
    gradient = np.zeros_like(sigma)
    value = -log_normal if restricted else np.zeros(fits)
    for place, block in enumerate(layout.blocks):
        weight, count = precision[:, place], counts[:, place]
        squares = np.matmul(np.matmul(residual_map, products[:, place]), residual_map.transpose(0, 2, 1))
        value = value - count * log_determinants[:, place] - (weight * squares).sum(axis=(1, 2))
        if restricted:
            design = np.ascontiguousarray(products[:, place, visits:, visits:]).reshape(fits, -1, 1)
            squares = squares + np.matmul(spread, design).reshape(fits, visits, visits)
        gradient[:, block.group] += np.matmul(np.matmul(weight, squares), weight)
        gradient[:, block.group] -= count[:, np.newaxis, np.newaxis] * weight
    return _State(
        precision=precision,
        coefficients=coefficients,
        uncertainty=uncertainty,
        gradient=gradient / 2.0,
        log_likelihood=value / 2.0,
        estimable=estimable,
        positive=positive,
    )


def _precisions(layout: Layout, sigma: Floats) -> tuple[Floats, Floats, Flags]:
    """Return the inverse covariance of each block, its log-determinant, and where all are definite."""
    fits, visits = sigma.shape[0], layout.visits
    precision = np.zeros((fits, len(layout.blocks), visits, visits))
    log_determinants = np.zeros((fits, len(layout.blocks)))
    positive = np.ones(fits, dtype=bool)
    for group in range(layout.groups):
        positive &= sweep(sigma[:, group])[2]
    for place, block in enumerate(layout.blocks):
        seen = np.ix_(np.arange(fits), np.array(block.visits), np.array(block.visits))
        inverse, log_determinants[:, place], _ = sweep(sigma[:, block.group][seen])
        precision[:, place][seen] = inverse
    return precision, log_determinants, positive


def _least_squares(layout: Layout, normal: Floats, right: Floats) -> tuple[Floats, Floats, Floats, Flags]:
    """Return coefficients, their covariance, the normal matrix's log-determinant and whether it has one."""
    fits, size = right.shape[0], layout.visits * layout.columns
    normal, right = normal.reshape(fits, size, size), right.reshape(fits, size, 1)
    if not layout.constant:
        inverse, log_determinant, estimable = sweep(normal)
    else:
        tie = layout.tie
        free, log_determinant, estimable = sweep(np.matmul(np.matmul(tie.T, normal), tie))
        inverse = np.matmul(np.matmul(tie, free), tie.T)
    coefficients = np.matmul(inverse, right).reshape(fits, layout.visits, layout.columns)
    return coefficients, inverse, log_determinant, estimable


def inverse_information(layout: Layout, counts: Floats, sigma: Floats) -> tuple[Floats, Flags]:
    r"""Return the inverse of the expected information of the entries of Sigma, and whether it has one.

    .. math:: I_{ab} = \tfrac12 \sum_i \mathrm{tr}(\Omega_i E_a \Omega_i E_b)

    over subjects i, with E the derivative of Sigma by an entry on or below the diagonal.  Shape (fits,
    groups, entries, entries).
    """
    precision, _, _ = _precisions(layout, sigma)
    rows, columns = np.tril_indices(layout.visits)
    double = np.where(rows == columns, 1.0, 2.0)
    entries = rows.size
    information = np.zeros((sigma.shape[0], layout.groups, entries, entries))
    for place, block in enumerate(layout.blocks):
        weight = precision[:, place]
        first = weight[:, rows][:, :, rows] * weight[:, columns][:, :, columns]
        second = weight[:, rows][:, :, columns] * weight[:, columns][:, :, rows]
        information[:, block.group] += counts[:, place, np.newaxis, np.newaxis] * (first + second)
    information *= np.outer(double, double) / 4.0
    inverse, _, known = sweep(information)
    return inverse, np.asarray(known.all(axis=1))


def observed_curvature(
    layout: Layout, products: Floats, counts: Floats, sigma: Floats, restricted: bool
) -> Floats:
    """Return the inverse of minus the second derivatives of the log-likelihood at its maximum.

    By central differences of the gradient, over the entries of all groups at once; shape (fits, groups *
    entries, groups * entries).  Where it is not positive definite, the expected information takes its place.
    """
    rows, columns = np.tril_indices(layout.visits)
    entries, fits = rows.size, sigma.shape[0]
    total = layout.groups * entries
    width = _DIFFERENCE * np.abs(sigma).reshape(fits, -1).max(axis=1)
    shifts = np.zeros((total, *sigma.shape[1:]))
    for place in range(total):
        group, entry = divmod(place, entries)
        shifts[place, group, rows[entry], columns[entry]] = 1.0
        shifts[place, group, columns[entry], rows[entry]] = 1.0
    moved = width[:, np.newaxis, np.newaxis, np.newaxis, np.newaxis] * np.concatenate([shifts, -shifts])
    at = (sigma[:, np.newaxis] + moved).reshape(-1, *sigma.shape[1:])
    state = evaluate(
        layout, np.repeat(products, 2 * total, axis=0), np.repeat(counts, 2 * total, axis=0), at, restricted
    )
    slopes = _free(layout, state.gradient).reshape(fits, 2, total, total)
    second = (slopes[:, 1] - slopes[:, 0]) / (2.0 * width[:, np.newaxis, np.newaxis])
    inverse, _, positive = sweep((second + second.transpose(0, 2, 1)) / 2.0)
    expected = np.zeros_like(inverse)
    blocks, _ = inverse_information(layout, counts, sigma)
    for group in range(layout.groups):
        part = slice(group * entries, (group + 1) * entries)
        expected[:, part, part] = blocks[:, group]
    return np.where(positive[:, np.newaxis, np.newaxis], inverse, expected)


def _free(layout: Layout, gradient: Floats) -> Floats:
    """Return the gradient by the entries on or below the diagonal, (fits, groups, entries)."""
    rows, columns = np.tril_indices(layout.visits)
    return np.asarray(gradient[:, :, rows, columns] * np.where(rows == columns, 1.0, 2.0))


def _whole_step(layout: Layout, gradient: Floats, curvature: Floats) -> Floats:
    """Return the step of all groups together as symmetric matrices."""
    slope = _free(layout, gradient)
    moved = np.matmul(curvature, slope.reshape(slope.shape[0], -1, 1)).reshape(slope.shape)
    return _symmetric(layout, moved)


def _symmetric(layout: Layout, entries: Floats) -> Floats:
    """Return symmetric matrices from their entries on or below the diagonal."""
    rows, columns = np.tril_indices(layout.visits)
    matrices = np.zeros((*entries.shape[:2], layout.visits, layout.visits))
    matrices[:, :, rows, columns] = entries
    matrices[:, :, columns, rows] = entries
    return matrices


def _free_step(layout: Layout, gradient: Floats, curvature: Floats) -> Floats:
    """Return the scoring step as symmetric matrices."""
    return _symmetric(layout, np.matmul(curvature, _free(layout, gradient)[..., np.newaxis])[..., 0])


def _step(
    layout: Layout,
    products: Floats,
    counts: Floats,
    sigma: Floats,
    state: _State,
    restricted: bool,
    patient: bool,
) -> tuple[Floats, _State, Flags]:
    """Return the next covariance: by scoring, by Newton when it takes long, by EM where they do not climb."""
    curvature, known = inverse_information(layout, counts, sigma)
    proposal = sigma + np.where(
        known[:, np.newaxis, np.newaxis, np.newaxis], _free_step(layout, state.gradient, curvature), 0.0
    )
    if not patient:
        observed = observed_curvature(layout, products, counts, sigma, restricted)
        proposal = sigma + _whole_step(layout, state.gradient, observed)
    new = evaluate(layout, products, counts, proposal, restricted)
    slack = _SLACK * (1.0 + np.abs(state.log_likelihood))
    climbs = known & new.positive & (new.log_likelihood >= state.log_likelihood - slack)
    weak = np.flatnonzero(~climbs)
    if weak.size:
        proposal[weak] = _expected(layout, counts[weak], sigma[weak], state.gradient[weak])
        new = new.merge(evaluate(layout, products[weak], counts[weak], proposal[weak], restricted), weak)
    return proposal, new, known


def _expected(layout: Layout, counts: Floats, sigma: Floats, gradient: Floats) -> Floats:
    r"""Return the EM step, :math:`\Sigma + (2/n) \Sigma U \Sigma`: it never lowers the likelihood."""
    size = np.zeros(sigma.shape[:2])
    for place, block in enumerate(layout.blocks):
        size[:, block.group] += counts[:, place]
    change = np.matmul(np.matmul(sigma, gradient), sigma)
    return np.asarray(sigma + 2.0 * change / np.maximum(size, 1.0)[:, :, np.newaxis, np.newaxis])
