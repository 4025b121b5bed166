"""Does a reading say something about the next one: is there memory, and how large is it?

Two questions, answered apart. *Is there* memory: the mutual information of neighbours, with rare labels joined into
groups, stands clearly above that of the same readings shuffled. *How large* is it, where there is some: at least what
a model learned on every other stretch saves on the stretches between; at most what the readings themselves show.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.measure.bounds import memory_bounds
from codec.theory.information import entropy

MAX_READINGS = 1 << 20  # more would only take longer
SHUFFLES = 20
SIGMAS = 5
LEAST_EXPECTED = 5  # pairs in every cell of a table, for its statistic to be near chi-square


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
        Whether there is memory: `found` is "yes".
    found : str
        "yes", "none", or "unknown" where the readings are too few, or too much alike, to tell.
    z_score : float
        By how many standard deviations the readings in groups stand above their shuffles; "yes" takes 5.
    at_least, at_most : float or None
        95 % each. A model learned on every other 30th of the readings saves at least so much on the others. None
        without memory, and below 300 readings.
    ways : dict or None
        What other ways of coding would make of these readings: see `codec.measure.ways`. None where that is not asked.
    """

    count: int
    bits_per_reading: float
    shuffled_mean: float
    shuffled_deviation: float
    tells: bool
    found: str = "unknown"
    z_score: float = 0.0
    at_least: float | None = None
    at_most: float | None = None
    ways: dict[str, float | None] | None = None


def memory(symbols: NDArray[Any], *, seed: int = 1) -> Memory | None:
    """How much a reading says about the next, over the first 2^20 of them; None below two readings.

    Parameters
    ----------
    symbols : uint8, uint16 or uint32 array, (n,)
        Positions in an alphabet. Its order matters only for which rare labels are joined.
    seed : int
        Of the shuffles.

    Examples
    --------
    >>> found = memory(np.tile(np.array([0, 1], np.uint8), 500))
    >>> round(found.bits_per_reading, 4), found.found, round(found.at_least, 2)
    (1.0, 'yes', 1.0)
    >>> memory(np.array([0, 1, 0], np.uint8)).found
    'unknown'
    """
    used = symbols[:MAX_READINGS]
    if len(used) < 2:
        return None
    counts = np.bincount(used)
    group_of, enough = _groups(counts, len(used))
    rarest = int(np.bincount(group_of[used]).min())
    random = np.random.Generator(np.random.PCG64(seed))
    orders = (used, *(random.permutation(used) for _ in range(SHUFFLES)))
    estimate, *shuffled = (_information(order, len(counts)) for order in orders)
    grouped, *by_chance = (_information(group_of[order], int(group_of.max()) + 1) for order in orders)
    z = _z_score(grouped, np.array(by_chance), len(used), rarest)
    found = "yes" if z > SIGMAS else "none" if enough else "unknown"
    low, high = memory_bounds(used, len(counts), estimate) if found == "yes" else (None, None)
    deviation = float(np.std(shuffled, ddof=1))
    return Memory(len(used), estimate, float(np.mean(shuffled)), deviation, found == "yes", found, z, low, high)


def _groups(counts: NDArray[np.int64], n: int) -> tuple[NDArray[np.uint16], bool]:
    """A group for each label, of labels that stand together in the alphabet; whether every group is common enough.

    Two groups of c readings each have c^2 / n neighbours by chance. W. G. Cochran, Some Methods for Strengthening the
    Common Chi-Square Tests, 1954: at least five expected in each cell.
    """
    least = math.sqrt(LEAST_EXPECTED * n)
    groups, held, group = [], 0, 0
    for count in counts.tolist():
        if held >= least:
            group, held = group + 1, 0
        held += count
        groups.append(group)
    found = np.array(groups, np.uint16)
    if held < least and group:  # too few are left for a group of their own
        found[found == group] = group - 1
        group -= 1
    if group:
        return found, True
    common = int(counts.argmax())
    return (np.arange(len(counts)) != common).astype(np.uint16), False


def _information(symbols: NDArray[Any], size: int) -> float:
    """Mutual information in bits of the pairs of neighbours: H(before) + H(next) - H(pairs)."""
    before, after = symbols[:-1], symbols[1:]
    keys = before.astype(np.int64) * size + after
    # A table of all pairs that could occur is fast while it is smaller than the stream.
    pairs = np.bincount(keys) if size * size <= len(keys) else np.unique(keys, return_counts=True)[1]
    information = entropy(np.bincount(before)) + entropy(np.bincount(after)) - entropy(pairs)
    return max(0.0, information)  # rounding may say -1e-17


def _z_score(estimate: float, shuffled: NDArray[np.float64], n: int, rarest: int) -> float:
    """By how many of their standard deviations the estimate stands above the shuffles.

    The smaller of two: in bits, and in their cube roots. Of k independent labels, 2 n ln 2 times the estimate is
    about chi-square with (k - 1)^2 degrees of freedom, which for two labels exceeds five of its own deviations once
    in 200 streams; the cube root of a chi-square is nearly normal. S. S. Wilks, The Large-Sample Distribution of the
    Likelihood Ratio, 1938; E. B. Wilson, M. M. Hilferty, The Distribution of Chi-Square, 1931.
    """
    # Two rare readings side by side may be missing from all the shuffles, which then hardly deviate. Such a pair
    # is worth up to log2(1 + n / c^2) / n bits, c the count of the rarest group: less is no deviation.
    one_pair = math.log2(1 + n / rarest**2) / n
    z = float(estimate - shuffled.mean()) / max(float(shuffled.std(ddof=1)), one_pair)
    roots = np.cbrt(shuffled)
    spread = float(roots.std(ddof=1))
    return min(z, float(np.cbrt(estimate) - roots.mean()) / spread) if spread else z
