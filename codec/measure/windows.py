"""What each stretch of a stream costs under a table: since when does the table not fit?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codec.measure.sampling import miller_madow, too_short
from codec.readings.stream import Stream
from codec.theory.alphabet import find
from codec.theory.labels import Labels


@dataclass(frozen=True)
class Window:
    """A stretch of the stream under the old table.

    Attributes
    ----------
    start, count, unseen : int
    mean_length : float or None
        Under the old table; None if a reading has no codeword.
    excess : float or None
        mean_length less the entropy of the window (Miller-Madow); None where there is no mean length.
    too_short : bool
        Whether it has fewer than ten readings per symbol, so that its entropy is an underestimate.
    """

    start: int
    count: int
    unseen: int
    mean_length: float | None
    excess: float | None
    too_short: bool


def mean_length(counts: NDArray[np.int64], lengths: NDArray[np.int64]) -> float:
    """Bits per reading, for counts and code lengths of the labels."""
    return int(counts @ lengths) / int(counts.sum())


def counts_by(stream: Stream, alphabet: Labels, size: int) -> Iterator[NDArray[np.int64]]:
    """How often each label occurs in each stretch of `size` readings; the last may be shorter."""
    counts, filled = np.zeros(len(alphabet), np.int64), 0
    for piece in stream.labels():
        symbols, _ = find(alphabet, piece, stream.origin.is_lines)
        while len(symbols):
            part = symbols[: size - filled]
            counts += np.bincount(part, minlength=len(alphabet))
            filled += len(part)
            symbols = symbols[len(part) :]
            if filled == size:
                yield counts
                counts, filled = np.zeros(len(alphabet), np.int64), 0
    if filled:
        yield counts


def windows_of(
    stream: Stream, labels: Labels, costs: NDArray[np.int64], unseen: NDArray[np.bool_], size: int
) -> Iterator[Window]:
    """The stream under the old table, `size` readings at a time; `costs` and `unseen` are for each label."""
    start = 0
    for counts in counts_by(stream, labels, size):
        count, seen = int(counts.sum()), counts > 0
        mean = mean_length(counts, costs) if (costs[seen] > 0).all() else None
        excess = None if mean is None else mean - miller_madow(counts)
        yield Window(
            start, count, int(counts[unseen].sum()), mean, excess, too_short(int(np.count_nonzero(counts)), count)
        )
        start += count
