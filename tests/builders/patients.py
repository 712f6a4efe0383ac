"""Virtual patients for tests of the model: typical ones, and random ones far beyond any trial's criteria."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia.physiology.inputs import INPUTS, PatientInputs

TYPICAL: dict[str, float] = {
    "male": 1,
    "age": 67,
    "height": 172,
    "weight": 64.7,
    "activity_level": 1.5,
    "crp": 60,
    "gdf15": 2.5,
    "tumour_mass": 0.35,
    "tumour_growth": 0.007,
    "tumour_kill": 0.02,
    "chemotherapy": 0,
    "trial_intake": 70,
    "appetite_inflammation_effect": 1,
    "appetite_gdf15_effect": 1,
    "expenditure_effect": 1,
    "muscle_effect": 1,
    "quality_effect": 1,
    "feedback": 0.15,
    "handgrip_effect": 1,
    "run_in_days": 360,
    "ecog": 1,
    "neutrophils": 5,
    "platelets": 280,
}
"""The patient of the lenalidomide trial in the proof run of the disease model."""

TYPICAL_COLUMNS: dict[str, float] = {
    "creatinine_clearance": 75,
    "weight": 64.7,
    "lenalidomide_clearance_effect": 1,
    "lenalidomide_volume_effect": 1,
    "neutropenia_susceptibility": 0,
    "thrombocytopenia_susceptibility": 0,
}


def typical_patient(**changes: Any) -> PatientInputs:
    """Return the typical patient with changes; arrays make several."""
    return PatientInputs.of(**{**TYPICAL, **changes})


def typical_columns(**changes: Any) -> dict[str, NDArray[np.float64]]:
    """Return the columns that treatments read, for the typical patient with changes."""
    values = {**TYPICAL_COLUMNS, **changes}
    arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(v, dtype=float)) for v in values.values()))
    return dict(zip(values, arrays, strict=True))


def choose(inputs: PatientInputs, index: Any) -> PatientInputs:
    """Return some of the patients."""
    return PatientInputs(**{name: getattr(inputs, name)[index] for name in INPUTS})


def random_patients(count: int, seed: int = 1) -> PatientInputs:
    """Return random patients with the spreads of the reference parameters; some are very ill."""
    chance = np.random.default_rng(seed)

    def about(median: float, deviation: float) -> NDArray[np.float64]:
        return np.asarray(median * np.exp(deviation * chance.standard_normal(count)))

    male = (chance.random(count) < 0.6).astype(float)
    height = np.where(male > 0, chance.normal(174, 7, count), chance.normal(162, 6, count))
    index = np.clip(chance.normal(23.5, 3.8, count), 15.5, 40)
    return PatientInputs.of(
        male=male,
        age=np.clip(chance.normal(66, 10, count), 20, 90),
        height=height,
        weight=index * (height / 100) ** 2,
        activity_level=np.clip(chance.normal(1.5, 0.12, count), 1.25, 2),
        crp=np.clip(about(30, 1.0), 0.3, 300),
        gdf15=np.clip(about(2.2, 0.75), 0.3, 30),
        tumour_mass=np.clip(about(0.3, 0.55), 0.03, 1.5),
        tumour_growth=np.clip(about(0.007, 0.47), 0.001, 0.03),
        tumour_kill=about(0.02, 0.7),
        chemotherapy=(chance.random(count) < 0.3).astype(float),
        trial_intake=chance.normal(70, 300, count),
        appetite_inflammation_effect=about(1, 0.34),
        appetite_gdf15_effect=about(1, 0.3),
        expenditure_effect=about(1, 0.3),
        muscle_effect=about(1, 0.34),
        quality_effect=about(1, 0.3),
        feedback=about(0.15, 0.47),
        handgrip_effect=about(1, 0.15),
        run_in_days=360.0,
        ecog=chance.integers(0, 3, count),
        neutrophils=about(5.5, 0.35),
        platelets=about(280, 0.3),
    )


def random_columns(count: int, seed: int = 2) -> dict[str, NDArray[np.float64]]:
    """Return random columns that treatments read."""
    chance = np.random.default_rng(seed)
    return {
        "creatinine_clearance": chance.uniform(50, 120, count),
        "weight": 65.0 * np.ones(count),
        "lenalidomide_clearance_effect": np.exp(0.25 * chance.standard_normal(count)),
        "lenalidomide_volume_effect": np.exp(0.2 * chance.standard_normal(count)),
        "neutropenia_susceptibility": chance.logistic(size=count),
        "thrombocytopenia_susceptibility": chance.logistic(size=count),
    }
