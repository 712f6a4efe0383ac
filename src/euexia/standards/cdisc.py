"""CDISC in: SDTM and ADaM, in any format and mixture, to trial data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from euexia.formats.dataset import Dataset
from euexia.formats.read import ending_format
from euexia.protocol.protocol import Protocol
from euexia.standards import adam_reading, sdtm_courses, sdtm_people, sdtm_reading
from euexia.standards import columns as of
from euexia.standards.assembling import assemble, matched
from euexia.standards.codes import layouts
from euexia.standards.collecting import Collected, check_columns, collect, stem
from euexia.standards.dates import iso_dates
from euexia.standards.gathered import DOSES, EVENTS, FINDINGS, Gathered, together
from euexia.standards.stacking import stack
from euexia.standards.understanding import Remark, Source, Understanding, left_out, refuse
from euexia.trialdata.trialdata import TrialData

TRIAL_FOLDERS = "trial_*"
MARKS = frozenset({"dm", "adsl"})


def recognise(path: Path, mapping: Path | None) -> bool:
    """Say whether a file or a folder holds SDTM or ADaM: by the names of files, or by USUBJID in one file."""
    if mapping is not None:
        return False
    if path.is_dir():
        names = {stem(file) for file in path.iterdir() if file.is_file() and ending_format(file)}
        return bool(names & MARKS) or bool(_trials(path))
    name = stem(path)
    known = {*layouts().domains, *layouts().findings_domains, *layouts().basic_datasets}
    return ending_format(path) is not None and (name.upper() in known or path.suffix == ".xpt")


def read(path: Path, mapping: Path | None, protocol: Protocol | None) -> tuple[TrialData, Understanding]:
    """Read the SDTM and ADaM datasets of a folder, or of a folder for each trial of a stack.

    Raises DataFileError for a file that cannot be read, TrialDataError where the datasets are no trial.
    """
    del mapping
    folders = _trials(path) if path.is_dir() else ()
    if not folders:
        return read_trial(collect(path), protocol, str(path))
    return stack([read_trial(collect(folder), protocol, str(folder)) for folder in folders], path)


def _trials(path: Path) -> tuple[Path, ...]:
    return tuple(sorted(one for one in path.glob(TRIAL_FOLDERS) if one.is_dir()))


def read_trial(collected: Collected, protocol: Protocol | None, path: str) -> tuple[TrialData, Understanding]:
    """Return the trial of some datasets, whose names are domains or ADaM datasets."""
    gathered, read_from = gather(collected, path)
    data, remarks = assemble(gathered, protocol, path)
    if protocol is not None:
        remarks = (*matched(protocol, gathered), *remarks)
    has = set(collected.datasets)
    parts = [name for name, marks in (("SDTM", "DM" in has), ("ADaM", "ADSL" in has)) if marks]
    return data, Understanding(
        standard=" and ".join(parts) or "CDISC",
        sources=gathered.sources,
        remarks=remarks,
        subjects=(tuple(gathered.people["subject"]),),
        day_zero=(gathered.day_zero,),
        measures=read_from,
    )


def gather(collected: Collected, path: str) -> tuple[Gathered, dict[str, str]]:
    """Return the tables of a trial in days from randomisation, and what each measure was read from."""
    check_columns(collected, path)
    datasets, remarks = collected.datasets, list(collected.remarks)
    who = _people(datasets, remarks, path)
    zero, read_from = who.day_zero, dict[str, str]()
    lost = np.isnan(who.zero)
    if lost.any():
        first = who.table["subject"].iloc[int(lost.argmax())]
        text = f"no day 0 of '{first}', for example; only study days count."
        remarks.append(left_out("day 0", "DM" if "DM" in datasets else "ADSL", text, int(lost.sum())))
    readings = _findings(datasets, collected.roles, zero, remarks, read_from)
    table = _completed(who.table, readings)
    heights = readings["measure"] == "height"
    if bool(heights.any()) and int(readings[heights]["subject"].value_counts().max()) == 1:
        readings = readings[~heights]  # measured once: it is the height of the subject
    events = _events(datasets, zero, remarks)
    doses = [sdtm_courses.doses(datasets["EX"], zero, remarks)] if "EX" in datasets else []
    gathered = Gathered(
        study=_study(datasets),
        people=table,
        findings=readings.reset_index(drop=True),
        doses=together(doses, DOSES),
        events=together([events], EVENTS),
        arms=who.arms,
        labels=who.labels,
        day_zero=tuple(date or "" for date in iso_dates(who.zero)),
        remarks=tuple(remarks),
        sources=_sources(collected, readings, len(table)),
    )
    return gathered, read_from


def _people(datasets: Mapping[str, Dataset], remarks: list[Remark], path: str) -> sdtm_people.People:
    if "DM" in datasets:
        who = sdtm_people.people(datasets, remarks)
        if "ADSL" in datasets:
            return _with_adsl(who, adam_reading.people(datasets["ADSL"], remarks))
        return who
    if "ADSL" in datasets:
        return adam_reading.people(datasets["ADSL"], remarks)
    found = ", ".join(datasets) or "nothing"
    raise refuse(
        path, [f"neither DM nor ADSL says who was randomised to what (found: {found}). Add one of them."]
    )


def _with_adsl(who: sdtm_people.People, other: sdtm_people.People) -> sdtm_people.People:
    """Fill from ADSL what DM and DS leave open."""
    added = other.table.set_index("subject").reindex(who.table["subject"]).reset_index()
    table = who.table.copy()
    for name in table.columns:
        if name not in ("subject", "arm"):
            table[name] = table[name].where(table[name].notna(), added[name])
    arms = who.arms or tuple(
        dict.fromkeys(
            table["arm"].iloc[i] for i in np.argsort(pd.Categorical(added["arm"], other.arms).codes)
        )
    )
    return replace(who, table=table, arms=arms)


def _findings(
    datasets: Mapping[str, Dataset],
    roles: Mapping[str, str],
    zero: Mapping[str, float],
    remarks: list[Remark],
    read_from: dict[str, str],
) -> pd.DataFrame:
    """Return all readings: of SDTM, and of ADaM those of measures that SDTM does not have."""
    collected = [
        sdtm_reading.findings(datasets[name], domain, zero, remarks, read_from)
        for name, domain in roles.items()
        if domain in layouts().findings_domains
    ]
    taken = set(read_from)
    analysed = [
        adam_reading.findings(dataset, zero, remarks, read_from)
        for dataset in datasets.values()
        if adam_reading.is_basic(dataset)
    ]
    return together(
        [*collected, *(part[~part["measure"].isin(taken)] for part in analysed)], FINDINGS
    ).astype({"planned": float, "day": float, "value": float, "rank": float})


def _completed(table: pd.DataFrame, readings: pd.DataFrame) -> pd.DataFrame:
    """Fill height and last contact from the readings where nothing else says them."""
    height = readings[(readings["measure"] == "height") & readings["value"].notna()]
    first = height.sort_values("day", kind="stable").groupby("subject")["value"].first()
    known = readings[readings["value"].notna()]
    last = known.groupby("subject")["day"].max()
    table = table.copy()
    table["height"] = table["height"].where(
        table["height"].notna(), table["subject"].map(first).astype(float)
    )
    blank = table["last_contact_day"].isna()
    end = table["subject"].map(last).astype(float)
    for name in ("withdrawal_day", "death_day"):
        end = table[name].where(table[name].notna(), end)
    table["last_contact_day"] = table["last_contact_day"].where(~blank, end)
    return table


def _events(
    datasets: Mapping[str, Dataset], zero: Mapping[str, float], remarks: list[Remark]
) -> pd.DataFrame:
    name = next((one for one in ("AE", "ADAE") if one in datasets), "")
    if not name:
        return together([], EVENTS)
    return sdtm_courses.events(datasets[name], zero, remarks)


def _study(datasets: Mapping[str, Dataset]) -> str:
    names = next(iter(datasets.values()))
    found = [one for one in of.text(names, "STUDYID") if one]
    return found[0].lower() if found else "study"


def _sources(collected: Collected, readings: pd.DataFrame, people: int) -> tuple[Source, ...]:
    used = readings["source"].value_counts()
    whole = ("DS", "EX", "AE", "TS", "TA", "SUPPDM", "ADAE")
    return tuple(
        Source(
            name=name,
            role=collected.roles.get(name, ""),
            rows=dataset.records,
            used=people
            if name in ("DM", "ADSL")
            else int(used.get(name, dataset.records if name in whole else 0)),
        )
        for name, dataset in collected.datasets.items()
    )
