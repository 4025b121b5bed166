"""Codes over tuples in files: k readings in a codeword, what stands in the file, and what is refused."""

from __future__ import annotations

import io
import itertools
import re
import zlib
from typing import Any

import numpy as np
import pytest
import strategies
from bitarray import bitarray
from checks import INSTALLED, each_engine, exchange, flip, forge, huf, lane_bits_of, mend, part, payload_of, same, unhuf
from hypothesis import given
from hypothesis import strategies as st
from reading import Reader

from codec.codes.constructions import construct
from codec.codes.prefix import PrefixCode, huffman
from codec.codes.serialize import deserialize, serialize
from codec.coding import decode, encode, write
from codec.coding.learn import learn_tuples
from codec.coding.steps import TRANSFORMS
from codec.errors import CodecError, DamagedError, MissingCodewordError, StreamError, UnsupportedError, WrongTableError
from codec.measure.ledger import ledger
from codec.readings.origin import Closing, Origin
from codec.readings.stream import Stream, tally_stream
from codec.readings.values import from_values
from codec.theory.alphabet import MAX_SYMBOLS
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, labels_of
from codec.theory.sources import built_in
from codec.theory.tuples import tuples_of

NASA = built_in("nasa")
LEVELS = NASA.sample(700, 1).astype(np.int16)
ABC = Distribution("abc", [5, 2, 1])


def code_over(rows: Any, base: Any, lengths: list[int]) -> PrefixCode:
    """A code over some tuples: rows of symbols of the base."""
    return PrefixCode.from_lengths(Labels("tuple", np.array(rows, np.uint32), base=labels_of(base)), lengths)


def symbols_of(data: bytes, code: Any = None) -> list[int]:
    """The symbols in a file: which tuples its codewords stand for."""
    return [symbol for block in Reader(io.BytesIO(data), code).decoded_blocks() for symbol in block.symbols.tolist()]


def tuples_in(data: bytes) -> list[tuple[Any, ...]]:
    """The tuples in a file."""
    tuples = Reader(io.BytesIO(data)).code.alphabet
    return [tuples[symbol] for symbol in symbols_of(data)]


# ------------------------------------------------------------------ whatever goes in comes back


@given(st.data())
def test_readings_of_any_kind_come_back_from_given_blocks(data: Any) -> None:
    base = data.draw(strategies.labels(min_size=1, max_size=4, unique=True))  # in any order
    n, k, engine = len(base), data.draw(st.integers(1, 4)), data.draw(st.sampled_from(INSTALLED))
    p = Distribution(base, data.draw(strategies.weights(n, n)))
    occurs = np.flatnonzero(p.weights > 0)
    stream = base.take(occurs[data.draw(st.lists(st.integers(0, len(occurs) - 1), max_size=30))].astype(np.int64))
    sizes = {"lane_size": data.draw(st.integers(1, 9)), "block_size": data.draw(st.integers(1, 12))}
    code: Any = p.extension(k) if data.draw(st.booleans()) else huffman(p.extension(k), 32)
    embed, plain = data.draw(st.booleans()), decode(encode(stream))
    file = encode(stream, code, embed, engine=engine, **sizes)
    assert same(decode(file, code, engine=engine), plain)
    if embed:
        assert same(decode(file, engine=engine), plain)
    else:
        with pytest.raises(WrongTableError):
            decode(file)


def test_blocks_of_one_reading_are_the_plain_file() -> None:
    for stream in (LEVELS, b"abracadabra", "abracadabr\u00e4", np.array([b"", b"\0", b"abc"], object)):
        assert encode(stream, per_codeword=1) == encode(stream)
    assert encode(LEVELS, NASA.extension(1)) == encode(LEVELS, NASA)
    assert encode(LEVELS, huffman(NASA.extension(1)), False) == encode(LEVELS, huffman(NASA), False)
    assert same(decode(encode(LEVELS, NASA, False), NASA.extension(1)), LEVELS)


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
    code = code_over([[0, 2], [1, 0], [2, 2]], "bca", [1, 2, 3])
    assert decode(encode("bacbaaba", code)) == "bacbaaba"
    assert tuples_in(encode("bacba", code)) == [("b", "a"), ("c", "b"), ("a", "a")]


