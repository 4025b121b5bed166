"""The NumPy engine against a slow and obvious one."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from bitarray import bitarray
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from one_block import decoded, encoded

from codec.bits import lane_decoder, lane_encoder, lanes
from codec.bits.decode_table import build_decode_table
from codec.codes.canonical import canonical_codewords
from codec.errors import DamagedError

SMALL = np.array([2, 1, 3, 3])


@pytest.fixture(params=["by jumps", "in step", "large tables", "pairs"], autouse=True, scope="module")
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Decode everything in every way, whichever the number of lanes and of symbols would suggest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lane_decoder, "JUMP_COST", 0.0 if request.param == "by jumps" else 1e9)
        if request.param == "large tables":
            patch.setattr(lane_decoder, "LARGE_TABLE_FROM", 0)
            patch.setattr(lane_encoder, "PAIRED_ENCODING_FROM", 0)
        if request.param == "pairs":  # of which many have to be decoded in two steps
            patch.setattr(lane_decoder, "WIDE_PAIRS_FROM", 0)
            patch.setattr(lane_decoder, "MAX_PAIRS_WIDTH", 9)
            patch.setattr(lane_decoder, "MAX_SLOW_PAIRS", 1.0)
        yield


def oracle_codewords(lengths: NDArray[Any]) -> dict[int, bitarray]:
    """The canonical code, counted up as RFC 1951 says."""
    codewords: dict[int, bitarray] = {}
    code = previous = 0
    for length, symbol in sorted((int(n), s) for s, n in enumerate(lengths) if n):
        code <<= length - previous
        codewords[symbol] = bitarray(format(code, f"0{length}b"))
        code += 1
        previous = length
    return codewords


def oracle_encode(symbols: NDArray[Any], lengths: NDArray[Any], lane: int) -> tuple[bytes, list[int]]:
    codewords = oracle_codewords(lengths)
    bits = bitarray(endian="big")
    bits.encode(codewords, symbols.tolist())
    bits.fill()
    sizes = [int(lengths[s]) for s in symbols]
    return bits.tobytes(), [sum(sizes[i : i + lane]) for i in range(0, len(sizes), lane)]


def oracle_decode(
    payload: bytes, lane_bits: list[int], count: int, lengths: NDArray[Any], lane: int
) -> list[int] | None:
    """The symbols, one bit after the other; None if the lanes are not what was promised."""
    if len(lane_bits) != -(-count // lane) or any(n < 0 for n in lane_bits) or sum(lane_bits) > 8 * len(payload):
        return None
    symbol_of = {word.to01(): symbol for symbol, word in oracle_codewords(lengths).items()}
    stream = bitarray(endian="big")
    stream.frombytes(payload)
    bits = stream.to01()
    symbols: list[int] = []
    start = 0
    for number, size in enumerate(lane_bits):
        wanted = min(lane, count - number * lane)
        found = 0
        prefix = ""
        for bit in bits[start : start + size]:
            prefix += bit
            if len(prefix) > 32:
                return None
            if prefix in symbol_of:
                symbols.append(symbol_of[prefix])
                found += 1
                prefix = ""
        if prefix or found != wanted:
            return None
        start += size
    return symbols


def check(symbols: NDArray[Any], lengths: NDArray[Any], lane: int) -> None:
    payload, lane_bits = encoded(lanes, symbols, lengths, lane)
    expected_payload, expected_bits = oracle_encode(symbols, lengths, lane)
    assert payload.dtype == np.uint8 and lane_bits.dtype == np.int64
    assert payload.tobytes() == expected_payload
    assert lane_bits.tolist() == expected_bits
    found = decoded(lanes, payload, lane_bits, len(symbols), lengths, lane)
    assert found.dtype == (np.uint8 if len(lengths) <= 256 else np.uint16)
    assert np.array_equal(found, symbols)


def agree(payload: bytes, lane_bits: list[int], count: int, lengths: NDArray[Any], lane: int) -> None:
    expected = oracle_decode(payload, lane_bits, count, lengths, lane)
    sizes = np.array(lane_bits, np.int64)
    if expected is None:
        with pytest.raises(DamagedError):
            decoded(lanes, payload, sizes, count, lengths, lane)
    else:
        assert decoded(lanes, payload, sizes, count, lengths, lane).tolist() == expected


@st.composite
def codes(draw: st.DrawFn, longest: int = 32) -> NDArray[Any]:
    """Leaves of a random tree, some dropped, given to symbols in any order, between unused symbols."""
    leaves = [0]
    for _ in range(draw(st.integers(0, 40))):
        which = draw(st.integers(0, len(leaves) - 1))
        if draw(st.booleans()):
            which = len(leaves) - 1  # so that long codewords come up
        if leaves[which] < longest:
            leaves[which : which + 1] = [leaves[which] + 1] * 2
    if leaves == [0]:
        leaves = [draw(st.integers(1, longest))]
    for _ in range(draw(st.integers(0, 2))):
        if len(leaves) > 1:
            leaves.pop(draw(st.integers(0, len(leaves) - 1)))
    size = draw(st.sampled_from([len(leaves), len(leaves) + 3, 256, 257, 300]))
    size = max(size, len(leaves))
    places = draw(st.lists(st.integers(0, size - 1), min_size=len(leaves), max_size=len(leaves), unique=True))
    lengths = np.zeros(size, np.int64)
    lengths[places] = leaves
    return lengths


def draw_symbols(lengths: NDArray[Any], count: int, seed: int, ideal: bool) -> NDArray[Any]:
    used = np.flatnonzero(lengths)
    weights = 0.5 ** lengths[used] if ideal else np.ones(len(used))
    rng = np.random.default_rng(seed)
    dtype = np.uint8 if len(lengths) <= 256 else np.uint16
    return rng.choice(used, count, p=weights / weights.sum()).astype(dtype)


@settings(max_examples=300, deadline=None)
@given(
    codes(),
    st.integers(0, 200),
    st.integers(0, 1 << 30),
    st.booleans(),
    st.sampled_from([1, 2, 3, 7, 8, 9, 16, 64, 500]),
)
def test_round_trip(lengths: NDArray[Any], count: int, seed: int, ideal: bool, lane: int) -> None:
    check(draw_symbols(lengths, count, seed, ideal), lengths, lane)


@settings(max_examples=400, deadline=None)
@given(
    codes(longest=20),
    st.integers(1, 60),
    st.integers(0, 1 << 30),
    st.sampled_from([1, 3, 8, 11, 16, 100]),
    st.data(),
)
def test_forged(lengths: NDArray[Any], count: int, seed: int, lane: int, data: st.DataObject) -> None:
    symbols = draw_symbols(lengths, count, seed, True)
    payload, lane_bits = oracle_encode(symbols, lengths, lane)
    forged = bytearray(payload)
    kind = data.draw(st.sampled_from(["flip", "bits", "move", "cut", "count", "random"]))
    if kind == "flip":
        bit = data.draw(st.integers(0, 8 * len(forged) - 1))
        forged[bit // 8] ^= 128 >> bit % 8
    elif kind == "bits":
        place = data.draw(st.integers(0, len(lane_bits) - 1))
        lane_bits[place] += data.draw(st.integers(-9, 9))
    elif kind == "move" and len(lane_bits) > 1:
        step = data.draw(st.integers(-9, 9))
        lane_bits[0] += step
        lane_bits[1] -= step
    elif kind == "cut":
        del forged[data.draw(st.integers(0, len(forged))) :]
    elif kind == "count":
        count = max(0, count + data.draw(st.integers(-20, 20)))
    else:
        forged = bytearray(data.draw(st.binary(min_size=len(forged), max_size=len(forged))))
    agree(bytes(forged), lane_bits, count, lengths, lane)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=12), st.lists(st.integers(-3, 40), max_size=5), st.integers(0, 12), st.integers(1, 5))
def test_anything_small(payload: bytes, lane_bits: list[int], count: int, lane: int) -> None:
    for lengths in (SMALL, np.array([1]), np.array([2, 2, 2]), np.array([0, 0])):
        agree(payload, lane_bits, count, lengths, lane)


def test_all_short_payloads_are_judged_as_by_the_oracle() -> None:
    for lengths in (SMALL, np.array([2, 0, 2, 3])):
        for bits, count, lane in itertools.product(range(10), range(6), (1, 2, 8)):
            if count and lane >= count:
                for value in range(1 << bits):
                    payload = (value << 16 - bits).to_bytes(2, "big")
                    agree(payload, [bits], count, lengths, lane)


@pytest.mark.parametrize("lane", [1, 7, 8, 9, 1000])
@pytest.mark.parametrize("lengths", [SMALL, np.full(300, 9), np.array([1]), np.r_[1:33, 32]])
def test_boundary_sizes(lengths: NDArray[Any], lane: int) -> None:
    for count in sorted({0, 1, 2, 7, 8, 9, lane - 1, lane, lane + 1, 2 * lane - 1, 2 * lane, 2 * lane + 1}):
        check(draw_symbols(lengths, count, count, False), lengths, lane)


@pytest.mark.parametrize("offset", range(64))
def test_every_bit_offset(offset: int) -> None:
    lengths = np.array([1, 31, 32, 32, 0, 2])
    symbols = np.r_[np.zeros(offset, np.uint8), [2, 3, 1, 2, 5] * 5].astype(np.uint8)
    for lane in (1, 5, 8, offset + 1):
        check(symbols, lengths, lane)


@pytest.mark.parametrize("length", [1, 7])
def test_no_codeword_as_the_last_of_any_number_of_bits(length: int) -> None:
    lengths = np.array([length])
    for count in range(1, 200):
        for lane in (1, 8, 13, count):
            lane_bits = np.full(-(-count // lane), lane)
            lane_bits[-1] = count - lane * (len(lane_bits) - 1)
            lane_bits *= length
            payload = np.zeros(-(-length * count // 8), np.uint8)
            assert not decoded(lanes, payload, lane_bits, count, lengths, lane).any()
            payload[-1] = 128 >> (length * count - 1) % 8
            with pytest.raises(DamagedError):
                decoded(lanes, payload, lane_bits, count, lengths, lane)


@pytest.mark.parametrize("size", [257, 4096, 65535, 65536])
def test_wide_alphabets(size: int) -> None:
    depth = (size - 1).bit_length()
    lengths = np.full(size, depth)
    lengths[:5] += [0, 1, 2, 3, 3] if size < 1 << depth else 0
    check(draw_symbols(lengths, 5000, size, False), lengths, 96)


@pytest.mark.parametrize("longest", [5, 11, 13, 20, 32])
def test_long_streams_cross_chunks(longest: int) -> None:
    lengths = np.r_[1 : longest + 1, longest]
    symbols = draw_symbols(lengths, 400_001, longest, True)
    symbols[::997] = longest
    check(symbols, lengths, 1000)


def test_payload_kinds_and_prepared_tables() -> None:
    symbols = draw_symbols(SMALL, 999, 1, True)
    payload, lane_bits = lanes.encode(symbols[::1], lane_encoder.build_encode_table(SMALL, 999), 100)
    table = lane_decoder.prepare(SMALL, 999)
    unaligned = np.r_[np.uint8(0), payload][1:]
    for kind in (bytes(payload), memoryview(bytes(payload)), bytearray(payload), payload, unaligned):
        assert np.array_equal(lanes.decode(kind, lane_bits, 999, table, 100), symbols)
    twice = np.repeat(symbols, 2)
    assert encoded(lanes, twice[::2], SMALL, 100)[0].tobytes() == payload.tobytes()
    assert encoded(lanes, np.r_[np.uint8(0), symbols][1:], SMALL, 100)[0].tobytes() == payload.tobytes()


def test_impossible_lane_bits() -> None:
    for bad in ([2**62, 2**62], [-1, 5], [1.0, 2.0], [[1, 2]]):
        with pytest.raises(DamagedError):
            decoded(lanes, b"abc", np.array(bad), 4, SMALL, 2)
    with pytest.raises(DamagedError):
        decoded(lanes, b"abc", np.array([2**64 - 1, 1], np.uint64), 4, SMALL, 2)
    with pytest.raises(DamagedError):
        decoded(lanes, b"abc", np.array([20]), 2**60, SMALL, 2**60)


@settings(max_examples=200, deadline=None)
@given(codes(), st.integers(1, 14), st.integers(1, 3))
def test_table_entries(lengths: NDArray[Any], index_bits: int, group: int) -> None:
    table = build_decode_table(lengths, index_bits, group)
    symbol_of = {word.to01(): symbol for symbol, word in oracle_codewords(lengths).items()}
    assert [int(c) for c in canonical_codewords(lengths)[sorted(symbol_of.values())]] == [
        int(word, 2) for word, _ in sorted(symbol_of.items(), key=lambda item: item[1])
    ]
    for index in range(0, 1 << index_bits, max(1, (1 << index_bits) // 97)):
        symbols: list[int] = []
        prefix = ""
        used = 0
        for place, bit in enumerate(format(index, f"0{index_bits}b")):
            prefix += bit
            if prefix in symbol_of and len(symbols) < group:
                symbols.append(symbol_of[prefix])
                prefix = ""
                used = place + 1
        entry = int(table.entries[index])
        assert (entry >> 59, entry >> 56 & 7) == (used, len(symbols))
        mask = (1 << table.symbol_bits) - 1
        assert [entry >> table.symbol_bits * i & mask for i in range(len(symbols))] == symbols
        assert table.escapes or symbols
