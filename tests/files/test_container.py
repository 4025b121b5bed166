"""The .huf file: its layout, its size, and that no damage passes.

All of it is checked with the second reader of the layout in `checks.walk`, and with bitarray.
"""

from __future__ import annotations

import contextlib
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
    incomplete,
    lane_bits_of,
    mend,
    part,
    payload_of,
    pieces,
    same,
    unhuf,
    walk,
)
from reading import Reader

from codec.codes.prefix import PrefixCode, fingerprint_of, huffman
from codec.codes.serialize import serialize
from codec.coding import decode, encode
from codec.coding.steps import BASE_BYTES
from codec.errors import CodecError, DamagedError, MissingCodewordError, UnsupportedError, WrongTableError
from codec.files.container import Block, End, Header, checksum_symbols, read_header, write_all
from codec.readings.origin import Origin
from codec.theory.distribution import Distribution
from codec.theory.labels import labels_of
from codec.theory.sources import built_in

NASA = huffman(built_in("nasa"))
ODD = incomplete(huffman(Distribution([3, 5, 9], [4, 2, 1])))  # lengths 1, 3, 3


def nasa(count: int, seed: int = 1) -> Any:
    return built_in("nasa").sample(count, seed).astype(np.int16)


# Small files, each with what is needed to read it, and what it holds.
READINGS = {
    "plain": nasa(60),
    "no table": nasa(70),
    "several lanes": nasa(90),
    "several blocks": nasa(40),
    "incomplete": np.array([3, 5, 9, 3, 3, 5, 9] * 3, np.uint8),
    "one symbol": np.full(20, 7, np.int8),
    "nothing": np.zeros((0, 2), np.float32),
    "a string": "abracadabra",
}
FILES: dict[str, tuple[bytes, PrefixCode | None]] = {
    "plain": (encode(READINGS["plain"]), None),
    "no table": (encode(READINGS["no table"], NASA, embed_table=False, lane_size=30), NASA),
    "several lanes": (encode(READINGS["several lanes"], lane_size=7), None),
    "several blocks": (encode(READINGS["several blocks"], lane_size=5, block_size=12), None),
    "incomplete": (encode(READINGS["incomplete"], ODD, lane_size=4), None),
    "one symbol": (encode(READINGS["one symbol"]), None),
    "nothing": (encode(READINGS["nothing"]), None),
    "a string": (encode(READINGS["a string"], lane_size=4), None),
}
each_file = pytest.mark.parametrize("name", FILES)


def test_the_files_are_what_their_names_say() -> None:
    counts = {name: [p.name for p in walk(data)].count("block") for name, (data, _) in FILES.items()}
    assert counts == {**dict.fromkeys(FILES, 1), "several blocks": 4, "nothing": 0}
    assert [len(lane_bits_of(FILES[name][0])) for name in ("plain", "no table", "several lanes")] == [1, 3, 13]
    assert part(FILES["several lanes"][0], "block").number(FILES["several lanes"][0], "index width") > 0
    assert all(len(data) < 260 for data, _ in FILES.values())


@each_engine
@each_file
def test_a_file_comes_back(name: str, engine: str) -> None:
    data, code = FILES[name]
    assert same(decode(data, code, engine=engine), READINGS[name])


# ------------------------------------------------------------------ layout


@each_file
def test_the_header_is_as_documented(name: str) -> None:
    data, code = FILES[name]
    header = part(data, "header")
    table = b"" if name == "no table" else part(data, "table").read(data, "table")
    alphabet = labels_of([]) if name == "nothing" else None
    assert data[:8] == bytes.fromhex("894855460D0A1A0A")
    assert header.number(data, "flags") == (name != "no table") + 2 * (name in ("incomplete", "one symbol", "nothing"))
    assert [header.number(data, f) for f in ("version", "transform", "code", "parameter")] == [1, 0, 0, 0]
    assert header.number(data, "table size") == len(table)
    fingerprint = code.fingerprint if code else fingerprint_of(table)
    assert header.read(data, "table fingerprint").hex() == fingerprint
    assert header.number(data, "checksum") == zlib.crc32(data[: header.fields["checksum"][0]])
    if table and alphabet is None:
        reader = Reader(io.BytesIO(data))
        assert table == serialize(reader.alphabet, reader.lengths)


