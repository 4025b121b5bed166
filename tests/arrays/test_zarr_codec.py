"""Arrays of Zarr 3 come back reading for reading, and what is damaged or cannot be coded is refused by name."""

import pickle

import numpy as np
import pytest

zarr = pytest.importorskip("zarr", reason="the extra 'zarr' is not installed")

import codec  # noqa: E402
from codec.arrays.zarr_codec import Huffman  # noqa: E402

STATION = np.random.default_rng(1).integers(-20, 21, (40, 30)).cumsum(0).astype(np.int16)
CODECS = {
    "own table": Huffman(),
    "differences": Huffman(transform="differences", intervals=True),
    "shared": Huffman(codec.huffman(codec.distribution_of(STATION), escape_weight=1)),
    "shared, short": Huffman(codec.huffman(codec.distribution_of(STATION, "linear"), escape_weight=1), short=True),
}
each_codec = pytest.mark.parametrize("serializer", CODECS.values(), ids=CODECS)
LAYOUTS = {
    "whole chunks": {"chunks": (20, 15)},
    "ragged": {"chunks": (24, 11)},
    "shards": {"chunks": (12, 10), "shards": (24, 20)},
    "transposed": {"chunks": (24, 11), "filters": [zarr.codecs.TransposeCodec(order=(1, 0))]},
    "Fortran": {"chunks": (24, 11), "order": "F"},
}


def created(data, serializer, store=None, **layout):
    options = {"shape": data.shape, "dtype": data.dtype, "serializer": serializer, "compressors": None, **layout}
    array = zarr.create_array({} if store is None else store, **options)
    array[:] = data  # Zarr 3.1.0 loses parts of what is given as `data` of an array in shards
    return array


@pytest.mark.parametrize(
    ("name", "layout"), [*((name, "ragged") for name in CODECS), *(("shared", layout) for layout in LAYOUTS)]
)
@pytest.mark.filterwarnings("ignore:The `order` keyword argument has no effect:RuntimeWarning")
def test_an_array_comes_back_whole_and_in_slices(name, layout):
    store = {}
    created(STATION, CODECS[name], store, **LAYOUTS[layout])
    again = zarr.open_array(store)
    assert again.dtype == STATION.dtype
    for part in ((), (slice(3, 39, 5), 11), (-1,), (slice(None), slice(8, 9))):
        assert np.array_equal(again[part], STATION[part])
    assert np.array_equal(again.oindex[[1, 30], [2, 29]], STATION[np.ix_([1, 30], [2, 29])])


@pytest.mark.parametrize(
    ("name", "layout"), [*((name, "ragged") for name in CODECS), ("own table", "shards"), ("shared", "shards")]
)
def test_what_is_written_in_parts_stands_beside_the_fill_value(name, layout):
    options = {"dtype": np.int16, "fill_value": -999, "compressors": None, **LAYOUTS[layout]}
    array = zarr.create_array({}, shape=STATION.shape, serializer=CODECS[name], **options)
    expected = np.full(STATION.shape, -999, np.int16)
    for part in ((slice(5, 12), slice(3, 20)), (39, 29), (slice(0, 40, 7), 4)):
        array[part] = expected[part] = STATION[part]
    assert np.array_equal(array[:], expected)


@pytest.mark.parametrize("kind", ["i1", ">i2", "<u4", ">i8", "bool", ">f8"])
def test_arrays_of_any_type_and_byte_order_come_back(kind):
    data, store = STATION.astype(kind), {}
    created(data, Huffman(), store, chunks=(24, 11))
    again = zarr.open_array(store)
    assert again.dtype == data.dtype.newbyteorder("=") or again.dtype == data.dtype  # Zarr reopens them as native
    assert np.array_equal(again[:], data)


def test_a_chunk_has_a_ledger_by_itself(tmp_path):
    for name in ("own table", "shared"):
        created(STATION, CODECS[name], tmp_path / name, chunks=(20, 15))
        code = zarr.open_array(tmp_path / name).metadata.codecs[0].code
        assert code == CODECS[name].code
        book = codec.ledger(tmp_path / name / "c" / "1" / "0", code)
        assert book.count == 300 and sum(book.lines.values()) == book.file_bits
        assert (codec.decode(tmp_path / name / "c" / "1" / "0", code) == STATION[20:, :15]).all()


