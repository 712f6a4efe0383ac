"""Visits and what is measured at them as USDM encounters, activities and one timeline."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from euexia.criteria.measures import MEASURES
from euexia.protocol.condition import duration_in_words
from euexia.protocol.protocol import Protocol, Visit
from euexia.standards import usdm_codes as codes
from euexia.standards.usdm_extension import attribute, plain
from euexia.standards.usdm_objects import Maker, Object, chained
from euexia.standards.usdm_times import iso

SCREENING = "screening"
RANDOMISATION = "randomisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Encounters, activities, what stands for their content, and the timeline."""

    encounters: list[Object]
    activities: list[Object]
    surrogates: list[Object]
    timeline: Object


@dataclass(frozen=True, slots=True)
class Meeting:
    """One encounter to be: a planned visit, the screening, the day of randomisation, the end of a period."""

    name: str
    day: float
    window: float
    activities: tuple[str, ...]
    visit: Visit | None = None

    @property
    def label(self) -> str:
        """Return its name in words."""
        words = self.name.replace("_", " ")
        return words[:1].upper() + words[1:]


def meetings(protocol: Protocol) -> tuple[Meeting, ...]:
    """Return every encounter in order of its day, with the activities at it; day 0 is always among them."""
    found = [Meeting(SCREENING, protocol.schedule.screening, 0.0, ("eligibility",))]
    if all(visit.day != 0 for visit in protocol.schedule.visits):
        found.append(Meeting(RANDOMISATION, 0.0, 0.0, (RANDOMISATION,)))
    for visit in protocol.schedule.visits:
        first = (RANDOMISATION,) if visit.day == 0 and not _has_zero(found) else ()
        dose = ("dose_decision",) if visit.dose_check else ()
        found.append(Meeting(visit.name, visit.day, visit.window, (*first, *visit.measures, *dose), visit))
    found += _ends(protocol)
    return tuple(sorted(found, key=lambda meeting: meeting.day))


def _ends(protocol: Protocol) -> list[Meeting]:
    """Return the beginning of a run-in and the end of a follow-up that have no visit of their own."""
    schedule = protocol.schedule
    days = [visit.day for visit in schedule.visits]
    ends = []
    if schedule.run_in and not any(-schedule.run_in <= day < 0 for day in days):
        ends.append(Meeting("run_in_begins", -schedule.run_in, 0.0, ("care",)))
    if schedule.follow_up > schedule.treatment and not any(day > schedule.treatment for day in days):
        ends.append(Meeting("follow_up_ends", schedule.follow_up, 0.0, ("safety",)))
    return ends


def _has_zero(found: list[Meeting]) -> bool:
    return any(RANDOMISATION in meeting.activities for meeting in found)


def plan(maker: Maker, protocol: Protocol, epochs: list[Object]) -> Plan:
    """Return the schedule.  epochs: of the design, to which each encounter belongs."""
    planned = meetings(protocol)
    names = list(dict.fromkeys(name for meeting in planned for name in meeting.activities))
    surrogates = {name: _surrogate(maker, name) for name in names}
    activities = {name: _activity(maker, name, surrogates[name]) for name in names}
    chained(list(activities.values()))
    encounters = chained([_encounter(maker, meeting) for meeting in planned])
    instances = [
        _instance(maker, meeting, encounter, activities, _epoch(protocol, meeting, epochs))
        for meeting, encounter in zip(planned, encounters, strict=True)
    ]
    timings = _timings(maker, planned, instances)
    for encounter, timing in zip(encounters, timings, strict=True):
        encounter["scheduledAtId"] = timing["id"]
    return Plan(
        encounters=encounters,
        activities=list(activities.values()),
        surrogates=list(surrogates.values()),
        timeline=_timeline(maker, protocol, instances, timings),
    )


def _surrogate(maker: Maker, name: str) -> Object:
    measure = MEASURES.get(name)
    return maker.make(
        "BiomedicalConceptSurrogate",
        name=name,
        label=label_of(name),
        description=(measure.note or None) if measure is not None else None,
        reference=None,
        notes=[],
    )


LABELS = {
    "eligibility": "Eligibility",
    RANDOMISATION: "Randomisation",
    "dose_decision": "Decision on the dose",
    "care": "Care of everyone begins",
    "safety": "Safety was followed until here",
}
"""Activities that are no measurement."""


