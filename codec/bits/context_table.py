"""The tables by which the fast engines code in context: those of a single code, row by row.

In a canonical code, filled up on the right to 32 bits, the codewords of one length are consecutive numbers and longer
ones are larger. So row by row, one limit for each length tells the length of a codeword, and a subtraction its symbol.
Short codewords are found in one look-up, of the row and the next bits; the entry 0 leads to the limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.bits.decode_table import BROKEN, CODE_BITS
from codec.codes.context import ContextCode

MAX_ENTRIES = 1 << 18  # of a table for decoding, so that it stays in the cache
MIN_ENTRIES = 1 << 12
MAX_CELLS = 1 << 22  # of a table for encoding
MAX_CONTEXT_WIDTH = 12
LENGTH_BITS = 8  # of an entry: length in its 8 lowest bits, symbol above


@dataclass(frozen=True, eq=False)
class ContextDecodeTable:
    """A code in context, prepared for decoding.

    Attributes
    ----------
    width : int
        Bits looked up at once.
    entries : uint32 array, (rows * 2 ** width,)
        ``symbol << 8 | length``, or 0 if the next bits hold no whole codeword.
    limits : uint64 array, (rows, 33)
        One more than the last codeword of at most so many bits, filled up to 32.
    first_ranks : int64 array, (rows, 33)
        The rank of the first codeword of so many bits.
    ranked_symbols : uint8 or uint16 array, (c,)
        The symbols in the order of row and codeword.
    row_of : int64 array, (n,)
    """

    width: int
    entries: NDArray[np.uint32]
    limits: NDArray[np.uint64]
    first_ranks: NDArray[np.int64]
    ranked_symbols: NDArray[Any]
    row_of: NDArray[np.int64]


def build_context_table(code: ContextCode, count: int) -> ContextDecodeTable:
    """Prepare a code in context for decoding blocks of about `count` symbols: an entry costs about as much as one."""
    rows = len(code.contexts) + 1
    longest = int(code.lengths.max(initial=1))
    affordable = min(MAX_ENTRIES, max(count, MIN_ENTRIES)) // rows
    width = max(1, min(longest, MAX_CONTEXT_WIDTH, affordable.bit_length() - 1))
    order = np.lexsort((code.symbols, code.lengths, code.rows))
    ranked_rows, lengths = code.rows[order], code.lengths[order]
    per_length = np.bincount(ranked_rows * (CODE_BITS + 1) + lengths, minlength=rows * (CODE_BITS + 1))
    numbers = per_length.reshape(rows, CODE_BITS + 1)
    sizes = numbers << np.arange(CODE_BITS, -1, -1)
    ranks = np.cumsum(per_length).reshape(rows, CODE_BITS + 1) - numbers
    filled = code.codewords[order].astype(np.int64) << CODE_BITS - lengths

    short = np.flatnonzero(lengths <= width)
    covered = np.left_shift(1, width - lengths[short])
    first = (ranked_rows[short] << width) + (filled[short] >> CODE_BITS - width)
    inside = np.arange(int(covered.sum())) - np.repeat(np.cumsum(covered) - covered, covered)
    entries = np.zeros(rows << width, np.uint32)
    entry = code.symbols[order][short] << LENGTH_BITS | lengths[short]
    entries[np.repeat(first, covered) + inside] = np.repeat(entry, covered)
    return ContextDecodeTable(
        width=width,
        entries=entries,
        limits=np.cumsum(sizes, axis=1).astype(np.uint64),
        first_ranks=ranks,
        ranked_symbols=code.symbols[order].astype(np.uint8 if len(code) <= 256 else np.uint16),
        row_of=code.row_of,
    )


def decode_by_limits(
    table: ContextDecodeTable, rows: NDArray[np.int64], prefixes: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The symbol at the front of each 32 bits, in its row, and its length; `BROKEN` bits where there is no codeword."""
    below = prefixes[:, None] < table.limits[rows]
    found = below[:, -1]
    lengths = below.argmax(axis=1)
    floors = table.limits[rows, np.maximum(lengths - 1, 0)]
    ranks = table.first_ranks[rows, lengths] + ((prefixes - floors) >> (CODE_BITS - lengths).astype(np.uint64)).astype(
        np.int64
    )
    symbols = table.ranked_symbols.take(np.where(found, ranks, 0), mode="clip").astype(np.int64)
    return symbols, np.where(found, lengths, BROKEN)


@dataclass(frozen=True, eq=False)
class ContextEncodeTable:
    """A code in context, prepared for encoding.

    Attributes
    ----------
    code : ContextCode
    cells : uint64 array, (rows * n,), or (0,) if that would be too many
        ``codeword << 6 | length`` of each pair of row and symbol.
    """

    code: ContextCode
    cells: NDArray[np.uint64]

    def entries_of(self, rows: NDArray[np.int64], symbols: NDArray[Any]) -> NDArray[np.uint64]:
        """``codeword << 6 | length`` for each symbol in its row."""
        if len(self.cells):
            return np.asarray(self.cells.take(rows * len(self.code) + symbols))
        return pack_codewords(self.code)[self.code.places_of(rows, symbols)]


def pack_codewords(code: ContextCode) -> NDArray[np.uint64]:
    """``codeword << 6 | length`` for each codeword."""
    return code.codewords << np.uint64(6) | code.lengths.astype(np.uint64)


def build_context_codewords(code: ContextCode, count: int) -> ContextEncodeTable:
    """Prepare a code in context for encoding, whatever the count of symbols."""
    size = (len(code.contexts) + 1) * len(code)
    cells = np.zeros(size if size <= MAX_CELLS else 0, np.uint64)
    if len(cells):
        cells[code.rows * len(code) + code.symbols] = pack_codewords(code)
    return ContextEncodeTable(code, cells)
