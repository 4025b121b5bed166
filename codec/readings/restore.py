"""Readings out: symbols back to arrays, lines, bytes."""

from __future__ import annotations

import io
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.errors import StreamError
from codec.readings.decimals import join_spellings
from codec.readings.origin import Closing, Origin, as_utf8, unrepresentable
from codec.readings.spelling import spellings_of
from codec.theory.alphabet import symbol_dtype
from codec.theory.dense import Through, is_range, through
from codec.theory.gaps import GAP, MASKED, gaps_in
from codec.theory.labels import Labels, floats_from_patterns, objects

MAX_OUTPUT_BYTES = 1 << 22  # made at a time
MAX_RESTORED = 1 << 18  # restored at a time


def label_values(alphabet: Labels, dtype: np.dtype[Any]) -> NDArray[Any]:
    """The labels as an array of the type they came from, shape (n,); zeros for labels that it cannot hold.

    >>> label_values(Labels("int", np.array([215]), "0.1"), np.dtype(np.float32)).tolist()
    [21.5]
    """
    absent = unrepresentable(dtype, alphabet)
    if absent is not None:
        every = np.zeros(len(alphabet), dtype)
        if not absent.all():
            every[~absent] = label_values(alphabet.take(~absent), dtype)
        return every
    native = dtype.newbyteorder("=")
    if alphabet.kind == "float" and dtype.kind == "f":
        values = floats_from_patterns(alphabet.values, native)
    elif alphabet.kind == "int" and alphabet.step != "1" and dtype.kind in "iu":
        step = Fraction(alphabet.step)
        values = np.array([int(k * step) for k in alphabet.values.tolist()], native)
    elif alphabet.kind == "int" and (alphabet.step != "1" or dtype.kind == "f"):
        with np.errstate(over="ignore"):
            values = np.asarray(alphabet, np.float64).astype(native)
    elif alphabet.kind == "int" and dtype.kind in "mM":
        values = alphabet.values.astype(np.int64).view(native)
    elif alphabet.kind == "int" and dtype.kind != "O":
        values = alphabet.values.astype(native)
    elif alphabet.kind == "bytes" and dtype.kind in "cVf":
        return np.frombuffer(b"".join(alphabet), dtype)  # raw bytes, whose order is already right
    elif dtype.kind == "O":
        return objects(list(alphabet))
    else:
        values = np.array(list(alphabet), native)
    return values.astype(dtype, copy=False)


def label_sizes(alphabet: Labels, origin: Origin) -> NDArray[np.int64]:
    """Bytes that each label takes in the output, shape (n,)."""
    fixed = fixed_size(origin)
    if fixed:
        return np.full(len(alphabet), fixed)
    return np.array([len(spelling) for spelling in spelled(alphabet, origin)], np.int64)


def fixed_size(origin: Origin) -> int:
    """Bytes that every reading takes in the output; 0 where it depends on the reading."""
    if origin.kind == "array" and origin.dtype != "|O":
        return np.dtype(origin.dtype).itemsize
    return 1 if origin.kind == "bytes" else 0


def spelled(alphabet: Labels, origin: Origin) -> list[bytes]:
    """Each label as it stands in a text, with the end of its line."""
    return [as_utf8(spelling) + origin.line_end for spelling in spellings_of(alphabet, origin)]


# A table of labels, and a place in it for each reading; without places, each of the labels in turn.
Part = tuple[Labels, NDArray[Any] | None]


def _placed(part: Part) -> tuple[Labels, NDArray[Any]]:
    table, places = part
    return table, np.arange(len(table)) if places is None else places


def in_memory(
    alphabet: Labels,
    origin: Origin,
    parts: Iterable[Part],
    readings: NDArray[Any],
    escape: bool = False,
    through: Through = through,
) -> Any:
    """The readings as they were given to `encode`: an array, bytes, a string; lines become an array of labels.

    Parameters
    ----------
    parts : iterable of tables and places
    readings : array
        What `room_for` makes. Places that stand in it already are readings.
    escape : bool
        Whether other tables than the alphabet may occur: then lines become an array of strings.
    through : function
        Prepares how places in a table become readings.
    """
    if origin.kind == "string":
        return "".join("".join(objects(list(table))[places].tolist()) for table, places in map(_placed, parts))
    dtype = readings.dtype

    def values_of(table: Labels) -> NDArray[Any]:
        if origin.gaps:
            return _array_values(table, origin, dtype)
        return objects(table.spellings) if origin.is_lines and escape else label_values(table, dtype)

    give = through(values_of(alphabet))
    mask = np.zeros(len(readings), np.bool_) if MASKED in origin.gaps else None
    position = 0
    for table, places in parts:
        here = slice(position, position + len(table if places is None else places))
        position = here.stop
        if mask is not None:
            masked = np.asarray(table.values == GAP + origin.gaps.index(MASKED), np.bool_)
            mask[here] = masked if places is None else masked[places]
        if places is None:
            readings[here] = values_of(table)
        elif not np.may_share_memory(places, readings[here]):
            (give if table is alphabet else through(values_of(table)))(places, readings[here])
    if mask is not None:
        readings = np.ma.MaskedArray(readings, mask)
    if origin.kind == "bytes":
        return readings.tobytes()
    return readings.reshape(origin.shape, order="F" if origin.fortran else "C") if origin.kind == "array" else readings