def label_of(name: str) -> str:
    """Return an activity in words: the measure it reads, or what else is done."""
    return MEASURES[name].label if name in MEASURES else LABELS[name]


def _activity(maker: Maker, name: str, surrogate: Object) -> Object:
    return maker.make(
        "Activity",
        name=name,
        label=label_of(name),
        description=None,
        childIds=[],
        definedProcedures=[],
        biomedicalConceptIds=[],
        bcCategoryIds=[],
        bcSurrogateIds=[surrogate["id"]],
        timelineId=None,
        notes=[],
    )


def _encounter(maker: Maker, meeting: Meeting) -> Object:
    extensions = [] if meeting.visit is None else [attribute(maker, "visit", plain(meeting.visit))]
    return maker.make(
        "Encounter",
        extensions=extensions,
        name=meeting.name,
        label=meeting.label,
        description=f"Day {meeting.day:g}",
        type=maker.code(codes.VISIT),
        scheduledAtId=None,
        environmentalSettings=[],
        contactModes=[],
        transitionStartRule=None,
        transitionEndRule=None,
        notes=[],
    )


def _epoch(protocol: Protocol, meeting: Meeting, epochs: list[Object]) -> str:
    schedule = protocol.schedule
    if meeting.day < -schedule.run_in or (meeting.day < 0 and not schedule.run_in):
        name = "screening"
    elif meeting.day < 0:
        name = "run_in"
    else:
        name = "treatment" if meeting.day <= schedule.treatment else "follow_up"
    ids: dict[str, str] = {epoch["name"]: epoch["id"] for epoch in epochs}
    return ids.get(name, ids["treatment"])


def _instance(
    maker: Maker, meeting: Meeting, encounter: Object, activities: dict[str, Object], epoch: str
) -> Object:
    return maker.make(
        "ScheduledActivityInstance",
        name=meeting.name,
        label=meeting.label,
        description=None,
        defaultConditionId=None,
        epochId=epoch,
        timelineId=None,
        timelineExitId=None,
        activityIds=[activities[name]["id"] for name in meeting.activities],
        encounterId=encounter["id"],
    )


def _timings(maker: Maker, planned: tuple[Meeting, ...], instances: list[Object]) -> list[Object]:
    """Return one timing for each instance, counted from the day of randomisation."""
    anchor = next(
        instance
        for meeting, instance in zip(planned, instances, strict=True)
        if RANDOMISATION in meeting.activities
    )
    return [
        _timing(maker, meeting, instance, anchor)
        for meeting, instance in zip(planned, instances, strict=True)
    ]


def _timing(maker: Maker, meeting: Meeting, instance: Object, anchor: Object) -> Object:
    term = codes.BEFORE if meeting.day < 0 else codes.AFTER
    fixed = instance is anchor
    window = iso(meeting.window) if meeting.window and not fixed else None
    return maker.make(
        "Timing",
        name=f"timing_{meeting.name}",
        label=f"Day {meeting.day:g}",
        description=None,
        type=maker.code(codes.FIXED if fixed else term),
        value=iso(meeting.day),
        valueLabel=duration_in_words(abs(meeting.day)) if meeting.day else "Day 0",
        relativeToFrom=maker.code(codes.START_TO_START),
        relativeFromScheduledInstanceId=instance["id"],
        relativeToScheduledInstanceId=anchor["id"],
        windowLower=window,
        windowUpper=window,
        windowLabel=f"± {duration_in_words(meeting.window)}" if window else None,
    )


def _timeline(maker: Maker, protocol: Protocol, instances: list[Object], timings: list[Object]) -> Object:
    leave = maker.make("ScheduleTimelineExit")
    for instance, following in pairwise(instances):
        instance["defaultConditionId"] = following["id"]
    instances[-1]["timelineExitId"] = leave["id"]
    last = max(meeting.day for meeting in meetings(protocol))
    days = max(last, protocol.schedule.follow_up) - protocol.schedule.screening
    return maker.make(
        "ScheduleTimeline",
        name="main",
        label="Visits of the trial",
        description="Days count from randomisation (day 0)",
        mainTimeline=True,
        entryCondition="A candidate comes to screening",
        entryId=instances[0]["id"],
        exits=[leave],
        timings=timings,
        instances=instances,
        plannedDuration=maker.make(
            "Duration",
            text=duration_in_words(days),
            quantity=maker.quantity(days, codes.DAYS),
            durationWillVary=False,
            reasonDurationWillVary=None,
        ),
    )
