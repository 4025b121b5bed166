"""What flows along the coding path: pieces of a stream, each within one block; and how much may come out at the end."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.errors import OutputLimitError, counted, option
from codec.readings.origin import Closing
from codec.readings.stream import Stream
from codec.theory.labels import Labels


@dataclass(frozen=True, eq=False)
class Piece:
    """Some readings of one block, in the form that they have between two steps.

    Attributes
    ----------
    labels : Labels
    places : array, (count,), or None
        The readings are ``labels.take(places)``; None: each of the labels in turn.
    base : bytes
        With the first piece of a block: what the transform needs to begin there.
    raw : bytes
        Raw values of the readings that are escaped.
    """

    labels: Labels
    places: NDArray[Any] | None = None
    base: bytes = b""
    raw: bytes = b""

    def __len__(self) -> int:
        """How many readings."""
        return len(self.labels) if self.places is None else len(self.places)

    @property
    def last(self) -> Any:
        """The value of the last reading."""
        return self.labels.values[-1 if self.places is None else self.places[-1]]

    @property
    def symbols(self) -> NDArray[Any]:
        """The places as an array."""
        return np.arange(len(self.labels)) if self.places is None else self.places


class Cut:
    """The readings of a stream in pieces that end where blocks end; once they are through, their number and closing.

    >>> from codec.readings.values import from_values
    >>> cut = Cut(from_values([1, 2, 3]), 2)
    >>> [list(piece.labels) for piece in cut], cut.count
    ([[1, 2], [3]], 3)
    """

    def __init__(self, stream: Stream, size: int) -> None:
        self._stream, self._size = stream, size
        self.count, self.closing = 0, Closing(0)

    def __iter__(self) -> Iterator[Piece]:
        for labels in self._stream.pieces():
            if isinstance(labels, Closing):
                self.closing = labels
                continue
            start = 0
            while start < len(labels):
                stop = min(len(labels), start + self._size - self.count % self._size)
                whole = stop - start == len(labels)
                yield Piece(labels if whole else replace(labels, values=labels.values[start:stop]))
                self.count += stop - start
                start = stop


def gathered(pieces: Iterator[Piece], size: int) -> Iterator[Piece]:
    """One piece for each block: its symbols, base and raw values.

    Parameters
    ----------
    size : int
        Symbols in a block; no piece goes beyond one.
    """
    held: list[Piece] = []
    count = 0
    for piece in pieces:
        held.append(piece)
        count += len(piece.symbols)
        if count == size:
            yield _together(held)
            held, count = [], 0
    if count:
        yield _together(held)


def _together(pieces: list[Piece]) -> Piece:
    if len(pieces) == 1:
        return pieces[0]
    symbols = np.concatenate([piece.symbols for piece in pieces])
    return Piece(pieces[0].labels, symbols, pieces[0].base, b"".join(piece.raw for piece in pieces))


class Limit:
    """How many bytes may come out; asked before they take memory.

    Parameters
    ----------
    most : int or None
        None for any number.
    """

    def __init__(self, most: int | None = None) -> None:
        if most is not None and operator.index(most) < 0:
            raise ValueError(f"max_output is a number of bytes, not {most}")
        self._most, self._taken = most, 0

    def need(self, size: int) -> None:
        """Refuse if so many bytes more are too many."""
        if self._most is not None and self._taken + size > self._most:
            raise OutputLimitError(
                f"decoding would give more than the limit of {counted(self._most, 'byte')}: "
                f"give a higher {option('--max-output')}"
            )

    def take(self, size: int) -> None:
        """The same, and count them."""
        self.need(size)
        self._taken += size


def default_max_output(file_bytes: int) -> int:
    """The most bytes of output that are no surprise: 256 for each byte of the file, and 1 GiB in any case."""
    return max(1 << 30, 256 * file_bytes)
