"""The scenarios of the proof run of the disease model: patients, treatments, and the numbers to be met.

Each row holds what an independent prototype of the same equations printed (``document``) and, where there is
one, what the trial published; the product's own value is computed by ``simulate``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from builders.patients import typical_patient
from euexia import drugs, parameters
from euexia.model.effects import NEUTRAL
from euexia.parameters import ParameterSet
from euexia.physiology import energy_balance, whole_body
from euexia.physiology.body import Baseline, Body, Personal, Premorbid, constants
from euexia.simulate.engine import Engine
from euexia.simulate.reference import unpack

NSCLC = {
    "age": 63, "height": 170, "weight": 66, "crp": 20, "gdf15": 1.6, "tumour_mass": 0.20,
    "tumour_growth": 0.008, "chemotherapy": 1, "trial_intake": 125,
}  # fmt: skip
UNTREATED = {**NSCLC, "chemotherapy": 0, "trial_intake": 0}
HIGH_GDF15 = {
    "age": 67, "height": 166, "weight": 54.8, "crp": 15, "gdf15": 3.2, "tumour_mass": 0.25,
    "tumour_growth": 0.007, "chemotherapy": 1, "trial_intake": 70,
}  # fmt: skip
PANCREAS = {
    "age": 67, "height": 170, "weight": 60, "crp": 50, "gdf15": 2.5, "tumour_mass": 0.35,
    "tumour_growth": 0.011, "chemotherapy": 0, "trial_intake": 0, "run_in_days": 300,
    "appetite_inflammation_effect": 1.3, "expenditure_effect": 1.2, "muscle_effect": 1.2,
}  # fmt: skip
INFLAMED = {
    "age": 63, "height": 168, "weight": 60, "crp": 30, "gdf15": 2.0, "tumour_mass": 0.30,
    "tumour_growth": 0.007, "chemotherapy": 0, "trial_intake": 0,
}  # fmt: skip
LENALIDOMIDE: dict[str, float] = {}
"""The typical patient of the builders."""
SUPPORTED = {**NSCLC, "trial_intake": 70}

GRIPS = {"NSCLC": 40.0, "high GDF-15": 38.0, "pancreas": 38.0, "inflamed": None, "lenalidomide": 39.0}
"""Premorbid handgrip strength [kg]; None: as muscle and age tell."""

CHANGES = ("body_weight", "fat_mass", "lean_mass_dxa", "handgrip_strength", "faact_acs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One row: a patient, a treatment, and the changes after some days."""

    name: str
    patient: Mapping[str, float]
    grip: str
    days: float
    document: Mapping[str, float]
    """Change of each measure in the prototype; of CRP its value."""
    published: Mapping[str, float] = field(default_factory=dict)
    regimen: Mapping[str, float] = field(default_factory=dict)
    injected: float = 0.0
    """Single dose of ponsegromab every four weeks [mg]."""
    overlays: tuple[str, ...] = ()
    against: str | None = None
    """Name of the row that is subtracted."""
    argued: Mapping[str, str] = field(default_factory=dict)
    """Measures whose printed value is not met, and why."""


def _row(
    weight: float | None,
    fat: float | None = None,
    lean: float | None = None,
    grip: float | None = None,
    faact: float | None = None,
    **more: float,
) -> dict[str, float]:
    values = dict(zip(CHANGES, (weight, fat, lean, grip, faact), strict=True))
    return {name: value for name, value in {**values, **more}.items() if value is not None}


def _nsclc(name: str, days: float, document: Mapping[str, float], **more: Any) -> Scenario:
    return Scenario(
        name=name, patient=more.pop("patient", NSCLC), grip="NSCLC", days=days, document=document, **more
    )


def _ponsegromab(dose: float, document: Mapping[str, float], published: Mapping[str, float]) -> Scenario:
    return Scenario(
        name=f"ponsegromab {dose:g} mg minus placebo", patient=HIGH_GDF15, grip="high GDF-15", days=84,
        injected=dose, against="PROACC-1 placebo", document=document, published=published,
    )  # fmt: skip


