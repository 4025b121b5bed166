"""Code lengths: optimal against every other code, and the right one among the optimal."""

import heapq
import math
from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import pytest
import strategies
from bitarray.util import huffman_code
from hypothesis import example, given
from hypothesis import strategies as st

from codec.codes.lengths import huffman_lengths
from codec.theory.weights import exact_weights


def lengths_of(weights, max_length=None):
    return huffman_lengths(exact_weights(weights, range(len(weights))), max_length).tolist()


def cost(weights, lengths):
    return sum(w * l for w, l in zip(weights, lengths, strict=True))


@cache
def complete_codes(n):
    """All length vectors of n symbols with the Kraft sum 1, as an array."""
    vectors = {(0,)}
    for _ in range(n - 1):
        vectors = {
            (*v[:i], v[i] + 1, *v[i + 1 : j], v[i] + 1, *v[j:])
            for v in vectors
            for i in range(len(v))
            for j in range(i + 1, len(v) + 1)
        }
    return np.array(sorted(vectors))


def from_a_heap(weights):
    """Huffman's construction, leaves before inner nodes of equal weight, and those in the order of their making."""
    order = sorted((i for i, w in enumerate(weights) if w), key=lambda i: weights[i])
    if len(order) == 1:
        return [int(i == order[0]) for i in range(len(weights))]
    heap = [(weights[i], place, (i,)) for place, i in enumerate(order)]
    heapq.heapify(heap)
    lengths = [0] * len(weights)
    for made in range(len(order), 2 * len(order) - 1):
        (w1, _, below1), (w2, _, below2) = heapq.heappop(heap), heapq.heappop(heap)
        for i in below1 + below2:
            lengths[i] += 1
        heapq.heappush(heap, (w1 + w2, made, below1 + below2))
    return lengths


def heap_cost(weights):
    """The cost of Huffman's code: the sum of all inner nodes."""
    heap = list(weights)
    heapq.heapify(heap)
    total = 0
    while len(heap) > 1:
        node = heapq.heappop(heap) + heapq.heappop(heap)
        total += node
        heapq.heappush(heap, node)
    return total


def limited_cost(weights, limit):
    """The least cost under a limit by dynamic programming from the root: at each depth, how many of the free nodes
    become leaves (of the heaviest weights left)."""
    ordered = sorted(weights, reverse=True)
    n = len(ordered)
    left = [sum(ordered[i:]) for i in range(n + 1)]

    @cache
    def least(depth, done, free):
        if free >= n - done:
            return 0
        if depth == limit:
            return math.inf
        return min(
            left[done + leaves] + least(depth + 1, done + leaves, min(2 * (free - leaves), n - done - leaves))
            for leaves in range(free)
        )

    return least(0, 0, 1)


def test_the_number_of_complete_codes_is_the_known_one():
    assert [len(complete_codes(n)) for n in range(1, 7)] == [1, 1, 3, 13, 75, 525]  # OEIS A007178


@given(strategies.small_weights(min_size=2, max_size=7))
@example([1] * 7)
@example([1, 1, 2, 3, 5, 8, 13])
def test_no_complete_code_is_shorter_and_none_as_short_is_less_deep_or_less_even(weights):
    lengths = lengths_of(weights)
    codes = complete_codes(len(weights))
    costs = codes @ weights
    assert lengths in codes.tolist()
    assert cost(weights, lengths) == costs.min()
    optimal = codes[costs == costs.min()]
    assert max(lengths) == optimal.max(axis=1).min()
    assert sum(lengths) == optimal.sum(axis=1).min()
    assert cost(weights, [l * l for l in lengths]) == (optimal**2 @ weights).min()


@pytest.mark.parametrize("vectors", [1000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_bitarrays_codes_cost_the_same(vectors):
    random = np.random.default_rng(1)
    for high in 3, 12, 1000, 10**9:
        for _ in range(vectors // 4):
            weights = random.integers(1, high, random.integers(2, 12), endpoint=True)
            theirs = huffman_code(dict(enumerate(weights.tolist())))
            assert (weights * huffman_lengths(weights)).sum() == sum(w * len(theirs[i]) for i, w in enumerate(weights))


def test_two_queues_give_what_a_heap_gives_node_by_node():
    random = np.random.default_rng(2)
    for high in 1, 2, 3, 5, 20, 10**6:
        for n in [*range(1, 40), *random.integers(40, 400, 6).tolist()]:
            for low in 0, 1:
                weights = random.integers(low, high, n, endpoint=True)
                weights[0] = max(weights[0], 1)
                assert huffman_lengths(weights).tolist() == from_a_heap(weights.tolist())


@given(strategies.weights(max_size=40))
def test_two_queues_give_what_a_heap_gives_for_any_exact_weights(weights):
    integers = exact_weights(weights, range(len(weights))).tolist()
    assert lengths_of(weights) == from_a_heap(integers)


@given(st.lists(st.integers(1, 3).map(lambda k: k << 200) | st.integers(1, 2**300), min_size=1, max_size=40))
def test_two_queues_give_what_a_heap_gives_for_huge_ints(weights):
    assert lengths_of(weights) == from_a_heap(weights)


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.7]) | st.floats(1e-300, 1e300), min_size=1, max_size=40))
def test_two_queues_give_what_a_heap_gives_for_floats_as_they_are(weights):
    # Only arrays of more than 65,536 floats are built from floats: their sums round, in the same way here.
    assert huffman_lengths(np.array(weights)).tolist() == from_a_heap(weights)


