"""Several readings in one codeword: symbols of single readings as symbols of tuples, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.prefix import PrefixCode
from codec.coding.piece import Piece
from codec.coding.step import File, Job, Step
from codec.errors import MissingCodewordError, counted
from codec.files.container import Block
from codec.theory.alphabet import find, symbol_dtype
from codec.theory.dense import LookUp
from codec.theory.labels import Labels
from codec.theory.tuples import numbers_of, tuple_radix, tuples_of


def there(pieces: Iterator[Piece], job: Job) -> Iterator[Piece]:
    """Symbols of single readings -> symbols of tuples.

    A last tuple that the readings do not fill becomes the one of shortest codeword that begins with them. Tuples may
    straddle pieces, but not blocks: a block is made of whole tuples.

    Raises
    ------
    MissingCodewordError
        If a tuple has no codeword.
    """
    code = job.code
    if not isinstance(code, PrefixCode):
        raise TypeError("tuples need a code over tuples")
    singles, k = code.singles, code.readings
    radix = tuple_radix(len(singles), k)
    known = _Known(code, job.look)
    rest, position = np.zeros(0, np.int64), 0
    for piece in pieces:
        symbols = np.concatenate([rest, piece.symbols.astype(np.int64)])
        whole = len(symbols) // k * k
        rest = symbols[whole:]
        found = known.symbols_of(symbols[:whole].reshape(-1, k) @ radix, position)
        yield Piece(code.alphabet, found, piece.base, piece.raw)
        position += whole
    if len(rest):
        start = int(rest @ radix[: len(rest)])
        number = known.shortest(start, start + int(radix[len(rest) - 1]))
        yield Piece(code.alphabet, known.symbols_of(np.array([number]), position))


class _Known:
    """The tuples of a code by their numbers."""

    def __init__(self, code: PrefixCode, look: LookUp) -> None:
        self._code, self._look = code, look
        numbers = numbers_of(code.alphabet)
        self._labels, order = Labels("int", numbers), np.argsort(numbers, kind="stable")
        self._numbers, self._lengths = numbers[order], code.lengths[order]

    def symbols_of(self, numbers: NDArray[np.int64], position: int) -> NDArray[Any]:
        """The symbol of each tuple; the first of them begins with the reading at this position."""
        symbols, unknown = find(self._labels, Labels("int", numbers), look=self._look)
        missing = np.zeros(len(numbers), np.bool_) if unknown is None else unknown
        if not self._code.lengths.all():
            missing = missing | (self._code.lengths.take(symbols, mode="clip") == 0)
        if missing.any():
            place, k = int(missing.argmax()), self._code.readings
            found = tuples_of(numbers[place : place + 1], self._code.singles, k)[0]
            none = counted(int(missing.sum()), "block about there has none", "blocks about there have none")
            raise MissingCodewordError(
                f"the block {found!r} of readings {position + place * k:,} and following has no codeword in the code; "
                f"{none}: make a table that knows them"
            )
        return symbols

    def shortest(self, start: int, stop: int) -> int:
        """The number from start on, below stop, of the shortest codeword; start if none has one."""
        low = np.searchsorted(self._numbers, start)
        high = np.searchsorted(self._numbers, stop - 1, side="right")  # stop may not fit 63 bits
        coded = low + np.flatnonzero(self._lengths[low:high])
        return int(self._numbers[coded[np.argmin(self._lengths[coded])]]) if len(coded) else start


def back(pieces: Iterator[Piece], block: Block, before: Piece | None, file: File) -> Iterator[Piece]:
    """Symbols of tuples -> places of single readings, without those that only fill up the last tuple."""
    code = file.code
    tuples = code.alphabet.values.astype(symbol_dtype(len(code.singles)))
    left = block.count * code.readings if block.readings is None else block.readings
    for piece in pieces:
        places = tuples.take(piece.symbols, axis=0).reshape(-1)[:left]
        left -= len(places)
        yield Piece(code.singles, places)


STEP = Step(there, back)
