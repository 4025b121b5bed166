"""What decoding gives and holds has a limit, exact to the byte, and looked at before memory is taken."""

from __future__ import annotations

import io
import itertools
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from checks import INSTALLED, each_engine, exchange, forge, huf, npy_of, same, unhuf
from shares import some

from codec.codes.prefix import PrefixCode
from codec.coding import decode, encode
from codec.coding.file import decoded, opened, parts_of, restored
from codec.coding.piece import Limit, default_max_output
from codec.errors import DamagedError, OutputLimitError
from codec.readings.origin import Origin

INTS = PrefixCode.from_lengths([100, 105, 110], [1, 2, 3], 3)
STRINGS = PrefixCode.from_lengths(["a", "bc", ""], [1, 2, 3], 3)
BYTES = PrefixCode.from_lengths([b"a", b"\xff\0"], [1, 2], 2)
CHANGES = PrefixCode.from_lengths([0, 1, -1], [1, 2, 3], 3)
SIZES: tuple[dict[str, int], ...] = ({}, {"block_size": 4, "lane_size": 3})
TUPLES: list[dict[str, Any]] = [{"per_codeword": k} for k in (1, 2, 3, 7)]
WAYS = [*TUPLES, {"context": True}]
DELTAS: list[dict[str, Any]] = [{"delta": True, **way} for way in WAYS]

# Readings, the bytes that they take, a code for them if none is learned, and the ways of coding them.
STREAMS: dict[str, tuple[Any, int, PrefixCode | None, list[dict[str, Any]]]] = {
    **{f"{n} ints": (np.cumsum(np.arange(n) % 3).astype(np.int32), 4 * n, None, WAYS + DELTAS) for n in (1, 6, 40, 41)},
    **{f"{n} bytes": (b"abracadabra"[:n] * 9, 9 * n, None, WAYS + DELTAS) for n in (1, 5)},
    "characters": ("a\u00e4b" * 40, 160, None, WAYS),
    "one string": ("\u00e9t\u00e9", 5, None, WAYS),
    "U": (np.array(["ab", "c"]), 16, None, WAYS),
    "nothing": (np.array([]), 0, None, WAYS + DELTAS),
    "strings": (np.array(["ab", "c"], object), 5, None, WAYS),
    "objects, as lines of a text": (np.array([7, -100000, 12345] * 6, object), 16 * 6, None, DELTAS),
    "escapes": (np.arange(10, dtype=np.int16), 20, INTS, [{}]),
    "escaped bytes": (b"abracadabra", 11, PrefixCode.from_lengths([97], [1], 1), [{}]),
    "escaped characters": ("\u00e9a\u00e9", 5, PrefixCode.from_lengths(["a"], [1], 1), [{}]),
    "escaped U": (np.array(["a", "xyz"]), 24, STRINGS, [{}]),
    "escaped strings": (np.array(["a", "xyz"], object), 6, STRINGS, [{}]),
    "escaped differences": (np.array([1, 10**6, 5, 4, -77] * 5, np.int32), 100, CHANGES, [{"delta": True}]),
}  # fmt: skip


each_part = pytest.mark.parametrize("share", [0.3, pytest.param(1.0, marks=pytest.mark.slow)])


