"""A complete set of parameters, by ``block.name``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from euexia.core.choices import choose
from euexia.parameters.parameter import Parameter

Constants = TypeVar("Constants")


@dataclass(frozen=True, slots=True, eq=False)
class ParameterSet(Mapping[str, Parameter]):
    """Every number of the model; immutable.

    ``parameters["muscle.muscle_turnover"]`` is the Parameter, ``parameters.value(...)`` its canonical value.
    """

    name: str
    entries: Mapping[str, Parameter]
    overlays: tuple[str, ...] = ()
    hash: str = field(init=False)
    """SHA-256 of every name, value, range and spread: two sets that simulate alike have the same."""

    def __post_init__(self) -> None:
        text = "\n".join(
            f"{name} {entry.kind} {entry.value!r} {entry.low!r} {entry.high!r} {entry.spread!r}"
            for name, entry in sorted(self.entries.items())
        )
        object.__setattr__(self, "hash", hashlib.sha256(text.encode()).hexdigest())

    def __getitem__(self, name: str) -> Parameter:
        return choose("parameter", name, self.entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, name: object) -> bool:
        return name in self.entries

    def value(self, name: str) -> float:
        """Return the canonical value of ``block.name``; raise UnknownNameError."""
        return self[name].value

    def block(self, block: str) -> dict[str, Parameter]:
        """Return the parameters of one block, by their short name."""
        prefix = f"{block}."
        return {name.removeprefix(prefix): self[name] for name in self.entries if name.startswith(prefix)}

    def constants(self, block: str, kind: type[Constants]) -> Constants:
        """Return the values of one block as the named tuple its functions take."""
        names: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]
        return kind(**{name: self.value(f"{block}.{name}") for name in names})