def _pancreas(name: str, days: float, document: Mapping[str, float], **more: Any) -> Scenario:
    return Scenario(name=name, patient=PANCREAS, grip="pancreas", days=days, document=document, **more)


def _lenalidomide(name: str, document: Mapping[str, float], **more: Any) -> Scenario:
    return Scenario(name=name, patient=LENALIDOMIDE, grip="lenalidomide", days=56, document=document, **more)


UNSTATED = "the document names neither the patient nor the amounts; chosen here"
THALIDOMIDE, GORDON = {"thalidomide": 200.0}, ("thalidomide_gordon",)
LENALIDOMIDE_25 = {"lenalidomide": 25.0}

SCENARIOS: tuple[Scenario, ...] = (
    _nsclc("NSCLC untreated, 12 weeks", 84, _row(-3.37, -1.53, -1.84, -3.05, crp=37), patient=UNTREATED),
    _nsclc("ROMANA 1 placebo", 84, _row(-0.41, -0.07, -0.34, -1.68, 2.5),
           published=_row(0.14, -0.13, -0.44, -1.58, 1.92)),
    _nsclc("ROMANA 1 anamorelin 100 mg", 84, _row(2.12, 1.01, 1.11, -0.92, 4.3),
           published=_row(2.20, 1.21, 1.10, -1.10, 4.12), regimen={"anamorelin": 100.0}),
    Scenario(name="PROACC-1 placebo", patient=HIGH_GDF15, grip="high GDF-15", days=84,
             document=_row(-0.91, -0.33, -0.59, -1.57, 3.0)),
    _ponsegromab(100, _row(1.39, 0.57, 0.83, 0.62, 1.8), _row(1.22, faact=4.12)),
    _ponsegromab(200, _row(2.30, 0.94, 1.36, 0.98, 3.1), _row(1.92)),
    _ponsegromab(400, _row(2.97, 1.22, 1.76, 1.23, 4.5), _row(2.81, faact=4.50)),
    Scenario(name="NGM120 30 mg minus placebo", patient=HIGH_GDF15, grip="high GDF-15", days=84,
             regimen={"ngm120": 30 / 28}, against="PROACC-1 placebo", document=_row(2.6, 1.08, 1.55, 1.1)),
    _pancreas("pancreas untreated, 4 weeks", 28, _row(-1.85, -0.81, -1.04, -1.36, crp=66),
              published=_row(-2.21)),
    _pancreas("pancreas untreated, 8 weeks", 56, _row(-3.91, -1.70, -2.21, -2.70, crp=89),
              published=_row(-3.62)),
    _pancreas("thalidomide (Gordon), 4 weeks", 28, _row(0.20, -0.21, 0.41, 0.24, crp=18),
              published=_row(0.37), regimen=THALIDOMIDE, overlays=GORDON),
    _pancreas("thalidomide (Gordon), 8 weeks", 56, _row(-0.55, -0.56, 0.01, 0.01, crp=24),
              published=_row(-0.06), regimen=THALIDOMIDE, overlays=GORDON),
    _pancreas("thalidomide (default), 4 weeks", 28, _row(-1.31, None, -0.70, -0.82), regimen=THALIDOMIDE),
    _pancreas("thalidomide (default), 8 weeks", 56, _row(-2.95, None, -1.62, -1.84), regimen=THALIDOMIDE),
    Scenario(name="ALD518 placebo", patient=INFLAMED, grip="inflamed", days=84,
             document=_row(-3.65, -1.58, -2.07, -2.8), published=_row(None, None, -1.50)),
    Scenario(name="ALD518 anti-IL-6", patient=INFLAMED, grip="inflamed", days=84,
             regimen={"anti_il6": 320 / 56},
             document=_row(-1.26, -0.80, -0.46, 1.8), published=_row(None, None, -0.19)),
    _lenalidomide("lenalidomide trial placebo, 8 weeks", _row(-2.13, -1.05, -1.08, -1.49, crp=87)),
    _lenalidomide("lenalidomide 25 mg", _row(-2.18, -1.09, -1.09, -1.23, crp=68), regimen=LENALIDOMIDE_25),
    _lenalidomide("lenalidomide 25 mg, no toxicity on appetite", _row(-1.95, -0.98, -0.97, -1.18),
                  regimen=LENALIDOMIDE_25, overlays=("lenalidomide_without_appetite_toxicity",)),
    _lenalidomide("lenalidomide optimistic", _row(-1.68, -0.88, -0.80, -0.69, crp=49),
                  regimen=LENALIDOMIDE_25, overlays=("lenalidomide_optimistic",)),
    _lenalidomide("lenalidomide 5 mg", _row(-2.29, -1.13, -1.16, -1.42, crp=79),
                  regimen={"lenalidomide": 5.0},
                  argued=dict.fromkeys(
                      CHANGES[:4],
                      "printed with the appetite toxicity of 25 mg; the table of drugs says dose/25")),
    _nsclc("NSCLC + exercise 0.7", 84, _row(-0.63, -0.43, -0.19, 0.10), regimen={"exercise": 0.7}),
    _nsclc("NSCLC + counselling", 84, _row(0.48, 0.38, 0.10, -1.43), regimen={"nutrition_counselling": 0.6}),
    _nsclc("NSCLC + NSAID", 84, _row(-0.09, 0.04, -0.13, -1.00), regimen={"nsaid": 1.0}),
    _nsclc("NSCLC + progestin", 84, _row(1.93, 1.06, 0.87, -1.73), regimen={"progestin": 1.0}),
    _nsclc("NSCLC anamorelin + exercise", 84, _row(1.91, 0.64, 1.27, 0.83),
           regimen={"anamorelin": 100.0, "exercise": 0.7}),
    _nsclc("MENAC-like care, 6 weeks", 42, _row(-0.67, None, -0.41, -1.3), patient=SUPPORTED,
           published=_row(-0.99), argued=dict.fromkeys(CHANGES[:4], UNSTATED)),
    _nsclc("MENAC-like multimodal, 6 weeks", 42, _row(-0.15, None, -0.01, -0.1), patient=SUPPORTED,
           published=_row(0.05), argued=dict.fromkeys(CHANGES[:4], UNSTATED),
           regimen={"exercise": 0.7, "nutrition_counselling": 0.6, "nsaid": 1.0}),
)  # fmt: skip


