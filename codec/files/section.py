"""A part of a file while it is read."""

from __future__ import annotations

import struct
import zlib
from typing import Protocol

from codec.errors import DamagedError, counted

CHECKSUM = struct.Struct(">I")
_READ_SIZE = 1 << 20  # memory is only asked for as fast as bytes arrive


class ByteSource(Protocol):
    """Anything with `read`: a file, a pipe, bytes in memory."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, none at the end."""
        ...


class Section:
    """A part of a file while it is read: what it is called, its bytes so far, its checksum."""

    def __init__(self, source: ByteSource, name: str, begun: bytes = b"") -> None:
        self._source, self._name = source, name
        self.data = bytearray(begun)

    def take(self, size: int) -> memoryview:
        """The next bytes."""
        start = len(self.data)
        while (missing := start + size - len(self.data)) > 0:
            piece = self._source.read(min(missing, _READ_SIZE))
            if not piece:
                lack = counted(missing, "byte")
                raise DamagedError(f"the file ends within {self._name}: it was cut short by at least {lack}")
            self.data += piece
        return memoryview(bytes(self.data[start:]))

    def check(self) -> None:
        """Read the checksum behind the part; DamagedError if it does not hold."""
        computed = zlib.crc32(self.data)
        if CHECKSUM.unpack(self.take(CHECKSUM.size))[0] != computed:
            raise DamagedError(f"{self._name} is damaged: its checksum does not hold")
