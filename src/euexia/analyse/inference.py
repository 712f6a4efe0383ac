"""What the adapters of methods share: sides of a test, and diagnoses as texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from euexia.statistics.proportions import Alternative

Floats = NDArray[np.float64]


def sided(p_value: Floats, benefit: Floats, alternative: Alternative) -> Floats:
    """Return the p-value for the side asked for, from a two-sided one of a symmetric statistic.

    benefit: the estimate, or anything with its sign.
    """
    match alternative:
        case Alternative.TWO_SIDED:
            return p_value
        case Alternative.GREATER:
            return np.where(benefit >= 0, p_value / 2.0, 1.0 - p_value / 2.0)
        case Alternative.LESS:
            return np.where(benefit <= 0, p_value / 2.0, 1.0 - p_value / 2.0)
        case _:
            assert_never(alternative)


def normal_inference(
    estimate: Floats, error: Floats, level: float, alternative: Alternative
) -> tuple[Floats, Floats, Floats]:
    """Return limits and p-value of an estimate with a normal distribution; NaN where it has no spread."""
    usable = np.isfinite(estimate) & (error > 0)
    half = np.where(usable, ndtri((1.0 + level) / 2.0) * error, np.nan)
    z = np.divide(estimate, error, out=np.full(estimate.shape, np.nan), where=usable)
    p_value = sided(2.0 * ndtr(-np.abs(z)), estimate, alternative)
    return estimate - half, estimate + half, p_value


def texts(found: Iterable[str], fine: str) -> tuple[str, ...]:
    """Return one text for each trial, empty where nothing is wrong."""
    return tuple("" if text == fine else text for text in found)


def first_text(*found: tuple[str, ...]) -> tuple[str, ...]:
    """Return for each trial the first thing that was found wrong."""
    return tuple(next((text for text in each if text), "") for each in zip(*found, strict=True))


def own_number(*parts: NDArray[np.generic]) -> int:
    """Return a number that only the data of a trial decide: the address of its own chance."""
    number = 0
    for part in parts:
        values = np.asarray(part, dtype=float) + 0.0  # -0 and 0 are one number
        number = crc32(np.where(np.isnan(values), np.nan, values).tobytes(), number)
    return number


def padded(values: Floats, width: int) -> Floats:
    """Return rows of a curve made as long as ``width`` with NaN."""
    extra = np.full((*values.shape[:-1], width - values.shape[-1]), np.nan)
    return np.concatenate([values, extra], axis=-1)
