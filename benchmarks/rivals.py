"""Coders that need no whole bits, or know of repetitions: real sizes and times beside our files.

    python benchmarks/rate.py --rivals [--count N] [--json] [--plot FILE]

For each source: what a reading takes, in real bytes, as percent above the source's entropy rate, and the
time of a reading, encoded and decoded. The table of a code, the model of an ANS coder, are in the bytes of ours and not
in those of constriction, which has no format of its own. Negative figures are below the rate of single readings.
"""

from __future__ import annotations

import bz2
import gzip
import importlib
import json
import lzma
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import codec
from codec.codes.constructions import construct
from codec.show.console import console, table
from codec.theory import sources
from codec.theory.alphabet import find, tally
from codec.theory.distribution import Distribution
from codec.theory.labels import labels_of

SEED = 1
REPEATS = 3
MOST_TUPLES = 65_536
WITH_MEMORY = ("sticky", "station")
Calls = tuple[Callable[[], Any], Callable[[Any], Any], Callable[[Any], int]]  # encode, decode, bytes


def streams(count: int) -> dict[str, tuple[np.ndarray, Distribution, float | None]]:
    """Readings as symbols, their distribution, and the entropy rate in bits per reading (None if not known)."""
    nasa, biased = sources.built_in("nasa"), Distribution([0, 1], [0.9, 0.1])
    drawn: dict[str, tuple[Any, float | None]] = {
        "nasa": sources.independent(nasa, count, SEED),
        "sticky": sources.sticky(nasa, count, SEED, 0.9),
        "station": sources.station(sources.STATION_HOURS, SEED),
        "letters": sources.independent(sources.built_in("letters"), count, SEED),
        "geometric": sources.independent(sources.built_in("geometric"), count, SEED),
        "{.9, .1}": sources.independent(biased, count, SEED),
    }
    made = {}
    for name, (readings, rate) in drawn.items():
        alphabet, counts = tally(labels_of(readings))
        made[name] = (find(alphabet, labels_of(readings))[0], Distribution(alphabet, counts), rate)
    return made


