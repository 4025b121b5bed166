"""How close codes come to the entropy: bits per reading, measured in real files, over a sweep of sources.

    python benchmarks/rate.py [--count N] [--json]
    python benchmarks/rate.py --rivals [--plot FILE]    beside coders that need no whole bits: benchmarks/rivals.py
    python benchmarks/rate.py --series [--csv FILE COLUMN]    series by every way of coding: benchmarks/series.py

Fixed width, the Huffman code, and Huffman codes on blocks of k readings. A length is the payload of a file that was
written and decoded again, divided by the readings; blocks are coded as readings of their own.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np
import rivals
import series

import codec
from codec.measure.ledger import fixed_width
from codec.show.console import console, percent, table
from codec.theory.distribution import Distribution
from codec.theory.sources import built_in

SEED = 1
BLOCKS = (1, 2, 3, 4)
MOST_TUPLES = 65_536


def sources() -> dict[str, Distribution]:
    """The sweep: two labels from even to one-sided, the built-in distributions, geometric ones."""
    sweep = {f"two labels, p1 = {p}": Distribution("ab", [p, round(1 - p, 4)]) for p in (0.5, 0.6, 0.75, 0.9, 0.99)}
    named = {name: built_in(name) for name in ("dyadic", "nasa", "winter", "peaked", "uniform", "letters", "geometric")}
    return {**sweep, **named}


def measure(p: Distribution, count: int) -> dict[str, Any]:
    """Measured bits per reading of one source."""
    symbols = p.sample_symbols(count, np.random.Generator(np.random.PCG64(SEED)))
    counts = np.bincount(symbols, minlength=len(p))
    row: dict[str, Any] = {
        "entropy": p.entropy(),
        "stream_entropy": codec.entropy(counts),
        "fixed_width": fixed_width(len(p)),
        "huffman": {},
    }
    for k in BLOCKS:
        if len(p) ** k > MOST_TUPLES:
            continue
        tuples = symbols[: count // k * k].reshape(-1, k) @ len(p) ** np.arange(k - 1, -1, -1)
        # The code for the true distribution of the tuples, numbered as the extension lists them.
        code = codec.huffman(Distribution(range(len(p) ** k), p.extension(k).weights), max_length=32)
        data = codec.encode(tuples, code)
        if not np.array_equal(codec.decode(data), tuples):
            raise SystemExit("the readings did not come back")
        row["huffman"][k] = codec.ledger(data).payload_bits / (len(tuples) * k)
    return row


def main() -> None:
    """Parse, measure, show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=1_000_000, help="readings (1,000,000)")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rivals", action="store_true", help="real sizes and times beside other coders")
    parser.add_argument("--plot", metavar="FILE", help="with --rivals: draw the picture (matplotlib)")
    parser.add_argument("--series", action="store_true", help="series of numbers by every way of coding them")
    parser.add_argument("--csv", nargs=2, metavar=("FILE", "COLUMN"), help="with --series: of your own")
    options = parser.parse_args()
    if options.series or options.csv:
        return series.report(options.json, options.csv)
    if options.rivals:
        return rivals.report(options.count, options.json, options.plot)
    rows = {name: measure(p, options.count) for name, p in sources().items()}
    if options.json:
        print(json.dumps({"count": options.count, "sources": rows}, indent=2))
        return
    body = []
    for name, row in rows.items():
        lengths = [row["huffman"].get(k) for k in BLOCKS]
        best = min(length for length in lengths if length is not None)
        body.append(
            (
                name,
                f"{row['entropy']:.4f}",
                f"{row['stream_entropy']:.4f}",
                str(row["fixed_width"]),
                *("–" if length is None else f"{length:.4f}" for length in lengths),
                percent(best - row["stream_entropy"], row["stream_entropy"], 2),
            )
        )
    screen = console()
    screen.print(f"bits per reading, measured on {options.count:,} readings (seed {SEED})\n")
    titles = ("<source", "H(p)", "H stream", "fixed", *(f"k = {k}" for k in BLOCKS), "best above H")
    screen.print(table(titles, body))


if __name__ == "__main__":
    main()
