"""``euexia assess``, ``match`` and ``dose``: definitions, trials and the next dose of real patients."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.cli.consoles import results, tell
from euexia.cli.examples import examples
from euexia.core.errors import DataFileError, InputError

if TYPE_CHECKING:
    from euexia.assess.checks import Checked
    from euexia.assess.columns import Settings
    from euexia.assess.mapping import TableMapping

RESEARCH = "Research use only: Euexia is no medical device and gives no medical advice."
MOST_SHOWN = 12


class Reference(StrEnum):
    """Which earlier weight a loss is counted from."""

    LOOK_BACK = "look-back"
    MAXIMUM = "maximum"


class Baseline(StrEnum):
    """Which reading a response to treatment is counted from."""

    STATED = "stated"
    FIRST = "first"


class Cards(StrEnum):
    """Which patients get a page of their own."""

    AUTO = "auto"
    ALL = "all"
    NONE = "none"


class Label(StrEnum):
    """Whose label says how the kidneys limit the dose."""

    EU = "eu"
    US = "us"


class Point(StrEnum):
    """What stands before a number's decimals."""

    POINT = "point"
    COMMA = "comma"


Table = Annotated[
    Path, typer.Argument(help="Table of readings: CSV, Excel or Parquet.", metavar="PATIENTS", dir_okay=False)
]
Mapping_ = Annotated[
    Path | None, typer.Option("--mapping", help="What the table's columns mean.", show_default="tidy table")
]
KeepGoing = Annotated[
    bool, typer.Option("--keep-going", help="Leave out what cannot be read, and assess the rest.")
]
DateFormat = Annotated[
    str, typer.Option(help="How dates are written, such as %d.%m.%Y.", show_default="2026-01-31")
]
DecimalMark = Annotated[Point, typer.Option("--decimal", help="Decimal point or decimal comma.")]
Encoding = Annotated[str, typer.Option(help="Encoding of the text.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        epilog=examples(
            "euexia assess --template my-data",
            "euexia assess patients.csv --out assessment",
            "euexia assess clinic.xlsx --mapping clinic.yaml --keep-going --out assessment",
            remark=RESEARCH,
        )
    )(assess)
    app.command(epilog=examples("euexia match patients.csv", remark=RESEARCH))(match)
    app.command(
        epilog=examples(
            "euexia dose lenalidomide --record p1.csv --arm crp_guided --first-dose 2026-06-01 --label eu",
            remark=RESEARCH,
        )
    )(dose)


def assess(
    patients: Annotated[
        Path | None, typer.Argument(help="Table of readings: CSV, Excel or Parquet.", metavar="PATIENTS")
    ] = None,
    *,
    out: Annotated[Path, typer.Option(help="New folder for the tables, the report and the cards.")] = Path(
        "assessment"
    ),
    template: Annotated[
        Path | None,
        typer.Option(help="Write an example and a data dictionary into this new folder, no more."),
    ] = None,
    mapping: Mapping_ = None,
    reference: Annotated[
        Reference,
        typer.Option(help="Weight that a loss is counted from: at the look-back date, or the maximum."),
    ] = Reference.LOOK_BACK,
    baseline: Annotated[
        Baseline,
        typer.Option(help="What a response is counted from: a stated baseline, or the first reading."),
    ] = Baseline.STATED,
    carry: Annotated[float, typer.Option(min=0, help="Days for which a reading stays in force.")] = 30.0,
    last_only: Annotated[
        bool, typer.Option("--last-only", help="Assess each patient's last date only.")
    ] = False,
    cards: Annotated[
        Cards, typer.Option(help="A page for each patient; auto: up to 300 patients.")
    ] = Cards.AUTO,
    keep_going: KeepGoing = False,
    date_format: DateFormat = "",
    decimal: DecimalMark = Point.POINT,
    encoding: Encoding = "utf-8",
) -> None:
    """Say for each patient which published definitions hold, why, and what is missing."""
    if template is not None:
        from euexia.assess.template import write_template

        written = write_template(template)
        tell(f"Wrote {', '.join(written)}. Try: euexia assess {template / written[0]}")
        return
    if patients is None:
        raise InputError("Name the table of patients, or ask for an example with --template FOLDER.")
    from euexia.report.assessment import write_assessment
    from euexia.study.store import check_folder

    check_folder(out)
    layout = layout_of(mapping, date_format, decimal, encoding)
    checked = read_patients(patients, layout, keep_going=keep_going)
    tell_findings(checked)
    page = write_assessment(
        out, checked, settings=_settings(reference, baseline, carry), last_only=last_only, cards=cards.value
    )
    tell(f"Report: {page}\n{RESEARCH}")


def match(
    patients: Table,
    *,
    out: Annotated[
        Path | None, typer.Option(help="CSV file for every line of every protocol.", show_default="none")
    ] = None,
    mapping: Mapping_ = None,
    carry: Annotated[float, typer.Option(min=0, help="Days for which a reading stays in force.")] = 30.0,
    keep_going: KeepGoing = False,
    date_format: DateFormat = "",
    decimal: DecimalMark = Point.POINT,
    encoding: Encoding = "utf-8",
) -> None:
    """Say for each patient which shipped protocols fit: yes, no (and by how much), or what is missing."""
    from euexia.assess import matching
    from euexia.assess.columns import Settings
    from euexia.assess.record import occasions
    from euexia.cli import assess_output
    from euexia.protocol import loader

    checked = read_patients(
        patients, layout_of(mapping, date_format, decimal, encoding), keep_going=keep_going
    )
    tell_findings(checked)
    at = occasions(checked.record, last_only=True)
    screenings = [
        matching.screen(loader.load(name), checked.record, at, Settings(carry=carry))
        for name in loader.shipped()
    ]
    for screening in screenings:
        results.print(assess_output.matches(screening, MOST_SHOWN))
    if out is not None:
        assess_output.write_matches(out, screenings)
        tell(f"Every criterion of every patient: {out}")
    tell(RESEARCH)


