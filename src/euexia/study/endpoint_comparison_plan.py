"""What a comparison of endpoints will do: which arms, which day, and visits that read everything.

The protocol keeps its patients, arms, visits and chance; visits only read more.  A reading that is added
moves no other one, so the protocol's own analyses give what they give without the comparison.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from euexia.core.errors import InputError
from euexia.core.studytime import DAYS_PER_WEEK
from euexia.criteria.measures import MEASURES
from euexia.endpoints.windows import DAY_TOLERANCE
from euexia.observe.measurement import behind
from euexia.protocol.analysis_plan import Analysis, Endpoint
from euexia.protocol.lead import lead_endpoint
from euexia.protocol.protocol import Protocol, Visit
from euexia.simulate.function import FUNCTION
from euexia.study.endpoint_comparison_list import PREFIX, At, Judgement
from euexia.study.feasibility import COMPUTED
from euexia.study.simulated import OBSERVED, ON_REQUEST

OWN = "own"
"""The protocol's own primary analyses, judged beside the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An arm, the control it is compared with, and the level of its test in the protocol."""

    arm: str
    control: str
    alpha: float
    one_sided: bool

    @property
    def towards(self) -> float:
        """Return the level on the patient's side alone."""
        return self.alpha if self.one_sided else self.alpha / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One judgement of one pair: every one of ``analyses`` must succeed."""

    judgement: str
    pair: Pair
    analyses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A comparison, ready to be simulated."""

    protocol: Protocol
    """As given."""
    variant: Protocol
    """The same trial; its visits read what every endpoint needs, its analyses are those of the comparison."""
    judgements: Mapping[str, Judgement]
    pairs: tuple[Pair, ...]
    questions: tuple[Question, ...]
    day: float
    """On which endpoints are read."""

    @property
    def analyses(self) -> Mapping[str, Analysis]:
        """Return the analyses of the comparison by name."""
        return {analysis.name: analysis for analysis in self.variant.analyses}

    @property
    def endpoints(self) -> Mapping[str, Endpoint]:
        """Return the endpoints of the comparison by name."""
        return {endpoint.name: endpoint for endpoint in self.variant.endpoints}


def plan(
    protocol: Protocol,
    judgements: Mapping[str, Judgement],
    *,
    arm: str | None = None,
    week: float | None = None,
) -> Plan:
    """Return what a comparison of endpoints does with a protocol.

    arm: only this one against its control; every comparison of the protocol if None.  week: of the visit at
    which endpoints are read; that of the first primary endpoint if None.
    Raises InputError for a protocol that compares no arms, an arm that is compared with none, a week without
    a visit, a protocol without a visit on day 0, and endpoints of which the model knows nothing.
    """
    pairs = _pairs(protocol, arm)
    day = _day(protocol, week)
    unknown = list(_unknown(judgements))
    if unknown:
        raise InputError("The list of endpoints cannot be simulated:\n" + "\n".join(unknown))
    own = _own_analyses(protocol)
    added = tuple(_analyses(judgements, pairs))
    used = {analysis.endpoint for analysis in own}
    new = {name: entry for name, entry in judgements.items() if entry.endpoint is not None}
    variant = replace(
        protocol,
        schedule=replace(protocol.schedule, visits=_visits(protocol, judgements, day)),
        endpoints=(
            *(endpoint for endpoint in protocol.endpoints if endpoint.name in used),
            *(_dated(protocol, entry, day) for entry in new.values()),
        ),
        estimands={
            **protocol.estimands,
            **{entry.estimand.endpoint: entry.estimand for entry in new.values() if entry.estimand},
        },
        analyses=(*own, *added),
        published=(),
        interims=(),
    )
    return Plan(
        protocol=protocol,
        variant=variant,
        judgements=judgements,
        pairs=pairs,
        questions=tuple(_questions(protocol, judgements, pairs)),
        day=day,
    )


def analysis_name(judgement: str, pair: Pair) -> str:
    """Return the name of the analysis of a judgement."""
    return f"{PREFIX}{judgement}_in_{pair.arm}_against_{pair.control}"


def _pairs(protocol: Protocol, arm: str | None) -> tuple[Pair, ...]:
    if len(protocol.arms) < 2:
        raise InputError(
            f"The protocol '{protocol.id}' has one arm only ('{protocol.arms[0].name}'). Endpoints are "
            "judged by comparing two arms: add a control arm."
        )
    found: dict[tuple[str, str], Pair] = {}
    for analysis in sorted(protocol.analyses, key=lambda analysis: not analysis.primary):
        if analysis.control is not None:
            pair = Pair(
                arm=analysis.arm,
                control=analysis.control,
                alpha=analysis.alpha,
                one_sided=analysis.one_sided,
            )
            found.setdefault((pair.arm, pair.control), pair)
    if not found:
        raise InputError(
            f"No analysis of protocol '{protocol.id}' compares two arms, so it is open which arm is the "
            "control. Give one of its analyses a 'control'."
        )
    chosen = tuple(pair for pair in found.values() if arm in (None, pair.arm))
    if not chosen:
        names = ", ".join(dict.fromkeys(f"'{pair.arm}'" for pair in found.values()))
        raise InputError(
            f"No analysis of protocol '{protocol.id}' compares '{arm}'. Arms it compares: {names}."
        )
    return chosen


