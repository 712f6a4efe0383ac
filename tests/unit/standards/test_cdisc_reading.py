"""SDTM and ADaM read: what is understood, what is a conflict, what is refused, and where."""

import numpy as np
import pytest

from builders.cdisc_samples import adsl, advs, dataset, dm, topics, trial, vs
from euexia import protocol
from euexia.core.errors import DataFileError, InputError, TrialDataError
from euexia.formats.write import write
from euexia.standards.read import read
from euexia.standards.understanding import Level

CONFLICT, LEFT_OUT, UNDERSTOOD = Level.CONFLICT, Level.LEFT_OUT, Level.UNDERSTOOD


def weights(data):
    return data.readings["body_weight"].value[0]


def test_every_randomised_subject_keeps_a_row_and_missing_stays_missing():
    data, understanding = trial(dm(), vs())
    assert data.size == 3
    assert data.arms == ("active", "placebo")
    assert data.subjects["arm"][0].tolist() == [0, 1, 0]
    np.testing.assert_array_equal(weights(data), [[70, 69], [80, 81], [np.nan, np.nan]])
    assert data.readings["body_weight"].visits == ("baseline", "week_4")
    assert data.readings["body_weight"].planned.tolist() == [0, 28]
    assert data.readings["body_weight"].day[0, 1].tolist() == [0, 29]
    assert data.subjects["death_day"][0, 2] == 10
    assert "not randomised" in topics(understanding, UNDERSTOOD)
    assert understanding.subjects == (("A", "B", "C"),)
    assert understanding.day_zero == (("2024-01-10", "2024-01-20", "2024-02-01"),)


def test_study_days_have_no_zero():
    days = {"VSDTC": [None] * 4, "VSDY": [-1, 1, 1, 2]}
    data, _ = trial(dm(), vs(**days))
    assert data.readings["body_weight"].day[0, :2].tolist() == [[-1, 0], [0, 1]]


def test_a_study_day_of_zero_is_no_day():
    data, understanding = trial(dm(), vs(VSDTC=[None] * 4, VSDY=[0, 1, 1, 2]))
    assert np.isnan(weights(data)[0, 0])
    assert "day" in topics(understanding, LEFT_OUT)


@pytest.mark.parametrize(
    ("unit", "size"), [("LB", 0.45359237), ("lb", 0.45359237), ("[lb_av]", 0.45359237), ("g", 1e-3)]
)
def test_units_are_converted(unit, size):
    """The international avoirdupois pound is 0.45359237 kg by definition."""
    data, _ = trial(dm(), vs(VSSTRESU=[unit] * 4))
    np.testing.assert_allclose(weights(data)[0], [70 * size, 69 * size], rtol=1e-12)


def test_mixed_units_of_one_test_are_converted_and_named():
    data, understanding = trial(dm(), vs(VSSTRESU=["kg", "lb", "kg", "kg"]))
    np.testing.assert_allclose(weights(data)[0], [70, 69 * 0.45359237], rtol=1e-15)
    assert topics(understanding, CONFLICT) == ["unit"]


def test_a_unit_of_another_dimension_is_refused_with_its_row():
    with pytest.raises(TrialDataError, match=r"VS, row 2 and 0 more: 'cm' is no unit of Body weight"):
        trial(dm(), vs(VSSTRESU=["kg", "cm", "kg", "kg"]))


def test_a_weight_without_a_unit_is_refused():
    with pytest.raises(TrialDataError, match="has no unit"):
        trial(dm(), vs(VSSTRESU=[None] * 4))


def test_results_below_a_limit_are_no_numbers():
    data, understanding = trial(dm(), vs(VSSTRESN=[70, None, 80, 81], VSSTRESC=["70", "<69", "80", "81"]))
    assert np.isnan(weights(data)[0, 1])
    (remark,) = [one for one in understanding.of(LEFT_OUT) if one.topic == "not a number"]
    assert remark.place == "VS.VSSTRESC, row 2"
    assert "'<69'" in remark.text


