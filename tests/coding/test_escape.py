"""Escapes: a table made with one codes readings it has never seen, to the last bit, and damage does not pass.

The payload stays a plain prefix-code stream (bitarray is its oracle), raw values are packed here once more, by hand.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import struct
import tracemalloc
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import strategies
from bitarray import bitarray
from bitarray.util import huffman_code
from checks import (
    INSTALLED,
    each_engine,
    exchange,
    flip,
    forge,
    huf,
    mend,
    part,
    payload_of,
    pieces,
    same,
    unhuf,
    walk,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from reading import Reader

from codec.codes.escape import raw_bits
from codec.codes.prefix import PrefixCode, huffman
from codec.codes.serialize import deserialize, serialize
from codec.coding import decode, encode
from codec.errors import CodecError, DamagedError, MissingCodewordError, OutputLimitError, StreamError, TableError
from codec.files.container import Block
from codec.files.tables import dumps, load, save
from codec.measure.ledger import ledger
from codec.measure.mismatch import mismatch
from codec.readings.origin import Origin
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, float_patterns, labels_of
from codec.theory.sources import built_in


def table(labels: Any, lengths: Any = None, escape: int = 0) -> PrefixCode:
    """A complete code with an escape, of lengths 1, 2, 3, ..., and the escape as long as the last."""
    alphabet = labels_of(labels)
    lengths = list(range(1, len(alphabet) + 1)) if lengths is None else lengths
    return PrefixCode.from_lengths(alphabet, lengths, escape or lengths[-1])


def patterns(values: Any, dtype: str) -> Any:
    """Floats of a type by their bit patterns."""
    return np.array(values, f"<u{np.dtype(dtype).itemsize}").view(dtype)


INTS = table([100, 105, 110])
FLOATS = table([0.5, -0.0])
STRINGS = table(["a", "bc", ""])
BYTES = table([b"a", b"\xff\0"])
NAN_TABLE = PrefixCode.from_lengths(Labels("float", np.array([0x7FF8 << 48, 1], np.uint64)), [1, 2], 2)
GRID = PrefixCode.from_lengths(Labels("int", np.array([24, -2]), "0.1"), [1, 2], 2)

# A table with an escape, and readings some of which it lacks.
ARRAYS: dict[str, tuple[PrefixCode, Any]] = {
    "ints": (INTS, [100, 7, 105, 100, -3, 110, 100, 7, 7]),
    "int8": (table([1, 2]), np.array([1, -128, 127, 2, 1, 0], np.int8)),
    "int16, big-endian": (INTS, np.array([100, -32768, 32767, 105, 7], ">i2")),
    "int64, least and greatest": (table([-1, 1]), np.array([1, -(2**63), 2**63 - 1, -1, 0, 1])),
    "uint64, greatest": (table([1, 2]), np.array([1, 2**64 - 1, 2**63, 2, 2**63 - 1], np.uint64)),
    "uint64, and a table of uint64": (table([0, 2**63]), np.array([2**63, 2**64 - 1, 0, 5], np.uint64)),
    "uint64, and a table below 0": (table([-1, 1]), np.array([1, 2**64 - 1, 1, 0], np.uint64)),
    "int64, and a table of uint64": (table([1, 2**64 - 1]), np.array([1, -5, -(2**63), 1])),
    "bool": (table([0]), np.array([True, False, True])),
    "float16": (FLOATS, patterns([0x3800, 0x7C01, 0xFE00, 0x7E01, 0xFC00, 0x8000, 0, 1], "<f2")),
    "float32": (FLOATS, patterns([0x3F000000, 0x7F800001, 0xFFC12345, 0x80000000, 0, 1, 0x7F7FFFFF], "<f4")),
    "float64": (
        FLOATS,
        patterns([0x3FE << 52, (0x7FF << 52) | 1, (0xFFF8 << 48) | 7, 1 << 63, 0, 1, 0x7FF8 << 48], "<f8"),
    ),
    "float64, big-endian": (FLOATS, np.array([0.5, np.nan, -0.0, 0.0, np.inf], ">f8")),
    "a table of NaNs": (NAN_TABLE, patterns([0x7FF8 << 48, (0x7FF8 << 48) | 1, 1, 2, 0xFFF8 << 48], "<f8")),
    "numbers on a grid": (GRID, Labels("int", np.array([24, 25, -2, -24, 10**9]), "0.1")),
    "strings": (STRINGS, ["a", "\u00e9t\u00e9", "bc", "", "a", "\0", "\U0001f321", "b" * 300]),
    "U": (STRINGS, np.array(["a", "abc", "", "bc", "\u00e9"])),
    "U, big-endian": (STRINGS, np.array(["a", "abc", "zz"], ">U5")),
    "U, surrogates": (STRINGS, np.array(["a", "\udcc3\udca9", "\u00e9", "\ud800", "\udcff", "\ud83d\ude00"])),
    "objects: strings": (STRINGS, np.array([["a", "x"], ["", "yz"]], object)),
    "objects: ints": (INTS, np.array([100, -(2**63), 2**63 - 1], object)),
    "objects: floats": (FLOATS, np.array([0.5, 1e300, -0.0], object)),
    "objects: bytes": (BYTES, np.array([b"a", b"\0", b""], object)),
    "S": (BYTES, np.array([b"a", b"", b"\xff\0c", b"b"])),
    "lists of bytes": (BYTES, [b"a", b"x" * 500, b"", b"\xff\0"]),
    "complex64": (table([np.complex64(1 + 2j).tobytes()]), np.array([1 + 2j, 3, complex(np.nan, -0.0)], np.complex64)),
    "raw bytes": (table([b"abc"]), np.array([b"abc", b"\0\0\0", b"zzz"], "V3")),
    "datetime64": (table([0, 1]), np.array(["1970-01-01", "NaT", "1969-12-31", "2021-05-05"], "M8[D]")),
    "timedelta64, big-endian": (table([0, 1]), np.array([0, -5, 1], ">m8[25s]")),
    "bytes": (table([97, 98]), b"abracadabra\0\xff"),
    "a string": (table(["a", "b"]), "abracadabra\u00e9\0\n\udcff\ud800"),
    "three dimensions, Fortran order": (table([0, 1]), np.asfortranarray(np.arange(24).reshape(2, 3, 4) % 5)),
    "nothing seen": (INTS, np.arange(20)),
    "nothing unseen": (INTS, np.array([100, 105, 110, 100])),
    "nothing": (INTS, np.zeros((0, 3), np.int16)),
    "a label without a codeword": (table([1, 2, 3], [1, 0, 2], 2), np.array([1, 2, 3, 2, 1, 9])),
    "an escape shorter than the codewords": (table([1, 2, 3], [3, 3, 2], 1), np.array([1, 9, 2, 3, 8])),
    "an incomplete code": (table([1, 2], [3, 5], 4), np.array([1, 9, 2, 3, 8])),
    "an escape of 32 bits": (table([1], [1], 32), np.array([1, 9, 1, 8])),
    "255 labels": (huffman(Distribution(range(255), [1] * 255), None, 1), np.arange(300) % 260),
    "256 labels": (huffman(Distribution(range(256), [1] * 256), None, 1), np.arange(300) % 260),
    "256 labels, all seen": (huffman(Distribution(range(256), [1] * 256), None, 1), np.arange(256)),
}  # fmt: skip
each_array = pytest.mark.parametrize("name", ARRAYS)


def plain(readings: Any) -> Any:
    """The readings as they come back from a file with a code of their own."""
    return decode(encode(readings))


@each_engine
@each_array
def test_readings_that_the_table_lacks_come_back_to_the_last_bit(name: str, engine: str) -> None:
    code, readings = ARRAYS[name]
    expected = plain(readings)
    assert same(expected, readings) or not isinstance(readings, np.ndarray)
    for embed in (True, False):
        data = encode(readings, code, embed, engine=engine, lane_size=3, block_size=7)
        assert same(decode(data, None if embed else code, engine=engine), expected)
        assert same(decode(encode(readings, code, embed, engine=engine), code, engine=engine), expected)


@each_array
def test_every_engine_writes_the_same_file_with_escapes(name: str) -> None:
    code, readings = ARRAYS[name]
    assert len({encode(readings, code, engine=engine, lane_size=3, block_size=7) for engine in INSTALLED}) == 1


@each_engine
@each_array
def test_the_original_file_comes_back_too(name: str, engine: str) -> None:
    code, readings = ARRAYS[name]
    if name == "nothing unseen" or (isinstance(readings, np.ndarray) and readings.dtype.kind != "O"):
        raw = unhuf(encode(readings, code, engine=engine, block_size=5), code, engine)
        assert same(np.load(io.BytesIO(raw)), readings)


def symbols_of(code: PrefixCode, readings: Any) -> tuple[list[int], list[Any]]:
    """The symbol of each reading, and those that become the escape, straight from the definition."""
    flat: Any = readings
    if isinstance(readings, np.ndarray):
        flat = readings.reshape(-1, order="F" if readings.flags.fnc else "C")
        flat = flat.astype(float if readings.dtype == object and code.alphabet.kind == "float" else flat.dtype)
        flat = flat if flat.dtype.kind in "cVO" else flat.astype(flat.dtype.newbyteorder("="))
    kind = code.alphabet.kind
    if kind == "float":
        keys = float_patterns(flat).tolist()
    elif isinstance(readings, Labels) or kind == "int":
        keys = labels_of(flat).values.tolist()
    elif isinstance(readings, np.ndarray) and flat.dtype.kind in "cV":
        keys = [value.tobytes() for value in flat]
    else:
        keys = list(flat)
    place = {key: i for i, key in enumerate(code.alphabet.values.tolist()) if code.lengths[i]}
    return [place.get(key, len(code)) for key in keys], [key for key in keys if key not in place]


def raw_by_hand(kind: str, values: list[Any]) -> bytes:
    if kind == "float":
        return b"".join(struct.pack(">Q", value) for value in values)
    if kind == "int":
        return b"".join((value % (1 << 64)).to_bytes(8, "big") for value in values)
    texts = [v.encode("utf-8", "surrogatepass") if isinstance(v, str) else v for v in values]
    return b"".join(struct.pack(">H", len(text)) + text for text in texts)


def words_by_hand(code: PrefixCode) -> dict[int, bitarray]:
    """Symbol -> codeword, the escape the last symbol: in order of (length, symbol), numerically increasing."""
    order = sorted((length, symbol) for symbol, length in enumerate(code.all_lengths.tolist()) if length)
    words, word, before = {}, 0, 0
    for length, symbol in order:
        word = (word << (length - before)) if before else 0
        words[symbol] = bitarray(format(word, f"0{length}b"))
        word, before = word + 1, length
    return words


@each_array
def test_the_payload_is_the_plain_stream_of_codewords_and_raw_values_stand_beside_it(name: str) -> None:
    code, readings = ARRAYS[name]
    words = words_by_hand(code)
    assert words[len(code)] == code.escape_codeword
    if name != "a table of NaNs":  # which, as keys, are not themselves
        assert [words[i] for i in range(len(code)) if code.lengths[i]] == list(code.codewords.values())
    symbols, escaped = symbols_of(code, readings)
    data = encode(readings, code, lane_size=3, block_size=7)
    blocks = [p for p in walk(data) if p.name == "block"]
    taken = 0
    for number, block in enumerate(blocks):
        here = symbols[7 * number : 7 * number + 7]
        expected = bitarray()
        expected.encode(words, here)
        assert payload_of(data, number) == expected
        escapes = here.count(len(code))
        raw = raw_by_hand(code.alphabet.kind, escaped[taken : taken + escapes])
        taken += escapes
        assert block.read(data, "extra") == raw
    assert taken == len(escaped) and (taken > 0) == (name not in ("nothing", "nothing unseen", "256 labels, all seen"))


@each_array
def test_raw_values_have_their_line_in_the_ledger_and_all_lines_sum_to_the_file(name: str) -> None:
    code, readings = ARRAYS[name]
    _, escaped = symbols_of(code, readings)
    data = encode(readings, code, lane_size=3, block_size=7)
    book = ledger(data)
    raw = 8 * len(raw_by_hand(code.alphabet.kind, escaped))
    assert book.lines["raw values of escapes"] == raw
    assert math.isclose(sum(book.lines.values()), book.file_bits, rel_tol=1e-12)
    assert book.file_bits == 8 * len(data)
    labels = labels_of(readings if not isinstance(readings, np.ndarray) else readings.reshape(-1))
    own = code.lengths_at(labels)
    assert int(raw_bits(labels)[own == 0].sum()) == raw
    assert int(code.costs_at(labels).sum()) == book.payload_bits + raw


@settings(max_examples=200, deadline=None)
@given(data=st.data(), lane=st.integers(1, 9), block=st.integers(1, 20))
def test_any_readings_come_back_through_any_table_of_their_kind(data: Any, lane: int, block: int) -> None:
    stream = data.draw(strategies.labels(max_size=30))
    kinds = ("int", "unsigned") if stream.kind == "int" else (stream.kind,)
    alphabet = data.draw(strategies.labels(1, 8, unique=True, kinds=kinds))
    alphabet = Labels(alphabet.kind, alphabet.values, stream.step)
    lengths = data.draw(st.lists(st.integers(0, 6), min_size=len(alphabet), max_size=len(alphabet)).filter(any))
    escape = data.draw(st.integers(1, 32))
    assume(strategies.kraft([*lengths, escape]) <= 1)
    code = PrefixCode.from_lengths(alphabet, lengths, escape)
    engine = data.draw(st.sampled_from(INSTALLED))
    file = encode(stream, code, engine=engine, lane_size=lane, block_size=block)
    assert same(decode(file, engine=engine), plain(stream))


# ------------------------------------------------------------------ text and CSV

DECIMALS = PrefixCode.from_lengths(Labels("int", np.array([24, 25, -3]), "0.1"), [1, 2, 3], 3)
TEXTS: dict[str, tuple[PrefixCode, bytes, dict[str, Any]]] = {
    "ints": (INTS, b"100\n105\n7\n100\n-5\n110\n", {}),
    "ints beyond 64 bits": (INTS, b"100\n18446744073709551616\n-9223372036854775809\n100\n", {}),
    "the least and the greatest": (INTS, b"-9223372036854775808\n18446744073709551615\n100\n", {}),
    "decimals": (DECIMALS, b"2.4\n2.5\n9.9\n-0.3\n2.4\n", {}),
    "another kind of token": (DECIMALS, b"2.4\nn/a\n2.5\n\n2.40\n-0.3\nNaN\n2.4\n", {}),
    "other decimals": (DECIMALS, b"2.40\n2.50\n2.41\n", {}),
    "CR LF, and no last line end": (DECIMALS, b"2.4\r\nn/a\r\n2.5", {}),
    "bytes that are no UTF-8": (DECIMALS, b"2.4\n\xff\xfe\n\xc3\xa9\n\xed\xa0\x80\n2.4\n", {}),
    "lone carriage returns": (DECIMALS, b"2.4\n\r\n2.5\r\n\xe2\x80\xa8\n", {}),
    "words": (STRINGS, b"a\nbc\n\nabc\na\n1\n", {}),
    "a table of floats": (FLOATS, b"0.5\n-0.0\n0.50\n1e300\nnan\n", {}),
    "a table of bytes": (BYTES, b"a\nb\n\xc3\xbf\0\n", {}),
    "a column": (DECIMALS, b"t,c\n1,2.4\n2,n/a\n3,2.5\n4,\n5,2.4\n", {"column": "c"}),
    "a column with quotes": (DECIMALS, b't,c\n1,2.4\n2,"a,b ""c"\n3,"2.5"\n4,2.4\n', {"column": "c"}),
    "raw bytes": (table([97, 98]), b"abracadabra\r\n\xff", {"raw": True}),
    "nothing": (DECIMALS, b"", {}),
    "all raw": (DECIMALS, b"x\ny\nzz\n", {}),
}  # fmt: skip
each_text = pytest.mark.parametrize("name", TEXTS)


def text_of(raw: bytes, opens: dict[str, Any]) -> bytes:
    """What comes back from a file with a code of its own: the text itself; of a column, its cells."""
    return unhuf(huf(raw, opens=opens))


@each_engine
@each_text
def test_a_text_with_tokens_that_the_table_lacks_comes_back_byte_for_byte(name: str, engine: str) -> None:
    code, raw, opens = TEXTS[name]
    expected = text_of(raw, opens)
    assert expected == raw or opens.get("column")
    for sizes in ({}, {"lane_size": 2, "block_size": 3}):
        for embed in (True, False):
            data = huf(raw, code, opens=opens, embed_table=embed, engine=engine, **sizes)
            assert unhuf(data, code, engine) == expected


@each_text
@pytest.mark.parametrize("piece", [1, 7, 12])
def test_it_does_not_matter_where_a_text_is_cut_into_pieces(
    name: str, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each piece may be of a kind of its own: ints, decimals, tokens."""
    code, raw, opens = TEXTS[name]
    whole = huf(raw, code, opens=opens, block_size=2)
    monkeypatch.setattr("codec.readings.stream.PIECE_BYTES", piece)
    cut = huf(raw, code, opens=opens, block_size=2)
    assert cut == whole and unhuf(cut) == text_of(raw, opens)


