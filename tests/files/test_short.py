"""The short form of a file: fewer bytes around the payload, the same file of version 1 behind it."""

from __future__ import annotations

import io
import zlib
from typing import Any

import numpy as np
import pytest
from checks import flip, same
from corpus import GOOD, good
from shares import some

from codec.coding import decode, encode
from codec.coding.file import opened, restored_bytes
from codec.coding.piece import Limit
from codec.coding.steps import BASE_BYTES
from codec.errors import CodecError, DamagedError, UnsupportedError
from codec.files.container import MAGIC
from codec.files.short import number, pack_short, unpack_short
from codec.measure.ledger import ledger

each_file = pytest.mark.parametrize("name", GOOD)


def short(name: str) -> bytes:
    return pack_short(good(name), BASE_BYTES)


@each_file
def test_a_short_file_stands_for_its_file_of_version_1_byte_for_byte(name: str) -> None:
    packed, kind = short(name), GOOD[name]
    blocks = good(name).count(b"B\0\0\0\1")
    assert (packed == good(name)) == bool(blocks), "files of several blocks have no short form"
    if packed == good(name):
        return
    assert len(packed) <= len(good(name)) - 20 and packed[:9] == MAGIC + b"\2"
    assert unpack_short(packed, BASE_BYTES) == good(name)
    text = b"".join(restored_bytes(opened(io.BytesIO(packed), kind.needed), Limit()))
    assert text == b"".join(restored_bytes(opened(io.BytesIO(good(name)), kind.needed), Limit()))
    assert same(decode(packed, kind.needed), decode(good(name), kind.needed))
    book, long = ledger(packed, kind.needed), ledger(good(name), kind.needed)
    assert book.file_bits == 8 * len(packed) == pytest.approx(sum(book.lines.values()), abs=1e-6)
    assert all(book.lines[item] == long.lines[item] for item in ("entropy", "table", "lane index", "padding"))


@each_file
def test_no_flipped_bit_and_no_cut_is_accepted(name: str) -> None:
    packed, code = short(name), GOOD[name].needed
    if packed == good(name):
        return
    for bit in some(range(8 * len(packed)), 0.2):
        with pytest.raises(CodecError):
            decode(flip(packed, bit), code)
    for size in range(len(packed)):
        with pytest.raises(CodecError):
            decode(packed[:size], code)
    with pytest.raises(CodecError):
        decode(packed + b"\0", code)


def signed(data: bytes) -> bytes:
    return data[:-4] + zlib.crc32(data[:-4]).to_bytes(4, "big")


@pytest.mark.dear
@each_file
def test_a_forged_short_file_is_refused_or_the_short_form_of_another(name: str) -> None:
    packed, code = short(name), GOOD[name].needed
    if packed == good(name):
        return
    for bit in some(range(8 * 9, 8 * (len(packed) - 4)), 0.2):
        forged = signed(flip(packed, bit))
        try:
            decode(forged, code)
        except CodecError:
            continue
        assert pack_short(unpack_short(forged, BASE_BYTES), BASE_BYTES) == forged


def test_a_file_of_a_pipe_is_read_as_well() -> None:
    class Slow(io.RawIOBase):
        def __init__(self, data: bytes) -> None:
            self._data = io.BytesIO(data)

        def read(self, size: int = -1) -> bytes:
            return self._data.read(min(size, 3))

    data = encode(np.arange(50) % 7, short=True)
    assert b"".join(restored_bytes(opened(Slow(data)), Limit()))[-400:] == (np.arange(50) % 7).tobytes()


def test_what_a_short_file_cannot_hold_is_refused_by_name() -> None:
    data = encode(np.arange(50) % 7, short=True)
    with pytest.raises(UnsupportedError, match="transform has the value 15"):
        decode(signed(data[:10] + b"\xf0" + data[11:]))
    with pytest.raises(DamagedError, match="its checksum does not hold"):
        decode(data[:-1] + b"\0")
    assert number(2**64 - 1) == b"\xff" * 9 + b"\1"


def test_options_go_with_the_short_form() -> None:
    readings = np.cumsum(np.random.default_rng(1).integers(-2, 3, 400))
    ways: tuple[dict[str, Any], ...] = ({}, {"delta": True}, {"context": True}, {"per_codeword": 3}, {"lane_size": 9})
    for way in ways:
        data = encode(readings, short=True, **way)
        assert same(decode(data), readings) and len(data) < len(encode(readings, **way)) - 35
        assert same(decode(data, start=7, stop=300), readings[7:300])
    assert encode(readings, short=True, block_size=100) == encode(readings, block_size=100)
