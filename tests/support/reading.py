"""A file read step by step: what tests ask of it on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from codec.codes.context import ContextCode
from codec.coding.file import decoded, opened, parts_of, restored_bytes
from codec.coding.file import restored as restored_blocks
from codec.coding.piece import Limit, Piece
from codec.files.container import Block, End
from codec.readings.origin import Closing, unpack_closing


@dataclass(frozen=True)
class Decoded:
    """A block, its symbols, and its readings."""

    block: Block
    symbols: Any
    pieces: list[Piece]

    def readings(self) -> list[Any]:
        """The readings of all pieces."""
        return [reading for piece in self.pieces for reading in piece.labels.take(piece.symbols)]


class Reader:
    """A file; its end and closing once the blocks are through."""

    end: End
    closing: Closing

    def __init__(self, source: Any, code: Any = None, *, engine: str | None = None) -> None:
        self.file = opened(source, code, engine)
        self.header, self.origin, self.code = self.file.header, self.file.origin, self.file.code
        self.context = self.code if isinstance(self.code, ContextCode) else None
        self.tuples = self.code.alphabet if self.code.readings > 1 else None
        self.alphabet, self.lengths = self.code.singles, self.code.all_lengths
        self.delta, self.escape = self.file.transform.step is not None, self.code.has_escape

    def _parts(self) -> Iterator[Block | End]:
        for part in parts_of(self.file):
            if isinstance(part, End):
                self.end, self.closing = part, unpack_closing(part.closing)
            yield part

    def packed_blocks(self) -> Iterator[Block]:
        """The blocks, not decoded."""
        return (part for part in self._parts() if isinstance(part, Block))

    def decoded_blocks(self, max_output: int | None = None) -> Iterator[Decoded]:
        """The blocks with their symbols and their readings."""
        for block, symbols, pieces in restored_blocks(self.file, decoded(self.file, self._parts()), Limit(max_output)):
            yield Decoded(block, np.asarray(symbols), list(pieces))


def restored(reader: Reader, max_output: int | None = None) -> Iterator[bytes]:
    """The bytes of the file that was encoded."""
    return restored_bytes(reader.file, Limit(max_output))
