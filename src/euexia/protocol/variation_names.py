"""What designers call the values of a protocol, as places of its file."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from euexia.core.errors import InputError
from euexia.protocol.variation_week import moved_week
from euexia.protocol.written import QUANTITY, Value, Written

COMPARED = ("above", "at_least", "below", "at_most")
THRESHOLD, WAIT, STEPS = "threshold", "wait", "steps"
RAISE = "raise"
PRIMARY = "primary"

Found = Mapping[str, Value | None]


def changes_of(written: Written, changes: Mapping[str, Value]) -> dict[str, Value | None]:
    """Return what is written where, from changes by path or name; None takes an entry away.

    Raises InputError for names that fit nothing, and for changes that contradict each other.
    """
    found: dict[str, Value | None] = {}
    asked_by: dict[str, str] = {}
    sizes = {path: value for path, value in changes.items() if arm_of_size(path) is not None}
    parts = [(path, _changes(written, path, value)) for path, value in changes.items() if path not in sizes]
    if sizes:
        parts.append((" and ".join(sizes), _sizes(written, sizes)))
    for path, places in parts:
        for place, value in places.items():
            if place in found and found[place] != value:
                raise InputError(
                    f"'{asked_by[place]}' and '{path}' both change '{place}', and not in the same way. Give "
                    "one of them."
                )
            found[place], asked_by[place] = value, path
    return found


def arm_of_size(path: str) -> str | None:
    """Return the arm whose size a name stands for; None for any other path."""
    words = path.split(".")
    return words[1] if len(words) == 3 and (words[0], words[2]) == ("arms", "size") else None


def _changes(written: Written, path: str, value: Value) -> Found:
    section, *words = path.split(".")
    match section:
        case "endpoints":
            return _endpoint(written, words, value)
        case "arms" if words[1:] == ["dose"]:
            return {_dose(written, words[0]): value}
        case "dosing" | "rules":
            return _rule(written, path, words, value)
        case "eligibility":
            return _criterion(written, path, words, value)
        case _:
            return {path: value}


def _endpoint(written: Written, words: list[str], value: Value) -> Found:
    if words[:1] == [PRIMARY] and f"endpoints.{PRIMARY}" not in written.places:
        words = [_lead(written), *words[1:]]
    if words[1:] == ["week"]:
        _must_be(written, f"endpoints.{words[0]}")
        return moved_week(written, words[0], value)
    return {".".join(("endpoints", *words)): value}


def _rule(written: Written, path: str, words: list[str], value: Value) -> Found:
    place = ".".join(("rules", *words))
    if len(words) != 2 or words[1] not in (STEPS, THRESHOLD, WAIT):
        return {place: value}
    rule, asked = words
    _must_be(written, f"rules.{rule}")
    if asked == STEPS:
        return {f"rules.{rule}.levels": value}
    raising = _raising(written, rule)
    return {f"{raising}.after" if asked == WAIT else _only_limit(written, f"{raising}.when", path): value}


def _criterion(written: Written, path: str, words: list[str], value: Value) -> Found:
    if len(words) > 2 or (words[1:] and words[1] not in (*COMPARED, THRESHOLD)):
        return {path: value}
    place = f"eligibility.{'.'.join(words[:1])}"
    _must_be(written, place)
    if words[1:] and words[1] in COMPARED:
        return {f"{place}.require.{words[1]}": value}
    return {_only_limit(written, f"{place}.require", path): value}


def _must_be(written: Written, place: str) -> None:
    if place not in written.places:
        raise written.unknown(place)


def _lead(written: Written) -> str:
    for name in written.names("endpoints"):
        if written.scalar(f"endpoints.{name}.role") == PRIMARY:
            return name
    raise InputError(f"{written.file} has no primary endpoint. Name the endpoint.")


def _dose(written: Written, arm: str) -> str:
    _must_be(written, f"arms.{arm}")
    inside = f"arms.{arm}.treatments"
    doses = [f"{inside}.{place}.dose" for place in written.names(inside)]
    doses = [place for place in doses if place in written.places]
    if len(doses) != 1:
        told = ", ".join(f"'{place}'" for place in doses)
        why = f"has {len(doses)} doses: name one of {told}" if doses else "has no treatment with a dose"
        raise InputError(f"The arm '{arm}' of {written.file} {why}.")
    return doses[0]


def _raising(written: Written, rule: str) -> str:
    _must_be(written, f"rules.{rule}")
    inside = f"rules.{rule}.clauses"
    raising = [name for name in written.names(inside) if written.scalar(f"{inside}.{name}.do") == RAISE]
    if len(raising) != 1:
        told = ", ".join(f"'{inside}.{name}'" for name in raising or written.names(inside))
        raise InputError(
            f"The rule '{rule}' of {written.file} has {len(raising)} clauses that raise the dose, so its "
            f"threshold is not one value. Name a place: a limit under {told}."
        )
    return f"{inside}.{raising[0]}"


def limits(written: Written, place: str) -> Iterator[str]:
    """Yield every limit of a condition."""
    for name in written.names(place):
        inside = f"{place}.{name}"
        if name in COMPARED:
            yield inside
        else:
            yield from limits(written, inside)


def _only_limit(written: Written, place: str, path: str) -> str:
    found = list(limits(written, place))
    if len(found) != 1:
        told = ", ".join(f"'{inside}'" for inside in found)
        why = f"has {len(found)} limits: name one of {told}" if found else "has no limit that is a number"
        raise InputError(f"'{path}' of {written.file} {why}.")
    return found[0]


def _sizes(written: Written, sizes: Mapping[str, Value]) -> Found:
    """Return the size of the trial, and the ratio where every arm has a size of its own."""
    patients = {str(arm_of_size(path)): _whole(path, value) for path, value in sizes.items()}
    arms = written.names("arms")
    for arm in patients:
        _must_be(written, f"arms.{arm}")
    ratios = {arm: int(written.scalar(f"arms.{arm}.ratio") or 1) for arm in arms}
    if set(patients) == set(arms):
        return _ratio_of(written, patients)
    if len(patients) > 1:
        raise InputError(
            f"The sizes of {len(patients)} of {len(arms)} arms do not say that of the others. Give that of "
            "one arm, which keeps the ratio, or those of all."
        )
    arm, count = next(iter(patients.items()))
    return {"size": math.ceil(count * sum(ratios.values()) / ratios[arm])}


def _ratio_of(written: Written, patients: Mapping[str, int]) -> Found:
    common = math.gcd(*patients.values())
    found: dict[str, Value | None] = {f"arms.{arm}.ratio": count // common for arm, count in patients.items()}
    found["size"] = sum(patients.values())
    block = written.scalar("randomisation.block_size")
    whole = sum(patients.values()) // common
    if block is not None and int(block) % whole:
        found["randomisation.block_size"] = whole
    return found


def _whole(path: str, value: Value) -> int:
    matched = QUANTITY.match(str(value))
    number = float(matched.group(1)) if matched and not matched.group(2) else math.nan
    if not number >= 1 or number != round(number):
        raise InputError(f"'{path}' is a number of patients; '{value}' is none.")
    return int(number)