def test_a_result_only_as_collected_is_taken_in_its_own_unit():
    bare = {"VSSTRESN": [None] * 4, "VSSTRESC": [None] * 4, "VSSTRESU": [None] * 4, "VSORRESU": ["g"] * 4}
    data, _ = trial(dm(), vs(**bare))
    np.testing.assert_allclose(weights(data)[0], [0.070, 0.069])


def test_not_done_is_missing_and_its_visit_is_kept():
    undone = {"VSSTAT": [None, "NOT DONE", None, None], "VSSTRESN": [70, None, 80, 81]}
    data, _ = trial(dm(), vs(**undone, VSSTRESC=["70", None, "80", "81"], VSORRES=["70", None, "80", "81"]))
    assert np.isnan(weights(data)[0, 1])
    assert data.readings["body_weight"].day[0, 0, 1] == 28


@pytest.mark.parametrize(
    ("written", "topic", "level"),
    [
        ("2024-02", "partial date", LEFT_OUT),
        ("2024-02-30", "impossible date", CONFLICT),
        ("7.2.24", "impossible date", CONFLICT),
    ],
)
def test_partial_and_impossible_dates_are_never_filled_in(written, topic, level):
    data, understanding = trial(dm(), vs(VSDTC=["2024-01-10", written, "2024-01-20", "2024-02-18"]))
    assert np.isnan(weights(data)[0, 1])
    (remark,) = [one for one in understanding.of(level) if one.topic == topic]
    assert remark.place == "VS.VSDTC, row 2"
    assert written in remark.text


def test_a_subject_twice_in_dm_is_refused_with_both_rows():
    with pytest.raises(TrialDataError, match=r"subject 'A' has 2 rows \(1, 3\) in DM, column USUBJID"):
        trial(dm(USUBJID=["A", "B", "A", "D"]), vs())


def test_readings_of_strangers_are_left_out_and_named():
    data, understanding = trial(dm(), vs(USUBJID=["A", "A", "Z", "Z"]))
    assert np.isnan(weights(data)[1]).all()
    (remark,) = understanding.conflicts
    assert (remark.topic, remark.count) == ("unknown subject", 2)
    assert "'Z'" in remark.text


def test_of_two_readings_for_a_visit_the_later_is_kept_and_both_are_named():
    twice = {"VISIT": ["BASELINE", "BASELINE", "BASELINE", "WEEK 4"], "VISITDY": [1, 1, 1, 29]}
    data, understanding = trial(dm(), vs(**twice))
    assert weights(data)[0, 0] == 69
    (remark,) = understanding.conflicts
    assert remark.topic == "duplicate"
    assert "is 70 (day 0) and 69 (day 28, row 2)" in remark.text


def test_the_same_row_twice_is_one_reading():
    same = {"VISIT": ["BASELINE"] * 2 + ["BASELINE", "WEEK 4"], "VISITDY": [1, 1, 1, 29]}
    data, understanding = trial(
        dm(), vs(**same, VSSTRESN=[70, 70, 80, 81], VSDTC=["2024-01-10"] * 2 + ["2024-01-20", "2024-02-18"])
    )
    assert weights(data)[0, 0] == 70
    assert "the same reading is there twice" in understanding.conflicts[0].text


def test_a_reading_after_death_is_left_out_and_named():
    late = {
        "USUBJID": ["C", "C", "B", "B"],
        "VSDTC": ["2024-02-01", "2024-02-29", "2024-01-20", "2024-02-18"],
    }
    data, understanding = trial(dm(), vs(**late))
    assert weights(data)[2].tolist()[0] == 70
    assert np.isnan(weights(data)[2, 1:]).all()
    assert topics(understanding, CONFLICT) == ["after death"]


