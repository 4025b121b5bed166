"""Long streams: every engine gives the bits, the index and the symbols of the reference."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from checks import ENGINES
from one_block import decoded, encoded

from codec.bits import engine as engines
from codec.bits import lane_decoder, lanes, reference
from codec.codes.lengths import huffman_lengths

FAST = [param for param in ENGINES if param.values != ("reference",)]
each_fast_engine = pytest.mark.parametrize("engine", FAST)


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
