"""A part of a file while it is read."""

from __future__ import annotations

from typing import Any, Protocol

from codec.errors import DamagedError, counted
from codec.files.checksum import CHECKSUM, crc32

_READ_SIZE = 1 << 20  # memory is only asked for as fast as bytes arrive


class ByteSource(Protocol):
    """Anything with `read`: a file, a pipe, bytes in memory."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, none at the end."""
        ...


class BytesSource:
    """Bytes in memory, read from a place on without being copied.

    >>> source = BytesSource(b"huffman")
    >>> bytes(source.read(4)), bytes(source.rest())
    (b'huff', b'man')
    """

    def __init__(self, data: bytes | memoryview, place: int = 0) -> None:
        self._view, self.place = memoryview(data).cast("B"), place

    def read(self, size: int, /) -> Any:
        """A view of at most `size` bytes."""
        start, self.place = self.place, min(self.place + size, len(self._view))
        return self._view[start : self.place]

    def rest(self) -> memoryview:
        """All that follows."""
        return self._view[self.place :]


class Section:
    """A part of a file while it is read: what it is called, its head, the checksum of its bytes so far."""

    def __init__(self, source: ByteSource, name: str, begun: bytes = b"") -> None:
        self._source, self._name = source, name
        self.head, self._checksum = begun, crc32(begun)

    def take(self, size: int) -> memoryview:
        """The next bytes."""
        data = self._source.read(min(size, _READ_SIZE)) if size else b""
        if len(data) < size:
            data = self._joined(data, size)
        self._checksum = crc32(data, self._checksum)
        return memoryview(data)

    def _joined(self, data: bytes, size: int) -> bytes:
        """These bytes and what follows, so many in all."""
        pieces = [data]
        size -= len(data)
        while size > 0:
            if not pieces[-1]:
                lack = counted(size, "byte")
                raise DamagedError(f"the file ends within {self._name}: it was cut short by at least {lack}")
            pieces.append(self._source.read(min(size, _READ_SIZE)))
            size -= len(pieces[-1])
        return b"".join(pieces)

    def take_head(self, size: int) -> bytes:
        """The next bytes of the head, behind which fields of other sizes stand; all of the head so far."""
        self.head += self.take(size)
        return self.head

    def check(self) -> None:
        """Read the checksum behind the part; DamagedError if it does not hold."""
        computed = self._checksum
        if CHECKSUM.unpack(self.take(CHECKSUM.size))[0] != computed:
            raise DamagedError(f"{self._name} is damaged: its checksum does not hold")
