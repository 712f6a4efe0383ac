"""Response of the target lesions by RECIST 1.1, from sums of diameters."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import FALSE, TRUE, UNKNOWN, Comparison, Truth, all_of, compare, from_flag
from euexia.criteria.definition import Definition

DEFINITION = Definition(
    id="recist11",
    version="1.1",
    source="Eisenhauer EA et al. Eur J Cancer 2009;45:228-247; target lesions only",
    source_verified=True,
)

CATEGORIES = ("complete response", "partial response", "stable disease", "progressive disease")
"""Best first; a category is given as its index here."""
COMPLETE, PARTIAL, STABLE, PROGRESSIVE = (np.int8(index) for index in range(4))
NOT_EVALUABLE = np.int8(-1)

PROGRESSION_SHARE, PROGRESSION_LENGTH, RESPONSE_SHARE = 0.20, 5.0, 0.30


def target_response(baseline: ArrayLike, nadir: ArrayLike, now: ArrayLike) -> NDArray[np.int8]:
    """Return the category of the target lesions: an index into CATEGORIES, or -1 if not evaluable.

    Progression: at least 20 % AND at least 5 mm above the nadir.  Complete: nothing left (nodes below 10 mm
    counted as gone by the reader).  Partial: at least 30 % below baseline.  Progression goes first. baseline,
    nadir, now: sums of diameters [mm]; the nadir is the smallest sum so far, baseline included.
    """
    first, lowest, sums = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (baseline, nadir, now)))
    grown = all_of(
        [
            compare(sums, Comparison.AT_LEAST, lowest * (1 + PROGRESSION_SHARE)),
            compare(sums - lowest, Comparison.AT_LEAST, PROGRESSION_LENGTH),
        ]
    )
    shrunk = compare(sums, Comparison.AT_MOST, first * (1 - RESPONSE_SHARE))
    category = np.where(shrunk == TRUE, PARTIAL, STABLE)
    category = np.where(sums == 0, COMPLETE, category)
    category = np.where(grown == TRUE, PROGRESSIVE, category)
    missing = np.isnan(first) | np.isnan(lowest) | np.isnan(sums)
    return np.where(missing, NOT_EVALUABLE, category).astype(np.int8)


NODE_NORMAL_BELOW, NODE_TARGET_FROM, LESION_TARGET_FROM = 10.0, 15.0, 10.0
"""Millimetres: short axis of a lymph node, longest diameter of any other lesion."""
TARGETS_AT_MOST, TARGETS_PER_ORGAN = 5, 2
TOO_SMALL_TO_MEASURE = 5.0
"""Diameter [mm] to enter for a target that is there but too small to measure; from memory, to be checked."""
CONFIRMED_AFTER = 28.0
"""Days after which a response can be confirmed."""


def measurable(diameter: ArrayLike, node: ArrayLike) -> Truth:
    """Return whether a lesion can be a target at baseline.

    diameter: longest, or short axis of a node [mm]: at least 10, of nodes 15.  node: 1, 0 or NaN.  A node of
    10 to below 15 mm is a non-target lesion, below 10 mm it is normal.
    """
    is_node = from_flag(node)
    limit = np.where(
        is_node == TRUE, NODE_TARGET_FROM, np.where(is_node == UNKNOWN, np.nan, LESION_TARGET_FROM)
    )
    return compare(diameter, Comparison.AT_LEAST, limit)


def acceptable_targets(diameters: ArrayLike, nodes: ArrayLike, organs: ArrayLike) -> Truth:
    """Return whether a choice of targets is allowed: all measurable, at most five, two per organ.

    diameters: [mm], shape (..., slots); NaN is an empty slot.  nodes: 1 or 0.  organs: a number per organ.
    """
    sizes = np.asarray(diameters, dtype=float)
    used = ~np.isnan(sizes)
    large = measurable(sizes, nodes)
    unfit = ((large == FALSE) & used).any(axis=-1)
    unsure = ((large == UNKNOWN) & used).any(axis=-1)
    places = np.broadcast_to(np.asarray(organs, dtype=float), sizes.shape)
    same = (places[..., :, np.newaxis] == places[..., np.newaxis, :]) & used[..., np.newaxis, :]
    crowded = (same.sum(axis=-1) * used > TARGETS_PER_ORGAN).any(axis=-1)
    refused = unfit | crowded | (used.sum(axis=-1) > TARGETS_AT_MOST)
    return np.where(refused, FALSE, np.where(unsure, UNKNOWN, TRUE)).astype(np.int8)


def target_response_of_lesions(
    baseline: ArrayLike, nadir: ArrayLike, diameters: ArrayLike, nodes: ArrayLike
) -> NDArray[np.int8]:
    """Return the category of the target lesions from their diameters: an index into CATEGORIES, or -1.

    Complete: every lesion gone, nodes below 10 mm.  With a lesion not measured the response is not evaluable,
    unless the measured ones alone prove progression.

    baseline, nadir: sums of diameters [mm].  diameters: of every target now, shape (..., lesions); NaN is not
    measured.  nodes: 1 for a lymph node, 0 for any other lesion.
    """
    sizes = np.asarray(diameters, dtype=float)
    unmeasured = np.isnan(sizes).any(axis=-1)
    known_sum = np.where(np.isnan(sizes), 0.0, sizes).sum(axis=-1)
    category = target_response(baseline, nadir, known_sum)
    node = np.broadcast_to(np.asarray(nodes, dtype=float) == 1, sizes.shape)
    with np.errstate(invalid="ignore"):
        gone = np.where(node, compare(sizes, Comparison.BELOW, NODE_NORMAL_BELOW) == TRUE, sizes == 0)
    evaluable = category != NOT_EVALUABLE
    complete = gone.all(axis=-1) & evaluable & (category != PROGRESSIVE)
    category = np.where(complete, COMPLETE, category)
    return np.where(unmeasured & (category != PROGRESSIVE), NOT_EVALUABLE, category).astype(np.int8)


class NonTarget(IntEnum):
    """State of the lesions that are not targets."""

    NOT_EVALUATED = -1
    COMPLETE = 0
    PERSISTENT = 1
    """Neither complete response nor progression."""
    PROGRESSIVE = 2
    ABSENT = 3
    """There never were any."""


OVERALL_CATEGORIES = (*CATEGORIES, "neither complete response nor progression")
PERSISTENT = np.int8(len(CATEGORIES))


def overall_response(target: ArrayLike, non_target: ArrayLike, new_lesion: ArrayLike) -> NDArray[np.int8]:
    """Return the overall response at one visit of patients with target lesions, by the table of RECIST 1.1.

    Progression of targets or non-targets, or a new lesion, is progression.  Else targets not evaluable, or
    not knowing of new lesions, is not evaluable; complete needs the non-targets gone too (else partial);
    partial and stable stay.

    target: index into CATEGORIES or -1.  non_target: of NonTarget; ABSENT counts as complete.  new_lesion:
    1, 0 or NaN.  The result is an index into CATEGORIES, or -1.
    """
    targets, others = np.asarray(target, dtype=np.int8), np.asarray(non_target, dtype=np.int8)
    new = from_flag(new_lesion)
    cleared = (others == NonTarget.COMPLETE) | (others == NonTarget.ABSENT)
    category = np.where((targets == COMPLETE) & ~cleared, PARTIAL, targets)
    category = np.where(new == UNKNOWN, NOT_EVALUABLE, category)
    progressed = (targets == PROGRESSIVE) | (others == NonTarget.PROGRESSIVE) | (new == TRUE)
    return np.where(progressed, PROGRESSIVE, category).astype(np.int8)


def response_without_targets(non_target: ArrayLike, new_lesion: ArrayLike) -> NDArray[np.int8]:
    """Return the overall response of patients who have non-target lesions only.

    non_target: of NonTarget.  new_lesion: 1, 0 or NaN.  The result is an index into OVERALL_CATEGORIES, or
    -1.
    """
    others, new = np.asarray(non_target, dtype=np.int8), from_flag(new_lesion)
    category = np.where(others == NonTarget.COMPLETE, COMPLETE, NOT_EVALUABLE)
    category = np.where(others == NonTarget.PERSISTENT, PERSISTENT, category)
    category = np.where(new == UNKNOWN, NOT_EVALUABLE, category)
    progressed = (others == NonTarget.PROGRESSIVE) | (new == TRUE)
    return np.where(progressed, PROGRESSIVE, category).astype(np.int8)


def late_enough_to_confirm(first_day: ArrayLike, next_day: ArrayLike) -> Truth:
    """Return whether a second assessment comes at least 4 weeks after the first [day].

    Confirmation is asked for when response is the primary endpoint of a trial that is not randomised.
    """
    later = np.asarray(next_day, dtype=float) - np.asarray(first_day, dtype=float)
    return compare(later, Comparison.AT_LEAST, CONFIRMED_AFTER)
