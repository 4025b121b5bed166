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
INTS = [np.dtype(order + kind) for order in "<>" for kind in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")]


def nans(dtype: str) -> Any:
    """-0.0, 0.0, infinities, and NaNs quiet and signalling, of either sign, with several payloads."""
    size = np.dtype(dtype).itemsize
    mantissa = {2: 10, 4: 23, 8: 52}[size]
    infinite = ((1 << (8 * size - 1)) - 1) >> mantissa << mantissa
    sign, quiet = 1 << (8 * size - 1), 1 << (mantissa - 1)
    patterns = [0, sign, infinite, sign | infinite]
    patterns += [s | infinite | payload for s in (0, sign) for payload in (quiet, 1, quiet | 1, quiet - 1)]
    return np.array([*patterns, 1, sign | 1], f"<u{size}").view(f"<f{size}")


class Subclass(np.ndarray):
    """Comes back as a plain array."""


ARRAYS: dict[str, Any] = {
    "nothing": np.array([], np.int64),
    "nothing, of floats": np.array([], ">f4"),
    "nothing, of strings": np.array([], "<U3"),
    "shape (0, 3)": np.zeros((0, 3), np.int16),
    "shape (3, 0), Fortran order": np.zeros((3, 0, 2), "c8", order="F"),
    "one symbol": np.full(1000, 7),
    "one reading": np.array([7]),
    "0-d": np.array(7, ">i2"),
    "0-d float": np.array(-0.0),
    "0-d string": np.array("abc"),
    "bool": np.array([[True, False], [False, False]]),
    "only True": np.array([True, True]),
    **{f"least and greatest {t.str}": np.array([np.iinfo(t).min, np.iinfo(t).max, 1, 1], t) for t in INTS},
    **{f"signs and NaNs of {dtype}": nans(dtype) for dtype in ("<f2", "<f4", "<f8")},
    **{f"signs and NaNs of >f{n}": nans(f"<f{n}").byteswap().view(f">f{n}") for n in (2, 4, 8)},
    "long double": np.array([1.5, -0.0, 1 / np.longdouble(3), np.inf], np.longdouble),
    "long double, big-endian": np.array([1.5, 2], np.dtype(np.longdouble).newbyteorder(">")),
    "complex64": np.array([1 + 2j, -0.0 - 0.0j, complex(np.nan, 1), 1 + 2j], np.complex64),
    "complex128, big-endian": np.array([1 + 2j, 3, 1 + 2j], ">c16"),
    "datetime64": np.array(["2021-01-01T00:00", "NaT", "1969-12-31T23:59"], "M8[m]"),
    "datetime64, big-endian": np.array(["2021-01-01", "2021-01-02"], ">M8[D]"),
    "timedelta64, 25 s": np.array([1, -1, 0], "m8[25s]"),
    "U": np.array(["a", "", "\u00e9t\u00e9", "\U0001f321", "a"]),
    "U, big-endian": np.array(["ab", "b"], ">U7"),
    "U, surrogates": np.array(["\udcff", "\ud800", "\udcc3\udca9", "\u00e9"]),
    "S": np.array([b"a", b"", b"\xff\0b", b"a"]),
    "S, wide": np.array([b"a", b"b"], "S300"),
    "raw bytes": np.array([b"\0\0\0", b"abc"], "V3"),
    "objects: ints": np.array([1, 2**63, 0], object),
    "objects: strings": np.array([["a", "bc"], ["", "a"]], object),
    "objects: bytes": np.array([b"a", b"\0"], object),
    "objects: floats": np.array([0.5, -0.0], object),
    "Fortran order": np.asfortranarray(np.arange(24).reshape(2, 3, 4) % 5),
    "Fortran order, 0-length": np.zeros((2, 0, 3), order="F"),
    "strided": (np.arange(40) % 7)[::-3],
    "transposed": (np.arange(24, dtype=">u2") % 5).reshape(4, 6).T,
    "neither order": np.arange(24).reshape(2, 3, 4).transpose(1, 0, 2),
    "as many dimensions as can be": np.zeros((1,) * (31 if np.__version__ < "2" else 63) + (2,)),
    "257 symbols": np.arange(257),
    "read-only": np.frombuffer(b"abca", np.uint8),
}  # fmt: skip


@each_engine
@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
def test_an_array_comes_back_to_the_last_bit(array: Any, engine: str) -> None:
    assert same(decode(encode(array, engine=engine, lane_size=3, block_size=7), engine=engine), array)


@each_engine
def test_65536_symbols_come_back(engine: str) -> None:
    array = np.random.default_rng(1).permutation(np.repeat(np.arange(65_536, dtype=np.uint16), 2))
    assert same(decode(encode(array, engine=engine), engine=engine), array)


@each_engine
@pytest.mark.parametrize(
    ("values", "back"),
    [
        ([], np.array([], np.int64)),
        ([100, 105], np.array([100, 105])),
        ([True, False], np.array([1, 0])),
        ([0, 2**64 - 1], np.array([0, 2**64 - 1], np.uint64)),
        ([0.5, -0.0], np.array([0.5, -0.0])),
        ([1, 2.5], np.array([1.0, 2.5])),
        (["a", "bc"], np.array(["a", "bc"], object)),
        ([b"a", bytearray(b"bc")], np.array([b"a", b"bc"], object)),
        (("a", "b"), np.array(["a", "b"], object)),
        (range(3), np.array([0, 1, 2])),
        (pd.Series([3, 4, 3], dtype="int16"), np.array([3, 4, 3], np.int16)),
        (pd.Series([0.5, np.nan], dtype="float32"), np.array([0.5, np.nan], np.float32)),
        (pd.Series(["a", "b"], dtype=object), np.array(["a", "b"], object)),
        (pd.Series(["a", "b", "a"], dtype="category"), np.array(["a", "b", "a"], object)),
        (pd.Series(pd.to_datetime(["2021-01-01"])).astype("M8[s]"), np.array(["2021-01-01"], "M8[s]")),
        (pd.Series([], dtype="float64"), np.array([], np.float64)),
        (pd.DataFrame({"a": [1, 2], "b": [2, 1]}), np.array([[1, 2], [2, 1]])),
        (np.array([[1, 2]]).view(Subclass), np.array([[1, 2]])),
        (Labels("int", np.array([24, -2]), "0.1"), np.array([2.4, -0.2])),
        (labels_of(["a", "b"]), np.array(["a", "b"], object)),
        (b"", b""),
        (b"abracadabra", b"abracadabra"),
        (bytearray(b"ab"), b"ab"),
        (memoryview(b"ab"), b"ab"),
        (bytes(range(256)), bytes(range(256))),
        ("", ""),
        ("abracadabra", "abracadabra"),
        ("\u00e9\U0001f321\0\n\r\udcff\ud800", "\u00e9\U0001f321\0\n\r\udcff\ud800"),
    ],
)
def test_readings_come_back_as_what_they_are(values: Any, back: Any, engine: str) -> None:
    assert same(decode(encode(values, engine=engine), engine=engine), back)


@settings(max_examples=200, deadline=None)
@given(
    array=hnp.arrays(
        hnp.integer_dtypes() | hnp.unsigned_integer_dtypes() | hnp.floating_dtypes(sizes=(16, 32, 64))
        | hnp.boolean_dtypes() | hnp.unicode_string_dtypes(max_len=3) | hnp.byte_string_dtypes(max_len=3)
        | hnp.datetime64_dtypes() | hnp.complex_number_dtypes(sizes=(64, 128)),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6),
    ),
    lane=st.integers(1, 20),
    block=st.integers(1, 50),
)  # fmt: skip
def test_any_array_comes_back_to_the_last_bit(array: Any, lane: int, block: int) -> None:
    assert same(decode(encode(array, lane_size=lane, block_size=block)), array)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=())) | st.binary())
