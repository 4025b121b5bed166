"""The Numba engine: encode and decode blocks of symbols with a canonical Huffman code."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.bits import kernels, lane_context
from codec.bits.context_table import (
    ContextDecodeTable,
    ContextEncodeTable,
    build_context_codewords,
    build_context_table,
)
from codec.bits.decode_table import COUNT_MASK, COUNT_SHIFT, WIDTH_SHIFT, build_decode_table
from codec.codes.canonical import canonical_codewords
from codec.errors import DamagedError

COMPILED_PAIRS_FROM = 1 << 15
"""From so many symbols on the table of all pairs pays."""

SLACK = 8
"""Bytes that a store may reach beyond the end."""


@dataclass(frozen=True, eq=False)
class CompiledTable:
    """A canonical code, prepared for the loops of `kernels`.

    Attributes
    ----------
    width : int
        Bits looked up at once.
    entries : uint32 array (2 ** width,)
        ``count << 30 | bits << 24 | symbols``, or 0 if the window holds no whole codeword.
    lengths : uint8 array (n,)
    canonical : tuple
        ``limits, floors, first_ranks, used_lengths, ranked_symbols`` of the shared DecodeTable.
    """

    width: int
    entries: NDArray[np.uint32]
    lengths: NDArray[np.uint8]
    canonical: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class CodewordTable:
    """A canonical code, prepared for encoding.

    Attributes
    ----------
    codewords : uint64 array (n,)
        ``value << 6 | length in bits``
    pairs : uint32 array (65536,), or (0,) if not used
        The same for the two codewords of ``first | second << 8``, joined.
    longest : int
        Bits of the longest codeword.
    """

    codewords: NDArray[np.uint64]
    pairs: NDArray[np.uint32]
    longest: int


def choose_width(lengths: NDArray[Any], count: int) -> int:
    """Return the bits to look up at once, 1..18, for about ``count`` symbols.

    An entry costs about as much to build as a symbol to decode. Codewords beyond 14 bits leave the fast loop,
    so an alphabet that has many of them gets a wider table and the simple loop.
    """
    longest = int(lengths.max(initial=1))
    affordable = max(8, int(count).bit_length() - 3)
    if longest > kernels.MAX_FAST_WIDTH and affordable > kernels.MAX_FAST_WIDTH:
        per_length = np.bincount(lengths, minlength=longest + 1)
        if float((per_length * 0.5 ** np.arange(longest + 1))[kernels.MAX_FAST_WIDTH + 1 :].sum()) > 0.01:
            return min(longest, affordable, 18)
        return kernels.MAX_FAST_WIDTH
    return min(13 if longest <= 13 else kernels.MAX_FAST_WIDTH, affordable)


def prepare_decode(lengths: NDArray[Any], count: int) -> CompiledTable:
    """Build the table for decoding blocks of about ``count`` symbols."""
    lengths = np.asarray(lengths)
    width = choose_width(lengths, count)
    table = build_decode_table(lengths, width, kernels.MAX_PER_LOOK_UP if len(lengths) <= 256 else 1)
    counts = table.entries >> np.uint64(COUNT_SHIFT) & np.uint64(COUNT_MASK)
    control = counts << np.uint64(6) | table.entries >> np.uint64(WIDTH_SHIFT)
    entries = (control << np.uint64(24)).astype(np.uint32) | table.entries.astype(np.uint32)
    canonical = (table.limits, table.floors, table.first_ranks, table.used_lengths, table.ranked_symbols)
    return CompiledTable(width, entries, lengths.astype(np.uint8), canonical)


def prepare_encode(lengths: NDArray[Any], count: int) -> CodewordTable:
    """Build the table for encoding about ``count`` symbols."""
    lengths = np.asarray(lengths)
    longest = int(lengths.max(initial=0))
    codewords = canonical_codewords(lengths) << np.uint64(6) | lengths.astype(np.uint64)
    paired = len(lengths) <= 256 and longest <= kernels.MAX_PAIRED_LENGTH and count >= COMPILED_PAIRS_FROM
    pairs = np.empty(1 << 16 if paired else 0, np.uint32)
    if paired:
        kernels.pair_codewords(codewords, pairs)
    return CodewordTable(codewords, pairs, longest)


def encode(symbols: NDArray[Any], table: CodewordTable, lane: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Encode symbols that all have a codeword.

    Returns
    -------
    payload : uint8 array (ceil(bits / 8),)
        A view of a longer buffer.
    lane_bits : int64 array (ceil(count / lane),)
    """
    count = len(symbols)
    dtype = np.uint8 if len(table.codewords) <= 256 else np.uint16
    symbols = _read_only(np.require(symbols, dtype, ["C", "A"]))
    lane = max(min(lane, count), 1)
    lane_bits = np.empty(-(-count // lane), np.int64)
    payload = np.empty(count * table.longest // 8 + 2 * SLACK, np.uint8)
    if len(table.pairs):
        kernels.encode_pairs(symbols, table.codewords, table.pairs, lane, payload, lane_bits)
    else:
        kernels.encode_singles(symbols, table.codewords, lane, payload, lane_bits)
    return payload[: -(-int(lane_bits.sum()) // 8)], lane_bits


def decode(
    payload: bytes | memoryview | NDArray[np.uint8],
    lane_bits: NDArray[np.int64],
    count: int,
    table: CompiledTable,
    lane: int,
) -> NDArray[Any]:
    """Decode ``count`` symbols, or raise DamagedError."""
    stream = np.frombuffer(payload, np.uint8)
    starts = _starts_of(stream, lane_bits, count, lane)
    symbols = np.empty(count, table.canonical[-1].dtype)
    lane = max(min(lane, count), 1)
    damaged = kernels.decode_lanes(
        _read_only(stream), starts, count, lane, table.width, table.entries, table.lengths, table.canonical, symbols
    )
    if damaged >= 0:
        raise DamagedError(f"lane {damaged} of the block does not end where its symbols do")
    return symbols


def _starts_of(stream: NDArray[np.uint8], lane_bits: NDArray[np.int64], count: int, lane: int) -> NDArray[np.int64]:
    """The first bit of each lane and the end of the last, all within the stream."""
    bits = 8 * len(stream)
    if count < 0 or len(lane_bits) != -(-count // lane):
        raise DamagedError(f"the block has {len(lane_bits)} lanes, not as many as {count} symbols take")
    if len(lane_bits) and (lane_bits.min() < 0 or lane_bits.max() > bits or not count <= lane_bits.sum() <= bits):
        raise DamagedError("the lanes of the block do not fit its payload")
    starts = np.zeros(len(lane_bits) + 1, np.int64)
    np.cumsum(lane_bits, out=starts[1:])
    return starts


prepare_encode_context = build_context_codewords
prepare_decode_context = build_context_table


def encode_context(
    symbols: NDArray[Any], table: ContextEncodeTable, lane: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Encode in context symbols that all have a codeword; see `encode`. Too many rows and symbols are left to NumPy."""
    if not len(table.cells):
        return lane_context.encode_context(symbols, table, lane)
    count, code = len(symbols), table.code
    symbols = _read_only(np.require(symbols, np.uint8 if len(code) <= 256 else np.uint16, ["C", "A"]))
    lane = max(min(lane, count), 1)
    lane_bits = np.empty(-(-count // lane), np.int64)
    payload = np.empty(count * int(code.lengths.max(initial=1)) // 8 + 2 * SLACK, np.uint8)
    kernels.encode_in_context(symbols, table.cells, code.row_of, lane, payload, lane_bits)
    return payload[: -(-int(lane_bits.sum()) // 8)], lane_bits


def decode_context(
    payload: bytes | memoryview | NDArray[np.uint8],
    lane_bits: NDArray[np.int64],
    count: int,
    table: ContextDecodeTable,
    lane: int,
) -> NDArray[Any]:
    """Decode ``count`` symbols in context, or raise DamagedError."""
    stream = np.frombuffer(payload, np.uint8)
    starts = _starts_of(stream, lane_bits, count, lane)
    symbols = np.empty(count, table.ranked_symbols.dtype)
    damaged = kernels.decode_in_context(
        _read_only(stream), starts, max(min(lane, count), 1), table.width, table.entries, table.limits,
        table.first_ranks, table.ranked_symbols, table.row_of, symbols,
    )  # fmt: skip
    if damaged >= 0:
        raise DamagedError(f"lane {damaged} of the block does not end where its symbols do")
    return symbols


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view, so that Numba compiles once, and not a second time for writable arrays."""
    view = array.view()
    view.flags.writeable = False
    return view
