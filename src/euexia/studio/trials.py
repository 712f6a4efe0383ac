"""Trials of a design, simulated exactly as ``euexia run`` does, and reduced to what the page shows."""

from __future__ import annotations

import dataclasses
from functools import lru_cache

import numpy as np

from euexia import parameters
from euexia import protocol as protocols
from euexia.parameters import ParameterSet
from euexia.protocol.protocol import Protocol
from euexia.studio.pieces import Piece
from euexia.study.block import Block
from euexia.study.replicate import simulate_block
from euexia.study.series import SeriesBlock


@lru_cache(maxsize=8)
def _read(text: str, name: str) -> Protocol:
    return protocols.loads(text, name)


@lru_cache(maxsize=1)
def _reference() -> ParameterSet:
    return parameters.load()


def simulate_piece(piece: Piece) -> tuple[Block, Block]:
    """Return the summaries of some trials, as modelled and without effect."""
    protocol = _read(piece.text, piece.name)
    found = simulate_block(
        protocol,
        parameters=_reference(),
        seed=piece.seed,
        first_trial=piece.first_trial,
        trials=piece.trials,
    )
    return _lighter(found[0]), _lighter(found[1])


def _lighter(block: Block) -> Block:
    series = {name: _without_histogram(part) for name, part in block.series.items()}
    return dataclasses.replace(block, series=series)


def _without_histogram(part: SeriesBlock) -> SeriesBlock:
    """Return what means and spreads need; the histogram of quantiles is most of the bytes, and not shown."""
    return dataclasses.replace(part, histogram=np.zeros((*part.histogram.shape[:-1], 1), dtype=np.int64))
