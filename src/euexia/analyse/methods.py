"""Which function does which method: one closed table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from euexia.analyse.categories import category_table
from euexia.analyse.events import event_rate
from euexia.analyse.means import mean_difference
from euexia.analyse.plan import Planned
from euexia.analyse.responses import boschloo, exact_binomial, fisher
from euexia.analyse.result import Result
from euexia.protocol.analysis_plan import Method

ESTIMATORS: Mapping[Method, Callable[[Planned], Result]] = {
    Method.EXACT_BINOMIAL: exact_binomial,
    Method.FISHER: fisher,
    Method.BOSCHLOO: boschloo,
    Method.MEAN_DIFFERENCE: mean_difference,
    Method.EVENT_RATE: event_rate,
    Method.CATEGORY_TABLE: category_table,
}
"""Every method of a protocol; a test holds the table to be complete."""
