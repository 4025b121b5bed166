"""What damage each file format lets through: one stream, every small damage, what a reader of the file gets.

    python benchmarks/damage.py [--count N] [--engine NAME] [--json]

Every bit is flipped, every length cut, every byte deleted, a byte inserted at every place, every two neighbouring bytes
swapped; at last something is appended. All formats hold the same text, one reading a line, and are read by one call.

    refused     the reader raised an error of its format
    unnoticed   it gave the same content, as if nothing had happened
    WRONG       it gave other content, and no error
    crashed     it raised something that is no error of its format
    as two      it gave the content twice: some formats are meant to be read one file after the other
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import importlib
import json
import lzma
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import codec
from codec.show.console import console, table, whole
from codec.theory.sources import built_in

SEED = 1
OUTCOMES = ("refused", "unnoticed", "wrong", "crashed", "as two")
GARBAGE = (b"\0", b"\xff", bytes(100), b"not a file of any kind")
INSERTED = (b"\x00", b"\xff")
CRASHES = (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, EOFError, RuntimeError, TypeError,
           ValueError, zlib.error)  # fmt: skip


@dataclass(frozen=True)
class Format:
    """A file, how it is read, and what its reader raises for files that are damaged."""

    data: bytes
    read: Callable[[bytes], bytes]
    errors: tuple[type[Exception], ...]


@dataclass
class Row:
    """What became of one kind of damage to one file."""

    files: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)


def text_of(count: int) -> bytes:
    """Readings, one a line."""
    return "".join(f"{reading}\n" for reading in built_in("nasa").sample(count, SEED)).encode("ascii")


def ours(text: bytes, engine: str | None = None) -> Format:
    """The text in our format, as an array of its readings."""

    def read(data: bytes) -> bytes:
        return "".join(f"{reading}\n" for reading in codec.decode(data, engine=engine)).encode("ascii")

    readings = [int(line) for line in text.split()]
    return Format(codec.encode(readings, engine=engine), read, (codec.CodecError,))


def formats(text: bytes, engine: str | None = None) -> tuple[dict[str, Format], list[str]]:
    """The formats, and the packages that are not installed."""
    made = {
        "codec (.huf)": ours(text, engine),
        "gzip": Format(gzip.compress(text, mtime=0), gzip.decompress, (gzip.BadGzipFile, EOFError, zlib.error)),
        "bz2": Format(bz2.compress(text), bz2.decompress, (OSError, ValueError)),
        "xz": Format(lzma.compress(text), lzma.decompress, (lzma.LZMAError,)),
    }
    try:
        zstandard = importlib.import_module("zstandard")
    except ImportError:
        return made, ["zstandard"]
    for name, checked in (("zstd", False), ("zstd, checksum", True)):
        data = zstandard.ZstdCompressor(write_checksum=checked).compress(text)
        made[name] = Format(data, zstandard.decompress, (zstandard.ZstdError,))
    return made, []


def damages(data: bytes) -> dict[str, Iterator[bytes]]:
    """Files other than the one given, by what was done to it."""
    size = len(data)
    swappable = [i for i in range(size - 1) if data[i] != data[i + 1]]
    return {
        "bit flipped": (_with(data, i, bytes([data[i] ^ 1 << bit])) for i in range(size) for bit in range(8)),
        "cut short": (data[:i] for i in range(size)),
        "byte deleted": (data[:i] + data[i + 1 :] for i in range(size)),
        "byte inserted": (data[:i] + byte + data[i:] for i in range(size + 1) for byte in INSERTED),
        "bytes swapped": (_with(data, i, bytes([data[i + 1], data[i]])) for i in swappable),
        "garbage appended": (data + garbage for garbage in GARBAGE),
        "copy appended": iter([data + data]),
    }


def _with(data: bytes, start: int, new: bytes) -> bytes:
    return data[:start] + new + data[start + len(new) :]


def outcome(read: Callable[[bytes], bytes], errors: tuple[type[Exception], ...], data: bytes, text: bytes) -> str:
    """What a reader makes of a damaged file that held a text."""
    try:
        content = read(data)
    except errors:
        return "refused"
    except CRASHES:
        return "crashed"
    return "unnoticed" if content == text else "as two" if content == text + text else "wrong"


def measure(form: Format, text: bytes) -> dict[str, Row]:
    """All damages to the file of one format."""
    if form.read(form.data) != text:
        raise SystemExit("the text did not come back")
    rows = {}
    for damage, files in damages(form.data).items():
        rows[damage] = Row()
        for spoilt in files:
            rows[damage].files += 1
            rows[damage].outcomes[outcome(form.read, form.errors, spoilt, text)] += 1
    return rows


def main() -> None:
    """Parse, measure, show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=600, help="readings (600)")
    parser.add_argument("--engine", help="by which ours are coded")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    text = text_of(options.count)
    made, missing = formats(text, options.engine)
    measured = {name: measure(form, text) for name, form in made.items()}
    if options.json:
        print(json.dumps(_plain(options.count, made, measured, missing), indent=2))
        return
    body = []
    for name, rows in measured.items():
        for place, (damage, row) in enumerate(rows.items()):
            first = f"{name}, {whole(len(made[name].data))} B" if not place else ""
            counts = (whole(row.outcomes[kind]) if row.outcomes[kind] else "·" for kind in OUTCOMES)
            body.append((first, damage, whole(row.files), *counts))
    screen = console()
    screen.print(f"{options.count:,} readings of nasa, {whole(len(text))} B of text (seed {SEED}); · is none\n")
    titles = ("<format", "<damage", "files", "refused", "unnoticed", "WRONG", "crashed", "as two")
    screen.print(table(titles, body))
    if missing:
        screen.print(f"\nnot installed: {', '.join(missing)}")


def _plain(
    count: int, made: dict[str, Format], measured: dict[str, dict[str, Row]], missing: list[str]
) -> dict[str, Any]:
    rows = [
        {"format": name, "bytes": len(made[name].data), "damage": damage, "files": row.files}
        | {kind.replace(" ", "_"): row.outcomes[kind] for kind in OUTCOMES}
        for name, damaged in measured.items()
        for damage, row in damaged.items()
    ]
    return {"count": count, "seed": SEED, "rows": rows, "missing": missing}


if __name__ == "__main__":
    main()
