"""The tables of a clinical study report on one accessible page, and each as RTF beside it."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from euexia.report.clinical_rtf import as_rtf
from euexia.report.clinical_table import ClinicalTable
from euexia.report.page import page_environment, template_source

PAGE = "tables.html"


def tables_page(title: str, tables: Sequence[ClinicalTable], lines: Sequence[str] = ()) -> str:
    """Return the tables as one HTML page; ``lines`` stand under the title."""
    return (
        page_environment()
        .get_template("clinical_tables.html")
        .render(
            title=title,
            tables=tables,
            lines=lines,
            style=Markup(template_source("clinical_tables.css")),  # our own file, not something given
        )
    )


def table_files(title: str, tables: Sequence[ClinicalTable], lines: Sequence[str] = ()) -> dict[str, str]:
    """Return the text of every file of a set of tables, by name: the page, and one RTF file a table."""
    written = {f"tables/{table.file_name}.rtf": as_rtf(table) for table in tables}
    return {PAGE: tables_page(title, tables, lines), **written}
