"""Which way of coding is the smallest? Sizes of files, computed from counts before anything is written.

The payload is exact: counts times lengths; so are header, table, checksums and end. Only the lane index is estimated,
from the spread of the lengths.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.bits.engine import BLOCK_SIZE, LANE_SIZE
from codec.codes.context import ContextCode, context_code
from codec.codes.prefix import PrefixCode, huffman
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.coding import header_of
from codec.coding.contexts import tally_pairs
from codec.coding.differences import differences
from codec.coding.tuples import learn_tuples
from codec.errors import StreamError
from codec.files.container import Block, End
from codec.readings.origin import Closing
from codec.readings.stream import Stream, tally_stream
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels

MOST_READINGS_TRIED = 8  # in a codeword


@dataclass(frozen=True)
class Candidate:
    """A way of coding a stream.

    Attributes
    ----------
    name : str
        "plain", "block 2", "delta", "context", "delta context", ...
    file_bits : int or None
        The size of the whole file; None where the stream cannot be coded so.
    why_not : str or None
        The reason then.
    code : PrefixCode, ContextCode or None
        None of no readings.
    delta : bool
    """

    name: str
    file_bits: int | None
    why_not: str | None = None
    code: PrefixCode | ContextCode | None = None
    delta: bool = False

    def to_json(self) -> dict[str, Any]:
        """Name, size, and why not."""
        return {"name": self.name, "file_bits": self.file_bits, "why_not": self.why_not}


def candidates(stream: Stream) -> tuple[Candidate, ...]:
    """All ways of coding a stream, as they would be written with lanes and blocks of the usual size.

    Raises
    ------
    StreamError
        If there is none.

    Examples
    --------
    >>> from codec.readings.values import from_values
    >>> [one.name for one in candidates(from_values("abababab"))][:3]
    ['plain', 'block 2', 'context']
    """
    return tuple(_candidates(stream))


def smallest(found: tuple[Candidate, ...]) -> Candidate:
    """The candidate of the smallest file, the simpler one if two are as small."""
    return min((one for one in found if one.file_bits is not None), key=lambda one: one.file_bits or 0)


def _candidates(stream: Stream) -> Iterator[Candidate]:
    refused: StreamError | None = None
    for delta in (False, True):
        word = "delta " if delta else ""
        source = differences(stream, BLOCK_SIZE) if delta else stream
        try:
            labels, counts = tally_stream(source)
        except StreamError as error:
            if refused is not None:  # there is no way at all
                raise refused from None
            refused = error
            yield Candidate("delta" if delta else "plain", None, _reason(error, stream))
            continue
        readings = int(counts.sum())
        if not readings:
            yield Candidate("plain", _file_bits(stream, PrefixCode(labels, counts), counts, 0, delta))
            return
        plain = huffman(Distribution(labels, counts), MAX_CODE_LENGTH)
        last = _file_bits(stream, plain, counts, readings, delta)
        yield Candidate(word.strip() or "plain", last, None, plain, delta)
        for k in range(2, MOST_READINGS_TRIED + 1):
            name = f"{word}block {k}"
            try:
                p = learn_tuples(source, labels, k)
                code = huffman(p, MAX_CODE_LENGTH)
                bits = _file_bits(stream, code, p.weights, readings, delta)
            except StreamError as error:
                yield Candidate(name, None, _reason(error, stream))
                break
            yield Candidate(name, bits, None, code, delta)
            if bits >= last:  # longer blocks have only larger tables
                break
            last = bits
        try:
            chosen, times = _in_context(source, labels)
            bits = _file_bits(stream, chosen, times, readings, delta)
        except StreamError as error:
            yield Candidate(f"{word}context", None, _reason(error, stream))
            continue
        yield Candidate(f"{word}context", bits, None, chosen, delta)


def _in_context(stream: Stream, labels: Labels) -> tuple[ContextCode, NDArray[np.int64]]:
    """The code in context of a stream, and how often each of its codewords occurs."""
    before, after, times = tally_pairs(stream, labels, LANE_SIZE, BLOCK_SIZE)
    code = context_code(labels, before, after, times)
    rows = np.append(code.row_of, 0)[before]
    counts = np.zeros(len(code.lengths), np.int64)
    np.add.at(counts, code.places_of(rows, after), times)
    return code, counts


def _reason(error: StreamError, stream: Stream) -> str:
    return str(error).removeprefix(stream.name).lstrip(", ")


def _file_bits(stream: Stream, code: PrefixCode | ContextCode, counts: NDArray[Any], readings: int, delta: bool) -> int:
    """The size of the file in which each codeword occurs so often."""
    symbols = int(counts.sum()) if len(counts) else 0
    payload = int(counts @ code.lengths) if symbols else 0
    header = len(header_of(stream, code, True, delta, LANE_SIZE, BLOCK_SIZE).pack())
    end = len(End(readings, 0, Closing(0).pack()).pack())
    blocks = -(-symbols // BLOCK_SIZE)
    empty = Block(0, 0, np.zeros(1, np.int64), np.zeros(0, np.uint8), base=0 if delta else None)
    index = 0
    for start in range(0, symbols, BLOCK_SIZE):
        lanes = -(-min(BLOCK_SIZE, symbols - start) // LANE_SIZE)
        index += -(-_index_width(counts, code.lengths, lanes - 1) * (lanes - 1) // 8)
    return 8 * (header + blocks * len(empty.pack()) + index + -(-payload // 8) + end)


def _index_width(counts: NDArray[Any], lengths: NDArray[np.int64], lanes: int) -> int:
    """Bits of an entry of the lane index: of the range that so many sums of LANE_SIZE independent lengths have."""
    if lanes < 2:
        return 0
    weights = counts / counts.sum()
    mean = float(weights @ lengths)
    deviation = math.sqrt(LANE_SIZE * float(weights @ (lengths - mean) ** 2))
    return int(2 * deviation * math.sqrt(2 * math.log(lanes))).bit_length()
