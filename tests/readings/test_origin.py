"""What readings came from: packed and unpacked, and what no reading from there can be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import tried

from codec.errors import DamagedError
from codec.readings.origin import (
    Closing,
    Origin,
    as_utf8,
    count_of,
    nameable,
    unpack_closing,
    unpack_origin,
    unrepresentable,
)
from codec.theory.labels import Labels, labels_of

ORIGINS = [
    Origin("bytes"), Origin("string"), Origin("column"), Origin("text"), Origin("text", crlf=True),
    Origin("array", "<i8", ()), Origin("array", ">f4", (2, 3), True), Origin("array", "|O", (0,)),
    Origin("array", "<M8[25s]", (7,)), Origin("array", "<m8[ns]", (0, 2**40)), Origin("array", "|b1", (1,) * 64),
    Origin("array", "<U12", (2, 0, 3)),
]  # fmt: skip


def test_an_origin_comes_back_and_nothing_but_it():
    for origin in ORIGINS:
        data = origin.pack()
        assert unpack_origin(data) == origin
        for spoilt in [data[:size] for size in range(len(data))] + [data + b"\0", data + data]:
            with pytest.raises(DamagedError):
                unpack_origin(spoilt)


def array(name, order=0, shape=(3,), dimensions=None):
    count = len(shape) if dimensions is None else dimensions
    return bytes([0, len(name)]) + name + bytes([order, count]) + b"".join(n.to_bytes(8, "big") for n in shape)


SPOILT = {
    "nothing": b"", "an unknown kind": b"\5", "a text with other line ends": b"\2\2", "bytes with more": b"\1\0",
    "an order that is neither": array(b"<i8", order=2), "fewer dimensions than declared": array(b"<i8", dimensions=2),
    "more dimensions than NumPy has": array(b"<i8", shape=(1,) * 65),
    "more values than memory could address": array(b"<i8", shape=(2**60, 2**60)),
    "more values than memory could address, were there any": array(b"<i8", shape=(2**60, 2**60, 0)),
    "a dimension beyond int64": array(b"|b1", shape=(2**63, 0)), "no type": array(b""),
    "a type without an order of bytes": array(b"i8"), "an order of bytes that is the machine's": array(b"=i8"),
    "a type by its long name": array(b"int64"), "a type that there is not": array(b"<i3"),
    "a type in two spellings": array(b"<i08"), "an order of bytes for what has none": array(b"<b1"),
    "a date of a unit that there is not": array(b"<M8[xx]"), "a date of a unit times nothing": array(b"<M8[0s]"),
    "strings of nothing": array(b"|S0"), "raw bytes of nothing": array(b"|V0"),
    "a type not in ASCII": array(b"<\xe98"), "a date of too many seconds": array(b"<M8[2147483648s]"),
    "records": array(b"i4,i4"), "a type to be evaluated": array(b"__import__('os')"),
}  # fmt: skip


def test_what_no_origin_looks_like_is_refused():
    for data in SPOILT.values():
        with pytest.raises(DamagedError):
            unpack_origin(data)


@given(st.binary(max_size=60))
@example(array(b"<M8[999999999s]"))
@example(array(b"<M8[99999999999s]"))
@example(array(b"|S999999999"))
def test_any_bytes_are_an_origin_or_damaged(data):
    try:
        origin = unpack_origin(data)
    except DamagedError:
        return
    assert origin.pack() == data


@tried(100, st.from_regex(r"[<>|=]?[biufcSUVOmMTa][0-9]{0,10}(\[[0-9]{0,10}[a-zA-Z]{0,3}\])?", fullmatch=True))
def test_any_name_of_a_type_is_one_of_a_type_or_refused(name):
    try:
        origin = unpack_origin(array(name.encode()))
    except DamagedError:
        assert not nameable(name) or np.dtype(name).itemsize * 3 >= 2**63
        return
    assert np.dtype(origin.dtype).str == name


def test_bytes_and_text_do_not_tell_how_many_and_arrays_do():
    assert count_of(Origin("text")) is count_of(Origin("bytes")) is count_of(Origin("string")) is None
    assert count_of(Origin("array", "<i8", ())) == 1
    assert count_of(Origin("array", "<i8", (2, 0, 5))) == 0
    assert count_of(Origin("array", "<i8", (2, 5))) == 10


FITS = [
    ("|u1", Labels("int", np.array([0, 255])), []), ("|u1", Labels("int", np.array([-1, 0, 255, 256])), [0, 3]),
    ("|i1", Labels("int", np.array([-129, -128, 127, 128])), [0, 3]),
    ("<i8", Labels("int", np.array([0, 2**63], np.uint64)), [1]), (">u8", Labels("int", np.array([-1, 2**62])), [0]),
    ("<u8", Labels("int", np.array([0, 2**64 - 1], np.uint64)), []), ("|b1", Labels("int", np.array([0, 1, 2])), [2]),
    ("|u1", Labels("int", np.array([0, 25, 26]), "10"), [2]), ("<f2", Labels("int", np.array([5]), "0.1"), []),
    ("<f8", Labels("int", np.array([5])), []), ("<M8[s]", Labels("int", np.array([5, -5])), []),
    ("|O", Labels("int", np.array([5, -5])), []), ("<f8", labels_of([0.5]), []), ("<i8", labels_of([0.5]), [0]),
    ("<f8", labels_of(["a"]), [0]), ("<U2", labels_of(["a", "ab", "abc", "a\0"]), [2, 3]),
    ("|S2", labels_of([b"a", b"ab", b"abc", b"a\0"]), [2, 3]), ("<c8", labels_of([bytes(8), bytes(7)]), [1]),
    ("|V3", labels_of([bytes(3), bytes(4)]), [1]), ("|S2", labels_of(["a"]), [0]), ("|O", labels_of([b"a"]), []),
]  # fmt: skip


def test_labels_that_an_array_or_bytes_or_strings_cannot_hold_are_named():
    for dtype, alphabet, foreign in FITS:
        found = unrepresentable(np.dtype(dtype), alphabet)
        assert (None if found is None else np.flatnonzero(found).tolist()) == (foreign or None)
        by_origin = Origin("array", dtype, (1,)).unrepresentable(alphabet)
        assert (found is None and by_origin is None) or np.array_equal(found, by_origin)
    for kind, alphabet, foreign in (
        ("bytes", labels_of([0, 255, 256]), [False, False, True]), ("bytes", labels_of(["a"]), [True]),
        ("string", labels_of(["a", "ab", ""]), [False, True, True]), ("string", labels_of([97]), [True]),
        ("text", labels_of([0.5]), None), ("column", labels_of(["a"]), None),
    ):  # fmt: skip
        found = Origin(kind).unrepresentable(alphabet)
        assert (None if found is None else found.tolist()) == foreign


@pytest.mark.parametrize("closing", [Closing(0), Closing(2**64 - 1, False), Closing(5, True)], ids=repr)
def test_a_closing_comes_back_and_no_other_bytes_do(closing):
    data = closing.pack()
    assert unpack_closing(data) == closing
    for spoilt in (data[:-1], data + b"\0", data[:-1] + b"\2", b""):
        with pytest.raises(DamagedError):
            unpack_closing(spoilt)


@given(st.binary())
def test_bytes_that_are_no_utf8_pass_through_text(data):
    assert as_utf8(data.decode("utf-8", "surrogateescape")) == data


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_has_bytes(text):
    assert len(as_utf8(text)) >= len(text)
