"""One virtual patient under a treatment, as SBML for other simulators.

The equations are not written a second time: the physiology is run on symbols and gives them itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from euexia import drugs
from euexia.core.errors import InputError, OutputError
from euexia.core.quantities import canonical_unit
from euexia.core.whole_file import write_whole
from euexia.criteria.measures import MEASURES
from euexia.model import sbml
from euexia.model.antibody import Antibody, Injection, antibody_change
from euexia.model.effects import CHANNELS, NEUTRAL, Effects
from euexia.model.sbml import Document, Event, Quantity
from euexia.model.symbolic import Book, symbols_of
from euexia.parameters import Parameter, ParameterSet
from euexia.parameters.references import load_references
from euexia.physiology import observables, strength, whole_body
from euexia.physiology.body import (
    Baseline,
    Body,
    Constants,
    Disease,
    Hazard,
    Host,
    Marrow,
    Personal,
    Premorbid,
    State,
    constants,
)
from euexia.population.archetypes import VirtualPatient
from euexia.study import exchange_names as names
from euexia.study.regimen import Regimen
from euexia.study.simulated import engine_for
from euexia.study.single_patient import WEEK, check_weight, injection_days, patient_columns, personal_inputs
from euexia.version import __version__

WEEKS = 52.0
"""Weeks for which single injections are listed, unless said otherwise."""
PARTS_OF_STATE = {"disease": Disease, "host": Host, "marrow": Marrow, "hazard": Hazard}


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What happens to one patient from day 0 on, in numbers."""

    body: Body
    state: State
    """On day 0, after the run-in."""
    effects: Effects
    """Of what acts by its daily mean, from day 0 on."""
    injections: Mapping[float, Injection]
    """By day; all of one antibody."""
    stop: float | None = None
    """Day on which the effects end."""


def course_of(
    patient: VirtualPatient,
    regimen: Regimen,
    *,
    parameters: ParameterSet,
    weeks: float = WEEKS,
    stop_week: float | None = None,
) -> Course:
    """Return the patient on day 0 and the treatment in numbers.

    weeks: how long single injections are listed.  stop_week: when treatment ends, never if None.  Raises
    InputError for weeks that cannot be, a covariate that is missing, or two antibodies.
    """
    if not 0 < weeks <= WEEKS * 2 or (stop_week is not None and not 0 < stop_week <= weeks):
        raise InputError(
            f"Weeks {weeks:g}, with treatment until week {stop_week or weeks:g}, cannot be exported. "
            f"Ask for up to {WEEKS * 2:g} weeks, and stop within them."
        )
    injected = sorted({part.drug.name for part in regimen.injections})
    if len(injected) > 1:
        raise InputError(
            f"Two antibodies cannot be exported together: {', '.join(injected)}. Give one of them."
        )
    columns = patient_columns(patient, [regimen])
    body, state = _on_day_0(patient, parameters)
    end = (weeks if stop_week is None else stop_week) * WEEK
    doses = {
        day: drugs.injection(injected[0], regimen.injections[0].amount, columns, parameters)
        for day in injection_days([regimen], end)
    }
    return Course(
        body=body,
        state=state,
        effects=_plain(drugs.effects(regimen.steady, columns, parameters)),
        injections={day: _plain(dose) for day, dose in doses.items() if _number(dose.depot) > 0},
        stop=None if stop_week is None else end,
    )


def export(
    patient: VirtualPatient,
    regimen: Regimen,
    *,
    parameters: ParameterSet,
    weeks: float = WEEKS,
    stop_week: float | None = None,
) -> str:
    """Return one patient under a treatment as SBML; arguments and errors as ``course_of``."""
    course = course_of(patient, regimen, parameters=parameters, weeks=weeks, stop_week=stop_week)
    ends = "" if stop_week is None else f" Treatment stops after {stop_week:g} weeks."
    listed = f" Injections are listed for {weeks:g} weeks." if course.injections else ""
    notes = (
        f"{patient.title}. {regimen.label[:1].upper()}{regimen.label[1:]}.{ends}{listed}",
        "Time is in days; day 0 is the start of treatment. The initial state is the one that the run-in of "
        "Euexia, from health to day 0, ends with.",
        "What is taken every day or is care acts by its mean, as constant effects; injections are events.",
        f"Written by Euexia {__version__}, parameter set '{parameters.name}' "
        f"{' '.join(parameters.overlays)} with SHA-256 {parameters.hash}.",
        "Research use only: this is no medical device and no medical advice.",
    )
    return sbml.write(document(course, parameters, patient.name, patient.title, notes))


def check_new(path: Path) -> None:
    """Raise InputError for a file that is there already."""
    if path.exists():
        raise InputError(f"'{path}' exists already. Name another file, or delete it first.")


