"""The main path, in one reading: a stream -> a file -> the stream.

readings -> symbols -> lengths -> codewords -> payload -> blocks of a file, and back. `codec.coding.steps` says which
steps lead from readings to symbols; each is one file with both directions.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, BinaryIO

from codec.bits.engine import BLOCK_SIZE, LANE_SIZE, Coder, in_threads
from codec.codes.context import ContextCode, as_file_code
from codec.codes.prefix import PrefixCode
from codec.coding.file import decoded, header_of, need_labels, opened, parts_of, restored
from codec.coding.learn import learned
from codec.coding.options import Options
from codec.coding.piece import Cut, Limit, Piece, default_max_output
from codec.coding.step import Job
from codec.coding.steps import LEVELS, coded_symbols, transform_named
from codec.coding.symbols import refuse_missing_pairs
from codec.files import container
from codec.files.container import Block, End
from codec.readings import restore
from codec.readings.floats import in_kind_of
from codec.readings.origin import count_of
from codec.readings.stream import Stream
from codec.readings.values import from_values
from codec.theory.distribution import Distribution


def encode(
    stream: Any,
    code: PrefixCode | ContextCode | Distribution | None = None,
    embed_table: bool = True,
    *,
    per_codeword: int = 1,
    transform: str = "readings",
    delta: bool = False,
    context: bool = False,
    decimals: bool = True,
    engine: str | None = None,
    lane_size: int = LANE_SIZE,
    block_size: int = BLOCK_SIZE,
) -> bytes:
    """Code a stream of readings into the bytes of a .huf file.

    Parameters
    ----------
    stream : array_like, pandas Series, bytes or str
    code : PrefixCode, ContextCode or Distribution, optional
        A Distribution stands for its Huffman code. Without it, the code is learned from the stream.
    embed_table : bool
        Whether the file carries its code table. If not, `decode` must be given the same code.
    per_codeword : int
        Readings in a codeword, when the code is learned; a code over tuples (`Distribution.extension`) says it by
        itself.
    transform : str
        "readings", or "differences" of neighbouring readings, which are ints.
    delta : bool
        Short for ``transform="differences"``.
    context : bool
        Whether to learn a code for each reading that may come before.
    decimals : bool
        Whether floats are coded as the decimals that they show, if all come back bit for bit. Otherwise each is known
        by its bits. The labels of a given code decide this by themselves.
    engine : str, optional
        "reference", "lanes" or "compiled"; by default the fastest there is.
    lane_size, block_size : int
        Symbols in a lane and in a block; 1 to 2**24.

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
    if delta and transform not in (LEVELS.name, "differences"):
        raise ValueError(f"delta is short for transform='differences', and {transform!r} was given: give one of them")
    how = Options(
        embed_table=embed_table, transform=transform_named("differences" if delta else transform),
        per_codeword=per_codeword, context=context, engine=engine, lane_size=lane_size, block_size=block_size,
    )  # fmt: skip
    out = io.BytesIO()
    write(from_values(stream, decimals), out, code, how)
    return out.getvalue()


def decode(
    data: bytes,
    code: PrefixCode | ContextCode | Distribution | None = None,
    max_output: int | None = None,
    *,
    engine: str | None = None,
) -> Any:
    """The readings of a .huf file, as `encode` was given them: an array, bytes or a string.

    Parameters
    ----------
    data : bytes
        A whole file.
    code : PrefixCode, ContextCode or Distribution, optional
        Needed for a file without a table; for one with a table it must be the same code.
    max_output : int, optional
        The most bytes that the readings may take; by default 256 for each byte of the file, or 1 GiB if that is more.

    Raises
    ------
    DamagedError, UnsupportedError, WrongTableError, OutputLimitError

    Examples
    --------
    >>> decode(encode(b"abracadabra"))
    b'abracadabra'
    """
    file = opened(io.BytesIO(data), code, engine)
    *blocks, end = parts_of(file)
    limit = Limit(default_max_output(len(data)) if max_output is None else max_output)
    limit.need(end.count * file.least_size)
    need_labels(file, limit)
    pieces = (
        (piece.labels, piece.symbols)
        for _, _, readings in restored(file, decoded(file, [*blocks, end], end.count), limit)
        for piece in readings
    )
    as_text = file.code.has_escape and file.transform.step is None
    return restore.in_memory(file.alphabet, file.origin, pieces, end.count, as_text)


@dataclass(frozen=True)
class Written:
    """What `write` wrote."""

    count: int
    file_bytes: int
    original_bytes: int


def write(
    stream: Stream,
    out: BinaryIO,
    code: PrefixCode | ContextCode | Distribution | None = None,
    how: Options = Options(),  # noqa: B008  frozen
) -> Written:
    """Code a stream into a file; return what was written. See `encode`."""
    if code is not None:
        how.refuse_learning()
    elif not how.embed_table:
        raise ValueError("a file without a table needs a given code: without either, nothing could decode it")
    used = learned(stream, how) if code is None else as_file_code(code)
    stream = in_kind_of(stream, used.singles)
    header = header_of(stream, used, how)
    job = Job(stream, how.transform, used, how.block_size * used.readings)
    coder = Coder(used, how.lane_size, how.engine, count_of(stream.origin) or 0)

    def coded(numbered: tuple[int, Piece]) -> tuple[Piece, bytes]:
        sequence, piece = numbered
        done = sequence * how.block_size
        if code is not None:
            refuse_missing_pairs(job, piece.symbols, how.lane_size, done)
        payload, lane_bits = coder.encode(piece.symbols, done)
        return piece, Block(sequence, len(piece.symbols), lane_bits, payload, piece.raw, piece.base).pack()

    file_bytes = container.write_all(out, header.pack())
    checksum = 0
    readings = Cut(stream, job.block_readings)
    pieces = coded_symbols(readings, job, how.block_size)
    for piece, block in in_threads(coded, enumerate(pieces), coder.threads):
        file_bytes += container.write_all(out, block)
        checksum = container.checksum_symbols(piece.symbols, checksum, piece.base, piece.raw)
    checksum = container.checksum_rest(header, readings.count, checksum)
    file_bytes += container.write_all(out, End(readings.count, checksum, readings.closing.pack()).pack())
    return Written(readings.count, file_bytes, readings.closing.original_bytes)
