"""A chunk comes back as it was, by its own table or by a shared one; a table in metadata is what it says it is."""

import base64
import json

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import codec
from codec.arrays.chunks import code_in, configuration, decode_as, decode_chunk, encode_chunk, refuse_fill
from codec.errors import CodecError, DamagedError, MissingCodewordError, StreamError, WrongTableError

TRANSFORMS = ("readings", "differences", "ranks", "linear", "linear ranks")
CHUNK = np.random.default_rng(7).integers(-3, 4, (6, 5)).cumsum(0).astype(np.int16)
integers = npst.integer_dtypes(endianness="?") | npst.unsigned_integer_dtypes(endianness="?")
shapes = npst.array_shapes(min_dims=0, max_dims=3, max_side=6)


def assume_ranks(chunk, transform):
    """Readings of more than 62 bits have no ranks, and are refused."""
    assume("ranks" not in transform or abs(chunk.astype(float)).max() < 1 << 62)


def shared(chunk, transform="readings", **options):
    return codec.huffman(codec.distribution_of(chunk, transform), escape_weight=1, **options)


@given(npst.arrays(integers, shapes), st.sampled_from(TRANSFORMS), st.booleans())
def test_ints_of_all_types_come_back(chunk, transform, short):
    assume_ranks(chunk, transform)
    asked = configuration(transform=transform, short=short)
    again = decode_chunk(encode_chunk(chunk, asked), asked)
    assert again.dtype == chunk.dtype and again.shape == chunk.shape
    assert again.tobytes() == chunk.tobytes()


@given(npst.arrays(integers, shapes), st.sampled_from(TRANSFORMS))
def test_a_shared_table_with_an_escape_codes_every_int(chunk, transform):
    assume_ranks(chunk, transform)
    asked = configuration(shared(CHUNK, transform))
    assert (decode_chunk(encode_chunk(chunk, asked), asked) == chunk).all()


@pytest.mark.parametrize("kind", ["bool", "f2", "f4", ">f8", "M8[s]", "m8[ms]"])
def test_other_numbers_and_times_come_back(kind):
    chunk = (CHUNK % 2).astype(kind) if kind == "bool" else CHUNK.astype(kind)
    again = decode_chunk(encode_chunk(chunk, {}), {})
    assert again.dtype == chunk.dtype and again.tobytes() == chunk.tobytes()


def test_decimals_with_gaps_come_back_bit_for_bit():
    chunk = np.where(CHUNK == 0, np.nan, CHUNK / 10)
    asked = configuration(transform="differences")
    assert decode_chunk(encode_chunk(chunk, asked), asked).tobytes() == chunk.tobytes()


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("options", [{}, {"intervals": True}, {"context": True}])
def test_a_chunk_is_what_encode_writes(transform, options):
    asked = configuration(transform=transform, **options)
    data = encode_chunk(CHUNK, asked)
    assert data == codec.encode(CHUNK, transform=transform, **options)
    assert sum(codec.ledger(data).lines.values()) == 8 * len(data)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_a_shared_table_goes_through_json_and_back(transform):
    code = shared(CHUNK, transform)
    asked = json.loads(json.dumps(configuration(code)))
    assert code_in(asked) == code
    assert asked["fingerprint"] == code.fingerprint
    data = encode_chunk(CHUNK, configuration(**asked))
    assert data == codec.encode(CHUNK, code, embed_table=False)
    assert code_in(asked) is code_in(configuration(**asked))  # parsed once, and its engines' tables with it


def test_an_interval_code_may_be_shared():
    code = codec.interval_code(codec.distribution_of(CHUNK, "differences"), escape_weight=1)
    assert code_in(configuration(code)) == code


def test_a_table_changed_in_the_metadata_is_refused():
    asked = configuration(shared(CHUNK))
    whole = base64.b64decode(asked["table"])
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 4
        with pytest.raises(CodecError):
            configuration(table=base64.b64encode(changed).decode())
    with pytest.raises(DamagedError, match="not base64"):
        configuration(table=asked["table"] + "?")
    with pytest.raises(WrongTableError, match="0123456789abcdef"):
        configuration(table=asked["table"], fingerprint="0123456789abcdef")


@pytest.mark.parametrize(
    ("error", "says", "asked"),
    [
        (TypeError, "has no option 'level'", {"level": 3}),
        (ValueError, "no transform 'delta'", {"transform": "delta"}),
        (ValueError, "order is from 1", {"order": 99}),
        (ValueError, "intervals is for a table that is learned", {"code": {1: 1, 2: 1}, "intervals": True}),
        (ValueError, "and a table too", {"code": {1: 1, 2: 1}, "table": "AAAA"}),
        (ValueError, "and there is none", {"fingerprint": "0123456789abcdef"}),
        (TypeError, "single readings", {"code": codec.Distribution([1, 2], [1, 3]).extension(2)}),
    ],
)
def test_options_that_cannot_be_are_refused(error, says, asked):
    with pytest.raises(error, match=says):
        configuration(**asked)


def test_what_cannot_be_coded_is_refused_with_a_way_out():
    with pytest.raises(StreamError, match=r"70,000 different.*scale-offset and cast.*make the chunks smaller"):
        encode_chunk(np.arange(70_000) ** 2, {})
    with pytest.raises(TypeError, match=r"numbers and times.*<U3"):
        encode_chunk(np.array(["one"]), {})
    with pytest.raises(MissingCodewordError, match=r"the reading 7 has no codeword.*escape_weight"):
        encode_chunk(np.array([1, 7]), configuration({1: 1, 2: 1}))


def test_a_chunk_of_another_type_or_size_is_refused():
    data = encode_chunk(CHUNK.ravel(), {})  # filters may hand over flat arrays
    assert (decode_as(data, {}, CHUNK.shape, CHUNK.dtype.newbyteorder(">")) == CHUNK).all()
    with pytest.raises(DamagedError, match="30 readings of type int16, and the array 30 of type uint16"):
        decode_as(data, {}, CHUNK.shape, np.dtype(np.uint16))
    with pytest.raises(DamagedError, match="30 readings of type int16, and the array 42"):
        decode_as(data, {}, (6, 7), CHUNK.dtype)
    with pytest.raises(CodecError, match="more than the limit of 58 bytes"):  # before memory is taken
        decode_as(data, {}, (29,), CHUNK.dtype)
    with pytest.raises(DamagedError, match="something else than an array"):
        decode_chunk(codec.encode("text"), {})


def test_a_shared_table_must_know_the_fill_value_or_have_an_escape():
    known, escape = configuration({0: 1, 2: 1}), configuration(shared(np.array([1, 2])))
    for asked, fill in ((known, 0), (escape, 0), ({}, 0), (configuration(shared(CHUNK, "differences")), 99)):
        refuse_fill(np.int16(fill), np.dtype(np.int16), asked)
    with pytest.raises(MissingCodewordError, match=r"the fill value 7, .*escape_weight.*another fill_value"):
        refuse_fill(np.int16(7), np.dtype(np.int16), known)
    of_differences = configuration(codec.huffman(codec.distribution_of(CHUNK, "differences")))
    with pytest.raises(MissingCodewordError, match="what leads to the fill value 0"):
        refuse_fill(np.int16(0), np.dtype(np.int16), of_differences)
    decimals = configuration(shared(np.array([21.5, 21.6])))
    with pytest.raises(MissingCodewordError, match="the fill value nan"):
        refuse_fill(np.float64("nan"), np.dtype(np.float64), decimals)
    refuse_fill(np.float64(0.5), np.dtype(np.float64), known)  # a filter may make an int of it
