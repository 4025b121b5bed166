"""Differences of neighbouring readings: they come back to the last bit, or are refused with a way out."""

from __future__ import annotations

import io
import itertools
from typing import Any

import numpy as np
import pytest
import strategies
from checks import (
    INSTALLED,
    Pipe,
    each_engine,
    exchange,
    forge,
    huf,
    mend,
    npy_of,
    part,
    payload_of,
    pieces,
    same,
    unhuf,
    walk,
)
from context_codes import SHARED, in_rows
from hypothesis import given
from hypothesis import strategies as st
from reading import Reader

from codec.codes.prefix import PrefixCode, huffman
from codec.coding import decode, encode, write
from codec.coding.differences import TRANSFORM, undone
from codec.coding.options import Options
from codec.coding.piece import Cut
from codec.coding.step import Job
from codec.coding.steps import TRANSFORMS
from codec.errors import CodecError, DamagedError, MissingCodewordError, StreamError, UnsupportedError
from codec.readings.front import open_stream
from codec.readings.grid import on_grid
from codec.readings.origin import Closing, Origin
from codec.readings.stream import Stream
from codec.readings.values import from_values
from codec.theory.distribution import Distribution
from codec.theory.floats import step_of
from codec.theory.labels import Labels, labels_of

SIZES: tuple[dict[str, int], ...] = ({}, {"lane_size": 2, "block_size": 3}, {"lane_size": 1, "block_size": 1})
WAYS: list[dict[str, Any]] = [{}, {"per_codeword": 2}, {"per_codeword": 3}, {"context": True}]
ORIGIN = Origin("array", "<i8")
FEW = PrefixCode.from_lengths([-1, 0, 1], [2, 1, 2])
ESCAPE = PrefixCode.from_lengths([-1, 0, 1], [2, 1, 3], 3)


def modulo(value: int) -> int:
    """As an int of 64 bits."""
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


def by_hand(readings: list[int]) -> list[int]:
    """The differences, the first from itself."""
    return [modulo(b - a) for a, b in zip([*readings[:1], *readings], readings, strict=False)]


def bases_of(data: bytes) -> list[int]:
    return [p.number(data, "base") for p in walk(data) if p.name == "block"]


# ------------------------------------------------------------------ whatever goes in comes back


@given(st.data())
def test_ints_of_any_type_come_back_in_blocks_of_any_size(data: Any) -> None:
    dtype = np.dtype(data.draw(st.sampled_from(strategies.INT_DTYPES)))
    low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    near = st.integers(-3, 3).map(lambda step: min(max(step, low), high))
    values = data.draw(st.lists(st.one_of(near, st.integers(low, high), st.sampled_from([low, high])), max_size=30))
    sizes = {"lane_size": data.draw(st.integers(1, 9)), "block_size": data.draw(st.integers(1, 12))}
    way, stream = data.draw(st.sampled_from(WAYS)), np.array(values, dtype)
    file = encode(stream, delta=True, **way, **sizes)
    assert same(decode(file), stream)
    whole = sizes["block_size"] * way.get("per_codeword", 1)  # the base of a block is the reading before it
    assert bases_of(file) == [values[max(start - 1, 0)] % 2**64 for start in range(0, len(values), whole)]


def test_what_is_coded_are_the_differences_and_the_first_is_0() -> None:
    readings = [100, 105, 105, 90, 2**62, -(2**63), 2**63 - 1, 100]
    reader = Reader(io.BytesIO(encode(readings, delta=True, lane_size=3)))
    coded = [symbol for block in reader.decoded_blocks() for symbol in block.symbols.tolist()]
    assert [reader.code.alphabet[symbol] for symbol in coded] == by_hand(readings)
    assert by_hand(readings)[:4] == [0, 5, 0, -15] and by_hand(readings)[5:7] == [modulo(-(2**63) - 2**62), -1]
    steady = encode(np.arange(0, 5000, 5), delta=True)  # one bit each
    assert payload_of(steady).to01() in ("0" + "1" * 999, "1" + "0" * 999)


