"""Closed-form designs against R: rpact, stats, mvtnorm; script, raw output and origin in reference/design."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from euexia.design import coprimary, means, survival, two_arm
from euexia.design.boundaries import Futility
from euexia.design.group_sequential import course, design, drift_for
from euexia.design.monitoring import conditional_power, final_analysis, repeated_interval
from euexia.design.spending import Boundary, spent
from euexia.design.survival import EventFormula, Recruitment
from euexia.design.two_arm import RateTest

OUTPUT = Path(__file__).resolve().parents[2] / "reference" / "design" / "design.csv"
LINES = [line for line in OUTPUT.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
VALUES: dict[tuple[str, str], list[float]] = {}
for row in csv.DictReader(LINES):
    VALUES.setdefault((row["case"], row["quantity"]), []).append(float(row["value"]))

UNEVEN = (0.3, 0.7, 1.0)
B = Boundary


def even(analyses):
    return tuple((index + 1) / analyses for index in range(analyses))


DESIGNS = {
    "of_3": {"boundary": B.OBRIEN_FLEMING, "information": even(3)},
    "of_uneven": {"boundary": B.OBRIEN_FLEMING, "information": UNEVEN},
    "p_4": {"boundary": B.POCOCK, "information": even(4), "power": 0.9},
    "p_uneven": {"boundary": B.POCOCK, "information": UNEVEN, "alpha": 0.05},
    "wt_5": {"boundary": B.WANG_TSIATIS, "information": even(5), "shape": 0.25},
    "wt_uneven": {"boundary": B.WANG_TSIATIS, "information": UNEVEN, "shape": 0.1},
    "hsd_5": {"boundary": B.HWANG_SHIH_DECANI, "information": even(5), "shape": -4.0, "power": 0.9},
    "hsd_uneven": {"boundary": B.HWANG_SHIH_DECANI, "information": UNEVEN, "shape": 1.0},
    "kd_4": {"boundary": B.KIM_DEMETS, "information": even(4), "shape": 2.0},
    "as_of_uneven": {"boundary": B.SPENDING_OBRIEN_FLEMING, "information": UNEVEN},
    "as_p_10": {"boundary": B.SPENDING_POCOCK, "information": even(10)},
    "two_sided_of": {"boundary": B.OBRIEN_FLEMING, "information": even(4), "alpha": 0.05, "sides": 2},
    "two_sided_as_of": {
        "boundary": B.SPENDING_OBRIEN_FLEMING,
        "information": UNEVEN,
        "alpha": 0.05,
        "sides": 2,
    },
    "two_sided_p": {"boundary": B.POCOCK, "information": even(3), "alpha": 0.05, "power": 0.9, "sides": 2},
    "futility_as_of": {
        "boundary": B.SPENDING_OBRIEN_FLEMING,
        "information": UNEVEN,
        "futility": Futility(boundary=B.SPENDING_OBRIEN_FLEMING),
    },
    "futility_as_of_binding": {
        "boundary": B.SPENDING_OBRIEN_FLEMING,
        "information": UNEVEN,
        "futility": Futility(boundary=B.SPENDING_POCOCK, binding=True),
    },
    "futility_hsd": {
        "boundary": B.HWANG_SHIH_DECANI,
        "information": even(4),
        "shape": -4.0,
        "power": 0.9,
        "futility": Futility(boundary=B.HWANG_SHIH_DECANI, shape=-2.0),
    },
    "futility_values": {
        "boundary": B.OBRIEN_FLEMING,
        "information": UNEVEN,
        "futility": Futility(values=(0.0, 0.5), binding=True),
    },
    "futility_values_free": {
        "boundary": B.SPENDING_POCOCK,
        "information": UNEVEN,
        "futility": Futility(values=(-0.5, 0.5)),
    },
}


def made(case):
    return design(**{"alpha": 0.025, "power": 0.8} | DESIGNS[case])


@pytest.mark.parametrize("case", DESIGNS)
def test_boundaries_agree_with_rpact(case):
    """getDesignGroupSequential, rpact 3.3.4; 2e-5, as rpact's critical values are found to about that."""
    plan = made(case)
    assert plan.upper == pytest.approx(VALUES[case, "upper"], abs=2e-5)
    if (case, "futility") in VALUES:
        assert plan.lower[:-1] == pytest.approx(VALUES[case, "futility"], abs=2e-5)


@pytest.mark.parametrize("case", DESIGNS)
def test_cost_agrees_with_rpact(case):
    """getDesignCharacteristics, rpact 3.3.4: inflation, drift, power by stage, mean sizes; 5e-5 as above."""
    plan = made(case)
    assert plan.inflation == pytest.approx(VALUES[case, "inflation"][0], rel=5e-5)
    assert plan.drift == pytest.approx(VALUES[case, "drift"][0], rel=5e-5)
    planned = course(plan, plan.drift)
    assert np.cumsum(planned.efficacy) == pytest.approx(VALUES[case, "cumulative_power"], abs=5e-5)
    drifts = {"expected_planned": plan.drift, "expected_half": plan.drift / 2, "expected_null": 0.0}
    for name, drift in drifts.items():
        expected = float(course(plan, drift).expected_information) * plan.inflation
        assert expected == pytest.approx(VALUES[case, name][0], rel=5e-5)


