"""Does a fresh table pay on readings that it was not made from? Learned on one half, measured on the other."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from codec.codes.prefix import huffman
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.measure.mismatch import BATCHES, LEAST_READINGS
from codec.measure.windows import counts_by
from codec.readings.stream import Stream
from codec.theory.distribution import Distribution

_T_95 = 2.045  # Student's t for 95 %, two sides, 29 degrees of freedom


def held_out(
    stream: Stream, p: Distribution, costs: NDArray[np.int64] | None, count: int, escape: bool
) -> tuple[float | None, tuple[float, float] | None]:
    """Mean length under codes learned on the other half, and 95 % of what the old code costs above them."""
    if count < LEAST_READINGS:
        return None, None
    batches = np.array(list(counts_by(stream, p.labels, count // BATCHES)))
    halves = batches[: BATCHES // 2], batches[BATCHES // 2 :]
    # A half of n readings and m labels, ½ added to each: as integers, 2 n_i + 1.
    # An escape weighs 1, as in the table that `codec audit --retrain` writes.
    learned = [
        huffman(Distribution(p.labels, 2 * half.sum(axis=0) + 1), MAX_CODE_LENGTH, 2 if escape else None).lengths
        for half in halves
    ]
    bits = np.concatenate([halves[0] @ learned[1], halves[1] @ learned[0]])
    if costs is None:
        return int(bits.sum()) / count, None
    differences = (batches @ costs - bits)[:BATCHES] / (count // BATCHES)
    center, error = float(differences.mean()), float(differences.std(ddof=1)) / math.sqrt(BATCHES)
    return int(bits.sum()) / count, (center - _T_95 * error, center + _T_95 * error)


def verdict_on(
    count: int, unseen: int, finite: bool, interval: tuple[float, float] | None, break_even: int | None
) -> tuple[str, str]:
    """Whether to "keep" the old table or to "retrain", and the reason."""
    if not finite:
        return "retrain", f"the table cannot code {unseen:,} of these {count:,} readings at all"
    if interval is None:
        return "keep", f"{count:,} readings are too few to tell; it takes {LEAST_READINGS}"
    low, high = interval
    if low <= 0:
        return "keep", (
            f"a table learned on other readings would save {low:.4f} to {high:.4f} bits per reading (95 %): "
            "that may be nothing"
        )
    saving = f"a fresh table saves {low:.4f} to {high:.4f} bits per reading (95 %), held out"
    if break_even is None or break_even > count:
        return "keep", f"{saving}, and yet would not earn its own bits within a stream as long as this"
    return "retrain", f"{saving}, and has earned its own bits after {break_even:,} readings"
