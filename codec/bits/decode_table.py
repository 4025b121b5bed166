"""The lookup table by which the fast engines decode a canonical code.

Key observations:

* The next `index_bits` bits of the stream decide every codeword that lies entirely inside them. One table
  entry therefore holds several symbols at once, together with their number and the bits that they take.
* A prefix that decides not even one codeword (of a codeword longer than the index, or of no codeword at
  all, if the code is incomplete) has the entry 0: count 0, width 0. Only such an *escape* leads to the
  slow path.
* On the slow path, what is no codeword is taken for one of `BROKEN` bits. It advances the decoder like any
  other, but so far that the lane can never again end where it should. So decoding needs no other check
  than that of the ends, and never stands still.
* In a canonical code, filled up on the right to `CODE_BITS` bits, the codewords of one length are
  consecutive numbers, and longer ones are larger. The length of a codeword is found by comparing with one
  limit per length, its symbol by a subtraction and a shift. What is not below the last limit is no
  codeword.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from bitarray import decodetree
from bitarray.util import int2ba
from numpy.typing import NDArray

CODE_BITS = 32  # the longest codeword that a code may have
BROKEN = 1 << 40  # more bits than any payload has
WIDTH_SHIFT = 59  # bits 59..63 of an entry: bits used, 0..31
COUNT_SHIFT = 56  # bits 56..58 of an entry: number of symbols, 0..7
COUNT_MASK = 7
SYMBOL_FIELD = 56  # bits 0..55 of an entry: the symbols, the first one lowest


@dataclass(frozen=True, eq=False)
class DecodeTable:
    """A canonical code, prepared for decoding.

    Attributes
    ----------
    entries : uint64 array (2**index_bits,)
        ``width << 59 | count << 56 | symbols``, or 0 for an escape.
    index_bits : int
        Bits of the stream that an entry is looked up by, 1..24.
    group : int
        The largest number of symbols in an entry.
    escapes : bool
        Whether there is any escape.
    symbol_bits : int
        8 or 16, the width of a symbol in an entry and in the output.
    limits : uint64 array (k,)
        For each of the k lengths in use, rising: one more than its last codeword, filled up to 32 bits.
    floors : uint64 array (k + 1,)
        Its first codeword, filled up to 32 bits. Here and in the next two, the last item is for what is no
        codeword.
    first_ranks : int64 array (k + 1,)
        The rank of that codeword among all codewords.
    used_lengths : int64 array (k + 1,)
        The lengths themselves, in bits; last, `BROKEN`.
    ranked_symbols : uint8 or uint16 array
        The symbols in order of their codewords.
    """

    entries: NDArray[np.uint64]
    index_bits: int
    group: int
    escapes: bool
    symbol_bits: int
    limits: NDArray[np.uint64]
    floors: NDArray[np.uint64]
    first_ranks: NDArray[np.int64]
    used_lengths: NDArray[np.int64]
    ranked_symbols: NDArray[Any]

    @cached_property
    def tree(self) -> decodetree:
        """The code as bitarray decodes by it."""
        numbers = np.diff(np.append(self.first_ranks[:-1], len(self.ranked_symbols)))
        lengths = np.repeat(self.used_lengths[:-1], numbers)
        words = filled_codewords(lengths) >> (CODE_BITS - lengths).astype(np.uint64)
        triples = zip(self.ranked_symbols.tolist(), words.tolist(), lengths.tolist(), strict=True)
        return decodetree({symbol: int2ba(word, length) for symbol, word, length in triples})


def rank_symbols(lengths: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the symbols that have a codeword in the order of the codewords, and their lengths in bits."""
    lengths = np.asarray(lengths)
    # Lengths fit in a byte, for which the stable sort is a radix sort.
    order = np.argsort(lengths.astype(np.uint8), kind="stable")
    order = order[np.count_nonzero(lengths == 0) :].astype(np.int64, copy=False)
    return order, lengths[order].astype(np.int64)


