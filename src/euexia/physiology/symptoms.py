"""The anorexia/cachexia subscale of the FAACT questionnaire."""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value, exp, maximum, minimum, positive_part


class Constants(NamedTuple):
    """Numbers of the block ``symptoms``."""

    healthy_score: Value
    appetite_effect: Value
    inflammation_effect: Value
    gdf15_effect: Value
    trial_gain: Value
    trial_time: Value
    highest_score: Value


def faact_score(appetite: Value, inflammation: Value, gdf15: Value, day: Value, c: Constants) -> Value:
    r"""Return the expected score, within the scale.

    .. math:: 39 - 17(1-a) - 10\,h - 4\,g + 1.8\,(1 - e^{-t/14})

    day: t, since randomisation; 0 counts for all days before.
    """
    trial = c.trial_gain * (1 - exp(-positive_part(day) / c.trial_time))
    symptoms = (
        c.appetite_effect * (1 - appetite) + c.inflammation_effect * inflammation + c.gdf15_effect * gdf15
    )
    return minimum(maximum(c.healthy_score - symptoms + trial, 0), c.highest_score)
