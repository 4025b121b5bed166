"""A file of a single block with fewer bytes around its payload: version 2.

It is another packing of a file of version 1, which it gives back byte for byte. Numbers are as long as they need be,
all stand under one checksum, and what follows from the rest is left out. README.md describes every field.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping

import numpy as np

from codec.codes.serialize import fingerprint_of
from codec.errors import DamagedError, UnsupportedError
from codec.files.checksum import crc32
from codec.files.container import (
    HAS_ESCAPE,
    HAS_TABLE,
    MAGIC,
    MAX_BLOCK_SIZE,
    MAX_TABLE_BYTES,
    TUPLES,
    VERSION_SHORT,
    Block,
    End,
    Header,
    read_header,
    read_part,
)
from codec.files.lane_index import index_bytes, index_shape, pack_index, unpack_index
from codec.files.section import ByteSource

MAX_BYTES = 1 << 26  # of a file: it is read as a whole
_USUAL = 2000, 8_192_000  # sizes of lanes and blocks
_OTHER_SIZES, _HAS_BLOCK = 1, 2
_MOST = 1 << 64


def pack_short(data: bytes, base_bytes: Mapping[int, int]) -> bytes:
    """A file of version 1 with at most one block in the short form; any other file as it is.

    Parameters
    ----------
    data : bytes
    base_bytes : mapping
        See `codec.files.container.read_header`.
    """
    source = io.BytesIO(data)
    header = read_header(source, base_bytes)
    block, end = None, read_part(source, header, 0)
    if isinstance(end, Block):
        if data[source.tell() : source.tell() + 1] == b"B":  # a second one
            return data
        block, end = end, read_part(source, header, 1)
    if not isinstance(end, End):
        return data
    front = b"".join(part for _, part in parts_of_short(header, block, end))
    short = front + struct.pack(">I", crc32(front))
    return short if len(short) < min(len(data), MAX_BYTES) else data


def parts_of_short(header: Header, block: Block | None, end: End) -> list[tuple[str, bytes]]:
    """The parts of the short form but for its checksum, by the purpose that a ledger gives them."""
    sizes = header.lane_size, header.block_size
    what = (_OTHER_SIZES if sizes != _USUAL else 0) | (_HAS_BLOCK if block is not None else 0)
    fixed = bytes([header.flags, header.transform << 4 | header.code, header.label_kind << 4 | what])
    front = [MAGIC, bytes([VERSION_SHORT]), fixed]
    if header.code == TUPLES:
        front.append(bytes([header.parameter]))
    if sizes != _USUAL:
        front += map(number, sizes)
    front += [number(len(header.origin)), header.origin]
    if header.table:
        front.append(number(len(header.table)))
    else:
        front.append(bytes.fromhex(header.fingerprint))
    parts = [("header", b"".join(front)), ("table", header.table)]
    if block is not None:
        parts += _parts_of_block(header, block)
    if header.code == TUPLES or block is None:
        parts.append(("block heads and end", number(end.count)))
    closing = end.closing.lstrip(b"\0")
    sized = bytes([len(end.closing), len(closing)])
    return [*parts, ("block heads and end", sized + closing), ("checksums", struct.pack(">I", end.symbols_checksum))]


def _parts_of_block(header: Header, block: Block) -> list[tuple[str, bytes]]:
    least, width = index_shape(block.lane_bits)
    head = [number(block.count), number(block.payload_bits)]
    if header.base_bytes:
        base = int.from_bytes(block.base, "big", signed=True)
        head.append(number(2 * base if base >= 0 else -2 * base - 1))
    if len(block.lane_bits) > 1:
        head += [number(least), bytes([width])]
    if header.flags & HAS_ESCAPE:
        head.append(number(len(block.extra)))
    return [
        ("block heads and end", b"".join(head)),
        ("lane index", pack_index(block.lane_bits[:-1] - least, width)),
        ("raw values of escapes", block.extra),
        ("payload", block.payload.tobytes()),
    ]


def source_of(source: ByteSource, base_bytes: Mapping[int, int]) -> tuple[ByteSource, bytes, bool]:
    """Where to read version 1 of a file from, what was read of it already, and whether it is a short file."""
    begun = b""
    while len(begun) <= len(MAGIC) and (more := source.read(len(MAGIC) + 1 - len(begun))):
        begun += more
    if not is_short(begun):
        return source, begun, False
    whole = bytearray(begun)
    while len(whole) <= MAX_BYTES and (more := source.read(1 << 20)):
        whole += more
    return io.BytesIO(unpack_short(bytes(whole), base_bytes)), b"", True


def is_short(data: bytes | memoryview) -> bool:
    """Whether data begin as a short file."""
    return data[: len(MAGIC) + 1] == MAGIC + bytes([VERSION_SHORT])


def short_sizes(header: Header, block: Block | None, end: End) -> dict[str, int]:
    """Bits by purpose, of all but the payload: those of the lane index and of the padding apart."""
    sizes: dict[str, int] = {}
    for purpose, part in parts_of_short(header, block, end):
        sizes[purpose] = sizes.get(purpose, 0) + 8 * len(part)
    sizes["checksums"] += 32
    if block is not None:
        own = block.sizes()
        sizes["lane index"] = own["lane index"]
        sizes["padding"] = own["padding"]
        del sizes["payload"]
    return sizes


def unpack_short(data: bytes, base_bytes: Mapping[int, int]) -> bytes:
    """The file of version 1 that a short one stands for.

    Raises
    ------
    DamagedError
        If it is none, or its checksum does not hold.
    """
    if len(data) < len(MAGIC) + 5 or crc32(data[:-4]) != int.from_bytes(data[-4:], "big"):
        raise DamagedError("the file is damaged: its checksum does not hold")
    reader = _Reader(data[:-4])
    reader.take(len(MAGIC) + 1)
    flags, kinds, what = reader.take(3)
    transform, code, label_kind, what = kinds >> 4, kinds & 15, what >> 4, what & 15
    if transform not in base_bytes:
        raise UnsupportedError(f"the header's transform has the value {transform}, which this program cannot read")
    parameter = reader.take(1)[0] if code == TUPLES else 0
    lane_size, block_size = (reader.number(), reader.number()) if what & _OTHER_SIZES else _USUAL
    if not (1 <= lane_size <= MAX_BLOCK_SIZE and 1 <= block_size <= MAX_BLOCK_SIZE):
        raise DamagedError(f"the header's sizes are out of range: lanes of {lane_size:,}, blocks of {block_size:,}")
    origin = reader.take(reader.number())
    table, fingerprint = b"", ""
    if flags & HAS_TABLE:
        table = reader.take(min(reader.number(), MAX_TABLE_BYTES))
        fingerprint = fingerprint_of(table)
    else:
        fingerprint = reader.take(8).hex()
    header = Header(flags, label_kind, lane_size, block_size, fingerprint, origin, table,
                    transform=transform, code=code, parameter=parameter,
                    base_bytes=base_bytes[transform])  # fmt: skip
    block = _block(reader, header) if what & _HAS_BLOCK else None
    count = reader.number() if code == TUPLES or block is None else block.count
    size, kept = reader.take(2)
    closing = reader.take(kept).rjust(size, b"\0")
    end = End(count, int.from_bytes(reader.take(4), "big"), closing)
    long = header.pack() + (b"" if block is None else block.pack()) + end.pack()
    again = b"".join(part for _, part in parts_of_short(header, block, end))
    if again != data[:-4]:
        raise DamagedError("the file is not in the one short form that it can have")
    return long


def _block(reader: _Reader, header: Header) -> Block:
    count, payload_bits = reader.number(), reader.number()
    if not 1 <= count <= header.block_size or not count <= payload_bits <= 32 * count:
        raise DamagedError(f"the block is damaged: {count:,} symbols in {payload_bits:,} bits cannot be")
    base = b""
    if header.base_bytes:
        folded = reader.number()
        base = (folded // 2 if folded % 2 == 0 else -(folded // 2) - 1).to_bytes(8, "big", signed=True)
    lanes = -(-count // header.lane_size)
    least, width = (reader.number(), reader.take(1)[0]) if lanes > 1 else (0, 0)
    if width > 32:
        raise DamagedError(f"the block's lane index has entries of {width} bits")
    extra_size = reader.number() if header.flags & HAS_ESCAPE else 0
    index = reader.take(index_bytes(width, lanes))
    extra = reader.take(extra_size)
    payload = reader.take((payload_bits + 7) // 8)
    lane_bits = unpack_index(memoryview(index), lanes, width, least, payload_bits, 0)
    return Block(0, count, lane_bits, np.frombuffer(payload, np.uint8), extra, base)


def number(value: int) -> bytes:
    """A number in as many bytes as it needs: seven bits each, the least first, and 128 more in all but the last.

    >>> number(5).hex(), number(300).hex()
    ('05', 'ac02')
    """
    parts = []
    while value >= 128:
        parts.append(value % 128 | 128)
        value //= 128
    return bytes([*parts, value])


class _Reader:
    """Bytes, taken from the front."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    def take(self, size: int) -> bytes:
        if size > len(self._data) - self._place:
            raise DamagedError("the file ends early")
        self._place += size
        return self._data[self._place - size : self._place]

    def number(self) -> int:
        value, shift = 0, 0
        while (byte := self.take(1)[0]) >= 128:
            value |= byte % 128 << shift
            shift += 7
        value |= byte << shift
        if value >= _MOST:
            raise DamagedError("the file holds a number of more than 64 bits")
        return value
