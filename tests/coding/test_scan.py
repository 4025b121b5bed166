"""Where a file's blocks are: found behind damage, not taken from other files within it, and found in a moment."""

from __future__ import annotations

import io
import struct
import time
import zlib

import numpy as np
import pytest
from checks import flip, part, pieces, unhuf

from codec.codes.prefix import PrefixCode, huffman
from codec.coding import encode
from codec.coding.salvage import Salvage
from codec.coding.scan import Found, find_parts
from codec.coding.steps import BASE_BYTES
from codec.errors import DamagedError
from codec.files.container import End, Header, read_header
from codec.readings.origin import Closing
from codec.theory.distribution import Distribution

SMALL = {"lane_size": 3, "block_size": 8}
ESCAPING = PrefixCode.from_lengths([b"a", b"b"], [1, 2], escape_length=2)
INNER = encode(np.array([b"b", b"a", b"b"] * 8, object), ESCAPING, block_size=6)
READINGS = [b"a"] * 6 + [b"b"] * 6 + [INNER] + [b"a"] * 5 + [b"b", b"a"] * 3 + [b"b"] * 4
OUTER = encode(np.array(READINGS, object), ESCAPING, lane_size=2, block_size=6)


def test_a_block_that_holds_another_file_does_not_hide_the_sound_blocks_around_it() -> None:
    fields = part(OUTER, "block", 2).fields
    places = [fields[field][1] - 1 for field in ("payload", "lane index", "checksum")]
    damaged = [flip(OUTER, 8 * place) for place in [*places, fields["extra"][0]]]
    damaged.append(flip(OUTER, 8 * fields["mark"][0]))  # the chain back from the end still holds
    damaged.append(flip(OUTER, 8 * fields["payload"][0]) + INNER)  # a file behind another is none of it
    for data in damaged:
        salvage = Salvage(io.BytesIO(data))
        assert b"".join(salvage.restored()).splitlines() == READINGS[:12] + READINGS[18:]
        assert [(lost.start, lost.stop) for lost in salvage.lost] == [(12, 18)]


# ------------------------------------------------------------------ time


def scanned(data: bytes, header: Header) -> tuple[Found, float]:
    start = time.process_time()
    found = find_parts(memoryview(data), 0, header)
    return found, time.process_time() - start


MEGABYTE = 1_000_000
PLAIN = Header(flags=5, label_kind=0, lane_size=1 << 24, block_size=1 << 24, fingerprint="00" * 8, origin=b"\1")
HALF = 8 * MEGABYTE // 2
HEADS = {
    "long payloads": struct.pack(">cIIIIIB", b"B", 0, HALF, HALF, 0, 0, 0),
    "long raw values": struct.pack(">cIIIIIB", b"B", 0, 8, 20, MEGABYTE // 2, 0, 0),
    "heads in heads": b"BBB" + struct.pack(">IIIB", HALF >> 8, HALF, 0, 0),
    "marks of blocks": b"B",
    "marks of an end": b"E",
    "ends in ends": b"E\0\t",
    "both": b"BE\0\t",
    "zeros": b"\0",
}


@pytest.mark.dear
@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_a_file_full_of_false_beginnings_takes_a_moment(head: bytes) -> None:
    start = time.process_time()
    try:
        assert scanned((head * MEGABYTE)[:MEGABYTE], PLAIN)[0] == Found({}, None)
    except DamagedError as error:
        assert "too many false block marks" in str(error)
    assert time.process_time() - start < 5


def test_what_stands_within_a_part_whose_checksum_holds_is_not_looked_at() -> None:
    code = huffman(Distribution([b"a", b"b"], [2, 1]), escape_weight=1)
    inner = pieces(encode([b"a", b"b"] * 20, code, **SMALL))[1]
    readings = [b"a", b"b", inner[1], b"a", b"b", inner[3], b"b", b"a"] * 2
    front, blocks, end = pieces(encode(readings, code, **SMALL))
    header = read_header(io.BytesIO(front), BASE_BYTES)
    found = find_parts(memoryview(b"".join([*blocks, end])), 0, header)
    assert found.places == {0: 0, 1: len(blocks[0])}
    data = front + b"".join([*blocks, end])
    assert b"".join(Salvage(io.BytesIO(data)).restored()) == unhuf(data)
    assert set(find_parts(memoryview(blocks[0][:-1]), 0, header).places) == {1, 3}  # a block that does not hold is none


@pytest.mark.slow
def test_as_many_small_blocks_and_ends_as_a_megabyte_holds_take_a_moment() -> None:
    front, blocks, end = pieces(encode(np.arange(16) % 2, lane_size=1, block_size=1))
    header = read_header(io.BytesIO(front), BASE_BYTES)
    alike = b"".join(
        body + zlib.crc32(body).to_bytes(4, "big")
        for number in range(MEGABYTE // 60)
        for body in [blocks[0][:1] + b"\0\0\0\0" + blocks[0][5:-4]] * (number < 1)
        + [blocks[number % 16][:1] + (number // 8).to_bytes(4, "big") + blocks[number % 16][5:-4]]
    )
    ends = b"".join(End(number, 0, Closing(number).pack()).pack() for number in range(MEGABYTE // 60))
    assert scanned(alike + ends, header)[1] < 5
    start = time.process_time()
    Salvage(io.BytesIO(front + ends + alike + end))
    assert time.process_time() - start < 20
