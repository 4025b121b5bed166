"""Readings -> packets, and back.

A packet is, from its most significant bit on: the number of readings, if the layout has a count; of differences the
first reading; the codewords, a raw reading behind each escape; zeros to a byte; the check. Of several channels each
follows the other, in one packet: see README.md in this folder.
"""

from __future__ import annotations

import operator
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from codec.codes.prefix import PrefixCode
from codec.coding.symbols import look_up
from codec.errors import DamagedError, MissingCodewordError, StreamError, counted, option
from codec.nodes.check import check_of
from codec.nodes.layout import NodeTable, PacketLayout, node_table, of_one_packet
from codec.nodes.units import raw_of, stream_of, whole_units
from codec.readings.floats import in_kind_of
from codec.readings.stream import Stream
from codec.readings.values import from_values
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels


class Words(NamedTuple):
    """What stands in packets for each reading of a channel: all arrays of shape (n,).

    Attributes
    ----------
    words, lengths : uint64 and int64 arrays
        What stands there, and in how many bits.
    first, escaped : bool arrays
        Readings that begin a packet of differences, and those behind an escape.
    coded : array
        What is coded: multiples of the step, or differences of them; or symbols.
    """

    words: NDArray[Any]
    lengths: NDArray[np.int64]
    first: NDArray[np.bool_]
    escaped: NDArray[np.bool_]
    coded: NDArray[Any]


def pack(readings: Any, code: Any, layout: PacketLayout | None = None) -> bytes:
    """One packet, which stands by itself: readings as codewords, without a container.

    Parameters
    ----------
    readings : array_like, (n,); (n, channels) for several channels
    code : PrefixCode, Distribution or NodeTable; a list of them, one a channel
    layout : PacketLayout, optional
        In place of the table's own, or of the usual one: 16 raw bits, no count, no check.

    Raises
    ------
    MissingCodewordError
        If a reading has no codeword, and there is no escape.
    StreamError
        If readings are of another kind than the table's, do not fit the raw bits, or are too many for the count.

    Examples
    --------
    >>> from codec.codes.prefix import PrefixCode
    >>> steps = PrefixCode.from_lengths([-1, 0, 1], [2, 1, 2])
    >>> pack([100, 101, 101, 100], steps, PacketLayout("differences")).hex()
    '0064d0'
    >>> unpack(bytes.fromhex("0064d0"), steps, 4, PacketLayout("differences")).tolist()
    [100, 101, 101, 100]
    """
    channels = tables_of(code, layout)
    return joined([words_of(column, table) for column, table in _columns(readings, channels)], channels)[0]


def unpack(data: bytes, code: Any, count: int | None = None, layout: PacketLayout | None = None) -> NDArray[Any]:
    """The readings of a packet, (n,), or (n, channels) for several: the inverse of `pack`.

    Parameters
    ----------
    data : bytes
    code, layout
        As for `pack`.
    count : int
        Readings in the packet; not needed where the layout has a count.

    Raises
    ------
    DamagedError
        If no packet of so many readings has these bytes. Without a check not all damage is found.
    """
    channels = tables_of(code, layout)
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"a packet is bytes, not {type(data).__name__}")
    found = [np.asarray(labels) for labels in unpacked(bytes(data), channels, count)]
    return np.column_stack(found) if _several(code) else found[0]


def _several(code: Any) -> bool:
    """Whether these are tables, one a channel, and no list of weights."""
    return isinstance(code, (list, tuple)) and any(
        isinstance(one, (PrefixCode, Distribution, NodeTable)) for one in code
    )


def tables_of(code: Any, layout: PacketLayout | None = None) -> list[NodeTable]:
    """The table of each channel."""
    return of_one_packet([node_table(one, layout) for one in (code if _several(code) else [code])])


def _columns(readings: Any, tables: Sequence[NodeTable]) -> Iterator[tuple[Any, NodeTable]]:
    if len(tables) == 1 and isinstance(readings, Stream):
        yield readings, tables[0]
        return
    try:
        array = np.asarray(readings)
    except ValueError:
        raise ValueError(
            "readings of several channels are an array (readings, channels), and these rows differ in length"
        ) from None
    if len(tables) == 1 and array.ndim != 2:
        yield readings, tables[0]
        return
    if array.ndim != 2 or array.shape[1] != len(tables):
        raise ValueError(
            f"{counted(len(tables), 'table')}, and readings of shape {array.shape}: a table for each column"
        )
    yield from zip(array.T, tables, strict=True)


