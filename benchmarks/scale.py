"""Arrays larger than memory: time against size and processes; size and speed beside the codecs of Zarr.

    python benchmarks/scale.py [--readings N] [--workers 0,1,2] [--folder FOLDER] [--json]
    python benchmarks/scale.py --codecs [--readings N] [--json]

An array of int16 is written to disk chunk by chunk, then counted, audited with one table and encoded, all over Dask;
0 workers are the threads of this process, others a cluster of so many processes of one thread. No more than a few
chunks are in memory at a time: the most that a process held is told. `--readings 1e9` is the whole; it takes about
1.2 GB of disk for the array and as much for each copy, which is removed.

`--codecs` writes each series in memory by each codec and reads it again, all of it through Zarr, in chunks of 250,000;
the quickest of three runs counts. The series: station (hourly temperatures in tenths), nasa (independent levels), and
field, a smooth field of temperatures over time, latitude and longitude.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from zarr.codecs import BloscCodec
from zarr.codecs.numcodecs import Delta, PCodec

import codec
from codec.arrays.counts import chunked, distribution_of
from codec.arrays.measure import audit
from codec.bits.engine import available
from codec.codes.prefix import huffman
from codec.show.console import console, table
from codec.theory.sources import built_in, station

CHUNK = 250_000
RUNS = 3
PETABYTE = 10**15 // 2  # readings of two bytes
JOBS = ("count", "audit", "encode")


def of_station(number: int, count: int = CHUNK) -> np.ndarray:
    """A chunk of hourly temperatures in tenths of a degree."""
    return station(count, number)[0].values.astype(np.int16)


def of_nasa(number: int, count: int = CHUNK) -> np.ndarray:
    """A chunk of independent levels."""
    return built_in("nasa").sample(count, number).astype(np.int16)


def of_field(number: int, count: int = CHUNK) -> np.ndarray:
    """A chunk of a smooth field, (t, lat, lon) flattened: a wave that travels, a season, and some noise."""
    side = math.isqrt(count // 10)
    t = np.arange(-(-count // side**2))[:, None, None] + 10 * number
    lat, lon = np.arange(side)[None, :, None], np.arange(side)[None, None, :]
    wave = 60 * np.sin((lon + 3 * t) / 21) * np.cos(lat / 17) + 100 * np.sin(t / 365) + 150 * np.cos(lat / side * 1.5)
    noise = np.random.Generator(np.random.PCG64(number)).normal(0, 2, wave.shape)
    return np.rint(wave + noise).astype(np.int16).reshape(-1)[:count]


SERIES: dict[str, Callable[..., np.ndarray]] = {"station": of_station, "nasa": of_nasa, "field": of_field}


def ours() -> Any:
    """The codec for Zarr, known to it by its name."""
    from codec.arrays.zarr_codec import Huffman

    zarr.registry.register_codec("codec.huffman", Huffman)
    return Huffman


# ------------------------------------------------------------------ time against size and processes


def make(path: Path, count: int) -> Any:
    """An array of a station on disk, written chunk by chunk by Zarr's default codecs."""
    array = zarr.create_array(path, shape=(count,), dtype="i2", chunks=(min(CHUNK, count),), overwrite=True)
    for start in range(0, count, CHUNK):
        array[start : start + CHUNK] = of_station(start // CHUNK, min(CHUNK, count - start))
    return array


def copied(path: Path, chunk: np.ndarray, where: tuple[int, ...]) -> int:
    """The task of encoding: write a chunk at its place."""
    ours()
    start = where[0] * CHUNK
    zarr.open(path, mode="r+")[start : start + len(chunk)] = chunk
    return len(chunk)


def encoded(array: Any, path: Path, code: Any) -> int:
    """Write a copy with our codec and a shared table; its size in bytes."""
    how = {"serializer": ours()(code), "compressors": None, "fill_value": int(code.alphabet[0])}
    target = zarr.create_array(path, shape=array.shape, dtype="i2", chunks=array.chunks, overwrite=True, **how)
    chunked(array).each(partial(copied, path))
    return target.nbytes_stored()


@contextmanager
def cluster(workers: int) -> Iterator[Callable[[], int]]:
    """Work on so many processes; gives what tells the most memory that one of them held, in bytes."""
    if not workers:
        yield held
        return
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, memory_limit=0) as found,
        Client(found) as client,
    ):
        client.run(ours) if has_codec() else None
        yield lambda: max(client.run(held).values())


