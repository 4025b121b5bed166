"""Readings in: arrays, lists, bytes; and files of text, a CSV column, .npy, raw bytes.

A stream can be gone through again: first to count its readings, then to code them. It comes in pieces of a few
megabytes, so that a file may be larger than memory.
"""

from __future__ import annotations

import re
import struct
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from codec.errors import DamagedError, StreamError
from codec.readings.csv import column_cells
from codec.readings.front import opened
from codec.readings.lines import line_spans, parse_fixed, whole_lines
from codec.readings.origin import Closing, Origin, as_utf8, nameable, unpack_origin
from codec.theory.alphabet import MAX_SYMBOLS, merge_tallies, tally
from codec.theory.labels import Labels, array_of_series, labels_of, objects

PIECE_BYTES = 1 << 22
MAX_DECIMALS = 20  # of a step that a table can hold
_NPY_MAGIC = b"\x93NUMPY"
# What NumPy lets through while it parses a header that is none.
_NPY_ERRORS = (ValueError, TypeError, LookupError, ArithmeticError, SyntaxError, tokenize.TokenError, RecursionError,
               MemoryError, struct.error, DamagedError)  # fmt: skip
_INT_TOKEN = re.compile(rb"0|-?[1-9][0-9]{0,19}")


@dataclass(frozen=True, eq=False)
class Stream:
    """Readings that can be gone through more than once.

    Attributes
    ----------
    origin : Origin
    pieces : function
        Starts over, and yields the readings as Labels, stretch by stretch; at the end it returns the Closing.
    name : str
        For messages.
    in_memory : bool
        Whether it is certain to be the same each time.
    """

    origin: Origin
    pieces: Callable[[], Iterator[Labels | Closing]]
    name: str = "the stream"
    in_memory: bool = False

    def labels(self) -> Iterator[Labels]:
        """The readings alone, stretch by stretch."""
        return (piece for piece in self.pieces() if isinstance(piece, Labels))

    def place(self, position: int) -> str:
        """How a user finds the reading at this position, counted from 0."""
        word = {"text": "line", "column": "row"}.get(self.origin.kind)
        return f"{word} {position + 1}" if word else f"position {position}"


def tally_stream(stream: Stream) -> tuple[Labels, NDArray[np.int64]]:
    """The distinct readings, sorted, and how often each occurs.

    Raises
    ------
    StreamError
        If there are more than 65,536 different ones.
    """
    parts: list[tuple[Labels, NDArray[np.int64]]] = []
    held = 0
    for piece in stream.labels():
        parts.append(tally(piece))
        held += len(parts[-1][0])
        if held > 4 * MAX_SYMBOLS:
            parts = [_merge(parts)]
            held = len(parts[0][0])
            if held > 16 * MAX_SYMBOLS:
                raise _too_many(stream, f"more than {held:,}")
    alphabet, counts = _merge(parts)
    if len(alphabet) > MAX_SYMBOLS:
        raise _too_many(stream, f"{len(alphabet):,}")
    return alphabet, counts


def _too_many(stream: Stream, number: str) -> StreamError:
    return StreamError(
        f"{stream.name} has {number} different readings, and a code has at most {MAX_SYMBOLS:,}: "
        "round them to a grid with --step, or code the file with --bytes"
    )


def _merge(parts: list[tuple[Labels, NDArray[np.int64]]]) -> tuple[Labels, NDArray[np.int64]]:
    kinds = {(labels.kind, labels.step) for labels, _ in parts if len(labels)}
    ints = [labels.values for labels, _ in parts if labels.kind == "int" and len(labels)]
    too_wide = any(int(v.max()) >= 1 << 63 for v in ints) and any(int(v.min()) < 0 for v in ints)
    if len(kinds) > 1 or too_wide:
        parts = [(Labels("str", objects(labels.spellings)), counts) for labels, counts in parts]
    return merge_tallies(parts)


