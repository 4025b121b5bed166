"""CRC32 of parts, whichever library computes it."""

import importlib
import sys
import zlib

import numpy as np
import pytest

from codec.files import checksum

DATA = np.random.Generator(np.random.PCG64(1)).bytes(100_000)


@pytest.fixture(params=["as installed", "without zlib-ng"])
def module(request, monkeypatch):
    if request.param == "without zlib-ng":
        monkeypatch.setitem(sys.modules, "zlib_ng.zlib_ng", None)
    yield importlib.reload(checksum)
    monkeypatch.undo()
    importlib.reload(checksum)


@pytest.mark.parametrize("size", [0, 1, 7, 64, 1000, 100_000])
def test_the_checksum_is_that_of_zlib(module, size):
    assert module.crc32(DATA[:size]) == zlib.crc32(DATA[:size])
    assert module.crc32(memoryview(DATA)[size:], 12345) == zlib.crc32(DATA[size:], 12345)
    assert module.checked(DATA[:size], DATA[size:])[-1] == zlib.crc32(DATA).to_bytes(4, "big")


def test_without_zlib_ng_zlib_computes_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "zlib_ng.zlib_ng", None)
    assert importlib.reload(checksum).crc32 is zlib.crc32
    monkeypatch.undo()
    importlib.reload(checksum)


def test_any_flipped_byte_breaks_the_seal(module):
    part = bytearray(b"".join(module.checked(b"a", b"bc")))
    assert module.sealed(memoryview(part))
    for place in range(len(part)):
        part[place] ^= 1
        assert not module.sealed(memoryview(part))
        part[place] ^= 1
