"""The other constructions: against their definitions, the textbooks' numbers, Huffman, and through every engine."""

import math
from fractions import Fraction

import numpy as np
import pytest
import strategies
from checks import each_engine, flip, same
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import examples

from codec.codes.certificate import prefix_free
from codec.codes.constructions import (
    NAMES,
    construct,
    fano_lengths,
    fixed_lengths,
    shannon_fano_elias_lengths,
    shannon_lengths,
)
from codec.codes.prefix import huffman
from codec.coding import decode, encode
from codec.errors import CodecError, DamagedError
from codec.theory.distribution import Distribution
from codec.theory.information import entropy, relative_entropy
from codec.theory.sources import built_in
from codec.theory.weights import MAX_EXACT, exact_weights

OTHERS = tuple(name for name in NAMES if name != "huffman")
each_name = pytest.mark.parametrize("name", NAMES)
each_other = pytest.mark.parametrize("name", OTHERS)


def valid(weights):
    return exact_weights(weights, range(len(weights)))


def as_floats(weights):
    """The same as floats, with so many zeros behind them that they stay floats."""
    padded = np.append(np.array(weights, np.float64), np.zeros(MAX_EXACT))
    array = exact_weights(padded, range(len(padded)))
    assert array.dtype == np.float64
    return array


def information(weight, total):
    """The smallest l with weight 2^l >= total, by trying them all."""
    length = 0
    while weight * 2**length < total:
        length += 1
    return length


def fano_by_hand(weights):
    """Fano's splitting as he tells it: try every place, take the first of the best, go on in both halves."""
    lengths = [0] * len(weights)

    def split(group):
        if len(group) < 2:
            return
        differences = [
            abs(sum(weights[i] for i in group[:place]) - sum(weights[i] for i in group[place:]))
            for place in range(1, len(group))
        ]
        place = 1 + differences.index(min(differences))
        for i in group:
            lengths[i] += 1
        split(group[:place])
        split(group[place:])

    occurring = [i for i, w in enumerate(weights) if w]
    if len(occurring) == 1:
        lengths[occurring[0]] = 1
    split(sorted(occurring, key=lambda i: (-weights[i], i)))
    return lengths


# The textbooks' numbers.


def test_on_counts_15_7_6_6_5_fano_shannon_and_huffman_cost_89_102_and_87_bits():
    counts = [15, 7, 6, 6, 5]
    p = Distribution("abcde", counts)
    cost = {name: int(np.dot(counts, construct(name, p).lengths)) for name in NAMES}
    assert (cost["fano"], cost["shannon"], cost["huffman"], cost["fixed"]) == (89, 102, 87, 117)
    assert construct("fano", p).lengths.tolist() == [2, 2, 2, 3, 3]
    assert construct("shannon", p).lengths.tolist() == [2, 3, 3, 3, 3]


def test_shannon_fano_elias_has_the_lengths_of_cover_and_thomas():
    p = Distribution("abcd", [0.25, 0.5, 0.125, 0.125])
    assert construct("shannon-fano-elias", p).lengths.tolist() == [3, 2, 4, 4]
    # Their second example, not dyadic: table 5.9 of the second edition.
    p = Distribution(range(1, 6), [0.25, 0.25, 0.2, 0.15, 0.15])
    assert construct("shannon-fano-elias", p).lengths.tolist() == [3, 3, 4, 4, 4]


# Each against its definition.


@given(strategies.weights())
@example([2**62, 1, 2**62 - 2])
@example([2**63 - 2, 1])
@example([2**53 + 1, 2**53 - 1])  # as floats both would be 2^53
@example([3, 1])
def test_shannon_lengths_are_the_smallest_with_w_2_to_the_l_at_least_the_sum(given_weights):
    weights = valid(given_weights)
    exact = weights.tolist()
    wanted = [information(w, sum(exact)) if w else None for w in exact]
    assert shannon_lengths(weights).tolist() == [0 if l is None else max(l, 1) for l in wanted]
    assert shannon_fano_elias_lengths(weights).tolist() == [0 if l is None else l + 1 for l in wanted]
    assert shannon_lengths(weights).dtype == shannon_fano_elias_lengths(weights).dtype == np.int64


