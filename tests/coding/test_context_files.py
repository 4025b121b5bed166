"""Files that make use of memory, by codes in context and by differences: written, read back, damaged."""

from __future__ import annotations

import contextlib
import io
import itertools
from typing import Any

import numpy as np
import pytest
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
    pieces,
    same,
    unhuf,
    walk,
)
from context_codes import SHARED, bits_by_hand, in_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import Reader

from codec.codes.context import ContextCode, as_context_code
from codec.codes.prefix import PrefixCode, huffman
from codec.coding import decode, encode, learn
from codec.errors import CodecError, DamagedError, MissingCodewordError, OutputLimitError, StreamError, WrongTableError
from codec.readings.origin import Closing, Origin
from codec.readings.stream import Stream
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, labels_of
from codec.theory.sources import built_in, station, sticky

NASA = built_in("nasa")
WAYS: dict[str, dict[str, Any]] = {
    "context": {"context": True},
    "differences": {"delta": True},
    "differences in context": {"delta": True, "context": True},
    "pairs of differences": {"delta": True, "per_codeword": 2},
}
LEVELS, RATE = sticky(NASA, 900, seed=3, persistence=0.9)


def context_of(data: bytes, code: ContextCode | None = None) -> ContextCode:
    found = Reader(io.BytesIO(data), code).context
    assert found is not None
    return found


def symbols_of(data: bytes, code: ContextCode | None = None) -> list[list[int]]:
    """The symbols of each block."""
    return [block.symbols.tolist() for block in Reader(io.BytesIO(data), code).decoded_blocks()]


# ------------------------------------------------------------------ whatever goes in comes back

STREAMS: dict[str, Any] = {
    "int16": LEVELS.astype(np.int16),
    "one reading only": np.full(700, 7, ">u4"),
    "one": np.array([7]),
    "nothing": np.zeros((0, 3), np.float32),
    "floats": np.tile(np.array([0.5, -0.0, np.nan, 0.0, 0.5], np.float32), 140),
    "strings": np.array(["on", "off", "off", "é", "on"] * 140),
    "objects": np.array([b"", b"\0", b"abc", b"", b""] * 140, object),
    "bytes": b"abracadabra" * 64,
    "a string": "abracadabrä" * 64,
    "many readings": np.arange(700) * 7919 % 499,
    "in steps": np.arange(700, dtype=np.int32).reshape(2, 350, order="F") // 3,
}


@each_engine
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_comes_back(name: str, way: str, engine: str) -> None:
    stream = STREAMS[name]
    for sizes in ({}, {"lane_size": 7, "block_size": 60}, {"lane_size": 64, "block_size": 699}):
        if "delta" in WAYS[way] and name in ("floats", "strings", "objects", "a string"):
            with pytest.raises(StreamError, match="have no differences"):
                encode(stream, engine=engine, **WAYS[way], **sizes)
        else:
            data = encode(stream, engine=engine, **WAYS[way], **sizes)
            assert same(decode(data, engine=engine), stream)


def test_engines_write_the_same_file() -> None:
    for stream in (STREAMS["int16"], STREAMS["many readings"], STREAMS["bytes"]):
        for way in WAYS.values():
            files = {encode(stream, engine=engine, lane_size=7, block_size=60, **way) for engine in INSTALLED}
            assert len(files) == 1


@each_engine
@settings(deadline=None)
@given(st.data())
def test_readings_of_any_kind_come_back_from_learned_contexts(engine: str, data: Any) -> None:
    base = data.draw(strategies.labels(min_size=1, max_size=5, unique=True))
    places = data.draw(st.lists(st.integers(0, len(base) - 1), max_size=40))
    repeats = data.draw(st.sampled_from([1, 30]))  # often enough for codes of their own
    stream = base.take(np.array(places * repeats, np.int64))
    sizes = {"lane_size": data.draw(st.integers(1, 300)), "block_size": data.draw(st.integers(1, 400))}
    file = encode(stream, context=True, engine=engine, **sizes)
    assert same(decode(file, engine=engine), decode(encode(stream)))


