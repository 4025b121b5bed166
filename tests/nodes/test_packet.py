"""A packet stands by itself, bit for bit as its layout says; what comes back is what was packed, or an error."""

import random

import numpy as np
import pytest
from bitarray import bitarray
from bitarray.util import int2ba

import codec
from codec.codes.prefix import PrefixCode, huffman
from codec.errors import CodecError, DamagedError, MissingCodewordError, StreamError, TableError
from codec.nodes.check import CHECKS, check_of
from codec.nodes.layout import NodeTable, PacketLayout
from codec.nodes.packet import packed
from codec.theory.distribution import Distribution
from codec.theory.sources import built_in

STEPS = PrefixCode.from_lengths([-2, -1, 0, 1, 2], [4, 2, 1, 3, 5], 5)
LAYOUTS = [
    PacketLayout("differences" if differences else "none", raw, count, check)
    for differences in (False, True)
    for raw, count, check in [(16, 0, None), (9, 5, "CRC-8/AUTOSAR"), (32, 16, "CRC-16/IBM-3740")]
]


def by_hand(readings, table):
    """A packet as README.md tells it, by another way: whole codewords of bitarray, one after the other."""
    code, layout = table.code, table.layout
    bits = int2ba(len(readings), layout.count_bits) if layout.count_bits else bitarray()
    before = None
    for reading in readings:
        raw = int2ba(reading, layout.raw_bits, signed=True) if table.layout.differences or code.has_escape else None
        coded = reading if before is None or not layout.differences else reading - before
        if layout.differences and before is None:
            bits += raw
        elif coded in code.codewords:
            bits += code.codewords[coded]
        else:
            bits += code.escape_codeword + raw
        before = reading
    data = bits.tobytes()
    return data + check_of(layout.check, data)


def walk(seed, count, raw_bits):
    """Readings that mostly change little, and at times much."""
    chance, here, bound = random.Random(seed), 0, 1 << raw_bits - 1
    for _ in range(count):
        here = chance.randrange(-bound, bound) if chance.random() < 0.1 else here + chance.choice([-2, -1, 0, 0, 1, 2])
        here = max(-bound, min(bound - 1, here))
        yield here


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_a_packet_has_the_bits_that_the_layout_says_and_comes_back(layout):
    table = NodeTable(STEPS, layout)
    for seed in range(60):
        readings = [*walk(seed, seed % 30, layout.raw_bits)]
        data = codec.pack(readings, table)
        assert data == by_hand(readings, table)
        assert codec.unpack(data, table, len(readings)).tolist() == readings
        assert len(data) <= table.largest(len(readings))


def test_the_packets_of_a_stream_are_those_of_its_parts():
    readings = [*walk(1, 103, 16)]
    for layout in LAYOUTS:
        table = NodeTable(STEPS, layout)
        if layout.raw_bits == 9:
            continue
        assert packed(readings, table, 24) == [codec.pack(readings[i : i + 24], table) for i in range(0, 103, 24)]


def test_labels_of_each_kind_and_of_a_grid_come_back():
    nasa = built_in("nasa")
    assert codec.unpack(codec.pack([100, 105, 180], nasa), nasa, 3).tolist() == [100, 105, 180]
    words = Distribution(["up", "down"], [3, 1])
    assert codec.unpack(codec.pack(["down", "up"], words), words, 2).tolist() == ["down", "up"]
    floats = Distribution([0.1, 1e300], [3, 1])
    assert codec.unpack(codec.pack([1e300, 0.1], floats), floats, 2).tolist() == [1e300, 0.1]
    grid = Distribution.from_stream(np.diff([12.8, 12.9, 12.8, 12.8], prepend=12.8).round(1))
    layout = PacketLayout("differences")
    assert codec.unpack(codec.pack([12.8, 12.9, 12.8], grid, layout), grid, 3, layout).tolist() == [12.8, 12.9, 12.8]


def test_numbers_are_multiples_of_the_step_of_the_table_or_refused():
    from codec.theory.labels import Labels

    tenths = PrefixCode.from_lengths(Labels("int", np.array([-1, 0, 1, 10]), "0.1"), [2, 2, 2, 2])
    layout = PacketLayout("differences")
    assert codec.unpack(codec.pack([12, 13, 13], tenths, layout), tenths, 3, layout).tolist() == [12.0, 13.0, 13.0]
    with pytest.raises(StreamError, match=r"these readings are float: round them with step=0\.1"):
        codec.pack([12.05, 12.1], tenths, layout)
    for readings, said in ((["a"], "0: 'a'"), (["1.0", ""], "1: ''"), ([1.0, np.nan], "1: 'nan'")):
        with pytest.raises(StreamError, match=f"position {said} is no number, .* without gaps"):
            codec.pack(readings, tenths, layout)


