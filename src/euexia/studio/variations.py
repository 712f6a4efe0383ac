"""A protocol file with some of its values written anew; everything else stays as it was, comments too."""

from __future__ import annotations

from collections.abc import Mapping

from euexia.core.errors import InputError
from euexia.studio.controls import File


def vary(text: str, values: Mapping[str, str]) -> str:
    """Return the text with the values at some places replaced.  Raises InputError (no such place)."""
    places = {leaf.place: leaf.node for leaf in File(text, "protocol").leaves()}
    missing = [place for place in values if place not in places]
    if missing:
        raise InputError(f"The protocol holds no '{missing[0]}'.")
    for place in sorted(values, key=lambda place: places[place].start_mark.index, reverse=True):
        node = places[place]
        text = text[: node.start_mark.index] + values[place] + text[node.end_mark.index :]
    return text
