"""Show the equations of docstrings as they are written."""

from __future__ import annotations

import re
from typing import Any

import griffe

BLOCK = re.compile(r"^( *)\.\. math::[ ]?(.*(?:\n(?:\1 +.*|[ ]*(?=\n\1 +)))*)", re.MULTILINE)
INLINE = re.compile(r":(?:math|func|class|mod):`([^`]*)`")


class Equations(griffe.Extension):
    """Turns ``.. math::`` into a block that any reader shows."""

    def on_instance(self, *, obj: griffe.Object, **more: Any) -> None:
        """Rewrite the docstring of everything that is documented."""
        if obj.docstring is not None:
            obj.docstring.value = INLINE.sub(r"`\1`", BLOCK.sub(_block, obj.docstring.value))


def _block(found: re.Match[str]) -> str:
    indent = found.group(1)
    lines = [line.strip() for line in found.group(2).strip().splitlines()]
    return "\n".join(f"{indent}{line}" for line in ["```text", *lines, "```"])
