"""Code lengths -> codewords, and the sum that says whether there are any."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray


def kraft_sum(lengths: NDArray[Any]) -> Fraction:
    """The exact sum of 2^-length over all lengths above 0.

    >>> kraft_sum(np.array([1, 2, 3, 0]))
    Fraction(7, 8)
    """
    found, counts = np.unique(lengths[lengths > 0], return_counts=True)
    longest = int(found[-1]) if len(found) else 0
    return Fraction(sum(c << longest - l for l, c in zip(found.tolist(), counts.tolist(), strict=True)), 1 << longest)


def canonical_codewords(lengths: NDArray[Any]) -> NDArray[Any]:
    """Codewords as integers, for lengths whose Kraft sum is at most 1.

    Returns
    -------
    codewords : uint64 array, (n,); Python ints in an object array if a length exceeds 64
        0 where the length is 0.

    Examples
    --------
    >>> [format(word, "b") for word in canonical_codewords(np.array([3, 3, 3, 3, 3, 2, 4, 4])).tolist()]
    ['10', '11', '100', '101', '110', '0', '1110', '1111']
    """
    longest = int(lengths.max(initial=0))
    words: NDArray[Any] = np.zeros(len(lengths), np.uint64 if longest <= 64 else object)
    used = np.flatnonzero(lengths)
    order = used[np.argsort(lengths[used], kind="stable")]
    # A codeword is the start of its interval of [0, 1), in units of 2^-longest; the last end may wrap around.
    shifts = (longest - lengths[order].astype(np.int64)).astype(words.dtype)
    widths = np.ones(len(order), words.dtype) << shifts
    words[order] = np.cumsum(widths) - widths >> shifts
    return words
