"""What a fit of mixed models for repeated measures gives back, and why a trial was not fitted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from euexia.statistics.covariance import Structure

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

CONVENTIONAL = (
    Structure.UNSTRUCTURED,
    Structure.HETEROGENEOUS_TOEPLITZ,
    Structure.HETEROGENEOUS_AUTOREGRESSIVE,
    Structure.HETEROGENEOUS_COMPOUND_SYMMETRY,
    Structure.TOEPLITZ,
    Structure.AUTOREGRESSIVE,
    Structure.COMPOUND_SYMMETRY,
)
"""The order in which structures are tried when one cannot be fitted, from the richest to the plainest."""


class Method(StrEnum):
    """Which likelihood is made as large as possible."""

    REML = "reml"
    """Restricted maximum likelihood: that of the residual contrasts; the usual choice."""
    ML = "ml"
    """Maximum likelihood, for comparing models of the mean."""


class Freedom(StrEnum):
    """How the degrees of freedom of t and F are found."""

    SATTERTHWAITE = "satterthwaite"
    KENWARD_ROGER = "kenward_roger"
    """With adjusted standard errors (Kenward and Roger 1997)."""
    KENWARD_ROGER_LINEAR = "kenward_roger_linear"
    """The same without the second derivatives of the covariance (Kenward and Roger 2009, SAS KR(LINEAR))."""
    RESIDUAL = "residual"
    """Observations less coefficients."""
    BETWEEN_WITHIN = "between_within"
    """Patients less coefficients constant within patients, or what is left within patients."""


class Information(StrEnum):
    """From which information the uncertainty of the covariance parameters is taken."""

    OBSERVED = "observed"
    """The Hessian at the maximum, as PROC MIXED takes it."""
    EXPECTED = "expected"
    """Its expectation, as Kenward and Roger wrote it in 1997."""


class Diagnosis(IntEnum):
    """Why a trial was, or was not, fitted; whatever is not FITTED has NaN results."""

    NOT_TRIED = -1
    FITTED = 0
    INFINITE_VALUE = 1
    NO_OBSERVATION = 2
    VISIT_WITHOUT_OBSERVATION = 3
    ALIASED_COLUMNS = 4
    TOO_FEW_OBSERVATIONS = 5
    NO_VARIATION = 6
    COVARIANCE_SINGULAR = 7
    INFORMATION_SINGULAR = 8
    NOT_CONVERGED = 9
    ADJUSTMENT_FAILED = 10

    @property
    def words(self) -> str:
        """Say it in a sentence."""
        return _WORDS[self]


_WORDS = {
    Diagnosis.NOT_TRIED: "Not tried, as an earlier structure was fitted or the data cannot be fitted at all.",
    Diagnosis.FITTED: "Fitted.",
    Diagnosis.INFINITE_VALUE: "A value or a covariate is infinite. Correct it, or set it missing.",
    Diagnosis.NO_OBSERVATION: "No patient has an observed value with complete covariates.",
    Diagnosis.VISIT_WITHOUT_OBSERVATION: "A visit has no observed value (in some covariance "
    "group). Leave it out.",
    Diagnosis.ALIASED_COLUMNS: "Columns of the design are combinations of others (see 'aliased'): an arm or "
    "factor level without observations, or a term entered twice. Remove them.",
    Diagnosis.TOO_FEW_OBSERVATIONS: "There are no more observations, or at some visit no more patients, than "
    "the model has coefficients.",
    Diagnosis.NO_VARIATION: "At some visit the values do not vary around the model, so that no variance can "
    "be estimated.",
    Diagnosis.COVARIANCE_SINGULAR: "The likelihood rises towards a singular covariance matrix (a "
    "correlation of one or a variance of nothing); a plainer structure may fit.",
    Diagnosis.INFORMATION_SINGULAR: "The data do not determine every covariance parameter (visits never "
    "observed in the same patient, or too few patients); a plainer structure may fit.",
    Diagnosis.ADJUSTMENT_FAILED: "The covariance was fitted, but Kenward and Roger's adjustment leaves a "
    "variance below zero: there are too few patients for it. A plainer structure or Satterthwaite may serve.",
    Diagnosis.NOT_CONVERGED: "The iterations did not reach a maximum of the likelihood; a plainer "
    "structure may fit.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Fitted models, one per trial; NaN where ``diagnosis`` is not FITTED.

    Entries of Sigma are those on and below the diagonal, row by row, group after group: q of them.

    coefficients: beta, (trials, p), named by ``names``.
    coefficient_covariance: Phi = (X'V^-1 X)^-1, (trials, p, p).
    sigma: covariance of the visits, (trials, groups, visits, visits).
    sigma_covariance: asymptotic covariance of the entries of sigma from the observed information, (trials,
    q, q); sigma_covariance_expected: the same from the expected information.
    slopes: d Phi / d entry of sigma, (trials, q, p, p).
    adjusted: the small-sample covariance of beta of Kenward and Roger, (trials, p, p), if it was asked for.
    between: which columns are the same at every visit of a patient, intercept: which are all one, (p,).
    objective: -2 log likelihood, restricted or not, (trials,).
    parameters: number of covariance parameters, (trials,).
    diagnosis: of each trial, by number of Diagnosis.  aliased: columns that are combinations of earlier
    ones, (trials, p).
    structures: in the order of trying; structure: place of the one used, -1 if none, (trials,).
    attempts: diagnosis of every structure, (trials, structures).
    iterations: of the structure used.  decrement: g'H^-1 g at the end, the squared distance to the maximum
    in standard errors, twice.
    observations: analysed; subjects: with at least one of them; (trials,).
    """

    names: tuple[str, ...]
    method: Method
    coefficients: Floats
    coefficient_covariance: Floats
    sigma: Floats
    sigma_covariance: Floats
    sigma_covariance_expected: Floats
    slopes: Floats
    adjusted: Floats | None
    between: Flags
    intercept: Flags
    objective: Floats
    parameters: Integers
    diagnosis: Integers
    aliased: Flags
    structures: tuple[Structure, ...]
    structure: Integers
    attempts: Integers
    iterations: Integers
    decrement: Floats
    observations: Integers
    subjects: Integers

    @property
    def fitted(self) -> Flags:
        """Which trials were fitted."""
        return np.asarray(self.diagnosis == Diagnosis.FITTED)

    def structure_used(self, trial: int = 0) -> Structure | None:
        """Return the structure of one trial's fit, None if there is none."""
        place = int(self.structure[trial])
        return self.structures[place] if place >= 0 else None

    def explain(self, trial: int = 0) -> str:
        """Say in words how one trial's fit came about: what was tried, left and used, and what is aliased."""
        said = []
        for structure, attempt in zip(self.structures, self.attempts[trial], strict=True):
            if attempt != Diagnosis.NOT_TRIED:
                name = structure.value.replace("_", " ")
                said.append(f"{name}: {Diagnosis(int(attempt)).words}")
        if not said:
            said.append(Diagnosis(int(self.diagnosis[trial])).words)
        if self.aliased[trial].any():
            names = ", ".join(
                f"'{name}'" for name, flag in zip(self.names, self.aliased[trial], strict=True) if flag
            )
            said.append(f"Aliased with earlier columns: {names}.")
        return " ".join(said)


def information_criteria(fit: Fit, subjects: int | Integers | None = None) -> tuple[Floats, Floats]:
    """Return AIC and BIC, smaller is better, as PROC MIXED counts.

    REML counts covariance parameters, ML coefficients too.  subjects: number in the BIC's penalty; those
    with an observation, unless given (PROC MIXED counts those without, too).
    """
    count = fit.parameters + (len(fit.names) if fit.method is Method.ML else 0)
    size = np.asarray(fit.subjects if subjects is None else subjects, dtype=float)
    return fit.objective + 2.0 * count, fit.objective + np.log(size) * count
