"""How fast the engines are, as ratios to real peers in the same run.

    python benchmarks/speed.py [--count N] [--repeats R] [--json]
    python benchmarks/speed.py --scaling [--huge]
    python benchmarks/speed.py --ways

The kernel takes symbols to bits and back; uint8, int16 and int64 are the whole of `codec.encode` and `codec.decode`,
from an array of labels of this type to the bytes of a file and back, the code being learned on the way; a copy is what
it takes to copy the array; in context is the kernel of a code in context. `--ways` does the same for differences,
context, escapes, tuples and text, and `--scaling` from a thousand readings on. Every coder has its turn
in each round, a tenth of a second or two runs, of which the quickest counts; rounds are short, so that what disturbs
the machine disturbs all. A figure is the median over the rounds of the ratio to bitarray in that round, with the least
and the greatest. All run on one core, unless two are named; what two cores of this machine are good for is told by two
threads of zlib and of zstd, the controls. On some machines they are two threads of one core, and then the better a loop
fills the core by itself, the less the second adds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import scaling
import ways
from peers import PEERS, peer
from rich.text import Text

import codec
from codec.bits.engine import BLOCK_SIZE, LANE_SIZE, available, engine
from codec.codes.context import ContextCode
from codec.coding.learn import learn_contexts
from codec.coding.options import Options
from codec.readings.values import from_values
from codec.show.console import console, table
from codec.theory.labels import Labels
from codec.theory.sources import built_in

STREAMS = ("nasa", "letters", "geometric")
SEED = 1
TURN = 0.1  # seconds that a coder has in a round, each way
PASSES = 8  # over the stream that two cores make in one run: one lasts 5 ms, within which threads hardly settle
CONTROLS = {"zlib": "zlib Huffman-only", "zstd": "zstd level 1"}
PATHS = {"uint8": 1.0, "int16": 0.5, "int64": 0.25}  # arrays of labels, and the share of the speed that is aimed at
PATH_TO_ZSTD = {"nasa": (3.0, 1.5), "letters": (1.0, 0.8), "geometric": (0.9, 1.0)}  # encode, decode
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
# (ours, peer, stream, encode at least, decode at least): what is aimed at, as ratios of the speeds; 0 for a control
FLOORS = (
    ("lanes", "zlib-ng Huffman-only", "nasa", 0.9, 0.9),
    ("lanes", "zlib Huffman-only", "letters", 1.0, 0.8),
    ("lanes", "bitarray", "geometric", 4.0, 2.5),
    ("compiled", "zlib-ng Huffman-only", "nasa", 4.0, 6.0),
    ("compiled", "zstd level 1", "letters", 1.0, 1.0),
    ("compiled", "zstd level 1", "geometric", 1.0, 1.0),
    *((f"{control}, 2 cores", control, stream, 0, 0) for stream in STREAMS for control in CONTROLS.values()),
    *(
        (f"{dtype}, compiled", "zstd level 1", stream, share * encode, share * decode)
        for stream, (encode, decode) in PATH_TO_ZSTD.items()
        for dtype, share in PATHS.items()
    ),
    *(
        ("uint8, compiled, 2 cores", "zstd level 1, 2 cores", stream, encode, 0)
        for stream, (encode, _) in PATH_TO_ZSTD.items()
    ),
    *(("uint8, lanes", "lanes", stream, 0.6, 0.6) for stream in STREAMS),
)


class Coder:
    """A pair of calls, their times in seconds for each symbol, and the bits that a symbol takes."""

    def __init__(
        self, name: str, encode: Callable[[], Any], decode: Callable[[Any], Any], bits: Callable[[Any], int], count: int
    ) -> None:
        self.name, self._encode, self._decode, self._count = name, encode, decode, count
        self._cores = 2 if name.endswith("2 cores") else 1
        use_cores(self._cores)
        self._coded = encode()
        self.bits = bits(self._coded) / count
        self.times: dict[str, list[float]] = {"encode": [], "decode": []}

    def check(self, expected: bytes) -> None:
        """Refuse to be measured if the symbols do not come back."""
        decoded = self._decode(self._coded)
        parts = decoded if isinstance(decoded, list) else [decoded]
        if b"".join(bytes(memoryview(part).cast("B")) for part in parts) != expected:
            raise SystemExit(f"{self.name} does not give the symbols back")

    def run(self) -> None:
        """One round: as many runs as fit a turn, at least two; the quickest counts."""
        use_cores(self._cores)
        for side, call in (("encode", self._encode), ("decode", lambda: self._decode(self._coded))):
            best, runs, started = float("inf"), 0, time.perf_counter()
            while runs < 2 or time.perf_counter() - started < TURN:
                begin = time.perf_counter()
                call()
                best, runs = min(best, time.perf_counter() - begin), runs + 1
            self.times[side].append(best / self._count)

    def ratios(self, other: Coder, side: str) -> list[float]:
        """How many times as fast as the other, round by round."""
        return [theirs / ours for ours, theirs in zip(self.times[side], other.times[side], strict=True)]


def use_cores(number: int) -> None:
    """Let this thread, and those that it starts, run on so many cores."""
    if CORES:
        os.sched_setaffinity(0, CORES[:number])


def kernel(name: str, symbols: np.ndarray, lengths: np.ndarray, cores: int = 1) -> Coder:
    """An engine by itself, block by block."""
    coder = engine(name)
    size = min(BLOCK_SIZE, -(-len(symbols) // cores))
    blocks = [symbols[start : start + size] for start in range(0, len(symbols), size)]
    threads = ThreadPoolExecutor(cores)
    passes = PASSES if cores > 1 else 1
    # Tables are made once for a code, as they are for a file.
    to_encode, to_decode = coder.prepare_encode(lengths, BLOCK_SIZE), coder.prepare_decode(lengths, BLOCK_SIZE)

    def every(one: Callable[[int], Any]) -> list[Any]:
        """For each block; each thread has blocks of its own."""

        def share(first: int) -> dict[int, Any]:
            return {number: one(number) for _ in range(passes) for number in range(first, len(blocks), cores)}

        done: dict[int, Any] = {}
        for part in threads.map(share, range(cores)) if cores > 1 else map(share, range(1)):
            done |= part
        return [done[number] for number in range(len(blocks))]

    def encode() -> list[Any]:
        return every(lambda number: coder.encode(blocks[number], to_encode, LANE_SIZE))

    def decode(coded: list[Any]) -> list[np.ndarray]:
        return every(lambda number: coder.decode(*coded[number], len(blocks[number]), to_decode, LANE_SIZE))

    title = name if cores == 1 else f"{name}, {cores} cores"
    count = passes * len(symbols)
    return Coder(title, encode, decode, lambda coded: passes * sum(int(b.sum()) for _, b in coded), count)


def kernel_in_context(name: str, symbols: np.ndarray, code: ContextCode) -> Coder:
    """The same in context: each symbol waits for the one before it."""
    coder = engine(name)
    blocks = [symbols[start : start + BLOCK_SIZE] for start in range(0, len(symbols), BLOCK_SIZE)]
    to_encode, to_decode = (
        coder.prepare_encode_context(code, BLOCK_SIZE),
        coder.prepare_decode_context(code, BLOCK_SIZE),
    )

    def encode() -> list[Any]:
        return [coder.encode_context(block, to_encode, LANE_SIZE) for block in blocks]

    def decode(coded: list[Any]) -> list[np.ndarray]:
        pairs = zip(coded, blocks, strict=True)
        return [coder.decode_context(*one, len(block), to_decode, LANE_SIZE) for one, block in pairs]

    title = f"in context, {name}"
    return Coder(title, encode, decode, lambda coded: sum(int(b.sum()) for _, b in coded), len(symbols))


def control(name: str, symbols: np.ndarray, code: codec.PrefixCode) -> Coder:
    """Two threads of a peer, each with one half."""
    halves = [peer(name, half, code) for half in np.array_split(symbols, 2)]
    threads = ThreadPoolExecutor(2)

    def decode(coded: list[Any]) -> list[Any]:
        return list(threads.map(lambda half, data: half.decode(data), halves, coded))

    return Coder(
        f"{CONTROLS[name]}, 2 cores",
        lambda: list(threads.map(lambda half: half.encode(), halves)),
        decode,
        lambda coded: sum(half.size_of(data) for half, data in zip(halves, coded, strict=True)),
        len(symbols),
    )


def array_to_file(name: str, symbols: np.ndarray, stream: str, dtype: str, cores: int = 1) -> Coder:
    """From an array of labels to the bytes of a file, and back: the code is learned on the way."""
    labels = np.array([100, 105, 110, 145, 160, 162, 174, 180]) if stream == "nasa" else np.arange(256)
    readings = labels.astype(dtype)[symbols]
    title = f"{dtype}, {name}" if cores == 1 else f"{dtype}, {name}, {cores} cores"
    coder = Coder(
        title,
        lambda: codec.encode(readings, engine=name),
        lambda data: codec.decode(data, engine=name),
        lambda data: 8 * len(data),
        len(readings),
    )
    coder.check(readings.tobytes())
    return coder


def copy_of(symbols: np.ndarray, dtype: str) -> Coder:
    """A copy of an array: what is faster is not bound by memory."""
    array = symbols.astype(dtype)
    return Coder(f"copy of {dtype}", array.copy, np.copy, lambda copied: 8 * copied.nbytes, len(array))


def measure(stream: str, count: int, repeats: int) -> tuple[list[Coder], list[str]]:
    """All coders on one stream, and the peers that are missing."""
    p = built_in(stream)
    symbols = p.sample_symbols(count, np.random.Generator(np.random.PCG64(SEED))).astype(np.uint8)
    code = codec.huffman(p)
    coders, missing = [], []
    for name in PEERS:
        found = peer(name, symbols, code)
        if found is None:
            missing.append(name)
            continue
        part = count // found.share
        coders.append(Coder(found.name, found.encode, found.decode, found.size_of, part))
        coders[-1].check(symbols[:part].tobytes())
    if (os.cpu_count() or 1) > 1:
        coders += [control(name, symbols, code) for name in CONTROLS if name not in missing]
    ours = [name for name in available() if name != "reference"]
    coders += our_coders(ours, stream, symbols, code)
    for _ in range(repeats):
        for coder in coders:
            coder.run()
    return coders, missing


def our_coders(ours: list[str], stream: str, symbols: np.ndarray, code: codec.PrefixCode) -> list[Coder]:
    """The engines by themselves, on one and two cores and in context; and the whole path."""
    coders = []
    for name in ours:
        coders.append(kernel(name, symbols, code.lengths))
        coders[-1].check(symbols.tobytes())
        dtypes = list(PATHS) if name == "compiled" else ["uint8"]
        coders += [array_to_file(name, symbols, stream, dtype) for dtype in dtypes]
    if "compiled" in ours and len(CORES) > 1:
        coders.append(kernel("compiled", symbols, code.lengths, cores=2))
        coders.append(array_to_file("compiled", symbols, stream, "uint8", cores=2))
    coders += [copy_of(symbols, dtype) for dtype in PATHS]
    in_context = learn_contexts(from_values(symbols), Labels("int", np.arange(len(code))), Options())
    for name in ours:
        coders.append(kernel_in_context(name, symbols, in_context))
        coders[-1].check(symbols.tobytes())
    return coders


def summary(coders: list[Coder]) -> list[dict[str, Any]]:
    """One row for each coder: bits, and ratios to bitarray."""
    base = coders[0]
    rows = []
    for coder in coders:
        row: dict[str, Any] = {"coder": coder.name, "bits_per_symbol": coder.bits}
        for side in ("encode", "decode"):
            ratios = coder.ratios(base, side)
            row[side] = {
                "ratio": statistics.median(ratios),
                "least": min(ratios),
                "greatest": max(ratios),
                "million_symbols_per_second": 1e-6 / statistics.median(coder.times[side]),
            }
        rows.append(row)
    return rows


def floors(stream: str, coders: list[Coder]) -> list[dict[str, Any]]:
    """The ratios that are aimed at, as measured."""
    by_name = {coder.name: coder for coder in coders}
    rows = []
    for ours, theirs, on, *least in FLOORS:
        if on == stream and ours in by_name and theirs in by_name:
            for side, floor in zip(("encode", "decode"), least, strict=True):
                ratio = statistics.median(by_name[ours].ratios(by_name[theirs], side))
                rows.append({"ours": ours, "peer": theirs, "stream": on, "side": side, "floor": floor, "ratio": ratio})
    return rows


def show(results: dict[str, Any]) -> None:
    """The tables."""
    screen = console()
    for stream, result in results["streams"].items():
        screen.print(f"\n{stream}: {results['count']:,} symbols, entropy {result['entropy']:.4f} bits; × bitarray")
        body = []
        for row in result["rows"]:
            cells = [row["coder"], f"{row['bits_per_symbol']:.4f}"]
            for side in ("encode", "decode"):
                one = row[side]
                cells += [f"{one['ratio']:.2f}", f"{one['least']:.2f}–{one['greatest']:.2f}"]
                cells.append(f"{one['million_symbols_per_second']:.0f}")
            body.append(cells)
        titles = ("<coder", "bits", "encode ×", "spread", "M/s", "decode ×", "spread", "M/s")
        screen.print(table(titles, body))
        if result["missing"]:
            screen.print(Text(f"not installed, and so not measured: {', '.join(result['missing'])}"))
    screen.print("\nwhat is aimed at, as ratios of speeds (medians)")
    body = [
        (
            f"{row['ours']} : {row['peer']}",
            row["stream"],
            row["side"],
            f"{row['floor']:.2f}" if row["floor"] else "control",
            f"{row['ratio']:.2f}",
            ("yes" if row["ratio"] >= row["floor"] else "NO") if row["floor"] else "",
        )
        for row in results["floors"]
    ]
    screen.print(table(("<ours : peer", "<stream", "<", "at least", "measured", "<reached"), body))


def main() -> None:
    """Parse, measure, show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=16_000_000, help="symbols (16,000,000)")
    parser.add_argument("--repeats", type=int, default=9, help="rounds (9)")
    parser.add_argument("--streams", nargs="+", default=STREAMS, choices=STREAMS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--scaling", action="store_true", help="how time grows with the stream and the alphabet")
    parser.add_argument("--huge", action="store_true", help="with --scaling: also 10^9 readings, from a file of 1 GB")
    parser.add_argument("--ways", action="store_true", help="differences, context, escapes, tuples, text and CSV")
    options = parser.parse_args()
    if options.scaling or options.ways:
        use_cores(1)
        grown = scaling.measure(options.huge) if options.scaling else ways.measure(options.count)
        print(json.dumps(grown, indent=2)) if options.json else (scaling if options.scaling else ways).show(grown)
        return
    results: dict[str, Any] = {"count": options.count, "repeats": options.repeats, "streams": {}, "floors": []}
    for stream in options.streams:
        coders, missing = measure(stream, options.count, options.repeats)
        entropy = built_in(stream).entropy()
        results["streams"][stream] = {"entropy": entropy, "rows": summary(coders), "missing": missing}
        results["floors"] += floors(stream, coders)
    if options.json:
        print(json.dumps(results, indent=2))
    else:
        show(results)


if __name__ == "__main__":
    main()
