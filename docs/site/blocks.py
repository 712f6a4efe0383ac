"""The model, block by block: what each says, its equations, its numbers, and a picture of what it does."""

from __future__ import annotations

import inspect
from importlib import import_module
from io import StringIO
from pathlib import Path

import matplotlib as mpl
import numpy as np
from equations import shown
from matplotlib.figure import Figure

from euexia import parameters, population
from euexia.core.quantities import canonical_unit
from euexia.physiology import inputs as patients
from euexia.simulate.referral import inputs_of
from euexia.study.simulated import engine_for

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "euexia"

BLOCKS = {
    "premorbid": ("The healthy person", ""),
    "tumour": ("Tumour", "tumour_size"),
    "inflammation": ("Inflammation", "crp"),
    "gdf15": ("GDF-15", "gdf15"),
    "mediators": ("Other mediators", ""),
    "intake": ("Appetite and intake", "energy_intake"),
    "expenditure": ("Energy expenditure", "resting_expenditure"),
    "energy_balance": ("Energy balance and fat", "fat_mass"),
    "hormones": ("Hormones", ""),
    "muscle": ("Muscle and lean tissue", "skeletal_muscle_area"),
    "water": ("Water and glycogen", ""),
    "activity": ("Activity", "daily_steps"),
    "strength": ("Strength", "handgrip_strength"),
    "symptoms": ("Symptoms", "faact_acs"),
    "marrow": ("Bone marrow", ""),
    "hazards": ("Death, dropout, serious events", "cumulative_death"),
    "body_composition": ("What scans see", "lean_mass_ct"),
    "function": ("Physical function", ""),
}
"""Blocks in the order of the cascade: module, title, and the observable that shows it best."""
POPULATION, SEED, PEOPLE = "inflammatory_cachexia", 1, 512
BEFORE = (-180.0, -60.0, -28.0, -14.0)
AHEAD = tuple(float(day) for day in range(7, 85, 7))


def write(pages: Path) -> None:
    """Write the page and its figures."""
    folder = pages / "reference" / "model"
    folder.mkdir(parents=True, exist_ok=True)
    days, seen = _courses()
    numbers = parameters.load()
    lines = [
        "# The model, block by block",
        "",
        "Each block is one file of pure functions; below are its words, its equations as the code has them, "
        f"and its numbers. The figures show {PEOPLE} people of the population `{POPULATION}` from half a "
        "year before to twelve weeks after the first visit, untreated: the middle 50 and 90 %, and the "
        "median. [The model in brief](../../explanation/model.md) tells how the blocks hang together.",
        "",
    ]
    for block, (title, observable) in BLOCKS.items():
        module = import_module(f"euexia.physiology.{block}")
        lines += [f"## {title}", "", shown(inspect.cleandoc(module.__doc__ or "")), ""]
        if observable:
            (folder / f"{block}.svg").write_text(_drawn(days, seen[observable], observable), encoding="utf-8")
            lines += [f"![{title}: {observable.replace('_', ' ')} over time]({block}.svg)", ""]
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_") and function.__doc__:
                lines += [f"**`{name}`**", "", shown(inspect.cleandoc(function.__doc__)), ""]
        lines += _numbers(numbers, block)
    (folder / "index.md").write_text("\n".join(lines), encoding="utf-8")


def _numbers(chosen: parameters.ParameterSet, block: str) -> list[str]:
    entries = {name: entry for name, entry in chosen.items() if name.startswith(f"{block}.")}
    if not entries:
        return []
    rows = [
        f"| `{name.partition('.')[2]}` | {entry.meaning} | {entry.printed} | {_range(entry)} "
        f"| {entry.status} |"
        for name, entry in entries.items()
    ]
    return ["| number | meaning | value | range | status |", "|---|---|---|---|---|", *rows, ""]


def _range(entry: parameters.Parameter) -> str:
    if entry.low is None or entry.high is None:
        return ""
    return f"{entry.low:.4g} to {entry.high:.4g} {canonical_unit(entry.kind)}"


def _courses() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return days, and every observable on them, shape (days, people)."""
    from euexia.model.effects import NEUTRAL

    columns = population.sample(
        population.load(POPULATION), SEED, 0, np.arange(PEOPLE), only=frozenset(patients.INPUTS)
    )
    engine = engine_for(parameters.load())
    body, state, history = engine.run_in(inputs_of({name: columns[name] for name in patients.INPUTS}), BEFORE)
    seen, last = dict(history), 0.0
    for day in AHEAD:
        state = engine.advance(state, body, NEUTRAL, start=last, days=day - last)
        seen[day], last = engine.observe(state, body, day=day), day
    days = np.array(sorted(seen))
    return days, {name: np.stack([seen[day][name] for day in days]) for name in seen[0.0]}


def _drawn(days: np.ndarray, values: np.ndarray, observable: str) -> str:
    figure = Figure(figsize=(6.4, 2.6), layout="constrained")
    axes = figure.add_subplot()
    levels = np.nanquantile(values, (0.05, 0.25, 0.5, 0.75, 0.95), axis=1)
    weeks = days / 7
    axes.fill_between(weeks, levels[0], levels[4], color="#0072b2", alpha=0.15, linewidth=0)
    axes.fill_between(weeks, levels[1], levels[3], color="#0072b2", alpha=0.3, linewidth=0)
    axes.plot(weeks, levels[2], color="#0072b2", linewidth=2)
    axes.axvline(0, color="#999999", linewidth=0.8)
    axes.set_xlabel("week from the first visit")
    axes.set_ylabel(observable.replace("_", " "))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e3e3e3")
    text = StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()
