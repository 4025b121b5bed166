"""Codes for integers that were made for no data: what a node can use without a table, by name.

    lec            For differences of readings, from -16383 to 16383: the category n of d, the bits of |d|, by a fixed
                   prefix code, then n bits. F. Marcelloni, M. Vecchio, A Simple Algorithm for Data Compression in
                   Wireless Sensor Networks, 2008, table I.
    elias-gamma    2 floor(log2(u + 1)) + 1 bits for u = 0, 1, 2, ... below 32767. P. Elias, 1975.
    rice:K         golomb:M with M = 2^K.
    golomb:M       u / M in unary, and the rest in as few bits as it takes. S. W. Golomb, 1966; R. F. Rice, 1979.

But for lec, integers d stand for u in the order 0, -1, 1, -2, 2, ...; codewords have at most 32 bits, which bounds the
range; and the prefix that is left begins an escape, so that what is beyond costs more, and passes. Numbered
canonically, the codewords of lec, Rice and Golomb codes are those of their authors; gamma's begin with ones where
Elias has zeros.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from codec.codes.prefix import PrefixCode
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.theory.alphabet import MAX_SYMBOLS

NAMES = ("lec", "elias-gamma", "rice:K", "golomb:M")
MAX_M = 1 << 14
_PARAMETER = re.compile("(rice|golomb):([0-9]{1,5})")
_LEC = (2, 3, 3, 3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)  # bits of the prefix of each category
_GAMMA_LEFT = 15  # bits: what no u below 32767 begins with


def is_universal(name: str) -> bool:
    """Whether this is how one of these codes is called."""
    return name in ("lec", "elias-gamma") or bool(_PARAMETER.fullmatch(name))


def universal(name: str) -> PrefixCode:
    """The code of this name.

    Raises
    ------
    ValueError
        For another name, or a parameter out of range.

    Examples
    --------
    >>> words = universal("rice:1").codewords
    >>> [words[d].to01() for d in (0, -1, 1, -2, 2)]
    ['00', '01', '100', '101', '1100']
    >>> universal("lec").codewords[-3].to01(), universal("lec").codewords[5].to01()
    ('01100', '100101')
    """
    if name == "lec":
        categories = np.array([abs(d).bit_length() for d in range(-16383, 16384)])
        return PrefixCode.from_lengths(range(-16383, 16384), np.array(_LEC)[categories] + categories)
    if name == "elias-gamma":
        bits = np.array([u.bit_length() for u in range(1, 1 << _GAMMA_LEFT)])
        return PrefixCode.from_lengths(_signed(len(bits)), 2 * bits - 1, 2 * _GAMMA_LEFT - 1)
    match = _PARAMETER.fullmatch(name)
    if match is None:
        raise ValueError(f"no code of integers is called {name!r}; there are {', '.join(NAMES)}")
    parameter = int(match[2])
    m = 1 << min(parameter, 99) if match[1] == "rice" else parameter
    if not 1 <= m <= MAX_M:
        raise ValueError(f"{name}: M, or 2^K, is from 1 to {MAX_M:,}")
    return _golomb(m)


def _golomb(m: int) -> PrefixCode:
    bits = (m - 1).bit_length()  # of a rest; the first 2^bits - m rests have one fewer
    quotients = min(MAX_CODE_LENGTH - bits, (MAX_SYMBOLS - 1) // m)
    u = np.arange(quotients * m)
    lengths = u // m + 1 + bits - (u % m < (1 << bits) - m)
    return PrefixCode.from_lengths(_signed(len(u)), lengths, quotients + bits)  # the escape is the last codeword


def _signed(count: int) -> NDArray[np.int64]:
    """The integers in the order 0, -1, 1, -2, 2, ..."""
    u = np.arange(count)
    return np.where(u % 2, -(u + 1) // 2, u // 2)