FILES_IN: dict[str, tuple[bytes, dict[str, Any]]] = {
    "text": (b"on\noff\noff\non\n\n" * 40, {}),
    "text of ints": (b"1\n10\n100\n1\n10\n10\n1\n" * 40, {}),
    "text without a last line end": (b"1\n10\n1", {}),
    "text with CR LF": (b"1.5\r\n2.0\r\n1.5\r\n" * 40, {}),
    "nothing": (b"", {}),
    "bytes": (bytes(range(250)) * 2 + b"\n", {"raw": True}),
    "npy": (npy_of(np.array([[3, 5, 3], [5, 3, 3]] * 40, ">i4")), {}),
    "npy, floats": (npy_of(np.asfortranarray(np.array([[0.5, 2.0], [-0.0, 0.5]] * 40))), {}),
}


@each_engine
@pytest.mark.parametrize("name", FILES_IN)
def test_a_file_comes_back_byte_for_byte_from_codes_in_context(name: str, engine: str) -> None:
    raw, opens = FILES_IN[name]
    for sizes in ({}, {"lane_size": 3, "block_size": 10}):
        assert unhuf(huf(raw, opens=opens, context=True, engine=engine, **sizes), engine=engine) == raw
    column = huf(b"t,w\n1,a\n2,b\n3,a\n" * 3, opens={"column": "w"}, context=True, engine=engine)
    assert unhuf(column, engine=engine) == b"a\nb\na\nw\na\nb\na\nw\na\nb\na\n"


# ------------------------------------------------------------------ what stands in the file


@each_engine
def test_the_payload_is_the_codewords_of_each_row(engine: str) -> None:
    for stream, way in ((LEVELS, "context"), (STREAMS["in steps"], "differences in context")):
        data = encode(stream, engine=engine, lane_size=100, block_size=250, **WAYS[way])
        code = context_of(data)
        header = part(data, "header")
        assert [header.number(data, f) for f in ("code", "parameter")] == [2, 0]
        for number, symbols in enumerate(symbols_of(data)):
            lanes = bits_by_hand(code, symbols, 100)
            assert payload_of(data, number) == bitarray("".join(lanes))
            assert lane_bits_of(data, number) == [len(bits) for bits in lanes]
    assert len(context_of(encode(LEVELS, context=True)).contexts) > 0