@each_text
def test_raw_values_of_a_text_are_its_tokens(name: str) -> None:
    code, raw, opens = TEXTS[name]
    if opens:
        return
    end = b"\r\n" if b"\r\n2.5" in raw and raw.count(b"\r\n") == raw.count(b"\n") else b"\n"
    tokens = raw.removesuffix(end).split(end) if raw else []
    spelled = {s.encode("utf-8", "surrogateescape") for s in code.alphabet.spellings}
    unseen = [token for token in tokens if token not in spelled]
    data = huf(raw, code)
    extra = part(data, "block").read(data, "extra") if raw else b""
    assert extra == b"".join(struct.pack(">H", len(token)) + token for token in unseen)
    assert ledger(data).lines["raw values of escapes"] == sum(16 + 8 * len(token) for token in unseen)


def test_in_memory_a_text_with_an_escape_is_an_array_of_strings() -> None:
    code, raw, _ = TEXTS["another kind of token"]
    assert decode(huf(raw, code)).tolist() == ["2.4", "n/a", "2.5", "", "2.40", "-0.3", "NaN", "2.4"]
    # Also where no escape was needed: what comes out does not hang on what the text happens to be.
    assert decode(huf(b"2.4\n2.5\n", code)).tolist() == ["2.4", "2.5"]


