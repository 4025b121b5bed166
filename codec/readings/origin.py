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
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.errors import DamagedError
from codec.theory.gaps import GAP
from codec.theory.labels import Labels, float_patterns, floats_from_patterns

_KINDS = ("array", "bytes", "text", "string", "column")
_DTYPE = re.compile(r"[<>|]([biufcSUVO][0-9]{0,9}|[mM]8(\[([1-9][0-9]{0,8})?[a-zA-Z]{1,2}\])?)")
_CLOSING = struct.Struct(">QB")
CLOSING_BYTES = _CLOSING.size
_MAX_DIMENSIONS = 64  # what NumPy allows


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
    mark : bool
        Whether a text begins with a byte order mark. It is no part of the first reading, nor of the packed origin: a
        flag of the file's header says it.
    spelling : int
        By which rule the numbers of a text are spelled, `codec.readings.spelling`; 0 for their canonical spelling. A
        flag of the header says that there is one, and its byte stands behind the packed origin.
    gaps : tuple of str
        What stands in a text where there is no number, `codec.theory.gaps`; "nan" and "masked" in an array. A flag of
        the header says that there is any; behind the packed origin and the rule stand their number, 1 byte, and for
        each its size, 1 byte, and UTF-8.
    """

    kind: str
    dtype: str = ""
    shape: tuple[int, ...] = ()
    fortran: bool = False
    crlf: bool = False
    mark: bool = False
    spelling: int = 0
    gaps: tuple[str, ...] = ()

    @property
    def line_end(self) -> bytes:
        """What ends each line of a text or column; nothing in a string."""
        return b"" if self.kind == "string" else b"\r\n" if self.crlf else b"\n"

    @property
    def is_lines(self) -> bool:
        """Whether the readings are lines of text, and not numbers that a rule spells, or with gaps."""
        return self.kind in ("text", "column") and not self.spelling and not self.gaps

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

    def unrepresentable(self, alphabet: Labels) -> NDArray[np.bool_] | None:
        """Which labels no reading from here can have, (n,); None if there are none.

        A table that is shared by several streams may well hold some.
        """
        if self.kind == "array":
            absent = unrepresentable(np.dtype(self.dtype), alphabet)
            if not self.gaps or alphabet.kind != "int":
                return absent
            beyond = np.asarray(alphabet.values >= GAP + len(self.gaps), np.bool_)
            return beyond if absent is None else beyond | absent & (alphabet.values < GAP)
        if self.kind == "bytes":
            return unrepresentable(np.dtype(np.uint8), alphabet)
        if self.kind == "string":
            return _mask([alphabet.kind != "str" or len(label) != 1 for label in alphabet])
        if self.gaps and alphabet.kind == "int":
            return _mask((alphabet.values >= GAP + len(self.gaps)).tolist())
        if self.kind == "text" and alphabet.kind in ("str", "bytes"):
            return _mask(["\n" in spelling for spelling in alphabet.spellings])
        return None


def as_utf8(text: str) -> bytes:
    """Text as UTF-8; bytes that were no UTF-8, and stand in it as surrogates, as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # surrogates that stand for no byte
        return text.encode("utf-8", "surrogatepass")


def pack_spelling(origin: Origin) -> bytes:
    """What stands behind the packed origin: the rule of spelling and the gaps, if there are any."""
    data = bytes([origin.spelling] * bool(origin.spelling))
    if origin.gaps:
        texts = [gap.encode("utf-8", "surrogateescape") for gap in origin.gaps]
        data += bytes([len(texts)]) + b"".join(bytes([len(text)]) + text for text in texts)
    return data


def unpack_spelling(data: bytes, has_rule: bool, has_gaps: bool) -> tuple[Origin, int, tuple[str, ...]]:
    """The origin, the rule and the gaps: the inverse of `Origin.pack` and `pack_spelling`."""
    origin = unpack_origin(data, allow_more=True)
    rest = data[len(origin.pack()) :]
    try:
        rule, rest = (rest[0], rest[1:]) if has_rule else (0, rest)
        gaps = []
        if has_gaps:
            count, rest = rest[0], rest[1:]
            for _ in range(count):
                gaps.append(rest[1 : 1 + rest[0]].decode("utf-8", "surrogateescape"))
                rest = rest[1 + rest[0] :]
    except IndexError:
        raise DamagedError("the header's note of spelling and gaps is cut short") from None
    if rest or pack_spelling(Origin(origin.kind, spelling=rule, gaps=tuple(gaps))) != data[len(origin.pack()) :]:
        raise DamagedError("the header's note of spelling and gaps is not well-formed")
    return origin, rule, tuple(gaps)


