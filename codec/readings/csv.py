"""One column of a CSV file: the header that names it, and its cells.

The delimiter is the first of comma, semicolon, tab and bar with which the header has the column. Plain rows are read
with NumPy, others by the ``csv`` module; either way a cell is the bytes that stand in the file, without their quotes.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from codec.errors import StreamError, option
from codec.readings import stream as streams
from codec.readings.arrow import kind_of
from codec.readings.decimals import Bytes, Integers
from codec.readings.origin import Closing, Origin, as_utf8
from codec.readings.stream import Stream
from codec.readings.text import bounded_lines, column_spans, labels_at, line_spans
from codec.theory.labels import Labels

DELIMITERS = (",", ";", "\t", "|")
_NUMBER = re.compile(r"\s*[+-]?[0-9]+([.,][0-9]+)?\s*")
_CELLS = 1 << 16  # read at a time with the csv module
MAX_ROW_BYTES = 1 << 24  # also of a cell: more is no CSV file, and would be held in memory
_CELL_LIMIT = threading.Lock()  # all readers share the module's limit


@dataclass(frozen=True)
class _Header:
    """Where the column stands, and what separates cells and rows."""

    file: str
    column: str
    place: int  # of the column, from 0
    columns: int
    delimiter: str
    line_end: bytes
    lines: int  # down to the end of the header, those above it included
    number: str = ""  # a name in the header that is a number, if there is one


@dataclass(frozen=True)
class Layout:
    """How the rows of a CSV file begin.

    Attributes
    ----------
    header : bool
        Whether the first row holds the names of the columns. If not, a column is named by its number, from 1.
    skip : int
        Lines above the header (or the first row) that are left out.
    comment : str
        Lines above the header that begin with this are left out too, after those of `skip`; "" for none.
    missing : str or None
        A number that stands for a gap, "-999" for example; of a text that is no CSV file too.
    """

    header: bool = True
    skip: int = 0
    comment: str = ""
    missing: str | None = None

    def __post_init__(self) -> None:
        if self.skip < 0:
            raise ValueError(f"skip is a number of lines, not {self.skip}")


PLAIN = Layout()


def column_of(file: BinaryIO, name: str, column: str, layout: Layout = PLAIN) -> Stream:
    """The readings of one column, which comes back as its cells, one a line.

    Parameters
    ----------
    file : binary file
    name : str
        Of the file, for messages.
    column : str
        Its name in the header; or its number, from 1, if there is no header.
    layout : Layout

    Raises
    ------
    StreamError
        During a pass: if the header has no such column, or several; if a row has more or fewer cells than the header;
        if a cell holds a line break, since a column comes back one cell a line.

    Examples
    --------
    >>> stream = column_of(io.BytesIO(b"t;c\\n1;21,5\\n2;\\n"), "x.csv", "c")
    >>> [piece.spellings for piece in stream.labels()]
    [['21,5', '']]
    """
    stream = Stream(Origin("column"), lambda: _column_pieces(file, stream, column, layout), name)
    return stream


def column_names(file: BinaryIO, name: str, layout: Layout = PLAIN) -> list[str]:
    """The names of all columns, by the delimiter that gives the most; numbers from 1 if there is no header.

    >>> column_names(io.BytesIO(b"t;c\\n1;21,5\\n"), "x.csv")
    ['t', 'c']
    """
    file.seek(0)
    _, lines = _lines_above(file, name, layout)
    rows: list[list[str]] = [[]]
    for delimiter in DELIMITERS:
        with contextlib.suppress(csv.Error):
            rows.append(_names(file, name, lines, delimiter)[0])
    first = max(rows, key=len)
    return [_shown(each) if layout.header else str(number) for number, each in enumerate(first, 1)]


def _column_pieces(file: BinaryIO, stream: Stream, column: str, layout: Layout) -> Iterator[Labels | Closing]:
    if file.seekable():
        file.seek(0)
    header, rest = _read_header(file, stream.name, column, layout)
    if header.number:
        stream.note(
            f"{stream.name}: the header holds the number {header.number!r}: if its first row is a row of readings, "
            f"{option('use --no-header and --column NUMBER')}"
        )
    size, decimals, rows = 0, None, 0
    pieces = itertools.chain([rest] if rest else [], iter(lambda: file.read(streams.PIECE_BYTES), b""))

    def too_long(row: int) -> StreamError:
        return StreamError(
            f"{stream.name}, line {header.lines + row}, has more than {MAX_ROW_BYTES:,} bytes: is this a CSV file? "
            f"code it with {option('--bytes')}"
        )

    rows_of = bounded_lines(pieces, MAX_ROW_BYTES, too_long)
    for text, starts, ends in _column_cells(rows_of, header):
        labels, decimals = labels_at(text, starts, ends, decimals)
        if layout.header and labels.kind == "str" and (again := np.flatnonzero(labels.values == column)).size:
            stream.note(
                f"{stream.name}: row {rows + int(again[0]) + 1} holds {column!r}, the name of the column: "
                "does the header stand there again?"
            )
        size += int((ends - starts).sum()) + len(labels)
        rows += len(labels)
        yield labels
    yield Closing(size)


def _column_cells(pieces: Iterator[bytes], header: _Header) -> Iterator[tuple[Bytes, Integers, Integers]]:
    """Text, stretch by stretch, and where the cell of each row starts and ends in it."""
    line = header.lines + 1
    for piece in pieces:
        text = np.frombuffer(piece, np.uint8)
        spans = column_spans(text, header.place, header.columns, header.delimiter.encode(), header.line_end)
        if spans is None:  # quotes, stray returns, or uneven rows
            yield from _by_csv(itertools.chain([piece], pieces), header, line)
            return
        line += len(spans[0])
        yield text, *spans


def _read_header(file: BinaryIO, name: str, column: str, layout: Layout) -> tuple[_Header, bytes]:
    """The header, and the bytes read behind it."""
    above, lines = _lines_above(file, name, layout)
    if not layout.header:
        return _without_header(file, name, column, above, lines)
    found: list[str] = []
    wrong: csv.Error | None = None
    for delimiter in DELIMITERS:
        try:
            names, used = _names(file, name, lines, delimiter)
        except csv.Error as error:  # for example, quotes that make sense with another delimiter only
            wrong = error
            continue
        shown = [_shown(n) for n in names]
        places = [place for place, both in enumerate(zip(names, shown, strict=True)) if column in both]
        if not places:  # padded names, as in '  TMK'
            places = [place for place, each in enumerate(shown) if each.strip() == column.strip() != ""]
        if len(places) > 1:
            numbers = " and ".join(str(place + 1) for place in places)
            raise StreamError(f"{name} has {len(places)} columns {column!r}, numbers {numbers}: rename all but one")
        if places:
            number = next((each for each in shown if _NUMBER.fullmatch(each)), "")
            ended = _line_end(lines[used - 1])
            header = _Header(name, column, places[0], len(names), delimiter, ended, above + used, number)
            return header, b"".join(lines[used:])
        found = max(found, shown, key=len)
    if wrong is not None and not found:
        raise _not_csv(name, 1, wrong)
    raise StreamError(f"{name} has no column {column!r}; it has {', '.join(map(repr, found)) or 'none'}")


def _lines_above(file: BinaryIO, name: str, layout: Layout) -> tuple[int, list[bytes]]:
    """How many lines above the header are left out, and the line that follows them."""
    comment = layout.comment.encode("utf-8", "surrogateescape")
    above = 0
    while line := _line(file, name):
        if not above and (kind := kind_of(line)) is not None:
            raise StreamError(f"{name} is {kind}, which cannot be read from a pipe: give it as a file")
        begins = line.removeprefix(codecs.BOM_UTF8) if not above else line
        if above >= layout.skip and not (comment and begins.startswith(comment)):
            return above, line.splitlines(keepends=True)
        above += 1
    return above, []


def _line(file: BinaryIO, name: str) -> bytes:
    line = file.readline(MAX_ROW_BYTES)
    if len(line) == MAX_ROW_BYTES:
        raise StreamError(
            f"{name} has a line of {MAX_ROW_BYTES:,} bytes or more where its header should be: "
            f"is this a CSV file? code it with {option('--bytes')}"
        )
    return line


def _without_header(file: BinaryIO, name: str, column: str, above: int, lines: list[bytes]) -> tuple[_Header, bytes]:
    """The column by its number; the delimiter is the one that gives the first row the most cells."""
    rows: dict[str, list[str]] = {}
    for delimiter in DELIMITERS:
        with contextlib.suppress(csv.Error):
            rows[delimiter] = _names(file, name, lines, delimiter)[0]
    if not rows:
        raise _not_csv(name, above + 1, csv.Error("the first row"))
    delimiter = max(rows, key=lambda each: len(rows[each]))
    columns = len(rows[delimiter])
    place = int(column) if re.fullmatch("[1-9][0-9]{0,8}", column) else 0
    if not lines:
        raise StreamError(f"{name} has no rows")
    if not 1 <= place <= columns:
        raise StreamError(f"{name} has no header, so that a column is a number from 1 to {columns}, not {column!r}")
    header = _Header(name, column, place - 1, columns, delimiter, _line_end(lines[0]), above)
    return header, b"".join(lines).removeprefix(codecs.BOM_UTF8)


def _names(file: BinaryIO, name: str, lines: list[bytes], delimiter: str) -> tuple[list[str], int]:
    """The names in the header if this is the delimiter, and its number of lines; lines read are added to `lines`."""

    def again() -> Iterator[str]:
        number = 0
        while number < len(lines) or (line := _line(file, name)):
            if number == len(lines):
                lines.extend(line.splitlines(keepends=True))
            yield lines[number].decode("utf-8" if number else "utf-8-sig", "surrogateescape")
            number += 1

    reader = csv.reader(again(), delimiter=delimiter, strict=True)
    return next(reader, []), reader.line_num


def _shown(name: str) -> str:
    """A name as text; it is read as Latin-1 if it is not UTF-8."""
    data = as_utf8(name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _by_csv(pieces: Iterator[bytes], header: _Header, line: int) -> Iterator[tuple[Bytes, Integers, Integers]]:
    cells = _cells(pieces, header, line)
    while True:
        with _CELL_LIMIT:
            usual = csv.field_size_limit(MAX_ROW_BYTES)
            try:
                batch = list(itertools.islice(cells, _CELLS))
            finally:
                csv.field_size_limit(usual)
        if not batch:
            return
        text = np.frombuffer(("\n".join(batch) + "\n").encode("utf-8", "surrogateescape"), np.uint8)
        yield text, *line_spans(text, b"\n")


def _cells(pieces: Iterator[bytes], header: _Header, first_line: int) -> Iterator[str]:
    """The cells, one by one; a cell with a line break is refused."""
    reader = csv.reader(_text_lines(pieces), delimiter=header.delimiter, strict=True)
    line = first_line
    try:
        for row in reader:
            if len(row) == header.columns:
                cell = row[header.place]
                if "\n" in cell:
                    raise StreamError(
                        f"{header.file}, line {line}: the cell in the column {header.column!r} holds a line break, "
                        f"and a column comes back one cell a line: {option('code the file with --bytes')}"
                    )
                yield cell
            elif not row and header.columns == 1:
                yield ""
            elif row:  # an empty line is not a row
                raise StreamError(
                    f"{header.file}, line {line}: the header has {header.columns} cells and this row {len(row)}, "
                    f"so that none is certain to be in the column {header.column!r}"
                )
            line = first_line + reader.line_num
    except csv.Error as error:
        raise _not_csv(header.file, line, error) from None


def _line_end(line: bytes) -> bytes:
    return b"\r\n" if line.endswith(b"\r\n") else b"\n"


def _not_csv(name: str, line: int, error: csv.Error) -> StreamError:
    return StreamError(f"{name}, line {line}, is not CSV ({error}): is a quote not closed, or not doubled?")


def _text_lines(pieces: Iterator[bytes]) -> Iterator[str]:
    for piece in pieces:
        yield from io.StringIO(piece.decode("utf-8", "surrogateescape"), newline="")
