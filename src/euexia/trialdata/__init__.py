"""Trial data, real or simulated: arrays, their checks, and tidy tables as a view of them."""

from euexia.trialdata.checks import check
from euexia.trialdata.trialdata import Dosing, Events, Readings, ScreeningLog, TrialData

__all__ = ["Dosing", "Events", "Readings", "ScreeningLog", "TrialData", "check"]
