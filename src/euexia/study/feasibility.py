"""Whether a protocol can be simulated: what its own file cannot tell, because it takes drugs and patients."""

from __future__ import annotations

from collections.abc import Iterator

from euexia import drugs, population
from euexia.core.choices import did_you_mean
from euexia.core.errors import InputError, NumericalError, UnknownNameError
from euexia.drugs.exercise import EXERCISE
from euexia.observe.measurement import PER_HEIGHT, behind
from euexia.observe.schedule import screening_visits
from euexia.physiology import observables
from euexia.protocol.condition import measures_of
from euexia.protocol.look_words import NOT_EXECUTED, is_adaptive
from euexia.protocol.protocol import Protocol, Treatment
from euexia.simulate.function import FUNCTION

FRACTION = "fraction"
COMPUTED = ("creatinine_clearance", *PER_HEIGHT)
"""Measures made of others."""


def check(protocol: Protocol) -> None:
    """Raise UnknownNameError or InputError with every reason why a protocol cannot be simulated."""
    unknown = list(_unknown_drugs(protocol))
    faults = [*unknown, *_amount_faults(protocol), *_run_in_faults(protocol), *_patient_faults(protocol)]
    faults += _look_faults(protocol)
    if not faults:
        return
    place = protocol.source_name or f"protocol '{protocol.id}'"
    lines = "\n".join(f"  - {fault}" for fault in dict.fromkeys(faults))
    kind = UnknownNameError if unknown else InputError
    raise kind(f"The trial of {place} cannot be simulated:\n{lines}")


def notices(protocol: Protocol) -> tuple[str, ...]:
    """Return what a protocol declares and simulated trials do not carry out, in sentences."""
    declared = [interim for interim in protocol.interims if not interim.executed]
    if not declared:
        return ()
    names = ", ".join(f"'{interim.name}'" for interim in declared)
    looks = "The interim look" if len(declared) == 1 else "The interim looks"
    if len(declared) < len(protocol.interims):
        return (f"{looks} {names} of '{protocol.id}' will not be carried out; the others will.",)
    return (f"{looks} {names} of '{protocol.id}' will not be carried out. {NOT_EXECUTED}",)


def treatments(protocol: Protocol) -> tuple[Treatment, ...]:
    """Return every treatment of a protocol, background care first."""
    return (*protocol.background, *(item for arm in protocol.arms for item in arm.treatments))


def _unknown_drugs(protocol: Protocol) -> Iterator[str]:
    for item in treatments(protocol):
        if item.drug not in drugs.DRUGS:
            yield f"There is no drug called '{item.drug}'. {did_you_mean(item.drug, drugs.DRUGS)}"


def _amount_faults(protocol: Protocol) -> Iterator[str]:
    """Give treatments whose amount is not of the kind they are given in."""
    for item in treatments(protocol):
        known = drugs.DRUGS.get(item.drug)
        if known is None:
            continue
        if known.amount == FRACTION and item.dose is not None:
            yield (
                f"'{item.drug}' is given as an uptake, not in mg. Take 'dose: {item.dose:g} mg' away and say "
                "with 'adherence' which share of it is taken up."
            )
        if known.amount != FRACTION and item.dose is None:
            yield f"'{item.drug}' is dosed in mg and has no dose. Add 'dose:' and 'every:'."
        if item.programme is not None and item.drug != EXERCISE.name:
            yield f"'{item.drug}' has no exercise programme. Take 'programme' away or name 'exercise'."


def _run_in_faults(protocol: Protocol) -> Iterator[str]:
    schedule = protocol.schedule
    if not 0 <= schedule.run_in <= -schedule.screening:
        yield (
            f"The run-in of {schedule.run_in:g} days does not fit: screening is on day "
            f"{schedule.screening:g}. Screen before the run-in begins, or shorten schedule.run_in."
        )
    for visit in screening_visits(schedule):
        for name in visit.measures:
            if name in FUNCTION:
                yield f"'{name}' cannot be read before day 0 (visit '{visit.name}'). Move it to day 0."


def _look_faults(protocol: Protocol) -> Iterator[str]:
    """Give why the looks make no design, such as boundaries that cross."""
    if not is_adaptive(protocol):
        return
    from euexia.study.look_plan import plan_looks  # loads the numerics of designs

    try:
        plan_looks(protocol)
    except (InputError, NumericalError) as error:
        yield str(error)


def _patient_faults(protocol: Protocol) -> Iterator[str]:
    """Give measures of which the population knows nothing."""
    spec = population.load(protocol.population)
    known = {*spec.columns, *observables.NAMES, *COMPUTED}
    asked = {name: "eligibility" for line in protocol.eligibility for name in measures_of(line.require)}
    asked |= {stratum.measure: "randomisation" for stratum in protocol.randomisation.strata}
    for name, where in asked.items():
        if name in FUNCTION:
            yield f"'{name}' ({where}) is not known at screening. Measure it at a visit instead."
        elif behind(name) not in known:
            yield (
                f"Population '{protocol.population}' says nothing of '{name}' ({where}). "
                "Choose another population, or give its file such a column."
            )
    at_visits = {name: visit.name for visit in protocol.schedule.visits for name in visit.measures}
    for name, visit in at_visits.items():
        if behind(name) not in known and name not in FUNCTION:
            yield f"Population '{protocol.population}' says nothing of '{name}' (visit '{visit}')."
