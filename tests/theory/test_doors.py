"""What comes in is what is meant: copies, exact matches, errors that say what is wanted."""

import copy
import pickle
import time
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from codec import Distribution, PrefixCode, decode, encode, huffman
from codec.codes.constructions import construct
from codec.codes.prefix import as_code
from codec.errors import StreamError
from codec.measure.audit import audit
from codec.measure.mismatch import mismatch
from codec.theory.filling import fill
from codec.theory.information import cross_entropy, entropy, relative_entropy
from codec.theory.labels import Labels, labels_of
from codec.theory.sources import drifting, sticky

TENTHS = Labels("int", np.array([205, 210, 400]), "0.1")
HUNDREDTHS = Labels("int", np.array([2050, 2110]), "0.01")

# A distribution knows its own draws.

KINDS = {
    "ints": [3, 7, 12],
    "uint64": np.array([2**64 - 1, 3, 5], np.uint64),
    "floats": [20.5, -0.0, float("nan")],
    "strings": ["a", "bc", ""],
    "bytes": [b"a", b"\xff", b""],
    "tenths": TENTHS,
    "hundredths": Labels("int", np.array([2050, 2110, -7]), "0.01"),
}


@pytest.mark.parametrize("labels", KINDS.values(), ids=list(KINDS))
def test_a_distribution_knows_its_own_draws_and_what_other_sources_draw_are_its_labels_too(labels):
    p = Distribution(labels, [5, 3, 2])
    draws = p.sample(500, seed=1)
    own = Distribution.from_stream(draws)
    assert set(own.labels.spellings) == set(p.labels.spellings)
    assert relative_entropy(own, p) < 0.05 and mismatch(p, p, draws).measured_length
    assert audit(draws, huffman(p)) is not None
    assert len(labels_of(decode(encode(draws, p)))) == 500
    for drawn in (own.labels, *(labels_of(source[0]) for source in (sticky(p, 50, 1, 0.5), drifting(p, p, 50, 1)))):
        assert (drawn.kind, drawn.step) == (p.labels.kind, p.labels.step)


def test_draws_with_decimals_are_spelled_with_them_and_are_floats_to_numpy():
    draws = Distribution(HUNDREDTHS, [1, 1]).sample(20, seed=1)
    assert set(draws.spellings) == {"20.50", "21.10"}
    assert np.asarray(draws).dtype == np.float64 and set(np.asarray(draws).tolist()) == {20.5, 21.1}


def test_draws_of_tuples_are_tuples():
    pairs = Distribution("ab", [9, 1]).extension(2)
    assert relative_entropy(Distribution.from_stream(pairs.sample(2000, seed=1)), pairs) < 0.05


# Two distributions are compared by what their readings are.


def test_numbers_match_by_value_whatever_their_kind():
    ints, floats = Distribution([20, 21], [1, 1]), Distribution([21.0, 20.0], [1, 1])
    tenths, hundredths = Distribution(TENTHS, [1, 1, 0]), Distribution([20.5, 21.0], [1, 1])
    assert relative_entropy(ints, floats) == relative_entropy(floats, ints) == 0
    assert relative_entropy(tenths, hundredths) == relative_entropy(hundredths, tenths) == 0
    assert cross_entropy(ints, floats) == huffman(floats).expected_length(ints) == 1
    assert huffman(floats).certificate(ints).optimal
    assert relative_entropy(Distribution(HUNDREDTHS, [1, 1]), Distribution([21.1, 20.5], [1, 1])) == 0


def test_a_number_that_q_lacks_is_still_infinite():
    assert relative_entropy(Distribution([20, 22], [1, 1]), Distribution([20.0, 21.0], [1, 1])) == np.inf
    assert relative_entropy(Distribution([2**53 + 1], [1]), Distribution([2.0**53], [1])) == np.inf
    assert relative_entropy(Distribution([0], [1]), Distribution([-0.0, np.nan, np.inf], [1, 1, 1])) == np.inf


def test_text_and_numbers_match_by_spelling_or_are_refused_by_both_kinds():
    text = Distribution(["-", "20.5", "21.0"], [1, 2, 2])
    tenths = Distribution(TENTHS, [1, 1, 0])
    assert relative_entropy(tenths, text) == pytest.approx(np.log2(5 / 4))
    assert relative_entropy(text, tenths) == np.inf  # "-" is a reading that q rules out
    with pytest.raises(ValueError, match=r"of kind str and of kind int in steps of 0\.1 cannot be compared: '-'"):
        relative_entropy(Distribution(["-", "x"], [1, 2]), tenths)
    with pytest.raises(ValueError, match="of kind int and of kind str"):
        huffman(text).expected_length(Distribution([1], [1]))
    pairs = Distribution([1, 2], [1, 1]).extension(2)
    assert relative_entropy(pairs, Distribution([2.0, 1.0], [1, 1]).extension(2)) == 0


# Nothing is aliased.


