"""Ints of a narrow range (a thermometer's, a byte's): counted and looked up through small tables.

All work is done on stretches that stay in the cache. Within a range of 256, the lowest byte identifies a value. Bytes
are counted by comparing them with each value, if these are few, else two at a time; they are looked up by
`bytes.translate`, which is quicker than NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Count = Callable[[NDArray[Any]], tuple[int, NDArray[np.int64]] | None]  # see `count_dense`
Found = tuple[NDArray[Any], NDArray[np.bool_] | None]  # symbols, and which values are unknown
Finding = Callable[[NDArray[Any]], Found]
LookUp = Callable[[int, NDArray[Any], NDArray[np.bool_]], Finding]  # see `look_up`
Giving = Callable[[NDArray[Any], NDArray[Any]], None]
Through = Callable[[NDArray[Any]], Giving]  # see `through`
MAX_RANGE = 1 << 20  # of values that get a table
_STRETCH = 1 << 17
_COUNTED = 2 * _STRETCH  # bytes counted at a time
_BYTE = 1 << 8
_FEW = 8  # values up to which comparing with each is quicker
_SAMPLE = 1 << 12  # bytes from which the values are guessed
_PAIRED = 1 << 18  # bytes looked up from which on a table of all pairs pays
_WIDE = {1: "<u2", 2: "<u4", 4: "<u8", 8: "<c16"}  # types of two items of so many bytes


def count_dense(values: NDArray[Any]) -> tuple[int, NDArray[np.int64]] | None:
    """The least of some values, and how often each from there to the greatest occurs.

    None if that range is wider than `MAX_RANGE`, or much wider than there are values.

    >>> low, counts = count_dense(np.array([7, 9, 7]))
    >>> low, counts.tolist()
    (7, [2, 0, 1])
    """
    if values.itemsize == 1:
        lowest = int(np.iinfo(values.dtype).min)
        counts = np.roll(_count_bytes(values.view(np.uint8)), lowest)
        present = np.flatnonzero(counts)
        return lowest + int(present[0]), counts[present[0] : present[-1] + 1]
    low, high = int(values[0]), int(values[0])
    by_byte = np.zeros(_BYTE, np.int64)
    low_bytes = np.empty(min(_COUNTED, len(values)), np.uint8)
    for start in range(0, len(values), _STRETCH):
        stretch = values[start : start + _STRETCH]
        low, high = min(low, int(stretch.min())), max(high, int(stretch.max()))
        if high - low < _BYTE:
            held = start % _COUNTED
            np.copyto(low_bytes[held : held + len(stretch)], stretch, casting="unsafe")
            held += len(stretch)
            if held == _COUNTED or start + len(stretch) == len(values):
                by_byte += _count_bytes(low_bytes[:held])
    if high - low >= min(MAX_RANGE, 16 * len(values) + _BYTE):
        return None
    if high - low >= _BYTE:
        return low, _count_offsets(values, low, high - low + 1)
    return low, by_byte[((low & 0xFF) + np.arange(high - low + 1)) & 0xFF]


def _count_bytes(values: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How often each byte occurs."""
    total = np.zeros(_BYTE, np.int64)
    likely: Sequence[int] = np.unique(values[:_SAMPLE]).tolist()
    for start in range(0, len(values), _COUNTED):
        some = np.ascontiguousarray(values[start : start + _COUNTED])
        counts = _count_few(some, likely) if len(likely) <= _FEW else None
        if counts is None:
            likely, counts = range(_BYTE), _count_pairs(some)
        total += counts
    return total


def _count_few(values: NDArray[np.uint8], few: Sequence[int]) -> NDArray[np.int64] | None:
    """How often each byte occurs, or None if others occur than these."""
    counts = np.zeros(_BYTE, np.int64)
    counts[few] = [np.count_nonzero(values == value) for value in few]
    return counts if counts.sum() == len(values) else None


