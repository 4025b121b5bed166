"""Arrays on disk, as .npy files."""

from __future__ import annotations

import struct
import tokenize
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from codec.errors import DamagedError, StreamError
from codec.readings import stream as streams
from codec.readings.origin import Closing, Origin, dtype_name, unpack_origin
from codec.readings.stream import Stream
from codec.theory.labels import Labels, labels_of

NPY_MAGIC = b"\x93NUMPY"
# What NumPy lets through while it parses a header that is none.
_NPY_ERRORS = (ValueError, TypeError, LookupError, ArithmeticError, SyntaxError, tokenize.TokenError, RecursionError,
               MemoryError, struct.error, DamagedError)  # fmt: skip


def open_npy(file: BinaryIO, name: str) -> Stream:
    """The values of an array, in the order in which they stand in the file."""
    file.seek(0)
    try:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(file)
        origin = unpack_origin(Origin("array", dtype_name(dtype), shape, fortran).pack())
    except _NPY_ERRORS as error:
        raise StreamError(f"{name} is not an .npy file that can be read: {error}") from None
    if dtype.hasobject:
        raise StreamError(f"{name} holds Python objects, which only unpickling could read: code it with --bytes")
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
                raise StreamError(f"{name} is cut short: its header promises {count:,} values")
            yield labels_of(np.frombuffer(data, dtype))
        yield Closing(data_start + count * dtype.itemsize)

    return Stream(origin, pieces, name)
