"""Files of differences: limits of the output, and what is refused of them when it was forged."""

from __future__ import annotations

import io
import tracemalloc
from typing import Any

import numpy as np
import pytest
from checks import each_engine, exchange, forge, huf, mend, npy_of, part, pieces, same, unhuf, walk

from codec.codes.prefix import PrefixCode
from codec.coding import decode, encode
from codec.coding.file import decoded, opened, parts_of, restored
from codec.coding.piece import Limit
from codec.errors import CodecError, DamagedError, OutputLimitError, UnsupportedError
from codec.readings.origin import Origin

WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "pairs": {"per_codeword": 2},
    "sevens": {"per_codeword": 7},
    "context": {"context": True},
}
each_way = pytest.mark.parametrize("way", WAYS)
ESCAPE = PrefixCode.from_lengths([0, 1, -1], [1, 2, 3], 3)

# ------------------------------------------------------------------ limits of the output

TEXTS = {
    "short lines": b"1\n2\n3\n4\n3\n2\n" * 9,
    "lines of many sizes": b"".join(b"%d\n" % (10 ** (i % 4) - 5) for i in range(41)),
    "decimals": b"".join(b"%d.%d\n" % (i, i % 10) for i in range(95, 125)),
    "CR LF": b"9\r\n10\r\n11\r\n" * 9,
    "one line": b"-100000\n",
}


