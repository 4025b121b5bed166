"""Labels to symbols and counts, against dicts and Counters."""

from collections import Counter
from itertools import pairwise, product

import numpy as np
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st
from shares import mostly_slow

from codec.theory.alphabet import find, first_duplicate, merge_tallies, sort_keys, symbol_dtype, tally
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, labels_of


def keys_of(labels):
    return [tuple(v) if labels.kind == "tuple" else v for v in labels.values.tolist()]


def check_tally(labels):
    alphabet, counts = tally(labels)
    assert dict(zip(keys_of(alphabet), counts.tolist(), strict=True)) == Counter(keys_of(labels))
    assert (alphabet.kind, alphabet.step) == (labels.kind, labels.step)
    order = sort_keys(alphabet).tolist()
    assert all(low < high for low, high in pairwise(order))


def check_find(alphabet, labels):
    """Every symbol and every unknown label, against a dict."""
    symbols, unknown = find(alphabet, labels)
    same = (alphabet.kind, alphabet.step) == (labels.kind, labels.step)
    place = {key: symbol for symbol, key in enumerate(keys_of(alphabet))} if same else {}
    expected = [place.get(key) for key in keys_of(labels)]
    assert symbols.dtype == symbol_dtype(len(alphabet))
    if unknown is None:
        assert symbols.tolist() == expected
    else:
        assert unknown.dtype == np.bool_
        assert unknown.tolist() == [symbol is None for symbol in expected]
        assert symbols[~unknown].tolist() == [symbol for symbol in expected if symbol is not None]
        assert unknown.any() or not len(unknown)


@given(strategies.labels())
def test_a_tally_is_a_sorted_counter(labels):
    check_tally(labels)


