"""Single virtual patients: typical ones that ship with the package, and files of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from euexia.core import datafile
from euexia.core.choices import choose
from euexia.core.errors import UnknownNameError
from euexia.criteria.laboratory import creatinine_clearance
from euexia.population.patient_fields import FLAG, SEX, Said, SaidReader, patient_fields

LEANEST, HEAVIEST = 14.0, 45.0
"""Body-mass index [kg/m2] between which the model has been tested."""
EITHER_OR = (("creatinine", "creatinine_clearance"), ("handgrip_strength", "premorbid_handgrip_strength"))
"""Fields that say the same thing in two ways."""
NOT_INPUTS = {field for pair in EITHER_OR for field in pair} | {"sex"}
_CM_PER_M = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualPatient:
    """One virtual patient; a field that the file leaves out stands at its default."""

    name: str
    title: str
    about: str
    said: Mapping[str, Said]

    def value(self, field: str) -> float | None:
        """Return the canonical value of a field, None for an optional one of which nothing is said."""
        return self.said[field].value if field in self.said else None

    def inputs(self) -> dict[str, float]:
        """Return the inputs of the model but the own factor of handgrip strength, canonical."""
        own = {name: said.value for name, said in self.said.items() if name not in NOT_INPUTS}
        return {"male": self.said["sex"].value, **own}

    def covariates(self) -> dict[str, float]:
        """Return what treatments may ask of the patient, with creatinine clearance where it is known."""
        known = self.inputs()
        clearance, creatinine = self.value("creatinine_clearance"), self.value("creatinine")
        if clearance is None and creatinine is not None:
            found = creatinine_clearance(creatinine, known["weight"], known["age"], known["male"])
            clearance = float(found)
        return known if clearance is None else {**known, "creatinine_clearance": clearance}


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A file about one patient."""

    patient: str
    inputs: Mapping[str, Said]
    title: str = ""
    about: str = ""


def names() -> tuple[str, ...]:
    """Return the names of the archetypes that ship with the package."""
    return tuple(sorted(_shipped()))


@cache
def _shipped() -> dict[str, Traversable]:
    folder = resources.files("euexia") / "data" / "populations" / "archetypes"
    return {
        entry.name.removesuffix(".yaml"): entry for entry in folder.iterdir() if entry.name.endswith(".yaml")
    }


def load(name_or_path: str | Path) -> VirtualPatient:
    """Return an archetype that ships with the package, or the patient of a YAML file.

    Raises UnknownNameError, InputError (no such file) or DataFileError (every fault at once).
    """
    text = str(name_or_path)
    if text.endswith((".yaml", ".yml")):
        path: Any = Path(text)
        return read(datafile.read_text(path), path.name)
    try:
        chosen = choose("virtual patient", text, _shipped())
    except UnknownNameError as error:
        raise UnknownNameError(f"{error} A file of your own must end in .yaml.") from None
    return read(datafile.read_text(chosen), chosen.name)


def read(text: str, file: str) -> VirtualPatient:
    """Return a patient from YAML text; raise DataFileError with every fault."""
    gather = SaidReader()
    reader = datafile.Reader(file=file, kind="virtual patient", readers={Said: gather})
    found = reader.read(datafile.compose(text, file, reader.kind), _File, "")
    _check_missing(reader, gather.sound)
    _check_together(reader, gather.sound)
    reader.finish()
    filled = {
        name: Said(
            value=_default(name),
            written=field.default,
            status=field.status,
            source=field.source,
            by_default=True,
        )
        for name, field in patient_fields().items()
        if field.default and name not in found.inputs
    }
    said = {
        name: {**filled, **found.inputs}[name]
        for name in patient_fields()
        if name in {**filled, **found.inputs}
    }
    return VirtualPatient(
        name=found.patient, title=found.title or found.patient, about=found.about, said=said
    )


@cache
def _default(name: str) -> float:
    from euexia.population.patient_fields import parse

    field = patient_fields()[name]
    return parse(field.default, field)


def _check_missing(reader: datafile.Reader, sound: Mapping[str, Said]) -> None:
    """Note required fields of which the file says nothing."""
    for name, field in patient_fields().items():
        place = f"inputs.{name}"
        if field.is_required and name not in sound and place not in reader.lines and "inputs" in reader.lines:
            reader.fault_at(place, "required key is missing.", f"Add '{name}: {field.example}'.")


def _check_together(reader: datafile.Reader, sound: Mapping[str, Said]) -> None:
    """Note fields that contradict each other."""
    for first, second in EITHER_OR:
        if first in sound and second in sound:
            reader.fault_at(
                f"inputs.{second}", f"it contradicts or repeats '{first}'.", "Keep one of the two."
            )
    treated = sound.get("chemotherapy")
    if "tumour_kill" in sound and (treated is None or treated.value == 0):
        problem = "a kill rate without chemotherapy contradicts itself."
        reader.fault_at("inputs.tumour_kill", problem, "Add 'chemotherapy: yes', or leave it out.")
    if "height" in sound and "weight" in sound:
        metres = sound["height"].value / _CM_PER_M
        index = sound["weight"].value / metres**2
        if not LEANEST <= index <= HEAVIEST:
            problem = f"with this height the body-mass index is {index:.1f} kg/m2."
            remedy = f"The model holds from {LEANEST:g} to {HEAVIEST:g}; check weight and height."
            reader.fault_at("inputs.weight", problem, remedy)


def template() -> str:
    """Return a file of one's own to fill in: every field with its meaning, range and default."""
    lines = [
        "# A virtual patient.  Lines with '#' in front stand at their default; remove the '#' to change one.",
        "patient: my_patient",
        "title: A patient of mine",
        "inputs:",
    ]
    for name, field in patient_fields().items():
        limits = "" if field.kind in (SEX, FLAG) else f" ({field.low} to {field.high})"
        mark = "" if field.is_required else "# "
        lines += [f"  # {field.meaning}{limits}.", f"  {mark}{name}: {field.written}"]
    return "\n".join(lines) + "\n"