def packed(readings: Any, table: NodeTable, size: int) -> list[bytes]:
    """The packets of a stream, so many readings in each; the last may have fewer.

    >>> from codec.codes.prefix import PrefixCode
    >>> [data.hex() for data in packed("abba", node_table(PrefixCode.from_lengths("ab", [1, 1])), 3)]
    ['60', '00']
    """
    return joined([words_of(readings, table, size)], [table], size)


def words_of(readings: Any, table: NodeTable, size: int | None = None) -> Words:
    """What stands for each reading in packets of this size; in one packet by default."""
    if isinstance(readings, Labels):
        readings = stream_of(readings)
    stream = readings if isinstance(readings, Stream) else from_values(readings)
    layout, alphabet = table.layout, table.code.alphabet
    pieces = [piece for piece in in_kind_of(stream, alphabet).labels() if len(piece)]
    if not pieces:
        none = np.zeros(0, np.int64)
        return Words(none, none, none > 0, none > 0, none)
    values: NDArray[np.int64] | None = None
    coded: NDArray[Any]
    raw: NDArray[np.uint64] | None = None
    if alphabet.kind == "int" or layout.differences:
        values = whole_units(stream, pieces, table)
        raw = raw_of(values, layout, stream, alphabet.step) if layout.differences else None
        coded = np.diff(values, prepend=values[:1]) if layout.differences else values
        symbols, unknown = table.find(coded)
    else:
        found = [look_up(table.code, piece, stream.origin) for piece in pieces]
        coded = symbols = np.concatenate([each for each, _ in found])
        unknown = np.concatenate([np.zeros(len(s), np.bool_) if u is None else u for s, u in found])
    known = np.ones(len(symbols), np.bool_) if unknown is None else ~unknown
    known &= table.code.lengths.take(symbols, mode="clip") > 0
    first = np.zeros(len(symbols), np.bool_)
    if layout.differences:
        first[:: size or len(first)] = True
    escaped = ~known & ~first
    if escaped.any():
        place = int(escaped.argmax())
        if not table.code.has_escape or values is None:
            raise _missing(table, stream, pieces, place, int(escaped.sum()))
        if raw is None:
            raw = raw_of(np.where(escaped, values, 0), layout, stream, alphabet.step)
    words = table.words
    at = np.where(escaped, len(words) - 1, symbols.astype(np.int64))  # symbols of 256 labels have 8 bits
    words, lengths = words.take(at, mode="clip"), table.code.all_lengths.take(at, mode="clip")
    if raw is not None:
        words = np.where(first, raw, np.where(escaped, words << np.uint64(layout.raw_bits) | raw, words))
        lengths = np.where(first, layout.raw_bits, lengths + layout.raw_bits * escaped)
    return Words(words, lengths, first, escaped, coded)


def _missing(table: NodeTable, stream: Stream, pieces: list[Labels], place: int, missing: int) -> MissingCodewordError:
    position, piece = place, pieces[0]
    for piece in pieces:
        if position < len(piece):
            break
        position -= len(piece)
    shown = piece.take(np.array([position])).spellings[0]
    noun = "a difference" if table.layout.differences else "a reading"
    total = sum(map(len, pieces))
    return MissingCodewordError(
        f"{stream.name}, {stream.place(place)}: {shown} cannot be packed: {noun} there has no codeword in the table, "
        f"{missing:,} of {total:,} in all: make a table with an escape ({option('codec table --escape')})"
    )


def joined(channels: Sequence[Words], tables: Sequence[NodeTable], size: int | None = None) -> list[bytes]:
    """Packets of the words of each channel, so many readings in each."""
    layout, count = tables[0].layout, len(channels[0].words)
    size, packets = size or max(count, 1), []
    lists = [(channel.words.tolist(), channel.lengths.tolist()) for channel in channels]
    if layout.count_bits and min(size, count) >> layout.count_bits:
        raise StreamError(
            f"{counted(min(size, count), 'reading')} do not fit a packet: its count has "
            f"{counted(layout.count_bits, 'bit')}"
        )
    for start in range(0, count or 1, size):
        bits, total = min(size, count - start), layout.count_bits
        bits &= (1 << total) - 1
        for words, lengths in lists:
            for word, length in zip(words[start : start + size], lengths[start : start + size], strict=True):
                bits = bits << length | word
                total += length
        data = (bits << -total % 8).to_bytes(total + 7 >> 3, "big")
        packets.append(data + check_of(layout.check, data))
    return packets


