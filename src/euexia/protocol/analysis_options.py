"""How a method is to be done, as closed choices: covariates, covariance, imputation, multiplicity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from euexia.core.datafile import Unit


class CovarianceChoice(StrEnum):
    """How the visits of a patient go together in a repeated-measures model, from freest to plainest."""

    UNSTRUCTURED = "unstructured"
    HETEROGENEOUS_TOEPLITZ = "heterogeneous_toeplitz"
    HETEROGENEOUS_AUTOREGRESSIVE = "heterogeneous_autoregressive"
    HETEROGENEOUS_COMPOUND_SYMMETRY = "heterogeneous_compound_symmetry"
    HETEROGENEOUS_ANTE_DEPENDENCE = "heterogeneous_ante_dependence"
    ANTE_DEPENDENCE = "ante_dependence"
    TOEPLITZ = "toeplitz"
    AUTOREGRESSIVE = "autoregressive"
    COMPOUND_SYMMETRY = "compound_symmetry"
    SPATIAL_EXPONENTIAL = "spatial_exponential"


class FreedomChoice(StrEnum):
    """Degrees of freedom of a repeated-measures model."""

    SATTERTHWAITE = "satterthwaite"
    KENWARD_ROGER = "kenward_roger"
    KENWARD_ROGER_LINEAR = "kenward_roger_linear"
    RESIDUAL = "residual"
    BETWEEN_WITHIN = "between_within"


class VarianceChoice(StrEnum):
    """Which variance the standard errors rest on."""

    MODEL = "model"
    """The variance the model implies."""
    SANDWICH = "sandwich"
    """The empirical (robust) variance."""


class LikelihoodChoice(StrEnum):
    """Which likelihood is maximised."""

    REML = "reml"
    ML = "ml"


class MarginChoice(StrEnum):
    """Over which patients a least-squares mean is taken."""

    EQUAL = "equal"
    """Each level of a factor counts the same."""
    OBSERVED = "observed"
    """Levels count as often as they were seen."""


class ReferenceChoice(StrEnum):
    """What is assumed of values after an intercurrent event."""

    MISSING_AT_RANDOM = "missing_at_random"
    """As in the own arm."""
    JUMP_TO_REFERENCE = "jump_to_reference"
    """At once as in the reference arm."""
    COPY_REFERENCE = "copy_reference"
    """As if the patient had been in the reference arm all along."""
    COPY_INCREMENTS = "copy_increments"
    """The benefit so far is kept, further change is as in the reference arm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a method may be told beyond endpoint and arms; what is left out is chosen by the method.

    covariates: ``baseline``, ``age``, or a measure read on day 0.  strata: ``sex``, ``randomisation`` (the
    strata of the randomisation), or a flag read on day 0.  covariance: the order in which structures are
    tried.
    """

    covariates: tuple[str, ...] = ()
    strata: tuple[str, ...] = ()
    covariance: tuple[CovarianceChoice, ...] = ()
    grouped: bool = False
    """Each arm has a covariance of its own."""
    degrees_of_freedom: FreedomChoice | None = None
    variance: VarianceChoice | None = None
    likelihood: LikelihoodChoice | None = None
    margins: MarginChoice | None = None
    horizon: Annotated[float, Unit("duration")] | None = None
    """Day up to which a restricted mean or an incidence is taken; the endpoint's day if left out."""
    reference: ReferenceChoice | None = None
    imputations: int | None = None
    resamples: int | None = None
    seed: int | None = None
    responds_at: Annotated[float, Unit("fraction")] | None = None
    """Least relative change from baseline that is a response (where lower is better, the greatest)."""
    firth: bool = False
    """Firth's penalty, under which a logistic model has a maximum even where arms foretell responses."""
    deltas: tuple[float, ...] = ()
    """Shifts of imputed values of the treated, in the unit of the endpoint."""
    prior_mean: float | None = None
    """Mean of a normal prior of the difference, in the unit of the endpoint; 0 if left out."""
    prior_sd: float | None = None
    """Standard deviation of that prior; a flat prior if left out."""
    benefit: float | None = None
    """A benefit, in the unit of the endpoint, whose posterior probability is told."""


class Procedure(StrEnum):
    """How several tests share one chance of a false success."""

    CO_PRIMARY = "co_primary"
    """All of them must succeed, each at the full level (intersection-union test)."""
    BONFERRONI = "bonferroni"
    HOLM = "holm"
    HOCHBERG = "hochberg"
    FIXED_SEQUENCE = "fixed_sequence"
    """In the order written; after the first failure nothing is tested."""
    DUNNETT = "dunnett"
    """Several arms against one control, by the joint distribution of their statistics."""
    GRAPHICAL = "graphical"
    """Weights, and to whom a weight goes when its hypothesis is rejected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiplicity:
    """How the tests named share one level."""

    procedure: Procedure
    analyses: tuple[str, ...]
    """In the order in which they are tested, where there is one."""
    alpha: Annotated[float, Unit("fraction")] = 0.05
    weights: Mapping[str, float] = field(default_factory=dict)
    """Share of alpha of each analysis (graphical)."""
    transitions: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Share of a rejected analysis' weight that goes to each other one (graphical)."""
