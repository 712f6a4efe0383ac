"""Closed-form designs against published numbers, the source in each test."""

import numpy as np
import pytest

from euexia.design import coprimary, ranks, repeated, two_arm
from euexia.design.binomial_sequential import binomial_course
from euexia.design.boin import boin_boundaries, boin_table
from euexia.design.boundaries import upper_boundary
from euexia.design.coprimary import BinaryEndpoint, ContinuousEndpoint
from euexia.design.group_sequential import course, design
from euexia.design.monitoring import conditional_power
from euexia.design.single_arm import exact_design, first_size, saw_tooth
from euexia.design.spending import Boundary
from euexia.design.two_arm import RateTest
from euexia.design.two_stage import Aim, admissible, evaluate, simon

THIRDS = (1 / 3, 2 / 3, 1)
FIFTHS = (0.2, 0.4, 0.6, 0.8, 1)

SIMON = """
0.05 0.25 0.1 0.1
    0 9 2 24 14.55 0.6302 0.0931 0.9028
    0 13 2 20 16.41 0.5133 0.0736 0.903
0.05 0.25 0.05 0.2
    0 9 2 17 11.96 0.6302 0.0466 0.8122
    0 12 2 16 13.84 0.5404 0.0427 0.8013
0.05 0.25 0.05 0.1
    0 9 3 30 16.76 0.6302 0.0489 0.9019
    0 15 3 25 20.37 0.4633 0.0336 0.9008
0.1 0.3 0.1 0.1
    1 12 5 35 19.84 0.659 0.0977 0.9014
    1 16 4 25 20.37 0.5147 0.0951 0.903
0.1 0.3 0.05 0.2
    1 10 5 29 15.01 0.7361 0.0471 0.8051
    1 15 5 25 19.51 0.549 0.0328 0.8017
0.05 0.2 0.05 0.2
    0 10 3 29 17.62 0.5987 0.0468 0.8011
    0 13 3 27 19.81 0.5133 0.0416 0.8011
0.2 0.4 0.05 0.2
    3 13 12 43 20.58 0.7473 0.0496 0.8002
    4 18 10 33 22.25 0.7164 0.0458 0.8011
0.2 0.4 0.05 0.1
    4 19 15 54 30.43 0.6733 0.0482 0.9045
    5 24 13 45 31.23 0.6559 0.0483 0.9001
"""
"""p0, p1, alpha, beta; below, optimal and minimax: r1, n1, r, n, EN(p0), PET(p0), level, power."""


def simon_rows():
    """Return each row of the table: the errors, the optimal design, the minimax design."""
    numbers = [tuple(float(word) for word in line.split()) for line in SIMON.strip().splitlines()]
    return list(zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True))


@pytest.mark.parametrize(("errors", "optimal", "minimax"), simon_rows())
def test_simon_two_stage(errors, optimal, minimax):
    """Simon, Controlled Clinical Trials 1989;10:1-10, tables 1 and 2 (designs, EN and PET).

    Printed digits.
    """
    null, alternative, alpha, beta = errors
    for aim, expected in ((Aim.OPTIMAL, optimal), (Aim.MINIMAX, minimax)):
        found = simon(null, alternative, alpha, 1 - beta, aim)
        assert (found.first_limit, found.first_size, found.limit, found.size) == expected[:4]
        assert round(found.expected_size, 2) == expected[4]
        assert (found.early_stop, found.level, found.power) == pytest.approx(expected[5:], abs=5e-5)


def test_a_published_design_called_optimal_is_not():
    """A public calculator calls 2/18, 4/26 optimal for .10 against .30; Simon's 1/12, 5/35 expects fewer."""
    claimed = evaluate(2, 18, 4, 26, 0.10, 0.30)
    found = simon(0.10, 0.30, 0.10, 0.90, Aim.OPTIMAL)
    assert (found.first_limit, found.first_size, found.limit, found.size) == (1, 12, 5, 35)
    assert round(claimed.expected_size, 2) == 20.13
    assert found.expected_size < claimed.expected_size
    between = admissible(0.10, 0.30, 0.10, 0.90)
    assert [corner.design.size for corner in between] == [25, 26, 35]  # it is admissible, no more


