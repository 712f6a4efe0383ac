"""A tiny trial as SDTM and ADaM datasets, to be spoiled by tests."""

import numpy as np

from euexia.formats.dataset import of_columns, text_column
from euexia.standards import cdisc
from euexia.standards.collecting import of_datasets


def dataset(name, **columns):
    """Return a dataset of plain lists: numbers where every value is one, else text."""
    return of_columns(name, {key: column(values) for key, values in columns.items()})


def column(values):
    if all(value is None or isinstance(value, (int, float)) for value in values) and any(
        value is not None for value in values
    ):
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    return text_column(values)


def dm(**changes):
    """Return DM of three randomised subjects and one screen failure."""
    return dataset(
        "DM",
        **(
            {
                "STUDYID": ["S1"] * 4,
                "DOMAIN": ["DM"] * 4,
                "USUBJID": ["A", "B", "C", "D"],
                "RFSTDTC": ["2024-01-10", "2024-01-20", "2024-02-01", None],
                "DTHDTC": [None, None, "2024-02-11", None],
                "DTHFL": [None, None, "Y", None],
                "AGE": [60, 61, 62, 63],
                "AGEU": ["YEARS"] * 4,
                "SEX": ["F", "M", "F", "M"],
                "ARMCD": ["ACTIVE", "PLACEBO", "ACTIVE", "SCRNFAIL"],
                "ARM": ["Drug 25 mg", "Placebo", "Drug 25 mg", "Screen Failure"],
            }
            | changes
        ),
    )


def vs(**changes):
    """Return VS: a weight on day 1 and one four weeks later for two subjects."""
    return dataset(
        "VS",
        **(
            {
                "STUDYID": ["S1"] * 4,
                "DOMAIN": ["VS"] * 4,
                "USUBJID": ["A", "A", "B", "B"],
                "VSTESTCD": ["WEIGHT"] * 4,
                "VSTEST": ["Weight"] * 4,
                "VSORRES": ["70", "69", "80", "81"],
                "VSORRESU": ["kg"] * 4,
                "VSSTRESC": ["70", "69", "80", "81"],
                "VSSTRESN": [70, 69, 80, 81],
                "VSSTRESU": ["kg"] * 4,
                "VISITNUM": [1, 2, 1, 2],
                "VISIT": ["BASELINE", "WEEK 4", "BASELINE", "WEEK 4"],
                "VISITDY": [1, 29, 1, 29],
                "VSDTC": ["2024-01-10", "2024-02-07", "2024-01-20", "2024-02-18"],
            }
            | changes
        ),
    )


def adsl(**changes):
    """Return ADSL of three subjects, the last of whom left the study."""
    return dataset(
        "ADSL",
        **(
            {
                "STUDYID": ["S1"] * 3,
                "USUBJID": ["A", "B", "C"],
                "TRT01P": ["Placebo", "Drug 25 mg", "Drug 25 mg"],
                "TRT01PN": [0, 25, 25],
                "TRTSDT": ["2024-01-10", "2024-01-20", "2024-02-01"],
                "TRTEDT": ["2024-03-10", "2024-03-20", "2024-02-05"],
                "AGE": [60, 61, 62],
                "SEX": ["F", "M", "F"],
                "EOSSTT": ["COMPLETED", "COMPLETED", "DISCONTINUED"],
                "EOSDT": ["2024-03-11", "2024-03-21", "2024-02-08"],
            }
            | changes
        ),
    )


def advs(**changes):
    """Return ADVS: baseline, week 4 and a carried-forward week 8 of one subject."""
    return dataset(
        "ADVS",
        **(
            {
                "STUDYID": ["S1"] * 3,
                "USUBJID": ["A"] * 3,
                "PARAMCD": ["WEIGHT"] * 3,
                "PARAM": ["Weight (kg)"] * 3,
                "AVISIT": ["Baseline", "Week 4", "Week 8"],
                "AVISITN": [0, 4, 8],
                "AWTARGET": [1, 29, 57],
                "ADT": ["2024-01-10", "2024-02-07", "2024-02-07"],
                "ADY": [1, 29, 29],
                "AVAL": [70, 69, 69],
                "ABLFL": ["Y", None, None],
                "ANL01FL": ["Y"] * 3,
                "DTYPE": [None, None, "LOCF"],
                "VSSEQ": [1, 2, 2],
            }
            | changes
        ),
    )


def trial(*datasets, protocol=None):
    """Read datasets that are in memory as a trial: the trial data and what was understood."""
    return cdisc.read_trial(of_datasets({one.name: one for one in datasets}), protocol, "sample")


def topics(understanding, level):
    """Return the topics of the remarks of a level."""
    return [remark.topic for remark in understanding.of(level)]