def test_any_string_and_any_bytes_come_back(stream: Any) -> None:
    assert same(decode(encode(stream)), stream)


@pytest.mark.parametrize("stream", [np.arange(50) % 9, b"abracadabra" * 5, "abracadabra" * 5, np.zeros((0, 3))])
def test_every_engine_writes_the_same_file(stream: Any) -> None:
    files = {encode(stream, engine=name, lane_size=7, block_size=20) for name in INSTALLED}
    assert len(files) == 1


def test_an_array_decoded_can_be_written_to() -> None:
    array = decode(encode(np.array([1, 2])))
    array[0] = 5
    assert array.tolist() == [5, 2]


@pytest.mark.parametrize(
    ("name", "size"), [(n, s) for n in ("lane_size", "block_size") for s in (0, -1, (1 << 24) + 1)]
)
def test_sizes_out_of_range_are_refused(name: str, size: int) -> None:
    with pytest.raises(ValueError, match=f"{name} is from 1 to 16,777,216, not"):
        encode([1, 2], **{name: size})


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


@each_engine
@pytest.mark.parametrize(
    ("stream", "size"),
    [
        (np.arange(10, dtype=np.int16), 20),
        (b"abracadabra", 11),
        ("\u00e9t\u00e9", 5),
        (np.array(["ab", "c"]), 16),
        (np.array([]), 0),
        (np.array(["ab", "c"], object), 5),
    ],
)
def test_the_limit_of_the_output_is_exact(stream: Any, size: int, engine: str) -> None:
    data = encode(stream, engine=engine, block_size=3)
    assert same(decode(data, max_output=size, engine=engine), stream)
    unhuf(data, engine=engine, max_output=size)
    if not size:
        return
    for call in (lambda: decode(data, max_output=size - 1, engine=engine),
                 lambda: unhuf(data, engine=engine, max_output=size - 1)):  # fmt: skip
        with pytest.raises(OutputLimitError, match=rf"limit of {size - 1:,} bytes.*--max-output"):
            call()


