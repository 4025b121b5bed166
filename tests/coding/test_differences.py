"""Differences of neighbouring readings: whatever goes in comes back to the last bit, or is refused with a way out."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
import strategies
from checks import Pipe, each_engine, huf, npy_of, part, payload_of, same, unhuf, walk
from context_codes import SHARED, in_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.codes.prefix import PrefixCode, huffman
from codec.coding import decode, encode, write
from codec.coding.differences import TRANSFORM, undone
from codec.coding.file import decoded, opened, parts_of
from codec.coding.options import Options
from codec.coding.piece import Cut
from codec.coding.step import Job
from codec.errors import MissingCodewordError, OutputLimitError, StreamError
from codec.readings.decimals import step_of
from codec.readings.front import open_stream
from codec.readings.grid import on_grid
from codec.readings.origin import Closing, Origin
from codec.readings.stream import Stream
from codec.readings.values import from_values
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, labels_of

SIZES: tuple[dict[str, int], ...] = ({}, {"lane_size": 2, "block_size": 3}, {"lane_size": 1, "block_size": 1})
WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "pairs": {"per_codeword": 2},
    "triples": {"per_codeword": 3},
    "context": {"context": True},
}
INTS = [np.dtype(order + name) for name in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8") for order in "<>"]
ORIGIN = Origin("array", "<i8")
each_way = pytest.mark.parametrize("way", WAYS)
MINUTES = np.array(["2021-01-01T00:00", "NaT", "1969-12-31T23:59"], "M8[m]")

ARRAYS: dict[str, Any] = {
    **{
        f"least and greatest {dtype.str}": np.array([1, low, high, low, high, high, 0, low], dtype)
        for dtype in INTS
        for low, high in [(np.iinfo(dtype).min, np.iinfo(dtype).max)]
    },
    "bool": np.array([[True, False], [False, False], [True, True]]),
    "datetime64": MINUTES,
    "datetime64, big-endian": np.array(["2021-01-01", "2021-01-02", "NaT"], ">M8[D]"),
    "timedelta64, 25 s": np.array([1, -1, 0, 7], "m8[25s]"),
    "Fortran order": np.asfortranarray(np.arange(24, dtype=np.int32).reshape(2, 3, 4) ** 2),
    "transposed": (np.arange(24, dtype=">u2") % 5).reshape(4, 6).T,
    "strided": (np.arange(40) % 7)[::-3],
    "0-d": np.array(7, ">i2"),
    "one reading": np.array([-7]),
    "nothing": np.zeros((0, 3), np.int16),
    "nothing, of floats": np.zeros(0),
    "objects: ints": np.array([1, 2**63 - 1, 0, -(2**63)], object),
    "all alike": np.full(50, 12_345, np.uint32),
    "slow": np.cumsum(np.tile([1, 0, 0, -1, 2], 40)).astype(np.int64) - 10**17,
}  # fmt: skip
BACK: list[tuple[Any, Any]] = [
    ([100, 105, 105, 90], np.array([100, 105, 105, 90])),
    ([0, 2**64 - 1, 5], np.array([0, 2**64 - 1, 5], np.uint64)),
    ([2**63, 2**63 + 1], np.array([2**63, 2**63 + 1], np.uint64)),
    ([True, False], np.array([1, 0])),
    (range(3), np.array([0, 1, 2])),
    (pd.Series([3, 4, 3], dtype="int16"), np.array([3, 4, 3], np.int16)),
    (b"abz\x00\xff", b"abz\x00\xff"),
    (b"", b""),
    ("", ""),
    ([], np.array([], np.int64)),
]


def modulo(value: int) -> int:
    """As an int of 64 bits."""
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


def by_hand(readings: list[int]) -> list[int]:
    """The differences, the first from itself."""
    return [modulo(b - a) for a, b in zip([*readings[:1], *readings], readings, strict=False)]


def bases_of(data: bytes) -> list[int]:
    return [p.number(data, "base") for p in walk(data) if p.name == "block"]


# ------------------------------------------------------------------ whatever goes in comes back


@each_engine
@each_way
@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_comes_back_to_the_last_bit(name: str, way: str, engine: str) -> None:
    for sizes in SIZES:
        data = encode(ARRAYS[name], delta=True, engine=engine, **WAYS[way], **sizes)
        assert part(data, "header").number(data, "transform") == 1
        assert same(decode(data, engine=engine), ARRAYS[name])
        if ARRAYS[name].dtype != object:
            again = np.load(io.BytesIO(unhuf(data, engine=engine)))
            assert same(again, ARRAYS[name])


@each_way
@pytest.mark.parametrize(("readings", "back"), BACK)
def test_what_is_no_array_comes_back_as_from_a_plain_file(readings: Any, back: Any, way: str) -> None:
    data = encode(readings, delta=True, **WAYS[way])
    assert same(decode(data), back)
    assert same(decode(data), decode(encode(readings)))


@settings(deadline=None)
@given(st.data())
def test_ints_of_any_type_come_back_in_blocks_of_any_size(data: Any) -> None:
    dtype = np.dtype(data.draw(st.sampled_from(strategies.INT_DTYPES)))
    low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    near = st.integers(-3, 3).map(lambda step: min(max(step, low), high))
    values = data.draw(st.lists(st.one_of(near, st.integers(low, high), st.sampled_from([low, high])), max_size=30))
    sizes = {"lane_size": data.draw(st.integers(1, 9)), "block_size": data.draw(st.integers(1, 12))}
    way = WAYS[data.draw(st.sampled_from(sorted(WAYS)))]
    stream = np.array(values, dtype)
    file = encode(stream, delta=True, **way, **sizes)
    assert same(decode(file), stream)
    whole = sizes["block_size"] * way.get("per_codeword", 1)
    assert bases_of(file) == [values[max(start - 1, 0)] % 2**64 for start in range(0, len(values), whole)]


@pytest.mark.parametrize("size", [1, 2, 39, 40, 41])
def test_the_base_of_a_block_is_the_reading_before_it(size: int) -> None:
    readings = (np.arange(40) * 7919 % 101 - 50).astype(np.int16)
    data = encode(readings, delta=True, block_size=size, lane_size=3)
    first = [readings[max(start - 1, 0)] for start in range(0, 40, size)]
    assert bases_of(data) == [int(base) % 2**64 for base in first]
    assert same(decode(data), readings)


def test_what_is_coded_are_the_differences_and_the_first_is_0() -> None:
    readings = [100, 105, 105, 90, 2**62, -(2**63), 2**63 - 1, 100]
    file = opened(io.BytesIO(encode(readings, delta=True, lane_size=3)))
    coded = [symbol for _, symbols in decoded(file, parts_of(file)) for symbol in symbols.tolist()]
    assert [file.code.alphabet[symbol] for symbol in coded] == by_hand(readings)
    assert by_hand(readings)[:4] == [0, 5, 0, -15] and by_hand(readings)[5:7] == [modulo(-(2**63) - 2**62), -1]


def test_readings_that_change_by_one_step_cost_one_bit_each() -> None:
    data = encode(np.arange(0, 5000, 5), delta=True)
    assert part(data, "block").number(data, "payload bits") == 1000
    assert str(payload_of(data).to01()) in ("0" + "1" * 999, "1" + "0" * 999)


# ------------------------------------------------------------------ files

FILES_IN: dict[str, tuple[bytes, dict[str, Any]]] = {
    "ints": (b"100\n105\n105\n-90\n0\n", {}),
    "63 bits": (b"9223372036854775807\n-9223372036854775808\n0\n9223372036854775806\n", {}),
    "decimals": (b"1.5\n2.0\n-0.3\n0.0\n100000.9\n", {}),
    "many decimals": (b"0.00000001\n0.00000002\n-0.00000001\n", {}),
    "CR LF": (b"1.5\r\n2.0\r\n1.5\r\n", {}),
    "no last line end": (b"7\n8\n9", {}),
    "one line": (b"7", {}),
    "nothing": (b"", {}),
    "bytes": (bytes(range(250)) * 2 + b"\n", {"raw": True}),
    "npy": (npy_of(np.array([[3, 5, 3], [5, 3, -(2**31)]], ">i4")), {}),
    "npy, Fortran order": (npy_of(np.asfortranarray(np.arange(6).reshape(2, 3))), {}),
    "npy, version 2": (npy_of(np.arange(9, dtype=np.uint64), (2, 0)), {}),
}  # fmt: skip


@each_engine
@each_way
@pytest.mark.parametrize("name", FILES_IN)
def test_a_file_comes_back_byte_for_byte(name: str, way: str, engine: str) -> None:
    raw, opens = FILES_IN[name]
    for sizes in SIZES:
        data = huf(raw, opens=opens, delta=True, engine=engine, **WAYS[way], **sizes)
        plain = huf(raw, opens=opens)
        assert unhuf(data, engine=engine) == unhuf(plain)
        if name != "npy, version 2":
            assert unhuf(data, engine=engine) == raw
        assert same(decode(data, engine=engine), decode(plain))


@each_way
def test_a_column_comes_back(way: str) -> None:
    raw = b'day,"level"\r\n1,100.5\r\n2,105.0\r\n3,"100.5"\r\n4,99.0\r\n'
    data = huf(raw, opens={"column": "level"}, delta=True, block_size=2, **WAYS[way])
    assert unhuf(data) == b"100.5\n105.0\n100.5\n99.0\n"
    assert decode(data).tolist() == [100.5, 105.0, 100.5, 99.0]


@settings(deadline=None)
@given(st.data())
def test_lines_of_any_decimals_come_back(data: Any) -> None:
    decimals = data.draw(st.integers(0, 9))
    numbers = data.draw(st.lists(st.integers(-(10**12), 10**12) | st.integers(-3, 3), max_size=20))
    raw = "".join(spelled + "\n" for spelled in Labels("int", np.array(numbers, np.int64), step_of(decimals)).spellings)
    sizes = {"lane_size": data.draw(st.integers(1, 5)), "block_size": data.draw(st.integers(1, 7))}
    way = WAYS[data.draw(st.sampled_from(sorted(WAYS)))]
    assert unhuf(huf(raw.encode(), delta=True, **way, **sizes)) == raw.encode()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_pieces_of_any_size_give_the_same_file(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"".join(b"%d\n" % (i * i % 97) for i in range(100))
    array = npy_of((np.arange(100) * 37 % 61).astype(np.int16))
    whole = [huf(raw, delta=True, block_size=9, **way) for raw in (text, array) for way in WAYS.values()]
    monkeypatch.setattr("codec.readings.stream.PIECE_BYTES", size)
    parts = [huf(raw, delta=True, block_size=9, **way) for raw in (text, array) for way in WAYS.values()]
    assert parts == whole


def test_a_pipe_is_coded_with_a_given_table_as_a_file_is() -> None:
    raw = b"".join(b"%d\n" % (i // 3) for i in range(60))
    code = PrefixCode.from_lengths([0, 1], [1, 1])
    out = io.BytesIO()
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
)  # fmt: skip
@each_way
def test_readings_on_a_grid_come_back_rounded(values: Any, step: str, back: Any, way: str) -> None:
    stream, _ = on_grid(from_values(values), step)
    for sizes in SIZES:
        out, plain = io.BytesIO(), io.BytesIO()
        write(stream, out, how=Options(transform=TRANSFORM, **WAYS[way], **sizes))
        write(stream, plain)
        assert same(decode(out.getvalue()), back) and same(decode(plain.getvalue()), back)
    lines, _ = on_grid(open_stream(io.BytesIO(b"1e1\n7\n 12.9\n"), "x"), "2.5")
    out = io.BytesIO()
    write(lines, out, how=Options(transform=TRANSFORM, **WAYS[way]))
    assert unhuf(out.getvalue()) == b"10.0\n7.5\n12.5\n"


# ------------------------------------------------------------------ what has no differences


def strange(*pieces: Labels, kind: str = "text") -> Stream:
    return Stream(Origin(kind), lambda: iter([*pieces, Closing(9)]), "x.txt")


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda: encode(np.array([0.5, 1.5]), delta=True), "near position 0: floats have no differences: .*--step"),
        (lambda: encode([1, 2.5], delta=True), "floats have no differences"),
        (lambda: encode("abc", delta=True), "near position 0: words have no differences"),
        (lambda: encode(np.array([b"a"]), delta=True), "bytes have no differences: .* without --delta"),
        (lambda: encode(np.array([1j]), delta=True), "bytes have no differences"),
        (lambda: huf(b"1\n2\nx\n", delta=True), "near line 1: words have no differences"),
        (lambda: huf(b"1\n2.5\n", delta=True), "near line 1: words have no differences"),
        (lambda: huf(b"1\n\n2\n", delta=True), "near line 1: words have no differences"),
        (lambda: huf(b"a,b\n1,x\n", opens={"column": "b"}, delta=True), "near row 1: words have no differences"),
        (lambda: huf(b"1\n2\n18446744073709551616\n", delta=True), "words have no differences"),
        (
            lambda: huf(b"1\n9223372036854775808\n", delta=True),
            "line 2: the reading 9223372036854775808 has more than 63 bits, .* without --delta",
        ),
        (
            lambda: encode(np.array([1, 2, 3, 2**64 - 1], object), delta=True),
            "position 3: the reading 18446744073709551615 has more than 63 bits",
        ),
        (
            lambda: write(strange(labels_of([1, 2]), labels_of([3.5])), io.BytesIO(), how=Options(transform=TRANSFORM)),
            "x.txt, near line 3: floats",
        ),
        (
            lambda: write(
                strange(Labels("int", np.array([1, 2]), "0.1"), Labels("int", np.array([7]), "0.01")),
                io.BytesIO(),
                how=Options(transform=TRANSFORM),
            ),
            "x.txt, near line 3: the steps of the readings change from 0.1 to 0.01, and differences need one: .*--step",
        ),
    ],
)
def test_what_has_no_differences_is_refused_with_its_place_and_a_way_out(read: Any, message: str) -> None:
    with pytest.raises(StreamError, match=message):
        read()


def test_lines_whose_decimals_change_between_pieces_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codec.readings.stream.PIECE_BYTES", 4)
    with pytest.raises(StreamError, match="line 2"):
        huf(b"1.5\n1.25\n1.25\n", delta=True)


# ------------------------------------------------------------------ given codes

FEW = PrefixCode.from_lengths([-1, 0, 1], [2, 1, 2])
ESCAPE = PrefixCode.from_lengths([-1, 0, 1], [2, 1, 3], 3)
NO_ZERO = PrefixCode.from_lengths([5, -5, 7], [2, 1, 2])


@each_engine
def test_a_given_code_knows_differences(engine: str) -> None:
    readings = np.array([1000, 1001, 1001, 1000, 999, 1000], np.int16)
    for embed in (True, False):
        data = encode(readings, FEW, embed, delta=True, engine=engine, block_size=4)
        assert same(decode(data, None if embed else FEW, engine=engine), readings)
        assert payload_of(data).to01() == "".join("0" if d == 0 else "10" if d < 0 else "11" for d in (0, 1, 0, -1))


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


@settings(deadline=None)
@given(st.lists(st.integers(-3, 3) | st.integers(-(2**63), 2**63 - 1), max_size=25), st.integers(1, 9))
def test_any_readings_come_back_by_a_code_with_an_escape(values: list[int], block_size: int) -> None:
    for code in (ESCAPE, PrefixCode.from_lengths([9], [1], 1)):
        stream = np.array(values, np.int64)
        data = encode(stream, code, delta=True, block_size=block_size)
        assert same(decode(data), stream)


def test_a_code_without_0_begins_with_its_shortest_codeword() -> None:
    readings = np.array([100, 105, 112, 107], np.int64)
    data = encode(readings, NO_ZERO, delta=True, block_size=3)
    assert same(decode(data), readings)
    assert bases_of(data) == [105, 112]
    assert payload_of(data).to01() == "0" + "10" + "11"
    context = in_rows([5, 7], {SHARED: {1: 1}, 1: {0: 2, 1: 1}})
    data = encode([1, 8, 13], context, delta=True)
    assert same(decode(data), np.array([1, 8, 13]))
    assert bases_of(data) == [2**64 - 6] and payload_of(data).to01() == "0" + "0" + "10"
    with pytest.raises(MissingCodewordError, match="position 1: the difference 5 has no codeword behind the one"):
        encode([1, 6, 11], in_rows([5, 7], {SHARED: {0: 1}, 0: {1: 1}}), delta=True)


def test_labels_that_no_difference_can_be_do_no_harm() -> None:
    for lengths in ([1, 2], [2, 1]):
        code = PrefixCode.from_lengths([2**63, 5], lengths, 2)
        readings = np.array([1, 6, 9, -(2**63), 2**63 - 1], np.int64)
        assert same(decode(encode(readings, code, delta=True)), readings)
    only = PrefixCode.from_lengths([2**63], [1])
    with pytest.raises(MissingCodewordError, match="the difference 0 has no codeword"):
        encode([1, 2], only, delta=True)
    for code in (PrefixCode.from_lengths([0.5], [1]), PrefixCode.from_lengths("a", [1], 1)):
        with pytest.raises(MissingCodewordError, match="the difference 0 has no codeword"):
            encode([1, 2], code, delta=True)


@each_engine
def test_lines_come_back_in_memory_whatever_the_type_of_the_differences_in_a_table(engine: str) -> None:
    code = PrefixCode.from_lengths(np.arange(3, dtype=np.uint8), [1, 2, 2])
    data = huf(b"1000\n1001\n1003\n1003\n", code, embed_table=False, delta=True)
    assert same(decode(data, code, engine=engine), np.array([1000, 1001, 1003, 1003]))
    wide = PrefixCode.from_lengths([0, 1, 2**63], [1, 2, 2])
    assert same(decode(huf(b"-5\n-4\n-4\n", wide, delta=True), engine=engine), np.array([-5, -4, -4]))


def test_codes_over_blocks_and_in_context_are_of_differences_too() -> None:
    pairs = huffman(Distribution([-1, 0, 1], [1, 2, 1]).extension(2))
    readings = np.array([7, 8, 8, 7, 6], np.int8)
    assert same(decode(encode(readings, pairs, delta=True, block_size=1)), readings)
    assert bases_of(encode(readings, pairs, delta=True, block_size=1)) == [7, 8, 7]
    context = in_rows([-1, 0, 1], {SHARED: {0: 2, 1: 1, 2: 2}, 1: {1: 2, 2: 1, 0: 2}})
    assert same(decode(encode(readings, context, False, delta=True, lane_size=2), context), readings)


# ------------------------------------------------------------------ differences and their undoing


@given(st.lists(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=6), max_size=6), st.integers(1, 7))
def test_differences_in_any_pieces_and_their_bases(pieces: list[list[int]], every: int) -> None:
    labels = [Labels("int", np.array(piece, np.int64)) for piece in pieces]
    stream = Stream(ORIGIN, lambda: iter([*labels, Closing(7)]), "x")
    readings = [value for piece in pieces for value in piece]
    there = TRANSFORM.step.there
    found = list(there(iter(Cut(stream, every)), Job(stream, TRANSFORM, None, every)))
    values = [value for piece in found for value in piece.labels]
    assert values == by_hand(readings)
    before = [modulo(reading - difference) for reading, difference in zip(readings, values, strict=True)]
    bases = [piece.base for piece in found if piece.base]
    assert [int.from_bytes(base, "big") for base in bases] == [base % 2**64 for base in before[::every]]
    if values:
        table = labels_of(sorted(set(values)))
        places = np.array([list(table).index(value) for value in values], np.int64)
        back = undone(table, places, int.from_bytes(bases[0], "big"), ORIGIN)
        assert list(back.labels.take(back.symbols)) == readings


@pytest.mark.parametrize("values", [[3, 4, 5, 4, 3], [3, 4, 500, 4, 3], [0, 255, 0, 255]])
@pytest.mark.parametrize("origin", [ORIGIN, Origin("bytes"), Origin("array", ">u8"), Origin("array", "|b1")])
def test_differences_are_undone_into_a_table_of_what_occurs(values: list[int], origin: Origin) -> None:
    steps = labels_of(sorted(set(by_hand(values))))
    places = np.array([list(steps).index(step) for step in by_hand(values)])
    piece = undone(steps, places, values[0], origin)
    table, where = piece.labels, piece.symbols
    assert list(table.take(where)) == values
    assert list(table) == sorted(set(table)) and set(values) <= set(table) and len(table) <= max(5, len(values))


def test_long_lines_of_small_differences_are_held_to_the_limit() -> None:
    raw = b"".join(b"%d\n" % (10**12 + i % 3) for i in range(100))
    data = huf(raw, delta=True, lane_size=3, block_size=8)
    assert unhuf(data, max_output=len(raw)) == raw
    for limit in (len(raw) - 1, len(raw) // 2, 200, 199, 0):
        with pytest.raises(OutputLimitError, match=f"more than the limit of {limit:,} bytes"):
            unhuf(data, max_output=limit)
