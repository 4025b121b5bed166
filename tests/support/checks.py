"""Shared by the tests: engines, a second reader of the file's layout, ways to forge files, equality to the last bit.

`walk` follows the layout written down in `codec.files.container`, and shares no code with it.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from bitarray import bitarray

from codec.bits.engine import NAMES, available
from codec.codes.context import ContextCode
from codec.codes.prefix import PrefixCode
from codec.coding import write
from codec.coding.file import opened, restored_bytes
from codec.coding.options import Options
from codec.coding.piece import Limit
from codec.coding.steps import transform_named
from codec.readings.front import open_stream

_ABSENT = pytest.mark.skip(reason="not installed")
INSTALLED = available()
ENGINES = [pytest.param(name, marks=() if name in INSTALLED else _ABSENT) for name in NAMES]
each_engine = pytest.mark.parametrize("engine", ENGINES)

_HEADER = (("magic", 8), ("version", 1), ("flags", 1), ("transform", 1), ("code", 1), ("parameter", 1),
           ("label kind", 1), ("lane size", 4), ("block size", 4), ("table size", 4), ("table fingerprint", 8),
           ("origin size", 2))  # fmt: skip
_BLOCK = (("mark", 1), ("sequence number", 4), ("count", 4), ("payload bits", 4), ("extra size", 4),
          ("least lane bits", 4), ("index width", 1))  # fmt: skip
_END = (("mark", 1), ("count", 8), ("checksum of symbols", 4), ("closing size", 2))


@dataclass(frozen=True)
class Part:
    """A header, table, block or end: where it stands in the file, and where its fields do."""

    name: str
    start: int
    stop: int
    fields: dict[str, tuple[int, int]]

    def read(self, data: bytes, field: str) -> bytes:
        start, stop = self.fields[field]
        return bytes(data[start:stop])

    def number(self, data: bytes, field: str) -> int:
        return int.from_bytes(self.read(data, field), "big")


class _Cursor:
    def __init__(self, data: bytes, position: int) -> None:
        self.data, self.position = data, position
        self.fields: dict[str, tuple[int, int]] = {}

    def field(self, name: str, size: int) -> int:
        start, self.position = self.position, self.position + size
        if self.position > len(self.data):
            raise EOFError(f"the file ends within {name}")
        self.fields[name] = (start, self.position)
        return int.from_bytes(self.data[start : self.position], "big")

    def all(self, layout: tuple[tuple[str, int], ...]) -> dict[str, int]:
        return {name: self.field(name, size) for name, size in layout}


def seen_parts(data: bytes) -> Iterator[Part]:
    """The parts of a file, in order, until one is cut short or is none."""
    position, header, table = 0, None, 0
    while position < len(data):
        cursor, mark = _Cursor(data, position), data[position : position + 1]
        try:
            if header is None:
                name, header = "header", cursor.all(_HEADER)
                cursor.field("origin", header["origin size"])
                table = header["table size"]
            elif table:
                name = "table"
                cursor.field("table", table)
                table = 0
            elif mark == b"B":
                name, sizes = "block", cursor.all(_BLOCK)
                if header["transform"]:
                    cursor.field("base", 128 if header["transform"] > 2 and sizes["sequence number"] else 8)
                lanes = -(-sizes["count"] // max(1, header["lane size"]))
                cursor.field("lane index", max(0, -(-sizes["index width"] * (lanes - 1) // 8)))
                cursor.field("extra", sizes["extra size"])
                cursor.field("payload", -(-sizes["payload bits"] // 8))
            elif mark == b"E":
                name, sizes = "end", cursor.all(_END)
                cursor.field("closing", sizes["closing size"])
            else:
                return
            if name != "table":
                cursor.field("checksum", 4)
        except EOFError:
            return
        yield Part(name, position, cursor.position, cursor.fields)
        position = cursor.position
        if name == "end":
            return


def walk(data: bytes) -> list[Part]:
    """The parts of a file, in order; ValueError if they do not fill it exactly."""
    parts = list(seen_parts(data))
    if not parts or parts[-1].name != "end" or parts[-1].stop != len(data):
        raise ValueError("the file is cut short, or something stands where a part or nothing should be")
    return parts


def part(data: bytes, name: str, number: int = 0) -> Part:
    """The header, the table, the end, or block `number`."""
    return [p for p in walk(data) if p.name == name][number]


def pieces(data: bytes) -> tuple[bytes, list[bytes], bytes]:
    """Header with table; the blocks; the end."""
    parts = walk(data)
    front = data[: next(p.start for p in parts if p.name in ("block", "end"))]
    blocks = [data[p.start : p.stop] for p in parts if p.name == "block"]
    return front, blocks, data[parts[-1].start :]


def lane_bits_of(data: bytes, number: int = 0) -> list[int]:
    """Bits of each lane of a block, from its index."""
    block = part(data, "block", number)
    lanes = -(-block.number(data, "count") // part(data, "header").number(data, "lane size"))
    width, least = block.number(data, "index width"), block.number(data, "least lane bits")
    bits = bitarray(block.read(data, "lane index")).to01()
    full = [least + int(bits[i * width : (i + 1) * width] or "0", 2) for i in range(lanes - 1)]
    return [*full, block.number(data, "payload bits") - sum(full)]


def payload_of(data: bytes, number: int = 0) -> bitarray:
    """The payload of a block without its padding."""
    block = part(data, "block", number)
    return bitarray(block.read(data, "payload"))[: block.number(data, "payload bits")]


def mend(data: bytes, like: bytes | None = None) -> bytes:
    """The file with every checksum and fingerprint set right, but for the checksum of its symbols.

    Parameters
    ----------
    like : bytes, optional
        A file of the same layout; for a file whose own sizes have been forged.
    """
    return mended(data, walk(data if like is None else like))


def mended(data: bytes, parts: list[Part]) -> bytes:
    """The same for parts that are known."""
    changed = bytearray(data)
    for p in parts:
        if p.name == "table":
            start, stop = parts[0].fields["table fingerprint"]
            changed[start:stop] = hashlib.sha256(changed[p.start : p.stop]).digest()[: stop - start]
    for p in parts:
        if p.name != "table":
            start, stop = p.fields["checksum"]
            changed[start:stop] = zlib.crc32(changed[p.start : start]).to_bytes(4, "big")
    return bytes(changed)


def forge(data: bytes, name: str, field: str, value: int | bytes, number: int = 0) -> bytes:
    """The file with one field changed, to bytes of the same size, and mended."""
    start, stop = part(data, name, number).fields[field]
    new = value.to_bytes(stop - start, "big") if isinstance(value, int) else value
    if len(new) != stop - start:
        raise ValueError(f"{field} takes {stop - start} bytes, not {len(new)}")
    return mend(data[:start] + new + data[stop:], like=data)


def exchange(data: bytes, field: str, new: bytes) -> bytes:
    """The file with another origin, closing or table, of any size, and mended."""
    name = {"origin": "header", "closing": "end", "table": "table"}[field]
    start, stop = part(data, name).fields[field]
    holder = part(data, "end" if field == "closing" else "header")
    size_start, size_stop = holder.fields[f"{field} size"]
    size = len(new).to_bytes(size_stop - size_start, "big")
    changed = data[:start] + new + data[stop:]
    changed = changed[:size_start] + size + changed[size_stop:]
    return mend(changed)


def flip(data: bytes, bit: int) -> bytes:
    """The file with one bit flipped, counted from the most significant bit of its first byte."""
    changed = bytearray(data)
    changed[bit >> 3] ^= 0x80 >> (bit & 7)
    return bytes(changed)


def how(*, delta: bool = False, transform: str = "readings", **options: Any) -> Options:
    """The options of `write` as `encode` takes them."""
    return Options(transform=transform_named("differences" if delta else transform), **options)


def huf(
    raw: bytes, code: PrefixCode | ContextCode | None = None, *, opens: dict[str, Any] | None = None, **options: Any
) -> bytes:
    """A .huf file made of a file, whose bytes are given. `opens` goes to `open_stream`, the rest to `write`."""
    out = io.BytesIO()
    write(open_stream(io.BytesIO(raw), "readings", **(opens or {})), out, code, how(**options))
    return out.getvalue()


def unhuf(
    data: bytes, code: PrefixCode | ContextCode | None = None, engine: str | None = None, max_output: int | None = None
) -> bytes:
    """The bytes of the file that a .huf file was made of."""
    return b"".join(restored_bytes(opened(io.BytesIO(data), code, engine), Limit(max_output)))


def npy_of(array: Any, version: tuple[int, int] | None = None) -> bytes:
    """An array as NumPy writes it into an .npy file."""
    out = io.BytesIO()
    np.lib.format.write_array(out, np.asanyarray(array), version)
    return out.getvalue()


class Pipe(io.RawIOBase):
    """Bytes that can be read once, a few at a time."""

    def __init__(self, data: bytes, step: int = 5) -> None:
        self._data, self._step = io.BytesIO(data), step

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def seek(self, *_: Any) -> int:
        raise io.UnsupportedOperation("seek")

    def readinto(self, buffer: Any) -> int:
        piece = self._data.read(min(self._step, len(buffer)))
        buffer[: len(piece)] = piece
        return len(piece)


def same(left: Any, right: Any) -> bool:
    """Equal in type, dtype, byte order, shape and every bit."""
    if not isinstance(left, np.ndarray):
        return type(left) is type(right) and left == right
    if not isinstance(right, np.ndarray) or left.dtype.str != right.dtype.str or left.shape != right.shape:
        return False
    if left.dtype.hasobject:
        pairs = zip(left.reshape(-1).tolist(), right.reshape(-1).tolist(), strict=True)
        return all(type(a) is type(b) and a == b for a, b in pairs)
    return left.tobytes() == right.tobytes()


def incomplete(code: PrefixCode) -> PrefixCode:
    """The same code with its longest codewords a bit longer, so that some prefixes are unused."""
    longest = code.lengths == code.lengths.max()
    return PrefixCode.from_lengths(code.alphabet, code.lengths + longest)
