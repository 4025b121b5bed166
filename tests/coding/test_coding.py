"""encode and decode: options are checked once, given codes are used or refused by name, files come and go in parts."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from checks import INSTALLED, each_engine, exchange, huf, incomplete, part, same, unhuf

import codec
from codec.codes.prefix import PrefixCode, huffman
from codec.codes.serialize import serialize
from codec.coding import decode, encode, write
from codec.coding.file import opened, restored_bytes
from codec.coding.options import Options
from codec.coding.piece import Limit
from codec.errors import MissingCodewordError, WrongTableError
from codec.readings.origin import Closing, Origin
from codec.readings.stream import Stream
from codec.readings.values import from_values
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, labels_of
from codec.theory.sources import built_in

NASA = huffman(built_in("nasa"))
READINGS = np.arange(300) % 7
WHOLE = ("lane_size", "block_size", "per_codeword")

# ------------------------------------------------------------------ options


def test_integers_of_numpy_in_every_width_are_python_ints() -> None:
    for dtype in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"):
        number = np.dtype(dtype).type
        for sizes in ({"block_size": 127, "lane_size": 3}, {"block_size": 100, "lane_size": 120}, {"per_codeword": 3}):
            narrow = encode(READINGS, **{name: number(value) for name, value in sizes.items()})
            assert narrow == encode(READINGS, **sizes) and same(decode(narrow), READINGS)


def test_a_flag_is_what_bool_makes_of_it() -> None:
    for name in ("delta", "embed_table", "context"):
        for flag in (1, 2, np.True_, "yes"):
            assert encode(READINGS, **{name: flag}) == encode(READINGS, **{name: True})


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_no_whole_number_or_none_that_a_file_can_hold_is_refused_by_name(name: str) -> None:
    for value in (2.0, "2", None, 2.5, b"2", [2]):
        with pytest.raises(TypeError, match=f"{name} is a whole number, not"):
            encode(READINGS, **{name: value})
    most = 64 if name == "per_codeword" else 1 << 24
    for value in (0, -1, most + 1, 10**30):
        with pytest.raises(ValueError, match=f"{name} is from 1 to {most:,}"):
            encode(READINGS, **{name: value})


def test_options_that_do_not_go_together_are_refused() -> None:
    for message, options in {
        "give one of them": {"delta": True, "transform": "ranks of none"},
        "there is no transform 'x'; there are readings, differences": {"transform": "x"},
        "a file without a table needs a given code": {"embed_table": False},
        "no engine 'abacus'": {"engine": "abacus"},
    }.items():
        with pytest.raises(ValueError, match=message):
            encode(READINGS, **options)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="context or per_codeword, not both"):
        Options(context=True, per_codeword=2)
    assert encode(READINGS, delta=True, transform="differences") == encode(READINGS, delta=True)


def test_what_decode_is_given_is_checked_too() -> None:
    data = encode(READINGS)
    for wrong in (5, "nasa", {0.5, 0.25}, object()):
        with pytest.raises(TypeError, match="a code is wanted"):
            encode(READINGS, wrong)
        with pytest.raises(TypeError, match="a code is wanted"):
            decode(data, wrong)
    with pytest.raises(ValueError, match="max_output is a number of bytes, not -1"):
        decode(data, max_output=-1)
    with pytest.raises(TypeError):
        decode(data, max_output="5")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no engine 'abacus'"):
        decode(data, engine="abacus")
    array = decode(data)
    array[0] = 5  # it can be written to
    assert array[0] == 5


def test_a_table_of_nothing_but_an_escape_can_be_read() -> None:
    nothing = PrefixCode(Labels("int", np.zeros(0, np.int64)), np.zeros(0, np.int64), None, 1)
    readings = np.array([7, 7, -9])
    for delta in (False, True):
        data = encode(readings, nothing, delta=delta)
        assert same(decode(data), readings) and unhuf(data).endswith(readings.tobytes())
        assert codec.ledger(data).file_bits == 8 * len(data)


def test_a_shape_that_contradicts_the_count_is_refused_by_every_reader() -> None:
    data = encode(np.arange(6).reshape(2, 3))
    origin = part(data, "header").read(data, "origin")
    spoilt = exchange(data, "origin", origin[:-1] + b"\x04")
    for read in (decode, codec.ledger, unhuf):
        with pytest.raises(codec.CodecError, match="the file holds 6 readings, and its header promises 8"):
            read(spoilt)


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
    with pytest.raises(WrongTableError, match=rf"carries no table.*{NASA.fingerprint} \(code\)"):
        decode(without, engine=engine)


@pytest.mark.parametrize("embed", [True, False])
def test_another_table_is_refused_with_both_fingerprints(embed: bool) -> None:
    data = encode([100, 105], NASA, embed)
    for other in (
        huffman(built_in("peaked")),
        incomplete(NASA),
        PrefixCode.from_lengths(NASA.alphabet.values[::-1], NASA.lengths[::-1]),
        PrefixCode.from_lengths(NASA.alphabet.values.astype(float), NASA.lengths),
    ):
        with pytest.raises(WrongTableError) as caught:
            decode(data, other)
        assert NASA.fingerprint in str(caught.value) and other.fingerprint in str(caught.value)
        assert NASA.fingerprint != other.fingerprint


def test_a_distribution_stands_for_its_huffman_code() -> None:
    p = built_in("nasa")
    assert encode([100, 105], p) == encode([100, 105], NASA)
    assert decode(encode([100, 105], p, embed_table=False), p).tolist() == [100, 105]


MISSING: list[tuple[Any, str]] = [
    ([100, 105, 999, 100, 998], r"the stream, position 2: the reading 999 has no codeword.*2 of 5 readings"),
    (np.array([[100, 105], [7, 100]]), r"the stream, position 2: the reading 7 has no codeword.*1 of 4 readings"),
    ([100.0, 105.5], r"the stream, position 1: the reading 105\.5 has no codeword.*1 of 2 readings"),
    ("d", r"the stream, position 0: the reading d has no codeword.*1 of 1 reading has none"),
    (b"d\xff", r"the stream, position 1: the reading 255 has no codeword.*1 of 2 readings"),
]


def test_a_reading_without_a_codeword_is_refused_by_name_place_and_number(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream, message in MISSING:
        for engine in INSTALLED:
            with pytest.raises(MissingCodewordError, match=message):
                encode(stream, NASA, engine=engine, block_size=2)
    with pytest.raises(TypeError):
        encode([[100, 105], [7, 100]], NASA)
    with pytest.raises(MissingCodewordError, match=r"position 3: the reading 3 has no codeword.*2 of 6 readings"):
        encode([1, 2, 1, 3, 3, 1], huffman(Distribution([1, 2, 3], [1, 1, 0])))
    for piece in (1, 4, 1 << 22):
        monkeypatch.setattr("codec.readings.stream.PIECE_BYTES", piece)
        with pytest.raises(MissingCodewordError, match=r"readings, line 4: the reading 10\.50 has .*2 of 6 readings"):
            huf(b"100\n105\n100\n10.50\n110\n7\n", NASA)
        with pytest.raises(MissingCodewordError, match=r"readings, row 2: the reading 7 has no.*1 of 3 readings"):
            huf(b"t,c\n1,100\n2,7\n3,110\n", NASA, opens={"column": "c"})


def test_arrays_of_narrow_and_wide_types_can_share_a_table_and_nothing_any() -> None:
    code = PrefixCode.from_lengths([-1, 1, 2, 300], [2, 2, 2, 2])
    for array in (np.array([1, 2, 2], np.uint8), np.array([-1, 2], np.int8), np.array([300, 1], ">i2"),
                  np.array([True, True])):  # fmt: skip
        for embed in (True, False):
            assert same(decode(encode(array, code, embed), code), array)
            assert unhuf(encode(array, code, embed), code)[-array.nbytes :] == array.tobytes()
    assert decode(encode(b"\1\2", code)) == b"\1\2"
    words = PrefixCode.from_lengths(["a", "ab", "b\0"], [1, 2, 2])
    assert decode(encode("aa", words)) == "aa" and unhuf(encode("aa", words)) == b"aa"
    for array in (np.array(["a"]), np.array(["ab", "a"]), np.array(["a", "ab"], ">U3")):
        assert same(decode(encode(array, words)), array)
    for array in (np.zeros(0), np.zeros(0, "S3"), np.zeros((3, 0), "c8"), np.zeros(0, "M8[s]"), np.zeros(0, object)):
        assert same(decode(encode(array, NASA, embed_table=False), NASA), array)
        assert array.dtype.kind == "O" or unhuf(encode(array, NASA)).startswith(b"\x93NUMPY")
    assert decode(encode("", NASA)) == "" and decode(encode(b"", NASA)) == b""


@each_engine
def test_a_code_given_by_lengths_alone_codes_and_decodes(engine: str) -> None:
    for lengths in ([1], [3], [32], [2, 2, 2], [1, 3, 3], [1, 32, 0], [0, 0, 1], [1, 2, 32, 32]):
        code = PrefixCode.from_lengths(range(len(lengths)), lengths)
        readings = np.flatnonzero(lengths)[np.arange(40) % np.count_nonzero(lengths)].astype(np.int16)
        for embed in (True, False):
            data = encode(readings, code, embed, engine=engine, lane_size=7)
            assert same(decode(data, code, engine=engine), readings)


def test_a_code_that_no_file_can_hold_is_refused_before_anything_is_written() -> None:
    with pytest.raises(ValueError, match="of 33 bits, and files hold at most 32: build it with max_length=32"):
        encode([0], PrefixCode.from_lengths([0, 1], [1, 33]))
    with pytest.raises(ValueError, match="70,000 codewords, and files number at most 65,536"):
        encode([0], PrefixCode.from_lengths(range(70_000), np.full(70_000, 17)))
    weights = [1, 1]
    while len(weights) < 40:
        weights.append(weights[-1] + weights[-2])
    data = encode(range(40), Distribution(range(40), weights))  # a learned code is made so that it fits
    assert opened(io.BytesIO(data)).code.lengths.max() == 32 and decode(data).tolist() == list(range(40))


# ------------------------------------------------------------------ numbers, and a table of another kind

TENTHS = PrefixCode.from_lengths(Labels("int", np.array([205, 210, 216]), "0.1"), [1, 2, 2])
INTS = PrefixCode.from_lengths([20, 21], [1, 1])


def test_numbers_that_a_table_gives_back_exactly_are_coded_with_it() -> None:
    for readings, code in (
        (np.array([20.5, 21.0, 21.6]), TENTHS),
        (np.array([20.5, 21.6, 21.6], np.float32), TENTHS),
        (np.array([20.5, 21.0], ">f4"), TENTHS),
        (np.array([21, 21], np.int8), TENTHS),
        (np.array([20.0, 21.0], np.float16), INTS),
    ):
        for engine in INSTALLED:
            data = encode(readings, code, engine=engine)
            assert same(decode(data, engine=engine), readings)
        report = codec.audit(readings, code)
        assert report.unseen == 0 and report.old_mean_length == codec.ledger(data).mean_length


def test_what_would_not_come_back_is_refused_with_the_grid() -> None:
    other = r"position 1: the reading 20\.55 .* int in steps of 0\.1, and these readings float: .* with step=0\.1"
    for readings, code, way_out in (
        ([20.5, 20.55], TENTHS, other),
        (np.array([20.5, 20.55]), TENTHS, r"step=0\.1"),
        ([20.0, -0.0], INTS, r"the reading -0\.0 .* step=1"),
        ([float("nan")], INTS, "step=1"),
        (np.array([20]), PrefixCode.from_lengths([20.0], [1]), "make a table that knows them"),
    ):
        with pytest.raises(MissingCodewordError, match=way_out):
            encode(readings, code)
        assert codec.audit(readings, code).unseen > 0
    steps = PrefixCode.from_lengths(Labels("int", np.array([-10, 0, 10]), "0.1"), [2, 1, 2])
    with pytest.raises(MissingCodewordError):  # differences are never taken for those of another grid
        encode(np.array([5, 6, 7]), steps, delta=True)


# ------------------------------------------------------------------ streaming


def test_a_file_is_restored_block_by_block_and_read_a_few_bytes_at_a_time() -> None:
    class Source(io.BytesIO):
        taken = 0
        step = 1 << 20

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(min(self.step, size or 0) if size != -1 else -1)
            self.taken += len(data)
            return data

    source = Source(encode(b"abracadabra" * 100, block_size=100))
    blocks = restored_bytes(opened(source), Limit())
    assert b"".join([next(blocks), next(blocks)]).startswith(b"abracadabra")
    assert source.taken < len(source.getvalue()) / 2
    drip = Source(encode(b"abracadabra" * 10, lane_size=5, block_size=20))
    drip.step = 3
    assert b"".join(restored_bytes(opened(drip), Limit())) == b"abracadabra" * 10


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
