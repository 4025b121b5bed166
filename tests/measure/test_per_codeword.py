"""What readings several to a codeword cost: the ledger of their file, and the price of a wrong belief in blocks."""

from __future__ import annotations

import io
import itertools
import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
import scipy.stats
import strategies
from checks import each_engine, part, walk
from hypothesis import given
from hypothesis import strategies as st
from reading import Reader

from codec.codes.prefix import PrefixCode, huffman
from codec.coding import encode
from codec.measure.ledger import PAYLOAD, ledger
from codec.measure.mismatch import mismatch
from codec.measure.overhead import OVERHEAD
from codec.readings.front import open_stream
from codec.show.as_json import as_json
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels
from codec.theory.sources import built_in, sticky

NASA, PEAKED, WINTER = (built_in(name) for name in ("nasa", "peaked", "winter"))
ABC = Distribution("abc", [5, 2, 1])


def rows_of(readings: Any, k: int) -> list[tuple[Any, ...]]:
    """The readings k at a time, the last ones as they are."""
    readings = list(readings)
    return [tuple(readings[i : i + k]) for i in range(0, len(readings), k)]


# ------------------------------------------------------------------ the ledger


def check(data: bytes, readings: Any, k: int, code: PrefixCode | None = None) -> Any:
    """The ledger against the layout, the file's size, and SciPy's entropy of the whole tuples and of the readings."""
    book = ledger(data, code)
    payload = sum(p.number(data, "payload bits") for p in walk(data) if p.name == "block")
    assert list(book.lines) == [*OVERHEAD, *PAYLOAD]
    assert book.payload_bits == payload
    assert math.fsum(book.lines.values()) == pytest.approx(8 * len(data), abs=1e-6)
    assert book.file_bits == 8 * len(data)
    assert all(isinstance(book.lines[item], int) for item in OVERHEAD)
    fill = book.lines["fill of the last block"]
    assert math.fsum(book.lines[item] for item in PAYLOAD) + fill == pytest.approx(payload, abs=1e-6)
    assert book.count == len(readings)
    if not len(readings):
        assert (book.mean_length, book.entropy, payload, fill) == (None, None, 0, 0)
        return book
    reader = Reader(io.BytesIO(data), code)
    last = reader.code.lengths[[symbol for block in reader.decoded_blocks() for symbol in block.symbols][-1]]
    assert fill == (last if len(readings) % k else 0)
    whole = rows_of(readings, k)[: len(readings) // k]
    counts = list(Counter(whole).values())
    expected = len(whole) * scipy.stats.entropy(counts, base=2) if counts else 0
    assert book.lines["entropy"] == pytest.approx(expected, abs=1e-6)
    assert book.lines["rounding to whole bits"] >= -1e-9
    assert book.mean_length == payload / len(readings)
    assert book.entropy == pytest.approx(scipy.stats.entropy(list(Counter(readings).values()), base=2), abs=1e-9)
    return book


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(1, 5), st.integers(1, 9), st.integers(1, 9), st.booleans())
def test_the_lines_of_any_file_of_blocks_sum_to_eight_times_its_size(
    readings: list[int], k: int, lane_size: int, block_size: int, given_code: bool
) -> None:
    stream, sizes = np.array(readings, np.uint8), {"lane_size": lane_size, "block_size": block_size}
    if given_code and k <= 4:
        code = huffman(Distribution([3, 1, 0, 2], [1, 5, 9, 2]).extension(k))
        check(encode(stream, code, **sizes), readings, k)
        check(encode(stream, code, False, **sizes), readings, k, code)
    else:
        book = check(encode(stream, per_codeword=k, **sizes), readings, k)
        assert book.lines["price of this table"] >= 0
        if len(readings) % k == 0:
            assert book.lines["price of this table"] == 0  # learned from these very tuples


