"""A range of the readings of a file: only the blocks that hold it are read, the others are skipped by their sizes.

Within a block, lanes are entry points. With differences or an escape a block is decoded whole: a reading is the sum of
all the differences before it, and its raw value stands behind those before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from codec.coding.file import decoded, need_labels, opened, output_of, restored
from codec.coding.options import whole_number
from codec.coding.piece import Limit, Piece
from codec.coding.step import Code, File
from codec.errors import DamagedError
from codec.files.container import HEAD_BYTES, Block, End, Header, block_bytes, read_part
from codec.files.section import BytesSource
from codec.readings import restore
from codec.readings.origin import Closing, count_of, unpack_closing
from codec.theory.distribution import Distribution


@dataclass(frozen=True)
class Excerpt:
    """A range of readings.

    Attributes
    ----------
    file : File
        Its origin is that of the excerpt: an array of one dimension.
    count : int
        Readings in the range.
    parts : iterator of tables and places
        The readings.
    closing : Closing
        The last line of a text is ended, unless it is the last of the file, which was not.
    """

    file: File
    count: int
    parts: Iterator[restore.Part]
    closing: Closing


def excerpt(
    data: memoryview,
    code: Code | Distribution | None,
    engine: str | None,
    start: int | None,
    stop: int | None,
    limit: Limit,
) -> Excerpt:
    """The readings from `start` on, before `stop`, as in a slice: negative numbers count from the end.

    The checksums of the blocks that are read are tested, and where blocks stand and how many readings they hold in
    all; the checksum of all symbols is not.

    Raises
    ------
    DamagedError
        If what is read is damaged.
    """
    front = BytesSource(data, 0)
    file = opened(front, code, engine)
    places, end = _places(data, front.place, file.header)
    count = end.count
    if count_of(file.origin) not in (None, count):
        raise DamagedError(f"the file holds {count:,} readings, and its header promises another number")
    ends = (None if end is None else whole_number(name, end) for name, end in (("start", start), ("stop", stop)))
    start, stop, _ = slice(*ends).indices(count)
    stop = max(start, stop)
    origin = replace(file.origin, mark=file.origin.mark and not start)
    if origin.kind == "array":
        origin = replace(origin, shape=(stop - start,), fortran=False)
    file = replace(file, origin=origin)
    limit.need((stop - start) * file.least_size)
    need_labels(file, limit)
    closing = unpack_closing(end.closing)
    closing = Closing(0, closing.last_line_ended or stop < count)
    blocks = (_narrowed(file, part, start, stop) for part in _read(data, places, end, file.header, start, stop))
    return Excerpt(file, stop - start, _cut(file, blocks, start, stop, limit), closing)


def _places(data: memoryview, place: int, header: Header) -> tuple[list[int], End]:
    """Where the blocks start, by the sizes in their heads; and the end."""
    places: list[int] = []
    while len(head := bytes(data[place : place + HEAD_BYTES])) == HEAD_BYTES and head.startswith(b"B"):
        size = block_bytes(head, header)
        if not size or place + size > len(data):
            break  # `read_part` says what is wrong
        places.append(place)
        place += size
    source = BytesSource(data, place)
    end = read_part(source, header, len(places))
    if not isinstance(end, End) or source.place != len(data):
        raise DamagedError("something stands behind the end of the file")
    symbols = -(-end.count // header.readings_per_symbol)
    if -(-symbols // header.block_size) != len(places):
        raise DamagedError(f"the end counts {end.count:,} readings, and the blocks are {len(places):,}, another number")
    return places, end


def _read(data: memoryview, places: list[int], end: End, header: Header, start: int, stop: int) -> Iterator[Block]:
    """The blocks that hold a range of readings."""
    k = header.readings_per_symbol
    size = header.block_size * k
    for number in range(start // size, -(-stop // size) if stop > start else 0):
        block = read_part(BytesSource(data, places[number]), header, number)
        readings = min(size, end.count - number * size)
        if not isinstance(block, Block) or (block.sequence, block.count) != (number, -(-readings // k)):
            raise DamagedError(f"where block {number} should stand is another: blocks were moved")
        yield replace(block, readings=readings)


def _is_whole(file: File) -> bool:
    """Whether a block can only be decoded whole."""
    return file.transform.step is not None or file.code.has_escape


def _narrowed(file: File, block: Block, start: int, stop: int) -> Block:
    """The lanes of a block that hold a range of the readings, as a block."""
    if _is_whole(file):
        return block
    k, lane = file.code.readings, file.header.lane_size
    first = block.sequence * file.header.block_size * k
    low = max(0, start - first) // (lane * k)
    high = min(-(-(stop - first) // (lane * k)), len(block.lane_bits))
    begin, end = int(block.lane_bits[:low].sum()), int(block.lane_bits[:high].sum())
    count = min(high * lane, block.count) - low * lane
    readings = min(count * k, (block.readings or 0) - low * lane * k)
    payload, lane_bits = _bits(block.payload, begin, end), block.lane_bits[low:high]
    return replace(block, count=count, lane_bits=lane_bits, payload=payload, readings=readings)


def _bits(payload: NDArray[np.uint8], begin: int, end: int) -> NDArray[np.uint8]:
    """The payload from a bit on; its last byte may hold bits behind the end."""
    some = payload[begin // 8 : -(-end // 8)]
    shift = np.uint8(begin % 8)
    if not shift:
        return some
    return some << shift | np.append(some[1:], np.uint8(0)) >> np.uint8(8 - shift)


def _cut(file: File, blocks: Iterator[Block], start: int, stop: int, limit: Limit) -> Iterator[restore.Part]:
    """The readings of a range, of the blocks that hold it."""
    k = file.code.readings
    in_block = start % (file.header.block_size * k)
    position = start - (in_block if _is_whole(file) else in_block % (file.header.lane_size * k))
    for _, _, pieces in restored(file, decoded(file, blocks, stop - start), Limit()):
        for piece in pieces:
            places = piece.symbols[max(0, start - position) : max(0, stop - position)]
            position += len(piece.symbols)
            if len(places):
                limit.take(output_of(file, Piece(piece.labels, places)))
                yield piece.labels, places