def disposition(**changes):
    return dataset(
        "DS",
        **(
            {
                "USUBJID": ["A", "B", "B"],
                "DSDECOD": ["LOST TO FOLLOW-UP", "ADVERSE EVENT", "COMPLETED"],
                "DSCAT": ["DISPOSITION EVENT"] * 3,
                "DSSCAT": ["STUDY PARTICIPATION", "STUDY TREATMENT", "STUDY PARTICIPATION"],
                "DSSTDTC": ["2024-02-20", "2024-02-01", "2024-04-01"],
            }
            | changes
        ),
    )


def test_withdrawal_and_treatment_stop_come_from_ds():
    data, _ = trial(dm(), vs(), disposition())
    assert data.subjects["withdrawal_day"][0].tolist()[0] == 41
    assert data.subjects["treatment_stop_day"][0].tolist()[1] == 12
    assert np.isnan(data.subjects["withdrawal_day"][0, 1])


def test_a_withdrawal_before_the_last_reading_is_moved_and_named():
    data, understanding = trial(dm(), vs(), disposition(DSSTDTC=["2024-01-15", "2024-02-01", "2024-04-01"]))
    assert data.subjects["withdrawal_day"][0, 0] == 28
    assert topics(understanding, CONFLICT) == ["after withdrawal"]


def test_death_in_two_places_on_two_days_is_a_conflict():
    died = {"USUBJID": ["C"], "DSDECOD": ["DEATH"], "DSCAT": ["DISPOSITION EVENT"]}
    data, understanding = trial(dm(), vs(), dataset("DS", **died, DSSTDTC=["2024-02-12"]))
    assert data.subjects["death_day"][0, 2] == 10
    assert "death" in topics(understanding, CONFLICT)


def test_a_death_without_a_date_is_named():
    _, understanding = trial(dm(DTHDTC=[None, None, "2024-02", None]), vs())
    (remark,) = [one for one in understanding.conflicts if one.topic == "death"]
    assert "'C' died" in remark.text


def test_days_count_from_randomisation_where_ds_tells_it():
    milestone = {"USUBJID": ["A"], "DSDECOD": ["RANDOMIZED"], "DSCAT": ["PROTOCOL MILESTONE"]}
    data, understanding = trial(dm(), vs(), dataset("DS", **milestone, DSSTDTC=["2024-01-08"]))
    assert data.readings["body_weight"].day[0, 0].tolist() == [2, 30]
    assert "day 0" in topics(understanding, CONFLICT)


def test_enzymes_are_multiples_of_their_upper_limit():
    lab = dataset(
        "LB", USUBJID=["A", "B"], LBTESTCD=["ALT", "ALT"], LBSTRESN=[80, 20], LBSTRESU=["U/L", "U/L"],
        LBSTNRHI=[40, None], VISIT=["BASELINE"] * 2, VISITDY=[1, 1], LBDTC=["2024-01-10", "2024-01-20"],
    )  # fmt: skip
    data, understanding = trial(dm(), lab)
    assert data.readings["alt"].value[0, 0, 0] == 2
    assert np.isnan(data.readings["alt"].value[0, 1, 0])
    assert "upper limit" in topics(understanding, LEFT_OUT)


def test_urine_is_not_serum():
    lab = dataset(
        "LB", USUBJID=["A", "A"], LBTESTCD=["CREAT"] * 2, LBSTRESN=[1.0, 100], LBSTRESU=["mg/dL"] * 2,
        LBSPEC=["SERUM", "URINE"], VISIT=["BASELINE"] * 2, VISITDY=[1, 1], LBDTC=["2024-01-10"] * 2,
    )  # fmt: skip
    data, _ = trial(dm(), lab)
    np.testing.assert_allclose(data.readings["creatinine"].value[0, 0, 0], 88.42, rtol=1e-3)


