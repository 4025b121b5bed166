"""What readings came from: enough to give them back exactly as they were. Opaque to the container.

    kind        1 byte: 0 array, 1 bytes, 2 text, 3 string, 4 column
    array       size of the dtype's name, 1 byte, and the name; order, 1 byte: 0 C, 1 Fortran;
                number of dimensions, 1 byte; each dimension, 8 bytes
    text        line ends, 1 byte: 0 LF, 1 CRLF

and at the end of a file, its closing: bytes of the original, 8 bytes; whether its last line is ended, 1 byte.
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from codec.errors import DamagedError
from codec.theory.labels import Labels

_KINDS = ("array", "bytes", "text", "string", "column")
_DTYPE = re.compile(r"[<>|]([biufcSUVO][0-9]{0,9}|[mM]8(\[[0-9]{0,9}[a-zA-Z]{1,2}\])?)")
_CLOSING = struct.Struct(">QB")


@dataclass(frozen=True)
class Origin:
    """What readings came from.

    Attributes
    ----------
    kind : str
        "array", "bytes", "text" (one reading a line), "string" or "column" (of a CSV file).
    dtype, shape, fortran
        Of an array.
    crlf : bool
        Whether the lines of a text end with CR LF.
    """

    kind: str
    dtype: str = ""
    shape: tuple[int, ...] = ()
    fortran: bool = False
    crlf: bool = False

    @property
    def line_end(self) -> bytes:
        """What ends each line of the text."""
        return b"\r\n" if self.crlf else b"\n"

    @property
    def is_lines(self) -> bool:
        """Whether the readings are lines of text."""
        return self.kind in ("text", "column")

    def pack(self) -> bytes:
        """The origin as bytes."""
        data = struct.pack(">B", _KINDS.index(self.kind))
        if self.kind == "array":
            name = self.dtype.encode("ascii")
            dimensions = struct.pack(f">BB{len(self.shape)}Q", self.fortran, len(self.shape), *self.shape)
            data += struct.pack(">B", len(name)) + name + dimensions
        elif self.kind == "text":
            data += struct.pack(">B", self.crlf)
        return data

    def check(self, alphabet: Labels) -> None:
        """Raise DamagedError if no reading of these labels can have come from here."""
        if self.kind == "array":
            _check_dtype(np.dtype(self.dtype), alphabet)
        elif self.kind == "bytes":
            _check_dtype(np.dtype(np.uint8), alphabet)
        elif self.kind == "string" and (alphabet.kind != "str" or any(len(c) != 1 for c in alphabet)):
            raise DamagedError("the file says it holds a string, and its labels are not characters")


def unpack_origin(data: bytes) -> Origin:
    """The inverse of `Origin.pack`; DamagedError for anything else."""
    try:
        origin = _unpack(data)
    except (struct.error, IndexError, UnicodeDecodeError):
        raise DamagedError("the header's note of where the readings came from is cut short") from None
    if origin.pack() != data:
        raise DamagedError("the header's note of where the readings came from is not well-formed")
    return origin


def _unpack(data: bytes) -> Origin:
    if data[0] >= len(_KINDS):
        raise DamagedError(f"the readings came from an unknown kind of place, {data[0]}")
    kind = _KINDS[data[0]]
    if kind == "text":
        return Origin(kind, crlf=bool(data[1]))
    if kind != "array":
        return Origin(kind)
    end = 2 + data[1]
    name = data[2:end].decode("ascii")
    fortran, dimensions = struct.unpack_from(">BB", data, end)
    shape = struct.unpack_from(f">{dimensions}Q", data, end + 2)
    if not _DTYPE.fullmatch(name) or len(shape) > 32:
        raise DamagedError(f"the readings came from an array of unknown type, {name!r}")
    try:
        np.dtype(name)
    except (TypeError, ValueError):
        raise DamagedError(f"the readings came from an array of unknown type, {name!r}") from None
    return Origin(kind, name, shape, bool(fortran))


def _check_dtype(dtype: np.dtype[Any], alphabet: Labels) -> None:
    fits = {"int": "biumMO", "float": "fO", "str": "UO", "bytes": "ScVfO"}.get(alphabet.kind, "")
    quantised = alphabet.kind == "int" and alphabet.step != "1" and dtype.kind in "fiu"  # k * step
    too_wide = alphabet.kind == "float" and dtype.kind == "f" and dtype.itemsize > 8
    if not quantised and (dtype.kind not in fits or too_wide):
        raise DamagedError(f"labels of kind {alphabet.kind} cannot have come from an array of {dtype}")
    values = alphabet.values
    if alphabet.kind == "int" and alphabet.step == "1" and dtype.kind in "biu" and len(values):
        limits = np.iinfo(np.uint8 if dtype.kind == "b" else dtype)
        highest = 1 if dtype.kind == "b" else limits.max
        if int(values.min()) < limits.min or int(values.max()) > highest:
            raise DamagedError(f"some labels do not fit into an array of {dtype}")
    if alphabet.kind == "bytes" and dtype.kind in "cVf" and any(len(v) != dtype.itemsize for v in values):
        raise DamagedError(f"some labels are not of the size of {dtype}")
    if dtype.kind == "S" and any(len(v) > dtype.itemsize or v.endswith(b"\0") for v in values):
        raise DamagedError(f"some labels do not fit into an array of {dtype}")
    if dtype.kind == "U" and any(4 * len(v) > dtype.itemsize or v.endswith("\0") for v in values):
        raise DamagedError(f"some labels do not fit into an array of {dtype}")


def count_of(origin: Origin) -> int | None:
    """How many readings an array of this origin has; None where the origin does not tell."""
    return math.prod(origin.shape) if origin.kind == "array" else None


@dataclass(frozen=True)
class Closing:
    """What is known at the end: the size of the original in bytes, and whether its last line is ended."""

    original_bytes: int
    last_line_ended: bool = True

    def pack(self) -> bytes:
        """The closing as bytes."""
        return _CLOSING.pack(self.original_bytes, self.last_line_ended)


def unpack_closing(data: bytes) -> Closing:
    """The inverse of `Closing.pack`; DamagedError for anything else."""
    if len(data) != _CLOSING.size or data[-1] > 1:
        raise DamagedError("the end's note of the original is not well-formed")
    size, ended = _CLOSING.unpack(data)
    return Closing(size, bool(ended))
