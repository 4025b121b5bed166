"""What packets weigh: where their bits go, beside the entropy of what is coded and a Huffman code of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codec.codes.prefix import huffman
from codec.nodes.layout import NodeTable
from codec.nodes.packet import Words
from codec.theory.distribution import Distribution


@dataclass(frozen=True)
class Channel:
    """One channel of the packets: bits in all, and bits for each reading that has a codeword.

    Attributes
    ----------
    name : str
    coded, escaped : int
        Readings that stand as codewords, escapes among them.
    first_bits, codeword_bits, raw_bits : int
        Of first readings, of codewords, and of readings behind an escape.
    entropy, huffman_mean, mean_length : float or None
        Of what is coded: its own entropy, the mean length of its own Huffman code, and under the table, raw readings
        included. None if there is none.
    """

    name: str
    coded: int
    escaped: int
    first_bits: int
    codeword_bits: int
    raw_bits: int
    entropy: float | None
    huffman_mean: float | None
    mean_length: float | None


@dataclass(frozen=True)
class PacketReport:
    """Where the bits of packets go; all `_bits` of the packets and of their channels sum to eight times the bytes.

    Attributes
    ----------
    packets, readings, bytes : int
        In all; a reading of several channels is one.
    mean_bytes : float or None
        Of a packet; None if there is none.
    largest_bytes, guaranteed_bytes : int
        Of these packets, and of any of so many readings.
    int16_bytes : float or None
        A packet of such readings in two bytes each, on average.
    count_bits, padding_bits, check_bits : int
    bits_per_reading : float or None
    bytes_per_day : float or None
    channels : tuple of Channel
    fingerprints : tuple of str
    """

    packets: int
    readings: int
    bytes: int
    mean_bytes: float | None
    largest_bytes: int
    guaranteed_bytes: int
    int16_bytes: float | None
    count_bits: int
    padding_bits: int
    check_bits: int
    bits_per_reading: float | None
    bytes_per_day: float | None
    channels: tuple[Channel, ...]
    fingerprints: tuple[str, ...]


def packet_report(
    packets: Sequence[bytes],
    channels: Sequence[tuple[str, Words]],
    tables: Sequence[NodeTable],
    size: int,
    per_day: int | None = None,
) -> PacketReport:
    """What packets of so many readings weigh.

    >>> from codec.codes.prefix import PrefixCode
    >>> from codec.nodes.layout import node_table
    >>> from codec.nodes.packet import joined, words_of
    >>> table = node_table(PrefixCode.from_lengths("ab", [1, 1]))
    >>> words = words_of("abba", table, 3)
    >>> report = packet_report(joined([words], [table], 3), [("", words)], [table], 3)
    >>> report.bytes, report.padding_bits, report.channels[0].mean_length, report.guaranteed_bytes
    (2, 12, 1.0, 1)
    """
    layout, whole = tables[0].layout, sum(map(len, packets))
    lines = tuple(_channel(name, words, table) for (name, words), table in zip(channels, tables, strict=True))
    readings = len(channels[0][1].words)
    used = sum(line.first_bits + line.codeword_bits + line.raw_bits for line in lines)
    count_bits, check_bits = (len(packets) * bits for bits in (layout.count_bits, layout.check_bits))
    return PacketReport(
        packets=len(packets),
        readings=readings,
        bytes=whole,
        mean_bytes=whole / len(packets) if packets else None,
        largest_bytes=max(map(len, packets), default=0),
        guaranteed_bytes=largest(tables, size),
        int16_bytes=2 * len(tables) * readings / len(packets) if packets else None,
        count_bits=count_bits,
        padding_bits=8 * whole - used - count_bits - check_bits,
        check_bits=check_bits,
        bits_per_reading=8 * whole / readings if readings else None,
        bytes_per_day=whole * per_day / readings if readings and per_day is not None else None,
        channels=lines,
        fingerprints=tuple(table.fingerprint for table in tables),
    )


def largest(tables: Sequence[NodeTable], count: int) -> int:
    """Bytes that no packet of so many readings of these channels exceeds."""
    layout, bits = tables[0].layout, tables[0].layout.count_bits
    for table in tables:
        bits += table.largest_bits(count)
    return (bits + 7 >> 3) + layout.check_bits // 8


def _channel(name: str, words: Words, table: NodeTable) -> Channel:
    raw, escaped = table.layout.raw_bits, int(words.escaped.sum())
    first_bits, total = raw * int(words.first.sum()), int(words.lengths.sum())
    coded = words.coded[~words.first]
    counts = np.unique(coded, return_counts=True)[1]
    p = Distribution(range(len(counts)), counts) if len(counts) else None
    return Channel(
        name=name,
        coded=len(coded),
        escaped=escaped,
        first_bits=first_bits,
        codeword_bits=total - first_bits - raw * escaped,
        raw_bits=raw * escaped,
        entropy=None if p is None else p.entropy(),
        huffman_mean=None if p is None else huffman(p).expected_length(p),
        mean_length=None if p is None else (total - first_bits) / len(coded),
    )