def write_model(path: Path, text: str) -> None:
    """Write a model to a new file, whole or not at all.

    Raises InputError for a file that is there already, OutputError when it cannot be written.
    """
    check_new(path)
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise OutputError(f"'{path}' cannot be written: {error.strerror or error}.") from error


def document(
    course: Course, parameters: ParameterSet, name: str, title: str, notes: tuple[str, ...]
) -> Document:
    """Return the model of a course."""
    symbols = _symbols(Book(), constants(parameters), with_antibody=bool(course.injections))
    changing = [*_states(symbols, course), *_results(symbols)]
    events = tuple(_events(symbols, course))
    terms = [term for entry in changing for term in (entry.rate, entry.rule) if term is not None]
    assigned = [term for event in events for term in event.assignments.values()]
    used = symbols_of(iter([*terms, *assigned]), {}) | {key for event in events for key in event.assignments}
    still = [entry for entry in _constants(course, parameters) if entry.name in used]
    return Document(
        name=f"euexia_{name}",
        title=title,
        notes=notes,
        quantities=(*changing, *still),
        events=events,
    )


class Symbols(NamedTuple):
    """Every argument of the physiology, as symbols."""

    book: Book
    c: Constants
    body: Body
    state: State
    effects: Effects
    antibody: Antibody | None


def _symbols(book: Book, values: Constants, *, with_antibody: bool) -> Symbols:
    """Return symbols for every number of the model, the patient, the state and the treatment."""

    def tuple_of(kind: Any, prefix: str) -> Any:
        return kind(*(book.symbol(prefix + name) for name in kind._fields))

    blocks = {name: tuple_of(type(block), f"{name}_") for name, block in values._asdict().items()}
    body = Body(
        tuple_of(Premorbid, "healthy_"), tuple_of(Personal, "patient_"), tuple_of(Baseline, "baseline_")
    )
    parts = [
        kind(*(book.symbol(known.name) for known in names.STATES[part]))
        for part, kind in PARTS_OF_STATE.items()
    ]
    effects = Effects(**{channel: book.symbol(f"treatment_{channel}") for channel in CHANNELS})
    antibody = tuple_of(Antibody, "antibody_")
    depot, serum = (book.symbol(known.name) for known in names.ANTIBODY_STATES)
    antibody = antibody._replace(depot=depot, central=serum) if with_antibody else None
    return Symbols(book, Constants(**blocks), body, State(*parts), effects, antibody)


def _states(s: Symbols, course: Course) -> Iterator[Quantity]:
    """Yield the state variables with their value on day 0 and their rate of change."""
    day = s.book.symbol(sbml.TIME_SYMBOL)
    rates = whole_body.change(s.state, day, 1.0, s.body, s.effects, s.c, s.antibody)
    for part, rate, value in zip(PARTS_OF_STATE, rates, course.state, strict=True):
        for known, one_rate, one_value in zip(names.STATES[part], rate, value, strict=True):
            yield _known(known, value=float(one_value), rate=s.book.term(one_rate))
    if s.antibody is not None:
        first = course.injections.get(0.0)
        begin = (0.0 if first is None else float(first.depot), 0.0)
        for known, flow, amount in zip(
            names.ANTIBODY_STATES, antibody_change(s.antibody), begin, strict=True
        ):
            yield _known(known, value=amount, rate=flow)


def _results(s: Symbols) -> Iterator[Quantity]:
    """Yield what follows from the state: intermediate results and observables."""
    day = s.book.symbol(sbml.TIME_SYMBOL)
    if s.antibody is None:
        felt = whole_body.drive(s.state.disease, s.effects, s.c)
    else:
        felt = whole_body.bound_drive(s.state.disease, s.antibody, s.body, s.effects, s.c)
    own, host = s.body.personal, s.state.host
    addition = own.trial_intake + s.effects.intake_addition
    energy = whole_body.balance(host, felt, addition, s.body, s.c)
    tissue = whole_body.lean_and_fat_change(host, felt, energy, own.chemotherapy, s.body, s.effects, s.c)
    force = strength.relative_strength(host.muscle, s.body.premorbid.muscle, host.quality)
    parts = (felt.inflammation, felt.gdf15, energy.spent, tissue.fat, tissue.muscle, tissue.glycogen, force)
    for known, term in zip(names.PARTS, parts, strict=True):
        yield _known(known, rule=term)
    occupancy = s.effects.receptor_occupancy
    seen = observables.observables(
        s.state, s.body, day, 1.0, s.effects.intake_addition, occupancy, s.c, s.antibody
    )
    taken = {known.name for entries in names.STATES.values() for known in entries}
    for name, term in seen.items():
        if name not in taken:
            unit, meaning = observable(name)
            yield Quantity(name=name, unit=unit, meaning=meaning, rule=s.book.term(term))


