"""Which function does which method: one closed table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from euexia.analyse.adjusted_means import ancova, ranked_ancova
from euexia.analyse.adjusted_responses import (
    cochran_mantel_haenszel,
    logistic_regression,
    miettinen_nurminen,
    newcombe,
)
from euexia.analyse.bayesian import posterior_mean
from euexia.analyse.categories import category_table
from euexia.analyse.events import event_rate
from euexia.analyse.hierarchical import net_benefit, rank_composite, survivor_bounds, win_odds, win_ratio
from euexia.analyse.imputed import imputed_many_times, imputed_response, reference_based, tipping_point
from euexia.analyse.locations import hodges_lehmann, median_difference
from euexia.analyse.longitudinal import mmrm
from euexia.analyse.means import mean_difference
from euexia.analyse.plan import Planned
from euexia.analyse.responses import boschloo, exact_binomial, fisher
from euexia.analyse.result import Result
from euexia.analyse.survival import cox_model, cumulative_incidence, log_rank_test, restricted_means
from euexia.protocol.analysis_plan import Method

ESTIMATORS: Mapping[Method, Callable[[Planned], Result]] = {
    Method.EXACT_BINOMIAL: exact_binomial,
    Method.FISHER: fisher,
    Method.BOSCHLOO: boschloo,
    Method.MEAN_DIFFERENCE: mean_difference,
    Method.EVENT_RATE: event_rate,
    Method.CATEGORY_TABLE: category_table,
    Method.MIETTINEN_NURMINEN: miettinen_nurminen,
    Method.NEWCOMBE: newcombe,
    Method.CMH: cochran_mantel_haenszel,
    Method.LOGISTIC: logistic_regression,
    Method.ANCOVA: ancova,
    Method.RANKED_ANCOVA: ranked_ancova,
    Method.HODGES_LEHMANN: hodges_lehmann,
    Method.MEDIAN_DIFFERENCE: median_difference,
    Method.POSTERIOR_MEAN: posterior_mean,
    Method.MMRM: mmrm,
    Method.LOG_RANK: log_rank_test,
    Method.COX: cox_model,
    Method.RESTRICTED_MEAN: restricted_means,
    Method.CUMULATIVE_INCIDENCE: cumulative_incidence,
    Method.WIN_RATIO: win_ratio,
    Method.WIN_ODDS: win_odds,
    Method.NET_BENEFIT: net_benefit,
    Method.RANK_COMPOSITE: rank_composite,
    Method.SURVIVOR_BOUNDS: survivor_bounds,
    Method.REFERENCE_BASED: reference_based,
    Method.MULTIPLE_IMPUTATION: imputed_many_times,
    Method.IMPUTED_RESPONSE: imputed_response,
    Method.TIPPING_POINT: tipping_point,
}
"""Every method of a protocol; a test holds the table to be complete."""
