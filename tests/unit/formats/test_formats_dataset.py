"""Datasets: what belongs together, what is missing, what is refused."""

import numpy as np
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
