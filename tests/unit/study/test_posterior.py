"""Draws from a posterior, where the posterior is known in closed form."""

import numpy as np
import pytest

from euexia.study import posterior


def gaussian(reading, error):
    """Log likelihood of one reading of the first coordinate, without its constant."""
    return lambda places: -((places[:, 0] - reading) ** 2) / (2 * error**2)


@pytest.mark.parametrize(("reading", "error"), [(0.5, 1.0), (2.0, 0.1), (-3.0, 0.3)])
def test_a_normal_reading_gives_the_conjugate_posterior(reading, error):
    """Prior N(0, 1) and N(z, error^2): mean r/(1+e^2), variance e^2/(1+e^2); evidence N(r; 0, 1+e^2)."""
    found = posterior.draw(gaussian(reading, error), 4, particles=2048, seed=3)
    mean, variance = reading / (1 + error**2), error**2 / (1 + error**2)
    first = found.coordinates[:, 0]
    assert first.mean() == pytest.approx(mean, abs=6 * np.sqrt(variance / 2048) * 2)
    assert first.std() == pytest.approx(np.sqrt(variance), rel=0.1)
    assert found.coordinates[:, 1:].std(axis=0) == pytest.approx(np.ones(3), rel=0.12)
    evidence = -np.log(np.sqrt(1 + 1 / error**2)) - reading**2 / (2 * (1 + error**2))
    assert found.log_evidence == pytest.approx(np.full(2, evidence), abs=0.35)
    assert found.disagreement < 0.35


def test_nothing_read_gives_the_prior_as_it_was_drawn():
    found = posterior.draw(lambda places: np.zeros(len(places)), 3, particles=1024, seed=1)
    assert found.stages == 1
    assert found.coordinates.mean(axis=0) == pytest.approx(np.zeros(3), abs=0.15)
    assert found.log_evidence == pytest.approx(np.zeros(2), abs=1e-12)


def test_the_same_seed_gives_the_same_draws():
    one, same, other = (
        posterior.draw(gaussian(1.0, 0.5), 2, particles=256, seed=seed).coordinates for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_islands_that_stay_apart_are_noticed():
    """Two far peaks of which each island may take one: with few particles the islands disagree."""

    def two_peaks(places):
        return np.logaddexp(
            -((places[:, 0] - 2.5) ** 2) / (2 * 0.003**2), -((places[:, 0] + 2.5) ** 2) / (2 * 0.003**2)
        )

    worst = max(posterior.draw(two_peaks, 6, particles=64, seed=seed).disagreement for seed in range(4))
    assert worst > 0.35


def test_progress_rises_to_the_end():
    told = []
    posterior.draw(gaussian(1.0, 0.2), 2, particles=128, seed=1, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1