@given(st.data())
def test_lines_of_any_decimals_come_back(data: Any) -> None:
    decimals = data.draw(st.integers(0, 9))
    numbers = data.draw(st.lists(st.integers(-(10**12), 10**12) | st.integers(-3, 3), max_size=20))
    raw = "".join(spelled + "\n" for spelled in Labels("int", np.array(numbers, np.int64), step_of(decimals)).spellings)
    sizes = {"lane_size": data.draw(st.integers(1, 5)), "block_size": data.draw(st.integers(1, 7))}
    way = data.draw(st.sampled_from(WAYS))
    assert unhuf(huf(raw.encode(), delta=True, **way, **sizes)) == raw.encode()


@pytest.mark.slow
def test_pieces_of_any_size_and_a_pipe_give_the_same_file(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"".join(b"%d\n" % (i * i % 97) for i in range(100))
    array = npy_of((np.arange(100) * 37 % 61).astype(np.int16))

    def made() -> list[bytes]:
        return [huf(raw, delta=True, block_size=9, **way) for raw in (text, array) for way in WAYS]

    whole = made()
    for size in (1, 2, 3, 7, 1000):
        monkeypatch.setattr("codec.readings.stream.PIECE_BYTES", size)
        assert made() == whole
    raw, code, out = (
        b"".join(b"%d\n" % (i // 3) for i in range(60)),
        PrefixCode.from_lengths([0, 1], [1, 1]),
        io.BytesIO(),
    )
    write(open_stream(Pipe(raw), "pipe"), out, code, Options(transform=TRANSFORM, block_size=7))  # type: ignore[arg-type]
    assert out.getvalue() == huf(raw, code, delta=True, block_size=7) and unhuf(out.getvalue()) == raw


@pytest.mark.parametrize(
    ("values", "step", "back"),
    [
        (np.array([0.35, 21.52, -0.04, 21.5]), "0.1", np.array([0.4, 21.5, 0.0, 21.5])),
        (np.array([3.0, 1e18, -1e18], np.float32), "1", np.array([3.0, 1e18, -1e18], np.float32)),
        (np.array([100, 107, 93], np.uint8), "5", np.array([100, 105, 95], np.uint8)),
        (np.array([2**64 - 1, 0, 2**63], np.uint64), "1", np.array([2**64 - 1, 0, 2**63], np.uint64)),
        (np.array([-(2**63), 2**63 - 2]), "2", np.array([-(2**63), 2**63 - 2])),
    ],
)
def test_readings_on_a_grid_come_back_rounded(values: Any, step: str, back: Any) -> None:
    stream, _ = on_grid(from_values(values), step)
    plain = io.BytesIO()
    write(stream, plain)
    assert same(decode(plain.getvalue()), back)
    for way in WAYS:
        for sizes in SIZES:
            out = io.BytesIO()
            write(stream, out, how=Options(transform=TRANSFORM, **way, **sizes))
            assert same(decode(out.getvalue()), back)
        lines, _ = on_grid(open_stream(io.BytesIO(b"1e1\n7\n 12.9\n"), "x"), "2.5")
        out = io.BytesIO()
        write(lines, out, how=Options(transform=TRANSFORM, **way))
        assert unhuf(out.getvalue()) == b"10.0\n7.5\n12.5\n"


# ------------------------------------------------------------------ what has no differences


def strange(*parts: Labels) -> bytes:
    """The file of a stream whose pieces do not go together."""
    out = io.BytesIO()
    write(Stream(Origin("text"), lambda: iter([*parts, Closing(9)]), "x.txt"), out, how=Options(transform=TRANSFORM))
    return out.getvalue()


WORDS = "words have no differences"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (np.array([0.5, -0.0]), "near position 0: floats have no differences: .*the argument step"),
        ([1, 0.1 + 0.2], "floats have no differences"),
        ("abc", f"near position 0: {WORDS}"),
        (np.array([b"a"]), "bytes have no differences: .* without delta=True"),
        (np.array([1j]), "bytes have no differences"),
        (np.array([1, 2, 3, 2**64 - 1], object), "position 3: the reading 18446744073709551615 has more than 63 bits"),
        ((b"1\n2\nx\n", {}), f"near line 1: {WORDS}"),
        ((b"1\n2.5\n2.50\n", {}), f"near line 1: {WORDS}"),
        ((b"a,b\n1,x\n", {"column": "b"}), f"near row 1: {WORDS}"),
        ((b"1\n2\n18446744073709551616\n", {}), WORDS),
        ((b"1\n9223372036854775808\n", {}), "line 2: the reading 9223372036854775808 has more .* without delta=True"),
        ((labels_of([1, 2]), labels_of([3.5])), "x.txt, near line 3: floats"),
        (
            (Labels("int", np.array([1, 2]), "0.1"), Labels("int", np.array([7]), "0.01")),
            "x.txt, near line 3: the steps of the readings change from 0.1 to 0.01, and differences .* argument step",
        ),
    ],
)
def test_what_has_no_differences_is_refused_with_its_place_and_a_way_out(content: Any, message: str) -> None:
    with pytest.raises(StreamError, match=message):
        if not isinstance(content, tuple):
            encode(content, delta=True)
        elif isinstance(content[0], bytes):
            huf(content[0], opens=content[1], delta=True)
        else:
            strange(*content)


def test_lines_whose_decimals_change_between_pieces_have_differences_if_a_rule_spells_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("codec.readings.stream.PIECE_BYTES", 4)
    text = b"1.5\n1.25\n1.25\n"
    assert unhuf(huf(text, delta=True)) == text
    with pytest.raises(StreamError, match="line 2"):
        huf(b"1.5\n1.25\n1.250\n", delta=True)


# ------------------------------------------------------------------ given codes


@each_engine
def test_a_given_code_knows_differences(engine: str) -> None:
    readings = np.array([1000, 1001, 1001, 1000, 999, 1000], np.int16)
    for embed in (True, False):
        data = encode(readings, FEW, embed, delta=True, engine=engine, block_size=4)
        assert same(decode(data, None if embed else FEW, engine=engine), readings)
        assert payload_of(data).to01() == "".join("0" if d == 0 else "10" if d < 0 else "11" for d in (0, 1, 0, -1))
    small, wide = PrefixCode.from_lengths(np.arange(3, dtype=np.uint8), [1, 2, 2]), [0, 1, 2**63]
    data = huf(b"1000\n1001\n1003\n1003\n", small, embed_table=False, delta=True)  # whatever type the labels have
    assert same(decode(data, small, engine=engine), np.array([1000, 1001, 1003, 1003]))
    data = huf(b"-5\n-4\n-4\n", PrefixCode.from_lengths(wide, [1, 2, 2]), delta=True)
    assert same(decode(data, engine=engine), np.array([-5, -4, -4]))


def test_a_difference_without_a_codeword_is_named_with_its_place() -> None:
    with pytest.raises(MissingCodewordError, match=r"position 3: the difference 7 has no codeword .* 2 of 5 readings"):
        encode([100, 100, 101, 108, 90], FEW, delta=True)
    with pytest.raises(MissingCodewordError, match=r"line 2: the difference 0\.2 has no codeword"):
        huf(b"1.5\n1.7\n", PrefixCode.from_lengths(Labels("int", np.array([0, 1]), "0.1"), [1, 1]), delta=True)


@each_engine
def test_an_escape_holds_raw_differences(engine: str) -> None:
    readings = np.array([5, 6, 2**63 - 1, -(2**63), -(2**63), 0, 1, 500], np.int64)
    for sizes in SIZES:
        data = encode(readings, ESCAPE, delta=True, engine=engine, **sizes)
        assert same(decode(data, engine=engine), readings)
        extra = b"".join(p.read(data, "extra") for p in walk(data) if p.name == "block")
        raw = [d for d in by_hand(readings.tolist()) if abs(d) > 1]
        assert extra == np.array(raw, ">i8").tobytes() and len(raw) == 3
    text = b"5\n7\n9000000000000000000\n-9000000000000000000\n-9000000000000000001\n"
    data = huf(text, ESCAPE, delta=True, engine=engine)
    assert unhuf(data, engine=engine) == text
    assert same(decode(data, engine=engine), np.array([int(line) for line in text.split()]))


@given(st.lists(st.integers(-3, 3) | st.integers(-(2**63), 2**63 - 1), max_size=25), st.integers(1, 9))
def test_any_readings_come_back_by_a_code_with_an_escape(values: list[int], block_size: int) -> None:
    for code in (ESCAPE, PrefixCode.from_lengths([9], [1], 1)):
        stream = np.array(values, np.int64)
        assert same(decode(encode(stream, code, delta=True, block_size=block_size)), stream)


def test_a_code_without_0_begins_with_its_shortest_codeword() -> None:
    readings = np.array([100, 105, 112, 107], np.int64)
    data = encode(readings, PrefixCode.from_lengths([5, -5, 7], [2, 1, 2]), delta=True, block_size=3)
    assert same(decode(data), readings)
    assert bases_of(data) == [105, 112] and payload_of(data).to01() == "0" + "10" + "11"
    data = encode([1, 8, 13], in_rows([5, 7], {SHARED: {1: 1}, 1: {0: 2, 1: 1}}), delta=True)
    assert same(decode(data), np.array([1, 8, 13]))
    assert bases_of(data) == [2**64 - 6] and payload_of(data).to01() == "0" + "0" + "10"
    with pytest.raises(MissingCodewordError, match="position 1: the difference 5 has no codeword behind the one"):
        encode([1, 6, 11], in_rows([5, 7], {SHARED: {0: 1}, 0: {1: 1}}), delta=True)


def test_labels_that_no_difference_can_be_do_no_harm() -> None:
    readings = np.array([1, 6, 9, -(2**63), 2**63 - 1], np.int64)
    for lengths in ([1, 2], [2, 1]):
        assert same(decode(encode(readings, PrefixCode.from_lengths([2**63, 5], lengths, 2), delta=True)), readings)
    for labels, escape in (([2**63], 0), ([0.5], 0), ("a", 1)):
        with pytest.raises(MissingCodewordError, match="the difference 0 has no codeword"):
            encode([1, 2], PrefixCode.from_lengths(labels, [1], escape), delta=True)


def test_codes_over_blocks_and_in_context_are_of_differences_too() -> None:
    pairs = huffman(Distribution([-1, 0, 1], [1, 2, 1]).extension(2))
    readings = np.array([7, 8, 8, 7, 6], np.int8)
    assert same(decode(encode(readings, pairs, delta=True, block_size=1)), readings)
    assert bases_of(encode(readings, pairs, delta=True, block_size=1)) == [7, 8, 7]
    context = in_rows([-1, 0, 1], {SHARED: {0: 2, 1: 1, 2: 2}, 1: {1: 2, 2: 1, 0: 2}})
    assert same(decode(encode(readings, context, False, delta=True, lane_size=2), context), readings)


# ------------------------------------------------------------------ differences and their undoing


@given(st.lists(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=6), max_size=6), st.integers(1, 7))
def test_differences_in_any_pieces_and_their_bases(parts: list[list[int]], every: int) -> None:
    labels = [Labels("int", np.array(part, np.int64)) for part in parts]
    stream = Stream(ORIGIN, lambda: iter([*labels, Closing(7)]), "x")
    readings = [value for part in parts for value in part]
    found = list(TRANSFORM.step.there(iter(Cut(stream, every)), Job(stream, TRANSFORM, None, every)))
    values = [value for piece in found for value in piece.labels]
    assert values == by_hand(readings)
    before = [modulo(reading - difference) for reading, difference in zip(readings, values, strict=True)]
    starts = itertools.accumulate((len(piece.labels) for piece in found), initial=0)
    bases = [
        piece.base for piece, start in zip(found, starts, strict=False) if start % every == 0 and len(piece.labels)
    ]
    assert [int.from_bytes(base, "big") for base in bases] == [base % 2**64 for base in before[::every]]
    if values:
        table = labels_of(sorted(set(values)))
        places = np.array([list(table).index(value) for value in values], np.int64)
        back = undone(table, places, int.from_bytes(bases[0], "big"), ORIGIN)
        assert list(back.labels.take(back.symbols)) == readings