def from_values(values: Any) -> Stream:
    """A stream in memory: an array, a list, a pandas Series, bytes or a string.

    >>> stream = from_values([100, 105, 105])
    >>> stream.origin.dtype, [list(piece) for piece in stream.labels()]
    ('<i8', [[100, 105, 105]])
    """
    if isinstance(values, (bytes, bytearray, memoryview)):
        return _in_memory(labels_of(values), Origin("bytes"), len(bytes(values)))
    if isinstance(values, str):
        return _in_memory(labels_of(values), Origin("string"), len(as_utf8(values)))
    array = values if isinstance(values, np.ndarray) else array_of_series(values)
    if not isinstance(array, np.ndarray):
        labels = labels_of(values)
        if labels.kind == "tuple":
            raise TypeError("blocks of labels are no stream of readings: code the readings themselves")
        is_float = labels.kind == "float" or labels.step != "1"
        dtype = np.dtype(np.float64) if is_float else labels.values.dtype
        return _in_memory(labels, Origin("array", dtype.str, (len(labels),)), dtype.itemsize * len(labels))
    if type(array) is not np.ndarray:
        if isinstance(array, np.ma.MaskedArray):
            raise TypeError("a masked array has no readings where it is masked: fill or compress it")
        array = np.asarray(array)
    fortran = array.ndim > 1 and array.flags.f_contiguous and not array.flags.c_contiguous
    flat = array.reshape(-1, order="F" if fortran else "C")
    origin = Origin("array", _dtype_name(array.dtype), array.shape, bool(fortran))
    return _in_memory(labels_of(flat), origin, array.nbytes)


def _in_memory(labels: Labels, origin: Origin, size: int) -> Stream:
    return Stream(origin, lambda: iter([labels, Closing(size)]), in_memory=True)


def _dtype_name(dtype: np.dtype[Any]) -> str:
    if dtype.names is not None or dtype.subdtype is not None:
        raise TypeError(f"an array of records ({dtype}) is no stream of readings: take one field of it")
    if not nameable(dtype.str) or np.dtype(dtype.str) != dtype:
        raise TypeError(f"an array of {dtype} is no stream of readings: convert it with astype")
    return dtype.str


def open_stream(file: BinaryIO, name: str, column: str | None = None, raw: bool = False) -> Stream:
    """A stream from a file.

    Parameters
    ----------
    file : binary file
        If it is a pipe, the stream can be gone through once only, and it is no .npy file.
    name : str
        Of the file, for messages.
    column : str, optional
        Read this column of a CSV file, whose cells are separated by commas, semicolons or tabs.
    raw : bool
        Read single bytes. Otherwise a gzip file is read as what it holds, a .npy file is known by its first
        bytes, and all else is text, one reading a line.
    """
    stream = _opened_as(file, name, column, raw)
    return stream if file.seekable() else _once(stream)


def _once(stream: Stream) -> Stream:
    """The same stream, which cannot be gone through again."""
    begun = False

    def pieces() -> Iterator[Labels | Closing]:
        nonlocal begun
        if begun:
            raise StreamError(f"{stream.name} is a pipe, and was read already: give a table, or a file")
        begun = True
        return stream.pieces()

    return replace(stream, pieces=pieces)


def _opened_as(file: BinaryIO, name: str, column: str | None, raw: bool) -> Stream:
    if raw:
        return Stream(Origin("bytes"), lambda: _byte_pieces(file), name)
    file = opened(file, name)
    if column is not None:
        return Stream(Origin("column"), lambda: _column_pieces(file, name, column), name)
    if not file.seekable():
        return _text_from_pipe(file, name)
    file.seek(0)
    if file.read(len(_NPY_MAGIC)) == _NPY_MAGIC:
        return _open_npy(file, name)
    crlf = _all_lines_end_with_crlf(file)
    origin = Origin("text", crlf=crlf)
    return Stream(origin, lambda: _text_pieces(_from_start(file), origin.line_end, name), name)


