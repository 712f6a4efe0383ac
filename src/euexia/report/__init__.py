"""The report of a trial or of a design: one page, its figures, and its results for programs.  No statistics here."""

from euexia.report.files import write

__all__ = ["write"]