def test_differences_are_undone_into_a_table_of_what_occurs() -> None:
    for values in ([3, 4, 5, 4, 3], [3, 4, 500, 4, 3], [0, 255, 0, 255]):
        for origin in (ORIGIN, Origin("bytes"), Origin("array", ">u8"), Origin("array", "|b1")):
            steps = labels_of(sorted(set(by_hand(values))))
            places = np.array([list(steps).index(step) for step in by_hand(values)])
            piece = undone(steps, places, values[0], origin)
            assert list(piece.labels.take(piece.symbols)) == values
            if origin in (ORIGIN, Origin("array", ">u8")):  # of an array of ints, each of them in turn
                assert piece.places is None
                continue
            table = piece.labels
            assert list(table.take(piece.symbols)) == values
            assert list(table) == sorted(set(table)) and set(values) <= set(table) and len(table) <= max(5, len(values))


# ------------------------------------------------------------------ forged

READINGS = np.array([300, 305, 305, 290, 295, 300, 300, 305, 301, 300], np.int16)
FORGED = {
    "plain": encode(READINGS, delta=True, block_size=3, lane_size=2),
    "pairs": encode(READINGS, delta=True, per_codeword=2, block_size=2, lane_size=1),
    "context": encode(READINGS, delta=True, context=True, block_size=3, lane_size=2),
}
each_forged = pytest.mark.parametrize("data", FORGED.values(), ids=FORGED)


