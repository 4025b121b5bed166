"""A .huf file, read: header, origin and code at once, then block by block, then the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.bits.engine import Coder, engine_name, in_threads
from codec.codes.context import ContextCode
from codec.codes.prefix import PrefixCode, as_code
from codec.coding.differences import ORIGIN, undone
from codec.coding.raw import together, unpack_raw
from codec.errors import DamagedError, OutputLimitError
from codec.files import container
from codec.files.container import Block, ByteSource, End
from codec.files.table_of import table_of
from codec.readings import restore
from codec.readings.origin import Closing, Origin, count_of, unpack_closing, unpack_origin
from codec.theory.alphabet import find, find_spelled
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels

_LABELS_IN_MEMORY = 1 << 26  # bytes that the labels may take, whatever the limit of the output
_SHORTEST_LINE = 2  # bytes: a digit and the end of the line


@dataclass(frozen=True, eq=False)
class Decoded:
    """A block and what it holds.

    Attributes
    ----------
    block : Block
    symbols : uint8 or uint16 array, (count,)
    table : Labels
    places : array, (count,)
        The readings are ``table.take(places)``: the alphabet and the symbols, unless there are raw values, or symbols
        stand for tuples or for differences.
    """

    block: Block
    symbols: NDArray[Any]
    table: Labels
    places: NDArray[Any]


class Reader:
    """A .huf file being read: header, origin and code at once, then the blocks, then the end.

    Parameters
    ----------
    source : file-like
        Read from its present position to the end.
    code : PrefixCode, ContextCode or Distribution, optional
        Needed for a file without a table.

    Attributes
    ----------
    header : Header
    origin : Origin
    alphabet : Labels
        Of the readings, or of their differences.
    tuples : Labels or None
        What codewords stand for, if that is not single readings.
    context : ContextCode or None
        The code, if it is one in context.
    lengths : int64 array
        Of all codewords, the escape's last if there is one.
    escape, delta : bool
        Whether there is an escape; whether symbols stand for differences.
    end : End
    closing : Closing
        The last two once the blocks are through.
    """

    end: End
    closing: Closing

    def __init__(
        self,
        source: ByteSource,
        code: PrefixCode | ContextCode | Distribution | None = None,
        *,
        engine: str | None = None,
    ) -> None:
        self.source = source
        engine_name(engine)  # a wrong name is refused before anything is read
        self._engine = engine
        self.header = container.read_header(source)
        self.origin: Origin = unpack_origin(self.header.origin)
        table = table_of(self.header, code if code is None or isinstance(code, ContextCode) else as_code(code))
        self.context = table if isinstance(table, ContextCode) else None
        coded, self.lengths = (table.alphabet, table.lengths) if isinstance(table, ContextCode) else table
        self.delta = bool(self.header.transform)
        self.escape = self.context is None and len(self.lengths) > len(coded)
        self.tuples = coded if coded.base is not None else None
        self.alphabet = coded.singles
        self._foreign = None if self.delta else self.origin.unrepresentable(self.alphabet)

    @property
    def code(self) -> PrefixCode | None:
        """The code of the file; None for an empty stream, which has none, and for codes in context."""
        if not len(self.lengths) or self.context is not None:
            return None
        coded = self.alphabet if self.tuples is None else self.tuples
        return PrefixCode(coded, self.lengths[: len(coded)], None, int(self.lengths[-1]) if self.escape else 0)

    @property
    def readings_with_codeword(self) -> int:
        """How many labels have a codeword, alone or in a tuple."""
        if self.tuples is not None:
            return len(self.alphabet)
        if self.context is not None:
            return len(np.unique(self.context.symbols))
        return int(np.count_nonzero(self.lengths[: len(self.alphabet)]))

    def codewords_of(self, symbols: NDArray[Any]) -> NDArray[Any]:
        """Which of the codewords, in the order of `lengths`, stands for each symbol of a block."""
        if self.context is None:
            return symbols
        return self.context.places_of(self.context.rows_at(symbols, self.header.lane_size), symbols)

    def packed_blocks(self) -> Iterator[Block]:
        """The blocks, not decoded; then `end` and `closing` are known."""
        for part in container.read_blocks(self.source, self.header):
            if isinstance(part, End):
                self.end = part
                self.closing = unpack_closing(part.closing)
            else:
                yield part

    def decoded_blocks(self, max_output: int | None = None) -> Iterator[Decoded]:
        """The blocks, one by one; the checksum of all symbols is tested at the end."""
        return self._decoded(self.packed_blocks(), self._sizes(max_output), max_output, 0)

    def parts_of(self, blocks: list[Block], max_output: int) -> Iterator[tuple[Labels, NDArray[Any]]]:
        """Tables and places of blocks that have been read already; the limit is looked at first."""
        sizes, count = self._sizes(max_output), sum(block.count for block in blocks)
        whole = self.end.count // self.header.readings_per_symbol  # symbols, none of which is filled up
        _refuse_above(max_output, whole * int(sizes.min() if len(sizes) else 0))
        return ((part.table, part.places) for part in self._decoded(blocks, sizes, max_output, count))

    def single_blocks(
        self, blocks: Iterable[Block], count: int | None, max_output: int | None = None
    ) -> Iterator[Decoded]:
        """Blocks of a damaged file, each by itself; one that does not decode is left out.

        Parameters
        ----------
        count : int or None
            Readings in the whole file, which tells how far a last tuple is filled up.
        """
        coder = Coder(self.context or self.lengths, self.header.lane_size, self._engine)
        sizes, output = self._sizes(max_output), 0
        whole = self.header.block_size * self.header.readings_per_symbol
        for block in blocks:
            surplus = block.sequence * whole + block.count * self.header.readings_per_symbol - (count or 0)
            fill = 0 if count is None else min(max(surplus, 0), self.header.readings_per_symbol - 1)
            try:
                part = self._decode_block(block, coder)
                part, more, _ = self._finished(part, sizes, fill, None, output, max_output)
            except DamagedError:
                continue
            output += more
            yield part

    def _sizes(self, max_output: int | None) -> NDArray[np.int64]:
        """Bytes of output for each symbol (at least, for differences). All together are in memory while decoding."""
        sizes = restore.label_sizes(self.alphabet, self.origin)
        if int(sizes.sum()) > _LABELS_IN_MEMORY:
            _refuse_above(max_output, int(sizes.sum()))
        if self.delta:
            sizes = np.full(len(sizes), restore.fixed_size(self.origin) or _SHORTEST_LINE)
        if self.tuples is not None:
            return np.asarray(sizes[self.tuples.values].sum(axis=1))
        return np.append(sizes, sizes[0] if self.delta else restore.fixed_size(self.origin)) if self.escape else sizes

    def _decoded(
        self, blocks: Iterable[Block], sizes: NDArray[np.int64], max_output: int | None, expected: int
    ) -> Iterator[Decoded]:
        coder = Coder(self.context or self.lengths, self.header.lane_size, self._engine, expected)

        def decoded(block: Block) -> Decoded:
            return self._decode_block(block, coder)

        checksum, output, last = 0, 0, None
        for part, fill in self._with_fill(in_threads(decoded, blocks, coder.threads)):
            checksum = container.checksum_symbols(part.symbols, checksum, part.block.base, part.block.extra)
            readings, more, last = self._finished(part, sizes, fill, last, output, max_output)
            output += more
            yield readings
        if container.checksum_rest(self.header, self.end.count, checksum) != self.end.symbols_checksum:
            raise DamagedError("the symbols decoded are not those encoded: their checksum does not hold")

    def _finished(
        self, part: Decoded, sizes: NDArray[np.int64], fill: int, last: int | None, before: int, max_output: int | None
    ) -> tuple[Decoded, int, int | None]:
        """The readings of a decoded block, the bytes that they take, and the last of them if they were differences.

        The limit is looked at before they take memory; `before` is the output of other blocks.
        """
        output = self._output_of(part, sizes, fill)
        _refuse_above(max_output, before + output)
        if self.tuples is not None:
            part = self._readings_of(part, self.tuples, fill)
        if self.delta:
            part, last = self._undone(part, last)
            output += self._longer_than_least(part)
            _refuse_above(max_output, before + output)
        return part, output, last

    def _with_fill(self, parts: Iterator[Decoded]) -> Iterator[tuple[Decoded, int]]:
        """Blocks, and how many readings of each are not there: they only fill up the last tuple of the last block."""
        if self.tuples is None:
            yield from ((part, 0) for part in parts)
            return
        held: Decoded | None = None  # the last block, until the end tells how many readings it has
        for part in parts:
            if held is not None:
                yield held, 0
            held = part
        if held is not None:
            yield held, -self.end.count % self.header.readings_per_symbol

    def _readings_of(self, part: Decoded, tuples: Labels, fill: int) -> Decoded:
        places = tuples.values[part.symbols].reshape(-1)
        part = replace(part, places=places[: len(places) - fill])
        self._refuse_foreign(part, self._foreign)
        return part

    def _undone(self, part: Decoded, last: int | None) -> tuple[Decoded, int]:
        """The readings of a block of differences, and the last of them, which is the base of the next block."""
        base = part.block.base or 0
        if last is not None and base != last:
            raise DamagedError(f"the base of block {part.block.sequence} is not the reading before it")
        table, places = undone(part.table, part.places, base, self.origin)
        part = replace(part, table=table, places=places)
        self._refuse_foreign(part, self.origin.unrepresentable(table))
        return part, int(table.values[places[-1]]) % (1 << 64)

    def _longer_than_least(self, part: Decoded) -> int:
        """Bytes that the readings of differences take in the output beyond what was counted already."""
        if restore.fixed_size(self.origin):
            return 0
        sizes = restore.label_sizes(part.table, self.origin)
        return int(np.bincount(part.places, minlength=len(sizes)) @ (sizes - _SHORTEST_LINE))

    def _decode_block(self, block: Block, coder: Coder) -> Decoded:
        if not len(self.lengths):
            raise DamagedError("the file holds readings and no code for them")
        done = block.sequence * self.header.block_size
        try:
            symbols = coder.decode(block.payload, block.lane_bits, block.count, done)
            table, places = self._with_raw(block, symbols)
        except DamagedError as error:
            raise DamagedError(f"block {block.sequence} is damaged: {error}") from None
        part = Decoded(block, symbols, table, places)
        if self.tuples is None and not self.delta:
            self._refuse_foreign(part, self._foreign if table is self.alphabet else self.origin.unrepresentable(table))
        return part

    def _refuse_foreign(self, part: Decoded, foreign: NDArray[np.bool_] | None) -> None:
        if foreign is not None and foreign[part.places].any():
            raise DamagedError(f"block {part.block.sequence} holds readings that its file says it cannot hold")

    def _with_raw(self, block: Block, symbols: NDArray[Any]) -> tuple[Labels, NDArray[Any]]:
        """The table and the places of a block: raw values stand behind the alphabet, in their order."""
        if self.tuples is not None:  # as symbols, until the limit of the output was looked at
            return self.alphabet, symbols
        size = len(self.alphabet)
        escaped = np.flatnonzero(symbols == size) if self.escape else np.zeros(0, np.int64)
        if not len(escaped) and not block.extra:
            return self.alphabet, symbols
        origin = ORIGIN if self.delta else self.origin
        raw = unpack_raw(block.extra, len(escaped), self.alphabet, origin)
        found, unknown = (find_spelled if origin.is_lines else find)(self.alphabet, raw)
        own = self.lengths[:-1].take(found, mode="clip") > 0
        if (own if unknown is None else own & ~unknown).any():  # one stream, one file
            raise DamagedError("a raw value stands behind an escape that has a codeword of its own")
        places = symbols.astype(np.int64)
        places[escaped] = size + np.arange(len(escaped))
        return together(self.alphabet, raw), places

    def _output_of(self, part: Decoded, sizes: NDArray[np.int64], fill: int) -> int:
        raw = 0
        if self.tuples is not None and fill and self.delta:
            raw = -fill * int(sizes[0]) // self.header.readings_per_symbol
        elif self.tuples is not None and fill:
            unread = self.alphabet.take(self.tuples.values[part.symbols[-1], -fill:])
            raw = -int(restore.label_sizes(unread, self.origin).sum())
        if part.table is not self.alphabet and not self.delta and not restore.fixed_size(self.origin):
            behind = part.table.take(np.arange(len(self.alphabet), len(part.table)))
            raw = int(restore.label_sizes(behind, self.origin).sum())
        least = int(sizes.min())
        if least == sizes.max():
            return raw + least * len(part.symbols)
        return raw + int(np.bincount(part.symbols, minlength=len(sizes)) @ sizes)


def default_max_output(file_bytes: int) -> int:
    """The most bytes of output that are no surprise: 256 for each byte of the file, and 1 GiB in any case."""
    return max(1 << 30, 256 * file_bytes)


def _refuse_above(max_output: int | None, output: int) -> None:
    if max_output is not None and output > max_output:
        raise OutputLimitError(
            f"decoding would give more than the limit of {max_output:,} bytes: give a higher max_output (--max-output)"
        )


def restored(reader: Reader, max_output: int | None = None) -> Iterator[bytes]:
    """The bytes of the file that was encoded, block by block; all is checked by the time the last one is given."""

    blocks = reader.decoded_blocks(max_output)  # looks at the limit, before anything takes memory

    def parts() -> Iterator[tuple[Labels, NDArray[Any]] | Closing]:
        for part in blocks:
            yield part.table, part.places
        expected = count_of(reader.origin)
        if expected is not None and expected != reader.end.count:
            raise DamagedError(f"the file holds {reader.end.count:,} readings, and its array had {expected:,}")
        yield reader.closing

    return restore.as_bytes(reader.alphabet, reader.origin, parts())
