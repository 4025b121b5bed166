"""Files of codes in context: what stands in them, which pairs are learned, what is refused by name, forged files."""

from __future__ import annotations

import io
import itertools
from collections import Counter
from typing import Any

import numpy as np
import pytest
from bitarray import bitarray
from checks import (
    INSTALLED,
    each_engine,
    exchange,
    forge,
    lane_bits_of,
    part,
    payload_of,
    same,
    unhuf,
)
from context_codes import SHARED, bits_by_hand, in_rows
from reading import Reader

from codec.codes.context import ContextCode, as_context_code
from codec.codes.prefix import PrefixCode, huffman
from codec.coding import decode, encode, learn
from codec.coding.options import Options
from codec.errors import CodecError, DamagedError, MissingCodewordError, StreamError, WrongTableError
from codec.readings.origin import Closing, Origin
from codec.readings.stream import Stream
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, labels_of
from codec.theory.sources import built_in, station, sticky

NASA = built_in("nasa")
LEVELS = sticky(NASA, 900, seed=3, persistence=0.9)[0]


def context_of(data: bytes) -> ContextCode:
    found = Reader(io.BytesIO(data)).context
    assert found is not None
    return found


# ------------------------------------------------------------------ what stands in the file


@each_engine
def test_the_payload_is_the_codewords_of_each_row(engine: str) -> None:
    in_steps = np.arange(700, dtype=np.int32).reshape(2, 350, order="F") // 3
    for stream, delta in ((LEVELS, False), (in_steps, True)):
        data = encode(stream, engine=engine, lane_size=100, block_size=250, context=True, delta=delta)
        code = context_of(data)
        header = part(data, "header")
        assert [header.number(data, f) for f in ("code", "parameter")] == [2, 0]
        for number, block in enumerate(Reader(io.BytesIO(data)).decoded_blocks()):
            lanes = bits_by_hand(code, block.symbols.tolist(), 100)
            assert payload_of(data, number) == bitarray("".join(lanes))
            assert lane_bits_of(data, number) == [len(bits) for bits in lanes]
    assert len(context_of(encode(LEVELS, context=True)).contexts) > 0


