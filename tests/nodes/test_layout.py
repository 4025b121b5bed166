"""A layout is saved with its table, under a fingerprint that covers both."""

import json

import pytest

from codec.codes.prefix import PrefixCode, huffman
from codec.coding.learn import distribution_of
from codec.errors import TableError
from codec.files import tables
from codec.nodes.layout import NodeTable, PacketLayout, dumps, load, node_table
from codec.nodes.packet import pack
from codec.theory.sources import built_in

CODE = PrefixCode.from_lengths([-1, 0, 1], [2, 1, 3], 3)
LAYOUT = PacketLayout("differences", 12, 5, "CRC-8/AUTOSAR")


def changed(path, **fields):
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def test_a_saved_layout_comes_back_and_the_code_is_still_a_plain_table(tmp_path):
    path = tmp_path / "t.json"
    path.write_text(dumps(NodeTable(CODE, LAYOUT)))
    assert load(path).layout == LAYOUT and load(path).fingerprint == NodeTable(CODE, LAYOUT).fingerprint
    assert tables.load(path) == CODE == load(path).code


def test_without_a_layout_there_is_the_usual_one(tmp_path):
    path = tmp_path / "t.json"
    tables.save(CODE, path)
    assert load(path).layout == PacketLayout("none", 16, 0, None)
    changed(path, transform="differences")
    assert load(path).layout == PacketLayout("differences", 16, 0, None)


def test_each_part_of_the_layout_and_the_code_are_in_the_fingerprint():
    others = [
        PacketLayout("none", 12, 5, "CRC-8/AUTOSAR"),
        PacketLayout("differences", 13, 5, "CRC-8/AUTOSAR"),
        PacketLayout("differences", 12, 6, "CRC-8/AUTOSAR"),
        PacketLayout("differences", 12, 5, "CRC-16/IBM-3740"),
        PacketLayout("differences", 12, 5),
    ]
    tables_ = [NodeTable(CODE, layout) for layout in (LAYOUT, *others)]
    tables_.append(NodeTable(PrefixCode.from_lengths([-1, 0, 1], [2, 1, 3]), LAYOUT))
    assert len({table.fingerprint for table in tables_}) == len(tables_)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"layout": []}, '"layout" is an object'),
        ({"layout": {"start": 3}}, '"layout" is an object'),
        ({"layout": {"raw_bits": 99}}, "raw_bits is a number of bits from 1 to 32, not 99"),
        ({"layout": {"raw_bits": True}}, "raw_bits is a number of bits"),
        ({"layout": {"check": "crc"}}, "check is one of CRC-8/AUTOSAR"),
        ({"layout": {"check": []}}, "check is one of CRC-8/AUTOSAR"),
        ({"layout": {"transform": []}}, "transform is one of none, differences"),
        ({"layout": {"fingerprint": "00"}}, "it has been changed"),
        ({"layout": {"transform": "none"}, "transform": "differences"}, "the table is of differences, and its layout"),
        ({"transform": 7}, "transform.* is one of .*differences"),
    ],
)
def test_what_is_no_layout_is_refused_by_name(fields, message, tmp_path):
    path = tmp_path / "t.json"
    tables.save(CODE, path)
    changed(path, **fields)
    with pytest.raises(TableError, match=message):
        load(path)


def test_a_table_of_tuples_or_of_huge_numbers_is_no_table_of_packets():
    with pytest.raises(ValueError, match="single readings"):
        node_table(huffman(built_in("nasa").extension(2)))
    with pytest.raises(ValueError, match="at most 62 bits"):
        node_table(PrefixCode.from_lengths([1, 1 << 62], [1, 1]))
    for code in (PrefixCode.from_lengths("ab", [1, 1]), NodeTable(PrefixCode.from_lengths([0.5, 1e9], [1, 1]))):
        with pytest.raises(ValueError, match="differences are of whole multiples of a step, and the labels are "):
            node_table(code, LAYOUT)


def test_no_packet_is_larger_than_the_guarantee_and_one_reaches_it():
    for layout in (LAYOUT, PacketLayout("differences"), PacketLayout("none", 7, 3)):
        table = NodeTable(CODE, layout)
        worst = pack([0, 50] * 3 if layout.differences else [50] * 6, table)
        assert len(worst) == table.largest(6)
        assert len(pack([], table)) == table.largest(0)


def test_a_code_over_differences_says_so_to_its_layout():
    code = huffman(distribution_of([5, 6, 6, 4, 5, 5, 6], "differences"))
    assert node_table(code).layout.differences
    with pytest.raises(ValueError, match="the code is over differences, and the layout says none"):
        node_table(code, PacketLayout("none"))
    with pytest.raises(ValueError, match="transform is one of none, differences"):
        node_table(huffman(distribution_of([5, 6, 6, 4, 5, 5, 6], "ranks")))
