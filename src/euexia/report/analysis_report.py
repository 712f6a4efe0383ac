"""Write an analysed trial: one page that ties everything, tables, figures, and numbers for programs."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from markupsafe import Markup

from euexia.core.errors import InputError, OutputError
from euexia.report import analysis_results
from euexia.report.analysis_chapters import chapters, lead
from euexia.report.analysis_figures import pictures
from euexia.report.analysis_material import AnalysisMaterial
from euexia.report.analysis_tables import tables
from euexia.report.clinical_page import PAGE, tables_page
from euexia.report.clinical_rtf import as_rtf
from euexia.report.drawing import Drawings, Picture
from euexia.report.page import page_environment, template_source
from euexia.study.real import TrialAnalysis
from euexia.study.store import check_folder

REPORT, RESULTS = "report.html", "results.json"
FORMATS = ("html", "rtf", "csv", "svg", "png")
"""What may be written beside ``results.json``, which always is."""


def write_analysis(
    folder: Path | str,
    trial: TrialAnalysis,
    *,
    formats: Collection[str] = FORMATS,
    overwrite: bool = False,
) -> Path:
    """Write an analysed trial into a new folder, whole or not at all; return the path of its main file.

    formats: any of ``html`` (the report and the tables), ``rtf`` (each table), ``csv``, ``svg`` and ``png``
    (the figures).  Equal arguments give equal bytes.
    Raises InputError for a folder that holds something, OutputError when it cannot be written.
    """
    target = Path(folder).absolute()
    check_target(target, overwrite=overwrite)
    contents = files(AnalysisMaterial(trial=trial), formats)
    staging: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
        staging.chmod(0o755)
        for name, content in contents.items():
            (staging / name).parent.mkdir(exist_ok=True)
            (staging / name).write_bytes(content)
        _put(staging, target)
    except OSError as error:
        raise OutputError(
            f"The analysis could not be written to '{folder}': {error.strerror or error}. Nothing that was "
            "there before has changed. Free some space or choose another --out."
        ) from error
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
    return Path(folder) / (REPORT if REPORT in contents else RESULTS)


def check_target(folder: Path, *, overwrite: bool = False) -> None:
    """Raise InputError or OutputError if an analysis could not be written to a folder; changes nothing.

    A folder that holds something is refused, unless ``overwrite`` is given and it is an earlier analysis.
    """
    if overwrite and folder.is_dir() and any(folder.iterdir()):
        if not is_analysis(folder):
            raise InputError(
                f"The folder '{folder}' is not an analysis of Euexia (it holds no {RESULTS} of one), so it "
                "is not replaced. Choose another --out."
            )
        return
    check_folder(folder)


def is_analysis(folder: Path) -> bool:
    """Return whether a folder holds what ``write_analysis`` writes."""
    try:
        with (folder / RESULTS).open(encoding="utf-8") as stream:
            return analysis_results.SCHEMA in stream.read(200)
    except (OSError, UnicodeDecodeError):
        return False


def _put(staging: Path, target: Path) -> None:
    """Put the finished folder in place; an earlier analysis is set aside first and removed last."""
    if not target.exists():
        staging.rename(target)
        return
    aside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-old-"))
    aside.rmdir()
    target.rename(aside)
    try:
        staging.rename(target)
    except OSError:
        aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def files(material: AnalysisMaterial, formats: Collection[str] = FORMATS) -> dict[str, bytes]:
    """Return every file of an analysis, by its path inside the folder."""
    found: dict[str, str | bytes] = {RESULTS: analysis_results.to_json(material)}
    if "csv" in formats:
        found["results.csv"] = analysis_results.results_csv(material)
        found["estimates.csv"] = analysis_results.estimates_csv(material)
    printed = tables(material)
    if "rtf" in formats:
        found |= {f"tables/{table.file_name}.rtf": as_rtf(table) for table in printed}
    drawn = pictures(material) if {"html", "svg", "png"} & set(formats) else ()
    drawings = Drawings()
    found |= dict(_figures(drawings, drawn, formats))
    if "html" in formats:
        title = f"{material.protocol.title}: tables"
        found[PAGE] = tables_page(title, printed, (f"Made by: {material.trial.command}",))
        found[REPORT] = _page(material, drawn, drawings, formats)
    return {name: text.encode() if isinstance(text, str) else text for name, text in found.items()}


def _figures(
    drawings: Drawings, drawn: tuple[Picture, ...], formats: Collection[str]
) -> Iterator[tuple[str, bytes]]:
    if not {"svg", "png"} & set(formats):
        return
    for picture in drawn:
        for name, content in drawings.files(picture).items():
            if name.rpartition(".")[2] in formats:
                yield f"figures/{name}", content


def _page(
    material: AnalysisMaterial, drawn: tuple[Picture, ...], drawings: Drawings, formats: Collection[str]
) -> str:
    trial = material.trial
    return (
        page_environment()
        .get_template("analysis.html")
        .render(
            protocol=material.protocol,
            question=material.protocol.question,
            size=material.data.size,
            lead=lead(material),
            chapters=chapters(material, drawn, formats),
            inline_svg=drawings.inline_svg,
            style=Markup(template_source("report.css")),  # our own file, not something given
            versions=trial.versions,
        )
    )
