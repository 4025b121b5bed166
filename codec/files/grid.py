"""Readings rounded to a grid, on request, and what the rounding changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.errors import StreamError
from codec.files.origin import Closing
from codec.files.streams import Stream
from codec.theory.labels import Labels, int_array


@dataclass
class Rounding:
    """What rounding to a grid did, in the last pass over the stream.

    Attributes
    ----------
    step : str
    count, changed : int
        Readings in all, and those that were not on the grid.
    greatest_change : Fraction
        The largest distance from a reading to its place on the grid.
    """

    step: str
    count: int = 0
    changed: int = 0
    greatest_change: Fraction = Fraction(0)


def parse_step(text: str) -> str:
    """A step in its one spelling; ValueError if it is no positive decimal number.

    >>> parse_step("1e-1"), parse_step("0.250"), parse_step("10")
    ('0.1', '0.25', '10')
    """
    try:
        step = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"a step is a positive decimal number, not {text!r}") from None
    if not step.is_finite() or step <= 0 or not -20 <= step.adjusted() < 20 or len(step.as_tuple().digits) > 20:
        raise ValueError(f"a step is a positive decimal number from 1e-20 to 1e20, not {text!r}")
    return format(step.normalize(), "f")


def on_grid(stream: Stream, step: str) -> tuple[Stream, Rounding]:
    """The stream with each reading rounded to the nearest multiple of `step` (ties to even).

    The labels are ints k; a reading is k * step.
    """
    report = Rounding(step)

    def pieces() -> Iterator[Labels | Closing]:
        report.count, report.changed, report.greatest_change = 0, 0, Fraction(0)
        for piece in stream.pieces():
            yield piece if isinstance(piece, Closing) else _rounded(piece, stream, report)

    return replace(stream, pieces=pieces), report


def _rounded(piece: Labels, stream: Stream, report: Rounding) -> Labels:
    step = Fraction(report.step)
    if piece.kind == "int":
        grid, changed, greatest = _round_exactly(piece.values, Fraction(piece.step) / step)
        greatest *= step
    else:
        values = piece.values.view(np.float64) if piece.kind == "float" else _numbers(piece, stream, report.count)
        bad = ~np.isfinite(values)
        if bad.any():
            place = int(bad.argmax())
            raise StreamError(
                f"{stream.name}, {stream.place(report.count + place)}: {values[place]} has no place on a grid"
            )
        nearest = np.rint(values / float(step))
        if len(nearest) and np.abs(nearest).max() >= 2.0**63:
            raise StreamError(f"{stream.name}: with a step of {report.step}, some readings are beyond 64 bits")
        grid = nearest.astype(np.int64)
        on_it = np.asarray(nearest * step.numerator / step.denominator)
        differs = on_it != values
        changed = int(differs.sum())
        greatest = Fraction(float(np.abs(on_it - values).max(initial=0.0)))
    report.count += len(piece)
    report.changed += changed
    report.greatest_change = max(report.greatest_change, greatest)
    return Labels("int", grid, report.step)


def _round_exactly(values: NDArray[Any], ratio: Fraction) -> tuple[NDArray[Any], int, Fraction]:
    """Nearest integers to values * ratio, how many are not equal to it, and the largest difference."""
    wide = values.astype(object) if _may_overflow(values, ratio) else values.astype(np.int64)
    products = wide * ratio.numerator
    below = products // ratio.denominator
    rest = products - below * ratio.denominator
    up = (2 * rest > ratio.denominator) | ((2 * rest == ratio.denominator) & (below % 2 == 1))
    distance = np.minimum(rest, ratio.denominator - rest)
    grid = below + up
    changed = int(np.count_nonzero(rest))
    greatest = Fraction(int(distance.max()), ratio.denominator) if len(values) else Fraction(0)
    return (int_array(grid.tolist()) if grid.dtype == object else grid), changed, greatest


def _may_overflow(values: NDArray[Any], ratio: Fraction) -> bool:
    largest = max(abs(int(values.max(initial=0))), abs(int(values.min(initial=0))))
    return largest * ratio.numerator >= 1 << 61 or 4 * ratio.denominator >= 1 << 61


def _numbers(piece: Labels, stream: Stream, before: int) -> NDArray[np.float64]:
    numbers = np.empty(len(piece), np.float64)
    for place, label in enumerate(piece):
        try:
            numbers[place] = float(label)
        except ValueError:
            raise StreamError(
                f"{stream.name}, {stream.place(before + place)}: {label!r} is no number, and has no place on a grid"
            ) from None
    return numbers
