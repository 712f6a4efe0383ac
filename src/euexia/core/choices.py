"""Closed lists of names, and the message for a name that is not on one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

from euexia.core.errors import UnknownNameError

T = TypeVar("T")


def did_you_mean(name: str, options: Iterable[str]) -> str:
    """Return the way out for an unknown name: the nearest option, or the whole list."""
    names = sorted(options)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{close[0]}'?"
    if not names:
        return "None is known."
    return f"Known: {', '.join(names)}."


def choose(kind: str, name: str, options: Mapping[str, T], *, asked_in: str = "") -> T:
    """Return ``options[name]``, or raise UnknownNameError that names the nearest option.

    kind: what the name stands for, in words ("drug").  asked_in: the place that asked for it.
    """
    if name in options:
        return options[name]
    place = f" (asked for in {asked_in})" if asked_in else ""
    raise UnknownNameError(f"There is no {kind} called '{name}'{place}. {did_you_mean(name, options)}")
