"""Other packages write through the codec without knowing of it: xarray with a scale factor, Dask by chunks."""

import numpy as np
import pytest

zarr = pytest.importorskip("zarr", reason="the extra 'zarr' is not installed")

import codec  # noqa: E402
from codec.arrays.zarr_codec import Huffman  # noqa: E402

UNITS = np.random.default_rng(1).integers(-20, 21, (40, 30)).cumsum(0).astype(np.int16)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*Consolidated metadata is currently not part:UserWarning")
@pytest.mark.parametrize("transform", ["readings", "differences"])
def test_xarray_comes_back_with_a_scale_factor_and_gaps(tmp_path, transform):
    xarray = pytest.importorskip("xarray", reason="xarray is not installed")
    degrees = np.where(UNITS == 5, np.nan, UNITS * 0.1)
    table = codec.huffman(codec.distribution_of(UNITS, transform), escape_weight=1)  # Zarr fills up with 0
    encoding = {
        "dtype": "int16", "scale_factor": 0.1, "_FillValue": -999,
        "chunks": (16, 7), "serializer": Huffman(table), "compressors": (),
    }  # fmt: skip
    data = xarray.Dataset({"t": (("time", "station"), degrees)})
    data.to_zarr(tmp_path / "a.zarr", encoding={"t": encoding}, zarr_format=3)
    with xarray.open_zarr(tmp_path / "a.zarr") as again:
        assert np.allclose(again["t"].values, degrees, equal_nan=True)
        assert np.allclose(again["t"][3:30:4, 5].values, degrees[3:30:4, 5], equal_nan=True)
    stored = zarr.open_array(tmp_path / "a.zarr" / "t")
    assert stored.metadata.codecs[0].code == table
    assert np.array_equal(stored[:], np.where(UNITS == 5, -999, UNITS))


@pytest.mark.slow
def test_dask_writes_and_reads_by_chunks(tmp_path):
    array = pytest.importorskip("dask.array", reason="the extra 'zarr' is not installed")
    table = codec.huffman(codec.distribution_of(UNITS), escape_weight=1)
    options = {"shape": UNITS.shape, "dtype": UNITS.dtype, "chunks": (10, 10), "compressors": None}
    target = zarr.create_array(tmp_path / "a.zarr", serializer=Huffman(table), **options)
    array.from_array(UNITS, chunks=(10, 10)).to_zarr(target)
    again = array.from_zarr(tmp_path / "a.zarr")
    assert again.chunksize == (10, 10)
    assert (again.compute(scheduler="threads", num_workers=2) == UNITS).all()
    assert int(again.sum().compute()) == int(UNITS.sum())
