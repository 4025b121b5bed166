"""One column of a CSV file: the header that names it, and its cells.

The delimiter is the first of comma, semicolon and tab with which the header has the column. Plain rows are read with
NumPy, others by the ``csv`` module; either way a cell is the bytes that stand in the file, without their quotes.
"""

from __future__ import annotations

import csv
import io
import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from codec.errors import StreamError
from codec.readings import stream as streams
from codec.readings.decimals import Bytes, Integers
from codec.readings.origin import Closing, Origin, as_utf8
from codec.readings.stream import Stream
from codec.readings.text import NEWLINE, after_each, labels_at, line_spans, whole_lines, with_open_end
from codec.theory.labels import Labels

QUOTE, RETURN = b'"\r'
DELIMITERS = (",", ";", "\t")
_CELLS = 1 << 16  # that the csv module reads at a time
_LONGEST_CELL = (1 << 31) - 1  # the most that it can be told everywhere
_CELL_LIMIT = threading.Lock()  # the module has one limit for all of its readers


@dataclass(frozen=True)
class _Header:
    """Where the column stands, and what separates cells and rows.

    Attributes
    ----------
    file, column : str
        Their names.
    place, columns : int
        Which column it is, from 0, and how many there are.
    lines : int
        Lines of the header itself.
    """

    file: str
    column: str
    place: int
    columns: int
    delimiter: str
    line_end: bytes
    lines: int


def column_of(file: BinaryIO, name: str, column: str) -> Stream:
    """The readings of one column, which comes back as its cells, one a line."""
    return Stream(Origin("column"), lambda: _column_pieces(file, name, column), name)


def _column_pieces(file: BinaryIO, name: str, column: str) -> Iterator[Labels | Closing]:
    size, decimals = 0, None
    for text, starts, ends in column_cells(file, name, column, streams.PIECE_BYTES):
        labels, decimals = labels_at(text, starts, ends, decimals)
        size += int((ends - starts).sum()) + len(labels)
        yield labels
    yield Closing(size)


def column_cells(
    file: BinaryIO, name: str, column: str, piece_bytes: int
) -> Iterator[tuple[Bytes, Integers, Integers]]:
    """Read the cells of a column, stretch by stretch.

    Parameters
    ----------
    file : binary file
    name : str
        Of the file, for messages.
    column : str
        Its name in the header.
    piece_bytes : int
        How much of the file to read at a time.

    Yields
    ------
    text : uint8 array, shape (size,)
    starts, ends : int64 arrays, shape (rows,)
        Where the cell of each row starts and ends in the text.

    Raises
    ------
    StreamError
        If the header has no such column, or several; if a row has more or fewer cells than the header; if a cell holds
        a line break, since a column comes back one cell a line.

    Examples
    --------
    >>> text, starts, ends = next(column_cells(io.BytesIO(b"t;c\\n1;21,5\\n2;\\n"), "x.csv", "c", 1 << 20))
    >>> [text[start:end].tobytes() for start, end in zip(starts, ends)]
    [b'21,5', b'']
    """
    if file.seekable():
        file.seek(0)
    header, rest = _read_header(file, name, column)
    pieces = whole_lines(itertools.chain([rest] if rest else [], iter(lambda: file.read(piece_bytes), b"")))
    line = header.lines + 1
    for piece in pieces:
        text = np.frombuffer(piece, np.uint8)
        spans = column_spans(text, header.place, header.columns, header.delimiter.encode(), header.line_end)
        if spans is None:  # quotes, stray returns, or uneven rows
            yield from _by_csv(itertools.chain([piece], pieces), header, line)
            return
        line += len(spans[0])
        yield text, *spans


def column_spans(
    text: Bytes, column: int, columns: int, delimiter: bytes, terminator: bytes
) -> tuple[Integers, Integers] | None:
    """Find the fields of one column of comma-separated values without quotes.

    Parameters
    ----------
    text, terminator
        As for `line_spans`.
    column, columns : int
        Which field of each row, from 0, and how many fields each row has.
    delimiter : bytes
        The one byte between fields.

    Returns
    -------
    starts, ends : int64 arrays, shape (rows,)
        Where the field of each row starts and ends; or None if the ``csv`` module might find other
        fields: there are quotes, stray returns, empty rows, or rows with other numbers of fields.
    """
    if not 0 <= column < columns or len(delimiter) != 1:
        raise ValueError(f"no column {column} of {columns} delimited by {delimiter!r}")
    is_newline = text == NEWLINE
    newlines = int(np.count_nonzero(is_newline))
    returns = newlines if terminator == b"\r\n" else 0
    if (text == QUOTE).any() or np.count_nonzero(text == RETURN) != returns:
        return None
    fields, closed = with_open_end(text, is_newline | (text == delimiter[0]))
    if fields.size % columns:
        return None
    row_ends = fields[columns - 1 :: columns]
    terminated = row_ends.size - (fields.size - closed)
    # Every terminated row ends in a newline, and there are no more newlines: so none is within a row.
    if newlines != terminated or not is_newline[row_ends[:terminated]].all():
        return None
    if returns and (text[0] == NEWLINE or (text[row_ends[:terminated] - 1] != RETURN).any()):
        return None
    starts = fields[column - 1 :: columns] + 1 if column else after_each(row_ends)
    ends = fields[column::columns].copy()
    if column == columns - 1:
        ends[:terminated] -= len(terminator) - 1
    if columns == 1 and (starts == ends).any():  # to the csv module, an empty line has no field
        return None
    return starts, ends