BASELINE: Mapping[str, tuple[Mapping[str, float], tuple[float, ...]]] = {
    "NSCLC": (NSCLC, (71.3, 5.5, 15.2, 48.2, 25.5, 1873, 2042, 1509, 0.82, 0.74, 0.90, 33.1, 30.0)),
    "high GDF-15": (
        HIGH_GDF15, (62.1, 8.1, 10.5, 41.7, 22.1, 1605, 1781, 1328, 0.75, 0.73, 0.91, 30.7, 28.8)),
    "pancreas": (PANCREAS, (69.0, 10.8, 12.7, 44.7, 23.1, 1622, 1931, 1512, 0.70, 0.62, 0.85, 27.8, 25.1)),
    "lenalidomide": (
        LENALIDOMIDE, (74.7, 8.7, 14.8, 47.3, 24.3, 1764, 2002, 1566, 0.72, 0.59, 0.83, 27.7, 25.1)),
}  # fmt: skip
"""Day 0 as made by the run-in, in the order of BASELINE_NAMES; key: of GRIPS."""
BASELINE_NAMES = (
    "premorbid weight [kg]", "weight loss in 6 months [%]", "fat [kg]", "lean by DXA [kg]", "muscle [kg]",
    "intake [kcal/d]", "expenditure [kcal/d]", "resting [kcal/d]", "appetite", "activity", "quality",
    "handgrip [kg]", "FAACT",
)  # fmt: skip
BASELINE_TOLERANCES = (0.06, 0.06, 0.06, 0.06, 0.06, 1, 1, 1, 0.006, 0.006, 0.006, 0.06, 0.06)


