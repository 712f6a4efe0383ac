"""What must be true of an interim look before simulated trials can carry it out."""

from __future__ import annotations

from collections.abc import Iterator

from euexia.core.choices import did_you_mean
from euexia.protocol.analysis_options import Multiplicity, Procedure
from euexia.protocol.analysis_plan import Analysis, EndpointKind, Method
from euexia.protocol.design import Boundary, Drop, FinalTest, Interim, Resize, ResizeRule
from euexia.protocol.protocol import Randomisation, RandomisationMethod
from euexia.protocol.reading import Parts

Found = tuple[str, str, str]
"""Key, problem and remedy."""
MOST_PATIENTS = 100_000
FEWEST_PER_ARM = 2
"""Patients of an arm below whom nothing can be compared."""
HALF = 0.5


def executed_faults(parts: Parts, look: Interim) -> Iterator[Found]:
    """Give every reason why a look that is to be carried out cannot be."""
    if not look.executed:
        return
    analyses = {analysis.name: analysis for analysis in parts.readable("analyses")}
    analysis = analyses.get(look.analysis)
    if analysis is None:
        return
    yield from _time_faults(parts, look, analysis)
    yield from _boundary_faults(look, analysis)
    yield from _same_faults(parts, look)
    yield from _multiplicity_faults(parts, look)
    if look.drop is not None:
        yield from _drop_faults(parts, look, analyses)
    if look.resize is not None:
        for key, problem, remedy in _resize_faults(parts, look, look.resize, analysis):
            yield f"resize.{key}", problem, remedy


def is_monitored(look: Interim) -> bool:
    """Return whether a look decides on its analysis itself, not only on which arms go on."""
    return look.efficacy is not None or look.futility is not None or look.resize is not None


def _kind(parts: Parts, analysis: Analysis) -> EndpointKind | None:
    kinds = {endpoint.name: endpoint.kind for endpoint in parts.readable("endpoints")}
    return kinds.get(analysis.endpoint)


def _time_faults(parts: Parts, look: Interim, analysis: Analysis) -> Iterator[Found]:
    waits = _kind(parts, analysis) is EndpointKind.TIME_TO_EVENT
    if waits and (look.number_of_events is None or look.information is None):
        problem = "the information of a time to event is its events."
        yield (
            "",
            problem,
            "Give 'number_of_events' at the look, and as 'information' the share of all that is.",
        )
    if look.number_of_events is not None and not waits:
        problem = f"'{analysis.endpoint}' does not wait for events."
        yield "number_of_events", problem, "Give 'information' or 'patients' instead."
    if look.number_of_events is not None and look.number_of_events < 1:
        yield "number_of_events", "a look before the first event sees nothing.", "Give 1 or more."
    size, arms = parts.values.get("size"), len(parts.known("arms"))
    if size is None or waits:
        return
    patients = look.patients if look.patients is not None else (look.information or 1.0) * size
    if patients < FEWEST_PER_ARM * arms:
        problem = f"at {patients:.3g} patients in {arms} arms there is no endpoint to look at yet."
        yield "", problem, f"Look at {FEWEST_PER_ARM * arms} patients or more."


def _boundary_faults(look: Interim, analysis: Analysis) -> Iterator[Found]:
    gain, loss = look.efficacy, look.futility
    if gain is not None and gain.error is not None and abs(gain.error - analysis.alpha) > 1e-12:
        problem = (
            f"the error spent ({100 * gain.error:g} %) is not the level of '{analysis.name}' "
            f"({100 * analysis.alpha:g} %)."
        )
        yield "efficacy.error", problem, "Leave it out, or make both the same."
    if loss is not None and loss.spending is not None and loss.error is None:
        yield (
            "futility.error",
            "a futility boundary spends an error that is not given.",
            "Add 'error: 20 %'.",
        )
    if gain is not None and loss is not None and (loss.p_value or 1.0) < (gain.p_value or 0.0):
        problem = (
            f"the boundaries cross: the trial stops for futility above {loss.p_value:g} and for efficacy "
            f"at or below {gain.p_value:g}."
        )
        yield "futility.p_value", problem, "Give a larger p value for futility."
    if loss is not None and loss.responders is not None:
        yield from _responder_faults(look, analysis)