def test_text_is_coded_with_tuples_of_labels_spelled_alike() -> None:
    for code in (Distribution([100, 105], [3, 1]).extension(2), Distribution(["105", "100"], [1, 3]).extension(3)):
        assert unhuf(huf(b"100\n100\n105\n100\n100\n", huffman(code))) == b"100\n100\n105\n100\n100\n"


# ------------------------------------------------------------------ what stands in the file


def shortest(words: dict[Any, bitarray], start: tuple[Any, ...]) -> tuple[Any, ...]:
    """The tuple of shortest codeword among those that begin like this; the first of them in the alphabet's order."""
    return min((row for row in words if row[: len(start)] == start), key=lambda row: len(words[row]))


@each_engine
@pytest.mark.parametrize("k", [2, 3, 4])
def test_the_payload_is_that_of_bitarray_with_the_codewords_of_the_tuples(k: int, engine: str) -> None:
    stream = NASA.sample(241, 5)
    for code in (None, huffman(NASA.extension(k)), construct("shannon", NASA.extension(k))):
        data = encode(stream, code, engine=engine, lane_size=9, per_codeword=1 if code else k)
        words = Reader(io.BytesIO(data)).code.codewords
        rows = [tuple(stream[i : i + k].tolist()) for i in range(0, len(stream), k)]
        rows[-1] = shortest(words, rows[-1])
        expected = bitarray()
        expected.encode(words, rows)
        assert payload_of(data) == expected and sum(lane_bits_of(data)) == len(expected)


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
        assert tuples_in(file) == [shortest(code.codewords, start)] and decode(file) == "".join(start)
    else:
        with pytest.raises(MissingCodewordError, match=re.escape(f"the block ({start[0]!r},")):
            encode("".join(start), code)


@each_engine
def test_what_fills_the_last_tuple_may_be_what_the_array_cannot_hold(engine: str) -> None:
    code = huffman(Distribution([300, 5, -1], [98, 1, 1]).extension(3))
    stream = np.array([5, 5, 5, 5], np.uint8)
    data = encode(stream, code, engine=engine)
    assert tuples_in(data) == [(5, 5, 5), (5, 300, 300)] and ledger(data).count == 4
    assert same(decode(data, engine=engine), stream)
    for count in (5, 6):  # as readings that are there, they are refused
        signed = zlib.crc32(bytes([*symbols_of(data), count % 3]))
        forged = forge(forge(data, "end", "count", count), "end", "checksum of symbols", signed)
        with pytest.raises(DamagedError, match="readings that its file says it cannot hold"):
            decode(exchange(forged, "origin", Origin("array", "|u1", (count,)).pack()), engine=engine)


@each_engine
def test_tuples_at_the_end_of_63_bits_are_filled_up(engine: str) -> None:
    code = code_over([[0] * 63, [1] * 63], "ab", [1, 1])
    for stream in ("b", "b" * 62, "b" * 63, "b" * 64, "a" * 63 + "b" * 63 + "a"):
        assert decode(encode(stream, code, engine=engine), engine=engine) == stream
    assert decode(encode("b" * 65, code_over([[1] * 63], "ab", [1]), engine=engine), engine=engine) == "b" * 65


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
def test_a_block_or_a_reading_without_a_codeword_is_refused_by_name(engine: str) -> None:
    for stream, code, message in (
        (
            "aabbba",
            code_over([[0, 0], [1, 1]], "ab", [1, 1]),
            r"the block \('b', 'a'\) of readings 4 and following has",
        ),
        ("abac", Distribution("abc", [3, 1, 0]).extension(2), r"the block \('a', 'c'\) of readings 2 and following"),
        ("abaxx", ABC.extension(2), r"position 3: the reading x has no codeword .* 2 of 5 readings have none"),
    ):
        with pytest.raises(MissingCodewordError, match=message):
            encode(stream, code, engine=engine)