class Proof:
    """Runs the scenarios, each patient's run-in once."""

    def __init__(self) -> None:
        self.reference = parameters.load()
        self.engine = Engine(self.reference)
        self._patients: dict[tuple[Any, ...], Any] = {}
        self._found: dict[str, dict[str, float]] = {}

    def patient(self, values: Mapping[str, float], grip: str) -> Any:
        """Return body, state and truth on day 0 of a patient with the stated premorbid grip."""
        key = (grip, *sorted(values.items()))
        if key not in self._patients:
            body, state, history = self.engine.run_in(typical_patient(**values))
            wanted = GRIPS[grip]
            if wanted is not None:
                healthy = float(body[10, 0]) * self.reference.value("premorbid.grip_per_muscle")
                again = typical_patient(**values, handgrip_effect=wanted / healthy)
                body, state, history = self.engine.run_in(again)
            self._patients[key] = body, state, history[0.0]
        return self._patients[key]

    def baseline(self, name: str) -> tuple[float, ...]:
        """Return day 0 of a patient in the order of BASELINE_NAMES."""
        body, state, truth = self.patient(BASELINE[name][0], name)
        now = {key: float(value[0]) for key, value in truth.items()}
        host, person = unpack(state[:19, 0]).host, Premorbid(*body[:11, 0])
        return (
            person.weight, 100 * now["weight_loss_6_months"], now["fat_mass"], now["lean_mass_dxa"],
            person.skeletal_muscle * host.muscle / person.muscle, now["energy_intake"],
            self._expenditure(body, state), now["resting_expenditure"], host.appetite, host.activity,
            host.quality, now["handgrip_strength"], now["faact_acs"],
        )  # fmt: skip

    def _expenditure(self, body: Any, state: Any) -> float:
        """Return total expenditure on day 0, with the cost of laying down tissue [kcal/day]."""
        c, now = constants(self.reference), unpack(state[:19, 0])
        whole = Body(Premorbid(*body[:11, 0]), Personal(*body[11:29, 0]), Baseline(*body[29:33, 0]))
        felt = whole_body.drive(now.disease, NEUTRAL, c)
        energy = whole_body.balance(now.host, felt, 0.0, whole, c)
        change = whole_body.host_change(now.host, felt, 0.0, whole, NEUTRAL, c)
        laid = energy_balance.deposition_cost(change.fat, change.muscle + change.other_lean, c.energy_balance)
        return float(energy.spent + laid)

    def simulate(self, scenario: Scenario) -> dict[str, float]:
        """Return the changes from day 0 (of CRP its value), less those of the row it is held against."""
        if scenario.name not in self._found:
            self._found[scenario.name] = self._simulate(scenario)
        found = self._found[scenario.name]
        if scenario.against is None:
            return found
        other = self.simulate(next(row for row in SCENARIOS if row.name == scenario.against))
        return {name: found[name] - other[name] for name in CHANGES}

    def _simulate(self, scenario: Scenario) -> dict[str, float]:
        chosen: ParameterSet = parameters.load(overlays=scenario.overlays)
        body, state, before = self.patient(scenario.patient, scenario.grip)
        columns = {"creatinine_clearance": np.array([75.0]), "weight": before["body_weight"]}
        typical = {
            name: np.array([1.0 if name.endswith("_effect") else 0.0])
            for name in drugs.DRUGS["lenalidomide"].needs
        }
        columns = {**typical, **columns}
        acting = drugs.effects(scenario.regimen, columns, chosen)
        for start in np.arange(0.0, scenario.days, 28.0):
            days = min(28.0, scenario.days - start)
            if scenario.injected:
                injected = drugs.injection("ponsegromab", np.array([scenario.injected]), columns, chosen)
                state = self.engine.inject(state, injected)
            state = self.engine.advance(state, body, acting, start=start, days=days)
        after = self.engine.observe(state, body, day=scenario.days)
        changes = {name: float(after[name][0] - before[name][0]) for name in CHANGES}
        return {**changes, "crp": float(after["crp"][0])}
