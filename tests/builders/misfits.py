"""The known misfits of the reference set as figures: one function each, for any parameter set."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from euexia import population, protocol
from euexia.evidence.twin import protocol_of
from euexia.parameters import ParameterSet
from euexia.simulate.individual import premorbid
from euexia.simulate.referral import as_referred, inputs_of
from euexia.study.simulated import engine_for, simulate
from euexia.trialdata.trialdata import TrialData

Floats = NDArray[np.float64]
SEED = 11
FIRST, LAST = -360.0, 0.0
"""Days between which muscle lost before a trial is counted."""


def at(data: TrialData, measure: str, *days: float) -> Floats:
    """Return the mean change of a measure from day 0 over the visits nearest some days."""
    part = data.readings[measure]
    found = [part.value[..., int(np.argmin(np.abs(part.planned - day)))] for day in (0.0, *days)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # nobody with a reading at either visit
        return np.asarray(np.nanmean(np.stack(found[1:]), axis=0) - found[0])


def arm(data: TrialData, values: Floats, place: int) -> Floats:
    """Return the known values of one arm."""
    kept = values[data.subjects["arm"] == place]
    return kept[np.isfinite(kept)]


def tan(parameters: ParameterSet, trials: int = 20) -> dict[str, float]:
    """Return loss of lean and of fat index in pancreatic cancer over 135 days, both by CT [kg/m2]."""
    data = simulate(protocol_of("tan"), trials=trials, seed=SEED, parameters=parameters)
    square = (data.subjects["height"] / 100) ** 2
    lean, fat = (np.nanmean(at(data, name, 135.0) / square) for name in ("lean_mass_ct", "fat_mass_ct"))
    return {
        "tan_lean_index": float(lean),
        "tan_fat_index": float(fat),
        "tan_fat_share": float(fat / (lean + fat)),
    }


def romana(parameters: ParameterSet, trials: int = 6) -> dict[str, float]:
    """Return means and standard deviations of changes in ROMANA 1, placebo (1) and anamorelin (0)."""
    data = simulate(protocol.load("romana1"), trials=trials, seed=SEED, parameters=parameters)
    lean = at(data, "lean_mass_dxa", 42.0, 84.0)
    grip = at(data, "handgrip_strength", 42.0, 84.0)
    weight = at(data, "body_weight", 63.0)
    return {
        "romana_placebo_lean": float(np.median(arm(data, lean, 1))),
        "romana_placebo_weight": float(arm(data, at(data, "body_weight", 84.0), 1).mean()),
        "romana_lean_sd": float(arm(data, lean, 0).std()),
        "romana_grip_sd": float(arm(data, grip, 0).std()),
        "romana_weight_sd_9_weeks": float(arm(data, weight, 1).std()),
    }


def degens(parameters: ParameterSet, trials: int = 12) -> dict[str, float]:
    """Return mean and standard deviation of the change of the muscle index in six weeks [cm2/m2]."""
    data = simulate(protocol_of("degens"), trials=trials, seed=SEED, parameters=parameters)
    change = at(data, "skeletal_muscle_index", 42.0)
    return {"degens_muscle": float(np.nanmean(change)), "degens_muscle_sd": float(np.nanstd(change))}


def menac(parameters: ParameterSet, trials: int = 20) -> dict[str, float]:
    """Return what exercise, nutrition and ibuprofen gain over standard care in six weeks."""
    data = simulate(protocol.load("menac"), trials=trials, seed=SEED, parameters=parameters)
    found = {}
    for name, measure in (("weight", "body_weight"), ("muscle", "skeletal_muscle_area")):
        change = at(data, measure, 42.0)
        first, second = (float(arm(data, change, place).mean()) for place in (0, 1))
        found[f"menac_{name}"] = first - second
    return found


def grip(parameters: ParameterSet, trials: int = 20) -> dict[str, float]:
    """Return the change of handgrip strength in 12 weeks of blocked interleukin-6, and of placebo [kg]."""
    data = simulate(protocol.load("anti_il6"), trials=trials, seed=SEED, parameters=parameters)
    change = at(data, "handgrip_strength", 84.0)
    placebo = data.arms.index("placebo")
    return {
        "il6_grip": float(arm(data, change, 1 - placebo).mean()),
        "il6_grip_placebo": float(arm(data, change, placebo).mean()),
    }


def before_trial(parameters: ParameterSet, people: int = 2000) -> dict[str, float]:
    """Return the loss of weight in six months of candidates with lung cancer, and muscle lost by sex."""
    spec = population.load("advanced_nsclc")
    sampled = population.sample(spec, SEED, 0, np.arange(people))
    columns = as_referred(sampled.columns, parameters)
    engine = engine_for(parameters)
    body, _, history = engine.run_in(inputs_of(columns), days=(-180.0,))
    then, now = history[-180.0], history[0.0]
    lost = 1 - now["body_weight"] / then["body_weight"]
    share = 1 - now["skeletal_muscle_area"] / then["skeletal_muscle_area"]
    kg = share * premorbid(body).skeletal_muscle * 365.25 / 180
    male = columns["male"] == 1
    return {
        "loss_median": float(np.median(lost) * 100),
        "loss_over_5": float(np.mean(lost >= 0.05) * 100),
        "muscle_men": float(kg[male].mean()),
        "muscle_women": float(kg[~male].mean()),
    }


FIGURES: tuple[Callable[[ParameterSet], dict[str, float]], ...] = (
    tan, romana, degens, menac, grip, before_trial,
)  # fmt: skip


class Line(NamedTuple):
    """One figure of a misfit, with its published value."""

    letter: str
    figure: str
    label: str
    unit: str
    published: str
    value: float = float("nan")
    """The published value, where there is one that is a number and like is compared with like."""


LINES = (
    Line("a", "tan_lean_index", "Lean index by CT, 135 days", "kg/m2", "-1.0 (SE 0.30)", -1.0),
    Line("a", "tan_fat_index", "Fat index by CT, 135 days", "kg/m2", "-1.5 (SE 0.35)", -1.5),
    Line("a", "tan_fat_share", "Share of fat in the loss", "", "0.60"),
    Line(
        "b", "romana_lean_sd", "SD of lean mass, ROMANA 1, anamorelin", "kg", "2.6 to 2.9 (intervals)", 2.75
    ),
    Line(
        "b", "romana_weight_sd_9_weeks", "SD of weight, 9 weeks", "kg", "5.5 at 8 weeks (another trial)", 5.5
    ),
    Line(
        "b", "romana_grip_sd", "SD of handgrip, ROMANA 1, anamorelin", "kg", "4.4 (from the interval)", 4.4
    ),
    Line("b", "degens_muscle_sd", "SD of muscle index by CT, 6 weeks", "cm2/m2", "2.9", 2.9),
    Line("b", "degens_muscle", "Muscle index by CT, 6 weeks", "cm2/m2", "-1.2", -1.2),
    Line("c", "menac_weight", "MENAC weight, difference", "kg", "1.04 (not verified)"),
    Line("c", "menac_muscle", "MENAC muscle area, difference", "cm2", "no difference; -0.2 (not verified)"),
    Line("d", "loss_median", "Loss in 6 months, candidates, median", "%", "5 or more was asked for"),
    Line("d", "loss_over_5", "Candidates who lost 5 % or more", "%", "-"),
    Line(
        "d", "romana_placebo_lean", "Lean mass on placebo, ROMANA 1 (median)", "kg", "-0.47 (-1.00 to 0.21)"
    ),
    Line("d", "romana_placebo_weight", "Weight on placebo, ROMANA 1, 12 weeks", "kg", "0.07"),
    Line("e", "il6_grip", "Handgrip with interleukin-6 blocked, 12 weeks", "kg", "not published"),
    Line("e", "il6_grip_placebo", "Handgrip on placebo, 12 weeks", "kg", "not published"),
    Line("f", "muscle_men", "Muscle lost per year, men", "kg", "1.4 (SE 0.3), other cancers"),
    Line("f", "muscle_women", "Muscle lost per year, women", "kg", "0.3 (SE 0.4), other cancers"),
)  # fmt: skip


def measure(parameters: ParameterSet) -> dict[str, float]:
    """Return every figure of a parameter set."""
    return {name: value for figures in FIGURES for name, value in figures(parameters).items()}
