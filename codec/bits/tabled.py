"""The Numba engine: readings counted and looked up, and symbols given through a table of outputs.

Bytes are looked up two at a time. Where the table is made of a few runs, in which the next number has the next entry
(the readings of a thermometer, the bytes of a text), each number is shifted as its run is, many at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.bits import kernels
from codec.theory import dense
from codec.theory.dense import Finding, Found, Giving

COMPILED_TABLES_FROM = 1 << 14  # readings from which on counting them and looking them up is worth a call
_WHOLE_TABLE_FROM = 1 << 18
_APART = (1 << 16) + 80  # two tables of pairs, so that they are not a multiple of 4 KB apart
_NOTHING = np.uint32(1 << 16)  # more than any symbol


def through(outputs: NDArray[Any]) -> Giving:
    """Prepare to give symbols through a table of outputs; see `codec.bits.reference`."""
    simple = outputs.itemsize in (1, 2, 4, 8) and not outputs.dtype.hasobject
    by_numpy = dense.through(outputs)
    return _Outputs(words_of(outputs), by_numpy, dense.is_range(outputs)).give if simple else by_numpy


@dataclass(frozen=True, eq=False)
class _Outputs:
    """A table of outputs, in the forms that are needed; `same` says whether each symbol is its own output."""

    table: NDArray[Any]
    by_numpy: Giving
    same: bool

    @cached_property
    def runs(self) -> _Runs | None:
        return _runs_of(0, np.arange(len(self.table)), self.table)

    @cached_property
    def of_bytes(self) -> NDArray[Any]:
        return read_only(self.table[np.minimum(np.arange(256), len(self.table) - 1)])

    @cached_property
    def of_pairs(self) -> NDArray[Any]:
        return read_only(dense.pairs_of(self.of_bytes))

    def give(self, symbols: NDArray[Any], out: NDArray[Any]) -> None:
        if len(symbols) < COMPILED_TABLES_FROM or (self.same and symbols.dtype == out.dtype):
            self.by_numpy(symbols, out)
            return
        words, out = words_of(symbols), out.view(self.table.dtype)
        if self.runs is not None and self.runs.shift(words, out):
            return
        if words.itemsize > 1:
            kernels.through(words, self.table, out)
            return
        even = len(words) & ~1 if self.table.itemsize < 8 else 0
        if even:
            kernels.through(words[:even].view("u2"), self.of_pairs, out[:even].view(self.of_pairs.dtype))
        kernels.through(words[even:], self.of_bytes, out[even:])


def look_up(low: int, table: NDArray[Any], known: NDArray[np.bool_]) -> Finding:
    """Prepare to look up as `codec.theory.dense.look_up` does, in one pass."""
    return dense.look_up(low, table, known) if table.itemsize > 2 else _LookUp(low, table, known).find


@dataclass(frozen=True, eq=False)
class _LookUp:
    """A table, in the forms that are needed."""

    low: int
    table: NDArray[Any]
    known: NDArray[np.bool_]

    @cached_property
    def by_numpy(self) -> Finding:
        return dense.look_up(self.low, self.table, self.known)

    @cached_property
    def same(self) -> bool:
        """Whether each number is its own entry."""
        return not self.low and bool(self.known.all()) and dense.is_range(self.table)

    @cached_property
    def runs(self) -> _Runs | None:
        return _runs_of(self.low, np.flatnonzero(self.known), self.table[self.known])

    @cached_property
    def entries(self) -> NDArray[np.uint32]:
        """2 ** 16 where there is none, and at the end."""
        return np.asarray(read_only(np.append(np.where(self.known, self.table, _NOTHING), _NOTHING)))

    @cached_property
    def of_bytes(self) -> NDArray[np.uint32]:
        return self.of_all(8)

    @cached_property
    def of_pairs(self) -> NDArray[np.uint32]:
        """Of all pairs of bytes: 2 ** 16 and more if one of the two has none."""
        return np.asarray(read_only((self.of_bytes + (self.of_bytes[:, None] << np.uint32(8))).reshape(-1)))

    @cached_property
    def of_words(self) -> NDArray[np.uint32]:
        return self.of_all(16)

    def of_all(self, bits: int) -> NDArray[np.uint32]:
        """Of all numbers of so many bits: none is outside the table."""
        whole, places = np.full(1 << bits, _NOTHING), (self.low + np.arange(len(self.table))) % (1 << bits)
        whole[places] = self.entries[:-1]
        return np.asarray(read_only(whole))

    def find(self, values: NDArray[Any]) -> Found:
        if len(values) < COMPILED_TABLES_FROM or (self.same and values.dtype == self.table.dtype):
            return self.by_numpy(values)
        words, symbols = words_of(values), np.empty(len(values), self.table.dtype)
        if self.runs is not None and self.runs.shift(words, symbols):
            return symbols, None
        size, many = words.itemsize, len(values) >= _WHOLE_TABLE_FROM
        entries = self.of_bytes if size == 1 else self.of_words if size == 2 and many else self.entries
        low, most, even = np.uint64(self.low % (1 << 8 * size)), np.uint32(0), 0
        if size == self.table.itemsize == 1 and many:
            even = len(values) & ~1
            most = kernels.look_up(words[:even].view("u2"), low, self.of_pairs, symbols[:even].view("u2"))
        if max(most, kernels.look_up(words[even:], low, entries, symbols[even:])) < _NOTHING:
            return symbols, None
        unknown = np.empty(len(values), np.bool_)
        kernels.look_up(words, low, read_only(entries >> np.uint32(16)), unknown.view(np.uint8))
        return symbols, unknown


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
    ends = np.flatnonzero((shifts[1:] != shifts[:-1]) | (numbers[1:] != numbers[:-1] + 1))
    if len(ends) >= kernels.RUNS:
        return None
    rows = kernels.RUNS if len(ends) else 1
    firsts, lasts = np.full((2, rows), len(numbers) - 1)
    firsts[0], firsts[1 : len(ends) + 1], lasts[: len(ends)] = 0, ends + 1, ends
    firsts[len(ends) + 1 :] = firsts[len(ends)]
    return _Runs(low, numbers[firsts], numbers[lasts], shifts[firsts])


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
        of_both = (pairs[: 1 << 16] + pairs[_APART:]).reshape(256, 256)
        counts = of_both.sum(axis=0, dtype=np.int64) + of_both.sum(axis=1, dtype=np.int64)
        counts += np.bincount(words[whole:], minlength=256)
    else:
        tables = np.zeros((4, size), np.uint32)
        kernels.count_low(words, tables)
        counts = tables.sum(axis=0, dtype=np.int64)
    counts = np.roll(counts, -(low % size)) if low % size else counts
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
