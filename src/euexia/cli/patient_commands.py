"""``euexia patient`` and ``explain``: one virtual patient, what drives the loss, what each treatment does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.cli.consoles import results, tell
from euexia.cli.examples import examples
from euexia.core.errors import InputError

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from euexia.study.drivers import Drivers, Period
    from euexia.study.recovery import Recoveries
    from euexia.study.single_patient import PatientCourse

Who = Annotated[
    str | None,
    typer.Argument(
        help="A built-in patient (nsclc, gdf15_high, pancreas, il6, inflammatory) or a YAML file.",
        metavar="PATIENT",
    ),
]
Overlays = Annotated[
    list[str] | None,
    typer.Option("--parameters", help="Parameter overlay; may be given again.", metavar="OVERLAY"),
]
Folder = Annotated[
    Path | None, typer.Option("--out", help="New folder for the page and the numbers.", show_default="none")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    from euexia.cli.assess_commands import RESEARCH

    app.command(
        epilog=examples(
            'euexia patient nsclc --treat "anamorelin 100 mg daily"',
            'euexia patient gdf15_high --treat "ponsegromab 400 mg every 4 weeks" --treat exercise --out p',
            'euexia patient nsclc --treat "anamorelin 100 mg daily + nutrition counselling 60 %" --weeks 24',
            "euexia patient --template > my-patient.yaml",
            remark=RESEARCH,
        )
    )(patient)
    app.command(
        epilog=examples("euexia explain nsclc", "euexia explain my-patient.yaml --out why", remark=RESEARCH)
    )(explain)


def patient(
    who: Who = None,
    *,
    treat: Annotated[
        list[str] | None,
        typer.Option(
            help="Treatment, such as 'lenalidomide 25 mg daily'; '+' joins several. May be given again.",
            metavar="TREATMENT",
            show_default="none",
        ),
    ] = None,
    weeks: Annotated[float, typer.Option(help="Length of the course.")] = 24.0,
    compare: Annotated[str, typer.Option(help="Treatment that the others are compared with.")] = "none",
    out: Folder = None,
    readings: Annotated[
        int | None,
        typer.Option(
            min=0, help="Add readings with errors of this seed to the table of --out.", show_default="none"
        ),
    ] = None,
    parameters: Overlays = None,
    template: Annotated[
        bool, typer.Option("--template", help="Print a file of one's own to fill in, no more.")
    ] = False,
) -> None:
    """Follow one virtual patient under several treatments, side by side; differences are the treatment's."""
    from euexia.population import archetypes

    if template:
        results.print(archetypes.template(), end="", markup=False, soft_wrap=True)
        return
    from euexia import parameters as catalogue
    from euexia.study.regimen import parse
    from euexia.study.single_patient import simulate_patient

    found = archetypes.load(_named(who))
    numbers = catalogue.load(overlays=tuple(parameters or ()))
    reference = parse(compare, numbers)
    regimens = [parse(text, numbers) for text in treat or ()]
    if readings is not None and out is None:
        raise InputError("Readings are written to a table: add --out FOLDER.")
    _check_out(out)
    course = simulate_patient(found, regimens, weeks=weeks, parameters=numbers, reference=reference)
    results.print(_course(course))
    if out is not None:
        from euexia.report.patient_report import write_course

        tell(f"Report: {write_course(out, course, readings_seed=readings)}")
    _tell_research()