def unpacked(data: bytes, tables: Sequence[NodeTable], count: int | None = None) -> list[Labels]:
    """The readings of each channel of a packet."""
    layout = tables[0].layout
    end = len(data) - layout.check_bits // 8
    count = None if count is None else _number_of(count)
    most = (1 << layout.count_bits) - 1 if layout.count_bits else count
    if (
        most is not None and 8 * end > layout.count_bits + sum(table.largest_bits(most) for table in tables) + 7
    ):  # before all is looked at
        raise DamagedError(f"a packet of {counted(len(data), 'byte')} is larger than any of {counted(most, 'reading')}")
    if end < 0 or check_of(layout.check, data[:end]) != data[end:]:
        raise DamagedError(f"the packet of {counted(len(data), 'byte')} is damaged: its check is another")
    position, said = layout.count_bits, _bits(data, 0, layout.count_bits, 8 * end)
    if layout.count_bits and count not in (None, said):
        raise DamagedError(f"the packet says that it has {counted(said, 'reading')}, and {count:,} were wanted")
    count = said if layout.count_bits else count
    if count is None:
        raise ValueError("its layout has no count: give the number of readings in the packet, count")
    if count * len(tables) > 8 * end:
        raise DamagedError(f"a packet of {counted(len(data), 'byte')} does not hold {counted(count, 'reading')}")
    found = []
    for table in tables:
        labels, position = _channel(data, position, 8 * end, table, count)
        found.append(labels)
    if 8 * end - position >= 8 or _bits(data, position, 8 * end - position, 8 * end):
        raise DamagedError("the packet is damaged: more stands in it than its readings and zeros to a byte")
    return found


def _number_of(count: Any) -> int:
    try:
        number = operator.index(count)
    except TypeError:
        raise TypeError(f"count is a number of readings, not {count!r}") from None
    if number < 0:
        raise ValueError(f"count is a number of readings, not {number}")
    return number


def _channel(data: bytes, position: int, end: int, table: NodeTable, count: int) -> tuple[Labels, int]:
    """The readings of a channel, and where they end."""
    layout, alphabet, escape = table.layout, table.code.alphabet, len(table.code)
    starts, shifts, places, values = table.decoding
    width = table.code.all_lengths.max().item()
    bound, readings, before = 1 << layout.raw_bits - 1, list[int](), 0
    for number in range(count):
        raw = layout.differences and not number
        if not raw:
            window = _bits(data, position, min(width, end - position), end) << max(0, width - (end - position))
            at = bisect_right(starts, window) - 1
            if window - starts[at] >> shifts[at] or position + width - shifts[at] > end:
                raise DamagedError(f"the packet is damaged: no codeword begins at bit {position}")
            position += width - shifts[at]
            raw = places[at] == escape
        if raw:
            bits = _bits(data, position, layout.raw_bits, end)
            before, position = (bits ^ bound) - bound, position + layout.raw_bits
        else:
            before = before * layout.differences + values[places[at]]
        if layout.differences and not -bound <= before < bound:
            raise DamagedError(f"the packet is damaged: its reading {number} does not fit the raw bits")
        readings.append(before)
    if alphabet.kind != "int":
        return alphabet.take(np.array(readings, np.int64)), position
    return Labels("int", np.array(readings, np.int64), alphabet.step), position


def _bits(data: bytes, position: int, length: int, end: int) -> int:
    """So many bits as a number; DamagedError if the packet ends within them."""
    if position + length > end:
        raise DamagedError(f"the packet is damaged: it ends within {counted(length, 'bit')} at bit {position}")
    last = position + length
    whole = int.from_bytes(data[position >> 3 : last + 7 >> 3], "big")
    return whole >> -last % 8 & (1 << length) - 1