@pytest.mark.parametrize("sizes", [(1, 1), (2, 5), (7, 20), (100, 100), (60, 900), (2000, 4000)])
def test_what_is_learned_are_the_pairs_that_the_file_codes(sizes: tuple[int, int]) -> None:
    """What begins a lane, or a block, has no symbol before it."""
    lane_size, block_size = sizes
    labels = labels_of(sorted(set(LEVELS.tolist())))
    symbols = [list(labels).index(level) for level in LEVELS.tolist()]
    pairs = Counter(
        (before if position % block_size % lane_size else 8, after)
        for position, (before, after) in enumerate(itertools.pairwise([8, *symbols]))
    )
    for size in (1, 3, 899, 900):
        parts = [Labels("int", LEVELS[start : start + size]) for start in range(0, 900, size)]
        parts.insert(len(parts) // 2, Labels("int", LEVELS[:0]))
        stream = Stream(Origin("array", "<i8", (900,)), lambda parts=parts: iter([*parts, Closing(0)]))  # type: ignore[misc]
        learned = learn._pairs(stream, labels, Options(lane_size=lane_size, block_size=block_size))
        assert Counter(divmod(number, 8) for numbers in learned for number in numbers.tolist()) == pairs


def test_too_many_different_pairs_are_refused_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert learn.MAX_PAIRS == 1 << 22
    stream = np.arange(300) * 7919 % 211
    different = 1 + len(set(itertools.pairwise(stream.tolist())))  # and what begins the lane
    monkeypatch.setattr(learn, "MAX_PAIRS", different - 1)
    with pytest.raises(
        StreamError, match=f"more than {different - 1} different pairs .*the argument step, .* without context=True"
    ):
        encode(stream, context=True)
    monkeypatch.setattr(learn, "MAX_PAIRS", different)
    assert same(decode(encode(stream, context=True)), stream)


def test_memory_is_worth_its_table() -> None:
    for stream, how in ((sticky(NASA, 20_000, seed=5, persistence=0.98)[0], "context"), (station(9000)[0], "delta")):
        assert len(encode(stream, **{how: True})) < 0.7 * len(encode(stream))


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
def test_a_pair_without_a_codeword_is_named_with_its_place(engine: str) -> None:
    for stream, sizes, message in (
        ("abaa", {}, "position 3: the reading a has no codeword behind the one before it; 1 about there"),
        ("cbacb", {}, "position 1: the reading b has no codeword"),
        ("acacacb", {"block_size": 5, "lane_size": 3}, "position 6: the reading b has no codeword"),
        ("abx", {}, "position 2: the reading x has no codeword in the code; 1 of 3 readings has none"),
    ):
        with pytest.raises(MissingCodewordError, match=message):
            encode(stream, CODE, engine=engine, **sizes)
    for stream, sizes in (("cbacb", {"block_size": 1}), ("acacacb", {"block_size": 3, "lane_size": 3})):
        assert decode(encode(stream, CODE, engine=engine, **sizes), engine=engine) == stream


def changed(**columns: Any) -> ContextCode:
    names = ("alphabet", "contexts", "rows", "symbols", "lengths")
    arrays = {name: column if isinstance(column, Labels) else np.array(column) for name, column in columns.items()}
    return ContextCode(*(arrays.get(name, getattr(CODE, name)) for name in names))


def test_codes_in_context_that_no_file_can_hold_are_refused_before_anything_is_written() -> None:
    assert as_context_code(CODE) is CODE
    order, symbols = "in the order of row and symbol", "each row .* some of its 3 symbols, and no others"
    for code, message in (
        (in_rows([], {SHARED: {}}), "over at most 65,536 single readings, .* not over 0"),
        (in_rows(range(65_537), {SHARED: {0: 1}}), "not over 65,537 of kind int, of which 0 have"),
        (in_rows(range(300), {SHARED: {0: 1}, **{i: {0: 1} for i in range(257)}}), "of which 257 have"),
        (in_rows("ab", {SHARED: {}}), "each row"),
        (changed(alphabet=Distribution("abc", [1, 1, 1]).extension(1).labels), "of kind tuple"),
        (changed(alphabet=labels_of("aba")), "label 'a' stands twice in the code"),
        *((changed(contexts=contexts), order) for contexts in ([2, 0], [0, 3], [-1, 0])),
        (changed(symbols=CODE.symbols[::-1]), order),
        (changed(rows=[0, 0, 0, 1, 1, 3, 3]), order),
        (changed(rows=[0, 0, 0, 0, 0, 2, 2], symbols=[0, 1, 2, 3, 4, 0, 2]), "each row"),
        (changed(symbols=[0, 1, 3, 1, 2, 0, 2]), symbols),
        (changed(rows=[0, 0, 1, 1, 1, 2, 2], symbols=[0, 1, -1, 1, 2, 0, 2]), symbols),
        *((changed(lengths=[1, 2, 2, 1, 1, *last]), "have 1 to 32 bits") for last in ([0, 3], [1, 33])),
        (changed(lengths=[1, 2, 1, 1, 1, 1, 1]), "row 0 are over-full"),
    ):
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


# ------------------------------------------------------------------ forged


SHORT = np.array([100, 105, 100, 100, 110, 105] * 4, np.int16)
IN_CONTEXT, PLAIN = encode(SHORT, context=True), encode(SHORT)
FLAGS = part(IN_CONTEXT, "header").number(IN_CONTEXT, "flags")
TABLE = part(IN_CONTEXT, "table").read(IN_CONTEXT, "table")
# What is not among the bad files of the corpus.
FORGED: dict[str, tuple[bytes, str]] = {
    "tuples": (forge(IN_CONTEXT, "header", "code", 1), "do not go together"),
    "another code": (forge(IN_CONTEXT, "header", "code", 4), "which this program cannot read"),
    "a parameter": (forge(IN_CONTEXT, "header", "parameter", 2), "which this program cannot read"),
    "incomplete or not": (forge(IN_CONTEXT, "header", "flags", FLAGS ^ 2), "complete or incomplete"),
    "another kind of labels": (forge(IN_CONTEXT, "header", "label kind", 1), "labels of kind float, the table int"),
    "a table of one code": (exchange(IN_CONTEXT, "table", part(PLAIN, "table").read(PLAIN, "table")), "in context, 0"),
    "a plain file with such a table": (exchange(PLAIN, "table", TABLE), "unknown kind of labels, 64"),
    "raw values": (forge(IN_CONTEXT, "block", "extra size", 1), "raw values, and the code has no escape"),
    "a reading fewer": (forge(IN_CONTEXT, "end", "count", 23), "counts 23 readings"),
    "a symbol fewer": (forge(IN_CONTEXT, "block", "count", 23), "blocks hold 23 symbols|block 0 is damaged"),
    "a bit more in a lane": (forge(IN_CONTEXT, "block", "payload bits", 8 * 500), "cut short|cannot be"),
}


@pytest.mark.parametrize(("data", "message"), FORGED.values(), ids=FORGED)
def test_a_forged_field_is_refused(data: bytes, message: str) -> None:
    for engine in INSTALLED:
        for read in (decode, unhuf):
            with pytest.raises(CodecError, match=message):
                read(data, engine=engine)