@each_file
def test_blocks_are_numbered_and_all_but_the_last_are_full(name: str) -> None:
    data, _ = FILES[name]
    blocks = [p for p in walk(data) if p.name == "block"]
    assert [b.number(data, "sequence number") for b in blocks] == list(range(len(blocks)))
    size = part(data, "header").number(data, "block size")
    counts = [b.number(data, "count") for b in blocks]
    assert counts[:-1] == [size] * (len(blocks) - 1) and all(0 < count <= size for count in counts)
    for block in blocks:
        assert block.number(data, "checksum") == zlib.crc32(data[block.start : block.fields["checksum"][0]])


@each_file
def test_the_end_counts_the_symbols_and_signs_them(name: str) -> None:
    data, code = FILES[name]
    end = part(data, "end")
    alphabet = Reader(io.BytesIO(data), code).alphabet
    readings = READINGS[name]
    place = {label: symbol for symbol, label in enumerate(alphabet)}
    symbols = bytes(place[label] for label in (readings.reshape(-1).tolist() if name != "a string" else readings))
    assert end.number(data, "count") == len(symbols)
    assert end.number(data, "checksum of symbols") == zlib.crc32(symbols)
    size = len(readings) if name == "a string" else readings.nbytes
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
def test_the_sections_add_up_to_the_file(name: str) -> None:
    data, code = FILES[name]
    reader = Reader(io.BytesIO(data), code)
    sizes = [reader.header.sizes(), *(block.sizes() for block in reader.packed_blocks()), reader.end.sizes()]
    assert sum(bits for section in sizes for bits in section.values()) == 8 * len(data)
    parts = walk(data)
    assert sum(p.stop - p.start for p in parts) == len(data)
    payload = sum(p.number(data, "payload bits") for p in parts if p.name == "block")
    assert sum(section.get("payload", 0) for section in sizes) == payload
    assert sum(section.get("table", 0) for section in sizes) == 8 * part(data, "header").number(data, "table size")


@pytest.mark.parametrize("name", ["nasa", "letters", "geometric"])
def test_side_information_is_two_hundredths_of_a_bit_and_the_index_one(name: str) -> None:
    count = 1_000_000
    data = encode(built_in(name).sample(count, seed=1))
    blocks = [p for p in walk(data) if p.name == "block"]
    payload = sum(p.number(data, "payload bits") for p in blocks)
    index = 8 * sum(len(p.read(data, "lane index")) for p in blocks)
    assert index / count <= 0.01
    assert (8 * len(data) - payload) / count <= 0.02


@each_file
def test_parts_are_packed_as_they_were_read(name: str) -> None:
    data, code = FILES[name]
    reader = Reader(io.BytesIO(data), code)
    blocks = [block.pack() for block in reader.packed_blocks()]
    assert (reader.header.pack(), blocks, reader.end.pack()) == pieces(data)


# ------------------------------------------------------------------ damage


def refused(data: bytes, code: PrefixCode | None, engine: str, streaming: bool = True) -> None:
    with pytest.raises(CodecError):
        decode(data, code, engine=engine)
    if streaming:
        with pytest.raises(CodecError):
            unhuf(data, code, engine)


@each_engine
@each_file
def test_every_truncation_is_refused(name: str, engine: str) -> None:
    data, code = FILES[name]
    for size in range(len(data)):
        refused(data[:size], code, engine)


@each_engine
@each_file
def test_every_flipped_bit_is_refused(name: str, engine: str) -> None:
    data, code = FILES[name]
    for bit in range(8 * len(data)):
        refused(flip(data, bit), code, engine, streaming=False)


@each_engine
@each_file
def test_every_missing_and_every_repeated_byte_is_refused(name: str, engine: str) -> None:
    data, code = FILES[name]
    for place in range(len(data)):
        for spoilt in (data[:place] + data[place + 1 :], data[: place + 1] + data[place:]):
            if spoilt != data:
                refused(spoilt, code, engine, streaming=False)


@each_engine
@each_file
def test_anything_behind_the_end_is_refused(name: str, engine: str) -> None:
    data, code = FILES[name]
    _, blocks, end = pieces(data)
    for more in (b"\0", b"\xff", b"B", b"E", end, data, bytes(100), *blocks):
        refused(data + more, code, engine)