@pytest.mark.parametrize("sizes", [(1, 1), (2, 5), (7, 20), (100, 100), (60, 900), (2000, 4000)])
def test_what_is_learned_are_the_pairs_that_the_file_codes(sizes: tuple[int, int]) -> None:
    """What begins a lane, or a block, has no symbol before it."""
    lane_size, block_size = sizes
    labels = labels_of(sorted(set(LEVELS.tolist())))
    symbols = [list(labels).index(level) for level in LEVELS.tolist()]
    pairs: dict[tuple[int, int], int] = {}
    for position, (before, after) in enumerate(itertools.pairwise([8, *symbols])):
        first = position % block_size % lane_size == 0
        key = (8 if first else before, after)
        pairs[key] = pairs.get(key, 0) + 1
    for size in (1, 3, 899, 900):
        parts = [Labels("int", LEVELS[start : start + size]) for start in range(0, 900, size)]
        parts.insert(len(parts) // 2, Labels("int", LEVELS[:0]))
        stream = Stream(Origin("array", "<i8", (900,)), lambda parts=parts: iter([*parts, Closing(0)]))  # type: ignore[misc]
        found: dict[tuple[int, int], int] = {}
        for numbers in learn._pairs(stream, labels, lane_size, block_size):
            for number in numbers.tolist():
                found[divmod(number, 8)] = found.get(divmod(number, 8), 0) + 1
        assert found == pairs


def test_too_many_different_pairs_are_refused_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert learn.MAX_PAIRS == 1 << 22
    stream = np.arange(300) * 7919 % 211
    different = 1 + len(set(itertools.pairwise(stream.tolist())))  # and what begins the lane
    monkeypatch.setattr(learn, "MAX_PAIRS", different - 1)
    with pytest.raises(StreamError, match=f"more than {different - 1} different pairs .*--step, .* without --context"):
        encode(stream, context=True)
    monkeypatch.setattr(learn, "MAX_PAIRS", different)
    assert same(decode(encode(stream, context=True)), stream)


def test_memory_is_worth_its_table() -> None:
    streams = {"context": sticky(NASA, 20_000, seed=5, persistence=0.98)[0], "differences": station(9000)[0]}
    for way, stream in streams.items():
        assert len(encode(stream, **WAYS[way])) < 0.7 * len(encode(stream))


# ------------------------------------------------------------------ given codes in context

CODE = in_rows("abc", {SHARED: {0: 1, 1: 2, 2: 2}, 0: {1: 1, 2: 1}, 2: {0: 1, 2: 3}})


@each_engine
def test_a_given_code_in_context_is_used_and_needed(engine: str) -> None:
    for sizes in ({}, {"lane_size": 2, "block_size": 5}):
        for embed in (True, False):
            data = encode("abacab" + "ba" * 9, CODE, embed, engine=engine, **sizes)
            assert decode(data, CODE, engine=engine) == "abacab" + "ba" * 9
            if embed:
                assert decode(data, engine=engine) == "abacab" + "ba" * 9
                assert context_of(data).fingerprint == CODE.fingerprint
            else:
                with pytest.raises(WrongTableError, match=CODE.fingerprint):
                    decode(data, engine=engine)


@each_engine
@pytest.mark.parametrize(
    ("stream", "sizes", "message"),
    [
        ("abaa", {}, "position 3: the reading a has no codeword behind the one before it; 1 about there"),
        ("cbacb", {"block_size": 1}, None),
        ("cbacb", {}, "position 1: the reading b has no codeword"),
        ("acaca" + "cb", {"block_size": 3, "lane_size": 3}, None),
        ("acaca" + "cb", {"block_size": 5, "lane_size": 3}, "position 6: the reading b has no codeword"),
        ("abx", {}, "position 2: the reading x has no codeword in the code; 1 of 3 readings has none"),
    ],
)
def test_a_pair_without_a_codeword_is_named_with_its_place(
    stream: str, sizes: dict[str, int], message: str | None, engine: str
) -> None:
    if message is None:
        assert decode(encode(stream, CODE, engine=engine, **sizes), engine=engine) == stream
    else:
        with pytest.raises(MissingCodewordError, match=message):
            encode(stream, CODE, engine=engine, **sizes)


def changed(**columns: Any) -> ContextCode:
    names = ("alphabet", "contexts", "rows", "symbols", "lengths")
    return ContextCode(*(columns.get(name, getattr(CODE, name)) for name in names))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (in_rows([], {SHARED: {}}), "over at most 65,536 single readings, .* not over 0"),
        (in_rows(range(65_537), {SHARED: {0: 1}}), "not over 65,537 of kind int, of which 0 have"),
        (in_rows(range(300), {SHARED: {0: 1}, **{i: {0: 1} for i in range(257)}}), "of which 257 have"),
        (changed(alphabet=Distribution("abc", [1, 1, 1]).extension(1).labels), "of kind tuple"),
        (changed(alphabet=labels_of("aba")), "label 'a' stands twice in the code"),
        (changed(contexts=np.array([2, 0])), "in the order of row and symbol"),
        (changed(contexts=np.array([0, 3])), "in the order of row and symbol"),
        (changed(contexts=np.array([-1, 0])), "in the order of row and symbol"),
        (changed(symbols=CODE.symbols[::-1].copy()), "in the order of row and symbol"),
        (changed(rows=np.array([0, 0, 0, 1, 1, 3, 3])), "in the order of row and symbol"),
        (changed(rows=np.array([0, 0, 0, 0, 0, 2, 2]), symbols=np.array([0, 1, 2, 3, 4, 0, 2])), "each row"),
        (changed(symbols=np.array([0, 1, 3, 1, 2, 0, 2])), "each row .* some of its 3 symbols, and no others"),
        (
            changed(rows=np.array([0, 0, 1, 1, 1, 2, 2]), symbols=np.array([0, 1, -1, 1, 2, 0, 2])),
            "each row .* some of its 3 symbols, and no others",
        ),
        (in_rows("ab", {SHARED: {}}), "each row"),
        (changed(lengths=np.array([1, 2, 2, 1, 1, 0, 3])), "have 1 to 32 bits"),
        (changed(lengths=np.array([1, 2, 2, 1, 1, 1, 33])), "have 1 to 32 bits"),
        (changed(lengths=np.array([1, 2, 2, 1, 1, 1, 1]) * 1 - np.array([0, 0, 1, 0, 0, 0, 0])), "row 0 are over-full"),
    ],
)
def test_codes_in_context_that_no_file_can_hold_are_refused_before_anything_is_written(
    code: ContextCode, message: str
) -> None:
    assert as_context_code(CODE) is CODE
    with pytest.raises(ValueError, match=message):
        encode("ab", code)