def held() -> int:
    """The most memory that this process held, in bytes."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def has_codec() -> bool:
    """Whether the codec for Zarr is here."""
    try:
        ours()
    except ModuleNotFoundError:
        return False
    return True


def scale(count: int, workers: list[int], folder: Path) -> list[dict[str, Any]]:
    """Seconds of each job, for three sizes and each number of processes."""
    code = huffman(distribution_of(make(folder / "warm.zarr", 8 * CHUNK)), 32, 1)
    jobs: dict[str, Callable[[Any], Any]] = {"count": distribution_of, "audit": partial(audit, code=code)}
    if has_codec():
        jobs["encode"] = partial(encoded, path=folder / "copy.zarr", code=code)
    rows = []
    for size in (count // 100, count // 10, count):
        began = time.perf_counter()
        array = make(folder / "readings.zarr", size)
        print(f"{size:,} readings written in {time.perf_counter() - began:.1f} s", file=sys.stderr, flush=True)
        for each in workers:
            row: dict[str, Any] = {"readings": size, "workers": each}
            with cluster(each) as most:
                for name, job in jobs.items():
                    job(zarr.open(folder / "warm.zarr", mode="r"))  # what is imported and compiled is not counted
                    began = time.perf_counter()
                    job(array)
                    row[name] = time.perf_counter() - began
                rows.append({**row, "memory": most()})
    return rows


def show_scale(rows: list[dict[str, Any]]) -> None:
    """Rates by size and processes, and what a petabyte would take."""
    screen, jobs = console(), [name for name in JOBS if name in rows[0]]
    body = []
    for row in rows:
        rates = [f"{row['readings'] / row[name] / 1e6:,.1f}" for name in jobs]
        who = f"{row['workers']} processes" if row["workers"] > 1 else "1 process" if row["workers"] else "threads here"
        seconds = [f"{row[name]:.2f}" for name in jobs]
        body.append((f"{row['readings']:,}", who, *seconds, *rates, f"{row['memory'] / 1e6:,.0f}"))
    titles = ("readings", "<by", *[f"{name}, s" for name in jobs], *[f"{name}, M/s" for name in jobs], "MB held")
    screen.print(table(titles, body))
    alone = [row for row in rows if row["workers"] == 1]
    for name in jobs if alone else ():
        rate = alone[-1]["readings"] / alone[-1][name]
        screen.print(f"a petabyte of int16, to {name}: {PETABYTE / rate / 3600:,.0f} hours of one process")


# ------------------------------------------------------------------ beside other codecs


def codecs(p: codec.Distribution) -> dict[str, dict[str, Any]]:
    """Names, and how Zarr is asked for them."""
    delta, alone = Delta(dtype="<i2"), {"compressors": None}
    found: dict[str, dict[str, Any]] = {
        "Zarr's default (Zstandard)": {},
        "Blosc": {"compressors": BloscCodec(typesize=2)},
        "delta, Zstandard": {"filters": [delta]},
        "delta, Blosc": {"filters": [delta], "compressors": BloscCodec(typesize=2)},
        "pcodec": {"serializer": PCodec(), **alone},
    }
    if has_codec():
        huffman_of, shared = ours(), {"fill_value": int(p.labels[0]), **alone}
        found |= {
            "codec, one shared table": {"serializer": huffman_of(p), **shared},
            "codec": {"serializer": huffman_of(), **alone},
            "codec, differences": {"serializer": huffman_of(transform="differences"), **alone},
            "codec, differences in context": {"serializer": huffman_of(transform="differences", context=True), **alone},
            "codec, linear, intervals": {"serializer": huffman_of(transform="linear", intervals=True), **alone},
        }
    return found


def quickest(job: Callable[[], Any]) -> tuple[float, Any]:
    """The least seconds of some runs, and the result."""
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        found = job()
        seconds.append(time.perf_counter() - began)
    return min(seconds), found


def beside(count: int) -> list[dict[str, Any]]:
    """Bits a reading, and millions of readings a second, of each series by each codec."""
    rows = []
    for series, make_chunk in SERIES.items():
        sizes = [min(CHUNK, count - start) for start in range(0, count, CHUNK)]
        readings = np.concatenate([make_chunk(number, size) for number, size in enumerate(sizes)])
        for name, how in codecs(codec.Distribution.from_stream(readings)).items():
            zarr.create_array({}, data=readings[:1000], **how)[:]  # what is compiled is not counted
            keywords = {"data": readings, "chunks": (min(CHUNK, count),), "overwrite": True, **how}
            write, array = quickest(lambda keywords=keywords: zarr.create_array({}, **keywords))
            read, back = quickest(lambda array=array: array[:])
            if not np.array_equal(back, readings):
                raise SystemExit(f"{series}, {name}: the readings did not come back")
            bits = 8 * array.nbytes_stored() / count
            rows.append(
                {
                    "series": series,
                    "codec": name,
                    "bits": bits,
                    "write": count / write / 1e6,
                    "read": count / read / 1e6,
                }
            )
    return rows


def show_beside(rows: list[dict[str, Any]]) -> None:
    """A table a series."""
    for series in SERIES:
        body = [
            (row["codec"], f"{row['bits']:.4f}", f"{row['write']:,.1f}", f"{row['read']:,.1f}")
            for row in rows
            if row["series"] == series
        ]
        console().print(table((f"<{series}", "bits a reading", "write, M/s", "read, M/s"), body), "", sep="\n")


def main() -> None:
    """Read the options, measure, show."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--readings", type=float, default=1e7, metavar="N", help="of the largest array (1e7)")
    options.add_argument("--workers", default="0,1,2", metavar="K,...", help="processes (0,1,2); 0: threads here")
    options.add_argument("--folder", metavar="FOLDER", help="where the array may lie (a temporary one)")
    options.add_argument("--codecs", action="store_true", help="size and speed beside other codecs instead")
    options.add_argument("--json", action="store_true", help="as JSON")
    asked = options.parse_args()
    count = int(asked.readings)
    engine = os.environ.setdefault("CODEC_ENGINE", "compiled" if "compiled" in available() else "lanes")
    print(f"engine: {engine}", file=sys.stderr)
    warnings.filterwarnings("ignore", message="Numcodecs codecs are not in the Zarr version 3 specification")
    if asked.codecs:
        rows, show = beside(count), show_beside
    else:
        with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
            rows, show = scale(count, [int(each) for each in asked.workers.split(",")], Path(folder)), show_scale
    print(json.dumps(rows, indent=2)) if asked.json else show(rows)


if __name__ == "__main__":
    main()
