"""Prefix codes: canonical codewords, and the exact identities between lengths, entropies and divergences."""

import math
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
import strategies
from bitarray import bitarray
from hypothesis import example, given
from hypothesis import strategies as st

from codec.codes.canonical import canonical_codewords, kraft_sum
from codec.codes.prefix import PrefixCode, expected_length, huffman
from codec.theory.distribution import Distribution
from codec.theory.information import cross_entropy, relative_entropy
from codec.theory.sources import built_in

NASA, PEAKED = built_in("nasa"), built_in("peaked")
SEED_TRUE = [0.29786589, 0.01631927, 0.00065958, 0.27396781, 0.11610311, 0.10891934, 0.01762108, 0.16854391]
SEED_OBTAINED = [0.22374847, 0.01351315, 0.26085442, 0.04087474, 0.05121301, 0.04455142, 0.14301258, 0.22223221]


def words_of(lengths):
    words = canonical_codewords(np.array(lengths))
    return [format(int(w), f"0{l}b") if l else "" for w, l in zip(words, lengths, strict=True)]


def rfc_1951(lengths):
    """The three steps of section 3.2.2, as they stand there."""
    bl_count = [lengths.count(n) if n else 0 for n in range(max(lengths) + 1)]
    code, next_code = 0, {}
    for bits in range(1, max(lengths) + 1):
        code = (code + bl_count[bits - 1]) << 1
        next_code[bits] = code
    words = []
    for length in lengths:
        words.append(format(next_code[length], f"0{length}b") if length else "")
        if length:
            next_code[length] += 1
    return words


def test_the_worked_example_of_rfc_1951():
    # Section 3.2.2: the alphabet ABCDEFGH with the lengths (3, 3, 3, 3, 3, 2, 4, 4)
    expected = ["010", "011", "100", "101", "110", "00", "1110", "1111"]
    assert words_of([3, 3, 3, 3, 3, 2, 4, 4]) == expected
    code = PrefixCode.from_lengths("ABCDEFGH", [3, 3, 3, 3, 3, 2, 4, 4])
    assert [word.to01() for word in code.codewords.values()] == expected and list(code.codewords) == list("ABCDEFGH")


@given(strategies.feasible_lengths(max_size=20))
@example([64, 64, *range(63, 0, -1)])
@example([65, 65, *range(64, 0, -1)])
@example([100, 200, 1])
def test_codewords_are_those_of_rfc_1951_and_none_is_the_beginning_of_another(lengths):
    words = words_of(lengths)
    assert words == rfc_1951(lengths)
    used = sorted(word for word in words if word)
    assert not any(b.startswith(a) for a, b in pairwise(used))
    by_rank = sorted(((l, i) for i, l in enumerate(lengths) if l))
    filled = [words[i].ljust(max(lengths), "0") for _, i in by_rank]
    assert filled == sorted(filled)


@given(strategies.feasible_lengths(max_size=20))
def test_the_kraft_sum_is_exact(lengths):
    assert kraft_sum(np.array(lengths)) == strategies.kraft(lengths)
    assert PrefixCode.from_lengths(range(len(lengths)), lengths).kraft_sum() == strategies.kraft(lengths)


@strategies.tried(100, strategies.distributions())
def test_a_huffman_code_is_complete_unless_it_has_a_single_codeword(p):
    used = np.count_nonzero(p.weights != 0)
    assert huffman(p).kraft_sum() == (1 if used > 1 else Fraction(1, 2))
    assert (huffman(p).lengths > 0).tolist() == (p.weights != 0).tolist()


def test_what_is_no_code_is_refused_by_name():
    for labels, lengths, error, message in (
        ("abc", [1, 1, 1], ValueError, "over-full: their Kraft sum is 3/2"),
        ("abc", [1, 1, 3000], ValueError, "over-full"),
        ("abc", [1, -2, 2], ValueError, "code length of label 'b' is -2"),
        ("abc", [0, 0, 0], ValueError, "all code lengths are 0"),
        ("abc", [1, 2], ValueError, r"3 labels and lengths of shape \(2,\)"),
        ("ab", [[1], [1]], ValueError, r"2 labels and lengths of shape \(2, 1\)"),
        ("", [], ValueError, "at least one label"), ("aba", [1, 2, 2], ValueError, "label 'a' stands twice"),
        ([math.nan, 1.0, math.nan], [1, 2, 2], ValueError, "label nan stands twice"),
        ("abc", [1.0, 2.0, 2.0], TypeError, "ints, not float64"), ("ab", [True, True], TypeError, "ints, not bool"),
        ([1, "b"], [1, 1], TypeError, "of several: int, str"),
    ):  # fmt: skip
        with pytest.raises(error, match=message):
            PrefixCode.from_lengths(labels, lengths)


