"""What the packets of a stream code, for a table to be learned from: readings, or differences of them."""

from __future__ import annotations

import numpy as np

from codec.coding.differences import TRANSFORM, there
from codec.coding.piece import Cut
from codec.coding.step import Job
from codec.errors import StreamError
from codec.readings.stream import Stream
from codec.theory.alphabet import MAX_SYMBOLS, tally
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels

_PIECE = 1 << 18


def differences(stream: Stream) -> Labels:
    """The differences of neighbouring readings: one fewer than there are readings.

    >>> from codec.readings.values import from_values
    >>> list(differences(from_values([100, 105, 105, 90])))
    [5, 0, -15]
    """
    pieces = [piece.labels for piece in there(iter(Cut(stream, _PIECE)), Job(stream, TRANSFORM, None, _PIECE))]
    if not pieces:
        return Labels("int", np.zeros(0, np.int64))
    return Labels("int", np.concatenate([piece.values for piece in pieces])[1:], pieces[0].step)


def distribution_of(coded: Labels, name: str) -> Distribution:
    """The distribution of what is coded; StreamError if it is nothing, or too much for a code."""
    labels, counts = tally(coded)
    if not len(labels):
        raise StreamError(f"{name} has too few readings for packets, and nothing to learn a table from")
    if len(labels) > MAX_SYMBOLS:
        raise StreamError(f"{name} has {len(labels):,} different ones, and a code has at most {MAX_SYMBOLS:,}")
    return Distribution(labels, counts)
