"""What must be true of interim looks, those that are declared and those that simulated trials carry out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from euexia.core.choices import did_you_mean
from euexia.core.datafile import Reader
from euexia.protocol.design import Boundary, Interim, Shape, Spending
from euexia.protocol.executed_look_checks import executed_faults
from euexia.protocol.reading import Parts

Found = tuple[str, str, str]
"""Key, problem and remedy."""
PARAMETRIC = (Spending.KIM_DEMETS, Spending.HWANG_SHIH_DECANI, Shape.WANG_TSIATIS)
"""Boundaries that have a parameter."""
LIMITS = ("p_value", "spending", "shape", "conditional_power", "responders")
"""Keys that say a limit: a boundary has one of them."""
OF_EFFICACY, OF_FUTILITY = frozenset({"p_value", "spending", "shape"}), frozenset(LIMITS) - {"shape"}


def check_interims(reader: Reader, parts: Parts) -> None:
    """Note every fault in interim looks."""
    for interim in parts.readable("interims"):
        place = f"interims.{interim.name}"
        faults = [*_interim_faults(parts, interim), *executed_faults(parts, interim)]
        for key, problem, remedy in faults:
            reader.fault_at(f"{place}.{key}" if key else place, problem, remedy)
        for key, allowed in (("efficacy", OF_EFFICACY), ("futility", OF_FUTILITY)):
            boundary = getattr(interim, key)
            if boundary is not None:
                for inside, problem, remedy in _boundary_faults(boundary, key, allowed):
                    reader.fault_at(f"{place}.{key}.{inside}", problem, remedy)
    _check_order(reader, parts)


def _interim_faults(parts: Parts, interim: Interim) -> Iterator[Found]:
    for key, names in (("analysis", (interim.analysis,)), ("co_primary", interim.co_primary)):
        for name in names:
            if name not in parts.known("analyses"):
                problem = f"there is no analysis called '{name}'."
                yield key, problem, did_you_mean(name, parts.known("analyses"))
    if interim.number_of_events is None and (interim.information is None) == (interim.patients is None):
        yield "", "a look is timed by exactly one of 'information' and 'patients'.", "Give one of them."
    if interim.information is not None and not 0 < interim.information < 1:
        problem = f"a look at {100 * interim.information:g} % of the information is not before the end."
        yield "information", problem, "Write more than 0 % and less than 100 %."
    yield from _content_faults(interim)
    size = parts.values.get("size")
    if interim.patients is not None and size is not None and not 0 < interim.patients < size:
        problem = f"a look at {interim.patients} patients is not before all {size} are in."
        yield "patients", problem, "Give fewer."


def _content_faults(interim: Interim) -> Iterator[Found]:
    if not any((interim.efficacy, interim.futility, interim.drop, interim.resize)):
        problem = "nothing is decided at this look."
        yield "", problem, "Add 'efficacy:' or 'futility:' with a boundary, 'drop:' or 'resize:'."
    if interim.binding and interim.futility is None:
        yield "binding", "only a futility boundary can be binding.", "Take 'binding' away."
    if interim.delay < 0:
        yield "delay", "a decision cannot come before the data are cut.", "Write 0 or more."


def _boundary_faults(boundary: Boundary, side: str, allowed: frozenset[str]) -> Iterator[Found]:
    given = [key for key in LIMITS if getattr(boundary, key) is not None]
    if len(given) != 1:
        yield "p_value", f"a boundary is exactly one of {_list(allowed)}.", "Give one of them."
    for key in sorted(set(given) - allowed):
        yield key, f"'{key}' is no boundary of {side}.", f"Give one of {_list(allowed)}."
    for key in ("p_value", "error", "conditional_power"):
        value = getattr(boundary, key)
        if value is not None and not 0 < value < 1:
            problem = f"{100 * value:g} % is no probability to stop at."
            yield key, problem, "Write more than 0 %, less than 100 %."
    if (boundary.parameter is not None) != (boundary.spending in PARAMETRIC or boundary.shape in PARAMETRIC):
        names = ", ".join(name.value for name in PARAMETRIC)
        yield "parameter", f"a parameter belongs to {names}, and they need one.", "Add it or take it away."
    if boundary.responders is not None and boundary.responders < 0:
        yield "responders", "fewer than 0 patients cannot respond.", "Write 0 or more."


def _list(keys: frozenset[str]) -> str:
    return ", ".join(f"'{key}'" for key in LIMITS if key in keys)


def _check_order(reader: Reader, parts: Parts) -> None:
    """Note looks that are carried out in another order than they are written in."""
    size = parts.values.get("size")
    looks = [look for look in parts.readable("interims") if look.executed]
    for before, after in pairwise(looks):
        times = [_time(look, size) for look in (before, after)]
        if None not in times and not times[0] < times[1]:  # type: ignore[operator]
            problem = f"this look does not come after '{before.name}', which is written before it."
            remedy = (
                "Write looks in the order in which they are taken, each with more patients than the last."
            )
            reader.fault_at(f"interims.{after.name}", problem, remedy)


def _time(look: Interim, size: int | None) -> float | None:
    """Return the share of the information at which a look is taken; None where it cannot be told."""
    if look.information is not None:
        return look.information
    return look.patients / size if look.patients is not None and size else None
