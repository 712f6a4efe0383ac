"""Invented lifetimes and arms with many ties, for tests of methods on arrays."""

import numpy as np

from euexia.statistics.win_statistics import Component, Kind, Outcome


def lifetimes(seed, trials=1, subjects=40, *, horizon=12, gaps=True):
    """Return whole times with ties, events, groups, strata and two covariates; NaN times where gaps are."""
    rng = np.random.default_rng(seed)
    shape = (trials, subjects)
    time = rng.integers(1, horizon, shape).astype(float)
    if gaps:
        time[rng.random(shape) < 0.1] = np.nan
    return {
        "time": time,
        "event": (rng.random(shape) < 0.6).astype(float),
        "group": rng.integers(0, 2, shape),
        "strata": rng.integers(0, 3, shape),
        "covariates": np.round(rng.normal(size=(*shape, 2)), 2),
        "cause": rng.integers(0, 3, shape),
    }


HIERARCHIES = {
    "time": (Component(name="death", kind=Kind.TIME_TO_EVENT),),
    "time_margin": (Component(name="death", kind=Kind.TIME_TO_EVENT, margin=3),),
    "recovery": (Component(name="recovery", kind=Kind.TIME_TO_EVENT, higher_is_better=False),),
    "measured": (Component(name="lean"),),
    "lower": (Component(name="pain", higher_is_better=False, margin=1.0),),
    "two": (Component(name="death", kind=Kind.TIME_TO_EVENT), Component(name="lean", margin=0.5)),
    "order_first": (Component(name="responder"), Component(name="lean", margin=0.5)),
    "three": (
        Component(name="death", kind=Kind.TIME_TO_EVENT),
        Component(name="lean", margin=0.5),
        Component(name="grip"),
    ),
    "recovery_first": (
        Component(name="recovery", kind=Kind.TIME_TO_EVENT, higher_is_better=False, margin=2),
        Component(name="lean", higher_is_better=False),
    ),
}


def outcomes(hierarchy, seed, trials=1, subjects=20, *, missing=0.1, administrative=False):
    """Return an Outcome per component of one arm; coarse values, so that ties are many."""
    rng = np.random.default_rng(seed)
    shape = (trials, subjects)
    found = []
    for component in hierarchy:
        gaps = np.where(rng.random(shape) < missing, np.nan, 0.0)
        if component.kind is Kind.TIME_TO_EVENT:
            event = rng.random(shape) < 0.5
            time = rng.integers(0, 9, shape).astype(float)
            time = np.where(event, time, 9.0 if administrative else time)
            found.append(Outcome(value=time + gaps, event=event))
        elif component.name == "responder":
            found.append(Outcome(value=rng.integers(0, 2, shape).astype(float)))
        else:
            found.append(Outcome(value=np.round(rng.normal(size=shape), 1) + gaps))
    return found
