"""What each stretch of a stream costs under a table: since when does the table not fit?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat, tee

import numpy as np
from numpy.typing import NDArray

from codec.measure.sampling import miller_madow, too_short
from codec.readings.stream import Stream
from codec.theory.alphabet import find
from codec.theory.labels import Labels

WINDOWS = 24  # at most, unless told otherwise


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
    period : str or None
        The day, week, month or year, where the windows are such.
    """

    start: int
    count: int
    unseen: int
    mean_length: float | None
    excess: float | None
    too_short: bool
    period: str | None = None


def mean_length(counts: NDArray[np.int64], lengths: NDArray[np.int64]) -> float:
    """Bits per reading, for counts and code lengths of the labels."""
    return int(counts @ lengths) / int(counts.sum())


def counts_by(stream: Stream, alphabet: Labels, sizes: Iterable[int]) -> Iterator[NDArray[np.int64]]:
    """How often each label occurs in each stretch of so many readings; the last may be shorter."""
    counts, filled, left = np.zeros(len(alphabet), np.int64), 0, iter(sizes)
    size = next(left, 0)
    for piece in stream.labels():
        symbols, _ = find(alphabet, piece, stream.origin.is_lines)
        while len(symbols):
            part = symbols[: size - filled]
            counts += np.bincount(part, minlength=len(alphabet))
            filled += len(part)
            symbols = symbols[len(part) :]
            if filled == size:
                yield counts
                counts, filled, size = np.zeros(len(alphabet), np.int64), 0, next(left, 0)
    if filled:
        yield counts


def usual_size(stream: Stream, alphabet: Labels, count: int) -> int:
    """Readings in a window unless told otherwise: a 24th of the stream, or as many of them as make no window too short.

    A window that is not whole, the last one, does not count. If halves are too short, so is all: then a 24th.
    """
    size = max(1, -(-count // WINDOWS))
    parts = np.array(list(counts_by(stream, alphabet, repeat(size))))[: count // size]
    for together in (1, 2, 3, 4, 6, 8, 12):
        whole = len(parts) // together
        if not whole:
            break
        windows = parts[: whole * together].reshape(whole, together, -1).sum(axis=1)
        if not any(too_short(int(np.count_nonzero(window)), size * together) for window in windows):
            return size * together
    return size


def windows_of(
    stream: Stream,
    labels: Labels,
    costs: NDArray[np.int64],
    unseen: NDArray[np.bool_],
    periods: Iterable[tuple[str | None, int]],
) -> Iterator[Window]:
    """The stream under the old table, period by period, each with a name and a number of readings.

    `costs` and `unseen` are for each label.
    """
    names, sizes = tee(periods)
    start = 0
    for (name, _), counts in zip(names, counts_by(stream, labels, (size for _, size in sizes)), strict=False):
        count, seen = int(counts.sum()), counts > 0
        mean = mean_length(counts, costs) if (costs[seen] > 0).all() else None
        excess = None if mean is None else mean - miller_madow(counts)
        short = too_short(int(np.count_nonzero(counts)), count)
        yield Window(start, count, int(counts[unseen].sum()), mean, excess, short, name)
        start += count


def changed_at(windows: Sequence[Window]) -> Window | None:
    """The window from which on the mean length under the old table is another; None where it cannot be said.

    There the sum of all deviations from the mean so far is farthest from 0: E. S. Page, Continuous Inspection Schemes,
    1954.
    """
    lengths = [window.mean_length for window in windows if window.mean_length is not None]
    if len(windows) < 2 or len(lengths) < len(windows):
        return None
    counts = np.array([window.count for window in windows])
    so_far = np.cumsum((np.array(lengths) - np.average(lengths, weights=counts)) * counts)[:-1]
    return windows[int(np.abs(so_far).argmax()) + 1] if np.abs(so_far).max() > 1e-9 else None
