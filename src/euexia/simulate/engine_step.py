r"""The exponential Runge-Kutta step of order 4 (Cox and Matthews, J Comput Phys 2002;176:430).

Every part of the state relaxes with a known rate k, and is driven by the rest: :math:`\dot u = -k u + N(u,
t)`.  The relaxation is taken exactly and only N is approximated, so fast parts do not force short steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp

Tree = TypeVar("Tree")
Array = Any

_SERIES_LIMIT = 0.5
_SERIES_TERMS = 14


class Weights(NamedTuple):
    """Weights of one step for one part of the state, or a tree of them."""

    whole: Array
    half: Array
    stage: Array
    first: Array
    middle: Array
    last: Array


def phi(z: Array, order: int) -> Array:
    r"""Return :math:`\varphi_n(z) = \sum_j z^j/(j + n)!` for n = 1 ... order, to double precision.

    Near 0 by its series, elsewhere by :math:`\varphi_{n+1} = (\varphi_n - 1/n!)/z`.
    """
    small = jnp.abs(z) < _SERIES_LIMIT
    away = jnp.where(small, 1.0, z)
    value = jnp.expm1(away) / away
    for n in range(1, order):
        value = (value - 1 / math.factorial(n)) / away
    series = jnp.zeros_like(z)
    for j in reversed(range(_SERIES_TERMS)):
        series = series * z + 1 / math.factorial(j + order)
    return jnp.where(small, series, value)


def weights(rate: Array, step: Array) -> Weights:
    """Return the weights for a relaxation rate and a step."""
    z = -jnp.asarray(rate, dtype=float) * step
    one, two, three = phi(z, 1), phi(z, 2), phi(z, 3)
    return Weights(
        whole=jnp.exp(z),
        half=jnp.exp(z / 2),
        stage=step / 2 * phi(z / 2, 1),
        first=step * (one - 3 * two + 4 * three),
        middle=step * (2 * two - 4 * three),
        last=step * (4 * three - two),
    )


def weights_of(rates: Tree, step: Array) -> Weights:
    """Return weights whose fields are trees like ``rates``."""
    each = [weights(rate, step) for rate in jax.tree.leaves(rates)]
    shape = jax.tree.structure(rates)
    return Weights(*(jax.tree.unflatten(shape, list(field)) for field in zip(*each, strict=True)))


class Step(NamedTuple):
    """Result of one step."""

    end: Any
    middle: Any
    """A second-order state half-way, for integrals along the path."""


def exponential_step(driven: Callable[[Tree, Array], Tree], state: Tree, w: Weights) -> Step:
    """Return the state one step later.

    driven: N(u, place), where place is 0, 1 or 2 for start, middle and end of the step.
    """
    each = jax.tree.map
    n0 = driven(state, 0)
    a = each(lambda e, u, s, n: e * u + s * n, w.half, state, w.stage, n0)
    n1 = driven(a, 1)
    b = each(lambda e, u, s, n: e * u + s * n, w.half, state, w.stage, n1)
    n2 = driven(b, 1)
    c = each(lambda e, u, s, n, m: e * u + s * (2 * n - m), w.half, a, w.stage, n2, n0)
    n3 = driven(c, 2)
    end = each(
        lambda e, u, f, m, g, p, q, r, s: e * u + f * p + m * (q + r) + g * s,
        w.whole, state, w.first, w.middle, w.last, n0, n1, n2, n3,
    )  # fmt: skip
    return Step(end, b)
