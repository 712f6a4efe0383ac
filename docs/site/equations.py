"""Show the equations of docstrings: as MathML, which browsers draw without any script."""

from __future__ import annotations

import re
from typing import Any

import griffe
from latex2mathml.converter import convert

BLOCK = re.compile(r"^( *)\.\. math::[ ]?(.*(?:\n(?:\1 +.*|[ ]*(?=\n\1 +)))*)", re.MULTILINE)
INLINE = re.compile(r":math:`([^`]*)`")
NAMED = re.compile(r":(?:func|class|mod|meth):`([^`]*)`")


def shown(text: str) -> str:
    """Return a docstring with its equations as MathML."""
    text = BLOCK.sub(_block, text)
    text = INLINE.sub(lambda found: _drawn(found.group(1), "inline"), text)
    return NAMED.sub(r"`\1`", text)


class Equations(griffe.Extension):
    """Turns the equations of every docstring into what a browser shows."""

    def on_instance(self, *, obj: griffe.Object, **more: Any) -> None:
        """Rewrite the docstring of everything that is documented."""
        if obj.docstring is not None:
            obj.docstring.value = shown(obj.docstring.value)


def _block(found: re.Match[str]) -> str:
    equation = " ".join(line.strip() for line in found.group(2).strip().splitlines())
    return f'\n<div class="equation">{_drawn(equation, "block")}</div>\n'


def _drawn(equation: str, display: str) -> str:
    return str(convert(equation, display=display)).replace("\n", " ")
