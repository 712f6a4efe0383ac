"""Gathered tables to trial data: every randomised subject keeps a row, every conflict is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from euexia.protocol.protocol import Protocol
from euexia.standards import conflicts
from euexia.standards.codes import arm_codes, plain_name
from euexia.standards.gathered import DAYS, Gathered
from euexia.standards.understanding import Remark, conflict, left_out, refuse, understood
from euexia.trialdata.checks import check
from euexia.trialdata.trialdata import Dosing, Events, Readings, TrialData

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DAYS_OF_MONTH = 30.4375
ONLY_WHERE_KNOWN = ("crossover_day", "rescue_day")
"""Subject columns that trial data have only if anything in them is known."""


def assemble(
    gathered: Gathered, protocol: Protocol | None, path: str
) -> tuple[TrialData, tuple[Remark, ...]]:
    """Return a stack of one trial, and the remarks of the reader with those found here.

    protocol: its arms and visits are matched by name, label or code; without it the trial has its own.
    Raises TrialDataError if there is nobody, a subject is there twice, or an arm cannot be matched.
    """
    remarks = list(gathered.remarks)
    people = gathered.people.reset_index(drop=True)
    _check_people(people, path)
    arms, arm = _arms(gathered, protocol, path)
    columns = {name: people[name].to_numpy(dtype=float) for name in ("age", "sex", "height", *DAYS)}
    findings = conflicts.of_known_subjects(gathered.findings, people["subject"], "reading", remarks)
    findings = conflicts.with_days(findings, remarks)
    findings = _with_visits(findings, protocol, remarks)
    findings, columns = conflicts.under_observation(findings, columns, remarks)
    findings = conflicts.one_for_a_visit(findings, remarks)
    remarks += conflicts.beyond_plausible(findings)
    if protocol is not None:
        remarks += conflicts.outside_windows(findings, protocol)
    subjects = {"arm": arm, **columns}
    data = TrialData(
        protocol_id=gathered.study if protocol is None else protocol.id,
        arms=arms,
        subjects={
            name: column[np.newaxis]
            for name, column in subjects.items()
            if name not in ONLY_WHERE_KNOWN or not np.isnan(column).all()
        },
        readings=_all_readings(findings, len(people), protocol, remarks),
        dosing=_dosing(
            conflicts.of_known_subjects(gathered.doses, people["subject"], "dose", remarks),
            len(people),
            remarks,
        ),
        events=_events(
            conflicts.of_known_subjects(gathered.events, people["subject"], "adverse event", remarks), remarks
        ),
        screening=None,
    )
    return check(data, plausible=False), tuple(remarks)


def _check_people(people: pd.DataFrame, path: str) -> None:
    if people.empty:
        raise refuse(path, ["nobody was randomised: no subject has an arm. Give DM or ADSL with arms."])
    twice = people["subject"][people["subject"].duplicated(keep=False)]
    if len(twice):
        rows = ", ".join(str(row + 1) for row in twice.index[:4])
        raise refuse(
            path,
            [
                f"subject '{name}' is there twice, in rows {rows} of those randomised. Keep one."
                for name in twice.unique()
            ],
        )


def _arms(gathered: Gathered, protocol: Protocol | None, path: str) -> tuple[tuple[str, ...], Floats]:
    """Return the arms, and the arm of each subject as an index."""
    written = gathered.people["arm"].astype(str)
    present = list(dict.fromkeys(written))
    if protocol is None:
        listed = [arm for arm in gathered.arms if arm in present] + sorted(set(present) - set(gathered.arms))
        if any(arm in present for arm in gathered.arms):
            listed = [*gathered.arms, *sorted(set(present) - set(gathered.arms))]
        names = tuple(plain_name(arm) or arm for arm in listed)
        if len(set(names)) == len(names):
            return names, np.array([float(listed.index(arm)) for arm in written])
        return tuple(listed), np.array([float(listed.index(arm)) for arm in written])
    known = _arm_names(protocol)
    found = {arm: _match(arm, gathered.labels.get(arm, ""), known) for arm in present}
    strangers = [arm for arm, index in found.items() if index is None]
    if strangers:
        named = ", ".join(f"{arm.name} ({arm.label})" for arm in protocol.arms)
        raise refuse(
            path,
            [
                f"arm '{arm}' ({int((written == arm).sum())} subjects) is none of the arms of protocol "
                f"'{protocol.id}': {named}. Rename one of the two, or read without the protocol."
                for arm in strangers
            ],
        )
    return tuple(arm.name for arm in protocol.arms), np.array([float(found[arm] or 0) for arm in written])


def _arm_names(protocol: Protocol) -> dict[str, int]:
    names = tuple(arm.name for arm in protocol.arms)
    known: dict[str, int] = {}
    for words in (tuple(arm.label for arm in protocol.arms), arm_codes(names), names):
        known |= {plain_name(word): index for index, word in enumerate(words)}
    return known


def _match(arm: str, label: str, known: dict[str, int]) -> int | None:
    by_code = known.get(plain_name(arm))
    return by_code if by_code is not None else known.get(plain_name(label))


def _with_visits(findings: pd.DataFrame, protocol: Protocol | None, remarks: list[Remark]) -> pd.DataFrame:
    """Give every reading a visit with a planned day: of the files, of the protocol, else the median day."""
    if findings.empty:
        return findings
    told = findings.groupby("visit", sort=False).agg(
        planned=("planned", "median"),
        day=("day", "median"),
        rows=("day", "size"),
        kinds=("planned", "nunique"),
    )
    by_name = {} if protocol is None else {visit.name: visit.day for visit in protocol.schedule.visits}
    named = [name for name in told.index if name in by_name]
    silent = told["planned"].isna() & ~told.index.isin(named)
    titled = [name for name in told.index[silent] if not np.isnan(day_of_name(str(name)))]
    if titled:
        text = f"no planned day is given for {_some(titled)}; it is read off the name."
        remarks.append(understood("planned day", "visits", text, len(titled)))
    guessed = told.index[silent & ~told.index.isin(titled)]
    if len(guessed):
        remarks.append(
            left_out(
                "planned day",
                "visits",
                f"no planned day is given for {_some(guessed)}; the median of the days on which they were "
                "held stands for it.",
                len(guessed),
            )
        )
    by_title = pd.Series({name: day_of_name(str(name)) for name in told.index}, dtype=float)
    settled = told["planned"].where(~silent, by_title.fillna(np.floor(told["day"].fillna(0.0))))
    for name in named:
        settled[name] = by_name[name]
    single = (told["kinds"] <= 1) | told.index.isin(named)
    planned = findings["planned"].to_numpy(dtype=float)
    common = findings["visit"].map(settled).to_numpy(dtype=float)
    keep_own = ~findings["visit"].map(single).to_numpy(dtype=bool) & ~np.isnan(planned)
    return findings.assign(planned=np.where(keep_own, planned, common))


def day_of_name(visit: str) -> float:
    """Return the planned day that the name of a visit says: baseline, week_8, day_15 (study day), month_3."""
    if visit == "baseline":
        return 0.0
    found = re.fullmatch(r"(week|day|month)_(\d+)", visit)
    if found is None:
        return np.nan
    number = float(found[2])
    days = {"week": 7 * number, "day": number - 1, "month": DAYS_OF_MONTH * number}
    return float(np.floor(days[found[1]]))


def _some(names: Any) -> str:
    shown = ", ".join(f"'{name}'" for name in list(names)[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more visits"


def _all_readings(
    findings: pd.DataFrame, size: int, protocol: Protocol | None, remarks: list[Remark]
) -> dict[str, Readings]:
    readings = {
        str(measure): _readings(rows, size) for measure, rows in findings.groupby("measure", sort=False)
    }
    if protocol is None:
        return readings
    wanted: dict[str, list[tuple[str, float]]] = {}
    for visit in protocol.schedule.visits:
        for measure in visit.measures:
            wanted.setdefault(measure, []).append((visit.name, visit.day))
    for measure, visits in wanted.items():
        if measure not in readings:
            remarks.append(
                left_out("measure", "data", f"the protocol reads '{measure}'; nothing of it is here.")
            )
            nothing = np.full((1, size, len(visits)), np.nan)
            readings[measure] = Readings(
                visits=tuple(name for name, _ in visits),
                planned=np.array([day for _, day in visits]),
                day=nothing,
                value=nothing.copy(),
            )
    return readings


def _readings(rows: pd.DataFrame, size: int) -> Readings:
    visits = rows[["visit", "planned"]].drop_duplicates().sort_values("planned", kind="stable")
    keys = pd.MultiIndex.from_frame(visits)
    place = keys.get_indexer(pd.MultiIndex.from_frame(rows[["visit", "planned"]]))
    day, value = (np.full((1, size, len(visits)), np.nan) for _ in range(2))
    subject = rows["index"].to_numpy(dtype=np.int64)
    day[0, subject, place] = rows["day"].to_numpy(dtype=float)
    value[0, subject, place] = rows["value"].to_numpy(dtype=float)
    return Readings(
        visits=tuple(map(str, visits["visit"])),
        planned=visits["planned"].to_numpy(dtype=float),
        day=day,
        value=value,
    )


def _dosing(doses: pd.DataFrame, size: int, remarks: list[Remark]) -> dict[str, Dosing]:
    return {
        str(drug): _of_drug(str(drug), rows, size, remarks)
        for drug, rows in (doses.groupby("drug", sort=False) if len(doses) else ())
    }


def _of_drug(drug: str, rows: pd.DataFrame, size: int, remarks: list[Remark]) -> Dosing:
    planned = np.unique(rows["planned"].to_numpy(dtype=float))
    decision = np.searchsorted(planned, rows["planned"].to_numpy(dtype=float))
    subject = rows["index"].to_numpy(dtype=np.int64)
    words = rows["reason"].fillna("").astype(str)
    reasons = tuple(dict.fromkeys(word for word in words if word))
    codes = {word: index for index, word in enumerate(reasons)} | {"": -1}
    dose = np.full((1, size, len(planned)), np.nan)
    reason = np.full(dose.shape, -1, dtype=np.int64)
    twice = int(pd.DataFrame({"subject": subject, "decision": decision}).duplicated().sum())
    if twice:
        remarks.append(
            conflict("duplicate", f"doses of '{drug}'", "two doses on one day; the last row is taken.", twice)
        )
    dose[0, subject, decision] = rows["dose"].to_numpy(dtype=float)
    reason[0, subject, decision] = words.map(codes).to_numpy(dtype=np.int64)
    return Dosing(drug=drug, planned=planned, dose=dose, reason=reason, reasons=reasons)


def _events(rows: pd.DataFrame, remarks: list[Remark]) -> Events:
    graded = rows["grade"].notna() if len(rows) else pd.Series(dtype=bool)
    if len(rows) and not graded.all():
        remarks.append(
            left_out("grade", "adverse events", "no grade and no severity; left out.", int((~graded).sum()))
        )
    rows = rows[graded] if len(rows) else rows
    count = len(rows)
    return Events(
        trial=np.zeros(count, dtype=np.int64),
        subject=rows["index"].to_numpy(dtype=np.int64),
        day=rows["day"].to_numpy(dtype=float),
        term=np.array([str(term) for term in rows["term"]], dtype=np.str_),
        grade=rows["grade"].to_numpy(dtype=np.int64),
        serious=rows["serious"].to_numpy(dtype=bool),
    )


def matched(protocol: Protocol, gathered: Gathered) -> Iterator[Remark]:
    """Say which arm of the files is which arm of the protocol."""
    known = _arm_names(protocol)
    for arm in dict.fromkeys(gathered.people["arm"].astype(str)):
        index = _match(arm, gathered.labels.get(arm, ""), known)
        if index is not None:
            yield understood("arm", "arms", f"'{arm}' is the arm '{protocol.arms[index].name}'.")
