"""How time and memory grow with the stream and with the alphabet, and where one engine overtakes another.

python benchmarks/speed.py --scaling
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from typing import Any

import numpy as np

import codec
from codec.bits.engine import BLOCK_SIZE, LANE_SIZE, available, engine
from codec.show.console import console, table
from codec.theory.distribution import Distribution
from codec.theory.sources import built_in

SEED = 1
COUNTS = tuple(10**power for power in range(3, 9))
HUGE = 10**9  # readings, from a file that is mapped into memory
STEADY_FROM, FLAT = 10**6, 1.5  # from so many on, times per reading are to lie within this ratio
ALPHABETS = (2, 16, 256, 4_096, 65_536)
ALPHABET_COUNT = 1_000_000
_MOST = {"reference": 10**6}  # what a slow engine is asked for
_START = (
    "import time, numpy as np; a = time.perf_counter(); from codec.bits import compiled; n = np.zeros(1000, np.uint8);"
    "l = np.array([1, 1]); p, b = compiled.encode(n, compiled.prepare_encode(l, 1000), 100);"
    "compiled.decode(p, b, 1000, compiled.prepare_decode(l, 1000), 100);"
    "print(time.perf_counter() - a)"
)
_PATH = """
import sys, time, numpy as np, codec
from codec.theory.sources import built_in
def held(field):
    return 1024 * int(open("/proc/self/status").read().split(field)[1].split()[0])
count, name, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
labels = np.array([100, 105, 110, 145, 160, 162, 174, 180], np.uint8)
some = labels[built_in("nasa").sample_symbols(min(count, 10**7), np.random.Generator(np.random.PCG64(1)))]
file = np.lib.format.open_memmap(path, "w+", np.uint8, (count,))
for start in range(0, count, len(some)):
    file[start : start + len(some)] = some[: count - start]
