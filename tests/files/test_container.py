"""The .huf file: its layout, its size, and that what is forged in it is refused.

All of it is checked with the second reader of the layout in `checks.walk`, and with bitarray.
"""

from __future__ import annotations

import io
import zlib
from typing import Any

import numpy as np
import pytest
from bitarray import bitarray
from checks import (
    each_engine,
    exchange,
    flip,
    forge,
    huf,
    lane_bits_of,
    mend,
    part,
    payload_of,
    pieces,
    same,
    unhuf,
    walk,
)
from corpus import GOOD, NASA, good
from reading import Reader
from spoilt import of_lengths, under, with_block

from codec.codes.prefix import fingerprint_of, huffman
from codec.codes.serialize import serialize
from codec.coding import decode, encode
from codec.coding.steps import BASE_BYTES
from codec.errors import CodecError, DamagedError, MissingCodewordError, UnsupportedError, WrongTableError
from codec.files.container import End, Header, checksum_symbols, read_header, write_all
from codec.readings.origin import Origin
from codec.theory.distribution import Distribution
from codec.theory.sources import built_in

NAMES = ("plain", "no-table", "lanes", "blocks", "incomplete", "one-label", "nothing", "a-string")
each_file = pytest.mark.parametrize("name", NAMES)


def nasa(count: int, seed: int = 1) -> Any:
    return built_in("nasa").sample(count, seed).astype(np.int16)


# ------------------------------------------------------------------ layout


def test_the_files_have_the_blocks_and_lanes_that_the_tests_below_need() -> None:
    counts = {name: [p.name for p in walk(good(name))].count("block") for name in NAMES}
    assert counts == {**dict.fromkeys(NAMES, 1), "blocks": 4, "nothing": 0}
    assert [len(lane_bits_of(good(name))) for name in ("plain", "no-table", "lanes")] == [1, 2, 8]
    assert part(good("lanes"), "block").number(good("lanes"), "index width") > 0


@each_file
def test_the_header_is_as_documented(name: str) -> None:
    data, code = good(name), GOOD[name].needed
    header = part(data, "header")
    table = b"" if name == "no-table" else part(data, "table").read(data, "table")
    assert data[:8] == bytes.fromhex("894855460D0A1A0A")
    assert header.number(data, "flags") == (name != "no-table") + 2 * (name in ("incomplete", "one-label", "nothing"))
    assert [header.number(data, f) for f in ("version", "transform", "code", "parameter")] == [1, 0, 0, 0]
    assert header.number(data, "table size") == len(table)
    fingerprint = code.fingerprint if code else fingerprint_of(table)
    assert header.read(data, "table fingerprint").hex() == fingerprint
    assert header.number(data, "checksum") == zlib.crc32(data[: header.fields["checksum"][0]])
    reader = Reader(io.BytesIO(data), code)
    assert name in ("no-table", "nothing") or table == serialize(reader.alphabet, reader.lengths)


@each_file
def test_blocks_are_numbered_and_all_but_the_last_are_full(name: str) -> None:
    data = good(name)
    blocks = [p for p in walk(data) if p.name == "block"]
    assert [b.number(data, "sequence number") for b in blocks] == list(range(len(blocks)))
    size = part(data, "header").number(data, "block size")
    counts = [b.number(data, "count") for b in blocks]
    assert counts[:-1] == [size] * (len(blocks) - 1) and all(0 < count <= size for count in counts)
    for block in blocks:
        assert block.number(data, "checksum") == zlib.crc32(data[block.start : block.fields["checksum"][0]])


@each_file
def test_the_end_counts_the_symbols_and_signs_them(name: str) -> None:
    data, code = good(name), GOOD[name].needed
    end = part(data, "end")
    alphabet = Reader(io.BytesIO(data), code).alphabet
    readings = GOOD[name].content
    place = {label: symbol for symbol, label in enumerate(alphabet)}
    symbols = bytes(place[label] for label in (readings.reshape(-1).tolist() if name != "a-string" else readings))
    assert end.number(data, "count") == len(symbols)
    assert end.number(data, "checksum of symbols") == zlib.crc32(symbols)
    size = len(readings.encode()) if name == "a-string" else readings.nbytes
    assert end.read(data, "closing") == size.to_bytes(8, "big") + b"\1"