tokens = st.sampled_from(
    [b"2.4", b"2.5", b"-0.3", b"7", b"", b"n/a", b"2.40", b"\xff", b"\xc3\xa9", b"\r", b"100", b"0.5"]
)


@settings(max_examples=150, deadline=None)
@given(
    lines=st.lists(tokens | st.binary(max_size=4).filter(lambda t: b"\n" not in t), max_size=25),
    end=st.sampled_from([b"\n", b"\r\n"]),
    ended=st.booleans(),
    code=st.sampled_from([INTS, DECIMALS, STRINGS, FLOATS, BYTES]),
    block=st.integers(1, 9),
)
def test_any_text_comes_back_through_any_table_with_an_escape(
    lines: list[bytes], end: bytes, ended: bool, code: PrefixCode, block: int
) -> None:
    raw = end.join(lines) + (end if ended else b"")
    assume(raw[:2] not in (b"\xff\xfe", b"\xfe\xff", b"\x1f\x8b"))  # UTF-16, gzip
    assert unhuf(huf(raw, code, block_size=block)) == raw


@each_engine
def test_many_blocks_and_lanes_at_once(engine: str) -> None:
    """Enough for threads, raw values in every block."""
    random = np.random.default_rng(3)
    readings = random.choice([100, 105, 110, 7, 2**40], 60_000, p=[0.6, 0.2, 0.1, 0.05, 0.05])
    data = encode(readings, INTS, engine=engine, lane_size=100, block_size=1000)
    assert same(decode(data, engine=engine), readings)
    text = "".join(f"{reading}\n" for reading in readings.tolist()).encode()
    assert unhuf(huf(text, INTS, engine=engine, lane_size=100, block_size=1000), engine=engine) == text