def test_exact_power_and_its_saw_tooth():
    """East 6.5, as in gsDesign's independent tests: p0 = .05, p1 = .20, one-sided .025.

    All digits printed.
    """
    found = saw_tooth(0.05, 0.20, 0.025, [25, 28, 30, 33, 35])
    assert found.powers == pytest.approx(
        [0.57932569, 0.6851126, 0.74476675, 0.81787426, 0.72790831], abs=5e-9
    )
    assert found.powers[4] < found.powers[3]
    assert first_size(0.05, 0.20, 0.025, 0.8).size == 33
    assert exact_design(33, 0.05, 0.20, 0.025).power == pytest.approx(0.81787426, abs=5e-9)


@pytest.mark.parametrize(
    ("kind", "analyses", "expected"),
    [
        (Boundary.OBRIEN_FLEMING, 2, (2.7965, 1.9774)),
        (Boundary.OBRIEN_FLEMING, 3, (3.4711, 2.4544, 2.0040)),
        (Boundary.OBRIEN_FLEMING, 4, (4.0486, 2.8628, 2.3375, 2.0243)),
        (Boundary.POCOCK, 2, (2.1783,) * 2),
        (Boundary.POCOCK, 3, (2.2895,) * 3),
        (Boundary.POCOCK, 4, (2.3613,) * 4),
    ],
)
def test_classical_boundaries(kind, analyses, expected):
    """O'Brien and Fleming, Biometrics 1979;35:549-556; Pocock, Biometrika 1977;64:191-199; one-sided .025.

    More digits than Jennison and Turnbull, Group Sequential Methods, 2000, tables 2.1 and 2.3, print for the
    two-sided test at .05, whose other tail is too far away to matter.
    """
    times = np.arange(1, analyses + 1) / analyses
    assert upper_boundary(kind, times, 0.025) == pytest.approx(expected, abs=5.1e-5)


@pytest.mark.parametrize(
    ("times", "expected"), [(THIRDS, (3.7103, 2.5114, 1.9930)), ((0.5, 1), (2.9626, 1.9686))]
)
def test_lan_demets_boundaries(times, expected):
    """Lan and DeMets, Biometrika 1983;70:659-663, O'Brien-Fleming type at one-sided .025; printed digits."""
    found = upper_boundary(Boundary.SPENDING_OBRIEN_FLEMING, times, 0.025)
    assert found == pytest.approx(expected, abs=5.1e-5)


def test_hwang_shih_decani_design():
    """Hwang, Shih and DeCani, Statistics in Medicine 1990;9:1439-1445, gamma -4.

    Digits as gsDesign prints.
    """
    plan = design(Boundary.HWANG_SHIH_DECANI, FIFTHS, 0.025, 0.9, shape=-4.0)
    assert plan.upper == pytest.approx([3.2527, 2.9860, 2.6917, 2.3737, 2.0253], abs=5.1e-5)
    assert (plan.drift, plan.inflation) == pytest.approx((3.2793, 1.0234), abs=5.1e-5)
    crossed = np.cumsum(course(plan, plan.drift).efficacy)
    assert crossed == pytest.approx([0.0370, 0.1883, 0.4530, 0.7229, 0.9000], abs=5.1e-5)


@pytest.mark.parametrize(("kind", "expected"), [(Boundary.OBRIEN_FLEMING, 1.0174), (Boundary.POCOCK, 1.1664)])
def test_inflation_factors(kind, expected):
    """Jennison and Turnbull, Group Sequential Methods, 2000, tables 2.2 and 2.4.

    Three looks, power .80; they print 1.166 and 1.017 for the two-sided test at .05.
    """
    assert design(kind, THIRDS, 0.025, 0.8).inflation == pytest.approx(expected, abs=5.1e-5)


