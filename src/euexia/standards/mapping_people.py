"""The subjects of mapped tables: who was randomised, to which arm and when, and what is known of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from euexia.core.choices import did_you_mean
from euexia.core.errors import UnitError
from euexia.core.studytime import DAYS_PER_YEAR
from euexia.criteria import written_units
from euexia.standards.mapping import EVENTS, Place
from euexia.standards.mapping_tables import Floats, Gathering, Integers, Table, Texts
from euexia.standards.understanding import conflict, left_out, understood

SEXES: Mapping[str, float] = {
    "woman": 0.0,
    "man": 1.0,
    "female": 0.0,
    "male": 1.0,
    "f": 0.0,
    "m": 1.0,
}
"""Words for sex; anything else needs codes in the mapping."""
YES: Mapping[str, bool] = {"yes": True, "y": True, "1": True, "true": True, "no": False, "n": False,
                           "0": False, "false": False}  # fmt: skip
SINGLE_ARM = "all"
QUANTITIES: Mapping[str, tuple[str, str]] = {"age": ("years", "year"), "height": ("height", "")}
"""Kind and unit (where none is said) of a subject's quantities."""


@dataclass(slots=True)
class People:
    """Subjects in order, with their facts as arrays; dates are days from 1970-01-01, days from day 0."""

    identifiers: list[str]
    arm: Texts
    arms: tuple[str, ...]
    numbers: dict[str, Floats] = field(default_factory=dict)
    dates: dict[str, Floats] = field(default_factory=dict)
    days: dict[str, Floats] = field(default_factory=dict)
    unrandomised: frozenset[str] = frozenset()

    def places(self) -> Mapping[str, int]:
        """Return the place of each subject."""
        return {name: place for place, name in enumerate(self.identifiers)}


def people(gathering: Gathering) -> People:
    """Return the subjects; whoever has no arm was not randomised and is left out, with a remark."""
    mapping, wanted = gathering.mapping, gathering.mapping.subjects
    everyone = _everyone(gathering)
    places = {name: place for place, name in enumerate(everyone)}
    if wanted.arm is None:
        arms = mapping.arms or (SINGLE_ARM,)
        text = f"no column of arms is named: every subject is in the one arm '{arms[0]}'."
        gathering.remarks.append(understood("arm", "mapping", text))
        found = People(identifiers=everyone, arm=np.full(len(everyone), arms[0], dtype=object), arms=arms[:1])
    else:
        arm = _fact(gathering, wanted.arm, places, "arm")
        kept = arm != ""
        found = People(
            identifiers=[name for name, keep in zip(everyone, kept, strict=True) if keep],
            arm=arm[kept],
            arms=_arms(gathering, arm[kept]),
            unrandomised=frozenset(name for name, keep in zip(everyone, kept, strict=True) if not keep),
        )
        if found.unrandomised:
            text = "subjects without an arm were not randomised and are left out."
            gathering.remarks.append(left_out("not randomised", "subjects", text, len(found.unrandomised)))
    _facts(gathering, found)
    return found


def age_at(people: People, zero: Floats) -> Floats:
    """Return age at day 0 [year]: as told, else from the date of birth."""
    told = people.numbers.get("age", np.full(len(people.identifiers), np.nan))
    birth = people.dates.get("birth", np.full(len(people.identifiers), np.nan))
    return np.where(np.isnan(told), np.floor((zero - birth) / DAYS_PER_YEAR + 1e-6), told)


def _everyone(gathering: Gathering) -> list[str]:
    """Return the subjects of the table of subjects, or of all tables that have the identifier's column."""
    wanted = gathering.mapping.subjects
    named = wanted.table or (wanted.arm.table if wanted.arm else "")
    tables = [gathering.table(named)] if named or len(gathering.tables) == 1 else gathering.tables.values()
    names: dict[str, None] = {}
    for table in tables:
        if gathering.mapping.identifier not in table.columns and len(tables) > 1:
            continue
        identifiers = gathering.identifiers(table)
        names.update(dict.fromkeys(identifiers[identifiers != ""]))
    return list(names)


def _arms(gathering: Gathering, arm: Texts) -> tuple[str, ...]:
    met = tuple(dict.fromkeys(arm))
    if not gathering.mapping.arms:
        return met
    strange = [name for name in met if name not in gathering.mapping.arms]
    place = gathering.mapping.subjects.arm
    for name in strange:
        if place is None:
            break
        table = gathering.table(place.table or gathering.mapping.subjects.table)
        problem = f"'{name}' is no arm of the mapping. {did_you_mean(name, gathering.mapping.arms)}"
        rows = table.rows[gathering.words(table, place.column, place.codes) == name]
        gathering.complain(table, place.column, rows, problem, "Give 'codes' of the arms.")
    return gathering.mapping.arms


def _fact(gathering: Gathering, place: Place, places: Mapping[str, int], what: str) -> Texts:
    """Return a fact of each subject as text; two different ones of the same subject are complained of."""
    table = gathering.table(place.table or gathering.mapping.subjects.table)
    return _first(
        gathering, table, place.column, gathering.words(table, place.column, place.codes), places, what
    )