def test_severity_stands_for_a_missing_grade_and_partial_onsets_stay_missing():
    events = dataset(
        "AE", USUBJID=["A", "B", "C"], AEDECOD=["NEUTROPENIA", "HEADACHE", "RASH"],
        AESEV=["MILD", "SEVERE", "MODERATE"], AESER=["N", "Y", "N"],
        AESTDTC=["2024-01-12", "2024", "2024-02-03"],
    )  # fmt: skip
    data, understanding = trial(dm(), vs(), events)
    assert data.events.grade.tolist() == [1, 3, 2]
    assert data.events.term.tolist() == ["neutropenia", "headache", "rash"]
    np.testing.assert_array_equal(data.events.day, [2, np.nan, 2])
    assert "partial date" in topics(understanding, LEFT_OUT)
    assert "grade" in topics(understanding, UNDERSTOOD)


def test_adam_leaves_derived_rows_out():
    """A last observation carried forward is not a reading."""
    data, understanding = trial(adsl(), advs())
    assert data.readings["body_weight"].visits == ("baseline", "week_4")
    assert "derived" in topics(understanding, UNDERSTOOD)
    assert data.arms == ("placebo", "drug_25_mg")
    assert data.subjects["withdrawal_day"][0, 2] == 7
    assert data.subjects["treatment_stop_day"][0, 2] == 4


def test_a_reading_under_two_analysis_visits_is_read_once():
    data, understanding = trial(
        adsl(), advs(AVISIT=["Baseline", "Week 4", "End of Treatment"], DTYPE=[None] * 3)
    )
    assert data.readings["body_weight"].visits == ("baseline", "week_4")
    assert "analysis visit" in topics(understanding, UNDERSTOOD)


def test_the_analysis_flag_decides_between_readings():
    flagged = {"AVISIT": ["Baseline", "Week 4", "Week 4"], "AVAL": [70, 69, 65], "ANL01FL": ["Y", "Y", None]}
    days = {"ADY": [1, 29, 31], "ADT": ["2024-01-10", "2024-02-07", "2024-02-09"], "AWTARGET": [1, 29, 29]}
    data, _ = trial(adsl(), advs(**flagged, **days, DTYPE=[None] * 3, VSSEQ=[1, 2, 3]))
    assert weights(data)[0].tolist() == [70, 69]


def test_dates_of_another_calendar_are_named():
    _, understanding = trial(adsl(), advs(ADT=["2034-01-10", "2034-02-07", "2034-02-07"]))
    (remark,) = understanding.conflicts
    assert remark.topic == "day"
    assert "ADY is taken" in remark.text


def test_arms_are_matched_by_label_or_refused():
    plan = protocol.load("ponsegromab")
    arms = ["Placebo", "Ponsegromab 400 mg", "Ponsegromab 400 mg", "Screen Failure"]
    codes = ["P", "D4", "D4", "SCRNFAIL"]
    data, _ = trial(dm(ARM=arms, ARMCD=codes), vs(), protocol=plan)
    assert data.arms == tuple(arm.name for arm in plan.arms)
    assert data.subjects["arm"][0].tolist() == [0, 3, 3]
    with pytest.raises(TrialDataError, match=r"arm 'ACTIVE' \(2 subjects\) is none of the arms of protocol"):
        trial(dm(), vs(), protocol=plan)


def test_visits_outside_their_window_are_named():
    plan = protocol.load("ponsegromab")
    arms = {"ARM": ["Placebo"] * 3 + ["Screen Failure"], "ARMCD": ["PLACEBO"] * 3 + ["SCRNFAIL"]}
    late = vs(VSDTC=["2024-01-10", "2024-02-20", "2024-01-20", "2024-02-18"])
    _, understanding = trial(dm(**arms), late, protocol=plan)
    (remark,) = [one for one in understanding.conflicts if one.topic == "visit window"]
    assert "subject 'A' on day 41, planned 28" in remark.text


