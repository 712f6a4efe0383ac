"""Selection at screening gives regression to the mean, and the placebo behaviour that trials know."""

from builders.selection import crp_above, crp_course, weight_slopes
from euexia import parameters


def test_who_is_chosen_for_a_high_crp_has_a_lower_one_on_day_0() -> None:
    """A reading has a log-SD of 0.45 of its own: who is above a limit by chance falls below it a week later.

    With log CRP of variance s2 between people and e2 of readings the fall is e2/(s2 + e2) of the distance to
    the mean; here the tumour grows on and takes part of it back.
    """
    course = crp_course(trials=3)
    first, second = crp_above(30.0, trials=3)
    assert course["0"] < 0.92 * course["-7"]
    assert course["28"] > course["0"]
    assert first > 0.98
    assert second < 0.88


def test_who_is_chosen_for_loss_loses_less_in_the_trial() -> None:
    """Before: more than 1 % a month, as eligibility asks; in the trial about a quarter of it."""
    reference = weight_slopes(parameters.load(), trials=3)
    assert reference["before"] < -1.0
    assert -0.5 < reference["in_trial"] < 0.0


def test_relieved_care_ties_the_gain_to_the_loss() -> None:
    """With part of what care adds missing before, the quickest losers gain most; without, they do not."""
    reference = weight_slopes(parameters.load(), trials=3)
    mended = weight_slopes(parameters.load(overlays=("known_misfits",)), trials=3)
    assert reference["in_trial_quick"] < reference["in_trial_slow"]
    assert mended["in_trial_quick"] > mended["in_trial_slow"]
