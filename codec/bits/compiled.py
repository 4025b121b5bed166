"""The Numba engine: encode and decode blocks of symbols with a canonical Huffman code."""

from collections.abc import Callable
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
from codec.bits.lane_decoder import lane_bounds
from codec.bits.tabled import count_dense as count_dense
from codec.bits.tabled import look_up as look_up
from codec.bits.tabled import plain, read_only
from codec.bits.tabled import through as through
from codec.codes.canonical import canonical_codewords
from codec.errors import DamagedError

COMPILED_PAIRS_FROM = 1 << 15  # symbols from which on the table of all pairs pays
SLACK = 8  # bytes that a store may reach beyond the end


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

    To build an entry takes about as long as to decode a symbol, and a table of 2 ** 13 entries fits the first-level
    cache. Codewords beyond 14 bits leave the fast loop; a code that uses them often gets a wider table and the simple
    loop.
    """
    longest = int(lengths.max(initial=1))
    affordable, in_cache = max(8, int(count).bit_length() - 3), kernels.MAX_FAST_WIDTH - 1
    if longest > kernels.MAX_FAST_WIDTH and affordable > kernels.MAX_FAST_WIDTH:
        beyond = lengths[lengths > kernels.MAX_FAST_WIDTH]
        if float((0.5**beyond).sum()) > 0.01:  # of the codewords sent
            return min(longest, affordable, 18)
    return min(in_cache if longest <= in_cache else kernels.MAX_FAST_WIDTH, affordable)


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


prepare_encode_context = build_context_codewords
prepare_decode_context = build_context_table


def encode(
    symbols: NDArray[Any], table: CodewordTable, lane: int, lanes_in_block: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Encode symbols that all have a codeword; see `codec.bits.reference`. The payload is a view of a longer array.

    With so many lanes in a block, each block begins with a byte, and behind the last of them the payload may go on.
    """
    paired, dtype = len(table.pairs) > 0, np.uint8 if len(table.codewords) <= 256 else np.uint16
    kernel = kernels.encode_pairs if paired else kernels.encode_singles
    tables = (table.codewords, table.pairs) if paired else (table.codewords,)
    return _encoded(kernel, symbols.astype(dtype, copy=False), tables, lane, table.longest, lanes_in_block)


def encode_context(
    symbols: NDArray[Any], table: ContextEncodeTable, lane: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """As `encode`, in context. Where there are too many pairs of row and symbol for a table, NumPy encodes."""
    if not len(table.cells):
        return lane_context.encode_context(symbols, table, lane)
    code, dtype = table.code, np.uint8 if len(table.code) <= 256 else np.uint16
    tables, longest = (table.cells, code.row_of), int(code.lengths.max(initial=1))
    return _encoded(kernels.encode_in_context, symbols.astype(dtype, copy=False), tables, lane, longest)


def _encoded(
    kernel: Callable[..., None],
    symbols: NDArray[Any],
    tables: tuple[NDArray[Any], ...],
    lane: int,
    longest: int,
    lanes_in_block: int = 0,
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    count = len(symbols)
    lane = max(min(lane, count), 1)
    lane_bits = np.empty(-(-count // lane), np.int64)
    each = lanes_in_block or max(len(lane_bits), 1)
    payload = np.empty(count * longest // 8 + len(lane_bits) // each + 2 * SLACK, np.uint8)
    kernel(plain(symbols), *tables, lane, each, payload, lane_bits)
    return payload if lanes_in_block else payload[: -(-int(lane_bits.sum()) // 8)], lane_bits


def decode(  # noqa: PLR0913  as NumPy's, and a room
    payload: Any,
    lane_bits: NDArray[np.int64],
    count: int,
    table: CompiledTable,
    lane: int,
    gaps: NDArray[np.int64] | None = None,
    room: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Decode ``count`` symbols, in `room` if they fit; see `codec.bits.lane_decoder.decode`."""
    starts, ends = lane_bounds(payload, lane_bits, count, lane, gaps)
    dtype = table.canonical[-1].dtype
    fits = room is not None and room.dtype == dtype and len(room) == count and room.flags.c_contiguous
    symbols = room if room is not None and fits else np.empty(count, dtype)
    tables = table.width, table.entries, table.lengths, table.canonical
    stream, lane = read_only(np.frombuffer(payload, np.uint8)), max(min(lane, count), 1)
    return _sound(symbols, kernels.decode_lanes(stream, starts, ends, lane, *tables, symbols))


def decode_context(
    payload: Any,
    lane_bits: NDArray[np.int64],
    count: int,
    table: ContextDecodeTable,
    lane: int,
    gaps: NDArray[np.int64] | None = None,
) -> NDArray[Any]:
    """As `decode`, in context."""
    starts, ends = lane_bounds(payload, lane_bits, count, lane, gaps)
    symbols = np.empty(count, table.ranked_symbols.dtype)
    tables = table.width, table.entries, table.limits, table.first_ranks, table.ranked_symbols, table.row_of
    stream, lane = read_only(np.frombuffer(payload, np.uint8)), max(min(lane, count), 1)
    return _sound(symbols, kernels.decode_in_context(stream, starts, ends, lane, *tables, symbols))


def _sound(symbols: NDArray[Any], damaged: int) -> NDArray[Any]:
    if damaged >= 0:
        raise DamagedError(f"lane {damaged} of the block does not end where its symbols do")
    return symbols


def predicted_sums(
    left: NDArray[np.int64],
    history: NDArray[np.int64],
    weights: NDArray[np.int64],
    limits: tuple[int, int],
    known: NDArray[np.int64],
) -> NDArray[np.int64]:
    """See `codec.bits.recurrence`."""
    values = kernels.predicted_sums(left, history, weights, *limits, known)
    return np.asarray(values, np.int64)
