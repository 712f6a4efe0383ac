"""The report of a trial or of a design: one page, its figures, and its results for programs.  No statistics here."""

from euexia.report.files import write
from euexia.report.folder import write_study, write_trials

__all__ = ["write", "write_study", "write_trials"]
