"""Arrays of floats, read as the decimals that they show where these give back every float."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from codec.errors import StreamError
from codec.readings.origin import Closing
from codec.readings.spelling import in_steps_of
from codec.readings.stream import Stream
from codec.theory.floats import decimals_shown, step_of, units_of
from codec.theory.gaps import GAP, MOST_NUMBER, gaps_in
from codec.theory.labels import Labels, float_patterns


def as_decimals(stream: Stream) -> Stream:
    """The same stream, its floats as decimals: ints with a step. Of other readings, the stream as it is.

    The first pass is preceded by one that finds the number of decimals.

    >>> from codec.readings.values import from_values
    >>> [(piece.values.tolist(), piece.step) for piece in from_values([21.5, 21.6]).labels()]
    [([215, 216], '0.1')]
    """
    dtype = np.dtype(stream.origin.dtype or np.uint8)
    if stream.origin.kind != "array" or dtype.kind != "f" or dtype.itemsize > 8:
        return stream

    @cache
    def decimals() -> int | None:
        return decimals_shown((piece.values.view(np.float64) for piece in stream.labels()), dtype)

    def pieces() -> Iterator[Labels | Closing]:
        if decimals() is None:
            yield from stream.pieces()
            return
        step = step_of(decimals() or 0)
        for piece in stream.pieces():
            if isinstance(piece, Labels):
                units = units_of(piece.values.view(np.float64), step, dtype)
                if units is None:
                    raise StreamError(f"{stream.name} was changed while it was read: try again, or take a copy of it")
                piece = Labels("int", units, step)
            yield piece

    return replace(stream, pieces=pieces, floats=stream, gapped=_with_gaps(stream, dtype))


def _with_gaps(stream: Stream, dtype: np.dtype[Any]) -> Stream | None:
    """The decimals that floats show, NaNs being gaps among them; None if there are no NaNs, or nothing but them."""
    floats = [piece.values.view(np.float64) for piece in stream.labels()] if stream.in_memory else []
    holes = [np.isnan(values) for values in floats]
    if not any(hole.any() for hole in holes) or all(hole.all() for hole in holes):
        return None
    usual = float_patterns(np.array([np.nan], dtype.newbyteorder("=")))[0]
    if any((values.view(np.uint64)[hole] != usual).any() for values, hole in zip(floats, holes, strict=True)):
        return None
    decimals = decimals_shown((values[~hole] for values, hole in zip(floats, holes, strict=True)), dtype)
    step = step_of(decimals or 0)
    parts = [units_of(values[~hole], step, dtype) for values, hole in zip(floats, holes, strict=True)]
    units = [part for part in parts if part is not None]
    if decimals is None or len(units) < len(parts) or max(np.abs(u).max(initial=0) for u in units) >= MOST_NUMBER:
        return None

    def pieces() -> Iterator[Labels | Closing]:
        for hole, part in zip(holes, units, strict=True):
            values = np.full(len(hole), GAP, np.int64)
            values[~hole] = part
            yield Labels("int", values, step)
        yield from (piece for piece in stream.pieces() if isinstance(piece, Closing))

    return replace(stream, origin=replace(stream.origin, gaps=("nan",)), pieces=pieces, floats=stream)


def in_kind_of(stream: Stream, alphabet: Labels) -> Stream:
    """A stream in the kind and step of a table: floats, wherever that gives back every float, and numbers of a text.

    Numbers with gaps among them are read as such for a table that needs it.

    >>> from codec.readings.values import from_values
    >>> from codec.theory.labels import labels_of
    >>> [piece.kind for piece in in_kind_of(from_values([21.5, 21.6]), labels_of([21.5])).labels()]
    ['float']
    """
    if stream.gapped is not None and (
        knows_gaps(alphabet) or (needs_numbers(alphabet) and stream.origin.kind != "array")
    ):
        stream = stream.gapped
    floats = stream.floats
    if stream.origin.spelling or stream.origin.gaps or stream.finer_rule is not None:
        return in_steps_of(stream, alphabet)
    if floats is None or alphabet.kind != "int":
        return floats or stream
    dtype = np.dtype(floats.origin.dtype)

    def pieces() -> Iterator[Labels | Closing]:
        for piece in floats.pieces():
            units = units_of(piece.values.view(np.float64), alphabet.step, dtype) if isinstance(piece, Labels) else None
            yield piece if units is None else Labels("int", units, alphabet.step)

    return replace(stream, pieces=pieces)


def knows_gaps(alphabet: Labels) -> bool:
    """Whether labels are of differences or the like, or some are those of gaps."""
    return alphabet.of is not None or (alphabet.kind == "int" and bool(gaps_in(alphabet).any()))


def needs_numbers(alphabet: Labels) -> bool:
    """Whether the tokens of a text must be known as numbers to be found among these labels, however they are spelled.

    >>> needs_numbers(Labels("int", np.array([215]), "0.1")), needs_numbers(Labels("int", np.array([215])))
    (True, False)
    """
    return knows_gaps(alphabet) or (alphabet.kind == "int" and alphabet.step != "1")
