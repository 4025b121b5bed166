"""Interval codes: one length in each interval, the exact identity of what they believe, and their compact table."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import examples

from codec.codes.interval_table import deserialize_intervals, serialize_intervals, starts_of
from codec.codes.intervals import Spread, interval_code
from codec.codes.lengths import huffman_lengths
from codec.codes.prefix import PrefixCode, huffman
from codec.coding import decode, encode
from codec.errors import DamagedError
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels

counts_drawn = st.dictionaries(st.integers(-300, 300), st.integers(1, 1000), min_size=1, max_size=40)


def of_counts(counts: dict[int, int], step: str = "1") -> Distribution:
    labels = sorted(counts)
    return Distribution(Labels("int", np.array(labels, np.int64), step), [counts[label] for label in labels])


@settings(max_examples=examples(200))
@given(counts_drawn, st.booleans(), st.sampled_from([None, Fraction(1), Fraction(1, 3)]))
def test_an_interval_code_is_a_complete_code_of_one_length_in_each_interval(
    counts: dict[int, int], listed: bool, escape: Fraction | None
) -> None:
    p = of_counts(counts)
    code = interval_code(p, escape_weight=escape, listed=listed)
    assert code.widths is not None and code.complete == (len(code.all_lengths) > 1) and code.has_escape == bool(escape)
    starts = starts_of(code.widths)
    assert starts[-1] == len(code)
    assert all(len({*code.lengths[a:b].tolist()}) == 1 for a, b in itertools.pairwise(starts.tolist()))
    if not listed:
        first = min(counts)
        assert list(code.alphabet) == list(range(first, first + len(code))) and first + len(code) > max(counts)
    assert np.isfinite(code.expected_length(p))


@settings(max_examples=examples(200))
@given(counts_drawn)
def test_the_mean_length_is_entropy_divergence_of_spreading_and_rounding(counts: dict[int, int]) -> None:
    p = of_counts(counts)
    code = interval_code(p, listed=False)
    spread = Spread(code, p)
    assert p.entropy() + spread.divergence + spread.rounding == pytest.approx(code.expected_length(p), abs=1e-9)
    weights, widths = np.zeros(len(code)), code.widths
    weights[[label - min(counts) for label in counts]] = list(counts.values())
    for a, b in itertools.pairwise(starts_of(widths).tolist()):  # type: ignore[arg-type]
        weights[a:b] = weights[a:b].mean()
    q = Distribution(code.alphabet, weights)
    d = sum(x * np.log2(x / y) for x, y in zip(*p.aligned(q), strict=True) if x)
    assert spread.divergence == pytest.approx(d, abs=1e-9) and spread.divergence > -1e-9


def test_dyadic_intervals_cost_their_entropy_exactly() -> None:
    p = Distribution(range(6), [8000, 4000, 1000, 1000, 1000, 1000])  # 1/2, 1/4, then 1/4 over four numbers
    code = interval_code(p, listed=False)
    assert code.expected_length(p) == p.entropy() == 2
    assert Spread(code, p).divergence == Spread(code, p).rounding == 0


def bits(code: PrefixCode, p: Distribution) -> int:
    own = p.lookup(code.alphabet, p.weights, 0)
    return int(own @ code.lengths) + 8 * len(code.serialized)


def best_by_trying(p: Distribution) -> int:
    """Table and payload of the best tiling of the numbers of p, of all that there are."""
    low, size = p.labels.values[0], int(p.labels.values[-1] - p.labels.values[0]) + 1
    least = 1 << 60

    def tilings(place: int) -> list[list[int]]:
        if place >= size:
            return [[]]
        return [[w, *rest] for w in range(4) for rest in tilings(place + (1 << w))]

    for widths in tilings(0):
        starts = starts_of(np.array(widths))
        alphabet = Labels("int", np.arange(low, low + starts[-1]))
        own = p.lookup(alphabet, p.weights, 0)
        totals = np.add.reduceat(own, starts[:-1])
        lengths = huffman_lengths(np.where(totals, 2 * totals, 1)) if len(widths) > 1 else np.array([not widths[0]])
        each = np.repeat(lengths + widths, 1 << np.array(widths))
        least = min(least, bits(PrefixCode(alphabet, each, None, 0, np.array(widths)), p))
    return least


@pytest.mark.slow
def test_the_choice_is_within_three_percent_of_the_best_of_all_tilings() -> None:
    for seed in range(6):
        random = np.random.default_rng(seed)
        counts = random.geometric(0.01, 10) * (random.random(10) < 0.8)
        p = of_counts({place: int(count) for place, count in enumerate([5, *counts, 3]) if count})
        assert bits(interval_code(p, listed=False), p) <= 1.03 * best_by_trying(p)


def test_a_table_of_many_labels_is_far_smaller_in_intervals_and_the_payload_a_little_larger() -> None:
    readings = np.rint(np.random.default_rng(1).normal(0, 120, 1500)).astype(int)
    p = Distribution.from_stream(readings)
    plain, inside = huffman(p), interval_code(p)
    assert len(inside.serialized) < len(plain.serialized) / 5
    assert 0 < inside.expected_length(p) - plain.expected_length(p) < 0.4
    assert len(encode(readings, intervals=True)) < len(encode(readings)) * 0.95
    assert (decode(encode(readings, intervals=True)) == readings).all()


def test_numbers_never_seen_have_codewords_and_a_shared_table_codes_them() -> None:
    code = interval_code(Distribution.from_stream([10, 11, 13, 40, 41]), listed=False)
    other = np.array([12, 39, 20, 10])
    data = encode(other, code, embed_table=False)
    assert (decode(data, code) == other).all() and code.fingerprint != PrefixCode(
        code.alphabet, code.lengths
    ).fingerprint


@pytest.mark.slow
def test_wide_ranges_keep_to_their_labels() -> None:
    far = Distribution([0, 1, 10**9], [5, 3, 1])
    assert list(interval_code(far).alphabet) == [0, 1, 10**9] == list(interval_code(far, listed=False).alphabet)
    wide = Distribution([0, 65_535], [1, 1])
    assert len(interval_code(wide, listed=False)) == 65_536
    assert len(interval_code(wide, listed=False, escape_weight=Fraction(1))) == 2


def test_numbers_as_large_as_the_labels_of_gaps_are_numbers() -> None:
    for labels in ([0, 2**31 + 1, 2**32], [2**31, 2**31 + 3], [-5, 2**31], [2**31 - 1, 2**31, 2**31 + 16]):
        code = interval_code(Distribution(labels, [1] * len(labels)))
        assert set(labels) <= set(code.alphabet) and sorted(code.alphabet) == list(code.alphabet)
        assert deserialize_intervals(code.serialized)[0].identity == code.alphabet.identity


def test_what_has_no_interval_code_is_refused() -> None:
    with pytest.raises(ValueError, match="intervals are of ints"):
        interval_code(Distribution("ab", [1, 1]))
    with pytest.raises(ValueError, match="no interval code for 3 labels has codewords of at most 1 bits"):
        interval_code(Distribution([0, 1, 2], [5, 3, 1]), max_length=1)
    assert interval_code(Distribution(range(9), [1 << k for k in range(9)]), max_length=5).lengths.max() <= 5


@settings(max_examples=examples(200))
@given(st.data(), counts_drawn, st.booleans())
def test_a_table_comes_back_and_no_other_bytes_are_one(
    data: st.DataObject, counts: dict[int, int], listed: bool
) -> None:
    code = interval_code(of_counts(counts, "0.5"), escape_weight=Fraction(1), listed=listed)
    table = code.serialized
    alphabet, lengths, widths = deserialize_intervals(table)
    assert PrefixCode(alphabet, lengths[:-1], None, int(lengths[-1]), widths) == code
    place = data.draw(st.integers(0, 8 * len(table) - 1))
    changed = bytearray(table)
    changed[place // 8] ^= 1 << place % 8
    try:
        alphabet, lengths, widths = deserialize_intervals(bytes(changed))
    except DamagedError:
        return
    assert serialize_intervals(alphabet, lengths, widths) == bytes(changed)


@given(st.binary(max_size=40))
def test_any_bytes_are_a_table_or_refused(table: bytes) -> None:
    for begun in (table, b"\x20\0" + table, b"\xa0\0" + table):
        try:
            found = deserialize_intervals(begun)
        except DamagedError:
            continue
        assert serialize_intervals(*found) == begun
