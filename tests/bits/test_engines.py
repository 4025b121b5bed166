"""Every engine against a slow oracle: it gives the same bits and symbols, and refuses the same damage."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from checks import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from one_block import codes, decoded, draw_symbols, encoded, oracle_decode, oracle_encode, words_of
from strategies import examples

from codec.bits import engine, lane_decoder, lane_encoder, lanes, reference
from codec.bits.decode_table import build_decode_table
from codec.codes.canonical import canonical_codewords, kraft_sum
from codec.errors import DamagedError

SMALL = np.array([2, 1, 3, 3])
SEEDS = st.integers(0, 2**32 - 1)
LANES = st.sampled_from([1, 2, 3, 7, 8, 9, 16, 50, 64, 97, 500])
WAYS = ("in turn", "in step", "large tables", "pairs")  # of the engine `lanes`
OTHERS = [param for param in ENGINES if param.values != ("lanes",)]


@pytest.fixture(params=[*WAYS, *OTHERS], scope="module")
def coder(request: pytest.FixtureRequest) -> Iterator[Any]:
    """An engine; `lanes` in each of its ways, whichever the number of lanes and of symbols would suggest."""
    if request.param not in WAYS:
        yield engine.engine(request.param)
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lane_decoder, "FEW_LANES", 1 << 40 if request.param == "in turn" else 0)
        if request.param == "large tables":
            patch.setattr(lane_decoder, "LARGE_TABLE_FROM", 0)
            patch.setattr(lane_encoder, "PAIRED_ENCODING_FROM", 0)
        if request.param == "pairs":  # of which many have to be decoded in two steps
            patch.setattr(lane_decoder, "WIDE_PAIRS_FROM", 0)
            patch.setattr(lane_decoder, "MAX_PAIRS_WIDTH", 9)
            patch.setattr(lane_decoder, "MAX_SLOW_PAIRS", 1.0)
        yield lanes


def check(coder: Any, symbols: Any, lengths: Any, lane: int) -> tuple[Any, Any]:
    """Symbols become the bits of the oracle, and come back."""
    payload, lane_bits = encoded(coder, symbols, lengths, lane)
    expected, expected_bits = oracle_encode(symbols, lengths, lane)
    assert (payload.dtype, lane_bits.dtype) == (np.uint8, np.int64)
    assert payload.tobytes() == expected and lane_bits.tolist() == expected_bits
    found = decoded(coder, payload, lane_bits, len(symbols), lengths, lane)
    assert found.dtype == (np.uint8 if len(lengths) <= 256 else np.uint16)
    assert np.array_equal(found, symbols)
    return payload.copy(), lane_bits.copy()


def agree(coder: Any, payload: Any, lane_bits: Any, count: int, lengths: Any, lane: int) -> None:
    """What the oracle reads is read, and what it refuses is refused."""
    expected, sizes = oracle_decode(payload, list(map(int, lane_bits)), count, lengths, lane), np.array(lane_bits)
    try:
        found = decoded(coder, bytes(payload), sizes.astype(np.int64), count, lengths, lane).tolist()
    except DamagedError:
        found = None
    assert found == expected


def test_the_codes_drawn_are_codes() -> None:
    seen = []

    @settings(max_examples=examples(100), database=None, derandomize=True)
    @given(codes())
    def draw(lengths: Any) -> None:
        assert 0 < kraft_sum(lengths) <= 1 and lengths.max() <= 32
        seen.append((kraft_sum(lengths) == 1, int(lengths.max()), len(lengths) > 256))

    draw()
    assert {complete for complete, _, _ in seen} == {True, False}
    assert {wide for _, _, wide in seen} == {True, False}
    assert max(longest for _, longest, _ in seen) == 32


@settings(max_examples=examples(200), deadline=None)
@given(codes(), st.integers(0, 700), SEEDS, st.booleans(), LANES)
def test_any_symbols_come_back(coder: Any, lengths: Any, count: int, seed: int, ideal: bool, lane: int) -> None:
    check(coder, draw_symbols(lengths, count, seed, ideal), lengths, lane)


DAMAGES = ("flip", "noise", "bits", "move", "any bits", "huge", "cut", "grow", "count")


@pytest.mark.dear
@settings(max_examples=examples(300), deadline=None)
@given(codes(), st.integers(1, 300), SEEDS, st.booleans(), LANES, st.sampled_from(DAMAGES))
def test_any_damage_is_judged_as_by_the_oracle(
    coder: Any, lengths: Any, count: int, seed: int, ideal: bool, lane: int, damage: str
) -> None:
    payload, sizes = oracle_encode(draw_symbols(lengths, count, seed, ideal), lengths, lane)
    forged, lane_bits, chance = bytearray(payload), np.array(sizes, np.int64), np.random.default_rng(seed)
    if damage == "flip":
        for _ in range(chance.integers(1, 4)):
            forged[chance.integers(len(forged))] ^= 1 << int(chance.integers(8))
    elif damage == "noise":
        forged = bytearray(chance.bytes(len(forged)))
    elif damage == "bits":
        lane_bits[chance.integers(len(lane_bits))] += chance.integers(-40, 41)
    elif damage == "move":
        step = chance.integers(1, 10)
        lane_bits[0] += step
        lane_bits[-1] -= step
    elif damage == "any bits":
        lane_bits = chance.integers(0, 50, len(lane_bits))
    elif damage == "huge":
        lane_bits[:] = chance.choice([2**62, 2**63 - 1, -(2**63), 2**40])
    elif damage == "cut":
        del forged[chance.integers(len(forged) + 1) :]
    elif damage == "grow":
        forged += chance.bytes(20)
    else:
        count = max(0, count + int(chance.integers(-20, 21)))
    agree(coder, forged, lane_bits, count, lengths, lane)


@settings(max_examples=examples(200), deadline=None)
@given(st.binary(max_size=12), st.lists(st.integers(-3, 40), max_size=5), st.integers(0, 12), st.integers(1, 5))
def test_anything_small(coder: Any, payload: bytes, lane_bits: list[int], count: int, lane: int) -> None:
    for lengths in (SMALL, np.array([1]), np.array([2, 2, 2]), np.array([0, 0])):
        agree(coder, payload, lane_bits, count, lengths, lane)


@pytest.mark.dear
@pytest.mark.parametrize("share", [0.1, pytest.param(1.0, marks=pytest.mark.slow)])
def test_all_short_payloads_are_judged_as_by_the_oracle(coder: Any, share: float) -> None:
    chance = random.Random(1)
    for lengths, bits, count, lane in itertools.product(
        (SMALL, np.array([2, 0, 2, 3])), range(10), range(1, 6), (1, 2, 8)
    ):
        for value in range(1 << bits) if lane >= count else ():
            if chance.random() < share:
                agree(coder, (value << 16 - bits).to_bytes(2, "big"), [bits], count, lengths, lane)


@pytest.mark.dear
@pytest.mark.parametrize("lane", [1, 7, 8, 9, 12, 1000, 10**6])
def test_sizes_at_every_boundary(coder: Any, lane: int) -> None:
    for lengths in (SMALL, np.full(300, 9), np.array([1]), np.r_[1:33, 32]):
        for count in {0, 1, 2, 7, 8, 9, 63, 64, 65, 255, 256, 257, *(k * lane + i for k in (1, 2) for i in (-1, 0, 1))}:
            if count <= 2001:
                check(coder, draw_symbols(lengths, count, count, False), lengths, lane)


@pytest.mark.dear
def test_every_bit_offset(coder: Any) -> None:
    lengths = np.array([1, 31, 32, 32, 0, 2])
    for offset in range(64):
        symbols = np.r_[np.zeros(offset, np.uint8), [2, 3, 1, 2, 5] * 5].astype(np.uint8)
        for lane in (1, 5, 8, offset + 1):
            check(coder, symbols, lengths, lane)


@pytest.mark.parametrize("last", [0, 32])
def test_the_longest_codewords_at_every_offset(coder: Any, last: int) -> None:
    """Codewords of 1..32 bits; runs of the one of one bit move the longest to every bit of a byte."""
    lengths = np.array([*range(1, 33), last])
    symbols = np.concatenate([[0] * k + [31, 30, 13, 14] for k in range(70)] * 3).astype(np.uint8)
    payload, lane_bits = check(coder, symbols, lengths, 997)
    payload[len(payload) // 2 :][:5] = 255
    agree(coder, payload, lane_bits, len(symbols), lengths, 997)


@pytest.mark.dear
def test_no_codeword_as_the_last_of_any_number_of_bits(coder: Any) -> None:
    for length, count in itertools.product((1, 7), range(1, 200, 3)):
        lengths = np.array([length])
        for lane in (1, 8, 13, count):
            lane_bits = np.full(-(-count // lane), lane)
            lane_bits[-1] = count - lane * (len(lane_bits) - 1)
            lane_bits *= length
            payload = np.zeros(-(-length * count // 8), np.uint8)
            assert not decoded(coder, payload, lane_bits, count, lengths, lane).any()
            payload[-1] = 128 >> (length * count - 1) % 8
            with pytest.raises(DamagedError):
                decoded(coder, payload, lane_bits, count, lengths, lane)


@pytest.mark.parametrize("size", [257, 5000, *(pytest.param(n, marks=pytest.mark.slow) for n in (4096, 65535, 65536))])
def test_wide_alphabets(coder: Any, size: int) -> None:
    depth = (size - 1).bit_length()
    flat = np.full(size, depth)
    flat[:5] += [0, 1, 2, 3, 3] if size < 1 << depth else 0
    steps = np.minimum(np.arange(size) // 20 + 4, 16 if size < 60_000 else 17)
    for lengths in (flat, np.where(np.cumsum(0.5**steps) <= 1, steps, 0)):
        symbols = draw_symbols(lengths, 5000, size, False)
        payload, lane_bits = check(coder, symbols, lengths, 96)
        payload[3 * len(payload) // 4] ^= 16
        agree(coder, payload, lane_bits, len(symbols), lengths, 96)


@pytest.mark.dear
@pytest.mark.parametrize("longest", [1, 5, 11, 13, 20, 32])
def test_long_streams_cross_chunks(coder: Any, longest: int) -> None:
    lengths = np.r_[1 : longest + 1, longest]
    symbols = draw_symbols(lengths, 400_001, longest, True)
    symbols[::997] = longest
    payload, lane_bits = encoded(coder, symbols, lengths, 1000)
    assert (payload.tobytes(), lane_bits.tolist()) == oracle_encode(symbols, lengths, 1000)
    assert np.array_equal(decoded(coder, payload, lane_bits, len(symbols), lengths, 1000), symbols)


def test_lanes_that_run_into_the_end_of_the_payload(coder: Any) -> None:
    lengths, symbols = np.array([1, 14, 14, 13]), np.tile(np.array([1, 2, 3], np.uint8), 400)
    payload, own = check(coder, symbols, lengths, 100)
    ones = np.full(len(payload), 0xFF, np.uint8)
    for cut in range(12):
        lane_bits = own.copy()
        lane_bits[-1] -= 8 * cut
        agree(coder, payload[: len(payload) - cut], lane_bits, len(symbols), lengths, 100)
        agree(coder, ones, lane_bits, len(symbols), lengths, 100)
    agree(coder, ones, np.full(12, 12), len(symbols), lengths, 100)


def test_payloads_of_every_type_and_symbols_in_any_order_in_memory(coder: Any) -> None:
    symbols = draw_symbols(SMALL, 999, 1, True)
    payload, lane_bits = encoded(coder, symbols, SMALL, 100)
    table, buffer = coder.prepare_decode(SMALL, 999), b"x" + payload.tobytes()
    for kind in (
        payload,
        bytes(payload),
        bytearray(payload),
        memoryview(buffer)[1:],
        np.frombuffer(buffer, np.uint8)[1:],
    ):
        assert np.array_equal(coder.decode(kind, lane_bits, 999, table, 100), symbols)
    for other in (np.repeat(symbols, 2)[::2], np.r_[np.uint8(0), symbols][1:]):
        assert encoded(coder, other, SMALL, 100)[0].tobytes() == payload.tobytes()


def test_impossible_lane_bits(coder: Any) -> None:
    numbers = [[2**62, 2**62], [-1, 5], np.array([2**64 - 1, 1], np.uint64)]
    for bad in numbers if coder is reference else [*numbers, [1.0, 2.0], [[1, 2]]]:
        with pytest.raises(DamagedError):
            decoded(coder, b"abc", np.array(bad), 4, SMALL, 2)
    with pytest.raises(DamagedError):
        decoded(coder, b"abc", np.array([20]), 2**60, SMALL, 2**60)
    with pytest.raises(DamagedError):
        decoded(coder, b"\xff", np.array([1]), 1, np.zeros(3, int), 7)


@settings(max_examples=examples(200), deadline=None)
@given(codes(), st.integers(1, 14), st.integers(1, 3))
def test_table_entries(lengths: Any, index_bits: int, group: int) -> None:
    table = build_decode_table(lengths, index_bits, group)
    words = words_of(lengths)
    symbol_of = {word: symbol for symbol, word in words.items()}
    assert [int(canonical_codewords(lengths)[symbol]) for symbol in words] == [int(word, 2) for word in words.values()]
    for index in range(0, 1 << index_bits, max(1, (1 << index_bits) // 97)):
        symbols: list[int] = []
        prefix, used = "", 0
        for place, bit in enumerate(format(index, f"0{index_bits}b")):
            prefix += bit
            if prefix in symbol_of and len(symbols) < group:
                symbols.append(symbol_of[prefix])
                prefix, used = "", place + 1
        entry = int(table.entries[index])
        assert (entry >> 59, entry >> 56 & 7) == (used, len(symbols))
        mask = (1 << table.symbol_bits) - 1
        assert [entry >> table.symbol_bits * i & mask for i in range(len(symbols))] == symbols
        assert table.escapes or symbols