@each_engine
def test_blocks_swapped_repeated_dropped_or_from_elsewhere_are_refused(engine: str) -> None:
    data, code = FILES["several blocks"]
    head, blocks, end = pieces(data)
    others = pieces(encode(nasa(40, seed=2), lane_size=5, block_size=12))[1]
    assert len(blocks) == len(others) == 4 and others != blocks
    orders = [
        [1, 0, 2, 3], [0, 2, 1, 3], [0, 1, 3, 2], [3, 2, 1, 0],
        [0, 0, 1, 2, 3], [0, 1, 1, 2, 3], [0, 1, 2, 3, 3], [0, 1, 2, 2],
        [1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2], [0], [],
    ]  # fmt: skip
    for order in orders:
        refused(head + b"".join(blocks[number] for number in order) + end, code, engine)
    for number in range(4):
        mixed = [*blocks[:number], others[number], *blocks[number + 1 :]]
        refused(head + b"".join(mixed) + end, code, engine)
    assert same(decode(head + b"".join(blocks) + end, engine=engine), READINGS["several blocks"])


@each_engine
def test_the_front_of_one_file_and_the_back_of_another_are_refused(engine: str) -> None:
    one, other = encode(nasa(40), NASA, block_size=20), encode(nasa(40, seed=2), NASA, block_size=20)
    (head, blocks, end), (_, other_blocks, other_end) = pieces(one), pieces(other)
    for spoilt in (head + b"".join(blocks) + other_end, head + b"".join(other_blocks) + end, head + end):
        refused(spoilt, None, engine)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file ends within the header"),
        (b"PK\3\4" + bytes(60), "this is not a .huf file"),
        (FILES["plain"][0].replace(b"\r\n", b"\n", 1), "this is not a .huf file"),
        (FILES["plain"][0][:40], "the file ends within the header: it was cut short by at least"),
        (FILES["plain"][0][:-10], "the file ends within block 1"),
        (flip(FILES["plain"][0], 8 * 40), "the header is damaged: its checksum does not hold"),
        (FILES["plain"][0] + b"x", "something stands behind the end of the file"),
    ],
)
def test_damage_is_told_by_what_and_where(data: bytes, message: str) -> None:
    with pytest.raises(DamagedError, match=message):
        decode(data)


def test_damage_names_the_block() -> None:
    data, _ = FILES["several blocks"]
    start, _ = part(data, "block", 2).fields["payload"]
    with pytest.raises(DamagedError, match="block 2 is damaged: its checksum does not hold"):
        decode(flip(data, 8 * start))
    start, _ = part(data, "table").fields["table"]
    with pytest.raises(DamagedError, match="the table is damaged: its fingerprint does not hold"):
        decode(flip(data, 8 * start + 5))


# ------------------------------------------------------------------ forged files: every checksum holds


def lengths_of(block: int, name: str = "several lanes") -> list[int]:
    return lane_bits_of(FILES[name][0], block)


def test_a_mended_file_is_the_file() -> None:
    for data, _ in FILES.values():
        assert mend(data) == data
        changed = flip(data, 8 * part(data, "header").fields["lane size"][0])
        assert mend(changed, like=data) != changed


@each_engine
@each_file
def test_a_forged_bit_gives_the_right_readings_or_is_refused(name: str, engine: str) -> None:
    """Outside what says which readings they are, their table and origin, and outside what `mend` sets right."""
    data, code = FILES[name]
    apart = ("table", "table fingerprint", "origin", "checksum")
    fields = [span for p in walk(data) for field, span in p.fields.items() if field not in apart]
    harmless = set()
    for bit in (bit for start, stop in fields for bit in range(8 * start, 8 * stop)):
        with contextlib.suppress(CodecError):
            assert same(decode(mend(flip(data, bit), like=data), code, engine=engine), READINGS[name])
            harmless.add(bit)
    allowed = [p.fields[f] for p in walk(data) for f in ("lane size", "block size", "closing") if f in p.fields]
    outside = [bit for bit in harmless if not any(8 * start <= bit < 8 * stop for start, stop in allowed)]
    assert not outside, "bits that nothing depends on"


@each_engine
@each_file
def test_a_forged_table_or_origin_gives_readings_or_is_refused(name: str, engine: str) -> None:
    data, code = FILES[name]
    for p in walk(data):
        for field in {"table", "origin"} & set(p.fields):
            start, stop = p.fields[field]
            for bit in range(8 * start, 8 * stop):
                forged = mend(flip(data, bit), like=data)
                with contextlib.suppress(CodecError):
                    assert len(decode(forged, code, engine=engine)) == len(READINGS[name])
                with contextlib.suppress(CodecError):
                    unhuf(forged, code, engine)