def test_what_cannot_be_packed_is_named():
    plain = PrefixCode.from_lengths([0, 1], [1, 1])
    with pytest.raises(MissingCodewordError, match=r"position 2: 7 cannot be packed: a reading .* 1 of 4 in all"):
        codec.pack([0, 1, 7, 0], plain)
    with pytest.raises(MissingCodewordError, match="a difference there has no codeword"):
        codec.pack([0, 1, 7, 7], plain, PacketLayout("differences"))
    with pytest.raises(StreamError, match=r"position 0: 40000 does not fit the 16 raw bits .* which is raw=17"):
        codec.pack([40000, 40001], plain, PacketLayout("differences"))
    with pytest.raises(StreamError, match="position 1: 300 does not fit the 9 raw bits"):
        codec.pack([0, 300], STEPS, PacketLayout(raw_bits=9))
    with pytest.raises(StreamError, match="8 readings do not fit a packet: its count has 3 bits"):
        codec.pack([0] * 8, plain, PacketLayout(count_bits=3))
    with pytest.raises(ValueError, match="no count: give the number of readings"):
        codec.unpack(b"\0", plain)


def test_several_channels_are_one_packet():
    tables = [NodeTable(STEPS, PacketLayout("differences", 12, 5, "CRC-8/AUTOSAR")),
              NodeTable(huffman(built_in("nasa")), PacketLayout("none", 16, 5, "CRC-8/AUTOSAR"))]  # fmt: skip
    readings = np.array([[20, 100], [21, 105], [21, 105], [500, 180]])
    data = codec.pack(readings, tables)
    assert codec.unpack(data, tables).tolist() == readings.tolist()
    alone = [codec.pack(column, NodeTable(t.code, PacketLayout(t.layout.transform, t.layout.raw_bits)))
             for column, t in zip(readings.T, tables, strict=True)]  # fmt: skip
    assert len(data) - 1 <= sum(map(len, alone)) + 1
    with pytest.raises(TableError, match="one count and one check"):
        codec.pack(readings, [tables[0], STEPS])
    with pytest.raises(ValueError, match="2 tables, and readings of shape"):
        codec.pack(readings[:, :1], tables)
    with pytest.raises(ValueError, match="these rows differ in length"):
        codec.pack([[1, 2], [3]], tables)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_any_bytes_are_readings_or_damage(layout):
    """And readings that come out of what was not packed fit the layout too."""
    chance = random.Random(str(layout))
    for table in (NodeTable(STEPS, layout), NodeTable(PrefixCode.from_lengths([5], [1]), layout)):
        for _ in range(400):
            data = chance.randbytes(chance.randrange(12))
            try:
                found = codec.unpack(data, table, None if layout.count_bits else chance.randrange(9))
            except DamagedError:
                continue
            assert len(found) < 100
            if layout.differences:
                assert all(abs(reading) <= 1 << layout.raw_bits - 1 for reading in found.tolist())


def test_counts_beyond_all_bounds_are_refused_at_once():
    with pytest.raises(DamagedError, match="does not hold"):
        codec.unpack(b"\0" * 9, STEPS, 10**15)
    with pytest.raises(DamagedError, match="says that it has 3 readings, and 4 were wanted"):
        codec.unpack(codec.pack([0, 0, 0], STEPS, PacketLayout(count_bits=4)), STEPS, 4, PacketLayout(count_bits=4))
    with pytest.raises(DamagedError, match="more stands in it"):
        codec.unpack(codec.pack([0, 0, 0], STEPS) + b"\0", STEPS, 3)
    with pytest.raises(DamagedError, match="larger than any of 3 readings"):
        codec.unpack(bytes(10**7), NodeTable(STEPS, PacketLayout(check="CRC-16/IBM-3740")), 3)
    for count, error in (("31", TypeError), (1.5, TypeError), (-1, ValueError)):
        with pytest.raises(error, match=f"count is a number of readings, not '?{count}"):
            codec.unpack(codec.pack([0], STEPS), STEPS, count)


@pytest.mark.parametrize("check", CHECKS)
def test_with_a_check_no_single_flip_and_no_cut_by_a_byte_passes_unseen(check):
    table = NodeTable(STEPS, PacketLayout("differences", 16, 5, check))
    passed = 0
    for seed in range(20):
        data = codec.pack([*walk(seed, 12, 16)], table)
        for place in range(8 * len(data)):
            flipped = bytearray(data)
            flipped[place >> 3] ^= 128 >> (place & 7)
            with pytest.raises(DamagedError):
                codec.unpack(flipped, table)
        try:
            codec.unpack(data[:-1], table)
        except CodecError:
            continue
        passed += 1
    assert passed <= 3  # one in 2^bits passes the check, and must be a packet too


def test_one_label_and_no_reading():
    one = PrefixCode.from_lengths([7], [1])
    assert codec.pack([7, 7, 7], one) == b"\0" and codec.pack([], one) == b""
    assert codec.unpack(b"", one, 0).tolist() == [] and codec.unpack(b"\0", one, 8).tolist() == [7] * 8
    with pytest.raises(DamagedError, match="no codeword begins at bit 1"):
        codec.unpack(b"\x40", one, 3)


@pytest.mark.parametrize("labels", [255, 256, 257])
def test_an_escape_behind_256_labels_is_no_label(labels):
    """Symbols of 256 labels have 8 bits, which do not number the escape."""
    code = PrefixCode.from_lengths(range(labels), [9] * labels, 3)
    assert codec.unpack(codec.pack([0, 999, 1], code), code, 3).tolist() == [0, 999, 1]