def refused(data: bytes, error: type[CodecError] = DamagedError, match: str | None = None) -> None:
    """By every engine and both readers."""
    for engine in INSTALLED:
        for read in (decode, unhuf):
            with pytest.raises(error, match=match):
                read(data, engine=engine)


@each_forged
def test_a_base_is_the_last_reading_of_the_block_before(data: bytes) -> None:
    bases = bases_of(data)
    assert same(decode(data), READINGS) and len(bases) > 2
    shifted = data
    for number, base in enumerate(bases):
        shifted = forge(shifted, "block", "base", base + 7, number)
        for other in (base + 1, base - 1, 0, 2**63, 2**64 - 1):
            chained = number > 0 or abs(other - base) == 1  # others take the first block out of 16 bits
            match = "is not the reading before it" if chained else None
            refused(forge(data, "block", "base", other, number), match=match)
    refused(shifted, match="their checksum does not hold")


def test_the_base_of_a_single_block_is_signed_at_the_end() -> None:
    for readings in (READINGS, b"abc", np.array([2**63 - 1, 5])):
        data = encode(readings, delta=True)
        base = part(data, "block").number(data, "base")
        refused(forge(data, "block", "base", base ^ 1), match="their checksum does not hold")


def test_blocks_that_changed_places_are_refused() -> None:
    front, (first, *others), end = pieces(encode(np.arange(9, dtype=np.int16), delta=True, block_size=3))  # alike
    for blocks in (others[::-1], others[:1], others[1:], [*others, others[1]], []):
        refused(b"".join([front, first, *blocks, end]))
    refused(mend(b"".join([front, first, others[1][:1] + others[0][1:5] + others[1][5:], others[0], end])))