def test_a_block_is_named_by_its_place_in_the_whole_stream() -> None:
    readings = Labels("int", np.array([7] * 8 + [8, 7, 7]))
    for size in (1, 3, 4, 11):
        parts = [Labels("int", readings.values[start : start + size]) for start in range(0, 11, size)]
        stream = Stream(Origin("text"), lambda parts=parts: iter([*parts, Closing(0)]))  # type: ignore[misc]
        with pytest.raises(MissingCodewordError, match=r"the block \(8, 7\) of readings 8 and following"):
            write(stream, io.BytesIO(), code_over([[0, 0]], [7, 8], [1]))


@pytest.mark.dear
@pytest.mark.parametrize(
    ("labels", "count", "k"), [(50, 300_000, 3), (16, 500_000, 5), (400, 200_000, 2), (48, 350_000, 4)]
)
def test_too_many_different_blocks_are_refused_with_the_largest_that_fits(labels: int, count: int, k: int) -> None:
    stream = np.random.default_rng(labels).integers(0, labels, count).astype(np.uint16)
    base = tally_stream(from_values(stream))[0]
    different = {}
    for size in range(1, k + 1):
        filled = np.concatenate([stream, np.full(-count % size, stream.min(), np.uint16)])
        different[size] = len(np.unique(filled.reshape(-1, size).view(f"V{2 * size}")))
    assert different[k] > MAX_SYMBOLS
    fits = max(size for size, number in different.items() if number <= MAX_SYMBOLS)
    way_out = f"blocks of {fits} fit" if fits > 1 else "no block of more than one reading fits"
    with pytest.raises(StreamError, match=f"has more than 65,536 different blocks of {k} readings: {way_out}"):
        encode(stream, per_codeword=k)
    assert len(learn_tuples(from_values(stream), base, fits)) == different[fits]


@pytest.mark.slow
def test_as_many_blocks_and_readings_in_them_fit_as_can_be_numbered() -> None:
    every = np.array(list(itertools.product(range(256), repeat=2)), np.uint8).reshape(-1)
    assert same(decode(encode(every, per_codeword=2)), every)
    with pytest.raises(StreamError, match="no block of more than one reading fits"):
        encode(np.append(every.astype(np.int64), 256), per_codeword=2)
    with pytest.raises(
        StreamError, match=r"300 different readings, and blocks of 8 .* too many to number: .* of 7 fit"
    ):
        encode(np.arange(300), per_codeword=8)
    assert same(decode(encode(np.arange(300), per_codeword=7)), np.arange(300))
    with pytest.raises(StreamError, match="blocks of 63 fit"):
        encode("ab", per_codeword=64)
    with pytest.raises(ValueError, match="per_codeword is from 1 to 64"):
        encode("ab", per_codeword=65)
    for stream, k in (("ab" * 50, 63), ("a" * 130, 64)):
        assert decode(encode(stream, per_codeword=k)) == stream


@pytest.mark.slow
def test_codes_over_blocks_that_no_file_can_hold_are_refused_before_anything_is_written() -> None:
    deep = Distribution("abc", [10**9, 10**4, 1]).extension(4)
    many = Distribution(range(300), [1] * 300).extension(2)
    for stream, code, message in (
        ("abab", huffman(ABC.extension(2), escape_weight=1), "no file holds a code over blocks of"),
        ("abab", huffman(ABC.extension(1), escape_weight=1), "no file holds a code over blocks of"),
        ("abab", ABC.extension(2).extension(2), "no file holds a code over blocks of"),
        ("abab", huffman(ABC.extension(2).extension(1)), "no file holds a code over blocks of"),
        ([7], many, "codewords, and files number at most 65,536"),
        ("ab", huffman(deep), "files hold at most 32"),
    ):
        with pytest.raises(ValueError, match=message):
            encode(stream, code)
    assert decode(encode("abccc", deep)) == "abccc"  # a distribution stands for a code that files can hold
    for code in (ABC, ABC.extension(2), huffman(ABC)):
        with pytest.raises(ValueError, match="per_codeword is for a code that is learned"):
            encode("abab", code, per_codeword=2)
    with pytest.raises(StreamError, match="readings of up to 70,000 bytes"):
        encode(np.array(["x" * 70_000, "y", "y"], object), per_codeword=2)
    longest = np.array(["x" * 65_536, "y", "y"], object)
    assert same(decode(encode(longest, per_codeword=2)), longest)