def room_for(alphabet: Labels, origin: Origin, count: int, escape: bool = False) -> NDArray[Any]:
    """An array for so many readings; those of a string need none. For `escape`, see `in_memory`."""
    return np.empty(0 if origin.kind == "string" else count, _dtype_in_memory(alphabet, origin, escape))


def places_are_readings(alphabet: Labels, origin: Origin) -> bool:
    """Whether an array of places in the alphabet is the array of the readings."""
    if origin.kind not in ("array", "bytes") or alphabet.kind != "int" or origin.gaps:
        return False
    dtype = _dtype_in_memory(alphabet, origin, False)
    return dtype == symbol_dtype(len(alphabet)) and is_range(label_values(alphabet, dtype))


def _array_values(table: Labels, origin: Origin, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Labels as an array; gaps are NaN, and 0 among ints."""
    values = label_values(table, dtype)
    if origin.gaps:
        values[gaps_in(table)] = np.nan if dtype.kind == "f" else 0
    return values


def _dtype_in_memory(alphabet: Labels, origin: Origin, escape: bool) -> np.dtype[Any]:
    if origin.kind == "array":
        return np.dtype(origin.dtype)
    if origin.kind == "bytes":
        return np.dtype(np.uint8)
    if origin.gaps and origin.kind != "array":
        return np.dtype(np.float64)
    if escape or alphabet.kind in ("str", "bytes"):
        return np.dtype(object)
    return alphabet.values.dtype if alphabet.kind == "int" and alphabet.step == "1" else np.dtype(np.float64)


def as_bytes(alphabet: Labels, origin: Origin, parts: Iterator[Part | Closing]) -> Iterator[bytes]:
    """The bytes of the file that the readings came from: text, raw bytes, or an .npy file of an array.

    Parameters
    ----------
    parts : iterator of tables and places, and at last the Closing
    """
    if fixed_size(origin):
        yield from _as_array_bytes(alphabet, origin, parts)
    else:
        yield from _as_lines(alphabet, origin, parts)


def _as_array_bytes(alphabet: Labels, origin: Origin, parts: Iterator[Part | Closing]) -> Iterator[bytes]:
    dtype = np.dtype(origin.dtype or np.uint8)
    if MASKED in origin.gaps and dtype.kind != "f":
        raise StreamError(
            f"an .npy file of {dtype} has no place for the gaps among these readings: decode them with codec.decode, "
            "into a masked array"
        )
    values = _array_values(alphabet, origin, dtype)
    if origin.kind == "array":
        yield _npy_header(origin)
    for part in parts:
        if not isinstance(part, Closing):
            table, places = _placed(part)
            of_table = values if table is alphabet else _array_values(table, origin, dtype)
            for some in _few_megabytes(places, np.full(len(table), dtype.itemsize)):
                yield of_table[some].tobytes()


def _as_lines(alphabet: Labels, origin: Origin, parts: Iterator[Part | Closing]) -> Iterator[bytes]:
    spellings = _lines_of(alphabet, origin)
    held = b""  # the last line end, until it is known whether the original had it
    if origin.mark:
        yield BOM_UTF8
    for part in parts:
        if isinstance(part, Closing):
            yield held if part.last_line_ended else b""
        elif len((placed := _placed(part))[1]):
            table, places = placed
            lines = spellings if table is alphabet else _lines_of(table, origin)
            for some in _few_megabytes(places, np.array([len(line) for line in lines], np.int64)):
                text = join_spellings(lines, some)
                yield held + text.removesuffix(origin.line_end)
                held = origin.line_end


def _few_megabytes(places: NDArray[Any], sizes: NDArray[np.int64]) -> Iterator[NDArray[Any]]:
    """The places in stretches of a few megabytes of output each; `sizes` are the bytes of each label."""
    for start in range(0, len(places), MAX_RESTORED):
        some = places[start : start + MAX_RESTORED]
        ends = np.cumsum(sizes[some])
        edges = np.flatnonzero(np.diff(ends // MAX_OUTPUT_BYTES)) + 1
        yield from np.split(some, edges) if edges.size else [some]


def _lines_of(table: Labels, origin: Origin) -> list[bytes]:
    if origin.kind == "array" and any("\n" in spelling for spelling in table.spellings):
        raise StreamError("some labels contain line breaks: decode this file with codec.decode, into an array")
    return spelled(table, origin)


def _npy_header(origin: Origin) -> bytes:
    out = io.BytesIO()
    fields = {"descr": origin.dtype, "fortran_order": origin.fortran, "shape": origin.shape}
    np.lib.format.write_array_header_1_0(out, fields)
    return out.getvalue()
