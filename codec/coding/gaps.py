"""Gaps pass through a transform untouched: it sees the numbers alone, and goes on behind a gap from the last one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from codec.coding.piece import Piece
from codec.coding.step import File, Job, Step
from codec.errors import StreamError
from codec.files.container import Block
from codec.theory.gaps import GAP, gaps_in, without_gaps
from codec.theory.labels import Labels


def around(step: Step) -> Step:
    """The same step, for streams with gaps too."""

    def there(pieces: Iterator[Piece], job: Job) -> Iterator[Piece]:
        return _there(step, pieces, job) if job.stream.origin.gaps else step.there(pieces, job)

    def back(pieces: Iterator[Piece], block: Block, before: Piece | None, file: File) -> Iterator[Piece]:
        if not file.origin.gaps:
            return step.back(pieces, block, before, file)
        held: deque[tuple[NDArray[np.bool_], NDArray[np.int64]]] = deque()
        found = step.back(_numbers(pieces, held), block, _last_number(before), file)
        return _with_gaps(found, held, file.code.alphabet.source.step)

    return Step(there, back)


def _there(step: Step, pieces: Iterator[Piece], job: Job) -> Iterator[Piece]:
    held: deque[Labels] = deque()

    def numbers() -> Iterator[Piece]:
        for piece in pieces:
            held.append(piece.labels)
            yield Piece(without_gaps(piece.labels))

    for piece in step.there(numbers(), job):  # one for each
        labels = held.popleft()
        if len(piece.labels) and int(np.abs(piece.labels.values).max()) >= GAP:
            raise StreamError(f"{job.stream.name}: what the prediction leaves is too large beside gaps")
        values = labels.values.astype(np.int64)
        values[~gaps_in(labels)] = piece.labels.values
        yield Piece(Labels("int", values, piece.labels.step, of=piece.labels.of), None, piece.base)


def _numbers(pieces: Iterator[Piece], held: deque[tuple[NDArray[np.bool_], NDArray[np.int64]]]) -> Iterator[Piece]:
    """The numbers of pieces that have any; of each piece is held which are gaps, and their labels."""
    for piece in pieces:
        gaps = gaps_in(piece.labels)[piece.symbols]
        held.append((gaps, piece.labels.values[piece.symbols[gaps]].astype(np.int64)))
        if not gaps.all():
            yield Piece(piece.labels, piece.symbols[~gaps])


def _with_gaps(
    pieces: Iterator[Piece], held: deque[tuple[NDArray[np.bool_], NDArray[np.int64]]], step: str
) -> Iterator[Piece]:
    """The inverse of `_numbers`."""
    nothing = Piece(Labels("int", np.zeros(0, np.int64), step))
    for piece in pieces:
        while held[0][0].all():
            yield _joined(nothing, *held.popleft(), step)
        gaps, found = held.popleft()
        yield _joined(piece, gaps, found, step) if gaps.any() else piece
    while held:
        yield _joined(nothing, *held.popleft(), step)


def _joined(piece: Piece, gaps: NDArray[np.bool_], found: NDArray[np.int64], step: str) -> Piece:
    kinds, which = np.unique(found, return_inverse=True)
    places = np.empty(len(gaps), np.int64)
    places[gaps] = len(piece.labels) + which.reshape(-1)
    places[~gaps] = piece.symbols
    return Piece(Labels("int", np.concatenate([piece.labels.values.astype(np.int64), kinds]), step), places)


def _last_number(before: Piece | None) -> Piece | None:
    """The numbers of a piece, if it has any."""
    if before is None:
        return None
    numbers = ~gaps_in(before.labels)[before.symbols]
    return Piece(before.labels, before.symbols[numbers]) if numbers.any() else None
