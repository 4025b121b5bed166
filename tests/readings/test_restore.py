"""Readings out: symbols back to arrays, lines and bytes."""

from __future__ import annotations

import numpy as np
import pytest
from checks import huf, npy_of, same, unhuf
from hypothesis import given
from hypothesis import strategies as st

from codec.codes.prefix import PrefixCode
from codec.coding import decode, encode
from codec.errors import StreamError
from codec.readings.origin import Closing, Origin
from codec.readings.restore import (
    as_bytes,
    in_memory,
    label_sizes,
    label_values,
    places_are_readings,
    room_for,
    spelled,
)
from codec.theory.labels import Labels, labels_of

WORDS = labels_of(["a", "bc", ""])


def parts(*symbols, ended=True, table=WORDS):
    return iter([*((table, np.array(s, np.uint8)) for s in symbols), Closing(0, ended)])


@pytest.mark.parametrize("cut", [([0, 1, 2, 0],), ([0], [1], [2], [0]), ([], [0, 1, 2], [], [0], [])])
def test_lines_are_ended_as_they_were_however_the_blocks_are_cut(cut):
    for origin, ended, expected in (
        (Origin("text"), True, b"a\nbc\n\na\n"), (Origin("text"), False, b"a\nbc\n\na"),
        (Origin("text", crlf=True), True, b"a\r\nbc\r\n\r\na\r\n"),
        (Origin("text", crlf=True), False, b"a\r\nbc\r\n\r\na"), (Origin("column"), True, b"a\nbc\n\na\n"),
        (Origin("string"), True, b"abca"),
    ):  # fmt: skip
        assert b"".join(as_bytes(WORDS, origin, parts(*cut, ended=ended))) == expected


@pytest.mark.parametrize("ended", [True, False])
def test_no_lines_are_no_bytes(ended):
    assert b"".join(as_bytes(WORDS, Origin("text"), parts(ended=ended))) == b""


def test_a_text_that_ends_in_a_blank_line_without_its_end_is_not_one_that_has_it():
    assert b"".join(as_bytes(WORDS, Origin("text"), parts([0, 2], ended=False))) == b"a\n"
    assert b"".join(as_bytes(WORDS, Origin("text"), parts([0, 2], ended=True))) == b"a\n\n"


ARRAYS = {
    "ints": np.array([[3, -4], [3, 5]], ">i4"),
    "Fortran order": np.asfortranarray(np.array([[3.5, -4], [3, 5]], "<f4")),
    "dates": np.array(["2021-01-01", "NaT"], ">M8[D]"),
    "strings": np.array(["a", "\u00e9t\u00e9"], ">U5"),
    "raw bytes": np.array([b"ab", b"\0c"], "V2"),
    "bool": np.array([True, False]),
    "nothing": np.zeros((2, 0), "S3"),
    "0-d": np.array(7, np.uint8),
}


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
def test_an_array_is_restored_as_the_npy_file_that_numpy_writes(array):
    assert unhuf(encode(array)) == npy_of(array)


def test_an_array_of_objects_is_restored_as_text():
    for values, expected in (
        ([3, -4, 3], b"3\n-4\n3\n"), (["a", "\u00e9", "a"], b"a\n\xc3\xa9\na\n"),
        ([0.5, 1e300, 0.5], b"0.5\n1e+300\n0.5\n"), ([b"a", b"\xe9"], b"a\n\xc3\xa9\n"),
    ):  # fmt: skip
        assert unhuf(encode(np.array(values, object))) == expected


def test_labels_with_line_breaks_cannot_be_lines_and_the_way_out_is_named():
    data = encode(["a", "b\nc"])
    with pytest.raises(StreamError, match=r"line breaks: decode this file with codec\.decode"):
        unhuf(data)
    assert decode(data).tolist() == ["a", "b\nc"]


def test_lines_are_in_memory_an_array_of_labels():
    for raw, expected in (
        (b"100\n-5\n", np.array([100, -5])), (b"18446744073709551615\n", np.array([2**64 - 1], np.uint64)),
        (b"21.5\n-0.3\n", np.array([21.5, -0.3])), (b"7\n007\n", np.array(["7", "007"], object)),
        (b"", np.array([], np.int64)),
    ):  # fmt: skip
        assert same(decode(huf(raw)), expected)


def test_lines_coded_with_a_given_table_are_its_labels_in_memory():
    for labels, expected in (
        ([b"a", b"bc"], np.array([b"a", b"bc"], object)), (["a", "bc"], np.array(["a", "bc"], object)),
        ([0.5, -0.0], np.array([0.5, -0.0])), ([5, 7], np.array([5, 7])),
    ):  # fmt: skip
        alphabet = labels_of(labels)
        code = PrefixCode.from_lengths(alphabet, [1, 1])
        raw = "".join(f"{spelling}\n" for spelling in alphabet.spellings).encode()
        data = huf(raw, code)
        assert unhuf(data) == raw
        assert same(decode(data), expected)