# ------------------------------------------------------------------ what cannot be escaped


@each_engine
@pytest.mark.parametrize(
    ("code", "readings", "message"),
    [
        (INTS, np.array([100.5, 105.5]), r"position 0: the reading 100\.5 .*2 of 2 readings.*int.*float"),
        (INTS, ["a"], r"the reading a .*int.*str"),
        (INTS, [b"a"], r"int.*bytes"),
        (FLOATS, np.array([1, 2]), r"the reading 1 .*float.*int"),
        (STRINGS, b"abc", r"the reading 97 .*str.*int"),
        (BYTES, ["a"], r"bytes.*str"),
        (GRID, [24, -2], r"the reading 24 .*0\.1"),
        (INTS, Labels("int", np.array([1000]), "0.1"), r"the reading 100\.0 .*0\.1"),
    ],
)
def test_readings_of_another_kind_than_the_table_are_refused_with_both_kinds(
    code: PrefixCode, readings: Any, message: str, engine: str
) -> None:
    with pytest.raises(MissingCodewordError, match=message) as caught:
        encode(readings, code, engine=engine)
    assert "--escape" not in str(caught.value)  # it has one, and that would be no way out
    assert not code.costs_at(labels_of(readings)).any()


def test_a_table_without_an_escape_refuses_as_ever() -> None:
    code = PrefixCode.from_lengths([100, 105], [1, 1])
    with pytest.raises(
        MissingCodewordError, match=r"position 1: the reading 7 .*2 of 3 readings.*codec table --escape"
    ):
        encode([100, 7, 8], code)