def test_exact_binomial_looks():
    """East 6.5, as in gsDesign's independent tests of gsBinomialExact: 50 and 100 patients, 13 and 17 up."""
    found = binomial_course([50, 100], [-1, -1], [13, 17], [0.1, 0.2])
    assert found.upper == pytest.approx(
        np.array([[0.00100462, 0.01979986], [0.1860570, 0.6221024]]), abs=5e-8
    )
    assert found.expected_size == pytest.approx([99.94977, 90.69715], abs=5e-6)


def test_conditional_power_of_east():
    """East 6.5, as in gsDesign's independent tests: .308644 at the trend.

    1e-3, as East rounds patients up.
    """
    plan = design(Boundary.HWANG_SHIH_DECANI, (0.5, 1.0), 0.025, 0.9, shape=-4.0)
    assert conditional_power(plan, 1, 1.151764990571) == pytest.approx(0.308644, abs=1e-3)


def test_boin_boundaries():
    """Liu and Yuan, Journal of the Royal Statistical Society C 2015;64:507-523, target .30.

    Printed digits.
    """
    found = boin_boundaries(0.30)
    assert (found.escalate, found.deescalate) == pytest.approx((0.2364907, 0.3585195), abs=5e-8)
    rows = {row.patients: row for row in boin_table(found, 12)}
    assert [rows[n].escalate_at_most for n in (3, 6, 9, 12)] == [0, 1, 2, 2]
    assert [rows[n].deescalate_at_least for n in (3, 6, 9, 12)] == [2, 3, 4, 5]
    assert [rows[n].eliminate_at_least for n in (3, 6, 9, 12)] == [3, 4, 5, 7]


@pytest.mark.parametrize(
    ("first", "second", "power", "expected"),
    [
        (0.20, 0.20, 0.80, (516, 503, 490, 458)),
        (0.20, 0.20, 0.90, (646, 637, 626, 597)),
        (0.47, 0.48, 0.80, (92, 90, 87, 82)),
        (0.50, 0.50, 0.80, (83, 81, 79, 74)),
        (0.50, 0.35, 0.80, (133, 132, 131, 129)),
        (0.40, 0.40, 0.90, (162, 160, 157, 150)),
    ],
)
def test_two_means(first, second, power, expected):
    """Sozu, Sugimoto, Hamasaki and Evans, Sample Size Determination in Clinical Trials, Springer 2015.

    The third row is on p. 20; per arm at correlations 0, .3, .5, .8, one-sided .025.
    """
    one, two = ContinuousEndpoint(effect=first), ContinuousEndpoint(effect=second)
    sizes = [coprimary.size(one, two, rho, 0.025, power) for rho in (0.0, 0.3, 0.5, 0.8)]
    assert tuple(size.control for size in sizes) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((0.70, 0.50), (0.70, 0.50), {-0.3: 124, 0.0: 122, 0.3: 119, 0.5: 116, 0.8: 109}),
        ((0.87, 0.70), (0.70, 0.50), {0.0: 121, 0.3: 118, 0.5: 115}),
        ((0.90, 0.70), (0.90, 0.70), {0.0: 81, 0.3: 79, 0.5: 77, 0.8: 72}),
        ((0.95, 0.90), (0.95, 0.90), {0.0: 571, 0.3: 556, 0.5: 542, 0.8: 507}),
    ],
)
def test_two_rates(first, second, expected):
    """Sozu, Sugimoto and Hamasaki, Statistics in Medicine 2010;29:2169-2179, table III (AN).

    As recomputed and printed by the R package twoCoprimary 1.0; it says the paper's SAS may differ by 1 or 2.
    """
    one, two = (BinaryEndpoint(rate=rate, control_rate=control) for rate, control in (first, second))
    found = {rho: coprimary.size(one, two, rho, 0.025, 0.8).control for rho in expected}
    assert found == expected


