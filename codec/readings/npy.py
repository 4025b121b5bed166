"""Arrays on disk, as .npy files."""

from __future__ import annotations

import struct
import tokenize
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from codec.errors import DamagedError, StreamError, counted, option
from codec.readings import stream as streams
from codec.readings.floats import as_decimals
from codec.readings.origin import Closing, Origin, dtype_name, unpack_origin
from codec.readings.stream import Stream
from codec.theory.labels import Labels, labels_of

NPY_MAGIC = b"\x93NUMPY"
# What NumPy may raise while it parses a damaged header.
_NPY_ERRORS = (ValueError, TypeError, LookupError, ArithmeticError, SyntaxError, tokenize.TokenError, RecursionError,
               MemoryError, struct.error, DamagedError)  # fmt: skip


def open_npy(file: BinaryIO, name: str, decimals: bool = True) -> Stream:
    """The values of an array, in the order in which they stand in the file; floats as decimals, as in `from_values`."""
    file.seek(0)
    try:
        version = np.lib.format.read_magic(file)
        if version not in ((1, 0), (2, 0), (3, 0)):
            raise ValueError(f"its version is {version[0]}.{version[1]}, and 1.0, 2.0 and 3.0 are known")
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(file)
        origin = unpack_origin(Origin("array", dtype_name(dtype), shape, fortran).pack())
    except _NPY_ERRORS as error:
        raise StreamError(f"{name} is not an .npy file that can be read: {error}") from None
    if dtype.hasobject:
        raise StreamError(
            f"{name} holds Python objects, which only unpickling could read: code it with {option('--bytes')}"
        )
    data_start = file.tell()
    count = int(np.prod(shape, dtype=object)) if shape else 1
    per_piece = max(1, streams.PIECE_BYTES // max(1, dtype.itemsize))

    def pieces() -> Iterator[Labels | Closing]:
        file.seek(data_start)
        if not count:
            yield labels_of(np.empty(0, dtype))
        for start in range(0, count, per_piece):
            wanted = min(per_piece, count - start) * dtype.itemsize
            data = file.read(wanted)
            if len(data) < wanted:
                raise StreamError(f"{name} is cut short: its header promises {counted(count, 'value')}")
            yield _labels(np.frombuffer(data, dtype), name)
        if file.read(1):
            raise StreamError(
                f"{name} has bytes behind its array, which would be lost: code it with {option('--bytes')}"
            )
        yield Closing(data_start + count * dtype.itemsize)

    stream = Stream(origin, pieces, name)
    if version != (1, 0):
        stream.note(f"{name} has a header of version {version[0]}, and comes back with one of version 1")
    return as_decimals(stream) if decimals else stream


def _labels(values: NDArray[Any], name: str) -> Labels:
    try:
        return labels_of(values)
    except ValueError as error:
        raise StreamError(f"{name}: {error}: code it with {option('--bytes')}") from None
