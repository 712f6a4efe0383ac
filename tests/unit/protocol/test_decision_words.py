"""The sentence about one decision names readings, clause and doses."""

from __future__ import annotations

import numpy as np

from euexia import protocol
from euexia.protocol import dosing
from euexia.protocol.condition import MeasureHistory, Readings, once
from euexia.protocol.decision_words import sentence
from euexia.protocol.protocol import Treatment

RULE = protocol.load("lenalidomide").rules["crp_guided"]
TREATMENT = Treatment(drug="lenalidomide", dose=5.0, rule="crp_guided")


def readings(crp: float, neutrophils: float = 3.1) -> Readings:
    blood = {"neutrophils": neutrophils, "platelets": 240.0, "creatinine_clearance": 71.0}
    history = MeasureHistory(np.array([0.0, 10.0]), np.array([[70.5, crp]]), now=1, baseline=0)
    return {**{name: once([value]) for name, value in blood.items()}, "crp": history}


def decide(crp: float, neutrophils: float = 3.1) -> str:
    state = dosing.start(RULE, TREATMENT, 1)
    given = readings(crp, neutrophils)
    return sentence(RULE, state, dosing.decide(RULE, state, given, 10.0), given, 10.0)


def test_a_raise_is_explained() -> None:
    """70.5 to 62 mg/L is a fall of 12.06 %."""
    assert decide(62.0) == (
        "Day 10: CRP 62 mg/L, 12.1 % below baseline (71 mg/L); creatinine clearance 71 mL/min; "
        "platelets 240 ×10⁹/L; neutrophils 3.1 ×10⁹/L. C-reactive protein has not fallen enough "
        "(fall of CRP from baseline < 30 %): raise from 5 mg to 10 mg a day."
    )


def test_a_rise_of_crp_is_said_as_a_rise() -> None:
    assert "20 % above baseline" in decide(84.6)


def test_a_hold_is_explained() -> None:
    assert decide(62.0, 0.8).endswith("hold, no dose until it has passed (from 5 mg a day).")


def test_a_missing_reading_is_named() -> None:
    text = decide(62.0, float("nan"))
    assert "neutrophils not read" in text
    assert text.endswith("No clause acts: 5 mg a day is kept.")
