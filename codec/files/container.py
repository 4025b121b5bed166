"""The .huf file: sections, sizes, checksums. It knows symbols and bits, and nothing of labels.

    header, table           what is known before the first reading
    blocks                  symbols that can be decoded by themselves
    end                     how many readings, and the checksum of the symbols decoded

README.md in this folder describes every field. Numbers are big-endian; padding is zeros to a byte.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from codec.codes.serialize import fingerprint_of
from codec.errors import DamagedError, UnsupportedError, counted
from codec.files.checksum import CHECKSUM, checked, crc32
from codec.files.lane_index import index_bytes, index_shape, pack_index, unpack_index
from codec.files.section import ByteSource, Section
from codec.theory.tuples import MAX_READINGS_PER_CODEWORD

MAGIC = b"\x89HUF\r\n\x1a\n"
VERSION, VERSION_SHORT = 1, 2  # see `codec.files.short`
HAS_TABLE, INCOMPLETE, HAS_ESCAPE, HAS_MARK, HAS_SPELLING, HAS_GAPS = 1, 2, 4, 8, 16, 32
PLAIN, TUPLES, CONTEXT, INTERVALS = 0, 1, 2, 3
MAX_BLOCK_SIZE = 1 << 24
MAX_TABLE_BYTES = 1 << 24
_HEADER = struct.Struct(">8sBBBBBBIII8sH")
_BLOCK = struct.Struct(">cIIIIIB")
_END = struct.Struct(">cQIH")
HEAD_BYTES = _BLOCK.size  # of a block
_LABEL_KINDS = 4


@dataclass(frozen=True)
class Header:
    """What a file says before its first reading.

    `table` is empty in a file without one. `base_bytes`, the size of each block's base, follows from the transform.
    """

    flags: int
    label_kind: int
    lane_size: int
    block_size: int
    fingerprint: str
    origin: bytes
    table: bytes = b""
    version: int = VERSION
    transform: int = 0
    code: int = 0
    parameter: int = 0
    base_bytes: int = 0

    def base_size(self, sequence: int) -> int:
        """Bytes of the base of a block: in the first one a single value stands for all."""
        return self.base_bytes if sequence else min(self.base_bytes, 8)

    @property
    def readings_per_symbol(self) -> int:
        """1, or the readings in a tuple."""
        return self.parameter if self.code == TUPLES else 1

    def pack(self) -> bytes:
        """The header and the table, as they stand in a file."""
        fixed = _HEADER.pack(
            MAGIC, self.version, self.flags, self.transform, self.code, self.parameter, self.label_kind,
            self.lane_size, self.block_size, len(self.table), bytes.fromhex(self.fingerprint), len(self.origin),
        )  # fmt: skip
        return b"".join((*checked(fixed, self.origin), self.table))

    def sizes(self) -> dict[str, int]:
        """Bits by purpose."""
        return {"header": 8 * (_HEADER.size + len(self.origin)), "table": 8 * len(self.table), "checksums": 32}


@dataclass(frozen=True, eq=False)
class Block:
    """Symbols that can be decoded by themselves.

    Attributes
    ----------
    sequence : int
    count : int
        Symbols in it.
    lane_bits : int64 array, (ceil(count / lane size),)
    payload : uint8 array
    extra : bytes
    base : bytes
        What the transform needs to begin here.
    readings : int or None
        In it: fewer than its symbols stand for, if the last tuple is filled up; None if nobody knows yet.
    """

    sequence: int
    count: int
    lane_bits: NDArray[np.int64]
    payload: NDArray[np.uint8]
    extra: bytes = b""
    base: bytes = b""
    readings: int | None = None

    @property
    def payload_bits(self) -> int:
        """Bits of the payload without its padding."""
        return int(self.lane_bits.sum())

    def pack(self) -> bytes:
        """The block as it stands in a file."""
        return b"".join(self.parts())

    def parts(self) -> list[bytes | memoryview]:
        """The same in parts, so that its payload need not be copied."""
        least, width = index_shape(self.lane_bits)
        head = _BLOCK.pack(b"B", self.sequence, self.count, self.payload_bits, len(self.extra), least, width)
        index = pack_index(self.lane_bits[:-1] - least, width)
        return checked(b"".join((head, self.base, index, self.extra)), self.payload.data)

    def sizes(self) -> dict[str, int]:
        """Bits by purpose."""
        _, width = index_shape(self.lane_bits)
        index_bits = width * (len(self.lane_bits) - 1)
        return {
            "block heads and end": 8 * (_BLOCK.size + len(self.base)),
            "lane index": index_bits,
            "checksums": 32,
            "padding": -index_bits % 8 + -self.payload_bits % 8,
            "raw values of escapes": 8 * len(self.extra),
            "payload": self.payload_bits,
        }


@dataclass(frozen=True)
class End:
    """What a file says after its last reading."""

    count: int
    symbols_checksum: int
    closing: bytes

    def pack(self) -> bytes:
        """The end as it stands in a file."""
        return b"".join(checked(_END.pack(b"E", self.count, self.symbols_checksum, len(self.closing)), self.closing))

    def sizes(self) -> dict[str, int]:
        """Bits by purpose."""
        return {"block heads and end": 8 * (_END.size - 4 + len(self.closing)), "checksums": 64}


def checksum_symbols(symbols: NDArray[Any], before: int = 0, base: bytes = b"", extra: bytes = b"") -> int:
    """CRC32 of the symbols of a block, its base and its extra, continued from those before."""
    if symbols.dtype.itemsize > 1:
        symbols = symbols.astype(">u2")
    checksum = crc32(np.ascontiguousarray(symbols).data, before)
    return crc32(base + extra, checksum)


def checksum_rest(header: Header, count: int, before: int) -> int:
    """The checksum of symbols, continued with the readings of a last tuple that they do not fill."""
    k = header.readings_per_symbol
    return before if k == 1 else crc32(bytes([count % k]), before)


def read_header(source: ByteSource, base_bytes: Mapping[int, int], begun: bytes = b"") -> Header:
    """Read the header and the table from the front of a file.

    Parameters
    ----------
    base_bytes : mapping
        The number of each known transform -> bytes of its base in a block.
    begun : bytes
        The magic and the version, if they were read already.

    Raises
    ------
    DamagedError
        If it is no .huf file, is cut short, or a checksum does not hold.
    UnsupportedError
        If it is a file of another version, or of a kind that this program does not read.
    """
    section = Section(source, "the header", begun)
    section.take_head(max(0, len(MAGIC) - len(begun)))
    if section.head[: len(MAGIC)] != MAGIC:
        raise DamagedError("this is not a .huf file: it does not start with the mark of one")
    version = section.take_head(len(MAGIC) + 1 - len(section.head))[-1]
    if version != VERSION:
        versions = f"{VERSION} and {VERSION_SHORT}"
        raise UnsupportedError(f"this is a .huf file of version {version}, and this program reads versions {versions}")
    head = section.take_head(_HEADER.size - len(MAGIC) - 1)
    _, _, flags, transform, code, parameter, label_kind, *sizes = _HEADER.unpack(head)
    lane_size, block_size, table_size, fingerprint, origin_size = sizes
    origin = bytes(section.take(origin_size))
    section.check()
    known_parameter = parameter if code == TUPLES and 2 <= parameter <= MAX_READINGS_PER_CODEWORD else 0
    values = {"flags": (flags, flags < 2 * HAS_GAPS), "transform": (transform, transform in base_bytes),
              "code": (code, code <= INTERVALS), "parameter": (parameter, parameter == known_parameter)}  # fmt: skip
    for name, (value, known) in values.items():
        if not known:
            raise UnsupportedError(f"the header's {name} has the value {value}, which this program cannot read")
    if (code == TUPLES and not parameter) or (code in (TUPLES, CONTEXT) and flags & HAS_ESCAPE):
        raise DamagedError(f"the header's code {code}, parameter {parameter} and flags {flags} do not go together")
    if transform and label_kind:
        raise DamagedError(f"the header says a transform of labels of kind {label_kind}, and only ints (0) have one")
    if label_kind >= _LABEL_KINDS:
        raise UnsupportedError(f"the header names a kind of labels ({label_kind}) that this program does not know")
    if not (1 <= lane_size <= MAX_BLOCK_SIZE and 1 <= block_size <= MAX_BLOCK_SIZE):
        raise DamagedError(f"the header's sizes are out of range: lanes of {lane_size:,}, blocks of {block_size:,}")
    if table_size > MAX_TABLE_BYTES or bool(table_size) != bool(flags & HAS_TABLE):
        size = counted(table_size, "byte")
        raise DamagedError(f"the header declares a table of {size}, which its flags do not allow")
    header = Header(flags, label_kind, lane_size, block_size, fingerprint.hex(), origin,
                    transform=transform, code=code, parameter=parameter,
                    base_bytes=base_bytes[transform])  # fmt: skip
    if not table_size:
        return header
    table = bytes(Section(source, "the table").take(table_size))
    if fingerprint_of(table) != header.fingerprint:
        raise DamagedError("the table is damaged: its fingerprint does not hold")
    return replace(header, table=table)


def read_blocks(source: ByteSource, header: Header) -> Iterator[Block | End]:
    """Read the blocks one by one, each with its number of readings, and at last the end; nothing may stand behind it.

    Each block is held until the next part is read: only the end says how far a last tuple is filled up.

    Raises
    ------
    DamagedError
        For a block that is cut short, changed, out of order or of another size than the header says.
    """
    k = header.readings_per_symbol
    held: Block | None = None
    due, total = 0, 0
    while isinstance(part := read_part(source, header, due), Block):
        if part.sequence != due or (held is not None and held.count < header.block_size):
            raise DamagedError(f"block {part.sequence} stands where block {due} or the end should: blocks were moved")
        if held is not None:
            yield held if k == 1 else replace(held, readings=held.count * k)
        held = part
        total += part.count
        due += 1
    if -(-part.count // k) != total:
        end, held_in_all = counted(part.count, "reading"), counted(total, "symbol")
        raise DamagedError(f"the end counts {end}, and the blocks hold {held_in_all}")
    if source.read(1):
        raise DamagedError("something stands behind the end of the file")
    if held is not None:
        yield held if k == 1 else replace(held, readings=part.count - (total - held.count) * k)
    yield part


def read_part(source: ByteSource, header: Header, expected: int) -> Block | End:
    """Read a block, wherever it belongs, or the end; where block `expected` or the end should stand."""
    section = Section(source, f"block {expected}")
    mark = section.take_head(1)
    if mark == b"E":
        return _read_end(section)
    if mark != b"B":
        raise DamagedError(f"where block {expected} or the end should start stands the byte {mark.hex()}")
    head = section.take_head(_BLOCK.size - 1)
    _, sequence, count, payload_bits, extra_size, least, width = _BLOCK.unpack(head)
    lanes = -(-count // header.lane_size)
    if not _possible(count, payload_bits, width, header):
        symbols, room = counted(count, "symbol"), counted(payload_bits, "bit")
        raise DamagedError(f"block {expected} is damaged: {symbols} in {room} cannot be")
    if extra_size and not header.flags & HAS_ESCAPE:
        raise DamagedError(f"block {expected} has raw values, and the code has no escape")
    base_size, index_size = header.base_size(sequence), index_bytes(width, lanes)
    body = section.take(base_size + index_size + extra_size + (payload_bits + 7) // 8)
    section.check()
    base, body = bytes(body[:base_size]), body[base_size:]
    index, extra, payload = (
        body[:index_size],
        body[index_size : index_size + extra_size],
        body[index_size + extra_size :],
    )
    if len(payload) and payload_bits % 8 and payload[-1] & (0xFF >> payload_bits % 8):
        raise DamagedError(f"the padding of block {expected} is not zero")
    lane_bits = unpack_index(index, lanes, width, least, payload_bits, expected)
    readings = count if header.readings_per_symbol == 1 else None
    return Block(sequence, count, lane_bits, np.frombuffer(payload, np.uint8), bytes(extra), base, readings)


def block_bytes(head: bytes, header: Header) -> int:
    """Bytes of the block, its checksum among them, that begins with these `HEAD_BYTES`; 0 if none begins so."""
    _, sequence, count, payload_bits, extra_size, _, width = _BLOCK.unpack(head)
    if not _possible(count, payload_bits, width, header):
        return 0
    index = index_bytes(width, -(-count // header.lane_size))
    return int(HEAD_BYTES + header.base_size(sequence) + index + extra_size + (payload_bits + 7) // 8 + CHECKSUM.size)


def end_bytes(closing_size: int) -> int:
    """Bytes of an end with a closing of this size."""
    return _END.size + closing_size + CHECKSUM.size


def _possible(count: int, payload_bits: int, width: int, header: Header) -> bool:
    """Whether a block can have such numbers in its head."""
    return 1 <= count <= header.block_size and count <= payload_bits <= 32 * count and width <= 32


def _read_end(section: Section) -> End:
    _, count, symbols_checksum, closing_size = _END.unpack(section.take_head(_END.size - 1))
    closing = bytes(section.take(closing_size))
    section.check()
    return End(count, symbols_checksum, closing)


def write_all(out: BinaryIO, data: bytes | memoryview) -> int:
    """Write all bytes; a raw pipe may take them in parts."""
    view = memoryview(data)
    while view:
        view = view[out.write(view) or 0 :]
    return len(data)
