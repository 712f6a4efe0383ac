"""Objects of USDM as nested dictionaries: each with its class, its identifier and its extensions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from euexia.standards.usdm_codes import Term

Object = dict[str, Any]


@dataclass(slots=True)
class Maker:
    """Makes objects and counts them, class by class: equal protocols get equal identifiers."""

    made: Counter[str] = field(default_factory=Counter)

    def make(self, kind: str, **attributes: Any) -> Object:
        """Return an object of a class; attributes that are None stay, as USDM writes them."""
        self.made[kind] += 1
        return {
            "id": f"{kind}_{self.made[kind]}",
            "extensionAttributes": attributes.pop("extensions", []),
            **attributes,
            "instanceType": kind,
        }

    def code(self, term: Term) -> Object:
        """Return a Code."""
        return self.make(
            "Code",
            code=term.code,
            codeSystem=term.system,
            codeSystemVersion=term.version,
            decode=term.decode,
        )

    def alias(self, term: Term) -> Object:
        """Return a Code that may have aliases."""
        return self.make("AliasCode", standardCode=self.code(term), standardCodeAliases=[])

    def quantity(self, value: float, unit: Term | None = None) -> Object:
        """Return a number with its unit."""
        return self.make("Quantity", value=value, unit=None if unit is None else self.alias(unit))

    def note(self, text: str) -> Object:
        """Return a comment."""
        return self.make("CommentAnnotation", text=text, codes=[])


def chained(objects: list[Object]) -> list[Object]:
    """Return objects that know the one before and the one after them."""
    for index, item in enumerate(objects):
        item["previousId"] = objects[index - 1]["id"] if index else None
        item["nextId"] = objects[index + 1]["id"] if index + 1 < len(objects) else None
    return objects
