"""Small datasets of our own for tests of file formats."""

from dataclasses import replace

from euexia.formats.dataset import (
    Dataset,
    DataType,
    Metadata,
    TargetType,
    Variable,
    number_column,
    of_columns,
    text_column,
)


def weights() -> Dataset:
    """Return five weights: text, numbers, dates as numbers, a missing code, text beyond ASCII."""
    made = of_columns(
        "ADVS",
        {
            "USUBJID": text_column(["EUX-01", "EUX-01", "EUX-02", "EUX-02", "EUX-03"]),
            "SITEID": text_column(["007", "007", "012", "012", "012"]),
            "COMMENT": text_column(["naïve — 体重", None, 'said "no", twice', "two\nlines", "x"]),
            "AVAL": number_column([71.25, None, -3.5e-7, 1e15, 0.1]),
            "AVISITN": number_column([0, 1, 2, None, 4]),
            "ADT": text_column(["2024-02-29", None, "1959-12-31", "2024-03-01", "2024-03-02"]),
            "ADTM": text_column(["2024-02-29T07:15:30", None, "2024-02-29T07:15:30.25", None, None]),
            "VSDTC": text_column(["2024-02", "2024---15", "2024-03-01T07:15", None, "2024"]),
        },
        label="Vital signs",
        variables=[
            Variable(name="USUBJID", label="Unique subject identifier", length=11, key_sequence=1),
            Variable(name="AVAL", label="Analysis value", data_type=DataType.DOUBLE, display_format="8.2"),
            Variable(name="AVISITN", label="Visit", data_type=DataType.INTEGER, key_sequence=2),
            Variable(
                name="ADT", label="Date", data_type=DataType.DATE, target_type=TargetType.INTEGER,
                display_format="DATE9.",
            ),
            Variable(
                name="ADTM", label="Moment", data_type=DataType.DATETIME, target_type=TargetType.INTEGER,
                display_format="DATETIME20.",
            ),
            Variable(name="VSDTC", label="Date as collected", data_type=DataType.DATE),
        ],
    )  # fmt: skip
    about = Metadata(study_oid="EUX", created="2026-01-02T03:04:05", item_group_oid="IG.ADVS")
    return replace(made, metadata=about)


def with_code(dataset: Dataset) -> Dataset:
    """Say why the second weight is missing: code .A."""
    codes = text_column([None, ".A", None, None, None])
    return replace(dataset, missing_codes={"AVAL": codes})
