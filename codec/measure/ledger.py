"""The ledger of a file: every bit, by purpose.

Integer lines are read off the file. The payload's bits, read off the file too, are split into three real lines by
what the decoded readings would have cost otherwise:

    entropy                   n H                     no code for single readings goes below it
    rounding to whole bits    n (E[l_best] - H)       the best Huffman code for these readings
    price of this table       payload - n E[l_best]   what this table costs above that

H is that of what is coded: readings; blocks of them; differences; symbols given the row of a code in context.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.context import ContextCode
from codec.codes.lengths import huffman_lengths
from codec.codes.prefix import PrefixCode
from codec.coding.file import decoded, noting_end, opened, parts_of, restored
from codec.coding.piece import Limit, Piece
from codec.coding.step import Code, File
from codec.files.container import End
from codec.files.named import data_of
from codec.files.section import ByteSource
from codec.measure.memory import MAX_READINGS, Memory, memory
from codec.measure.overhead import Overhead
from codec.measure.ways import ways
from codec.readings.origin import unpack_closing
from codec.theory.alphabet import merge_tallies, tally
from codec.theory.distribution import Distribution
from codec.theory.gaps import gaps_in
from codec.theory.information import entropy
from codec.theory.labels import Labels
from codec.theory.shown import brief, shown, shown_as_html

PAYLOAD = ("entropy", "rounding to whole bits", "price of this table")


@dataclass(frozen=True)
class Ledger:
    """Where the bits of a file went.

    Attributes
    ----------
    lines : dict
        Item -> bits: ints for the overhead, floats for the three parts of the payload. They sum to `file_bits`.
    count : int
        Readings in the file.
    alphabet_size : int
        Labels with a codeword.
    file_bits, payload_bits, original_bits : int
    mean_length, entropy : float or None
        Bits per reading, of the payload as measured and of the readings in the file; None without readings.
    fixed_width : int
        Bits that the same alphabet needs without an entropy code.
    fingerprint : str
    memory : Memory or None
        Of what is coded: it lies inside the entropy line, and is in no sum. None if not asked for, or in context.
    coded : str
        What codewords stand for: "readings", "blocks of 3", "differences", "readings in context", ...
    distribution : Distribution or None
        Of what is coded, over the alphabet of the table; None without any (whole) one.
    gaps : int
        Readings that are no numbers, in a file of numbers with gaps.
    """

    lines: dict[str, int | float]
    count: int
    alphabet_size: int
    file_bits: int
    payload_bits: int
    original_bits: int
    mean_length: float | None
    entropy: float | None
    fixed_width: int
    fingerprint: str
    coded: str
    memory: Memory | None
    distribution: Distribution | None
    gaps: int

    __str__ = shown
    _repr_html_ = shown_as_html

    def __repr__(self) -> str:
        return brief(self, "count", "coded", "file_bits", "payload_bits", "mean_length")


def ledger(
    data: bytes | str | os.PathLike[str],
    code: PrefixCode | ContextCode | Distribution | None = None,
    *,
    engine: str | None = None,
) -> Ledger:
    """Account for every bit of a .huf file.

    Parameters
    ----------
    data : bytes, str or path
        A whole file, or its path.
    code : PrefixCode, ContextCode or Distribution, optional
        Needed for a file without a table.

    Examples
    --------
    >>> from codec.coding import encode
    >>> book = ledger(encode("abracadabra"))
    >>> book.payload_bits, book.mean_length, sum(book.lines.values()) == book.file_bits
    (23, 2.090909090909091, True)
    """
    with data_of(data) as file:
        return account(opened(ByteCounter(file), code, engine))


class ByteCounter:
    """A source of bytes that counts them."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self.count = 0

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes."""
        data = self._source.read(size)
        self.count += len(data)
        return data


def account(file: File, with_memory: bool = False) -> Ledger:
    """The ledger of a file that is read through a `ByteCounter`, decoding it on the way.

    The memory of what is coded takes longer than all else, and is measured only if it is asked for.
    """
    code, header = file.code, file.header
    overhead = Overhead(file)
    payload_bits = 0
    counts = np.zeros(len(code.all_lengths), np.int64)  # of codewords
    seen = ReadingCounts(file)
    with_memory = with_memory and not isinstance(code, ContextCode)
    first: list[NDArray[Any]] = []  # symbols, as far as the memory is measured on them
    ends: list[End] = []
    last = 0
    blocks = decoded(file, noting_end(parts_of(file), ends.append))
    for block, symbols, pieces in restored(file, blocks, Limit()):
        payload_bits += block.payload_bits
        overhead.take(block)
        codewords = code.codewords_at(symbols, header.lane_size)
        counts += np.bincount(codewords, minlength=len(counts))
        last = int(codewords[-1])
        for piece in pieces:
            seen.add(piece)
        if with_memory and sum(map(len, first)) < MAX_READINGS:
            first.append(symbols)
    (end,) = ends
    overhead.take(end)
    lines: dict[str, int | float] = {**overhead.lines}
    count = end.count
    if count % code.readings:  # the last tuple is there for the sake of a few of its readings
        counts[last] -= 1
        lines["fill of the last block"] = int(code.all_lengths[last])
    entropy_bits, best_bits = 0.0, 0
    for row in code.row_slices:
        if counts[row].any():
            entropy_bits += int(counts[row].sum()) * entropy(counts[row])
            best_bits += int(counts[row] @ huffman_lengths(counts[row]))
    lines["entropy"] = entropy_bits
    lines["rounding to whole bits"] = best_bits - entropy_bits
    lines["price of this table"] = payload_bits - best_bits - lines["fill of the last block"]
    size = len(seen.labels) if file.transform.step else int(np.count_nonzero(code.singles_coded))
    source = file.source
    return Ledger(
        lines=lines,
        count=count,
        alphabet_size=size,
        file_bits=8 * source.count if isinstance(source, ByteCounter) else int(sum(lines.values())),
        payload_bits=payload_bits,
        original_bits=8 * unpack_closing(end.closing).original_bytes,
        mean_length=payload_bits / count if count else None,
        entropy=entropy(seen.counts) if count else None,
        fixed_width=fixed_width(size),
        fingerprint=header.fingerprint,
        coded=coded_as(file),
        memory=_memory(file, np.concatenate(first)) if first else None,
        distribution=_distribution(code, counts),
        gaps=seen.gaps,
    )


class ReadingCounts:
    """How often each reading of a file occurs."""

    def __init__(self, file: File) -> None:
        self._file = file
        self.labels, self.counts = Labels("int", np.zeros(0, np.int64)), np.zeros(0, np.int64)
        self.gaps = 0

    def add(self, piece: Piece) -> None:
        """Count the readings of a piece."""
        if self._file.origin.gaps:
            self.gaps += int(gaps_in(piece.labels)[piece.symbols].sum())
        if self._file.transform.step is not None:
            readings = piece.labels if piece.places is None else piece.labels.take(piece.places)
            self.labels, self.counts = merge_tallies([(self.labels, self.counts), tally(readings)])
            return
        # Raw values stand behind the alphabet: all of them count as one reading, the escape.
        found = np.bincount(piece.symbols)
        size = len(self._file.alphabet)
        if len(found) > size:
            found = np.append(found[:size], found[size:].sum())
        counts = np.zeros(max(len(found), len(self.counts)), np.int64)
        counts[: len(self.counts)] = self.counts
        counts[: len(found)] += found
        self.counts = counts


def _memory(file: File, symbols: NDArray[Any]) -> Memory | None:
    """The memory of what is coded; of single readings without raw values also what other ways would make of them."""
    found, alphabet = memory(symbols), file.alphabet
    plain = file.transform.step is None and file.code.readings == 1 and symbols.max() < len(alphabet)
    if found is None or not plain:
        return found
    return replace(found, ways=ways(alphabet.take(symbols[:MAX_READINGS]), file.origin))


def coded_as(file: File) -> str:
    """What codewords stand for, in words."""
    what = file.transform.plural
    if file.code.readings > 1:
        return f"blocks of {file.code.readings} {what}"
    return f"{what} in context" if isinstance(file.code, ContextCode) else what


def _distribution(code: Code, counts: NDArray[np.int64]) -> Distribution | None:
    """Of what is coded; None without any."""
    if isinstance(code, ContextCode):
        counts = np.bincount(code.symbols, counts, len(code.alphabet)).astype(np.int64)
    own = counts[: len(code.alphabet)]
    return Distribution(code.alphabet, own) if own.any() else None


def fixed_width(size: int) -> int:
    """Bits of each codeword if all of `size` labels have equally long ones; at least 1."""
    return max(1, (size - 1).bit_length())
