"""Ranks and linear prediction: there and back, what has no rank, any block alone."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from checks import INSTALLED, flip, huf, same, unhuf
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import examples

from codec.bits.recurrence import predicted_sums
from codec.codes.prediction_table import deserialize_prediction, serialize_prediction
from codec.codes.prefix import PrefixCode, huffman
from codec.coding import decode, encode
from codec.coding.best import candidates, smallest
from codec.coding.file import opened
from codec.coding.learn import distribution_of
from codec.coding.linear import fitted, residuals, undone
from codec.coding.salvage import Salvage
from codec.errors import CodecError, DamagedError, MissingCodewordError, StreamError
from codec.readings.front import open_stream
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, labels_of
from codec.theory.prediction import Prediction

int64s = st.integers(-(2**63), 2**63 - 1)
weights_drawn = st.lists(st.integers(-(2**15), 2**15 - 1), min_size=1, max_size=16).map(tuple)
WALK = np.cumsum(np.random.default_rng(5).integers(-4, 5, 3000)) * 3
NAMES = ("ranks", "linear", "linear ranks")


def test_twice_the_last_minus_the_one_before_foresees_a_line() -> None:
    of = Prediction("linear", weights=(2, -1))
    assert residuals(np.arange(10, 50, 3), np.array([7, 4]), of).tolist() == [0] * 14
    assert fitted(np.arange(500) * 7)[0] in ((2, -1), (32, -16), (128, -64), (1024, -512)) or not np.any(
        residuals(np.arange(100) * 7, np.array([-7, -14]), Prediction("", weights=fitted(np.arange(500) * 7)[0]))
    )


@settings(max_examples=examples(200))
@given(st.lists(int64s, max_size=30), weights_drawn, st.integers(0, 14), st.data())
def test_residuals_are_undone_modulo_64_bits_by_every_engine(
    numbers: list[int], weights: tuple[int, ...], shift: int, data: Any
) -> None:
    history = np.array(data.draw(st.lists(int64s, min_size=len(weights), max_size=len(weights))), np.int64)
    values, of = np.array(numbers, np.int64), Prediction("linear", weights=weights, shift=shift)
    left = residuals(values, history, of)
    for engine in INSTALLED:
        assert (undone(left, history, of, engine=engine) == values).all()


@settings(max_examples=examples(100))
@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), weights_drawn, st.integers(0, 14), st.data())
def test_predictions_of_ranks_are_ranks(ranks: list[int], weights: tuple[int, ...], shift: int, data: Any) -> None:
    of = Prediction("linear ranks", labels_of(range(10)), weights, shift)
    history, values = np.zeros(len(weights), np.int64), np.array(ranks)
    left = residuals(values, history, of)
    assert np.abs(left).max() <= 9
    known = np.array(data.draw(st.lists(st.booleans(), min_size=len(ranks), max_size=len(ranks))))
    given_values = np.where(known, values, -1)
    for engine in INSTALLED:
        assert (undone(np.where(known, 99, left), history, of, given_values, engine) == values).all()


def test_the_loops_of_all_engines_agree() -> None:
    random = np.random.default_rng(2)
    left, history, weights = random.integers(-50, 50, 5000), random.integers(-9, 9, 5), np.array([70, -3, 0, 1, -9])
    none = np.zeros(0, np.int64)
    first, *others = (predicted_sums(left, history, weights, (6, -1), none, engine) for engine in INSTALLED)
    assert all((first == other).all() for other in others)


@pytest.mark.parametrize("name", NAMES)
def test_any_block_decodes_by_itself_and_a_damaged_one_costs_only_itself(name: str) -> None:
    data = encode(WALK, transform=name, lane_size=50, block_size=500)
    assert same(decode(data, start=1100, stop=1105), WALK[1100:1105])
    place = data.index(b"B\x00\x00\x00\x02") + 60
    spoilt = flip(data, 8 * place)
    with pytest.raises(DamagedError):
        decode(spoilt)
    salvage = Salvage(io.BytesIO(spoilt))
    saved = np.load(io.BytesIO(b"".join(salvage.restored())))
    assert [(lost.start, lost.stop) for lost in salvage.lost] == [(1000, 1500)]
    assert same(saved, np.concatenate([WALK[:1000], WALK[1500:]]))


@pytest.mark.parametrize("name", NAMES)
def test_a_code_learned_elsewhere_codes_other_readings(name: str) -> None:
    code = opened(io.BytesIO(encode(WALK, transform=name, intervals=True))).code
    for other in (WALK[:500], WALK[::-1][:700], WALK[1234:1235]):
        data = encode(other, code, embed_table=False)
        assert same(decode(data, code), other) and len(data) < len(other) + 200
    with pytest.raises(ValueError, match="the code is over"):
        encode(WALK, code, delta=True)


def escaping(of: Prediction, reach: int = 9) -> PrefixCode:
    p = Distribution(Labels("int", np.arange(-reach, reach + 1), of=of), [1] * (2 * reach + 1))
    return huffman(p, escape_weight=1)


@pytest.mark.parametrize("weights", [(), (3, -1)])
def test_a_reading_without_a_rank_is_escaped_and_the_prediction_goes_on_from_the_nearest(
    weights: tuple[int, ...],
) -> None:
    name = "linear ranks" if weights else "ranks"
    of = Prediction(name, labels_of([10, 20, 30, 40, 50]), weights, 1 if weights else 0)
    code = escaping(of)
    readings = np.array([20, 29, 30, -5, 10, 999, 50, 40, 2**61, 10, 31, 31, 33])
    for engine in INSTALLED:
        data = encode(readings, code, engine=engine, lane_size=3, block_size=4)
        assert same(decode(data, engine=engine), readings)
    text = b"20\n29\n30\n-5\n10\n"
    assert unhuf(huf(text, code)) == text
    file = opened(io.BytesIO(data))
    assert file.code.singles.of == of
    with pytest.raises(CodecError, match="more than 62 bits"):
        encode(np.array([10, 2**62]), code)
    bare = PrefixCode(code.alphabet, code.lengths + 1)
    with pytest.raises(MissingCodewordError, match="position 1: the reading 29 has no codeword in the code"):
        encode(readings, bare)


def test_decimals_and_steps_come_back_from_their_ranks() -> None:
    temperatures = np.round(np.cumsum(np.random.default_rng(3).normal(0, 0.4, 900)) / 0.3) * 0.3
    rounded = np.round(temperatures, 1) + 0.0
    for name in NAMES:
        assert same(decode(encode(rounded, transform=name)), rounded)
        assert unhuf(huf("".join(f"{x:.1f}\n" for x in rounded.tolist()).encode(), transform=name)).count(b"\n") == 900


def test_ranks_of_readings_in_other_steps_code_nothing() -> None:
    tenths, whole = [0.5, 0.6, 0.9, 7.0], np.array([7, 0, 7])
    for transform in ("ranks", "linear ranks"):
        code = huffman(distribution_of(np.array(tenths), transform), None, 1)
        finer = huffman(distribution_of(whole, transform), None, 1)
        for given_code, readings in ((code, whole), (finer, "0.5\n0.9\n")):
            with pytest.raises(StreamError, match=r"round them with step=|have no differences"):
                huf(readings.encode(), given_code) if isinstance(readings, str) else encode(readings, given_code)
        assert same(decode(encode(np.array(tenths), code)), np.array(tenths))


def test_words_behind_numbers_have_no_ranks_and_stop_no_search_for_the_best() -> None:
    text = b"4611686018427387904\nx"
    for transform in ("ranks", "linear", "linear ranks"):
        with pytest.raises(StreamError, match="words have no differences"):
            huf(text, transform=transform)
    assert unhuf(huf(text, smallest(candidates(open_stream(io.BytesIO(text), "x"))).code)) == text


def test_order_is_chosen_or_given() -> None:
    for order in (1, 2, 7, 16):
        code = opened(io.BytesIO(encode(WALK, transform="linear", order=order))).code
        assert len(code.singles.of.weights) == order  # type: ignore[union-attr]
    for wrong in (0, 17):
        with pytest.raises(ValueError, match="order is from 1 to 16"):
            encode(WALK, transform="linear", order=wrong)


@settings(max_examples=examples(100))
@given(
    st.none() | st.sets(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=9),
    st.just(()) | weights_drawn,
    st.integers(0, 14),
    st.binary(max_size=9),
)
def test_how_readings_are_predicted_comes_back_from_the_table(
    ranks: set[int] | None, weights: tuple[int, ...], shift: int, rest: bytes
) -> None:
    if ranks is None and not weights:
        assert serialize_prediction(Prediction("differences")) == b""
        return
    labels = None if ranks is None else Labels("int", np.array(sorted(ranks), np.int64))
    name = " ".join(["linear"] * bool(weights) + ["ranks"] * bool(ranks))
    of = Prediction(name, labels, weights, shift if weights else 0)
    assert deserialize_prediction(serialize_prediction(of) + rest) == (of, rest)


def test_every_flipped_bit_of_a_table_of_a_prediction_is_refused_or_another_one() -> None:
    of = Prediction("linear ranks", labels_of([3, 5, 9, 11]), (7, -3, 1), 3)
    table = serialize_prediction(of)
    for bit in range(8 * len(table)):
        changed = flip(table, bit)
        try:
            other, rest = deserialize_prediction(changed)
        except DamagedError:
            continue
        assert other != of and serialize_prediction(other) + rest == changed
