"""Arrays at the command line: audit, inspect, table and figure chunks read a folder that Zarr opens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import fields, good, misused, refused, screen
from numpy.typing import NDArray

import codec
from codec.arrays.measure import audit
from codec.files import tables
from codec.show.chunks_figure import chunk_map

zarr = pytest.importorskip("zarr", reason="needs the extra zarr")
pytest.importorskip("dask", reason="needs the extra zarr")


@pytest.fixture
def folder(tmp_path: Path, levels: NDArray[Any], monkeypatch: pytest.MonkeyPatch) -> Path:
    """An array of 3 × 2 chunks in a group, by its path from the current folder."""
    monkeypatch.chdir(tmp_path)
    group = zarr.create_group("weather.zarr")
    group.create_array("temperature", data=levels, chunks=(30, 20))
    group.create_array("deep/wind", data=levels[:1], chunks=(1, 40))
    return Path("weather.zarr", "temperature")


@pytest.fixture
def table(tmp_path: Path, levels: NDArray[Any]) -> Path:
    """A table of the first half of it, with an escape."""
    np.save(tmp_path / "half.npy", levels[:45])
    good("table", tmp_path / "half.npy", "--escape", "-o", tmp_path / "half.json")
    return tmp_path / "half.json"


def test_audit_shows_the_columns_of_each_chunk(folder: Path, table: Path, levels: NDArray[Any]) -> None:
    found = fields("audit", folder, "--code", table)
    report = audit(zarr.open(folder, mode="r"), tables.load(table))
    assert found["grid"] == [3, 2] and found["count"] == 3600 and found["coded"] == "readings"
    for row, chunk in zip(found["chunks"], report.chunks, strict=True):
        assert row["place"] == list(chunk.place) and row["expected_extra"] == chunk.expected_extra
        assert row["infinite"] == (chunk.kl_prediction == float("inf")) and row["extra_bits"] == chunk.extra_bits
    assert [row["bits"] for row in found["tables"]] == [each.bits for each in report.tables]
    text = screen("audit", folder, "--code", table)
    assert "the shared table costs most in chunk 2, " in text and "2 tables would be cheaper" in text
    assert "∞" in text and "3,600 readings in 6 chunks (3 × 2)" in text and "a table a chunk" in text


def test_a_table_without_an_escape_is_infinite_and_says_so(folder: Path) -> None:
    text = screen("audit", folder, "--code", "nasa")
    assert "the shared table cannot code 2 chunks, the first 2, 0" in text and "make a table with --escape" in text
    assert fields("audit", folder, "--code", "nasa")["shared_bits"] is None


def test_a_fresh_table_is_saved_from_the_audit_and_from_the_array(folder: Path, table: Path, tmp_path: Path) -> None:
    good("audit", folder, "--code", table, "--retrain", tmp_path / "new.json")
    good("table", folder, "-o", tmp_path / "own.json")
    own = tables.load(tmp_path / "own.json")
    assert own == codec.huffman(codec.Distribution.from_stream(zarr.open(folder, mode="r")[:]))
    assert tables.load(tmp_path / "new.json").has_escape
    good("table", folder, "--delta", "-o", tmp_path / "delta.json")
    assert fields("audit", folder, "--code", tmp_path / "delta.json")["coded"] == "differences"
    assert json.loads(good("table", folder, "--json").data)["entropy"] == fields("inspect", folder)["whole"]["entropy"]


def test_inspect_says_how_it_is_stored_and_what_tables_would_cost(folder: Path) -> None:
    found, text = fields("inspect", folder), screen("inspect", folder)
    assert found["codecs"] == ["bytes", "zstd"] and found["chunk_shape"] == [30, 20] and found["ledger"] is None
    assert found["stored_bytes"] == zarr.open(folder, mode="r").nbytes_stored()
    assert "3,600 readings of int16" in text and "by bytes, zstd, metadata included" in text
    shards = folder.parent / "shards"
    zarr.create_array(shards, data=np.arange(80, dtype=np.uint8), chunks=(10,), shards=(40,))
    assert "8 chunks of 10, shards of 40" in screen("inspect", shards)


def test_a_group_names_its_arrays(folder: Path) -> None:
    told = refused("table", folder.parent)
    assert f"{folder.parent}/temperature (int16, 90 × 40), {folder.parent}/deep/wind (int16, 1 × 40)" in told
    good("table", folder.parent / "deep" / "wind")


def test_a_map_of_the_chunks_is_drawn(folder: Path, table: Path, tmp_path: Path) -> None:
    good("figure", "chunks", folder, "--code", table, "-o", tmp_path / "map.svg")
    svg = (tmp_path / "map.svg").read_text()
    assert "D(p‖r), predicted" in svg and "The price of one table in 6 chunks" in svg


def test_chunks_of_any_number_of_axes_have_a_map() -> None:
    for shape, label in (((8,), "chunk along axis 0"), ((4, 4, 4), "chunk along axes 1 to 2, in the order of C")):
        readings = np.arange(np.prod(shape), dtype=np.int8).reshape(shape) % 5
        array = zarr.create_array({}, data=readings, chunks=(2,) * len(shape))
        figure = chunk_map(audit(array, codec.huffman({0: 2, 1: 1, 2: 1})))
        assert figure.axes[0].get_xlabel() == label and "cannot code (hatched)" in figure.get_label()


def test_what_is_not_for_arrays_is_refused(folder: Path, table: Path, tmp_path: Path) -> None:
    assert "--per-day is for streams" in misused("audit", folder, "--code", table, "--per-day", 24)
    assert "--bytes is for streams" in misused("table", folder, "--bytes")
    assert "--scheduler is for arrays" in misused("audit", tmp_path / "half.npy", "--code", table, "--scheduler", "x:1")
    assert "--code is for `codec audit`" in misused("inspect", folder, "--code", table)
    assert "a file is wanted" in refused("encode", folder, "-o", tmp_path / "x.huf")
    assert "there is no file 'none.zarr'" in refused("table", "none.zarr")
    assert "none.zarr is no array: there is no folder there" in refused("audit", "none.zarr", "--code", table)
    (tmp_path / "empty.zarr").mkdir()
    assert "is no array: there is no Zarr array in it" in refused("table", "empty.zarr")
    for metadata, why in ("{}", "is a group without arrays"), ("nonsense", "cannot be opened by Zarr"):
        (folder / "zarr.json").write_text(metadata)
        assert why in refused("audit", folder, "--code", table)


def test_a_damaged_chunk_is_named(folder: Path, table: Path) -> None:
    chunk = folder / "c" / "1" / "1"
    chunk.write_bytes(chunk.read_bytes()[:-9])
    assert f"{folder}[30:60, 20:40] cannot be read" in refused("audit", folder, "--code", table)
