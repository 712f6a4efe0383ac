"""Real patients: tables read and checked, definitions, matching trials, the next dose.

::

    from euexia.assess import assess, check, read

    checked = check(read("patients.csv").record)
    assess(checked.record).outcomes["fearon2011"].truth
"""

from euexia.assess.assessment import Assessment, assess, tables
from euexia.assess.checks import Checked, Finding, check
from euexia.assess.columns import Baseline, Reference, Settings
from euexia.assess.matching import Screening, screen
from euexia.assess.next_dose import NextDose, next_dose
from euexia.assess.reading import Reading, read
from euexia.assess.record import Record, occasions
from euexia.assess.trend import Trend, trend_of

__all__ = [
    "Assessment",
    "Baseline",
    "Checked",
    "Finding",
    "NextDose",
    "Reading",
    "Record",
    "Reference",
    "Screening",
    "Settings",
    "Trend",
    "assess",
    "check",
    "next_dose",
    "occasions",
    "read",
    "screen",
    "tables",
    "trend_of",
]
