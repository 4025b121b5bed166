"""Finding the sound parts of a damaged file: every block whose checksum holds, wherever it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from codec.errors import DamagedError
from codec.files.container import Block, End, Header, read_part

_MARK = re.compile(rb"[BE]")


@dataclass(frozen=True)
class Found:
    """What is sound in a file behind its header.

    Attributes
    ----------
    places : dict
        Sequence number -> where the block starts; of one that stands there twice, the first.
    end : End or None
    """

    places: dict[int, int]
    end: End | None


class _At:
    """Bytes, read from a place on."""

    def __init__(self, data: memoryview, place: int) -> None:
        self._data, self.place = data, place

    def read(self, size: int, /) -> bytes:
        piece = bytes(self._data[self.place : self.place + size])
        self.place += len(piece)
        return piece


def find_parts(data: memoryview, start: int, header: Header) -> Found:
    """All blocks and the end that are sound, from `start` on.

    A place where none begins costs only a look at the mark and the numbers behind it: what they declare must be
    there, and its checksum hold.
    """
    places: dict[int, int] = {}
    end = None
    place = start
    while match := _MARK.search(data, place):
        source = _At(data, match.start())
        try:
            part = read_part(source, header, len(places))
        except DamagedError:
            place = match.start() + 1
            continue
        if isinstance(part, End):
            end = part
        else:
            places.setdefault(part.sequence, match.start())
        place = source.place
    return Found(places, end)


def block_at(data: memoryview, place: int, header: Header) -> Block:
    """The sound block at a place."""
    part = read_part(_At(data, place), header, 0)
    if not isinstance(part, Block):
        raise DamagedError("there stands the end, and no block")
    return part
