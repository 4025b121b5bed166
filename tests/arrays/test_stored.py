"""The ledger of an array: the sum of those of its chunks, which with the metadata is all that is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import fields, screen
from numpy.typing import NDArray

import codec
from codec.arrays.stored import stored

zarr = pytest.importorskip("zarr", reason="needs the extra zarr")
Huffman = pytest.importorskip("codec.arrays.zarr_codec", reason="needs the codec for Zarr").Huffman


@pytest.mark.parametrize("how", ["own tables", "differences", "shared"])
def test_the_ledger_and_the_metadata_are_all_that_is_stored(levels: NDArray[Any], tmp_path: Path, how: str) -> None:
    serializer = {
        "own tables": Huffman(),
        "differences": Huffman(transform="differences"),
        "shared": Huffman(codec.huffman(codec.Distribution.from_stream(levels), escape_weight=1)),
    }[how]
    path = tmp_path / "levels.zarr"
    array = zarr.create_array(path, data=levels, chunks=(30, 25), serializer=serializer, compressors=None)
    found = stored(array)
    assert found.codecs == ("codec.huffman",) and found.ledger is not None
    files = [file for file in (path / "c").rglob("*") if file.is_file()]
    assert found.ledger.file_bits == 8 * sum(file.stat().st_size for file in files)
    assert found.ledger.file_bits + 8 * (path / "zarr.json").stat().st_size == 8 * found.stored_bytes
    assert sum(found.ledger.lines.values()) == pytest.approx(found.ledger.file_bits, abs=1e-6)
    assert found.ledger.count == 90 * 50  # the edge chunks are filled up
    text = screen("inspect", path)
    assert "900 readings of fill at the edges" in " ".join(text.split()) and "the sum = 8 ×" in text
    assert fields("inspect", path)["ledger"]["file_bits"] == found.ledger.file_bits


def test_chunks_of_the_fill_value_alone_are_not_stored(tmp_path: Path) -> None:
    zeros = np.zeros(40, np.int16)
    array = zarr.create_array(tmp_path / "z.zarr", data=zeros, chunks=(10,), serializer=Huffman(), compressors=None)
    assert stored(array).ledger is None
    array[:10] = 5
    assert stored(array).ledger.count == 10
    assert "40 readings of int16" in " ".join(screen("inspect", tmp_path / "z.zarr").split())