@each_engine
@pytest.mark.parametrize("field", ["origin", "table", "closing"])
@each_file
def test_a_section_of_another_file_gives_readings_or_is_refused(name: str, field: str, engine: str) -> None:
    data, code = FILES[name]
    if field == "table" and name == "no table":
        return
    for other in FILES:
        if field == "table" and other == "no table":
            continue
        source = FILES[other][0]
        holder = {"origin": "header", "table": "table", "closing": "end"}[field]
        forged = exchange(data, field, part(source, holder).read(source, field))
        with contextlib.suppress(CodecError):
            assert len(decode(forged, code, engine=engine)) == len(READINGS[name])
        with contextlib.suppress(CodecError):
            unhuf(forged, code, engine)


SHAPED = encode(nasa(60).reshape(3, 20), lane_size=7, block_size=30)
FORGED: dict[str, tuple[bytes, type[CodecError]]] = {
    "another version": (forge(SHAPED, "header", "version", 9), UnsupportedError),
    "a reserved flag": (forge(SHAPED, "header", "flags", 1 | 16), UnsupportedError),
    "all reserved flags": (forge(SHAPED, "header", "flags", 1 | 0xF0), UnsupportedError),
    "a transform": (forge(SHAPED, "header", "transform", 2), UnsupportedError),
    "a code": (forge(SHAPED, "header", "code", 3), UnsupportedError),
    "tuples without their size": (forge(SHAPED, "header", "code", 1), DamagedError),
    "a parameter": (forge(SHAPED, "header", "parameter", 1), UnsupportedError),
    "an unknown kind of labels": (forge(SHAPED, "header", "label kind", 4), UnsupportedError),
    "another kind of labels": (forge(SHAPED, "header", "label kind", 1), DamagedError),
    "incomplete, and it is not": (forge(SHAPED, "header", "flags", 3), DamagedError),
    "no table, and there is one": (forge(SHAPED, "header", "flags", 0), DamagedError),
    "a table of no bytes": (forge(SHAPED, "header", "table size", 0), DamagedError),
    "a table too large": (forge(SHAPED, "header", "table size", (1 << 24) + 1), DamagedError),
    "a larger table": (forge(SHAPED, "header", "table size", 200), DamagedError),
    "lanes of nothing": (forge(SHAPED, "header", "lane size", 0), DamagedError),
    "lanes too large": (forge(SHAPED, "header", "lane size", (1 << 24) + 1), DamagedError),
    "shorter lanes": (forge(SHAPED, "header", "lane size", 6), DamagedError),
    "longer lanes": (forge(SHAPED, "header", "lane size", 8), DamagedError),
    "blocks of nothing": (forge(SHAPED, "header", "block size", 0), DamagedError),
    "blocks too large": (forge(SHAPED, "header", "block size", 2**32 - 1), DamagedError),
    "smaller blocks": (forge(SHAPED, "header", "block size", 29), DamagedError),
    "larger blocks, and so a short one in the middle": (forge(SHAPED, "header", "block size", 31), DamagedError),
    "no origin": (exchange(SHAPED, "origin", b""), DamagedError),
    "a shape of more": (exchange(SHAPED, "origin", Origin("array", "<i2", (61,)).pack()), DamagedError),
    "a shape of fewer": (exchange(SHAPED, "origin", Origin("array", "<i2", (3, 19)).pack()), DamagedError),
    "a type too narrow": (exchange(SHAPED, "origin", Origin("array", "|i1", (3, 20)).pack()), DamagedError),
    "a type of strings": (exchange(SHAPED, "origin", Origin("array", "<U3", (60,)).pack()), DamagedError),
    "characters": (exchange(SHAPED, "origin", Origin("string").pack()), DamagedError),
    "a mark that is none": (forge(SHAPED, "block", "mark", ord("C")), DamagedError),
    "an end too early": (forge(SHAPED, "block", "mark", ord("E")), DamagedError),
    "a number out of order": (forge(SHAPED, "block", "sequence number", 2, number=1), DamagedError),
    "no symbols": (forge(SHAPED, "block", "count", 0), DamagedError),
    "a symbol fewer": (forge(SHAPED, "block", "count", 29), DamagedError),
    "a symbol fewer in the last": (forge(SHAPED, "block", "count", 29, number=1), DamagedError),
    "a symbol more": (forge(SHAPED, "block", "count", 31), DamagedError),
    "very many symbols": (forge(SHAPED, "block", "count", 2**32 - 1), DamagedError),
    "no bits": (forge(SHAPED, "block", "payload bits", 0), DamagedError),
    "fewer bits than symbols": (forge(SHAPED, "block", "payload bits", 29), DamagedError),
    "more than 32 bits a symbol": (forge(SHAPED, "block", "payload bits", 32 * 30 + 1), DamagedError),
    "very many bits": (forge(SHAPED, "block", "payload bits", 2**32 - 1), DamagedError),
    "values beside the payload": (forge(SHAPED, "block", "extra size", 1), DamagedError),
    "very many values beside": (forge(SHAPED, "block", "extra size", 2**32 - 1), DamagedError),
    "lanes with fewer bits": (forge(SHAPED, "block", "least lane bits", 0), DamagedError),
    "lanes with more bits": (forge(SHAPED, "block", "least lane bits", 2**32 - 1), DamagedError),
    "an index of no width": (forge(SHAPED, "block", "index width", 0), DamagedError),
    "an index too wide": (forge(SHAPED, "block", "index width", 33), DamagedError),
    "an index much too wide": (forge(SHAPED, "block", "index width", 255), DamagedError),
    "an end that counts one more": (forge(SHAPED, "end", "count", 61), DamagedError),
    "an end that counts one less": (forge(SHAPED, "end", "count", 59), DamagedError),
    "an end that counts very many": (forge(SHAPED, "end", "count", 2**64 - 1), DamagedError),
    "another checksum of symbols": (forge(SHAPED, "end", "checksum of symbols", 0), DamagedError),
    "no closing": (exchange(SHAPED, "closing", b""), DamagedError),
    "a longer closing": (exchange(SHAPED, "closing", bytes(10)), DamagedError),
    "a last line neither ended nor not": (exchange(SHAPED, "closing", bytes(8) + b"\2"), DamagedError),
}  # fmt: skip