def _count_pairs(values: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How often each byte occurs, two at a time."""
    even = len(values) & ~1
    pairs = np.bincount(values[:even].view(np.uint16), minlength=_BYTE * _BYTE).reshape(_BYTE, _BYTE)
    counts: NDArray[np.int64] = pairs.sum(axis=0) + pairs.sum(axis=1)
    counts += np.bincount(values[even:], minlength=_BYTE)
    return counts


def _count_offsets(values: NDArray[Any], low: int, size: int) -> NDArray[np.int64]:
    counts = np.zeros(size, np.int64)
    for start in range(0, len(values), _STRETCH):
        part = np.bincount(_offsets(values[start : start + _STRETCH], low).view(np.int64))
        counts[: len(part)] += part
    return counts


def is_range(table: NDArray[Any]) -> bool:
    """Whether a table maps each of its places to itself."""
    return table.dtype.kind in "iu" and np.array_equal(table, np.arange(len(table)))


def pairs_of(table: NDArray[Any]) -> NDArray[Any]:
    """Of a table for bytes, the one for two bytes at a time."""
    pairs = np.stack(np.broadcast_arrays(table, table[:, None]), axis=-1)
    return pairs.view(_WIDE[table.itemsize]).reshape(-1)


def range_of(values: NDArray[Any], most: int) -> tuple[int, int]:
    """The least and the greatest value; of some of them only, if these are already further apart than `most`."""
    low, high = int(values[0]), int(values[0])
    for start in range(0, len(values), _STRETCH):
        stretch = values[start : start + _STRETCH]
        low, high = min(low, int(stretch.min())), max(high, int(stretch.max()))
        if high - low > most:
            break
    return low, high


def through(table: NDArray[Any]) -> Giving:
    """Prepare to write table[place] for each place, none negative; what lies beyond the table counts as its last place.

    Bytes are looked up two at a time, where they are many.

    >>> out = np.empty(3, np.int16)
    >>> through(np.array([7, 8, 9], np.int16))(np.array([0, 2, 1], np.uint8), out)
    >>> out.tolist()
    [7, 9, 8]
    """
    last, same = len(table) - 1, is_range(table)
    wide = None if table.dtype.hasobject else _WIDE.get(table.itemsize)

    @cache
    def pairs() -> NDArray[Any]:
        return pairs_of(table.view(f"u{table.itemsize}")[np.minimum(np.arange(_BYTE), last)])

    def give(places: NDArray[Any], out: NDArray[Any]) -> None:
        even = len(places) & ~1
        if same and places.dtype == out.dtype and places.max(initial=0) <= last:
            out[:] = places
        elif places.dtype == np.uint8 and wide and len(places) >= _PAIRED:
            np.take(pairs(), places[:even].view("<u2"), out=out[:even].view(wide), mode="clip")
            np.take(table, places[even:], out=out[even:], mode="clip")
        else:
            np.take(table, places, out=out, mode="clip")

    return give


def look_up(low: int, table: NDArray[Any], known: NDArray[np.bool_]) -> Finding:
    """Prepare to find table[value - low] for each value, and which values are unknown (None if all are known).

    `known`, of the table's shape, says where it has an entry.

    >>> find = look_up(100, np.array([0, 1, 1], np.uint8), np.array([True, False, True]))
    >>> find(np.array([102, 100]))
    (array([1, 0], dtype=uint8), None)
    """
    all_known = bool(known.all())
    same = not low and all_known and is_range(table)
    # The largest number of the type marks what has no entry, unless it is an entry itself.
    marker = np.iinfo(table.dtype).max
    marked = np.where(known, table, marker).astype(table.dtype)
    can_mark = not (known & (table == marker)).any()
    as_bytes = len(table) <= _BYTE and table.dtype == np.uint8 and (can_mark or all_known)
    by_byte = np.full(_BYTE, marker if can_mark else 0).astype(np.uint8)
    if as_bytes:
        by_byte[((low & 0xFF) + np.arange(len(table))) & 0xFF] = marked
    byte_table = by_byte.tobytes()

    def find(values: NDArray[Any]) -> Found:
        every = len(table) == 1 << 8 * values.itemsize
        if same and values.dtype == table.dtype and (every or values.max(initial=0) < len(table)):
            return values, None
        symbols = np.empty(len(values), table.dtype)
        unknown = None
        always_marked = as_bytes and can_mark and values.dtype.itemsize == 1  # then the range need not be checked
        low_bytes = bytearray(min(_STRETCH, len(values)) if as_bytes else 0)
        for start in range(0, len(values), _STRETCH):
            stretch = values[start : start + _STRETCH]
            out = symbols[start : start + len(stretch)]
            inside = always_marked or (low <= int(stretch.min()) and int(stretch.max()) < low + len(table))
            if inside and as_bytes:
                np.copyto(np.frombuffer(low_bytes, np.uint8)[: len(stretch)], stretch, casting="unsafe")
                out[:] = np.frombuffer(low_bytes.translate(byte_table), np.uint8)[: len(stretch)]
            else:
                np.take(marked, _offsets(stretch, low).view(np.int64), out=out, mode="clip")
            if not inside or ((not all_known or always_marked) and (not can_mark or int(out.max()) == marker)):
                if unknown is None:
                    unknown = np.zeros(len(values), np.bool_)
                offsets = _offsets(stretch, low)
                outside = offsets >= len(table)
                unknown[start : start + len(stretch)] = outside | ~known[np.where(outside, 0, offsets).view(np.int64)]
        return symbols, unknown if unknown is not None and unknown.any() else None

    return find


def _offsets(values: NDArray[Any], low: int) -> NDArray[np.uint64]:
    """values - low modulo 2^64: what lies below `low` comes out larger than any range."""
    wide = values.astype(np.int64 if values.dtype.kind == "i" else np.uint64, copy=False)
    return np.asarray(wide.view(np.uint64) - np.uint64(low % (1 << 64)))
