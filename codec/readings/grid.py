"""Readings rounded to a grid, on request, and what the rounding changed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.errors import StreamError, option
from codec.readings.origin import Closing, unrepresentable
from codec.readings.restore import label_values
from codec.readings.stream import Stream
from codec.theory.labels import Labels, int_array, objects

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_BYTE_ORDER_MARK = "\ufeff"  # at the front of a text, where it is part of the first token
_MAX_DIGITS = 400  # before or behind the point; floats have at most 324


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

    The labels are ints k; a reading is k * step. Floats are read as a person reads them, by their shortest
    decimal spelling, so that 0.35 is as far from 0.3 as from 0.4 whether it stands in a text or in an array.

    Raises
    ------
    StreamError
        If the stream is an array whose type cannot hold numbers, or not the multiples of the step.
    """
    if stream.origin.kind == "array":
        stream = stream.floats or stream
    else:
        origin = replace(stream.origin, spelling=0)  # rounded, they have as many decimals each
        stream = replace(stream, origin=origin, floats=None, gapped=None, finer_rule=None)
    if stream.origin.kind == "array":
        _check_type(np.dtype(stream.origin.dtype), stream, Fraction(step))
    report = Rounding(step)

    def pieces() -> Iterator[Labels | Closing]:
        report.count, report.changed, report.greatest_change = 0, 0, Fraction(0)
        for piece in stream.pieces():
            yield piece if isinstance(piece, Closing) else _rounded(piece, stream, report)

    return replace(stream, pieces=pieces), report


def _check_type(dtype: np.dtype[Any], stream: Stream, step: Fraction) -> None:
    if stream.origin.gaps:
        raise StreamError(f"{stream.name} has gaps, which have no place on a grid: round its numbers beforehand")
    if dtype.kind not in "iuf" or dtype.itemsize > 8:
        raise StreamError(f"{stream.name} holds values of type {dtype}, and {option('--step')} rounds ints and floats")
    if dtype.kind in "iu" and step.numerator != 1 != step.denominator:
        raise StreamError(
            f"{stream.name} holds ints, and not all multiples of the step {float(step):g} are ints: "
            "give a whole step, or one that divides 1"
        )


def _rounded(piece: Labels, stream: Stream, report: Rounding) -> Labels:
    step = Fraction(report.step)
    if piece.kind == "float":
        grid, changed, greatest = _round_floats(piece, stream, report)
    elif piece.kind == "int":
        grid, changed, greatest = _round_exactly(piece.values, Fraction(piece.step), step)
    else:
        grid, changed, greatest = _round_exactly(*_scaled(piece, stream, report), step)
    report.count += len(piece)
    report.changed += changed
    report.greatest_change = max(report.greatest_change, greatest)
    try:
        labels = Labels("int", int_array(grid.tolist()) if grid.dtype == object else grid, report.step)
    except ValueError:
        furthest = max(range(len(grid)), key=lambda place: abs(grid[place]))
        raise _too_far(stream, report.count - len(piece) + furthest, report.step) from None
    if stream.origin.kind == "array" and len(labels):
        dtype, ends = np.dtype(stream.origin.dtype), [int(labels.values.argmin()), int(labels.values.argmax())]
        extremes = labels.take(np.array(ends))
        if unrepresentable(dtype, extremes) is not None or not np.isfinite(label_values(extremes, dtype)).all():
            raise StreamError(
                f"{stream.name}: rounded to the step of {report.step}, some readings do not fit the type {dtype}"
            )
    return labels


def _too_far(stream: Stream, position: int, step: str) -> StreamError:
    return StreamError(
        f"{stream.name}, {stream.place(position)}: with a step of {step}, this reading is beyond 64 bits: "
        "give a greater step"
    )