@given(strategies.weights(max_size=9))
@example([6, 5, 15, 0, 6, 7])
@example([1, 1, 1, 1, 1])
@example([2**62, 2**61, 2**61 - 1])
def test_fano_splits_at_the_first_place_where_the_sums_are_as_equal_as_can_be(given_weights):
    weights = valid(given_weights)
    assert fano_lengths(weights).tolist() == fano_by_hand(weights.tolist())


def test_of_two_equally_good_places_fano_splits_at_the_first():
    """1 | 2 and 2 | 1 differ as much; 3 | 4 stands before 5 | 2."""
    for weights, lengths in (([1] * 3, [1, 2, 2]), ([3, 2, 1, 1], [1, 2, 3, 3]), ([1] * 5, [2, 2, 2, 3, 3])):
        assert fano_lengths(valid(weights)).tolist() == lengths


@given(strategies.weights())
def test_a_fixed_width_numbers_the_labels_that_occur(given_weights):
    weights = valid(given_weights)
    occurring = [w for w in weights.tolist() if w]
    width = max(1, math.ceil(math.log2(len(occurring))))
    assert fixed_lengths(weights).tolist() == [width if w else 0 for w in weights.tolist()]


@each_name
def test_a_single_symbol_costs_one_bit(name):
    for weights in ([7], [0, 7], [0, 2**70, 0], [0.0, 0.3]):
        p = Distribution(range(len(weights)), weights)
        assert construct(name, p).lengths.tolist() == [int(w > 0) for w in weights]


def test_weights_that_stay_floats_are_as_exact_as_others():
    floats = [0.1, 0.2, 0.30000000000000004, 1e-12, 3.0, 2.0**-40]
    ratios = [Fraction(x) for x in floats]  # what the floats are, not what they are spelled as
    array = as_floats(floats)
    for lengths_of in (shannon_lengths, fano_lengths, shannon_fano_elias_lengths, fixed_lengths):
        lengths = lengths_of(array)
        assert lengths[: len(floats)].tolist() == lengths_of(valid(ratios)).tolist()
        assert not lengths[len(floats) :].any()
    # 1/2 of the sum and one unit less: one more bit, which no float sum would show.
    tight = [1.0, 1.0 - 2.0**-53, 2.0**-53]
    assert shannon_lengths(as_floats(tight))[:3].tolist() == [1, 2, 54]


def test_large_alphabets_are_quick_and_deep_ones_need_no_recursion():
    many = Distribution(range(65_536), np.random.default_rng(1).integers(1, 10**6, 65_536))
    deep = Distribution(range(3000), [2**i for i in range(3000)])
    for name in OTHERS:
        assert construct(name, many).kraft_sum() <= 1
        assert construct(name, deep).kraft_sum() <= 1
    assert construct("fano", deep).lengths.max() == 2999


# What all of them promise.


@each_name
@given(p=strategies.distributions())
def test_every_construction_gives_a_prefix_code_for_the_labels_that_occur(name, p):
    code = construct(name, p)
    assert strategies.kraft(code.lengths.tolist()) == code.kraft_sum() <= 1
    assert ((code.lengths > 0) == (p.weights != 0)).all()
    assert code.alphabet is p.labels and code.weights is p.weights
    assert prefix_free(code.codewords.values()) or len(code.codewords) < int((code.lengths > 0).sum())


@given(strategies.distributions())
def test_huffman_is_never_worse_than_any_other(p):
    weights = p.weights.tolist()
    lengths = {name: construct(name, p).lengths.tolist() for name in NAMES}
    cost = {name: sum(w * l for w, l in zip(weights, lengths[name], strict=True)) for name in NAMES}
    assert min(cost.values()) == cost["huffman"]
    assert cost["shannon-fano-elias"] <= cost["shannon"] + sum(weights)
    assert cost["shannon"] <= cost["shannon-fano-elias"]


