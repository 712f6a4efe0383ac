"""``euexia infer``: what one person's readings say of what cannot be seen, and of what lies ahead."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.cli.assess_commands import (
    RESEARCH,
    DateFormat,
    DecimalMark,
    Encoding,
    KeepGoing,
    Mapping_,
    Point,
    Table,
    layout_of,
    read_patients,
    tell_findings,
)
from euexia.cli.consoles import results, tell
from euexia.cli.examples import examples
from euexia.cli.progress import share_progress

if TYPE_CHECKING:
    from euexia.study.forecast import Forecast

MOST_PARTICLES = 100_000


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(
        epilog=examples(
            "euexia infer patient.csv",
            'euexia infer patients.csv --patient P07 --treat "anamorelin 100 mg daily" --treat exercise',
            "euexia infer patient.csv --population advanced_nsclc --weeks 24 --out p07",
            remark=RESEARCH,
        )
    )(infer)


def infer(
    patients: Table,
    *,
    patient: Annotated[
        str | None, typer.Option(help="Patient in the table.", show_default="the only one")
    ] = None,
    population: Annotated[
        str, typer.Option(help="Population of whom the person is one.")
    ] = "inflammatory_cachexia",
    treat: Annotated[
        list[str] | None,
        typer.Option(
            help="Treatment from now on, such as 'anamorelin 100 mg daily'. May be given again.",
            metavar="TREATMENT",
            show_default="none",
        ),
    ] = None,
    given: Annotated[str, typer.Option(help="Treatment since the first visit.")] = "none",
    weeks: Annotated[float, typer.Option(help="How far ahead.")] = 12.0,
    particles: Annotated[
        int, typer.Option(min=128, max=MOST_PARTICLES, help="Draws; more are steadier and slower.")
    ] = 1024,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same figures.")] = 1,
    parameters: Annotated[
        list[str] | None,
        typer.Option("--parameters", help="Parameter overlay; may be given again.", metavar="OVERLAY"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="New folder for the page and the numbers.", show_default="none")
    ] = None,
    mapping: Mapping_ = None,
    keep_going: KeepGoing = False,
    date_format: DateFormat = "",
    decimal: DecimalMark = Point.POINT,
    encoding: Encoding = "utf-8",
) -> None:
    """Say what one person's readings tell of drivers and course, and what treatments may give; research only.

    The table needs sex, age, height and weights; C-reactive protein, GDF-15 and handgrip strength over time
    tell most. What cannot be seen is drawn from a population and kept as far as it explains the readings.
    """
    from euexia import parameters as catalogue
    from euexia import population as populations
    from euexia.study import forecast, inference
    from euexia.study.personal_record import personal_record
    from euexia.study.regimen import parse
    from euexia.study.store import check_folder

    if out is not None:
        check_folder(out)
    numbers = catalogue.load(overlays=tuple(parameters or ()))
    spec = populations.load(population)
    before, regimens = parse(given, numbers), [parse(text, numbers) for text in treat or ()]
    checked = read_patients(
        patients, layout_of(mapping, date_format, decimal, encoding), keep_going=keep_going
    )
    tell_findings(checked)
    person = personal_record(checked.record, patient, spec)
    for text in person.left_out:
        tell(text)
    with share_progress("Inferring") as progress:
        found = inference.infer(
            person,
            spec=spec,
            parameters=numbers,
            given=before,
            particles=particles,
            seed=seed,
            progress=progress,
        )
    ahead = forecast.forecast(found, regimens, weeks=weeks)
    _conclude(ahead, out)


def _conclude(ahead: Forecast, out: Path | None) -> None:
    from euexia.report.inference_report import sentences, write_inference

    for sentence in sentences(ahead):
        results.print(sentence, markup=False)
    for label, why in ahead.left_out.items():
        tell(f"Left out: {label}. {why}")
    if out is not None:
        tell(f"Report: {write_inference(out, ahead)}")
    tell(RESEARCH)
