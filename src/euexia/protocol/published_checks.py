"""What must be true of the published results that a protocol names."""

from __future__ import annotations

from euexia.core.choices import did_you_mean
from euexia.core.datafile import Reader
from euexia.protocol.reading import Parts


def check_published(reader: Reader, parts: Parts) -> None:
    """Note every published result that is set beside an analysis which is not planned."""
    planned = parts.known("analyses")
    for published in parts.readable("published"):
        if published.analysis not in planned:
            reader.fault_at(
                f"published.{published.name}.analysis",
                f"no analysis is called '{published.analysis}'.",
                did_you_mean(published.analysis, planned),
            )
