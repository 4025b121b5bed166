"""Finding the sound parts of a damaged file: every block whose checksum holds, wherever it stands."""

from __future__ import annotations

import contextlib
import hashlib
import io
import mmap
import re
from dataclasses import dataclass
from typing import cast

from codec.coding.steps import BASE_BYTES
from codec.errors import DamagedError
from codec.files.checksum import sealed
from codec.files.container import HEAD_BYTES, Block, End, Header, block_bytes, end_bytes, read_part
from codec.files.section import ByteSource, BytesSource
from codec.files.short import is_short, unpack_short
from codec.readings.origin import CLOSING_BYTES, unpack_closing

_END_BYTES = end_bytes(CLOSING_BYTES)
# A mark, and behind it nothing that no sound part has: the first byte of a count, the width of an index; the size of a
# closing.
_STARTS = re.compile(
    rb"B(?=.{4}[\0\1].{15}[\0-\x20])|E(?=.{12}" + re.escape(CLOSING_BYTES.to_bytes(2, "big")) + rb")", re.DOTALL
)
_MAX_READ = 64  # give up after re-reading 64 times the file


@dataclass(frozen=True)
class Found:
    """What is sound in a file behind its header.

    Attributes
    ----------
    places : dict
        Sequence number -> where the block starts, in ascending order. Of different blocks of one number none counts,
        unless one of them stands where it must.
    end : End or None
        None too if there are different ones, and none at the end of the file.
    """

    places: dict[int, int]
    end: End | None


def all_of(source: ByteSource) -> memoryview:
    """What is left of a source, of version 1; a file on disk is mapped and not read."""
    data = _all_of(source)
    return memoryview(unpack_short(bytes(data), BASE_BYTES)) if is_short(data) else data


def _all_of(source: ByteSource) -> memoryview:
    if isinstance(source, BytesSource):
        return source.rest()
    with contextlib.suppress(OSError, ValueError):  # no file on disk: a pipe, bytes in memory
        if isinstance(source, io.BufferedReader) and source.seekable():
            return memoryview(mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ))[source.tell() :]
    return memoryview(b"".join(iter(lambda: source.read(1 << 20), b"")))


def find_parts(data: memoryview, start: int, header: Header) -> Found:
    """All blocks and the end that are sound, from `start` on. Nothing is looked for within a sound part.

    A damaged block may hold another file, whose blocks are sound. A block that stands where the chain from the
    header, or back from the end of the file, puts it wins over others of its number, unless the two differ.

    Raises
    ------
    DamagedError
        If so many places look like the beginning of a part, and are none, that to read on would take too long.
    """
    blocks: dict[int, _Claim] = {}  # by place
    ends: dict[int, End] = {}
    left = _MAX_READ * len(data)
    place = start
    while match := _STARTS.search(data, place):
        place = match.start()
        size = _END_BYTES if data[place] == ord("E") else block_bytes(bytes(data[place : place + HEAD_BYTES]), header)
        whole = data[place : place + size] if place + size <= len(data) else data[:0]
        left -= len(whole)
        if left < 0:
            raise DamagedError("it has too many false block marks: nothing can be saved")
        part = _sound(data, place, header) if len(whole) and sealed(whole) else None
        if isinstance(part, Block):
            blocks[place] = _Claim(part.sequence, place + size, hashlib.sha256(whole).digest())
        elif part is not None:
            ends[place] = part
        place += 1 if part is None else size
    chained, stop = _from_the_front(data, start, header, blocks)
    if stop not in ends:
        back = _from_the_end(len(data) - _END_BYTES, header, blocks, ends)
        chained = {number: place for number, place in (back | chained).items() if back.get(number, place) == place}
    last = {ends[place] for place in (stop, len(data) - _END_BYTES) if place in ends} or set(ends.values())
    return Found(_chosen(blocks, chained), last.pop() if len(last) == 1 else None)


@dataclass(frozen=True)
class _Claim:
    """A sound block: its number, where it stops, and its digest."""

    number: int
    stop: int
    digest: bytes


def _from_the_front(
    data: memoryview, start: int, header: Header, blocks: dict[int, _Claim]
) -> tuple[dict[int, int], int]:
    """The sound blocks in the chain from the header on, by number, and where it stops.

    A damaged block whose head is possible is stepped over.
    """
    chained: dict[int, int] = {}
    place, number = start, 0
    while place + HEAD_BYTES <= len(data):
        claim = blocks.get(place)
        if claim is not None and claim.number != number:
            break
        if claim is not None:
            chained[number] = place
            place = claim.stop
        elif size := block_bytes(bytes(data[place : place + HEAD_BYTES]), header):
            place += size
        else:
            break
        number += 1
    return chained, place


def _from_the_end(place: int, header: Header, blocks: dict[int, _Claim], ends: dict[int, End]) -> dict[int, int]:
    """The sound blocks in the chain back from the end at this place, by number; none if there is no end."""
    if place not in ends:
        return {}
    chained: dict[int, int] = {}
    at = {claim.stop: place for place, claim in blocks.items()}
    symbols = -(-ends[place].count // header.readings_per_symbol)
    number = -(-symbols // header.block_size) - 1
    while place in at and blocks[at[place]].number == number:
        place = at[place]
        chained[number] = place
        number -= 1
    return chained


def _chosen(blocks: dict[int, _Claim], chained: dict[int, int]) -> dict[int, int]:
    """Sequence number -> place, ascending: of the block in the chain, or of the only one."""
    claims: dict[int, dict[bytes, int]] = {}
    for place, claim in blocks.items():
        claims.setdefault(claim.number, {}).setdefault(claim.digest, place)
    places = {number: next(iter(found.values())) for number, found in claims.items() if len(found) == 1}
    return dict(sorted((places | chained).items()))


def _sound(data: memoryview, place: int, header: Header) -> Block | End | None:
    """The part whose checksum holds at a place; None if it was forged."""
    try:
        part = read_part(BytesSource(data, place), header, 0)
        if isinstance(part, End):
            unpack_closing(part.closing)
    except DamagedError:
        return None
    return part


def block_at(data: memoryview, place: int, header: Header) -> Block:
    """The sound block at a place."""
    return cast("Block", read_part(BytesSource(data, place), header, 0))
