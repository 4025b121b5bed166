"""A certificate says what can be proved of a code, and only that."""

import json
import math
from fractions import Fraction

import numpy as np
import pytest
import strategies
from bitarray import bitarray
from hypothesis import assume, example, given
from hypothesis import strategies as st

from codec.codes.certificate import prefix_free
from codec.codes.constructions import NAMES, construct
from codec.codes.prefix import PrefixCode, huffman
from codec.codes.standard import standard
from codec.show.as_json import as_json
from codec.theory.distribution import Distribution
from codec.theory.sources import built_in
from codec.theory.weights import MAX_EXACT

NASA = built_in("nasa")
words = st.text("01", min_size=1, max_size=6)


def cost(weights, lengths):
    return sum(int(w) * int(l) for w, l in zip(weights.tolist(), lengths.tolist(), strict=True))


# The prefix property.


@given(st.lists(words, max_size=12))
@example(["0", "0"])
@example(["01", "00", "0"])
def test_the_prefix_property_is_that_no_word_begins_with_another(some):
    pairs = [(a, b) for i, a in enumerate(some) for j, b in enumerate(some) if i != j]
    assert prefix_free(map(bitarray, some)) == (not any(b.startswith(a) for a, b in pairs))


def test_the_prefix_property_is_no_matter_of_the_kraft_sum():
    assert not prefix_free(map(bitarray, ("0", "01", "11")))  # its Kraft sum is 1


@given(strategies.codes())
def test_every_code_has_it(code):
    p = code.implied()
    shown = code.certificate(p)
    assert shown.prefix_free and shown.kraft_sum == code.kraft_sum() == strategies.kraft(code.lengths.tolist())


def test_an_escape_is_one_of_the_codewords(monkeypatch):
    code = huffman(NASA, escape_weight=1)
    assert code.certificate(NASA).prefix_free and code.certificate(NASA).kraft_sum == 1
    assert not code.certificate(NASA).optimal  # the escape takes room
    monkeypatch.setattr("codec.codes.prefix.canonical_codewords", lambda lengths: np.zeros(len(lengths), np.int64))
    assert not code.certificate(NASA).prefix_free  # the words are looked at


# Optimal or not.


@given(strategies.distributions())
def test_huffmans_code_is_optimal_and_keeps_to_both_bounds(p):
    shown = huffman(p).certificate(p)
    assert shown.optimal and shown.gallager_applies and shown.cost == shown.huffman_cost
    assert -1e-9 <= shown.redundancy <= shown.gallager_bound + 1e-9
    assert shown.symbols == int((p.weights != 0).sum())
    assert shown.shannon_bound_holds == (shown.symbols > 1)
    assert shown.least_depth == huffman(p).lengths.max()


@given(strategies.distributions(max_size=7), st.data())
def test_a_code_is_optimal_if_it_costs_what_huffmans_does(p, data):
    lengths = data.draw(strategies.complete_lengths(len(p), len(p))) if len(p) > 1 else [1]
    code = PrefixCode.from_lengths(p.labels, lengths)
    shown = code.certificate(p)
    assert shown.cost == Fraction(cost(p.weights, code.lengths), sum(p.weights.tolist()))
    assert shown.optimal == (cost(p.weights, code.lengths) == cost(p.weights, huffman(p).lengths))
    assert shown.cost >= shown.huffman_cost
    assert math.isclose(shown.redundancy, code.redundancy(p), abs_tol=1e-9)


def test_one_unit_in_a_sum_beyond_all_floats_is_seen():
    p = Distribution("abcd", [2**80 + 1, 2**80, 2**80, 2**80])
    level, steep = PrefixCode.from_lengths("abcd", [2, 2, 2, 2]), PrefixCode.from_lengths("abcd", [1, 2, 3, 3])
    assert level.certificate(p).optimal and not steep.certificate(p).optimal
    p = Distribution("abc", [2**80, 2**80 + 1, 2**80])
    assert PrefixCode.from_lengths("abc", [2, 1, 2]).certificate(p).optimal
    assert not PrefixCode.from_lengths("abc", [1, 2, 2]).certificate(p).optimal