@given(strategies.pairs(min_size=2))
def test_shannons_code_for_any_q_costs_the_cross_entropy_and_less_than_a_bit_more(pair):
    p, q = pair
    ideal = entropy(p) + relative_entropy(p, q)
    length = construct("shannon", q).expected_length(p)
    assert ideal - 1e-9 <= length < ideal + 1 + 1e-9
    # And exactly: the ideal length of each codeword, rounded up by less than 1.
    total = sum(q.weights.tolist())
    for w, l in zip(q.weights.tolist(), construct("shannon", q).lengths.tolist(), strict=True):
        assert w * 2**l >= total > w * 2 ** (l - 1)


def test_huffmans_code_for_q_keeps_to_no_such_bound():
    p, q = Distribution("ab", [0.5, 0.5]), Distribution("ab", [0.999, 0.001])
    assert huffman(q).expected_length(p) == 1 < entropy(p) + relative_entropy(p, q) - 3.9
    assert construct("shannon", q).expected_length(p) == (1 + 10) / 2


def test_unknown_names_and_limits_that_are_not_kept_are_refused():
    p = built_in("nasa")
    with pytest.raises(ValueError, match="no construction is called 'golomb'; there are huffman, fixed"):
        construct("golomb", p)
    with pytest.raises(ValueError, match="the shannon code has codewords of up to 6 bits, and the limit is 5"):
        construct("shannon", p, 5)
    assert construct("shannon", p, 6).lengths.max() == 6
    assert construct("huffman", p, 3).lengths.tolist() == huffman(p, 3).lengths.tolist()


# Through files.


@each_engine
@each_name
@settings(max_examples=examples(25), deadline=None)
@given(data=st.data())
def test_what_is_coded_with_any_construction_comes_back(name, engine, data):
    size = data.draw(st.integers(1, 12))
    weights = data.draw(st.lists(st.integers(1, 6) | st.integers(1, 10**6), min_size=size, max_size=size))
    code = construct(name, Distribution(range(10, 10 + size), weights))
    readings = np.array(data.draw(st.lists(st.integers(10, 9 + size), max_size=300)), np.int64)
    lane = data.draw(st.sampled_from([1, 7, 64, 1024]))
    for embed in (True, False):
        options = {"lane_size": lane, "block_size": data.draw(st.sampled_from([3, 100, 4096]))}
        file = encode(readings, code, embed, engine=engine, **options)
        assert same(decode(file, None if embed else code, engine=engine), readings)
        assert file == encode(readings, code, embed, engine="reference", **options)


@each_engine
@each_name
def test_long_streams_and_long_codewords_of_any_construction_come_back(name, engine):
    p = Distribution(range(24), [2**i for i in range(24)])
    readings = np.concatenate([p.sample(20_000, seed=1), np.arange(24)])
    code = construct(name, p)
    assert name == "fixed" or code.lengths.max() >= 23
    assert same(decode(encode(readings, code, engine=engine), engine=engine), readings)


SMALL = {name: encode(np.array([3, 1, 2, 1, 1, 5, 4, 1]), construct(name, Distribution(range(1, 6), [15, 7, 6, 6, 5])))
         for name in NAMES}  # fmt: skip


def test_the_small_files_are_those_of_incomplete_codes():
    p = Distribution(range(5), [15, 7, 6, 6, 5])
    incomplete = {name for name in NAMES if construct(name, p).kraft_sum() < 1}
    assert incomplete == {"fixed", "shannon", "shannon-fano-elias"}


@pytest.mark.dear
@each_engine
@each_name
def test_every_flipped_bit_and_every_truncation_is_refused(name, engine):
    data = SMALL[name]
    assert decode(data, engine=engine).tolist() == [3, 1, 2, 1, 1, 5, 4, 1]
    for bit in range(8 * len(data)):
        with pytest.raises(CodecError):
            decode(flip(data, bit), engine=engine)
    for size in range(len(data)):
        with pytest.raises(DamagedError):
            decode(data[:size], engine=engine)