def _text_from_pipe(file: BinaryIO, name: str) -> Stream:
    """Text that can be read once only; the first line tells how lines end."""
    start = file.readline()
    origin = Origin("text", crlf=start.endswith(b"\r\n"))

    def all_of_it() -> Iterator[bytes]:
        yield start
        yield from iter(lambda: file.read(PIECE_BYTES), b"")

    return Stream(origin, lambda: _text_pieces(all_of_it(), origin.line_end, name), name)


def _from_start(file: BinaryIO) -> Iterator[bytes]:
    if file.seekable():
        file.seek(0)
    return iter(lambda: file.read(PIECE_BYTES), b"")


def _byte_pieces(file: BinaryIO) -> Iterator[Labels | Closing]:
    size = 0
    for piece in _from_start(file):
        size += len(piece)
        yield Labels("int", np.frombuffer(piece, np.uint8))
    yield Closing(size)


def _all_lines_end_with_crlf(file: BinaryIO) -> bool:
    last, any_line = b"", False
    for piece in _from_start(file):
        newlines = piece.count(b"\n")
        any_line = any_line or newlines > 0
        if piece.count(b"\r\n") + (last == b"\r" and piece[:1] == b"\n") != newlines:
            return False
        last = piece[-1:]
    return any_line


def _text_pieces(pieces: Iterator[bytes], line_end: bytes, name: str) -> Iterator[Labels | Closing]:
    size, ended = 0, True
    decimals: int | None = None
    for lines in whole_lines(pieces):
        size += len(lines)
        ended = lines.endswith(line_end)
        if len(line_end) > 1 and lines.count(line_end) != lines.count(b"\n"):
            raise StreamError(
                f"{name}: the first line ends with CR LF and a later one with LF, which a pipe tells too late: "
                "give the text as a file, or code it with --bytes"
            )
        text = np.frombuffer(lines, np.uint8)
        labels, decimals = _labels_at(text, *line_spans(text, line_end), decimals)
        yield labels
    yield Closing(size, ended)


def _labels_at(
    text: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], decimals: int | None
) -> tuple[Labels, int | None]:
    """Tokens as ints, as fixed decimals, or as they are; and the decimals to expect of the next piece."""
    parsed = parse_fixed(text, starts, ends, decimals)
    if parsed is not None and parsed[1] <= MAX_DECIMALS:
        return Labels("int", parsed[0], step_of(parsed[1])), parsed[1]
    data = text.tobytes()
    tokens = [data[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    return _labels_of_tokens(tokens), None


def _labels_of_tokens(tokens: list[bytes]) -> Labels:
    if tokens and all(_INT_TOKEN.fullmatch(token) for token in tokens):
        numbers = [int(token) for token in tokens]
        if min(numbers) >= 0 and max(numbers) < 1 << 64:
            return Labels("int", np.array(numbers, np.uint64))
    return Labels("str", objects([token.decode("utf-8", "surrogateescape") for token in tokens]))


def step_of(decimals: int) -> str:
    """The step of numbers with so many decimals: "1", "0.1", "0.01", ..."""
    return "0." + "0" * (decimals - 1) + "1" if decimals else "1"


def _column_pieces(file: BinaryIO, name: str, column: str) -> Iterator[Labels | Closing]:
    size, decimals = 0, None
    for text, starts, ends in column_cells(file, name, column, PIECE_BYTES):
        labels, decimals = _labels_at(text, starts, ends, decimals)
        size += int((ends - starts).sum()) + len(labels)
        yield labels
    yield Closing(size)


def _open_npy(file: BinaryIO, name: str) -> Stream:
    file.seek(0)
    try:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(file)
        dtype_name = _dtype_name(dtype)
        origin = unpack_origin(Origin("array", dtype_name, shape, fortran).pack())
    except _NPY_ERRORS as error:
        raise StreamError(f"{name} is not an .npy file that can be read: {error}") from None
    if dtype.hasobject:
        raise StreamError(f"{name} holds Python objects, which only unpickling could read: code it with --bytes")
    data_start = file.tell()
    count = int(np.prod(shape, dtype=object)) if shape else 1
    per_piece = max(1, PIECE_BYTES // max(1, dtype.itemsize))

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
