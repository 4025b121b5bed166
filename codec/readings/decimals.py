"""Decimal numbers in text, read and spelt at the speed of NumPy.

Text is a ``uint8`` array; *spans* are the offsets in it where tokens start and end. Numbers are spelt canonically
(``-12.3``, ``0.50``, ``7``), so that a token read and spelt again is the same bytes. If one token is spelt
otherwise, none is read.

>>> text = np.frombuffer(b"1.5\\n-0.3\\n20.0\\n", np.uint8)
>>> parse_fixed(text, np.array([0, 4, 9]), np.array([3, 8, 13]))
(array([ 15,  -3, 200]), 1)
>>> spellings = [token + b"\\n" for token in spell_fixed(np.array([15, -3, 200]), 1)]
>>> join_spellings(spellings, np.array([2, 0], np.uint8))
b'20.0\\n1.5\\n'
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from codec.theory.floats import MAX_DECIMALS

Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]
Words = NDArray[np.uint64]

MINUS, DOT = b"-."

BLOCK = 1 << 14  # tokens at a time: the dozen temporary arrays of a block stay in the cache
INTEGER_DIGITS = 19  # of 2^63; a token with more has zeros after "0."
LEAD = 40  # bytes put before the text, so that three words and a dot before any token's end exist
BEFORE_EIGHT_MORE = 2**63 // 10**8  # the largest number which may take eight more digits

WORD = np.dtype("<u8")  # whatever the machine, the first character is the lowest byte
ASCII_ZEROS = np.uint64(0x3030303030303030)
ABOVE_NINE = np.uint64(0x7676767676767676)  # added to a byte, sets its high bit if it exceeds 9
HIGH_BITS = np.uint64(0x8080808080808080)


def parse_fixed(
    text: Bytes, starts: Integers, ends: Integers, decimals: int | None = None
) -> tuple[Integers, int] | None:
    """Read tokens as integers, or as decimals with the same number of digits after the dot.

    Parameters
    ----------
    text : uint8 array, shape (size,)
    starts, ends : int64 arrays, shape (count,)
        Where each token starts and ends in the text.
    decimals : int, optional
        Digits wanted after the dot (0: no dot); if left out, as many as the first token has.

    Returns
    -------
    values : int64 array, shape (count,)
        The tokens times ``10**decimals``.
    decimals : int
        Digits after the dot. Instead of both, None is returned if some token is not as `spell_fixed` spells it, or
        has more than 20 decimals.
    """
    if not starts.size:
        return np.empty(0, np.int64), decimals or 0
    first = text[starts[0] : ends[0]].tobytes()
    found = len(first) - 1 - first.index(b".") if b"." in first else 0
    if (decimals is not None and decimals != found) or first.endswith(b".") or found > MAX_DECIMALS:
        return None
    padded = np.concatenate([np.zeros(LEAD, np.uint8), text])
    values = np.empty(starts.size, np.int64)
    for begin in range(0, starts.size, BLOCK):
        block = slice(begin, begin + BLOCK)
        parsed = _parse_block(padded, starts[block], ends[block], found)
        if parsed is None:
            return None
        values[block] = parsed
    return values, found


def spell_fixed(values: Integers, decimals: int) -> list[bytes]:
    """Spell each of a few values, shape (count,), canonically with so many digits after the dot.

    >>> spell_fixed(np.array([-5, 1225]), 2)
    [b'-0.05', b'12.25']
    """
    if not decimals:
        return [b"%d" % value for value in values.tolist()]
    padded = [b"%0*d" % (decimals + 1 + (value < 0), value) for value in values.tolist()]
    return [b"%b.%b" % (digits[:-decimals], digits[-decimals:]) for digits in padded]


def join_spellings(spellings: Sequence[bytes], symbols: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    """Join the spellings, terminators included, of symbols of shape (count,).

    >>> join_spellings([b"-1\\n", b"10\\n"], np.array([1, 0, 1], np.uint8))
    b'10\\n-1\\n10\\n'
    """
    if symbols.size < len(spellings):  # too few to pay for an array of all spellings
        return b"".join([spellings[symbol] for symbol in symbols.tolist()])
    objects = np.array(spellings, np.object_)
    blocks = (symbols[begin : begin + BLOCK] for begin in range(0, symbols.size, BLOCK))
    return b"".join(b"".join(objects[block].tolist()) for block in blocks)


def _parse_block(padded: Bytes, starts: Integers, ends: Integers, decimals: int) -> Integers | None:
    """Read tokens of text padded by `LEAD` bytes, as `parse_fixed` does."""
    lengths = ends - starts
    if lengths.min() < 1:
        return None
    negative = (padded[LEAD:].take(starts) == MINUS).astype(np.int64)
    digits = lengths - negative - int(decimals > 0)
    if digits.min() < decimals + 1 or digits.max() > max(INTEGER_DIGITS, decimals + 1):
        return None
    if decimals and (padded[LEAD - 1 - decimals :].take(ends) != DOT).any():
        return None
    magnitudes = _magnitudes(padded, ends, digits, decimals)
    if magnitudes is None or _leading_zero(magnitudes, digits, decimals):
        return None
    # Less one if negative, a magnitude must be in 0 .. 2^63 - 1: so 2^63 may be negative, and 0 may not.
    less_one: Integers = magnitudes.view(np.int64) - negative
    return less_one ^ -negative if less_one.min() >= 0 else None


def _leading_zero(magnitudes: Words, digits: Integers, decimals: int) -> bool:
    """Whether any number is too small for its digits, other than for the one before the dot."""
    most = int(digits.max())
    if most <= decimals + 1:
        return False
    least = [10 ** (size - 1) if size > decimals + 1 else 0 for size in range(most + 1)]
    return bool((magnitudes < np.array(least, np.uint64).take(digits)).any())


def _magnitudes(padded: Bytes, ends: Integers, digits: Integers, decimals: int) -> Words | None:
    """Numbers of so many digits which end at `ends`; or None if some are no digits, or far above 2^63."""
    total = np.zeros(ends.size, np.uint64)
    fewest, most = int(digits.min()), int(digits.max())
    for place in range((most - 1) // 8 * 8, -1, -8):
        word = _eight_characters(padded, ends, place, decimals) ^ ASCII_ZEROS
        if fewest < place + 8:
            beyond = (64 - 8 * np.clip(digits - place, 0, 8)).view(np.uint64)
            word = word >> beyond << beyond
        if np.bitwise_or.reduce(word | (word + ABOVE_NINE)) & HIGH_BITS or total.max() > BEFORE_EIGHT_MORE:
            return None
        total = total * np.uint64(10**8) + _number(word)
    return total


def _eight_characters(padded: Bytes, ends: Integers, place: int, decimals: int) -> Words:
    """Characters `place` + 7 .. `place`, counted from 0 at each token's right; the dot does not count."""
    windows: Words = np.ndarray((padded.size - 7,), WORD, padded.data, strides=(1,))
    offset = LEAD - place - 8
    after_dot = min(max(decimals - place, 0), 8)
    if not decimals or after_dot == 8:
        return windows[offset:][ends]
    if not after_dot:
        return windows[offset - 1 :][ends]
    before = np.uint64(2 ** (64 - 8 * after_dot) - 1)
    return (windows[offset:][ends] & ~before) | (windows[offset - 1 :][ends] & before)


def _number(word: Words) -> Words:
    """The number of eight digits, the first in the lowest byte: joined by twos, by fours, all eight."""
    word = (word * np.uint64(10 * 2**8 + 1) >> np.uint64(8)) & np.uint64(0x00FF00FF00FF00FF)
    word = (word * np.uint64(100 * 2**16 + 1) >> np.uint64(16)) & np.uint64(0x0000FFFF0000FFFF)
    return word * np.uint64(10000 * 2**32 + 1) >> np.uint64(32)
