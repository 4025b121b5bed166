"""Entropy, cross entropy, relative entropy, and those of pairs, against SciPy and against their definitions."""

import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.stats
import strategies
from hypothesis import given
from hypothesis import strategies as st

from codec.codes.prefix import huffman
from codec.theory.distribution import Distribution
from codec.theory.information import (
    conditional_entropy,
    cross_entropy,
    entropy,
    gallager_bound,
    mutual_information,
    normalised,
    relative_entropy,
)
from codec.theory.sources import NAMES, built_in, sticky_rate

# The second example of the text it all starts from, as its arrays are printed: 8 digits.
OBTAINED = [0.22374847, 0.01351315, 0.26085442, 0.04087474, 0.05121301, 0.04455142, 0.14301258, 0.22223221]
TRUE = [0.29786589, 0.01631927, 0.00065958, 0.27396781, 0.11610311, 0.10891934, 0.01762108, 0.16854391]

positive = st.floats(1e-6, 1.0)


@st.composite
def two_arrays(draw):
    size = draw(st.integers(1, 12))
    array = st.lists(positive, min_size=size, max_size=size)
    return np.array(draw(array)), np.array(draw(array))


@st.composite
def tables(draw):
    """Weights of pairs, many of them 0."""
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    weight = st.one_of(st.just(0.0), positive)
    size = rows * columns
    weights = draw(st.lists(weight, min_size=size, max_size=size).filter(any))
    return np.array(weights).reshape(rows, columns)


@given(two_arrays(), st.floats(1e-3, 1e3))
def test_scipy_agrees_and_weights_need_no_sum(arrays, factor):
    p, q = arrays
    assert entropy(p) == pytest.approx(scipy.stats.entropy(p, base=2), abs=1e-9)
    assert relative_entropy(p, q) == pytest.approx(scipy.stats.entropy(p, q, base=2), abs=1e-9)
    assert cross_entropy(p, q) == pytest.approx(entropy(p) + relative_entropy(p, q), abs=1e-9)
    assert entropy(factor * p) == pytest.approx(entropy(p), abs=1e-9)
    assert cross_entropy(factor * p, q) == pytest.approx(cross_entropy(p, q), abs=1e-9)
    assert normalised(factor * p).sum() == pytest.approx(1, abs=1e-12)
    assert relative_entropy(p, q) >= 0 == relative_entropy(p, p)
    assert 0 <= entropy(p) <= math.log2(len(p)) + 1e-12


def test_the_entropy_of_the_nasa_levels_is_the_one_printed_in_the_text():
    p = [0.30, 0.40, 0.05, 0.06, 0.07, 0.02, 0.05, 0.05]
    assert entropy(p) == pytest.approx(2.323115964316818, abs=1e-12)
    assert built_in("nasa").entropy() == pytest.approx(2.323115964316818, abs=1e-12)


def test_the_second_example_of_the_text_comes_out():
    assert entropy(TRUE) == pytest.approx(2.380762398444909, abs=1e-6)  # its arrays are printed to 8 digits
    assert entropy(OBTAINED) == pytest.approx(2.5644798655740377, abs=1e-6)
    assert cross_entropy(TRUE, OBTAINED) == pytest.approx(3.4115389365100524, abs=1e-6)
    assert relative_entropy(TRUE, OBTAINED) == pytest.approx(1.0307765380651435, abs=1e-6)
    p, q = Distribution(range(8), TRUE), Distribution(range(8), OBTAINED)
    assert relative_entropy(p, q) == pytest.approx(1.0307765380651435, abs=1e-6)


def test_dyadic_distributions_come_out_without_any_rounding():
    p, q = [1 / 2, 1 / 4, 1 / 8, 1 / 8], [1 / 8, 1 / 8, 1 / 4, 1 / 2]
    assert entropy(p) == 1.75
    assert cross_entropy(p, q) == 0.5 * 3 + 0.25 * 3 + 0.125 * 2 + 0.125 * 1
    assert relative_entropy(p, q) == cross_entropy(p, q) - entropy(p)
    assert entropy([3, 3, 3, 3]) == 2.0
    assert entropy([0, 7, 0]) == 0.0 and entropy([1e308, 1e308, 1e308, 1e308]) == 2.0
    assert math.copysign(1, entropy([1])) == 1


