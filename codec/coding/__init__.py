"""The main path, in one reading: a stream -> a file -> the stream.

readings -> symbols -> lengths -> codewords -> payload -> blocks of a file, and back.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from codec.bits.engine import BLOCK_SIZE, LANE_SIZE, Coder, in_threads
from codec.codes.context import ContextCode, as_context_code
from codec.codes.prefix import PrefixCode, as_code, huffman
from codec.codes.serialize import KINDS, MAX_CODE_LENGTH, MAX_LABEL_BYTES
from codec.coding.contexts import learn_contexts
from codec.coding.differences import Differences, differences
from codec.coding.reader import Reader, default_max_output
from codec.coding.symbols import Symbols, of_size, placed
from codec.coding.tuples import learn_tuples, tuple_symbols
from codec.errors import DamagedError, MissingCodewordError, StreamError
from codec.files import container
from codec.files.container import Block, End, Header
from codec.readings import restore
from codec.readings.origin import count_of
from codec.readings.stream import Stream, tally_stream
from codec.readings.values import from_values
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels
from codec.theory.tuples import MOST_READINGS


def encode(
    stream: Any,
    code: PrefixCode | ContextCode | Distribution | None = None,
    embed_table: bool = True,
    *,
    per_codeword: int = 1,
    delta: bool = False,
    context: bool = False,
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
        Readings in a codeword, when the code is learned; a code over tuples (`Distribution.extension`) tells by itself.
    delta : bool
        Whether to code the differences of neighbouring readings, which are ints.
    context : bool
        Whether to learn a code for each reading that may come before.
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
    >>> data = encode(np.array([100, 105, 105, 110]))
    >>> decode(data)
    array([100, 105, 105, 110])
    """
    out = io.BytesIO()
    write(
        from_values(stream), out, code, embed_table,
        per_codeword=per_codeword, delta=delta, context=context, engine=engine,
        lane_size=lane_size, block_size=block_size,
    )  # fmt: skip
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
    reader = Reader(io.BytesIO(data), code, engine=engine)
    blocks = list(reader.packed_blocks())
    count = reader.end.count
    expected = count_of(reader.origin)
    if expected is not None and expected != count:
        raise DamagedError(f"the file holds {count:,} readings, and its array had {expected:,}")
    limit = default_max_output(len(data)) if max_output is None else max_output
    as_text = reader.escape and not reader.delta
    alphabet = Labels("int", np.zeros(0, np.int64), reader.alphabet.step) if reader.delta else reader.alphabet
    return restore.in_memory(alphabet, reader.origin, reader.parts_of(blocks, limit), count, as_text)


_Prepared = tuple[NDArray[Any], int | None, bytes]  # of a block: symbols, base, raw values


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
    embed_table: bool = True,
    *,
    per_codeword: int = 1,
    delta: bool = False,
    context: bool = False,
    engine: str | None = None,
    lane_size: int = LANE_SIZE,
    block_size: int = BLOCK_SIZE,
) -> Written:
    """Code a stream into a file; return what was written. See `encode`."""
    for name, size in (("lane_size", lane_size), ("block_size", block_size)):
        if not 1 <= size <= container.MAX_BLOCK_SIZE:
            raise ValueError(f"{name} is from 1 to {container.MAX_BLOCK_SIZE:,}, not {size:,}")
    if code is None and not embed_table:
        raise ValueError("a file without a table needs a given code: without either, nothing could decode it")
    if per_codeword != 1 and (code is not None or context or not 1 <= per_codeword <= MOST_READINGS):
        raise ValueError(
            f"per_codeword is for a code that is learned, and from 1 to {MOST_READINGS}, not {per_codeword}"
        )
    if context and code is not None:
        raise ValueError("context is for a code that is learned: a given one tells by itself")
    given = as_context_code(code) if isinstance(code, ContextCode) else as_code(code) if code is not None else None
    k = given.alphabet.readings if given is not None else per_codeword
    source: Stream = differences(stream, block_size * k, _first_difference(given)) if delta else stream
    used = given if given is not None else _learned(source, per_codeword, (lane_size, block_size) if context else None)
    alphabet, k = used.alphabet.singles, used.alphabet.readings
    header = header_of(stream, used, embed_table, delta, lane_size, block_size)
    file_bytes = container.write_all(out, header.pack())
    checksum = 0
    single = used if isinstance(used, PrefixCode) and k == 1 else _every_label(alphabet)
    readings = Symbols(source, single, learned=code is None)
    symbols_in: Iterable[NDArray[Any]] = readings
    if isinstance(used, PrefixCode) and k > 1:
        symbols_in = tuple_symbols(readings, used)
    coder = Coder(
        used if isinstance(used, ContextCode) else used.all_lengths, lane_size, engine, count_of(stream.origin) or 0
    )

    def coded(numbered: tuple[int, _Prepared]) -> tuple[_Prepared, bytes]:
        sequence, (symbols, base, raw) = numbered
        if isinstance(given, ContextCode):
            _refuse_pairs_without(given, symbols, lane_size, source, sequence * block_size)
        payload, lane_bits = coder.encode(symbols, sequence * block_size)
        return (symbols, base, raw), Block(sequence, len(symbols), lane_bits, payload, raw, base).pack()

    prepared = (
        (symbols, source.bases.popleft() if isinstance(source, Differences) else None, readings.raw_of(symbols))
        for symbols in of_size(symbols_in, block_size)
    )
    for (symbols, base, raw), coded_block in in_threads(coded, enumerate(prepared), coder.threads):
        file_bytes += container.write_all(out, coded_block)
        checksum = container.checksum_symbols(symbols, checksum, base, raw)
    count = readings.count
    checksum = container.checksum_rest(header, count, checksum)
    file_bytes += container.write_all(out, End(count, checksum, readings.closing.pack()).pack())
    return Written(count, file_bytes, readings.closing.original_bytes)