def _day(protocol: Protocol, week: float | None) -> float:
    """Return the day on which endpoints are read; raise InputError if nobody is seen then, or on day 0."""
    lead = lead_endpoint(protocol)
    day = lead.day if week is None else week * DAYS_PER_WEEK
    days = sorted({visit.day for visit in protocol.schedule.visits if visit.day > 0})
    weeks = ", ".join(f"{known / DAYS_PER_WEEK:.3g}" for known in days) or "none"
    if not any(abs(known - day) <= DAY_TOLERANCE for known in days):
        asked = f"its primary endpoint '{lead.name}' is of" if week is None else "endpoints were asked for in"
        raise InputError(
            f"Protocol '{protocol.id}' has no visit in week {day / DAYS_PER_WEEK:g}, and {asked} that week. "
            f"Choose the week of a visit with --week: {weeks}."
        )
    if not any(abs(visit.day) <= DAY_TOLERANCE for visit in protocol.schedule.visits):
        raise InputError(
            f"Protocol '{protocol.id}' has no visit on day 0, and every change counts from there. Add one."
        )
    return day


def _unknown(judgements: Mapping[str, Judgement]) -> Iterator[str]:
    """Give the measures that a simulated visit cannot read."""
    known = {*OBSERVED, *ON_REQUEST, *FUNCTION, *COMPUTED}
    for name, entry in judgements.items():
        for measure in entry.measures:
            if behind(measure) not in known:
                yield (
                    f"  - '{name}' needs '{measure}' ({MEASURES[measure].label}), which the model does not "
                    f"give after day 0. Take the endpoint out of the list. The model gives: "
                    f"{', '.join(sorted(known))}."
                )


def _visits(protocol: Protocol, judgements: Mapping[str, Judgement], day: float) -> tuple[Visit, ...]:
    """Return the visits; those of day 0 and of the day of the endpoints read everything."""
    wanted = dict.fromkeys(measure for entry in judgements.values() for measure in entry.measures)

    def reads(visit: Visit) -> Visit:
        if min(abs(visit.day), abs(visit.day - day)) > DAY_TOLERANCE:
            return visit
        return replace(visit, measures=tuple(dict.fromkeys((*visit.measures, *wanted))))

    return tuple(reads(visit) for visit in protocol.schedule.visits)


def _dated(protocol: Protocol, entry: Judgement, day: float) -> Endpoint:
    if entry.endpoint is None:
        raise InputError(f"'{entry.label}' stands for several endpoints and has no day of its own.")
    match entry.at:
        case At.PRIMARY_VISIT:
            return replace(entry.endpoint, day=day)
        case At.END_OF_FOLLOW_UP:
            return replace(entry.endpoint, day=protocol.schedule.follow_up)
        case _:
            assert_never(entry.at)


def _own_analyses(protocol: Protocol) -> tuple[Analysis, ...]:
    """Return the primary analyses, and those that share a level with them."""
    shared = () if protocol.multiplicity is None else protocol.multiplicity.analyses
    return tuple(analysis for analysis in protocol.analyses if analysis.primary or analysis.name in shared)


def _analyses(judgements: Mapping[str, Judgement], pairs: tuple[Pair, ...]) -> Iterator[Analysis]:
    for pair in pairs:
        for name, entry in judgements.items():
            if entry.endpoint is not None and entry.method is not None:
                yield Analysis(
                    name=analysis_name(name, pair),
                    endpoint=entry.endpoint.name,
                    method=entry.method,
                    arm=pair.arm,
                    control=pair.control,
                    alpha=pair.alpha,
                    one_sided=pair.one_sided,
                    options=entry.options,
                    status=entry.status,
                )


def _questions(
    protocol: Protocol, judgements: Mapping[str, Judgement], pairs: tuple[Pair, ...]
) -> Iterator[Question]:
    for pair in pairs:
        own = tuple(
            analysis.name
            for analysis in protocol.analyses
            if analysis.primary and analysis.arm == pair.arm and analysis.control in (None, pair.control)
        )
        if own:
            yield Question(judgement=OWN, pair=pair, analyses=own)
        for name, entry in judgements.items():
            parts = entry.all_of or (name,)
            yield Question(
                judgement=name, pair=pair, analyses=tuple(analysis_name(part, pair) for part in parts)
            )
