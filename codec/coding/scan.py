"""Finding the sound parts of a damaged file: every block whose checksum holds, wherever it stands."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import cast

from codec.errors import DamagedError
from codec.files.container import HEAD_BYTES, Block, End, Header, block_bytes, end_bytes, read_part, sealed
from codec.readings.origin import CLOSING_BYTES, unpack_closing

_END_BYTES = end_bytes(CLOSING_BYTES)
# A mark, and behind it nothing that no sound part has: the first byte of a count, the width of an index; the size of a
# closing.
_STARTS = re.compile(
    rb"B(?=.{4}[\0\1].{15}[\0-\x20])|E(?=.{12}" + re.escape(CLOSING_BYTES.to_bytes(2, "big")) + rb")", re.DOTALL
)
_MOST_READ = 64  # times the size of the file, of which false beginnings may make a scan read so much


@dataclass(frozen=True)
class Found:
    """What is sound in a file behind its header.

    Attributes
    ----------
    places : dict
        Sequence number -> where the block starts, in ascending order. Of different blocks of one number none counts.
    end : End or None
        None too if there are different ones.
    """

    places: dict[int, int]
    end: End | None


class At:
    """Bytes, read from a place on."""

    def __init__(self, data: memoryview, place: int) -> None:
        self._data, self.place = data, place

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes."""
        piece = bytes(self._data[self.place : self.place + size])
        self.place += len(piece)
        return piece


def find_parts(data: memoryview, start: int, header: Header) -> Found:
    """All blocks and the end that are sound, from `start` on. Nothing is looked for within a sound part.

    Raises
    ------
    DamagedError
        If so many places look like the beginning of a part, and are none, that to read on would take too long.
    """
    claims: dict[int, dict[bytes, int]] = {}  # of each number, the blocks that are different
    ends: set[End] = set()
    left = _MOST_READ * len(data)
    place = start
    while match := _STARTS.search(data, place):
        place = match.start()
        size = _END_BYTES if data[place] == ord("E") else block_bytes(bytes(data[place : place + HEAD_BYTES]), header)
        whole = data[place : place + size] if place + size <= len(data) else data[:0]
        left -= len(whole)
        if left < 0:
            raise DamagedError("it is full of what looks like blocks and is none: nothing can be saved")
        part = _sound(data, place, header) if len(whole) and sealed(whole) else None
        if isinstance(part, Block):
            claims.setdefault(part.sequence, {}).setdefault(hashlib.sha256(whole).digest(), place)
        elif part is not None:
            ends.add(part)
        place += 1 if part is None else size
    places = {number: next(iter(found.values())) for number, found in sorted(claims.items()) if len(found) == 1}
    return Found(places, ends.pop() if len(ends) == 1 else None)


def _sound(data: memoryview, place: int, header: Header) -> Block | End | None:
    """The part whose checksum holds at a place; None if it was forged."""
    try:
        part = read_part(At(data, place), header, 0)
        if isinstance(part, End):
            unpack_closing(part.closing)
    except DamagedError:
        return None
    return part


def block_at(data: memoryview, place: int, header: Header) -> Block:
    """The sound block at a place."""
    return cast("Block", read_part(At(data, place), header, 0))
