"""What many simulated trials of one protocol say, with Monte-Carlo error on every figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from euexia.evidence.row import Limits

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its Monte-Carlo standard error, from so many trials."""

    value: float
    error: float
    trials: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisCharacteristics:
    """How one planned analysis behaves over many trials."""

    analysis: str
    endpoint: str
    arm: str
    control: str | None
    measure_of_effect: str
    unit: str
    primary: bool
    rejection: Estimate
    """Share of trials in which the null hypothesis is rejected."""
    effect: Estimate
    """Mean of the estimates."""
    quantiles: Mapping[str, float]
    """Quantiles 0.05, 0.25, 0.5, 0.75, 0.95 of the estimates over trials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A measure, or its change, of one arm over its visits: of all patients of all trials who have a reading.

    mean, sd: of a ratio to baseline the geometric mean, and the standard deviation of its natural logarithm.
    """

    day: Floats
    mean: Floats
    sd: Floats
    quantiles: Mapping[str, Floats]
    """Quantiles 0.1, 0.25, 0.5, 0.75, 0.9 between patients."""
    count: Floats

    def mean_error(self, *, geometric: bool) -> Floats:
        """Return the standard error of the means; patients are independent of each other."""
        with np.errstate(divide="ignore", invalid="ignore"):
            error = self.sd / np.sqrt(self.count)
        return np.asarray(self.mean * error if geometric else error)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmCharacteristics:
    """What happens in one arm."""

    arm: str
    label: str
    patients: float
    """Mean number randomised per trial."""
    analysed: float
    """Mean number per trial whom the lead endpoint's estimand analyses."""
    responder_rate: Estimate
    """Share of the analysed who respond, as the estimand decides; of no trials where none can respond."""
    responder_rates: Floats
    """Rate of each trial in which anybody is analysed, sorted, for the distribution."""
    disposition: Mapping[str, Estimate]
    """Share of patients: completed, died, withdrew, stopped_treatment; before the primary endpoint's day."""
    adverse_events: Mapping[str, Estimate]
    """Share of patients with: each term, ``<term>_grade_3_or_more``, serious_adverse_event."""
    series: Mapping[str, Series]
    """By measure; ``dose`` too, and changes from baseline such as ``lean_mass_ct.percent_change``."""
    components: Mapping[str, Estimate]
    """Share meeting each component of the primary response, settled by the same estimand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookCharacteristics:
    """One look, or the final analysis, over many trials."""

    name: str
    held: Estimate
    """Share of all trials that come to it."""
    ends: Mapping[str, Estimate]
    """Share of all trials that end here, by reason; at the end ``efficacy`` rejects, ``futility`` not."""
    months: Estimate
    """From the opening of the trial to the day on which the data are cut."""
    randomised: Estimate
    """Patients in the trial when it is decided."""
    patients: Estimate
    """Patients whose endpoint is there."""
    information: Estimate
    lower: Estimate
    upper: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class LooksCharacteristics:
    """A design with looks, and what the same patients would have shown in a trial without.

    bias: mean difference between the plain estimate of the trial when it ended and that of the trial without
    looks, over the same trials.
    """

    looks: tuple[LookCharacteristics, ...]
    rejection: Estimate
    rejection_without_looks: Estimate
    randomised: Estimate
    randomised_quantiles: Mapping[str, float]
    planned: int
    patients: Mapping[str, Estimate]
    """Mean number randomised, by arm."""
    months: Estimate
    """From the opening of the trial to the end of follow-up of the last patient."""
    months_quantiles: Mapping[str, float]
    months_without_looks: Estimate
    left: Mapping[str, Estimate]
    """Share of trials that an arm leaves, of arms that ever do."""
    size: Estimate
    """Size aimed at when the trial ended."""
    resized: Estimate
    """Share of trials whose size was raised."""
    size_quantiles: Mapping[str, float]
    estimate: Estimate
    estimate_without_looks: Estimate
    bias: Estimate
    estimate_by_end: Mapping[str, Estimate]
    """Mean estimate of the trials that ended at each look, by its name."""
    paths: tuple[tuple[Floats, Floats], ...] = ()
    """Information and statistic of the first trials."""
    by_responders: bool = False
    """The statistic is the number of responders; else Z towards benefit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One truth under which the trials were simulated."""

    name: str
    label: str
    analyses: tuple[AnalysisCharacteristics, ...]
    arms: tuple[ArmCharacteristics, ...]
    success: Mapping[str, Estimate] = field(default_factory=dict)
    """By arm: share of trials in which all its primary analyses reject, on the patient's side."""
    looks: LooksCharacteristics | None = None
    """Of a protocol whose looks are carried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningCharacteristics:
    """How many candidates were needed, and why the others were refused."""

    screened: Estimate
    enrolled: Estimate
    months: Estimate
    """Duration of accrual."""
    refused: Mapping[str, Estimate]
    """Share of screened candidates who failed each criterion, by its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One published result and the same figure of many simulated trials of the protocol's size.

    published, low, high: as printed, in ``unit``; low and high are NaN where none were printed.
    mean, predicted_low, predicted_high: over trials, the mean and the 95 % prediction interval of one trial.
    """

    name: str
    endpoint: str
    arm: str
    control: str | None
    figure: str
    unit: str
    published: float
    low: float
    high: float
    limits: Limits | None
    mean: float
    predicted_low: float
    predicted_high: float
    trials: int
    verified: bool
    citation: str
    source: str
    note: str
    mean_error: float = float("nan")
    """Monte-Carlo standard error of the mean."""

    @property
    def inside(self) -> bool:
        """Return whether the published value lies in the prediction interval."""
        return self.predicted_low <= self.published <= self.predicted_high

    @property
    def error(self) -> float:
        """Return the simulated mean minus the published value."""
        return self.mean - self.published


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingCharacteristics:
    """The operating characteristics of a design."""

    protocol_id: str
    trials: int
    planned_trials: int
    """Larger than ``trials`` when the run was stopped early."""
    size: int
    seed: int
    as_modelled: Scenario
    without_effect: Scenario
    """The same patients and chance, the study drug without any effect: rejections are type I errors."""
    screening: ScreeningCharacteristics
    design: Mapping[str, Mapping[str, float]]
    """Closed-form facts per analysis (critical value, attained level, power at the alternative)."""
    answer: tuple[str, ...]
    """The trial's own question, answered in sentences."""
    published: tuple[Comparison, ...] = ()
    """Published results beside the simulated ones."""
