"""What can be saved of a damaged file: every block whose checksum holds, and which readings are lost."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace

from codec.bits.engine import Coder
from codec.codes.context import ContextCode
from codec.codes.prefix import PrefixCode
from codec.coding.file import decode_block, need_labels, opened, restore_block
from codec.coding.piece import Limit
from codec.coding.scan import all_of, block_at, find_parts
from codec.errors import DamagedError
from codec.files.container import checksum_rest, checksum_symbols
from codec.files.section import ByteSource, BytesSource
from codec.readings import restore
from codec.readings.origin import Closing, count_of, unpack_closing
from codec.theory.distribution import Distribution
from codec.theory.shown import brief, shown, shown_as_html

_IN_MEMORY = 1 << 24  # bytes of an array that wait for the number of its readings; more go to a temporary file


@dataclass(frozen=True)
class Lost:
    """Readings that are lost, counted from 0; `stop` is None if nobody knows how many there were."""

    start: int
    stop: int | None


class Salvage:
    """A damaged file whose header and table are sound, and the sound blocks behind them.

    A block with a number that the file does not have, or of another size than the block of that number has, is left
    out. So are different blocks that claim the same number, and different ends.

    Parameters
    ----------
    source : file-like
        Read to its end: into memory, unless it is a file on disk.
    code : PrefixCode, ContextCode or Distribution, optional
        Needed for a file without a table.
    max_output : int, optional
        The most bytes that the readings may take.

    Attributes
    ----------
    file : File
    count : int or None
        Readings that the file had; None if its end is lost too, unless they are those of an array, whose header says.
    saved : int
        Readings saved, once `restored` is through. Without the end, nobody knows whether a last block of tuples is
        filled up: then all of it counts.
    lost : tuple of Lost
        Complete once `restored` is through.
    mixed : bool
        Whether nothing is lost, and yet the checksum of all symbols does not hold: some are those of another file.

    Raises
    ------
    DamagedError
        If the header or the table is damaged: without them nothing can be read.
    """

    __str__ = shown
    _repr_html_ = shown_as_html

    def __repr__(self) -> str:
        return brief(self, "count", "saved", "lost", "mixed")

    def __init__(
        self,
        source: ByteSource,
        code: PrefixCode | ContextCode | Distribution | None = None,
        max_output: int | None = None,
    ) -> None:
        self._limit = Limit(max_output)
        self._data = all_of(source)
        front = BytesSource(self._data, 0)
        self.file = opened(front, code)
        found = find_parts(self._data, front.place, self.file.header)
        self.count = count_of(self.file.origin)
        self._end = found.end if self.count in (None, found.end and found.end.count) else None
        if self._end is not None:
            self.count = self._end.count
        last = max(found.places, default=0)
        self._places = [place for number, place in found.places.items() if self._fits(number, place, last)]
        self.saved, self.mixed = 0, False
        self.lost: tuple[Lost, ...] = ()

    def _fits(self, number: int, place: int, last: int) -> bool:
        """Whether the file can have a block of this number and size: only the last may be not full."""
        header = self.file.header
        symbols = block_at(self._data, place, header).count
        if self.count is None:
            return symbols == header.block_size or number == last
        full, rest = divmod(-(-self.count // header.readings_per_symbol), header.block_size)
        return symbols == (header.block_size if number < full else rest if number == full else 0)

    def _parts(self) -> Iterator[restore.Part | Closing]:
        """The readings of each block that decodes, and the closing; then it is known what is lost."""
        header, k = self.file.header, self.file.header.readings_per_symbol
        coder = Coder(self.file.code, header.lane_size)
        due, checksum = 0, 0
        for place in self._places:
            block = block_at(self._data, place, header)
            start, count = block.sequence * header.block_size * k, block.count * k
            if self.count is not None:
                count = min(count, self.count - start)
            block = replace(block, readings=count)
            try:
                symbols = decode_block(self.file, block, coder)
                for _ in restore_block(self.file, block, symbols, None, Limit()):
                    pass  # all of the block is sound, or none of it counts
            except DamagedError:
                continue
            if start > due:
                self.lost += (Lost(due, start),)
            for piece in restore_block(self.file, block, symbols, None, self._limit):
                yield piece.labels, piece.symbols
            self.saved += count
            due = start + count
            checksum = checksum_symbols(symbols, checksum, block.base, block.extra)
        if self.count is None or due < self.count:
            self.lost += (Lost(due, self.count),)
        if self._end is not None and not self.lost:
            self.mixed = checksum_rest(header, self._end.count, checksum) != self._end.symbols_checksum
        last_line_is_there = not self.lost or self.lost[-1].stop != self.count
        yield unpack_closing(self._end.closing) if self._end is not None and last_line_is_there else Closing(0)

    def restored(self) -> Iterator[bytes]:
        """The bytes of a file of the readings that can be saved; an array has one dimension unless all are there."""
        need_labels(self.file, self._limit)
        alphabet, origin = self.file.alphabet, self.file.origin
        body = restore.as_bytes(alphabet, origin, self._parts())
        if origin.kind != "array" or origin.dtype == "|O":
            yield from body
            return
        next(body)  # the header of an array, whose shape is known only at the end
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as held:
            for data in body:
                held.write(data)
            if self.lost:
                origin = replace(origin, shape=(self.saved,), fortran=False)
            yield from restore.as_bytes(alphabet, origin, iter([Closing(0)]))
            held.seek(0)
            yield from iter(lambda: held.read(1 << 20), b"")
