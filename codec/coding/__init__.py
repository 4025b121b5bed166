"""The main path, in one reading: a stream -> a file -> the stream.

readings -> symbols -> lengths -> codewords -> payload -> blocks of a file, and back. `codec.coding.steps` says which
steps lead from readings to symbols; each is one file with both directions.
"""

from __future__ import annotations

import io
import os
from typing import Any, BinaryIO

from codec.bits import engine as bits
from codec.bits.engine import LANE_SIZE
from codec.codes.context import ContextCode
from codec.codes.prefix import PrefixCode
from codec.coding.best import candidates, smallest
from codec.coding.excerpt import excerpt
from codec.coding.file import decoded, need_labels, opened, parts_of, restored, symbols_are_readings, tables_and_places
from codec.coding.options import Options
from codec.coding.piece import Limit, default_max_output
from codec.coding.scan import all_of
from codec.coding.step import File
from codec.coding.steps import LEVELS, transform_named
from codec.coding.writing import Written, write
from codec.files.named import NamedFile, data_of
from codec.files.output import ExistsError, output
from codec.files.section import BytesSource
from codec.readings import restore
from codec.readings.front import open_stream
from codec.readings.grid import on_grid, parse_step
from codec.readings.stream import Stream
from codec.readings.values import from_values
from codec.theory.distribution import Distribution

__all__ = ["Written", "decode", "encode", "encode_file", "write"]


def encode(
    stream: Any,
    code: PrefixCode | ContextCode | Distribution | None = None,
    embed_table: bool = True,
    *,
    best: bool = False,
    step: Any = None,
    per_codeword: int = 1,
    transform: str = "readings",
    order: int | None = None,
    delta: bool = False,
    context: bool = False,
    intervals: bool = False,
    decimals: bool = True,
    engine: str | None = None,
    short: bool = False,
    lane_size: int = LANE_SIZE,
    block_size: int | str = "auto",
) -> bytes:
    """Code a stream of readings into the bytes of a .huf file.

    Parameters
    ----------
    stream : array_like, pandas Series, bytes or str
        What is masked in a masked array, or NA among nullable ints or floats, is a gap with a codeword of its own: such
        numbers come back as a masked array. (NaN is a float; under a transform, ``intervals`` and ``best`` a gap too.)
        Where a number stands for a gap, mask it: ``np.ma.masked_equal(x, -999)``.
    code : PrefixCode, ContextCode or Distribution, optional
        A Distribution, or a mapping label -> weight, stands for its Huffman code. Without it, the code is learned
        from the stream.
    embed_table : bool
        Whether the file carries its code table. If not, `decode` must be given the same code.
    best : bool
        Try every way of coding, and take the one that makes the smallest file.
    step : number or str, optional
        Round the readings to multiples of this, 0.1 for example.
    per_codeword : int
        Readings in a codeword, when the code is learned; a code over tuples (`Distribution.extension`) says it by
        itself.
    transform : str
        "readings"; "differences" of neighbouring readings, which are ints; "ranks", differences of places among the
        sorted readings; "linear", what linear prediction leaves; "linear ranks", that of ranks.
    order : int, optional
        Readings that linear prediction looks at, 1 to 16; by default what leaves least.
    delta : bool
        Short for ``transform="differences"``.
    context : bool
        Whether to learn a code for each reading that may come before.
    intervals : bool
        Whether to learn a code with one length for all numbers of an interval: a far smaller table.
    decimals : bool
        Whether floats are coded as the decimals that they show, if all come back bit for bit. Otherwise each is known
        by its bits. The labels of a given code decide this by themselves.
    engine : str, optional
        "reference", "lanes" or "compiled"; by default the fastest there is.
    short : bool
        Fewer bytes around the payload, for a stream of one block; ``best`` does it by itself.
    lane_size, block_size : int
        Symbols in a lane and in a block; 1 to 2**24. A damaged bit costs the readings of its block. By default a long
        stream has up to 16 blocks, as many as cost less than 0.1 % of the file.

    Raises
    ------
    MissingCodewordError
        If a reading has no codeword in the given code.
    ValueError
        Without a table and without a code, nothing could ever decode the file.

    Examples
    --------
    >>> import numpy as np
    >>> data = encode(np.array([100, 105, 105, 110]))
    >>> decode(data)
    array([100, 105, 105, 110])
    """
    how = _options(
        embed_table=embed_table, transform=transform, order=order, delta=delta, per_codeword=per_codeword,
        context=context, intervals=intervals, engine=engine, short=short, lane_size=lane_size, block_size=block_size,
    )  # fmt: skip
    out = io.BytesIO()
    _write(from_values(stream, decimals), out, code, how, best, step)
    return out.getvalue()


