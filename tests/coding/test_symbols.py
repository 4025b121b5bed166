"""Escapes: a table made with one codes readings it has never seen, to the last bit, and forged raw values do not pass.

The payload stays a plain prefix-code stream (bitarray is its oracle), raw values are packed here once more, by hand.
"""

from __future__ import annotations

import io
import math
import struct
from typing import Any

import numpy as np
import pytest
import strategies
from bitarray import bitarray
from checks import INSTALLED, each_engine, exchange, forge, huf, part, payload_of, same, unhuf, walk
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from spoilt import array, with_block
from strategies import examples

from codec.codes.escape import raw_bits
from codec.codes.prefix import PrefixCode, huffman
from codec.codes.serialize import deserialize, serialize
from codec.coding import decode, encode, write
from codec.errors import DamagedError, MissingCodewordError, StreamError
from codec.measure.ledger import ledger
from codec.readings.front import open_stream
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, float_patterns, labels_of


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
NAN_TABLE = table(Labels("float", np.array([0x7FF8 << 48, 1], np.uint64)))
GRID = table(Labels("int", np.array([24, -2]), "0.1"))

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
SMALL = {"lane_size": 3, "block_size": 7}


def plain(readings: Any) -> Any:
    """The readings as they come back from a file with a code of their own."""
    return decode(encode(readings))


@pytest.mark.dear
@each_array
def test_readings_that_the_table_lacks_come_back_to_the_last_bit(name: str) -> None:
    code, readings = ARRAYS[name]
    expected = plain(readings)
    assert same(expected, readings) or not isinstance(readings, np.ndarray)
    for embed, sizes in ((True, SMALL), (False, SMALL), (True, {}), (False, {})):
        files = {encode(readings, code, embed, engine=engine, **sizes) for engine in INSTALLED}
        assert len(files) == 1, "the engines write different files"
        data = files.pop()
        for engine in INSTALLED:
            assert same(decode(data, None if embed else code, engine=engine), expected)
            if isinstance(readings, np.ndarray) and readings.dtype.kind != "O":
                assert same(np.load(io.BytesIO(unhuf(data, code, engine))), readings)


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
    if kind in ("float", "int"):
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
    words, kind = words_by_hand(code), code.alphabet.kind
    assert words[len(code)] == code.escape_codeword
    if name != "a table of NaNs":  # which, as keys, are not themselves
        assert [words[i] for i in range(len(code)) if code.lengths[i]] == list(code.codewords.values())
    symbols, escaped = symbols_of(code, readings)
    data, taken = encode(readings, code, **SMALL), 0
    for number, block in enumerate(p for p in walk(data) if p.name == "block"):
        here = symbols[7 * number : 7 * number + 7]
        expected = bitarray()
        expected.encode(words, here)
        assert payload_of(data, number) == expected
        escapes = here.count(len(code))
        assert block.read(data, "extra") == raw_by_hand(kind, escaped[taken : taken + escapes])
        taken += escapes
    assert taken == len(escaped) and (taken > 0) == (name not in ("nothing", "nothing unseen", "256 labels, all seen"))
    # Raw values have their line in the ledger, and all lines sum to the file.
    book, raw = ledger(data), 8 * len(raw_by_hand(kind, escaped))
    assert book.lines["raw values of escapes"] == raw
    assert math.isclose(sum(book.lines.values()), 8 * len(data), rel_tol=1e-12) and book.file_bits == 8 * len(data)
    labels = labels_of(readings if not isinstance(readings, np.ndarray) else readings.reshape(-1))
    assert int(raw_bits(labels)[code.lengths_at(labels) == 0].sum()) == raw
    assert int(code.costs_at(labels).sum()) == book.payload_bits + raw


@given(data=st.data(), lane=st.integers(1, 9), block=st.integers(1, 20))
def test_any_readings_come_back_through_any_table_of_their_kind(data: Any, lane: int, block: int) -> None:
    stream = data.draw(strategies.labels(max_size=30))
    kinds = ("int", "unsigned") if stream.kind == "int" else (stream.kind,)
    alphabet = data.draw(strategies.labels(1, 8, unique=True, kinds=kinds))
    alphabet = Labels(alphabet.kind, alphabet.values, stream.step)
    lengths = data.draw(st.lists(st.integers(0, 6), min_size=len(alphabet), max_size=len(alphabet)).filter(any))
    escape = data.draw(st.integers(1, 32))
    assume(strategies.kraft([*lengths, escape]) <= 1)
    code, engine = PrefixCode.from_lengths(alphabet, lengths, escape), data.draw(st.sampled_from(INSTALLED))
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


