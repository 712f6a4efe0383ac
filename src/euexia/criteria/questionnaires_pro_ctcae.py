"""Composite grade of a PRO-CTCAE symptom term from its frequency, severity and interference.

The instrument belongs to the US National Cancer Institute and may not be altered; only item numbers and codes
are here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.choices import choose
from euexia.core.errors import InputError

Codes = NDArray[np.int8]

UNKNOWN_COMPOSITE = np.int8(-1)
HIGHEST_CODE = 4


class Attribute(StrEnum):
    """What an item asks about a term; items come in this order."""

    FREQUENCY = "frequency"
    SEVERITY = "severity"
    INTERFERENCE = "interference"


F, S, I = Attribute.FREQUENCY, Attribute.SEVERITY, Attribute.INTERFERENCE  # noqa: E741

TERMS: Mapping[str, tuple[int, tuple[Attribute, ...]]] = {
    "taste_changes": (7, (S,)),
    "decreased_appetite": (8, (S, I)),
    "nausea": (9, (F, S)),
    "vomiting": (10, (F, S)),
    "constipation": (15, (S,)),
    "diarrhoea": (16, (F,)),
    "abdominal_pain": (17, (F, S, I)),
    "swelling": (22, (F, S, I)),
    "general_pain": (48, (F, S, I)),
    "fatigue": (53, (S, I)),
}
"""Number of the term and its attributes.  Rash (24) is present or absent and has no composite."""

_F = (0, 1, 1, 2, 3)
_S = (0, 1, 2, 3, 3)
_I = (0, 1, 1, 2, 2)
_NONE = (0, 0, 0, 0, 0)
_FS = (_NONE, (1, 1, 1, 2, 2), (1, 1, 2, 2, 2), (1, 1, 2, 3, 3), (1, 1, 2, 3, 3))
_FI = (_NONE, (1, 1, 1, 2, 2), (1, 1, 1, 2, 2), (1, 1, 2, 3, 3), (1, 1, 2, 3, 3))
_SI = (_NONE, (1, 1, 1, 2, 2), (1, 1, 2, 2, 3), (1, 2, 2, 3, 3), (2, 2, 2, 3, 3))
_FSI = (
    (_NONE, _NONE, _NONE, _NONE, _NONE),
    ((0, 1, 1, 2, 2), (1, 1, 1, 2, 2), (1, 2, 2, 2, 3), (2, 2, 2, 3, 3), (2, 2, 3, 3, 3)),
    ((0, 1, 1, 2, 2), (1, 1, 1, 2, 2), (2, 2, 2, 3, 3), (2, 2, 2, 3, 3), (2, 2, 3, 3, 3)),
    ((1, 1, 1, 2, 2), (1, 1, 1, 2, 2), (2, 2, 2, 3, 3), (2, 2, 3, 3, 3), (2, 2, 3, 3, 3)),
    ((1, 1, 1, 2, 2), (1, 1, 2, 2, 3), (2, 2, 2, 3, 3), (2, 2, 3, 3, 3), (2, 2, 3, 3, 3)),
)
_TABLES: Mapping[tuple[Attribute, ...], Codes] = {
    attributes: np.asarray(table, dtype=np.int8)
    for attributes, table in (
        ((F,), _F), ((S,), _S), ((I,), _I), ((F, S), _FS), ((F, I), _FI), ((S, I), _SI), ((F, S, I), _FSI),
    )
}  # fmt: skip
"""Grades by the codes of the attributes (Basch 2021), in the order frequency, severity, interference."""


def term_grade(term: str, responses: Mapping[Attribute, ArrayLike]) -> Codes:
    """Return the composite grade of a term of TERMS; raise InputError unless its attributes are given."""
    _, attributes = choose("PRO-CTCAE term", term, TERMS)
    if set(responses) != set(attributes):
        asked, given = (", ".join(sorted(names)) or "nothing" for names in (attributes, responses))
        raise InputError(
            f"PRO-CTCAE term '{term}' is asked for {asked}; given is {given}. Give exactly those."
        )
    return composite_grade(responses)


def composite_grade(responses: Mapping[Attribute, ArrayLike]) -> Codes:
    """Return the composite grade, 0-3; -1 where a needed answer is missing or no code of 0-4.

    responses: codes 0-4 for each attribute the term has; NaN is missing.  If the first attribute is 0 the
    grade is 0 and later answers are skipped.  Raises InputError if no attribute is given.
    """
    attributes = tuple(attribute for attribute in Attribute if attribute in responses)
    if not attributes:
        raise InputError("A composite grade needs frequency, severity or interference; none is given.")
    given = np.broadcast_arrays(*(np.asarray(responses[name], dtype=float) for name in attributes))
    known = [np.isin(values, np.arange(HIGHEST_CODE + 1)) for values in given]
    places = tuple(np.where(ok, values, 0).astype(np.int64) for ok, values in zip(known, given, strict=True))
    grade = _TABLES[attributes][places]
    decided = np.logical_and.reduce(known) | (known[0] & (given[0] == 0))
    return np.where(decided, grade, UNKNOWN_COMPOSITE).astype(np.int8)
