"""What a design search is for: conditions that a design must meet, and what is then made small or large."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from euexia.core.choices import did_you_mean
from euexia.core.errors import InputError
from euexia.protocol.protocol import Protocol
from euexia.study.costs import Costs
from euexia.study.trial_figures import ARM, COST, FIGURES, POWER, Kind

GOAL = re.compile(
    r"^\s*(?P<figure>[a-z][a-z_ ]*?)\s*(?:\(\s*(?P<arm>[^()]+?)\s*\))?\s*(?P<sign>>=|<=|>|<|≥|≤)\s*"
    r"(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>%|patients|months|visits)?\s*$"
)
NAMES: Mapping[str, str] = {
    "power": POWER,
    "false success": "false_success",
    "correct decision": "correct_decision",
    "in vain": "in_vain",
    "months": "duration",
    "candidates": "screened",
}
"""Other words for figures."""
EXAMPLE = "Write for example 'power >= 80 %', 'power(fixed) >= 80 %' or 'duration <= 24 months'."
EVERY = "all"
ALL_ARMS = "success_of_all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A condition on one figure.  value: a share, or in the unit of the figure."""

    text: str
    figure: str
    at_least: bool
    value: float

    def met(self, value: float) -> bool:
        """Return whether a value meets it."""
        return value >= self.value if self.at_least else value <= self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A figure that is to be as small, or as large, as can be."""

    figure: str
    largest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a search."""

    goals: tuple[Goal, ...]
    objective: Objective


def parse_goal(text: str, protocol: Protocol) -> Goal:
    """Return a goal from text such as ``power >= 80 %``; raise InputError for what is none."""
    found = GOAL.match(text.lower() if "(" not in text else text)
    if found is None:
        raise InputError(f"'{text}' is no goal. {EXAMPLE}")
    figure = figure_named(found["figure"], found["arm"], protocol)
    is_share = kind_of(figure) is Kind.SHARE
    value = float(found["value"])
    if is_share and found["unit"] == "%":
        value /= 100
    if is_share and not 0 < value < 1:
        raise InputError(f"'{text}': a share lies between 0 and 100 %. {EXAMPLE}")
    if not is_share and found["unit"] == "%":
        raise InputError(f"'{text}': '{FIGURES[figure].label}' is no share. {EXAMPLE}")
    return Goal(text=text.strip(), figure=figure, at_least=found["sign"] in (">=", ">", "≥"), value=value)


def figure_named(name: str, arm: str | None, protocol: Protocol) -> str:
    """Return the figure that is meant; raise InputError for none."""
    plain = name.strip().lower().replace("_", " ")
    chosen = NAMES.get(plain, plain.replace(" ", "_"))
    if chosen not in FIGURES:
        known = [*FIGURES, "power"]
        raise InputError(f"There is no figure called '{name}'. {did_you_mean(name, known)}")
    if arm is None:
        return chosen
    if chosen != POWER:
        raise InputError(f"'{name}({arm})': only the power is told by arm.")
    tested = dict.fromkeys(analysis.arm for analysis in protocol.analyses if analysis.primary)
    if arm == EVERY:
        return ALL_ARMS
    if arm not in tested:
        raise InputError(f"No primary analysis is about an arm '{arm}'. {did_you_mean(arm, tested)}")
    return f"{ARM}{arm}"


def kind_of(figure: str) -> Kind:
    """Return what sort of number a figure is."""
    return FIGURES[figure].kind if figure in FIGURES else Kind.SHARE


def label_of(figure: str) -> str:
    """Return what a figure is called."""
    if figure == ALL_ARMS:
        return "Power of all arms at once"
    if figure.startswith(ARM):
        return f"Power of '{figure.removeprefix(ARM)}'"
    return "Power" if figure == POWER else FIGURES[figure].label


def short_label(figure: str) -> str:
    """Return what a figure is called at the head of a column."""
    short = {
        "false_success": "False success",
        "correct_decision": "Correct decision",
        "duration": "Months",
        "patients": "Patients",
        "in_vain": "Treated in vain",
        "exposed": "Treated",
        "screened": "Candidates",
        "serious": "Serious events",
        "deaths": "Deaths",
        "visits": "Visits each",
        "cost": "Cost",
    }
    return short.get(figure, label_of(figure))


def question_of(
    protocol: Protocol,
    *,
    goals: Sequence[str] = (),
    minimise: str = "",
    maximise: str = "",
    costs: Costs | None = None,
) -> Question:
    """Return what is asked; by default the largest power, or with a goal the fewest patients.

    Raises InputError for what contradicts itself or cannot be known.
    """
    if minimise and maximise:
        raise InputError("A search makes one figure small or one large. Give --minimise or --maximise.")
    found = tuple(parse_goal(text, protocol) for text in goals)
    chosen = minimise or maximise or ("patients" if found else "power")
    matched = re.match(r"^([^()]*)(?:\(([^()]+)\))?$", chosen)
    if matched is None:
        raise InputError(f"'{chosen}' is no figure. {EXAMPLE}")
    objective = Objective(
        figure=figure_named(matched.group(1), matched.group(2), protocol),
        largest=bool(maximise) or not (minimise or found),
    )
    asked = {objective.figure, *(goal.figure for goal in found)}
    if COST in asked and (costs is None or not costs.are_known):
        raise InputError(
            "What a trial costs is not known. Give --costs FILE or options such as --patient-cost."
        )
    return Question(goals=found, objective=objective)
