"""The two predictors without a model, against numbers worked out by hand."""

from math import exp, isnan, log

import pytest

from euexia.evidence.row import Use
from euexia.evidence.targets import Target
from euexia.evidence.twin import Comparison, Figure, Measured, Of
from euexia.study.naive_prediction import naive_predictions


def target(study: str, arm: str, value: float, **more: object) -> Target:
    """Return a target on weight at week 12, unless said otherwise."""
    measured = more.pop("measured", Measured.WEIGHT)
    settings = {"of": Of.CHANGE, "weeks": (12.0,), "measure": "body_weight", **more}
    figure = Figure(arms=(arm,), **settings)  # type: ignore[arg-type]
    return Target(
        name=f"{study}.{arm}.{figure.of}.{figure.weeks[0]:g}",
        twin=study,
        study=study,
        comparison=Comparison(row="row", measured=measured, figure=figure),  # type: ignore[arg-type]
        use=Use.HOLDOUT,
        value=value,
        se=0.1,
        se_from="",
        discrepancy=0.1,
        unit="kg" if figure.of is Of.CHANGE else "1",
        verified=True,
        n=None,
    )


def test_the_study_itself_is_left_out() -> None:
    """By hand: placebo of the other two is -1 and -2; their effects are 3 and 1."""
    every = [
        target("a", "placebo", 100.0),
        target("a", "drug", 200.0),
        target("b", "placebo", -1.0),
        target("b", "drug", 2.0),
        target("c", "placebo", -2.0),
        target("c", "drug", -1.0),
    ]
    found = naive_predictions(every)
    assert found["a.placebo.change.12"].placebo == pytest.approx(-1.5)
    assert found["a.drug.change.12"].placebo == pytest.approx(-1.5)
    assert found["a.drug.change.12"].effect == pytest.approx(0.5)


def test_a_printed_difference_is_nought_without_a_drug_effect() -> None:
    """By hand: the mean effect of the other study is 3."""
    every = [
        target("a", "drug", 9.0, control=("placebo",)),
        target("b", "placebo", -1.0),
        target("b", "drug", 2.0),
    ]
    found = naive_predictions(every)["a.drug.change.12"]
    assert (found.placebo, found.effect) == (0.0, 3.0)


def test_attrition_goes_by_the_rate_per_week() -> None:
    """By hand: half lost in 12 weeks is three quarters in 24."""
    every = [
        target("a", "placebo", 0.9, of=Of.IN_TRIAL, weeks=(24.0,), measured=Measured.COMPLETION),
        target("b", "placebo", 0.5, of=Of.IN_TRIAL, weeks=(12.0,), measured=Measured.COMPLETION),
    ]
    assert naive_predictions(every)["a.placebo.in_trial.24"].effect == pytest.approx(0.25)
    dead = [
        target("a", "placebo", 0.9, of=Of.DEAD, weeks=(6.0,), measured=Measured.DEATH),
        target("b", "placebo", 0.5, of=Of.DEAD, weeks=(12.0,), measured=Measured.DEATH),
    ]
    assert naive_predictions(dead)["a.placebo.dead.6"].placebo == pytest.approx(1 - exp(-log(2) / 2))


def test_nothing_is_said_where_no_other_study_says_anything() -> None:
    """One study alone."""
    assert isnan(naive_predictions([target("a", "placebo", 1.0)])["a.placebo.change.12"].placebo)
