"""The ledger of files that make use of memory; and what codes in context cost, as expected and as measured."""

from __future__ import annotations

import io
import math
from collections import Counter, defaultdict
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import scipy.stats
from checks import each_engine, lane_bits_of, walk
from context_codes import SHARED, in_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import Reader

from codec.codes.context import context_code
from codec.codes.prefix import PrefixCode, huffman
from codec.coding import encode
from codec.coding.file import opened
from codec.measure.ledger import PAYLOAD, ByteCounter, account, ledger
from codec.measure.overhead import OVERHEAD
from codec.show.as_json import as_json
from codec.theory.labels import Labels
from codec.theory.sources import built_in, independent, station, sticky, sticky_rate

NASA = built_in("nasa")
WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "context": {"context": True},
    "delta": {"delta": True},
    "delta, context": {"delta": True, "context": True},
    "delta, pairs": {"delta": True, "per_codeword": 2},
    "triples": {"per_codeword": 3},
}
CODED = {
    "plain": "readings",
    "context": "readings in context",
    "delta": "differences",
    "delta, context": "differences in context",
    "delta, pairs": "blocks of 2 differences",
    "triples": "blocks of 3 readings",
}
each_way = pytest.mark.parametrize("way", WAYS)


def entropy_bits(counts):
    values = list(counts)
    return sum(values) * float(scipy.stats.entropy(values, base=2)) if values else 0.0


def check(data, count, code=None):
    """The lines are those of the layout, sum to the file, and none is negative."""
    book = ledger(data, code)
    assert list(book.lines) == [*OVERHEAD, *PAYLOAD]
    assert math.fsum(book.lines.values()) == pytest.approx(8 * len(data), abs=1e-6)
    assert book.file_bits == 8 * len(data) and book.count == count
    blocks = [p for p in walk(data) if p.name == "block"]
    payload = sum(p.number(data, "payload bits") for p in blocks)
    base = 8 if any("base" in p.fields for p in blocks) else 0
    parts = math.fsum(book.lines[item] for item in PAYLOAD) + book.lines["fill of the last block"]
    assert book.payload_bits == payload and parts == pytest.approx(payload, abs=1e-6)
    assert book.lines["block heads and end"] == 8 * ((22 + base) * len(blocks) + 11 + 9)
    assert book.lines["raw values of escapes"] == 8 * sum(p.number(data, "extra size") for p in blocks)
    for item in PAYLOAD:
        assert book.lines[item] >= -1e-6, item
    assert book.mean_length == (payload / count if count else None)
    return book


@pytest.mark.dear
@each_way
@settings(deadline=None)
@given(st.lists(st.integers(0, 4), max_size=60), st.integers(1, 20), st.integers(1, 40), st.sampled_from([1, 1, 9]))
def test_the_lines_of_any_file_sum_to_eight_times_its_size(way, readings, lane_size, block_size, times):
    stream = np.array(readings * times, np.int16)
    book = check(encode(stream, lane_size=lane_size, block_size=block_size, **WAYS[way]), len(stream))
    if WAYS[way].get("per_codeword", 1) == 1:
        assert book.lines["price of this table"] == 0  # learned from these very readings
    if len(stream):
        assert book.coded == CODED[way]
        assert book.entropy == pytest.approx(scipy.stats.entropy(list(Counter(readings).values()), base=2), abs=1e-9)
        assert (book.alphabet_size, book.original_bits) == (len(set(readings)), 16 * len(stream))
    else:
        assert (book.entropy, book.distribution, book.alphabet_size) == (None, None, 0)


@each_way
def test_the_ledger_is_the_same_by_every_engine(way):
    data = encode(sticky(NASA, 3000, 2, 0.9)[0], lane_size=70, block_size=700, **WAYS[way])
    books = [as_json(ledger(data, engine=engine)) for engine in ("reference", "lanes")]
    assert books[0] == books[1]


def by_context(data, readings, lane, block):
    """How often each reading follows what has a row of its own, or else in the row of all others."""
    code = Reader(io.BytesIO(data)).context
    assert code is not None
    own = {code.alphabet[context] for context in code.contexts.tolist()}
    rows: dict[Any, Counter[Any]] = defaultdict(Counter)
    for position, reading in enumerate(readings):
        before = readings[position - 1] if position % block % lane else None
        rows[before if before in own else SHARED][reading] += 1
    return rows


