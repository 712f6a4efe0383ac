"""The report of a trial or a design: one page, its figures, its results for programs.  No statistics."""

from euexia.report.files import write
from euexia.report.folder import write_study, write_trials

__all__ = ["write", "write_study", "write_trials"]
