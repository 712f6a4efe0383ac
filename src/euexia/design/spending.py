"""How much of an error is spent by when: spending functions, and shapes of boundaries without one."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from euexia.core.errors import InputError

Floats = NDArray[np.float64]


class Boundary(StrEnum):
    """How the boundaries of a group-sequential test are made."""

    OBRIEN_FLEMING = "obrien-fleming"
    """Critical values c / sqrt(t): strict early, nearly the fixed one at the end."""
    POCOCK = "pocock"
    """The same critical value at every analysis."""
    WANG_TSIATIS = "wang-tsiatis"
    """Critical values c t**(shape - 1/2): Pocock at 1/2, O'Brien-Fleming at 0."""
    HWANG_SHIH_DECANI = "hwang-shih-decani"
    """The exponential spending function with parameter ``shape``."""
    KIM_DEMETS = "kim-demets"
    """The power spending function alpha t**shape."""
    SPENDING_OBRIEN_FLEMING = "lan-demets-obrien-fleming"
    """The spending function of Lan and DeMets that resembles O'Brien and Fleming's test."""
    SPENDING_POCOCK = "lan-demets-pocock"
    """The spending function of Lan and DeMets that resembles Pocock's test."""

    @property
    def spends(self) -> bool:
        """Return whether a spending function makes the boundary: analyses may then come at any time."""
        return self not in (Boundary.OBRIEN_FLEMING, Boundary.POCOCK, Boundary.WANG_TSIATIS)

    @property
    def needs_shape(self) -> bool:
        """Return whether the boundary is a family that a shape picks from."""
        return self in (Boundary.WANG_TSIATIS, Boundary.HWANG_SHIH_DECANI, Boundary.KIM_DEMETS)


LARGEST_SHAPE = 50.0

SOURCES = {
    Boundary.OBRIEN_FLEMING: "O'Brien and Fleming, Biometrics 1979;35:549-556",
    Boundary.POCOCK: "Pocock, Biometrika 1977;64:191-199",
    Boundary.WANG_TSIATIS: "Wang and Tsiatis, Biometrics 1987;43:193-199",
    Boundary.HWANG_SHIH_DECANI: "Hwang, Shih and DeCani, Statistics in Medicine 1990;9:1439-1445",
    Boundary.KIM_DEMETS: "Kim and DeMets, Biometrika 1987;74:149-154",
    Boundary.SPENDING_OBRIEN_FLEMING: "Lan and DeMets, Biometrika 1983;70:659-663",
    Boundary.SPENDING_POCOCK: "Lan and DeMets, Biometrika 1983;70:659-663",
}
"""Where each boundary was published."""


def spent(kind: Boundary, total: float, time: ArrayLike, shape: float | None = None) -> Floats:
    r"""Return how much of an error is spent by an information time.

    .. math::
        \text{O'Brien-Fleming type} &: 2 - 2\Phi(z_{1-\alpha/2} / \sqrt t) \\
        \text{Pocock type} &: \alpha \ln(1 + (e - 1) t) \\
        \text{Hwang-Shih-DeCani} &: \alpha (1 - e^{-\gamma t}) / (1 - e^{-\gamma}) \\
        \text{Kim-DeMets} &: \alpha t^\rho

    total: alpha, of one side.  time: t from 0 to 1, any shape; beyond 1 all is spent.  shape: gamma or rho.
    """
    t = np.clip(np.asarray(time, dtype=float), 0.0, 1.0)
    check_shape(kind, shape)
    parameter = 0.0 if shape is None else shape
    match kind:
        case Boundary.SPENDING_OBRIEN_FLEMING:
            with np.errstate(divide="ignore"):
                return np.asarray(2.0 * ndtr(ndtri(total / 2.0) / np.sqrt(t)))
        case Boundary.SPENDING_POCOCK:
            return np.asarray(total * np.log1p((np.e - 1.0) * t))
        case Boundary.HWANG_SHIH_DECANI:
            share = t if parameter == 0 else np.expm1(-parameter * t) / np.expm1(-parameter)
            return np.asarray(total * share)
        case Boundary.KIM_DEMETS:
            return np.asarray(total * t**parameter)
        case Boundary.OBRIEN_FLEMING | Boundary.POCOCK | Boundary.WANG_TSIATIS:
            raise InputError(
                f"'{kind.value}' is a shape of critical values, not a spending function. Use "
                f"'{Boundary.SPENDING_OBRIEN_FLEMING.value}', '{Boundary.SPENDING_POCOCK.value}', "
                f"'{Boundary.HWANG_SHIH_DECANI.value}' or '{Boundary.KIM_DEMETS.value}'."
            )
        case _:
            assert_never(kind)


def relative_boundary(kind: Boundary, time: Floats, shape: float | None = None) -> Floats:
    r"""Return the critical values of a boundary without spending function, up to a constant.

    .. math:: c_k \propto t_k^{\Delta - 1/2}

    time: t, shape (analyses,), ending at 1.  shape: Delta; 0 for O'Brien-Fleming, 1/2 for Pocock.
    """
    check_shape(kind, shape)
    match kind:
        case Boundary.OBRIEN_FLEMING:
            return np.asarray(time**-0.5)
        case Boundary.POCOCK:
            return np.ones_like(time)
        case Boundary.WANG_TSIATIS:
            return np.asarray(time ** ((shape or 0.0) - 0.5))
        case (
            Boundary.HWANG_SHIH_DECANI
            | Boundary.KIM_DEMETS
            | Boundary.SPENDING_OBRIEN_FLEMING
            | Boundary.SPENDING_POCOCK
        ):
            raise InputError(f"'{kind.value}' is a spending function and has no fixed shape of boundary.")
        case _:
            assert_never(kind)


def check_shape(kind: Boundary, shape: float | None) -> None:
    """Raise InputError unless the shape is there exactly if the boundary is a family, and is usable."""
    if not kind.needs_shape:
        if shape is not None:
            raise InputError(f"'{kind.value}' takes no 'shape', but {shape:g} was given. Leave it out.")
        return
    if shape is None or not np.isfinite(shape):
        example = {
            Boundary.WANG_TSIATIS: "0.25",
            Boundary.KIM_DEMETS: "3",
        }.get(kind, "-4")
        raise InputError(f"'{kind.value}' is a family and needs a 'shape', for example {example}.")
    if abs(shape) > LARGEST_SHAPE:
        raise InputError(
            f"'shape' is {shape:g}. Beyond {LARGEST_SHAPE:g} boundaries no longer differ: give less."
        )
    if kind is Boundary.KIM_DEMETS and shape <= 0:
        raise InputError(
            f"'shape' is {shape:g}. The power of Kim and DeMets must be positive, for example 3."
        )