@pytest.mark.parametrize(
    ("test", "expected"),
    [(RateTest.CHI_SQUARE, (142, 142, 140, 128)), (RateTest.FISHER, (152, 150, 150, 144))],
)
def test_two_rates_exactly(test, expected):
    """Homma and Yoshida, Statistical Methods in Medical Research 2025, table 4.

    .54 against .25 on both endpoints, power .90; both arms together, as twoCoprimary 1.0 prints the table.
    """
    one = BinaryEndpoint(rate=0.54, control_rate=0.25)
    found = [
        coprimary.exact_size(one, one, rho, 0.025, 0.9, test, lasting=0).total for rho in (0.0, 0.3, 0.5, 0.8)
    ]
    assert tuple(found) == expected


@pytest.mark.parametrize(
    ("deviation", "expected"),
    [
        (19, (346, 340, 334, 323)),
        (20, (369, 363, 358, 347)),
        (21, (394, 389, 384, 374)),
        (22, (422, 417, 413, 404)),
    ],
)
def test_mean_and_rate(deviation, expected):
    """Sozu, Sugimoto and Hamasaki, Biometrical Journal 2012;54:716-729, table 2.

    4.4 points, .59 against .46; per arm at correlations 0, .3, .5, .8, as twoCoprimary 1.0 prints the table.
    """
    one = ContinuousEndpoint(effect=4.4 / deviation)
    two = BinaryEndpoint(rate=0.59, control_rate=0.46)
    found = [coprimary.size(one, two, rho, 0.025, 0.8).control for rho in (0.0, 0.3, 0.5, 0.8)]
    assert tuple(found) == expected


def test_mixed_model_with_dropout():
    """Lu, Luo and Chen, International Journal of Biostatistics 2008;4(1), formula (3).

    Correlation .25 at four visits, retention 1, .9, .8, .7, effect .5: 86.99175 per arm as longpower prints.
    """
    covariance = repeated.covariance_of(repeated.Structure.COMPOUND_SYMMETRY, [1.0] * 4, 0.25)
    found = repeated.mixed_model_size(0.5, covariance, (1, 0.9, 0.8, 0.7), 0.025, 0.8)
    assert found.size.needed / 2 == pytest.approx(86.99175, abs=5e-6)


def test_win_odds():
    """Gasparyan et al., Journal of Biopharmaceutical Statistics 2021;31:765-787; worked by hand.

    N = (1.959964 + 1.281552)^2 / 3 / (1.25 / 2.25 - .5)^2 = 1134.80; a quarter of controls: times 4 / 3.
    """
    assert ranks.win_odds_size(1.25, 0.025, 0.9).size.needed == pytest.approx(1134.80, abs=5e-3)
    uneven = ranks.win_odds_size(1.25, 0.025, 0.9, ratio=3.0)
    assert uneven.size.needed == pytest.approx(1134.8017 * 4 / 3, rel=1e-6)


def test_schoenfeld_events_of_the_textbook():
    """Schoenfeld, Biometrics 1983;39:499-503: 4 (1.96 + 1.2816)^2 / ln(1.5)^2 = 255.7 events; by hand."""
    from euexia.design.survival import schoenfeld_events

    assert schoenfeld_events(1.5, 0.025, 0.9) == pytest.approx(4 * 3.2415155**2 / 0.4054651**2, rel=1e-6)


def test_exact_tests_order_as_they_should():
    """Boschloo, Statistica Neerlandica 1970;24:1-9: uniformly at least as powerful as Fisher's test."""
    for size in (12, 20, 31):
        fisher = two_arm.rejection_region(size, size, 0.025, RateTest.FISHER)
        boschloo = two_arm.rejection_region(size, size, 0.025, RateTest.BOSCHLOO)
        assert (boschloo | ~fisher).all()
