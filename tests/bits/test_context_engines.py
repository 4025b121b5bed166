"""Coding in context: every engine gives the bits and the symbols of the reference, and refuses what it refuses."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from bitarray import bitarray
from checks import ENGINES, each_engine
from context_codes import SHAPES, SHARED, bits_by_hand, codes, draw_symbols, in_rows, lengths_of_row, random_code
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shares import mostly_slow
from strategies import examples

from codec.bits import context_table, engine, lane_context, reference
from codec.bits.context_table import MAX_CELLS, build_context_codewords, build_context_table
from codec.codes.context import ContextCode
from codec.errors import DamagedError

FAST = [param for param in ENGINES if param.values != ("reference",)]
each_fast_engine = pytest.mark.parametrize("name", FAST)
LANES = (1, 2, 7, 64)
SEEDS = st.integers(0, 2**32 - 1)
RELAXED = settings(deadline=None, suppress_health_check=list(HealthCheck))


def encoded(name: str, symbols: Any, code: ContextCode, lane: int) -> tuple[Any, Any]:
    module = engine.engine(name)
    return module.encode_context(symbols, module.prepare_encode_context(code, len(symbols)), lane)


def decoded(
    name: str, payload: Any, lane_bits: Any, count: int, code: ContextCode, lane: int, expected: int = 1 << 20
) -> Any:
    module = engine.engine(name)
    return module.decode_context(payload, lane_bits, count, module.prepare_decode_context(code, expected), lane)


def outcome(*arguments: Any) -> Any:
    try:
        return decoded(*arguments).tolist()
    except DamagedError:
        return DamagedError


def agree(name: str, symbols: Any, code: ContextCode, lane: int) -> None:
    """The bits are the codewords picked by hand, and the symbols come back, by a large table and by a small one."""
    by_hand = bits_by_hand(code, symbols.tolist(), lane)
    payload, lane_bits = encoded(name, symbols, code, lane)
    assert (payload.dtype, lane_bits.dtype) == (np.uint8, np.int64)
    assert payload.tobytes() == bitarray("".join(by_hand)).tobytes()
    assert lane_bits.tolist() == [len(bits) for bits in by_hand]
    for expected in (len(symbols), 1 << 20):
        back = decoded(name, payload, lane_bits, len(symbols), code, lane, expected)
        assert back.dtype == (np.uint8 if len(code) <= 256 else np.uint16)
        assert np.array_equal(back, symbols)


@st.composite
def jobs(draw: st.DrawFn) -> tuple[Any, ContextCode, int]:
    """Symbols, a code, and a lane size with the end of a lane at, before or behind the end of the symbols."""
    code = draw(codes())
    lane = draw(st.sampled_from(LANES))
    count = max(0, lane * draw(st.integers(0, 9)) + draw(st.integers(-1, 1)))
    lane = draw(st.sampled_from([lane, max(1, count - 1), max(1, count), count + 1, 1 << 24]))
    return draw_symbols(np.random.default_rng(draw(SEEDS)), code, count, lane, draw(st.booleans())), code, lane


# ------------------------------------------------------------------ the same bits and symbols


@pytest.mark.dear
@each_engine
@settings(RELAXED, max_examples=examples(150))
@given(job=jobs())
def test_the_bits_are_the_codewords_of_each_row_and_the_symbols_come_back(engine: str, job: Any) -> None:
    agree(engine, *job)


@pytest.mark.dear
@each_engine
@pytest.mark.parametrize(("size", "shape"), mostly_slow(list(product([1, 2, 3, 255, 256, 257, 300], SHAPES)), 0.2))
def test_every_size_of_lanes_and_either_side_of_a_byte(engine: str, size: int, shape: str) -> None:
    random = np.random.default_rng(size)
    code = random_code(random, size, 5, shape)
    for count in (1, 2, 63, 64, 65, 1000):
        for lane in {1, 2, 7, 64, max(1, count - 1), count, count + 1}:
            agree(engine, draw_symbols(random, code, count, lane, count % 2 == 0), code, lane)


@pytest.mark.slow
@each_engine
def test_256_rows_and_32_bits_in_each_of_them(engine: str) -> None:
    random = np.random.default_rng(1)
    code = random_code(random, 256, 256, "steep")
    assert len(code.contexts) == 256 and code.lengths.max() == 32
    for lane in (1, 9, 5000):
        agree(engine, draw_symbols(random, code, 5000, lane, flat=True), code, lane)


@each_engine
def test_20000_symbols(engine: str) -> None:
    random = np.random.default_rng(2)
    rows: dict[int | None, dict[int, int]] = {
        SHARED: dict(enumerate(lengths_of_row(random, 20_000, "steep"))),
        19_999: dict(zip(range(5, 20_000, 7), lengths_of_row(random, 2857, "weights"), strict=True)),
        0: {19_999: 1},
    }
    code = in_rows(range(20_000), rows)
    for lane in (3, 400):
        agree(engine, draw_symbols(random, code, 4000, lane, flat=True), code, lane)


@each_fast_engine
@pytest.mark.parametrize("ends", range(8))
@pytest.mark.parametrize("lane_count", [1, 3, 4, 5, 6, 9])
def test_payloads_that_end_at_every_bit_of_a_byte(name: str, lane_count: int, ends: int) -> None:
    code = in_rows("abc", {SHARED: {0: 1, 1: 2, 2: 2}, 1: {1: 1, 2: 3, 0: 3}})
    random = np.random.default_rng(lane_count)
    for lane in (1, 2, 30, 31, 200):
        agree(name, draw_symbols(random, code, lane * lane_count - min(ends, lane - 1), lane, flat=False), code, lane)


@each_fast_engine
@pytest.mark.parametrize("width", [1, 2, 5, 12])
@settings(RELAXED, max_examples=examples(40))
@given(job=jobs())
def test_codewords_longer_than_the_table_is_wide(name: str, width: int, job: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context_table, "MAX_CONTEXT_WIDTH", width)
        assert build_context_table(job[1], 1 << 20).width <= width
        agree(name, *job)


@each_fast_engine
@settings(RELAXED, max_examples=examples(40))
@given(job=jobs())
def test_without_a_table_of_all_rows_and_symbols(name: str, job: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context_table, "MAX_CELLS", 0)
        assert not len(build_context_codewords(job[1], 0).cells)
        agree(name, *job)


@each_fast_engine
def test_too_many_rows_and_symbols_for_one_table(name: str) -> None:
    random = np.random.default_rng(3)
    size = 17_000
    shared = dict(enumerate(lengths_of_row(random, size, "weights")))
    code = in_rows(range(size), {SHARED: shared, **{i: {3 * i: 2, i: 1, i + 1: 2} for i in range(256)}})
    assert 257 * size > MAX_CELLS and not len(build_context_codewords(code, 0).cells)
    agree(name, draw_symbols(random, code, 3000, 500, flat=True), code, 500)


@each_fast_engine
def test_symbols_in_any_order_in_memory_are_coded_alike(name: str) -> None:
    code = in_rows("abc", {SHARED: {0: 1, 1: 2, 2: 2}, 1: {1: 1, 2: 3, 0: 3}})
    symbols = draw_symbols(np.random.default_rng(4), code, 100, 7, flat=True)
    for other in (np.repeat(symbols, 2)[::2], symbols[::-1].copy()[::-1], np.frombuffer(symbols.tobytes(), np.uint8)):
        agree(name, other, code, 7)


@each_engine
def test_more_symbols_than_are_encoded_at_a_time(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane_context, "CHUNK_SYMBOLS", 64)
    random = np.random.default_rng(5)
    code = random_code(random, 40, 7, "steep")
    for lane in (1, 63, 64, 65, 300):
        agree(engine, draw_symbols(random, code, 1000, lane, flat=True), code, lane)


@each_engine
def test_no_symbols_are_no_bits(engine: str) -> None:
    code = in_rows("ab", {SHARED: {0: 1, 1: 1}})
    agree(engine, np.zeros(0, np.uint8), code, 5)
    for lane_bits, payload in (([0], b""), ([8], b"\0"), ([], b""), ([], b"\0" * 20)):
        found = outcome(engine, np.frombuffer(payload, np.uint8), np.array(lane_bits, np.int64), 0, code, 5)
        assert found == (DamagedError if lane_bits else [])


# ------------------------------------------------------------------ damage


@each_fast_engine
@settings(RELAXED, max_examples=examples(200))
@given(job=jobs(), data=st.data())
def test_an_engine_refuses_the_damage_that_the_reference_refuses(name: str, job: Any, data: Any) -> None:
    symbols, code, lane = job
    payload, lane_bits = encoded("reference", symbols, code, lane)
    payload, lane_bits, count = payload.copy(), lane_bits.copy(), len(symbols)
    if len(payload):
        for place in data.draw(st.lists(st.integers(0, len(payload) - 1), max_size=3)):
            payload[place] = data.draw(st.integers(0, 255))
        for place in data.draw(st.lists(st.integers(0, len(lane_bits) - 1), max_size=2)):
            lane_bits[place] += data.draw(st.sampled_from([-40, -2, -1, 1, 2, 40, 1 << 40, -(1 << 62)]))
        payload = payload[: len(payload) - data.draw(st.sampled_from([0, 0, 0, 1, 9]))]
        count += data.draw(st.sampled_from([0, 0, 0, 1, -1, lane]))
    arguments = (payload, lane_bits, count, code, lane)
    assert outcome(name, *arguments) == outcome("reference", *arguments)


@each_fast_engine
@settings(RELAXED, max_examples=examples(200))
@given(code=codes(), payload=st.binary(min_size=1, max_size=40), data=st.data())
def test_an_engine_makes_of_any_bits_what_the_reference_makes(name: str, code: Any, payload: bytes, data: Any) -> None:
    count = data.draw(st.integers(0, 60))
    lane = data.draw(st.sampled_from([1, 2, 3, 7, 8, 60]))
    size = st.integers(0, 8 * len(payload) // max(1, -(-count // lane)))
    lane_bits = np.array([data.draw(size) for _ in range(-(-count // lane))], np.int64)
    arguments = (np.frombuffer(payload, np.uint8), lane_bits, count, code, lane)
    assert outcome(name, *arguments) == outcome("reference", *arguments)


UNUSED = in_rows("abc", {SHARED: {0: 1, 1: 3, 2: 32}, 0: {0: 2, 1: 2, 2: 2}})  # 11 is no codeword behind an a


@each_engine
@pytest.mark.parametrize("lanes", [1, 2, 5, 6, 12])
def test_an_unused_prefix_is_refused_wherever_it_stands(engine: str, lanes: int) -> None:
    symbols = np.tile(np.array([0, 0, 1, 2, 0, 2, 1, 1, 2, 2], np.uint8), lanes)
    payload, lane_bits = encoded("reference", symbols, UNUSED, 10)
    assert decoded(engine, payload, lane_bits, len(symbols), UNUSED, 10).tolist() == symbols.tolist()
    for number in range(lanes):
        behind_the_first = int(lane_bits[:number].sum()) + 1  # in every lane an a stands first
        bits = bitarray(payload.tobytes())
        bits[behind_the_first : behind_the_first + 2] = bitarray("11")
        damaged = np.frombuffer(bits.tobytes(), np.uint8)
        with pytest.raises(DamagedError):
            decoded(engine, damaged, lane_bits, len(symbols), UNUSED, 10)
        noise = np.frombuffer(b"\xff" * len(payload), np.uint8)
        with pytest.raises(DamagedError):
            decoded(engine, noise, lane_bits, len(symbols), UNUSED, 10)


@each_engine
def test_lanes_that_do_not_fit_the_payload_are_refused(engine: str) -> None:
    symbols = np.array([0, 0, 1, 2, 0, 2, 1, 1, 2, 2] * 5, np.uint8)
    payload, lane_bits = encoded(engine, symbols, UNUSED, 10)
    wrong = [
        lane_bits[:-1],
        np.append(lane_bits, 0),
        lane_bits + 1,
        lane_bits - 1,
        lane_bits[::-1] * 0,
        -lane_bits,
        lane_bits * 2**40,
        np.full(5, 2**62),
        np.full(5, 2**63 - 1),
        np.full(5, -(2**63)),
        lane_bits + np.array([1, -1, 0, 0, 0]),
        lane_bits + np.array([0, 0, 0, 1, -1]),
    ]
    for lanes_claimed in wrong:
        with pytest.raises(DamagedError):
            decoded(engine, payload, lanes_claimed, len(symbols), UNUSED, 10)
    for count in (0, 1, 10, 49, 51, 60, 500):
        with pytest.raises(DamagedError):
            decoded(engine, payload, lane_bits, count, UNUSED, 10)
    for kept in range(len(payload)):
        with pytest.raises(DamagedError):
            decoded(engine, payload[:kept], lane_bits, len(symbols), UNUSED, 10)


@each_fast_engine
def test_fast_engines_share_their_tables(name: str) -> None:
    code, module = random_code(np.random.default_rng(6), 30, 4, "steep"), engine.engine(name)
    assert module.prepare_encode_context is build_context_codewords
    assert module.prepare_decode_context is build_context_table
    widths = [build_context_table(code, count).width for count in (0, 1 << 12, 1 << 13, 1 << 20)]
    assert widths == sorted(widths) and widths[0] < widths[-1] == 12
    assert reference.prepare_encode_context(code, 99) is reference.prepare_decode_context(code, 99) is code
