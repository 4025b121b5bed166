"""encode and decode: whatever goes in comes back to the last bit, or is refused by name."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from checks import INSTALLED, each_engine, exchange, forge, huf, incomplete, same, unhuf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from codec.codes.prefix import PrefixCode, huffman
from codec.codes.serialize import serialize
from codec.coding import decode, encode, write
from codec.coding.file import opened, restored_bytes
from codec.coding.options import Options
from codec.coding.piece import Limit, default_max_output
from codec.errors import DamagedError, MissingCodewordError, OutputLimitError, WrongTableError
from codec.readings.origin import Closing, Origin
from codec.readings.stream import Stream
from codec.readings.values import from_values
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, labels_of
from codec.theory.sources import built_in

NASA = huffman(built_in("nasa"))


def test_an_array_decoded_can_be_written_to() -> None:
    array = decode(encode(np.array([1, 2])))
    array[0] = 5
    assert array.tolist() == [5, 2]


def test_an_unknown_engine_is_refused() -> None:
    data = encode([1, 2])
    for call in (lambda: encode([1, 2], engine="abacus"), lambda: decode(data, engine="abacus")):
        with pytest.raises(ValueError, match="no engine 'abacus'"):
            call()


# ------------------------------------------------------------------ a shared table


@each_engine
def test_a_file_without_a_table_is_smaller_by_the_table_and_needs_it(engine: str) -> None:
    readings = NASA.alphabet.values[np.arange(100) % 8]
    with_table = encode(readings, NASA, engine=engine)
    without = encode(readings, NASA, embed_table=False, engine=engine)
    assert len(with_table) - len(without) == len(serialize(NASA.alphabet, NASA.lengths))
    assert same(decode(without, NASA, engine=engine), readings)
    assert same(decode(with_table, engine=engine), readings)
    assert same(decode(with_table, NASA, engine=engine), readings)
    with pytest.raises(WrongTableError, match=rf"carries no table.*{NASA.fingerprint}.*--code"):
        decode(without, engine=engine)


@each_engine
@pytest.mark.parametrize("embed", [True, False])
def test_another_table_is_refused_with_both_fingerprints(engine: str, embed: bool) -> None:
    data = encode([100, 105], NASA, embed, engine=engine)
    others = [
        huffman(built_in("peaked")),
        incomplete(NASA),
        PrefixCode.from_lengths(NASA.alphabet.values[::-1], NASA.lengths[::-1]),
        PrefixCode.from_lengths(NASA.alphabet.values.astype(float), NASA.lengths),
    ]
    for other in others:
        with pytest.raises(WrongTableError) as caught:
            decode(data, other, engine=engine)
        assert NASA.fingerprint in str(caught.value) and other.fingerprint in str(caught.value)
        assert NASA.fingerprint != other.fingerprint


def test_a_distribution_stands_for_its_huffman_code() -> None:
    p = built_in("nasa")
    assert encode([100, 105], p) == encode([100, 105], NASA)
    assert decode(encode([100, 105], p, embed_table=False), p).tolist() == [100, 105]


def test_without_a_table_and_without_a_code_nothing_is_written() -> None:
    with pytest.raises(ValueError, match="without a table needs a given code"):
        encode([100], embed_table=False)


@each_engine
@pytest.mark.parametrize(
    ("stream", "message"),
    [
        ([100, 105, 999, 100, 998], r"the stream, position 2: the reading 999 has no codeword.*2 of 5 readings"),
        ([[100, 105], [7, 100]], None),
        (np.array([[100, 105], [7, 100]]), r"the stream, position 2: the reading 7 has no codeword.*1 of 4 readings"),
        ([100.0, 105.5], r"the stream, position 1: the reading 105\.5 has no codeword.*1 of 2 readings"),
        ("d", r"the stream, position 0: the reading d has no codeword.*1 of 1 readings"),
        (b"d\xff", r"the stream, position 1: the reading 255 has no codeword.*1 of 2 readings"),
    ],
)
def test_a_reading_without_a_codeword_is_refused_by_name_place_and_number(
    stream: Any, message: str | None, engine: str
) -> None:
    if message is None:
        with pytest.raises(TypeError):
            encode(stream, NASA, engine=engine)
        return
    with pytest.raises(MissingCodewordError, match=message):
        encode(stream, NASA, engine=engine, block_size=2)


def test_a_reading_of_weight_zero_is_refused_by_name_place_and_number() -> None:
    code = huffman(Distribution([1, 2, 3], [1, 1, 0]))
    with pytest.raises(MissingCodewordError, match=r"position 3: the reading 3 has no codeword.*2 of 6 readings"):
        encode([1, 2, 1, 3, 3, 1], code)


@pytest.mark.parametrize("piece", [1, 4, 1 << 22])
def test_a_line_without_a_codeword_is_refused_by_its_number(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codec.readings.stream.PIECE_BYTES", piece)
    with pytest.raises(
        MissingCodewordError, match=r"readings, line 4: the reading 10\.50 has no codeword.*2 of 6 readings"
    ):
        huf(b"100\n105\n100\n10.50\n110\n7\n", NASA)
    with pytest.raises(MissingCodewordError, match=r"readings, row 2: the reading 7 has no codeword.*1 of 3 readings"):
        huf(b"t,c\n1,100\n2,7\n3,110\n", NASA, opens={"column": "c"})


def test_an_array_of_a_narrow_type_can_share_a_table_with_a_wide_one() -> None:
    code = PrefixCode.from_lengths([-1, 1, 2, 300], [2, 2, 2, 2])
    for array in (np.array([1, 2, 2], np.uint8), np.array([-1, 2], np.int8), np.array([300, 1], ">i2"),
                  np.array([True, True])):  # fmt: skip
        for embed in (True, False):
            assert same(decode(encode(array, code, embed), code), array)
            assert unhuf(encode(array, code, embed), code)[-array.nbytes :] == array.tobytes()
    assert decode(encode(b"\1\2", code)) == b"\1\2"


def test_short_strings_can_share_a_table_with_long_ones() -> None:
    code = PrefixCode.from_lengths(["a", "ab", "b\0"], [1, 2, 2])
    assert decode(encode("aa", code)) == "aa" and unhuf(encode("aa", code)) == b"aa"
    for array in (np.array(["a"]), np.array(["ab", "a"]), np.array(["a", "ab"], ">U3")):
        assert same(decode(encode(array, code)), array)


def test_nothing_can_share_any_table() -> None:
    for array in (
        np.array([]),
        np.array([], "S3"),
        np.zeros((3, 0), "c8"),
        np.array([], "M8[s]"),
        np.array([], object),
    ):
        assert same(decode(encode(array, NASA, embed_table=False), NASA), array)
        if array.dtype.kind != "O":
            assert unhuf(encode(array, NASA)).startswith(b"\x93NUMPY")
    assert decode(encode("", NASA)) == "" and decode(encode(b"", NASA)) == b""


@each_engine
@pytest.mark.parametrize("lengths", [[1], [3], [32], [2, 2, 2], [1, 3, 3], [1, 32, 0], [0, 0, 1], [1, 2, 32, 32]])
def test_a_code_given_by_lengths_alone_codes_and_decodes(lengths: list[int], engine: str) -> None:
    code = PrefixCode.from_lengths(range(len(lengths)), lengths)
    readings = np.flatnonzero(lengths)[np.arange(40) % np.count_nonzero(lengths)].astype(np.int16)
    for embed in (True, False):
        assert same(decode(encode(readings, code, embed, engine=engine, lane_size=7), code, engine=engine), readings)


def test_a_code_that_no_file_can_hold_is_refused_before_anything_is_written() -> None:
    with pytest.raises(
        ValueError, match="codewords of 33 bits, and files hold at most 32: build it with max_length=32"
    ):
        encode([0], PrefixCode.from_lengths([0, 1], [1, 33]))
    with pytest.raises(ValueError, match="70,000 codewords, and files number at most 65,536"):
        encode([0], PrefixCode.from_lengths(range(70_000), np.full(70_000, 17)))


def test_learned_codewords_never_exceed_32_bits() -> None:
    weights = [1, 1]
    while len(weights) < 40:
        weights.append(weights[-1] + weights[-2])
    data = encode(range(40), Distribution(range(40), weights))
    lengths = opened(io.BytesIO(data)).code.lengths
    assert lengths.max() == 32 and decode(data).tolist() == list(range(40))


# ------------------------------------------------------------------ the limit of the output


# ------------------------------------------------------------------ streaming


def test_a_file_is_restored_block_by_block() -> None:
    class Source(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            Source.taken += len(data)
            return data

    data = encode(b"abracadabra" * 100, block_size=100)
    blocks = restored_bytes(opened(Source(data)), Limit())
    assert b"".join([next(blocks), next(blocks)]).startswith(b"abracadabra")
    assert Source.taken < len(data) / 2


def test_a_file_is_read_a_few_bytes_at_a_time() -> None:
    class Drip(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(3, size or 0))

    data = encode(b"abracadabra" * 10, lane_size=5, block_size=20)
    assert b"".join(restored_bytes(opened(Drip(data)), Limit())) == b"abracadabra" * 10


def test_a_file_is_written_to_a_pipe_that_takes_it_in_parts() -> None:
    class Drip(io.BytesIO):
        def write(self, data: Any, /) -> int:
            return super().write(bytes(data[:7]))

    out = Drip()
    written = write(from_values(b"abracadabra" * 10), out, how=Options(block_size=20))
    assert out.getvalue() == encode(b"abracadabra" * 10, block_size=20)
    assert (written.count, written.file_bytes, written.original_bytes) == (110, len(out.getvalue()), 110)


def test_a_stream_that_changes_between_counting_and_coding_is_refused() -> None:
    passes = iter([[1, 2, 1], [1, 2, 3]])
    stream = Stream(Origin("text"), lambda: iter([labels_of(next(passes)), Closing(6)]), "changing")
    with pytest.raises(MissingCodewordError, match="changing, line 3: the reading 3 has no codeword"):
        write(stream, io.BytesIO())
