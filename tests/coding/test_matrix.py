"""Every kind of readings through every engine and every option: all engines write one file, and all read it back."""

from __future__ import annotations

import io
import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
import strategies
from checks import INSTALLED, huf, npy_of, part, same, unhuf, walk
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from shares import some
from strategies import examples

from codec.coding import decode, encode
from codec.errors import StreamError
from codec.theory.labels import Labels, labels_of
from codec.theory.sources import built_in, sticky

WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "pairs": {"per_codeword": 2},
    "triples": {"per_codeword": 3},
    "context": {"context": True},
    "differences": {"delta": True},
    "differences in pairs": {"delta": True, "per_codeword": 2},
    "differences in context": {"delta": True, "context": True},
    "intervals": {"intervals": True},
    "differences in intervals": {"delta": True, "intervals": True, "short": True},
    "ranks": {"transform": "ranks"},
    "ranks in context": {"transform": "ranks", "context": True, "short": True},
    "linear": {"transform": "linear"},
    "ranks, linear, in intervals": {"transform": "linear ranks", "intervals": True},
}
TRANSFORMED = {None: 0, "ranks": 2, "linear": 3, "linear ranks": 4}  # numbers in the header
SIZES: tuple[dict[str, int], ...] = ({}, {"lane_size": 3, "block_size": 7})
INTS = [np.dtype(order + kind) for order in "<>" for kind in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")]


def nans(dtype: str) -> Any:
    """-0.0, 0.0, infinities, and NaNs quiet and signalling, of either sign, with several payloads."""
    size = np.dtype(dtype).itemsize
    mantissa = {2: 10, 4: 23, 8: 52}[size]
    infinite = ((1 << (8 * size - 1)) - 1) >> mantissa << mantissa
    sign, quiet = 1 << (8 * size - 1), 1 << (mantissa - 1)
    patterns = [0, sign, infinite, sign | infinite, 1, sign | 1]
    patterns += [s | infinite | payload for s in (0, sign) for payload in (quiet, 1, quiet | 1, quiet - 1)]
    return np.array(patterns, f"<u{size}").view(f"<f{size}").astype(dtype)


class Subclass(np.ndarray):
    """Comes back as a plain array."""


ARRAYS: dict[str, Any] = {
    "nothing": np.array([], np.int64),
    "nothing, of floats": np.array([], ">f4"),
    "nothing, of strings": np.array([], "<U3"),
    "shape (0, 3)": np.zeros((0, 3), np.int16),
    "shape (3, 0), Fortran order": np.zeros((3, 0, 2), "c8", order="F"),
    "one symbol": np.full(1000, 7, ">u4"),
    "one reading": np.array([-7]),
    "0-d": np.array(7, ">i2"),
    "0-d float": np.array(-0.0),
    "0-d string": np.array("abc"),
    "bool": np.array([[True, False], [False, False], [True, True]]),
    "only True": np.array([True, True]),
    **{f"least and greatest {t.str}": np.array([1, i.min, i.max, i.min, i.max, i.max, 0, i.min, 1], t)
       for t in INTS for i in [np.iinfo(t)]},
    **{f"signs and NaNs of {order}f{size}": nans(f"{order}f{size}") for order in "<>" for size in (2, 4, 8)},
    "long double": np.array([1.5, -0.0, 1 / np.longdouble(3), np.inf], np.longdouble),
    "long double, big-endian": np.array([1.5, 2], np.dtype(np.longdouble).newbyteorder(">")),
    "complex64": np.array([1 + 2j, -0.0 - 0.0j, complex(np.nan, 1), 1 + 2j], np.complex64),
    "complex128, big-endian": np.array([1 + 2j, 3, 1 + 2j], ">c16"),
    "datetime64": np.array(["2021-01-01T00:00", "NaT", "1969-12-31T23:59"], "M8[m]"),
    "datetime64, big-endian": np.array(["2021-01-01", "2021-01-02", "NaT"], ">M8[D]"),
    "timedelta64, 25 s": np.array([1, -1, 0, 7], "m8[25s]"),
    "U": np.array(["a", "", "\u00e9t\u00e9", "\U0001f321", "a"]),
    "U, big-endian": np.array(["ab", "b"], ">U7"),
    "U, surrogates": np.array(["\udcff", "\ud800", "\udcc3\udca9", "\u00e9"]),
    "S": np.array([b"a", b"", b"\xff\0b", b"a"]),
    "S, wide": np.array([b"a", b"b"], "S300"),
    "raw bytes": np.array([b"\0\0\0", b"abc"], "V3"),
    "objects: ints": np.array([1, 2**63 - 1, 0, -(2**63)], object),
    "objects: ints of 64 bits": np.array([1, 2**63, 0], object),
    "objects: strings": np.array([["a", "bc"], ["", "a"]], object),
    "objects: bytes": np.array([b"a", b"\0", b""], object),
    "objects: floats": np.array([0.5, -0.0], object),
    "Fortran order": np.asfortranarray(np.arange(24).reshape(2, 3, 4) ** 2),
    "Fortran order, 0-length": np.zeros((2, 0, 3), order="F"),
    "strided": (np.arange(40) % 7)[::-3],
    "transposed": (np.arange(24, dtype=">u2") % 5).reshape(4, 6).T,
    "neither order": np.arange(24).reshape(2, 3, 4).transpose(1, 0, 2),
    "as many dimensions as can be": np.zeros((1,) * (31 if np.__version__ < "2" else 63) + (2,)),
    "257 symbols": np.arange(257),
    "many readings": np.arange(700) * 7919 % 499,
    "slow": np.cumsum(np.tile([1, 0, 0, -1, 2], 40)).astype(np.int64) - 10**17,
    "read-only": np.frombuffer(b"abca", np.uint8),
}  # fmt: skip
OTHERS: dict[str, tuple[Any, Any]] = {
    "an empty list": ([], np.array([], np.int64)),
    "a list": ([100, 105, 105, 90], np.array([100, 105, 105, 90])),
    "a list of bools": ([True, False], np.array([True, False])),
    "a list of 64 bits": ([0, 2**64 - 1, 5], np.array([0, 2**64 - 1, 5], np.uint64)),
    "a list of 2^63 and more": ([2**63, 2**63 + 1], np.array([2**63, 2**63 + 1], np.uint64)),
    "a list of floats": ([0.5, -0.0], np.array([0.5, -0.0])),
    "ints and floats": ([1, 2.5], np.array([1.0, 2.5])),
    "a list of strings": (["a", "bc"], np.array(["a", "bc"], object)),
    "a list of bytes": ([b"a", bytearray(b"bc")], np.array([b"a", b"bc"], object)),
    "a tuple": (("a", "b"), np.array(["a", "b"], object)),
    "a range": (range(3), np.array([0, 1, 2])),
    "int16 Series": (pd.Series([3, 4, 3], dtype="int16"), np.array([3, 4, 3], np.int16)),
    "float Series": (pd.Series([0.5, np.nan], dtype="float32"), np.array([0.5, np.nan], np.float32)),
    "object Series": (pd.Series(["a", "b"], dtype=object), np.array(["a", "b"], object)),
    "categories": (pd.Series(["a", "b", "a"], dtype="category"), np.array(["a", "b", "a"], object)),
    "times": (pd.Series(pd.to_datetime(["2021-01-01"])).astype("M8[s]"), np.array(["2021-01-01"], "M8[s]")),
    "an empty Series": (pd.Series([], dtype="float64"), np.array([], np.float64)),
    "a DataFrame": (pd.DataFrame({"a": [1, 2], "b": [2, 1]}), np.array([[1, 2], [2, 1]])),
    "a subclass": (np.array([[1, 2]]).view(Subclass), np.array([[1, 2]])),
    "labels on a grid": (Labels("int", np.array([24, -2]), "0.1"), np.array([2.4, -0.2])),
    "labels": (labels_of(["a", "b"]), np.array(["a", "b"], object)),
    "a bytearray": (bytearray(b"ab"), b"ab"),
    "a memoryview": (memoryview(b"ab"), b"ab"),
    **{f"bytes: {raw[:4]!r}": (raw, raw) for raw in (b"", b"abracadabra" * 9, bytes(range(256)))},
    **{f"a string: {text[:4]!r}": (text, text)
       for text in ("", "abracadabr\u00e4" * 9, "\u00e9\U0001f321\0\n\r\udcff\ud800")},
}  # fmt: skip
STREAMS = {**{name: (array, array) for name, array in ARRAYS.items()}, **OTHERS}


DECIMALS = ("labels on a grid", "ints and floats", "as many dimensions as can be", "float Series")  # or with NaN


def lacks_differences(back: Any) -> bool:
    """Whether readings are refused: floats, words, bytes, and ints that would not come back from 63 bits."""
    if not isinstance(back, np.ndarray) or not back.size:
        return isinstance(back, str) and bool(back)
    if back.dtype == object:
        return type(back.flat[0]) is not int or max(back.flat) >= 1 << 63
    return back.dtype.kind in "fcUSV"


def why_not(back: Any, how: dict[str, Any]) -> str:
    """Why readings are refused by a way of coding; empty if they are not."""
    if not {"delta", "transform"} & {*how}:
        is_object = isinstance(back, np.ndarray) and back.dtype == object and back.size
        words = isinstance(back.flat[0], (str, bytes, float)) if is_object else lacks_differences(back)
        return "intervals are of ints" if "intervals" in how and words else ""
    if "ranks" in how.get("transform", "") and isinstance(back, np.ndarray) and back.dtype.kind == "u" and back.size:
        return "more than 63 bits" if int(back.max()) >= 1 << 63 else ""
    return "have no differences|more than 63 bits" if lacks_differences(back) else ""


each_part = pytest.mark.parametrize("share", [0.3, pytest.param(1.0, marks=pytest.mark.slow)])


@pytest.mark.dear
@each_part
@pytest.mark.parametrize("name", STREAMS)
def test_readings_come_back_to_the_last_bit(name: str, share: float) -> None:
    stream, back = STREAMS[name]
    for (way, how), sizes in some(itertools.product(WAYS.items(), SIZES), share):
        if name not in DECIMALS and why_not(back, how):
            with pytest.raises(StreamError, match=why_not(back, how)):
                encode(stream, **how, **sizes)
            continue
        files = {encode(stream, engine=engine, **how, **sizes) for engine in INSTALLED}
        assert len(files) == 1, f"{way} {sizes}: the engines write different files"
        data = files.pop()
        if "short" not in how:
            number = part(data, "header").number(data, "transform")
            assert number == (
                1 if "delta" in how else TRANSFORMED[how.get("transform")] if getattr(back, "size", back) else 0
            )
        for engine in INSTALLED:
            assert same(decode(data, engine=engine), back), f"{way} {sizes} {engine}"
            if name in ARRAYS and back.dtype != object:
                assert same(np.load(io.BytesIO(unhuf(data, engine=engine))), back), f"{way} {sizes} {engine}, as a file"


FILES: dict[str, tuple[bytes, dict[str, Any]]] = {
    "ints": (b"100\n105\n105\n-90\n0\n" * 9, {}),
    "63 bits": (b"9223372036854775807\n-9223372036854775808\n0\n9223372036854775806\n", {}),
    "decimals": (b"1.5\n2.0\n-0.3\n0.0\n100000.9\n", {}),
    "many decimals": (b"0.00000001\n0.00000002\n-0.00000001\n", {}),
    "words": (b"on\noff\noff\non\n\n" * 9, {}),
    "no last line end": (b"7\n8\n9", {}),
    "words, no last line end": (b"on\noff\non\non\noff", {}),
    "CR LF": (b"1.5\r\n2.0\r\n1.5\r\n" * 9, {}),
    "many readings": (b"\n".join(b"%d" % (i * i % 997) for i in range(500)), {}),
    "empty lines": (b"\n\n\na\n\n", {}),
    "nothing": (b"", {}),
    "one line": (b"7", {}),
    "a column": (b'day,"level"\r\n1,100.5\r\n2,105.0\r\n3,"100.5"\r\n4,99.0\r\n', {"column": "level"}),
    "a column with an empty cell": (b'day,"level"\n1,100\n2,105\n3,"100"\n4,\n5,100\n', {"column": "level"}),
    "bytes": (bytes(range(250)) * 2 + b"\n", {"raw": True}),
    "npy": (npy_of(np.array([[3, 5, 3], [5, 3, -(2**31)]], ">i4")), {}),
    "npy, Fortran order": (npy_of(np.asfortranarray(np.arange(6).reshape(2, 3))), {}),
    "npy of floats": (npy_of(np.asfortranarray(np.array([[0.5, 2.0], [-0.0, 0.5], [0.5, 0.5]]))), {}),
    "npy, version 2": (npy_of(np.arange(9, dtype=np.uint64), (2, 0)), {}),
}
CELLS = {"a column": b"100.5\n105.0\n100.5\n99.0\n", "a column with an empty cell": b"100\n105\n100\n\n100\n",
         "npy, version 2": npy_of(np.arange(9, dtype=np.uint64))}  # fmt: skip
OF_WORDS = ("words", "words, no last line end", "empty lines", "npy of floats")


@pytest.mark.dear
@each_part
@pytest.mark.parametrize("name", FILES)
def test_a_file_comes_back_byte_for_byte(name: str, share: float) -> None:
    raw, opens = FILES[name]
    for (way, how), sizes in some(itertools.product(WAYS.items(), SIZES), share):
        if name in OF_WORDS and {"delta", "transform", "intervals"} & {*how}:
            with pytest.raises(StreamError, match=r"have no differences|intervals are of ints"):
                huf(raw, opens=opens, **how, **sizes)
            continue
        files = {huf(raw, opens=opens, engine=engine, **how, **sizes) for engine in INSTALLED}
        assert len(files) == 1, f"{way} {sizes}: the engines write different files"
        data, plain = files.pop(), huf(raw, opens=opens)
        for engine in INSTALLED:
            assert unhuf(data, engine=engine) == CELLS.get(name, raw), f"{way} {sizes} {engine}"
            assert same(decode(data, engine=engine), decode(plain)), f"{way} {sizes} {engine}"


@pytest.mark.dear
@pytest.mark.parametrize("k", [1, 2, 3, 6])
def test_any_number_of_readings_comes_back(k: int) -> None:
    stream = np.arange(400, dtype=np.int16) * 7919 % 11
    for count, sizes in itertools.product({0, 1, k - 1, k, k + 1, 2 * k - 1, 50 * k, 50 * k + 1, 331}, SIZES):
        for engine in INSTALLED:
            data = encode(stream[:count], per_codeword=k, engine=engine, **sizes)
            assert same(decode(data, engine=engine), stream[:count]), f"{count} {sizes} {engine}"
            header = part(data, "header")
            assert part(data, "end").number(data, "count") == count
            assert [header.number(data, f) for f in ("code", "parameter")] == ([1, k] if k > 1 and count else [0, 0])


@pytest.mark.dear
@pytest.mark.parametrize("engine", INSTALLED)
def test_many_lanes_blocks_and_symbols_come_back(engine: str) -> None:
    stream = sticky(built_in("nasa"), 30_001, seed=3, persistence=0.99)[0].astype(np.uint8)
    for how in (*WAYS.values(), {"per_codeword": 16}):
        data = encode(stream, engine=engine, lane_size=100, block_size=1000, **how)
        assert same(decode(data, engine=engine), stream)
        assert sum(p.name == "block" for p in walk(data)) == -(-30_001 // how.get("per_codeword", 1) // 1000)
    every = np.random.default_rng(1).permutation(np.repeat(np.arange(65_536, dtype=np.uint16), 2))
    assert same(decode(encode(every, engine=engine), engine=engine), every)


sizes_drawn = st.fixed_dictionaries({"lane_size": st.integers(1, 300), "block_size": st.integers(1, 12)})
engines_drawn = st.sampled_from(INSTALLED)


@settings(max_examples=examples(200))
@given(st.data(), sizes_drawn, engines_drawn)
def test_readings_of_any_kind_come_back_whatever_is_learned(data: Any, sizes: dict[str, int], engine: str) -> None:
    base = data.draw(strategies.labels(min_size=1, max_size=5, unique=True))
    places = data.draw(st.lists(st.integers(0, len(base) - 1), max_size=40))
    repeats = data.draw(st.sampled_from([1, 1, 30]))  # often enough for rows of their own in context
    stream = base.take(np.array(places * repeats, np.int64))
    how = {"context": True} if data.draw(st.booleans()) else {"per_codeword": data.draw(st.integers(1, 6))}
    file = encode(stream, engine=engine, **how, **sizes)
    assert same(decode(file, engine=engine), decode(encode(stream)))


@given(
    st.lists(st.sampled_from([b"", b"0", b"-5", b"100", b"1e3", "\u00e9".encode(), b"\xff"]), max_size=30),
    st.integers(1, 6), sizes_drawn, engines_drawn,
)  # fmt: skip
def test_lines_of_any_text_come_back(lines: list[bytes], k: int, sizes: dict[str, int], engine: str) -> None:
    raw = b"\n".join(lines)
    assert unhuf(huf(raw, per_codeword=k, engine=engine, **sizes), engine=engine) == raw


@settings(max_examples=examples(200))
@given(
    hnp.arrays(
        hnp.integer_dtypes() | hnp.unsigned_integer_dtypes() | hnp.floating_dtypes(sizes=(16, 32, 64))
        | hnp.boolean_dtypes() | hnp.unicode_string_dtypes(max_len=3) | hnp.byte_string_dtypes(max_len=3)
        | hnp.datetime64_dtypes() | hnp.complex_number_dtypes(sizes=(64, 128)),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6),
    )
    | st.text(st.characters(exclude_categories=()))
    | st.binary(),
    sizes_drawn,
)  # fmt: skip
def test_any_array_any_string_and_any_bytes_come_back(stream: Any, sizes: dict[str, int]) -> None:
    assert same(decode(encode(stream, **sizes)), stream)
