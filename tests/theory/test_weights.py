"""Weights are exact: what a person wrote, in integers of the same proportion."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from codec.theory.weights import MAX_EXACT, exact_weights


def exact(weights):
    return exact_weights(weights, range(len(weights)))


def proportions(weights):
    total = sum(weights)
    return [w / total for w in weights]


@given(strategies.weights())
def test_integer_weights_stay_in_exact_proportion(weights):
    got = exact(weights).tolist()
    as_written = [Fraction(str(w)) for w in weights]
    assert all(isinstance(w, int) for w in got)
    assert proportions([Fraction(w) for w in got]) == proportions(as_written)


@given(st.lists(strategies.counts, min_size=1).filter(any))
def test_counts_stay_the_same_integers(counts):
    assert exact(counts).tolist() == counts


def test_decimals_are_read_as_a_person_reads_them():
    assert exact([0.30, 0.40, 0.05]).tolist() == [6, 8, 1]
    assert exact([0.1, 0.2, 0.3]).tolist() == [1, 2, 3]  # in floats 0.1 + 0.2 > 0.3
    for dtype in (np.float16, np.float32, np.float64):  # each by its own digits
        assert exact(np.array([0.1, 0.2, 0.3], dtype)).tolist() == [1, 2, 3]
    assert exact([Decimal("0.1"), 0.2, Fraction(1, 3)]).tolist() == [3, 6, 10]
    assert exact(pd.Series([0.5, 0.25])).tolist() == [2, 1]
    assert exact([1e-300, 1]).tolist() == [1, 10**300]
    assert exact([True, False]).tolist() == exact(np.array([True, False])).tolist() == exact([np.True_, 0]).tolist()


@pytest.mark.parametrize("dtype", strategies.INT_DTYPES)
def test_integer_arrays_of_every_type_cannot_overflow(dtype):
    high = int(np.iinfo(dtype).max)
    got = exact(np.full(5, high, dtype))
    assert got.tolist() == [high] * 5
    assert sum(got.tolist()) == 5 * high
    assert got.dtype == (np.int64 if 5 * high < 2**63 else object)


def test_sums_just_within_and_just_beyond_64_bits():
    assert exact([2**63 - 2, 1]).dtype == np.int64
    assert exact([2**63 - 1, 1]).dtype == object
    assert exact(np.array([2**62, 2**62 - 1])).dtype == np.int64
    assert exact(np.array([2**62, 2**62])).dtype == object


@pytest.mark.slow
def test_float_arrays_too_long_to_be_exact_stay_floats():
    long = exact(np.full(MAX_EXACT + 1, 0.1))
    assert long.dtype == np.float64
    assert exact(np.full(MAX_EXACT, 0.1)).tolist() == [1] * MAX_EXACT


def test_weights_cannot_be_changed_and_do_not_freeze_what_they_were_made_from():
    array = np.array([1, 2])
    with pytest.raises(ValueError, match="read-only"):
        exact(array)[0] = 5
    array[0] = 3


NAN, INF = float("nan"), float("inf")


def test_a_weight_that_is_none_is_refused_with_its_label():
    for bad in (NAN, INF, -INF, -1, -0.5, Decimal("NaN"), Decimal("-Infinity"), Fraction(-1, 3)):
        for weights in ([1, bad, -7], np.array([1, float(bad), -7])):
            with pytest.raises(ValueError, match=r"label 'b' is .*finite numbers, at least 0") as caught:
                exact_weights(weights, "abc")
            assert str(float(bad))[:4] in str(caught.value) or str(bad) in str(caught.value)
    for dtype in (np.int8, np.int64, np.float32, object):
        with pytest.raises(ValueError, match="label 'c' is -3"):
            exact_weights(np.array([1, 0, -3, -4], dtype), "abcd")
    for bad in (NAN, INF, -1.0):
        weights = np.ones(MAX_EXACT + 10)
        weights[MAX_EXACT + 3] = bad
        with pytest.raises(ValueError, match=f"label {MAX_EXACT + 3} is {bad}"):
            exact(weights)


def test_what_is_no_list_of_weights_is_refused():
    for weights, labels, error, message in (
        ([], "", ValueError, "at least one label"), ([0, 0.0], "ab", ValueError, "all weights are zero"),
        (np.zeros(3, int), "abc", ValueError, "all weights are zero"),
        ([1, 2, 3], "ab", ValueError, "2 labels and 3 weights"), ([1], "ab", ValueError, "2 labels and 1 weight:"),
        (np.ones((2, 2)), "ab", ValueError, r"shape \(2, 2\)"),
        ([1, "2"], "ab", TypeError, "label 'b' is '2': not a number"),
        ([1, None], "ab", TypeError, "label 'b' is None: not a number"),
        (np.array(["1", "2"]), "ab", TypeError, "label 'a' is .*'1'.*: not a number"),
        ([1, 1j], "ab", TypeError, "label 'b' is 1j: not a number"),
        ([1, Decimal("1e-99999999")], "ab", ValueError, "label 'b' is 1E-99999999: that is too small"),
        ([1, Decimal("0e-99999999")], "ab", ValueError, "label 'b' is 0E-99999999: that is too small"),
    ):  # fmt: skip
        with pytest.raises(error, match=message):
            exact_weights(weights, labels)