def test_zero_costs_nothing_where_p_is_zero_and_everything_where_only_q_is():
    assert relative_entropy([1, 0], [1, 1]) == 1.0
    assert cross_entropy([1, 0], [1, 0]) == 0.0
    assert relative_entropy([1, 1], [1, 0]) == cross_entropy([1, 1], [1, 0]) == math.inf
    p, q = Distribution("ab", [1, 1]), Distribution("bc", [1, 1])
    assert relative_entropy(p, q) == cross_entropy(p, q) == math.inf


def test_a_very_small_q_is_expensive_but_not_infinitely_so():
    for tiny in (1e-300, 1e-310, 5e-324):
        expected = 0.5 * (-1 - math.log2(tiny)) + 0.5 * -1
        assert relative_entropy([0.5, 0.5], [tiny, 1]) == pytest.approx(expected, rel=1e-12)
        assert cross_entropy([0.5, 0.5], [tiny, 1]) == pytest.approx(expected + 1, rel=1e-12)
        assert relative_entropy([tiny, 1], [0.5, 0.5]) == pytest.approx(1.0, rel=1e-12)
        # Pairs that hardly ever occur leave the others alone.
        assert conditional_entropy([[1, tiny], [tiny, 1]]) == pytest.approx(0, abs=1e-12)
        assert mutual_information([[1, 0], [0, tiny]]) == pytest.approx(0, abs=1e-12)
        assert mutual_information([[1, tiny], [tiny, 1]]) == pytest.approx(1, abs=1e-12)


@given(strategies.pairs())
def test_distributions_are_compared_label_by_label(pair):
    p, q = pair
    p_exact = [Fraction(w, sum(p.weights.tolist())) for w in p.weights.tolist()]
    q_weights = dict(zip(q.labels, q.weights.tolist(), strict=True))
    q_exact = [Fraction(q_weights[label], sum(q.weights.tolist())) for label in p.labels]
    terms = [float(a) * math.log2(a / b) for a, b in zip(p_exact, q_exact, strict=True) if a and float(a)]
    assert relative_entropy(p, q) == pytest.approx(math.fsum(terms), abs=1e-9)


@pytest.mark.parametrize("function", [cross_entropy, relative_entropy])
def test_arguments_that_do_not_belong_together_are_refused(function):
    with pytest.raises(ValueError, match=r"p has the shape \(2,\) and q \(3,\)"):
        function([1, 1], [1, 1, 1])
    with pytest.raises(TypeError, match="two arrays, or two Distributions"):
        function(Distribution("ab", [1, 1]), [1, 1])