def damaged(store, key, bits):
    """A store and what stands in it, with one bit after another changed in what stands under a key."""
    whole = store[key].to_bytes()
    for bit in bits(8 * len(whole)):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        store[key] = zarr.core.buffer.cpu.Buffer.from_bytes(changed)
        yield bit


def refuses_each_bit_of_a_chunk(serializer, step):
    store = {}
    created(STATION[:20, :15], serializer, store, chunks=(20, 15))
    array = zarr.open_array(store)
    for bit in damaged(store, "c/0/0", lambda bits: range(0, bits, step)):
        with pytest.raises(codec.CodecError):
            array[:]
            pytest.fail(f"bit {bit} was changed, and nobody noticed")


def refuses_each_bit_of_a_shard(serializer, step):
    store = {}
    created(STATION[:16, :10], serializer, store, chunks=(8, 5), shards=(16, 10))
    array = zarr.open_array(store)
    index = 4 * 16 + 4  # places and sizes of the chunks, and their checksum, which Zarr tests
    size = len(store["c/0/0"].to_bytes())
    for bit in damaged(store, "c/0/0", lambda bits: range(0, bits, step)):
        with pytest.raises(codec.CodecError if bit < 8 * (size - index) else ValueError):
            array[:]
            pytest.fail(f"bit {bit} was changed, and nobody noticed")


@each_codec
def test_a_changed_bit_of_a_chunk_or_a_shard_is_an_error(serializer):
    refuses_each_bit_of_a_chunk(serializer, 197)
    refuses_each_bit_of_a_shard(serializer, 401)


@pytest.mark.slow
@each_codec
def test_every_changed_bit_of_a_chunk_and_every_fifth_of_a_shard_is_an_error(serializer):
    refuses_each_bit_of_a_chunk(serializer, 1)
    refuses_each_bit_of_a_shard(serializer, 5)


def test_a_chunk_cut_short_or_of_another_array_is_an_error():
    store, other = {}, {}
    created(STATION[:20, :15], Huffman(), store, chunks=(20, 15))
    created(STATION[:20, :15].astype(np.int32), Huffman(), other, chunks=(20, 15))
    for data in (store["c/0/0"].to_bytes()[:-1], other["c/0/0"].to_bytes(), b""):
        store["c/0/0"] = zarr.core.buffer.cpu.Buffer.from_bytes(data)
        with pytest.raises(codec.CodecError):
            zarr.open_array(store)[:]


def test_a_table_that_does_not_know_the_fill_value_is_refused_at_creation():
    serializer = Huffman(codec.huffman({1: 1, 2: 1}))
    options = {"shape": (4,), "dtype": np.int16, "serializer": serializer, "compressors": None}
    with pytest.raises(codec.CodecError, match="no codeword for the fill value 0"):
        zarr.create_array({}, **options)
    with pytest.raises(codec.CodecError, match="no codeword for the fill value 0"):
        zarr.create_array({}, **options, chunks=(2,), shards=(4,))
    array = zarr.create_array({}, **options, fill_value=1)
    with pytest.raises(codec.CodecError, match="the reading 7 has no codeword"):
        array[:] = 7


def test_too_many_different_readings_are_refused_when_they_are_written():
    with pytest.raises(codec.CodecError, match=r"65,536: .*scale-offset and cast"):
        created(np.arange(65_537) ** 2, Huffman(), chunks=(65_537,))


def test_the_metadata_carries_the_table_and_an_unknown_codec_is_named():
    store = {}
    created(STATION, CODECS["shared"], store, chunks=(20, 15))
    said = zarr.open_array(store).metadata.to_dict()["codecs"][0]
    assert said["name"] == "codec.huffman"
    assert said["configuration"]["fingerprint"] == CODECS["shared"].code.fingerprint
    renamed = store["zarr.json"].to_bytes().replace(b"codec.huffman", b"codec.absent")
    store["zarr.json"] = zarr.core.buffer.cpu.Buffer.from_bytes(renamed)
    with pytest.raises((KeyError, ValueError), match=r"codec\.absent"):
        zarr.open_array(store)


@each_codec
def test_a_codec_is_equal_to_what_it_is_read_back_as(serializer):
    assert Huffman.from_dict(serializer.to_dict()) == serializer == pickle.loads(pickle.dumps(serializer))
