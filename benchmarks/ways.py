"""The other ways of coding, as users call them, beside a plain one: differences, context, escapes, tuples, text, CSV.

python benchmarks/speed.py --ways
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import codec
from codec.bits.engine import available
from codec.show.console import console, table

SEED = 7
ROUNDS = 5
DAY = 288  # readings
HALF = 0.5  # of the speed of plain coding is aimed at for differences in intervals


def station(count: int) -> np.ndarray:
    """Tenths of degrees of a slow sensor, every five minutes: int16, about 500 different ones."""
    random, at = np.random.default_rng(SEED), np.arange(count)
    noise = np.cumsum(random.normal(0, 0.05, count)) % 100 + random.normal(0, 1.5, count)
    return np.round(150 * np.sin(2 * np.pi * at / DAY) + noise).astype(np.int16)


def best(call: Callable[[], Any]) -> float:
    """Seconds of the quickest of some runs."""
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return min(times)


def arrays(count: int) -> Iterator[tuple[str, np.ndarray, dict[str, Any]]]:
    """Ways of coding an array: what they are called, the array, the options."""
    readings = station(count)
    few = np.random.default_rng(SEED).choice(np.array([100, 105, 110, 145], np.int16), count, p=[0.7, 0.2, 0.05, 0.05])
    common = codec.Distribution.from_stream(readings[np.abs(readings) < 120][:1_000_000])
    yield "plain", readings, {}
    yield "differences", readings, {"delta": True}
    yield "differences in intervals", readings, {"delta": True, "intervals": True}
    yield "ranks", readings, {"transform": "ranks"}
    yield "linear prediction", readings, {"transform": "linear"}
    yield "in context", readings, {"context": True}
    yield "differences in context", readings, {"delta": True, "context": True}
    seldom = np.where((np.abs(readings) < 120) | (np.arange(count) % 100 == 0), readings, 0).astype(np.int16)
    yield "with an escape", seldom, {"code": codec.huffman(common, escape_weight=10_000)}
    yield "tuples of 3", few, {"per_codeword": 3}
    yield "floats with a decimal", readings / 10, {}


def of_arrays(count: int) -> Iterator[dict[str, Any]]:
    """Million readings per second of each way, by each engine."""
    for way, readings, options in arrays(count):
        for engine in available()[1:]:
            data = codec.encode(readings, engine=engine, **options)
            if not np.array_equal(codec.decode(data, engine=engine), readings):
                raise SystemExit(f"{way} does not give the readings back")
            encoding = best(lambda: codec.encode(readings, engine=engine, **options))  # noqa: B023  called at once
            decoding = best(lambda: codec.decode(data, engine=engine))  # noqa: B023
            yield row(way, engine, count, encoding, decoding)


def of_files(count: int) -> Iterator[dict[str, Any]]:
    """The same of text, a reading a line, and of a column of a CSV file with two others beside it."""
    lines = [f"{value:.1f}" for value in (station(count) / 10).tolist()]
    with tempfile.TemporaryDirectory() as folder:
        text, csv, coded = (Path(folder, name) for name in ("x.txt", "x.csv", "x.huf"))
        text.write_text("".join(f"{line}\n" for line in lines))
        csv.write_text("time,value,on\n" + "".join(f"{at},{line},1\n" for at, line in enumerate(lines)))
        for way, source, options in (("text", text, {}), ("a column of CSV", csv, {"column": "value"})):
            encoding = best(lambda: codec.encode_file(source, coded, force=True, **options))  # noqa: B023
            yield row(way, "", count, encoding, best(lambda: codec.decode(coded)))


def row(way: str, engine: str, count: int, encoding: float, decoding: float) -> dict[str, Any]:
    """A row of the table."""
    return {
        "way": way,
        "engine": engine,
        "encode": 1e-6 * count / encoding,
        "decode": 1e-6 * count / decoding,
    }


def measure(count: int) -> dict[str, Any]:
    """Million readings per second of every way."""
    count = min(count, 10_000_000)
    return {"count": count, "rows": [*of_arrays(count), *of_files(count)]}


def show(results: dict[str, Any]) -> None:
    """The table."""
    screen = console()
    screen.print(f"\n{results['count']:,} readings of a slow sensor: million readings a second, one core")
    body = [(one["way"], one["engine"], f"{one['encode']:.1f}", f"{one['decode']:.1f}") for one in results["rows"]]
    screen.print(table(("<way", "<engine", "encode", "decode"), body))
    by_way = {(one["way"], one["engine"]): one for one in results["rows"]}
    for engine in available()[1:]:
        plain, other = by_way["plain", engine], by_way["differences in intervals", engine]
        shares = [other[side] / plain[side] for side in ("encode", "decode")]
        reached = "reached" if min(shares) >= HALF else "NOT reached"
        screen.print(
            f"differences in intervals : plain, {engine}: {shares[0]:.2f} / {shares[1]:.2f} ({HALF} {reached})"
        )
    text, csv = (1e3 / one["encode"] for one in results["rows"][-2:])
    screen.print(f"the column of CSV takes {csv - text:.0f} ns a row beyond the {text:.0f} ns of the text itself")
