"""Which values of a protocol file a designer moves, told by where they stand, without code for any one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a value is moved."""

    NUMBER = "number"
    CHOICE = "choice"
    FLAG = "flag"
    TEXT = "text"


class Range(StrEnum):
    """Where the ends of a number's range come from."""

    SHARE = "share"
    """0 to 100 %."""
    MEASURE = "measure"
    """What a reading of the measure beside it may be."""
    AROUND = "around"
    """From 0 to some times the value that stands in the file."""
    COUNT = "count"
    """Whole numbers between the ends of the rule."""


class Options(StrEnum):
    """Where the choices of a value come from."""

    RULES = "rules"
    """The dosing rules of the file."""
    VISITS = "visits"
    """The days of the visits."""
    YES_NO = "yes_no"
    LISTED = "listed"
    """The rule itself lists them."""
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of place in a protocol file, and the control that moves the value there.

    place: names and ``*`` for any one name, ``**`` for any number of them.  label: may name ``{0}``, ``{1}``
    ..., the label or text of what the stars stand for, and ``{drug}`` or ``{measure}`` of the group around.
    """

    place: str
    group: str
    label: str
    help: str
    kind: Kind = Kind.NUMBER
    range: Range = Range.AROUND
    low: float = 0.0
    high: float = 0.0
    options: Options = Options.NONE
    listed: tuple[str, ...] = ()


ARMS, DOSE, WHO, WHEN, GOAL, CARE, SIZE = (
    "Arms and doses",
    "Dosing rules",
    "Who may enter",
    "Visits",
    "Endpoints and tests",
    "Background care",
    "Size and accrual",
)
COMPARED = ("above", "at_least", "below", "at_most")


def _thresholds(place: str, group: str, label: str, explanation: str) -> tuple[Rule, ...]:
    words = {"above": "above", "at_least": "at least", "below": "below", "at_most": "at most"}
    return tuple(
        Rule(
            place=f"{place}.{name}",
            group=group,
            label=f"{label} {words[name]}",
            help=explanation,
            range=Range.MEASURE,
        )
        for name in COMPARED
    )


RULES: tuple[Rule, ...] = (
    Rule(
        place="size",
        group=SIZE,
        label="Patients",
        help="Patients to be randomised, in all arms together.",
        range=Range.COUNT,
        low=10,
        high=2000,
    ),
    Rule(
        place="accrual.candidates_per_month",
        group=SIZE,
        label="Candidates a month",
        help="How many candidates come to screening; it moves calendar times, not the result.",
    ),
    Rule(
        place="arms.*.ratio",
        group=ARMS,
        label="{0}: share of patients",
        help="How many patients of each group of randomised patients go to this arm.",
        range=Range.COUNT,
        low=1,
        high=6,
    ),
    Rule(
        place="arms.*.treatments.*.dose",
        group=ARMS,
        label="{0}: dose of {drug}",
        help="The fixed dose, or the starting dose of a dosing rule.",
    ),
    Rule(
        place="arms.*.treatments.*.every",
        group=ARMS,
        label="{0}: {drug} every",
        help="Time from one dose to the next.",
    ),
    Rule(
        place="arms.*.treatments.*.rule",
        group=ARMS,
        label="{0}: dosing rule of {drug}",
        help="The rule by which the dose changes on treatment.",
        kind=Kind.CHOICE,
        options=Options.RULES,
    ),
    Rule(
        place="arms.*.treatments.*.begins",
        group=ARMS,
        label="{0}: {drug} begins",
        help="Time from randomisation to the first of it.",
    ),
    Rule(
        place="arms.*.treatments.*.lasts",
        group=ARMS,
        label="{0}: {drug} lasts",
        help="Length of this treatment.",
    ),
    Rule(
        place="arms.*.treatments.*.adherence",
        group=ARMS,
        label="{0}: taken of {drug}",
        help="Share of the treatment that patients take up on average.",
        range=Range.SHARE,
    ),
    Rule(
        place="arms.*.treatments.*.programme.sessions",
        group=ARMS,
        label="{0}: sessions of {drug}",
        help="Sessions in a week.",
    ),
    Rule(
        place="background.*.adherence",
        group=CARE,
        label="Uptake of {drug}",
        help="Care that all arms get: the share of it that patients take up on average.",
        range=Range.SHARE,
    ),
    Rule(
        place="rules.*.resume_levels_down",
        group=DOSE,
        label="{0}: levels down after a hold",
        help="How many levels below the held dose it goes on.",
        range=Range.COUNT,
        low=0,
        high=4,
    ),
    Rule(
        place="rules.*.levels.*",
        group=DOSE,
        label="{0}: level {1}",
        help="A dose that the rule may give, in increasing order.",
    ),
    *_thresholds(
        "rules.*.clauses.*.when.**",
        DOSE,
        "{0}, {1}: {measure}",
        "The reading at which this line of the dosing rule acts.",
    ),
    Rule(
        place="rules.*.clauses.*.after",
        group=DOSE,
        label="{0}, {1}: not before",
        help="Least time at the present dose before this line may act.",
    ),
    Rule(
        place="rules.*.clauses.*.to",
        group=DOSE,
        label="{0}, {1}: at most",
        help="Highest dose while this line holds.",
    ),
    Rule(
        place="rules.*.clauses.*.levels",
        group=DOSE,
        label="{0}, {1}: levels up or down",
        help="How many dose levels this line moves the dose.",
        range=Range.COUNT,
        low=1,
        high=4,
    ),
    *_thresholds(
        "eligibility.*.require.**", WHO, "{0}: {measure}", "Who may enter is decided at this value."
    ),
    Rule(
        place="eligibility.*.require.**.over",
        group=WHO,
        label="{0}: looking back",
        help="Time over which the loss is counted.",
    ),
    Rule(
        place="eligibility.*.require.**.is_true",
        group=WHO,
        label="{0}",
        help="Whether this must be so, or must not.",
        kind=Kind.FLAG,
        options=Options.YES_NO,
    ),
    Rule(
        place="schedule.treatment",
        group=WHEN,
        label="Length of treatment",
        help="From randomisation on.",
    ),
    Rule(
        place="schedule.follow_up",
        group=WHEN,
        label="Length of follow-up",
        help="From randomisation on; it holds every visit.",
    ),
    Rule(
        place="schedule.run_in",
        group=WHEN,
        label="Run-in",
        help="Time before randomisation in which background care already runs.",
    ),
    Rule(
        place="schedule.visits.*.day",
        group=WHEN,
        label="{0}: time of the visit",
        help="From randomisation on. Endpoints that are read at this visit move with it.",
    ),
    Rule(
        place="schedule.visits.*.window",
        group=WHEN,
        label="{0}: early or late by",
        help="How far from its planned day the visit may fall.",
    ),
    Rule(
        place="schedule.visits.*.attendance",
        group=WHEN,
        label="{0}: attendance",
        help="Share of the patients still in the trial who come to the visit.",
        range=Range.SHARE,
    ),
    Rule(
        place="endpoints.*.day",
        group=GOAL,
        label="{0}: read at",
        help="The visit at which the endpoint is read.",
        kind=Kind.CHOICE,
        options=Options.VISITS,
    ),
    *_thresholds(
        "endpoints.*.condition.**", GOAL, "{0}: {measure}", "What a patient must reach to count as a success."
    ),
    Rule(
        place="analyses.*.null",
        group=GOAL,
        label="{0}: rate without benefit",
        help="Response rate that the test has to refute.",
        range=Range.SHARE,
    ),
    Rule(
        place="analyses.*.alternative",
        group=GOAL,
        label="{0}: rate hoped for",
        help="Response rate that the design is made for.",
        range=Range.SHARE,
    ),
    Rule(
        place="analyses.*.alpha",
        group=GOAL,
        label="{0}: level of the test",
        help="Share of trials that may find an effect where there is none.",
        range=Range.SHARE,
    ),
    Rule(
        place="analyses.*.one_sided",
        group=GOAL,
        label="{0}: one-sided",
        help="Whether the test looks in one direction only.",
        kind=Kind.FLAG,
        options=Options.YES_NO,
    ),
    Rule(
        place="crossovers.*.uptake",
        group=ARMS,
        label="{0}: share that changes over",
        help="Share of patients who take part.",
        range=Range.SHARE,
    ),
)


def pattern(rule: Rule) -> re.Pattern[str]:
    """Return the regular expression of a rule's place; a star is a group."""
    text = re.escape(rule.place).replace(r"\.\*\*", r"(?:\..+)?").replace(r"\*", r"([^.]+)")
    return re.compile(f"^{text}$")