def test_a_last_block_costs_its_codeword_and_counts_in_no_other_line() -> None:
    code = PrefixCode.from_lengths(ABC.extension(2).labels, [1, 3, 4, 4, 5, 6, 4, 6, 5])
    whole, more = check(encode("aaabba", code), "aaabba", 2), check(encode("aaabbac", code), "aaabbac", 2)
    assert (whole.lines["fill of the last block"], more.lines["fill of the last block"]) == (0, 4)
    assert [more.lines[item] for item in PAYLOAD] == [whole.lines[item] for item in PAYLOAD]
    assert more.payload_bits == whole.payload_bits + 4
    assert more.entropy == pytest.approx(scipy.stats.entropy([4, 2, 1], base=2))  # of all readings
    alone = check(encode("c", code), "c", 2)
    assert [alone.lines[item] for item in PAYLOAD] == [0, 0, 0]
    assert (alone.entropy, alone.mean_length, alone.distribution) == (0, 4, None)


def test_the_distribution_of_a_ledger_is_that_of_the_tuples_and_the_alphabet_that_of_the_readings() -> None:
    book = ledger(encode("aabaabac", per_codeword=2))
    assert dict(zip(book.distribution.labels, book.distribution.weights.tolist(), strict=True)) == Counter(
        rows_of("aabaabac", 2)
    )
    assert (book.alphabet_size, book.fixed_width) == (3, 2)
    fields = as_json(book)
    assert sum(row["bits"] for row in fields["ledger"]) == pytest.approx(fields["file_bits"])


def test_blocks_gain_from_the_memory_of_a_source() -> None:
    stream, rate = sticky(NASA, 60_000, seed=4, persistence=0.9)
    books = [ledger(encode(stream, per_codeword=k)) for k in range(1, 5)]
    lengths = [book.mean_length for book in books]
    assert lengths == sorted(lengths, reverse=True) and lengths[3] < 1 < 2.3 < lengths[0]
    assert rate is not None and all(length > rate for length in lengths)
    each = [book.lines["entropy"] / book.count for book in books]
    assert each == sorted(each, reverse=True) and each[1] < books[0].entropy / 1.5
    assert len({round(book.entropy, 9) for book in books}) == 1  # of the readings, however they are coded


# ------------------------------------------------------------------ prediction, expectation, measurement


def test_the_peaked_belief_walks_towards_its_divergence_and_not_steadily() -> None:
    prices = [mismatch(NASA, PEAKED, per_codeword=k) for k in range(1, 6)]
    assert [round(price.expected_extra, 3) for price in prices] == [0.14, 0.965, 1.076, 1.358, 1.408]
    assert {round(price.kl_prediction, 3) for price in prices} == {1.544}
    assert [round(price.own_expected_length, 5) for price in prices[:4]] == [2.37, 2.33785, 2.33403, 2.32994]


@given(strategies.pairs(min_size=2, max_size=5), st.integers(1, 4))
def test_shannons_blocks_cost_the_divergence_and_less_than_one_bit_a_block_more(pair: Any, k: int) -> None:
    price = mismatch(*pair, construction="shannon", per_codeword=k)
    above = price.expected_length - price.entropy
    assert price.kl_prediction - 1e-9 <= above < price.kl_prediction + 1 / k + 1e-9


@given(strategies.pairs(max_size=4), st.integers(1, 3))
def test_believing_q_never_helps_in_blocks_either(pair: Any, k: int) -> None:
    price = mismatch(*pair, per_codeword=k)
    assert price.expected_extra >= 0
    assert price.own_expected_length >= price.entropy - 1e-9


@pytest.mark.slow
def test_blocks_are_measured_within_five_standard_errors() -> None:
    for q, construction, k in itertools.product((PEAKED, WINTER), ("huffman", "shannon"), (1, 2, 3, 4)):
        price = mismatch(NASA, q, NASA.sample(60_001, seed=k), construction=construction, per_codeword=k)
        assert price.standard_error > 0 and abs(price.z) <= 5  # seeded
        assert price.z == (price.measured_extra - price.expected_extra) / price.standard_error
        assert price.count == 60_001 and not price.empirical


