"""SAS transport files (XPT), versions 5 and 8: ``read`` and ``write``."""

from euexia.formats.xpt_reading import read
from euexia.formats.xpt_writing import write

__all__ = ["read", "write"]
