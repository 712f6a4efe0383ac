"""Published results beside simulated ones: what one more trial would print if the model were true."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from euexia import evidence
from euexia.core.choices import choose
from euexia.core.errors import InputError
from euexia.evidence.quantity import canonical
from euexia.evidence.row import Row
from euexia.protocol.protocol import Protocol
from euexia.protocol.published import ESTIMATE, Published
from euexia.study.block import AnalysisBlock, Block
from euexia.study.operating import Comparison
from euexia.study.summary import mean

Floats = NDArray[np.float64]

PREDICTION = (0.025, 0.975)
"""Quantiles over simulated trials between which 95 % of them lie."""


@dataclass(slots=True)
class Figures:
    """The simulated figures that a protocol's published results are set beside, trial by trial."""

    protocol: Protocol
    found: dict[str, list[Floats]] = field(default_factory=dict)

    def add(self, block: Block) -> None:
        """Add the next trials.  Raises UnknownNameError for a figure that an analysis does not have."""
        for published in self.protocol.published:
            values = _figure(block.analyses[published.analysis], published)
            self.found.setdefault(published.name, []).append(values)

    def compare(self) -> tuple[Comparison, ...]:
        """Set every published result beside the same figure of the simulated trials.

        Raises InputError for a row without a value, UnknownNameError for a study or row that is not there.
        """
        return tuple(
            _comparison(self.protocol, published, np.concatenate(self.found[published.name]))
            for published in self.protocol.published
        )


def _comparison(protocol: Protocol, published: Published, values: Floats) -> Comparison:
    study = evidence.load(published.study)
    row = printed_row(published)
    analysis = next(entry for entry in protocol.analyses if entry.name == published.analysis)
    known = values[np.isfinite(values)]
    low, high = np.quantile(known, PREDICTION) if known.size else (np.nan, np.nan)
    of_control = published.figure.endswith("_control")
    return Comparison(
        name=published.name,
        endpoint=analysis.endpoint,
        arm=(analysis.control or analysis.arm) if of_control else analysis.arm,
        control=analysis.control if published.figure == ESTIMATE else None,
        figure=published.figure,
        unit=row.unit,
        published=_number(row.value),
        low=_number(row.low),
        high=_number(row.high),
        limits=row.limits,
        mean=float(known.mean()) if known.size else float("nan"),
        mean_error=mean(known).error,
        predicted_low=float(low),
        predicted_high=float(high),
        trials=int(known.size),
        verified=row.verified,
        citation=study.citation,
        source=row.source or next(iter(study.sources), study.doi),
        note=published.note,
    )


def printed_row(published: Published) -> Row:
    """Return the row of a published result in our units, turned round where it was printed the other way.

    Raises InputError for a row without a value, UnknownNameError for a study or row that is not there.
    """
    row = evidence.find_row(published.study, published.row)
    found = canonical(row) or row
    if found.value is None:
        raise InputError(
            f"The published result '{published.name}' is row '{published.row}' of '{published.study}', which "
            "has no value to set beside a simulated one. Choose another row."
        )
    if not published.reversed:
        return found
    low, high = (None if limit is None else -limit for limit in (found.high, found.low))
    return replace(found, value=-found.value, low=low, high=high)


def _figure(part: AnalysisBlock, published: Published) -> Floats:
    if published.figure == ESTIMATE:
        return part.estimate
    asked = f"published result '{published.name}'"
    return choose("number of the analysis", published.figure, part.numbers, asked_in=asked)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