@pytest.mark.parametrize("case", [case for case, given in DESIGNS.items() if given["boundary"].spends])
def test_spending_agrees_with_rpact(case):
    """Cumulative alpha of rpact's spending functions; both are formulas, 1e-7 for rpact's recursion."""
    given = DESIGNS[case]
    sides, alpha = given.get("sides", 1), given.get("alpha", 0.025)
    spendings = sides * spent(given["boundary"], alpha / sides, given["information"], given.get("shape"))
    assert spendings == pytest.approx(VALUES[case, "spent"], abs=1e-7)


@pytest.mark.parametrize(
    ("case", "found"),
    [
        ("mean_even", lambda: means.t_size(0.5, 1.0, 0.025, 0.8)),
        ("mean_two_to_one", lambda: means.t_size(2.0, 4.0, 0.025, 0.9, 2.0)),
        ("mean_known", lambda: means.z_size(1.0, 0.3, 0.05, 0.9)),
        ("rate_even", lambda: two_arm.rate_size(0.5, 0.3, 0.025, 0.8)),
        ("rate_two_to_one", lambda: two_arm.rate_size(0.6, 0.45, 0.025, 0.9, ratio=2.0)),
        ("rate_margin", lambda: two_arm.rate_size(0.5, 0.5, 0.025, 0.8, margin=0.15)),
    ],
)
def test_sizes_agree_with_rpact(case, found):
    """As getSampleSizeMeans and getSampleSizeRates, rpact 3.3.4; 1e-6, rpact's search ends there."""
    assert found().needed == pytest.approx(VALUES[case, "needed"][0], rel=1e-6)


def test_t_tests_agree_with_r():
    """power.t.test (the other direction not counted, as here); power to 1e-7, sizes to R's uniroot."""
    expected = VALUES["t_power", "power"]
    assert [means.t_power(n, n, 0.6, 1.1, 0.025) for n in (5, 12, 40, 150)] == pytest.approx(
        expected, abs=1e-7
    )
    sizes = [means.t_size(*given).needed / 2 for given in ((0.5, 1, 0.025, 0.8), (5, 1, 0.025, 0.8))]
    sizes.append(means.t_size(0.05, 1, 0.025, 0.9).needed / 2)
    assert sizes == pytest.approx(VALUES["t_size", "n"], abs=1.3e-4)


def test_rate_formula_agrees_with_r():
    """power.prop.test, the textbook formula with the pooled rate; R's uniroot ends near 1e-5."""
    sizes = [two_arm.rate_size(0.5, 0.3, 0.025, 0.8), two_arm.rate_size(0.15, 0.05, 0.05, 0.9)]
    assert [size.needed / 2 for size in sizes] == pytest.approx(VALUES["prop_size", "n"], rel=1e-5)


@pytest.mark.parametrize(
    ("case", "hazard_ratio", "median", "recruitment", "alpha", "power", "ratio", "formula"),
    [
        (
            "survival_dropout",
            0.7,
            12,
            Recruitment(accrual=12, follow_up=6, dropout=-math.log(0.95) / 12),
            0.025,
            0.8,
            1.0,
            EventFormula.SCHOENFELD,
        ),
        (
            "survival_two_to_one",
            0.6,
            8,
            Recruitment(accrual=18, follow_up=3),
            0.025,
            0.9,
            2.0,
            EventFormula.SCHOENFELD,
        ),
        (
            "survival_freedman",
            0.75,
            10,
            Recruitment(accrual=6, follow_up=12),
            0.05,
            0.8,
            1.0,
            EventFormula.FREEDMAN,
        ),
    ],
)
def test_survival_agrees_with_rpact(case, hazard_ratio, median, recruitment, alpha, power, ratio, formula):
    """getSampleSizeSurvival, rpact 3.3.4; both are formulas, equal to 1e-8."""
    hazard = survival.hazard_of_median(median)
    found = survival.survival_size(
        hazard_ratio, hazard, recruitment, alpha, power, ratio=ratio, formula=formula
    )
    assert found.events == pytest.approx(VALUES[case, "events"][0], rel=1e-8)
    assert found.size.needed == pytest.approx(VALUES[case, "needed"][0], rel=1e-8)


