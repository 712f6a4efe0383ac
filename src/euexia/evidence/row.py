"""A published result as a typed row, and the study it stands in: frozen values, no behaviour.

A row says what was printed, where, and whether somebody of this project saw it there.  Values keep the unit
they were printed in; ``euexia.evidence.quantity`` converts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from euexia.protocol.statement import Quantity


class About(StrEnum):
    """What a row describes."""

    SIZE = "size"
    """How many patients were in an arm at a stage (randomised, analysed, completed ...)."""
    BASELINE = "baseline"
    OUTCOME = "outcome"
    """What an arm, or a cohort, came to."""
    DIFFERENCE = "difference"
    """One arm against another."""
    COURSE = "course"
    """Attrition, safety and survival."""
    DERIVED = "derived"
    """Computed here from printed values, by the formula in ``method``."""


class Statistic(StrEnum):
    """What kind of number was printed."""

    MEAN = "mean"
    LEAST_SQUARES_MEAN = "least_squares_mean"
    MEDIAN = "median"
    PERCENT = "percent"
    COUNT = "count"
    DIFFERENCE = "difference"
    POSTERIOR_MEDIAN = "posterior_median"
    STANDARD_DEVIATION = "standard_deviation"
    COEFFICIENT_OF_VARIATION = "coefficient_of_variation"
    HAZARD_RATIO = "hazard_ratio"
    ODDS_RATIO = "odds_ratio"
    CORRELATION = "correlation"
    RELIABILITY = "reliability"
    SLOPE = "slope"
    THRESHOLD = "threshold"
    P_VALUE = "p_value"
    RANGE = "range"
    WORDS = "words"
    """Said without a number."""
    AS_PRINTED = "as_printed"
    """A number whose kind the source does not say, or a rare kind that ``note`` names."""


class Limits(StrEnum):
    """What the lower and upper limit of a row are."""

    CONFIDENCE_95 = "confidence_95"
    CONFIDENCE_90 = "confidence_90"
    RANGE = "range"
    QUARTILES = "quartiles"


class Topic(StrEnum):
    """What a study is about."""

    TRIAL = "trial"
    """A drug trial."""
    BODY_COMPOSITION = "body_composition"
    """The untreated course of weight, muscle and fat, and of energy."""
    CARE = "care"
    """Nutrition, exercise and multimodal care."""
    BASELINE = "baseline"
    """What patients are like when a trial begins."""
    MEASUREMENT = "measurement"
    """Error, repeatability and least important difference of a measure."""
    SURVIVAL = "survival"
    """Survival and attrition."""
    INFLAMMATION = "inflammation"
    """Inflammation and its treatment."""


class Use(StrEnum):
    """What a row may be used for; fixed in the file before anything is fitted."""

    CALIBRATION = "calibration"
    HOLDOUT = "holdout"
    CONTEXT = "context"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One published result.

    measure: as the study names it.  observable, of: the measure of this package it is a reading of, and what
    is taken of it; empty where there is none.  arm: arm or group.  contrast: the two arms of a difference.
    weeks: one week, or first and last week of a span.  when: the time in words, where weeks do not say it.
    value, values: as printed, in ``unit``.  low, high: as ``limits`` says.  below: the p-value was printed as
    "less than".  method: how it was measured or computed.  text: what was printed without a number.
    """

    about: About
    measure: str
    verified: bool
    observable: str = ""
    of: Quantity | None = None
    arm: str = ""
    contrast: str = ""
    weeks: tuple[float, ...] = ()
    when: str = ""
    statistic: Statistic = Statistic.AS_PRINTED
    value: float | None = None
    values: tuple[float, ...] = ()
    unit: str = ""
    low: float | None = None
    high: float | None = None
    limits: Limits | None = None
    sd: float | None = None
    se: float | None = None
    dispersion: str = ""
    """Dispersion as printed, where it has not been taken apart into the fields above."""
    p: float | None = None
    below: bool = False
    n: float | None = None
    method: str = ""
    text: str = ""
    note: str = ""
    source: str = ""
    use: Use = Use.CONTEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyArm:
    """One arm of a published trial, in the words of its source."""

    verified: bool
    dose: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One published eligibility criterion."""

    verified: bool
    value: float | None = None
    text: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One published study.

    handling: how deaths and missing values were handled, in the words of the source; empty: not known here.
    """

    id: str
    topic: Topic
    citation: str
    population: str = ""
    treatment: str = ""
    registry: tuple[str, ...] = ()
    doi: str = ""
    design: Mapping[str, str]
    size: str = ""
    arms: Mapping[str, StudyArm]
    eligibility: Mapping[str, Requirement]
    endpoints: Mapping[str, str]
    handling: str = ""
    rows: Mapping[str, Row]
    notes: str = ""
    sources: tuple[str, ...] = ()