@pytest.mark.dear
@each_part
@pytest.mark.parametrize("name", STREAMS)
def test_readings_may_take_what_they_take_and_not_one_byte_less(name: str, share: float) -> None:
    stream, size, code, ways = STREAMS[name]
    for way, sizes, engine in some(itertools.product(ways, SIZES, INSTALLED), share):
        data = encode(stream, code, **way, **sizes)
        assert same(decode(data, max_output=size, engine=engine), stream), f"{way} {sizes} {engine}"
        unhuf(data, engine=engine, max_output=size)
        for limit in {size - 1, size // 2, 0} - {size, -1}:
            for read in (decode, unhuf):
                with pytest.raises(OutputLimitError, match=rf"limit of {limit:,} bytes?.*max_output"):
                    read(data, max_output=limit, engine=engine)


TEXTS = {
    "short lines": b"1\n2\n3\n4\n3\n2\n" * 9,
    "lines of many sizes": b"".join(b"%d\n" % (10 ** (i % 4) - 5) for i in range(41)),
    "decimals": b"".join(b"%d.%d\n" % (i, i % 10) for i in range(95, 125)),
    "CR LF": b"9\r\n10\r\n11\r\n" * 9,
    "one line": b"-100000\n",
    "long lines": b"".join(b"%d\n" % (10**12 + i % 3) for i in range(50)),
    "escapes": b"1\n1000000\n1000001\n5\n4\n-77\n" * 5,
}


@pytest.mark.dear
@each_part
@pytest.mark.parametrize("name", TEXTS)
def test_a_text_may_take_what_it_takes_and_not_one_byte_less(name: str, share: float) -> None:
    text, code = TEXTS[name], CHANGES if name == "escapes" else None
    ways = [{"delta": True}] if code else WAYS + DELTAS
    for way, sizes, engine in some(itertools.product(ways, SIZES, INSTALLED), share):
        data = huf(text, code, **way, **sizes)
        assert unhuf(data, engine=engine, max_output=len(text)) == text, f"{way} {sizes} {engine}"
        decode(data, max_output=len(text), engine=engine)
        for limit in {len(text) - 1, len(text) // 2, 1, 0}:
            for read in (unhuf, decode) if "delta" in way else (unhuf,):
                with pytest.raises(OutputLimitError, match=f"more than the limit of {limit:,} byte"):
                    read(data, max_output=limit, engine=engine)


def peak_of(call: Callable[[], Any], error: type[Exception]) -> int:
    """The most memory, in bytes, that is taken while a call fails."""
    tracemalloc.start()
    try:
        with pytest.raises(error):
            call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


SAME = 64 * 100_000  # readings so alike that 64 of them are one bit
WIDE: dict[str, tuple[bytes, int]] = {
    "wide labels": (encode(np.repeat(np.array(["a", "b"], "U1000"), 10_000)), 1 << 22),
    "64 in a codeword": (encode(np.zeros(SAME, np.uint8), per_codeword=64), SAME - 1),
    "differences of lines": (huf(b"7\n" * SAME, delta=True, per_codeword=64), 2 * SAME - 1),
    "differences": (huf(npy_of(np.full(SAME, 7, np.uint8)), delta=True, per_codeword=64), SAME - 1),
    "raw values": (exchange(encode(np.array([b"a", b"q"] * 500), PrefixCode.from_lengths([b"a"], [1], 1)),
                            "origin", Origin("array", "|S1000000", (1000,)).pack()), 1 << 27),
}  # fmt: skip


@each_engine
@pytest.mark.parametrize("name", WIDE)
def test_the_limit_is_looked_at_before_the_readings_take_memory(name: str, engine: str) -> None:
    data, limit = WIDE[name]
    assert len(data) < 14_000
    for loaded in (encode(b"ab" * 9), encode(b"a" * 64, per_codeword=64), huf(b"7\n7\n", delta=True)):
        unhuf(loaded, engine=engine)  # what is loaded once
    for read in (decode, unhuf):
        assert peak_of(partial(read, data, max_output=limit, engine=engine), OutputLimitError) < 5_000_000


def test_forged_types_shapes_and_sizes_are_refused_before_memory_is_taken() -> None:
    def of_type(name: str, shape: tuple[int, ...] = (3,), code: Any = None, letters: str = "abc") -> bytes:
        array = np.array(list(letters)) if name[1] == "U" else np.array([letter.encode() for letter in letters])
        return exchange(encode(array, code), "origin", Origin("array", name, shape).pack())

    for code in (None, BYTES):
        for name in ("|S999999999", "|S268435456", "<U249999999"):
            own = STRINGS if code and "U" in name else code
            data = of_type(name, code=own, letters="aqa" if code else "abc")
            for read in (decode, unhuf):
                assert peak_of(partial(read, data, max_output=1 << 20), OutputLimitError) < 1 << 20
            if "999999" in name:
                assert peak_of(partial(decode, data), OutputLimitError) < 1 << 20
    # One reading of a forged type, and a table of 1,000 labels that would each take as much.
    code = PrefixCode.from_lengths([b"%d" % i for i in range(1000)], [10] * 1000)
    data = of_type("|S9999999", (1,), code, "5")
    assert peak_of(partial(decode, data), OutputLimitError) < 1 << 22
    assert peak_of(partial(unhuf, data, max_output=1 << 28), OutputLimitError) < 1 << 22
    for shape in ((2**40,), (2**31, 2**31), (0, 5), (), (4,), (2, 2)):
        data = exchange(encode(np.arange(3)), "origin", Origin("array", "<i8", shape).pack())
        for read in (decode, unhuf):
            assert peak_of(partial(read, data), DamagedError) < 1 << 20
    for field in ("count", "payload bits", "extra size"):
        data = forge(encode(np.arange(30)), "block", field, 2**32 - 1)
        assert peak_of(partial(decode, data), DamagedError) < 1 << 20


@pytest.mark.slow
@each_engine
def test_the_second_block_of_long_lines_is_refused_before_a_third_takes_memory(engine: str) -> None:
    data = huf(b"1000000000000\n" * 300_000, delta=True, block_size=1000)
    given = []
    file = opened(io.BytesIO(data), engine=engine)
    with pytest.raises(OutputLimitError):
        for _, _, readings in restored(file, decoded(file, parts_of(file)), Limit(2 * 14_000)):
            given.append(sum(len(piece.symbols) for piece in readings))
    assert given == [1000, 1000]


def test_by_default_no_output_is_refused_below_a_gibibyte_or_256_times_the_file() -> None:
    assert default_max_output(0) == 1 << 30
    assert default_max_output(1 << 24) == 1 << 32