@pytest.mark.dear
@each_engine
@pytest.mark.parametrize("count", [1, 300, 899, 900, 1001])
def test_what_is_measured_are_the_payloads_of_two_files(count: int, engine: str) -> None:
    stream = NASA.sample(count, seed=1)
    price = mismatch(NASA, WINTER, stream, per_codeword=3, engine=engine)
    own, other = (encode(stream, d.extension(3)) for d in (NASA, WINTER))
    bits = [part(data, "block").number(data, "payload bits") for data in (own, other)]
    assert price.measured_length == bits[1] / count
    assert price.measured_extra == (bits[1] - bits[0]) / count
    assert (price.standard_error is None) == (count < 900)  # ten blocks of three in each batch


def test_the_standard_error_of_blocks_is_that_of_thirty_batch_means() -> None:
    stream, k = NASA.sample(1007, seed=9), 2
    codes = [huffman(d.extension(k)) for d in (NASA, WINTER)]
    words = [code.codewords for code in codes]
    extra = np.array([len(words[1][row]) - len(words[0][row]) for row in rows_of(stream.tolist(), k)[:-1]])
    batch = 1007 // (30 * k)
    means = extra[: 30 * batch].reshape(30, batch).mean(axis=1) / k
    assert mismatch(NASA, WINTER, stream, per_codeword=k).standard_error == pytest.approx(
        scipy.stats.sem(means), rel=1e-9
    )


@pytest.mark.slow
def test_codewords_above_32_bits_are_expected_and_not_measured() -> None:
    assert huffman(PEAKED.extension(5)).lengths.max() > 32 >= huffman(PEAKED.extension(4)).lengths.max()
    stream = NASA.sample(2000, seed=1)
    price = mismatch(NASA, PEAKED, stream, per_codeword=5)
    assert (price.measured_length, price.measured_extra, price.standard_error, price.z) == (None,) * 4
    assert (price.count, round(price.expected_extra, 3)) == (2000, 1.408)
    assert mismatch(NASA, PEAKED, stream, per_codeword=4).measured_extra is not None


def test_what_q_rules_out_is_infinite_in_blocks_too() -> None:
    p, q = Distribution("abc", [1, 1, 1]), Distribution("abc", [1, 1, 0])
    price = mismatch(p, q, p.sample(900, seed=1), per_codeword=2)
    assert price.kl_prediction == price.expected_length == math.inf and price.measured_extra is None


def test_a_text_in_blocks_is_measured_against_labels_spelled_as_its_lines_are() -> None:
    text = b"".join(b"1.0\n" if i % 3 else b"2.1\n" for i in range(900))
    tenths = Distribution(Labels("int", np.array([10, 21]), "0.1"), [2, 1])
    floats, strings = Distribution([2.1, 1.0], [3, 1]), Distribution(["2.1", "1.0"], [3, 1])
    for k in (1, 2, 3):
        prices = [mismatch(tenths, q, open_stream(io.BytesIO(text), "x"), per_codeword=k) for q in (floats, strings)]
        assert prices[0] == prices[1]
        assert (
            prices[0].expected_extra
            == mismatch(tenths, Distribution(tenths.labels, [1, 3]), per_codeword=k).expected_extra
        )
        assert math.isfinite(prices[0].expected_extra) and prices[0].measured_extra is not None


def test_tables_have_no_blocks_and_blocks_are_no_readings() -> None:
    for block in (2, 3):
        with pytest.raises(ValueError, match="a table has its own codewords"):
            mismatch(NASA, huffman(PEAKED), per_codeword=block)
    pairs, stream = NASA.extension(2), NASA.sample(600, seed=1)
    for p, q, readings, block in (
        (NASA, huffman(pairs), stream, 1),
        (NASA, huffman(pairs), None, 1),
        (NASA, pairs, None, 1),
        (pairs, NASA, None, 1),
        (pairs, pairs, stream, 1),
        (pairs, pairs, None, 2),
    ):
        with pytest.raises(ValueError, match="per_codeword=k"):
            mismatch(p, q, readings, per_codeword=block)
    both = mismatch(pairs, PEAKED.extension(2))  # bits per pair
    assert both.expected_extra == pytest.approx(2 * mismatch(NASA, PEAKED, per_codeword=2).expected_extra, abs=1e-12)
    for block in (0, -1):
        with pytest.raises(ValueError, match="at least one symbol"):
            mismatch(NASA, PEAKED, per_codeword=block)
