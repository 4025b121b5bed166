"""Every engine gives the bits, the index and the symbols of the reference, and refuses what it refuses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from checks import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from one_block import decoded, encoded

from codec.bits import engine as engines
from codec.bits import lane_decoder, lanes, reference
from codec.codes.canonical import kraft_sum
from codec.codes.lengths import huffman_lengths
from codec.errors import DamagedError

FAST = [param for param in ENGINES if param.values != ("reference",)]
each_fast_engine = pytest.mark.parametrize("engine", FAST)
LANES = (1, 2, 3, 7, 8, 9, 31, 63, 64, 65, 100)


@st.composite
def codes(draw: st.DrawFn) -> Any:
    """Code lengths of up to 32 bits: complete, or with holes; some symbols without a codeword."""
    shape = draw(st.sampled_from(["weights", "steep", "splits", "wide"]))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    if shape == "weights":
        weights = draw(st.lists(st.integers(0, 1000), min_size=2, max_size=40).filter(any))
        lengths = huffman_lengths(np.array(weights), 32)
    elif shape == "steep":  # as long as codewords get
        depth = draw(st.integers(2, 32))
        lengths = np.array([*range(1, depth + 1), depth])
    elif shape == "splits":
        leaves = [1, 1]
        for _ in range(draw(st.integers(0, 300))):
            place = int(random.integers(len(leaves)) if random.random() < 0.5 else np.argmax(leaves))
            if leaves[place] < 32:
                leaves[place : place + 1] = [leaves[place] + 1] * 2
        lengths = random.permutation(leaves)
    else:  # more than a byte numbers
        lengths = huffman_lengths(random.integers(1, 10 ** draw(st.integers(1, 6)), draw(st.integers(257, 600))))
    if draw(st.booleans()):  # holes
        lengths = np.where(random.random(len(lengths)) < 0.2, 0, lengths)
        lengths = np.where((random.random(len(lengths)) < 0.2) & (lengths > 0) & (lengths < 32), lengths + 1, lengths)
    if not lengths.any():
        lengths[-1] = 1
    if draw(st.booleans()):
        lengths = np.insert(lengths, random.integers(0, len(lengths), 3), 0)
    return lengths.astype(np.int64)


@st.composite
def jobs(draw: st.DrawFn) -> Any:
    """A code, symbols of it, and a lane size with the end of a lane at, before or behind the end of the symbols."""
    lengths = draw(codes())
    lane = draw(st.sampled_from(LANES))
    count = max(0, lane * draw(st.integers(0, 6)) + draw(st.integers(-1, 1)))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    used = np.flatnonzero(lengths)
    if draw(st.booleans()):  # the source that the code is ideal for
        weights = 2.0 ** -lengths[used]
        symbols = random.choice(used, count, p=weights / weights.sum())
    else:
        symbols = random.choice(used, count)
    return symbols.astype(np.uint8 if len(lengths) <= 256 else np.uint16), lengths, lane


def outcome(engine: Any, *arguments: Any) -> Any:
    try:
        return decoded(engine, *arguments).tolist()
    except DamagedError:
        return DamagedError


def agree(engine: str, symbols: Any, lengths: Any, lane: int) -> None:
    fast = engines.engine(engine)
    payload, lane_bits = encoded(fast, symbols, lengths, lane)
    true_payload, true_lane_bits = encoded(reference, symbols, lengths, lane)
    assert (payload.dtype, lane_bits.dtype) == (np.uint8, np.int64)
    assert payload.tobytes() == true_payload.tobytes()
    assert lane_bits.tolist() == true_lane_bits.tolist()
    found = decoded(fast, payload, lane_bits, len(symbols), lengths, lane)
    assert found.dtype == symbols.dtype
    assert np.array_equal(found, symbols)


def test_the_codes_drawn_are_codes() -> None:
    seen = []

    @settings(max_examples=100, database=None, derandomize=True)
    @given(codes())
    def draw(lengths: Any) -> None:
        assert 0 < kraft_sum(lengths) <= 1 and lengths.max() <= 32
        seen.append((kraft_sum(lengths) == 1, int(lengths.max()), len(lengths) > 256))

    draw()
    assert {complete for complete, _, _ in seen} == {True, False}
    assert {wide for _, _, wide in seen} == {True, False}
    assert max(longest for _, longest, _ in seen) == 32


@each_fast_engine
@settings(max_examples=300, deadline=None)
@given(job=jobs())
def test_an_engine_gives_the_bits_the_index_and_the_symbols_of_the_reference(engine: str, job: Any) -> None:
    agree(engine, *job)


@each_fast_engine
@settings(max_examples=300, deadline=None)
@given(job=jobs(), data=st.data())
def test_an_engine_refuses_the_damage_that_the_reference_refuses(engine: str, job: Any, data: st.DataObject) -> None:
    symbols, lengths, lane = job
    payload, lane_bits = encoded(reference, symbols, lengths, lane)
    payload, lane_bits = payload.copy(), lane_bits.copy()
    count = len(symbols)
    if len(payload):
        for place in data.draw(st.lists(st.integers(0, len(payload) - 1), max_size=3)):
            payload[place] = data.draw(st.integers(0, 255))
        for place in data.draw(st.lists(st.integers(0, len(lane_bits) - 1), max_size=2)):
            lane_bits[place] += data.draw(st.integers(-2, 2))
    arguments = (payload, lane_bits, count, lengths, lane)
    assert outcome(engines.engine(engine), *arguments) == outcome(reference, *arguments)


@each_fast_engine
@settings(max_examples=200, deadline=None)
@given(lengths=codes(), payload=st.binary(min_size=1, max_size=40), data=st.data())
def test_an_engine_makes_of_any_bits_what_the_reference_makes(
    engine: str, lengths: Any, payload: bytes, data: st.DataObject
) -> None:
    count = data.draw(st.integers(0, 60))
    lane = data.draw(st.sampled_from(LANES))
    size = st.integers(0, 8 * len(payload) // max(1, -(-count // lane)))
    lane_bits = np.array([data.draw(size) for _ in range(-(-count // lane))], np.int64)
    arguments = (np.frombuffer(payload, np.uint8), lane_bits, count, lengths, lane)
    assert outcome(engines.engine(engine), *arguments) == outcome(reference, *arguments)


@each_fast_engine
@pytest.mark.parametrize("count", [1, 999, 1000, 1001, (1 << 16) - 1, 1 << 16, (1 << 17) - 1, 1 << 17, (1 << 17) + 1])
@pytest.mark.parametrize("size", [1, 2, 8, 27, 256, 257])
def test_an_engine_agrees_on_either_side_of_its_own_boundaries(engine: str, count: int, size: int) -> None:
    random = np.random.default_rng(count + size)
    weights = np.array([math.ceil(1e9 * 0.97**i) for i in range(size)])
    symbols = random.choice(size, count, p=weights / weights.sum())
    agree(engine, symbols.astype(np.uint8 if size <= 256 else np.uint16), huffman_lengths(weights), 1000)


@each_fast_engine
def test_an_engine_agrees_on_the_largest_alphabet(engine: str) -> None:
    random = np.random.default_rng(1)
    weights = (1e6 / np.arange(1, 65_537) ** 1.2 + 1).astype(np.int64)
    symbols = np.concatenate([np.arange(65_536), random.integers(0, 65_536, 5000)]).astype(np.uint16)
    agree(engine, symbols, huffman_lengths(weights, 32), 1000)


@each_fast_engine
@pytest.mark.parametrize("lane", [1, 127, 128, 1000, 4096, 1 << 24])
def test_an_engine_agrees_for_every_size_of_lanes(engine: str, lane: int) -> None:
    random = np.random.default_rng(lane)
    lengths = np.array([2, 1, 5, 4, 4, 5, 5, 5])
    agree(engine, random.choice(8, 5000, p=2.0**-lengths).astype(np.uint8), lengths, lane)


def test_a_vast_stream_is_decoded_by_pairs_if_few_lie_beyond_the_table() -> None:
    letters = np.array([2, *[4] * 7, *[5] * 6, *[6] * 6, *[7] * 3, 8, 9, 10, 10])
    table = lane_decoder.prepare(letters, lane_decoder.WIDE_PAIRS_FROM)
    assert (table.index_bits, table.group, table.escapes) == (18, 2, True)
    assert lane_decoder.prepare(letters, lane_decoder.WIDE_PAIRS_FROM - 1).group == 1
    assert lane_decoder.prepare(np.full(256, 8), lane_decoder.WIDE_PAIRS_FROM).index_bits == 16  # and none lies beyond
    for many_beyond in (np.full(512, 10), np.array([*range(1, 20), 19])):
        assert lane_decoder.prepare(many_beyond, lane_decoder.WIDE_PAIRS_FROM).group == 1
    symbols = np.random.default_rng(1).integers(0, 27, 30_001).astype(np.uint8)  # with all pairs
    payload, lane_bits = encoded(lanes, symbols, letters, 100)
    assert np.array_equal(lanes.decode(payload, lane_bits, len(symbols), table, 100), symbols)
