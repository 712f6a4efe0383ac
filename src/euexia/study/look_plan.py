"""The looks of a protocol made ready to be carried out: when each is due, and the boundaries of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from scipy.special import ndtri

from euexia.core.errors import InputError
from euexia.design.monitored_trials import Look, MonitoringPlan, complete, shaped
from euexia.design.spending import Boundary as Kind
from euexia.endpoints.windows import DAY_TOLERANCE
from euexia.protocol.analysis_plan import Analysis, Endpoint, EndpointKind
from euexia.protocol.design import Boundary, Interim, Shape, Spending
from euexia.protocol.executed_look_checks import is_monitored
from euexia.protocol.look_words import executed_looks
from euexia.protocol.protocol import Protocol

SPENDING: Mapping[Spending, Kind] = {
    Spending.OBRIEN_FLEMING: Kind.SPENDING_OBRIEN_FLEMING,
    Spending.POCOCK: Kind.SPENDING_POCOCK,
    Spending.KIM_DEMETS: Kind.KIM_DEMETS,
    Spending.HWANG_SHIH_DECANI: Kind.HWANG_SHIH_DECANI,
}
SHAPES: Mapping[Shape, Kind] = {
    Shape.OBRIEN_FLEMING: Kind.OBRIEN_FLEMING,
    Shape.POCOCK: Kind.POCOCK,
    Shape.WANG_TSIATIS: Kind.WANG_TSIATIS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LookPlan:
    """What simulated (and real) trials carry out.

    due: days in the trial after which a patient's endpoint of each look is there.  lead: the analysis that
    stops the trial, or the first primary one where looks only drop arms.  family: tests that must all
    succeed, the lead first; empty where no look stops the trial.  boundaries: of Z; None for a design in two
    stages by responders, and where no look stops the trial.
    """

    protocol: Protocol
    looks: tuple[Interim, ...]
    due: tuple[float, ...]
    lead: Analysis
    family: tuple[Analysis, ...]
    boundaries: MonitoringPlan | None
    responders: int | None
    maximum: int

    @property
    def final_due(self) -> float:
        """Return the days after which a patient's endpoint of the lead analysis is there."""
        return due_after(self.protocol, endpoint_of(self.protocol, self.lead))

    def analyses_at(self, look: Interim) -> tuple[Analysis, ...]:
        """Return the analyses that are done at a look."""
        names = [analysis.name for analysis in self.family]
        names += [] if look.drop is None else look.drop.analyses
        by_name = {analysis.name: analysis for analysis in self.protocol.analyses}
        return tuple(by_name[name] for name in dict.fromkeys(names))


def plan_looks(protocol: Protocol) -> LookPlan:
    """Return the looks of a protocol, ready to be carried out.

    Raises InputError for boundaries that no design has, such as such that cross.
    """
    looks = executed_looks(protocol)
    if not looks:
        raise InputError(f"Protocol '{protocol.id}' has no look to carry out. Write 'executed: true' at one.")
    by_name = {analysis.name: analysis for analysis in protocol.analyses}
    monitored = [look for look in looks if is_monitored(look)]
    first = monitored[0] if monitored else None
    lead = lead_of(protocol)
    family = () if first is None else (lead, *(by_name[name] for name in first.co_primary))
    limits = [look.futility.responders for look in monitored if look.futility is not None]
    responders = next((limit for limit in limits if limit is not None), None)
    sizes = [look.resize.maximum for look in looks if look.resize is not None]
    return LookPlan(
        protocol=protocol,
        looks=looks,
        due=tuple(due_after(protocol, endpoint_of(protocol, by_name[look.analysis])) for look in looks),
        lead=lead,
        family=family,
        boundaries=_boundaries(protocol, looks, lead) if family and responders is None else None,
        responders=responders,
        maximum=max([protocol.size, *sizes]),
    )


