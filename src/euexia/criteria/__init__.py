"""Published definitions of cachexia, malnutrition and sarcopenia, scores and formulas, on arrays.

::

    from euexia import criteria

    outcome = criteria.ask("fearon2011", weight_loss_6_months=table["loss"], bmi=table["bmi"])
    outcome.truth      # 1 TRUE, 0 FALSE, -1 UNKNOWN
    outcome.missing    # which missing readings keep the answer open

Scalars, NumPy arrays and columns of pandas or polars are taken alike.  A number is in the canonical unit of
its kind (``criteria.DEFINITIONS["fearon2011"].inputs`` says which); a weight loss is a fraction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from euexia.criteria.catalogue import DEFINITIONS, ask

__all__ = ["DEFINITIONS", "ask"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from euexia.criteria import catalogue

    return getattr(catalogue, name)