def test_a_forged_transform_is_refused() -> None:
    for other in (encode("abcab"), encode([0.5, 1.5], decimals=False), encode(np.array([b"a", b"bc"]))):
        refused(forge(other, "header", "transform", 1), match="only ints")
    refused(forge(encode(READINGS), "header", "transform", 1))
    for data in FORGED.values():
        for transform in (len(TRANSFORMS), len(TRANSFORMS) + 1, 128, 255):
            refused(forge(data, "header", "transform", transform), UnsupportedError, "transform")
        refused(mend(forge(data, "header", "transform", 0, 0), like=data))


@each_forged
def test_readings_that_their_origin_cannot_hold_are_refused(data: bytes) -> None:
    types = ("|i1", "|b1", "<U3", "|S2", "<c8")
    for origin in (
        *(Origin("array", dtype, (10,)) for dtype in types),
        *(Origin("array", "<i2", shape) for shape in ((9,), (2, 6))),
        Origin("string"),
    ):
        refused(exchange(data, "origin", origin.pack()))
    for engine in INSTALLED:
        found = decode(exchange(data, "origin", Origin("array", ">u8", (5, 2)).pack()), engine=engine)
        assert same(found, READINGS.reshape(5, 2).astype(">u8"))
    refused(exchange(encode(-READINGS, delta=True), "origin", Origin("bytes").pack()))
