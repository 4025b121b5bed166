"""What can be saved of a damaged file: every block whose checksum holds, and which readings are lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO

from codec.codes.context import ContextCode
from codec.codes.prefix import PrefixCode
from codec.coding.reader import Decoded, Reader
from codec.coding.scan import block_at, find_parts
from codec.files.container import Block, ByteSource, checksum_rest, checksum_symbols
from codec.readings import restore
from codec.readings.origin import Closing, count_of, unpack_closing
from codec.theory.distribution import Distribution


@dataclass(frozen=True)
class Lost:
    """Readings that are lost, counted from 0; `stop` is None if nobody knows how many there were."""

    start: int
    stop: int | None


class Salvage:
    """A damaged file whose header and table are sound; what is sound behind them is looked for and decoded at once.

    A block with a number that the file does not have, or of another size than the block of that number has, is none of
    it. Where different blocks claim one number none of them counts, and so with ends.

    Parameters
    ----------
    source : file-like
        Read to its end into memory.
    code : PrefixCode, ContextCode or Distribution, optional
        Needed for a file without a table.
    max_output : int, optional
        The most bytes that the readings may take.

    Attributes
    ----------
    reader : Reader
        Of the header.
    count : int or None
        Readings that the file had; None if its end is lost too, unless they are those of an array, whose header tells.
    saved : int
        Readings that can be saved. Without the end, nobody knows whether a last block of tuples is filled up: then all
        of it counts.
    lost : tuple of Lost
    mixed : bool
        Whether nothing is lost, and yet the checksum of all symbols does not hold: some are those of another file.

    Raises
    ------
    DamagedError
        If the header or the table is damaged: without them nothing can be read.
    """

    def __init__(
        self,
        source: ByteSource,
        code: PrefixCode | ContextCode | Distribution | None = None,
        max_output: int | None = None,
    ) -> None:
        data = b"".join(iter(lambda: source.read(1 << 20), b""))
        front = BytesIO(data)
        self.reader = Reader(front, code)
        self._data, self._limit = memoryview(data), max_output
        found = find_parts(self._data, front.tell(), self.reader.header)
        self.count = count_of(self.reader.origin)
        self._end = found.end if self.count in (None, found.end and found.end.count) else None
        if self._end is not None:
            self.count = self._end.count
        last = max(found.places, default=0)
        self._places = [place for number, place in found.places.items() if self._fits(number, place, last)]
        self.saved, self.lost, checksum = self._survey()
        if self._end is None or self.lost:
            self.mixed = False
        else:
            self.mixed = checksum_rest(self.reader.header, self._end.count, checksum) != self._end.symbols_checksum

    def _fits(self, number: int, place: int, last: int) -> bool:
        """Whether the file can have a block of this number and size: only the last may be not full."""
        header = self.reader.header
        symbols = block_at(self._data, place, header).count
        if self.count is None:
            return symbols == header.block_size or number == last
        full, rest = divmod(-(-self.count // header.readings_per_symbol), header.block_size)
        return symbols == (header.block_size if number < full else rest if number == full else 0)

    def _blocks(self) -> Iterator[Decoded]:
        blocks: Iterator[Block] = (block_at(self._data, place, self.reader.header) for place in self._places)
        return self.reader.single_blocks(blocks, self.count, self._limit)

    def _survey(self) -> tuple[int, tuple[Lost, ...], int]:
        """How many readings are saved, which are lost, and the checksum of the symbols saved."""
        whole = self.reader.header.block_size * self.reader.header.readings_per_symbol
        saved, due, lost, checksum = 0, 0, [], 0
        for part in self._blocks():
            start = part.block.sequence * whole
            if start > due:
                lost.append(Lost(due, start))
            saved += len(part.places)
            due = start + len(part.places)
            checksum = checksum_symbols(part.symbols, checksum, part.block.base, part.block.extra)
        if self.count is None or due < self.count:
            lost.append(Lost(due, self.count))
        return saved, tuple(lost), checksum

    def restored(self) -> Iterator[bytes]:
        """The bytes of a file of the readings that can be saved; an array has one dimension unless all are there."""
        origin = self.reader.origin
        if self.lost and origin.kind == "array":
            origin = replace(origin, shape=(self.saved,), fortran=False)
        closing = Closing(0) if self._end is None else unpack_closing(self._end.closing)
        if self.lost and self.lost[-1].stop == self.count:  # another line came behind the last one that is saved
            closing = Closing(0)

        def parts() -> Iterator[restore.Part | Closing]:
            for part in self._blocks():
                yield part.table, part.places
            yield closing

        return restore.as_bytes(self.reader.alphabet, origin, parts())
