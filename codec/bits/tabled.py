"""The Numba engine: readings counted and looked up, and symbols given through a table of outputs.

Bytes are looked up two at a time. Where the table is made of a few runs, in which the next number has the next entry
(the readings of a thermometer, the bytes of a text), each number is shifted as its run is, many at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.bits import kernels
from codec.theory import dense
from codec.theory.dense import Finding, Giving

COMPILED_TABLES_FROM = 1 << 14  # readings from which on counting them and looking them up is worth a call
_WHOLE_TABLE_FROM = 1 << 18
_APART = (1 << 16) + 80  # two tables of pairs, so that they are not a multiple of 4 KB apart
_NOTHING = np.uint32(1 << 16)  # more than any symbol


def through(outputs: NDArray[Any]) -> Giving:
    """Prepare to give symbols through a table of outputs; see `codec.bits.reference`."""
    by_numpy = dense.through(outputs)
    if outputs.itemsize not in (1, 2, 4, 8) or outputs.dtype.hasobject:
        return by_numpy
    table, same = words_of(outputs), dense.is_range(outputs)
    runs = _runs_of(0, np.arange(len(table)), table)

    @cache
    def of_bytes() -> NDArray[Any]:
        return read_only(table[np.minimum(np.arange(256), len(table) - 1)])

    @cache
    def of_pairs() -> NDArray[Any]:
        return read_only(dense.pairs_of(of_bytes()))

    def give(symbols: NDArray[Any], out: NDArray[Any]) -> None:
        if len(symbols) < COMPILED_TABLES_FROM or (same and symbols.dtype == out.dtype):
            by_numpy(symbols, out)
            return
        words, out = words_of(symbols), out.view(table.dtype)
        if runs is not None and runs.shift(words, out):
            return
        if words.itemsize > 1:
            kernels.through(words, table, out)
            return
        even = len(words) & ~1 if table.itemsize < 8 else 0
        if even:
            kernels.through(words[:even].view(np.uint16), of_pairs(), out[:even].view(of_pairs().dtype))
        kernels.through(words[even:], of_bytes(), out[even:])

    return give


def look_up(low: int, table: NDArray[Any], known: NDArray[np.bool_]) -> Finding:
    """Prepare to look up as `codec.theory.dense.look_up` does, in one pass."""
    by_numpy = dense.look_up(low, table, known)
    if table.itemsize > 2:
        return by_numpy
    same = not low and bool(known.all()) and dense.is_range(table)
    runs = _runs_of(low, np.flatnonzero(known), table[known])
    entries = np.append(np.where(known, table, _NOTHING), _NOTHING)

    @cache
    def entries_for(bits: int) -> NDArray[np.uint32]:
        """Of all numbers of so many bits: none is outside the table."""
        whole, places = np.full(1 << bits, _NOTHING), (low + np.arange(len(table))) % (1 << bits)
        whole[places] = entries[:-1]
        return np.asarray(read_only(whole))

    @cache
    def entries_for_pairs() -> NDArray[np.uint32]:
        """Of all pairs of bytes: 2 ** 16 and more if one of the two has none."""
        one = entries_for(8)
        return np.asarray(read_only((one + (one[:, None] << np.uint32(8))).reshape(-1)))

    def find(values: NDArray[Any]) -> dense.Found:
        if len(values) < COMPILED_TABLES_FROM or (same and values.dtype == table.dtype):
            return by_numpy(values)
        words, bits = words_of(values), 8 * values.itemsize
        symbols, first = np.empty(len(values), table.dtype), np.uint64(low % (1 << bits))
        if runs is not None and runs.shift(words, symbols):
            return symbols, None
        many, even = len(values) >= _WHOLE_TABLE_FROM, 0
        if bits == 8 and table.itemsize == 1 and many:
            even = len(values) & ~1
            pairs = words[:even].view(np.uint16), np.uint64(0), entries_for_pairs(), symbols[:even].view(np.uint16)
            most = kernels.look_up(*pairs)
        used = entries_for(bits) if bits == 8 or (bits == 16 and many) else entries
        most = max(most if even else 0, kernels.look_up(words[even:], first, read_only(used), symbols[even:]))
        if most < _NOTHING:
            return symbols, None
        unknown = np.empty(len(values), np.bool_)
        kernels.look_up(words, first, read_only(used >> np.uint32(16)), unknown.view(np.uint8))
        return symbols, unknown

    return find


@dataclass(frozen=True, eq=False)
class _Runs:
    """Numbers of which the next one has the next entry, in a few runs, ascending.

    Attributes
    ----------
    low : int
        The first number.
    firsts, lasts, shifts : int64 array, (1,) or (kernels.RUNS,)
        Of each run, the first and the last number, above `low`, and what is added to each to give its entry, modulo
        2 ** 64. The last run may stand several times.
    """

    low: int
    firsts: NDArray[np.int64]
    lasts: NDArray[np.int64]
    shifts: NDArray[np.int64]

    def shift(self, words: NDArray[Any], out: NDArray[Any]) -> bool:
        """Write the entry of each number; whether all have one, and this is worth it."""
        one = len(self.firsts) == 1
        if (not one and max(words.itemsize, out.itemsize) > 4) or self.lasts[-1] >> (8 * words.itemsize):
            return False
        firsts, lasts = (read_only(some.astype(words.dtype)) for some in (self.firsts, self.lasts))
        shifts, kernel = read_only(self.shifts.astype(out.dtype)), kernels.shift_run if one else kernels.shift_runs
        low = words.dtype.type(self.low % (1 << 8 * words.itemsize))
        return not kernel(words, low, firsts, lasts, shifts, out)


def _runs_of(low: int, numbers: NDArray[np.int64], entries: NDArray[Any]) -> _Runs | None:
    """The runs of ascending numbers, each `low` more, with their entries; None if there are too many."""
    if not len(numbers):
        return None
    low, numbers = low + int(numbers[0]), numbers - numbers[0]
    shifts = entries.astype(np.uint64).view(np.int64) - numbers
    starts = np.flatnonzero((np.diff(shifts, prepend=~shifts[0]) != 0) | (np.diff(numbers, prepend=numbers[0]) != 1))
    if len(starts) > kernels.RUNS:
        return None
    ends = np.append(starts[1:], len(numbers)) - 1
    rows = np.arange(kernels.RUNS).clip(max=len(starts) - 1) if len(starts) > 1 else np.zeros(1, np.int64)
    return _Runs(low, *(some[rows] for some in (numbers[starts], numbers[ends], shifts[starts])))


def count_dense(values: NDArray[Any]) -> tuple[int, NDArray[np.int64]] | None:
    """As `codec.theory.dense.count_dense`, in one pass, where the range is below 65,536."""
    if len(values) < COMPILED_TABLES_FROM:
        return dense.count_dense(values)
    size, low = 1 << 8 * min(values.itemsize, 2), int(np.iinfo(values.dtype).min)
    if values.itemsize > 1:  # small tables stay in the cache, and are soon added up
        low, high = dense.range_of(values, size)
        if high - low >= size:
            return dense.count_dense(values)
        size = 1 << (high - low).bit_length()
    words, whole = words_of(values), len(values) & ~7
    if values.itemsize == 1 and whole >= _WHOLE_TABLE_FROM:  # two at a time
        pairs = np.zeros(_APART + (1 << 16), np.uint32)
        kernels.count_pairs(words, pairs, np.uint64(_APART))
        of_both = (pairs[: 1 << 16].astype(np.int64) + pairs[_APART:]).reshape(256, 256)
        counts = of_both.sum(axis=0) + of_both.sum(axis=1) + np.bincount(words[whole:], minlength=256)
    else:
        tables = np.zeros((4, size), np.uint32)
        kernels.count_low(words, tables)
        counts = tables.sum(axis=0, dtype=np.int64)
    counts = np.roll(counts, -(low % size))
    present = np.flatnonzero(counts)
    first, last = int(present[0]), int(present[-1])
    return low + first, counts[first : last + 1]


def plain(array: NDArray[Any]) -> NDArray[Any]:
    """The same items one behind the other, in their places, only to be read."""
    return read_only(np.require(array, None, ["C", "A"]))


def words_of(array: NDArray[Any]) -> NDArray[Any]:
    """The items as unsigned numbers of their size."""
    return plain(array).view(f"u{array.itemsize}")


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view: Numba would compile a second time for writable arrays."""
    view = array.view()
    view.flags.writeable = False
    return view