@given(patterns=st.lists(st.integers(0, 2**16 - 1), min_size=1))
def test_every_pattern_of_float16_comes_back_bit_by_bit(patterns):
    array = np.array(patterns, np.uint16).view(np.float16)
    alphabet = labels_of(array)
    assert label_values(alphabet, array.dtype).tobytes() == array.tobytes()
    assert label_values(alphabet, np.dtype(">f2")).tobytes() == array.byteswap().tobytes()


def test_all_patterns_of_float16_are_different_labels_and_come_back():
    array = np.arange(2**16, dtype=np.uint16).view(np.float16)
    alphabet = labels_of(array)
    assert len(set(alphabet.values.tolist())) == 2**16
    assert label_values(alphabet, array.dtype).tobytes() == array.tobytes()


@given(patterns=st.lists(st.integers(0, 2**32 - 1) | st.integers(0x7F800000, 0x7FFFFFFF), min_size=1))
def test_every_pattern_of_float32_comes_back_bit_by_bit(patterns):
    array = np.array(patterns, np.uint32).view(np.float32)
    assert label_values(labels_of(array), array.dtype).tobytes() == array.tobytes()


def test_labels_on_a_grid_are_k_times_the_step():
    for step, dtype, expected in (
        ("0.1", np.float64, [21.5, -0.3]), ("0.1", np.float32, [21.5, -0.3]), ("10", np.int16, [2150, -30]),
    ):  # fmt: skip
        values = label_values(Labels("int", np.array([215, -3]), step), np.dtype(dtype))
        assert same(values, np.array(expected, dtype))


def test_labels_that_the_type_cannot_hold_are_zeros_beside_those_it_can():
    assert label_values(labels_of([-1, 7, 256]), np.dtype(np.uint8)).tolist() == [0, 7, 0]
    assert label_values(labels_of(["ab", "a"]), np.dtype("U1")).tolist() == ["", "a"]
    assert label_values(labels_of([b"ab", b"a"]), np.dtype("V1")).tolist() == [b"\0", b"a"]
    assert label_values(labels_of([0.5]), np.dtype(">i2")).tolist() == [0]
    big = label_values(Labels("int", np.array([2**62, 1]), "9" * 20), np.dtype(np.int64))
    assert big.tolist() == [0, 0] and big.dtype == np.int64


def test_the_size_of_the_output_is_known_from_the_symbols():
    for origin, sizes in (
        (Origin("array", "<i8", (3,)), [8, 8, 8]), (Origin("array", "<U5", (3,)), [20, 20, 20]),
        (Origin("bytes"), [1, 1, 1]), (Origin("text"), [2, 3, 1]), (Origin("text", crlf=True), [3, 4, 2]),
        (Origin("string"), [1, 2, 0]), (Origin("array", "|O", (3,)), [2, 3, 1]),
    ):  # fmt: skip
        assert label_sizes(WORDS, origin).tolist() == sizes


@given(labels=st.lists(st.text(st.characters(exclude_categories=()), max_size=3), unique=True, min_size=1))
def test_labels_are_spelled_with_as_many_bytes_as_are_counted(labels):
    origin, alphabet = Origin("text", crlf=True), labels_of(labels)
    assert [len(line) for line in spelled(alphabet, origin)] == label_sizes(alphabet, origin).tolist()
    text = b"".join(as_bytes(alphabet, origin, parts(range(len(labels[:256])), table=alphabet)))
    assert len(text) == label_sizes(alphabet, origin)[:256].sum()


@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_in_memory_is_filled_part_by_part(order):
    alphabet = labels_of([10, 20, 30])
    origin = Origin("array", ">i2", (2, 3), order == "F")
    parts = [(alphabet, np.array([0, 1])), (alphabet, np.array([2, 2, 1, 0]))]
    array = in_memory(alphabet, origin, parts, room_for(alphabet, origin, 6))
    assert same(array, np.array([10, 20, 30, 30, 20, 10], ">i2").reshape((2, 3), order=order))


@pytest.mark.parametrize(
    ("labels", "dtype", "so"),
    [([0, 1, 2], "|u1", True), ([1, 2], "|u1", False), ([0, 1], "<i8", False), ([0, 2], "|u1", False)],
)
def test_places_are_readings_where_label_k_is_k_and_of_the_type_of_places(labels, dtype, so):
    alphabet, origin = labels_of(labels), Origin("array", dtype, (2,))
    assert places_are_readings(alphabet, origin) is so
    out = room_for(alphabet, origin, 2)
    out[:] = 7
    array = in_memory(alphabet, origin, [(alphabet, np.array([1, 0], out.dtype))], out)
    assert array.tolist() == [labels[1], labels[0]]


def test_what_stands_in_its_room_already_is_not_written_again():
    alphabet, origin = labels_of([0, 1]), Origin("array", "|u1", (3,))
    out = room_for(alphabet, origin, 3)
    out[:] = [1, 0, 1]
    assert in_memory(alphabet, origin, [(alphabet, out[:1]), (alphabet, out[1:])], out) is not None
    assert out.tolist() == [1, 0, 1]