def test_a_code_does_not_change_with_the_array_it_was_made_from():
    lengths = np.array([1, 2, 2])
    code = PrefixCode.from_lengths("abc", lengths)
    lengths[0] = 9
    assert code.lengths.tolist() == [1, 2, 2]
    with pytest.raises(ValueError, match="read-only"):
        code.lengths[0] = 9


def test_labels_without_a_codeword_have_none():
    code = PrefixCode.from_lengths("abc", [1, 0, 2])
    assert code.codewords == {"a": bitarray("0"), "c": bitarray("10")}
    assert code.expected_length(Distribution("ac", [1, 1])) == 1.5
    assert code.expected_length(Distribution("ab", [1, 1])) == math.inf
    assert code.expected_length(Distribution("az", [1, 1])) == math.inf
    assert code.expected_length(Distribution("abz", [1, 0, 0])) == 1.0
    assert code.lengths_at(Distribution("zca", [1, 1, 1]).labels).tolist() == [0, 2, 1]


@strategies.tried(100, strategies.pairs(), st.booleans())
def test_the_expected_length_is_an_exact_mean(pair, as_array):
    p, q = pair
    code = huffman(q)
    length = dict(zip(code.alphabet, code.lengths.tolist(), strict=True))
    total = sum(Fraction(w) * length[label] for label, w in zip(p.labels, p.weights.tolist(), strict=True))
    expected = total / sum(p.weights.tolist())
    assert expected_length(p.weights, code.lengths_at(p.labels)) == expected
    in_order = p.lookup(code.alphabet, p.weights, 0).tolist()
    assert code.expected_length(in_order if as_array else p) == float(expected)


# The identities of the theory, on any p and any code.


@given(st.data())
def test_expected_length_is_entropy_plus_divergence_from_the_implied_less_the_log_of_the_kraft_sum(data):
    lengths = data.draw(strategies.feasible_lengths())
    code = PrefixCode.from_lengths(range(len(lengths)), lengths)
    weights = data.draw(st.lists(strategies.positive_counts, min_size=len(lengths), max_size=len(lengths)))
    p = Distribution(range(len(lengths)), [w if l else 0 for w, l in zip(weights, lengths, strict=True)])
    kraft = math.log2(strategies.kraft(lengths))
    assert code.expected_length(p) == pytest.approx(p.entropy() + relative_entropy(p, code.implied()) - kraft, abs=1e-9)
    assert code.redundancy(p) == pytest.approx(relative_entropy(p, code.implied()) - kraft, abs=1e-9)


@given(strategies.feasible_lengths())
def test_the_implied_distribution_is_the_one_the_code_is_ideal_for(lengths):
    r = PrefixCode.from_lengths(range(len(lengths)), lengths).implied()
    kraft = strategies.kraft(lengths)
    total = sum(r.weights.tolist())
    assert [Fraction(w, total) for w in r.weights.tolist()] == [Fraction(1, 2**l) / kraft if l else 0 for l in lengths]
    if kraft == 1:  # a dyadic source, which its code fits without any rounding
        code = PrefixCode.from_lengths(range(len(lengths)), lengths)
        assert code.expected_length(r) == r.entropy()
        assert huffman(r).expected_length(r) == r.entropy()


@strategies.tried(100, st.data())
def test_extra_bits_between_complete_codes_are_a_difference_of_divergences(data):
    lengths = data.draw(strategies.complete_lengths())
    n = len(lengths)
    others = data.draw(strategies.complete_lengths(n, n))
    p = Distribution(range(n), data.draw(strategies.weights(n, n)))
    mine, other = (PrefixCode.from_lengths(range(n), x) for x in (lengths, others))
    extra = other.expected_length(p) - mine.expected_length(p)
    divergences = relative_entropy(p, other.implied()) - relative_entropy(p, mine.implied())
    assert extra == pytest.approx(divergences, abs=1e-9)


@strategies.tried(100, strategies.pairs())
def test_extra_bits_differ_from_the_prediction_by_qs_rounding_less_ps(pair):
    p, q = pair
    extra = huffman(q).expected_length(p) - huffman(p).expected_length(p)
    roundings = (huffman(q).expected_length(p) - cross_entropy(p, q)) - (huffman(p).expected_length(p) - p.entropy())
    assert extra - relative_entropy(p, q) == pytest.approx(roundings, abs=1e-9)


