"""The body's cross-talk in one patient: each arrow is a term of the model that day, less its healthy value.

A term is computed by the model's own functions, once as they are today and once with its cause at the healthy
value; so an arrow is 0 in health, and nothing stands here that the model does not say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia.model.effects import Effects
from euexia.physiology import energy_balance, inflammation, intake, mediators, muscle, whole_body
from euexia.physiology.body import Body, Constants, Drive, State

Floats = NDArray[np.float64]

NODES: Sequence[tuple[str, str, str]] = (
    ("tumour", "Tumour", "Grows, takes energy, and drives the signals that make the body waste."),
    ("cytokines", "Inflammation", "Signals such as interleukin-6, raised by the tumour."),
    ("gdf15", "GDF-15", "A stress signal made by the tumour; it acts in the brain stem."),
    ("brain", "Brain", "Sets appetite and the wish to move."),
    ("liver", "Liver", "Makes C-reactive protein, and the growth factor IGF-1."),
    ("muscle", "Muscle", "Built and broken down every day; it is lost when breakdown wins."),
    ("fat", "Fat", "The store of energy: it shrinks when less is eaten than burned."),
    ("bone", "Bone", "Sends RANKL, a signal that may weaken muscle."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """One patient on one day."""

    state: State
    felt: Drive
    body: Body
    effects: Effects
    constants: Constants


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One arrow of the diagram.

    scale: the strength that is drawn at full width; it changes no figure.
    """

    source: str
    target: str
    label: str
    meaning: str
    sign: str
    unit: str
    scale: float
    term: Callable[[Today], Any]


def _signal(day: Today) -> Any:
    drive = day.body.personal.inflammation_drive * day.state.disease.tumour_mass
    return drive * (1 - day.effects.inflammation_suppression)


def _crp(day: Today) -> Any:
    c = day.constants.inflammation
    change = inflammation.crp_change(0.0, day.state.disease.signal, c)
    healthy = inflammation.crp_change(0.0, c.signal_healthy, c)
    return (change - healthy) / c.crp_turnover


def _gdf15(day: Today) -> Any:
    return day.body.personal.gdf15_drive * day.state.disease.tumour_mass


def _appetite(inflamed: Any, nausea: Any) -> Any:
    return intake.appetite_target(0.0, 0.0, 1.0) - intake.appetite_target(inflamed, nausea, 1.0)


def _appetite_inflammation(day: Today) -> Any:
    own = day.body.personal.appetite_inflammation_effect * day.constants.intake.inflammation_effect
    return _appetite(own * day.felt.inflammation, 0.0)


def _appetite_gdf15(day: Today) -> Any:
    own = day.body.personal.appetite_gdf15_effect * day.constants.intake.gdf15_effect
    return _appetite(0.0, own * day.felt.gdf15)


def _eaten_less(day: Today) -> Any:
    return day.body.premorbid.intake * (1 - day.state.host.appetite)


def _breakdown(day: Today, inflamed: Any, activity: Any) -> Any:
    c = day.constants.muscle
    return muscle.breakdown(inflamed, activity, 0.0, 0.0, c) - muscle.breakdown(0.0, 1.0, 0.0, 0.0, c)


def _inflamed(day: Today) -> Any:
    return day.body.personal.muscle_effect * day.felt.inflammation


def _breakdown_inflammation(day: Today) -> Any:
    return _breakdown(day, _inflamed(day), 1.0)


def _breakdown_bone(day: Today) -> Any:
    raised = _inflamed(day) * (mediators.rankl_gain(day.constants.mediators) - 1)
    return _breakdown(day, raised, 1.0)


def _breakdown_inactivity(day: Today) -> Any:
    return _breakdown(day, 0.0, day.state.host.activity)


def _synthesis(day: Today) -> Any:
    c = day.constants.muscle
    return muscle.synthesis(1.0, 0.0, 0.0, 0.0, c) - muscle.synthesis(day.state.host.igf1, 0.0, 0.0, 0.0, c)


def _burned(day: Today) -> Any:
    c, own = day.constants.expenditure, day.body.personal.expenditure_effect
    return c.inflammation_effect * own * day.felt.inflammation * day.body.premorbid.resting


def _fed_tumour(day: Today) -> Any:
    return day.constants.expenditure.tumour_expenditure * day.felt.tumour_mass


def _hunger(day: Today) -> Any:
    lost = day.body.premorbid.weight - whole_body.body_weight(day.state.host, day.constants)
    return day.body.personal.feedback * day.constants.intake.feedback_gain * lost


def _following(day: Today) -> Any:
    c, person = day.constants, day.body.premorbid
    forbes = energy_balance.lean_per_fat(whole_body.own_inflammation(day.body.personal, c), c.energy_balance)
    follows = forbes * np.log(day.state.host.fat / person.fat)
    return person.muscle - muscle.muscle_set_point(person.muscle, follows, c.muscle)


