"""Decoding in NumPy.

Key observations:

* If every look-up gives the *same* number of symbols (one; or two or four if the longest codeword is short
  enough, two also if longer pairs are rare), then all lanes are always at the same symbol. Nothing is ever
  compared, masked or scattered: step by step one word of 8 symbols per lane is filled, whatever the bit
  position of each lane.
* 64 bits of every lane, fetched from two words and shifted into place, last for several look-ups: the
  index is the top of the word, and a shift drops the bits used.
* Nothing on the way needs a check. A lane that reads past its end or meets what is no codeword (`BROKEN`)
  reads something else instead, and in the end is not where it should be.
* With few lanes, calls of half a microsecond would cost more than the work. Then bitarray walks through the tree of
  the code, lane after lane.
"""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
from bitarray import bitarray
from numpy.typing import NDArray

from codec.bits.decode_table import CODE_BITS, SYMBOL_FIELD, WIDTH_SHIFT, DecodeTable, build_decode_table
from codec.errors import DamagedError, counted

WORD_BITS = 64
TILE_WORDS = 8  # a cache line of each lane is written at a time
LARGE_TABLE_FROM = 1 << 20  # symbols from which on a large table pays
MAX_SLOW_SYMBOLS = 2.0**-15  # share of escapes that does not matter
WIDE_PAIRS_FROM = 8_000_000  # symbols from which on the largest table of pairs pays
MAX_PAIRS_WIDTH = 18  # its index in bits
MAX_SLOW_PAIRS = 2.0**-16  # share of pairs beyond it that does not matter: each is decoded in two steps
FEW_LANES = 80  # below, to decode them one after the other is quicker

# A 0-dimensional array is a cheaper operand than a NumPy scalar, by a third of a microsecond.
_SIX, _SIXTY_THREE, _SIXTY_FOUR = (np.array(value, np.uint64) for value in (6, 63, 64))


def prepare(lengths: NDArray[Any], count: int) -> DecodeTable:
    """Choose a table for decoding about `count` symbols."""
    lengths = np.asarray(lengths)
    longest = max(int(lengths.max(initial=0)), 1)
    widest = 16 if count >= LARGE_TABLE_FROM else 12
    for group in (4, 2):
        if group * longest <= widest and (group == 2 or len(lengths) <= 256):
            return build_decode_table(lengths, group * longest, group, exact=True)
    # The share of the stream that codewords longer than the index take, if it suits the code.
    shares = np.bincount(lengths, minlength=CODE_BITS + 1) * 0.5 ** np.arange(CODE_BITS + 1)
    if (
        count >= WIDE_PAIRS_FROM
        and longest <= widest
        and np.convolve(shares, shares)[MAX_PAIRS_WIDTH + 1 :].sum() <= MAX_SLOW_PAIRS
    ):
        return build_decode_table(lengths, MAX_PAIRS_WIDTH, 2, exact=True)
    index_bits = min(longest, 12)
    while index_bits < min(longest, widest + 3) and shares[index_bits + 1 :].sum() > MAX_SLOW_SYMBOLS:
        index_bits += 1
    return build_decode_table(lengths, index_bits, 1)


