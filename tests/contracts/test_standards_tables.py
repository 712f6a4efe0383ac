"""Simulated trials as plain tables with a mapping, and back: every analysis gives the same figures.

The tables hold doubles as Python prints them, which is exact; so every field of every result must be equal.
"""

import dataclasses
from functools import cache

import numpy as np
import pytest

from euexia import protocol
from euexia.analyse.run import run
from euexia.criteria.measures import MEASURES
from euexia.endpoints.derive import derive
from euexia.standards.read import read
from euexia.study import simulated
from euexia.trialdata.tables import to_tables
from euexia.trialdata.trialdata import first_trials

SHIPPED = ("lenalidomide", "ponsegromab")
DAYS = ("death", "withdrawal", "treatment_stop", "crossover", "rescue", "last_contact")


@cache
def trial(name):
    plan = dataclasses.replace(protocol.load(name), size=24)
    return plan, first_trials(simulated.simulate(plan, trials=1, seed=7), 1)


def named(data):
    """Say what the numbers of named values mean: a reading by its number alone would be refused."""
    for measure in data.readings:
        count = len(MEASURES[measure].categories)
        if count:
            values = ", ".join(f"'{number}': {number}" for number in range(count))
            yield f"{measure}: {{measure: {measure}, values: {{{values}}}}}"


def written(folder, plan, data):
    """Write the tables and their mapping; a table of doses for each drug."""
    frames = to_tables(data, plan)
    tables = folder / "tables"
    tables.mkdir()
    for name in ("subjects", "readings", "adverse_events"):
        frames[name].to_csv(tables / f"{name}.csv", index=False)
    readings = frames["readings"]
    visits = dict(zip(readings["visit"], readings["planned_day"], strict=True))
    lines = [f"identifier: subject\narms: [{', '.join(data.arms)}]\nvisits:"]
    lines += [f"  {name}: {{day: {day}}}" for name, day in visits.items()]
    lines += ["subjects:\n  table: subjects\n  arm: {column: arm}"]
    lines += ["  enrolled: {column: enrolled_day, is_day: true}\n  sex: {column: sex}"]
    lines += ["  age: {column: age, unit: year}\n  height: {column: height, unit: cm}"]
    lines += [
        f"  {name}: {{column: {name}_day, is_day: true}}" for name in DAYS if f"{name}_day" in data.subjects
    ]
    lines += ["readings:\n  - {table: readings, day: day, visit: visit, measure: measure, value: value,"]
    lines += ["     unit: unit, columns: {", ", ".join(named(data)), "}}"]
    for number, (drug, rows) in enumerate(frames["dosing"].groupby("drug")):
        rows.assign(visit="").to_csv(tables / f"doses{number}.csv", index=False)
        lines += ["dosing:"] if not number else []
        lines += [
            f"  - {{table: doses{number}, drug: {drug}, dose: {{column: dose, unit: mg}}, day: planned_day,"
        ]
        lines += ["     reason: reason}"]
    lines += ["adverse_events:\n  - {table: adverse_events, term: {column: term}, grade: {column: grade},"]
    lines += ["     serious: {column: serious}, day: day}"]
    (folder / "mapping.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tables, folder / "mapping.yaml"


@pytest.mark.parametrize("name", SHIPPED)
def test_every_result_is_the_same_after_a_round_trip(tmp_path, name):
    plan, data = trial(name)
    again, understanding = read(*written(tmp_path, plan, data), plan)
    for column in data.subjects:
        np.testing.assert_array_equal(again.subjects[column], data.subjects[column], err_msg=column)
    before, after = (run(derive(one, plan), plan) for one in (data, again))
    assert len(before) == len(after) > 0
    for one, other in zip(before, after, strict=True):
        np.testing.assert_equal(dataclasses.asdict(other), dataclasses.asdict(one))
    assert not understanding.conflicts
