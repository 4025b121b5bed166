"""Several readings in one codeword: learning which tuples a stream has, and its readings as symbols of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.prefix import PrefixCode
from codec.errors import MissingCodewordError, StreamError
from codec.readings.stream import Stream
from codec.theory.alphabet import MAX_SYMBOLS, find, symbol_dtype
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels
from codec.theory.tuples import in_tuples, numbers_of, tally_numbers, tuple_radix, tuples_of


def learn_tuples(stream: Stream, base: Labels, k: int) -> Distribution:
    """The distribution of the tuples of k readings of a stream; a last one is filled up with the first label.

    Raises
    ------
    StreamError
        If there are more than 65,536 different ones; the message names the largest k that fits.
    """
    p = _tallied(stream, base, k)
    if p is not None:
        return p
    fits = next(smaller for smaller in range(k - 1, 0, -1) if smaller == 1 or _tallied(stream, base, smaller))
    way_out = f"blocks of {fits} fit" if fits > 1 else "no block of more than one reading fits"
    why = f"has more than {MAX_SYMBOLS:,} different blocks of {k} readings"
    if len(base) ** k > 1 << 63:
        why = f"has {len(base):,} different readings, and blocks of {k} of them are too many to number"
    raise StreamError(f"{stream.name} {why}: {way_out}")


def _tallied(stream: Stream, base: Labels, k: int) -> Distribution | None:
    try:
        tuple_radix(len(base), k)
    except ValueError:
        return None
    symbols = (_symbols_of(base, piece, stream) for piece in stream.labels())
    tally = tally_numbers((numbers for numbers, _ in in_tuples(symbols, len(base), k)), MAX_SYMBOLS)
    return None if tally is None else Distribution(tuples_of(tally[0], base, k), tally[1])


def _symbols_of(base: Labels, piece: Labels, stream: Stream) -> NDArray[Any]:
    return find(base, piece, stream.origin.is_lines)[0]


def tuple_symbols(readings: Iterable[NDArray[Any]], code: PrefixCode) -> Iterator[NDArray[Any]]:
    """Readings, as symbols of the base alphabet -> symbols of a code over tuples.

    A last tuple that the readings do not fill becomes the one of shortest codeword that begins with them.

    Raises
    ------
    MissingCodewordError
        If a tuple has no codeword.
    """
    tuples = code.alphabet
    base, k = tuples.singles, tuples.readings
    order = np.argsort(numbers_of(tuples), kind="stable")
    known = numbers_of(tuples)[order]
    position = 0
    for numbers, fill in in_tuples(readings, len(base), k):
        if fill:
            numbers = _filled_up(numbers, fill, known, code.lengths[order], len(base))
        rank = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
        symbols = order[rank]
        missing = (known[rank] != numbers) | (code.lengths[symbols] == 0)
        if missing.any():
            place = int(missing.argmax())
            block = tuples_of(numbers[place : place + 1], base, k)[0]
            raise MissingCodewordError(
                f"the block {block!r} of readings {position + place * k:,} and following has no codeword in the code; "
                f"{int(missing.sum()):,} blocks about there have none: make a table that knows them"
            )
        position += len(numbers) * k
        yield symbols.astype(symbol_dtype(len(tuples)))


def _filled_up(
    numbers: NDArray[np.int64], fill: int, known: NDArray[np.int64], lengths: NDArray[np.int64], size: int
) -> NDArray[np.int64]:
    first = int(numbers[0])
    low = np.searchsorted(known, first)
    high = np.searchsorted(known, first + size**fill - 1, side="right")  # one more may not fit 63 bits
    with_codeword = low + np.flatnonzero(lengths[low:high])
    if not len(with_codeword):
        return numbers
    return np.array([known[with_codeword[np.argmin(lengths[with_codeword])]]])
