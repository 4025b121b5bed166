"""The table of an interval code as bytes: where the intervals are and their lengths, and no length for each label.

    kind of labels      1 byte: 32 (ints in intervals); 128 more if there is an escape
    head of the labels  see `codec.codes.ascending`; behind the first label stands the number of intervals m
    widths w            m differences from the one before (the first from 0), of any sign: an interval has 2^w labels
    lengths             of the labels of each interval, m differences likewise; m+1 with an escape, its length last
    gaps                between labels, if they are not consecutive; see there

Widths and lengths are gamma coded together.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from codec.codes.ascending import of_any_sign, pack_ascending, read_gaps, read_head
from codec.codes.gamma import as_positive, gamma_encode
from codec.codes.serialize import TableReader, lengths_from
from codec.errors import DamagedError, counted
from codec.theory.alphabet import MAX_SYMBOLS
from codec.theory.labels import Labels

INTERVALS, ESCAPE = 32, 128
_MAX_WIDTH = 16


def starts_of(widths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The places where intervals of 2^w labels begin, and the end: (m + 1,).

    >>> starts_of(np.array([0, 2, 1])).tolist()
    [0, 1, 5, 7]
    """
    return np.concatenate([[0], np.cumsum(np.left_shift(1, widths))])


def serialize_intervals(alphabet: Labels, lengths: NDArray[np.int64], widths: NDArray[np.int64]) -> bytes:
    """The table as bytes.

    Parameters
    ----------
    alphabet : Labels, (n,)
        Ints, ascending.
    lengths : int64 array, (n,); (n + 1,) with an escape
    widths : int64 array, (m,)
    """
    escape = lengths[len(alphabet) :]
    each = np.concatenate([lengths[starts_of(widths)[:-1]], escape])
    head, gaps = pack_ascending(alphabet, len(widths))
    numbers = as_positive([*np.diff(widths, prepend=0).tolist(), *np.diff(each, prepend=0).tolist()])
    return struct.pack(">B", INTERVALS | (ESCAPE if len(escape) else 0)) + head + gamma_encode(numbers) + gaps


def deserialize_intervals(table: bytes) -> tuple[Labels, NDArray[np.int64], NDArray[np.int64]]:
    """The inverse of `serialize_intervals`: alphabet, lengths, widths.

    Raises
    ------
    DamagedError
        If the bytes are not a table. Whether the lengths make a code is not checked.
    """
    reader = TableReader(table)
    kind = reader.take(1)[0]
    if kind & ~ESCAPE != INTERVALS:
        raise DamagedError(f"the table names an unknown kind of labels in intervals, {kind}")
    has_escape = bool(kind & ESCAPE)
    step, first, (intervals,), form = read_head(reader, 1)
    if intervals > min(MAX_SYMBOLS, 8 * len(table)):
        raise DamagedError(f"the table declares {counted(intervals, 'interval')} in {counted(len(table), 'byte')}")
    numbers = reader.gammas(2 * intervals + has_escape)
    widths = np.cumsum([max(-99, min(of_any_sign(number), 99)) for number in numbers[:intervals]])
    if widths.min() < 0 or widths.max() > _MAX_WIDTH or int(starts_of(widths)[-1]) + has_escape > MAX_SYMBOLS:
        raise DamagedError(f"the table's intervals have more than {MAX_SYMBOLS:,} labels")
    each = lengths_from(numbers[intervals:])
    alphabet = read_gaps(reader, step, first, form, int(starts_of(widths)[-1]))
    reader.finish()
    lengths = np.concatenate([np.repeat(each[:intervals], np.left_shift(1, widths)), each[intervals:]])
    if serialize_intervals(alphabet, lengths, widths) != table:
        raise DamagedError("the table is not in the one form that its intervals are written in")
    return alphabet, lengths, widths
