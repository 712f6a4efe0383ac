"""Write what drives one patient's loss, in words that a clinician reads, with figures and numbers."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from euexia.report.content import Chapter, Drawn, Fold, Listing, Prose, Table
from euexia.report.driver_figures import OUTCOME_WORDS, drivers_picture, recovery_picture
from euexia.report.formatting import joined, number, percent
from euexia.report.patient_report import PAGE, patient_chapter, render_patient, write_pages
from euexia.report.patient_words import signed
from euexia.study.drivers import Drivers, Period, active
from euexia.study.recovery import Gain, Recoveries
from euexia.study.store import check_folder

DRIVERS = "drivers.csv"
LARGEST = 3
METHOD = (
    "Every mechanism is switched off, alone and in every combination with the others, from the beginning "
    "of the "
    "disease on, in the same healthy person (the switches are listed below). The share of a mechanism is its "
    "Shapley value: what it adds to the loss, averaged over all orders in which the mechanisms could be "
    "added. The "
    "shares therefore add up to the whole loss, and no mechanism is credited twice. A negative share means "
    "that the "
    "mechanism spares: someone who moves less burns less. Shares are of the model, not measured in the "
    "person."
)


def write_drivers(folder: Path, drivers: Drivers, recoveries: Recoveries, parameters_hash: str) -> Path:
    """Write the drivers of one patient into a new folder; return the path of the page.

    Raises InputError for a folder that is not empty, OutputError when it cannot be written.
    """
    check_folder(folder)
    chapters = driver_chapters(drivers, recoveries)
    page = render_patient(
        drivers.patient,
        chapters,
        eyebrow="What drives this virtual patient's loss",
        lead=(*sentences(drivers), best(recoveries)),
        parameters_hash=parameters_hash,
        table=DRIVERS,
    )
    contents = {PAGE: page.encode(), DRIVERS: driver_table(drivers, recoveries).encode()}
    return write_pages(folder, contents, chapters)


def sentences(drivers: Drivers) -> tuple[str, ...]:
    """Return what was lost until today and will be lost, and to what."""
    return (
        _sentence(drivers, drivers.until_today, "Until today"),
        _sentence(drivers, drivers.ahead, f"In the next {drivers.weeks} weeks, as things stand,"),
    )


def _sentence(drivers: Drivers, period: Period, when: str) -> str:
    parts = []
    for outcome, (label, unit, decimals) in OUTCOME_WORDS.items():
        lost = period.lost(outcome)
        verb = "lost" if lost >= 0 else "gained"
        amount = f"{number(abs(lost), decimals)} {unit} of {label[0].lower()}{label[1:]}"
        parts.append(f"{amount} {verb}{_to_what(drivers, period, outcome) if lost > 0 else ''}")
    return f"{when} {'; '.join(parts)}."


def _to_what(drivers: Drivers, period: Period, outcome: str) -> str:
    """Return the largest shares, in brackets."""
    shares = period.shares[outcome]
    largest = sorted(active(drivers, period), key=lambda channel: -shares[channel.name])[:LARGEST]
    decimals = OUTCOME_WORDS[outcome][2]
    named = [
        f"{channel.label[0].lower()}{channel.label[1:]} {number(shares[channel.name], decimals)}"
        for channel in largest
        if shares[channel.name] > 0
    ]
    return f" (most of it to {joined(tuple(named))})"


def best(recoveries: Recoveries) -> str:
    """Return which treatment gives most of each outcome back, with its interval."""
    if not recoveries.treatments:
        return "No treatment could be simulated for this patient."
    parts = []
    for outcome, (label, unit, decimals) in OUTCOME_WORDS.items():
        top = max(recoveries.treatments, key=lambda entry: entry.gains[outcome].stated)
        gain = interval(top.gains[outcome], decimals)
        parts.append(f"{label[0].lower()}{label[1:]}, {top.regimen.label} ({gain} {unit})")
    return f"In the model, most is given back in {recoveries.weeks} weeks for {'; for '.join(parts)}."


def interval(gain: Gain, decimals: int) -> str:
    """Return the stated gain with the middle 90 % of the draws."""
    return f"{signed(gain.stated, decimals)}, {number(gain.low, decimals)} to {number(gain.high, decimals)}"


def driver_chapters(drivers: Drivers, recoveries: Recoveries) -> tuple[Chapter, ...]:
    """Return the chapters of the page."""
    return (
        _period_chapter(drivers, drivers.until_today, "until-today", "Lost until today"),
        _period_chapter(drivers, drivers.ahead, "ahead", f"What the next {drivers.weeks} weeks would take"),
        _recovery_chapter(recoveries),
        Chapter(
            id="method",
            title="How the shares are found",
            blocks=(
                Prose(text=METHOD),
                Listing(items=tuple((channel.label, f"Off: {channel.off}.") for channel in drivers.channels)),
            ),
        ),
        patient_chapter(drivers.patient, drivers.until_today.first["body_weight"]),
    )


def _period_chapter(drivers: Drivers, period: Period, name: str, title: str) -> Chapter:
    picture = drivers_picture(drivers, period, name, title)
    columns = ("Lost to", *(f"{label} [{unit}]" for label, unit, _ in OUTCOME_WORDS.values()))
    rows = [
        (
            channel.label,
            *(
                _share(period, outcome, channel.name, decimals)
                for outcome, (_, _, decimals) in OUTCOME_WORDS.items()
            ),
        )
        for channel in active(drivers, period)
    ]
    total = (
        "In all",
        *(number(period.lost(outcome), decimals) for outcome, (_, _, decimals) in OUTCOME_WORDS.items()),
    )
    table = Table(caption=f"{title}, by mechanism", columns=columns, rows=(*rows, total))
    return Chapter(
        id=name, title=title, blocks=(Drawn(picture=picture), Fold(summary="In numbers", blocks=(table,)))
    )


def _share(period: Period, outcome: str, channel: str, decimals: int) -> str:
    share, lost = period.shares[outcome][channel], period.lost(outcome)
    if lost <= 0:
        return number(share, decimals)
    return f"{number(share, decimals)} ({percent(share / lost, 0)})"


def _recovery_chapter(recoveries: Recoveries) -> Chapter:
    columns = ("Treatment", *(f"{label} [{unit}]" for label, unit, _ in OUTCOME_WORDS.values()))
    rows = tuple(
        (
            entry.regimen.label,
            *(
                interval(entry.gains[outcome], decimals)
                for outcome, (_, _, decimals) in OUTCOME_WORDS.items()
            ),
        )
        for entry in recoveries.treatments
    )
    note = "Gain against no treatment: as stated, and the middle 90 % of the draws."
    if recoveries.used < recoveries.draws:
        note += (
            f" In {recoveries.draws - recoveries.used} of {recoveries.draws} draws this patient could not "
            "have come to the weight of today; they are not counted."
        )
    if recoveries.left_out:
        note += " Left out: " + " ".join(
            f"{label}. {reason}" for label, reason in recoveries.left_out.items()
        )
    text = (
        "Each treatment is given alone, at its usual dose or taken up in full, from today on. The patient's "
        "measurements are kept; every number of the model is drawn from its stated range, and every "
        "personal effect "
        "that the patient's file leaves open from its spread between patients. Toxicity counts only as far "
        "as it acts "
        "on appetite."
    )
    title = f"What could be given back in {recoveries.weeks} weeks"
    table = Table(caption=title, columns=columns, rows=rows, note=note, quiet=True)
    return Chapter(
        id="recovery",
        title=title,
        blocks=(Prose(text=text), Drawn(picture=recovery_picture(recoveries)), table),
    )


def driver_table(drivers: Drivers, recoveries: Recoveries) -> str:
    """Return every number as tidy CSV."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(("part", "outcome", "of", "value", "low", "high"))
    for period in (drivers.until_today, drivers.ahead):
        for outcome, shares in period.shares.items():
            writer.writerow((period.name, outcome, "all", repr(period.lost(outcome)), "", ""))
            for channel, share in shares.items():
                writer.writerow((period.name, outcome, channel, repr(share), "", ""))
    for entry in recoveries.treatments:
        for outcome, gain in entry.gains.items():
            cells = (repr(gain.stated), repr(gain.low), repr(gain.high))
            writer.writerow((f"gain in {recoveries.weeks} weeks", outcome, entry.regimen.label, *cells))
    return buffer.getvalue()
