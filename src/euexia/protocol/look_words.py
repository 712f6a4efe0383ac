"""Interim looks in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never

from euexia.protocol.condition import duration_in_words, percent
from euexia.protocol.design import Boundary, Drop, FinalTest, Interim, Resize, ResizeRule, Shape, Spending
from euexia.protocol.design_words import assumed
from euexia.protocol.protocol import Protocol
from euexia.protocol.sections import Bullets, Paragraph, Section

SPENDING: Mapping[Spending, str] = {
    Spending.OBRIEN_FLEMING: "spending like O'Brien and Fleming (Lan-DeMets)",
    Spending.POCOCK: "spending like Pocock (Lan-DeMets)",
    Spending.KIM_DEMETS: "Kim-DeMets spending",
    Spending.HWANG_SHIH_DECANI: "Hwang-Shih-DeCani spending",
}
SHAPES: Mapping[Shape, str] = {
    Shape.OBRIEN_FLEMING: "O'Brien and Fleming's critical values",
    Shape.POCOCK: "Pocock's critical values",
    Shape.WANG_TSIATIS: "Wang and Tsiatis' critical values",
}
NOT_EXECUTED = (
    "Simulated trials do not carry out these looks: every trial goes on to its end, and power and error "
    "rates are those of the final analysis alone."
)
EXECUTED = (
    "Simulated trials carry out these looks: at each only what was known on that calendar day is analysed, "
    "patients who have not come yet are not exposed after a stop, and those in the trial are followed as "
    "planned. The final test spends what the looks left of its level."
)
SOME_EXECUTED = "Simulated trials do not carry out the looks marked as declared only."


def executed_looks(protocol: Protocol) -> tuple[Interim, ...]:
    """Return the looks that simulated trials carry out, in their order."""
    return tuple(interim for interim in protocol.interims if interim.executed)


def is_adaptive(protocol: Protocol) -> bool:
    """Return whether simulated trials of the protocol carry out any look."""
    return bool(executed_looks(protocol))


def interim_sections(protocol: Protocol) -> tuple[Section, ...]:
    """Return the section of interim looks, none if none is planned."""
    if not protocol.interims:
        return ()
    done = executed_looks(protocol)
    some = 0 < len(done) < len(protocol.interims)
    looks = tuple(_interim(interim, mark=some) for interim in protocol.interims)
    text = f"{EXECUTED} {SOME_EXECUTED}" if some else EXECUTED if done else NOT_EXECUTED
    return (Section(title="Interim looks", blocks=(Bullets(items=looks), Paragraph(text=text))),)


def _interim(interim: Interim, *, mark: bool) -> str:
    names = (interim.analysis, *interim.co_primary)
    what = " and ".join(f"'{name}'" for name in names) + (", the weaker decides," if len(names) > 1 else "")
    text = f"{what} {when(interim)}: {'; '.join(_decisions(interim))}{assumed(interim.status)}."
    return f"{text} Declared only." if mark and not interim.executed else text


def when(interim: Interim) -> str:
    """Return when a look is taken, and when it decides."""
    if interim.number_of_events is not None:
        share = f" ({percent(interim.information)} of them)" if interim.information is not None else ""
        text = f"when {interim.number_of_events} events have been seen{share}"
    elif interim.patients is not None:
        text = f"when {interim.patients} patients have reached the endpoint's day"
    else:
        text = f"at {percent(interim.information or 0.0)} of the information"
    if interim.delay:
        text += f", decided {duration_in_words(interim.delay)} later"
    return f"{text}, nobody being randomised meanwhile" if interim.pause else text


def _decisions(interim: Interim) -> Iterator[str]:
    if interim.efficacy is not None:
        yield f"stop for efficacy{_boundary(interim.efficacy, 'at or below')}"
    if interim.futility is not None:
        how = "binding" if interim.binding else "not binding"
        yield f"stop for futility{_boundary(interim.futility, 'above')}, {how}"
    if interim.drop is not None:
        yield _drop(interim.drop)
    if interim.resize is not None:
        yield _resize(interim.resize)


def _boundary(boundary: Boundary, side: str) -> str:
    number = f" (parameter {boundary.parameter:g})" if boundary.parameter is not None else ""
    if boundary.spending is not None:
        error = f" of an error of {percent(boundary.error)}" if boundary.error is not None else ""
        return f" by {SPENDING[boundary.spending]}{number}{error}"
    if boundary.shape is not None:
        return f" by {SHAPES[boundary.shape]}{number}"
    if boundary.conditional_power is not None:
        return f" at a conditional power below {percent(boundary.conditional_power)}"
    if boundary.responders is not None:
        return f" at {boundary.responders} responders or fewer"
    return f" at a p value {side} {boundary.p_value:g}"


def _drop(drop: Drop) -> str:
    named = ", ".join(f"'{name}'" for name in drop.analyses)
    limits = []
    if drop.p_value is not None:
        limits.append(f"with a p value above {drop.p_value:g}")
    if drop.responders is not None:
        limits.append(f"with {drop.responders} responders or fewer")
    if drop.keep is not None:
        limits.append(f"beyond the best {drop.keep}")
    then = "the arms that go on get their places" if drop.refill else "their places stay empty"
    return f"drop the arms of {named} {' or '.join(limits)}; {then}"


def _resize(resize: Resize) -> str:
    most = f"to at most {resize.maximum} patients"
    match resize.by:
        case ResizeRule.PROMISING_ZONE:
            test = (
                "the two stages combined by inverse normal weights"
                if resize.test is FinalTest.INVERSE_NORMAL
                else "the conventional statistic"
            )
            return (
                f"add patients {most} where the conditional power is at least "
                f"{percent(resize.promising_from)} and below {percent(resize.power)}, until it is that; "
                f"tested by {test}"
            )
        case ResizeRule.BLINDED_VARIANCE:
            return (
                f"add patients {most} by the blinded spread, planned for a standard deviation of "
                f"{resize.assumed or 0:g}"
            )
        case ResizeRule.BLINDED_RATE:
            rate = percent(resize.assumed or 0)
            return f"add patients {most} by the blinded response rate, planned for {rate}"
        case _:
            assert_never(resize.by)
