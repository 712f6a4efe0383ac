"""The subjects of SDTM: arm, age, sex and height, and the days of what happened to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from euexia.formats.dataset import Dataset
from euexia.standards import columns as of
from euexia.standards.sdtm_reading import day_zero, randomised
from euexia.standards.understanding import Remark, conflict, left_out, refuse, understood

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Datasets = Mapping[str, Dataset]

SEXES = {"F": 0.0, "M": 1.0}
SEX_NOT_KNOWN = ("", "U", "UNDIFFERENTIATED", "INTERSEX")
STAYED = (
    "COMPLETED",
    "RANDOMIZED",
    "SCREEN FAILURE",
    "DEATH",
    "ENTERED INTO TRIAL",
    "INFORMED CONSENT OBTAINED",
)
"""Disposition terms that are no withdrawal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The randomised subjects: the table of ``gathered``, day 0, arms in order, labels of arms."""

    table: pd.DataFrame
    zero: Floats
    arms: tuple[str, ...]
    labels: dict[str, str]

    @property
    def day_zero(self) -> dict[str, float]:
        """Return day 0 of each subject, days since 1960-01-01."""
        return dict(zip(self.table["subject"].tolist(), self.zero.tolist(), strict=True))


def people(datasets: Datasets, remarks: list[Remark]) -> People:
    """Return the randomised subjects of DM, with what DS, TS, TA and SUPPDM add."""
    every = datasets["DM"]
    dm = every.take(randomised(every, remarks))
    ds = datasets.get("DS")
    refuse_twice(every)
    subjects = of.text(dm, "USUBJID")
    zero = day_zero(dm, ds, remarks)
    happened = _disposition(ds, pd.Index(subjects), zero, remarks)
    blank = np.full(len(subjects), np.nan)
    death = _death(dm, datasets, happened.get("death_day", blank), zero, remarks)
    table = pd.DataFrame(
        {
            "subject": subjects,
            "arm": of.first_text(dm, "ARMCD", "ARM"),
            "age": _years(dm, remarks),
            "sex": sexes(dm, remarks),
            "height": blank,
            "enrolled_day": _enrolled(datasets, dm, zero, remarks),
            "death_day": death,
            "withdrawal_day": np.where(np.isnan(death), happened.get("withdrawal_day", blank), np.nan),
            "treatment_stop_day": _stop(
                dm, ds, happened.get("treatment_stop_day", blank), happened, zero, remarks
            ),
            "crossover_day": happened.get("crossover_day", blank),
            "rescue_day": happened.get("rescue_day", blank),
            "last_contact_day": of.dates(dm, "RFPENDTC", remarks) - zero,
        }
    )
    labels = dict(zip(table["arm"].tolist(), of.text(dm, "ARM").tolist(), strict=True))
    return People(table=table, zero=zero, arms=_arm_order(datasets), labels=labels)


def sexes(dataset: Dataset, remarks: list[Remark]) -> Floats:
    """Return 0 for F and 1 for M; U and the like are missing, any other word is remarked on."""
    words = of.capitals(dataset, "SEX")
    odd = np.flatnonzero(~np.isin(words, [*SEXES, *SEX_NOT_KNOWN]))
    if odd.size:
        place = f"{dataset.name}.SEX, row {int(odd[0]) + 1}"
        text = f"'{words[odd[0]]}' is neither F nor M; taken as missing."
        remarks.append(left_out("sex", place, text, int(odd.size)))
    return np.array([SEXES.get(word, np.nan) for word in words], dtype=np.float64)


def refuse_twice(dataset: Dataset) -> None:
    """Raise TrialDataError if a subject has two rows where there must be one."""
    subjects = pd.Series(of.text(dataset, "USUBJID"), dtype=object)
    twice = subjects[subjects.duplicated(keep=False)]
    if len(twice):
        raise refuse(
            dataset.name,
            [
                f"subject '{who}' has {len(rows)} rows ({', '.join(str(row + 1) for row in rows[:5])}) in "
                f"{dataset.name}, column USUBJID, where there must be one. Keep one."
                for who, rows in twice.groupby(twice, sort=False).groups.items()
            ],
        )


def _arm_order(datasets: Datasets) -> tuple[str, ...]:
    arms = datasets.get("TA")
    return () if arms is None else tuple(dict.fromkeys(of.text(arms, "ARMCD").tolist()))


def _years(dm: Dataset, remarks: list[Remark]) -> Floats:
    age, unit = of.numbers(dm, "AGE", remarks), of.text(dm, "AGEU")
    other = {one for one in unit if one and one.strip().upper() not in ("YEARS", "YEAR")}
    if other:
        text = f"AGE is in {', '.join(sorted(other))}, not in YEARS; taken as missing there."
        remarks.append(conflict("unit", "DM.AGEU", text))
    return np.where(np.isin(unit, list(other)), np.nan, age)


def _enrolled(datasets: Datasets, dm: Dataset, zero: Floats, remarks: list[Remark]) -> Floats:
    """Return the calendar day of randomisation from the opening of the trial: TS, else the first subject."""
    opening = np.nan
    summary = datasets.get("TS")
    if summary is not None:
        chosen = of.text(summary, "TSPARMCD") == np.array("SSTDTC", dtype=object)
        days = of.dates(summary.take(chosen), "TSVAL", remarks)
        opening = float(days[0]) if days.size else np.nan
    if np.isnan(opening) and not np.isnan(zero).all():
        opening = float(np.nanmin(zero))
        text = "the opening of the trial is not given; the first randomisation stands for it."
        remarks.append(understood("calendar", "TS.SSTDTC", text))
    enrolled = zero - opening
    supplement = datasets.get("SUPPDM")
    if supplement is not None:
        assumed = of.text(supplement, "QNAM") == np.array("RFSTASSU", dtype=object)
        whose = of.text(supplement, "USUBJID")[assumed]
        enrolled = np.where(np.isin(of.text(dm, "USUBJID"), whose), np.nan, enrolled)
    return enrolled


def _disposition(
    ds: Dataset | None, index: pd.Index, zero: Floats, remarks: list[Remark]
) -> dict[str, Floats]:
    """Return the days of what DS says happened."""
    if ds is None:
        return {}
    subject = of.text(ds, "USUBJID")
    start = of.rows_of(subject, zero, index)
    day = of.days_from(ds, "DSSTDTC", "DSSTDY", start, remarks)
    term = of.capitals(ds, "DSDECOD")
    category, part = of.capitals(ds, "DSCAT"), of.capitals(ds, "DSSCAT")
    event = (category == "DISPOSITION EVENT") | (category == "")
    of_treatment = np.array(["TREATMENT" in one for one in part], dtype=bool)
    left = event & ~np.isin(term, STAYED)
    chosen: dict[str, Flags] = {
        "death_day": term == "DEATH",
        "withdrawal_day": left & ~of_treatment,
        "treatment_stop_day": left & of_treatment,
        "crossover_day": term == "TREATMENT CROSSOVER",
        "rescue_day": term == "RESCUE THERAPY",
    }
    return {name: of.by_subject(subject[rows], day[rows], index) for name, rows in chosen.items()}


def _death(
    dm: Dataset, datasets: Datasets, of_disposition: Floats, zero: Floats, remarks: list[Remark]
) -> Floats:
    """Return the day of death: of DM, else of DS, else of a fatal adverse event."""
    own = of.dates(dm, "DTHDTC", remarks) - zero
    differs = ~np.isnan(own) & ~np.isnan(of_disposition) & (own != of_disposition)
    subjects = of.text(dm, "USUBJID")
    if differs.any():
        who = subjects[int(differs.argmax())]
        text = f"different days of death, of '{who}' for example; DM is taken."
        remarks.append(conflict("death", "DM and DS", text, int(differs.sum())))
    death = np.where(np.isnan(own), of_disposition, own)
    events = datasets.get("AE")
    if events is not None:
        fatal = (of.capitals(events, "AESDTH") == "Y") | (of.capitals(events, "AEOUT") == "FATAL")
        part = events.take(fatal)
        index = pd.Index(subjects)
        start = of.rows_of(of.text(part, "USUBJID"), zero, index)
        end = of.days_from(part, "AEENDTC", "AEENDY", start, remarks)
        late = of.by_subject(of.text(part, "USUBJID"), end, index)
        added = np.isnan(death) & ~np.isnan(late)
        if added.any():
            text = (
                f"death is known from a fatal event only, of '{subjects[int(added.argmax())]}' for example."
            )
            remarks.append(conflict("death", "AE", text, int(added.sum())))
        death = np.where(added, late, death)
    died = of.capitals(dm, "DTHFL") == "Y"
    lost = died & np.isnan(death)
    if lost.any():
        text = f"'{subjects[int(lost.argmax())]}' died, but no complete date of death is given; not recorded."
        remarks.append(conflict("death", "DM.DTHFL", text, int(lost.sum())))
    return death


def _stop(
    dm: Dataset,
    ds: Dataset | None,
    stopped: Floats,
    happened: Mapping[str, Floats],
    zero: Floats,
    remarks: list[Remark],
) -> Floats:
    """Return when treatment was stopped for good; without DSSCAT the last treatment of those who withdrew."""
    if ds is not None and "DSSCAT" in ds:
        return stopped
    withdrawn = happened.get("withdrawal_day")
    if withdrawn is None or np.isnan(withdrawn).all():
        return stopped
    last = of.dates(dm, "RFXENDTC", remarks) - zero
    text = "DS does not tell treatment from participation (DSSCAT); who withdrew stopped on RFXENDTC."
    remarks.append(understood("treatment stop", "DM.RFXENDTC", text, int((~np.isnan(withdrawn)).sum())))
    return np.where(np.isnan(withdrawn), np.nan, last)