def test_more_floats_than_are_made_exact_still_get_an_optimal_code():
    weights = np.random.default_rng(3).random(70_000)
    lengths = huffman_lengths(exact_weights(weights, range(70_000)))
    assert float((weights * lengths).sum()) == pytest.approx(heap_cost(weights.tolist()), rel=1e-12)
    assert strategies.kraft(lengths.tolist()) == 1


def test_a_tie_gives_the_flatter_code_only_if_weights_are_exact():
    assert lengths_of([4, 6, 5, 2]) == [2, 2, 2, 2]
    assert lengths_of([0.4, 0.6, 0.5, 0.2]) == [2, 2, 2, 2]
    assert lengths_of([Fraction(w, 17) for w in (4, 6, 5, 2)]) == [2, 2, 2, 2]
    # 6/17 + 5/17 in floats is not 4/17 + 2/17 + ...: what would be built from normalised floats
    as_floats = huffman_lengths(np.array([4, 6, 5, 2]) / 17).tolist()
    assert as_floats == [3, 1, 2, 3]


@given(strategies.small_weights(max_size=20), st.integers(1, 10**20))
def test_a_common_factor_changes_nothing(weights, factor):
    assert lengths_of([factor * w for w in weights]) == lengths_of(weights)
    assert lengths_of([w / 10 for w in weights]) == lengths_of(weights)


def test_position_breaks_ties_one_symbol_costs_one_bit_and_no_weight_gets_no_codeword():
    """Of equal weights the first are merged first, and so lie deeper."""
    for weights, lengths in (([1, 1, 1], [2, 2, 1]), ([2, 1, 1, 2, 2], [2, 3, 3, 2, 2]), ([7], [1]),
                             ([0, 7, 0], [0, 1, 0]), ([0, 3, 0, 1, 1], [0, 1, 0, 2, 2])):  # fmt: skip
        assert lengths_of(weights) == lengths


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 100, 256, 1000, 65_536])
def test_equal_weights_get_a_balanced_code(n):
    lengths = lengths_of([5] * n)
    low = n.bit_length() - 1
    assert sorted(lengths) == [low] * (2 ** (low + 1) - n) + [low + 1] * (2 * n - 2 ** (low + 1))


def fibonacci(n):
    weights = [1, 1]
    while len(weights) < n:
        weights.append(weights[-1] + weights[-2])
    return weights


def test_fibonacci_weights_make_the_deepest_code_and_a_limit_has_its_price():
    weights = fibonacci(40)
    lengths = lengths_of(weights)
    assert max(lengths) == 39
    assert lengths == [39, *range(39, 0, -1)]
    limited = lengths_of(weights, 32)
    assert max(limited) == 32
    assert strategies.kraft(limited) == 1
    price = cost(weights, limited) - cost(weights, lengths)
    assert price > 0
    assert cost(weights, limited) == limited_cost(weights, 32)


@cache
def codes_within(n, limit):
    """All length vectors that are possible under a limit."""
    every = product(range(1, limit + 1), repeat=n)
    return np.array([v for v in every if sum(1 << limit - l for l in v) <= 1 << limit])


@given(st.data())
def test_package_merge_is_as_short_as_any_code_within_the_limit(data):
    limit = data.draw(st.integers(1, 4))
    n = data.draw(st.integers(1, min(6 if limit < 4 else 5, 1 << limit)))
    weights = data.draw(st.lists(st.integers(1, 5) | st.integers(1, 1000), min_size=n, max_size=n))
    lengths = lengths_of(weights, limit)
    assert max(lengths) <= limit
    assert strategies.kraft(lengths) <= 1
    assert cost(weights, lengths) == (codes_within(n, limit) @ weights).min()


@given(strategies.small_weights(min_size=2, max_size=24, high=10**6), st.integers(0, 4))
@example(fibonacci(24), 0)
@example([2**i for i in range(20)], 1)
def test_package_merge_costs_what_dynamic_programming_costs(weights, slack):
    limit = max(1, (len(weights) - 1).bit_length()) + slack
    limited = lengths_of(weights, limit)
    assert max(limited) <= limit
    assert cost(weights, limited) == limited_cost(weights, limit)


@strategies.tried(100, strategies.weights(max_size=20), st.integers(5, 20))
def test_a_limit_that_does_not_bind_changes_nothing(weights, limit):
    free = lengths_of(weights)
    if max(free) <= limit:
        assert lengths_of(weights, limit) == free
    else:
        assert max(lengths_of(weights, limit)) <= limit


def test_package_merge_does_not_overflow():
    # Packages on the upper levels weigh many times the sum of the weights.
    small = [2**i for i in range(60)]
    huge = [2**40 * w for w in small]
    assert sum(small) < 2**63 < sum(huge)
    assert lengths_of(small, 6) == lengths_of(huge, 6)
    to_the_brim = [2**i for i in range(63)]  # their sum is the largest int64, and a package may hold one of them twice
    for limit in 6, 7, 8, 12:
        assert cost(to_the_brim, lengths_of(to_the_brim, limit)) == limited_cost(to_the_brim, limit)
        assert cost(small, lengths_of(small, limit)) == limited_cost(small, limit)


def test_package_merge_leaves_out_what_has_no_weight():
    assert lengths_of([0, 1, 1, 2, 3, 5, 8, 0], 3) == [0, 3, 3, 3, 3, 2, 2, 0]


def test_a_limit_too_short_is_refused_in_the_numbers_given():
    with pytest.raises(ValueError, match="5 codewords do not fit into 2 bits"):
        lengths_of([1] * 5, 2)
    assert lengths_of([1] * 4, 2) == [2] * 4
    for limit in 0, -1:
        for weights in [1], [1, 2]:
            with pytest.raises(ValueError, match=f"{len(weights)} codewords do not fit into {limit} bits"):
                lengths_of(weights, limit)
