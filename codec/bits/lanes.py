"""Huffman coding in NumPy, many lanes in step."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.errors import DamagedError

from codec.bits.decode_table import *
from codec.bits.decode_table import SYMBOL_FIELD, CODE_BITS

WORD_BITS = 64
PIECE_BITS = 58  # the longest piece: its length stands in the other 6 bits of the word
CHUNK_SYMBOLS = 1 << 17
_SIX, _SIXTY_THREE, _SIXTY_FOUR = (np.array(value, np.uint64) for value in (6, 63, 64))


# ---------------------------------------------------------------- encoding


@dataclass(frozen=True, eq=False)
class EncodeTable:
    """Codewords of one or of several consecutive symbols, `unit` of them, for encoding."""

    entries: NDArray[np.uint64]
    unit: int
    units: int
    symbol_width: int
    lengths: NDArray[np.int64]


def build_encode_table(lengths: NDArray[Any], count: int) -> EncodeTable:
    """Prepare a canonical code for encoding about `count` symbols."""
    lengths = np.asarray(lengths).astype(np.int64)
    longest = max(int(lengths.max(initial=0)), 1)
    left = np.uint64(WORD_BITS) - lengths.astype(np.uint64)
    entries = canonical_codewords(lengths) << left | lengths.astype(np.uint64)
    used = int(np.flatnonzero(lengths)[-1]) + 1 if lengths.any() else 1
    symbol_width = max((used - 1).bit_length(), 1)
    unit = 1
    if len(lengths) <= 256:
        if symbol_width <= 4 and 4 * longest <= PIECE_BITS and count >> 4 * symbol_width:
            unit = 4
            entries = _pair_up(_pair_up(entries, 1 << symbol_width), 1 << 2 * symbol_width)
        elif 2 * longest <= PIECE_BITS and count >= 1 << 16:
            unit = 2
            symbol_width = 8
            entries = _pair_up(entries, 256)
    return EncodeTable(entries, unit, max(PIECE_BITS // (unit * longest), 1), symbol_width, lengths)


def _pair_up(entries: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    padded = np.zeros(size, np.uint64)
    padded[: min(size, len(entries))] = entries[:size]
    widths = padded & np.uint64(63)
    bits = padded ^ widths
    # The first symbol of a pair is the low half of its index.
    return ((bits[None, :] | bits[:, None] >> widths[None, :]) + (widths[None, :] + widths[:, None])).reshape(-1)


def encode(
    symbols: NDArray[Any], lengths: "NDArray[Any] | EncodeTable", lane: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Encode `symbols`; return the payload and the bits of every lane."""
    count = len(symbols)
    table = lengths if isinstance(lengths, EncodeTable) else build_encode_table(lengths, count)
    lane_starts = np.zeros(-(-count // lane) + 1, np.int64)
    if count == 0:
        return np.zeros(0, np.uint8), lane_starts[1:]
    symbols = np.ascontiguousarray(symbols)
    longest = max(int(table.lengths.max(initial=0)), 1)
    words = np.empty(count * longest // WORD_BITS + 2, np.uint64)
    words[0] = 0
    piece = table.unit * table.units
    chunk = max(CHUNK_SYMBOLS // piece, 1) * piece
    total = 0
    for first in range(0, count, chunk):
        part = symbols[first : first + chunk]
        bits, widths = _pieces(part, table)
        ends = np.cumsum(widths)
        ends += total
        starts = ends - widths
        boundaries = np.arange(-(-first // lane), -(-(first + len(part)) // lane))
        lane_starts[boundaries] = _bit_positions(boundaries * lane - first, part, starts, table)
        _place(words, bits, starts)
        total = int(ends[-1])
    lane_starts[-1] = total
    payload = words[: -(-total // WORD_BITS)].astype(">u8").view(np.uint8)[: -(-total // 8)]
    return payload, np.diff(lane_starts)


def _pieces(symbols: NDArray[Any], table: EncodeTable) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Join the codewords of `symbols` into pieces of at most 58 bits; return them, at the left of a word, and
    their lengths."""
    piece = table.unit * table.units
    whole = len(symbols) // piece * piece
    indices = _unit_indices(symbols[:whole], table).reshape(-1, table.units)
    count = len(indices)
    tail = symbols[whole:].astype(np.intp)
    bits = np.empty(count + len(tail), np.uint64)
    widths = np.empty(count + len(tail), np.uint64)
    head, head_widths = bits[:count], widths[:count]
    table.entries.take(indices[:, 0].astype(np.intp), out=head, mode="clip")
    np.bitwise_and(head, 63, out=head_widths)
    following = np.empty_like(head)
    extra = np.empty_like(head)
    for column in range(1, table.units):
        table.entries.take(indices[:, column].astype(np.intp), out=following, mode="clip")
        np.bitwise_and(following, 63, out=extra)
        np.right_shift(following, head_widths, out=following)
        np.bitwise_or(head, following, out=head)
        np.add(head_widths, extra, out=head_widths)
    # A unit's own length, in its 6 lowest bits, never gets out of them.
    np.bitwise_and(head, ~np.uint64(63), out=head)
    if len(tail):
        tail_widths = table.lengths[tail]
        order = canonical_codewords(table.lengths)
        bits[count:] = order[tail] << (WORD_BITS - tail_widths).astype(np.uint64)
        widths[count:] = tail_widths
    return bits, widths.view(np.int64)


def _unit_indices(symbols: NDArray[Any], table: EncodeTable) -> NDArray[Any]:
    if table.unit == 1:
        return symbols
    if table.unit == 2:
        return symbols.view("<u2")
    packed = symbols.view("<u4")
    width = table.symbol_width
    low = (1 << 2 * width) - 1
    packed = (packed | packed >> (8 - width)) & np.uint32(low << 16 | low)
    return (packed | packed >> (16 - 2 * width)) & np.uint32((1 << 4 * width) - 1)


def _bit_positions(
    offsets: NDArray[np.int64], symbols: NDArray[Any], starts: NDArray[np.int64], table: EncodeTable
) -> NDArray[np.int64]:
    """Return the bit positions at which the symbols number `offsets` start."""
    piece = table.unit * table.units
    whole = len(symbols) // piece
    indices = np.minimum(offsets // piece, whole) + np.maximum(offsets - whole * piece, 0)
    inside = np.where(offsets < whole * piece, offsets % piece, 0)
    positions = starts[indices]
    for back in range(1, piece):
        late = np.flatnonzero(inside >= back)
        positions[late] += table.lengths[symbols[offsets[late] - back]]
    return positions


def _place(words: NDArray[np.uint64], bits: NDArray[np.uint64], starts: NDArray[np.int64]) -> None:
    """Write pieces, given their bit positions, over the words; the first word may be begun already."""
    shifts = (starts & 63).view(np.uint64)
    indices = starts >> 6
    sums = np.cumsum(bits >> shifts, dtype=np.uint64)
    last = np.append(np.flatnonzero(indices[1:] != indices[:-1]), len(bits) - 1)
    first = int(indices[0])
    upto = first + len(last)
    begun = words[first]
    np.subtract(sums[last[1:]], sums[last[:-1]], out=words[first + 1 : upto])
    words[first] = begun | sums[last[0]]
    spilt = bits[last] << (np.uint64(WORD_BITS) - shifts[last])
    words[first + 1 : upto] |= spilt[:-1]
    words[upto] = spilt[-1]


# ---------------------------------------------------------------- decoding


def prepare(lengths: NDArray[Any], count: int = 1 << 22) -> DecodeTable:
    """Choose index width and group for decoding about `count` symbols."""
    lengths = np.asarray(lengths)
    longest = max(int(lengths.max(initial=0)), 1)
    if 2 * longest <= 12:
        return build_decode_table(lengths, 2 * longest, 2, exact=True)
    return build_decode_table(lengths, min(longest, 14), 1)


def decode(
    payload: Any, lane_bits: NDArray[Any], count: int, lengths: "NDArray[Any] | DecodeTable", lane: int
) -> NDArray[Any]:
    """Decode `count` symbols; raise DamagedError unless every lane ends where it should."""
    table = lengths if isinstance(lengths, DecodeTable) else prepare(lengths, count)
    dtype = table.ranked_symbols.dtype
    starts, ends = _lane_bounds(payload, lane_bits, count, lane)
    if count == 0:
        return np.zeros(0, dtype)
    if not len(table.ranked_symbols):
        raise DamagedError("symbols without a codeword")
    words = _words(payload, int(ends[-1]))
    lanes = len(starts)
    last = count - (lanes - 1) * lane
    per_word = WORD_BITS // table.symbol_bits
    packed = np.empty((lanes, -(-lane // per_word)), np.uint64)
    positions = starts.copy()
    begin = 0
    for active, stop in ((lanes, last // per_word), (lanes - 1, lane // per_word)):
        if active:
            _decode_rows(words, positions[:active], table, packed[:active, begin:stop])
        begin = stop
    result = packed.view(dtype)
    for part, size in ((slice(0, lanes - 1), lane), (slice(lanes - 1, lanes), last)):
        for place in range(size // per_word * per_word, size):
            symbols, widths = _decode_one(words, positions[part], table)
            result[part, place] = symbols
            positions[part] += widths
    if not np.array_equal(positions, ends):
        raise DamagedError("a lane does not end at the end of its bits")
    return result[:, :lane].reshape(-1)[:count]


def _lane_bounds(
    payload: Any, lane_bits: NDArray[Any], count: int, lane: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    lane_bits = np.asarray(lane_bits)
    if count < 0 or lane_bits.shape != (-(-count // lane),) or lane_bits.dtype.kind not in "iu":
        raise DamagedError("the lanes do not match the number of symbols")
    if count and not 0 <= int(lane_bits.min()) <= int(lane_bits.max()) <= CODE_BITS * lane:
        raise DamagedError("a lane has an impossible number of bits")
    ends = np.cumsum(lane_bits, dtype=np.int64)
    total = int(ends[-1]) if count else 0
    if not count <= total <= 8 * memoryview(payload).nbytes:
        raise DamagedError("the lanes do not match the payload")
    return ends - lane_bits.astype(np.int64), ends


def _words(payload: Any, bits: int) -> NDArray[np.uint64]:
    size = -(-bits // 8)
    words = np.zeros(size // 8 + 3, ">u8")
    words.view(np.uint8)[:size] = np.frombuffer(payload, np.uint8)[:size]
    return words.astype(np.uint64)


def _windows(
    words: NDArray[np.uint64],
    positions: NDArray[np.uint64],
    windows: NDArray[np.uint64],
    scratch: tuple[NDArray[np.uint64], NDArray[np.uint64]],
) -> None:
    """Fetch the 64 bits at each position."""
    index, following = scratch
    np.right_shift(positions, _SIX, index)
    words.take(index.view(np.int64), None, windows, "clip")
    words[1:].take(index.view(np.int64), None, following, "clip")
    np.bitwise_and(positions, _SIXTY_THREE, index)
    np.left_shift(windows, index, windows)
    # A shift by 64 gives 0 in NumPy.
    np.subtract(_SIXTY_FOUR, index, index)
    np.right_shift(following, index, following)
    np.bitwise_or(windows, following, windows)


def _decode_rows(
    words: NDArray[np.uint64], positions: NDArray[np.int64], table: DecodeTable, packed: NDArray[np.uint64]
) -> None:
    lookups_per_window = WORD_BITS // table.index_bits
    lookups_per_row = WORD_BITS // (table.group * table.symbol_bits)
    shifts = [np.array(place * table.group * table.symbol_bits, np.uint64) for place in range(lookups_per_row)]
    index_shift = np.array(WORD_BITS - table.index_bits, np.uint64)
    width_shift = np.array(WIDTH_SHIFT, np.uint64)
    symbols_mask = np.array((1 << SYMBOL_FIELD) - 1, np.uint64)
    index = np.empty(len(positions), np.uint64)
    entries = np.empty_like(index)
    widths = np.empty_like(index)
    windows = np.empty_like(index)
    places = positions.view(np.uint64)
    index_view = index.view(np.int64)
    tile = np.empty((8, len(positions)), np.uint64)
    lookup = 0
    for column in range(0, packed.shape[1], 8):
        rows = tile[: packed.shape[1] - column]
        for row in rows:
            for place, shift in enumerate(shifts):
                if lookup == 0:
                    _windows(words, places, windows, (index, entries))
                    lookup = lookups_per_window
                lookup -= 1
                np.right_shift(windows, index_shift, index)
                table.entries.take(index_view, None, entries, "clip")
                np.right_shift(entries, width_shift, widths)
                if table.escapes and not widths.min():
                    _resolve_escapes(words, positions, table, entries, widths)
                    lookup = 0
                np.left_shift(windows, widths, windows)
                np.add(places, widths, places)
                if place == 0:
                    np.bitwise_and(entries, symbols_mask, row)
                else:
                    np.left_shift(entries, shift, entries)
                    np.bitwise_or(row, entries, row)
        packed[:, column : column + 8] = rows.T


def _resolve_escapes(
    words: NDArray[np.uint64],
    positions: NDArray[np.int64],
    table: DecodeTable,
    entries: NDArray[np.uint64],
    widths: NDArray[np.uint64],
) -> None:
    """Fill in the entries and widths of the lanes whose entry is an escape."""
    escaped = np.flatnonzero(widths == 0)
    begin = positions[escaped]
    place = begin.copy()
    entries[escaped] = 0
    for number in range(table.group):
        symbols, bits = _decode_one(words, place, table)
        entries[escaped] |= symbols.astype(np.uint64) << np.uint64(number * table.symbol_bits)
        place += bits
    widths[escaped] = (place - begin).view(np.uint64)


def _decode_one(
    words: NDArray[np.uint64], positions: NDArray[np.int64], table: DecodeTable
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Decode one symbol at each position by the canonical code itself."""
    windows = np.empty(len(positions), np.uint64)
    _windows(words, positions.view(np.uint64), windows, (np.empty_like(windows), np.empty_like(windows)))
    codes = windows >> np.uint64(WORD_BITS - CODE_BITS)
    kinds = np.searchsorted(table.limits, codes, side="right")
    if kinds.size and int(kinds.max()) == len(table.limits):
        raise DamagedError("bits that are no codeword")
    widths = table.used_lengths[kinds]
    ranks = (codes - table.floors[kinds]) >> (CODE_BITS - widths).astype(np.uint64)
    return table.ranked_symbols[table.first_ranks[kinds] + ranks.astype(np.int64)], widths
