"""Labels: which are one label and which are two, and how each is spelled."""

import math
import struct
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import strategies
from hypothesis import example, given
from hypothesis import strategies as st

from codec.theory.labels import Labels, float_patterns, floats_from_patterns, int_array, labels_of, objects, spell_step

# Bit patterns of NaNs of 16, 32 and 64 bits: quiet and signalling, of both signs, with payloads.
NANS = {
    np.float16: [0x7E00, 0xFE00, 0x7C01, 0xFC01, 0x7DFF, 0x7FFF],
    np.float32: [0x7FC00000, 0xFFC00000, 0x7F800001, 0xFF800001, 0x7FBFFFFF, 0x7FFFFFFF],
    np.float64: [0x7FF8 << 48, 0xFFF8 << 48, (0x7FF << 52) | 1, (0xFFF << 52) | 1, (1 << 63) - 1, (1 << 64) - 1],
}


def of_patterns(dtype, patterns):
    return np.array(patterns, f"u{np.dtype(dtype).itemsize}").view(dtype)


@pytest.mark.parametrize("dtype", strategies.INT_DTYPES)
def test_ints_keep_their_value_at_the_extremes_of_every_type(dtype):
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    labels = labels_of(np.array([low, 0, high], dtype))
    assert labels.kind == "int"
    assert list(labels) == [low, 0, high]
    assert list(labels_of([low, 0, high])) == [low, 0, high]
    assert all(type(label) is int for label in labels)
    swapped = np.array([low, 0, high], np.dtype(dtype).newbyteorder())
    assert list(labels_of(swapped)) == [low, 0, high]


def test_bools_are_the_ints_0_and_1():
    for given_as in ([True, False], np.array([True, False]), [np.True_, 0], np.array([True, False], object)):
        labels = labels_of(given_as)
        assert (labels.kind, list(labels)) == ("int", [1, 0])


def test_times_are_ints():
    days = np.array(["1970-01-02", "NaT"], "M8[D]")
    assert list(labels_of(days)) == [1, -(2**63)]
    assert list(labels_of(np.array([-5], "m8[s]"))) == [-5]


def test_minus_zero_is_not_zero():
    labels = labels_of([0.0, -0.0])
    assert labels.values.tolist() == [0, 1 << 63]
    assert [math.copysign(1, label) for label in labels] == [1, -1]


def test_a_nan_is_the_label_that_its_bits_say():
    patterns = NANS[np.float64]
    for given_as in (of_patterns(np.float64, patterns), of_patterns(np.float64, patterns).tolist()):
        assert labels_of(given_as).values.tolist() == patterns


@pytest.mark.parametrize("dtype", NANS)
def test_a_nan_of_any_width_keeps_sign_and_payload_even_if_it_signals(dtype):
    mantissa = {2: 10, 4: 23, 8: 52}[np.dtype(dtype).itemsize]
    bits = 8 * np.dtype(dtype).itemsize
    expected = [
        (pattern >> (bits - 1)) << 63 | 0x7FF << 52 | (pattern & ((1 << mantissa) - 1)) << (52 - mantissa)
        for pattern in NANS[dtype]
    ]
    for order in "=", ">", "<":
        values = of_patterns(dtype, NANS[dtype]).astype(np.dtype(dtype).newbyteorder("="))
        stored = np.frombuffer(
            values.view(f"u{values.itemsize}").astype(f"{order}u{values.itemsize}").tobytes(),
            np.dtype(dtype).newbyteorder(order),
        )
        assert labels_of(stored).values.tolist() == expected


def test_every_float16_comes_back_with_its_own_bits():
    every = np.arange(1 << 16, dtype=np.uint16)
    patterns = float_patterns(every.view(np.float16))
    assert len(np.unique(patterns)) == 1 << 16
    assert floats_from_patterns(patterns, np.dtype(np.float16)).view(np.uint16).tolist() == every.tolist()
    numbers = every[~np.isnan(every.view(np.float16))].tolist()
    by_struct = [
        struct.unpack("<Q", struct.pack("<d", struct.unpack("<e", struct.pack("<H", n))[0]))[0] for n in numbers
    ]
    assert patterns[numbers].tolist() == by_struct


@given(st.lists(st.integers(0, 2**32 - 1), max_size=30))
@example(NANS[np.float32])
def test_every_float32_comes_back_with_its_own_bits(raw):
    values = of_patterns(np.float32, raw)
    patterns = float_patterns(values)
    assert floats_from_patterns(patterns, np.dtype(np.float32)).view(np.uint32).tolist() == raw
    for pattern, value in zip(patterns.tolist(), raw, strict=True):
        number = struct.unpack("<f", struct.pack("<I", value))[0]
        if not math.isnan(number):
            assert struct.pack("<d", number) == struct.pack("<Q", pattern)


@given(st.lists(strategies.strings, max_size=10))
def test_strings_are_kept_as_they_are_surrogates_too(strings):
    labels = labels_of(objects(strings)) if strings else labels_of(np.array([], "U1"))
    assert (labels.kind, list(labels)) == ("str", strings)


def test_kinds_of_arrays_and_lists():
    assert labels_of(np.array(["a", "bc"])).values.tolist() == ["a", "bc"]
    assert labels_of(np.array([b"a", b"bc"])).values.tolist() == [b"a", b"bc"]
    assert labels_of([bytearray(b"a"), b"b"]).values.tolist() == [b"a", b"b"]
    assert list(labels_of(b"ab")) == list(labels_of(bytearray(b"ab"))) == list(labels_of(memoryview(b"ab"))) == [97, 98]
    assert list(labels_of("ab")) == ["a", "b"]
    assert list(labels_of(range(3))) == list(labels_of(iter([0, 1, 2]))) == [0, 1, 2]
    assert list(labels_of(np.array([[1, 2], [3, 4]]).T)) == [1, 3, 2, 4]
    assert list(labels_of(np.array(7))) == [7]
    assert list(labels_of([1, 2.5, np.float32(0.5)])) == [1.0, 2.5, 0.5]


