"""Coding in context, in NumPy.

Encoding looks up every symbol in the row of the symbol before it, all at once. Decoding goes symbol by symbol, in all
lanes in step: each knows its own row, and one look-up by row and next bits gives symbol and length.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.bits.context_table import (
    LENGTH_BITS,
    ContextDecodeTable,
    ContextEncodeTable,
    decode_by_limits,
)
from codec.bits.decode_table import CODE_BITS
from codec.bits.lane_decoder import WORD_BITS, fetch_windows, lane_bounds, windows_at, words_of
from codec.bits.lane_encoder import CHUNK_SYMBOLS, LENGTH_MASK, place_pieces, words_as_payload
from codec.errors import DamagedError


def encode_context(
    symbols: NDArray[Any], table: ContextEncodeTable, lane: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Symbols, every one with a codeword in its row -> payload and lane bits; see `codec.bits.reference`."""
    count = len(symbols)
    rows = table.code.rows_at(symbols, lane)
    words = np.empty(count * int(table.code.lengths.max(initial=1)) // WORD_BITS + 2, np.uint64)
    words[0] = 0
    lane_starts = np.zeros(-(-count // lane) + 1, np.int64)
    total = 0
    for begin in range(0, count, CHUNK_SYMBOLS):
        end = min(begin + CHUNK_SYMBOLS, count)
        entries = table.entries_of(rows[begin:end], symbols[begin:end])
        widths = (entries & LENGTH_MASK).view(np.int64)
        ends = np.cumsum(widths) + total
        numbers = np.arange(-(-begin // lane), -(-end // lane))
        lane_starts[numbers] = (ends - widths)[numbers * lane - begin]
        bits = entries >> np.uint64(6) << (WORD_BITS - widths).view(np.uint64)
        place_pieces(words, bits, ends - widths)
        total = int(ends[-1])
    lane_starts[-1] = total
    return words_as_payload(words, total), np.diff(lane_starts)


def decode_context(
    payload: Any,
    lane_bits: NDArray[Any],
    count: int,
    table: ContextDecodeTable,
    lane: int,
    gaps: NDArray[np.int64] | None = None,
) -> NDArray[Any]:
    """The inverse of `encode_context`; DamagedError unless every lane is made of just so many codewords."""
    starts, ends = lane_bounds(payload, lane_bits, count, lane, gaps)
    if count == 0:
        return np.zeros(0, table.ranked_symbols.dtype)
    lane = min(lane, count)
    last = count - (len(starts) - 1) * lane
    words = words_of(payload, int(ends[-1]))
    symbols = np.empty((lane, len(starts)), table.ranked_symbols.dtype)
    positions, rows = starts.copy(), np.zeros(len(starts), np.int64)
    _decode_steps(words, positions, rows, table, symbols[:last])
    _decode_steps(words, positions[:-1], rows[:-1], table, symbols[last:, :-1])
    wrong = np.flatnonzero(positions != ends)
    if len(wrong):
        raise DamagedError(f"the bits of lane {wrong[0]} are not the codewords of as many symbols as it has")
    return np.ascontiguousarray(symbols.T).reshape(-1)[:count]


def _decode_steps(
    words: NDArray[np.uint64],
    positions: NDArray[np.int64],
    rows: NDArray[np.int64],
    table: ContextDecodeTable,
    symbols: NDArray[Any],
) -> None:
    """Decode one symbol in every lane for each row of `symbols`; positions and rows move on in place."""
    if not len(positions):
        return
    windows, index, scratch = np.empty((3, len(positions)), np.uint64)
    places, shift = positions.view(np.uint64), np.uint64(WORD_BITS - table.width)
    left = 0  # look-ups for which the windows still last
    for step in symbols:
        if not left:
            fetch_windows(words, places, windows, (index, scratch))
            left = WORD_BITS // table.width
        left -= 1
        np.right_shift(windows, shift, index)
        entries = table.entries.take((rows << table.width) + index.view(np.int64)).astype(np.int64)
        found, widths = entries >> LENGTH_BITS, entries & (1 << LENGTH_BITS) - 1
        if not widths.all():
            slow = np.flatnonzero(widths == 0)
            prefixes = windows_at(words, positions[slow]) >> np.uint64(WORD_BITS - CODE_BITS)
            found[slow], widths[slow] = decode_by_limits(table, rows[slow], prefixes)
            left = 0
        positions += widths
        if left:
            np.left_shift(windows, widths.view(np.uint64), windows)
        step[:] = found
        table.row_of.take(found, out=rows, mode="clip")
