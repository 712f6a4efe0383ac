"""Function, questionnaires, toxicity and responders asked by the names of their readings.

The array functions behind them are tested at their bounds elsewhere; expected values are worked by hand.
"""

from __future__ import annotations

import numpy as np
import pytest

from euexia.core import quantities
from euexia.core.errors import UnitError
from euexia.core.logic import FALSE, TRUE, UNKNOWN, Comparison
from euexia.criteria import (
    function_definitions,
    performance_definitions,
    questionnaire_definitions,
    questionnaires_facit,
    responder_definitions,
    safety_definitions,
    toxicity_definitions,
)
from euexia.criteria.catalogue import DEFINITIONS
from euexia.criteria.outcome import Outcome, Status
from euexia.criteria.toxicity_clinical import HIGHEST_GRADE

NAN = float("nan")
MINE = (
    *function_definitions.DEFINITIONS,
    *performance_definitions.DEFINITIONS,
    *questionnaire_definitions.DEFINITIONS,
    *toxicity_definitions.DEFINITIONS,
    *safety_definitions.DEFINITIONS,
    *responder_definitions.DEFINITIONS,
)


def ask(name: str, **readings: object) -> Outcome:
    function = DEFINITIONS[name].function
    assert function is not None
    return function(**readings)


def test_no_identifier_hides_another() -> None:
    assert len({definition.id for definition in MINE}) == len(MINE)
    assert all(DEFINITIONS[definition.id] is definition for definition in MINE)


@pytest.mark.parametrize("definition", MINE, ids=lambda definition: definition.id)
def test_every_one_explains_itself(definition) -> None:
    assert definition.function.__doc__
    assert definition.function.__name__ == definition.id


def test_what_is_from_memory_says_so() -> None:
    """Numbers that were not seen at a public source await a check against the paper."""
    unchecked = {definition.id for definition in MINE if not definition.source_verified}
    importance = {name for name in DEFINITIONS if name.startswith("qlq_c30_important_")}
    assert unchecked == importance | {
        "gait_speed_of_mean",
        "one_leg_stance",
        "faact_5iass",
        "resp_power_lbm",
        "resp_power_scp",
        "lenalidomide_renal_us_follicular_lymphoma",
        "lenalidomide_renal_us_marginal_zone_lymphoma",
    }
    assert DEFINITIONS["pap_score"].unverified
    assert DEFINITIONS["sppb"].unverified
    assert DEFINITIONS["esas"].unverified


def test_a_short_battery_asks_only_for_what_it_needs() -> None:
    """A failed stance ends the balance test; 1 + 1 + 0 points."""
    found = ask("sppb", side_by_side_time=10, semi_tandem_time=6, course_walk_time=9.0, chair_unable=1)
    assert found.value == 2
    assert found.status == Status.OK
    open_ = ask("sppb", side_by_side_time=10, semi_tandem_time=10, course_walk_time=9.0, chair_unable=1)
    assert open_.status == Status.UNKNOWN
    assert list(open_.missing) == ["tandem_time", "chair_stand_time"]


def test_an_age_outside_the_table_is_named() -> None:
    found = ask("chair_stand_30s", chair_stands=5, age=[59, 67, 95], male=1)
    assert found.truth.tolist() == [UNKNOWN, TRUE, UNKNOWN]
    assert found.invalid["age"].tolist() == [True, False, True]


def test_a_walk_is_judged_by_what_is_predicted() -> None:
    """A man of 67 years, 172 cm and 70 kg: predicted 533.5 m, lower limit 380.5 m (Enright and Sherrill)."""
    person = {"male": 1, "age": [67, 35], "height": 172, "body_weight": 70}
    found = ask("six_minute_walk_enright1998", six_minute_walk=426.8, **person)
    assert found.value[0] == pytest.approx(0.8, abs=1e-4)
    assert found.parts["lower_limit"][0] == pytest.approx(380.5, abs=0.005)
    assert found.notes["extrapolated"].tolist() == [False, True]
    assert ask("gait_speed_of_mean", gait_speed=0.717, age=45, male=1).value == pytest.approx(0.5)


def test_one_hand_is_noted() -> None:
    found = ask("handgrip_max6", grip_left_1=[24, 24], grip_right_1=[NAN, 30])
    assert found.value.tolist() == [24, 30]
    assert found.notes["one_hand_only"].tolist() == [True, False]


def test_karnofsky_to_ecog_keeps_both_answers() -> None:
    found = ask("karnofsky_to_ecog_buccheri1996", karnofsky=[90, 70, 40])
    assert [found.categories[index] for index in found.category] == ["0 or 1", "2", "3 or 4"]


def test_prognosis_counts_weeks_of_days() -> None:
    """Anorexia 1.5, 9-10 weeks 2.5, white cells 9.0 0.5, lymphocytes 15 % 1: total 5.5, group A."""
    found = ask(
        "pap_score",
        dyspnoea=0,
        anorexia=1,
        karnofsky=50,
        predicted_survival=9 * 7,
        white_cells=9.0,
        lymphocyte_share=0.15,
    )
    assert found.value == 5.5
    assert found.categories[int(found.category)] == "A"


def acs_items(codes: list[float]) -> dict[str, float]:
    ids = questionnaires_facit.ANOREXIA_CACHEXIA
    return {f"faact_{item.lower()}": code for item, code in zip(ids, codes, strict=True)}