@each_engine
@pytest.mark.parametrize(("data", "error"), FORGED.values(), ids=FORGED)
def test_a_forged_field_is_refused(data: bytes, error: type[CodecError], engine: str) -> None:
    with pytest.raises(error):
        decode(data, engine=engine)
    with pytest.raises(error):
        unhuf(data, engine=engine)


@pytest.mark.parametrize("field", ["lane size", "block size"])
def test_sizes_up_to_the_largest_are_read_and_none_above(field: str) -> None:
    """Of a file with one block of one lane, which would decode the same whatever they are."""
    data, _ = FILES["plain"]
    assert same(decode(forge(data, "header", field, 1 << 24)), READINGS["plain"])
    for size in (0, (1 << 24) + 1, 2**32 - 1):
        with pytest.raises(DamagedError, match="the header's sizes are out of range"):
            decode(forge(data, "header", field, size))


def with_block(data: bytes, number: int, **changes: Any) -> bytes:
    """The file with a block packed anew; all sizes and checksums fit."""
    reader = Reader(io.BytesIO(data))
    blocks = list(reader.packed_blocks())
    fields = {k: getattr(blocks[number], k) for k in ("sequence", "count", "lane_bits", "payload", "extra")} | changes
    packed = [block.pack() for block in blocks]
    packed[number] = Block(**fields).pack()
    head, _, end = pieces(data)
    return head + b"".join(packed) + end


@each_engine
def test_an_index_that_moves_bits_from_lane_to_lane_is_refused(engine: str) -> None:
    lane_bits = np.array(lane_bits_of(SHAPED), np.int64)
    assert same(decode(with_block(SHAPED, 0), engine=engine), nasa(60).reshape(3, 20))
    for place in range(len(lane_bits)):
        for by in (1, 2, 3, -1, -2, -3):
            moved = lane_bits.copy()
            moved[place] += by
            moved[place - 1] -= by
            refused(with_block(SHAPED, 0, lane_bits=moved), None, engine)
    swapped = lane_bits[::-1].copy()
    assert swapped.tolist() != lane_bits.tolist()
    refused(with_block(SHAPED, 0, lane_bits=swapped), None, engine)


