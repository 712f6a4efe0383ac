"""SALib behind our own door: known functions give their known indices."""

from __future__ import annotations

import numpy as np
import pytest

from euexia.core.errors import InputError
from euexia.study.global_indices import Floats, Method, measure, runs_needed

pytest.importorskip("SALib")

A, B = 7.0, 0.1
BOUNDS = dict.fromkeys(("first", "second", "third"), (-np.pi, np.pi))


def ishigami(x: Floats) -> Floats:
    """Return the function of Ishigami and Homma (1990), and a constant."""
    value = np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])
    return np.stack([value, np.ones(len(x))], axis=1)


def closed_form() -> tuple[list[float], list[float]]:
    """Return first-order and total indices, from the integrals of the function."""
    first = (1 + B * np.pi**4 / 5) ** 2 / 2
    second = A**2 / 8
    both = B**2 * np.pi**8 * (1 / 18 - 1 / 50)
    total = first + second + both
    return [first / total, second / total, 0.0], [(first + both) / total, second / total, both / total]


def test_sobol_indices_of_ishigami() -> None:
    found, constant = measure(BOUNDS, ishigami, method=Method.SOBOL, size=2048, seed=1)
    first, total = closed_form()
    assert found.own == pytest.approx(first, abs=0.03)
    assert found.overall == pytest.approx(total, abs=0.03)
    assert np.all(np.abs(found.overall - total) < 3 * found.error)
    assert np.all(constant.overall == 0)


def test_morris_effects_of_a_plane() -> None:
    """On a plane every elementary effect is the slope times the range, exactly."""
    bounds = {"a": (0.0, 2.0), "b": (1.0, 5.0), "c": (0.0, 1.0)}
    (found,) = measure(
        bounds, lambda x: x @ np.array([[3.0], [-0.5], [0.0]]), method=Method.MORRIS, size=6, seed=3
    )
    assert found.own == pytest.approx([6.0, -2.0, 0.0])
    assert found.overall == pytest.approx([6.0, 2.0, 0.0])
    assert found.spread == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)


def test_the_same_seed_gives_the_same_indices() -> None:
    one, two, other = (
        measure(BOUNDS, ishigami, method=Method.MORRIS, size=8, seed=seed)[0] for seed in (1, 1, 2)
    )
    assert one.overall.tobytes() == two.overall.tobytes()
    assert one.overall.tobytes() != other.overall.tobytes()


@pytest.mark.parametrize(
    ("method", "size", "numbers", "says"),
    [
        (Method.SOBOL, 100, 3, "a power of 2"),
        (Method.MORRIS, 2, 3, "at least 4"),
        (Method.SOBOL, 2048, 30, "too many"),
    ],
)
def test_sizes_that_cannot_be_are_refused(method: Method, size: int, numbers: int, says: str) -> None:
    with pytest.raises(InputError, match=says):
        runs_needed(method, size, numbers)