def _first(
    gathering: Gathering, table: Table, column: str, texts: Texts, places: Mapping[str, int], what: str
) -> Texts:
    """Return the first text of each subject; a later different one is a conflict."""
    found = np.full(len(places), "", dtype=object)
    first = np.zeros(len(places), dtype=np.int64)
    for row, name, text in zip(table.rows, gathering.identifiers(table), texts, strict=True):
        place = places.get(name, -1)
        if place < 0 or not text:
            continue
        gathering.use(table, np.array([row]))
        if not found[place]:
            found[place], first[place] = text, row
        elif found[place] != text:
            problem = f"'{text}' contradicts '{found[place]}' in row {first[place]} as {what} of '{name}'."
            if what in QUANTITIES:
                where = f"{table.file}, row {row}, column {column}"
                gathering.remarks.append(conflict("contradiction", where, f"{problem} The first is taken."))
            else:
                gathering.complain(table, column, np.array([row]), problem, "Keep the right one.")
    return found


def _facts(gathering: Gathering, found: People) -> None:
    """Read every fact that the mapping names into the subjects."""
    wanted, places = gathering.mapping.subjects, found.places()
    for name in ("randomised", "enrolled", "birth", *EVENTS):
        place: Place | None = getattr(wanted, name)
        if place is None:
            continue
        whole = name != "birth"
        if place.is_day:
            found.days[name] = _numeric(gathering, place, places, name)
        else:
            found.dates[name] = _dated(gathering, place, places, name, whole=whole)
        _check_flag(gathering, place, found, name)
    for name in QUANTITIES:
        quantity: Place | None = getattr(wanted, name)
        if quantity is not None:
            size = _size(gathering, quantity, name)
            found.numbers[name] = _numeric(gathering, quantity, places, name) * size
    if wanted.sex is not None:
        found.numbers["sex"] = _sexes(gathering, wanted.sex, places)


def _spot(gathering: Gathering, place: Place) -> Table:
    return gathering.table(place.table or gathering.mapping.subjects.table)


def _numeric(gathering: Gathering, place: Place, places: Mapping[str, int], what: str) -> Floats:
    table = _spot(gathering, place)
    numbers = gathering.numbers(table, place.column)
    texts = np.array(["" if np.isnan(number) else repr(float(number)) for number in numbers], dtype=object)
    first = _first(gathering, table, place.column, texts, places, what)
    return np.array([float(text) if text else np.nan for text in first], dtype=float)


def _dated(
    gathering: Gathering, place: Place, places: Mapping[str, int], what: str, *, whole: bool
) -> Floats:
    table = _spot(gathering, place)
    days = gathering.dates(table, place.column, whole=whole)
    texts = np.array(["" if np.isnan(day) else f"{day:.0f}" for day in days], dtype=object)
    first = _first(gathering, table, place.column, texts, places, what)
    return np.array([float(text) if text else np.nan for text in first], dtype=float)


def _size(gathering: Gathering, place: Place, name: str) -> float:
    kind, usual = QUANTITIES[name]
    try:
        return written_units.factor(place.unit or usual or "no unit", name, kind)
    except UnitError:
        problem = (
            f"'{place.unit}' is no unit of {name}." if place.unit else f"the mapping gives {name} no unit."
        )
        gathering.complain(_spot(gathering, place), place.column, np.array([1]), problem, "Give 'unit'.")
        return np.nan


def _sexes(gathering: Gathering, place: Place, places: Mapping[str, int]) -> Floats:
    texts = _fact(gathering, place, places, "sex")
    table = _spot(gathering, place)
    found = np.array([SEXES.get(text.lower(), np.nan) for text in texts], dtype=float)
    for text in dict.fromkeys(texts[np.isnan(found) & (texts != "")]):
        rows: Integers = table.rows[gathering.words(table, place.column, place.codes) == text]
        remedy = 'Give \'codes\' in the mapping, such as {"1": man, "2": woman}.'
        gathering.complain(table, place.column, rows, f"'{text}' does not say which sex.", remedy)
    return found


def _check_flag(gathering: Gathering, place: Place, found: People, name: str) -> None:
    """Complain of an event that happened by its flag but has no day, and the other way round."""
    if not place.flag:
        return
    table = _spot(gathering, place)
    places = found.places()
    flags = gathering.words(table, place.flag, {})
    known = found.days.get(name, found.dates.get(name, np.full(len(places), np.nan)))
    for row, who, flag in zip(table.rows, gathering.identifiers(table), flags, strict=True):
        if who not in places or not flag:
            continue
        happened = YES.get(flag.lower())
        day = bool(~np.isnan(known[places[who]]))
        if happened is None:
            gathering.complain(table, place.flag, np.array([row]), f"'{flag}' is neither yes nor no.")
        elif happened and not day:
            problem = f"'{name}' of '{who}' happened, but '{place.column}' has no date."
            gathering.complain(table, place.flag, np.array([row]), problem, "Write the date.")
        elif day and not happened:
            problem = f"'{name}' of '{who}' did not happen, but '{place.column}' has a date."
            gathering.complain(table, place.flag, np.array([row]), problem, "Correct one of them.")