file.flush()
del file
codec.decode(codec.encode(some[:1_000_000], engine=name), engine=name)
readings = np.load(path, mmap_mode="r") if count > 10**8 else np.load(path)
before = held("VmRSS:")
best = [float("inf"), float("inf")]
for _ in range(max(3, min(50, 3 * 10**7 // count))):  # the first has memory that nobody had
    for _ in range(max(1, 10**5 // count)):
        found = None
        begin = time.perf_counter()
        data = codec.encode(readings, engine=name)
        middle = time.perf_counter()
        found = codec.decode(data, engine=name)
        end = time.perf_counter()
        best = [min(best[0], middle - begin), min(best[1], end - middle)]
assert np.array_equal(found, readings)
print(*best, before, readings.nbytes, held("VmHWM:"))
"""


def time_of(name: str, symbols: np.ndarray, lengths: np.ndarray) -> dict[str, float]:
    """Seconds to encode and to decode, block by block, tables included; the best of several rounds."""
    module = engine(name)
    blocks = [symbols[start : start + BLOCK_SIZE] for start in range(0, len(symbols), BLOCK_SIZE)]
    best = {"encode": float("inf"), "decode": float("inf")}
    for _ in range(max(1, min(7, 10**7 // len(symbols)))):
        begin = time.perf_counter()
        made = module.prepare_encode(lengths, len(blocks[0]))
        coded = [module.encode(block, made, LANE_SIZE) for block in blocks]
        middle = time.perf_counter()
        made = module.prepare_decode(lengths, len(blocks[0]))
        for block, (payload, lane_bits) in zip(blocks, coded, strict=True):
            module.decode(payload, lane_bits, len(block), made, LANE_SIZE)
        best["encode"] = min(best["encode"], middle - begin)
        best["decode"] = min(best["decode"], time.perf_counter() - middle)
    return best


def start_of_compiled() -> float | None:
    """Seconds until Numba is loaded and has its loops from the disk cache; None without it."""
    if "compiled" not in available():
        return None
    for _ in range(2):  # the first may have to compile
        done = subprocess.run([sys.executable, "-c", _START], capture_output=True, text=True, check=True)
    return float(done.stdout)


def whole_path(name: str, count: int) -> dict[str, float]:
    """Seconds and peak memory of `codec.encode` and `codec.decode` in a program of its own."""
    with tempfile.TemporaryDirectory() as folder:
        program = [sys.executable, "-c", _PATH, str(count), name, f"{folder}/readings.npy"]
        done = subprocess.run(program, capture_output=True, text=True, check=True)
    encode, decode, held, array, peak = map(float, done.stdout.split())
    return {"encode": encode, "decode": decode, "array": array, "before": held, "peak": peak}


def measure(huge: bool = False) -> dict[str, Any]:
    """Times by number of symbols (nasa, geometric) and by size of the alphabet, and the crossovers."""
    names = available()
    results: dict[str, Any] = {"counts": {}, "alphabets": {}, "start": start_of_compiled()}
    sizes = (*COUNTS, HUGE) if huge else COUNTS
    results["paths"] = {name: {count: whole_path(name, count) for count in sizes} for name in names[1:]}
    for stream in ("nasa", "geometric"):
        p = built_in(stream)
        part = p.sample_symbols(10**7, np.random.Generator(np.random.PCG64(SEED))).astype(np.uint8)
        lengths = codec.huffman(p).lengths
        by_count = results["counts"][stream] = {}
        for count in COUNTS:
            symbols = np.tile(part, -(-count // len(part)))[:count]
            by_count[count] = {n: time_of(n, symbols, lengths) for n in names if count <= _MOST.get(n, count)}
    for size in ALPHABETS:
        p = Distribution(range(size), [1 + 10**6 // (place + 1) for place in range(size)])
        random = np.random.Generator(np.random.PCG64(SEED))
        symbols = p.sample_symbols(ALPHABET_COUNT, random).astype(np.uint8 if size <= 256 else np.uint16)
        lengths = codec.huffman(p, 32).lengths
        results["alphabets"][size] = {name: time_of(name, symbols, lengths) for name in names}
    results["crossovers"] = list(crossovers(results))
    return results


def crossovers(results: dict[str, Any]) -> Any:
    """From how many symbols on the next engine is the quicker one; from how many on Numba's start is repaid."""
    for stream, by_count in results["counts"].items():
        for slow, fast in (("reference", "lanes"), ("lanes", "compiled")):
            for side in ("encode", "decode"):
                both = [count for count, times in by_count.items() if slow in times and fast in times]
                wins = [count for count in both if by_count[count][fast][side] < by_count[count][slow][side]]
                steady = [count for count in wins if all(later in wins for later in both if later >= count)]
                yield {
                    "stream": stream,
                    "side": side,
                    "from": slow,
                    "to": fast,
                    "symbols": min(steady) if steady else None,
                }
        last = by_count[max(by_count)]
        if results["start"] is not None:
            for side in ("encode", "decode"):
                saved = (last["lanes"][side] - last["compiled"][side]) / max(by_count)
                repaid = int(results["start"] / saved) if saved > 0 else None
                yield {"stream": stream, "side": side, "from": "lanes", "to": "compiled and loaded", "symbols": repaid}


def show(results: dict[str, Any]) -> None:
    """The tables."""
    screen = console()
    titles = ("symbols", *(f"{name} {side[:3]}." for name in available() for side in ("encode", "decode")))

    def cells(times: dict[str, dict[str, float]], count: int) -> list[str]:
        return [
            f"{1e9 * times[name][side] / count:,.1f}" if name in times else "–"
            for name in available()
            for side in ("encode", "decode")
        ]

    for stream, by_count in results["counts"].items():
        screen.print(f"\n{stream}: nanoseconds per symbol, tables included, by number of symbols")
        screen.print(table(titles, [(f"{count:,}", *cells(times, count)) for count, times in by_count.items()]))
    screen.print(
        "\nuint8 readings of nasa through codec.encode and codec.decode: nanoseconds per reading, and the most memory "
        "held beyond what the program and the array took before, per reading (from 1,000,000 on)"
    )
    rows = [
        (
            name,
            f"{count:,}",
            *(f"{1e9 * one[side] / count:,.2f}" for side in ("encode", "decode")),
            f"{(one['peak'] - one['before']) / count:.2f} B" if count >= STEADY_FROM else "",
            f"{one['peak'] / 1e6:,.0f} MB",
        )
        for name, by_size in results["paths"].items()
        for count, one in by_size.items()
    ]
    screen.print(table(("<engine", "readings", "encode", "decode", "memory", "peak"), rows))
    for name, by_size in results["paths"].items():
        for side in ("encode", "decode"):
            steady = [one[side] / count for count, one in by_size.items() if count >= STEADY_FROM]
            ratio = max(steady) / min(steady)
            aim = "" if ratio <= FLAT else "; MISSED"
            screen.print(f"{name}, {side}: within {ratio:.2f} × from {STEADY_FROM:,} on (aim {FLAT}{aim})")
    screen.print(f"\nnanoseconds per symbol by size of the alphabet, {ALPHABET_COUNT:,} symbols")
    rows = [(f"{size:,}", *cells(times, ALPHABET_COUNT)) for size, times in results["alphabets"].items()]
    screen.print(table(("alphabet", *titles[1:]), rows))
    if results["start"] is not None:
        screen.print(f"\nNumba takes {results['start']:.2f} s to load, its loops being in the disk cache")
    screen.print("\nfrom so many symbols on, the second is the quicker")
    rows = [
        (
            row["stream"],
            row["side"],
            row["from"],
            row["to"],
            "never here" if row["symbols"] is None else f"{row['symbols']:,}",
        )
        for row in results["crossovers"]
    ]
    screen.print(table(("<stream", "<side", "<from", "<to", "symbols"), rows))