@strategies.tried(100, strategies.pairs(min_size=2))
def test_shannons_code_for_q_costs_the_cross_entropy_and_less_than_a_bit_more(pair):
    p, q = pair
    total = sum(q.weights.tolist())
    # ceil(-log2(w / total)), exactly: the least l with w * 2^l >= total
    lengths = [max(1, -(-total // w) - 1).bit_length() if w < total else 0 for w in q.weights.tolist()]
    code = PrefixCode.from_lengths(q.labels, lengths)
    assert all(w << l >= total > w << l - 1 for w, l in zip(q.weights.tolist(), lengths, strict=True))
    # So that every codeword is less than a bit too long; the mean of the floats may just reach the bit.
    assert -1e-9 <= code.expected_length(p) - cross_entropy(p, q) < 1 + 1e-9


@given(strategies.complete_lengths(max_size=10), st.randoms(use_true_random=False))
def test_dyadic_p_and_q_cost_exactly_what_the_divergence_predicts(lengths, random):
    others = lengths[:]
    random.shuffle(others)
    longest = max(lengths)
    p = Distribution(range(len(lengths)), [2 ** (longest - l) for l in lengths])
    q = Distribution(range(len(lengths)), [2 ** (longest - l) for l in others])
    extra = huffman(q).expected_length(p) - huffman(p).expected_length(p)
    assert extra == relative_entropy(p, q)
    assert huffman(p).expected_length(p) == p.entropy()
    assert huffman(p).lengths.tolist() == list(lengths)


def test_where_q_rules_out_what_happens_the_price_is_infinite():
    p, q = Distribution("abc", [1, 1, 1]), Distribution("abc", [1, 1, 0])
    assert huffman(q).expected_length(p) == relative_entropy(p, q) == math.inf
    assert huffman(p).expected_length(q) == 2  # 2, 2, 1: the last of equals is the shortest


# The numbers of the texts.


def test_the_nasa_levels_cost_two_point_thirty_seven_bits():
    code = huffman(NASA)
    assert code.expected_length(NASA) == 2.37
    assert code.lengths.tolist() == [2, 1, 5, 4, 4, 5, 5, 5]
    assert code.redundancy(NASA) == pytest.approx(2.37 - 2.323115964316818, abs=1e-12)


def test_the_second_example_of_the_text_has_its_exact_price():
    p, q = Distribution(range(8), SEED_TRUE), Distribution(range(8), SEED_OBTAINED)
    by_hand_p, by_hand_q = [2, 6, 6, 2, 3, 4, 5, 2], [2, 5, 2, 5, 5, 5, 3, 2]  # no ties: there is one tree each
    assert huffman(p).lengths.tolist() == by_hand_p
    assert huffman(q).lengths.tolist() == by_hand_q
    extra = huffman(q).expected_length(p) - huffman(p).expected_length(p)
    by_hand = sum(w * (b - a) for w, a, b in zip(SEED_TRUE, by_hand_p, by_hand_q, strict=True)) / sum(SEED_TRUE)
    assert extra == pytest.approx(by_hand, abs=1e-12)
    assert round(extra, 4) == 1.1088  # and the prediction is 1.0308


# The code as a thing.


def test_lengths_and_order_are_the_code_and_its_fingerprint_signs_them():
    code = PrefixCode.from_lengths("abc", [1, 2, 2])
    assert code.fingerprint == PrefixCode.from_lengths(["a", "b", "c"], np.array([1, 2, 2], np.uint8)).fingerprint
    others = (("abc", [2, 1, 2]), ("acb", [1, 2, 2]), ("abd", [1, 2, 2]), ([b"a", b"b", b"c"], [1, 2, 2]),
              ("ab", [1, 2]), ("abcd", [1, 2, 2, 0]))  # fmt: skip
    assert len({code.fingerprint, *(PrefixCode.from_lengths(*other).fingerprint for other in others)}) == 7
    # The weights that a code was made from are no part of it.
    assert huffman(Distribution("abc", [2, 1, 1])).fingerprint == huffman(Distribution("abc", [20, 9, 9])).fingerprint


def test_a_code_can_be_shown_even_over_blocks():
    code = PrefixCode.from_lengths("abc", [1, 2, 2])
    assert repr(code) == f"PrefixCode(3 labels, lengths up to 2, fingerprint {code.fingerprint})"
    assert repr(huffman(Distribution("ab", [9, 1]).extension(2))) == "PrefixCode(4 labels, lengths up to 3)"


def test_a_limited_code_is_the_best_within_its_limit():
    code = huffman(NASA, max_length=4)
    best = min(
        sum(w * l for w, l in zip(NASA.weights.tolist(), v, strict=True))
        for v in product(range(1, 5), repeat=8)
        if sum(1 << 4 - l for l in v) == 16
    )
    assert code.expected_length(NASA) == best / 100
    assert code.expected_length(NASA) > 2.37
