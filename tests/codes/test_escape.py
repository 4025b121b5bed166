"""Codes with an escape: canonical, optimal with its weight, priced reading by reading, saved and loaded."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import strategies
from bitarray import bitarray
from bitarray.util import huffman_code
from checks import same
from hypothesis import assume, given
from hypothesis import strategies as st

from codec.codes.prefix import PrefixCode, huffman
from codec.coding import decode, encode
from codec.errors import TableError
from codec.files.tables import dumps, load, save
from codec.measure.mismatch import mismatch
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, labels_of
from codec.theory.sources import built_in

INTS = PrefixCode.from_lengths([100, 105, 110], [1, 2, 3], 3)
FLOATS = PrefixCode.from_lengths([0.5, -0.0], [1, 2], 2)
STRINGS = PrefixCode.from_lengths(["a", "bc", ""], [1, 2, 3], 3)
BYTES = PrefixCode.from_lengths([b"a", b"\xff\0"], [1, 2], 2)


def test_an_escape_is_the_last_codeword_of_its_length_among_those_of_the_code() -> None:
    code = PrefixCode.from_lengths("abc", [3, 1, 3], 2)
    assert {label: word.to01() for label, word in code.codewords.items()} == {"a": "110", "b": "0", "c": "111"}
    assert code.escape_codeword.to01() == "10" and code.kraft_sum() == 1
    assert code.all_lengths.tolist() == [3, 1, 3, 2] and code.lengths.tolist() == [3, 1, 3]
    without = PrefixCode.from_lengths("abc", [3, 1, 3])
    assert without.escape_codeword is None and without.all_lengths.tolist() == [3, 1, 3]
    assert without.kraft_sum() == Fraction(3, 4) and without.fingerprint != code.fingerprint
    assert "an escape of 2" in repr(code)


@given(lengths=strategies.feasible_lengths(2, 10))
def test_codewords_and_escape_are_prefix_free_and_canonical(lengths: list[int]) -> None:
    assume(lengths[-1] and any(lengths[:-1]))
    code = PrefixCode.from_lengths(range(len(lengths) - 1), lengths[:-1], lengths[-1])
    whole = PrefixCode.from_lengths(range(len(lengths)), lengths)
    words = [*code.codewords.values(), code.escape_codeword]
    assert words == list(whole.codewords.values())
    assert all(not b.to01().startswith(a.to01()) for a, b in pairwise(sorted(words, key=bitarray.to01)))
    assert code.kraft_sum() == strategies.kraft(lengths)


def test_lengths_that_no_escape_can_have_are_refused() -> None:
    with pytest.raises(ValueError, match="over-full: their Kraft sum is 5/4"):
        PrefixCode.from_lengths("ab", [1, 1], 2)
    with pytest.raises(ValueError, match="the length of the escape is -1"):
        PrefixCode.from_lengths("ab", [1, 2], -1)
    with pytest.raises(TypeError):
        PrefixCode.from_lengths("ab", [1, 2], 2.0)
    with pytest.raises(ValueError, match="at least one label"):
        PrefixCode.from_lengths([], [], 1)


def test_the_cost_of_a_reading_is_its_codeword_or_the_escape_and_its_raw_value() -> None:
    labels = labels_of([100, 7, 110, 105])
    assert INTS.costs_at(labels).tolist() == [1, 3 + 64, 3, 2]
    assert INTS.costs_at(labels, spelled=True).tolist() == [1, 3 + 16 + 8, 3, 2]
    assert INTS.lengths_at(labels).tolist() == [1, 0, 3, 2]
    assert STRINGS.costs_at(labels_of(["a", "\u00e9t"])).tolist() == [1, 3 + 16 + 24]
    assert BYTES.costs_at(labels_of([b"a", b"\0\0"])).tolist() == [1, 2 + 16 + 16]
    assert FLOATS.costs_at(labels_of([0.0, 0.5])).tolist() == [2 + 64, 1]
    p = Distribution([100, 7], [3, 1])
    assert INTS.expected_length(p) == (3 * 1 + 67) / 4
    assert INTS.redundancy(p) == 17.5 - p.entropy()


def test_the_kl_divergence_stays_infinite_and_the_finite_price_stands_beside_it() -> None:
    readings = np.array([100] * 300 + [105] * 200 + [7] * 100)
    p = Distribution.from_stream(readings)
    price = mismatch(p, INTS, readings)
    assert price.kl_prediction == math.inf and price.rounding_difference is None
    assert price.expected_length == (300 * 1 + 200 * 2 + 100 * 67) / 600
    assert price.measured_length == price.expected_length
    assert math.isclose(price.measured_extra, price.expected_extra)
    other = mismatch(Distribution([1.5], [1]), INTS, [1.5, 1.5])  # a kind that its escape cannot tell
    assert (other.expected_length, other.measured_length) == (math.inf, None)
    grid = mismatch(
        Distribution(Labels("int", np.array([7]), "0.1"), [1]), INTS, Labels("int", np.array([7, 7]), "0.1")
    )
    assert (grid.expected_length, grid.measured_length) == (math.inf, None)


@given(
    strategies.small_weights(1, 14),
    st.one_of(st.tuples(st.integers(1, 9), st.sampled_from([Fraction, float, int, np.int64])),
              st.tuples(st.fractions("1/50", 5, max_denominator=50), st.just(Fraction))),
)  # fmt: skip
def test_huffman_with_an_escape_is_optimal_for_the_weights_with_the_escape_among_them(
    weights: list[int], escape: tuple[Any, Any]
) -> None:
    weight, kind = escape
    code = huffman(Distribution(range(len(weights)), weights), None, kind(weight))
    exact = Fraction(weight)
    every = [*(own * exact.denominator for own in weights), exact.numerator]
    oracle = huffman_code(dict(enumerate(every)))
    best = sum(weight * len(oracle[symbol]) for symbol, weight in enumerate(every))
    assert sum(weight * length for weight, length in zip(every, code.all_lengths.tolist(), strict=True)) == best
    assert code.kraft_sum() == 1 and code.escape_length > 0 and code.weights.tolist() == weights


def test_an_escape_shares_the_limit_on_lengths_and_takes_no_weight_that_is_none() -> None:
    p = Distribution(range(6), [1, 1, 2, 3, 5, 8])
    assert huffman(p, 3, 1).all_lengths.max() == 3 and huffman(p, 3, 1).kraft_sum() == 1
    with pytest.raises(ValueError, match="9 codewords do not fit into 3 bits"):
        huffman(Distribution(range(8), [1] * 8), 3, 1)
    for weight in (0, -1, math.nan, math.inf):
        with pytest.raises(ValueError, match="escape"):
            huffman(p, None, weight)
    rare = huffman(Distribution([1, 2, 3], [1, 0, 1]), None, 1)
    assert rare.lengths.tolist()[1] == 0 and rare.kraft_sum() == 1


def test_a_saved_table_with_an_escape_comes_back_and_reads_its_files(tmp_path: Path) -> None:
    nan = PrefixCode.from_lengths(Labels("float", np.array([0x7FF8 << 48, 1], np.uint64)), [1, 2], 2)
    grid = PrefixCode.from_lengths(Labels("int", np.array([24, -2]), "0.1"), [1, 2], np.int64(2))
    some = PrefixCode.from_lengths([1, 2, 3], [1, 0, 2], 3)
    many = huffman(Distribution(range(256), [1] * 256), None, 1)
    for code in (INTS, FLOATS, STRINGS, BYTES, nan, grid, some, many):
        save(code, tmp_path / "code.json")
        again = load(tmp_path / "code.json")
        assert again.escape_length == code.escape_length and again.fingerprint == code.fingerprint
        assert again.lengths.tolist() == code.lengths.tolist() and dumps(again) == dumps(code)
        readings = code.alphabet.take(np.flatnonzero(code.lengths))
        assert same(decode(encode(readings, code, False), again), decode(encode(readings)))


def test_the_saved_text_names_the_escape() -> None:
    fields = json.loads(dumps(huffman(built_in("nasa"), None, 1)))
    assert fields["escape"] == 6 and fields["lengths"] == [2, 1, 5, 4, 4, 6, 5, 5]
    assert "escape" not in json.loads(dumps(huffman(built_in("nasa"))))


def test_a_wrong_escape_in_a_table_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    for escape in ("-1", "2.0", "true", "null", '"2"', "[2]", "65537", "1e999", "1"):
        path.write_text(f'{{"kind": "code", "labels": ["a", "b"], "lengths": [1, 2], "escape": {escape}}}')
        with pytest.raises(
            TableError, match="over-full: their Kraft sum is 5/4" if escape == "1" else "escape"
        ) as caught:
            load(path)
        assert str(caught.value).startswith(str(path))


def test_a_changed_escape_is_refused_by_the_fingerprint(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    save(INTS, path)
    text = path.read_text()
    assert '"escape": 3' in text
    for changed in ('"escape": 4', '"escape": 0'):
        path.write_text(text.replace('"escape": 3', changed))
        with pytest.raises(TableError, match="it has been changed"):
            load(path)
    path.write_text('{"kind": "code", "labels": ["a"], "lengths": [1], "escape": 33}')
    with pytest.raises(ValueError, match="codewords of 33 bits, and files hold at most 32"):
        encode("a", load(path))
