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
from codec.theory.gaps import GAP, MOST_NUMBER, NAN, gaps_of
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
    try:
        step = _step_beside_gaps(stream, dtype)
    except StreamError:  # which the first pass will raise
        return None
    if step is None:
        return None

    def pieces() -> Iterator[Labels | Closing]:
        for piece in stream.pieces():
            if isinstance(piece, Labels):
                floats = piece.values.view(np.float64)
                numbers = ~np.isnan(floats)
                units = units_of(floats[numbers], step, dtype)
                if units is None:
                    raise StreamError(f"{stream.name} was changed while it was read: try again, or take a copy of it")
                values = np.full(len(floats), GAP, np.int64)
                values[numbers] = units
                piece = Labels("int", values, step)
            yield piece

    return replace(stream, origin=replace(stream.origin, gaps=(NAN,)), pieces=pieces, floats=stream)


def _step_beside_gaps(stream: Stream, dtype: np.dtype[Any]) -> str | None:
    """The step of the decimals that floats show, some being NaN of the usual bits; None if they are no such floats."""
    usual = float_patterns(np.array([np.nan], dtype.newbyteorder("=")))[0]
    if not any(np.isnan(piece.values.view(np.float64).max(initial=-np.inf)) for piece in stream.labels()):
        return None
    holes, greatest = 0, 0.0
    for piece in stream.labels():
        floats = piece.values.view(np.float64)
        hole = np.isnan(floats)
        if (piece.values[hole] != usual).any():
            return None
        holes += int(hole.sum())
        greatest = max(greatest, float(np.abs(floats[~hole]).max(initial=0)))
    if not holes:
        return None
    stretches = (floats[~np.isnan(floats)] for floats in (piece.values.view(np.float64) for piece in stream.labels()))
    decimals = decimals_shown(stretches, dtype)
    return None if decimals is None or round(greatest * 10**decimals) >= MOST_NUMBER else step_of(decimals)


def in_kind_of(stream: Stream, alphabet: Labels) -> Stream:
    """A stream in the kind and step of a table: floats, wherever that gives back every float, and numbers of a text.

    Numbers with gaps among them are read as such for a table that needs it.

    >>> from codec.readings.values import from_values
    >>> from codec.theory.labels import labels_of
    >>> [piece.kind for piece in in_kind_of(from_values([21.5, 21.6]), labels_of([21.5])).labels()]
    ['float']
    """
    if stream.gapped is not None and _with_its_gaps(stream, stream.gapped, alphabet):
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


def _with_its_gaps(stream: Stream, gapped: Stream, alphabet: Labels) -> bool:
    """Whether a stream is known as numbers with gaps; as words, if all numbers are spelled as the table does."""
    if knows_gaps(alphabet) or stream.origin.kind == "array" or not needs_numbers(alphabet):
        return knows_gaps(alphabet)
    return bool(gapped.origin.spelling) or next(gapped.labels()).step != alphabet.step


def knows_gaps(alphabet: Labels) -> bool:
    """Whether labels are of differences or the like, or some are those of gaps."""
    return alphabet.of is not None or bool(gaps_of(alphabet).any())


def needs_numbers(alphabet: Labels) -> bool:
    """Whether the tokens of a text must be known as numbers to be found among these labels, however they are spelled.

    >>> needs_numbers(Labels("int", np.array([215]), "0.1")), needs_numbers(Labels("int", np.array([215])))
    (True, False)
    """
    return knows_gaps(alphabet) or (alphabet.kind == "int" and alphabet.step != "1")
