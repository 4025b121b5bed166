"""A file by its first bytes: gzip is read through, .npy, Parquet and Arrow files are known, UTF-16 is refused, all else
is text.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np

from codec.errors import StreamError, option
from codec.readings import arrow
from codec.readings.arrow import kind_of, open_arrow
from codec.readings.csv import PLAIN, Layout, column_names, column_of
from codec.readings.npy import NPY_MAGIC, open_npy
from codec.readings.origin import Closing, Origin
from codec.readings.spelling import respelled
from codec.readings.stream import Stream, from_start, refusing_changes
from codec.readings.text import text_from_file, text_from_pipe
from codec.theory.labels import Labels

_MAGIC = 8  # bytes that say which kind of file it is
_GZIP = b"\x1f\x8b"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_MORE_BYTES = 62  # looked at if the text may be UTF-16; otherwise two are enough, so that a pipe is not waited for


def open_stream(
    file: BinaryIO,
    name: str,
    column: str | None = None,
    raw: bool = False,
    layout: Layout = PLAIN,
    decimals: bool = True,
) -> Stream:
    """A stream from a file, which starts where the file stands.

    Parameters
    ----------
    file : binary file
        If it is a pipe, the stream can be gone through once only, and it is no .npy file.
    name : str
        Of the file, for messages.
    column : str, optional
        Read this column of a CSV file, whose cells are separated by commas, semicolons, tabs or bars; or of a Parquet
        or Arrow file.
    raw : bool
        Read single bytes. Otherwise a gzip file is read as what it holds, a .npy file is known by its first
        bytes, and all else is text, one reading a line.
    layout : Layout
        Of a CSV file: whether it has a header, and what stands above it; and which number stands for a gap.
    decimals : bool
        Whether floats of an .npy file are read as the decimals that they show, where these give back each of them.

    Raises
    ------
    StreamError
        If the file is none of these. During a pass: if it is damaged, or was changed since the pass before.
    """
    if file.seekable() and file.tell():
        file = _from_here(file)
    if raw:
        stream = Stream(Origin("bytes"), lambda: _byte_pieces(file), name)
    else:
        stream = _opened_as(opened(file, name), name, column, layout, decimals)
    return refusing_changes(stream, lambda closing: closing) if file.seekable() else _once(stream)


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


def _opened_as(file: BinaryIO, name: str, column: str | None, layout: Layout, decimals: bool) -> Stream:
    if file.seekable():
        file.seek(0)
        if (kind := kind_of(file.read(_MAGIC))) is not None:
            if replace(layout, missing=None) != PLAIN:
                raise StreamError(f"{name} is {kind}: leave out what is for the rows of a CSV file")
            _refuse_missing(name, layout)
            return open_arrow(file, name, column, decimals)
    if column is not None:
        stream = column_of(file, name, column, layout)
        return respelled(stream, layout.missing) if file.seekable() else stream
    if not file.seekable():
        return text_from_pipe(file, name)
    file.seek(0)
    is_array = file.read(len(NPY_MAGIC)) == NPY_MAGIC
    if is_array:
        _refuse_missing(name, layout)
        return open_npy(file, name, decimals)
    return respelled(text_from_file(file, name), layout.missing)


def _refuse_missing(name: str, layout: Layout) -> None:
    if layout.missing is not None:
        raise StreamError(
            f"{name} is no text, and a number can stand for a gap in a text alone: mask it in Python "
            "(numpy.ma.masked_equal), or write NaN in its place"
        )


def columns_of(file: BinaryIO, name: str, layout: Layout = PLAIN) -> list[str]:
    """The names of the columns of a file that can be read more than once: a CSV, Parquet or Arrow file.

    Raises
    ------
    StreamError
        If it has none.
    """
    file = opened(file, name)
    file.seek(0)
    head = file.read(_MAGIC)
    if head.startswith(NPY_MAGIC):
        raise StreamError(f"{name} is an array, and has no columns")
    return column_names(file, name, layout) if kind_of(head) is None else arrow.column_names(file, name)


def _byte_pieces(file: BinaryIO) -> Iterator[Labels | Closing]:
    size = 0
    for piece in from_start(file):
        size += len(piece)
        yield Labels("int", np.frombuffer(piece, np.uint8))
    yield Closing(size)


def opened(file: BinaryIO, name: str) -> BinaryIO:
    """The file at its start; of a gzip file, what it holds.

    Parameters
    ----------
    file : binary file
        If it is a pipe, it must not have been read from, and the file returned is read in its place.
    name : str
        Of the file, for messages.

    Raises
    ------
    StreamError
        If the text is UTF-16, whose lines do not end with a byte LF. While a gzip file is read: if it is damaged or
        cut short.

    Examples
    --------
    >>> opened(io.BytesIO(gzip.compress(b"21.5")), "x.gz").read()
    b'21.5'
    """
    head, file = _looked_at(file)
    if head.startswith(_GZIP):
        head, file = _looked_at(_unzipped(file, name))
    if head.startswith(_UTF_16) and b"\0" in head:
        raise StreamError(
            f"{name} is text in UTF-16: convert it first (iconv -f UTF-16 -t UTF-8), or code it with "
            f"{option('--bytes')}"
        )
    return file


def _looked_at(file: BinaryIO) -> tuple[bytes, BinaryIO]:
    """The first bytes of a file, and the whole file."""
    if file.seekable():
        file.seek(0)
    head = file.read(2)
    if head in _UTF_16:
        head += file.read(_MORE_BYTES)
    if file.seekable():
        file.seek(0)
        return head, file
    first = io.BytesIO(head)
    rest: Callable[[int], bytes] = getattr(file, "read1", file.read)  # what is there, without waiting for more
    return head, io.BufferedReader(_ReadBy(lambda size: first.read(size) or rest(size)))


def _from_here(file: BinaryIO) -> BinaryIO:
    """A file from where it stands; its place 0 is there."""
    start = file.tell()

    def seek(offset: int, whence: int) -> int:
        return file.seek(offset + (start if whence == io.SEEK_SET else 0), whence) - start

    return io.BufferedReader(_ReadBy(file.read, seek))


def _unzipped(file: BinaryIO, name: str) -> BinaryIO:
    """What a gzip file holds; it can be gone through again if the file can."""
    unzipped = gzip.GzipFile(fileobj=file, mode="rb")

    def read(size: int) -> bytes:
        try:
            return unzipped.read1(size)
        except (gzip.BadGzipFile, zlib.error, EOFError) as error:
            reason = str(error).rstrip(".")
            raise StreamError(
                f"{name} is a gzip file that is damaged or cut short ({reason}): {option('--bytes')} codes it as it is"
            ) from None

    return io.BufferedReader(_ReadBy(read, unzipped.seek if file.seekable() else None))


class _ReadBy(io.RawIOBase):
    """A file that is read by one function, and gone through again if there is another that seeks."""

    def __init__(self, read: Callable[[int], bytes], seek: Callable[[int, int], int] | None = None) -> None:
        self._read, self._seek = read, seek

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._seek is not None

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._seek(offset, whence) if self._seek else super().seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        data = self._read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