APPETITE, TURNOVER, ENERGY, MASS = "share of appetite", "of healthy turnover", "kcal/day", "kg"

LINKS: tuple[Link, ...] = (
    Link(
        source="tumour",
        target="cytokines",
        label="drives inflammation",
        meaning="Inflammatory signal (as interleukin-6) that the tumour adds, less what treatment takes.",
        sign="signals",
        unit="pg/mL",
        scale=60.0,
        term=_signal,
    ),
    Link(
        source="tumour",
        target="gdf15",
        label="makes GDF-15",
        meaning="GDF-15 that the tumour adds to the healthy level.",
        sign="signals",
        unit="ng/mL",
        scale=6.0,
        term=_gdf15,
    ),
    Link(
        source="tumour",
        target="fat",
        label="takes energy",
        meaning="Energy that the tumour burns.",
        sign="harms",
        unit=ENERGY,
        scale=300.0,
        term=_fed_tumour,
    ),
    Link(
        source="cytokines",
        target="liver",
        label="raises CRP",
        meaning="C-reactive protein above the healthy level to which the liver is driven.",
        sign="signals",
        unit="mg/L",
        scale=100.0,
        term=_crp,
    ),
    Link(
        source="cytokines",
        target="brain",
        label="takes appetite",
        meaning="Share of appetite that inflammation takes.",
        sign="harms",
        unit=APPETITE,
        scale=0.4,
        term=_appetite_inflammation,
    ),
    Link(
        source="gdf15",
        target="brain",
        label="takes appetite",
        meaning="Share of appetite that GDF-15 takes, less what an antibody or a blocked receptor spares.",
        sign="harms",
        unit=APPETITE,
        scale=0.4,
        term=_appetite_gdf15,
    ),
    Link(
        source="brain",
        target="fat",
        label="eats less",
        meaning="Energy that is not eaten because appetite is below that of health.",
        sign="harms",
        unit=ENERGY,
        scale=800.0,
        term=_eaten_less,
    ),
    Link(
        source="brain",
        target="muscle",
        label="moves less",
        meaning="Extra breakdown of muscle because the patient moves less than in health.",
        sign="harms",
        unit=TURNOVER,
        scale=0.3,
        term=_breakdown_inactivity,
    ),
    Link(
        source="cytokines",
        target="muscle",
        label="breaks down muscle",
        meaning="Extra breakdown of muscle by inflammation.",
        sign="harms",
        unit=TURNOVER,
        scale=0.3,
        term=_breakdown_inflammation,
    ),
    Link(
        source="bone",
        target="muscle",
        label="RANKL",
        meaning=(
            "Extra breakdown of muscle by RANKL. How large it is in patients is not known, so it is 0 unless "
            "a parameter overlay switches it on."
        ),
        sign="harms",
        unit=TURNOVER,
        scale=0.3,
        term=_breakdown_bone,
    ),
    Link(
        source="liver",
        target="muscle",
        label="builds less muscle",
        meaning="Building of muscle that is missing because IGF-1 is low; treatment may raise it.",
        sign="harms",
        unit=TURNOVER,
        scale=0.3,
        term=_synthesis,
    ),
    Link(
        source="cytokines",
        target="fat",
        label="burns energy",
        meaning="Energy that inflammation burns at rest.",
        sign="harms",
        unit=ENERGY,
        scale=300.0,
        term=_burned,
    ),
    Link(
        source="fat",
        target="muscle",
        label="muscle follows fat",
        meaning="Muscle that the body no longer holds on to because fat was lost.",
        sign="harms",
        unit=MASS,
        scale=3.0,
        term=_following,
    ),
    Link(
        source="fat",
        target="brain",
        label="calls for food",
        meaning="Extra eating that the lost weight calls for, as far as the disease has left this answer.",
        sign="protects",
        unit=ENERGY,
        scale=300.0,
        term=_hunger,
    ),
)


def strengths(days: Sequence[Today], life: int = 0) -> list[dict[str, Any]]:
    """Return every link with its strength on each day; life: which column of the patients is meant."""
    found = []
    for link in LINKS:
        values = [float(np.ravel(np.broadcast_to(link.term(day), (life + 1,)))[life]) for day in days]
        found.append(
            {
                "source": link.source,
                "target": link.target,
                "label": link.label,
                "meaning": link.meaning,
                "sign": link.sign,
                "unit": link.unit,
                "scale": link.scale,
                "strength": values,
            }
        )
    return found


def nodes() -> list[dict[str, str]]:
    """Return the organs and signals of the diagram."""
    return [{"name": name, "label": label, "meaning": meaning} for name, label, meaning in NODES]
