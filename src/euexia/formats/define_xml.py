"""Define-XML 2.1: ``read`` and ``write`` definitions, ``describe`` datasets, ``check`` and ``mismatches``."""

from euexia.formats.define import Definition, check, describe, mismatches
from euexia.formats.define_reading import read
from euexia.formats.define_writing import write

__all__ = ["Definition", "check", "describe", "mismatches", "read", "write"]
