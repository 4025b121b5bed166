"""Does a fresh table pay on readings that it was not made from? And does one table serve them at all?

The stream is cut into 30 stretches. Codes are learned on one half and measured on the other, and learned on every
other stretch and measured on those between. Both learn from as many readings; but a half is another time, and the
stretches between are the same time. So where the halves cost more, it is not learning: the source moves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from codec.codes.escape import raw_bits
from codec.codes.prefix import huffman
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.measure.mismatch import BATCHES, LEAST_READINGS
from codec.measure.windows import counts_by
from codec.readings.stream import Stream
from codec.theory.distribution import Distribution

_T_95 = 2.045  # Student's t for 95 %, two sides, 29 degrees of freedom
Interval = tuple[float, float]


@dataclass(frozen=True)
class HeldOut:
    """Fresh codes on readings that they were not learned from; bits per reading, intervals of 95 %.

    Attributes
    ----------
    halves, alternating : float
        Mean length under codes learned on the other half, and on the stretches between.
    saved, saved_alternating : (float, float) or None
        What the old code costs above that; None if it has no codeword for a reading.
    moved : (float, float)
        halves - alternating.
    saved_later : (float, float) or None
        `saved`, less three times `halves - alternating`. The readings that come are as far from those of a whole
        stream as its halves from one another, twice over; and what a steady drift costs grows with its square.
    unseen : float
        What a fresh table with an escape is to expect for labels that the stream does not have.
    """

    halves: float
    alternating: float
    saved: Interval | None
    saved_alternating: Interval | None
    moved: Interval
    saved_later: Interval | None
    unseen: float


def held_out(
    stream: Stream,
    p: Distribution,
    costs: NDArray[np.int64] | None,
    known: NDArray[np.bool_],
    lost: int | None,
    raw: int | None = None,
) -> HeldOut | None:
    """Fresh codes on readings that they were not learned from; None below 300 readings.

    Parameters
    ----------
    stream : Stream
    p : Distribution
        Of the stream.
    costs : int64 array, (n,), or None
        Under the old code, for each label of p; None if one has no codeword.
    known : bool array, (n,)
        Which labels of p the old code has.
    lost : int or None
        How many more it has, which a fresh code with an escape keeps; None if there is no escape.
    """
    count = int(p.weights.sum())
    if count < LEAST_READINGS:
        return None
    size = count // BATCHES
    batches = np.array(list(counts_by(stream, p.labels, repeat(size))))  # those left over, if any, are a 31st
    place = np.arange(len(batches))
    halves = _bits_outside(batches, place >= BATCHES // 2, lost)
    alternating = _bits_outside(batches, place % 2 == 1, lost)
    old = None if costs is None else batches @ costs

    def interval(bits: NDArray[np.int64]) -> Interval:
        means = bits[:BATCHES] / size
        center, error = float(means.mean()), float(means.std(ddof=1)) / math.sqrt(BATCHES)
        return center - _T_95 * error, center + _T_95 * error

    return HeldOut(
        halves=int(halves.sum()) / count,
        alternating=int(alternating.sum()) / count,
        saved=None if old is None else interval(old - halves),
        saved_alternating=None if old is None else interval(old - alternating),
        moved=interval(halves - alternating),
        saved_later=None if old is None else interval(old - halves - 3 * (halves - alternating)),
        unseen=0.0 if lost is None else cost_of_the_unseen(p, known, stream.origin.is_lines, raw),
    )


def _bits_outside(batches: NDArray[np.int64], part: NDArray[np.bool_], lost: int | None) -> NDArray[np.int64]:
    """Bits of each batch under a code learned on the batches of the other part."""
    bits = np.zeros(len(batches), np.int64)
    for learn, test in ((part, ~part), (~part, part)):
        # n readings and m labels, ½ added to each: as integers, 2 n_i + 1. An escape weighs 1, and each label of the
        # old table that does not come ½, as in the table that `retrained` makes.
        counts = np.append(2 * batches[learn].sum(axis=0) + 1, np.ones(lost or 0, np.int64))
        learned = huffman(Distribution(range(len(counts)), counts), MAX_CODE_LENGTH, None if lost is None else 2)
        bits[test] = batches[test] @ learned.lengths[: batches.shape[1]]
    return bits


def cost_of_the_unseen(p: Distribution, known: NDArray[np.bool_], spelled: bool, raw: int | None = None) -> float:
    """Bits per reading that a fresh table with an escape is to expect for labels that it does not have.

    As large a share of the readings to come as was seen once, and not known before: I. J. Good, The Population
    Frequencies of Species and the Estimation of Population Parameters, 1953. Each costs an escape and a raw value,
    of `raw` bits if they are given.
    """
    once = np.flatnonzero((p.weights == 1) & ~known)
    if not len(once):
        return 0.0
    escape = huffman(p, MAX_CODE_LENGTH, 1).escape_length
    bits = len(once) * raw if raw is not None else int(raw_bits(p.labels.take(once), spelled).sum())
    return float((len(once) * escape + bits) / p.weights.sum())
