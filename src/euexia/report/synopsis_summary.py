"""The tables of a protocol's summary: objectives with estimands, overall design, trial schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from euexia.protocol.analysis_plan import AnalysisSet, Endpoint, Estimand, Role, Strategy
from euexia.protocol.analysis_words import SUMMARIES, strategy_in_words
from euexia.protocol.condition import duration_in_words, in_words
from euexia.protocol.design import Masking
from euexia.protocol.design_words import MASKED, given
from euexia.protocol.protocol import Arm, Protocol, RandomisationMethod
from euexia.report.content import Table

SETS: Mapping[AnalysisSet, str] = {
    AnalysisSet.ALL_RANDOMISED: "all randomised patients",
    AnalysisSet.TREATED: "those who began treatment",
    AnalysisSet.PER_PROTOCOL: "those who kept to treatment without rescue",
}
METHODS: Mapping[RandomisationMethod, str] = {
    RandomisationMethod.PERMUTED_BLOCKS: "randomised in permuted blocks",
    RandomisationMethod.SIMPLE: "simple randomisation",
    RandomisationMethod.MINIMISATION: "minimisation",
}


def aims_table(protocol: Protocol, *, primary_only: bool) -> Table:
    """Return each endpoint with its estimand: population, comparison, intercurrent events, summary."""
    roles = (Role.PRIMARY,) if primary_only else tuple(Role)
    rows = tuple(
        row
        for role in roles
        for endpoint in protocol.endpoints
        if endpoint.role is role
        for row in _of_endpoint(protocol, endpoint)
    )
    return Table(
        caption="Objectives, endpoints and estimands",
        columns=("Endpoint", "Level", "Population", "Compared", "Intercurrent events", "Summary"),
        rows=rows,
        wordy=(1, 2, 3, 4, 5),
        quiet=True,
    )


def _of_endpoint(protocol: Protocol, endpoint: Endpoint) -> Iterator[tuple[str, ...]]:
    mine = [item for item in protocol.estimands.values() if item.about == endpoint.name]
    for estimand in mine:
        further = f" ({estimand.endpoint.replace('_', ' ')})" if estimand.of is not None else ""
        only = f", with {in_words(estimand.subgroup)}" if estimand.subgroup is not None else ""
        yield (
            f"{endpoint.label}, at {duration_in_words(endpoint.day)}{further}",
            endpoint.role.value,
            SETS[estimand.population] + only,
            _compared(protocol, estimand),
            _events(estimand, endpoint),
            SUMMARIES[estimand.summary],
        )


def _compared(protocol: Protocol, estimand: Estimand) -> str:
    labels = {arm.name: arm.label for arm in protocol.arms}
    said = [
        labels[analysis.arm]
        + (f" against {labels[analysis.control]}" if analysis.control is not None else "")
        for analysis in protocol.analyses
        if analysis.estimand_name == estimand.endpoint
    ]
    return "; ".join(dict.fromkeys(said)) or "described by arm"


def _events(estimand: Estimand, endpoint: Endpoint) -> str:
    told = [
        ("death", estimand.death),
        ("treatment stopped", estimand.discontinuation),
        ("rescue begun", estimand.rescue),
        ("reading missing", estimand.missing),
    ]
    return "; ".join(
        f"{event}: {strategy_in_words(strategy, endpoint.kind)}"
        for event, strategy in told
        if event != "rescue begun" or strategy is not Strategy.TREATMENT_POLICY
    )


def design_table(protocol: Protocol) -> Table:
    """Return the overall design, line by line as M11 asks for it."""
    return Table(
        caption="Overall design",
        columns=("Item", "Value"),
        rows=tuple(_design(protocol)),
        wordy=(1,),
        quiet=True,
    )


def _design(protocol: Protocol) -> Iterator[tuple[str, str]]:
    schedule = protocol.schedule
    yield "Intervention model", "parallel groups" if len(protocol.arms) > 1 else "single group"
    yield "Condition", "; ".join(protocol.conditions) or "not stated"
    yield "Control", _control(protocol)
    yield "Number of arms", str(len(protocol.arms))
    yield "Allocation", _allocation(protocol)
    yield "Masking", "not stated" if protocol.masking is Masking.NOT_STATED else MASKED[protocol.masking]
    yield "Number of participants", f"{protocol.size} randomised"
    yield "Age", _range(protocol, "age") or "no limit in the criteria"
    yield "Screening", f"{duration_in_words(abs(schedule.screening))} before randomisation"
    if schedule.run_in:
        yield "Run-in", f"care of everyone from {duration_in_words(schedule.run_in)} before randomisation"
    yield "Duration of treatment", _duration(protocol)
    yield "Duration of participation", f"{duration_in_words(schedule.follow_up)} from randomisation"
    yield "Interim looks", str(len(protocol.interims)) if protocol.interims else "none planned"


def _control(protocol: Protocol) -> str:
    labels = {arm.name: arm.label for arm in protocol.arms}
    controls = {analysis.control for analysis in protocol.analyses if analysis.control is not None}
    return ", ".join(labels[name] for name in labels if name in controls) or "none"


def _allocation(protocol: Protocol) -> str:
    if len(protocol.arms) == 1:
        return "everyone gets the one treatment"
    ratio = " : ".join(str(arm.ratio) for arm in protocol.arms)
    return f"{METHODS[protocol.randomisation.method]}, {ratio}"


def _duration(protocol: Protocol) -> str:
    usual = duration_in_words(protocol.schedule.treatment)
    own = [
        f"{arm.label}: {duration_in_words(arm.duration)}" for arm in protocol.arms if arm.duration is not None
    ]
    return "; ".join([usual, *own])


def _range(protocol: Protocol, measure: str) -> str:
    said = [in_words(item.require) for item in protocol.eligibility if item.require.measure == measure]
    return "; ".join(said)


def schema_table(protocol: Protocol) -> Table:
    """Return the trial schema: for each arm, what happens in each period."""
    schedule = protocol.schedule
    before = "Care of everyone begins" if schedule.run_in else ""
    follow_up = schedule.follow_up > schedule.treatment
    run_in = (f"Run-in, {duration_in_words(schedule.run_in)}",) if schedule.run_in else ()
    later = (f"Follow-up, to {duration_in_words(schedule.follow_up)}",) if follow_up else ()
    heads = (
        f"Screening, day {schedule.screening:g}",
        *run_in,
        f"Treatment, {duration_in_words(schedule.treatment)}",
        *later,
    )
    rows = tuple(
        (
            f"{arm.label} ({arm.ratio})",
            "Eligibility",
            *((before,) if run_in else ()),
            given(arm),
            *((_after(protocol, arm),) if later else ()),
        )
        for arm in protocol.arms
    )
    return Table(
        caption="Trial schema: arm (ratio) by period",
        columns=("Arm", *heads),
        rows=rows,
        wordy=tuple(range(1, len(heads) + 1)),
        quiet=True,
    )


def _after(protocol: Protocol, arm: Arm) -> str:
    labels = {other.name: other.label for other in protocol.arms}
    changes = [
        f"{labels[change.to]} from day {change.day:g}"
        + (" if asked for at a dose check" if change.when is not None else "")
        for change in protocol.crossovers
        if arm.name in change.arms
    ]
    return "; ".join(changes) or "Safety is followed"
