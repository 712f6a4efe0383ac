"""Sizes of two-arm trials in words and numbers."""

from __future__ import annotations

import numpy as np

from euexia.design import means, ranks, repeated, survival, two_arm
from euexia.design.allocation import TwoArmSize
from euexia.design.answer import Answer, AnswerTable, Cell, bar, count, number, probability, text
from euexia.design.repeated import MixedModelSize
from euexia.design.survival import EventFormula, Recruitment
from euexia.design.two_arm import RateTest

ONE_SIDED = (
    "Tests are one-sided at {alpha:g}, towards the hoped-for effect; a two-sided test at {twice:g} needs the "
    "same patients."
)
INDEPENDENT = "Patients are independent, and everyone randomised is analysed; add those who will not be."
SMALL_ARM = 10
_SHARES = (0.5, 0.75, 1.0, 1.25, 1.5)


def mean(
    difference: float,
    deviation: float,
    alpha: float,
    power: float,
    *,
    ratio: float = 1.0,
    known: bool = False,
) -> Answer:
    """Return the size of a comparison of two means by a t test, or a z test if the variance is known."""
    if known:
        size = means.z_size(deviation**2, difference, alpha, power, ratio)
    else:
        size = means.t_size(difference, deviation, alpha, power, ratio)

    def at(share: float) -> float:
        if known:
            variance = deviation**2 / share**2
            return means.z_power(size.treated, size.control, difference, variance, alpha)
        return means.t_power(size.treated, size.control, difference * share, deviation, alpha)

    return Answer(
        title=f"Two means: difference {difference:g}, standard deviation {deviation:g}",
        tables=(sizes(size), _curve([(share, at(share)) for share in _SHARES])),
        assumptions=(
            _one_sided(alpha),
            "Readings are normal with the same variance in both arms.",
            INDEPENDENT,
        ),
        sources=(
            "z test with known variance; textbook."
            if known
            else "Exact power of the t test (noncentral t); textbook.",
        ),
        warnings=_small(size),
    )


def ancova(
    difference: float, deviation: float, alpha: float, power: float, correlation: float, *, ratio: float = 1.0
) -> Answer:
    """Return the size of a comparison adjusted for baseline."""
    size = means.ancova_size(difference, deviation, alpha, power, correlation, ratio)
    plain = means.t_size(difference, deviation, alpha, power, ratio)
    curve = [
        (
            share,
            means.ancova_power(size.treated, size.control, difference * share, deviation, alpha, correlation),
        )
        for share in _SHARES
    ]
    return Answer(
        title=f"Two means, one covariate: difference {difference:g}, standard deviation {deviation:g}, "
        f"correlation {correlation:g}",
        tables=(sizes(size), _curve(curve)),
        assumptions=(
            _one_sided(alpha),
            "Covariate and reading are jointly normal, with the same slope in both arms.",
            INDEPENDENT,
        ),
        sources=(
            "Power averaged over the chance imbalance of a normal covariate; variance times 1 - rho squared: "
            "Borm, Fransen and Lemmens, Journal of Clinical Epidemiology 2007;60:1234-1238.",
        ),
        warnings=(f"Without the covariate {plain.total} patients would be needed.", *_small(size)),
    )


def mixed_model(
    difference: float,
    covariance: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    retention: tuple[float, ...],
    alpha: float,
    power: float,
    *,
    ratio: float = 1.0,
    control_retention: tuple[float, ...] | None = None,
    known: bool = True,
) -> Answer:
    """Return the size of a comparison at the last visit by a mixed model for repeated measures."""
    found = repeated.mixed_model_size(
        difference,
        covariance,
        retention,
        alpha,
        power,
        ratio=ratio,
        control_retention=control_retention,
        known_variance=known,
    )
    return Answer(
        title=f"Mixed model for repeated measures: difference {difference:g} at visit {len(retention)} of "
        f"{len(retention)}",
        tables=(sizes(found.size), _recovered(found)),
        assumptions=(
            _one_sided(alpha),
            "Readings are normal; patients who leave are missing at random given their earlier readings, and "
            "never return.",
            "Variances are taken as known (normal quantiles)."
            if known
            else f"Noncentral t with {found.degrees_of_freedom:.0f} degrees of freedom: the patients "
            "expected at the last visit, less 2. Cautious.",
        ),
        sources=("Lu, Luo and Chen, International Journal of Biostatistics 2008;4(1).",),
        warnings=_small(found.size),
    )