@pytest.mark.dear
@pytest.mark.parametrize("sizes", [(2000, 8000), (70, 700), (9, 10), (1, 3)])
def test_the_entropy_line_in_context_is_that_of_each_row(sizes):
    lane, block = sizes
    readings = sticky(NASA, 5000, 2, 0.9)[0]
    data = encode(readings, context=True, lane_size=lane, block_size=block)
    rows = by_context(data, readings.tolist(), lane, block)
    assert (len(rows) > 1) == (lane > 1)
    book = check(data, 5000)
    assert book.lines["entropy"] == pytest.approx(sum(entropy_bits(row.values()) for row in rows.values()))
    assert book.memory is None
    assert dict(zip(book.distribution.labels, book.distribution.weights.tolist(), strict=True)) == Counter(  # type: ignore[union-attr]
        readings.tolist()
    )


def test_the_entropy_line_of_differences_is_theirs_and_the_entropy_that_of_the_readings():
    readings, _ = station(4000)
    differences = np.diff(readings.values, prepend=readings.values[:1])
    book = check(encode(readings, delta=True), 4000)
    assert book.lines["entropy"] == pytest.approx(entropy_bits(Counter(differences.tolist()).values()))
    assert book.entropy == pytest.approx(entropy_bits(Counter(readings.values.tolist()).values()) / 4000)
    assert book.mean_length < book.entropy < math.log2(book.alphabet_size)  # type: ignore[operator]
    assert book.alphabet_size == len(set(readings.values.tolist()))
    assert list(book.distribution.labels) == sorted({float(Fraction(d, 10)) for d in differences.tolist()})  # type: ignore[union-attr]


def test_more_different_readings_than_a_code_may_have_are_counted_too():
    readings = np.arange(70_000, dtype=np.uint32) * 3
    book = check(encode(readings, delta=True, block_size=9000), 70_000)
    assert (book.alphabet_size, book.fixed_width) == (70_000, 17)
    assert book.entropy == pytest.approx(math.log2(70_000)) and book.payload_bits == 70_000


@each_engine
def test_the_price_of_a_given_code_is_what_it_costs_above_the_best_of_each_row(engine):
    code = in_rows("abc", {SHARED: {0: 1, 1: 2, 2: 2}, 0: {0: 3, 1: 3, 2: 1}})
    text = "ab" * 50 + "ac"  # a: 1, b: 3 behind an a, a: 1 behind a b; c: 1 behind an a
    for embed in (True, False):
        data = encode(text, code, embed, engine=engine)
        book = check(data, 102, code)
        assert book.payload_bits == 51 + 50 * 3 + 1
        # Best: behind an a, b and c with one bit each; else a alone, with one bit.
        assert book.lines["price of this table"] == book.payload_bits - 102
        assert book.lines["entropy"] == pytest.approx(entropy_bits([50, 1]))
        assert (book.alphabet_size, book.coded) == (3, "readings in context")
    unused = in_rows("abc", {SHARED: {0: 1, 1: 1}})
    assert check(encode("abba", unused), 4).alphabet_size == 2


def test_raw_differences_stand_in_their_own_line():
    code = PrefixCode.from_lengths([0, 1, -1], [1, 2, 3], 3)
    book = check(encode(np.array([5, 6, 900, 900, 5]), code, delta=True, block_size=2), 5)
    assert book.lines["raw values of escapes"] == 2 * 64 and book.payload_bits == 1 + 2 + 3 + 1 + 3
    assert (book.alphabet_size, book.entropy) == (3, pytest.approx(scipy.stats.entropy([2, 1, 2], base=2)))


