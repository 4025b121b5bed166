"""Readings in memory: arrays, lists, Series, bytes, strings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from codec.readings.floats import as_decimals
from codec.readings.masked import from_masked
from codec.readings.origin import Closing, Origin, as_utf8, dtype_name
from codec.readings.stream import Stream
from codec.theory.foreign import array_of
from codec.theory.labels import Labels, labels_of

PIECE = 1 << 18  # floats at a time


def from_values(values: Any, decimals: bool = True) -> Stream:
    """A stream in memory: an array, a list, a pandas Series, bytes or a string.

    Gaps of a masked array or of nullable numbers are read as `codec.readings.masked` says, floats as the decimals that
    they show, unless `decimals` is false: see `codec.readings.floats.as_decimals`.

    >>> stream = from_values([100, 105, 105])
    >>> stream.origin.dtype, [list(piece) for piece in stream.labels()]
    ('<i8', [[100, 105, 105]])
    >>> from_values([True, False]).origin.dtype
    '|b1'
    """
    if isinstance(values, (bytes, bytearray, memoryview)):
        return _in_memory(labels_of(values), Origin("bytes"), len(bytes(values)))
    if isinstance(values, str):
        return _in_memory(labels_of(values), Origin("string"), len(as_utf8(values)))
    if isinstance(values, (list, tuple)) and values and all(isinstance(value, (bool, np.bool_)) for value in values):
        values = np.array(values)
    array = array_of(values)
    if array is None:
        labels = labels_of(values)
        if labels.kind == "tuple":
            raise TypeError("blocks of labels are no stream of readings: code the readings themselves")
        is_float = labels.kind == "float" or labels.step != "1"
        dtype = np.dtype(np.float64) if is_float else labels.values.dtype
        origin = Origin("array", dtype.str, (len(labels),))
        return _in_memory(labels, origin, dtype.itemsize * len(labels), decimals)
    if not np.ma.is_masked(array):
        array = np.asarray(array)
    fortran = array.ndim > 1 and array.flags.f_contiguous and not array.flags.c_contiguous
    flat = array.reshape(-1, order="F" if fortran else "C")
    origin = Origin("array", dtype_name(array.dtype), array.shape, bool(fortran))
    if isinstance(flat, np.ma.MaskedArray):
        return from_masked(flat, origin)
    return _in_memory(labels_of(flat), origin, array.nbytes, decimals)


def _in_memory(labels: Labels, origin: Origin, size: int, decimals: bool = False) -> Stream:
    def pieces() -> Iterator[Labels | Closing]:
        if labels.kind != "float":
            yield labels
        else:
            for start in range(0, len(labels) or 1, PIECE):
                yield Labels("float", labels.values[start : start + PIECE])
        yield Closing(size)

    stream = Stream(origin, pieces, in_memory=True)
    return as_decimals(stream) if decimals else stream
