"""The public functions take arrays in chunks too, as they take arrays."""

import numpy as np
import pytest

import codec

da = pytest.importorskip("dask.array", reason="the extra 'zarr' is not installed")
zarr = pytest.importorskip("zarr", reason="the extra 'zarr' is not installed")

READINGS = np.array([[20, 21, 20, 19], [20, 22, 20, 20], [23, 20, 20, 21]], np.int16)
TABLE = codec.huffman({19: 1, 20: 6, 21: 3, 22: 1, 23: 1}, escape_weight=1)


def in_zarr(store, code):
    from codec.arrays.zarr_codec import Huffman

    return zarr.create_array(store, data=READINGS, chunks=(2, 4), serializer=Huffman(code), compressors=None)


@pytest.fixture(params=["dask", "zarr"])
def array(request):
    return da.from_array(READINGS, chunks=(2, 4)) if request.param == "dask" else in_zarr({}, TABLE)


def test_its_distribution_is_that_of_the_readings(array):
    assert codec.Distribution.from_stream(array) == codec.Distribution.from_stream(READINGS)
    assert codec.distribution_of(array) == codec.distribution_of(READINGS)
    with pytest.raises(ValueError, match="in memory"):
        codec.Distribution.from_stream(array, decimals=False)


def test_its_audit_is_by_chunk(array):
    found = codec.audit(array, TABLE)
    assert [chunk.count for chunk in found.chunks] == [8, 4]
    with pytest.raises(ValueError, match="in order"):
        codec.audit(array, TABLE, window=3)


def test_its_ledger_adds_up_those_of_the_chunks():
    stored = {}
    book = codec.ledger(in_zarr(stored, TABLE))
    chunks = [data.to_bytes() for key, data in stored.items() if key.startswith("c/")]
    assert book.count == READINGS.size + 4  # the last chunk is filled up
    assert book.file_bits == sum(8 * len(chunk) for chunk in chunks) == round(sum(book.lines.values()), 6)
    assert book.payload_bits == sum(codec.ledger(chunk, TABLE).payload_bits for chunk in chunks)


def test_what_has_no_ledger_says_so():
    with pytest.raises(TypeError, match="Dask"):
        codec.ledger(da.from_array(READINGS, chunks=2))
    with pytest.raises(codec.CodecError, match="zstd"):
        codec.ledger(zarr.create_array({}, data=READINGS, chunks=(2, 4)))


def test_it_is_not_taken_into_memory_unasked(array):
    with pytest.raises(TypeError, match="larger than memory"):
        codec.encode(array)