def test_symbols_of_a_large_alphabet_are_signed_as_two_bytes_big_endian() -> None:
    data = encode(np.arange(300))
    symbols = np.arange(300).astype(">u2").tobytes()
    assert part(data, "end").number(data, "checksum of symbols") == zlib.crc32(symbols)
    parts = np.arange(100, dtype=np.uint16), np.arange(100, 300, dtype=np.uint16)
    assert checksum_symbols(parts[1], checksum_symbols(parts[0])) == zlib.crc32(symbols)


SHAPES = [(8, 1000, 5000, 1 << 20), (8, 7, 400, 100), (1, 3, 50, 20), (27, 64, 1000, 333), (256, 10, 3000, 1000),
          (257, 100, 3000, 1000), (3000, 50, 9000, 4000), (8, 1, 40, 1 << 20), (8, 1 << 24, 500, 100)]  # fmt: skip


@each_engine
@pytest.mark.parametrize(("size", "lane", "count", "block"), SHAPES)
def test_the_payload_of_every_block_is_what_bitarray_encodes(
    size: int, lane: int, count: int, block: int, engine: str
) -> None:
    weights = np.maximum(1e9 * 0.9 ** np.arange(size), 1).astype(np.int64)
    code = huffman(Distribution(range(size), weights), 32)
    symbols = np.random.default_rng(size + lane).choice(size, count, p=weights / weights.sum())
    data = encode(symbols, code, engine=engine, lane_size=lane, block_size=block)
    blocks = [p for p in walk(data) if p.name == "block"]
    codewords = code.codewords
    assert len(blocks) == -(-count // block)
    for number, start in enumerate(range(0, count, block)):
        readings = symbols[start : start + block].tolist()
        bits = bitarray()
        bits.encode(codewords, readings)
        assert payload_of(data, number) == bits
        assert not bitarray(blocks[number].read(data, "payload"))[len(bits) :].any(), "padding"
        lanes = [sum(len(codewords[s]) for s in readings[i : i + lane]) for i in range(0, len(readings), lane)]
        assert lane_bits_of(data, number) == lanes
        full = lanes[:-1] or [0]
        assert blocks[number].number(data, "least lane bits") == min(full)
        assert blocks[number].number(data, "index width") == (max(full) - min(full)).bit_length()


@each_engine
def test_a_sequential_decoder_may_ignore_the_index(engine: str) -> None:
    data = encode(nasa(500), NASA, engine=engine, lane_size=9, block_size=130)
    readings = [label for number in range(4) for label in payload_of(data, number).decode(NASA.codewords)]
    assert readings == nasa(500).tolist()


def test_text_is_coded_as_bitarray_codes_its_lines() -> None:
    raw = b"21.5\n-0.3\n21.5\n0.0\n" * 5
    data = huf(raw)
    reader = Reader(io.BytesIO(data))
    bits = bitarray()
    bits.encode(reader.code.codewords if reader.code else {}, [float(x) for x in raw.split()])
    assert payload_of(data) == bits


# ------------------------------------------------------------------ size


@each_file
def test_the_sections_are_packed_as_they_were_read_and_add_up_to_the_file(name: str) -> None:
    data, code = good(name), GOOD[name].needed
    reader = Reader(io.BytesIO(data), code)
    blocks = list(reader.packed_blocks())
    assert (reader.header.pack(), [block.pack() for block in blocks], reader.end.pack()) == pieces(data)
    sizes = [section.sizes() for section in (reader.header, *blocks, reader.end)]
    assert sum(bits for section in sizes for bits in section.values()) == 8 * len(data)
    parts = walk(data)
    payload = sum(p.number(data, "payload bits") for p in parts if p.name == "block")
    assert sum(section.get("payload", 0) for section in sizes) == payload
    assert sum(section.get("table", 0) for section in sizes) == 8 * part(data, "header").number(data, "table size")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nasa", "letters", "geometric"])
def test_side_information_is_two_hundredths_of_a_bit_and_the_index_one(name: str) -> None:
    count = 1_000_000
    data = encode(built_in(name).sample(count, seed=1))
    blocks = [p for p in walk(data) if p.name == "block"]
    payload = sum(p.number(data, "payload bits") for p in blocks)
    index = 8 * sum(len(p.read(data, "lane index")) for p in blocks)
    assert index / count <= 0.01
    assert (8 * len(data) - payload) / count <= 0.02


# ------------------------------------------------------------------ forged files: every checksum holds


def refused(data: bytes, engine: str, error: type[CodecError] = DamagedError, message: str = "") -> bool:
    """Whether a file is refused so, at once and block by block."""
    for read in (lambda: decode(data, engine=engine), lambda: unhuf(data, engine=engine)):
        try:
            read()
        except error as caught:
            if message in str(caught):
                continue
        return False
    return True


def test_a_mended_file_is_the_file() -> None:
    for data in map(good, NAMES):
        assert mend(data) == data
        changed = flip(data, 8 * part(data, "header").fields["lane size"][0])
        assert mend(changed, like=data) != changed


SHAPED = encode(nasa(60).reshape(3, 20), lane_size=7, block_size=30)
MOST = 2**32 - 1
FORGED: tuple[tuple[type[CodecError], str, dict[str, tuple[int, ...]]], ...] = (
    (UnsupportedError, "header", {"version": (9,), "flags": (1 | 64, 1 | 0xF0), "transform": (max(BASE_BYTES) + 1,),
                                  "code": (4, 255), "parameter": (1,), "label kind": (4,)}),
    (DamagedError, "header", {"code": (1, 2, 3), "label kind": (1,), "flags": (0, 3),
                              "table size": (0, 200, (1 << 24) + 1), "lane size": (0, 6, 8, (1 << 24) + 1),
                              "block size": (0, 29, 31, MOST)}),
    (DamagedError, "block", {"mark": (ord("C"), ord("E")), "sequence number": (1, 2), "count": (0, 29, 31, MOST),
                             "payload bits": (0, 29, 32 * 30 + 1, MOST), "extra size": (1, MOST),
                             "least lane bits": (0, MOST), "index width": (0, 33, 255)}),
    (DamagedError, "end", {"count": (59, 61, 2**64 - 1), "checksum of symbols": (0,)}),
)  # fmt: skip


@each_engine
def test_a_forged_field_is_refused(engine: str) -> None:
    for error, section, fields in FORGED:
        for field, values in fields.items():
            for value in values:
                assert refused(forge(SHAPED, section, field, value), engine, error), (section, field, value)
    for field, value in (("sequence number", 2), ("count", 29)):
        assert refused(forge(SHAPED, "block", field, value, number=1), engine), field
    for origin in (Origin("array", "<i2", (61,)), Origin("array", "<i2", (3, 19)), Origin("array", "|i1", (3, 20)),
                   Origin("array", "<U3", (60,)), Origin("string")):  # fmt: skip
        assert refused(exchange(SHAPED, "origin", origin.pack()), engine), origin


@pytest.mark.parametrize("field", ["lane size", "block size"])
def test_sizes_up_to_the_largest_are_read_and_none_above(field: str) -> None:
    """Of a file with one block of one lane, which would decode the same whatever they are."""
    data = good("plain")
    assert same(decode(forge(data, "header", field, 1 << 24)), GOOD["plain"].content)
    for size in (0, (1 << 24) + 1, MOST):
        assert refused(forge(data, "header", field, size), "lanes", message="the header's sizes are out of range"), size


@each_engine
def test_an_index_that_moves_bits_from_lane_to_lane_is_refused(engine: str) -> None:
    lane_bits = np.array(lane_bits_of(SHAPED), np.int64)
    assert same(decode(with_block(SHAPED, 0), engine=engine), nasa(60).reshape(3, 20))
    for place in range(len(lane_bits)):
        for by in (1, 2, 3, -1, -2, -3):
            moved = lane_bits.copy()
            moved[place] += by
            moved[place - 1] -= by
            assert refused(with_block(SHAPED, 0, lane_bits=moved), engine), (place, by)
    swapped = lane_bits[::-1].copy()
    assert swapped.tolist() != lane_bits.tolist()
    assert refused(with_block(SHAPED, 0, lane_bits=swapped), engine)


@each_engine
def test_padding_that_is_not_zero_is_refused(engine: str) -> None:
    data = good("lanes")
    block = part(data, "block")
    entries = (len(lane_bits_of(data)) - 1) * block.number(data, "index width")
    for field, bits in (("payload", block.number(data, "payload bits")), ("lane index", entries)):
        start, stop = block.fields[field]
        assert 8 * (stop - start) > bits, "no padding to forge"
        for bit in range(8 * start + bits, 8 * stop):
            assert refused(mend(flip(data, bit)), engine), (field, bit)


@each_engine
def test_an_index_wider_than_it_need_be_is_refused(engine: str) -> None:
    """One index, one form: otherwise a file could be changed and decode the same."""
    for field in ("least lane bits", "index width"):
        assert refused(forge(good("one-label"), "block", field, 1), engine), field


@each_engine
def test_a_forged_table_is_refused_if_it_is_no_code_or_not_of_these_symbols(engine: str) -> None:
    for lengths, flags, message in (
        ([3] * 7 + [2], 1, "over-full"),
        ([3] * 8, 3, "flags say otherwise"),
        ([0] * 8, 1, "flags say otherwise"),
        ([4] * 7 + [0], 3, "block 0 is damaged"),  # a prefix that is unused occurs
    ):
        assert refused(under(of_lengths(lengths), flags), engine, message=message), lengths
    other_labels = under(of_lengths([3] * 8, range(1, 9)))
    assert decode(other_labels, engine=engine).tolist() == list(range(1, 9))


@each_engine
def test_a_table_of_the_same_fingerprint_in_the_header_alone_is_not_believed(engine: str) -> None:
    other = huffman(built_in("peaked"))
    forged = forge(good("no-table"), "header", "table fingerprint", bytes.fromhex(other.fingerprint))
    with pytest.raises(WrongTableError):
        decode(forged, NASA, engine=engine)
    with pytest.raises(DamagedError):
        decode(forged, other, engine=engine)


# ------------------------------------------------------------------ reading and writing


def test_nothing_is_read_behind_the_header_and_the_table() -> None:
    data = good("plain")
    source = io.BytesIO(data)
    read_header(source, BASE_BYTES)
    assert source.tell() == part(data, "table").stop


def test_a_header_is_packed_to_what_is_read() -> None:
    header = Header(2, 3, 17, 1 << 24, "0123456789abcdef", b"origin")
    assert read_header(io.BytesIO(header.pack()), BASE_BYTES) == header
    assert walk(header.pack() + End(0, 0, b"").pack())[0].fields["origin"][1] == len(header.pack()) - 4


def test_everything_is_written_to_what_takes_it_in_parts() -> None:
    class Drip(io.BytesIO):
        def write(self, data: Any, /) -> int:
            return super().write(bytes(data[:3]))

    out = Drip()
    assert write_all(out, b"0123456789") == 10
    assert out.getvalue() == b"0123456789"


def test_a_failure_while_coding_is_told_after_all_readings_were_looked_at() -> None:
    with pytest.raises(MissingCodewordError, match="2 of 6 readings"):
        encode([100, 7, 105, 110, 8, 100], NASA, block_size=1)
