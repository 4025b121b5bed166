"""Series of numbers by every way of coding them: whole files, the table and the payload apart, beside other programs.

    python benchmarks/rate.py --series [--csv FILE COLUMN] [--json]

Every file is decoded again before it counts. gzip, bz2, xz and zstd get the text as it is written, pcodec the numbers
as integers of 64 bits, each at the setting that gave least of those named.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import importlib
import json
import lzma
from typing import Any

import numpy as np

import codec
from codec.measure.ledger import ledger
from codec.show.console import console, table
from codec.theory import sources

TABLE = ("table", "ranked labels", "prediction")
WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "intervals": {"intervals": True},
    "delta": {"delta": True},
    "delta, intervals": {"delta": True, "intervals": True},
    "ranks": {"transform": "ranks"},
    "ranks, intervals": {"transform": "ranks", "intervals": True},
    "linear": {"transform": "linear"},
    "linear, intervals": {"transform": "linear", "intervals": True},
    "ranks, linear, intervals": {"transform": "linear ranks", "intervals": True},
    "context": {"context": True},
    "best": {"best": True},
}


def made() -> dict[str, tuple[np.ndarray, int]]:
    """Series as integers and their number of decimals: the station of the samples, and what is made by rules."""
    random = np.random.Generator(np.random.PCG64(7))
    walk = np.cumsum(random.normal(0, 40, 5_000))
    swell = 900 * np.sin(np.arange(8_000) / 700) + np.cumsum(random.normal(0, 3, 8_000))
    converted = np.rint((np.rint(60 + 15 * np.sin(np.arange(1_500) / 58) + random.normal(0, 6, 1_500)) - 32) / 0.18)
    return {
        "station: hourly, two years": (sources.station()[0].values, 1),
        "random walk, 5,000": (np.rint(walk).astype(np.int64), 2),
        "swell, 8,000": (np.rint(swell).astype(np.int64), 3),
        "daily, from whole °F, 1,500": (converted.astype(np.int64), 1),
        "counts, 3,000": (random.poisson(11, 3_000), 0),
        "heavy tails, 2,000": (np.rint(random.standard_t(1.5, 2_000) * 30).astype(np.int64), 1),
        "independent levels, 1,000,000": (sources.independent(sources.built_in("nasa"), 1_000_000, 1)[0], 0),
    }


def of_csv(path: str, column: str) -> dict[str, tuple[np.ndarray, int]]:
    """A column of a CSV file whose cells have the same number of decimals."""
    with open(path, newline="") as file:
        cells = [row[column] for row in csv.DictReader(file)]
    decimals = len(cells[0].partition(".")[2])
    return {column: (np.array([int(cell.replace(".", "")) for cell in cells]), decimals)}


def measure(units: np.ndarray, decimals: int) -> dict[str, dict[str, float]]:
    """Bits per reading by method: of the file, and of ours of its payload and its table."""
    count = len(units)
    lines = [f"{unit / 10**decimals:.{decimals}f}" for unit in units.tolist()]
    text = ("\n".join(lines) + "\n").encode()
    readings = np.array(lines, float) + 0.0
    rows: dict[str, dict[str, float]] = {}
    for name, how in WAYS.items():
        data = codec.encode(readings, **how)
        if not np.array_equal(codec.decode(data), readings):
            raise SystemExit(f"{name}: the readings did not come back")
        book = ledger(data)
        sizes = {"file": book.file_bits, "payload": book.payload_bits, "table": sum(book.lines[x] for x in TABLE)}
        rows[name] = {key: bits / count for key, bits in sizes.items()}
    others = {
        "gzip -9": len(gzip.compress(text, 9)),
        "bz2 -9": len(bz2.compress(text, 9)),
        "xz -9e": len(lzma.compress(text, preset=9 | lzma.PRESET_EXTREME)),
        **{name: size for name, size in optional(text, units).items() if size is not None},
    }
    return {**rows, **{name: {"file": 8 * size / count} for name, size in others.items()}}


def optional(text: bytes, units: np.ndarray) -> dict[str, int | None]:
    """Bytes by programs that may not be installed."""
    sizes: dict[str, int | None] = {}
    try:
        zstandard = importlib.import_module("zstandard")
        sizes["zstd -22"] = len(zstandard.ZstdCompressor(level=22).compress(text))
    except ModuleNotFoundError:
        sizes["zstd -22"] = None
    try:
        pcodec = importlib.import_module("pcodec")
        config = pcodec.ChunkConfig(compression_level=12)
        sizes["pcodec -12"] = len(pcodec.standalone.simple_compress(units.astype(np.int64), config))
    except ModuleNotFoundError:
        sizes["pcodec -12"] = None
    return sizes


def report(as_json: bool, column: list[str] | None) -> None:
    """Measure and show."""
    found = {name: measure(*series) for name, series in (of_csv(*column) if column else made()).items()}
    if as_json:
        print(json.dumps(found, indent=2))
        return
    screen = console()
    for name, rows in found.items():
        least = min(row["file"] for row in rows.values())
        body = []
        for method, row in rows.items():
            parts = [f"{row[key]:.4f}" if key in row else "" for key in ("file", "payload", "table")]
            body.append(
                (method, *parts, "smallest" if row["file"] == least else f"+{100 * (row['file'] / least - 1):.1f} %")
            )
        screen.print(table((f"<{name}", "file", "payload", "table", "<"), body))
        screen.print("")
