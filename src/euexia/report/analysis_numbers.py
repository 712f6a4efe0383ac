"""Units of the numbers behind a result, and how results are printed in the tables of an analysed trial."""

from __future__ import annotations

import numpy as np

from euexia.analyse.result import Result
from euexia.criteria.measures import MEASURES
from euexia.protocol.analysis_plan import Endpoint, EndpointKind, Method
from euexia.report.formatting import NOT_KNOWN, number, p_value, range_of, signed

PATIENTS = frozenset(
    {
        "randomised",
        "analysed",
        "responders",
        "affected",
        "observed_last",
        "imputed",
        "deaths",
        "unknown",
        "complete response",
        "partial response",
        "stable disease",
        "progressive disease",
    }
)
SHARES = frozenset(
    {
        "share",
        "risk",
        "incidence",
        "incidence_error",
        "survival",
        "always_survivors",
        "probability_of_more",
        "probability_of_benefit",
        "probability_above",
        "level_attained",
        "missing_information",
        "wilcoxon_p_value",
    }
)
PLAIN = frozenset(
    {
        "degrees_of_freedom",
        "z",
        "wilcoxon_z",
        "chi_squared",
        "baseline_slope",
        "structures_tried",
        "rate_ratio",
        "rate_ratio_low",
        "rate_ratio_high",
        "ratio",
        "ratio_low",
        "ratio_high",
        "exact",
        "log_hazard_ratio",
    }
)
LIKE_THE_VALUES = frozenset(
    {
        "mean",
        "mean_error",
        "sd",
        "median",
        "standard_error",
        "monte_carlo_error",
        "tipping_shift",
        "posterior_scale",
        "lower_bound",
        "upper_bound",
        "difference_of_survivors",
    }
)
EVENT_UNITS = {"events": "events", "competing": "events", "median_time": "day", "weeks": "patient-weeks"}
PER_WEEKS = "events per 100 patient-weeks"
PAIRS = "pairs"
RATIO_DECIMALS, PERCENT_DECIMALS, OTHER_DECIMALS = 3, 1, 2


def number_unit(result: Result, name: str) -> str:
    """Return the unit of one of the numbers of a result; empty where none is stated."""
    base = name.removesuffix("_control")
    if base in PATIENTS:
        return "patients"
    if base in SHARES or base in PLAIN:
        return "1"
    if base in LIKE_THE_VALUES:
        return "1" if result.unit == "ratio" else result.unit
    if base in EVENT_UNITS:
        return EVENT_UNITS[base]
    if base == "rate":
        return PER_WEEKS if result.method == Method.EVENT_RATE else "1"
    return PAIRS if base.split(":")[0] in ("wins", "losses", "ties") else ""


def effect_unit(result: Result) -> str:
    """Return the unit in which an effect is printed."""
    if result.unit == "ratio":
        return "ratio"
    if result.unit == "1":
        return "%" if result.control is None else "percentage points"
    return {"rank": "ranks", "day": "days"}.get(result.unit, result.unit)


def value_unit(result: Result) -> str:
    """Return the unit in which the values of an arm are printed."""
    return "%" if result.unit == "1" else {"rank": "ranks", "day": "days"}.get(result.unit, result.unit)


def factor(unit: str) -> float:
    """Return by what values in a unit are multiplied before they are printed: shares are per cent."""
    return 100.0 if unit == "1" else 1.0


def decimals(unit: str, endpoint: Endpoint) -> int:
    """Return with how many decimals a mean or an effect is printed: one more than a reading has."""
    if unit == "ratio":
        return RATIO_DECIMALS
    if unit == "1":
        return OTHER_DECIMALS if endpoint.kind is EndpointKind.PERCENT_CHANGE else PERCENT_DECIMALS
    measure = MEASURES.get(endpoint.measure or "")
    if measure is not None and unit == measure.unit:
        return measure.decimals + 1
    return 1 if unit in ("rank", "day") else OTHER_DECIMALS


def effect_text(result: Result, endpoint: Endpoint, trial: int = 0) -> str:
    """Return an estimate as printed, without its unit."""
    value = factor(result.unit) * float(result.estimate[trial])
    shown = decimals(result.unit, endpoint)
    signless = result.unit == "ratio" or result.control is None
    return number(value, shown) if signless else signed(value, shown)


def effect_with_unit(result: Result, endpoint: Endpoint, trial: int = 0) -> str:
    """Return an estimate with its unit in brackets; a dash alone where nothing was estimated."""
    text = effect_text(result, endpoint, trial)
    return text if text == NOT_KNOWN else f"{text} [{effect_unit(result)}]"


def interval_text(result: Result, endpoint: Endpoint, trial: int = 0) -> str:
    """Return the confidence interval as printed, without its unit; an end that is not known is a dash."""
    low, high = (factor(result.unit) * float(part[trial]) for part in (result.low, result.high))
    shown = decimals(result.unit, endpoint)
    if np.isfinite(low) and np.isfinite(high):
        return range_of(low, high, shown)
    if np.isfinite(low) or np.isfinite(high):
        return f"{_end(low, shown)} to {_end(high, shown)}"
    return NOT_KNOWN


def _end(value: float, shown: int) -> str:
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    return number(value, shown)


def p_text(result: Result, trial: int = 0) -> str:
    """Return the p-value as printed, with its side where the test has one."""
    return p_value(float(result.p_value[trial]))
