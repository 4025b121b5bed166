"""Differences of neighbouring readings, modulo 2^64: worth far fewer bits where readings change slowly.

The first reading is taken against itself, so that its difference is 0. Each block of a file has a base, the reading
before its first one, and can be decoded by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.errors import StreamError
from codec.readings.origin import Closing, Origin
from codec.readings.stream import Stream
from codec.theory.labels import Labels

_NAMES = {"float": "floats", "str": "words", "bytes": "bytes"}
ORIGIN = Origin("array", "<i8")  # differences are ints of 64 bits, whatever the readings were read from


@dataclass(frozen=True, eq=False)
class Differences(Stream):
    """The differences of another stream's readings, as a stream.

    Attributes
    ----------
    readings : Stream
    bases : deque of int
        Of each block that has begun so far, modulo 2^64.
    """

    readings: Stream | None = None
    bases: deque[int] = field(default_factory=deque)

    def place(self, position: int) -> str:
        """How a user finds the reading at this position, counted from 0."""
        return super().place(position) if self.readings is None else self.readings.place(position)


def differences(stream: Stream, every: int, first: int = 0) -> Differences:
    """The differences of a stream's readings.

    Parameters
    ----------
    every : int
        Readings in a block.
    first : int
        What the difference of the first reading is to be.

    Raises
    ------
    StreamError
        While it is gone through: if the readings have no differences.

    Examples
    --------
    >>> from codec.readings.values import from_values
    >>> stream = differences(from_values([100, 105, 105, 90]), every=3)
    >>> [list(piece) for piece in stream.labels()], stream.bases
    ([[0, 5, 0, -15]], deque([100, 105]))
    """
    bases: deque[int] = deque()

    def pieces() -> Iterator[Labels | Closing]:
        bases.clear()
        position, step, before = 0, "", np.zeros(0, np.int64)
        for piece in stream.pieces():
            if isinstance(piece, Closing):
                yield piece
            elif len(piece):
                step = step or piece.step
                _check(stream, piece, step, position)
                values = piece.values.astype(np.int64)
                if not len(before):
                    before = values[:1] - np.array([first], np.int64)
                shifted = np.concatenate([before, values[:-1]])
                bases.extend(shifted[-position % every :: every].view(np.uint64).tolist())
                yield Labels("int", values - shifted, step)
                before = values[-1:]
                position += len(values)

    return Differences(ORIGIN, pieces, stream.name, stream.in_memory, stream.notes, stream, bases)


def _check(stream: Stream, piece: Labels, step: str, position: int) -> None:
    way_out = "round the readings to a grid with --step, or code them without --delta"
    if piece.kind != "int":
        raise StreamError(
            f"{stream.name}, near {stream.place(position)}: {_NAMES[piece.kind]} have no differences: {way_out}"
        )
    if piece.step != step:
        raise StreamError(
            f"{stream.name}, near {stream.place(position)}: the steps of the readings change from {step} to "
            f"{piece.step}, and differences need one: {way_out}"
        )
    if piece.values.dtype == np.uint64 and not unsigned(stream.origin) and int(piece.values.max()) >= 1 << 63:
        place = int((piece.values >= 1 << 63).argmax())
        raise StreamError(
            f"{stream.name}, {stream.place(position + place)}: the reading {piece[place]} has more than 63 bits, "
            "and differences would not tell its sign: code the readings without --delta"
        )


def unsigned(origin: Origin) -> bool:
    """Whether readings from here are numbers from 0 on, so that bit 63 is no sign."""
    return origin.kind == "bytes" or (origin.kind == "array" and np.dtype(origin.dtype).kind in "ub")


def _modulo(values: NDArray[Any]) -> NDArray[np.uint64]:
    """Ints modulo 2^64; those of a table may need more than 63 bits, and be Python's beside negative ones."""
    if values.dtype == object:
        return np.array([value % (1 << 64) for value in values.tolist()], np.uint64)
    return values.astype(np.int64).view(np.uint64)


def undone(changes: Labels, places: NDArray[np.int64], base: int, origin: Origin) -> tuple[Labels, NDArray[np.int64]]:
    """Differences -> the readings of a block, as a table of labels and places in it.

    >>> table, places = undone(Labels("int", np.array([-15, 0, 5])), np.array([1, 2, 0]), 100, ORIGIN)
    >>> list(table.take(places))
    [100, 105, 90]
    """
    steps = _modulo(changes.values)[places]
    readings = np.cumsum(steps, dtype=np.uint64) + np.uint64(base)
    values = readings if unsigned(origin) else readings.view(np.int64)
    low, high = int(values.min()), int(values.max())
    if high - low < len(values):
        table = np.arange(high - low + 1).astype(values.dtype) + values.dtype.type(low)
        return Labels("int", table, changes.step), (values - values.dtype.type(low)).astype(np.int64)
    distinct, where = np.unique(values, return_inverse=True)
    return Labels("int", distinct, changes.step), where.reshape(-1)