@each_engine
def test_values_beside_the_payload_are_refused(engine: str) -> None:
    data = with_block(SHAPED, 1, extra=b"abc")
    with pytest.raises(DamagedError, match="block 1 has raw values, and the code has no escape"):
        decode(data, engine=engine)


@each_engine
def test_padding_that_is_not_zero_is_refused(engine: str) -> None:
    data, _ = FILES["several lanes"]
    block = part(data, "block")
    for field, bits in (
        ("payload", block.number(data, "payload bits")),
        ("lane index", 12 * block.number(data, "index width")),
    ):
        start, stop = block.fields[field]
        assert 8 * (stop - start) > bits, "no padding to forge"
        for bit in range(8 * start + bits, 8 * stop):
            refused(mend(flip(data, bit)), None, engine)


@each_engine
def test_an_index_wider_than_it_need_be_is_refused(engine: str) -> None:
    """One index, one form: otherwise a file could be changed and decode the same."""
    data, _ = FILES["one symbol"]
    for field, value in (("least lane bits", 1), ("index width", 1)):
        refused(forge(data, "block", field, value), None, engine)
    lanes = encode(np.full(20, 7), lane_size=5)
    block = part(lanes, "block")
    assert (block.number(lanes, "index width"), block.number(lanes, "least lane bits")) == (0, 5)
    start, _ = block.fields["lane index"]
    wider = bytearray(lanes)
    wider[block.fields["index width"][0]] = 1
    refused(mend(bytes(wider[:start]) + b"\0" + bytes(wider[start:])), None, engine)


def with_table(lengths: list[int], flags: int, labels: Any = range(8)) -> bytes:
    """Eight readings of 3 bits each under another table."""
    data = encode(np.arange(8), PrefixCode.from_lengths(range(8), [3] * 8))
    table = serialize(labels_of(labels), np.array(lengths, np.int64))
    return forge(exchange(data, "table", table), "header", "flags", flags)


TABLES = {
    "over-full": (with_table([2] * 8, 1), "over-full: their Kraft sum is 2"),
    "over-full by the least that can be": (with_table([3] * 7 + [2], 1), "over-full"),
    "over-full by 2^-32": (with_table([*range(1, 32), 31, 32], 1, range(33)), "over-full"),
    "incomplete without its flag": (with_table([4] * 8, 1), "flags say otherwise"),
    "complete with the flag of an incomplete one": (with_table([3] * 8, 3), "flags say otherwise"),
    "no codeword at all": (with_table([0] * 8, 1), "flags say otherwise"),
    "no codeword at all, incomplete": (with_table([0] * 8, 3), "flags say otherwise"),
    "no labels": (with_table([], 3, []), "readings and no code"),
    "shorter codewords": (with_table([1, 2, 3, 4, 5, 6, 7, 7], 1), "block 0 is damaged"),
    "incomplete, and a prefix that is unused occurs": (with_table([4] * 7 + [0], 3), "block 0 is damaged"),
    "other labels of the same code": (with_table([3] * 8, 1, range(1, 9)), None),
}


@each_engine
@pytest.mark.parametrize(("data", "message"), TABLES.values(), ids=TABLES)
def test_a_forged_table_is_refused_if_it_is_no_code_or_not_of_these_symbols(
    data: bytes, message: str | None, engine: str
) -> None:
    if message is None:
        assert decode(data, engine=engine).tolist() == list(range(1, 9))
        return
    with pytest.raises(DamagedError, match=message):
        decode(data, engine=engine)
    with pytest.raises(DamagedError, match=message):
        unhuf(data, engine=engine)


@each_engine
def test_a_table_of_the_same_fingerprint_in_the_header_alone_is_not_believed(engine: str) -> None:
    data, _ = FILES["no table"]
    other = huffman(built_in("peaked"))
    forged = forge(data, "header", "table fingerprint", bytes.fromhex(other.fingerprint))
    with pytest.raises(WrongTableError):
        decode(forged, NASA, engine=engine)
    with pytest.raises(DamagedError):
        decode(forged, other, engine=engine)


# ------------------------------------------------------------------ reading and writing


def test_nothing_is_read_behind_the_header_and_the_table() -> None:
    data, _ = FILES["plain"]
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