def ours(symbols: np.ndarray, p: Distribution, memory: bool) -> dict[str, Calls]:
    """Our codes: fixed width, Shannon, Huffman, Huffman on blocks; on differences and in context if there is memory."""

    def calls(code: Any, **how: Any) -> Calls:
        return lambda: codec.encode(symbols, code, **how), codec.decode, len

    over_symbols = Distribution(range(len(p)), p.weights)
    made = {name: calls(construct(name, over_symbols, 32)) for name in ("fixed", "shannon", "huffman")}
    for k in (2, 3, 4):
        if len(np.unique(symbols[: len(symbols) // k * k].reshape(-1, k), axis=0)) <= MOST_TUPLES:
            made[f"huffman, blocks of {k}"] = calls(None, per_codeword=k)
    if memory:
        made["huffman, context"] = calls(None, context=True)
        made["huffman, delta"] = calls(None, delta=True)
        made["huffman, delta, blocks of 2"] = calls(None, delta=True, per_codeword=2)
        made["huffman, delta, context"] = calls(None, delta=True, context=True)
    return made


def rivals(symbols: np.ndarray, p: Distribution) -> tuple[dict[str, Calls], list[str]]:
    """The others, and those that are not installed."""
    data, dtype = symbols.tobytes(), symbols.dtype
    made: dict[str, Calls] = {
        "gzip -9": (lambda: gzip.compress(data, 9), gzip.decompress, len),
        "bz2 -9": (lambda: bz2.compress(data, 9), bz2.decompress, len),
        "xz -6": (lambda: lzma.compress(data), lzma.decompress, len),
    }
    missing = []
    try:
        zstandard = importlib.import_module("zstandard")
        made["zstd -19"] = (zstandard.ZstdCompressor(level=19).compress, zstandard.ZstdDecompressor().decompress, len)
        encode = made["zstd -19"][0]
        made["zstd -19"] = (lambda: encode(data), made["zstd -19"][1], len)  # type: ignore[call-arg]
    except ImportError:
        missing.append("zstandard")
    try:
        stream = importlib.import_module("constriction").stream
        model = stream.model.Categorical(p.probabilities.copy(), perfect=False)
        wide = symbols.astype(np.int32)

        def ans() -> Any:
            coder = stream.stack.AnsCoder()
            coder.encode_reverse(wide, model)
            return coder.get_compressed()

        def range_coder() -> Any:
            coder = stream.queue.RangeEncoder()
            coder.encode(wide, model)
            return coder.get_compressed()

        def back(decoder: Any) -> Callable[[Any], bytes]:
            return lambda coded: np.asarray(decoder(coded).decode(model, len(wide))).astype(dtype).tobytes()

        made["constriction ANS"] = (ans, back(stream.stack.AnsCoder), lambda coded: 4 * len(coded))
        made["constriction range"] = (range_coder, back(stream.queue.RangeDecoder), lambda coded: 4 * len(coded))
    except ImportError:
        missing.append("constriction")
    return made, missing


def measure(symbols: np.ndarray, calls: Calls) -> dict[str, float]:
    """Bits per reading, and nanoseconds per reading each way (medians)."""
    encode, decode, size = calls
    coded = encode()
    decoded = decode(coded)
    if bytes(memoryview(decoded).cast("B")) != symbols.tobytes():
        raise SystemExit("the readings did not come back")
    times: dict[str, list[float]] = {"encode": [], "decode": []}
    for _ in range(REPEATS):
        for side, call in (("encode", encode), ("decode", lambda: decode(coded))):
            begin = time.perf_counter()
            call()
            times[side].append((time.perf_counter() - begin) / len(symbols) * 1e9)
    return {"bits": 8 * size(coded) / len(symbols), **{side: statistics.median(t) for side, t in times.items()}}


def plot(results: dict[str, Any], path: str) -> None:
    """Percent above the rate against time per reading, one panel for each source."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "codec"
    from matplotlib import pyplot, ticker

    figure, panels = pyplot.subplots(2, 3, figsize=(12, 7), layout="constrained")
    for panel, (name, result) in zip(panels.flat, results["sources"].items(), strict=False):
        heights = [row["above_percent"] for row in result["rows"]]
        every = sorted(result["rows"], key=lambda row: row["above_percent"])
        for number, row in enumerate(every):
            own = row["ours"]
            x, y = row["encode"] + row["decode"], row["above_percent"]
            panel.plot(x, y, "o" if own else "s", color="tab:blue" if own else "tab:orange", markersize=5)
            label = row["coder"].replace("huffman, ", "").replace("constriction ", "")
            side = {"xytext": (5, -2)} if number % 2 else {"xytext": (-5, -2), "horizontalalignment": "right"}
            panel.annotate(label, (x, y), fontsize=7, textcoords="offset points", **side)
        panel.axhline(0, color="grey", linewidth=0.8)
        panel.set_xscale("log")
        panel.xaxis.set_minor_formatter(ticker.NullFormatter())
        if min(heights) > 2:  # nobody comes near the rate
            panel.set_yscale("log")
            panel.set_ylim(min(heights) / 1.4, max(heights) * 1.4)
        else:
            panel.set_yscale("symlog", linthresh=1)
            panel.set_ylim(min(-0.5, 1.6 * min(heights)), 2 * max(heights))
        panel.margins(x=0.3)
        panel.set_title(f"{name} ({result['reference']:.3f} bits)", fontsize=10)
        panel.set_xlabel("ns per reading, encode + decode", fontsize=8)
        panel.set_ylabel(f"% above {result['reference_name']}", fontsize=8)
        panel.tick_params(labelsize=7)
    figure.savefig(path, metadata={"Date": None})


def report(count: int, as_json: bool, picture: str | None) -> None:
    """Measure all on every source; print it, and draw it."""
    results: dict[str, Any] = {"count": count, "sources": {}}
    for name, (symbols, p, rate) in streams(count).items():
        others, missing = rivals(symbols, p)
        reference = p.entropy() if rate is None else rate
        rows = []
        for own, made in ((True, ours(symbols, p, name in WITH_MEMORY)), (False, others)):
            for coder, calls in made.items():
                row: dict[str, Any] = {"coder": coder, "ours": own, **measure(symbols, calls)}
                rows.append({**row, "above_percent": 100 * (row["bits"] / reference - 1)})
        reference_name = "H of single readings" if rate is None else "the entropy rate"
        results["sources"][name] = {
            "readings": len(symbols),
            "reference": reference,
            "reference_name": reference_name,
            "rows": rows,
            "missing": missing,
        }
    if picture:
        plot(results, picture)
    if as_json:
        print(json.dumps(results, indent=2))
        return
    screen = console()
    for name, result in results["sources"].items():
        best = min(result["rows"], key=lambda row: row["bits"])
        screen.print(f"\n{name}: {result['readings']:,} readings, {result['reference_name']} {result['reference']:.4f}")
        body = [
            (
                row["coder"],
                f"{row['bits']:.4f}",
                f"{row['above_percent']:.2f} %".replace("-", "−"),
                f"{row['encode']:.1f}",
                f"{row['decode']:.1f}",
                "ours" if row["ours"] else "",
                "smallest" if row is best else "",
            )
            for row in result["rows"]
        ]
        screen.print(table(("<coder", "bits", "above", "encode ns", "decode ns", "<", "<"), body))
        if result["missing"]:
            screen.print(f"not installed, and so not measured: {', '.join(result['missing'])}")
