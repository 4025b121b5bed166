"""A stream of readings, which can be gone through again: first to count its readings, then to code them.

It comes in pieces of a few megabytes, so that a file may be larger than memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from codec.errors import StreamError, option
from codec.readings.origin import Closing, Origin
from codec.theory.alphabet import MAX_SYMBOLS, find, merge_tallies, tally
from codec.theory.dense import Count, count_dense
from codec.theory.labels import Labels, objects

PIECE_BYTES = 1 << 22  # of a file, read at a time
TALLIED = 1 << 23  # readings in memory, tallied at a time
Tally = tuple[Labels, NDArray[np.int64]]  # the distinct readings, sorted, and how often each occurs


@dataclass(frozen=True, eq=False)
class Stream:
    """Readings that can be read more than once.

    Attributes
    ----------
    origin : Origin
    pieces : function
        Starts over, and yields the readings as Labels, stretch by stretch, and the Closing at the end.
    name : str
        For messages.
    in_memory : bool
        Whether every pass is certain to give the same readings.
    notes : list of str
        What a user should know about the input, in sentences; complete after the first pass.
    floats : Stream or None
        The same readings as floats, where these are read as the decimals that they show; as words, where these are read
        as numbers.
    gapped : Stream or None
        The same readings as numbers with gaps among them, where they can be read so. A code that is learned, and what
        predicts readings, takes those.
    finer_rule : int or None
        Of a text of numbers with as many decimals: the rule that spells them so in finer steps too, if there is one.
    """

    origin: Origin
    pieces: Callable[[], Iterator[Labels | Closing]]
    name: str = "the stream"
    in_memory: bool = False
    notes: list[str] = field(default_factory=list)
    floats: Stream | None = None
    gapped: Stream | None = None
    finer_rule: int | None = None

    def note(self, sentence: str) -> None:
        """Add a note, if it is not there from an earlier pass."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def labels(self) -> Iterator[Labels]:
        """The readings alone, stretch by stretch."""
        return (piece for piece in self.pieces() if isinstance(piece, Labels))

    def place(self, position: int) -> str:
        """How a user finds the reading at this position, counted from 0."""
        word = {"text": "line", "column": "row"}.get(self.origin.kind)
        return f"{word} {position + 1}" if word else f"position {position}"


def tally_stream(stream: Stream, count: Count = count_dense, each: Callable[..., Any] = map) -> Tally:
    """The distinct readings, sorted, and how often each occurs.

    Parameters
    ----------
    stream : Stream
    count : function
        See `codec.theory.alphabet.tally`.
    each : function
        As `map`: it may tally several stretches at once.

    Raises
    ------
    StreamError
        If there are more than 65,536 different ones.
    """
    return merged(each(partial(tally, count=count), _stretches(stream)), stream.name)


def merged(tallies: Iterable[Tally], name: str) -> Tally:
    """One tally out of many, as `tally_stream`: those of parts of a stream, however they were counted."""
    parts: list[Tally] = []
    held = 0
    for part in tallies:
        parts.append(part)
        held += len(parts[-1][0])
        if held > 4 * MAX_SYMBOLS:
            parts = [_merge(parts)]
            held = len(parts[0][0])
            if held > 16 * MAX_SYMBOLS:
                raise _too_many(name, f"more than {held:,}")
    alphabet, counts = _merge(parts)
    if len(alphabet) > MAX_SYMBOLS:
        raise _too_many(name, f"{len(alphabet):,}")
    return alphabet, counts


def _stretches(stream: Stream) -> Iterator[Labels]:
    """The readings, stretch by stretch, none longer than `TALLIED`."""
    for piece in stream.labels():
        for start in range(0, len(piece) or 1, TALLIED):
            whole = len(piece) <= TALLIED
            yield piece if whole else replace(piece, values=piece.values[start : start + TALLIED])


def first_symbols(stream: Stream, alphabet: Labels, most: int) -> NDArray[Any]:
    """At most so many readings from the start of a stream, as symbols in an alphabet that has them all."""
    parts: list[NDArray[Any]] = []
    for piece in stream.labels():
        parts.append(find(alphabet, piece, stream.origin.is_lines)[0][:most])
        most -= len(parts[-1])
        if not most:
            break
    return np.concatenate(parts)


def _too_many(name: str, number: str) -> StreamError:
    return StreamError(
        f"{name} has {number} different readings, and a code has at most {MAX_SYMBOLS:,}: "
        f"round them to a grid with {option('--step')}, or {option('code the file with --bytes')}"
    )


def _merge(parts: list[Tally]) -> Tally:
    kinds = {(labels.kind, labels.step) for labels, _ in parts if len(labels)}
    ints = [labels.values for labels, _ in parts if labels.kind == "int" and len(labels)]
    too_wide = any(int(v.max()) >= 1 << 63 for v in ints) and any(int(v.min()) < 0 for v in ints)
    if len(kinds) > 1 or too_wide:
        parts = [(Labels("str", objects(labels.spellings)), counts) for labels, counts in parts]
    return merge_tallies(parts)


def from_start(file: BinaryIO) -> Iterator[bytes]:
    """The bytes of a file from its start; of a pipe, those that are left."""
    if file.seekable():
        file.seek(0)
    return iter(lambda: file.read(PIECE_BYTES), b"")


def refusing_changes(stream: Stream, state: Callable[[Closing], Any], before: Any = None) -> Stream:
    """The same stream; StreamError if, at the end of a pass, its state is another than before."""
    floats = None if stream.floats is None else refusing_changes(stream.floats, state, before)

    def pieces() -> Iterator[Labels | Closing]:
        nonlocal before
        for piece in stream.pieces():
            if isinstance(piece, Closing):
                now = state(piece)
                if before not in (None, now):
                    raise StreamError(
                        f"{stream.name} was changed while it was read: try again once nothing writes to it, "
                        "or take a copy of it"
                    )
                before = now
            yield piece

    gapped = None if stream.gapped is None else refusing_changes(stream.gapped, state, before)
    return replace(stream, pieces=pieces, floats=floats, gapped=gapped)
