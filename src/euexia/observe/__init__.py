"""From truth to trial data: instruments, visits, missed visits, adverse events, end of observation."""

from euexia.observe.measurement import Address, read, read_all
from euexia.observe.observe import Fate, Noted, Person, events, fate, readings, stack

__all__ = ["Address", "Fate", "Noted", "Person", "events", "fate", "read", "read_all", "readings", "stack"]
