"""Elias' gamma code of positive integers, and differences of any sign as such; see `codec.codes.serialize`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from bitarray import bitarray

MAX_BYTES = 18  # the longest number in a table has 131 bits, and begins within a byte
BYTES_AT_ONCE = 1 << 8  # to read: eight numbers of memory for each bit


def as_positive(differences: Iterable[int]) -> list[int]:
    """Differences of any sign as positive numbers: 2d+1 for d >= 0, -2d for d < 0."""
    return [2 * d + 1 if d >= 0 else -2 * d for d in differences]


def gamma_encode(numbers: Iterable[int]) -> bytes:
    """Positive integers in Elias' gamma code, padded with zeros to a byte.

    >>> gamma_encode([1, 2, 5]).hex()
    'a280'
    """
    return bitarray("".join(map(_gamma, numbers))).tobytes()


@lru_cache(1 << 12)  # few numbers occur often
def _gamma(number: int) -> str:
    word = format(number, "b")
    return "0" * (len(word) - 1) + word


def gamma_bits(numbers: Iterable[int]) -> int:
    """Bits of positive integers in Elias' gamma code."""
    return sum(2 * number.bit_length() - 1 for number in numbers)


def gammas_in(data: bytes, start: int, most: int) -> tuple[list[int], int]:
    """The gamma coded numbers that lie wholly in some bytes, from a bit on, and the bit where they end."""
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    places = np.arange(len(bits))  # for each bit: where the next 1 stands, and where a number that begins here ends
    ones = np.minimum.accumulate(np.where(bits, places, len(bits))[::-1])[::-1]
    ends = (2 * ones - places + 1).tolist()
    starts: list[int] = []
    while len(starts) < most and start < len(ends) and ends[start] <= len(ends):
        starts.append(start)
        start = ends[start]
    first = ones[starts] if starts else ones[:0]
    zeros = first - np.array(starts, np.int64)
    windows = np.ndarray(len(data) + 1, ">u8", data + bytes(8), strides=(1,))
    words = windows[first >> 3].astype(np.uint64) << (first & 7).view(np.uint64)
    numbers: list[int] = (words >> np.maximum(63 - zeros, 0).view(np.uint64)).tolist()
    for place in np.flatnonzero(zeros > 56).tolist():  # these may reach beyond a window
        one = int(first[place])
        numbers[place] = int("".join(map(str, bits[one : one + int(zeros[place]) + 1].tolist())), 2)
    return numbers, start