def test_the_limit_of_a_text_counts_its_line_ends() -> None:
    raw = b"10\r\n5\r\n10\r\n"
    assert unhuf(huf(raw), max_output=len(raw)) == raw
    with pytest.raises(OutputLimitError):
        unhuf(huf(raw), max_output=len(raw) - 1)


def peak_of(call: Callable[[], Any], error: type[Exception]) -> int:
    """The most memory, in bytes, that is taken while a call fails."""
    tracemalloc.start()
    try:
        with pytest.raises(error):
            call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@each_engine
def test_the_limit_is_looked_at_before_memory_is_taken(engine: str) -> None:
    data = encode(np.repeat(np.array(["a", "b"], "U1000"), 10_000), engine=engine)
    assert len(data) < 10_000
    assert peak_of(lambda: decode(data, max_output=1 << 22, engine=engine), OutputLimitError) < 1 << 21
    assert peak_of(lambda: unhuf(data, engine=engine, max_output=1 << 22), OutputLimitError) < 1 << 21


@pytest.mark.parametrize("name", ["|S999999999", "<U249999999", "|S268435456"])
def test_a_forged_type_of_enormous_values_takes_no_memory(name: str) -> None:
    kind = name[1]
    array = np.array(["a", "b", "c"] if kind == "U" else [b"a", b"b", b"c"])
    data = exchange(encode(array), "origin", Origin("array", name, (3,)).pack())
    assert peak_of(lambda: decode(data, max_output=1 << 20), OutputLimitError) < 1 << 20
    assert peak_of(lambda: unhuf(data, max_output=1 << 20), OutputLimitError) < 1 << 20
    if int(name[2:]) * (4 if kind == "U" else 1) * 3 > default_max_output(len(data)):
        assert peak_of(lambda: decode(data), OutputLimitError) < 1 << 20


def test_labels_that_do_not_occur_take_no_more_memory_than_the_limit_allows() -> None:
    """One reading of a forged type, and a table of 1,000 labels that would each take as much."""
    code = PrefixCode.from_lengths([b"%d" % i for i in range(1000)], [10] * 1000)
    data = exchange(encode(np.array([b"5"]), code), "origin", Origin("array", "|S9999999", (1,)).pack())
    assert peak_of(lambda: decode(data), OutputLimitError) < 1 << 22
    assert peak_of(lambda: unhuf(data, max_output=1 << 28), OutputLimitError) < 1 << 22


@pytest.mark.parametrize("shape", [(2**40,), (2**31, 2**31), (0, 5), (), (4,), (2, 2)])
def test_a_forged_shape_is_refused_before_memory_is_taken(shape: tuple[int, ...]) -> None:
    data = exchange(encode(np.arange(3)), "origin", Origin("array", "<i8", shape).pack())
    assert peak_of(lambda: decode(data), DamagedError) < 1 << 20
    assert peak_of(lambda: unhuf(data), DamagedError) < 1 << 20


@pytest.mark.parametrize("field", ["count", "payload bits", "extra size"])
def test_a_forged_size_takes_no_memory(field: str) -> None:
    data = forge(encode(np.arange(30)), "block", field, 2**32 - 1)
    assert peak_of(lambda: decode(data), DamagedError) < 1 << 20


def test_by_default_no_output_is_refused_below_a_gibibyte_or_256_times_the_file() -> None:
    assert default_max_output(0) == 1 << 30
    assert default_max_output(1 << 24) == 1 << 32


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
