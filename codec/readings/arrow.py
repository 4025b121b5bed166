"""One column of a Parquet, Arrow or Feather file, read by pyarrow batch by batch.

Numbers, bools and times come back as an array of their type; text, exact decimals and ints with gaps as lines, one cell
a line. A gap is a NaN, a NaT or an empty line.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from codec.errors import StreamError, counted, option
from codec.readings.floats import as_decimals
from codec.readings.origin import Closing, Origin
from codec.readings.spelling import respelled
from codec.readings.stream import Stream
from codec.readings.text import labels_at, line_spans
from codec.theory.labels import Labels, labels_of

MAGICS = {b"PAR1": "a Parquet file", b"ARROW1": "an Arrow file"}
_ROWS = 1 << 16  # read at a time
_TIMES = {"timestamp": "M8", "duration": "m8", "time32": "m8", "time64": "m8"}
_DATES = {"date32": "M8[D]", "date64": "M8[ms]"}


@dataclass(frozen=True)
class _Table:
    """A file of columns: its kind, their names and types, and how to read one of them."""

    kind: str
    names: list[str]
    types: list[Any]
    rows: Callable[[int], int]
    batches: Callable[[int], Iterable[Any]]


def kind_of(head: bytes) -> str | None:
    """What kind of file of columns begins with these bytes; None if it is another file."""
    return next((kind for magic, kind in MAGICS.items() if head.startswith(magic)), None)


def column_names(file: BinaryIO, name: str) -> list[str]:
    """The names of the columns."""
    return _opened(file, name).names


def open_arrow(file: BinaryIO, name: str, column: str | None, decimals: bool = True) -> Stream:
    """The readings of one column.

    Raises
    ------
    StreamError
        If there is no such column, or several; if it holds what are no readings; without pyarrow. During a pass: if
        the file is damaged, if a cell of text holds a line break, or if there are gaps among bools.
    """
    table = _opened(file, name)
    places = [place for place, each in enumerate(table.names) if each == column]
    if len(places) != 1:
        number = f"{len(places)} columns" if places else "no column"
        held = f"has {number} {column!r}" if column is not None else f"is {table.kind}"
        raise StreamError(f"{name} {held}: name one of its columns with {option('--column')}: {', '.join(table.names)}")
    of_array = _dtype_of(table.types[places[0]], f"{name}, column {column!r}")
    with _reading(table.kind, name):
        rows = table.rows(places[0])
        if of_array is not None and of_array.kind in "iu" and any(b.null_count for b in table.batches(places[0])):
            of_array = None  # no int is a gap
    origin = Origin("column") if of_array is None else Origin("array", of_array.str, (rows,))

    def pieces() -> Iterator[Labels | Closing]:
        size, gaps, places_after_dot = 0, 0, None
        with _reading(table.kind, name):
            for batch in table.batches(places[0]):
                gaps += batch.null_count
                if of_array is None:
                    text = np.frombuffer(_lines_of(batch, name, column), np.uint8)
                    labels, places_after_dot = labels_at(text, *line_spans(text, b"\n"), places_after_dot)
                    size += len(text)
                else:
                    labels = labels_of(_values_of(batch, of_array, name, column))
                    size += of_array.itemsize * len(labels)
                yield labels
        if getattr(table.types[places[0]], "tz", None) is not None:
            stream.note(f"{name}, column {column!r}: its times will come back in UTC")
        if gaps:
            back = "empty lines" if of_array is None else "NaN" if of_array.kind == "f" else "NaT"
            stream.note(
                f"{name}, column {column!r}: {counted(gaps, 'gap')} among its readings will come back as {back}"
            )
        yield Closing(size)

    stream = Stream(origin, pieces, name)
    if of_array is None:
        return respelled(stream)
    return as_decimals(stream) if decimals else stream


def _opened(file: BinaryIO, name: str) -> _Table:
    file.seek(0)
    kind = kind_of(file.read(8)) or MAGICS[b"PAR1"]
    file.seek(0)
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise StreamError(f"{name} is {kind}, which needs pyarrow: pip install 'codec[data]'") from None
    with _reading(kind, name):
        if kind == MAGICS[b"PAR1"]:
            parquet = pyarrow.parquet.ParquetFile(file)
            schema = parquet.schema_arrow
            return _Table(
                kind, schema.names, schema.types, lambda _: parquet.metadata.num_rows,
                lambda place: _first_columns(
                    parquet.iter_batches(_ROWS, columns=[schema.names[place]], use_threads=False)
                ),
            )  # fmt: skip

        def one(place: int) -> Iterator[Any]:
            file.seek(0)
            options = pyarrow.ipc.IpcReadOptions(included_fields=[place], use_threads=False)
            reader = pyarrow.ipc.open_file(file, options=options)
            return _first_columns(reader.get_batch(number) for number in range(reader.num_record_batches))

        schema = pyarrow.ipc.open_file(file).schema
        return _Table(kind, schema.names, schema.types, lambda place: sum(map(len, one(place))), one)


def _first_columns(batches: Iterable[Any]) -> Iterator[Any]:
    return (batch.column(0) for batch in batches)


@contextlib.contextmanager
def _reading(kind: str, name: str) -> Iterator[None]:
    """Say of a file that pyarrow cannot read that it is damaged."""
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError) as error:
        if getattr(error, "errno", None) is not None:
            raise
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise StreamError(f"{name} is {kind} that cannot be read: {reason}") from None


def _dtype_of(kind: Any, where: str) -> np.dtype[Any] | None:
    """The type of the array that a column comes back as; None for lines of text."""
    import pyarrow.types as types

    if types.is_dictionary(kind):
        kind = kind.value_type
    name = str(kind).partition("[")[0]
    if types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind):
        dtype: np.dtype[Any] = np.dtype(kind.to_pandas_dtype())
        return dtype
    if name in _TIMES:
        return np.dtype(f"{_TIMES[name]}[{kind.unit}]")
    if name in _DATES:
        return np.dtype(_DATES[name])
    if types.is_decimal(kind) or name in ("string", "large_string", "string_view"):
        return None
    raise StreamError(f"{where} holds values of type {kind}, which are no readings")


def _values_of(batch: Any, dtype: np.dtype[Any], name: str, column: str | None) -> np.ndarray[Any, Any]:
    """The readings of a batch as an array."""
    if hasattr(batch, "dictionary_decode"):
        batch = batch.dictionary_decode()
    if batch.null_count and dtype.kind == "b":
        raise StreamError(
            f"{name}, column {column!r}, has gaps, and the type {batch.type} has no value for one: "
            "fill them, or leave those rows out"
        )
    if str(batch.type).startswith(("time32", "time64")):  # of day
        batch = batch.cast(f"int{batch.type.bit_width}").cast("int64").cast(f"duration[{batch.type.unit}]")
    return np.asarray(batch.to_numpy(zero_copy_only=False)).astype(dtype, copy=False)


def _lines_of(batch: Any, name: str, column: str | None) -> bytes:
    """The cells of a batch, one a line."""
    if hasattr(batch, "dictionary_decode"):
        batch = batch.dictionary_decode()
    cells = ["" if cell is None else cell for cell in batch.cast("string").to_pylist()]
    text = "".join(cell + "\n" for cell in cells)
    if text.count("\n") > len(cells):
        raise StreamError(
            f"{name}: a cell in the column {column!r} holds a line break, and a column comes back one cell a line: "
            f"{option('code the file with --bytes')}"
        )
    return text.encode("utf-8")
