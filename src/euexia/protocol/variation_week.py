"""An endpoint that is read in another week: its visit moves along, and what hangs on that visit."""

from __future__ import annotations

from collections.abc import Mapping

from euexia.core import quantities
from euexia.core.errors import InputError, UnitError
from euexia.protocol.schedule_checks import DAY
from euexia.protocol.written import QUANTITY, Value, Written, in_file

VISITS = "schedule.visits"
WEEK = 7.0


def moved_week(written: Written, endpoint: str, value: Value) -> Mapping[str, Value | None]:
    """Return what changes when an endpoint is read in another week.

    The visit of its old day moves to the new one, with every endpoint that is read there; a visit that
    stands on the new day is taken into it.  A treatment that ended on the old day ends on the new one, and
    its dose checks go on at the rhythm of the last week, or end with it.  Follow-up grows if it must.
    """
    if isinstance(value, tuple):
        raise InputError(f"'endpoints.{endpoint}.week' is one week; '{value}' is a list.")
    before = _day(written, f"endpoints.{endpoint}.day")
    after = _days_of(endpoint, value)
    if abs(before - after) < DAY:
        return {}
    text = _written_days(after)
    followed = [f"endpoints.{name}.day" for name in written.names("endpoints")]
    followed += [f"arms.{arm}.duration" for arm in written.names("arms")]
    found: dict[str, Value | None] = dict.fromkeys(_on(written, followed, before), text)
    found |= _moved_visit(written, before, after)
    found |= _days_of_endpoints(written, before, after)
    if _on(written, ["schedule.treatment"], before):
        found["schedule.treatment"] = text
        found |= _dose_checks(written, before, after, set(found))
    if "schedule.follow_up" in written.places and _day(written, "schedule.follow_up") < after:
        found["schedule.follow_up"] = text
    return found


def _days_of_endpoints(written: Written, before: float, after: float) -> dict[str, Value | None]:
    """Return the days of endpoints that are read at several visits, the last of which has moved."""
    found: dict[str, Value | None] = {}
    for name in written.names("endpoints"):
        place = f"endpoints.{name}.days"
        if not _on(written, [f"endpoints.{name}.day"], before) or not written.is_list(place):
            continue
        days = {text: quantities.parse(text, "duration") for text in _texts(written, place)}
        earlier = [text for text, day in days.items() if day < min(before, after) - DAY]
        found[place] = (*earlier, _written_days(after))
    return found


def _on(written: Written, places: list[str], day: float) -> list[str]:
    """Return those of the places that are there and say a day."""
    there = [place for place in places if place in written.places]
    return [place for place in there if abs(_day(written, place) - day) < DAY]


def _day(written: Written, place: str) -> float:
    text = written.scalar(place)
    if text is None:
        raise written.unknown(place)
    try:
        return quantities.parse(text, "duration")
    except UnitError as error:
        raise InputError(f"'{place}' in {written.file}: {error}") from error


def _days_of(endpoint: str, value: Value) -> float:
    matched = QUANTITY.match(str(value))
    text = in_file(value, "weeks") if matched else str(value)
    try:
        days = quantities.parse(text, "duration")
    except UnitError as error:
        raise InputError(f"'endpoints.{endpoint}.week' is a number of weeks; '{value}' is none.") from error
    if days <= 0:
        raise InputError(f"'endpoints.{endpoint}.week' is {value}: an endpoint is read after randomisation.")
    return days


def _written_days(days: float) -> str:
    return f"{days / WEEK:g} weeks" if days % WEEK == 0 else f"{days:g} days"


def _moved_visit(written: Written, before: float, after: float) -> dict[str, Value | None]:
    """Return the changes that bring the visit of a day to another, where it may meet a visit."""
    single = {name: f"{VISITS}.{name}.day" for name in written.names(VISITS)}
    single = {name: place for name, place in single.items() if place in written.places}
    moved = [name for name, place in single.items() if _on(written, [place], before)]
    if not moved:
        return {}
    found: dict[str, Value | None] = {single[moved[0]]: _written_days(after)}
    for name, place in single.items():
        if abs(_day(written, place) - after) < DAY:
            found[f"{VISITS}.{name}"] = None
            found |= _taken_in(written, moved[0], name)
    for name in written.names(VISITS):
        found |= _without_day(written, f"{VISITS}.{name}.days", after)
    return found


def _taken_in(written: Written, visit: str, other: str) -> dict[str, Value | None]:
    """Return the measures of a visit with those of another that is taken into it."""
    own, added = (
        [written.scalar(f"{place}.{number}") or "" for number in written.names(place)]
        for place in (f"{VISITS}.{visit}.measures", f"{VISITS}.{other}.measures")
    )
    more = [measure for measure in added if measure not in own]
    return {f"{VISITS}.{visit}.measures": (*own, *more)} if more else {}


def _without_day(written: Written, place: str, day: float) -> dict[str, Value | None]:
    texts = _texts(written, place)
    kept = [text for text in texts if abs(quantities.parse(text, "duration") - day) >= DAY]
    return {place: tuple(kept)} if len(kept) < len(texts) else {}


def _texts(written: Written, place: str) -> list[str]:
    return [written.scalar(f"{place}.{number}") or "" for number in written.names(place)]


def _dose_checks(written: Written, before: float, after: float, changed: set[str]) -> dict[str, Value | None]:
    """Return the dose checks of a treatment of another length: in the rhythm of its last week, to its end."""
    found: dict[str, Value | None] = {}
    for name in written.names(VISITS):
        inside = f"{VISITS}.{name}"
        if written.scalar(f"{inside}.dose_check") != "true" or inside in changed:
            continue
        place = f"{inside}.days"
        if place in written.places:
            days = [quantities.parse(text, "duration") for text in _texts(written, place)]
            until = _until(days, before, after)
            clear = after - _window(written, name) - _moved_window(written, before)
            until = [day for day in until if day < clear - DAY]
            more = [day for day in until if day in days or _is_free(written, name, day, before)]
            found[place] = tuple(f"{day:g} days" for day in more)
        elif _day(written, f"{inside}.day") >= after - DAY:
            found[f"{inside}.dose_check"] = "false"
    return found


def _is_free(written: Written, series: str, day: float, before: float) -> bool:
    """Return whether a visit of a series may be on a day: its window meets that of no visit that stays."""
    own = _window(written, series)
    for name in written.names(VISITS):
        place = f"{VISITS}.{name}.day"
        if place not in written.places or abs(_day(written, place) - before) < DAY:
            continue
        if abs(_day(written, place) - day) <= own + _window(written, name) + DAY:
            return False
    return True


def _moved_window(written: Written, before: float) -> float:
    """Return the window of the visit that moves."""
    names = [name for name in written.names(VISITS) if _on(written, [f"{VISITS}.{name}.day"], before)]
    return max((_window(written, name) for name in names), default=0.0)


def _window(written: Written, visit: str) -> float:
    place = f"{VISITS}.{visit}.window"
    return _day(written, place) if place in written.places else 0.0


def _until(days: list[float], before: float, after: float) -> list[float]:
    """Return the days of a series before a new end; a longer one repeats the days of its last week."""
    last = [day for day in days if before - WEEK <= day < before]
    weeks = int((after - before) // WEEK) + 1
    repeated = [day + WEEK * week for week in range(1, weeks + 1) for day in last]
    return [day for day in [*days, *repeated] if day < after - DAY]