def test_an_unknown_string_beside_a_label_without_a_codeword_is_refused_or_escaped() -> None:
    """Its symbol, which means nothing, is none of the alphabet's either."""
    p = Distribution(["a", "b"], [1, 0])
    with pytest.raises(MissingCodewordError, match=r"position 1: the reading zz .*2 of 3 readings"):
        encode(["a", "zz", "b"], huffman(p))
    assert decode(encode(["a", "zz", "b"], huffman(p, None, 1))).tolist() == ["a", "zz", "b"]


def test_an_int_of_an_object_array_that_its_raw_value_cannot_tell_is_refused() -> None:
    """The file says "objects", and so not whether 8 bytes are signed."""
    with pytest.raises(StreamError, match="18446744073709551615"):
        encode(np.array([100, 2**64 - 1], object), INTS)
    assert decode(encode(np.array([100, 2**64 - 1], np.uint64), INTS)).tolist() == [100, 2**64 - 1]


def test_a_raw_text_has_65535_bytes_at_most() -> None:
    longest = ["a", "x" * 65_535]
    assert decode(encode(longest, STRINGS)).tolist() == longest
    for stream in (["a", "x" * 65_536], [["a", "\u00e9" * 32_768]][0]):
        with pytest.raises(StreamError, match=r"at most 65,535 bytes, and one has 65,536"):
            encode(stream, STRINGS)
    with pytest.raises(StreamError, match="readings: a raw value has at most 65,535 bytes"):
        huf(b"a\n" + b"x" * 65_536 + b"\n", STRINGS)


@each_engine
def test_65535_labels_and_an_escape_fit_and_65536_do_not(engine: str) -> None:
    code = PrefixCode.from_lengths(range(65_535), np.full(65_535, 16), 16)
    readings = np.array([0, 65_534, 65_535, -1, 7], np.int32)
    for embed in (True, False):
        assert same(decode(encode(readings, code, embed, engine=engine), code, engine=engine), readings)
    full = PrefixCode.from_lengths(range(65_536), np.full(65_536, 17), 17)
    with pytest.raises(ValueError, match="65,537 codewords, and files number at most 65,536"):
        encode(readings, full, engine=engine)
    with pytest.raises(DamagedError, match="65,536 labels"):
        deserialize(full.serialized)


# ------------------------------------------------------------------ damage

SMALL: dict[str, tuple[bytes, PrefixCode | None, Any]] = {
    name: (encode(readings, code, lane_size=4, block_size=5), None, plain(readings))
    for name, (code, readings) in {
        "ints": (INTS, np.array([100, 7, 105, 100, -3, 110, 100, 7], np.int16)),
        "floats": (FLOATS, np.array([0.5, np.nan, -0.0, 1.5, 0.5, 0.5])),
        "strings": (STRINGS, ["a", "xyz", "bc", "", "q", "a"]),
        "nothing unseen": (INTS, np.array([100, 105, 110, 100])),
    }.items()
}
SMALL["no table"] = (encode(np.array([100, 7, 105]), INTS, False), INTS, np.array([100, 7, 105]))
TEXT = b"2.4\nn/a\n2.5\n-0.3\n7\n2.4\n"
SMALL["text"] = (huf(TEXT, DECIMALS, block_size=4), None, decode(huf(TEXT, DECIMALS)))
each_small = pytest.mark.parametrize("name", SMALL)


@each_engine
@each_small
def test_every_flipped_bit_and_every_truncation_is_refused(name: str, engine: str) -> None:
    data, code, readings = SMALL[name]
    assert len(data) < 300 and same(decode(data, code, engine=engine), readings)
    for bit in range(8 * len(data)):
        with pytest.raises(CodecError):
            decode(flip(data, bit), code, engine=engine)
    for size in range(len(data)):
        with pytest.raises(CodecError):
            decode(data[:size], code, engine=engine)
    with pytest.raises(CodecError):
        decode(data + b"\0", code, engine=engine)


@each_engine
@each_small
def test_a_forged_bit_gives_the_right_readings_or_is_refused(name: str, engine: str) -> None:
    """Outside what says which readings they are: table, origin, raw values; and what `mend` sets right."""
    data, code, readings = SMALL[name]
    apart = ("table", "table fingerprint", "origin", "checksum", "extra")
    free = ("lane size", "block size", "closing", "flags")
    allowed = [p.fields[f] for p in walk(data) for f in free if f in p.fields]
    for p in walk(data):
        for field, (start, stop) in p.fields.items():
            for bit in range(8 * start, 8 * stop):
                forged = mend(flip(data, bit), like=data)
                try:
                    back = decode(forged, code, engine=engine)
                except CodecError:
                    continue
                if field == "checksum" and p.name != "table":
                    assert same(back, readings)
                elif field not in apart:
                    assert same(back, readings)
                    assert any(8 * a <= bit < 8 * b for a, b in allowed), f"{field}: a bit that nothing depends on"
                else:
                    assert len(back) == len(readings)
                with contextlib.suppress(CodecError):
                    unhuf(forged, code, engine)


def with_extra(data: bytes, number: int, extra: bytes) -> bytes:
    """The file with other raw values in a block; all sizes and checksums fit."""
    blocks = list(Reader(io.BytesIO(data)).packed_blocks())
    b = blocks[number]
    blocks[number] = Block(b.sequence, b.count, b.lane_bits, b.payload, extra)
    front, _, end = pieces(data)
    return front + b"".join(block.pack() for block in blocks) + end


def test_a_block_with_its_own_raw_values_is_the_block() -> None:
    for data, code, _ in SMALL.values():
        if code is None:
            extra = part(data, "block").read(data, "extra")
            assert with_extra(data, 0, extra) == data


