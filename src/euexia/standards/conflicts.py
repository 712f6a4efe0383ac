"""Conflicts of gathered tables: who is not randomised, what has no day, what competes, what cannot be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from euexia.criteria.measures import MEASURES
from euexia.protocol.protocol import Protocol
from euexia.standards.understanding import Remark, conflict, left_out

Floats = NDArray[np.float64]


def of_known_subjects(
    rows: pd.DataFrame, subjects: pd.Series[str], what: str, remarks: list[Remark]
) -> pd.DataFrame:
    """Keep the rows of randomised subjects, with the place of each subject in the column ``index``."""
    index = pd.Index(subjects).get_indexer(pd.Index(rows["subject"]))
    strange = index < 0
    if strange.any():
        first = rows["subject"].iloc[int(strange.argmax())]
        people = rows["subject"][strange].nunique()
        remarks.append(
            conflict(
                "unknown subject",
                f"{what}s",
                f"of {people} subjects who are not randomised, '{first}' for example; left out.",
                int(strange.sum()),
            )
        )
    return rows.assign(index=index)[~strange].reset_index(drop=True)


def with_days(findings: pd.DataFrame, remarks: list[Remark]) -> pd.DataFrame:
    """Leave out values whose day is not known: nothing is imputed."""
    lost = findings["day"].isna() & findings["value"].notna()
    if lost.any():
        remarks.append(
            left_out(
                "day",
                _where(findings[lost].iloc[0]),
                "a reading without a complete date or study day; left out.",
                int(lost.sum()),
            )
        )
    return findings[~lost]


def under_observation(
    findings: pd.DataFrame, columns: dict[str, Floats], remarks: list[Remark]
) -> tuple[pd.DataFrame, dict[str, Floats]]:
    """Leave out readings after death; let a withdrawal be no earlier than the last reading."""
    if findings.empty:
        return findings, columns
    index = findings["index"].to_numpy(dtype=np.int64)
    day = findings["day"].to_numpy(dtype=float)
    has = findings["value"].notna().to_numpy()
    with np.errstate(invalid="ignore"):
        posthumous = day > columns["death_day"][index]
    if (posthumous & has).any():
        remarks.append(
            conflict(
                "after death",
                _where(findings[posthumous & has].iloc[0]),
                "a reading after the day of death; left out.",
                int((posthumous & has).sum()),
            )
        )
    kept, index, day, has = findings[~posthumous], index[~posthumous], day[~posthumous], has[~posthumous]
    with np.errstate(invalid="ignore"):
        later = has & (day > columns["withdrawal_day"][index])
    withdrawal = columns["withdrawal_day"].copy()
    np.maximum.at(withdrawal, index[later], day[later])
    moved = int((withdrawal > columns["withdrawal_day"]).sum())
    if moved:
        remarks.append(
            conflict(
                "after withdrawal",
                _where(kept[later].iloc[0]),
                "read after the day of withdrawal; the last reading is taken for the day of withdrawal.",
                moved,
            )
        )
    return kept, columns | {"withdrawal_day": withdrawal}


def one_for_a_visit(findings: pd.DataFrame, remarks: list[Remark]) -> pd.DataFrame:
    """Keep one reading of a measure for each visit: the one flagged, else the later one."""
    if findings.empty:
        return findings
    key = ["index", "measure", "visit", "planned"]
    ordered = findings.assign(known=findings["value"].notna()).sort_values(
        ["known", "rank", "day", "row"], kind="stable"
    )
    again = ordered.duplicated(key, keep="last")
    if not again.any():
        return findings
    lost = ordered[again & ordered["known"]]
    chosen = ordered[~again].set_index(key)
    winner = chosen.loc[pd.MultiIndex.from_frame(lost[key])]
    same = (winner["value"].to_numpy() == lost["value"].to_numpy()) & (
        winner["day"].to_numpy() == lost["day"].to_numpy()
    )
    remarks += _duplicates(lost, winner, same)
    return ordered[~again].sort_index()


def _duplicates(lost: pd.DataFrame, winner: pd.DataFrame, same: NDArray[np.bool_]) -> Iterator[Remark]:
    if same.any():
        text = "the same reading is there twice; one is kept."
        yield conflict("duplicate", _where(lost[same].iloc[0]), text, int(same.sum()))
    for measure in dict.fromkeys(lost["measure"][~same]):
        here = ~same & (lost["measure"] == measure).to_numpy()
        first, kept = lost[here].iloc[0], winner[here].iloc[0]
        yield conflict(
            "duplicate",
            _where(first),
            f"'{measure}' of subject '{first['subject']}' at visit '{first['visit']}' is {first['value']:g} "
            f"(day {first['day']:g}) and {kept['value']:g} (day {kept['day']:g}, row {int(kept['row'])}); "
            "the flagged or else the later reading is kept.",
            int(here.sum()),
        )


def beyond_plausible(findings: pd.DataFrame) -> Iterator[Remark]:
    """Name readings outside the plausible range of their measure; they are kept."""
    if findings.empty:
        return
    low = findings["measure"].map({name: measure.low for name, measure in MEASURES.items()})
    high = findings["measure"].map({name: measure.high for name, measure in MEASURES.items()})
    odd = findings[(findings["value"] < low) | (findings["value"] > high)]
    for measure, rows in odd.groupby("measure", sort=False):
        known = MEASURES[str(measure)]
        yield conflict(
            "implausible",
            _where(rows.iloc[0]),
            f"'{measure}' is {rows['value'].iloc[0]:g}, outside {known.low:g} to {known.high:g} "
            f"{known.unit}; kept as it is.",
            len(rows),
        )


def outside_windows(findings: pd.DataFrame, protocol: Protocol) -> Iterator[Remark]:
    """Name visits that were held outside the window of the protocol, and visits it does not know."""
    windows = {visit.name: (visit.day, visit.window) for visit in protocol.schedule.visits}
    known = findings[findings["visit"].isin(windows) & findings["value"].notna()]
    for name, rows in known.groupby("visit", sort=False):
        planned, window = windows[str(name)]
        out = (rows["day"] - planned).abs() > window
        if planned > 0 and out.any():
            first = rows[out].iloc[0]
            yield conflict(
                "visit window",
                _where(first),
                f"visit '{name}' of subject '{first['subject']}' on day {first['day']:g}, planned "
                f"{planned:g} ± {window:g}; kept.",
                int(rows[out]["index"].nunique()),
            )
    strange = dict.fromkeys(findings["visit"][~findings["visit"].isin(windows) & (findings["planned"] > 0)])
    for name in strange:
        yield left_out(
            "visit", "visits", f"'{name}' is no visit of protocol '{protocol.id}'; kept as its own."
        )


def _where(row: pd.Series) -> str:
    return f"{row['source']}, row {int(row['row'])}"
