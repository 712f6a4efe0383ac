"""A trial protocol as data: read strictly, checked, applied to patients, and read back in words."""

from euexia.protocol.loader import fingerprint, load, loads, shipped
from euexia.protocol.plain_words import sections
from euexia.protocol.protocol import Protocol
from euexia.protocol.sections import plain_text

__all__ = ["fingerprint", "load", "loads", "sections", "shipped", "words"]


def words(protocol: Protocol) -> str:
    """Return the protocol in plain words, as text for a terminal."""
    return plain_text(sections(protocol))
