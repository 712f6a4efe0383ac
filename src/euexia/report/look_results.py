"""The looks of simulated trials as plain values for results.json."""

from __future__ import annotations

import dataclasses
from typing import Any

from euexia.study.operating import LooksCharacteristics


def looks_of(found: LooksCharacteristics) -> dict[str, Any]:
    """Return the characteristics of a design with looks as plain values."""
    plain = {
        name: getattr(found, name)
        for name in (
            "randomised_quantiles",
            "months_quantiles",
            "size_quantiles",
            "planned",
        )
    }
    estimates = {
        name: dataclasses.asdict(getattr(found, name))
        for name in ("rejection", "randomised", "months", "size", "resized", "estimate", "bias")
    }
    without = {
        "rejection": dataclasses.asdict(found.rejection_without_looks),
        "months": dataclasses.asdict(found.months_without_looks),
        "estimate": dataclasses.asdict(found.estimate_without_looks),
    }
    groups = {
        name: {key: dataclasses.asdict(value) for key, value in getattr(found, name).items()}
        for name in ("patients", "left", "estimate_by_end")
    }
    return {
        "statistic": "responders" if found.by_responders else "z",
        "analyses": [dataclasses.asdict(look) for look in found.looks],
        **estimates,
        **plain,
        **groups,
        "without_looks": without,
    }