def responder(
    rate: float,
    control_rate: float,
    alpha: float,
    power: float,
    *,
    ratio: float = 1.0,
    test: RateTest | None = None,
    margin: float = 0.0,
) -> Answer:
    """Return the size of a comparison of response rates: by formula, or exact for a test."""
    formula = two_arm.rate_size(rate, control_rate, alpha, power, ratio=ratio, margin=margin)
    rows: list[tuple[Cell, ...]] = [("normal approximation", *_cells(formula), formula.power, None)]
    warnings: tuple[str, ...] = ()
    if test is None:
        warnings = ("The formula is approximate; naming a test gives its exact power, table by table.",)
    else:
        exact = two_arm.exact_rate_size(rate, control_rate, alpha, power, test, ratio=ratio, margin=margin)
        total = exact.size + exact.control_size
        rows.insert(0, (test.value, total, exact.size, exact.control_size, exact.power, exact.level))
        warnings = _exact_warnings(exact)
    name = "non-inferiority by " + f"{margin:g}" if margin else "superiority"
    return Answer(
        title=f"Two response rates, {name}: {rate:g} against {control_rate:g}",
        tables=(
            AnswerTable(
                name="size",
                title="Patients",
                columns=(
                    text("method", "Method"),
                    count("total", "Both arms"),
                    count("treated", "Treated"),
                    count("control", "Control"),
                    probability("power", "Power"),
                    probability("level", "Exact type I error"),
                ),
                rows=tuple(rows),
            ),
        ),
        assumptions=(_one_sided(alpha), INDEPENDENT),
        sources=(
            "Formula: Fleiss, Tytun and Ury, Biometrics 1980;36:343-346"
            + (
                "; with margin Farrington and Manning, Statistics in Medicine 1990;9:1447-1454."
                if margin
                else "."
            ),
            *(("Exact: every possible table is enumerated.",) if test else ()),
        ),
        warnings=warnings,
    )


def time_to_event(
    hazard_ratio: float,
    control_median: float,
    recruitment: Recruitment,
    alpha: float,
    power: float,
    *,
    ratio: float = 1.0,
    formula: EventFormula = EventFormula.SCHOENFELD,
) -> Answer:
    """Return events and patients of a comparison of survival curves."""
    hazard = survival.hazard_of_median(control_median)
    found = survival.survival_size(
        hazard_ratio, hazard, recruitment, alpha, power, ratio=ratio, formula=formula
    )
    return Answer(
        title=f"Time to event: hazard ratio {hazard_ratio:g}, control median {control_median:g}",
        tables=(
            AnswerTable(
                name="size",
                title="Events and patients",
                columns=(
                    count("events", "Events"),
                    count("total", "Patients"),
                    count("treated", "Treated"),
                    count("control", "Control"),
                    probability("event_probability", "Event seen, treated"),
                    probability("control_event_probability", "Event seen, control"),
                ),
                rows=(
                    (
                        found.whole_events,
                        *_cells(found.size),
                        found.event_probability,
                        found.control_event_probability,
                    ),
                ),
            ),
        ),
        assumptions=(
            _one_sided(alpha),
            "Times to the event are exponential, hazards proportional; patients come evenly over the "
            "accrual.",
            f"Dropout has the hazard {recruitment.dropout:.4g} in both arms and tells nothing of the event.",
        ),
        sources=(
            _EVENT_SOURCES[formula],
            "Event probability: Lachin and Foulkes, Biometrics 1986;42:507-519.",
        ),
        warnings=(
            "The analysis waits for the events, not for the calendar; fewer patients followed longer give "
            "the same power.",
        ),
    )