def _responder_faults(look: Interim, analysis: Analysis) -> Iterator[Found]:
    if analysis.method is not Method.EXACT_BINOMIAL:
        problem = f"'{analysis.name}' is no response rate against a fixed one."
        yield "futility.responders", problem, "Use 'exact_binomial', or a boundary of another kind."
    if look.efficacy is not None or look.resize is not None:
        problem = "a design in two stages stops early for futility alone."
        yield "futility.responders", problem, "Take 'efficacy' and 'resize' away, or use 'p_value'."


def _same_faults(parts: Parts, look: Interim) -> Iterator[Found]:
    """Give what differs from the first look that is carried out, where all must be alike."""
    looks = [other for other in parts.readable("interims") if other.executed and is_monitored(other)]
    if not looks or not is_monitored(look) or look is looks[0]:
        return
    first = looks[0]
    if (look.analysis, look.co_primary) != (first.analysis, first.co_primary):
        problem = f"the trial would be stopped by another analysis than at '{first.name}'."
        remedy = "Name the same; tests that must all succeed stand under 'co_primary'."
        yield "analysis", problem, remedy
    for key in ("efficacy", "futility"):
        own: Boundary | None = getattr(look, key)
        for other in looks[: looks.index(look)]:
            theirs: Boundary | None = getattr(other, key)
            if own is not None and theirs is not None and _family(own) != _family(theirs):
                problem = f"the {key} boundary spends its error in another way than at '{other.name}'."
                yield key, problem, "Use one kind, 'parameter' and 'error' at all looks, or p values."
                break
    if any(other.futility is not None and other.futility.responders is not None for other in looks):
        yield "", "a design in two stages has one look.", "Take the others away, or use 'p_value'."


def _family(boundary: Boundary) -> tuple[object, ...]:
    """Return what must be the same at every look; limits of one look alone have nothing of it."""
    if boundary.spending is None and boundary.shape is None:
        return ()
    return boundary.spending, boundary.shape, boundary.parameter, boundary.error


def _multiplicity_faults(parts: Parts, look: Interim) -> Iterator[Found]:
    plan: Multiplicity | None = parts.values.get("multiplicity")
    level = look.efficacy is not None or look.resize is not None or look.binding
    if plan is None or not level or look.analysis not in plan.analyses:
        return
    together = {look.analysis, *look.co_primary}
    if plan.procedure is not Procedure.CO_PRIMARY or set(plan.analyses) != together:
        problem = f"'{look.analysis}' shares its level with other tests ({plan.procedure.value})."
        remedy = "Take it out of 'multiplicity', or test all as co-primary and name them in 'co_primary'."
        yield "analysis", problem, remedy


def _drop_faults(parts: Parts, look: Interim, analyses: dict[str, Analysis]) -> Iterator[Found]:
    drop = look.drop
    if drop is None:
        return
    for name in drop.analyses:
        if name not in analyses:
            problem = f"there is no analysis called '{name}'."
            yield "drop.analyses", problem, did_you_mean(name, analyses)
    chosen = [analyses[name] for name in drop.analyses if name in analyses]
    arms = [analysis.arm for analysis in chosen]
    if len(set(arms)) < len(arms):
        yield "drop.analyses", "two of them are of one arm.", "Name one comparison for each arm."
    controls = {analysis.control for analysis in analyses.values()} & set(arms)
    for arm in sorted(str(control) for control in controls):
        problem = f"'{arm}' is a control: without it nothing can be compared."
        yield "drop.analyses", problem, "Drop only arms that are compared with another."
    yield from _drop_limits(drop, chosen)
    yield from _drop_neighbours(parts, look, set(arms), analyses)


def _drop_limits(drop: Drop, chosen: list[Analysis]) -> Iterator[Found]:
    arms = len(chosen)
    if (drop.p_value, drop.responders, drop.keep) == (None, None, None):
        yield "drop", "nothing says which arms leave.", "Add 'p_value', 'responders' or 'keep'."
    if drop.p_value is not None and not 0 < drop.p_value < 1:
        yield (
            "drop.p_value",
            f"{drop.p_value:g} is no p value to leave at.",
            "Write more than 0, less than 1.",
        )
    if drop.keep is not None and not 1 <= drop.keep < max(arms, 1):
        problem = f"of {arms} arms {drop.keep} cannot be the best that go on."
        yield "drop.keep", problem, f"Write 1 to {max(arms - 1, 1)}."
    if drop.responders is not None and any(a.method is not Method.EXACT_BINOMIAL for a in chosen):
        problem = "only a response rate against a fixed one has a number of responders to leave at."
        yield "drop.responders", problem, "Use 'p_value' or 'keep'."