def test_blank_codes_are_missing_and_wrong_codes_are_invalid() -> None:
    """8 and 9 mean no answer; 6 is no code of the instrument."""
    blank = ask("faact_acs", **acs_items([9, 8, 9, 8, 9, 8] + [2] * 6))
    assert blank.status == Status.UNKNOWN
    assert len(blank.missing) == 6
    assert not blank.invalid
    wrong = ask("faact_acs", **acs_items([6] + [2] * 11))
    assert wrong.status == Status.INVALID
    assert list(wrong.invalid) == ["faact_c6"]
    few = ask("faact_acs", **acs_items([9] * 5 + [2] * 7))
    assert (few.value, few.status, few.missing) == (24, Status.OK, {})


def test_qlq_c30_gives_its_scales_where_the_summary_is_open() -> None:
    found = ask("qlq_c30", qlq_c30_29=4, qlq_c30_30=5)
    assert found.parts["QL"] == pytest.approx(58.33, abs=0.005)
    assert found.status == Status.UNKNOWN


@pytest.mark.parametrize(("now", "category"), [(24, "improved"), (27, "neither"), (31, "deteriorated")])
def test_esas_response(now: float, category: str) -> None:
    found = ask("esas_response_physical", esas_physical_at_baseline=27, esas_physical=now)
    assert found.categories[int(found.category)] == category


def test_versions_of_ctcae_are_definitions_of_their_own() -> None:
    assert ask("ctcae5_neutrophils", neutrophils=1.5, neutrophils_lower_limit=2.0).category == 1
    assert ask("ctcae6_neutrophils", neutrophils=1.5).category == 0
    assert "ctcae6_albumin" not in DEFINITIONS


def test_terms_have_the_grades_they_are_printed_with() -> None:
    """Version 5: weight loss and rash end at 3, counts at 4, haemoglobin and calcium at 5 (death)."""
    names = {"calcium_high": "corrected_calcium_high", "calcium_low": "corrected_calcium_low"}
    for term, highest in HIGHEST_GRADE.items():
        name = f"ctcae5_{names.get(term, term)}"
        if name in DEFINITIONS:
            readings = {entry.name: NAN for entry in DEFINITIONS[name].inputs}
            assert len(ask(name, **readings).categories) == highest + 1, term
    assert {term for term in HIGHEST_GRADE if f"ctcae5_{names.get(term, term)}" not in DEFINITIONS} == {
        "fatigue",
        "muscle_weakness",
    }


def test_anaemia_with_transfusion() -> None:
    found = ask(
        "ctcae5_haemoglobin",
        haemoglobin=[95, 95, 125],
        haemoglobin_lower_limit=[130, 130, NAN],
        transfusion_indicated=[1, NAN, 0],
    )
    assert found.category.tolist() == [3, 2, -1]
    assert found.missing["haemoglobin_lower_limit"].tolist() == [False, False, True]


def test_oedema_makes_weight_loss_invalid() -> None:
    found = ask("ctcae5_weight_loss", weight_loss_since_baseline=0.12, fluid_retention=[1, 0])
    assert found.status.tolist() == [Status.INVALID, Status.OK]
    assert found.category.tolist() == [-1, 2]


def test_overall_response_without_evaluation_of_targets() -> None:
    found = ask(
        "recist11_overall",
        target_response=["complete response", None, "stable disease"],
        non_target_state=["persistent", "persistent", "progressive disease"],
        new_lesion=0,
    )
    assert found.category.tolist() == [1, -1, 3]
    assert found.missing["target_response"].tolist() == [False, True, False]


def test_rates_per_body_surface_are_no_clearance() -> None:
    """mL/min and mL/min/1.73 m2 are not interchangeable: labels dose by the first."""
    with pytest.raises(UnitError):
        quantities.convert(66.0, "mL/min/(1.73*m^2)", "renal_clearance")
    inputs = {entry.name: entry.kind for entry in DEFINITIONS["ctcae5_egfr"].inputs}
    assert inputs["egfr"] == "filtration_rate"


def test_labels_differ() -> None:
    clearance = ask("cockcroft_gault", creatinine=1.2 * 88.42, body_weight=64.7, age=67, male=1).value
    us, eu = (
        ask(f"lenalidomide_renal_{region}_multiple_myeloma", creatinine_clearance=clearance, dialysis=0)
        for region in ("us", "eu")
    )
    assert [us.categories[int(us.category)], eu.categories[int(eu.category)]] == [
        "moderate impairment",
        "full dose",
    ]
    assert us.parts["dose_mg"] == 10


def test_operators_are_options() -> None:
    patient = {
        "lean_mass_ct_at_baseline": 50,
        "lean_mass_ct": 51,
        "handgrip_strength_at_baseline": 26,
        "handgrip_strength": 30,
    }
    assert ask("resp_nct01127386", **patient).truth == FALSE
    assert ask("resp_nct01127386", **patient, lean_comparison=Comparison.AT_LEAST).truth == TRUE


def test_a_failed_part_decides_without_the_other() -> None:
    found = ask("resp_nct01127386", handgrip_strength_at_baseline=26, handgrip_strength=[27, 31])
    assert found.truth.tolist() == [FALSE, UNKNOWN]
    assert found.missing["lean_mass_ct"].tolist() == [False, True]


def test_any_shape_is_answered() -> None:
    """The answer keeps the shape of the readings."""
    weak = ask("weak_grip_ewgsop2", handgrip_strength=np.full((2, 3), 26.9), male=1)
    assert weak.truth.shape == (2, 3)
    assert (weak.truth == TRUE).all()