@pytest.mark.dear
@pytest.mark.parametrize("dtype", strategies.INT_DTYPES)
@pytest.mark.parametrize("span", [3, 250, 40_000, 2**31, 2**62])
def test_long_streams_of_every_int_type_are_counted_dense_or_sparse(dtype, span):
    limits, random = np.iinfo(dtype), np.random.default_rng(span)
    for start in int(limits.min), max(int(limits.min), -span // 2), int(limits.max) - min(span, int(limits.max)):
        high = min(start + span, int(limits.max))
        values = random.integers(start, high, 70_000, dtype=dtype, endpoint=True)
        values[[0, -1]] = start, high
        check_tally(Labels("int", values))
        check_tally(Labels("int", values[::-3]))


SIZES = [4_096, 524_287, 524_288, 524_289, 1_300_001]


@pytest.mark.dear
@pytest.mark.parametrize(
    ("size", "few", "rare"), mostly_slow(list(product(SIZES, [1, 8, 9], [None, 7, -300, 2**40])), 0.15)
)
def test_few_values_are_counted_as_many_are_and_a_rare_one_among_them_too(size, few, rare):
    values = np.random.default_rng(size).integers(-5, few - 5, size)
    check_tally(Labels("int", values))
    for place in {4_095, 4_096, 600_000, size - 1} if rare is not None else ():
        changed = values.copy()
        changed[place % size] = rare
        check_tally(Labels("int", changed))


def test_floats_are_tallied_by_value_with_nans_at_the_ends():
    patterns = [0xFFF8 << 48, 0x7FF8 << 48, 1 << 63, 0, int(np.float64(-2).view(np.uint64)), (0x7FF << 52) | 1]
    alphabet, counts = tally(Labels("float", np.array(patterns * 2, np.uint64)))
    assert alphabet.values.tolist() == [patterns[0], patterns[4], 1 << 63, 0, (0x7FF << 52) | 1, patterns[1]]
    assert counts.tolist() == [2] * 6


def test_blocks_are_tallied_as_blocks():
    pairs = Distribution("ab", [9, 1]).extension(2).labels
    stream = pairs.take(np.array([3, 0, 3, 2, 3, 0]))
    check_tally(stream)
    merged, counts = merge_tallies([tally(stream), tally(pairs)])
    wanted = {("a", "a"): 3, ("a", "b"): 1, ("b", "a"): 2, ("b", "b"): 4}
    assert dict(zip(merged, counts.tolist(), strict=True)) == wanted


@given(strategies.labels(min_size=1), st.lists(st.integers(0, 40), max_size=3))
def test_merged_tallies_are_the_tally_of_the_whole(labels, cuts):
    edges = [0, *sorted(min(cut, len(labels)) for cut in cuts), len(labels)]
    parts = [labels.take(np.arange(a, b)) for a, b in pairwise(edges)]
    merged, counts = merge_tallies([tally(part) for part in parts])
    whole, expected = tally(labels)
    assert merged.values.tolist() == whole.values.tolist()
    assert (merged.kind, merged.step) == (labels.kind, labels.step)
    assert counts.tolist() == expected.tolist()


def test_merged_tallies_hold_ints_of_both_signs_and_both_widths():
    small = tally(labels_of(np.array([-5, 7, 7])))
    merged, counts = merge_tallies([small, tally(labels_of(np.array([7, 200], np.uint8)))])
    assert (list(merged), counts.tolist()) == ([-5, 7, 200], [1, 3, 1])
    large = tally(labels_of(np.array([2**64 - 1, 7], np.uint64)))
    merged, counts = merge_tallies([large, tally(labels_of(np.array([7], np.int8)))])
    assert (list(merged), counts.tolist()) == ([7, 2**64 - 1], [2, 1])
    with pytest.raises(ValueError, match="18446744073709551615"):
        merge_tallies([large, small])


def test_nothing_tallied_is_nothing():
    for merged, counts in (merge_tallies([]), merge_tallies([tally(labels_of([]))]), tally(labels_of([]))):
        assert (len(merged), counts.tolist()) == (0, [])


@given(strategies.labels(unique=True), strategies.labels())
def test_a_symbol_is_the_place_in_the_alphabet(alphabet, others):
    check_find(alphabet, others)
    check_find(alphabet, alphabet)


@given(strategies.labels(min_size=1, unique=True), st.lists(st.integers(0, 100), max_size=40))
def test_what_is_in_the_alphabet_is_found_and_nothing_is_unknown(alphabet, draws):
    symbols = np.array([n % len(alphabet) for n in draws], np.int64)
    found, unknown = find(alphabet, alphabet.take(symbols))
    assert found.tolist() == symbols.tolist()
    assert unknown is None


def test_labels_of_all_int_types_meet_by_value_alone():
    every = [np.array(sorted({np.iinfo(d).min, np.iinfo(d).max, 0, 1, 100, 127}), d) for d in strategies.INT_DTYPES]
    for alphabet, stream in product(every, every):
        check_find(Labels("int", alphabet), Labels("int", stream))
        check_find(Labels("int", alphabet[-2:]), Labels("int", stream))
        check_find(Labels("int", alphabet[::-1]), Labels("int", stream))


def test_minus_one_is_never_two_to_the_64_less_one():
    unsigned = Labels("int", np.array([2**64 - 1, 2**64 - 3], np.uint64))
    signed = Labels("int", np.array([-1, -2, -3]))
    for alphabet, stream in ((unsigned, signed), (signed, unsigned)):
        _, unknown = find(alphabet, stream)
        assert unknown is not None
        assert unknown.all()
    sparse = Labels("int", np.array([2**64 - 1, 5], np.uint64))
    assert find(sparse, signed)[1].tolist() == [True] * 3
    assert find(sparse, Labels("int", np.array([5, -1])))[1].tolist() == [False, True]
    assert find(Labels("int", np.array([255], np.uint8)), Labels("int", np.array([-1], np.int8)))[1].tolist() == [True]


@pytest.mark.dear
@pytest.mark.parametrize("dtype", strategies.INT_DTYPES)
@pytest.mark.parametrize("gap", [1, 3, 2**24])
def test_the_first_and_the_last_unknown_in_a_long_stream_are_reported(dtype, gap):
    limits, random = np.iinfo(dtype), np.random.default_rng(gap)
    start = max(int(limits.min) + 1, -10)
    alphabet = [k for k in range(start, start + 40 * gap, gap) if k < limits.max]
    alphabet = Labels("int", np.array(alphabet, dtype))
    stream = alphabet.values[random.integers(0, len(alphabet), 100_000)].copy()
    check_find(alphabet, Labels("int", stream))
    for place in 0, 32_767, 32_768, 99_999:
        for stranger in limits.min, limits.max, start - 1, int(alphabet.values[-1]) + 1, start + 1:
            broken = stream.copy()
            broken[place] = stranger
            if stranger not in alphabet.values:
                assert find(alphabet, Labels("int", broken))[1].nonzero()[0].tolist() == [place]


@pytest.mark.parametrize(
    ("size", "dtype"), [(1, np.uint8), (256, np.uint8), (257, np.uint16), (65_536, np.uint16), (65_537, np.uint32)]
)
@pytest.mark.parametrize("spread", [1, 10**6])
def test_symbols_are_as_wide_as_the_alphabet_needs(size, dtype, spread):
    values = spread * np.arange(size)
    symbols, unknown = find(labels_of(values), labels_of(values[::-1]))
    assert (symbols.dtype, unknown) == (dtype, None)
    assert np.array_equal(symbols, np.arange(size)[::-1])


def test_labels_of_another_kind_or_step_are_unknown():
    ints, stream = labels_of([1, 2]), labels_of([1, 2])
    for other in labels_of([1.0, 2.0]), labels_of(["1", "2"]), Labels("int", np.array([1, 2]), "0.1"):
        assert find(other, stream)[1].tolist() == [True, True]
        assert find(ints, other)[1].tolist() == [True, True]


def test_blocks_meet_by_their_labels_whatever_the_order_of_their_alphabets():
    p, q = Distribution("ab", [9, 1]).extension(2), Distribution("bca", [1, 0, 9]).extension(2)
    symbols, unknown = find(q.labels, p.labels)
    assert [q.labels[s] for s in symbols.tolist()] == list(p.labels)
    assert unknown is None
    _, unknown = find(p.labels, q.labels)
    assert unknown.tolist() == ["c" in pair for pair in q.labels]


@given(strategies.labels(max_size=12))
def test_the_first_duplicate_is_found(labels):
    keys = keys_of(labels)
    repeated = [i for i, key in enumerate(keys) if key in keys[:i]]
    assert first_duplicate(labels) == (repeated[0] if repeated else None)


def test_what_only_looks_alike_is_no_duplicate():
    assert first_duplicate(labels_of([0.0, -0.0, float("nan"), 1.0])) is None
    assert first_duplicate(labels_of([float("nan"), float("nan")])) == 1
    assert first_duplicate(Distribution("ab", [1, 1]).extension(2).labels) is None


@given(strategies.labels(max_size=12, unique=True, kinds=("int", "str")), strategies.labels(kinds=("int", "str")))
def test_tokens_of_a_text_meet_labels_by_their_spelling(alphabet, tokens):
    place = {spelling: symbol for symbol, spelling in enumerate(alphabet.spellings)}
    symbols, unknown = find(alphabet, tokens, spelled=True)
    expected = [place.get(spelling) for spelling in tokens.spellings]
    found = ~unknown if unknown is not None else np.ones(len(tokens), np.bool_)
    assert [int(s) if f else None for s, f in zip(symbols, found, strict=True)] == expected


def test_tokens_meet_floats_and_grids_as_they_are_spelled():
    tenths = Labels("int", np.array([215, 220]), "0.1")
    symbols, unknown = find(labels_of([22.0, 21.5]), tenths, spelled=True)
    assert (symbols.tolist(), unknown) == ([1, 0], None)
    assert find(labels_of(["21.50", "21.5"]), tenths, spelled=True)[1].tolist() == [False, True]
    assert find(labels_of([-0.0]), labels_of(["0.0"]), spelled=True)[1].tolist() == [True]
    assert find(labels_of([b"5"]), labels_of([5, 6]), spelled=True)[1].tolist() == [False, True]