@each_engine
@each_way
@pytest.mark.parametrize("name", TEXTS)
def test_a_text_may_take_what_it_takes_and_not_one_byte_less(name: str, way: str, engine: str) -> None:
    text = TEXTS[name]
    for sizes in ({}, {"block_size": 4, "lane_size": 3}):
        data = huf(text, delta=True, **WAYS[way], **sizes)
        assert unhuf(data, engine=engine, max_output=len(text)) == text
        decode(data, max_output=len(text), engine=engine)
        for limit in (len(text) - 1, len(text) // 2, 1, 0):
            with pytest.raises(OutputLimitError):
                unhuf(data, engine=engine, max_output=limit)
            with pytest.raises(OutputLimitError):
                decode(data, max_output=limit, engine=engine)


@each_engine
@each_way
@pytest.mark.parametrize("count", [1, 6, 40, 41])
def test_an_array_may_take_what_it_takes_and_not_one_byte_less(count: int, way: str, engine: str) -> None:
    for stream, size in (
        (np.cumsum(np.arange(count) % 3).astype(np.int32), 4 * count),
        (b"abracadabra"[:5] * count, 5 * count),
        (np.array([7, -100000, 12345] * count, object), (2 + 8 + 6) * count),  # as lines of a text
    ):
        data = encode(stream, delta=True, block_size=4, **WAYS[way])
        assert same(decode(data, max_output=size, engine=engine), stream)
        for limit in (size - 1, size // 7, 0):
            with pytest.raises(OutputLimitError):
                decode(data, max_output=limit, engine=engine)


@each_engine
def test_raw_differences_count_as_the_readings_they_lead_to(engine: str) -> None:
    text = b"1\n1000000\n1000001\n5\n4\n-77\n" * 5
    data = huf(text, ESCAPE, delta=True, block_size=4)
    assert unhuf(data, engine=engine, max_output=len(text)) == text
    for limit in (len(text) - 1, len(text) // 2, 0):
        with pytest.raises(OutputLimitError):
            unhuf(data, engine=engine, max_output=limit)
    array = np.array([1, 10**6, 5, 4, -77] * 5, np.int32)
    data = encode(array, ESCAPE, delta=True, block_size=4)
    assert same(decode(data, max_output=100, engine=engine), array)
    with pytest.raises(OutputLimitError):
        decode(data, max_output=99, engine=engine)


@each_engine
@pytest.mark.parametrize("readings", ["text", "array"])
def test_the_limit_is_looked_at_before_the_readings_take_memory(readings: str, engine: str) -> None:
    """Readings so alike that 64 of them are one bit."""
    count = 64 * 100_000
    raw = b"7\n" * count if readings == "text" else npy_of(np.full(count, 7, np.uint8))
    data = huf(raw, delta=True, per_codeword=64)
    assert len(data) < 14_000
    unhuf(huf(raw[:256], opens={"raw": True}), engine=engine)  # what is loaded once
    size = 2 * count if readings == "text" else count
    for read in (lambda: decode(data, max_output=size - 1, engine=engine),
                 lambda: unhuf(data, engine=engine, max_output=size - 1)):  # fmt: skip
        tracemalloc.start()
        with pytest.raises(OutputLimitError):
            read()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 5_000_000


@each_engine
def test_the_second_block_of_long_lines_is_refused_before_a_third_takes_memory(engine: str) -> None:
    text = b"1000000000000\n" * 300_000
    data = huf(text, delta=True, block_size=1000)
    given = []
    with pytest.raises(OutputLimitError):
        file = opened(io.BytesIO(data), engine=engine)
        for _, _, readings in restored(file, decoded(file, parts_of(file)), Limit(2 * 14_000)):
            given.append(sum(len(piece.symbols) for piece in readings))
    assert given == [1000, 1000]


# ------------------------------------------------------------------ forged

READINGS = np.array([300, 305, 305, 290, 295, 300, 300, 305, 301, 300], np.int16)
BLOCKS = encode(READINGS, delta=True, block_size=3, lane_size=2)
PAIRS = encode(READINGS, delta=True, per_codeword=2, block_size=2, lane_size=1)
CONTEXT = encode(READINGS, delta=True, context=True, block_size=3, lane_size=2)


def refused(
    data: bytes, engine: str | None = None, error: type[CodecError] = DamagedError, match: str | None = None
) -> None:
    with pytest.raises(error, match=match):
        decode(data, engine=engine)
    with pytest.raises(error, match=match):
        unhuf(data, engine=engine)


@each_engine
@pytest.mark.parametrize("data", [BLOCKS, PAIRS, CONTEXT], ids=["plain", "pairs", "context"])
def test_a_base_is_the_last_reading_of_the_block_before(data: bytes, engine: str) -> None:
    assert same(decode(data, engine=engine), READINGS)
    bases = [p.number(data, "base") for p in walk(data) if p.name == "block"]
    assert len(bases) > 2
    for number, base in enumerate(bases):
        for other in (base + 1, base - 1, 0, 2**63, 2**64 - 1):
            forged = forge(data, "block", "base", other, number)
            chained = number > 0 or abs(other - base) == 1  # others take the first block out of 16 bits
            refused(forged, engine, match="is not the reading before it" if chained else None)
    shifted = data
    for number, base in enumerate(bases):
        shifted = forge(shifted, "block", "base", base + 7, number)
    refused(shifted, engine, match="their checksum does not hold")


@each_engine
def test_the_base_of_a_single_block_is_signed_at_the_end(engine: str) -> None:
    for readings in (READINGS, b"abc", np.array([2**63 - 1, 5])):
        data = encode(readings, delta=True)
        base = part(data, "block").number(data, "base")
        refused(forge(data, "block", "base", base ^ 1), engine, match="their checksum does not hold")


@each_engine
def test_blocks_that_changed_places_are_refused(engine: str) -> None:
    alike = encode(np.arange(9, dtype=np.int16), delta=True, block_size=3)
    front, (first, *others), end = pieces(alike)
    for blocks in (others[::-1], others[:1], others[1:], [*others, others[1]], []):
        refused(b"".join([front, first, *blocks, end]), engine)
    renumbered = b"".join([front, first, others[1][:1] + others[0][1:5] + others[1][5:], others[0], end])
    refused(mend(renumbered), engine)


PLAIN = encode(READINGS)
OTHER_LABELS = {
    "strings": encode("abcab"),
    "floats": encode([0.5, 1.5], decimals=False),
    "bytes": encode(np.array([b"a", b"bc"])),
}


@pytest.mark.parametrize("name", OTHER_LABELS)
def test_only_ints_have_differences(name: str) -> None:
    refused(forge(OTHER_LABELS[name], "header", "transform", 1), None, match="only ints")


@each_engine
def test_a_forged_transform_is_refused(engine: str) -> None:
    refused(forge(PLAIN, "header", "transform", 1), engine)
    for data in (BLOCKS, PAIRS, CONTEXT):
        for transform in (2, 3, 128, 255):
            refused(forge(data, "header", "transform", transform), engine, UnsupportedError, "transform")
        forged = mend(forge(data, "header", "transform", 0, 0), like=data)
        refused(forged, engine)


@each_engine
@pytest.mark.parametrize("data", [BLOCKS, PAIRS, CONTEXT], ids=["plain", "pairs", "context"])
def test_readings_that_their_origin_cannot_hold_are_refused(data: bytes, engine: str) -> None:
    for origin in (
        Origin("array", "|i1", (10,)),
        Origin("array", "|b1", (10,)),
        Origin("array", "<U3", (10,)),
        Origin("array", "|S2", (10,)),
        Origin("array", "<c8", (10,)),
        Origin("array", "<i2", (9,)),
        Origin("array", "<i2", (2, 6)),
        Origin("string"),
    ):
        refused(exchange(data, "origin", origin.pack()), engine)
    assert same(decode(exchange(data, "origin", Origin("array", ">u8", (5, 2)).pack()), engine=engine),
                READINGS.reshape(5, 2).astype(">u8"))  # fmt: skip
    negative = encode(-READINGS, delta=True)
    refused(exchange(negative, "origin", Origin("bytes").pack()), engine)


def test_every_flipped_bit_of_a_forged_head_gives_the_right_readings_or_is_refused() -> None:
    """Whatever `mend` sets right: outside the table, the origin, and what the file says beside its readings."""
    for data in (BLOCKS, PAIRS, CONTEXT):
        apart = ("table", "table fingerprint", "origin", "checksum", "lane size", "block size", "closing")
        spans = [span for p in walk(data) for field, span in p.fields.items() if field not in apart]
        right = []
        for bit in (bit for start, stop in spans for bit in range(8 * start, 8 * stop)):
            changed = bytearray(data)
            changed[bit >> 3] ^= 0x80 >> (bit & 7)
            try:
                found = decode(mend(bytes(changed), like=data))
            except CodecError:
                continue
            right.append(same(found, READINGS))
        assert not right, "bits that nothing depends on"