def explain(
    who: Who = None,
    *,
    out: Folder = None,
    draws: Annotated[
        int, typer.Option(min=20, max=500, help="Draws of the numbers that are not known.")
    ] = 200,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same figures.")] = 1,
    parameters: Overlays = None,
) -> None:
    """Say what drives one virtual patient's loss, and what each treatment could give back in 12 weeks."""
    from euexia import parameters as catalogue
    from euexia.population import archetypes
    from euexia.report.driver_report import best, sentences, write_drivers
    from euexia.study import drivers, recovery

    found = archetypes.load(_named(who))
    numbers = catalogue.load(overlays=tuple(parameters or ()))
    _check_out(out)
    why = drivers.explain(found, parameters=numbers)
    gains = recovery.recover(found, parameters=numbers, draws=draws, seed=seed)
    results.print(found.title, style="bold", markup=False)
    for sentence in sentences(why):
        results.print(sentence, markup=False)
    results.print(_shares(why, why.until_today, "Lost until today"))
    results.print(_shares(why, why.ahead, f"Lost in the next {why.weeks} weeks, as things stand"))
    results.print(_gains(gains))
    results.print(best(gains), markup=False)
    for label, reason in gains.left_out.items():
        tell(f"Left out: {label}. {reason}")
    if out is not None:
        tell(f"Report: {write_drivers(out, why, gains, numbers.hash)}")
    _tell_research()


def _named(who: str | None) -> str:
    """Return the patient that was named, or say which there are."""
    if who is not None:
        return who
    from euexia.population import archetypes

    raise InputError(
        f"Name a patient: {', '.join(archetypes.names())}, or a file of your own "
        "(euexia patient --template prints one)."
    )


def _check_out(out: Path | None) -> None:
    """Refuse a folder that cannot be written before anything is computed."""
    if out is not None:
        from euexia.study.store import check_folder

        check_folder(out)


def _tell_research() -> None:
    from euexia.report.patient_words import RESEARCH

    tell(RESEARCH)


def _table(title: str, first: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left", title_style="bold")
    table.add_column(Text(first), overflow="fold")
    for column in columns:
        table.add_column(Text(column), justify="right")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _course(course: PatientCourse) -> RenderableType:
    """Return tables for each treatment: values, and differences from the reference."""
    from rich.console import Group
    from rich.text import Text

    from euexia.report.patient_words import difference_rows, plain_rows, weeks_shown

    heads = tuple("today" if week == 0 else f"week {week:g}" for week in weeks_shown(course))
    tables = []
    for index, regimen in enumerate(course.regimens):
        tables.append(_table(regimen.label, "", heads, plain_rows(course, index)))
        gaps = difference_rows(course, index)
        if gaps and course.reference is not None:
            against = f"{regimen.label}: difference from {course.regimens[course.reference].label}"
            tables.append(_table(against, "", heads, gaps))
    return Group(Text(course.patient.title, style="bold"), *tables)


def _shares(drivers: Drivers, period: Period, title: str) -> Table:
    from euexia.report.driver_figures import OUTCOME_WORDS
    from euexia.report.formatting import number
    from euexia.study.drivers import active

    heads = tuple(f"{label} [{unit}]" for label, unit, _ in OUTCOME_WORDS.values())
    rows = [
        (
            channel.label,
            *(
                number(period.shares[outcome][channel.name], d)
                for outcome, (_, _, d) in OUTCOME_WORDS.items()
            ),
        )
        for channel in active(drivers, period)
    ]
    rows.append(
        ("In all", *(number(period.lost(outcome), d) for outcome, (_, _, d) in OUTCOME_WORDS.items()))
    )
    return _table(title, "Lost to", heads, rows)


def _gains(recoveries: Recoveries) -> Table:
    from euexia.report.driver_figures import OUTCOME_WORDS
    from euexia.report.driver_report import interval

    heads = tuple(f"{label} [{unit}]" for label, unit, _ in OUTCOME_WORDS.values())
    rows = [
        (
            entry.regimen.label,
            *(interval(entry.gains[outcome], d) for outcome, (_, _, d) in OUTCOME_WORDS.items()),
        )
        for entry in recoveries.treatments
    ]
    table = _table(
        f"Gained against no treatment in {recoveries.weeks} weeks: as stated, and the middle 90 % of draws",
        "Treatment",
        heads,
        rows,
    )
    table.caption = (
        f"{recoveries.used} draws of the model's numbers from their stated ranges, seed {recoveries.seed}; "
        "no confidence interval of a trial."
    )
    table.caption_justify = "left"
    return table
