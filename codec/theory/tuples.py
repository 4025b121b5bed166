"""Tuples of k symbols, coded as one, and the numbers that stand for them.

A tuple of symbols s1 ... sk over an alphabet of n labels has the number s1 n^(k-1) + ... + sk. Numbers in ascending
order are tuples in lexicographic order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.errors import counted
from codec.theory.dense import Count, count_dense
from codec.theory.labels import Labels

MAX_READINGS_PER_CODEWORD = 64  # in a tuple


def tuple_radix(size: int, k: int) -> NDArray[np.int64]:
    """What each of the k places counts; ValueError if the largest number does not fit 63 bits.

    >>> tuple_radix(10, 3).tolist()
    [100, 10, 1]
    """
    if not 1 <= k <= MAX_READINGS_PER_CODEWORD or size**k > 1 << 63:
        raise ValueError(f"tuples of {k} out of {counted(size, 'label')} are too many to number")
    return np.array([size**place for place in range(k - 1, -1, -1)], np.int64)


def in_tuples(parts: Iterable[NDArray[Any]], size: int, k: int) -> Iterator[tuple[NDArray[np.int64], int]]:
    """Symbols, part by part -> numbers of tuples, and how many places of the last tuple are filled up with symbol 0.

    >>> [(numbers.tolist(), fill) for numbers, fill in in_tuples([np.array([1, 2]), np.array([3])], 10, 2)]
    [([12], 0), ([30], 1)]
    """
    radix = tuple_radix(size, k)
    rest = np.zeros(0, np.int64)
    for part in parts:
        symbols = np.concatenate([rest, part.astype(np.int64)])
        whole = len(symbols) // k * k
        rest = symbols[whole:]
        if whole:
            yield symbols[:whole].reshape(-1, k) @ radix, 0
    if len(rest):
        fill = k - len(rest)
        yield np.concatenate([rest, np.zeros(fill, np.int64)]).reshape(1, k) @ radix, fill


def tuples_of(numbers: NDArray[np.int64], base: Labels, k: int) -> Labels:
    """Numbers as labels: tuples over a base alphabet.

    >>> from codec.theory.labels import labels_of
    >>> list(tuples_of(np.array([1, 2]), labels_of("ab"), 2))
    [('a', 'b'), ('b', 'a')]
    """
    symbols = numbers[:, None] // tuple_radix(len(base), k) % max(1, len(base))
    return Labels("tuple", symbols.astype(np.uint32), base=base)


def numbers_of(tuples: Labels) -> NDArray[np.int64]:
    """The inverse of `tuples_of`."""
    return np.asarray(tuples.values.astype(np.int64) @ tuple_radix(len(tuples.singles), tuples.readings))


def tally_numbers(
    parts: Iterable[NDArray[np.int64]], most: int, count: Count = count_dense
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """The distinct numbers, ascending, and how often each occurs; None if they are more than `most`."""
    numbers, counts = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for part in parts:
        dense = count(part) if len(part) else None
        if dense is None:
            found, times = np.unique(part, return_counts=True)
        else:
            offsets = np.flatnonzero(dense[1])
            found, times = dense[0] + offsets, dense[1][offsets]
        numbers, group = np.unique(np.concatenate([numbers, found]), return_inverse=True)
        totals = np.zeros(len(numbers), np.int64)
        np.add.at(totals, group, np.concatenate([counts, times]))
        counts = totals
        if len(numbers) > most:
            return None
    return numbers, counts