def win_odds(
    odds: float,
    alpha: float,
    power: float,
    *,
    ratio: float = 1.0,
    spread: ranks.Spread = ranks.Spread.SHIFT,
    tied: float = 0.0,
) -> Answer:
    """Return the size of a comparison by win odds."""
    found = ranks.win_odds_size(odds, alpha, power, ratio=ratio, spread=spread, tied=tied)
    assumed = {
        ranks.Spread.SHIFT: "Both arms have like distributions, shifted: the variance of the Wilcoxon test.",
        ranks.Spread.LARGEST: "The variance is the largest that two distributions can have: no assumption.",
    }
    return Answer(
        title=f"Win odds {odds:g} (win probability {found.win_probability:.4f})",
        tables=(sizes(found.size),),
        assumptions=(_one_sided(alpha), assumed[spread], INDEPENDENT),
        sources=(
            "Gasparyan, Kowalewski, Folkvaljon, Bengtsson, Buenconsejo, Adler and Koch, Journal of "
            "Biopharmaceutical Statistics 2021;31:765-787; Noether, Journal of the American Statistical "
            "Association 1987;82:645-647.",
            *(("Ties: Zhao, Rahardja and Qu, Statistics in Medicine 2008;27:462-468.",) if tied else ()),
        ),
        warnings=(
            ("Far from win odds 1 the variance of a shift is not the true one; check by simulation.",)
            if spread is ranks.Spread.SHIFT and not 0.4 <= odds <= 2.5
            else ()
        ),
    )


_EVENT_SOURCES = {
    EventFormula.SCHOENFELD: "Events: Schoenfeld, Biometrics 1983;39:499-503.",
    EventFormula.FREEDMAN: "Events: Freedman, Statistics in Medicine 1982;1:121-129.",
    EventFormula.LACHIN_FOULKES: "Patients: Lachin and Foulkes, Biometrics 1986;42:507-519.",
}


def sizes(size: TwoArmSize) -> AnswerTable:
    """Return the table of the patients of two arms."""
    return AnswerTable(
        name="size",
        title="Patients",
        columns=(
            count("total", "Both arms"),
            count("treated", "Treated"),
            count("control", "Control"),
            probability("power", "Power"),
            number("needed", "Before rounding up"),
        ),
        rows=((*_cells(size), size.power, size.needed),),
    )


def _cells(size: TwoArmSize) -> tuple[int, int, int]:
    return size.total, size.treated, size.control


def _one_sided(alpha: float) -> str:
    return ONE_SIDED.format(alpha=alpha, twice=2 * alpha)


def _curve(points: list[tuple[float, float]]) -> AnswerTable:
    return AnswerTable(
        name="power_curve",
        title="Power by true effect",
        columns=(number("share", "Share of the planned effect"), probability("power", "Power"), bar("")),
        rows=tuple((share, power, power) for share, power in points),
    )


def _recovered(found: MixedModelSize) -> AnswerTable:
    return AnswerTable(
        name="variance",
        title="Variance of a patient's share in the last visit's mean",
        columns=(
            number("treated", "Treated"),
            number("control", "Control"),
            number("completers", "Completers alone"),
        ),
        rows=((found.variance, found.control_variance, found.completers_variance),),
    )


def _small(size: TwoArmSize) -> tuple[str, ...]:
    small = min(size.treated, size.control) < SMALL_ARM
    return ("Arms this small lean on normality; consider a rank test.",) if small else ()


def _exact_warnings(exact: two_arm.RateDesign) -> tuple[str, ...]:
    found = ["Exact power is a saw-tooth: this size and the next five keep the power."]
    if exact.level > exact.alpha:
        found.append(
            f"'{exact.test.value}' is not exact: at this control rate it errs with probability "
            f"{exact.level:.4f}, above {exact.alpha:g}."
        )
    return tuple(found)
