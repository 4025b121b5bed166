"""The audit of an array by chunk: what slicing by hand and measuring each slice gives."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import codec
from codec.arrays.measure import audit
from codec.theory.sources import built_in

da = pytest.importorskip("dask.array", reason="needs the extra zarr")
CHUNK = (30, 20)


def slices(array: NDArray[Any]) -> Iterator[tuple[tuple[int, int], NDArray[Any]]]:
    for i, j in itertools.product(range(3), range(2)):
        yield (i, j), array[30 * i : 30 * i + 30, 20 * j : 20 * j + 20].copy()


@pytest.fixture
def lazy(levels: NDArray[Any]) -> Any:
    return da.from_array(levels, chunks=CHUNK)


@pytest.fixture
def code(levels: NDArray[Any]) -> codec.PrefixCode:
    """For the NASA levels, and all others with a smoothed weight."""
    nasa, seen = built_in("nasa"), codec.Distribution.from_stream(levels).labels
    return codec.huffman(codec.Distribution(seen, [1 + 1000 * (label in nasa.labels) for label in seen]))


def test_each_chunk_costs_what_its_slice_costs(levels: NDArray[Any], lazy: Any, code: codec.PrefixCode) -> None:
    report = audit(lazy, code)
    for chunk, (place, piece) in zip(report.chunks, slices(levels), strict=True):
        p = codec.Distribution.from_stream(piece)
        row = codec.mismatch(p, code)
        assert (chunk.place, chunk.count, chunk.unseen, chunk.entropy) == (place, 600, 0, p.entropy())
        assert (chunk.kl_prediction, chunk.expected_extra) == (row.kl_prediction, row.expected_extra)
        assert chunk.rounding_difference == row.rounding_difference
        shared, own = (codec.ledger(codec.encode(piece, one)) for one in (code, None))
        assert chunk.own_bits == own.payload_bits and chunk.table_bits == own.lines["table"]
        assert chunk.extra_bits == shared.payload_bits - own.payload_bits
        assert chunk.price_bits == chunk.extra_bits - own.lines["table"]


def test_the_whole_is_what_the_audit_in_memory_says(levels: NDArray[Any], lazy: Any, code: codec.PrefixCode) -> None:
    report, whole = audit(lazy, code), codec.audit(levels, code)
    assert (report.count, report.unseen, report.whole.entropy) == (whole.count, whole.unseen, whole.entropy)
    assert report.whole.expected_length == whole.old_mean_length
    assert report.whole.own_expected_length == whole.fresh_mean_length
    assert report.split == whole.split and report.distribution == whole.distribution
    assert report.shared_bits == codec.ledger(codec.encode(levels, code)).payload_bits


def test_entropy_of_all_is_above_that_within_chunks_by_what_a_chunk_tells(levels: NDArray[Any], lazy: Any) -> None:
    report = audit(lazy, None)
    rows = [(chunk, reading) for chunk, (_, piece) in enumerate(slices(levels)) for reading in piece.ravel().tolist()]
    joint = np.zeros((6, 1000), np.int64)
    for chunk, reading in rows:
        joint[chunk, reading + 500] += 1
    told = codec.mutual_information(joint[:, joint.any(axis=0)])
    assert report.whole.entropy - report.chunk_entropy == pytest.approx(told, abs=1e-9)


def test_a_table_of_differences_is_audited_on_differences_within_chunks(levels: NDArray[Any], lazy: Any) -> None:
    code = codec.huffman(codec.distribution_of(levels, "differences"), escape_weight=1)
    report = audit(lazy, code)
    assert report.coded == "differences" and "coded as differences within their chunk" in str(report)
    for chunk, (_, piece) in zip(report.chunks, slices(levels), strict=True):
        one = codec.audit(piece, code)
        assert (chunk.entropy, chunk.expected_extra) == (one.entropy, pytest.approx(one.extra, abs=1e-12))


def test_what_has_no_codeword_is_infinite_and_told(levels: NDArray[Any], lazy: Any) -> None:
    report = audit(lazy, built_in("nasa"))
    assert [math.isinf(chunk.expected_extra) for chunk in report.chunks] == [False] * 4 + [True] * 2
    assert report.shared_bits is None and report.split is None and report.dearest.place == (2, 0)
    text = str(report)
    assert "the shared table cannot code 2 chunks, the first 2, 0" in text and "∞" in text and "--escape" in text
    escaped = audit(lazy, codec.huffman(built_in("nasa"), escape_weight=0.01))
    assert escaped.unseen == report.unseen == np.count_nonzero(~np.isin(levels, list(built_in("nasa").labels)))
    assert math.isfinite(escaped.chunks[-1].expected_extra)
    assert math.isinf(escaped.chunks[-1].kl_prediction) and escaped.chunks[-1].rounding_difference is None


def test_tables_cost_what_their_files_hold(levels: NDArray[Any], lazy: Any) -> None:
    report = audit(lazy, None)
    pieces = [piece for _, piece in slices(levels)]
    for one in report.tables:
        books = [
            codec.ledger(codec.encode(np.concatenate([p for p, g in zip(pieces, one.groups, strict=True) if g == k])))
            for k in range(one.tables)
        ]
        assert one.payload_bits == sum(book.payload_bits for book in books)
        assert one.table_bits == sum(book.lines["table"] for book in books)
        assert one.bits == one.payload_bits + one.table_bits + one.naming_bits
    numbers = [one.tables for one in report.tables]
    assert numbers == sorted(set(numbers)) and numbers[:3] == [1, 2, 3] and numbers[-1] == 6


def test_the_number_of_tables_is_the_best_of_all_partitions(levels: NDArray[Any], lazy: Any) -> None:
    pieces = [piece for _, piece in slices(levels)]
    cost: dict[tuple[int, ...], int] = {}
    for size in range(1, 7):
        for members in itertools.combinations(range(6), size):
            p = codec.Distribution.from_stream(np.concatenate([pieces[i] for i in members]))
            code = codec.huffman(p)
            cost[members] = int(p.weights @ code.lengths) + 8 * len(code.serialized)
    least = min(
        sum(cost[tuple(i for i in range(6) if groups[i] == k)] for k in set(groups))
        + 6 * (len(set(groups)) - 1).bit_length()
        for groups in itertools.product(range(4), repeat=6)
    )
    report = audit(lazy, None)
    assert report.cheapest.bits == least and report.cheapest.groups == (0, 0, 0, 0, 1, 1)
    assert next(one.groups for one in report.tables if one.tables == 3) in {(2, 2, 0, 0, 1, 1), (0, 0, 2, 2, 1, 1)}


def test_a_table_that_fits_costs_less_than_it_saves() -> None:
    array = da.from_array(np.tile(built_in("nasa").sample(1000, 1), 8), chunks=1000)
    report = audit(array, None)
    assert report.cheapest.tables == 1 and "no other number of tables is cheaper" in str(report)
    assert all(chunk.price_bits < 0 for chunk in report.chunks)


def test_a_table_of_blocks_is_refused(lazy: Any) -> None:
    with pytest.raises(codec.CodecError, match="several readings in a codeword"):
        audit(lazy, codec.huffman(built_in("nasa").extension(2)))
