"""Treatments in words: ``lenalidomide 25 mg daily + nutrition counselling 60 %``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from euexia import drugs
from euexia.core import quantities
from euexia.core.choices import did_you_mean
from euexia.core.errors import InputError, UnitError, UnknownNameError
from euexia.drugs.drug import Drug
from euexia.parameters import ParameterSet

NOTHING = "none"
FRACTION = "fraction"
_DAYS = {"day": 1.0, "week": 7.0}
_RHYTHMS = {"daily": 1.0, "once daily": 1.0, "once a day": 1.0, "twice daily": 0.5, "weekly": 7.0}
_PART = re.compile(
    r"^(?P<name>[A-Za-z][A-Za-z0-9_ -]*?)(?:\s+(?P<number>[+-]?\d+(?:\.\d+)?)\s*(?P<unit>%|[A-Za-zµ]*)"
    r"(?:\s+(?P<rhythm>.+))?)?$"
)
_EVERY = re.compile(r"^every (?:(\d+(?:\.\d+)?) )?(day|week)s?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescription:
    """One treatment of a regimen."""

    drug: Drug
    amount: float
    """Single dose [mg], or uptake (0 to 1)."""
    every: float
    """Days between doses; 1 for care."""

    @property
    def is_injected(self) -> bool:
        """Return whether the engine follows each injection."""
        return self.drug.injection is not None

    @property
    def daily(self) -> float:
        """Return the mean dose [mg/day], or the uptake."""
        return self.amount / self.every


@dataclass(frozen=True, slots=True, kw_only=True)
class Regimen:
    """What one virtual patient is given; nothing if there are no parts."""

    label: str
    parts: tuple[Prescription, ...]

    @property
    def steady(self) -> dict[str, float]:
        """Return what acts by its daily mean: treatment to dose [mg/day] or uptake."""
        return {part.drug.name: part.daily for part in self.parts if not part.is_injected}

    @property
    def injections(self) -> tuple[Prescription, ...]:
        """Return what is given by single injections."""
        return tuple(part for part in self.parts if part.is_injected)


def parse(text: str, parameters: ParameterSet) -> Regimen:
    """Return the regimen that a text names; parts are joined by '+', and 'none' is no treatment.

    Raises UnknownNameError, UnitError or InputError that names the part, what is wrong and the way out.
    """
    words = " ".join(text.split())
    if words.lower() in (NOTHING, ""):
        return Regimen(label="no treatment", parts=())
    parts = tuple(_part(piece.strip(), parameters) for piece in words.split("+"))
    given = [part.drug.name for part in parts]
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        raise InputError(f"'{text}' names {twice[0]} more than once. Give it once, with its whole dose.")
    return Regimen(label=" + ".join(_label(part) for part in parts), parts=parts)


def usual(name: str, parameters: ParameterSet) -> Regimen:
    """Return a treatment as it is usually given: at its usual dose, or taken up in full."""
    drug = drugs.DRUGS[name]
    if drug.amount == FRACTION:
        part = Prescription(drug=drug, amount=1.0, every=1.0)
    else:
        block = parameters.block(name)
        every = block["interval"].value if "interval" in block else 1.0
        part = Prescription(drug=drug, amount=block["dose"].value, every=every)
    return Regimen(label=_label(part), parts=(part,))


def _names() -> dict[str, Drug]:
    """Return every way to write a treatment's name."""
    written: dict[str, Drug] = {}
    for drug in drugs.DRUGS.values():
        for name in (drug.name, drug.name.replace("_", " "), drug.name.replace("_", "-"), drug.label.lower()):
            written[name] = drug
    return written


def _part(text: str, parameters: ParameterSet) -> Prescription:
    matched = _PART.match(text)
    if matched is None:
        raise InputError(
            f"'{text}' is not a treatment. Write it like 'lenalidomide 25 mg daily' or 'exercise 70 %'."
        )
    found = matched.groupdict()
    known = _names()
    name = found["name"].lower()
    if name not in known:
        options = (
            known if difflib.get_close_matches(name, known) else {d.replace("_", " ") for d in drugs.DRUGS}
        )
        raise UnknownNameError(
            f"There is no treatment called '{found['name']}'. {did_you_mean(name, options)}"
        )
    drug = known[name]
    part = _care(text, drug, found) if drug.amount == FRACTION else _medicine(text, drug, found)
    highest = drugs.highest_amount(drug.name, parameters)
    dose = part.amount if part.is_injected else part.daily
    if not 0 <= dose <= highest:
        raise InputError(f"'{text}' is outside the plausible range of {drug.label}: {_range(drug, highest)}.")
    return part


def _range(drug: Drug, highest: float) -> str:
    if drug.amount == FRACTION:
        return "0 to 100 %"
    return f"0 to {highest:g} mg {'per injection' if drug.injection is not None else 'a day'}"


def _care(text: str, drug: Drug, found: Mapping[str, str | None]) -> Prescription:
    """Return behavioural care or another treatment whose amount is an uptake; full without a number."""
    if found["number"] is None:
        return Prescription(drug=drug, amount=1.0, every=1.0)
    if found["unit"] != "%":
        raise UnitError(f"'{text}': the uptake of {drug.label} is a percentage. Write '{drug.label} 60 %'.")
    if found["rhythm"]:
        raise InputError(f"'{text}': {drug.label} has an uptake, no rhythm. Leave out '{found['rhythm']}'.")
    return Prescription(drug=drug, amount=quantities.parse(f"{found['number']} %", FRACTION), every=1.0)


def _medicine(text: str, drug: Drug, found: Mapping[str, str | None]) -> Prescription:
    if found["number"] is None:
        raise UnitError(f"'{text}' names no dose. Write it like '{drug.label} 100 mg daily'.")
    try:
        amount = quantities.parse(f"{found['number']} {found['unit'] or ''}", drug.amount)
    except UnitError as error:
        raise UnitError(f"'{text}': {error}") from error
    return Prescription(drug=drug, amount=amount, every=_rhythm(text, found["rhythm"]))


def _rhythm(text: str, written: str | None) -> float:
    """Return the days between doses."""
    if written is None:
        raise InputError(f"'{text}' does not say how often. Add 'daily', 'twice daily' or 'every 4 weeks'.")
    wanted = written.lower()
    if wanted in _RHYTHMS:
        return _RHYTHMS[wanted]
    matched = _EVERY.match(wanted)
    days = float(matched[1] or 1) * _DAYS[matched[2]] if matched else 0.0
    if days < 1:
        raise InputError(
            f"'{text}': '{written}' is no rhythm. Write 'daily', 'every 2 days' or 'every 4 weeks'."
        )
    return days


def _label(part: Prescription) -> str:
    if part.drug.amount == FRACTION:
        return f"{part.drug.label} {100 * part.amount:g} %"
    return f"{part.drug.label} {round(part.amount, 2):g} mg {_rhythm_in_words(part.every)}"


def _rhythm_in_words(days: float) -> str:
    for words, length in _RHYTHMS.items():
        if length == days:
            return words
    week = _DAYS["week"]
    return f"every {days / week:g} weeks" if days % week == 0 else f"every {days:g} days"
