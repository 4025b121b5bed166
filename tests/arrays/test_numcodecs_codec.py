"""The same through numcodecs and in arrays of Zarr 2."""

import numpy as np
import pytest

numcodecs = pytest.importorskip("numcodecs", reason="the extra 'zarr' is not installed")
zarr = pytest.importorskip("zarr", reason="the extra 'zarr' is not installed")

import codec  # noqa: E402
from codec.arrays.numcodecs_codec import Huffman  # noqa: E402

STATION = np.random.default_rng(1).integers(-20, 21, (40, 30)).cumsum(0).astype(np.int16)
CODECS = {
    "own table": Huffman(),
    "differences": Huffman(transform="differences", context=True),
    "shared": Huffman(codec.huffman(codec.distribution_of(STATION), escape_weight=1), short=True),
}
each_codec = pytest.mark.parametrize("compressor", CODECS.values(), ids=CODECS)


@each_codec
def test_an_array_comes_back_through_numcodecs(compressor):
    again = numcodecs.get_codec(compressor.get_config())
    assert again == compressor
    for array in (STATION, STATION.T, STATION.astype(">i4"), STATION[0], STATION[:0]):
        data = compressor.encode(array)
        found = again.decode(data)
        assert found.dtype == array.dtype and np.array_equal(found, array)
        out = np.empty_like(array)
        again.decode(data, out)
        assert np.array_equal(out, array)


def test_a_buffer_of_bytes_comes_back():
    assert bytes(Huffman().decode(Huffman().encode(b"abracadabra"))) == b"abracadabra"


@pytest.mark.parametrize(
    ("name", "kind", "order"),
    [("own table", kind, order) for kind in ("i1", ">i2", ">i8") for order in "CF"]
    + [("differences", "<i2", "C"), ("shared", "<i2", "C"), ("shared", "<i2", "F")],
)
def test_an_array_of_zarr_2_comes_back(name, kind, order):
    store, data = {}, STATION.astype(kind)
    options = {"chunks": (24, 11), "zarr_format": 2, "compressors": CODECS[name], "filters": None, "order": order}
    array = zarr.create_array(store, shape=data.shape, dtype=data.dtype, fill_value=9, **options)
    array[:] = data
    array[3:5, 6:9] = data[3:5, 6:9] = 1
    again = zarr.open_array(store)
    assert again.dtype == data.dtype
    assert np.array_equal(again[:], data)
    assert np.array_equal(again[5::9, 3], data[5::9, 3])


def test_filters_before_it_may_change_the_type():
    store, data = {}, STATION / 10
    filters = [numcodecs.FixedScaleOffset(offset=0, scale=10, dtype="f8", astype="i2")]
    zarr.create_array(store, data=data, chunks=(24, 11), zarr_format=2, compressors=Huffman(), filters=filters)
    assert np.allclose(zarr.open_array(store)[:], data)


@each_codec
def test_a_changed_bit_is_an_error(compressor):
    store = {}
    zarr.create_array(store, data=STATION, chunks=(40, 30), zarr_format=2, compressors=compressor, filters=None)
    array, whole = zarr.open_array(store), store["0.0"].to_bytes()
    for bit in range(0, 8 * len(whole), 997):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        store["0.0"] = zarr.core.buffer.cpu.Buffer.from_bytes(changed)
        with pytest.raises(codec.CodecError):
            array[:]
            pytest.fail(f"bit {bit} was changed, and nobody noticed")


def test_an_unknown_codec_is_named():
    store = {}
    zarr.create_array(store, data=STATION, chunks=(40, 30), zarr_format=2, compressors=Huffman(), filters=None)
    renamed = store[".zarray"].to_bytes().replace(b"codec.huffman", b"codec.absent")
    store[".zarray"] = zarr.core.buffer.cpu.Buffer.from_bytes(renamed)
    with pytest.raises(ValueError, match=r"codec\.absent"):
        zarr.open_array(store)
