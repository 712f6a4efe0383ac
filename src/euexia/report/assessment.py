"""Write an assessment of real patients: the answers as tables, the cohort report, a card for each patient."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from euexia.assess import assessment
from euexia.assess.checks import Checked
from euexia.assess.columns import Settings
from euexia.assess.record import occasions
from euexia.core.errors import OutputError
from euexia.report import assessment_cards, assessment_chapters
from euexia.report.assessment_material import AssessmentMaterial
from euexia.report.drawing import inline_svg, picture_files
from euexia.report.formatting import plural
from euexia.report.page import page_environment, template_source
from euexia.study.store import check_folder
from euexia.version import __version__

if TYPE_CHECKING:
    from pandas import DataFrame

REPORT, PARQUET, CSV, FINDINGS, CARDS, FIGURES = (
    "cohort.html",
    "assessment.parquet",
    "assessment.csv",
    "findings.csv",
    "cards",
    "figures",
)
MOST_CSV_ROWS = 2_000_000
"""Answers above which only the Parquet file is written."""
MOST_CARDS = 300
"""Patients above which cards are written only when asked for."""


def write_assessment(
    folder: Path | str,
    checked: Checked,
    *,
    settings: Settings | None = None,
    last_only: bool = False,
    cards: str = "auto",
) -> Path:
    """Write the assessment of a checked record into a new folder; return the path of the cohort report.

    last_only: in the tables, each patient's last date only.  cards: ``all``, ``none`` or ``auto`` (up to 300
    patients).  The folder is written whole or not at all.
    Raises InputError for a folder that is not empty, OutputError when it cannot be written.
    """
    target = Path(folder).absolute()
    check_folder(target)
    options = settings or Settings()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
        try:
            staging.chmod(0o755)
            _write_all(staging, checked, options, last_only=last_only, cards=cards)
            if target.exists():
                target.rmdir()
            staging.replace(target)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
    except OSError as error:
        raise OutputError(f"'{folder}' cannot be written: {error.strerror or error}.") from error
    return Path(folder) / REPORT


def _write_all(place: Path, checked: Checked, options: Settings, *, last_only: bool, cards: str) -> None:
    with_csv = _write_tables(place, checked, options, last_only=last_only)
    _write_findings(place / FINDINGS, checked)
    at = occasions(checked.record, last_only=True)
    last = assessment.assess(checked.record, settings=options, at=at)
    material = AssessmentMaterial(checked=checked, last=last)
    wanted = cards == "all" or (cards == "auto" and material.patients <= MOST_CARDS)
    listed = list(_write_cards(place / CARDS, material)) if wanted else []
    content = assessment_chapters.chapters(material)
    page = (
        page_environment()
        .get_template("cohort.html")
        .render(
            source=checked.record.source or "Patients",
            lead=assessment_chapters.lead(material),
            facts=_facts(material, wanted=wanted),
            chapters=content,
            patients=listed,
            inline_svg=inline_svg,
            style=Markup(template_source("report.css")),  # our own file, not something given
            version=__version__,
            csv=with_csv,
        )
    )
    (place / REPORT).write_text(page, encoding="utf-8")
    (place / FIGURES).mkdir()
    for chapter in content:
        for picture in chapter.pictures():
            for name, file in picture_files(picture).items():
                (place / FIGURES / name).write_bytes(file)


def _facts(material: AssessmentMaterial, *, wanted: bool) -> str:
    record = material.checked.record
    text = (
        f"{plural(record.readings, 'usable reading')} of {plural(len(record.series), 'measure')}; "
        f"{plural(len(material.last.outcomes), 'definition')} could be asked. "
    )
    doubts = plural(
        len(material.checked.findings), "reading or group of readings", "readings or groups of readings"
    )
    text += (
        f"{doubts} looked wrong." if material.checked.findings else "Nothing in the readings looked wrong."
    )
    return text if wanted else f"{text} Cards were not written; --cards all writes them."


def _write_tables(place: Path, checked: Checked, options: Settings, *, last_only: bool) -> bool:
    """Write every answer, block by block; return whether there is a CSV file too."""
    import pyarrow
    import pyarrow.parquet

    at = occasions(checked.record, last_only=last_only)
    asked = assessment.applicable(checked.record, options)
    with_csv = len(at) * len(asked) <= MOST_CSV_ROWS
    writer: pyarrow.parquet.ParquetWriter | None = None
    schema = None
    for number, table in enumerate(_tables(checked, options, last_only=last_only)):
        plain = table.astype({name: str for name in table.columns if str(table[name].dtype) == "category"})
        arrow = pyarrow.Table.from_pandas(plain, schema=schema, preserve_index=False)
        if writer is None:
            schema = arrow.schema
            writer = pyarrow.parquet.ParquetWriter(place / PARQUET, schema, compression="zstd")
        writer.write_table(arrow)
        if with_csv:
            plain.to_csv(place / CSV, mode="a", header=number == 0, index=False, date_format="%Y-%m-%d")
    if writer is not None:
        writer.close()
    return with_csv


def _tables(checked: Checked, options: Settings, *, last_only: bool) -> Iterator[DataFrame]:
    asked = assessment.applicable(checked.record, options)
    for block in assessment.blocks(occasions(checked.record, last_only=last_only)):
        found = assessment.assess(checked.record, settings=options, definitions=asked, at=block)
        yield from assessment.tables(found)


def _write_findings(path: Path, checked: Checked) -> None:
    import pandas as pd

    columns = ("patient", "measure", "rows", "date", "kind", "text", "withheld")
    rows = [
        (f.patient, f.measure, " ".join(map(str, f.rows)), f.date, f.kind.value, f.text, f.withheld)
        for f in checked.findings
    ]
    pd.DataFrame(rows, columns=list(columns)).to_csv(path, index=False)


def _write_cards(folder: Path, material: AssessmentMaterial) -> Iterator[tuple[str, str, str, str]]:
    """Write a page for each patient; give name, file, date and summary."""
    folder.mkdir()
    template = page_environment().get_template("card.html")
    style = Markup(template_source("report.css") + template_source("card.css"))  # our own files
    for index in range(material.patients):
        found = assessment_cards.card(material, index)
        plain = re.sub(r"[^A-Za-z0-9_-]+", "-", found.patient).strip("-")[:40]
        name = f"{index + 1:04d}-{plain}.html"
        page = template.render(card=found, style=style, version=__version__, inline_svg=inline_svg)
        (folder / name).write_text(page, encoding="utf-8")
        yield found.patient, name, found.date, assessment_cards.summary(found)
