"""Counting over chunks gives exactly what counting in memory gives."""

from __future__ import annotations

import itertools
import sys
import threading
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import codec
from codec.arrays.counts import Manner, chunked, distribution_of
from codec.arrays.measure import audit
from codec.arrays.opened import open_array

da = pytest.importorskip("dask.array", reason="needs the extra zarr")


WAYS = [*itertools.product(["i2", ">i4", "u2", "i8", "f4", ">f8", "U5", "S5"], [(30, 40), (17, 21)])]


@pytest.mark.parametrize(("dtype", "chunks"), [*WAYS, ("i2", (90, 40)), ("f4", (2, 40))])
def test_counts_over_chunks_are_those_in_memory(levels: NDArray[Any], dtype: str, chunks: tuple[int, int]) -> None:
    array = (levels / 10 if dtype[-2] == "f" else levels).astype(dtype)
    over = distribution_of(da.from_array(array, chunks=chunks))
    assert over == codec.Distribution.from_stream(array)
    assert over.entropy() == codec.Distribution.from_stream(array).entropy()


def test_floats_are_decimals_only_if_those_of_all_chunks_are() -> None:
    tenths = np.arange(100).astype("f4") / np.float32(10)
    hundredths = np.arange(100).astype("f4") / np.float32(100)
    for last in (hundredths, np.full(100, np.nan, "f4"), np.array([-0.0], "f4"), np.array([1 / 3], "f4")):
        whole = np.concatenate([tenths, last])
        p = distribution_of(da.from_array(whole, chunks=100))
        q = codec.Distribution.from_stream(whole)
        assert p == q and (p.labels.kind, p.labels.step) == (q.labels.kind, q.labels.step)


def test_differences_are_within_chunks(levels: NDArray[Any]) -> None:
    p = distribution_of(da.from_array(levels, chunks=(30, 20)), "differences")
    counts: dict[int, int] = {}
    for row in range(0, 90, 30):
        for column in (0, 20):
            q = codec.distribution_of(levels[row : row + 30, column : column + 20].copy(), "differences")
            for label, weight in zip(q.labels, q.weights.tolist(), strict=True):
                counts[label] = counts.get(label, 0) + weight
    assert dict(zip(p.labels, p.weights.tolist(), strict=True)) == counts and p.labels.of is not None


def test_a_step_rounds_as_it_does_in_memory(levels: NDArray[Any]) -> None:
    array = levels / 10 + 0.03
    over = distribution_of(da.from_array(array, chunks=(30, 20)), step=0.5)
    in_memory = codec.huffman(over)
    assert over.labels.step == "0.5"
    assert codec.ledger(codec.encode(array, in_memory, step=0.5)).distribution == over


def test_xarray_and_empty_chunks_are_counted(levels: NDArray[Any]) -> None:
    xarray = pytest.importorskip("xarray", reason="needs xarray")
    lazy = da.from_array(levels, chunks=(30, 20))
    assert distribution_of(xarray.DataArray(lazy)) == distribution_of(lazy)
    few = lazy.ravel()[lazy.ravel() < 100]  # chunks of unknown sizes, some of them empty
    assert distribution_of(few) == codec.Distribution.from_stream(levels[levels < 100])


def test_a_task_returns_what_occurs_and_no_more(levels: NDArray[Any]) -> None:
    parts = chunked(da.from_array(levels, chunks=(30, 40)))
    labels, counts = parts.each(Manner("array").tally)[0]
    assert len(labels) == len(counts) == len(np.unique(levels[:30]))


def test_what_cannot_be_counted_is_refused_by_name(levels: NDArray[Any]) -> None:
    differences = codec.distribution_of([1, 2], "differences")
    lazy = da.from_array(levels, chunks=(30, 20))
    with pytest.raises(TypeError, match=r"array in chunks.*codec\.distribution_of"):
        codec.encode(lazy)
    with pytest.raises(TypeError, match="is no array in chunks, as those of Dask and Zarr: ndarray"):
        distribution_of(levels)
    with pytest.raises(codec.CodecError, match="empty, and has no distribution"):
        distribution_of(lazy[:0])
    with pytest.raises(codec.CodecError, match=r"ranks are learned of one stream.*give a table"):
        distribution_of(lazy, "ranks")
    with pytest.raises(codec.CodecError, match=r"differences of floats need one grid.*the argument step"):
        distribution_of(lazy / 10, "differences")
    with pytest.raises(codec.CodecError, match=r"t has 70,000 different readings.*the argument step"):
        distribution_of(da.arange(70_000, chunks=10_000), name="t")
    with pytest.raises(codec.CodecError, match=r"chunk 1 of t, near position 0: floats have no differences"):
        audit(da.from_array(np.array([1.0, 0.1 + 0.2]), chunks=1), codec.huffman(differences), name="t")


def test_without_dask_or_zarr_the_way_out_is_named(levels: NDArray[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    lazy = da.from_array(levels, chunks=(30, 20))
    for missing, call in (("dask", lambda: distribution_of(lazy)), ("zarr", lambda: open_array("levels.zarr"))):
        monkeypatch.setitem(sys.modules, missing, None)
        with pytest.raises(codec.CodecError, match=r"pip install 'codec\[zarr\]'"):
            call()


def test_counting_starts_no_process_and_no_thread_that_stays(levels: NDArray[Any]) -> None:
    distribution_of(da.from_array(levels, chunks=(30, 20)))
    assert not [one for one in threading.enumerate() if "Profile" in one.name or "Nanny" in one.name]