@pytest.mark.dear
@each_text
def test_a_text_with_tokens_that_the_table_lacks_comes_back_byte_for_byte(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, raw, opens = TEXTS[name]
    expected = unhuf(huf(raw, opens=opens))  # the text itself; of a column, its cells
    assert expected == raw or opens.get("column")
    for sizes in ({}, {"lane_size": 2, "block_size": 3}):
        for embed in (True, False):
            for engine in INSTALLED:
                data = huf(raw, code, opens=opens, embed_table=embed, engine=engine, **sizes)
                assert unhuf(data, code, engine) == expected
    whole = huf(raw, code, opens=opens, block_size=2)
    for piece in (1, 7, 12):  # each piece may be of a kind of its own: ints, decimals, tokens
        monkeypatch.setattr("codec.readings.stream.PIECE_BYTES", piece)
        assert huf(raw, code, opens=opens, block_size=2) == whole


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
    # Also where no escape was needed: the type does not depend on the text.
    assert decode(huf(b"2.4\n2.5\n", code)).tolist() == ["2.4", "2.5"]


@pytest.mark.parametrize("raw", [b"2.4\n7\n", b"7\n2.4\n", b"2.4\n100\n110\n0.25\n"])
def test_numbers_with_more_decimals_than_the_table_are_words_behind_its_escape(raw: bytes) -> None:
    assert unhuf(huf(raw, INTS)) == raw
    assert ledger(huf(raw, INTS)).count == raw.count(b"\n")


def test_numbers_that_are_read_as_words_have_no_note_of_their_steps() -> None:
    for code, noted in ((INTS, False), (DECIMALS, True)):
        stream = open_stream(io.BytesIO(b"2.4\n7\n"), "readings")
        write(stream, io.BytesIO(), code)
        assert any("in steps of" in note for note in stream.notes) == noted


def test_of_numbers_with_more_decimals_those_of_the_table_have_its_codewords() -> None:
    few = PrefixCode.from_lengths([100, 105, 110], [1, 2, 2])
    with pytest.raises(MissingCodewordError, match=r"line 1: the reading 2\.4 has no codeword in the code; 1 of 3"):
        huf(b"2.4\n100\n110\n", few)


tokens = st.sampled_from(
    [b"2.4", b"2.5", b"-0.3", b"7", b"", b"n/a", b"2.40", b"\xff", b"\xc3\xa9", b"\r", b"100", b"0.5"]
)


@settings(max_examples=examples(150))
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
    assume(raw[:2] not in (b"\xff\xfe", b"\xfe\xff", b"\x1f\x8b") and raw[:4] != b"PAR1")  # UTF-16, gzip, Parquet
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


def test_readings_of_another_kind_than_the_table_are_refused_with_both_kinds() -> None:
    for code, readings, message in (
        (INTS, np.array([100.5, 105.5]), r"position 0: the reading 100\.5 .*2 of 2 readings.*int.*float"),
        (INTS, ["a"], r"the reading a .*int.*str"),
        (INTS, [b"a"], r"int.*bytes"),
        (FLOATS, np.array([1, 2]), r"the reading 1 .*float.*int"),
        (STRINGS, b"abc", r"the reading 97 .*str.*int"),
        (BYTES, ["a"], r"bytes.*str"),
        (GRID, [24, -2], r"the reading 24 .*0\.1"),
        (INTS, Labels("int", np.array([1000]), "0.1"), r"the reading 100\.0 .*0\.1"),
    ):
        for engine in INSTALLED:
            with pytest.raises(MissingCodewordError, match=message) as caught:
                encode(readings, code, engine=engine)
            assert "escape_weight" not in str(caught.value)  # it has one, and that would be no way out
        assert not code.costs_at(labels_of(readings)).any()


def test_what_no_escape_can_hold_is_refused() -> None:
    with pytest.raises(
        MissingCodewordError, match=r"position 1: the reading 7 .*2 of 3 readings.*huffman with an escape_weight"
    ):
        encode([100, 7, 8], PrefixCode.from_lengths([100, 105], [1, 1]))
    # The symbol of an unknown string means nothing: it is none of the alphabet's either.
    p = Distribution(["a", "b"], [1, 0])
    with pytest.raises(MissingCodewordError, match=r"position 1: the reading zz .*2 of 3 readings"):
        encode(["a", "zz", "b"], huffman(p))
    assert decode(encode(["a", "zz", "b"], huffman(p, None, 1))).tolist() == ["a", "zz", "b"]
    # The file says "objects", and so not whether 8 bytes are signed.
    with pytest.raises(StreamError, match="18446744073709551615"):
        encode(np.array([100, 2**64 - 1], object), INTS)
    assert decode(encode(np.array([100, 2**64 - 1], np.uint64), INTS)).tolist() == [100, 2**64 - 1]
    longest = ["a", "x" * 65_535]
    assert decode(encode(longest, STRINGS)).tolist() == longest
    for stream in (["a", "x" * 65_536], ["a", "\u00e9" * 32_768]):
        with pytest.raises(StreamError, match=r"at most 65,535 bytes, and one has 65,536"):
            encode(stream, STRINGS)
    with pytest.raises(StreamError, match="readings: a raw value has at most 65,535 bytes"):
        huf(b"a\n" + b"x" * 65_536 + b"\n", STRINGS)


@pytest.mark.slow
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


# ------------------------------------------------------------------ forged raw values

FORGED = {
    name: encode(readings, code, lane_size=4, block_size=5)
    for name, (code, readings) in {
        "ints": (INTS, np.array([100, 7, 105, 100, -3, 110, 100, 7], np.int16)),
        "floats": (FLOATS, np.array([0.5, np.nan, -0.0, 1.5, 0.5, 0.5])),
        "strings": (STRINGS, ["a", "xyz", "bc", "", "q", "a"]),
        "nothing unseen": (INTS, np.array([100, 105, 110, 100])),
    }.items()
} | {"text": huf(b"2.4\nn/a\n2.5\n-0.3\n7.0\n2.4\n", DECIMALS, block_size=4)}


def refused(data: bytes, message: str | None = None) -> None:
    """By every engine and every reader."""
    for engine in INSTALLED:
        for read in (decode, ledger, unhuf):
            with pytest.raises(DamagedError, match=message):
                read(data, engine=engine)  # type: ignore[operator]


@pytest.mark.parametrize("name", FORGED)
def test_raw_values_that_are_not_as_many_as_the_escapes_are_refused(name: str) -> None:
    data = FORGED[name]
    own = part(data, "block").read(data, "extra")
    assert with_block(data, extra=own) == data
    value = b"\0\1x" if name in ("strings", "text") else bytes(8)
    for extra in {b"", own[:-1], own + b"\0", own + value, own[: len(own) // 2], own + bytes(100_000)} - {own}:
        refused(with_block(data, extra=extra), "block 0 is damaged: it")
    if name in ("strings", "text"):
        for extra in (b"\xff\xff" + own[2:], b"\0\0" + own[2:], b"\0", own[:1]):
            refused(with_block(data, extra=extra), "block 0 is damaged")


def test_raw_values_that_the_stream_cannot_hold_are_refused() -> None:
    few = table([1, 100])
    for readings, code, extra in (
        (np.array([100, 7], np.uint8), few, (256).to_bytes(8, "big")),
        (np.array([100, 7], np.int16), few, (2**63).to_bytes(8, "big")),
        (np.array([100, 7], np.uint16), few, bytes([255] * 8)),
        (np.array([True, False]), few, (2).to_bytes(8, "big")),
        (np.array(["a", "xy"]), STRINGS, b"\0\3abc"),
        (np.array([b"a", b"xy"]), BYTES, b"\0\3abc"),
        (np.array([b"a\0\0", b"xyz"], "V3"), table([b"a\0\0"]), b"\0\2xy"),
        ("ab\u00e9", table(["a", "b"]), b"\0\2xy"),
    ):
        data = with_block(encode(readings, code), extra=extra)
        for engine in INSTALLED:
            with pytest.raises(DamagedError, match="readings that its file says it cannot hold"):
                decode(data, engine=engine)
    data = with_block(encode(["a", "xyz"], STRINGS), extra=b"\0\3a\xffb")
    for engine in INSTALLED:
        with pytest.raises(DamagedError, match=r"block 0 is damaged: .*UTF-8"):
            decode(data, engine=engine)


@each_engine
@pytest.mark.parametrize("block_size", [8, 400])
def test_a_reading_that_its_array_cannot_hold_is_refused_by_its_block(engine: str, block_size: int) -> None:
    readings = np.full(6 * block_size, 100, np.int16)
    readings[[4 * block_size + 3, 5 * block_size]] = 300
    data = encode(readings, engine=engine, block_size=block_size, lane_size=8)
    data = exchange(data, "origin", array(b"|i1", len(readings)))
    with pytest.raises(DamagedError, match=r"^block 4 holds readings that its file says it cannot hold"):
        decode(data, engine=engine)


def test_raw_values_and_escapes_need_the_flag_and_the_flag_an_escape() -> None:
    escaping = FORGED["ints"]
    without = encode([100, 105, 110, 100], PrefixCode.from_lengths([100, 105, 110], [1, 2, 2]), block_size=5)
    assert [part(data, "header").number(data, "flags") for data in (escaping, without)] == [1 | 4, 1]
    own, other = (part(data, "table").read(data, "table") for data in (escaping, without))
    no_length, over_full = (serialize(INTS.alphabet, np.array([1, 2, 2, last])) for last in (0, 2))
    for data in (
        forge(escaping, "header", "flags", 1),  # an escape without its flag
        forge(without, "header", "flags", 1 | 4),  # a flag without an escape
        exchange(escaping, "table", other),
        exchange(without, "table", own),
        forge(exchange(escaping, "table", other), "header", "flags", 1),
        with_block(without, extra=bytes(8)),
        forge(exchange(escaping, "table", no_length), "header", "flags", 1 | 4),
        forge(escaping, "header", "flags", 1 | 2 | 4),  # incomplete, and it is not
        exchange(escaping, "table", over_full),
    ):
        refused(data)
    # A table of nothing but an escape, whose codeword is not that of the readings.
    refused(forge(exchange(escaping, "table", serialize(labels_of([]), np.array([1]))), "header", "flags", 1 | 2 | 4))
