"""Masked arrays: numbers with gaps among them, which come back as a masked array."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.errors import StreamError
from codec.readings.origin import Closing, Origin
from codec.readings.stream import Stream
from codec.theory.floats import decimals_shown, step_of, units_of
from codec.theory.gaps import GAP, MASKED, MOST_NUMBER, NAN
from codec.theory.labels import Labels


def from_masked(array: np.ma.MaskedArray[Any, Any], origin: Origin) -> Stream:
    """A stream of the numbers of a masked array, (n,), and of its gaps; NaNs that are not masked are gaps too.

    Raises
    ------
    TypeError
        If its values are neither ints nor floats.
    StreamError
        If all of it is masked, if its floats do not show decimals, or if a number is 2^30 units or more.

    Examples
    --------
    >>> stream = from_masked(np.ma.array([2.5, 0, 3.5], mask=[0, 1, 0]), Origin("array", "<f8", (3,)))
    >>> [piece.values.tolist() for piece in stream.labels()]
    [[25, 2147483648, 35]]
    """
    values, is_number = np.asarray(array), ~np.ma.getmaskarray(array)
    dtype, size, step = values.dtype, values.nbytes, "1"
    if dtype.kind not in "iuf" or dtype.itemsize > 8:
        raise TypeError(f"a masked array of {dtype} has no readings where it is masked: fill or compress it")
    labels = np.full(len(values), GAP, np.int64)
    kinds: tuple[str, ...] = (MASKED,)
    units: NDArray[Any] | None = values[is_number]
    if dtype.kind == "f":
        nan = is_number & np.isnan(values)
        if nan.any():
            labels[nan], kinds = GAP + 1, (MASKED, NAN)
            is_number &= ~nan
        floats = values[is_number].astype(np.float64)
        step = step_of(decimals_shown([floats], dtype) or 0)
        units = units_of(floats, step, dtype)
    if units is None:
        why = "and numbers with gaps are ints, or floats that show decimals: fill the gaps with NaN"
        raise StreamError(f"some floats of the masked array show no decimals, {why}")
    if len(units) and max(int(units.max()), -int(units.min())) >= MOST_NUMBER:
        raise StreamError(f"a number beside gaps is less than 2^30 times {step}: fill or compress the array")
    if not len(units):
        raise StreamError("the masked array holds no number at all, and so there is nothing to code")
    labels[is_number] = units

    def pieces() -> Iterator[Labels | Closing]:
        yield Labels("int", labels, step)
        yield Closing(size)

    return Stream(Origin("array", origin.dtype, origin.shape, origin.fortran, gaps=kinds), pieces, in_memory=True)