def test_implausible_readings_are_kept_and_named():
    data, understanding = trial(dm(), vs(VSSTRESN=[700, 69, 80, 81]))
    assert weights(data)[0, 0] == 700
    assert topics(understanding, CONFLICT) == ["implausible"]


def test_a_study_without_arms_is_refused():
    with pytest.raises(TrialDataError, match="nobody was randomised"):
        trial(dm(ARMCD=["SCRNFAIL"] * 4, ARM=["Screen Failure"] * 4), vs())
    with pytest.raises(TrialDataError, match="neither DM nor ADSL"):
        trial(vs())


def test_a_truncated_file_is_refused_by_name(tmp_path):
    for one in (dm(), vs()):
        write(tmp_path / f"{one.name.lower()}.xpt", one)
    whole = (tmp_path / "vs.xpt").read_bytes()
    (tmp_path / "vs.xpt").write_bytes(whole[: len(whole) - 95])
    with pytest.raises(DataFileError, match=r"vs\.xpt"):
        read(tmp_path)


def test_a_file_without_a_part_in_trial_data_may_be_broken(tmp_path):
    for one in (dm(), vs()):
        write(tmp_path / f"{one.name.lower()}.xpt", one)
    (tmp_path / "mh.csv").write_bytes(b"USUBJID,MHTERM\nA,M\xe9ni\xe8re\n")
    data, understanding = read(tmp_path)
    assert data.size == 3
    (remark,) = [one for one in understanding.of(LEFT_OUT) if one.topic == "file"]
    assert remark.place == "mh.csv"
    assert "utf-8" in remark.text


def test_two_files_of_one_dataset_must_agree(tmp_path):
    for one in (dm(), vs()):
        write(tmp_path / f"{one.name.lower()}.xpt", one)
    write(tmp_path / "vs.json", vs())
    data, understanding = read(tmp_path)
    assert weights(data)[0, 0] == 70
    assert any("the same as" in remark.text for remark in understanding.remarks)
    (tmp_path / "vs.json").unlink()
    write(tmp_path / "vs.json", vs(VSSTRESN=[70, 69, 80, 82]))
    with pytest.raises(TrialDataError, match=r"'vs\.json' and 'vs\.xpt' are both VS and differ"):
        read(tmp_path)


def test_nothing_to_read_says_what_could_be(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    with pytest.raises(InputError, match="SDTM and ADaM"):
        read(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path / "nowhere")


def test_variables_without_which_nothing_can_be_read_are_all_named():
    with pytest.raises(TrialDataError) as refused:
        trial(dataset("DM", STUDYID=["S"], ARMCD=["X"]), dataset("VS", USUBJID=["A"], VSSTRESN=[70.0]))
    for fault in (
        "DM has no variable USUBJID",
        "VS has no variable VSTESTCD",
        "VS has no variable VSDTC or VSDY",
    ):
        assert fault in str(refused.value)
    with pytest.raises(TrialDataError, match="DM, row 2: USUBJID is empty"):
        trial(dm(USUBJID=["A", None, "C", "D"]), vs())


def test_unknown_words_are_missing_and_named():
    answer = dataset("FA", USUBJID=["A"], FATESTCD=["LIVERMET"], FASTRESC=["MAYBE"], VISIT=["BASELINE"],
                     FADTC=["2024-01-10"])  # fmt: skip
    data, understanding = trial(dm(SEX=["F", "female", "F", "M"]), answer)
    assert np.isnan(data.readings["liver_metastases"].value).all()
    assert np.isnan(data.subjects["sex"][0, 1])
    assert {"sex", "answer"} <= set(topics(understanding, LEFT_OUT))


def test_a_subject_without_a_day_zero_is_named():
    data, understanding = trial(dm(RFSTDTC=[None, "2024-01-20", "2024-02-01", None]), vs())
    assert np.isnan(data.readings["body_weight"].value[0, 0]).all()
    assert "day 0" in topics(understanding, LEFT_OUT)