def _read_header(file: BinaryIO, name: str, column: str) -> tuple[_Header, bytes]:
    """The header, and what was read of the file behind it."""
    lines: list[bytes] = []
    found: list[str] = []
    wrong: csv.Error | None = None
    for delimiter in DELIMITERS:
        try:
            names, used = _names(file, lines, delimiter)
        except csv.Error as error:  # as that of quotes before another delimiter
            wrong = error
            continue
        shown = [_shown(n) for n in names]
        places = [place for place, both in enumerate(zip(names, shown, strict=True)) if column in both]
        if len(places) > 1:
            numbers = " and ".join(str(place + 1) for place in places)
            raise StreamError(f"{name} has {len(places)} columns {column!r}, numbers {numbers}: rename all but one")
        if places:
            line_end = b"\r\n" if lines[used - 1].endswith(b"\r\n") else b"\n"
            header = _Header(name, column, places[0], len(names), delimiter, line_end, used)
            return header, b"".join(lines[used:])
        found = max(found, shown, key=len)
    if wrong is not None and not found:
        raise _not_csv(name, 1, wrong)
    raise StreamError(f"{name} has no column {column!r}; it has {', '.join(map(repr, found)) or 'none'}")


def _names(file: BinaryIO, lines: list[bytes], delimiter: str) -> tuple[list[str], int]:
    """The names in the header with this delimiter, and its number of lines, which are added to those read before."""

    def again() -> Iterator[str]:
        number = 0
        while number < len(lines) or (line := file.readline()):
            if number == len(lines):
                lines.extend(line.splitlines(keepends=True))
            yield lines[number].decode("utf-8" if number else "utf-8-sig", "surrogateescape")
            number += 1

    reader = csv.reader(again(), delimiter=delimiter, strict=True)
    return next(reader, []), reader.line_num


def _shown(name: str) -> str:
    """A name as a person writes it; if it is no UTF-8, it is taken for Latin-1."""
    data = as_utf8(name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _by_csv(pieces: Iterator[bytes], header: _Header, line: int) -> Iterator[tuple[Bytes, Integers, Integers]]:
    cells = _cells(pieces, header, line)
    while batch := _next_cells(cells):
        text = np.frombuffer(("\n".join(batch) + "\n").encode("utf-8", "surrogateescape"), np.uint8)
        yield text, *line_spans(text, b"\n")


def _next_cells(cells: Iterator[str]) -> list[str]:
    with _CELL_LIMIT:
        usual = csv.field_size_limit(_LONGEST_CELL)
        try:
            return list(itertools.islice(cells, _CELLS))
        finally:
            csv.field_size_limit(usual)


def _cells(pieces: Iterator[bytes], header: _Header, first_line: int) -> Iterator[str]:
    """The cells, none of which holds a newline."""
    reader = csv.reader(_text_lines(pieces), delimiter=header.delimiter, strict=True)
    line = first_line
    try:
        for row in reader:
            if len(row) == header.columns:
                cell = row[header.place]
                if "\n" in cell:
                    raise StreamError(
                        f"{header.file}, line {line}: the cell in the column {header.column!r} holds a line break, "
                        "and a column comes back one cell a line: code the file with --bytes"
                    )
                yield cell
            elif not row and header.columns == 1:
                yield ""
            elif row:  # and an empty line is no row
                raise StreamError(
                    f"{header.file}, line {line}: the header has {header.columns} cells and this row {len(row)}, "
                    f"so that none is certain to be in the column {header.column!r}"
                )
            line = first_line + reader.line_num
    except csv.Error as error:
        raise _not_csv(header.file, line, error) from None


def _not_csv(name: str, line: int, error: csv.Error) -> StreamError:
    return StreamError(f"{name}, line {line}, is not CSV ({error}): is a quote not closed, or not doubled?")


def _text_lines(pieces: Iterator[bytes]) -> Iterator[str]:
    for piece in pieces:
        yield from io.StringIO(piece.decode("utf-8", "surrogateescape"), newline="")