def test_codes_in_context_are_learned_or_given_and_have_single_readings() -> None:
    for code in (CODE, huffman(NASA), NASA):
        with pytest.raises(ValueError, match="context is for a code that is learned"):
            encode("abab", code, context=True)
    with pytest.raises(ValueError, match="per_codeword is for a code that is learned"):
        encode("abab", CODE, per_codeword=2)
    with pytest.raises(ValueError, match="context or per_codeword, not both"):
        encode("abab", context=True, per_codeword=2)
    with pytest.raises(ValueError, match="a file without a table needs a given code"):
        encode("abab", embed_table=False, context=True)


def test_a_plain_code_and_one_in_context_are_told_apart_by_their_fingerprints() -> None:
    plain = PrefixCode.from_lengths("abc", [1, 2, 2])
    files = {"plain": encode("abacab", plain, False), "context": encode("abacab", CODE, False)}
    for name, other in (("plain", CODE), ("context", plain)):
        with pytest.raises(WrongTableError, match=other.fingerprint):
            decode(files[name], other)
        forged = forge(files[name], "header", "table fingerprint", bytes.fromhex(other.fingerprint))
        with pytest.raises(DamagedError, match="code in context"):
            decode(forged, other)


# ------------------------------------------------------------------ limits of the output


@each_engine
def test_the_limit_of_the_output_holds_in_context(engine: str) -> None:
    for stream, size in ((LEVELS.astype(np.int32), 3600), (b"abracadabra" * 9, 99), ("aäb" * 40, 160)):
        data = encode(stream, context=True, block_size=20, lane_size=5)
        assert same(decode(data, max_output=size, engine=engine), stream)
        for limit in (size - 1, size // 2, 0):
            with pytest.raises(OutputLimitError):
                decode(data, max_output=limit, engine=engine)


# ------------------------------------------------------------------ damage

SHORT = np.array([100, 105, 100, 100, 110, 105] * 4, np.int16)
READINGS: dict[str, Any] = {
    "context": SHORT,
    "several blocks": SHORT[:23],
    "rows of their own": np.array([1, 2, 3] * 40, np.uint8),
    "no table": "abacabcabab",
    "differences": SHORT[:20],
    "differences in context": SHORT[:20],
    "pairs of differences": SHORT[:19],
}
FILES: dict[str, bytes] = {
    "context": encode(READINGS["context"], context=True),
    "several blocks": encode(READINGS["several blocks"], context=True, lane_size=3, block_size=8),
    "rows of their own": encode(READINGS["rows of their own"], context=True, lane_size=50),
    "no table": encode(READINGS["no table"], CODE, False, lane_size=4),
    "differences": encode(READINGS["differences"], delta=True, lane_size=5, block_size=12),
    "differences in context": encode(
        READINGS["differences in context"], delta=True, context=True, lane_size=5, block_size=12
    ),
    "pairs of differences": encode(
        READINGS["pairs of differences"], delta=True, per_codeword=2, lane_size=3, block_size=6
    ),
}
each_file = pytest.mark.parametrize("name", FILES)


def refused(data: bytes, name: str, engine: str) -> None:
    with pytest.raises(CodecError):
        decode(data, CODE if name == "no table" else None, engine=engine)


@each_engine
@each_file
def test_the_small_files_come_back(name: str, engine: str) -> None:
    code = CODE if name == "no table" else None
    assert same(decode(FILES[name], code, engine=engine), READINGS[name])
    assert len(FILES[name]) < 260
    blocks = sum(p.name == "block" for p in walk(FILES[name]))
    assert blocks == {"context": 1, "several blocks": 3, "rows of their own": 1, "no table": 1}.get(name, 2)
    if name == "rows of their own":
        assert len(context_of(FILES[name]).contexts) == 2


@each_engine
@each_file
def test_every_truncation_and_every_byte_behind_the_end_is_refused(name: str, engine: str) -> None:
    for size in range(len(FILES[name])):
        refused(FILES[name][:size], name, engine)
    for more in (b"\0", b"E", b"B", FILES[name]):
        refused(FILES[name] + more, name, engine)


@each_engine
@each_file
def test_every_flipped_bit_is_refused(name: str, engine: str) -> None:
    for bit in range(8 * len(FILES[name])):
        refused(flip(FILES[name], bit), name, engine)


@each_engine
@each_file
def test_blocks_that_changed_places_or_are_missing_are_refused(name: str, engine: str) -> None:
    front, blocks, end = pieces(FILES[name])
    for other in itertools.product(range(len(blocks)), repeat=len(blocks)):
        if list(other) != list(range(len(blocks))):
            refused(b"".join([front, *(blocks[i] for i in other), end]), name, engine)
    for kept in range(len(blocks)):
        refused(b"".join([front, *blocks[:kept], end]), name, engine)


@each_engine
@each_file
def test_a_forged_bit_gives_the_right_readings_or_is_refused(name: str, engine: str) -> None:
    """Outside the table and the origin, and outside what `mend` sets right."""
    data, code = FILES[name], CODE if name == "no table" else None
    apart = ("table", "table fingerprint", "origin", "checksum", "lane size", "block size", "closing")
    spans = [span for p in walk(data) for field, span in p.fields.items() if field not in apart]
    right = []
    for bit in (bit for start, stop in spans for bit in range(8 * start, 8 * stop)):
        with contextlib.suppress(CodecError):
            assert same(decode(mend(flip(data, bit), like=data), code, engine=engine), READINGS[name])
            right.append(bit)
    assert not right, "bits that nothing depends on"


@each_engine
@each_file
def test_a_forged_table_gives_as_many_readings_or_is_refused(name: str, engine: str) -> None:
    data = FILES[name]
    for start, stop in (p.fields["table"] for p in walk(data) if p.name == "table"):
        for bit in range(8 * start, 8 * stop):
            with contextlib.suppress(CodecError):
                assert len(decode(mend(flip(data, bit), like=data), engine=engine)) == len(READINGS[name])


IN_CONTEXT, PLAIN = FILES["context"], encode(SHORT)
FLAGS = part(IN_CONTEXT, "header").number(IN_CONTEXT, "flags")
TABLE = part(IN_CONTEXT, "table").read(IN_CONTEXT, "table")
OVER_FULL = in_rows(range(3), {SHARED: {0: 1, 1: 1, 2: 1}}).serialized
FORGED: dict[str, tuple[bytes, str]] = {
    "a plain code": (forge(IN_CONTEXT, "header", "code", 0), "unknown kind of labels"),
    "tuples": (forge(IN_CONTEXT, "header", "code", 1), "do not go together"),
    "another code": (forge(IN_CONTEXT, "header", "code", 3), "which this program cannot read"),
    "a parameter": (forge(IN_CONTEXT, "header", "parameter", 2), "which this program cannot read"),
    "an escape": (forge(IN_CONTEXT, "header", "flags", FLAGS | 4), "do not go together"),
    "incomplete or not": (forge(IN_CONTEXT, "header", "flags", FLAGS ^ 2), "complete or incomplete"),
    "another kind of labels": (forge(IN_CONTEXT, "header", "label kind", 1), "labels of kind float, the table int"),
    "a table of one code": (exchange(IN_CONTEXT, "table", part(PLAIN, "table").read(PLAIN, "table")), "in context, 0"),
    "a plain file with such a table": (exchange(PLAIN, "table", TABLE), "unknown kind of labels, 64"),
    "a plain file called one": (forge(PLAIN, "header", "code", 2), "unknown kind of labels in context, 0"),
    "an over-full row": (exchange(IN_CONTEXT, "table", OVER_FULL), "over-full in row 0"),
    "raw values": (forge(IN_CONTEXT, "block", "extra size", 1), "raw values, and the code has no escape"),
    "a reading fewer": (forge(IN_CONTEXT, "end", "count", 23), "counts 23 readings"),
    "a symbol fewer in the block": (
        forge(IN_CONTEXT, "block", "count", 23),
        "blocks hold 23 symbols|block 0 is damaged",
    ),
    "a bit more in a lane": (forge(IN_CONTEXT, "block", "payload bits", 8 * 500), "cut short|cannot be"),
}


@each_engine
@pytest.mark.parametrize(("data", "message"), FORGED.values(), ids=FORGED)
def test_a_forged_field_is_refused(data: bytes, message: str, engine: str) -> None:
    for read in (lambda: decode(data, engine=engine), lambda: unhuf(data, engine=engine)):
        with pytest.raises(CodecError, match=message):
            read()
