"""What does a reading tell of the next? Their mutual information, beside what chance alone would show.

The plain estimate from a finite stream is high: 8,760 independent readings of 300 levels, all as likely, show 3.4
bits. The same readings shuffled have no memory, and show how high; where that is much, or all, no figure is told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.theory.information import entropy

MAX_READINGS = 1 << 20  # more would only take longer
SHUFFLES = 20
SIGMAS = 5
MAX_BY_CHANCE = 0.1  # bits per reading


@dataclass(frozen=True)
class Memory:
    """Memory of order one: the mutual information of a reading and the one before it, in bits per reading.

    For a stationary first-order Markov source it is the whole price of pretending that readings are independent,
    H(X) - H(X | before); for any other, the part that one step explains.

    Attributes
    ----------
    count : int
        Readings it was measured on.
    bits_per_reading : float
        Estimated from the pairs of neighbours; biased upwards by about `shuffled_mean`.
    shuffled_mean, shuffled_deviation : float
        The same of the readings shuffled: mean and standard deviation of 20 times.
    tells : bool
        Whether that is little, and the estimate clearly above it. If not, the numbers say nothing.
    """

    count: int
    bits_per_reading: float
    shuffled_mean: float
    shuffled_deviation: float
    tells: bool


def memory(symbols: NDArray[Any], *, seed: int = 1) -> Memory | None:
    """How much a reading tells of the next, over the first 2^20 of them; None below two readings.

    Parameters
    ----------
    symbols : uint8, uint16 or uint32 array, (n,)
        Positions in an alphabet.
    seed : int
        Of the shuffles.

    Examples
    --------
    >>> found = memory(np.tile(np.array([0, 1], np.uint8), 500))
    >>> round(found.bits_per_reading, 4), found.tells
    (1.0, True)
    >>> memory(np.array([0, 1, 0], np.uint8)).tells
    False
    """
    used = symbols[:MAX_READINGS]
    if len(used) < 2:
        return None
    counts = np.bincount(used)
    random = np.random.Generator(np.random.PCG64(seed))
    estimate = _estimate(used, len(counts))
    shuffled = np.array([_estimate(random.permutation(used), len(counts)) for _ in range(SHUFFLES)])
    return Memory(
        len(used),
        estimate,
        float(shuffled.mean()),
        float(shuffled.std(ddof=1)),
        _tells(estimate, shuffled, len(used), int(counts[counts > 0].min())),
    )


def _estimate(symbols: NDArray[Any], size: int) -> float:
    """Mutual information in bits of the pairs of neighbours: H(before) + H(next) - H(pairs)."""
    before, after = symbols[:-1], symbols[1:]
    keys = before.astype(np.int64) * size + after
    # A table of all pairs that could occur is fast while it is smaller than the stream.
    pairs = np.bincount(keys) if size * size <= len(keys) else np.unique(keys, return_counts=True)[1]
    information = entropy(np.bincount(before)) + entropy(np.bincount(after)) - entropy(pairs)
    return max(0.0, information)  # rounding may say -1e-17


def _tells(estimate: float, shuffled: NDArray[np.float64], count: int, rarest: int) -> bool:
    """Whether chance shows little, and the estimate is five standard deviations above it.

    Twice: in bits, and in their cube roots. Of k independent labels, 2 n ln 2 times the estimate is about chi-square
    with (k - 1)^2 degrees of freedom, which for two labels exceeds five of its own deviations once in 200 streams;
    the cube root of a chi-square is nearly normal. S. S. Wilks, The Large-Sample Distribution of the Likelihood
    Ratio, 1938; E. B. Wilson, M. M. Hilferty, The Distribution of Chi-Square, 1931.
    """
    # Two rare readings side by side may be missing from all the shuffles, which then hardly deviate. Such a pair
    # is worth up to log2(1 + n / c^2) / n bits, c the count of the rarest reading: less is no deviation.
    one_pair = math.log2(1 + count / rarest**2) / count
    limit = shuffled.mean() + SIGMAS * max(shuffled.std(ddof=1), one_pair)
    roots = np.cbrt(shuffled)
    root_limit = roots.mean() + SIGMAS * roots.std(ddof=1)
    return bool(shuffled.mean() <= MAX_BY_CHANCE and estimate > limit and np.cbrt(estimate) > root_limit)
