"""A code table as bytes: what a file carries and a fingerprint signs. The same bytes on every machine.

    kind of labels      1 byte: 0 int, 1 float, 2 string, 3 bytes; 4 tuples; 128 more if there is an escape
    number of labels n  4 bytes, big-endian (so are all numbers here)
    labels
        int             step: 1 byte of size, then its digits; order: 1 byte;
                        order 1, ascending: the first label plus 2^63, 9 bytes; then n-1 gaps, gamma coded
                        order 0, any other: each label plus 2^63, 9 bytes
        float           bit pattern of the float64, 8 bytes each
        string, bytes   size, 4 bytes, and the bytes (UTF-8, in which lone surrogates pass), each
        tuples          readings in a tuple, 2 to 64: 1 byte; their alphabet: kind, number and labels as above; then the
                        differences of the tuples' numbers (see `codec.theory.tuples`; the first from -1), gamma coded
    lengths             n differences from the length before (the first from 0), gamma coded; n+1 with an escape, its
                        length last

With 64 more in the kind it is a table in context (see `codec.codes.context`). Behind the labels then stand
    contexts m          2 bytes
    their symbols       m differences, gamma coded (the first from -1)
    codewords in rows   m+1 numbers, gamma coded
    first symbols       of each row: its difference from the row's context (in row 0, from 0), gamma coded
    other symbols       differences from the symbol before, gamma coded
    lengths             differences from the length before (the first from 0), gamma coded, row after row

Gamma is Elias' code of positive integers: as many zeros as the number has binary digits after the first, then the
number. Differences d, of any sign, are coded as 2d+1 for d >= 0 and -2d for d < 0. A gamma coded part is
padded with zeros to a byte. A label without a codeword has length 0.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.gamma import BYTES_AT_ONCE, MAX_BYTES, as_positive, gamma_encode, gammas_in
from codec.errors import DamagedError, counted
from codec.theory.alphabet import MAX_SYMBOLS, first_duplicate
from codec.theory.labels import Labels, int_array, objects
from codec.theory.tuples import numbers_of, tuple_radix, tuples_of

MAX_LABEL_BYTES = 1 << 16
MAX_CODE_LENGTH = 32
KINDS = ("int", "float", "str", "bytes")  # of labels of readings
_TUPLES = len(KINDS)
_ESCAPE = 128
_CONTEXT = 64
_BIAS = 1 << 63
STEP = re.compile(rb"(?!0+(\.0*)?$)[0-9]{1,20}(\.[0-9]{1,20})?")


def serialize(alphabet: Labels, lengths: NDArray[np.int64]) -> bytes:
    """The table as bytes.

    Parameters
    ----------
    alphabet : Labels, (n,)
    lengths : int64 array, (n,); (n + 1,) with an escape
    """
    escape = _ESCAPE if len(lengths) > len(alphabet) else 0
    kind = _TUPLES if alphabet.kind == "tuple" else KINDS.index(alphabet.kind)
    head = struct.pack(">BI", kind | escape, len(alphabet))
    return head + label_bytes(alphabet) + gamma_encode(as_positive(np.diff(lengths, prepend=0).tolist()))


def deserialize(table: bytes) -> tuple[Labels, NDArray[np.int64]]:
    """The inverse of `serialize`, for at most 65,536 codewords of at most 32 bits.

    Raises
    ------
    DamagedError
        If no code table looks like that. Whether the lengths make a code is not looked at.
    """
    reader = TableReader(table)
    kind, count = struct.unpack(">BI", reader.take(5))
    has_escape, kind = bool(kind & _ESCAPE), kind & ~_ESCAPE  # a table in context is of an unknown kind here
    if kind > _TUPLES:
        raise DamagedError(f"the table names an unknown kind of labels, {kind}")
    if count + has_escape > MAX_SYMBOLS or count > 8 * len(table):
        raise DamagedError(f"the table declares {counted(count, 'label')} in {counted(len(table), 'byte')}")
    alphabet = _read_tuples(reader, count) if kind == _TUPLES else read_labels(reader, KINDS[kind], count)
    if first_duplicate(alphabet) is not None:
        raise DamagedError(f"the table holds the label {alphabet[first_duplicate(alphabet)]!r} twice")
    lengths = lengths_from(reader.gammas(count + has_escape))
    reader.finish()
    if serialize(alphabet, lengths) != table:
        raise DamagedError("the table is not in the one form that its labels and lengths are written in")
    return alphabet, lengths


def lengths_from(numbers: list[int]) -> NDArray[np.int64]:
    """Code lengths out of their differences, which are coded as positive numbers."""
    differences = [n // 2 if n & 1 else -(n // 2) for n in numbers]
    if any(abs(d) > MAX_CODE_LENGTH for d in differences):
        raise DamagedError(f"the table holds a code length outside 0..{MAX_CODE_LENGTH}")
    lengths = np.cumsum(np.array(differences, np.int64))
    if len(lengths) and (lengths.min() < 0 or lengths.max() > MAX_CODE_LENGTH):
        raise DamagedError(f"the table holds a code length outside 0..{MAX_CODE_LENGTH}")
    return lengths


def serialize_rows(
    alphabet: Labels,
    contexts: NDArray[np.int64],
    rows: NDArray[np.int64],
    symbols: NDArray[np.int64],
    lengths: NDArray[np.int64],
) -> bytes:
    """A table in context as bytes; see `codec.codes.context.ContextCode`."""
    sizes = np.bincount(rows, minlength=len(contexts) + 1)
    firsts = np.cumsum(sizes) - sizes
    origins = np.concatenate([[0], contexts])
    others = np.delete(np.diff(symbols, prepend=0), firsts)
    head = struct.pack(">BI", KINDS.index(alphabet.kind) | _CONTEXT, len(alphabet)) + label_bytes(alphabet)
    parts = (
        np.diff(contexts, prepend=-1).tolist(),
        sizes.tolist(),
        as_positive((symbols[firsts] - origins).tolist()),
        others.tolist(),
        as_positive(np.diff(lengths, prepend=0).tolist()),
    )
    return head + struct.pack(">H", len(contexts)) + b"".join(map(gamma_encode, parts))


def row_numbers(context: int, symbols: NDArray[np.int64], lengths: NDArray[np.int64]) -> list[int]:
    """The numbers that a row adds to a table in context, without that of its context (first length approximated)."""
    first = as_positive([int(symbols[0]) - context])
    gaps, changes = np.diff(symbols).tolist(), np.diff(lengths, prepend=lengths[0]).tolist()
    return [len(symbols), *first, *gaps, *as_positive(changes)]


def deserialize_rows(
    table: bytes, most_contexts: int
) -> tuple[Labels, NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The inverse of `serialize_rows`: alphabet, contexts, rows, symbols, lengths.

    Raises
    ------
    DamagedError
        If the bytes are not a table. Whether the lengths make codes is not checked.
    """
    reader = TableReader(table)
    kind, count = struct.unpack(">BI", reader.take(5))
    if not kind & _CONTEXT or kind & ~_CONTEXT >= _TUPLES:
        raise DamagedError(f"the table names an unknown kind of labels in context, {kind}")
    if not 1 <= count <= MAX_SYMBOLS or count > 8 * len(table):
        raise DamagedError(f"the table declares {counted(count, 'label')} in {counted(len(table), 'byte')}")
    alphabet = read_labels(reader, KINDS[kind & ~_CONTEXT], count)
    duplicate = first_duplicate(alphabet)
    if duplicate is not None:
        raise DamagedError(f"the table holds the label {alphabet[duplicate]!r} twice")
    (owners,) = struct.unpack(">H", reader.take(2))
    if owners > most_contexts:
        raise DamagedError(f"the table declares {counted(owners, 'context')}; there are at most {most_contexts}")
    contexts = np.cumsum(np.array([-1, *reader.gammas(owners)], np.float64))[1:]
    sizes = np.array(reader.gammas(owners + 1), np.float64)
    if (contexts >= count).any() or (sizes > count).any() or sizes.sum() > 8 * len(table):
        raise DamagedError(f"the table's contexts or rows have more than its {count:,} symbols")
    per_row = sizes.astype(np.int64)
    firsts = [n // 2 if n & 1 else -(n // 2) for n in reader.gammas(owners + 1)]
    others = iter(reader.gammas(int(per_row.sum()) - owners - 1))
    symbols: list[int] = []
    for origin, first, size in zip([0, *contexts.astype(int).tolist()], firsts, per_row.tolist(), strict=True):
        symbol = origin + first
        if symbol < 0:
            raise DamagedError("the table holds a symbol below 0")
        symbols.append(symbol)
        for difference in itertools.islice(others, size - 1):
            symbol += difference
            symbols.append(symbol)
        if symbol >= count:
            raise DamagedError(f"the table holds the symbol {symbol:,}, and it has {count:,}")
    lengths = lengths_from(reader.gammas(len(symbols)))
    reader.finish()
    rows = np.repeat(np.arange(owners + 1), per_row)
    found = alphabet, contexts.astype(np.int64), rows, np.array(symbols, np.int64), lengths
    if (lengths < 1).any() or serialize_rows(*found) != table:
        raise DamagedError("the table is not in the one form that its labels and lengths are written in")
    return found


def _read_tuples(reader: TableReader, count: int) -> Labels:
    readings = reader.take(1)[0]
    if readings < 2:
        raise DamagedError(f"the table's tuples are of {counted(readings, 'reading')}: tuples have at least two")
    kind, size = struct.unpack(">BI", reader.take(5))
    if kind >= len(KINDS) or not 1 <= size <= MAX_SYMBOLS:
        raise DamagedError(f"the table's tuples are of {counted(size, 'label')} of an unknown kind, {kind}")
    base = read_labels(reader, KINDS[kind], size)
    duplicate = first_duplicate(base)
    if duplicate is not None:
        raise DamagedError(f"the table holds the label {base[duplicate]!r} twice")
    try:
        tuple_radix(size, readings)
    except ValueError as error:
        raise DamagedError(f"the table's {error}") from None
    numbers, number = [], -1
    for difference in reader.gammas(count):
        number += difference
        numbers.append(number)
    if number >= size**readings:
        raise DamagedError(f"the table holds the tuple number {number:,}, and there are {size**readings:,}")
    return tuples_of(np.array(numbers, np.int64), base, readings)


def label_bytes(alphabet: Labels) -> bytes:
    """The labels of a table as bytes, without their kind and number."""
    if alphabet.kind == "tuple":
        base = alphabet.singles
        head = struct.pack(">BBI", alphabet.readings, KINDS.index(base.kind), len(base))
        gaps = [high - low for low, high in itertools.pairwise([-1, *numbers_of(alphabet).tolist()])]  # up to 2^63
        if not all(gap > 0 for gap in gaps):
            raise ValueError("a table has its tuples in lexicographic order")
        return head + label_bytes(base) + gamma_encode(gaps)
    values = alphabet.values.tolist()
    if alphabet.kind == "float":
        return b"".join(struct.pack(">Q", value) for value in values)
    if alphabet.kind == "int":
        step = alphabet.step.encode("ascii")
        ascending = all(low < high for low, high in itertools.pairwise(values))
        head = struct.pack(">B", len(step)) + step + struct.pack(">B", ascending)
        if not ascending or not values:
            return head + b"".join(_nine_bytes(value) for value in values)
        gaps = [high - low for low, high in itertools.pairwise(values)]
        return head + _nine_bytes(values[0]) + gamma_encode(gaps)
    encoded = [v if isinstance(v, bytes) else v.encode("utf-8", "surrogatepass") for v in values]
    return b"".join(struct.pack(">I", len(value)) + value for value in encoded)


def read_labels(reader: TableReader, kind: str, count: int) -> Labels:
    """The inverse of `label_bytes`, for labels that are no tuples."""
    if kind == "float":
        return Labels(kind, np.frombuffer(reader.take(8 * count), ">u8").astype(np.uint64))
    if kind == "int":
        step = reader.take(reader.take(1)[0])
        if not STEP.fullmatch(step):
            raise DamagedError(f"the table's step, {step!r}, is no positive decimal number")
        ascending = reader.take(1)[0]
        if ascending > 1:
            raise DamagedError(f"the table names an unknown order of labels, {ascending}")
        if ascending and count:
            values = [_from_nine_bytes(reader.take(9))]
            for gap in reader.gammas(count - 1):
                values.append(values[-1] + gap)
        else:
            values = [_from_nine_bytes(reader.take(9)) for _ in range(count)]
        try:
            return Labels(kind, int_array(values), step.decode("ascii"))
        except ValueError as error:
            raise DamagedError(f"the table's labels: {error}") from None
    read: list[Any] = []
    for _ in range(count):
        (size,) = struct.unpack(">I", reader.take(4))
        if size > MAX_LABEL_BYTES:
            raise DamagedError(
                f"the table declares a label of {counted(size, 'byte')}; labels have at most {MAX_LABEL_BYTES:,}"
            )
        value = reader.take(size)
        try:
            read.append(value.decode("utf-8", "surrogatepass") if kind == "str" else value)
        except UnicodeDecodeError as error:
            raise DamagedError(f"the table holds a string that is not UTF-8: {error}") from None
    return Labels(kind, objects(read))


def _nine_bytes(value: int) -> bytes:
    return (value + _BIAS).to_bytes(9, "big")


def _from_nine_bytes(data: bytes) -> int:
    return int.from_bytes(data, "big") - _BIAS


def fingerprint_of(table: bytes) -> str:
    """The fingerprint of a serialised table."""
    return hashlib.sha256(table).hexdigest()[:16]


class TableReader:
    """Bytes of a table, taken from the front; nothing is taken that is not there."""

    def __init__(self, table: bytes) -> None:
        self._table = table
        self._position = 0

    def take(self, size: int) -> bytes:
        """The next bytes."""
        if size > len(self._table) - self._position:
            raise DamagedError(f"the table ends early: at byte {self._position} it lacks some of the next {size:,}")
        self._position += size
        return self._table[self._position - size : self._position]

    def gammas(self, count: int) -> list[int]:
        """So many gamma coded numbers, and the padding behind them."""
        numbers: list[int] = []
        taken = 0  # bits of the next byte
        while len(numbers) < count:
            size = min(MAX_BYTES * (count - len(numbers)), BYTES_AT_ONCE)
            data = self._table[self._position : self._position + size]
            found, end = gammas_in(data, taken, count - len(numbers))
            if not found and len(data) < MAX_BYTES:
                raise DamagedError("the table ends early, within its gamma coded numbers")
            if not found or max(found) >= 1 << 66:
                raise DamagedError("the table holds a gamma coded number of more than 66 bits")
            numbers += found
            self._position, taken = self._position + end // 8, end % 8
        if taken and self.take(1)[0] & 0xFF >> taken:
            raise DamagedError("the padding behind the table's gamma coded numbers is not zero")
        return numbers

    def finish(self) -> None:
        """Nothing may follow."""
        if self._position != len(self._table):
            behind = counted(len(self._table) - self._position, "byte stands", "bytes stand")
            raise DamagedError(f"{behind} behind the end of the table")
