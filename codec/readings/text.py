"""Lines of text, one reading a line, from a file or a pipe."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from itertools import chain
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from codec.codes.serialize import MAX_LABEL_BYTES
from codec.errors import StreamError, option
from codec.readings import stream as streams
from codec.readings.decimals import Bytes, Integers, parse_fixed
from codec.readings.origin import Closing, Origin
from codec.readings.stream import Stream, from_start
from codec.theory.floats import step_of
from codec.theory.labels import Labels, objects

NEWLINE, RETURN, QUOTE = b'\n\r"'
_INT_TOKEN = re.compile(rb"0|-?[1-9][0-9]{0,19}")


def text_from_file(file: BinaryIO, name: str) -> Stream:
    """Text that can be gone through again."""
    file.seek(0)
    marked = file.read(len(BOM_UTF8)) == BOM_UTF8
    origin = Origin("text", crlf=_all_lines_end_with_crlf(file), mark=marked)
    return Stream(origin, lambda: _text_pieces(from_start(file), origin, name), name)


def text_from_pipe(file: BinaryIO, name: str) -> Stream:
    """Text that can be read once only; the first line decides how lines end."""
    start = file.readline(MAX_LABEL_BYTES + 3)
    origin = Origin("text", crlf=start.endswith(b"\r\n"), mark=start.startswith(BOM_UTF8))
    pieces = chain([start], iter(lambda: file.read(streams.PIECE_BYTES), b""))
    return Stream(origin, lambda: _text_pieces(pieces, origin, name), name)


def _all_lines_end_with_crlf(file: BinaryIO) -> bool:
    last, any_line = b"", False
    for piece in from_start(file):
        newlines = piece.count(b"\n")
        any_line = any_line or newlines > 0
        if piece.count(b"\r\n") + (last == b"\r" and piece[:1] == b"\n") != newlines:
            return False
        last = piece[-1:]
    return any_line


def _text_pieces(pieces: Iterator[bytes], origin: Origin, name: str) -> Iterator[Labels | Closing]:
    line_end = origin.line_end
    size, ended = 0, True
    decimals: int | None = None
    count = 0
    for lines in bounded_lines(pieces, MAX_LABEL_BYTES + 1, lambda line: _too_long(name, line)):  # a CR may follow
        if origin.mark and not size:
            size = len(BOM_UTF8)
            lines = lines.removeprefix(BOM_UTF8)
            if not lines:
                continue
        size += len(lines)
        ended = lines.endswith(line_end)
        if len(line_end) > 1 and lines.count(line_end) != lines.count(b"\n"):
            raise StreamError(
                f"{name}: the first line ends with CR LF and a later one with LF, which is seen too late in a pipe: "
                f"give the text as a file, or code it with {option('--bytes')}"
            )
        text = np.frombuffer(lines, np.uint8)
        starts, ends = line_spans(text, line_end)
        if (too_long := np.flatnonzero(ends - starts > MAX_LABEL_BYTES)).size:
            raise _too_long(name, count + int(too_long[0]) + 1)
        count += len(starts)
        labels, decimals = labels_at(text, starts, ends, decimals)
        yield labels
    yield Closing(size, ended)


def bounded_lines(pieces: Iterator[bytes], most: int, too_long: Callable[[int], StreamError]) -> Iterator[bytes]:
    """Whole lines; one of more than `most` bytes is refused, by its number, before it is read to its end."""
    count = open_bytes = 0

    def checked() -> Iterator[bytes]:
        nonlocal count, open_bytes
        for piece in pieces:
            first, last = piece.find(b"\n"), piece.rfind(b"\n")
            if open_bytes + (first if first >= 0 else len(piece)) > most:
                raise too_long(count + 1)
            open_bytes = len(piece) - last - 1 if last >= 0 else open_bytes + len(piece)
            count += piece.count(b"\n")
            yield piece

    return whole_lines(checked())


def _too_long(name: str, line: int) -> StreamError:
    return StreamError(
        f"{name}, line {line}, has more than {MAX_LABEL_BYTES:,} bytes, and a label has at most so many: "
        f"{option('code the file with --bytes')}"
    )


def whole_lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, cut behind newlines.

    >>> list(whole_lines(iter([b"1\\n2", b"3\\n4\\n", b"5"])))
    [b'1\\n', b'23\\n4\\n', b'5']
    """
    kept: list[bytes] = []
    for piece in pieces:
        cut = piece.rfind(b"\n") + 1
        if not cut:
            kept.append(piece)
            continue
        yield b"".join([*kept, piece[:cut]])
        kept = [piece[cut:]] if cut < len(piece) else []
    if kept:
        yield b"".join(kept)


def line_spans(text: Bytes, terminator: bytes) -> tuple[Integers, Integers]:
    """Find the lines of a text.

    Parameters
    ----------
    text : uint8 array, shape (size,)
        Lines, of which the last may lack its terminator.
    terminator : bytes
        ``b"\\n"``, or ``b"\\r\\n"`` if a return stands before every newline.

    Returns
    -------
    starts, ends : int64 arrays, shape (lines,)
        Where each line starts and ends, its terminator left out.
    """
    ends, terminated = _with_open_end(text, text == NEWLINE)
    starts = _after_each(ends)
    ends[:terminated] -= len(terminator) - 1
    return starts, ends


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
    fields, closed = _with_open_end(text, is_newline | (text == delimiter[0]))
    if fields.size % columns:
        return None
    row_ends = fields[columns - 1 :: columns]
    terminated = row_ends.size - (fields.size - closed)
    # Every terminated row ends in a newline, and there are no more newlines: so none is within a row.
    if newlines != terminated or not is_newline[row_ends[:terminated]].all():
        return None
    if returns and (text[0] == NEWLINE or (text[row_ends[:terminated] - 1] != RETURN).any()):
        return None
    starts = fields[column - 1 :: columns] + 1 if column else _after_each(row_ends)
    ends = fields[column::columns].copy()
    if column == columns - 1:
        ends[:terminated] -= len(terminator) - 1
    if columns == 1 and (starts == ends).any():  # to the csv module, an empty line has no field
        return None
    return starts, ends


def labels_at(
    text: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], decimals: int | None
) -> tuple[Labels, int | None]:
    """Tokens as ints, as fixed decimals, or as strings; and the decimals to expect in the next piece."""
    parsed = parse_fixed(text, starts, ends, decimals)
    if parsed is not None:
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


def _with_open_end(text: Bytes, is_end: NDArray[np.bool_]) -> tuple[Integers, int]:
    """Offsets of the marked bytes, then of the text's end if it lacks a newline; and how many are marked."""
    marked = np.flatnonzero(is_end)
    is_open = text.size and text[-1] != NEWLINE
    return np.append(marked, text.size) if is_open else marked, marked.size


def _after_each(ends: Integers) -> Integers:
    """Where each row starts: the first at 0, others one byte after the end of the row before."""
    return np.concatenate([[0], ends[:-1] + 1])[: ends.size]
