"""A protocol with some of its values changed: by places of its file, or by what a designer would call them.

Every path of the file can be changed (``size``, ``rules.crp_guided.levels``, ``schedule.treatment``).  A
number takes the unit that stands there; any other unit can be given.  Besides there are names for what is
asked often and is not one place:

====================================  ==================================================================
``arms.<arm>.size``                   patients of an arm; the ratio stays, so that all arms grow along.  Given
                                      for every arm, the ratio becomes that of the sizes
``arms.<arm>.dose``                   dose of the only dosed treatment of an arm
``endpoints.<endpoint>.week``         week of an endpoint (``primary``: the first primary one), its visit,
                                      what else is read there, and a treatment that ends there
``dosing.<rule>.threshold``           limit of the only clause that raises the dose
``dosing.<rule>.wait``                least time at a dose before that clause acts
``dosing.<rule>.steps``               dose levels, as a list
``eligibility.<criterion>``           the limit of a criterion that has only one
====================================  ==================================================================
"""

from __future__ import annotations

from collections.abc import Mapping

from euexia.core.errors import DataFileError, InputError
from euexia.protocol.loader import loads
from euexia.protocol.protocol import Protocol
from euexia.protocol.variation_names import changes_of
from euexia.protocol.written import Value, Written

__all__ = ["Value", "changes_in_words", "varied", "vary"]

Changes = Mapping[str, Value]


def vary(text: str, changes: Changes, *, file: str = "protocol") -> str:
    """Return the text of a protocol file with changes; comments, order and all else stay.

    changes: path or name to new value.  file: the name used in messages.
    Raises InputError for a path that is none, a value that does not fit there, or changes that contradict
    each other.  Whether the result is a valid protocol is for the loader to say.
    """
    written = Written(text, file)
    return written.rewritten(changes_of(written, changes))


def varied(protocol: Protocol, changes: Changes) -> Protocol:
    """Return a protocol with changes, checked as any protocol is.

    Raises InputError as ``vary`` does, and DataFileError with every fault of what comes out.
    """
    if not protocol.source_text:
        raise InputError(
            f"The protocol '{protocol.id}' has no file behind it, so its places cannot be named."
        )
    text = vary(protocol.source_text, changes, file=protocol.source_name)
    try:
        return loads(text, protocol.source_name)
    except DataFileError as error:
        told = f"protocol with {changes_in_words(changes)}" if changes else "protocol"
        raise DataFileError(error.file, told, error.faults) from error


def changes_in_words(changes: Changes) -> str:
    """Return changes as ``path=value`` after each other."""
    return " ".join(f"{path}={value_in_words(value)}" for path, value in changes.items())


def value_in_words(value: Value) -> str:
    """Return a value as it is given on the command line."""
    if isinstance(value, tuple):
        return "[" + ", ".join(value_in_words(item) for item in value) + "]"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
