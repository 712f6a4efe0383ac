"""Datasets: what belongs together, what is missing, what is refused."""

import numpy as np
import pandas as pd
import pytest

from euexia.core.errors import InputError, UnknownNameError
from euexia.formats.dataset import (
    Dataset,
    DataType,
    Variable,
    is_blank,
    is_missing,
    number_column,
    of_columns,
    of_frame,
    text_column,
)


def small():
    return of_columns(
        "VS",
        {"USUBJID": text_column(["01", "", None]), "VSSTRESN": number_column([71.5, None, 0])},
        variables=[Variable(name="USUBJID", key_sequence=1)],
    )


def test_missing_is_not_empty_text():
    assert is_missing(small()["USUBJID"]).tolist() == [False, False, True]
    assert is_blank(small()["USUBJID"]).tolist() == [False, True, True]
    assert is_missing(small()["VSSTRESN"]).tolist() == [False, True, False]


def test_variables_without_description_are_text_or_doubles():
    assert [v.data_type for v in small().variables] == [DataType.STRING, DataType.DOUBLE]
    assert small().keys == ("USUBJID",)
    assert small().records == 3


def test_columns_cannot_be_changed_in_place():
    with pytest.raises(ValueError, match="read-only"):
        small()["VSSTRESN"][0] = 1


def test_a_frame_is_a_copy():
    dataset = small()
    frame = dataset.frame()
    frame.loc[0, "VSSTRESN"] = 99.0
    assert dataset["VSSTRESN"][0] == 71.5
    assert frame["USUBJID"].tolist() == ["01", "", None]


def test_records_are_taken_by_mask():
    assert small().take(np.array([True, False, True]))["USUBJID"].tolist() == ["01", None]


def test_an_unknown_variable_is_named_with_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'USUBJID'"):
        small()["USUBJD"]


def test_every_misfit_is_told_at_once():
    with pytest.raises(InputError) as told:
        Dataset(
            name="X",
            variables=(Variable(name="A"), Variable(name="A"), Variable(name="B")),
            columns={"A": number_column([1]), "C": text_column(["a", "b"])},
        )
    for part in ("'A' is there twice", "'B' has no column", "'C' has no variable", "needs a one-dimensional"):
        assert part in str(told.value)
    assert "columns differ in length" in str(told.value)


def test_a_frame_becomes_a_dataset():
    frame = pd.DataFrame(
        {
            "TEXT": ["a", None],
            "N": [1, 2],
            "X": [1.5, np.nan],
            "B": [True, False],
            "MAYBE": pd.array([1, None], dtype="Int64"),
            "T": pd.to_datetime(["2024-02-29T07:15:00", None]),
        }
    )
    made = of_frame("X", frame, variables=[Variable(name="TEXT", label="text")])
    kinds = [one.data_type.value for one in made.variables]
    assert kinds == ["string", "integer", "double", "boolean", "integer", "datetime"]
    assert made.variables[0].label == "text"
    assert made["TEXT"].tolist() == ["a", None]
    assert made["T"].tolist() == ["2024-02-29T07:15:00", None]
    assert is_missing(made["MAYBE"]).tolist() == [False, True]
    with pytest.raises(InputError, match="'L' hold values that are neither"):
        of_frame("X", pd.DataFrame({"L": [[1], [2]]}))
    with pytest.raises(InputError, match="'I' "):
        of_frame("X", pd.DataFrame({"I": [2**60 + 1]}))
    with pytest.raises(InputError, match="'Q' is described but has no column"):
        of_frame("X", frame, variables=[Variable(name="Q")])


def test_numbers_of_text_are_refused_but_of_decimals_given():
    made = of_columns(
        "X", {"D": text_column(["0.10", None])}, variables=[Variable(name="D", data_type=DataType.DECIMAL)]
    )
    assert made.numbers("D")[0] == 0.1
    with pytest.raises(InputError, match=r"VS\.USUBJID is string, not a number"):
        small().numbers("USUBJID")
