"""What the commands about real patients print and log."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from euexia.core.choices import choose
from euexia.core.errors import InputError, OutputError

if TYPE_CHECKING:
    from euexia.assess.label_dose import Advice
    from euexia.assess.matching import Screening
    from euexia.assess.next_dose import NextDose
    from euexia.criteria.dosing_labels import Indication, Region

WORDS = {1: "yes", 0: "no", -1: "unknown"}
MATCH_COLUMNS = ("patient", "protocol", "eligible", "criterion", "text", "met", "reading", "missing")
MOST_HINDRANCES = 3


def matches(screening: Screening, most: int) -> RenderableType:
    """Return the answer for each patient, with the first hindrances."""
    eligible = screening.eligible
    counts = ", ".join(f"{word} {int((eligible == code).sum())}" for code, word in WORDS.items())
    table = Table(title=f"{screening.protocol.id}: {counts}", title_justify="left", title_style="bold")
    for name in ("Patient", "Fits", "Why not, or what is missing"):
        table.add_column(name, overflow="fold")
    for index in range(min(len(screening.at), most)):
        name = screening.record.patients[screening.at.patient[index]]
        table.add_row(name, WORDS[int(eligible[index])], _why(screening, index, int(eligible[index])))
    rest = len(screening.at) - most
    if rest > 0:
        return Group(table, Text(f"and {rest} more patients; --out FILE writes them all."))
    return table


def _why(screening: Screening, index: int, eligible: int) -> str:
    if eligible == 1:
        return "every criterion is met"
    lines = [line for line in screening.hindrances(index) if line.truth == eligible]
    if eligible == 0:
        texts = [f"{line.text} ({line.reading})" for line in lines[:MOST_HINDRANCES]]
        more = f"; and {len(lines) - MOST_HINDRANCES} more" if len(lines) > MOST_HINDRANCES else ""
        return "; ".join(texts) + more
    missing = dict.fromkeys(name for line in lines for name in line.missing)
    return f"not read: {', '.join(missing)}"


def write_matches(path: Path, screenings: Sequence[Screening]) -> None:
    """Write every criterion of every patient as CSV; the file must not exist."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(MATCH_COLUMNS)
    for screening in screenings:
        eligible = screening.eligible
        for index in range(len(screening.at)):
            answer = WORDS[int(eligible[index])]
            for line in screening.lines(index):
                cells = (line.patient, line.protocol, answer, line.criterion, line.text)
                writer.writerow((*cells, WORDS[line.truth], line.reading, "; ".join(line.missing)))
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(buffer.getvalue())
    except FileExistsError as error:
        raise InputError(f"'{path}' exists and is not overwritten. Choose another --out.") from error
    except OSError as error:
        raise OutputError(f"'{path}' cannot be written: {error.strerror or error}.") from error


def label_row(label: str, indication: str) -> tuple[Region, Indication]:
    """Return the label and its row by name; raise UnknownNameError that names the nearest one."""
    from euexia.criteria.dosing_labels import Indication, Region

    row = choose(
        "indication", indication, {entry.value: entry for entry in Indication}, asked_in="--indication"
    )
    return Region[label.upper()], row


def dose_lines(found: NextDose, advice: Advice) -> RenderableType:
    """Return the decisions so far, the next dose and its reasons."""
    head = Text(f"{found.patient}: {found.drug}, arm {found.arm} of {found.protocol}", style="bold")
    checks = [Text(f"  {check.date}  {check.text}") for check in found.checks]
    status = found.rule.status.value
    lines = [
        head,
        *checks,
        Text(f"  {advice.label}"),
        *(Text(f"  {reason}") for reason in advice.reasons),
        Text(f"Next dose: {said(advice, held=found.held, stopped=found.stopped)}", style="bold"),
        Text(
            f"The rule '{found.rule.name}' is {status}. {found.rule.source} Every dose is taken to have been "
            f"given as decided. {found.drug.capitalize()} is approved for no cachexia."
        ),
    ]
    return Group(*lines)


def said(advice: Advice, *, held: bool, stopped: bool) -> str:
    """Return the dose in words."""
    if advice.dose is None:
        return "cannot be said; see above"
    if stopped:
        return "none; treatment is stopped for good"
    if held:
        return "none; held until the next check"
    return f"{advice.dose:g} mg a day"


def log_dose(log: Path, record: Path, found: NextDose, advice: Advice, today: date) -> None:
    """Append the decision to the log, with the fingerprint of the table it rests on."""
    from euexia.assess import audit

    entry = {
        "decision": "dose",
        "asked_on": today.isoformat(),
        "patient": found.patient,
        "protocol": found.protocol,
        "arm": found.arm,
        "drug": found.drug,
        "rule": found.rule.name,
        "record": record.name,
        "record_sha256": hashlib.sha256(record.read_bytes()).hexdigest(),
        "checks": [
            {
                "date": check.date.isoformat(),
                "dose_mg": check.dose,
                "reason": check.reason,
                "text": check.text,
            }
            for check in found.checks
        ],
        "rule_dose_mg": found.dose,
        "held": found.held,
        "stopped": found.stopped,
        "label": advice.label,
        "next_dose_mg": advice.dose,
        "reasons": list(advice.reasons),
    }
    audit.append(log, entry)
