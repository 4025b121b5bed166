"""CRC32, by which every part of a file ends."""

from __future__ import annotations

import struct

try:
    from zlib_ng.zlib_ng import crc32  # the same numbers, ten times as fast
except ImportError:
    from zlib import crc32

__all__ = ["CHECKSUM", "checked", "crc32", "sealed"]

CHECKSUM = struct.Struct(">I")


def checked(*parts: bytes | memoryview) -> list[bytes | memoryview]:
    """The same parts, and their checksum.

    >>> sealed(memoryview(b"".join(checked(b"ab", b"c"))))
    True
    """
    checksum = 0
    for part in parts:
        checksum = crc32(part, checksum)
    return [*parts, CHECKSUM.pack(checksum)]


def sealed(part: memoryview) -> bool:
    """Whether the checksum that ends a block or an end holds."""
    return bool(CHECKSUM.unpack(part[-CHECKSUM.size :])[0] == crc32(part[: -CHECKSUM.size]))
