"""Arrays of Zarr 3 come back reading for reading, and what is damaged or cannot be coded is refused by name."""

import numpy as np
import pytest

zarr = pytest.importorskip("zarr", reason="the extra 'zarr' is not installed")

from codec.arrays.zarr_codec import Huffman  # noqa: E402

STATION = np.random.default_rng(1).integers(150, 250, (40, 30)).cumsum(0).astype(np.int16)


def created(array, chunks, codec, store=None, **options):
    store = {} if store is None else store
    return zarr.create_array(store, data=array, chunks=chunks, serializer=codec, compressors=None, **options)


def test_an_array_comes_back_from_a_folder(tmp_path):
    created(STATION, (16, 7), Huffman(transform="differences"), tmp_path / "a.zarr")
    again = zarr.open_array(tmp_path / "a.zarr")
    assert again.dtype == np.int16
    assert (again[:] == STATION).all()
    assert (again[3:39:5, 11] == STATION[3:39:5, 11]).all()