def test_power_over_effects_agrees_with_rpact():
    """As getPowerMeans with known variance and futility, 200 patients; 1e-5 for rpact's boundaries."""
    rule = Futility(values=(0.0, 0.5))
    plan = design(B.SPENDING_OBRIEN_FLEMING, UNEVEN, 0.025, 0.8, futility=rule)
    found = course(plan, np.array([0.0, 0.2, 0.35, 0.5]) * math.sqrt(50))
    assert found.rejection == pytest.approx(VALUES["power_means", "power"], abs=1e-5)
    assert found.futility[:, :-1].sum(axis=1) == pytest.approx(
        VALUES["power_means", "early_futility"], abs=1e-5
    )
    assert 200 * found.expected_information == pytest.approx(VALUES["power_means", "expected"], rel=1e-5)


def test_power_of_log_rank_agrees_with_rpact():
    """getPowerSurvival, 150 events: the drift is the log hazard ratio times half the root of the events."""
    rule = Futility(values=(0.0, 0.5))
    plan = design(B.SPENDING_OBRIEN_FLEMING, UNEVEN, 0.025, 0.8, futility=rule)
    drifts = -np.log([0.6, 0.8]) * math.sqrt(150) / 2
    assert course(plan, drifts).rejection == pytest.approx(VALUES["power_survival", "power"], abs=1e-5)


def test_drift_for_is_the_inverse_of_power():
    """The drift that rpact's power belongs to is found again; rpact's number has its accuracy, 1e-5."""
    plan = design(B.SPENDING_OBRIEN_FLEMING, UNEVEN, 0.025, 0.8, futility=Futility(values=(0.0, 0.5)))
    power = VALUES["power_means", "power"][3]
    assert drift_for(plan.lower, plan.upper, plan.information, power) == pytest.approx(
        0.5 * math.sqrt(50), abs=1e-4
    )


def test_conditional_power_agrees_with_rpact():
    """getConditionalPower: 30 per arm and stage, effects 0.5, 0 and 0.4; 1e-5 for rpact's boundaries."""
    plan = design(B.OBRIEN_FLEMING, even(3), 0.025, 0.8)
    first, second = VALUES["monitoring", "statistic"]
    full = math.sqrt(90 / 2)
    half = conditional_power(plan, 2, second, 0.5 * full)
    assert half == pytest.approx(VALUES["monitoring", "conditional_power_half"][0], abs=1e-5)
    none = conditional_power(plan, 2, second, 0.0)
    assert none == pytest.approx(VALUES["monitoring", "conditional_power_none"][0], abs=1e-5)
    early = conditional_power(plan, 1, first, 0.4 * full)
    assert early == pytest.approx(VALUES["monitoring", "conditional_power_early"][-1], abs=1e-5)


def test_repeated_intervals_agree_with_rpact():
    """getRepeatedConfidenceIntervals; rpact inverts the test by a search to 1e-5."""
    plan = design(B.OBRIEN_FLEMING, even(3), 0.025, 0.8)
    limits = []
    for analysis, (estimate, statistic) in enumerate(
        zip((0.45, 0.375), VALUES["monitoring", "statistic"], strict=True), 1
    ):
        limits += repeated_interval(plan, analysis, estimate, estimate / statistic)
    assert limits == pytest.approx(VALUES["monitoring", "repeated"], abs=2e-5)


def test_final_analysis_agrees_with_rpact():
    """As getFinalPValue and getFinalConfidenceInterval (stage-wise ordering); rpact searches to 1e-5.

    rpact gives its limits per root of a patient of both arms: the drift of Z divided by the root of the
    information counted as n1 n2 / (n1 + n2), with 45 at full information.
    """
    plan = design(B.OBRIEN_FLEMING, even(3), 0.025, 0.8)
    found = final_analysis(plan, 2, VALUES["final", "statistic"][1])
    assert found.p_value == pytest.approx(VALUES["final", "p_value"][0], rel=1e-4)
    scale = math.sqrt(45)
    general = VALUES["final", "interval"]
    assert np.array([found.low, found.high]) / scale == pytest.approx(general, abs=5e-5)
    assert found.drift / scale == pytest.approx(VALUES["final", "median_unbiased"][0], abs=5e-5)


def test_fisher_power_agrees_with_a_loop_in_r():
    """fisher.test on every table; equal to 1e-10, both are exact."""
    found = [
        two_arm.rate_design(20, 20, 0.6, 0.2, 0.025, RateTest.FISHER).power,
        two_arm.rate_design(24, 12, 0.7, 0.3, 0.05, RateTest.FISHER).power,
    ]
    assert found == pytest.approx(VALUES["fisher", "power"], abs=1e-10)


def test_coprimary_power_agrees_with_mvtnorm():
    """By pmvnorm of mvtnorm, Genz's algorithm for two dimensions; equal to 1e-10."""
    mean = coprimary.ContinuousEndpoint
    given = ((0.5, 0.5, 0.0, 83), (0.47, 0.48, 0.8, 82), (0.5, 0.35, -0.3, 133))
    found = [
        coprimary.power(mean(effect=one), mean(effect=two), rho, n, n, 0.025) for one, two, rho, n in given
    ]
    assert found == pytest.approx(VALUES["coprimary", "power"], abs=1e-10)
