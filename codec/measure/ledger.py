"""The ledger of a file: every bit, by purpose.

Integer lines are read off the file. The payload's bits, read off the file too, are split into three real lines by
what the decoded readings would have cost otherwise:

    entropy                   n H                     no code for single readings goes below it
    rounding to whole bits    n (E[l_best] - H)       the best Huffman code for these readings
    price of this table       payload - n E[l_best]   what this table costs above that
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.lengths import huffman_lengths
from codec.codes.prefix import PrefixCode
from codec.files.container import ByteSource
from codec.reader import Reader
from codec.theory.distribution import Distribution
from codec.theory.information import entropy

OVERHEAD = (
    "fill of the last block",
    "raw values of escapes",
    "header",
    "table",
    "block heads and end",
    "lane index",
    "checksums",
    "padding",
)
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
    distribution : Distribution or None
        Of the readings in the file, or of their blocks, over the alphabet of its table; None without any (whole) one.
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
    distribution: Distribution | None

    def to_json(self) -> dict[str, Any]:
        """The ledger under stable keys, numbers unrounded."""
        fields = {key: value for key, value in vars(self).items() if key not in ("lines", "distribution")}
        return {**fields, "ledger": [{"item": item, "bits": bits} for item, bits in self.lines.items()]}


def ledger(data: bytes, code: PrefixCode | Distribution | None = None, *, engine: str | None = None) -> Ledger:
    """Account for every bit of a .huf file.

    Parameters
    ----------
    data : bytes
        A whole file.
    code : PrefixCode or Distribution, optional
        Needed for a file without a table.

    Examples
    --------
    >>> from codec.coding import encode
    >>> book = ledger(encode("abracadabra"))
    >>> book.payload_bits, book.mean_length, sum(book.lines.values()) == book.file_bits
    (23, 2.090909090909091, True)
    """
    return account(Reader(Counting(io.BytesIO(data)), code, engine=engine))


class Counting:
    """A source of bytes that counts them."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self.count = 0

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes."""
        data = self._source.read(size)
        self.count += len(data)
        return data


def account(reader: Reader) -> Ledger:
    """The ledger of a file that is read through a `Counting` source, decoding it on the way."""
    lines: dict[str, int | float] = dict.fromkeys(OVERHEAD, 0)
    payload_bits = 0
    counts = np.zeros(len(reader.lengths), np.int64)

    def add(sizes: dict[str, int]) -> None:
        for item, bits in sizes.items():
            lines[item] += bits

    add(reader.header.sizes())
    last, last_places = 0, np.zeros(0, np.int64)
    for part in reader.decoded_blocks():
        sizes = part.block.sizes()
        payload_bits += sizes.pop("payload")
        add(sizes)
        counts += np.bincount(part.symbols, minlength=len(counts))
        last, last_places = int(part.symbols[-1]), part.places
    add(reader.end.sizes())
    count = reader.end.count
    filled = count % reader.header.readings_per_symbol
    if filled:  # the last tuple is there for the sake of a few of its readings
        counts[last] -= 1
        lines["fill of the last block"] = int(reader.lengths[last])
    entropy_bits, best_bits = 0.0, 0
    if counts.any():
        entropy_bits = int(counts.sum()) * entropy(counts)
        best_bits = int(counts @ huffman_lengths(counts))
    lines["entropy"] = entropy_bits
    lines["rounding to whole bits"] = best_bits - entropy_bits
    lines["price of this table"] = payload_bits - best_bits - lines["fill of the last block"]
    readings = _readings(reader, counts)
    if filled:
        np.add.at(readings, last_places[-filled:], 1)
    size = int(np.count_nonzero(reader.lengths[: len(reader.alphabet)])) if reader.tuples is None else len(readings)
    source = reader.source
    return Ledger(
        lines=lines,
        count=count,
        alphabet_size=size,
        file_bits=8 * source.count if isinstance(source, Counting) else int(sum(lines.values())),
        payload_bits=payload_bits,
        original_bits=8 * reader.closing.original_bytes,
        mean_length=payload_bits / count if count else None,
        entropy=entropy(readings) if readings.any() else None,
        fixed_width=fixed_width(size),
        fingerprint=reader.header.fingerprint,
        distribution=_distribution(reader, counts),
    )


def _readings(reader: Reader, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often each reading occurs, from the counts of symbols; the escape counts as one reading."""
    if reader.tuples is None:
        return counts
    readings = np.zeros(len(reader.alphabet), np.int64)
    np.add.at(readings, reader.tuples.values.reshape(-1), np.repeat(counts, reader.tuples.values.shape[1]))
    return readings


def _distribution(reader: Reader, counts: NDArray[np.int64]) -> Distribution | None:
    labels = reader.alphabet if reader.tuples is None else reader.tuples
    own = counts[: len(labels)]
    return Distribution(labels, own) if own.any() else None


def fixed_width(size: int) -> int:
    """Bits of each codeword if all of `size` labels have equally long ones; at least 1."""
    return max(1, (size - 1).bit_length())