def _drop_neighbours(
    parts: Parts, look: Interim, arms: set[str], analyses: dict[str, Analysis]
) -> Iterator[Found]:
    """Give what else of the design does not go with arms that leave."""
    randomisation: Randomisation | None = parts.values.get("randomisation")
    if randomisation is not None and randomisation.method is RandomisationMethod.MINIMISATION:
        problem = "arms cannot leave a trial that is allotted by minimisation."
        yield "drop", problem, "Allot in 'permuted_blocks' or 'simple'."
    plan: Multiplicity | None = parts.values.get("multiplicity")
    if plan is not None and plan.procedure is Procedure.DUNNETT:
        problem = "Dunnett's test needs every arm to the end."
        yield "drop", problem, "Use 'holm', 'hochberg' or 'bonferroni' in 'multiplicity'."
    for crossover in parts.readable("crossovers"):
        if crossover.to in arms:
            problem = f"'{crossover.name}' changes patients to the treatment of an arm that may leave."
            yield "drop.analyses", problem, "Take the crossover or the arm away."
    monitored = {
        analyses[name].arm
        for other in parts.readable("interims")
        if other.executed and is_monitored(other)
        for name in (other.analysis, *other.co_primary)
        if name in analyses
    }
    for arm in sorted(monitored & arms):
        problem = f"the trial is stopped by what is found in '{arm}', which may leave."
        yield "drop.analyses", problem, "Stop the trial by an arm that stays, or only drop arms."


def _resize_faults(parts: Parts, look: Interim, resize: Resize, analysis: Analysis) -> Iterator[Found]:
    size, kind = parts.values.get("size"), _kind(parts, analysis)
    if size is not None and resize.maximum <= size:
        problem = f"at most {resize.maximum} patients leave nothing to add to the {size} that are planned."
        yield "maximum", problem, f"Give more than {size}."
    if resize.maximum > MOST_PATIENTS:
        yield (
            "maximum",
            f"{resize.maximum} patients are too many for one trial.",
            f"At most {MOST_PATIENTS}.",
        )
    looks = [other for other in parts.readable("interims") if other.executed]
    if looks and look is not looks[-1]:
        yield "by", "the size is estimated again at the last look only.", "Move it there."
    if kind is EndpointKind.TIME_TO_EVENT:
        problem = "the power of a time to event follows its events, not its patients."
        yield "by", problem, "Plan more events instead; no look adds patients here."
    if look.drop is not None:
        yield "by", "arms leave and the size changes at one look.", "Do one of them, or use two looks."
    yield from _rule_faults(resize, kind)


def _rule_faults(resize: Resize, kind: EndpointKind | None) -> Iterator[Found]:
    if resize.by is ResizeRule.PROMISING_ZONE:
        if not 0 < resize.promising_from < resize.power < 1:
            problem = (
                f"there is no promising zone from {100 * resize.promising_from:g} % to "
                f"{100 * resize.power:g} %."
            )
            yield "promising_from", problem, "Give less than 'power', both between 0 % and 100 %."
        if resize.test is FinalTest.CONVENTIONAL and resize.promising_from < HALF:
            problem = (
                "the conventional test keeps its level only where the conditional power is 50 % or more."
            )
            yield "test", problem, "Write 'promising_from: 50 %' or more, or 'test: inverse_normal'."
        return
    yield from _blinded_faults(resize, kind)


def _blinded_faults(resize: Resize, kind: EndpointKind | None) -> Iterator[Found]:
    if resize.assumed is None or not resize.assumed > 0:
        problem = f"'{resize.by.value}' compares with what the planned size assumed, which is not given."
        yield "assumed", problem, "Give the standard deviation or the rate behind 'size'."
    if resize.by is ResizeRule.BLINDED_RATE:
        if kind is not EndpointKind.RESPONDER:
            yield "by", "the endpoint has no response rate.", "Use 'blinded_variance' or 'promising_zone'."
        if resize.assumed is not None and not 0 < resize.assumed < 1:
            yield "assumed", f"{resize.assumed:g} is no rate.", "Write more than 0, less than 1."
    elif kind not in (EndpointKind.CHANGE, EndpointKind.PERCENT_CHANGE, EndpointKind.LONGITUDINAL):
        yield "by", "the endpoint has no spread of values.", "Use 'blinded_rate' or 'promising_zone'."
