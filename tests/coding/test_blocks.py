"""Block codes in files: k readings in a codeword, written, read back, damaged, accounted for and compared."""

from __future__ import annotations

import contextlib
import io
import itertools
import math
import re
import tracemalloc
import zlib
from collections import Counter
from typing import Any

import numpy as np
import pytest
import scipy.stats
import strategies
from bitarray import bitarray
from checks import (
    INSTALLED,
    each_engine,
    exchange,
    flip,
    forge,
    huf,
    lane_bits_of,
    mend,
    npy_of,
    part,
    payload_of,
    same,
    unhuf,
    walk,
)
from hypothesis import given
from hypothesis import strategies as st

from codec.codes.constructions import construct
from codec.codes.prefix import PrefixCode, huffman
from codec.codes.serialize import deserialize, serialize
from codec.coding import decode, encode, write
from codec.coding.file import decoded, opened, parts_of
from codec.coding.learn import learn_tuples
from codec.errors import (
    CodecError,
    DamagedError,
    MissingCodewordError,
    OutputLimitError,
    StreamError,
    UnsupportedError,
    WrongTableError,
)
from codec.measure.ledger import OVERHEAD, PAYLOAD, ledger
from codec.measure.mismatch import mismatch
from codec.readings.front import open_stream
from codec.readings.origin import Closing, Origin
from codec.readings.stream import Stream, tally_stream
from codec.readings.values import from_values
from codec.show.as_json import as_json
from codec.theory.alphabet import MAX_SYMBOLS
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, labels_of
from codec.theory.sources import built_in, sticky
from codec.theory.tuples import tuples_of

NASA, PEAKED, WINTER = (built_in(name) for name in ("nasa", "peaked", "winter"))
ABC = Distribution("abc", [5, 2, 1])


def rows_of(readings: Any, k: int) -> list[tuple[Any, ...]]:
    """The readings k at a time, the last ones as they are."""
    readings = list(readings)
    return [tuple(readings[i : i + k]) for i in range(0, len(readings), k)]


def symbols_of(data: bytes, code: PrefixCode | Distribution | None = None, engine: str | None = None) -> list[int]:
    """The symbols in a file: which tuples its codewords stand for."""
    file = opened(io.BytesIO(data), code, engine)
    return [symbol for _, symbols in decoded(file, parts_of(file)) for symbol in symbols.tolist()]


def tuples_in(data: bytes, code: PrefixCode | Distribution | None = None) -> list[tuple[Any, ...]]:
    """The tuples in a file."""
    tuples = opened(io.BytesIO(data), code).code.alphabet
    return [tuples[symbol] for symbol in symbols_of(data, code)]


# ------------------------------------------------------------------ whatever goes in comes back

STREAMS: dict[str, Any] = {
    "int16": NASA.sample(700, 1).astype(np.int16),
    "one reading only": np.full(700, 7, ">u4"),
    "floats": np.tile(np.array([0.5, -0.0, np.nan, 0.0, 0.5], np.float32), 140),
    "strings": np.array(["on", "off", "off", "é", "on"] * 140),
    "objects": np.array([b"", b"\0", b"abc", b"", b""] * 140, object),
    "bytes": b"abracadabra" * 64,
    "a string": "abracadabrä" * 64,
    "many readings": np.arange(700) * 7919 % 499,
}


@each_engine
@pytest.mark.parametrize("k", [1, 2, 3, 6])
@pytest.mark.parametrize("name", STREAMS)
def test_any_number_of_readings_comes_back(name: str, k: int, engine: str) -> None:
    stream = STREAMS[name]
    for count in sorted({0, 1, k - 1, k, k + 1, 2 * k - 1, 50 * k, 50 * k + 1, 331}):
        for sizes in ({}, {"lane_size": 3, "block_size": 8}):
            data = encode(stream[:count], per_codeword=k, engine=engine, **sizes)
            assert same(decode(data, engine=engine), stream[:count])
            header, counted = part(data, "header"), part(data, "end").number(data, "count")
            assert counted == count
            expected = [1, k] if k > 1 and count else [0, 0]
            assert [header.number(data, field) for field in ("code", "parameter")] == expected