def test_weights_that_are_none_are_refused_by_place():
    for weights, message in (
        ([1, math.nan], "weight 1 is nan"), ([math.inf, 1], "weight 0 is inf"), ([1, 2, -3], "weight 2 is -3"),
        ([0, 0], "all weights are zero"), ([], "all weights are zero"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            entropy(weights)


@given(strategies.weights(min_size=2))
def test_huffmans_redundancy_stays_within_gallagers_bound(weights):
    p = Distribution(range(len(weights)), weights)
    largest = float(p.probabilities.max())
    h = -sum(x * math.log2(x) for x in (largest, 1 - largest) if x > 0)
    bound = largest + 0.0860713 if largest < 0.5 else 2 - h - largest
    assert gallager_bound(p) == pytest.approx(bound, abs=1e-12)
    assert -1e-9 <= huffman(p).redundancy(p) <= bound + 1e-9
    one = Distribution("a", [1])  # the worst case
    assert huffman(one).redundancy(one) == gallager_bound(one) == gallager_bound([3]) == 1.0


# pairs


def conditional_by_hand(joint):
    """sum over rows of p(row) H(row), one weight after the other."""
    total, parts = math.fsum(w for row in joint for w in row), []
    for row in joint:
        here = math.fsum(row)
        parts += [w / total * math.log2(here / w) for w in row if w]
    return math.fsum(parts)


@given(tables())
def test_entropies_of_pairs_are_what_their_definitions_say(joint):
    assert conditional_entropy(joint) == pytest.approx(conditional_by_hand(joint.tolist()), abs=1e-12)
    next_alone = scipy.stats.entropy(joint.sum(axis=0), base=2)
    by_row = scipy.stats.entropy(joint[joint.any(axis=1)], base=2, axis=1)
    expected = float(normalised(joint.sum(axis=1)[joint.any(axis=1)]) @ by_row)
    assert conditional_entropy(joint) == pytest.approx(expected, abs=1e-9)
    assert mutual_information(joint) == pytest.approx(next_alone - expected, abs=1e-9)
    # The chain rule; what is told is told both ways, and is the divergence of the pairs from independence.
    assert entropy(joint) == pytest.approx(entropy(joint.sum(axis=1)) + conditional_entropy(joint), abs=1e-12)
    assert entropy(joint) == pytest.approx(entropy(joint.sum(axis=0)) + conditional_entropy(joint.T), abs=1e-12)
    assert mutual_information(joint) == pytest.approx(mutual_information(joint.T), abs=1e-12)
    independent = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    assert mutual_information(joint) == pytest.approx(relative_entropy(joint, independent), abs=1e-12)


@given(tables())
def test_entropies_of_pairs_are_never_negative(joint):
    for table in (joint, joint.T, np.diag(joint.reshape(-1))):
        assert 0 <= conditional_entropy(table) <= entropy(table.sum(axis=0)) + 1e-12
        assert 0 <= mutual_information(table) <= min(entropy(table.sum(axis=0)), entropy(table.sum(axis=1))) + 1e-12
    assert conditional_entropy(np.diag(joint.reshape(-1))) == 0
    assert math.copysign(1, conditional_entropy([[1]])) == math.copysign(1, mutual_information([[1]])) == 1


@given(two_arrays())
def test_independent_pairs_tell_nothing(arrays):
    p, q = arrays
    assert mutual_information(np.outer(p, q)) == pytest.approx(0, abs=1e-12)
    assert conditional_entropy(np.outer(p, q)) == pytest.approx(entropy(q), abs=1e-12)


def test_dyadic_pairs_come_out_without_any_rounding():
    assert conditional_entropy([[1, 1], [2, 0]]) == 0.5
    assert mutual_information([[1, 1], [1, 1]]) == mutual_information(np.outer([4, 2, 1, 1], [1, 1, 2])) == 0
    assert mutual_information(np.diag([1 / 2, 1 / 4, 1 / 8, 1 / 8])) == 1.75
    assert mutual_information([[1, 0, 1], [0, 2, 0]]) == 1
    assert conditional_entropy([[1e308, 1e308], [1e308, 1e308]]) == 1


@pytest.mark.parametrize("persistence", [0, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("name", NAMES)
def test_the_entropy_rate_of_the_sticky_source_is_that_of_its_pairs(name, persistence):
    p = built_in(name)
    share = p.probabilities
    joint = share[:, None] * (persistence * np.eye(len(share)) + (1 - persistence) * share)
    assert conditional_entropy(joint) == pytest.approx(sticky_rate(p, persistence), abs=1e-9)
    assert mutual_information(joint) == pytest.approx(p.entropy() - sticky_rate(p, persistence), abs=1e-9)


@pytest.mark.parametrize("function", [conditional_entropy, mutual_information])
def test_weights_of_pairs_that_are_none_are_refused(function):
    for joint, message in (
        ([1, 1], r"the weights of pairs have the shape \(2,\)"), (1, r"shape \(\)"), ([[[1]]], r"shape \(1, 1, 1\)"),
        ([[1, math.nan]], "weight 1 is nan"), ([[1], [-1]], "weight 1 is -1"), ([[math.inf]], "weight 0 is inf"),
        ([[0, 0], [0, 0]], "all weights are zero"), (np.zeros((0, 3)), "all weights are zero"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            function(joint)