def test_a_code_and_a_distribution_keep_what_they_were_given():
    lab, lengths, weights = np.array([1, 2]), np.array([1, 1]), np.array([3, 1])
    view = labels_of(lab)
    codes = [PrefixCode.from_lengths(lab, lengths), PrefixCode(lab, lengths), PrefixCode(view, lengths, weights)]
    p = Distribution(lab, weights)
    lab[0], lengths[0], weights[0] = 9, 7, 0
    for code in codes:
        assert list(code.alphabet) == [1, 2] and code.lengths.tolist() == [1, 1]
        assert decode(encode([2, 1], code)).tolist() == [2, 1]
    assert list(p.labels) == [1, 2] and p.weights.tolist() == [3, 1] and codes[2].weights.tolist() == [3, 1]
    raw = bytearray(b"ab")
    q = Distribution(raw, [1, 1])
    raw[0] = 99
    assert list(q.labels) == [97, 98]


@pytest.mark.parametrize("how", [lambda x: x, copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_what_is_handed_out_cannot_be_changed_also_after_a_pickle_or_a_copy(how):
    code = how(huffman(Distribution("abc", [2, 1, 1]), escape_weight=1))
    p = how(Distribution([1, 2], [2, 1]))
    pairs = how(p.extension(2))
    arrays = [code.lengths, code.all_lengths, code.weights, code.alphabet.values, p.weights, p.probabilities]
    for array in [*arrays, p.labels.values, pairs.labels.values, pairs.labels.base.values]:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]
    plain = PrefixCode.from_lengths(np.array([1, 2]), [1, 1])
    for array in (plain.alphabet.values, plain.lengths):
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.flags.writeable = True
    code.codewords.clear()
    next(iter(code.codewords.values())).clear()
    assert all(len(word) for word in code.codewords.values()) and len(code.codewords) == 3


# Equality.


def test_codes_and_distributions_are_equal_by_what_they_are():
    p = Distribution("ab", [0.5, 0.25])
    assert p == Distribution("ab", [4, 2]) and hash(p) == hash(Distribution("ab", [4, 2]))
    assert p != Distribution("ba", [2, 4]) and p != Distribution("ab", [1, 1]) and p != "ab"
    assert Distribution([0.0], [1]) != Distribution([-0.0], [1]) and Distribution([1], [1]) != Distribution([1.0], [1])
    assert Distribution([float("nan")], [1]) == Distribution([float("nan")], [7])
    a, b = huffman(p), PrefixCode.from_lengths("ab", [1, 1])
    assert a == b and hash(a) == hash(b) and a.fingerprint == b.fingerprint
    assert a != PrefixCode.from_lengths("ba", [1, 1]) and a != PrefixCode.from_lengths("ab", [1, 2])
    assert a != PrefixCode.from_lengths("ab", [1, 2], 2) and len({a, b, p}) == 2


# pandas.


def test_a_gap_is_no_label_and_a_nullable_series_without_one_is_exact():
    for door in (labels_of, Distribution.from_stream):
        for gap in (pd.Series([2**53 + 1, None], dtype="Int64"), np.ma.array([1, 2], mask=[0, 1])):
            with pytest.raises(TypeError, match="at position 1 is masked or missing, and a gap is no label"):
                door(gap)
    with pytest.raises(TypeError, match="NA"):
        encode(pd.Series([1, pd.NA], dtype=object))
    with pytest.raises(StreamError, match="beside gaps is less than"):
        encode(pd.Series([2**53 + 1, None], dtype="Int64"))
    whole = pd.Series([2**53 + 1, 5], dtype="Int64")
    assert list(Distribution.from_stream(whole).labels) == [5, 2**53 + 1]


def test_series_are_aligned_by_their_index_and_value_counts_make_a_distribution():
    a, b = pd.Series([3, 1], ["x", "y"]), pd.Series([3, 1], ["y", "x"])
    assert relative_entropy(a, b) == pytest.approx(0.7925, abs=1e-4)
    assert cross_entropy(a, b) == pytest.approx(relative_entropy(a, b) + entropy(a))
    assert relative_entropy(a, pd.Series([1], ["x"])) == np.inf
    assert relative_entropy(pd.Series([1], ["x"]), a) == pytest.approx(np.log2(4 / 3))
    with pytest.raises(ValueError, match="stands twice"):
        relative_entropy(pd.Series([3, 1], ["x", "x"]), b)
    p = Distribution.from_counts(pd.Series([7, 5, 7, 7]).value_counts())
    assert list(p.labels) == [5, 7] and p.weights.tolist() == [1, 3]


# Smoothing.


def test_filling_covers_the_readings_that_are_numbers():
    p = Distribution.from_stream(["-", "20.5", "20.8", "20.8", " 7", "-0.0"])
    smooth = p.smoothed(1, fill=True)
    assert set(smooth.labels) == {"-", " 7", "-0.0", "20.5", "20.6", "20.7", "20.8"}
    assert dict(zip(smooth.labels, smooth.weights.tolist(), strict=True))["20.8"] == 3
    column = Distribution.from_stream(["  9.8", " 10.1", "-10.0"]).smoothed(1, fill=True)
    assert len(column) == 202 and {"-10.0", " -9.9", "  0.0", "  9.9", " 10.0"} < set(column.labels)
    floats = Distribution.from_stream([20.5, 21.0, -0.0, float("nan")]).smoothed(1, fill=True)
    assert {20.6, 20.7, 20.8, 20.9} < set(floats.labels) and len(floats) == 8


def test_a_range_that_is_mostly_holes_says_so_in_the_users_numbers():
    labels, (filling,) = fill(Labels("int", np.array([-9990, *range(200, 260)]), "0.1"))
    assert filling.mostly_holes and (filling.low, filling.high, filling.present) == ("-999.0", "25.9", 61)
    assert len(labels) == filling.present + filling.added == 10_250
    with pytest.raises(ValueError, match=r"from -9999\.0 to 26\.0 there are more than 65,536 labels in steps of 0\.1"):
        fill(Labels("int", np.array([-99990, 260]), "0.1"))


# Options and weights.


def test_every_option_passes_as_the_int_that_it_is():
    p = Distribution(range(300), range(1, 301))
    assert huffman(p, np.uint8(9)) == huffman(p, 9)
    with pytest.raises(ValueError, match="do not fit into 8 bits"):
        huffman(p, np.uint8(8))
    assert construct("huffman", p, np.int8(9)) == huffman(p, 9)
    assert len(Distribution("ab", [1, 1]).extension(np.int8(3))) == 8
    assert p.sample(np.int8(3), np.uint8(1)).tolist() == p.sample(3, 1).tolist()
    for wrong in (2.0, "3", None):
        with pytest.raises(TypeError):
            p.extension(wrong)
        with pytest.raises(TypeError):
            p.sample(wrong)
    with pytest.raises(TypeError):
        huffman(p, 9.0)


def test_bytes_that_are_no_bools_and_numbers_that_are_no_characters_are_refused():
    with pytest.raises(ValueError, match="holds the byte 2, which is not 0 or 1"):
        labels_of(np.array([0, 2], np.uint8).view(bool))
    with pytest.raises(ValueError, match="holds a number above"):
        labels_of(np.frombuffer(b"\xff" * 4, "<U1"))
    with pytest.raises(ValueError, match="holds a number above"):
        labels_of(np.frombuffer(b"a\0\0\0" * 3 + b"\0\0\x11\0", "<U2"))
    assert list(labels_of(np.array(["a", "\U0010ffff"]))) == ["a", "\U0010ffff"]


def test_what_is_of_the_wrong_kind_is_a_type_error_that_says_what_is_wanted():
    for call, message in (
        (lambda: huffman(None), "a Distribution is wanted"),
        (lambda: Distribution.from_counts("abc"), "counts are a mapping label -> weight, not str"),
        (lambda: Distribution("abc"), "counts are a mapping label -> weight, not str"),
        (lambda: Distribution([1], None), "counts are a mapping"),
        (lambda: Distribution([1], 5), "weights are a list"), (lambda: Distribution(5, [1]), "labels are wanted"),
        (lambda: Distribution([1], [1j]), "not a number"), (lambda: Distribution([1], np.array([1j])), "not a number"),
        (lambda: entropy([1j, 1]), "real numbers"), (lambda: entropy(None), "real numbers"),
        (lambda: entropy(["a"]), "real numbers"), (lambda: PrefixCode("ab", [1.0, 1.0]), "code lengths are ints"),
        (lambda: as_code(5), "a code is wanted"),
    ):  # fmt: skip
        with pytest.raises(TypeError, match=message):
            call()


def test_a_list_is_as_good_as_an_array_and_a_mapping_as_a_distribution():
    assert PrefixCode(["a", "b"], [1, 1]) == PrefixCode.from_lengths("ab", [1, 1])
    code = huffman(Distribution("ab", [1, 1]))
    assert huffman({"a": 0.5, "b": 0.5}) == code == huffman(Distribution({"b": 1, "a": 1}))
    assert huffman([3, 1]).lengths.tolist() == [1, 1]
    assert entropy([10**400, 10**400]) == 1 and entropy([10**400, 1]) == 0


def test_what_would_fill_memory_or_time_is_refused_at_once():
    began = time.perf_counter()
    for call in (
        lambda: Distribution([1], [1]).extension(10**30),
        lambda: Distribution([1, 2], [1, 1]).extension(10**30),
        lambda: PrefixCode.from_lengths([1, 2], [10**9, 1]),
        lambda: PrefixCode.from_lengths([1, 2], [1, 2], 10**9),
        lambda: Distribution([1], [Decimal("1e999999999")]),
    ):
        with pytest.raises(ValueError, match=r"blocks have|codewords have at most|finite"):
            call()
    assert time.perf_counter() - began < 5