def observable(name: str) -> tuple[str, str]:
    """Return unit and meaning of an observable; raise InputError for one that nothing is known of."""
    if name in names.OTHER_RESULTS:
        return names.OTHER_RESULTS[name]
    if name in MEASURES:
        return canonical_unit(MEASURES[name].kind), MEASURES[name].label
    raise InputError(f"The observable '{name}' has no unit in an exported model. Add it to exchange_names.")


def _events(s: Symbols, course: Course) -> Iterator[Event]:
    """Yield injections after day 0, and the end of treatment."""
    depot = names.ANTIBODY_STATES[0].name
    for day in course.injections:
        if day > 0:
            yield Event(
                name=f"injection_on_day_{day:g}".replace(".", "_"),
                meaning=f"Injection on day {day:g}",
                day=day,
                assignments={depot: s.book.symbol(depot) + s.book.symbol("antibody_dose")},
            )
    if course.stop is not None:
        neutral = {f"treatment_{name}": s.book.symbol(f"untreated_{name}") for name in _acting(course)}
        if neutral:
            meaning = "Treatment stops"
            yield Event(name="treatment_stops", meaning=meaning, day=course.stop, assignments=neutral)


def _acting(course: Course) -> tuple[str, ...]:
    """Return the channels through which treatment acts and the equations feel it."""
    unread = ("thrombosis_factor", "rash_factor")
    moved = (name for name in CHANNELS if getattr(course.effects, name) != getattr(NEUTRAL, name))
    return tuple(name for name in moved if name not in unread)


def _constants(course: Course, parameters: ParameterSet) -> Iterator[Quantity]:
    """Yield everything that has a value and no equation."""
    tables = (
        ("healthy_", names.PREMORBID, course.body.premorbid),
        ("patient_", names.PERSONAL, course.body.personal),
        ("baseline_", names.BASELINE, course.body.baseline),
    )
    for prefix, table, values in tables:
        for name, (unit, meaning) in table.items():
            yield Quantity(name=prefix + name, unit=unit, meaning=meaning, value=float(getattr(values, name)))
    stopped = _acting(course) if course.stop is not None else ()
    for name, (unit, meaning) in names.EFFECTS.items():
        yield Quantity(
            name=f"treatment_{name}",
            unit=unit,
            meaning=f"{meaning}; without treatment {getattr(NEUTRAL, name):g}",
            value=getattr(course.effects, name),
            changed_by_events=name in stopped,
        )
        yield Quantity(
            name=f"untreated_{name}",
            unit=unit,
            meaning=f"{meaning}, without treatment",
            value=getattr(NEUTRAL, name),
        )
    for first in list(course.injections.values())[:1]:
        yield Quantity(name="antibody_dose", unit="nmol/L", meaning=_DOSE, value=first.depot)
        for name, (unit, meaning) in names.ANTIBODY.items():
            yield Quantity(name=f"antibody_{name}", unit=unit, meaning=meaning, value=getattr(first, name))
    references = load_references()
    for entry in parameters.values():
        yield Quantity(
            name=entry.name.replace(".", "_"),
            unit=canonical_unit(entry.kind),
            meaning=_origin(entry, references),
            value=entry.value,
        )


_DOSE = "What one injection brings, per volume of distribution"


def _origin(entry: Parameter, references: Mapping[str, str]) -> str:
    """Return meaning, status and source of a number of the model."""
    key, where = entry.source.key, entry.source.where
    source = f"Reason: {where}." if key == "assumption" else f"Source: {references[key]} {where}."
    return f"{entry.meaning}. Status: {entry.status.value}. {source}"


def _known(known: names.Known, **values: Any) -> Quantity:
    return Quantity(name=known.name, unit=known.unit, meaning=known.meaning, **values)


def _on_day_0(patient: VirtualPatient, parameters: ParameterSet) -> tuple[Body, State]:
    """Return the patient after the run-in, in plain numbers."""
    from euexia.simulate.engine_kernels import BODY, CARRIED, nest

    engine = engine_for(parameters)
    body, state, history = engine.run_in(personal_inputs(engine, patient, parameters))
    found = nest(BODY, [float(row[0]) for row in body])
    check_weight(patient, float(history[0.0]["body_weight"][0]), found.premorbid.weight)
    carried = nest(CARRIED, [float(row[0]) for row in state])
    return found, State(carried.disease, carried.host, carried.marrow, carried.hazard)


def _number(value: Any) -> float:
    return float(np.ravel(value)[0])


def _plain(values: Any) -> Any:
    """Return effects or an injection of one patient with plain numbers."""
    return replace(values, **{name: _number(getattr(values, name)) for name in values.__dataclass_fields__})
