"""Learning which reading follows which: a code in context out of a stream."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from codec.codes.context import ContextCode, context_code
from codec.errors import StreamError
from codec.readings.stream import Stream
from codec.theory.alphabet import find
from codec.theory.labels import Labels
from codec.theory.tuples import tally_numbers

MOST_PAIRS = 1 << 22  # of different neighbours


def learn_contexts(stream: Stream, alphabet: Labels, lane_size: int, block_size: int) -> ContextCode:
    """The Huffman codes in context for a stream, whose lanes begin without one; see `tally_pairs`."""
    return context_code(alphabet, *tally_pairs(stream, alphabet, lane_size, block_size))


def tally_pairs(
    stream: Stream, alphabet: Labels, lane_size: int, block_size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of neighbouring symbols, and how often each occurs; the first of a pair is n at the start of a lane.

    Raises
    ------
    StreamError
        If too many different ones occur.
    """
    tally = tally_numbers(_pairs(stream, alphabet, lane_size, block_size), MOST_PAIRS)
    if tally is None:
        raise StreamError(
            f"{stream.name} has more than {MOST_PAIRS:,} different pairs of neighbouring readings, too many for codes "
            "in context: round them to a grid with --step, or code them without --context"
        )
    pairs, counts = tally
    before, after = np.divmod(pairs, len(alphabet))
    return before, after, counts


def _pairs(stream: Stream, alphabet: Labels, lane_size: int, block_size: int) -> Iterator[NDArray[np.int64]]:
    """Numbers of pairs: the symbol before (n at the start of a lane) times n, and the symbol."""
    size, position, last = len(alphabet), 0, 0
    for piece in stream.labels():
        symbols = find(alphabet, piece, stream.origin.is_lines)[0].astype(np.int64)
        if len(symbols):
            before = np.concatenate([[last], symbols[:-1]])
            before[(position + np.arange(len(symbols))) % block_size % lane_size == 0] = size
            yield before * size + symbols
            last, position = int(symbols[-1]), position + len(symbols)
