"""The header compiles without a warning, and C and Python agree bit for bit, in both directions and on any bytes."""

import random
import re
import subprocess

import numpy as np
import pytest
from c_compiler import COMPILER, SANITIZERS, STRICT, answers, ask_decode, ask_encode, ask_selftest, build

from codec.codes.intervals import interval_code
from codec.codes.prefix import PrefixCode, huffman
from codec.codes.standard import standard
from codec.codes.universal import universal
from codec.errors import CodecError, DamagedError
from codec.nodes.export_c import export_c
from codec.nodes.layout import NodeTable, PacketLayout
from codec.nodes.packet import joined, pack, unpacked, words_of
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels

needs_a_compiler = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler (gcc or cc)")
NO_CODEWORD, NO_ROOM, DAMAGED = -1, -2, -3


def code_of(seed, labels, escape):
    """A code of a few bits or many over labels that are close together or far apart."""
    chance = random.Random(seed)
    spread = chance.choice([1, 1, 3, 40]) if labels < 700 else 1
    values = sorted(chance.sample(range(-labels * spread, labels * spread + 1), labels))
    steepness = chance.choice([0.0, 0.01, 0.2, 0.6])
    weights = [max(1, int(10**9 * np.exp(-steepness * abs(i - labels // 2)))) for i in range(labels)]
    return huffman(Distribution(values, weights), 31 if labels < 900 else 14, 1 if escape else None)


def layout_of(seed, differences):
    chance = random.Random(seed)
    return PacketLayout(
        "differences" if differences else "none",
        chance.choice([12, 16, 24, 31, 32]),
        chance.choice([0, 0, 5, 16]),
        chance.choice([None, "CRC-8/AUTOSAR", "CRC-16/IBM-3740"]),
    )


def some_tables(sizes, whole=False):
    """Tables of these sizes, with readings and differences, in all forms; and standard ones, all if `whole`."""
    made = []
    for seed, labels in enumerate(sizes):
        for differences in (False, True):
            table = NodeTable(code_of(seed, labels, seed % 3 < 2), layout_of(2 * seed + differences, differences))
            made.append((table, bool((seed + differences) % 2)))
        p = Distribution(range(-labels, labels), [1 + 2000 // (1 + abs(i) ** 2) for i in range(-labels, labels)])
        made.append((NodeTable(interval_code(p, 31, 1), layout_of(seed, seed % 2 > 0)), True))
    made.append((NodeTable(universal("lec"), PacketLayout("differences")), True))
    made.append((NodeTable(standard("jpeg-ac-luminance")), False))
    others = [(NodeTable(standard("jpeg-dc-luminance")), True), (NodeTable(standard("hpack")), False)]
    return made + others * whole


def readings_of(chance, table, count):
    """Mostly readings that have codewords, now and then any at all."""
    bound, labels = 1 << table.layout.raw_bits - 1, table.decoding[-1]
    here, found = 0, []
    for _ in range(count):
        if chance.random() < 0.05:
            here = chance.choice([bound - 1, -bound, chance.randrange(-bound, bound), chance.randrange(-99, 99)])
        else:
            here = here * table.layout.differences + chance.choice(labels)
        if table.layout.differences:
            here = max(-bound, min(bound - 1, here))
        elif table.code.has_escape:
            here = here if -bound <= here < bound else labels[0]
        else:
            here = chance.choice(labels)
        found.append(here)
    return found


def packed(readings, table):
    """The packet, or what C returns in its place."""
    if table.layout.count_bits and len(readings) >> table.layout.count_bits:
        return NO_ROOM
    try:
        return joined([words_of(Labels("int", np.array(readings, np.int64)), table)], [table])[0]
    except CodecError:
        return NO_CODEWORD


def read(data, table, count):
    try:
        return unpacked(data, [table], None if table.layout.count_bits else count)[0].values.tolist()
    except DamagedError:
        return DAMAGED


def agree(folder, tables, packets):
    """Both directions, whole packets and spoilt ones, and bytes that are none."""
    names = [f"t{number}" for number in range(len(tables))]
    program = build(
        {name: export_c(table, name, small).text for name, (table, small) in zip(names, tables, strict=True)}, folder
    )
    assert answers(program, [ask_selftest(number) for number in range(len(tables))]) == [0] * len(tables)
    chance, asked, expected = random.Random(len(tables)), [], []
    for number in [chance.randrange(len(tables)) for _ in range(packets)]:
        table = tables[number][0]
        count = chance.choice([0, 1, 2, 7, 24, 24, 24, 40])
        readings = readings_of(chance, table, count)
        data = packed(readings, table)
        asked.append(ask_encode(number, readings, table.largest(count)))
        expected.append(data)
        if isinstance(data, int):
            continue
        asked.append(ask_encode(number, readings, max(0, len(data) - 1)))
        expected.append(NO_ROOM if data else data)
        asked.append(ask_decode(number, data, count))
        expected.append(readings)
        spoilt = bytearray(data or b"\0")
        spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
        for wrong in (bytes(spoilt), data[:-1], chance.randbytes(chance.randrange(20))):
            found = read(wrong, table, count)
            asked.append(ask_decode(number, wrong, count))
            too_many = table.layout.count_bits and isinstance(found, list) and len(found) > count
            expected.append(NO_ROOM if too_many else found)
    for each, got, wanted in zip(asked, answers(program, asked), expected, strict=True):
        if got == NO_ROOM and wanted == DAMAGED and each[:1] == b"D":
            continue  # the node looks at the count before it looks at what it counts
        assert got == wanted, (tables[each[1]], each)


@needs_a_compiler
def test_c_and_python_agree_on_thousands_of_packets(tmp_path):
    agree(tmp_path, some_tables([300]), 2000)


@needs_a_compiler
@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_c_and_python_agree_on_a_hundred_thousand_packets(part, tmp_path):
    sizes = [1, 2, 3, 5, 17, 100, 256, 257, 300, 500, 999, 1000]
    random.Random(part).shuffle(sizes)
    agree(tmp_path, some_tables(sizes, True), 20_000)


TWO_CHANNELS = """
#include "a.h"
#include "b.h"
#include <stdio.h>
int main(void)
{
    a_reading a[9];
    b_reading b[9];
    uint8_t packet[99];
    int i, first, second;
    codec_writer to;
    codec_reader from;
    int32_t size;
    for (i = 0; i < 9 && scanf("%d %d", &first, &second) == 2; i++) {
        a[i] = (a_reading)first;
        b[i] = (b_reading)second;
    }
    if (a_begin(&to, packet, sizeof packet, 9) || a_write(&to, a, 9) || b_write(&to, b, 9))
        return 1;
    size = a_end(&to);
    for (i = 0; i < size; i++)
        printf("%02x", packet[i]);
    if (a_open(&from, packet, (size_t)size, 9) != 9 || a_read(&from, a, 9) || b_read(&from, b, 9) || a_close(&from))
        return 2;
    return a[8] == first && b[8] == second ? 0 : 3;
}
"""


@needs_a_compiler
def test_channels_share_a_packet_in_c_as_in_python(tmp_path):
    layouts = [PacketLayout("differences", 12, 4, "CRC-8/AUTOSAR"), PacketLayout("none", 20, 4, "CRC-8/AUTOSAR")]
    tables = [NodeTable(code_of(seed, 40, True), layout) for seed, layout in enumerate(layouts)]
    for name, table in zip("ab", tables, strict=True):
        (tmp_path / f"{name}.h").write_text(export_c(table, name).text)
    (tmp_path / "two.c").write_text(TWO_CHANNELS)
    subprocess.run([COMPILER, *STRICT, *SANITIZERS, "-o", "two", "two.c"], cwd=tmp_path, check=True)
    chance = random.Random(1)
    for _ in range(5):
        rows = np.column_stack([readings_of(chance, table, 9) for table in tables])
        said = " ".join(map(str, rows.ravel().tolist()))
        done = subprocess.run([tmp_path / "two"], input=said, capture_output=True, text=True, check=True)
        assert done.stdout == pack(rows, tables).hex()


def test_an_interval_code_and_lec_take_few_bytes():
    p = Distribution(range(-300, 300), [1 + 20000 // (1 + abs(i) ** 2) for i in range(-300, 300)])
    made = export_c(NodeTable(interval_code(p)), "t", True)
    assert made.bytes < 120 and "runs alone" in made.how
    assert made.bytes < export_c(NodeTable(huffman(p)), "t", True).bytes
    assert export_c(NodeTable(universal("lec"), PacketLayout("differences")), "lec", True).bytes < 150


def test_what_is_chosen_is_said_with_its_bytes():
    code = code_of(1, 300, True)
    for small in (False, True):
        made = export_c(NodeTable(code), "t", small)
        assert f"{made.bytes} bytes: {made.how}" in made.text
        arrays = re.findall(r"CODEC_TABLE u?int(\d+)_t t_(\w+)\[(\d+)\]", made.text)
        assert made.bytes == sum(int(bits) * int(n) // 8 for bits, name, n in arrays if not name.startswith("test"))
    assert export_c(NodeTable(code), "t", True).bytes < export_c(NodeTable(code), "t").bytes / 2


def test_no_mark_of_the_template_is_left():
    for table, small in some_tables([1, 30], True):
        text = export_c(table, "name", small).text
        assert "@" not in text and text.isascii() and max(map(len, text.splitlines())) <= 130


@pytest.mark.parametrize(
    ("code", "name", "small", "message"),
    [
        (PrefixCode.from_lengths("ab", [1, 1]), "t", False, "the labels are of kind str"),
        (PrefixCode.from_lengths([0, 1 << 31], [1, 1]), "t", False, "one of the labels is gap: "),
        (PrefixCode.from_lengths([0, 1 << 32], [1, 1]), "t", False, "one of the labels is 4294967296: "),
        (universal("rice:4"), "t", False, "hold 31: make a table of readings with a greatest length of 31"),
        (PrefixCode.from_lengths([1, 0], [1, 1]), "t", True, "in another order: store codewords"),
        (PrefixCode.from_lengths([0, 1, 2], [1, 2, 32]), "t", False, "hold 31: store lengths alone"),
        (PrefixCode.from_lengths([0, 1], [1, 1]), "1t", False, "no"),
        (PrefixCode.from_lengths([0, 1], [1, 1]), "a-b", False, "a name in C"),
    ],
)
def test_what_no_node_can_hold_is_refused(code, name, small, message):
    with pytest.raises(ValueError, match=message):
        export_c(NodeTable(code), name, small)
