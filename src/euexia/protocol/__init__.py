"""A trial protocol as data: read strictly, checked, applied to patients, and read back in words."""

from euexia.protocol.loader import fingerprint, load, loads, shipped

__all__ = ["fingerprint", "load", "loads", "shipped"]
