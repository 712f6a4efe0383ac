"""What an approved label of lenalidomide says about the dose that a trial's rule has reached."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from euexia.assess.next_dose import NextDose
from euexia.criteria import dosing_labels
from euexia.criteria.dosing_labels import ADJUSTMENTS, Indication, Region
from euexia.criteria.measures import MEASURES, format_value

DRUG = "lenalidomide"
"""The only drug whose label is known here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The dose by the rule, the label's limit, and what follows; ``dose`` is None where it cannot be said."""

    dose: float | None
    """Daily dose [mg]."""
    label: str
    """The label's line, in words."""
    reasons: tuple[str, ...]


def advise(found: NextDose, region: Region, indication: Indication, *, dialysis: bool) -> Advice:
    """Return the next dose, never above what the label allows for the kidneys.

    The label is that of another disease: lenalidomide is not approved for cachexia.  An unknown clearance is
    never taken for a normal one.  Raises UnknownNameError for a region and indication without a known row.
    """
    label = dosing_labels.lenalidomide_renal_dose(
        found.clearance, float(dialysis), region=region, indication=indication
    )
    step, limit, every = int(label.adjustment), float(label.dose), float(label.days_between)
    where = f"{region.value} label, {indication.value.replace('_', ' ')}"
    clearance = format_value(found.clearance, MEASURES["creatinine_clearance"])
    if step < 0:
        text = f"{where}: renal function is unknown, so no dose can be read from it."
    elif not isfinite(limit):
        text = f"{where}: creatinine clearance {clearance}, no adjustment."
    else:
        change = f"{ADJUSTMENTS[step]}: {limit:g} mg every {_days(every)}"
        text = f"{where}: creatinine clearance {clearance}, {change}."
    dose, reasons = _limited(found.dose, step, limit, every)
    open_ = _safety(found)
    if found.dose == 0:  # held or stopped: nothing that is missing could make it more
        return Advice(dose=0.0, label=text, reasons=open_)
    return Advice(dose=None if open_ else dose, label=text, reasons=(*open_, *reasons))


def _limited(dose: float, step: int, limit: float, every: float) -> tuple[float | None, tuple[str, ...]]:
    """Return the rule's dose within the label's limit, None where a person must decide, and why."""
    if step < 0:
        return None, (f"By the rule it would be {dose:g} mg. Measure creatinine before any dose.",)
    if not isfinite(limit) or (every == 1.0 and dose <= limit):
        return dose, ()
    if every == 1.0:
        return limit, (f"The label allows {limit:g} mg a day; the rule gives {dose:g} mg.",)
    label = f"the label only {limit:g} mg every {_days(every)}"
    return None, (f"The rule gives {dose:g} mg a day, {label}. A person must decide.",)


def _safety(found: NextDose) -> tuple[str, ...]:
    """Return what could not be judged: a dose is not said while a stop or a hold is open."""
    if not found.safety_unknown:
        return ()
    unread = f" (not read: {', '.join(found.unread)})" if found.unread else ""
    return (f"Not judged at the last check: {', '.join(found.safety_unknown)}{unread}.",)


def _days(every: float) -> str:
    return {1.0: "day", 2.0: "2 days"}.get(every, f"{every:.2g} days")