def unpack_origin(data: bytes, allow_more: bool = False) -> Origin:
    """The inverse of `Origin.pack`; DamagedError for anything else."""
    try:
        origin = _unpack(data)
    except (struct.error, IndexError, UnicodeDecodeError):
        raise DamagedError("the header's note of where the readings came from is cut short") from None
    if (data[: len(origin.pack())] if allow_more else data) != origin.pack():
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
    if not nameable(name):
        raise DamagedError(f"the readings came from an array of unknown type, {name!r}")
    size = np.dtype(name).itemsize * math.prod(max(length, 1) for length in shape)
    if dimensions > _MAX_DIMENSIONS or size >= 1 << 63:
        raise DamagedError(f"the readings came from an array of an impossible shape, of {dimensions} dimensions")
    return Origin(kind, name, shape, bool(fortran))


def nameable(name: str) -> bool:
    """Whether this is the full name of a type whose values are readings, as `dtype.str` gives it."""
    if not _DTYPE.fullmatch(name):
        return False
    try:
        dtype = np.dtype(name)
    except (TypeError, ValueError):
        return False
    return dtype.str == name and dtype.itemsize > 0


def dtype_name(dtype: np.dtype[Any]) -> str:
    """The full name of a type whose values are readings; TypeError for any other type."""
    if dtype.names is not None or dtype.subdtype is not None:
        raise TypeError(f"an array of records ({dtype}) is no stream of readings: take one field of it")
    if not nameable(dtype.str) or np.dtype(dtype.str) != dtype:
        raise TypeError(f"an array of {dtype} is no stream of readings: convert it with astype")
    return dtype.str


def unrepresentable(dtype: np.dtype[Any], alphabet: Labels) -> NDArray[np.bool_] | None:
    """Which labels no value of this type can have, (n,); None if there are none.

    >>> unrepresentable(np.dtype(np.uint8), Labels("int", np.array([-1, 0, 255, 256]))).tolist()
    [True, False, False, True]
    """
    fits = {"int": "biumMOf", "float": "fO", "str": "UO", "bytes": "ScVfO"}.get(alphabet.kind, "")
    on_grid = alphabet.kind == "int" and alphabet.step != "1"  # k * step; floats on the grid of 1 are ints
    as_bytes = dtype.kind == "f" and dtype.itemsize > 8
    if dtype.kind not in ("iuf" if on_grid else fits) or (dtype.kind == "f" and (alphabet.kind == "bytes") != as_bytes):
        return np.ones(len(alphabet), np.bool_)
    if alphabet.kind == "float" and dtype.kind == "f":
        narrow = floats_from_patterns(alphabet.values, dtype.newbyteorder("="))
        lossy = np.asarray(float_patterns(narrow) != alphabet.values)
        return lossy if lossy.any() else None
    size = dtype.itemsize
    if alphabet.kind == "int" and dtype.kind in "biumM":
        limits = np.iinfo(dtype if dtype.kind in "iu" else np.int64)
        low, high = (0, 1) if dtype.kind == "b" else (limits.min, limits.max)
        step = Fraction(alphabet.step) if on_grid else 1
        whole = step.denominator == 1
        ends = (int(alphabet.values.min()), int(alphabet.values.max())) if len(alphabet) else (0, 0)
        if whole and low <= ends[0] * step and ends[1] * step <= high:
            return None
        values = alphabet.values.tolist()
        return _mask([not low <= value * step <= high or (value * step).denominator > 1 for value in values])
    values = alphabet.values.tolist()
    if alphabet.kind == "bytes" and dtype.kind in "cVf":
        return _mask([len(value) != size for value in values])
    if dtype.kind == "S":
        return _mask([len(value) > size or value.endswith(b"\0") for value in values])
    if dtype.kind == "U":
        return _mask([4 * len(value) > size or value.endswith("\0") for value in values])
    return None


def _mask(marks: list[bool]) -> NDArray[np.bool_] | None:
    return np.array(marks) if any(marks) else None


def count_of(origin: Origin) -> int | None:
    """How many readings an array of this origin has; None if it is not an array."""
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
