"""What looks do to a design, over many trials, with Monte-Carlo error on every figure."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from euexia.core.studytime import DAYS_PER_MONTH
from euexia.protocol.look_words import executed_looks
from euexia.protocol.protocol import Protocol
from euexia.study.look_block import STOPS, LookBlock
from euexia.study.look_decisions import Decision
from euexia.study.operating import Estimate, LookCharacteristics, LooksCharacteristics
from euexia.study.summary import EFFECT_QUANTILES, mean, proportion

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FINAL = "final"
"""Name of the analysis after the last look."""
MOST_PATHS = 100
"""Trials whose course is kept for the figure."""


@dataclass(slots=True)
class LookTally:
    """The looks of the trials so far."""

    blocks: list[LookBlock] = field(default_factory=list)
    patients: list[Integers] = field(default_factory=list)

    def add(self, looks: LookBlock, patients: Integers) -> None:
        """Add the next trials; patients: randomised to each arm, shape (trials, arms)."""
        self.blocks.append(looks)
        self.patients.append(patients)

    def finish(self, protocol: Protocol) -> LooksCharacteristics | None:
        """Return the characteristics; None for a protocol without looks."""
        if not self.blocks:
            return None
        every = _joined(self.blocks)
        return characterise(protocol, every, np.concatenate(self.patients))


def _joined(blocks: list[LookBlock]) -> LookBlock:
    return LookBlock(
        **{
            entry.name: np.concatenate([getattr(block, entry.name) for block in blocks])
            for entry in fields(LookBlock)
        }
    )


def characterise(protocol: Protocol, found: LookBlock, patients: Integers) -> LooksCharacteristics:
    """Return the characteristics of trials with looks; patients: of each arm, shape (trials, arms)."""
    names = (*(look.name for look in executed_looks(protocol)), FINAL)
    months, fixed = found.end_day / DAYS_PER_MONTH, found.fixed_end_day / DAYS_PER_MONTH
    left = {arm.name: found.left[:, place] >= 0 for place, arm in enumerate(protocol.arms)}
    limits = [look.futility.responders for look in executed_looks(protocol) if look.futility is not None]
    return LooksCharacteristics(
        looks=tuple(_look(name, place, found) for place, name in enumerate(names)),
        rejection=proportion(found.reject),
        rejection_without_looks=proportion(found.fixed_reject),
        randomised=mean(found.randomised.astype(float)),
        randomised_quantiles=_quantiles(found.randomised),
        planned=protocol.size,
        patients={arm.name: mean(patients[:, k].astype(float)) for k, arm in enumerate(protocol.arms)},
        months=mean(months),
        months_quantiles=_quantiles(months),
        months_without_looks=mean(fixed),
        left={name: proportion(flags) for name, flags in left.items() if flags.any()},
        size=mean(found.size.astype(float)),
        resized=proportion(found.size > protocol.size),
        size_quantiles=_quantiles(found.size),
        estimate=mean(found.estimate),
        estimate_without_looks=mean(found.fixed_estimate),
        bias=mean(found.estimate - found.fixed_estimate),
        estimate_by_end={
            name: mean(found.estimate[found.ended == place])
            for place, name in enumerate(names)
            if (found.ended == place).any()
        },
        paths=tuple(
            (found.information[trial], found.statistic[trial])
            for trial in range(min(MOST_PATHS, found.ended.size))
        ),
        by_responders=any(limit is not None for limit in limits),
    )


def _look(name: str, place: int, found: LookBlock) -> LookCharacteristics:
    code = found.decision[:, place]
    return LookCharacteristics(
        name=name,
        held=proportion(code != Decision.NOT_HELD),
        ends={reason.name.lower(): proportion(code == reason) for reason in STOPS},
        months=mean(found.day[:, place] / DAYS_PER_MONTH),
        randomised=mean(found.randomised_by[:, place]),
        patients=mean(found.patients[:, place]),
        information=mean(found.information[:, place]),
        lower=_finite(found.lower[:, place]),
        upper=_finite(found.upper[:, place]),
    )


def _finite(values: Floats) -> Estimate:
    return mean(np.where(np.isfinite(values), values, np.nan))


def _quantiles(values: Floats | Integers) -> dict[str, float]:
    return {str(q): float(np.quantile(values.astype(float), q)) for q in EFFECT_QUANTILES}