def decode(
    payload: Any,
    lane_bits: NDArray[Any],
    count: int,
    table: DecodeTable,
    lane: int,
    gaps: NDArray[np.int64] | None = None,
) -> NDArray[Any]:
    """Decode an array.

    Parameters
    ----------
    payload : bytes-like or uint8 array
        The bitstream.
    lane_bits : integer array (ceil(count / lane),)
        The length of every lane in bits.
    count : int
        Number of symbols.
    table : DecodeTable
        What `prepare` made of the lengths of the codewords.
    lane : int
        Symbols in a lane, at least 1.
    gaps : int64 array (ceil(count / lane),), optional
        Bits between the end of each lane and the next, which are skipped: the padding between several bitstreams.

    Returns
    -------
    uint8 or uint16 array (count,)

    Raises
    ------
    DamagedError
        Unless every lane is made of just so many codewords, whatever the arguments hold.
    """
    dtype = table.ranked_symbols.dtype
    starts, ends = lane_bounds(payload, lane_bits, count, lane, gaps)
    if count == 0:
        return np.zeros(0, dtype)
    if not len(table.ranked_symbols):
        raise DamagedError(f"the block has {counted(count, 'symbol')}, but the code has no codewords")
    total = int(ends[-1])
    lane = min(lane, count)
    last = count - (len(starts) - 1) * lane
    if len(starts) < FEW_LANES:
        return _decode_in_turn(payload, starts, ends, table, lane, last)
    words, step = words_of(payload, total), WORD_BITS // table.symbol_bits
    result, positions = _decode_in_step(words, starts, table, lane // step, last // step)
    symbols = np.empty((len(starts), lane), dtype) if lane % step else result
    if lane % step:
        symbols[:, : lane // step * step] = result
    for part, size in ((slice(0, -1), lane), (slice(-1, None), last)):
        for place in range(size // step * step, size):
            symbols[part, place], widths = _decode_one(words, positions[part], table)
            positions[part] += widths
    wrong = np.flatnonzero(positions != ends)
    if len(wrong):
        raise DamagedError(f"the bits of lane {wrong[0]} are not the codewords of as many symbols as it has")
    return symbols.reshape(-1)[:count]


def lane_bounds(
    payload: Any, lane_bits: NDArray[Any], count: int, lane: int, gaps: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the bit positions at which the lanes start and end; see `decode`."""
    lane_bits = np.asarray(lane_bits)
    if count < 0 or lane_bits.shape != (-(-count // lane),) or lane_bits.dtype.kind not in "iu":
        raise DamagedError(f"the lengths of the lanes are not those of {counted(count, 'symbol')} by {lane}")
    if count and not 0 <= int(lane_bits.min()) <= int(lane_bits.max()) <= CODE_BITS * lane:
        raise DamagedError(f"a lane has not between 0 and {CODE_BITS * lane} bits")
    ends = np.cumsum(lane_bits, dtype=np.int64)
    if gaps is not None:
        ends += np.cumsum(gaps) - gaps
    total = int(ends[-1]) if count else 0
    size = memoryview(payload).nbytes
    if not count <= total <= 8 * size:
        raise DamagedError(
            f"{counted(count, 'symbol')} cannot have {counted(total, 'bit')} in a payload of {counted(size, 'byte')}"
        )
    return ends - lane_bits.astype(np.int64), ends


def words_of(payload: Any, bits: int) -> NDArray[np.uint64]:
    """Return the payload as words, followed by at least two words of zeros."""
    size = -(-bits // 8)
    words = np.zeros(size // 8 + 3, ">u8")
    words.view(np.uint8)[:size] = np.frombuffer(payload, np.uint8)[:size]
    return words.astype(np.uint64)


def fetch_windows(
    words: NDArray[np.uint64],
    positions: NDArray[np.uint64],
    windows: NDArray[np.uint64],
    scratch: tuple[NDArray[np.uint64], NDArray[np.uint64]],
) -> None:
    """Fetch the 64 bits at each position. Beyond the end they are arbitrary."""
    index, following = scratch
    np.right_shift(positions, _SIX, index)
    words.take(index.view(np.int64), None, windows, "clip")
    words[1:].take(index.view(np.int64), None, following, "clip")
    np.bitwise_and(positions, _SIXTY_THREE, index)
    np.left_shift(windows, index, windows)
    np.subtract(_SIXTY_FOUR, index, index)
    np.right_shift(following, index, following)
    np.bitwise_or(windows, following, windows)


def windows_at(words: NDArray[np.uint64], positions: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the 64 bits at each position. Beyond the end they are arbitrary."""
    windows, index, following = np.empty((3, len(positions)), np.uint64)
    fetch_windows(words, positions.view(np.uint64), windows, (index, following))
    return windows


def _decode_in_step(
    words: NDArray[np.uint64], starts: NDArray[np.int64], table: DecodeTable, rows: int, last_rows: int
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Decode `rows` words of symbols in every lane, but `last_rows` in the last one.

    Returns
    -------
    symbols : uint8 or uint16 array (lanes, symbols in rows)
    positions : int64 array (lanes,)
        The bit positions reached.
    """
    packed = np.empty((len(starts), rows), np.uint64)
    positions = starts.copy()
    _decode_rows(words, positions, table, packed[:, :last_rows])
    _decode_rows(words, positions[:-1], table, packed[:-1, last_rows:])
    return packed.astype("<u8", copy=False).view(table.ranked_symbols.dtype), positions


def _decode_rows(
    words: NDArray[np.uint64], positions: NDArray[np.int64], table: DecodeTable, packed: NDArray[np.uint64]
) -> None:
    """Decode as many words of symbols in every lane as `packed` has columns, and advance the positions."""
    lanes, rows = packed.shape
    if not lanes:
        return
    shifts = [np.array(shift, np.uint64) for shift in range(0, WORD_BITS, table.group * table.symbol_bits)]
    index_shift = np.array(WORD_BITS - table.index_bits, np.uint64)
    width_shift = np.array(WIDTH_SHIFT, np.uint64)
    symbol_mask = np.array((1 << SYMBOL_FIELD) - 1, np.uint64)
    index, entries, widths, windows = np.empty((4, lanes), np.uint64)
    signed_index = index.view(np.int64)
    places = positions.view(np.uint64)
    tile = np.empty((TILE_WORDS, lanes), np.uint64)
    left = 0  # look-ups for which the windows still last
    for column in range(0, rows, TILE_WORDS):
        part = tile[: rows - column]
        for row in part:
            for shift in shifts:
                if not left:
                    fetch_windows(words, places, windows, (index, entries))
                    left = WORD_BITS // table.index_bits
                left -= 1
                np.right_shift(windows, index_shift, index)
                table.entries.take(signed_index, None, entries, "clip")
                np.right_shift(entries, width_shift, widths)
                np.add(places, widths, places)
                np.left_shift(windows, widths, windows)
                if table.escapes and not widths[widths.argmin()]:  # twice as fast as min
                    escaped = np.flatnonzero(widths == 0)
                    entries[escaped], positions[escaped] = _decode_group(words, positions[escaped], table)
                    windows[escaped] = windows_at(words, positions[escaped])
                if shift is shifts[0]:
                    np.bitwise_and(entries, symbol_mask, row)
                else:
                    # This pushes count and width out of the word.
                    np.left_shift(entries, shift, entries)
                    np.bitwise_or(row, entries, row)
        packed[:, column : column + TILE_WORDS] = part.T


def _decode_in_turn(
    payload: Any, starts: NDArray[np.int64], ends: NDArray[np.int64], table: DecodeTable, lane: int, last: int
) -> NDArray[Any]:
    """Decode `lane` symbols in every lane, but `last` in the last one, symbol after symbol."""
    bits = bitarray(bytes(payload))
    symbols = np.empty((len(starts) - 1) * lane + last, table.ranked_symbols.dtype)
    for number, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        room = symbols[number * lane : number * lane + lane]
        with contextlib.suppress(ValueError):  # what bitarray raises for what is no codeword
            found = bits[start:end].decode(table.tree)
            decoded = np.frombuffer(bytes(found), np.uint8) if room.itemsize == 1 else np.fromiter(found, room.dtype)
            if len(decoded) == len(room):
                room[:] = decoded
                continue
        raise DamagedError(f"the bits of lane {number} are not the codewords of as many symbols as it has")
    return symbols


def _decode_group(
    words: NDArray[np.uint64], positions: NDArray[np.int64], table: DecodeTable
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Decode as many symbols as an entry holds; return them packed as in one, and the positions reached."""
    packed = np.zeros(len(positions), np.uint64)
    for number in range(table.group):
        symbols, widths = _decode_one(words, positions, table)
        packed |= symbols.astype(np.uint64) << np.uint64(number * table.symbol_bits)
        positions = positions + widths
    return packed, positions


def _decode_one(
    words: NDArray[np.uint64], positions: NDArray[np.int64], table: DecodeTable
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Decode one symbol at each position without the table; return the symbols and the bits they take."""
    numbers = windows_at(words, positions) >> np.uint64(WORD_BITS - CODE_BITS)
    kinds = np.searchsorted(table.limits, numbers, side="right")
    widths = table.used_lengths[kinds]
    ranks = (numbers - table.floors[kinds]) >> np.maximum(CODE_BITS - widths, 0).view(np.uint64)
    return table.ranked_symbols.take(table.first_ranks[kinds] + ranks.view(np.int64), mode="clip"), widths
