"""The readings of a stream as symbols of a code's alphabet, every one with a codeword."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.prefix import PrefixCode
from codec.coding.differences import Differences
from codec.coding.raw import pack_raw
from codec.errors import MissingCodewordError, StreamError
from codec.readings.origin import Closing
from codec.readings.stream import Stream
from codec.theory.alphabet import Found, find, symbol_dtype
from codec.theory.labels import Labels


class Symbols:
    """The readings of a stream as symbols, every one with a codeword; its closing, once they are through.

    What has no codeword becomes the escape, if there is one, and its raw value waits for its block.
    """

    def __init__(self, stream: Stream, code: PrefixCode, learned: bool) -> None:
        self._stream, self._code, self._alphabet, self._lengths = stream, code, code.alphabet, code.lengths
        self._escape = len(code) if code.escape_length else None
        self._raw: deque[Labels] = deque()
        self.closing = Closing(0)
        self.count = 0  # readings so far

    def __iter__(self) -> Iterator[NDArray[Any]]:
        missing, first, other, position = 0, "", self._alphabet, 0
        for piece in self._stream.pieces():
            if isinstance(piece, Closing):
                self.closing = piece
                continue
            symbols, unknown = self._look_up(piece)
            if unknown is not None and unknown.any():
                if self._code.can_escape(piece, self._stream.origin.is_lines):
                    symbols = symbols.astype(symbol_dtype(len(self._alphabet) + 1))
                    symbols[unknown] = self._escape
                    self._raw.append(piece.take(np.flatnonzero(unknown)))
                else:
                    if not missing:
                        first = placed(self._stream, piece, int(unknown.argmax()), position)
                        other = piece
                    missing += int(unknown.sum())
            elif self._escape is not None:
                symbols = symbols.astype(symbol_dtype(len(self._alphabet) + 1), copy=False)
            position += len(piece)
            self.count = position
            if not missing:  # otherwise the rest is only counted
                yield symbols
        if missing:
            way_out = "make a table that knows them, or one with an escape (codec table --escape)"
            if self._escape is not None:
                way_out = f"its escape is for readings of kind {_kind(self._alphabet)}, and these are {_kind(other)}"
            raise MissingCodewordError(
                f"{first} has no codeword in the code; {missing:,} of {position:,} readings have none: {way_out}"
            )

    def _look_up(self, piece: Labels) -> Found:
        symbols, unknown = find(self._alphabet, piece, self._stream.origin.is_lines)
        if len(self._lengths) and self._lengths.all():
            return symbols, unknown
        if not len(self._lengths):
            return symbols, np.ones(len(symbols), np.bool_)
        without = self._lengths.take(symbols, mode="clip") == 0  # the symbol of an unknown label may be any
        return symbols, without if unknown is None else unknown | without

    def raw_of(self, symbols: NDArray[Any]) -> bytes:
        """The raw values behind the escapes among the next symbols."""
        wanted = 0 if self._escape is None else int(np.count_nonzero(symbols == self._escape))
        parts = []
        while wanted:
            values = self._raw.popleft()
            if len(values) > wanted:
                self._raw.appendleft(values.take(np.arange(wanted, len(values))))
                values = values.take(np.arange(wanted))
            wanted -= len(values)
            try:
                parts.append(pack_raw(values, self._stream.origin))
            except ValueError as error:
                raise StreamError(f"{self._stream.name}: {error}: code the file with --bytes") from None
        return b"".join(parts)


def _kind(labels: Labels) -> str:
    return labels.kind if labels.step == "1" else f"{labels.kind} in steps of {labels.step}"


def placed(stream: Stream, piece: Labels, place: int, before: int) -> str:
    """How a message names a reading: its stream, its place there, and itself."""
    reading, position = piece[place], before + place
    if piece.kind == "int":
        reading = piece.take(np.array([place])).spellings[0]
    is_empty = isinstance(reading, (str, bytes)) and not reading
    what = "difference" if isinstance(stream, Differences) else "reading"
    named = "an empty reading" if is_empty else f"the {what} {reading}"
    return f"{stream.name}, {stream.place(position)}: {named}"


def of_size(parts: Iterable[NDArray[Any]], size: int) -> Iterator[NDArray[Any]]:
    """The same symbols in stretches of `size`, the last one shorter."""
    held: list[NDArray[Any]] = []
    held_size = 0
    for part in parts:
        while held_size + len(part) >= size:
            cut = size - held_size
            yield np.concatenate([*held, part[:cut]]) if held else part[:cut]
            held, held_size, part = [], 0, part[cut:]
        if len(part):
            held.append(part)
            held_size += len(part)
    if held:
        yield np.concatenate(held) if len(held) > 1 else held[0]
