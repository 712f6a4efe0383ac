"""Strength, walking and function as definitions of the catalogue."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from math import nextafter

import numpy as np

from euexia.core.logic import TRUE
from euexia.criteria import function, strength, walking
from euexia.criteria.criterion import Floats
from euexia.criteria.definition import Definition, Input
from euexia.criteria.inputs import (
    AGE,
    BMI,
    CHAIR_STAND_TIME,
    GAIT_SPEED,
    HANDGRIP,
    HEIGHT,
    MALE,
    UP_AND_GO_TIME,
    WEIGHT,
    yes_no,
)
from euexia.criteria.outcome import Outcome, measured
from euexia.criteria.question import asking, stacked, truth_of, value_of

FUNCTION = "function"
GRIP_PROTOCOLS = "Protocols as compared in BMC Geriatr 2017, doi:10.1186/s12877-017-0625-y"


def _age(low: float, below: float) -> Input:
    """Return the input for age within a printed table; ages outside it are refused."""
    meaning = f"Age; the table runs from {low:g} to below {below:g} years"
    return replace(AGE, meaning=meaning, low=low, high=nextafter(below, 0.0))


def _seconds(name: str, meaning: str, high: float, *, required: bool = True) -> Input:
    return Input(name=name, kind="test_time", meaning=meaning, low=0, high=high, required=required)


def _squeezes(hand: str) -> tuple[Input, ...]:
    return tuple(
        replace(
            HANDGRIP, name=f"grip_{hand}_{number}", meaning=f"Squeeze {number}, {hand} hand", required=False
        )
        for number in (1, 2, 3)
    )


def _best_of_six(squeezes: Floats) -> strength.Grip:
    """Return the best of six squeezes [kg], three on each side; one hand alone is used, and noted."""
    return strength.best_of_six(squeezes[..., :3], squeezes[..., 3:])


def _mean_of_non_dominant(readings: Floats) -> strength.Grip:
    """Return the mean squeeze [kg] of the hand that is not the dominant one; the other if that is missing."""
    return strength.mean_of_non_dominant(readings[..., :3], readings[..., 3:6], readings[..., 6])


def _grip(found: strength.Grip) -> Outcome:
    notes = {"one_hand_only": np.asarray(found.other_hand_missing == TRUE)}
    return measured(found.strength, notes=notes, parts={"squeezes": found.squeezes.astype(float)})


LEFT, RIGHT = _squeezes("left"), _squeezes("right")


def _hand(name: str, squeezes: tuple[Input, ...]) -> Definition:
    """Return the mean of three squeezes of one hand."""
    definition = Definition(
        id=f"handgrip_mean3_{name}",
        version="1",
        source=GRIP_PROTOCOLS,
        source_verified=True,
        concept=FUNCTION,
        inputs=squeezes,
        monotone=False,
    )
    return asking(definition, stacked(strength.mean_of_three), _grip)


_BEST = Definition(
    id="handgrip_max6",
    version="1",
    source=GRIP_PROTOCOLS,
    source_verified=True,
    concept=FUNCTION,
    inputs=(*LEFT, *RIGHT),
    monotone=False,
)
_NON_DOMINANT = replace(
    _BEST, id="handgrip_mean_nondominant", inputs=(*_BEST.inputs, yes_no("right_handed", "Right-handed"))
)
GRIP = (
    asking(_BEST, stacked(_best_of_six), _grip),
    _hand("left", LEFT),
    _hand("right", RIGHT),
    asking(_NON_DOMINANT, stacked(_mean_of_non_dominant), _grip),
)
WEAK_GRIP = tuple(
    asking(
        Definition(
            id=f"weak_grip_{name}",
            version=name[-4:] if name[-4:].isdigit() else "2019",
            source=cutoff.source,
            source_verified=True,
            concept=FUNCTION,
            inputs=(HANDGRIP, MALE),
        ),
        partial(strength.weak_grip, cutoff=cutoff),
        truth_of,
        arguments={"handgrip_strength": "strength"},
    )
    for name, cutoff in strength.GRIP_CUTOFFS.items()
)


def _walk_of_predicted(*, walked: Floats, **person: Floats) -> Outcome:
    """Return the six-minute walk as a share of the predicted one, with its lower limit of normal [m]."""
    found = walking.six_minute_walk(**person)
    return measured(
        walking.share_of_predicted(walked, found.distance),
        parts={"predicted": found.distance, "lower_limit": found.lower_limit},
        notes={"extrapolated": np.asarray(found.extrapolated == TRUE) & ~np.isnan(found.distance)},
    )


def _walk_of_predicted_by_index(*, walked: Floats, **person: Floats) -> Outcome:
    """Return the six-minute walk as a share of the one predicted from body mass index."""
    predicted = walking.six_minute_walk_by_body_mass_index(**person)
    return measured(walking.share_of_predicted(walked, predicted), parts={"predicted": predicted})


def _gait_of_mean(*, speed: Floats, age: Floats, male: Floats) -> Outcome:
    """Return usual gait speed as a share of the mean of healthy people of that age and sex."""
    mean = walking.mean_gait_speed(age, male)
    return measured(walking.share_of_predicted(speed, mean), parts={"mean": mean})


SIX_MINUTES = Input(
    name="six_minute_walk", kind="distance", meaning="Distance walked in six minutes", low=0, high=1000
)
_ENRIGHT = Definition(
    id="six_minute_walk_enright1998",
    version="1998",
    source="Enright PL, Sherrill DL. Am J Respir Crit Care Med 1998;158:1384-1387",
    source_verified=True,
    unverified=("ages 40 to 80 of the people it was made from",),
    concept=FUNCTION,
    inputs=(SIX_MINUTES, MALE, AGE, HEIGHT, WEIGHT),
)
DISTANCE = Input(name="walked_distance", kind="distance", meaning="Distance of the walk", low=0, high=1000)
WALK_TIME = _seconds("walk_time", "Time for that distance at usual pace", 600)
_GAIT = Definition(
    id="gait_speed",
    version="1",
    source="Distance over time; norms: Bohannon RW, Williams Andrews A. Physiotherapy 2011;97:182-189",
    source_verified=True,
    concept=FUNCTION,
    inputs=(DISTANCE, replace(WALK_TIME, low=0.1)),
)
WALKING = (
    asking(
        _ENRIGHT,
        _walk_of_predicted,
        lambda found: found,
        arguments={"six_minute_walk": "walked", "body_weight": "weight"},
    ),
    asking(
        replace(_ENRIGHT, id="six_minute_walk_enright1998_bmi", inputs=(SIX_MINUTES, MALE, AGE, BMI)),
        _walk_of_predicted_by_index,
        lambda found: found,
        arguments={"six_minute_walk": "walked", "bmi": "body_mass_index"},
    ),
    asking(
        _GAIT,
        walking.gait_speed,
        value_of,
        arguments={"walked_distance": "distance", "walk_time": "seconds"},
    ),
    asking(
        replace(
            _GAIT,
            id="gait_speed_of_mean",
            version="2011",
            source_verified=False,
            inputs=(GAIT_SPEED, _age(20, 100), MALE),
        ),
        _gait_of_mean,
        lambda found: found,
        arguments={"gait_speed": "speed"},
    ),
    *(
        asking(
            replace(_GAIT, id=f"slow_gait_{name}", version="1", source=cutoff.source, inputs=(GAIT_SPEED,)),
            partial(walking.slow_gait, cutoff=cutoff),
            truth_of,
            arguments={"gait_speed": "speed"},
        )
        for name, cutoff in walking.GAIT_CUTOFFS.items()
    ),
)


def _battery(found: function.ShortBattery) -> Outcome:
    parts = {"balance": found.balance, "gait": found.gait, "chair": found.chair}
    return measured(found.total, parts=parts)


_BATTERY = Definition(
    id="sppb",
    version="1994",
    source="Guralnik JM et al. J Gerontol 1994;49:M85-M94",
    source_verified=True,
    unverified=("inner cut-points of the 4 m walk", "stop rule of the balance test"),
    concept=FUNCTION,
    inputs=(
        _seconds("side_by_side_time", "Side-by-side stance held", 600),
        _seconds(
            "semi_tandem_time",
            "Semi-tandem stance held; not needed after a failed stance",
            600,
            required=False,
        ),
        _seconds("tandem_time", "Tandem stance held; not needed after a failed stance", 600, required=False),
        _seconds("course_walk_time", "The better of two walks of the course", 600),
        replace(CHAIR_STAND_TIME, low=0),
        yes_no("walk_unable", "The patient could not do the walk", absent_unless_stated=True),
        yes_no("chair_unable", "The patient could not do five chair stands", absent_unless_stated=True),
    ),
    options={"course": "Length of the walk: 4 m (default) or 3 m"},
)
_CHAIR = Definition(
    id="chair_stand_30s",
    version="CDC STEADI",
    source="Rikli RE, Jones CJ; US Centers for Disease Control and Prevention, STEADI 30-second chair stand",
    source_verified=True,
    concept=FUNCTION,
    inputs=(
        Input(name="chair_stands", kind="points", meaning="Stands in 30 s", low=0, high=100, whole=1),
        _age(60, 95),
        MALE,
        yes_no("arms_used", "Stood up with the help of the arms: counts 0", absent_unless_stated=True),
    ),
)
_FIVE = Definition(
    id="five_times_sts_bohannon2006",
    version="2006",
    source="Bohannon RW. Percept Mot Skills 2006;103:215-222",
    source_verified=True,
    concept=FUNCTION,
    inputs=(CHAIR_STAND_TIME, _age(60, 90)),
)
_UP_AND_GO = replace(
    _FIVE,
    id="tug_bohannon2006",
    source="Bohannon RW. J Geriatr Phys Ther 2006;29:64-68",
    inputs=(UP_AND_GO_TIME, _age(60, 100)),
)
_STANCE = Definition(
    id="one_leg_stance",
    version="2007",
    source="Springer BA et al. J Geriatr Phys Ther 2007;30:8-15 (design only; its norms were not found)",
    source_verified=False,
    concept=FUNCTION,
    inputs=tuple(
        _seconds(f"one_leg_time_{number}", f"Trial {number} on one leg", 600) for number in (1, 2, 3)
    ),
)
_STAIRS = Definition(
    id="stair_climb_power",
    version="1",
    source="Mass times standard gravity times height over time",
    source_verified=True,
    concept=FUNCTION,
    inputs=(
        replace(WEIGHT, spoiled_by_fluid=False),
        Input(name="stair_height", kind="distance", meaning="Steps times riser", low=0, high=100),
        replace(_seconds("stair_time", "Time of the climb", 600), low=0.1),
    ),
)
_BATTERY_NAMES = {
    "side_by_side_time": "side_by_side",
    "semi_tandem_time": "semi_tandem",
    "tandem_time": "tandem",
    "course_walk_time": "walk",
    "chair_stand_time": "chair",
}
TESTS = (
    asking(_BATTERY, function.short_battery, _battery, arguments=_BATTERY_NAMES),
    asking(_CHAIR, function.chair_stands_below_average, truth_of, arguments={"chair_stands": "repetitions"}),
    asking(
        _FIVE, function.five_stands_slower_than_average, truth_of, arguments={"chair_stand_time": "seconds"}
    ),
    *(
        asking(
            replace(
                _FIVE, id=f"five_stands_low_{name}", version="2019", source=source, inputs=(CHAIR_STAND_TIME,)
            ),
            partial(function.five_stands_low, rule=function.FIVE_STANDS_LOW[name]),
            truth_of,
            arguments={"chair_stand_time": "seconds"},
        )
        for name, source in (
            ("ewgsop2", strength.GRIP_CUTOFFS["ewgsop2"].source),
            ("awgs2019", strength.GRIP_CUTOFFS["awgs2019"].source),
        )
    ),
    asking(
        _UP_AND_GO, function.up_and_go_slower_than_average, truth_of, arguments={"up_and_go_time": "seconds"}
    ),
    asking(
        replace(
            _UP_AND_GO,
            id="tug_low_ewgsop2",
            version="2019",
            source=strength.GRIP_CUTOFFS["ewgsop2"].source,
            inputs=(UP_AND_GO_TIME,),
        ),
        function.up_and_go_low,
        truth_of,
        arguments={"up_and_go_time": "seconds"},
    ),
    asking(
        _STANCE,
        stacked(function.one_leg_stance),
        lambda found: measured(found.best, parts={"mean": found.mean}),
    ),
    asking(
        _STAIRS,
        function.stair_climb_power,
        value_of,
        arguments={"body_weight": "weight", "stair_height": "height", "stair_time": "seconds"},
    ),
)

DEFINITIONS = (*GRIP, *WEAK_GRIP, *WALKING, *TESTS)