def filled_codewords(ranked_lengths: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the codewords in order, each filled up with zeros on the right to 32 bits.

    A codeword of n bits covers 2**(32 - n) of the 2**32 numbers; in a canonical code these intervals follow
    one another without a gap, so each codeword is the sum of the sizes before it.
    """
    sizes = np.left_shift(np.uint64(1), (CODE_BITS - ranked_lengths).astype(np.uint64))
    return np.cumsum(sizes, dtype=np.uint64) - sizes


def build_decode_table(lengths: NDArray[Any], index_bits: int, group: int, exact: bool = False) -> DecodeTable:
    """Prepare a canonical code for decoding.

    Parameters
    ----------
    lengths : integer array (n,)
        Lengths of the codewords in bits, 0..32, with a Kraft sum of at most 1.
    index_bits : int
        1..24
    group : int
        The most symbols that an entry may hold: 1..7 if n <= 256, else 1..3.
    exact : bool
        Whether an entry with fewer than `group` symbols is to be an escape.
    """
    wide = len(lengths) > 256
    symbol_bits = 16 if wide else 8
    order, ranked_lengths = rank_symbols(lengths)
    floors = filled_codewords(ranked_lengths)
    starts = np.flatnonzero(np.diff(ranked_lengths, prepend=0))
    used_lengths = ranked_lengths[starts]
    shifts = (CODE_BITS - used_lengths).astype(np.uint64)
    numbers = np.diff(np.append(starts, len(order))).astype(np.uint64)

    single, widths = _single_symbols(order, ranked_lengths, index_bits)
    entries = _group_symbols(single, widths, index_bits, symbol_bits, group)
    if exact and group > 1:
        entries[entries >> np.uint64(COUNT_SHIFT) & np.uint64(COUNT_MASK) < group] = 0
    return DecodeTable(
        entries=entries,
        index_bits=index_bits,
        group=group,
        escapes=not entries.all(),
        symbol_bits=symbol_bits,
        limits=floors[starts] + (numbers << shifts),
        floors=np.append(floors[starts], np.uint64(0)),
        first_ranks=np.append(starts, 0).astype(np.int64),
        used_lengths=np.append(used_lengths, BROKEN),
        ranked_symbols=order.astype(np.uint16 if wide else np.uint8),
    )


def _single_symbols(
    order: NDArray[np.int64], ranked_lengths: NDArray[np.int64], index_bits: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return for every index the first symbol in it and the bits that it takes, 0 and 0 if there is none."""
    short = int(np.searchsorted(ranked_lengths, index_bits, side="right"))
    sizes = np.left_shift(1, index_bits - ranked_lengths[:short])
    single = np.zeros(1 << index_bits, np.uint64)
    widths = np.zeros(1 << index_bits, np.int64)
    covered = int(sizes.sum())
    single[:covered] = np.repeat(order[:short], sizes)
    widths[:covered] = np.repeat(ranked_lengths[:short], sizes)
    return single, widths


def _group_symbols(
    single: NDArray[np.uint64], widths: NDArray[np.int64], index_bits: int, symbol_bits: int, group: int
) -> NDArray[np.uint64]:
    """Chain up to `group` symbols in each entry."""
    symbols = single
    used = widths
    counts = (widths > 0).astype(np.uint64)
    index = np.arange(1 << index_bits)
    mask = (1 << index_bits) - 1
    for place in range(1, group):
        # The bits that remain, moved up. Zeros follow them, so a codeword found there counts only if it fits.
        rest = (index << used) & mask
        following = widths[rest]
        fits = (following > 0) & (used + following <= index_bits) & (counts == place)
        symbols = symbols | np.where(fits, single[rest] << np.uint64(place * symbol_bits), np.uint64(0))
        used = used + np.where(fits, following, 0)
        counts += fits
    return used.astype(np.uint64) << np.uint64(WIDTH_SHIFT) | counts << np.uint64(COUNT_SHIFT) | symbols
