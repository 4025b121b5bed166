"""A chunk of an array as a .huf file, and back: what the codecs for Zarr 2 and Zarr 3 share.

A configuration is what stands in the metadata of an array, as JSON: options of `codec.encode` that are not the usual
ones, and of a shared table

    table           base64 of a file without readings that carries it, `codec.files.short`
    fingerprint     of the table, for people

so that the table in the metadata has a checksum and says by itself what it is of. A chunk is a whole file, or, with a
shared table, a file without its table. To decode one, no option is needed.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import io
import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.context import as_file_code
from codec.codes.prefix import PrefixCode
from codec.coding import decode, encode
from codec.coding.file import opened
from codec.coding.options import Options
from codec.coding.steps import transform_named
from codec.errors import DamagedError, MissingCodewordError, WrongTableError, counted, in_arrays, option

NAME = "codec.huffman"
LEARNING: Mapping[str, Any] = {"transform": "readings", "order": None, "context": False, "intervals": False}
_USUAL: Mapping[str, Any] = {**LEARNING, "short": False, "table": "", "fingerprint": ""}
_KINDS = "biufmM"
_TABLES = 64  # kept, with what engines have made of them

Configuration = dict[str, Any]


def configuration(code: Any = None, **options: Any) -> Configuration:
    """What is to stand in the metadata of an array.

    Parameters
    ----------
    code : PrefixCode or Distribution, optional
        One table for all chunks; without it, each chunk learns its own and carries it.
    **options
        "transform", "order", "context", "intervals" of a table that is learned, and "short", as in `codec.encode`; or
        "table" and "fingerprint", as they stand in the metadata.

    Raises
    ------
    TypeError, ValueError
        For other options, for values that they cannot have, or that do not go together.

    Examples
    --------
    >>> from codec import huffman
    >>> configuration(huffman({20: 3, 21: 1}))["fingerprint"], configuration(transform="differences")
    ('e22d65cb53e323e8', {'transform': 'differences'})
    """
    for name in options:
        if name not in _USUAL:
            raise TypeError(f"{NAME} has no option {name!r}; there are {', '.join(_USUAL)}")
    asked = {name: value for name, value in options.items() if value != _USUAL[name]}
    if code is not None:
        if "table" in asked or "fingerprint" in asked:
            raise ValueError("a code was given, and a table too: give one of them")
        code = as_file_code(code)
        _refuse_other_codes(code)
        table = encode(np.zeros(0, np.int64), code, short=True)
        asked |= {"table": base64.b64encode(table).decode("ascii"), "fingerprint": code.fingerprint}
    if asked.get("fingerprint") and not asked.get("table"):
        raise ValueError(f"the fingerprint {asked['fingerprint']} is that of a table, and there is none")
    learning = [name for name in asked if name in LEARNING]
    if "table" in asked:
        if learning:
            raise ValueError(f"{learning[0]} is for a table that is learned; the shared one says it by itself")
        found = code_in(asked)
        if found is not None and asked.get("fingerprint") not in (None, found.fingerprint):
            raise WrongTableError(
                f"the table in the metadata is {found.fingerprint}, and its fingerprint is said to be "
                f"{asked['fingerprint']}"
            )
    Options(**{**_options(asked), "transform": transform_named(asked.get("transform", "readings"))})
    return asked


def _options(asked: Configuration) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if name not in ("table", "fingerprint")}


def _refuse_other_codes(code: Any) -> None:
    if not isinstance(code, PrefixCode) or code.readings > 1:
        raise TypeError("one table for all chunks is a PrefixCode for single readings")


def code_in(asked: Configuration) -> PrefixCode | None:
    """The shared table of a configuration, if it has one."""
    return _parsed(asked["table"]) if "table" in asked else None


@lru_cache(_TABLES)
def _parsed(table: str) -> PrefixCode:
    try:
        code = opened(io.BytesIO(base64.b64decode(table, validate=True))).code
    except (binascii.Error, ValueError):
        raise DamagedError("the table in the metadata of the array is not base64") from None
    _refuse_other_codes(code)
    return code  # type: ignore[return-value]


def encode_chunk(chunk: NDArray[Any], asked: Configuration) -> bytes:
    """A chunk as a .huf file.

    Raises
    ------
    TypeError
        If it holds neither numbers nor times.
    MissingCodewordError
        If a reading has no codeword in the shared table.
    StreamError
        If no table can be made of its readings: of more than 65,536 different ones, for example.
    """
    if chunk.dtype.kind not in _KINDS:
        raise TypeError(f"{NAME} codes numbers and times, and this chunk is of type {chunk.dtype}")
    code = code_in(asked)
    with in_arrays():
        return encode(chunk, code, embed_table=code is None, **_options(asked))


def decode_chunk(data: Any, asked: Configuration, max_output: int | None = None) -> NDArray[Any]:
    """The readings of a chunk, of the type and the shape that they had; DamagedError if they are no array."""
    with in_arrays():
        found = decode(data, code_in(asked), max_output)
    if not isinstance(found, np.ndarray):
        raise DamagedError("the chunk is a file of something else than an array")
    return found


def decode_as(data: Any, asked: Configuration, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """The readings of a chunk that is known to be of this shape and type, in native byte order.

    Raises
    ------
    DamagedError
        If it is of another type, or has more or fewer readings.
    """
    native = dtype.newbyteorder("=")
    count = math.prod(shape)
    found = decode_chunk(data, asked, count * native.itemsize)
    if found.size != count or found.dtype != native:
        raise DamagedError(
            f"the chunk holds {counted(found.size, 'reading')} of type {found.dtype}, "
            f"and the array {count:,} of type {native} there"
        )
    return found.reshape(shape)


def refuse_fill(fill: Any, dtype: np.dtype[Any], asked: Configuration) -> None:
    """Refuse a shared table that cannot code the fill value of an array, by which chunks are filled up.

    Nothing is known, and nothing refused, where floats are to be coded by a table of ints: a filter may make them so.

    Raises
    ------
    MissingCodewordError
        If it has neither a codeword for the fill value nor an escape for it; over differences or the like, no escape.
    """
    code = code_in(asked)
    if code is None or (dtype.kind == "f" and (code.singles.kind, code.singles.step) == ("int", "1")):
        return
    of = code.singles.of
    if of is None:
        with contextlib.suppress(MissingCodewordError):
            encode(np.array([fill], dtype), code, embed_table=False)
            return
    elif code.has_escape:
        return
    what = "codeword for" if of is None else "escape, and may have no codeword for what leads to"
    an_escape = f" or make one with an escape ({option('codec table --escape')})," * (not code.has_escape)
    raise MissingCodewordError(
        f"the shared table has no {what} the fill value {fill}, by which chunks are filled up: make one that knows it,"
        f"{an_escape} or give another fill_value"
    )
