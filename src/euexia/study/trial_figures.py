"""What a trial is judged by, one number for each trial: chances, people, time and money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from euexia.core.studytime import DAYS_PER_MONTH
from euexia.protocol.protocol import Protocol
from euexia.study.block import Block
from euexia.study.costs import Costs
from euexia.study.success import successes

Floats = NDArray[np.float64]


class Kind(StrEnum):
    """What sort of number a figure is."""

    SHARE = "share"
    """Of trials, or of patients."""
    PATIENTS = "patients"
    MONTHS = "months"
    VISITS = "visits"
    MONEY = "money"


class Whom(StrEnum):
    """Whom a figure concerns first."""

    TREATED_LATER = "patients to be treated later"
    IN_TRIAL = "patients in the trial"
    SPONSOR = "who runs and pays the trial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One thing by which designs are judged.  larger_is_better: None where neither is."""

    name: str
    label: str
    kind: Kind
    whom: Whom
    larger_is_better: bool | None


def _figure(name: str, label: str, kind: Kind, whom: Whom, larger_is_better: bool | None) -> Figure:
    return Figure(name=name, label=label, kind=kind, whom=whom, larger_is_better=larger_is_better)


POWER, FALSE_SUCCESS, CORRECT, PATIENTS = "success", "false_success", "correct_decision", "patients"
EXPOSED, IN_VAIN, SERIOUS, DEATHS, VISITS = "exposed", "in_vain", "serious", "deaths", "visits"
SCREENED, MONTHS, COST = "screened", "duration", "cost"

FIGURES: Mapping[str, Figure] = {
    entry.name: entry
    for entry in (
        _figure(POWER, "Trials that succeed (power)", Kind.SHARE, Whom.TREATED_LATER, True),
        _figure(
            FALSE_SUCCESS,
            "Trials that succeed if the drug does nothing",
            Kind.SHARE,
            Whom.TREATED_LATER,
            False,
        ),
        _figure(
            CORRECT,
            "Correct decisions, were the drug as likely to work as not",
            Kind.SHARE,
            Whom.TREATED_LATER,
            True,
        ),
        _figure(
            MONTHS,
            "Months from the first candidate to the last visit",
            Kind.MONTHS,
            Whom.TREATED_LATER,
            False,
        ),
        _figure(EXPOSED, "Patients given a study treatment", Kind.PATIENTS, Whom.IN_TRIAL, None),
        _figure(
            IN_VAIN,
            "Patients given a study treatment in an arm that does not succeed",
            Kind.PATIENTS,
            Whom.IN_TRIAL,
            False,
        ),
        _figure(DEATHS, "Patients who die before the primary assessment", Kind.PATIENTS, Whom.IN_TRIAL, None),
        _figure(SERIOUS, "Share of patients with a serious adverse event", Kind.SHARE, Whom.IN_TRIAL, False),
        _figure(VISITS, "Planned visits of each patient", Kind.VISITS, Whom.IN_TRIAL, False),
        _figure(PATIENTS, "Patients randomised", Kind.PATIENTS, Whom.SPONSOR, False),
        _figure(SCREENED, "Candidates screened", Kind.PATIENTS, Whom.SPONSOR, False),
        _figure(COST, "Cost of the trial", Kind.MONEY, Whom.SPONSOR, False),
    )
}
"""Every figure, in the order in which they are shown."""
ARM = "success."
"""How the name of an arm's own power begins."""


def figures_of(
    protocol: Protocol, modelled: Sequence[Block], null: Sequence[Block], costs: Costs
) -> dict[str, Floats]:
    """Return every figure of trials, shape (trials,) each, and the power of each arm that has one.

    modelled, null: the same trials with the study drug as modelled, and without any effect.
    Time and what hangs on it are left out where the trials have no screening, cost where none is known.
    """
    by_arm = successes(protocol, modelled)
    works, errs = _any(by_arm, modelled), _any(successes(protocol, null), null)
    patients = np.concatenate([block.arms.patients for block in modelled]).astype(float)
    found = {POWER: works, FALSE_SUCCESS: errs, CORRECT: (works + 1 - errs) / 2}
    found |= {f"{ARM}{arm}": flags.astype(float) for arm, flags in by_arm.items()}
    found |= _people(protocol, modelled, patients, by_arm)
    screening = [block.screening for block in modelled if block.screening is not None]
    if screening:
        found[SCREENED] = np.concatenate([part.screened for part in screening]).astype(float)
        follow_up = protocol.schedule.follow_up / DAYS_PER_MONTH
        found[MONTHS] = np.concatenate([part.months for part in screening]) + follow_up
    if screening and costs.are_known:
        found[COST] = costs.price(
            patients=found[PATIENTS],
            visits=found[PATIENTS] * found[VISITS],
            screened=found[SCREENED],
            months=found[MONTHS],
        )
    order = [name for name in (*FIGURES, *found) if name in found]
    return {name: found[name] for name in dict.fromkeys(order)}


def _any(by_arm: Mapping[str, NDArray[np.bool_]], blocks: Sequence[Block]) -> Floats:
    """Return in which trials at least one arm succeeds."""
    if not by_arm:
        return np.zeros(sum(block.trials for block in blocks))
    return np.asarray(np.any(list(by_arm.values()), axis=0), dtype=float)


def _people(
    protocol: Protocol,
    blocks: Sequence[Block],
    patients: Floats,
    by_arm: Mapping[str, NDArray[np.bool_]],
) -> dict[str, Floats]:
    """Return the figures that count people; patients: of each trial and arm."""
    treated = np.array([bool(arm.treatments) for arm in protocol.arms])
    failed = np.stack([_fails(arm.name, by_arm, len(patients)) for arm in protocol.arms], axis=1)
    died = np.concatenate([block.arms.disposition["died"] for block in blocks]).sum(axis=1)
    serious = np.concatenate([block.arms.adverse_events["serious_adverse_event"] for block in blocks])
    all_patients = patients.sum(axis=1)
    visits = sum(1 for visit in protocol.schedule.visits if visit.day >= 0)
    return {
        PATIENTS: all_patients,
        EXPOSED: patients[:, treated].sum(axis=1),
        IN_VAIN: (patients * failed)[:, treated].sum(axis=1),
        DEATHS: died.astype(float),
        SERIOUS: serious.sum(axis=1) / np.maximum(all_patients, 1),
        VISITS: np.full(len(patients), float(visits)),
    }


def _fails(arm: str, by_arm: Mapping[str, NDArray[np.bool_]], trials: int) -> Floats:
    """Return in which trials an arm that is tested does not succeed; one that is not tested cannot fail."""
    return 1.0 - by_arm[arm].astype(np.float64) if arm in by_arm else np.zeros(trials)