def test_so_it_is_among_weights_that_stay_floats():
    labels, floats = range(3 + MAX_EXACT), np.append([0.1, 0.1 + 2**-56, 0.1], np.zeros(MAX_EXACT))
    p = Distribution(labels, floats)
    assert p.weights.dtype == np.float64
    lengths = np.zeros(len(floats), np.int64)
    for first_three, best in (([2, 1, 2], True), ([1, 2, 2], False)):
        lengths[:3] = first_three
        assert PrefixCode.from_lengths(labels, lengths).certificate(p).optimal == best


def test_p_is_aligned_by_label_and_may_need_what_the_code_lacks():
    code = PrefixCode.from_lengths("abc", [1, 2, 2])
    assert code.certificate(Distribution("cab", [1, 2, 1])).cost == Fraction(3, 2)
    assert code.certificate([2, 1, 1]).cost == Fraction(3, 2)
    shown = code.certificate(Distribution("abcd", [2, 1, 1, 1]))
    assert shown.cost == shown.redundancy == math.inf and not shown.optimal and not shown.shannon_bound_holds
    fields = json.loads(json.dumps(as_json(shown), allow_nan=False))
    assert fields["cost"] is fields["redundancy"] is None and fields["huffman_cost"] == 2


def test_a_length_limit_costs_optimality():
    assert not huffman(NASA, 3).certificate(NASA).optimal
    assert huffman(NASA, 5).certificate(NASA).optimal


@pytest.mark.parametrize("name", ["hpack", "deflate-fixed"])
def test_a_complete_standard_table_is_optimal_for_what_it_implies(name):
    code = standard(name)
    shown = code.certificate(code.implied())
    assert shown.optimal and shown.kraft_sum == 1 and abs(shown.redundancy) < 1e-9


def test_a_standard_table_with_a_word_unused_is_not_for_its_own():
    code = standard("jpeg-dc-luminance")
    assert not code.certificate(code.implied()).optimal


# Shannon's bound.


def test_a_single_symbol_breaks_shannons_bound_and_meets_gallagers():
    shown = huffman(Distribution("a", [1])).certificate([1])
    assert (shown.shannon_bound_holds, shown.symbols) == (False, 1)
    assert shown.redundancy == shown.gallager_bound == 1


@given(p=strategies.distributions(min_size=2))
def test_shannons_own_code_keeps_to_his_bound(p):
    assume(int((p.weights != 0).sum()) > 1)
    exact = construct("shannon", p).certificate(p)
    assert exact.shannon_bound_holds


def test_dyadic_shannon_fano_elias_is_a_whole_bit_above_the_entropy_and_so_breaks_it():
    p = built_in("dyadic")
    shown = construct("shannon-fano-elias", p).certificate(p)
    assert shown.redundancy == 1 and not shown.shannon_bound_holds and not shown.optimal
    shown = construct("shannon", p).certificate(p)
    assert shown.redundancy == 0 and shown.shannon_bound_holds and shown.optimal


@pytest.mark.parametrize("weights", [[10**330, 1], [10**330, 1, 1], [2**62, 1], [10**330, *[1] * 99]])
def test_an_entropy_too_small_for_a_float_breaks_no_theorem(weights):
    p = Distribution(range(len(weights)), weights)
    assert huffman(p).certificate(p).shannon_bound_holds
    assert construct("shannon", p).certificate(p).shannon_bound_holds


@pytest.mark.parametrize("name", NAMES)
def test_the_certificate_as_json_has_every_number(name):
    fields = json.loads(json.dumps(as_json(construct(name, NASA).certificate(NASA)), allow_nan=False))
    assert set(fields) == {
        *("kraft_sum", "prefix_free", "cost", "huffman_cost", "optimal", "entropy", "redundancy", "symbols"),
        *("gallager_bound", "gallager_applies", "least_depth", "shannon_bound_holds"),
    }
    assert fields["huffman_cost"] == 2.37 and fields["prefix_free"] is True
    assert fields["optimal"] is fields["gallager_applies"] is (name in ("huffman", "fano"))