@each_engine
@pytest.mark.parametrize("k", [2, 3, 16])
def test_many_lanes_and_blocks_come_back(k: int, engine: str) -> None:
    stream = sticky(NASA, 30_001, seed=3, persistence=0.99)[0].astype(np.uint8)
    for sizes in ({}, {"lane_size": 100, "block_size": 1000}):
        data = encode(stream, per_codeword=k, engine=engine, **sizes)
        assert same(decode(data, engine=engine), stream)
        assert sum(p.name == "block" for p in walk(data)) == (-(-30_001 // k // 1000) if sizes else 1)


def test_engines_write_the_same_file() -> None:
    for k in (2, 3, 5):
        files = {
            encode(STREAMS["int16"], per_codeword=k, engine=engine, lane_size=7, block_size=60) for engine in INSTALLED
        }
        assert len(files) == 1


@each_engine
@given(st.data())
def test_readings_of_any_kind_come_back_from_learned_blocks(engine: str, data: Any) -> None:
    base = data.draw(strategies.labels(min_size=1, max_size=5, unique=True))
    places = data.draw(st.lists(st.integers(0, len(base) - 1), max_size=40))
    stream = base.take(np.array(places, np.int64))
    sizes = {"lane_size": data.draw(st.integers(1, 9)), "block_size": data.draw(st.integers(1, 12))}
    file = encode(stream, per_codeword=data.draw(st.integers(1, 6)), engine=engine, **sizes)
    assert same(decode(file, engine=engine), decode(encode(stream)))


@each_engine
@given(st.data())
def test_readings_of_any_kind_come_back_from_given_blocks(engine: str, data: Any) -> None:
    base = data.draw(strategies.labels(min_size=1, max_size=4, unique=True))  # in any order
    n, k = len(base), data.draw(st.integers(1, 4))
    p = Distribution(base, data.draw(strategies.weights(n, n)))
    occurs = np.flatnonzero(p.weights > 0)
    stream = base.take(occurs[data.draw(st.lists(st.integers(0, len(occurs) - 1), max_size=30))].astype(np.int64))
    sizes = {"lane_size": data.draw(st.integers(1, 9)), "block_size": data.draw(st.integers(1, 12))}
    code: Any = p.extension(k) if data.draw(st.booleans()) else huffman(p.extension(k), 32)
    embed = data.draw(st.booleans())
    file = encode(stream, code, embed, engine=engine, **sizes)
    plain = decode(encode(stream))
    assert same(decode(file, code, engine=engine), plain)
    if embed:
        assert same(decode(file, engine=engine), plain)
    else:
        with pytest.raises(WrongTableError):
            decode(file)


def test_blocks_of_one_reading_are_the_plain_file() -> None:
    for stream in STREAMS.values():
        assert encode(stream, per_codeword=1) == encode(stream)
    stream = STREAMS["int16"]
    assert encode(stream, NASA.extension(1)) == encode(stream, NASA)
    assert encode(stream, huffman(NASA.extension(1)), False) == encode(stream, huffman(NASA), False)
    assert same(decode(encode(stream, NASA, False), NASA.extension(1)), stream)


def test_learned_tables_do_not_depend_on_the_order_of_the_blocks() -> None:
    rows = np.random.default_rng(1).permutation(NASA.sample(900, 2).reshape(-1, 3))
    again = np.random.default_rng(2).permutation(rows)
    tables = [part(d, "table").read(d, "table") for d in (encode(x.reshape(-1), per_codeword=3) for x in (rows, again))]
    assert tables[0] == tables[1]
    for counts in ({"a": 5, "b": 2, "c": 1}, {"c": 1, "b": 2, "a": 5}):
        p = Distribution.from_counts(counts).extension(3)
        assert encode("abacab", p) == encode("abacab", ABC.extension(3))
    other = Distribution("cab", [1, 5, 2]).extension(3)
    assert decode(encode("abacab", other, False), other) == "abacab"
    with pytest.raises(WrongTableError):
        decode(encode("abacab", other, False), ABC.extension(3))


def test_a_code_over_some_of_the_tuples_only_will_do() -> None:
    tuples = Labels("tuple", np.array([[0, 2], [1, 0], [2, 2]], np.uint32), base=labels_of("bca"))
    code = PrefixCode.from_lengths(tuples, [1, 2, 3])
    assert decode(encode("bacbaaba", code)) == "bacbaaba"
    assert tuples_in(encode("bacba", code)) == [("b", "a"), ("c", "b"), ("a", "a")]


FILES_IN = {
    "text": (b"1\n10\n100\n1\n10\n10\n1\n", {}, None),
    "text without a last line end": (b"on\noff\non\non\noff", {}, None),
    "text with CR LF": (b"1.5\r\n2.0\r\n1.5\r\n", {}, None),
    "text of many readings": (b"\n".join(b"%d" % (i * i % 997) for i in range(1500)), {}, None),
    "text, empty lines": (b"\n\n\na\n\n", {}, None),
    "nothing": (b"", {}, None),
    "one line": (b"7", {}, None),
    "column": (b'day,"level"\n1,100\n2,105\n3,"100"\n4,\n5,100\n', {"column": "level"}, b"100\n105\n100\n\n100\n"),
    "bytes": (bytes(range(250)) * 2 + b"\n", {"raw": True}, None),
    "npy": (npy_of(np.array([[3, 5, 3], [5, 3, 3]], ">i4")), {}, None),
    "npy, Fortran order": (npy_of(np.asfortranarray(np.array([[0.5, 2.0], [-0.0, 0.5], [0.5, 0.5]]))), {}, None),
}


@each_engine
@pytest.mark.parametrize("k", [2, 3, 5])
@pytest.mark.parametrize("name", FILES_IN)
def test_a_file_comes_back_byte_for_byte(name: str, k: int, engine: str) -> None:
    raw, opens, cells = FILES_IN[name]
    for sizes in ({}, {"lane_size": 2, "block_size": 3}):
        data = huf(raw, opens=opens, per_codeword=k, engine=engine, **sizes)
        assert unhuf(data, engine=engine) == (raw if cells is None else cells)


@each_engine
@given(st.lists(st.sampled_from([b"", b"0", b"-5", b"100", b"1e3", "é".encode(), b"\xff"]), max_size=30), st.data())
def test_lines_of_any_text_come_back(engine: str, lines: list[bytes], data: Any) -> None:
    raw = b"\n".join(lines)
    file = huf(
        raw,
        per_codeword=data.draw(st.integers(1, 6)),
        engine=engine,
        lane_size=3,
        block_size=data.draw(st.integers(1, 9)),
    )
    assert unhuf(file, engine=engine) == raw


def test_text_is_coded_with_tuples_of_labels_spelled_alike() -> None:
    p = Distribution([100, 105], [3, 1])
    for code in (p.extension(2), Distribution(["105", "100"], [1, 3]).extension(3)):
        data = huf(b"100\n100\n105\n100\n100\n", huffman(code))
        assert unhuf(data) == b"100\n100\n105\n100\n100\n"


# ------------------------------------------------------------------ what stands in the file


@each_engine
@pytest.mark.parametrize("k", [2, 3, 4])
def test_the_payload_is_that_of_bitarray_with_the_codewords_of_the_tuples(k: int, engine: str) -> None:
    stream = NASA.sample(241, 5)
    for code in (None, huffman(NASA.extension(k)), construct("shannon", NASA.extension(k))):
        data = encode(stream, code, engine=engine, lane_size=9)
        if code is None:
            data = encode(stream, per_codeword=k, engine=engine, lane_size=9)
        words = opened(io.BytesIO(data)).code.codewords  # type: ignore[union-attr]
        rows = rows_of(stream.tolist(), k)
        if len(rows[-1]) < k:
            rows[-1] = shortest(words, rows[-1])
        expected = bitarray()
        expected.encode(words, rows)
        assert payload_of(data) == expected
        assert sum(lane_bits_of(data)) == len(expected)


def shortest(words: dict[Any, bitarray], start: tuple[Any, ...]) -> tuple[Any, ...]:
    """The tuple of shortest codeword among those that begin like this; the first of them in the alphabet's order."""
    fitting = [row for row in words if row[: len(start)] == start]
    return min(fitting, key=lambda row: len(words[row]))


@given(st.data())
def test_the_last_tuple_is_filled_up_to_the_shortest_codeword_that_begins_with_its_readings(data: Any) -> None:
    k, n = data.draw(st.integers(2, 4)), data.draw(st.integers(1, 4))
    base = labels_of("dbca"[:n])
    lengths = data.draw(strategies.feasible_lengths(min_size=2, max_size=12))
    some = st.sets(st.integers(0, n**k - 1), min_size=min(n**k, len(lengths)), max_size=min(n**k, len(lengths)))
    numbers = sorted(data.draw(some))
    code = PrefixCode(tuples_of(np.array(numbers), base, k), np.array(lengths[: len(numbers)], np.int64))
    start = tuple(data.draw(st.lists(st.sampled_from(list(base)), min_size=1, max_size=k - 1)))
    if any(row[: len(start)] == start for row in code.codewords):
        file = encode("".join(start), code)
        assert tuples_in(file) == [shortest(code.codewords, start)]
        assert decode(file) == "".join(start)
    else:
        with pytest.raises(MissingCodewordError, match=re.escape(f"the block ({start[0]!r},")):
            encode("".join(start), code)


@each_engine
def test_what_fills_the_last_tuple_may_be_what_the_array_cannot_hold(engine: str) -> None:
    code = huffman(Distribution([300, 5, -1], [98, 1, 1]).extension(3))
    stream = np.array([5, 5, 5, 5], np.uint8)
    data = encode(stream, code, engine=engine)
    assert tuples_in(data) == [(5, 5, 5), (5, 300, 300)]
    assert same(decode(data, engine=engine), stream)
    assert ledger(data).count == 4
    # As readings that are there, they are refused.
    for count in (5, 6):
        forged = exchange(forge_count(data, count), "origin", Origin("array", "|u1", (count,)).pack())
        with pytest.raises(DamagedError, match="readings that its file says it cannot hold"):
            decode(forged, engine=engine)


@each_engine
def test_tuples_at_the_end_of_63_bits_are_filled_up(engine: str) -> None:
    rows = np.array([[0] * 63, [1] * 63], np.uint32)
    code = PrefixCode.from_lengths(Labels("tuple", rows, base=labels_of("ab")), [1, 1])
    for stream in ("b", "b" * 62, "b" * 63, "b" * 64, "a" * 63 + "b" * 63 + "a"):
        assert decode(encode(stream, code, engine=engine), engine=engine) == stream
    last = PrefixCode.from_lengths(Labels("tuple", rows[1:], base=labels_of("ab")), [1])
    assert decode(encode("b" * 65, last, engine=engine), engine=engine) == "b" * 65


def test_the_end_counts_the_readings_and_signs_the_tuples_and_how_full_the_last_is() -> None:
    for count in range(1, 8):
        data = encode("abacabc"[:count], per_codeword=3)
        end = part(data, "end")
        assert end.number(data, "count") == count
        assert part(data, "block").number(data, "count") == -(-count // 3)
        assert end.number(data, "checksum of symbols") == zlib.crc32(bytes([*symbols_of(data), count % 3]))
    many = encode(np.arange(602), per_codeword=2)
    symbols = np.array(symbols_of(many)).astype(">u2").tobytes()
    assert part(many, "end").number(many, "checksum of symbols") == zlib.crc32(symbols + b"\0")


def test_only_the_tuples_that_occur_stand_in_the_table() -> None:
    data = encode("ababcbab", per_codeword=2)
    labels, lengths = deserialize(part(data, "table").read(data, "table"))
    assert list(labels) == [("a", "b"), ("c", "b")] and list(labels.base or ()) == ["a", "b", "c"]
    assert lengths.tolist() == [1, 1]


# ------------------------------------------------------------------ what is refused by name


@each_engine
def test_a_block_without_a_codeword_is_refused_by_name(engine: str) -> None:
    tuples = Labels("tuple", np.array([[0, 0], [1, 1]], np.uint32), base=labels_of("ab"))
    code = PrefixCode.from_lengths(tuples, [1, 1])
    with pytest.raises(
        MissingCodewordError, match=r"the block \('b', 'a'\) of readings 4 and following has no codeword"
    ):
        encode("aabbba", code, engine=engine)
    unlikely = Distribution("abc", [3, 1, 0]).extension(2)
    with pytest.raises(MissingCodewordError, match=r"the block \('a', 'c'\) of readings 2 and following"):
        encode("abac", unlikely, engine=engine)


def test_a_block_is_named_by_its_place_in_the_whole_stream() -> None:
    code = PrefixCode.from_lengths(Labels("tuple", np.array([[0, 0]], np.uint32), base=labels_of([7, 8])), [1])
    readings = Labels("int", np.array([7] * 8 + [8, 7, 7]))
    for size in (1, 3, 4, 11):
        parts = [Labels("int", readings.values[start : start + size]) for start in range(0, 11, size)]
        stream = Stream(Origin("text"), lambda parts=parts: iter([*parts, Closing(0)]))  # type: ignore[misc]
        with pytest.raises(MissingCodewordError, match=r"the block \(8, 7\) of readings 8 and following"):
            write(stream, io.BytesIO(), code)


@each_engine
def test_a_reading_outside_the_base_is_refused_by_name(engine: str) -> None:
    with pytest.raises(
        MissingCodewordError, match=r"position 3: the reading x has no codeword .* 2 of 5 readings have none"
    ):
        encode("abaxx", ABC.extension(2), engine=engine)


@pytest.mark.parametrize(
    ("labels", "count", "k"), [(50, 300_000, 3), (16, 500_000, 5), (400, 200_000, 2), (48, 350_000, 4)]
)
def test_too_many_different_blocks_are_refused_with_the_largest_that_fits(labels: int, count: int, k: int) -> None:
    stream = np.random.default_rng(labels).integers(0, labels, count).astype(np.uint16)
    base = tally_stream(from_values(stream))[0]
    different = {}
    for size in range(1, k + 1):
        filled = np.concatenate([stream, np.full(-count % size, stream.min(), np.uint16)])
        different[size] = len({row.tobytes() for row in filled.reshape(-1, size)})
    assert different[k] > MAX_SYMBOLS
    fits = max(size for size, number in different.items() if number <= MAX_SYMBOLS)
    way_out = f"blocks of {fits} fit" if fits > 1 else "no block of more than one reading fits"
    with pytest.raises(StreamError, match=f"has more than 65,536 different blocks of {k} readings: {way_out}"):
        encode(stream, per_codeword=k)
    assert len(learn_tuples(from_values(stream), base, fits)) == different[fits]


def test_exactly_65536_different_blocks_fit() -> None:
    every = np.array(list(itertools.product(range(256), repeat=2)), np.uint8).reshape(-1)
    data = encode(every, per_codeword=2)
    assert same(decode(data), every)
    one_more = np.append(every.astype(np.int64), 256)
    with pytest.raises(StreamError, match="no block of more than one reading fits"):
        encode(one_more, per_codeword=2)


def test_blocks_too_many_to_number_are_refused_with_the_largest_that_fits() -> None:
    with pytest.raises(
        StreamError, match=r"has 300 different readings, and blocks of 8 .* too many to number: .* of 7 fit"
    ):
        encode(np.arange(300), per_codeword=8)
    assert same(decode(encode(np.arange(300), per_codeword=7)), np.arange(300))
    with pytest.raises(StreamError, match="blocks of 63 fit"):
        encode("ab", per_codeword=64)
    assert decode(encode("ab" * 50, per_codeword=63)) == "ab" * 50


def test_codes_over_blocks_that_no_file_can_hold_are_refused_before_anything_is_written() -> None:
    for code in (
        huffman(ABC.extension(2), escape_weight=1),
        huffman(ABC.extension(1), escape_weight=1),
        ABC.extension(2).extension(2),
        huffman(ABC.extension(2).extension(1)),
    ):
        with pytest.raises(ValueError, match="no file holds a code over blocks of"):
            encode("abab", code)
    with pytest.raises(ValueError, match="codewords, and files number at most 65,536"):
        encode([7], Distribution(range(300), [1] * 300).extension(2))
    deep = Distribution("abc", [10**9, 10**4, 1]).extension(4)
    with pytest.raises(ValueError, match="files hold at most 32"):
        encode("ab", huffman(deep))
    assert decode(encode("abccc", deep)) == "abccc"  # a distribution stands for a code that files can hold


@pytest.mark.parametrize("block", [0, -1, 65])
def test_blocks_have_1_to_64_readings(block: int) -> None:
    with pytest.raises(ValueError, match="per_codeword is from 1 to 64"):
        encode("abab", per_codeword=block)
    assert decode(encode("a" * 130, per_codeword=64)) == "a" * 130


def test_given_codes_have_blocks_of_their_own() -> None:
    for code in (ABC, ABC.extension(2), huffman(ABC)):
        with pytest.raises(ValueError, match="per_codeword is for a code that is learned"):
            encode("abab", code, per_codeword=2)


def test_labels_too_long_for_a_table_are_refused_in_blocks_too() -> None:
    stream = np.array(["x" * 70_000, "y", "y"], object)
    with pytest.raises(StreamError, match="readings of up to 70,000 bytes"):
        encode(stream, per_codeword=2)
    longest = np.array(["x" * 65_536, "y", "y"], object)
    assert same(decode(encode(longest, per_codeword=2)), longest)


# ------------------------------------------------------------------ limits of the output


@each_engine
@pytest.mark.parametrize("k", [1, 2, 3, 7])
@pytest.mark.parametrize("count", [1, 6, 40, 41])
def test_the_limit_counts_the_readings_and_not_the_tuples_nor_what_fills_them_up(
    k: int, count: int, engine: str
) -> None:
    for stream, size in (
        (NASA.sample(count, 1).astype(np.int32), 4 * count),
        (b"abracadabra"[:5] * count, 5 * count),
        ("aäb" * count, 4 * count),
    ):
        data = encode(stream, per_codeword=k, block_size=4)
        assert same(decode(data, max_output=size, engine=engine), stream)
        for limit in (size - 1, size // k, 0):
            if limit < size:
                with pytest.raises(OutputLimitError):
                    decode(data, max_output=limit, engine=engine)
    text = b"".join(b"%d\n" % 10 ** (i % 4) for i in range(count))
    data = huf(text, per_codeword=k, block_size=4)
    assert unhuf(data, engine=engine, max_output=len(text)) == text
    for limit in (len(text) - 1, len(text) // 2, 0):
        with pytest.raises(OutputLimitError):
            unhuf(data, engine=engine, max_output=limit)


@each_engine
def test_the_limit_is_looked_at_before_the_readings_take_memory(engine: str) -> None:
    stream = np.zeros(64 * 100_000, np.uint8)
    data = encode(stream, per_codeword=64)
    assert len(data) < 14_000
    decode(encode(stream[:64], per_codeword=64), engine=engine)  # what is loaded once
    for read in (lambda: decode(data, max_output=6_399_999, engine=engine),
                 lambda: unhuf(data, engine=engine, max_output=6_399_999)):  # fmt: skip
        tracemalloc.start()
        with pytest.raises(OutputLimitError):
            read()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 5_000_000
    assert same(decode(data, max_output=6_400_000, engine=engine), stream)


# ------------------------------------------------------------------ damage

SHORT = np.array([100, 105, 100, 100, 110, 105] * 4, np.int16)
READINGS: dict[str, Any] = {
    "pairs": SHORT[:23],
    "triples, the last not full": SHORT[:20],
    "several blocks": SHORT[:23],
    "no table": "abacabaabca",
    "one tuple": b"abababab",
    "a string": "abracadabra",
}
NO_TABLE = huffman(ABC.extension(2))
FILES: dict[str, tuple[bytes, PrefixCode | None]] = {
    "pairs": (encode(READINGS["pairs"][:22], per_codeword=2, lane_size=4), None),
    "triples, the last not full": (encode(READINGS["triples, the last not full"], per_codeword=3), None),
    "several blocks": (encode(READINGS["several blocks"], per_codeword=2, lane_size=3, block_size=5), None),
    "no table": (encode(READINGS["no table"], NO_TABLE, False, lane_size=2), NO_TABLE),
    "one tuple": (encode(READINGS["one tuple"], per_codeword=2), None),
    "a string": (encode(READINGS["a string"], per_codeword=3, lane_size=2), None),
}
READINGS["pairs"] = READINGS["pairs"][:22]
each_file = pytest.mark.parametrize("name", FILES)


def refused(data: bytes, code: PrefixCode | None, engine: str) -> None:
    with pytest.raises(CodecError):
        decode(data, code, engine=engine)


def right_or_refused(data: bytes, name: str, engine: str) -> bool:
    """Whether it decodes; if so, to the right readings."""
    with contextlib.suppress(CodecError):
        assert same(decode(data, FILES[name][1], engine=engine), READINGS[name])
        return True
    return False


def forge_count(data: bytes, count: int) -> bytes:
    """The file with another number of readings, whose checksum of symbols fits too."""
    k = part(data, "header").number(data, "parameter")
    signed = zlib.crc32(bytes([*symbols_of(data), count % k]))
    return forge(forge(data, "end", "count", count), "end", "checksum of symbols", signed)


@each_engine
@each_file
def test_the_small_files_come_back(name: str, engine: str) -> None:
    data, code = FILES[name]
    assert same(decode(data, code, engine=engine), READINGS[name])
    blocks = [p for p in walk(data) if p.name == "block"]
    assert len(blocks) == (3 if name == "several blocks" else 1)
    assert part(data, "header").number(data, "code") == 1 and len(data) < 220


@each_engine
@each_file
def test_every_truncation_and_every_byte_behind_the_end_is_refused(name: str, engine: str) -> None:
    data, code = FILES[name]
    for size in range(len(data)):
        refused(data[:size], code, engine)
    for more in (b"\0", b"E", b"B", data):
        refused(data + more, code, engine)


@each_engine
@each_file
def test_every_flipped_bit_is_refused(name: str, engine: str) -> None:
    data, code = FILES[name]
    for bit in range(8 * len(data)):
        refused(flip(data, bit), code, engine)


@each_engine
@each_file
def test_a_forged_bit_gives_the_right_readings_or_is_refused(name: str, engine: str) -> None:
    """Outside what says which readings they are, their table and origin, and outside what `mend` sets right."""
    data, _ = FILES[name]
    apart = ("table", "table fingerprint", "origin", "checksum")
    fields = [span for p in walk(data) for field, span in p.fields.items() if field not in apart]
    bits = [bit for start, stop in fields for bit in range(8 * start, 8 * stop)]
    harmless = [bit for bit in bits if right_or_refused(mend(flip(data, bit), like=data), name, engine)]
    allowed = [p.fields[f] for p in walk(data) for f in ("lane size", "block size", "closing") if f in p.fields]
    outside = [bit for bit in harmless if not any(8 * start <= bit < 8 * stop for start, stop in allowed)]
    assert not outside, "bits that nothing depends on"


@each_engine
@each_file
def test_a_forged_table_or_origin_gives_as_many_readings_or_is_refused(name: str, engine: str) -> None:
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


PAIRS, TRIPLES = FILES["pairs"][0], FILES["triples, the last not full"][0]
PLAIN = encode(SHORT)
AS_PAIRS, UNPAIRED = forge(PLAIN, "header", "code", 1), forge(PAIRS, "header", "code", 0)
TEXT = huf(b"1\n10\n100\n1\n10\n", per_codeword=2)
FLAGS = part(PAIRS, "header").number(PAIRS, "flags")
TABLE_OF_3 = part(TRIPLES, "table").read(TRIPLES, "table")
FORGED: dict[str, tuple[bytes, type[CodecError]]] = {
    "no readings in a tuple": (forge(PAIRS, "header", "parameter", 0), DamagedError),
    "one reading in a tuple": (forge(PAIRS, "header", "parameter", 1), UnsupportedError),
    "three readings in a pair": (forge(PAIRS, "header", "parameter", 3), DamagedError),
    "64 readings in a pair": (forge(PAIRS, "header", "parameter", 64), DamagedError),
    "65 readings in a tuple": (forge(PAIRS, "header", "parameter", 65), UnsupportedError),
    "255 readings in a tuple": (forge(PAIRS, "header", "parameter", 255), UnsupportedError),
    "two readings in a triple": (forge(TRIPLES, "header", "parameter", 2), DamagedError),
    "plain, with a parameter": (UNPAIRED, UnsupportedError),
    "plain, with tuples in its table": (forge(UNPAIRED, "header", "parameter", 0), DamagedError),
    "an unknown code": (forge(PAIRS, "header", "code", 2), UnsupportedError),
    "tuples, with none in its table": (forge(AS_PAIRS, "header", "parameter", 2), DamagedError),
    "tuples of one, with none in its table": (forge(AS_PAIRS, "header", "parameter", 1), UnsupportedError),
    "a plain code with a parameter": (forge(PLAIN, "header", "parameter", 2), UnsupportedError),
    "the table of another k": (exchange(PAIRS, "table", TABLE_OF_3), DamagedError),
    "the table of single readings": (exchange(PAIRS, "table", part(PLAIN, "table").read(PLAIN, "table")), DamagedError),
    "another kind of labels": (forge(PAIRS, "header", "label kind", 2), DamagedError),
    "the kind of tuples": (forge(PAIRS, "header", "label kind", 4), UnsupportedError),
    "an escape among tuples": (forge(PAIRS, "header", "flags", FLAGS | 4), DamagedError),
    "incomplete, and it is not": (forge(PAIRS, "header", "flags", FLAGS ^ 2), DamagedError),
    "a transform": (forge(PAIRS, "header", "transform", 2), UnsupportedError),
    "one reading fewer": (forge(PAIRS, "end", "count", 21), DamagedError),
    "one reading more": (forge(PAIRS, "end", "count", 23), DamagedError),
    "a pair fewer": (forge(PAIRS, "end", "count", 20), DamagedError),
    "a pair more": (forge(PAIRS, "end", "count", 24), DamagedError),
    "as many readings as pairs": (forge(PAIRS, "end", "count", 11), DamagedError),
    "no readings": (forge(PAIRS, "end", "count", 0), DamagedError),
    "very many readings": (forge(PAIRS, "end", "count", 2**64 - 1), DamagedError),
    "one reading fewer, of triples": (forge(TRIPLES, "end", "count", 19), DamagedError),
    "one reading more, of triples": (forge(TRIPLES, "end", "count", 21), DamagedError),
    "a triple fewer": (forge(TRIPLES, "end", "count", 17), DamagedError),
    "a triple more": (forge(TRIPLES, "end", "count", 23), DamagedError),
    "one line more, for what fills the last pair": (forge(TEXT, "end", "count", 6), DamagedError),
    "one line fewer": (forge(TEXT, "end", "count", 4), DamagedError),
    "a pair fewer in the block": (forge(PAIRS, "block", "count", 10), DamagedError),
    "readings counted in the block": (forge(PAIRS, "block", "count", 22), DamagedError),
    "values beside the payload": (forge(PAIRS, "block", "extra size", 1), DamagedError),
    "a shape of more": (exchange(PAIRS, "origin", Origin("array", "<i2", (23,)).pack()), DamagedError),
    "a shape of pairs": (exchange(PAIRS, "origin", Origin("array", "<i2", (11,)).pack()), DamagedError),
    "a type too narrow": (exchange(PAIRS, "origin", Origin("array", "|b1", (22,)).pack()), DamagedError),
    "characters": (exchange(PAIRS, "origin", Origin("string").pack()), DamagedError),
}  # fmt: skip


@each_engine
@pytest.mark.parametrize(("data", "error"), FORGED.values(), ids=FORGED)
def test_a_forged_field_is_refused(data: bytes, error: type[CodecError], engine: str) -> None:
    with pytest.raises(error):
        decode(data, engine=engine)
    with pytest.raises(error):
        unhuf(data, engine=engine)


def test_a_table_of_tuples_with_an_escape_is_refused() -> None:
    labels, lengths = deserialize(part(PAIRS, "table").read(PAIRS, "table"))
    longest = int(lengths.max())
    changed = np.append(np.where(lengths == longest, longest + 1, lengths), longest + 1)
    forged = exchange(PAIRS, "table", serialize(labels, changed))
    for flags in range(8):
        with pytest.raises(DamagedError, match="do not go together" if flags & 4 else None):
            decode(forge(forged, "header", "flags", flags))


@each_engine
def test_codewords_that_no_tuple_has_are_refused(engine: str) -> None:
    data, _ = FILES["one tuple"]  # the codeword 0, and 1 is unused
    block = part(data, "block")
    start, _ = block.fields["payload"]
    for bit in range(block.number(data, "payload bits")):
        with pytest.raises(DamagedError, match="block 0 is damaged"):
            decode(mend(flip(data, 8 * start + bit)), engine=engine)


def test_a_code_of_other_blocks_is_refused_with_both_fingerprints() -> None:
    data = encode("abacabc", NO_TABLE, False)
    for other in (ABC, ABC.extension(3), Distribution("bac", [5, 2, 1]).extension(2)):
        with pytest.raises(WrongTableError, match=NO_TABLE.fingerprint):
            decode(data, other)
    forged = forge(data, "header", "table fingerprint", bytes.fromhex(huffman(ABC.extension(3)).fingerprint))
    with pytest.raises(DamagedError, match="2 readings in a codeword, the table 3"):
        decode(forged, ABC.extension(3))


# ------------------------------------------------------------------ the ledger


def check(data: bytes, readings: Any, k: int, code: PrefixCode | None = None) -> Any:
    """The ledger against the layout, the file's size, and SciPy's entropy of the whole tuples and of the readings."""
    book = ledger(data, code)
    payload = sum(p.number(data, "payload bits") for p in walk(data) if p.name == "block")
    assert list(book.lines) == [*OVERHEAD, *PAYLOAD]
    assert book.payload_bits == payload
    assert math.fsum(book.lines.values()) == pytest.approx(8 * len(data), abs=1e-6)
    assert book.file_bits == 8 * len(data)
    assert all(isinstance(book.lines[item], int) for item in OVERHEAD)
    fill = book.lines["fill of the last block"]
    assert math.fsum(book.lines[item] for item in PAYLOAD) + fill == pytest.approx(payload, abs=1e-6)
    assert book.count == len(readings)
    if not len(readings):
        assert (book.mean_length, book.entropy, payload, fill) == (None, None, 0, 0)
        return book
    last = int(opened(io.BytesIO(data), code).code.lengths[symbols_of(data, code)[-1]])
    assert fill == (last if len(readings) % k else 0)
    whole = rows_of(readings, k)[: len(readings) // k]
    counts = list(Counter(whole).values())
    expected = len(whole) * scipy.stats.entropy(counts, base=2) if counts else 0
    assert book.lines["entropy"] == pytest.approx(expected, abs=1e-6)
    assert book.lines["rounding to whole bits"] >= -1e-9
    assert book.mean_length == payload / len(readings)
    assert book.entropy == pytest.approx(scipy.stats.entropy(list(Counter(readings).values()), base=2), abs=1e-9)
    return book


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(1, 5), st.integers(1, 9), st.integers(1, 9), st.booleans())
def test_the_lines_of_any_file_of_blocks_sum_to_eight_times_its_size(
    readings: list[int], k: int, lane_size: int, block_size: int, given_code: bool
) -> None:
    stream, sizes = np.array(readings, np.uint8), {"lane_size": lane_size, "block_size": block_size}
    if given_code and k <= 4:
        code = huffman(Distribution([3, 1, 0, 2], [1, 5, 9, 2]).extension(k))
        check(encode(stream, code, **sizes), readings, k)
        check(encode(stream, code, False, **sizes), readings, k, code)
    else:
        book = check(encode(stream, per_codeword=k, **sizes), readings, k)
        assert book.lines["price of this table"] >= 0
        if len(readings) % k == 0:
            assert book.lines["price of this table"] == 0  # learned from these very tuples


def test_a_last_block_costs_its_codeword_and_counts_in_no_other_line() -> None:
    code = PrefixCode.from_lengths(ABC.extension(2).labels, [1, 3, 4, 4, 5, 6, 4, 6, 5])
    whole, more = check(encode("aaabba", code), "aaabba", 2), check(encode("aaabbac", code), "aaabbac", 2)
    assert (whole.lines["fill of the last block"], more.lines["fill of the last block"]) == (0, 4)
    assert [more.lines[item] for item in PAYLOAD] == [whole.lines[item] for item in PAYLOAD]
    assert more.payload_bits == whole.payload_bits + 4
    assert more.entropy == pytest.approx(scipy.stats.entropy([4, 2, 1], base=2))  # of all readings
    alone = check(encode("c", code), "c", 2)
    assert [alone.lines[item] for item in PAYLOAD] == [0, 0, 0]
    assert (alone.entropy, alone.mean_length, alone.distribution) == (0, 4, None)


def test_the_distribution_of_a_ledger_is_that_of_the_tuples_and_the_alphabet_that_of_the_readings() -> None:
    book = ledger(encode("aabaabac", per_codeword=2))
    assert dict(zip(book.distribution.labels, book.distribution.weights.tolist(), strict=True)) == Counter(
        rows_of("aabaabac", 2)
    )
    assert (book.alphabet_size, book.fixed_width) == (3, 2)
    fields = as_json(book)
    assert sum(row["bits"] for row in fields["ledger"]) == pytest.approx(fields["file_bits"])


def test_blocks_gain_from_the_memory_of_a_source() -> None:
    stream, rate = sticky(NASA, 60_000, seed=4, persistence=0.9)
    books = [ledger(encode(stream, per_codeword=k)) for k in range(1, 5)]
    lengths = [book.mean_length for book in books]
    assert lengths == sorted(lengths, reverse=True) and lengths[3] < 1 < 2.3 < lengths[0]
    assert rate is not None and all(length > rate for length in lengths)
    each = [book.lines["entropy"] / book.count for book in books]
    assert each == sorted(each, reverse=True) and each[1] < books[0].entropy / 1.5
    assert len({round(book.entropy, 9) for book in books}) == 1  # of the readings, however they are coded


# ------------------------------------------------------------------ prediction, expectation, measurement


def test_the_peaked_belief_walks_towards_its_divergence_and_not_steadily() -> None:
    prices = [mismatch(NASA, PEAKED, per_codeword=k) for k in range(1, 6)]
    assert [round(price.expected_extra, 3) for price in prices] == [0.14, 0.965, 1.076, 1.358, 1.408]
    assert {round(price.kl_prediction, 3) for price in prices} == {1.544}
    assert [round(price.own_expected_length, 5) for price in prices[:4]] == [2.37, 2.33785, 2.33403, 2.32994]


@given(strategies.pairs(min_size=2, max_size=5), st.integers(1, 3))
def test_shannons_blocks_cost_the_divergence_and_less_than_one_bit_a_block_more(pair: Any, k: int) -> None:
    price = mismatch(*pair, construction="shannon", per_codeword=k)
    above = price.expected_length - price.entropy
    assert price.kl_prediction - 1e-9 <= above < price.kl_prediction + 1 / k + 1e-9


def test_shannons_walk_ends_within_a_bit_of_every_block() -> None:
    for q in (PEAKED, WINTER, NASA):
        for k in range(1, 5):
            price = mismatch(NASA, q, construction="shannon", per_codeword=k)
            assert price.kl_prediction <= price.expected_length - price.entropy + 1e-12
            assert price.expected_length - price.entropy < price.kl_prediction + 1 / k


@given(strategies.pairs(max_size=4), st.integers(1, 3))
def test_believing_q_never_helps_in_blocks_either(pair: Any, k: int) -> None:
    price = mismatch(*pair, per_codeword=k)
    assert price.expected_extra >= 0
    assert price.own_expected_length >= price.entropy - 1e-9


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize("construction", ["huffman", "shannon"])
@pytest.mark.parametrize("q", [PEAKED, WINTER], ids=["peaked", "winter"])
def test_blocks_are_measured_within_five_standard_errors(q: Distribution, construction: str, k: int) -> None:
    price = mismatch(NASA, q, NASA.sample(60_001, seed=k), construction=construction, per_codeword=k)
    assert price.standard_error > 0 and abs(price.z) <= 5  # seeded
    assert price.z == (price.measured_extra - price.expected_extra) / price.standard_error
    assert price.count == 60_001 and not price.empirical


@each_engine
@pytest.mark.parametrize("count", [1, 300, 899, 900, 1001])
def test_what_is_measured_are_the_payloads_of_two_files(count: int, engine: str) -> None:
    stream = NASA.sample(count, seed=1)
    price = mismatch(NASA, WINTER, stream, per_codeword=3, engine=engine)
    own, other = (encode(stream, d.extension(3)) for d in (NASA, WINTER))
    bits = [part(data, "block").number(data, "payload bits") for data in (own, other)]
    assert price.measured_length == bits[1] / count
    assert price.measured_extra == (bits[1] - bits[0]) / count
    assert (price.standard_error is None) == (count < 900)  # ten blocks of three in each batch


def test_the_standard_error_of_blocks_is_that_of_thirty_batch_means() -> None:
    stream, k = NASA.sample(1007, seed=9), 2
    codes = [huffman(d.extension(k)) for d in (NASA, WINTER)]
    words = [code.codewords for code in codes]
    extra = np.array([len(words[1][row]) - len(words[0][row]) for row in rows_of(stream.tolist(), k)[:-1]])
    batch = 1007 // (30 * k)
    means = extra[: 30 * batch].reshape(30, batch).mean(axis=1) / k
    assert mismatch(NASA, WINTER, stream, per_codeword=k).standard_error == pytest.approx(
        scipy.stats.sem(means), rel=1e-9
    )


def test_codewords_above_32_bits_are_expected_and_not_measured() -> None:
    assert huffman(PEAKED.extension(5)).lengths.max() > 32 >= huffman(PEAKED.extension(4)).lengths.max()
    stream = NASA.sample(2000, seed=1)
    price = mismatch(NASA, PEAKED, stream, per_codeword=5)
    assert (price.measured_length, price.measured_extra, price.standard_error, price.z) == (None,) * 4
    assert (price.count, round(price.expected_extra, 3)) == (2000, 1.408)
    assert mismatch(NASA, PEAKED, stream, per_codeword=4).measured_extra is not None


def test_what_q_rules_out_is_infinite_in_blocks_too() -> None:
    p, q = Distribution("abc", [1, 1, 1]), Distribution("abc", [1, 1, 0])
    price = mismatch(p, q, p.sample(900, seed=1), per_codeword=2)
    assert price.kl_prediction == price.expected_length == math.inf and price.measured_extra is None


def test_a_text_in_blocks_is_measured_against_labels_spelled_as_its_lines_are() -> None:
    text = b"".join(b"1.0\n" if i % 3 else b"2.1\n" for i in range(900))
    tenths = Distribution(Labels("int", np.array([10, 21]), "0.1"), [2, 1])
    floats, strings = Distribution([2.1, 1.0], [3, 1]), Distribution(["2.1", "1.0"], [3, 1])
    for k in (1, 2, 3):
        prices = [mismatch(tenths, q, open_stream(io.BytesIO(text), "x"), per_codeword=k) for q in (floats, strings)]
        assert prices[0] == prices[1]
        assert (
            prices[0].expected_extra
            == mismatch(tenths, Distribution(tenths.labels, [1, 3]), per_codeword=k).expected_extra
        )
        assert math.isfinite(prices[0].expected_extra) and prices[0].measured_extra is not None


def test_tables_have_no_blocks_and_blocks_are_no_readings() -> None:
    for block in (2, 3):
        with pytest.raises(ValueError, match="a table has its own codewords"):
            mismatch(NASA, huffman(PEAKED), per_codeword=block)
    pairs, stream = NASA.extension(2), NASA.sample(600, seed=1)
    for p, q, readings, block in (
        (NASA, huffman(pairs), stream, 1),
        (NASA, huffman(pairs), None, 1),
        (NASA, pairs, None, 1),
        (pairs, NASA, None, 1),
        (pairs, pairs, stream, 1),
        (pairs, pairs, None, 2),
    ):
        with pytest.raises(ValueError, match="per_codeword=k"):
            mismatch(p, q, readings, per_codeword=block)
    both = mismatch(pairs, PEAKED.extension(2))  # bits per pair
    assert both.expected_extra == pytest.approx(2 * mismatch(NASA, PEAKED, per_codeword=2).expected_extra, abs=1e-12)
    for block in (0, -1):
        with pytest.raises(ValueError, match="at least one symbol"):
            mismatch(NASA, PEAKED, per_codeword=block)