def header_of(
    stream: Stream, code: PrefixCode | ContextCode, embed_table: bool, delta: bool, lane_size: int, block_size: int
) -> Header:
    """The header of a stream's file."""
    k = code.alphabet.readings
    in_context = isinstance(code, ContextCode)
    complete = code.complete if isinstance(code, ContextCode) else code.kraft_sum() == 1
    escape = isinstance(code, PrefixCode) and bool(code.escape_length)
    return Header(
        flags=container.HAS_TABLE * embed_table | container.INCOMPLETE * (not complete) | container.HAS_ESCAPE * escape,
        label_kind=KINDS.index(code.alphabet.singles.kind),
        lane_size=lane_size,
        block_size=block_size,
        fingerprint=code.fingerprint,
        origin=stream.origin.pack(),
        table=_table_to_embed(stream, code) if embed_table else b"",
        transform=container.DIFFERENCES * delta,
        code=container.CONTEXT if in_context else container.TUPLES if k > 1 else container.PLAIN,
        parameter=k if k > 1 else 0,
    )


def _first_difference(code: PrefixCode | ContextCode | None) -> int:
    """What the first difference is to be: 0, or what has the shortest codeword if 0 has none."""
    if code is None or code.alphabet.kind != "int":
        return 0
    lengths = code.lengths if isinstance(code, PrefixCode) else code.first_lengths
    lengths = np.where(code.alphabet.values <= np.iinfo(np.int64).max, lengths, 0)  # no difference is larger
    if lengths[code.alphabet.values == 0].any():
        return 0
    shortest = np.where(lengths > 0, lengths, MAX_CODE_LENGTH + 1).argmin()
    return int(code.alphabet.values[shortest]) if lengths.any() else 0


def _refuse_pairs_without(
    code: ContextCode, symbols: NDArray[Any], lane_size: int, stream: Stream, before: int
) -> None:
    missing = code.places_of(code.rows_at(symbols, lane_size), symbols) < 0
    if missing.any():
        place = int(missing.argmax())
        named = placed(stream, code.alphabet.take(symbols[place : place + 1]), 0, before + place)
        raise MissingCodewordError(
            f"{named} has no codeword behind the one before it; {int(missing.sum()):,} about there have none: "
            "learn a code in context from readings that have such pairs"
        )


def _every_label(base: Labels) -> PrefixCode:
    """Not a code, but an alphabet whose labels all count as known."""
    return PrefixCode(base, np.ones(len(base), np.int64))


def _learned(stream: Stream, per_codeword: int, lanes_and_blocks: tuple[int, int] | None) -> PrefixCode | ContextCode:
    """The code learned from a stream, in context if sizes of lanes and blocks are given; no labels if it is empty."""
    labels, counts = tally_stream(stream)
    if not len(labels):
        return PrefixCode(labels, np.zeros(0, np.int64))
    if lanes_and_blocks is not None:
        return learn_contexts(stream, labels, *lanes_and_blocks)
    return huffman(
        Distribution(labels, counts) if per_codeword == 1 else learn_tuples(stream, labels, per_codeword),
        MAX_CODE_LENGTH,
    )


def _table_to_embed(stream: Stream, code: PrefixCode | ContextCode) -> bytes:
    table = code.serialized
    labels = code.alphabet.singles
    if len(table) > MAX_LABEL_BYTES and labels.kind in ("str", "bytes"):
        longest = max(
            len(label.encode("utf-8", "surrogatepass") if isinstance(label, str) else label) for label in labels
        )
        if longest > MAX_LABEL_BYTES or len(table) > container.MAX_TABLE_BYTES:
            raise StreamError(
                f"{stream.name} has readings of up to {longest:,} bytes, a table of {len(table):,}; a table holds "
                f"labels of {MAX_LABEL_BYTES:,} and {container.MAX_TABLE_BYTES:,} in all: code the file with --bytes"
            )
    return table