# ------------------------------------------------------------------ forged

SHORT = np.array([100, 105, 100, 100, 110, 105] * 4, np.int16)
PLAIN, PAIRS = encode(SHORT), encode(SHORT[:22], per_codeword=2, lane_size=4)
TRIPLES, TEXT = encode(SHORT[:20], per_codeword=3), huf(b"1\n10\n100\n1\n10\n", per_codeword=2)
AS_PAIRS, UNPAIRED = forge(PLAIN, "header", "code", 1), forge(PAIRS, "header", "code", 0)
FLAGS = part(PAIRS, "header").number(PAIRS, "flags")
TABLES = [part(data, "table").read(data, "table") for data in (PLAIN, PAIRS, TRIPLES)]
# A file, the field of its header that is forged, and the values that it is given: bad ones, and ones of later versions.
FORGED: list[tuple[bytes, str, tuple[int, ...], tuple[int, ...]]] = [
    (PAIRS, "parameter", (0, 3, 64), (1, 65, 255)),
    (TRIPLES, "parameter", (2,), ()),
    (UNPAIRED, "parameter", (0,), (2,)),
    (AS_PAIRS, "parameter", (2,), (1,)),
    (PLAIN, "parameter", (), (2,)),
    (PAIRS, "label kind", (2,), (4,)),
    (PAIRS, "flags", (FLAGS | 4, FLAGS ^ 2), ()),
    (PAIRS, "code", (), (2,)),
    (PAIRS, "transform", (), (len(TRANSFORMS),)),
]


@each_engine
def test_forged_fields_are_refused(engine: str) -> None:
    origins = [Origin("string"), *(Origin("array", *of) for of in (("<i2", (23,)), ("<i2", (11,)), ("|b1", (22,))))]
    files: list[tuple[bytes, type[CodecError]]] = [
        *((forge(data, "header", field, value), error) for data, field, bad, later in FORGED
          for values, error in ((bad, DamagedError), (later, UnsupportedError)) for value in values),
        *((forge(data, "end", "count", count), DamagedError) for data, counts in (
            (PAIRS, (0, 11, 20, 21, 23, 24)), (TRIPLES, (17, 19, 21, 23)), (TEXT, (4, 6))) for count in counts),
        *((exchange(PAIRS, "table", table), DamagedError) for table in (TABLES[0], TABLES[2])),
        *((exchange(PAIRS, "origin", origin.pack()), DamagedError) for origin in origins),
    ]  # fmt: skip
    for data, error in files:
        for read in (decode, unhuf):
            with pytest.raises(error):
                read(data, engine=engine)


def test_a_table_of_tuples_with_an_escape_is_refused() -> None:
    labels, lengths = deserialize(TABLES[1])
    longest = int(lengths.max())
    changed = np.append(np.where(lengths == longest, longest + 1, lengths), longest + 1)
    forged = exchange(PAIRS, "table", serialize(labels, changed))
    for flags in range(8):
        with pytest.raises(DamagedError, match="do not go together" if flags & 4 else None):
            decode(forge(forged, "header", "flags", flags))


@each_engine
def test_codewords_that_no_tuple_has_are_refused(engine: str) -> None:
    data = encode(b"abababab", per_codeword=2)  # the codeword 0, and 1 is unused
    block = part(data, "block")
    start, _ = block.fields["payload"]
    for bit in range(block.number(data, "payload bits")):
        with pytest.raises(DamagedError, match="block 0 is damaged"):
            decode(mend(flip(data, 8 * start + bit)), engine=engine)


def test_a_code_of_other_blocks_is_refused_with_both_fingerprints() -> None:
    pairs = huffman(ABC.extension(2))
    data = encode("abacabc", pairs, False)
    for other in (ABC, ABC.extension(3), Distribution("bac", [5, 2, 1]).extension(2)):
        with pytest.raises(WrongTableError, match=pairs.fingerprint):
            decode(data, other)
    forged = forge(data, "header", "table fingerprint", bytes.fromhex(huffman(ABC.extension(3)).fingerprint))
    with pytest.raises(DamagedError, match="2 readings in a codeword, the table 3"):
        decode(forged, ABC.extension(3))
