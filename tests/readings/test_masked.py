"""Masked arrays, nullable Series and arrow arrays with nulls: numbers with gaps, which come back as a masked array."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from checks import INSTALLED, exchange, part, unhuf

from codec.codes.prefix import huffman
from codec.coding import decode, encode
from codec.coding.file import opened
from codec.errors import DamagedError, MissingCodewordError, StreamError
from codec.measure.audit import audit
from codec.measure.ledger import ledger
from codec.readings.values import from_values
from codec.theory.distribution import Distribution

WAYS: tuple[dict[str, Any], ...] = (
    {}, {"per_codeword": 2}, {"context": True}, {"intervals": True}, {"delta": True}, {"transform": "ranks"},
    {"transform": "linear", "context": True}, {"transform": "linear ranks", "intervals": True, "short": True},
)  # fmt: skip
WALK = np.cumsum(np.random.default_rng(3).integers(-4, 5, 60)) + 100
HOLES = np.isin(np.arange(60), [0, 7, 8, 59])


def alike(found: Any, wanted: Any) -> bool:
    """Whether both are masked arrays of one type, with the same numbers in the same places."""
    assert isinstance(found, np.ma.MaskedArray) and found.dtype == wanted.dtype and found.shape == wanted.shape
    assert np.array_equal(np.ma.getmaskarray(found), np.ma.getmaskarray(wanted))
    return np.array_equal(found.compressed(), wanted.compressed(), equal_nan=wanted.dtype.kind == "f")


@pytest.mark.parametrize("dtype", ["<i8", ">i4", "u1", "<f8", ">f4", "<f2"])
def test_a_masked_array_comes_back_masked_whatever_is_coded(dtype: str) -> None:
    values = (WALK / 2 if "f" in dtype else WALK).astype(dtype)
    array = np.ma.MaskedArray(values, HOLES)
    for how in WAYS:
        for sizes in ({}, {"lane_size": 3, "block_size": 5}):
            data = encode(array, **how, **sizes)
            assert all(alike(decode(data, engine=engine), array) for engine in INSTALLED), how
    assert alike(decode(encode(array, best=True)), array)
    assert alike(decode(encode(array, delta=True, block_size=16), start=5, stop=30), array[5:30])


@pytest.mark.parametrize("values", [
    pd.Series([1, None, 3], dtype="Int64"), pd.Series([1.5, None, 3], dtype="Float64"),
    pd.array([1, None, 3], dtype="UInt8"), pd.Series([1, None, 3], dtype="int16[pyarrow]"),
    pa.array([1, None, 3], "int32"), pa.chunked_array([[1.5, None], [3.0]]),
], ids=lambda values: str(getattr(values, "dtype", None) or values.type))  # fmt: skip
def test_nullable_numbers_come_back_as_a_masked_array(values: Any) -> None:
    for how in WAYS:
        found = decode(encode(values, **how))
        assert found.mask.tolist() == [False, True, False] and found.compressed().tolist() in ([1, 3], [1.5, 3.0])
        assert str(found.dtype) in str(values.dtype if hasattr(values, "dtype") else values.type).lower().replace(
            "double", "float64"
        )


def test_what_is_masked_and_what_is_nan_are_told_apart_in_any_shape() -> None:
    array = np.ma.array([[1.5, np.nan, 2.0], [7.0, 7.5, np.nan]], mask=[[0, 0, 1], [0, 0, 1]], order="F")
    data = encode(array, delta=True)
    assert alike(decode(data), array) and decode(data).flags.f_contiguous
    assert opened(io.BytesIO(data)).origin.gaps == ("masked", "nan")
    assert np.isnan(np.load(io.BytesIO(unhuf(data)))).sum() == 3


def test_a_masked_array_with_nothing_masked_is_an_array() -> None:
    array = np.ma.array([1, 2], mask=[0, 0])
    assert encode(array) == encode(array.data) and type(decode(encode(array))) is np.ndarray


def test_what_cannot_stand_beside_gaps_is_refused_with_the_way_out() -> None:
    for values, way_out in (
        ([1 / 3, 2], "show no decimals.*fill the gaps with NaN"),
        ([1 << 30, 2], "beside gaps is less than"),
        ([-(1 << 63), 2], "beside gaps is less than"),
    ):
        with pytest.raises(StreamError, match=way_out):
            encode(np.ma.array(values, mask=[0, 1]))
    with pytest.raises(StreamError, match="no number at all"):
        encode(np.ma.masked_all(3))
    with pytest.raises(TypeError, match="masked array of complex128"):
        encode(np.ma.array([1j, 2], mask=[0, 1]))
    with pytest.raises(StreamError, match="gaps, which have no place on a grid"):
        encode(np.ma.array([1, 2], mask=[0, 1]), step=2)
    with pytest.raises(StreamError, match=r"no place for the gaps.*codec\.decode"):
        unhuf(encode(np.ma.array([1, 2], mask=[0, 1])))


def test_a_given_code_knows_gaps_or_names_them_or_escapes() -> None:
    array = np.ma.MaskedArray(WALK, HOLES)
    with pytest.raises(MissingCodewordError, match="position 0: a gap has no codeword"):
        encode(array, Distribution.from_stream(WALK))
    escaping = huffman(Distribution.from_stream(WALK), escape_weight=1)
    assert alike(decode(encode(array, escaping)), array)
    assert audit(array, escaping).gaps == 4 == audit(array, escaping).unseen
    for how in ({}, {"delta": True}, {"code": escaping}):
        assert ledger(encode(array, **how)).gaps == 4


def test_numbers_alone_make_the_entropy_of_an_audit() -> None:
    numbers = Distribution.from_stream(WALK[~HOLES])
    code = huffman(Distribution.from_stream(WALK), escape_weight=1)
    assert audit(np.ma.MaskedArray(WALK, HOLES), code).entropy == pytest.approx(numbers.entropy())


def test_a_forged_note_of_gaps_in_an_array_is_refused() -> None:
    data = encode(np.ma.MaskedArray(WALK, HOLES))
    origin = part(data, "header").read(data, "origin")
    assert origin.endswith(b"\1\6masked")
    for forged in (b"\1\3nan", b"\1\1x", b"\2\6masked\3nan", b"\2\6masked\6masked", b"\0"):
        with pytest.raises(DamagedError):
            decode(exchange(data, "origin", origin[:-8] + forged))


def test_the_stream_is_what_the_mask_says() -> None:
    stream = from_values(np.ma.array([5, 6], mask=[1, 0]))
    assert [piece.values.tolist() for piece in stream.labels()] == [[1 << 31, 6]] and stream.origin.gaps == ("masked",)
