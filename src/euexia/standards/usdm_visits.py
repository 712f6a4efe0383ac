"""The main timeline of a USDM document as visits, each with its day from the anchor."""

from __future__ import annotations

from collections.abc import Mapping

from euexia.core.errors import InputError
from euexia.standards.usdm_document import Document, decode, label, listed, words
from euexia.standards.usdm_objects import Object
from euexia.standards.usdm_study import UsdmVisit
from euexia.standards.usdm_times import days_of


def visits(document: Document) -> tuple[UsdmVisit, ...]:
    """Return the visits of the main timeline in order of their day; those without a day come last.

    Raises InputError if timings go round in a circle, or name what is not there.
    """
    timeline = _main(document)
    if timeline is None:
        return ()
    instances = [
        item
        for item in listed(timeline, "instances")
        if item.get("instanceType") == "ScheduledActivityInstance"
    ]
    timings = {str(item.get("relativeFromScheduledInstanceId")): item for item in listed(timeline, "timings")}
    days: dict[str, float | None] = {}
    found = [
        _visit(
            document,
            instance,
            timings.get(str(instance.get("id"))),
            _day(document, instance, timings, days, ()),
        )
        for instance in instances
    ]
    return tuple(sorted(found, key=lambda visit: (visit.day is None, visit.day or 0.0)))


def _main(document: Document) -> Object | None:
    timelines = listed(document.design, "scheduleTimelines")
    main = [item for item in timelines if item.get("mainTimeline") is True]
    if len(main) > 1:
        names = ", ".join(f"'{label(item)}'" for item in main)
        raise InputError(
            f"{document.file} has {len(main)} main timelines ({names}). One can be the main one."
        )
    return main[0] if main else None


def _day(
    document: Document,
    instance: Object,
    timings: Mapping[str, Object],
    days: dict[str, float | None],
    above: tuple[str, ...],
) -> float | None:
    """Return the day of an instance: along its timings to the fixed reference, which is day 0."""
    name = str(instance.get("id"))
    if name in days:
        return days[name]
    if name in above:
        circle = " → ".join(label(document.objects[step]) for step in (*above[above.index(name) :], name))
        raise InputError(
            f"{document.file}: the timings of visits go round in a circle ({circle}). "
            "One of them must be the fixed reference."
        )
    timing = timings.get(name)
    days[name] = None if timing is None else _along(document, timing, name, timings, days, above)
    return days[name]


def _along(
    document: Document,
    timing: Object,
    name: str,
    timings: Mapping[str, Object],
    days: dict[str, float | None],
    above: tuple[str, ...],
) -> float | None:
    kind = decode(timing.get("type")).lower()
    target = timing.get("relativeToScheduledInstanceId")
    if kind.startswith("fixed"):
        return 0.0
    if target is None:
        return None
    to = document.found(target, f"the timing '{label(timing)}'")
    start = _day(document, to, timings, days, (*above, name))
    length = days_of(words(timing.get("value")))
    if start is None or length is None:
        return None
    return start - abs(length) if kind.startswith("before") else start + abs(length)


def _visit(document: Document, instance: Object, timing: Object | None, day: float | None) -> UsdmVisit:
    who = f"the instance '{label(instance)}' of the timeline"
    encounter = document.found(instance["encounterId"], who) if instance.get("encounterId") else instance
    epoch = document.found(instance["epochId"], who) if instance.get("epochId") else None
    window = timing or {}
    return UsdmVisit(
        name=words(encounter.get("name")) or label(encounter),
        label=label(encounter),
        day=day,
        early=_length(window.get("windowLower")),
        late=_length(window.get("windowUpper")),
        epoch="" if epoch is None else label(epoch),
        activities=tuple(
            label(document.found(identifier, who)) for identifier in instance.get("activityIds") or ()
        ),
    )


def _length(written: object) -> float | None:
    days = days_of(written) if isinstance(written, str) and written.strip() else None
    return None if days is None else abs(days)
