"""A cluster of two processes gives what one process gives, from Python and from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import good, refused
from numpy.typing import NDArray

import codec
from codec.arrays.counts import distribution_of
from codec.arrays.measure import audit

da = pytest.importorskip("dask.array", reason="needs the extra zarr")
distributed = pytest.importorskip("distributed", reason="needs the extra zarr")
zarr = pytest.importorskip("zarr", reason="needs the extra zarr")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as found:
        yield found


def test_two_processes_give_what_one_gives(levels: NDArray[Any], cluster: Any) -> None:
    array = da.from_array(levels, chunks=(30, 20))
    code = codec.huffman(codec.Distribution.from_stream(levels[:45]), escape_weight=1)
    here = audit(array, code)
    with distributed.Client(cluster):
        there = audit(array, code)
        assert distribution_of(array) == codec.Distribution.from_stream(levels)
    assert here.chunks == there.chunks and here.tables == there.tables and here.split == there.split


def test_the_command_line_uses_the_cluster_of_the_address(levels: NDArray[Any], cluster: Any, tmp_path: Path) -> None:
    zarr.create_array(tmp_path / "levels.zarr", data=levels, chunks=(30, 20))
    command = ("audit", tmp_path / "levels.zarr", "--code", "nasa", "--json")
    assert good(*command, "--scheduler", cluster.scheduler_address).data == good(*command).data


def test_an_address_where_no_scheduler_answers_is_named(
    levels: NDArray[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codec.arrays.opened._PATIENCE", "1s")
    zarr.create_array(tmp_path / "levels.zarr", data=levels, chunks=(30, 20))
    told = refused("table", tmp_path / "levels.zarr", "--scheduler", "tcp://127.0.0.1:9")
    assert "no scheduler answers at tcp://127.0.0.1:9" in told and "dask scheduler" in told
