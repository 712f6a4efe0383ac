"""What must be true of the published results that a protocol names."""

from __future__ import annotations

from euexia.core.choices import did_you_mean
from euexia.core.datafile import Reader
from euexia.protocol.published import ESTIMATE
from euexia.protocol.reading import Parts


def check_published(reader: Reader, parts: Parts) -> None:
    """Note published results of analyses that are not planned, and figures that cannot be turned round."""
    planned = parts.known("analyses")
    for published in parts.readable("published"):
        if published.analysis not in planned:
            reader.fault_at(
                f"published.{published.name}.analysis",
                f"no analysis is called '{published.analysis}'.",
                did_you_mean(published.analysis, planned),
            )
        if published.reversed and published.figure != ESTIMATE:
            reader.fault_at(
                f"published.{published.name}.reversed",
                f"only a difference between arms can be turned round, not the figure '{published.figure}'.",
                f"Take 'reversed' away, or compare 'figure: {ESTIMATE}'.",
            )