@each_way
def test_memory_is_measured_where_codes_forget_it(way):
    data = encode(sticky(NASA, 6000, 2, 0.9)[0], **WAYS[way])
    book = account(opened(ByteCounter(io.BytesIO(data))), with_memory=True)
    assert (book.memory is None) == ("context" in way)
    if book.memory is not None:
        assert book.memory.count == -(-6000 // WAYS[way].get("per_codeword", 1))


# ------------------------------------------------------------------ what is expected of a sticky source, and measured

COUNT, LANE, STICK = 200_000, 2000, Fraction(9, 10)
P = [Fraction(w, int(NASA.weights.sum())) for w in NASA.weights.tolist()]
JOINT = [[p * ((STICK if i == j else 0) + (1 - STICK) * q) for j, q in enumerate(P)] for i, p in enumerate(P)]


def exact_code():
    """The codes in context for exactly these probabilities, as of a million readings in lanes."""
    cells = [(i, j, JOINT[i][j] * 10**6) for i in range(8) for j in range(8)]
    cells += [(8, j, P[j] * 10**6 / LANE) for j in range(8)]
    assert all(count.denominator == 1 for *_, count in cells)
    before, after, counts = np.array([(i, j, int(count)) for i, j, count in cells], np.int64).T
    return context_code(NASA.labels, before, after, counts)


def expectation(code):
    """Bits per reading of whole lanes: their first reading in the shared row, the others behind what came before."""
    lengths = {
        (r, s): l for r, s, l in zip(*(x.tolist() for x in (code.rows, code.symbols, code.lengths)), strict=True)
    }
    row_of = code.row_of.tolist()
    later = sum(JOINT[i][j] * lengths[row_of[i], j] for i in range(8) for j in range(8))
    first = sum(P[j] * lengths[0, j] for j in range(8))
    return float((first + (LANE - 1) * later) / LANE)


@pytest.mark.dear
@pytest.mark.parametrize("name", ["exact", "learned", "few rows"])
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_a_sticky_source_costs_what_is_expected_of_its_codes_in_context(name, seed):
    """Within five standard errors of 100 batch means; the batches are the lanes, which know nothing of each other."""
    if name == "learned":
        learned_on = sticky(NASA, COUNT, seed=7, persistence=float(STICK))[0]
        code = Reader(io.BytesIO(encode(learned_on, context=True))).context
    elif name == "exact":
        code = exact_code()
    else:
        shared = dict(enumerate(huffman(NASA).lengths.tolist()))
        code = in_rows(list(NASA.labels), {SHARED: shared, 1: {0: 2, 1: 1, **dict.fromkeys(range(2, 8), 5)}})
    assert code is not None and len(code.contexts) == (1 if name == "few rows" else 7)
    expected, rate = expectation(code), sticky_rate(NASA, float(STICK))
    assert expected == pytest.approx(
        code.expected_length(np.array(JOINT, float)) * (1 - 1 / LANE)
        + sum(float(P[j]) * code.lengths[code.places_of(np.zeros(1, int), np.array([j]))][0] for j in range(8)) / LANE
    )
    fresh = sticky(NASA, COUNT, seed, persistence=float(STICK))[0]
    data = encode(fresh, code, lane_size=LANE)
    means = np.array(lane_bits_of(data)) / LANE
    assert len(means) == 100
    error = scipy.stats.sem(means)
    assert 0 < error < 0.02
    assert abs(means.mean() - expected) <= 5 * error  # seeded
    assert expected > rate and means.mean() > rate
    assert check(data, COUNT).mean_length == pytest.approx(means.mean())


def test_codes_in_context_win_what_the_source_remembers_and_nothing_where_it_does_not():
    code = exact_code()
    assert code.contexts.tolist() == [0, 2, 3, 4, 5, 6, 7]  # the commonest level has one bit in any row
    assert sticky_rate(NASA, float(STICK)) < expectation(code) < 1.2 < huffman(NASA).expected_length(NASA)
    forgetful = independent(NASA, 50_000, 3)[0]
    in_context, plain = (ledger(encode(forgetful, context=c)) for c in (True, False))
    assert in_context.payload_bits == plain.payload_bits  # one row, the same code
    assert in_context.lines["entropy"] == plain.lines["entropy"]


def test_labels_on_a_grid_are_counted_by_their_values():
    readings = Labels("int", np.array([5, 5, 6, 7, 7, 7]), "0.1")
    book = check(encode(readings, delta=True), 6)
    assert (book.alphabet_size, book.entropy) == (3, pytest.approx(scipy.stats.entropy([2, 1, 3], base=2)))
