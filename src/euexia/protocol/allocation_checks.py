"""What must be true of randomisation."""

from __future__ import annotations

from collections.abc import Iterator

from euexia.core.datafile import Reader
from euexia.criteria.measures import MEASURES
from euexia.protocol.condition import measures_of
from euexia.protocol.protocol import Randomisation, RandomisationMethod, Stratum
from euexia.protocol.reading import Parts
from euexia.protocol.schedule_checks import CONSTANT, visits_on
from euexia.protocol.statement import Quantity

BLOCKS = RandomisationMethod.PERMUTED_BLOCKS
MINIMISATION = RandomisationMethod.MINIMISATION


def check_allocation(reader: Reader, parts: Parts) -> None:
    """Note every fault in how arms are allotted."""
    plan = parts.values.get("randomisation")
    if plan is None or not parts.is_whole("arms"):
        return
    _check_blocks(reader, parts, plan)
    _check_minimisation(reader, parts, plan)
    for index, stratum in enumerate(plan.strata, start=1):
        place = f"randomisation.strata.{index}"
        for problem, remedy, key in _stratum_faults(parts, stratum, plan):
            reader.fault_at(f"{place}.{key}", problem, remedy)


def _check_blocks(reader: Reader, parts: Parts, plan: Randomisation) -> None:
    place, size = "randomisation.block_size", plan.block_size
    total = sum(max(arm.ratio, 0) for arm in parts.readable("arms"))
    if plan.method is BLOCKS and size is None:
        reader.fault_at(place, "permuted blocks need a size.", f"Add 'block_size:', a multiple of {total}.")
    elif plan.method is not BLOCKS and size is not None:
        problem = f"'{plan.method.value}' has no blocks."
        reader.fault_at(place, problem, "Take 'block_size' away or use permuted_blocks.")
    elif size is not None and (size < 1 or (total and size % total)):
        ratios = ":".join(str(arm.ratio) for arm in parts.readable("arms"))
        problem = f"a block of {size} cannot be shared {ratios}."
        reader.fault_at(place, problem, f"Use a multiple of {total}.")


def _check_minimisation(reader: Reader, parts: Parts, plan: Randomisation) -> None:
    arms = len(parts.readable("arms"))
    if plan.method is MINIMISATION and not plan.strata:
        reader.fault_at(
            "randomisation.strata", "minimisation balances nothing without factors.", "Name at least one."
        )
    if plan.method is MINIMISATION and not 1 / max(arms, 1) <= plan.probability <= 1:
        problem = f"a probability of {100 * plan.probability:g} % does not favour the balancing arm."
        remedy = f"Give one from {100 / max(arms, 1):.4g} % to 100 %; 80 % is usual."
        reader.fault_at("randomisation.probability", problem, remedy)
    if plan.method is RandomisationMethod.SIMPLE and plan.strata:
        problem = "simple randomisation looks at no strata."
        reader.fault_at("randomisation.strata", problem, "Take them away or use another method.")


def _stratum_faults(parts: Parts, stratum: Stratum, plan: Randomisation) -> Iterator[tuple[str, str, str]]:
    """Give problem, remedy and key of every fault of a stratum."""
    if list(stratum.cuts) != sorted(set(stratum.cuts)):
        yield "the cuts do not increase.", "Write them in increasing order, each once.", "cuts"
    if stratum.weight <= 0:
        yield f"a weight of {stratum.weight:g} counts for nothing.", "Give one above zero.", "weight"
    if stratum.weight != 1 and plan.method is not MINIMISATION:
        yield "only minimisation weighs its factors.", "Take 'weight' away.", "weight"
    if stratum.of is not Quantity.VALUE and stratum.over is None:
        problem = f"at randomisation there is no baseline to hold '{stratum.measure}' against."
        yield problem, "Say over which time: add 'over: 6 months' or the like.", "over"
    if stratum.of is Quantity.VALUE and stratum.over is not None:
        yield "a look-back is only for a change.", "Add 'of: percent_loss' or take 'over' away.", "over"
    if stratum.of is not Quantity.VALUE and stratum.measure != "body_weight":
        problem = f"no history of '{stratum.measure}' is taken at screening, only of 'body_weight'."
        yield problem, "Stratify by its value.", "of"
    known = [name for entry in parts.readable("eligibility") for name in measures_of(entry.require)]
    at_baseline = [name for visit in visits_on(parts, 0.0) for name in visit.measures]
    coded = stratum.measure in MEASURES and MEASURES[stratum.measure].is_coded
    if coded or stratum.measure in (*known, *at_baseline, *CONSTANT) or not parts.is_whole("eligibility"):
        return
    problem = f"'{stratum.measure}' is read neither at screening nor on day 0."
    yield problem, "Measure it at the day-0 visit.", "measure"