def lead_of(protocol: Protocol) -> Analysis:
    """Return the analysis that stops the trial at its looks, else the first primary one."""
    stopping = [look.analysis for look in executed_looks(protocol) if is_monitored(look)]
    primary = [analysis.name for analysis in protocol.analyses if analysis.primary]
    name = next(iter((*stopping, *primary, protocol.analyses[0].name)))
    return next(analysis for analysis in protocol.analyses if analysis.name == name)


def endpoint_of(protocol: Protocol, analysis: Analysis) -> Endpoint:
    """Return the endpoint of an analysis."""
    return next(endpoint for endpoint in protocol.endpoints if endpoint.name == analysis.endpoint)


def due_after(protocol: Protocol, endpoint: Endpoint) -> float:
    """Return the days in the trial after which the endpoint of a patient is there.

    Of a visit its day and window; a time to event is looked at in everybody, as far as it is known.
    """
    if endpoint.kind is EndpointKind.TIME_TO_EVENT:
        return 0.0
    visits = protocol.schedule.visits
    windows = [visit.window for visit in visits if abs(visit.day - endpoint.day) <= DAY_TOLERANCE]
    return endpoint.day + max(windows, default=0.0)


def information_of(protocol: Protocol, look: Interim) -> float:
    """Return the share of the information at a look, as planned."""
    if look.information is not None:
        return look.information
    return (look.patients or 0) / protocol.size


@lru_cache(maxsize=64)
def _completed(plan: MonitoringPlan) -> MonitoringPlan:
    return complete(plan)


def _boundaries(protocol: Protocol, looks: tuple[Interim, ...], lead: Analysis) -> MonitoringPlan:
    losses = [look.futility for look in looks if look.futility is not None]
    errors = [loss.error for loss in losses if loss.spending is not None and loss.error is not None]
    plan = MonitoringPlan(
        looks=tuple(_look(protocol, look, lead) for look in looks),
        alpha=lead.alpha,
        sides=1 if lead.one_sided else 2,
        binding=any(look.binding for look in looks),
        beta=errors[0] if errors else None,
    )
    try:
        return _completed(_with_shapes(plan, looks))
    except InputError as error:
        raise InputError(f"The interim looks of protocol '{protocol.id}' make no design: {error}") from error


def _look(protocol: Protocol, look: Interim, lead: Analysis) -> Look:
    gain, loss = look.efficacy, look.futility
    sides = 1 if lead.one_sided else 2
    return Look(
        information=information_of(protocol, look),
        critical=None if gain is None else _critical(gain.p_value, sides),
        spends=None if gain is None or gain.spending is None else SPENDING[gain.spending],
        shape=None if gain is None else gain.parameter,
        futility=None if loss is None else _critical(loss.p_value, sides),
        futility_power=None if loss is None else loss.conditional_power,
        loses=None if loss is None or loss.spending is None else SPENDING[loss.spending],
        futility_shape=None if loss is None else loss.parameter,
    )


def _critical(p_value: float | None, sides: int) -> float | None:
    return None if p_value is None else float(0.0 - ndtri(p_value / sides))


def _with_shapes(plan: MonitoringPlan, looks: tuple[Interim, ...]) -> MonitoringPlan:
    """Return the plan with the critical values of boundaries of fixed shape."""
    shapes: list[Boundary] = [
        look.efficacy for look in looks if look.efficacy is not None and look.efficacy.shape is not None
    ]
    if not shapes or shapes[0].shape is None:
        return plan
    times = [
        found.information for found, look in zip(plan.looks, looks, strict=True) if look.efficacy is not None
    ]
    kind, parameter = SHAPES[shapes[0].shape], shapes[0].parameter
    values = dict(
        zip((*times, 1.0), shaped(kind, (*times, 1.0), plan.alpha, plan.sides, parameter), strict=True)
    )
    return replace(
        plan,
        looks=tuple(
            replace(found, critical=float(values[found.information]), shape=None)
            if look.efficacy is not None
            else found
            for found, look in zip(plan.looks, looks, strict=True)
        ),
    )