def _round_exactly(values: NDArray[Any], scale: Fraction, step: Fraction) -> tuple[NDArray[Any], int, Fraction]:
    """The multiples of `step` nearest to values * scale, how many are not equal to it, and the largest difference."""
    ratio = scale / step
    times, parts = ratio.numerator, ratio.denominator
    largest = max(int(values.max(initial=0)), -int(values.min(initial=0)))
    wide = largest * times >= 1 << 61 or 4 * parts >= 1 << 61
    products = values.astype(object if wide else np.int64) * times
    grid = (2 * products + parts) // (2 * parts)  # ties go up
    grid = grid - ((2 * products + parts == grid * 2 * parts) & (grid % 2 == 1))  # and ties to odd ones down again
    distance = np.abs(products - grid * parts)
    return grid, int(np.count_nonzero(distance)), Fraction(int(distance.max(initial=0)), parts) * step


def _round_floats(piece: Labels, stream: Stream, report: Rounding) -> tuple[NDArray[Any], int, Fraction]:
    step = Fraction(report.step)
    dtype = np.dtype(stream.origin.dtype).newbyteorder("=") if stream.origin.kind == "array" else np.dtype(np.float64)
    values = piece.values.view(np.float64)
    bad = ~np.isfinite(values)
    if bad.any():
        place = int(bad.argmax())
        raise _no_place(stream, report.count + place, values[place])
    with np.errstate(over="ignore"):
        quotients = values / float(step)
    if np.abs(quotients).max(initial=0) >= 2.0**62:
        raise _too_far(stream, report.count + int(np.abs(quotients).argmax()), report.step)
    grid = np.rint(quotients).astype(np.int64)
    # A division is exact to a few units in the last place: only readings so close to a tie need more.
    doubt = np.abs(quotients - np.floor(quotients) - 0.5) <= 4 * np.finfo(dtype).eps * np.abs(quotients)
    close, group = np.unique(values[doubt], return_inverse=True)
    grid[doubt] = np.array([round(_exact(value, dtype) / step) for value in close.tolist()], np.int64)[group]
    places, group = np.unique(grid, return_inverse=True)
    with np.errstate(over="ignore"):
        rounded = np.array([float(k * step) for k in places.tolist()]).astype(dtype)[group]
    differs = rounded != values.astype(dtype)
    if not differs.any():
        return grid, 0, Fraction(0)
    furthest = int(np.where(differs, np.abs(rounded - values), -1.0).argmax())
    return grid, int(differs.sum()), abs(_exact(values[furthest], dtype) - int(grid[furthest]) * step)


def _exact(value: float, dtype: np.dtype[Any]) -> Fraction:
    """A float as a person reads it."""
    return Fraction(str(dtype.type(value)))


def _scaled(piece: Labels, stream: Stream, report: Rounding) -> tuple[NDArray[Any], Fraction]:
    """Tokens of text, in any spelling of a decimal number, as whole multiples of a fraction, and that fraction."""
    known: dict[Any, Fraction] = {}
    for place, token in enumerate(piece):
        if token not in known:
            number = _number(token)
            if number is None:
                raise _no_place(stream, report.count + place, token)
            known[token] = number
    common = math.lcm(*(number.denominator for number in known.values()))
    scaled = {token: int(number * common) for token, number in known.items()}
    return objects([scaled[token] for token in piece]), Fraction(1, common)


def _number(token: str) -> Fraction | None:
    """A decimal number; None if it is none, or too far from 1 to be a reading."""
    token = token.strip().removeprefix(_BYTE_ORDER_MARK)
    if not _NUMBER.fullmatch(token):
        return None
    try:
        number = Decimal(token)
    except InvalidOperation:  # an exponent beyond all bounds
        return None
    return Fraction(number) if not number or abs(number.adjusted()) <= _MAX_DIGITS else None


def _no_place(stream: Stream, position: int, reading: Any) -> StreamError:
    shown = reading if not isinstance(reading, str) else repr(reading) if reading else "an empty reading"
    wanted = "numbers, with a point before their decimals" if "," in str(reading) else "numbers"
    return StreamError(
        f"{stream.name}, {stream.place(position)}: {shown} has no place on a grid: {option('--step')} needs {wanted}"
    )
