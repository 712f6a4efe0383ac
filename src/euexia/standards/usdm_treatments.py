"""Arms, epochs, elements and interventions of a protocol as USDM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from euexia.protocol.condition import duration_in_words
from euexia.protocol.design import Crossover, Masking
from euexia.protocol.design_words import treatment_in_words
from euexia.protocol.protocol import Arm, Protocol, Treatment
from euexia.standards import usdm_codes as codes
from euexia.standards.usdm_codes import Term
from euexia.standards.usdm_extension import attribute, plain
from euexia.standards.usdm_objects import Maker, Object, chained


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """What a design is built of, and which interventions belong to each arm and to everybody."""

    arms: list[Object]
    epochs: list[Object]
    cells: list[Object]
    elements: list[Object]
    interventions: list[Object]
    given: Mapping[str, list[str]]
    """Identifiers of the interventions of each arm, by name."""
    everybody: list[str]

    def of(self, *names: str | None) -> list[str]:
        """Return the interventions of some arms; those of everybody, else all, if there are none."""
        found = [item for name in names for item in self.given.get(name or "", [])]
        return list(dict.fromkeys(found)) or self.everybody or [item["id"] for item in self.interventions]


def structure(maker: Maker, protocol: Protocol, population: str) -> Structure:
    """Return arms, epochs, cells, elements and interventions.  population: its identifier."""
    treated, controls = _compared(protocol)
    interventions: list[Object] = []
    given: dict[str, list[str]] = {}
    for arm in protocol.arms:
        made = _interventions(maker, protocol, arm, is_control=arm.name in controls - treated)
        interventions += made
        given[arm.name] = [item["id"] for item in made]
    background = [
        _intervention(maker, item, codes.BACKGROUND, _length(protocol, None, item), called, "everyone")
        for called, item in _called("background", protocol.background)
    ]
    everybody = [item["id"] for item in background]
    arms = [_arm(maker, protocol, arm, population, treated, controls) for arm in protocol.arms]
    epochs = _epochs(maker, protocol)
    elements, cells = _elements(maker, protocol, arms, epochs, given, everybody)
    return Structure(
        arms=arms,
        epochs=epochs,
        cells=cells,
        elements=elements,
        interventions=interventions + background,
        given=given,
        everybody=everybody,
    )


def _compared(protocol: Protocol) -> tuple[set[str], set[str]]:
    """Return the arms that are tested, and those that are compared with."""
    treated = {analysis.arm for analysis in protocol.analyses}
    return treated, {analysis.control for analysis in protocol.analyses if analysis.control is not None}


def _arm(
    maker: Maker, protocol: Protocol, arm: Arm, population: str, treated: set[str], controls: set[str]
) -> Object:
    return maker.make(
        "StudyArm",
        extensions=[attribute(maker, "arm", plain(arm))],
        name=arm.name,
        label=arm.label,
        description=f"{arm.ratio} of {sum(other.ratio for other in protocol.arms)} parts of the patients",
        type=maker.code(_arm_type(protocol, arm, is_control=arm.name in controls - treated)),
        dataOriginDescription="Data of the patients of this trial",
        dataOriginType=maker.code(codes.WITHIN_STUDY),
        populationIds=[population],
        notes=[],
    )


def _arm_type(protocol: Protocol, arm: Arm, *, is_control: bool) -> Term:
    if _is_placebo(protocol, arm):
        return codes.PLACEBO_ARM
    if not arm.treatments:
        return codes.CONTROL_ARM
    return codes.ACTIVE_COMPARATOR_ARM if is_control else codes.EXPERIMENTAL_ARM


def _is_placebo(protocol: Protocol, arm: Arm) -> bool:
    """Return whether an arm without treatment is given a placebo: it says so, and nobody is to know it."""
    blind = protocol.masking is not Masking.OPEN_LABEL
    return not arm.treatments and blind and "placebo" in arm.label.lower()


def _interventions(maker: Maker, protocol: Protocol, arm: Arm, *, is_control: bool) -> list[Object]:
    role = codes.ACTIVE_COMPARATOR if is_control else codes.EXPERIMENTAL
    made = [
        _intervention(maker, item, role, _length(protocol, arm, item), called, arm.label)
        for called, item in _called(arm.name, arm.treatments)
    ]
    if _is_placebo(protocol, arm):
        made.append(
            maker.make(
                "StudyIntervention",
                name=f"{arm.name}_placebo",
                label=arm.label,
                description="Placebo; its form is not stated in the protocol",
                role=maker.code(codes.PLACEBO),
                type=maker.code(codes.DRUG),
                minimumResponseDuration=None,
                codes=[],
                administrations=[],
                notes=[],
            )
        )
    return made


def _length(protocol: Protocol, arm: Arm | None, treatment: Treatment) -> float:
    """Return how long a treatment lasts, in days."""
    if treatment.lasts is not None:
        return treatment.lasts
    whole = arm.duration if arm is not None and arm.duration is not None else protocol.schedule.treatment
    return max(whole - treatment.begins, 0.0)


def _intervention(
    maker: Maker, treatment: Treatment, role: Term, days: float, called: str, whose: str
) -> Object:
    name = treatment.drug.replace("_", " ")
    return maker.make(
        "StudyIntervention",
        name=called,
        label=f"{name[:1].upper()}{name[1:]} ({whose})",
        description=treatment_in_words(treatment),
        role=maker.code(role),
        type=maker.code(_type(treatment)),
        minimumResponseDuration=None,
        codes=[],
        administrations=_administrations(maker, treatment, days, called),
        notes=[],
    )


def _called(whose: str, treatments: tuple[Treatment, ...]) -> list[tuple[str, Treatment]]:
    """Return treatments with a name that no other has: ``<arm>_<drug>``, a second one with its number."""
    drugs = [item.drug for item in treatments]
    return [
        (
            f"{whose}_{item.drug}"
            + (f"_{drugs[:place].count(item.drug) + 1}" if item.drug in drugs[:place] else ""),
            item,
        )
        for place, item in enumerate(treatments)
    ]


def _type(treatment: Treatment) -> Term:
    if treatment.drug in codes.BIOLOGICS:
        return codes.BIOLOGIC
    if treatment.drug in codes.SUPPLEMENTS:
        return codes.SUPPLEMENT
    return codes.BEHAVIOURAL if treatment.drug in codes.CARE else codes.DRUG


def _administrations(maker: Maker, treatment: Treatment, days: float, called: str) -> list[Object]:
    loading = [
        _administration(maker, treatment, f"{called}_first_dose_{number}", dose, treatment.every)
        for number, dose in enumerate(treatment.loading, start=1)
    ]
    label = f"{called}_dose" if treatment.rule is None else f"{called}_starting_dose"
    rest = max(days - treatment.every * len(loading), 0.0)
    return [*loading, _administration(maker, treatment, label, treatment.dose, rest)]


def _administration(
    maker: Maker, treatment: Treatment, called: str, dose: float | None, days: float
) -> Object:
    return maker.make(
        "Administration",
        name=called,
        label=None,
        description=treatment_in_words(treatment),
        duration=maker.make(
            "Duration",
            text=duration_in_words(days) if days else None,
            quantity=maker.quantity(days, codes.DAYS) if days else None,
            durationWillVary=False,
            reasonDurationWillVary=None,
        ),
        dose=None if dose is None else maker.quantity(dose, codes.MILLIGRAM),
        route=_route(maker, treatment),
        frequency=_frequency(maker, treatment),
        administrableProductId=None,
        medicalDeviceId=None,
        notes=[],
    )


def _route(maker: Maker, treatment: Treatment) -> Object | None:
    term = codes.ROUTES.get(treatment.route) if treatment.route is not None else None
    return None if term is None else maker.alias(term)


def _frequency(maker: Maker, treatment: Treatment) -> Object | None:
    if treatment.programme is not None:
        weekly = round(7 * treatment.programme.sessions, 6)
        said = codes.own(f"WEEKLY_{weekly:g}", f"{weekly:g} times a week")
        return maker.alias(codes.WEEKLY.get(int(weekly), said) if weekly == int(weekly) else said)
    if treatment.dose is None:
        return None
    every = codes.own(f"EVERY_{treatment.every:g}_DAYS", f"every {duration_in_words(treatment.every)}")
    return maker.alias(codes.FREQUENCIES.get(treatment.every, every))


def _epochs(maker: Maker, protocol: Protocol) -> list[Object]:
    schedule = protocol.schedule
    planned = [
        ("screening", "Screening", codes.SCREENING_EPOCH, True),
        ("run_in", "Run-in", codes.RUN_IN_EPOCH, schedule.run_in > 0),
        ("treatment", "Treatment", codes.TREATMENT_EPOCH, True),
        ("follow_up", "Follow-up", codes.FOLLOW_UP_EPOCH, schedule.follow_up > schedule.treatment),
    ]
    return chained(
        [
            maker.make(
                "StudyEpoch", name=name, label=label, description=None, type=maker.code(term), notes=[]
            )
            for name, label, term, wanted in planned
            if wanted
        ]
    )


def _elements(
    maker: Maker,
    protocol: Protocol,
    arms: list[Object],
    epochs: list[Object],
    given: Mapping[str, list[str]],
    everybody: list[str],
) -> tuple[list[Object], list[Object]]:
    """Return the elements, and which of them each arm has in each epoch."""
    shared = {
        epoch["name"]: _element(maker, epoch["name"], epoch["label"], [])
        for epoch in epochs
        if epoch["name"] != "treatment"
    }
    if "run_in" in shared:
        shared["run_in"]["studyInterventionIds"] = everybody
    own = {
        arm["name"]: _element(maker, arm["name"], arm["label"], given[arm["name"]] + everybody)
        for arm in arms
    }
    changes = [_change(maker, protocol, crossover, given) for crossover in protocol.crossovers]
    cells = []
    for arm in arms:
        for epoch in epochs:
            element = own[arm["name"]] if epoch["name"] == "treatment" else shared[epoch["name"]]
            later = [
                change["id"]
                for crossover, change in zip(protocol.crossovers, changes, strict=True)
                if arm["name"] in crossover.arms and epoch["name"] == _epoch_of(protocol, crossover)
            ]
            ids = [element["id"], *later]
            cells.append(maker.make("StudyCell", armId=arm["id"], epochId=epoch["id"], elementIds=ids))
    return [*shared.values(), *own.values(), *changes], cells


def _epoch_of(protocol: Protocol, crossover: Crossover) -> str:
    schedule = protocol.schedule
    late = crossover.day >= schedule.treatment and schedule.follow_up > schedule.treatment
    return "follow_up" if late else "treatment"


def _element(maker: Maker, name: str, label: str, interventions: list[str]) -> Object:
    return maker.make(
        "StudyElement",
        name=f"{name}_element",
        label=label,
        description=None,
        transitionStartRule=None,
        transitionEndRule=None,
        studyInterventionIds=interventions,
        notes=[],
    )


def _change(maker: Maker, protocol: Protocol, crossover: Crossover, given: Mapping[str, list[str]]) -> Object:
    label = next(arm.label for arm in protocol.arms if arm.name == crossover.to)
    element = _element(maker, crossover.name, f"Change to {label}", given[crossover.to])
    when = f"Day {crossover.day:g}" if crossover.when is None else f"A dose check from day {crossover.day:g}"
    element["transitionStartRule"] = maker.make(
        "TransitionRule",
        name=f"{crossover.name}_start",
        label=None,
        description=None,
        text=f"{when}, for those who agree",
    )
    return element
