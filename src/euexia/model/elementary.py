"""Elementary functions that pass floats, NumPy arrays, JAX arrays and quantities with units.

The physiology is written once, in operators and these; the array's own library does the work.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Value = Any
"""A float, an array of patients, or either with a unit: anything that adds and multiplies."""


def _library(value: Value) -> Any:
    """Return the namespace whose functions take the value: its own array library, else NumPy."""
    namespace = getattr(value, "__array_namespace__", None)
    return np if namespace is None else namespace()


def exp(value: Value) -> Value:
    """Return e to the power of value (dimensionless)."""
    return _library(value).exp(value)


def log(value: Value) -> Value:
    """Return the natural logarithm of value (dimensionless, positive)."""
    return _library(value).log(value)


def sqrt(value: Value) -> Value:
    """Return the square root of value (not negative)."""
    return _library(value).sqrt(value)


def maximum(first: Value, second: Value) -> Value:
    """Return the larger of two values, element by element; a NaN stays a NaN."""
    return _library(first).maximum(first, second)


def minimum(first: Value, second: Value) -> Value:
    """Return the smaller of two values, element by element; a NaN stays a NaN."""
    return _library(first).minimum(first, second)


def positive_part(value: Value) -> Value:
    """Return value where it is positive, else 0."""
    return maximum(value, 0)


def where(condition: Value, first: Value, second: Value) -> Value:
    """Return first where the condition holds, else second."""
    return _library(condition).where(condition, first, second)
