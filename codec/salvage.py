"""What can be saved of a damaged file: every block whose checksum holds, and which readings are lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO

from codec.codes.context import ContextCode
from codec.codes.prefix import PrefixCode
from codec.files import restore
from codec.files.container import Block, ByteSource
from codec.files.origin import Closing, count_of, unpack_closing
from codec.files.scan import block_at, find_parts
from codec.reader import Reader
from codec.theory.distribution import Distribution


@dataclass(frozen=True)
class Lost:
    """Readings that are lost, counted from 0; `stop` is None if nobody knows how many there were."""

    start: int
    stop: int | None


class Salvage:
    """A damaged file whose header and table are sound; what is sound behind them is looked for and decoded at once.

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
        Readings that the file had; None if its end is lost too.
    saved : int
        Readings that can be saved. Without the end, nobody knows whether a last block of tuples is filled up: then all
        of it counts.
    lost : tuple of Lost

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
        self._places = [place for _, place in sorted(found.places.items())]
        self.count = None if found.end is None else found.end.count
        self._closing = Closing(0) if found.end is None else unpack_closing(found.end.closing)
        self.saved, self.lost = self._survey()

    def _blocks(self) -> Iterator[Block]:
        return (block_at(self._data, place, self.reader.header) for place in self._places)

    def _survey(self) -> tuple[int, tuple[Lost, ...]]:
        header = self.reader.header
        whole = header.block_size * header.readings_per_symbol
        saved, due, lost = 0, 0, []
        for part in self.reader.single_blocks(self._blocks(), self.count, self._limit):
            start = part.block.sequence * whole
            if start > due:
                lost.append(Lost(due, start))
            saved += len(part.places)
            due = start + len(part.places)
        if self.count is None or due < self.count:
            lost.append(Lost(due, self.count))
        return saved, tuple(lost)

    def restored(self) -> Iterator[bytes]:
        """The bytes of a file of the readings that can be saved; an array has one dimension unless all are there."""
        origin = self.reader.origin
        if count_of(origin) not in (None, self.saved):
            origin = replace(origin, shape=(self.saved,), fortran=False)

        def parts() -> Iterator[restore.Part | Closing]:
            for part in self.reader.single_blocks(self._blocks(), self.count, self._limit):
                yield part.table, part.places
            yield self._closing

        return restore.as_bytes(self.reader.alphabet, origin, parts())