@each_engine
@pytest.mark.parametrize("name", ["ints", "floats", "strings", "text", "nothing unseen"])
@pytest.mark.parametrize("change", ["none", "one byte less", "one byte more", "a value more", "half", "huge"])
def test_raw_values_that_are_not_as_many_as_the_escapes_are_refused(name: str, change: str, engine: str) -> None:
    data, _, _ = SMALL[name]
    extra = part(data, "block").read(data, "extra")
    value = b"\0\1x" if name in ("strings", "text") else bytes(8)
    forged = {
        "none": b"",
        "one byte less": extra[:-1],
        "one byte more": extra + b"\0",
        "a value more": extra + value,
        "half": extra[: len(extra) // 2],
        "huge": extra + bytes(100_000),
    }[change]
    if forged == extra:
        return
    wrong = with_extra(data, 0, forged)
    for call in (decode, lambda d, engine: unhuf(d, engine=engine), lambda d, engine: ledger(d, engine=engine)):
        with pytest.raises(DamagedError, match="block 0 is damaged: it"):
            call(wrong, engine=engine)


@each_engine
def test_raw_texts_whose_sizes_do_not_fit_are_refused(engine: str) -> None:
    for name in ("strings", "text"):
        data, _, _ = SMALL[name]
        extra = part(data, "block").read(data, "extra")
        for forged in (b"\xff\xff" + extra[2:], b"\0\0" + extra[2:], b"\0", extra[:1]):
            with pytest.raises(DamagedError, match="block 0 is damaged"):
                decode(with_extra(data, 0, forged), engine=engine)


@each_engine
def test_a_raw_text_that_is_no_utf8_is_refused_where_the_stream_is_no_text(engine: str) -> None:
    data = encode(["a", "xyz"], STRINGS)
    with pytest.raises(DamagedError, match=r"block 0 is damaged: .*UTF-8"):
        decode(with_extra(data, 0, b"\0\3a\xffb"), engine=engine)


@each_engine
def test_raw_values_that_the_stream_cannot_hold_are_refused(engine: str) -> None:
    for readings, extra in (
        (np.array([100, 7], np.uint8), (256).to_bytes(8, "big")),
        (np.array([100, 7], np.int16), (2**63).to_bytes(8, "big")),
        (np.array([100, 7], np.uint16), bytes([255] * 8)),
        (np.array([True, False]), (2).to_bytes(8, "big")),
    ):
        code = table([1, 100])
        with pytest.raises(DamagedError, match="readings that its file says it cannot hold"):
            decode(with_extra(encode(readings, code), 0, extra), engine=engine)
    for readings, code, extra in (
        (np.array(["a", "xy"]), STRINGS, b"\0\3abc"),
        (np.array([b"a", b"xy"]), BYTES, b"\0\3abc"),
        (np.array([b"a\0\0", b"xyz"], "V3"), table([b"a\0\0"]), b"\0\2xy"),
    ):
        with pytest.raises(DamagedError, match="readings that its file says it cannot hold"):
            decode(with_extra(encode(readings, code), 0, extra), engine=engine)
    with pytest.raises(DamagedError, match="readings that its file says it cannot hold"):
        decode(with_extra(encode("ab\u00e9", table(["a", "b"])), 0, b"\0\2xy"), engine=engine)


@each_engine
def test_raw_values_and_escapes_need_the_flag_and_the_flag_an_escape(engine: str) -> None:
    escaping, _, _ = SMALL["ints"]
    without = encode([100, 105, 110, 100], PrefixCode.from_lengths([100, 105, 110], [1, 2, 2]), block_size=5)
    with_flag = part(escaping, "header").number(escaping, "flags")
    assert with_flag == 1 | 4 and part(without, "header").number(without, "flags") == 1
    their_tables = [part(d, "table").read(d, "table") for d in (escaping, without)]
    forged = {
        "an escape without its flag": forge(escaping, "header", "flags", 1),
        "a flag without an escape": forge(without, "header", "flags", 1 | 4),
        "the table has lost its escape": exchange(escaping, "table", their_tables[1]),
        "the table has got an escape": exchange(without, "table", their_tables[0]),
        "and the flag with it": forge(exchange(escaping, "table", their_tables[1]), "header", "flags", 1),
        "raw values without an escape": with_extra(without, 0, bytes(8)),
        "an escape of no length": forge(
            exchange(escaping, "table", serialize(INTS.alphabet, np.array([1, 2, 2, 0]))), "header", "flags", 1 | 4
        ),
        "incomplete, and it is not": forge(escaping, "header", "flags", 1 | 2 | 4),
        "over-full with its escape": exchange(
            escaping, "table", serialize(INTS.alphabet, np.array([1, 2, 2, 2]))
        ),
    }  # fmt: skip
    for name, data in forged.items():
        for call in (decode, lambda d, engine: unhuf(d, engine=engine), lambda d, engine: ledger(d, engine=engine)):
            with pytest.raises(DamagedError):
                call(data, engine=engine)
                pytest.fail(name)


@each_engine
def test_a_table_of_nothing_but_an_escape_is_read_or_refused(engine: str) -> None:
    data, _, readings = SMALL["ints"]
    lonely = serialize(labels_of([]), np.array([1]))
    forged = forge(exchange(data, "table", lonely), "header", "flags", 1 | 2 | 4)
    with contextlib.suppress(CodecError):
        assert len(decode(forged, engine=engine)) == len(readings)
    with contextlib.suppress(CodecError):
        ledger(forged, engine=engine)


@each_engine
@pytest.mark.parametrize(
    ("code", "stream", "size"),
    [
        (INTS, np.arange(10, dtype=np.int16), 20),
        (table([97]), b"abracadabra", 11),
        (table(["a"]), "\u00e9a\u00e9", 5),
        (STRINGS, np.array(["a", "xyz"]), 24),
        (STRINGS, np.array(["a", "xyz"], object), 6),
    ],
)
def test_the_limit_of_the_output_counts_raw_values(code: PrefixCode, stream: Any, size: int, engine: str) -> None:
    data = encode(stream, code, engine=engine, block_size=3)
    assert same(decode(data, max_output=size, engine=engine), stream)
    for call in (lambda: decode(data, max_output=size - 1, engine=engine),
                 lambda: unhuf(data, engine=engine, max_output=size - 1)):  # fmt: skip
        with pytest.raises(OutputLimitError, match=rf"limit of {size - 1:,} bytes"):
            call()


@pytest.mark.parametrize("name", ["|S999999999", "<U249999999"])
def test_a_forged_type_of_enormous_raw_values_is_refused_before_memory_is_taken(name: str) -> None:
    code, array = (BYTES, np.array([b"a", b"q", b"a"])) if "S" in name else (STRINGS, np.array(["a", "q", "a"]))
    data = exchange(encode(array, code), "origin", Origin("array", name, (3,)).pack())
    for call in (
        lambda: decode(data, max_output=1 << 20),
        lambda: unhuf(data, max_output=1 << 20),
        lambda: decode(data),
    ):
        with pytest.raises(OutputLimitError):
            call()


def test_an_array_of_raw_values_takes_no_memory_beyond_the_limit() -> None:
    """The escape has no label of its own whose size could be looked at."""
    array = np.array([b"a", b"q"] * 500)
    data = exchange(encode(array, table([b"a"])), "origin", Origin("array", "|S1000000", (1000,)).pack())
    tracemalloc.start()
    try:
        with pytest.raises(OutputLimitError):
            decode(data, max_output=1 << 27)
        assert tracemalloc.get_traced_memory()[1] < 1 << 26
    finally:
        tracemalloc.stop()


# ------------------------------------------------------------------ codes and tables


def test_an_escape_is_the_last_codeword_of_its_length_among_those_of_the_code() -> None:
    code = PrefixCode.from_lengths("abc", [3, 1, 3], 2)
    assert {label: word.to01() for label, word in code.codewords.items()} == {"a": "110", "b": "0", "c": "111"}
    assert code.escape_codeword.to01() == "10" and code.kraft_sum() == 1
    assert code.all_lengths.tolist() == [3, 1, 3, 2] and code.lengths.tolist() == [3, 1, 3]
    without = PrefixCode.from_lengths("abc", [3, 1, 3])
    assert without.escape_codeword is None and without.all_lengths.tolist() == [3, 1, 3]
    assert without.kraft_sum() == Fraction(3, 4) and without.fingerprint != code.fingerprint
    assert "an escape of 2" in repr(code)


@given(lengths=strategies.feasible_lengths(2, 10))
def test_codewords_and_escape_are_prefix_free_and_canonical(lengths: list[int]) -> None:
    assume(lengths[-1] and any(lengths[:-1]))
    code = PrefixCode.from_lengths(range(len(lengths) - 1), lengths[:-1], lengths[-1])
    whole = PrefixCode.from_lengths(range(len(lengths)), lengths)
    words = [*code.codewords.values(), code.escape_codeword]
    assert words == list(whole.codewords.values())
    assert all(not b.to01().startswith(a.to01()) for a, b in pairwise(sorted(words, key=bitarray.to01)))
    assert code.kraft_sum() == strategies.kraft(lengths)


def test_lengths_that_no_escape_can_have_are_refused() -> None:
    with pytest.raises(ValueError, match="over-full: their Kraft sum is 5/4"):
        PrefixCode.from_lengths("ab", [1, 1], 2)
    with pytest.raises(ValueError, match="the length of the escape is -1"):
        PrefixCode.from_lengths("ab", [1, 2], -1)
    with pytest.raises(TypeError):
        PrefixCode.from_lengths("ab", [1, 2], 2.0)
    with pytest.raises(ValueError, match="at least one label"):
        PrefixCode.from_lengths([], [], 1)


def test_the_cost_of_a_reading_is_its_codeword_or_the_escape_and_its_raw_value() -> None:
    labels = labels_of([100, 7, 110, 105])
    assert INTS.costs_at(labels).tolist() == [1, 3 + 64, 3, 2]
    assert INTS.costs_at(labels, spelled=True).tolist() == [1, 3 + 16 + 8, 3, 2]
    assert INTS.lengths_at(labels).tolist() == [1, 0, 3, 2]
    assert STRINGS.costs_at(labels_of(["a", "\u00e9t"])).tolist() == [1, 3 + 16 + 24]
    assert BYTES.costs_at(labels_of([b"a", b"\0\0"])).tolist() == [1, 2 + 16 + 16]
    assert FLOATS.costs_at(labels_of([0.0, 0.5])).tolist() == [2 + 64, 1]
    p = Distribution([100, 7], [3, 1])
    assert INTS.expected_length(p) == (3 * 1 + 67) / 4
    assert INTS.redundancy(p) == 17.5 - p.entropy()


def test_the_kl_divergence_stays_infinite_and_the_finite_price_stands_beside_it() -> None:
    readings = np.array([100] * 300 + [105] * 200 + [7] * 100)
    p = Distribution.from_stream(readings)
    price = mismatch(p, INTS, readings)
    assert price.kl_prediction == math.inf and price.rounding_difference is None
    assert price.expected_length == (300 * 1 + 200 * 2 + 100 * 67) / 600
    assert price.measured_length == price.expected_length
    assert math.isclose(price.measured_extra, price.expected_extra)
    other = mismatch(Distribution([1.5], [1]), INTS, [1.5, 1.5])  # a kind that its escape cannot tell
    assert (other.expected_length, other.measured_length) == (math.inf, None)
    grid = mismatch(
        Distribution(Labels("int", np.array([7]), "0.1"), [1]), INTS, Labels("int", np.array([7, 7]), "0.1")
    )
    assert (grid.expected_length, grid.measured_length) == (math.inf, None)


@given(strategies.small_weights(1, 14), st.integers(1, 9), st.sampled_from([Fraction, float, int, np.int64]))
def test_huffman_with_an_escape_is_optimal_for_the_weights_with_the_escape_among_them(
    weights: list[int], escape: int, kind: Any
) -> None:
    code = huffman(Distribution(range(len(weights)), weights), None, kind(escape))
    every = [*weights, escape]
    oracle = huffman_code(dict(enumerate(every)))
    best = sum(weight * len(oracle[symbol]) for symbol, weight in enumerate(every))
    assert sum(weight * length for weight, length in zip(every, code.all_lengths.tolist(), strict=True)) == best
    assert code.kraft_sum() == 1 and code.escape_length > 0 and code.weights.tolist() == weights


@given(strategies.small_weights(1, 10), st.fractions("1/50", 5, max_denominator=50))
def test_a_fraction_as_the_weight_of_an_escape_is_exact(weights: list[int], escape: Fraction) -> None:
    code = huffman(Distribution(range(len(weights)), weights), None, escape)
    scaled = [*(weight * escape.denominator for weight in weights), escape.numerator]
    oracle = huffman_code(dict(enumerate(scaled)))
    best = sum(weight * len(oracle[symbol]) for symbol, weight in enumerate(scaled))
    assert sum(weight * length for weight, length in zip(scaled, code.all_lengths.tolist(), strict=True)) == best


def test_an_escape_shares_the_limit_on_lengths_and_takes_no_weight_that_is_none() -> None:
    p = Distribution(range(6), [1, 1, 2, 3, 5, 8])
    assert huffman(p, 3, 1).all_lengths.max() == 3 and huffman(p, 3, 1).kraft_sum() == 1
    with pytest.raises(ValueError, match="9 codewords do not fit into 3 bits"):
        huffman(Distribution(range(8), [1] * 8), 3, 1)
    for weight in (0, -1, math.nan, math.inf):
        with pytest.raises(ValueError, match="escape"):
            huffman(p, None, weight)
    rare = huffman(Distribution([1, 2, 3], [1, 0, 1]), None, 1)
    assert rare.lengths.tolist()[1] == 0 and rare.kraft_sum() == 1


@each_array
def test_a_saved_table_with_an_escape_comes_back_and_reads_its_files(name: str, tmp_path: Any) -> None:
    code, readings = ARRAYS[name]
    data = encode(readings, code, False)
    save(code, tmp_path / "code.json")
    again = load(tmp_path / "code.json")
    assert again.escape_length == code.escape_length and again.fingerprint == code.fingerprint
    assert again.lengths.tolist() == code.lengths.tolist() and dumps(again) == dumps(code)
    assert same(decode(data, again), plain(readings))


def test_an_escape_length_that_numpy_made_can_be_saved(tmp_path: Any) -> None:
    code = PrefixCode.from_lengths([1, 2], [1, 2], np.int64(2))
    save(code, tmp_path / "code.json")
    assert load(tmp_path / "code.json").fingerprint == code.fingerprint


def test_the_saved_text_names_the_escape() -> None:
    fields = json.loads(dumps(huffman(built_in("nasa"), None, 1)))
    assert fields["escape"] == 6 and fields["lengths"] == [2, 1, 5, 4, 4, 6, 5, 5]
    assert "escape" not in json.loads(dumps(huffman(built_in("nasa"))))


@pytest.mark.parametrize(
    ("escape", "message"),
    [
        ("-1", "escape"),
        ("2.0", "escape"),
        ("true", "escape"),
        ("null", "escape"),
        ('"2"', "escape"),
        ("[2]", "escape"),
        ("65537", "escape"),
        ("1e999", "escape"),
        ("1", "over-full: their Kraft sum is 5/4"),
    ],
)
def test_a_wrong_escape_in_a_table_is_refused_by_name(escape: str, message: str, tmp_path: Any) -> None:
    path = tmp_path / "x.json"
    path.write_text(f'{{"kind": "code", "labels": ["a", "b"], "lengths": [1, 2], "escape": {escape}}}')
    with pytest.raises(TableError, match=message) as caught:
        load(path)
    assert str(caught.value).startswith(str(path))


def test_a_changed_escape_is_refused_by_the_fingerprint(tmp_path: Any) -> None:
    path = tmp_path / "x.json"
    save(INTS, path)
    text = path.read_text()
    assert '"escape": 3' in text
    for changed in ('"escape": 4', '"escape": 0'):
        path.write_text(text.replace('"escape": 3', changed))
        with pytest.raises(TableError, match="it has been changed"):
            load(path)
    path.write_text('{"kind": "code", "labels": ["a"], "lengths": [1], "escape": 33}')
    with pytest.raises(ValueError, match="codewords of 33 bits, and files hold at most 32"):
        encode("a", load(path))
