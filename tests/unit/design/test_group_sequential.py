"""Group-sequential designs: laws they obey, the plain recursion, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euexia.core.errors import InputError, NumericalError
from euexia.design.boundaries import Futility, by_spending, monitored_boundary, upper_boundary
from euexia.design.crossing_reference import crossing_plainly
from euexia.design.group_sequential import course, design, fixed_drift, level
from euexia.design.recursion import crossing
from euexia.design.spending import Boundary, spent

B = Boundary
SPENDING = {
    B.SPENDING_OBRIEN_FLEMING: None,
    B.SPENDING_POCOCK: None,
    B.HWANG_SHIH_DECANI: -4.0,
    B.KIM_DEMETS: 3.0,
}
KINDS = SPENDING | {B.OBRIEN_FLEMING: None, B.POCOCK: None, B.WANG_TSIATIS: 0.25}
times = st.lists(st.floats(0.05, 1.0), min_size=1, max_size=5).map(np.cumsum)


@pytest.mark.parametrize(
    ("lower", "upper", "information", "drift"),
    [
        ((-8.0, -8.0, -8.0), (3.47, 2.45, 2.0), (1 / 3, 2 / 3, 1.0), 2.8),
        ((0.0, 0.5, 2.0), (3.0, 2.5, 2.0), (0.3, 0.7, 1.0), 0.0),
        ((-2.5, -2.2), (2.5, 2.2), (0.9, 1.0), 1.0),
    ],
)
def test_the_recursion_agrees_with_the_textbook(lower, upper, information, drift):
    """Simpson's rule with 400 steps errs by about 1e-8 here; the fast one by 1e-13."""
    found = crossing(lower, upper, information, drift)
    above, below = crossing_plainly(lower, upper, information, drift)
    assert found.upper == pytest.approx(above, abs=1e-7)
    assert found.lower == pytest.approx(below, abs=1e-7)


def test_one_analysis_is_the_fixed_test():
    for kind, shape in KINDS.items():
        plan = design(kind, [7.0], 0.025, 0.9, shape=shape)
        assert plan.upper == pytest.approx([1.959963984540054])
        assert plan.inflation == pytest.approx(1.0)
        assert plan.drift == pytest.approx(fixed_drift(0.025, 0.9))


def test_a_stack_gives_the_very_floats_of_one():
    """Bit for bit: nothing depends on the neighbours."""
    rng = np.random.default_rng(4)
    lower, upper, drift = rng.normal(-1, 0.5, (40, 3)), rng.normal(2, 0.3, (40, 3)), rng.normal(1, 1, 40)
    stack = crossing(lower, upper, [0.4, 0.6, 1.0], drift)
    for row in range(40):
        alone = crossing(lower[row], upper[row], [0.4, 0.6, 1.0], drift[row])
        assert np.array_equal(alone.upper, stack.upper[row])
        assert np.array_equal(alone.lower, stack.lower[row])