def dose(
    drug: Annotated[str, typer.Argument(help="Drug, of the protocol of that name.", metavar="DRUG")],
    *,
    record: Annotated[Path, typer.Option(help="Table of the patient's readings.", dir_okay=False)],
    arm: Annotated[str, typer.Option(help="Arm of the protocol.")],
    first_dose: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Date of the first dose.", metavar="YYYY-MM-DD")
    ],
    label: Annotated[Label, typer.Option(help="Whose label limits the dose by renal function; they differ.")],
    indication: Annotated[
        str, typer.Option(help="Disease whose row of the label is read; none is for cachexia.")
    ] = "multiple_myeloma",
    dialysis: Annotated[bool, typer.Option("--dialysis", help="The patient is on dialysis.")] = False,
    patient: Annotated[
        str | None, typer.Option(help="Patient in the table.", show_default="the only one")
    ] = None,
    protocol: Annotated[
        str | None, typer.Option(help="Protocol, by name or file.", show_default="named like the drug")
    ] = None,
    log: Annotated[Path, typer.Option(help="Log that the decision is appended to.")] = Path("dose-log.jsonl"),
    mapping: Mapping_ = None,
    date_format: DateFormat = "",
    decimal: DecimalMark = Point.POINT,
) -> None:
    """Say the next dose of one patient by a protocol's rule, from real readings, and why."""
    from euexia.assess import label_dose
    from euexia.assess.next_dose import next_dose
    from euexia.cli import assess_output
    from euexia.protocol import loader

    if drug != label_dose.DRUG:
        raise InputError(f"The label of '{drug}' is not known here, only that of '{label_dose.DRUG}'.")
    region, row = assess_output.label_row(label.value, indication)
    checked = read_patients(record, layout_of(mapping, date_format, decimal, "utf-8"), keep_going=False)
    tell_findings(checked)
    found = next_dose(
        loader.load(protocol or drug),
        drug,
        arm,
        checked.record,
        _only(checked, patient),
        first_dose=first_dose.date(),
    )
    advice = label_dose.advise(found, region, row, dialysis=dialysis)
    assess_output.log_dose(log, record, found, advice, date.today())
    results.print(assess_output.dose_lines(found, advice))
    tell(f"Logged in {log}. {RESEARCH}")


def _only(checked: Checked, patient: str | None) -> str:
    names = checked.record.patients
    if patient is not None:
        return patient
    if len(names) != 1:
        raise InputError(f"The table holds {len(names)} patients. Name one with --patient.")
    return names[0]


def _settings(reference: Reference, baseline: Baseline, carry: float) -> Settings:
    from euexia.assess import columns

    chosen = {
        Reference.LOOK_BACK: columns.Reference.AT_LOOK_BACK,
        Reference.MAXIMUM: columns.Reference.MAXIMUM,
    }
    first = columns.Baseline(baseline.value)
    return columns.Settings(reference=chosen[reference], carry=carry, baseline=first)


def layout_of(mapping: Path | None, date_format: str, decimal: Point, encoding: str) -> TableMapping:
    """Return the table's layout; what the command line says goes before the mapping file."""
    from euexia.assess import mapping as mappings

    layout = mappings.load(mapping) if mapping is not None else mappings.TableMapping()
    if date_format:
        layout = dataclasses.replace(layout, date_format=date_format)
    if decimal is not Point.POINT:
        layout = dataclasses.replace(layout, decimal=mappings.Decimal(decimal.value))
    return layout if encoding == "utf-8" else dataclasses.replace(layout, encoding=encoding)


def read_patients(path: Path, layout: TableMapping, *, keep_going: bool) -> Checked:
    """Return the checked record of a table, telling what could not be read."""
    from euexia.assess.checks import check
    from euexia.assess.reading import read

    try:
        reading = read(path, layout, keep_going=keep_going)
    except DataFileError as error:
        if keep_going:
            raise
        raise InputError(f"{error}\nMend the table, or add --keep-going to assess the rest.") from error
    if reading.faults:
        tell(f"{len(reading.faults)} kinds of fault were met; these cells are left out:")
        for fault in reading.faults:
            tell(f"  - {fault}")
    return check(reading.record)


def tell_findings(checked: Checked) -> None:
    """Say what looks wrong in a table."""
    if not checked.findings:
        return
    withheld = sum(finding.withheld for finding in checked.findings)
    tell(
        f"{len(checked.findings)} things look wrong; the readings of {withheld} of them are used in no score:"
    )
    for finding in checked.findings[:MOST_SHOWN]:
        rows = f", row {', '.join(map(str, finding.rows))}" if finding.rows else ""
        tell(f"  - {finding.patient or 'all patients'}{rows}: {finding.kind}. {finding.text}")
    if len(checked.findings) > MOST_SHOWN:
        tell(f"  - and {len(checked.findings) - MOST_SHOWN} more.")