def test_a_pandas_series_is_its_values():
    assert labels_of(pd.Series([3, 1], dtype="int16")).values.tolist() == [3, 1]
    assert labels_of(pd.Series([3, 1], dtype="Int64")).kind == "int"
    assert labels_of(pd.Series(["x", "y"])).values.tolist() == ["x", "y"]
    assert labels_of(pd.Series(["x", "y"], dtype="category")).values.tolist() == ["x", "y"]


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("dtype", ["c8", "c16", "f16", "V3"])
def test_what_is_no_kind_of_label_is_known_by_its_bytes_in_its_own_order(dtype, order):
    array = np.array([b"abc", b"def"], "V3") if dtype == "V3" else np.array([1, 2], order + dtype)
    labels = labels_of(array)
    assert labels.kind == "bytes"
    assert b"".join(labels) == array.tobytes()
    assert np.array_equal(np.frombuffer(b"".join(labels), array.dtype), array)


def test_what_cannot_be_a_label_is_named():
    for values, error, message in (
        ([1, "a"], TypeError, "several: int, str"), (["a", b"a"], TypeError, "several: bytes, str"),
        ([1.5, "a"], TypeError, "several: float, str"), ([1, None], TypeError, "not None"),
        ([(1, 2)], TypeError, r"not \(1, 2\) \(tuple\)"), ([1j], TypeError, "not 1j"),
        ([0, 2**64], ValueError, "18446744073709551616"), ([-1, 2**63], ValueError, "9223372036854775808"),
        ([-(2**63) - 1], ValueError, "-9223372036854775809"),
        ([0.5, 2**53 + 1], ValueError, "9007199254740993 stands beside floats"),
        ([10**400, 0.5], ValueError, "stands beside floats"),
        (np.array(["a"], np.dtypes.StringDType()) if hasattr(np.dtypes, "StringDType") else [None], TypeError, "label"),
    ):  # fmt: skip
        with pytest.raises(error, match=message):
            labels_of(values)


def test_ints_beside_floats_are_those_floats():
    assert labels_of([2**53, 2**60, 0.5]).values.tolist() == labels_of([2.0**53, 2.0**60, 0.5]).values.tolist()


def test_ints_become_the_narrower_type_that_holds_them():
    assert int_array([-(2**63), 2**63 - 1]).dtype == np.int64
    assert int_array([0, 2**63]).dtype == np.uint64
    assert int_array([]).dtype == np.int64


def test_labels_cannot_be_changed_and_do_not_freeze_what_they_were_made_from():
    array = np.array([1, 2, 3])
    labels = labels_of(array)
    with pytest.raises(ValueError, match="read-only"):
        labels.values[0] = 9
    array[0] = 5
    assert array.flags.writeable


def test_labels_are_a_sequence():
    labels = labels_of([10, 20, 30])
    assert (labels[0], labels[-1], labels[1:], labels[::-1]) == (10, 30, (20, 30), (30, 20, 10))
    assert 20 in labels
    assert labels.index(30) == 2
    with pytest.raises(IndexError):
        labels[3]


steps = st.builds(
    lambda digits, exponent: Decimal((0, tuple(map(int, str(digits))), exponent)),
    st.integers(1, 10**40),
    st.integers(-30, 5),
)


@given(st.integers(-(2**64), 2**64), steps)
@example(1, Decimal("12345678901234567890.12345678901234567891"))
@example(0, Decimal("0.01"))
@example(-5, Decimal("0.10"))
def test_a_multiple_of_the_step_is_spelled_exactly_with_the_steps_decimals(k, step):
    with localcontext(prec=200):
        product = k * step
        expected = format(product if k else abs(product), "f")  # no minus zero
    assert spell_step(k, step) == expected


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=8), st.sampled_from(["0.1", "0.25", "3", "0.001", "1.0"]))
def test_a_label_on_a_grid_is_the_float_nearest_to_k_times_the_step(values, step):
    labels = Labels("int", np.array(values, np.int64), step)
    assert list(labels) == [float(Fraction(k) * Fraction(step)) for k in values]
    assert [Fraction(spelling) for spelling in labels.spellings] == [k * Fraction(step) for k in values]


@given(strategies.labels(unique=True, kinds=("int", "unsigned", "str", "bytes")))
def test_distinct_labels_have_distinct_spellings(labels):
    assert len(set(labels.spellings)) == len(labels)


@given(st.lists(strategies.float_patterns, max_size=20))
def test_a_finite_float_is_spelled_so_that_it_reads_back(patterns):
    labels = Labels("float", np.array(patterns, np.uint64))
    for pattern, spelling in zip(patterns, labels.spellings, strict=True):
        if math.isfinite(float(spelling)):
            assert struct.unpack("<Q", struct.pack("<d", float(spelling)))[0] == pattern


def test_blocks_are_spelled_label_by_label():
    blocks = Labels("tuple", np.array([[0, 1], [1, 1]]), base=labels_of([100, 105]))
    assert list(blocks) == [(100, 105), (105, 105)]
    assert blocks.spellings == ["100 105", "105 105"]
