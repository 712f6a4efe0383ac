"""Write what becomes of one virtual patient: the page, the numbers, the figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from euexia.population.archetypes import VirtualPatient
from euexia.population.patient_fields import patient_fields
from euexia.report.content import Chapter, Drawn, Fold, Prose, Table
from euexia.report.drawing import picture_files
from euexia.report.files import write_files
from euexia.report.patient_course_figures import course_picture
from euexia.report.patient_words import lead, table_title, value_rows, weeks_shown
from euexia.report.plain_page import render_plain
from euexia.study.single_patient import PatientCourse, read_course
from euexia.study.store import check_folder

PAGE = "report.html"
COURSE = "course.csv"


def write_course(folder: Path, course: PatientCourse, *, readings_seed: int | None = None) -> Path:
    """Write the courses of one patient into a new folder; return the path of the page.

    readings_seed: adds what instruments would have read to the table, if given.
    Raises InputError for a folder that is not empty, OutputError when it cannot be written.
    """
    check_folder(folder)
    chapters = course_chapters(course)
    page = render_patient(
        course.patient,
        chapters,
        eyebrow="One virtual patient, several treatments",
        lead=(
            lead(course),
            "Every difference is the treatment's: the same person lives each life, without chance.",
        ),
        parameters_hash=course.parameters_hash,
        table=COURSE,
    )
    return write_pages(
        folder, {PAGE: page.encode(), COURSE: course_table(course, readings_seed).encode()}, chapters
    )


def write_pages(folder: Path, contents: Mapping[str, bytes], chapters: Sequence[Chapter]) -> Path:
    """Write a page, what lies beside it, and the figures of its chapters; return the path of the page."""
    files = dict(contents)
    for chapter in chapters:
        for picture in chapter.pictures():
            files.update({f"figures/{name}": file for name, file in picture_files(picture).items()})
    write_files(folder, files)
    return folder / PAGE


def render_patient(
    patient: VirtualPatient,
    chapters: Sequence[Chapter],
    *,
    eyebrow: str,
    lead: Sequence[str],
    parameters_hash: str,
    table: str,
) -> str:
    """Return a page about one patient as HTML text; everything that was given is escaped."""
    return render_plain(
        patient.title,
        chapters,
        about=patient.about,
        eyebrow=eyebrow,
        lead=lead,
        shows="a model's virtual patient, not a forecast for a person",
        parameters_hash=parameters_hash,
        table=table,
    )


def course_chapters(course: PatientCourse) -> tuple[Chapter, ...]:
    """Return the chapters of the page."""
    return (
        Chapter(id="course", title="Course", blocks=(Drawn(picture=course_picture(course)),)),
        Chapter(id="numbers", title="Numbers", blocks=_tables(course)),
        patient_chapter(course.patient, course.premorbid_weight),
    )


def _tables(course: PatientCourse) -> tuple[Table, ...]:
    columns = ("", *("today" if week == 0 else f"week {week:g}" for week in weeks_shown(course)))
    return tuple(
        Table(caption=table_title(course, index), columns=columns, rows=tuple(value_rows(course, index)))
        for index in range(len(course.regimens))
    )


def patient_chapter(patient: VirtualPatient, premorbid_weight: float) -> Chapter:
    """Return what is known and what is assumed of the patient."""
    rows = []
    for name, said in patient.said.items():
        source = "" if said.source is None else said.source.where
        status = "default, " if said.by_default else ""
        rows.append((patient_fields()[name].meaning, said.written, f"{status}{said.status or ''}", source))
    table = Table(
        caption="Everything that makes this patient",
        columns=("", "Value", "Status", "Source or reason"),
        rows=tuple(rows),
        wordy=(1, 2, 3),
    )
    text = (
        f"The model takes a healthy person of {premorbid_weight:.1f} kg through the disease so that the "
        "weight, "
        "C-reactive protein and GDF-15 of today come out. What the history was, how much is eaten and spent, "
        "appetite and activity are the model's own predictions."
    )
    return Chapter(
        id="patient", title="The patient", blocks=(Prose(text=text), Fold(summary="Inputs", blocks=(table,)))
    )


def course_table(course: PatientCourse, readings_seed: int | None = None) -> str:
    """Return every value as tidy CSV, with the difference from the reference, and readings if asked for."""
    readings = {} if readings_seed is None else read_course(course, readings_seed)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(("treatment", "day", "measure", "value", "difference", "reading"))
    for name, values in course.values.items():
        for index, regimen in enumerate(course.regimens):
            for place, day in enumerate(course.days):
                value = float(values[index, place])
                gap = np.nan if course.reference is None else value - float(values[course.reference, place])
                shown = "" if np.isnan(gap) else repr(gap)
                read = f"{readings[name][index, place]:g}" if name in readings else ""
                writer.writerow((regimen.label, f"{day:g}", name, repr(value), shown, read))
    return buffer.getvalue()
