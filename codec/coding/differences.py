"""Differences of neighbouring readings, modulo 2^64: worth far fewer bits where readings change slowly.

The base of a block is the reading before its first one, as 8 bytes, so that it can be decoded by itself. The first
reading of a stream is taken against itself: its difference is 0, or what has the shortest codeword if 0 has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.bits import engine as bits
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.coding.gaps import around
from codec.coding.piece import Piece
from codec.coding.step import Code, File, Job, Step, Transform
from codec.errors import DamagedError, StreamError, option
from codec.files.container import Block
from codec.readings.origin import Origin
from codec.readings.stream import Stream
from codec.theory import dense
from codec.theory.dense import Giving, Through
from codec.theory.labels import Labels
from codec.theory.prediction import Prediction

OF = Prediction("differences")
_STRETCH = 1 << 18  # readings at a time, so that they stay in the cache
_NAMES = {"float": "floats", "str": "words", "bytes": "bytes"}


def there(pieces: Iterator[Piece], job: Job) -> Iterator[Piece]:
    """Readings -> differences, and the base of each block.

    Raises
    ------
    StreamError
        If the readings have no differences.

    Examples
    --------
    >>> from codec.coding.piece import Cut
    >>> from codec.readings.values import from_values
    >>> job = Job(from_values([100, 105, 105, 90]), TRANSFORM, None, 3)
    >>> [(list(piece.labels), piece.base[-1:]) for piece in there(iter(Cut(job.stream, 3)), job)]
    [([0, 5, 0], b'd'), ([-15], b'i')]
    """
    position, step, begun, before = 0, "", False, np.zeros(1, np.int64)
    for piece in pieces:
        labels = piece.labels
        step = step or labels.step
        refuse_others(job.stream, labels, step, position)
        for start in range(0, len(labels) or 1, _STRETCH):
            values = labels.values[start : start + _STRETCH]
            if not begun and len(values):
                before = values[:1].astype(np.int64) - np.array([_first_difference(job.code)], np.int64)
            begun = True
            base = int(before[0]).to_bytes(8, "big", signed=True)  # counts where a block begins
            yield Piece(Labels("int", _changes(values, before), step, of=OF), None, base)
            before = values[-1:].astype(np.int64) if len(values) else before
            position += len(values)


def _changes(values: NDArray[Any], before: NDArray[np.int64]) -> NDArray[Any]:
    """Differences from the value before, modulo 2^64; of no more bits than the values have, where they fit."""
    first = values[:1].astype(np.int64) - before[: len(values)]
    signed, half = f"i{values.itemsize}", 1 << 8 * values.itemsize - 1
    if not len(values) or int(values.max()) - int(values.min()) >= half or not -half <= int(first[0]) < half:
        return np.concatenate([first, np.diff(values.astype(np.int64))])
    changes = np.empty(len(values), signed)
    changes[:1] = first
    np.subtract(values[1:].view(signed), values[:-1].view(signed), out=changes[1:])
    return changes


def back(pieces: Iterator[Piece], block: Block, before: Piece | None, file: File) -> Iterator[Piece]:
    """Differences -> the readings of a block.

    Raises
    ------
    DamagedError
        If the base of the block is not the last reading of the block before.
    """
    base = int.from_bytes(block.base, "big")
    if before is not None and base != _last(before):
        raise DamagedError(f"the base of block {block.sequence} is not the reading before it")
    through = bits.engine(file.engine, block.count).through
    for piece in pieces:
        readings = undone(piece.labels, piece.symbols, base, file.origin, through)
        base = _last(readings)
        yield readings


def undone(changes: Labels, places: NDArray[Any], base: int, origin: Origin, through: Through = dense.through) -> Piece:
    """Differences -> readings, as a table of labels and places in it.

    >>> piece = undone(Labels("int", np.array([-15, 0, 5])), np.array([1, 2, 0]), 100, Origin("text"))
    >>> list(piece.labels.take(piece.places))
    [100, 105, 90]
    """
    readings = np.empty(len(places), np.uint64)
    _giving(changes, through)(places, readings)
    readings[:1] += np.uint64(base)
    np.cumsum(readings, out=readings)
    return as_piece(readings.view(np.int64), changes.step, origin)


def as_piece(numbers: NDArray[np.int64], step: str, origin: Origin) -> Piece:
    """Numbers modulo 2^64 as readings: a table of labels, and places in it; of an array of ints, as they are."""
    values = numbers.view(np.uint64) if unsigned(origin) else numbers
    if origin.kind == "array" and step == "1" and np.dtype(origin.dtype).kind in "iu" and not origin.gaps:
        return Piece(Labels("int", values))
    low, high = int(values.min()), int(values.max())
    if high - low < len(values):
        table = np.arange(high - low + 1).astype(values.dtype) + values.dtype.type(low)
        return Piece(Labels("int", table, step), (values - values.dtype.type(low)).view(np.int64))
    distinct, where = np.unique(values, return_inverse=True)
    return Piece(Labels("int", distinct, step), where.reshape(-1))


def unsigned(origin: Origin) -> bool:
    """Whether readings from here are numbers from 0 on, so that bit 63 is no sign."""
    return origin.kind == "bytes" or (origin.kind == "array" and np.dtype(origin.dtype).kind in "ub")


def _last(piece: Piece) -> int:
    return int(piece.last) % (1 << 64)


def _first_difference(code: Code | None) -> int:
    """What the first difference is to be: 0, or what has the shortest codeword if 0 has none."""
    if code is None or code.alphabet.kind != "int":
        return 0
    lengths = np.where(code.alphabet.values <= np.iinfo(np.int64).max, code.first_lengths, 0)
    if lengths[code.alphabet.values == 0].any() or not lengths.any():
        return 0
    return int(code.alphabet.values[np.where(lengths > 0, lengths, MAX_CODE_LENGTH + 1).argmin()])


def refuse_others(stream: Stream, labels: Labels, step: str, position: int) -> None:
    """Refuse what has no differences: other kinds than ints, another step, a number of more than 63 bits."""
    way_out = f"round the readings to a grid with {option('--step')}, or code them without {option('--delta')}"
    if labels.kind != "int":
        raise StreamError(
            f"{stream.name}, near {stream.place(position)}: {_NAMES[labels.kind]} have no differences: {way_out}"
        )
    if labels.step != step:
        raise StreamError(
            f"{stream.name}, near {stream.place(position)}: the steps of the readings change from {step} to "
            f"{labels.step}, and differences need one: {way_out}"
        )
    if labels.values.dtype == np.uint64 and not unsigned(stream.origin) and int(labels.values.max()) >= 1 << 63:
        place = int((labels.values >= 1 << 63).argmax())
        raise StreamError(
            f"{stream.name}, {stream.place(position + place)}: the reading {labels[place]} has more than 63 bits, "
            f"and differences would not tell its sign: code the readings without {option('--delta')}"
        )


@lru_cache(8)
def _giving(changes: Labels, through: Through) -> Giving:
    """Prepare to give differences modulo 2^64 for their places."""
    return through(_modulo(changes.values))


def _modulo(values: NDArray[Any]) -> NDArray[np.uint64]:
    """Ints modulo 2^64; those of a table may need more than 63 bits, and be Python's beside negative ones."""
    if values.dtype == object:
        return np.array([value % (1 << 64) for value in values.tolist()], np.uint64)
    return values.astype(np.int64).view(np.uint64)


TRANSFORM = Transform(
    number=1,
    name=OF.name,
    option="delta",
    noun="difference",
    plural="differences",
    help="code differences of neighbouring readings",
    base_bytes=8,
    step=around(Step(there, back)),
    origin=Origin("array", "<i8"),  # ints of 64 bits, whatever the readings were read from
    of=OF,
)
