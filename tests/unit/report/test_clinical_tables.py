"""Tables in the style of clinical study reports, as HTML and RTF."""

import re

import pytest

from euexia.core.errors import InputError
from euexia.report.clinical_page import table_files, tables_page
from euexia.report.clinical_rtf import as_rtf
from euexia.report.clinical_table import ClinicalRow, ClinicalTable

TABLE = ClinicalTable(
    number="14.2.1",
    title="Change in lean body mass at week 12 – <main> analysis",
    population="All randomised patients",
    stub="Statistic",
    columns=("Placebo\n(N=79)", "Anamorelin\n(N=81)"),
    rows=(
        ClinicalRow(label="Change from baseline, kg"),
        ClinicalRow(label="Mean (SD)", cells=("−0.5 (1.2)", "1.0 (1.1)"), indent=1),
        ClinicalRow(label="Difference (95 % CI)", cells=("", "1.5 (1.1 to 1.9)"), indent=1),
    ),
    footnotes=("[1] MMRM, β ≥ 0.",),
    source="euexia analyse romana1 data",
)


def test_the_page_names_its_table_rows_and_columns_for_those_who_listen():
    page = tables_page("Tables", (TABLE,))
    assert "&lt;main&gt;" in page
    assert "<main> analysis" not in page
    assert page.count('scope="col"') == 3
    assert page.count('scope="row"') == 2
    assert 'scope="rowgroup"' in page
    assert "Placebo<br>(N=79)" in page


def test_the_rtf_is_plain_ascii_and_balanced():
    text = as_rtf(TABLE)
    assert text.isascii()
    assert text.startswith(r"{\rtf1")
    unescaped = re.sub(r"\\[{}\\]", "", text)
    assert unescaped.count("{") == unescaped.count("}")
    assert r"\u8722*0.5 (1.2)" in text  # the minus sign
    assert text.count(r"\row") >= len(TABLE.rows)


def test_every_table_has_a_file_of_its_own():
    assert set(table_files("Tables", (TABLE,))) == {"tables.html", "tables/table-14.2.1.rtf"}


def test_a_row_that_does_not_fit_is_refused_by_name():
    with pytest.raises(InputError, match=r"Table 1: the row 'n' has 1 cells for 2 columns"):
        ClinicalTable(
            number="1",
            title="",
            population="",
            columns=("a", "b"),
            rows=(ClinicalRow(label="n", cells=("1",)),),
        )