@settings(max_examples=25, deadline=None)
@given(
    times=times,
    kind=st.sampled_from(list(SPENDING)),
    alpha=st.floats(0.005, 0.2),
    sides=st.sampled_from((1, 2)),
)
def test_spending_sums_to_alpha(times, kind, alpha, sides):
    """At any information times the boundaries spend what the function says, all of alpha in the end."""
    upper = upper_boundary(kind, times, alpha, shape=SPENDING[kind], sides=sides)
    lower = -upper if sides == 2 else np.full(upper.size, -np.inf)
    found = crossing(lower, upper, times, 0.0)
    used = np.cumsum(found.upper + (found.lower if sides == 2 else 0.0))
    planned = sides * spent(kind, alpha / sides, times / times[-1], SPENDING[kind])
    assert used == pytest.approx(planned, abs=1e-9)
    assert used[-1] == pytest.approx(alpha, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(
    kind=st.sampled_from(list(KINDS)),
    looks=st.integers(1, 6),
    alpha=st.floats(0.01, 0.1),
    power=st.floats(0.6, 0.95),
)
def test_more_looks_never_cost_less(kind, looks, alpha, power):
    """One more, evenly spaced: the inflation factor does not fall, and level and power stay as planned."""
    fewer, more = (
        design(kind, np.arange(1, count + 1), alpha, power, shape=KINDS[kind]) for count in (looks, looks + 1)
    )
    assert more.inflation >= fewer.inflation - 1e-9
    assert fewer.inflation >= 1 - 1e-9
    assert level(more) == pytest.approx(alpha, abs=1e-8)
    assert float(course(more, more.drift).rejection) == pytest.approx(power, abs=1e-8)


@settings(max_examples=15, deadline=None)
@given(
    times=times.filter(lambda found: found.size > 1),
    kind=st.sampled_from(list(SPENDING)),
    other=st.sampled_from(list(SPENDING)),
    binding=st.booleans(),
)
def test_futility_keeps_both_errors(times, kind, other, binding):
    rule = Futility(boundary=other, shape=SPENDING[other], binding=binding)
    plan = design(kind, times, 0.025, 0.85, shape=SPENDING[kind], futility=rule)
    assert level(plan) == pytest.approx(0.025, abs=1e-8)
    found = course(plan, plan.drift)
    assert float(found.rejection) == pytest.approx(0.85, abs=1e-8)
    losses = np.cumsum(found.futility)
    assert losses[-1] == pytest.approx(0.15, abs=1e-8)
    assert plan.lower[-1] == plan.upper[-1]
    assert (plan.lower <= plan.upper).all()


def test_ignoring_futility_matters_only_if_it_binds():
    for binding in (False, True):
        rule = Futility(values=(0.5, 1.0), binding=binding)
        plan = design(B.SPENDING_OBRIEN_FLEMING, [1, 2, 3], 0.025, 0.8, futility=rule)
        ignored = float(crossing([-np.inf] * 3, plan.upper, plan.information, 0.0).upper_total)
        obeyed = float(course(plan, 0.0).rejection)
        if binding:
            assert obeyed == pytest.approx(0.025)
            assert ignored > 0.026
        else:
            assert ignored == pytest.approx(0.025)
            assert obeyed < 0.0249


def test_power_grows_with_the_effect():
    plan = design(B.POCOCK, [1, 2, 3, 4], 0.025, 0.8)
    assert (np.diff(course(plan, np.linspace(-1, 6, 30)).rejection) > 0).all()


def test_a_monitoring_plan_of_ones_own():
    """Boundaries for errors spent by hand: .001 and .024."""
    values = by_spending(np.array([0.5, 1.0]), np.array([0.001, 0.024]))
    found = crossing([-np.inf] * 2, values, [0.5, 1.0], 0.0)
    assert found.upper == pytest.approx([0.001, 0.024])


def test_a_running_trial_keeps_its_level():
    """Looks at 0.37 and 0.61 instead of halves, the end at 1.08 of the plan: all of alpha, no more."""
    times = [0.37, 0.61, 1.08]
    for sides in (1, 2):
        values = monitored_boundary(B.SPENDING_OBRIEN_FLEMING, times, 1.0, 0.05, last=True, sides=sides)
        so_far = monitored_boundary(B.SPENDING_OBRIEN_FLEMING, times[:2], 1.0, 0.05, last=False, sides=sides)
        assert np.array_equal(values[:2], so_far)
        found = crossing(-values if sides == 2 else [-np.inf] * 3, values, times, 0.0)
        assert float(found.upper_total + (found.lower_total if sides == 2 else 0)) == pytest.approx(0.05)
    as_planned = monitored_boundary(B.SPENDING_POCOCK, [0.5, 1.0], 1.0, 0.025, last=True)
    assert as_planned == pytest.approx(upper_boundary(B.SPENDING_POCOCK, [0.5, 1.0], 0.025))


def test_an_analysis_that_spends_nothing_cannot_stop():
    """O'Brien-Fleming type spending at 1 % of the information: 2e-110, which no float can tell from none."""
    assert upper_boundary(B.SPENDING_OBRIEN_FLEMING, [0.01, 1.0], 0.025)[0] == np.inf


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"information": [1.0, 0.5]}, "increase from analysis to analysis"),
        ({"information": [0.5, 0.5]}, "increase from analysis to analysis"),
        ({"information": [-1.0, 1.0]}, "Give positive numbers"),
        ({"information": []}, "must list the information"),
        ({"information": [0.5, 0.5000001]}, "too near each other"),
        ({"alpha": 0.7}, "'alpha' is 0.7"),
        ({"alpha": 0.0}, "'alpha' is 0"),
        ({"power": 0.02}, "a coin would do"),
        ({"power": 1.2}, "'power' is 1.2"),
        ({"sides": 3}, "'sides' is 3"),
        ({"shape": -4.0}, "takes no 'shape'"),
        ({"boundary": B.HWANG_SHIH_DECANI}, "needs a 'shape'"),
        ({"boundary": B.KIM_DEMETS, "shape": -1.0}, "must be positive"),
        ({"boundary": B.HWANG_SHIH_DECANI, "shape": -1000.0}, "no longer differ"),
        ({"alpha": 1e-20, "boundary": B.SPENDING_POCOCK}, "too small for the last analysis"),
        ({"futility": Futility(values=(2.5,), binding=True)}, "above the efficacy boundary"),
        (
            {"futility": Futility(values=(2.2,), binding=True), "boundary": B.SPENDING_OBRIEN_FLEMING},
            "alpha can no longer be spent",
        ),
        ({"futility": Futility(values=(0.0, 1.0))}, "2 values for 2 analyses"),
        ({"futility": Futility()}, "must say either"),
        ({"futility": Futility(values=(0.0,)), "sides": 2}, "needs a direction"),
        ({"futility": Futility(values=(5.0,))}, "above the efficacy boundary"),
        ({"futility": Futility(boundary=B.POCOCK)}, "not a spending function"),
        (
            {"futility": Futility(boundary=B.SPENDING_POCOCK, binding=True)},
            "needs an efficacy boundary that does",
        ),
        ({"futility": Futility(values=(0.0,)), "information": [1.0]}, "needs an interim analysis"),
    ],
)
def test_what_makes_no_design_is_refused(changes, said):
    given = {"boundary": B.OBRIEN_FLEMING, "information": [0.5, 1.0], "alpha": 0.025, "power": 0.8} | changes
    with pytest.raises((InputError, NumericalError), match=said):
        design(**given)
