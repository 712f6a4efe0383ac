"""Published results as typed rows, each with its source and whether it was seen there."""

from euexia.evidence.loader import find_row, load, shipped
from euexia.evidence.row import Row, Study

__all__ = ["Row", "Study", "find_row", "load", "shipped"]
