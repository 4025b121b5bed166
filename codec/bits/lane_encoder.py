"""Encoding in NumPy.

Key observations:

* Two or four symbols of a small alphabet, side by side in memory, are the index of one table entry that
  holds their joined codewords. The entry has the bits at the left of a word and their number in its 6
  lowest bits.
* Such units are joined further into *pieces* as long as the longest possible piece has 58 bits: shift the
  next unit right by the bits that are there, and put it in. Its own length, 6 bits at the right end, can
  never leave them.
* A running sum of the lengths gives each piece its place. A piece touches at most two words. Bits of
  different pieces never meet, so the first parts of all pieces that begin in one word may be *added*
  instead of ORed, and the sum for every word is the difference of two running sums, modulo 2**64. Only the
  last piece that begins in a word can spill into the next one. As no piece is longer than a word, some
  piece begins in every word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.canonical import canonical_codewords

WORD_BITS = 64
PIECE_BITS = 58  # the longest piece
MAX_UNITS = 4  # in a piece
PAIRED_ENCODING_FROM = 1 << 16  # symbols from which on a table of pairs pays
CHUNK_SYMBOLS = 1 << 17  # encoded at a time, so that all that is needed stays in the cache
LENGTH_MASK = np.uint64(63)


@dataclass(frozen=True, eq=False)
class EncodeTable:
    """A canonical code, prepared for encoding.

    Attributes
    ----------
    entries : uint64 array
        For every unit of `unit` symbols, the codewords joined at the left; their length in the 6 lowest bits.
    unit : int
        Symbols in a unit: 1, 2 or 4.
    units : int
        Units in a piece.
    symbol_bits : int
        If `unit` is 4: bits of a symbol, 1..4.
    singles : uint64 array (n,)
        The entries of single symbols.
    longest : int
        Length of the longest codeword in bits, at least 1.
    """

    entries: NDArray[np.uint64]
    unit: int
    units: int
    symbol_bits: int
    singles: NDArray[np.uint64]
    longest: int


def build_encode_table(lengths: NDArray[Any], count: int) -> EncodeTable:
    """Prepare a canonical code for encoding about `count` symbols (a larger table pays only for many)."""
    lengths = np.asarray(lengths).astype(np.uint64)
    longest = max(int(lengths.max(initial=0)), 1)
    singles = canonical_codewords(lengths) << np.uint64(WORD_BITS) - lengths | lengths
    alphabet = int(np.flatnonzero(lengths)[-1]) + 1 if lengths.any() else 1
    symbol_bits = max((alphabet - 1).bit_length(), 1)
    entries = singles
    unit = 1
    if len(lengths) <= 256:
        if symbol_bits <= 4 and 4 * longest <= PIECE_BITS and count >= min(1 << 4 * symbol_bits, PAIRED_ENCODING_FROM):
            unit = 4
            entries = _pair_up(_pair_up(entries, 1 << symbol_bits), 1 << 2 * symbol_bits)
        elif 2 * longest <= PIECE_BITS and count >= PAIRED_ENCODING_FROM:
            unit = 2
            entries = _pair_up(entries, 256)
    units = min(max(PIECE_BITS // (unit * longest), 1), MAX_UNITS)
    return EncodeTable(entries, unit, units, symbol_bits, singles, longest)


def _pair_up(entries: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """Return the entries of all pairs of the first `size` units; the first is the low half of the index."""
    first = np.zeros(size, np.uint64)
    first[: min(size, len(entries))] = entries[:size]
    second = first[:, None]
    widths = first & LENGTH_MASK
    pairs: NDArray[np.uint64] = (first ^ widths) | (second ^ widths[:, None]) >> widths
    pairs |= widths + widths[:, None]
    return pairs.reshape(-1)


def encode(symbols: NDArray[Any], table: EncodeTable, lane: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Encode an array.

    Parameters
    ----------
    symbols : uint8 or uint16 array (count,)
        Every one has a codeword.
    table : EncodeTable
    lane : int
        Symbols in a lane, at least 1.

    Returns
    -------
    payload : uint8 array
        The bitstream, filled up with zero bits.
    lane_bits : int64 array (ceil(count / lane),)
        The length of every lane in bits.
    """
    count = len(symbols)
    symbols = np.ascontiguousarray(symbols)
    lane_starts = np.zeros(-(-count // lane) + 1, np.int64)
    words = np.empty(count * table.longest // WORD_BITS + 2, np.uint64)
    words[0] = 0
    piece = table.unit * table.units
    chunk = max(CHUNK_SYMBOLS // piece, 1) * piece
    total = 0
    for begin in range(0, count, chunk):
        part = symbols[begin : begin + chunk]
        bits, widths = _pieces(part, table)
        ends = np.cumsum(widths)
        ends += total
        starts = ends - widths
        numbers = np.arange(-(-begin // lane), -(-(begin + len(part)) // lane))
        lane_starts[numbers] = _bit_positions(numbers * lane - begin, part, starts, table)
        place_pieces(words, bits, starts)
        total = int(ends[-1])
    lane_starts[-1] = total
    return words_as_payload(words, total), np.diff(lane_starts)


def words_as_payload(words: NDArray[np.uint64], bits: int) -> NDArray[np.uint8]:
    """Return the bytes of the first bits."""
    return words[: -(-bits // WORD_BITS)].astype(">u8").view(np.uint8)[: -(-bits // 8)]


def _pieces(symbols: NDArray[Any], table: EncodeTable) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return pieces, at the left of a word, and their lengths. What fills no piece is a piece per symbol."""
    piece = table.unit * table.units
    whole = len(symbols) // piece * piece
    tail = table.singles[symbols[whole:]]
    units = _unit_indices(symbols[:whole], table).reshape(-1, table.units)
    bits = np.empty(len(units) + len(tail), np.uint64)
    widths = np.empty_like(bits)
    bits[len(units) :] = tail
    widths[len(units) :] = tail & LENGTH_MASK

    joined, width = bits[: len(units)], widths[: len(units)]
    following, extra = np.empty_like(joined), np.empty_like(joined)
    table.entries.take(units[:, 0].astype(np.intp), out=joined, mode="clip")
    np.bitwise_and(joined, LENGTH_MASK, out=width)
    for column in range(1, table.units):
        table.entries.take(units[:, column].astype(np.intp), out=following, mode="clip")
        np.bitwise_and(following, LENGTH_MASK, out=extra)
        np.right_shift(following, width, out=following)
        np.bitwise_or(joined, following, out=joined)
        np.add(width, extra, out=width)
    np.bitwise_and(bits, ~LENGTH_MASK, out=bits)
    return bits, widths.view(np.int64)


def _unit_indices(symbols: NDArray[Any], table: EncodeTable) -> NDArray[Any]:
    """Return the index of every unit in the table."""
    if table.unit == 1:
        return symbols
    if table.unit == 2:
        return symbols.view("<u2")
    # Close the gaps between four symbols that fill only the low `symbol_bits` of their bytes.
    bits = table.symbol_bits
    pair = (1 << 2 * bits) - 1
    packed: NDArray[np.uint32] = symbols.view("<u4")
    packed = (packed | packed >> np.uint32(8 - bits)) & np.uint32(pair << 16 | pair)
    packed = (packed | packed >> np.uint32(16 - 2 * bits)) & np.uint32((1 << 4 * bits) - 1)
    return packed


def _bit_positions(
    offsets: NDArray[np.int64], symbols: NDArray[Any], starts: NDArray[np.int64], table: EncodeTable
) -> NDArray[np.int64]:
    """Return the bit positions at which the symbols number `offsets` start, given those of the pieces."""
    piece = table.unit * table.units
    whole = len(symbols) // piece * piece
    pieces = np.where(offsets < whole, offsets // piece, whole // piece + offsets - whole)
    positions = starts[pieces]
    inside = np.where(offsets < whole, offsets % piece, 0)
    for back in range(1, int(inside.max(initial=0)) + 1):
        later = np.flatnonzero(inside >= back)
        positions[later] += (table.singles[symbols[offsets[later] - back]] & LENGTH_MASK).view(np.int64)
    return positions


def place_pieces(words: NDArray[np.uint64], bits: NDArray[np.uint64], starts: NDArray[np.int64]) -> None:
    """Write consecutive pieces to their places. The first word has been begun, what follows is undefined."""
    shifts = (starts & 63).view(np.uint64)
    indices = starts >> 6
    sums = np.cumsum(bits >> shifts, dtype=np.uint64)
    last = np.append(np.flatnonzero(indices[1:] != indices[:-1]), len(bits) - 1)  # that begin in each word
    begin = int(indices[0])
    end = begin + len(last)
    words[begin] |= sums[last[0]]
    np.subtract(sums[last[1:]], sums[last[:-1]], out=words[begin + 1 : end])
    spilt = bits[last] << np.uint64(WORD_BITS) - shifts[last]
    words[begin + 1 : end] |= spilt[:-1]
    words[end] = spilt[-1]