def encode_file(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    code: PrefixCode | ContextCode | Distribution | None = None,
    *,
    column: str | None = None,
    raw: bool = False,
    decimals: bool = True,
    best: bool = False,
    step: Any = None,
    force: bool = False,
    **options: Any,
) -> Written:
    """Code a file of readings into a .huf file, which appears under its name only once it is complete.

    Neither file has to fit in memory.

    Parameters
    ----------
    source : str or path
        Text, one reading a line; an .npy file; or a CSV file, with `column`. Any of them may be gzipped.
    target : str or path
    code, best, step
        See `encode`.
    column : str, optional
        Read this column of a CSV file.
    raw : bool
        Read single bytes, of any file.
    decimals : bool
        See `encode`; of an .npy file.
    force : bool
        Replace an existing file.
    **options
        The other options of `encode`.

    Returns
    -------
    Written
        Its `count` of readings, `file_bytes` and `original_bytes`.

    Raises
    ------
    ExistsError
        If the target exists and `force` is false, or if it is the source.
    StreamError
        If the source cannot be read as asked.
    """
    shown = os.fsdecode(source)
    if os.path.exists(target) and os.path.samefile(shown, target):
        raise ExistsError(f"{shown} is the source, which is never overwritten: name another target")
    how = _options(**options)
    with io.BufferedReader(NamedFile(shown, "r", shown)) as file, output(target, force) as out:
        return _write(open_stream(file, shown, column, raw, decimals=decimals), out, code, how, best, step)


def _options(*, delta: bool = False, transform: str = LEVELS.name, **options: Any) -> Options:
    """The options of `encode` as one record."""
    if delta and transform not in (LEVELS.name, "differences"):
        raise ValueError(f"delta is short for transform='differences', and {transform!r} was given: give one of them")
    return Options(transform=transform_named("differences" if delta else transform), **options)


def _write(stream: Stream, out: BinaryIO, code: Any, how: Options, best: bool, step: Any) -> Written:
    """Code a stream, rounded if there is a step, in the best way if that is asked for."""
    if step is not None:
        stream, _ = on_grid(stream, parse_step(str(step)))
    if best:
        how.refuse_choices(code is not None)
        found = smallest(candidates(stream, how))
        code, how = found.code, found.how
    return write(stream, out, code, how)


def decode(
    data: bytes | str | os.PathLike[str],
    code: PrefixCode | ContextCode | Distribution | None = None,
    max_output: int | None = None,
    *,
    start: int | None = None,
    stop: int | None = None,
    engine: str | None = None,
) -> Any:
    """The readings of a .huf file, as `encode` was given them: an array, bytes or a string.

    Of nullable numbers with gaps, a masked array.

    Parameters
    ----------
    data : bytes, str or path
        A whole file, or its path.
    code : PrefixCode, ContextCode or Distribution, optional
        Needed for a file without a table; for one with a table it must be the same code.
    max_output : int, optional
        The most bytes that the readings may take; by default 256 for each byte of the file, or 1 GiB if that is more.
    start, stop : int, optional
        Only the readings from `start` on and before `stop`, as in a slice. Blocks that hold none of them are skipped,
        and their checksums with them. Of an array with several dimensions, these are readings in the order of
        memory, in one dimension.
    engine : str, optional
        See `encode`.

    Raises
    ------
    DamagedError, UnsupportedError, WrongTableError, OutputLimitError

    Examples
    --------
    >>> decode(encode(b"abracadabra"))
    b'abracadabra'
    >>> decode(encode(b"abracadabra"), start=-4)
    b'abra'
    """
    with data_of(data) as source:
        limit = Limit(_size_based(source) if max_output is None else max_output)
        if start is not None or stop is not None:
            some = excerpt(all_of(source), code, engine, start, stop, limit)
            file, parts, count = some.file, some.parts, some.count
            room = restore.room_for(file.alphabet, file.origin, count, _as_text(file))
        else:
            file = opened(source, code, engine)
            *blocks, end = parts_of(file)
            count = end.count
            limit.need(count * file.least_size)
            need_labels(file, limit)
            room = restore.room_for(file.alphabet, file.origin, count, _as_text(file))
            symbols = decoded(file, [*blocks, end], count, room if symbols_are_readings(file) else None, each=False)
            parts = tables_and_places(restored(file, symbols, limit))
        through = bits.engine(engine, count).through
        return restore.in_memory(file.alphabet, file.origin, parts, room, _as_text(file), through)


def _as_text(file: File) -> bool:
    """Whether readings may come that the table has no label for."""
    return file.code.has_escape and file.transform.step is None


def _size_based(source: BytesSource | io.BufferedReader[Any]) -> int:
    if isinstance(source, BytesSource):
        return default_max_output(len(source.rest()))
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    return default_max_output(size)
