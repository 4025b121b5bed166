"""The main path, in one reading: a stream -> a file -> the stream.

readings -> symbols -> lengths -> codewords -> payload -> blocks of a file, and back.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from codec.bits.engine import BLOCK_SIZE, LANE_SIZE, Coder, in_threads
from codec.codes.prefix import PrefixCode, as_code, huffman
from codec.codes.serialize import KINDS, MAX_CODE_LENGTH, MAX_LABEL_BYTES
from codec.errors import DamagedError, MissingCodewordError, StreamError
from codec.files import container, restore
from codec.files.blocks import learn_tuples, tuple_symbols
from codec.files.container import Block, End, Header
from codec.files.origin import Closing, count_of
from codec.files.raw import pack_raw
from codec.files.streams import Stream, from_values, tally_stream
from codec.reader import Reader, default_max_output
from codec.theory.alphabet import find, find_spelled, symbol_dtype
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels
from codec.theory.tuples import MOST_READINGS


def encode(
    stream: Any,
    code: PrefixCode | Distribution | None = None,
    embed_table: bool = True,
    *,
    block: int = 1,
    engine: str | None = None,
    lane_size: int = LANE_SIZE,
    block_size: int = BLOCK_SIZE,
) -> bytes:
    """Code a stream of readings into the bytes of a .huf file.

    Parameters
    ----------
    stream : array_like, pandas Series, bytes or str
    code : PrefixCode or Distribution, optional
        A Distribution stands for its Huffman code. Without it, the code is learned from the stream.
    embed_table : bool
        Whether the file carries its code table. If not, `decode` must be given the same code.
    block : int
        Readings in a codeword, when the code is learned; a code over tuples (`Distribution.extension`) tells by itself.
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
    sizes = {"lane_size": lane_size, "block_size": block_size}
    write(from_values(stream), out, code, embed_table, block=block, engine=engine, **sizes)
    return out.getvalue()


def decode(
    data: bytes,
    code: PrefixCode | Distribution | None = None,
    max_output: int | None = None,
    *,
    engine: str | None = None,
) -> Any:
    """The readings of a .huf file, as `encode` was given them: an array, bytes or a string.

    Parameters
    ----------
    data : bytes
        A whole file.
    code : PrefixCode or Distribution, optional
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
    return restore.in_memory(reader.alphabet, reader.origin, reader.parts_of(blocks, limit), count, reader.escape)


@dataclass(frozen=True)
class Written:
    """What `write` wrote."""

    count: int
    file_bytes: int
    original_bytes: int


def write(
    stream: Stream,
    out: BinaryIO,
    code: PrefixCode | Distribution | None = None,
    embed_table: bool = True,
    *,
    block: int = 1,
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
    if block != 1 and (code is not None or not 1 <= block <= MOST_READINGS):
        raise ValueError(f"block is for a code that is learned, and from 1 to {MOST_READINGS}, not {block}")
    used = _code_for(stream, code, block)
    base = used.alphabet.base if used.alphabet.kind == "tuple" and used.alphabet.base is not None else used.alphabet
    k = used.alphabet.values.shape[1] if used.alphabet.kind == "tuple" else 1
    header = Header(
        flags=container.HAS_TABLE * embed_table
        | container.INCOMPLETE * (used.kraft_sum() != 1)
        | container.HAS_ESCAPE * bool(used.escape_length),
        label_kind=KINDS.index(base.kind),
        lane_size=lane_size,
        block_size=block_size,
        fingerprint=used.fingerprint,
        origin=stream.origin.pack(),
        table=_table_to_embed(stream, used) if embed_table else b"",
        code=container.TUPLES if k > 1 else container.PLAIN,
        parameter=k if k > 1 else 0,
    )
    file_bytes = container.write_all(out, header.pack())
    checksum = 0
    readings = _Symbols(stream, used if k == 1 else _every_label(base), learned=code is None)
    symbols_in = readings if k == 1 else tuple_symbols(readings, used)
    coder = Coder(used.all_lengths, lane_size, engine, count_of(stream.origin) or 0)

    def coded(numbered: tuple[int, tuple[NDArray[Any], bytes]]) -> tuple[NDArray[Any], bytes]:
        sequence, (symbols, raw) = numbered
        payload, lane_bits = coder.encode(symbols, sequence * block_size)
        return symbols, Block(sequence, len(symbols), lane_bits, payload, raw).pack()

    with_raw = ((symbols, readings.raw_of(symbols)) for symbols in _of_size(symbols_in, block_size))
    for symbols, coded_block in in_threads(coded, enumerate(with_raw), coder.threads):
        file_bytes += container.write_all(out, coded_block)
        checksum = container.checksum_symbols(symbols, checksum)
    count = readings.count
    checksum = container.checksum_rest(header, count, checksum)
    file_bytes += container.write_all(out, End(count, checksum, readings.closing.pack()).pack())
    return Written(count, file_bytes, readings.closing.original_bytes)


def _every_label(base: Labels) -> PrefixCode:
    """Not a code, but an alphabet whose labels all count as known."""
    return PrefixCode(base, np.ones(len(base), np.int64))


def _code_for(stream: Stream, code: PrefixCode | Distribution | None, block: int) -> PrefixCode:
    """The code given, or the one learned from the stream; one without any label for an empty stream."""
    if code is None:
        labels, counts = tally_stream(stream)
        if not len(labels):
            return PrefixCode(labels, np.zeros(0, np.int64))
        p = Distribution(labels, counts) if block == 1 else learn_tuples(stream, labels, block)
        code = huffman(p, MAX_CODE_LENGTH)
    return as_code(code)


def _table_to_embed(stream: Stream, code: PrefixCode) -> bytes:
    table = code.serialized
    labels = code.alphabet.base if code.alphabet.base is not None else code.alphabet
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


class _Symbols:
    """The readings of a stream as symbols, every one with a codeword; its closing, once they are through.

    What has no codeword becomes the escape, if there is one, and its raw value waits for its block.
    """

    def __init__(self, stream: Stream, code: PrefixCode, learned: bool) -> None:
        self._stream, self._code, self._alphabet, self._lengths = stream, code, code.alphabet, code.lengths
        self._escape = len(code) if code.escape_length else None
        # The alphabet was learned from these very readings, which cannot have changed since.
        self._trusted = learned and stream.in_memory
        self._raw: deque[Labels] = deque()
        self.closing = Closing(0)
        self.count = 0  # readings so far

    def __iter__(self) -> Iterator[NDArray[Any]]:
        missing, first, other, position = 0, "", self._alphabet, 0
        for piece in self._stream.pieces():
            if isinstance(piece, Closing):
                self.closing = piece
                break
            symbols, unknown = self._look_up(piece)
            if unknown is not None and unknown.any():
                if self._code.can_escape(piece, self._stream.origin.is_lines):
                    symbols = symbols.astype(symbol_dtype(len(self._alphabet) + 1))
                    symbols[unknown] = self._escape
                    self._raw.append(piece.take(np.flatnonzero(unknown)))
                else:
                    if not missing:
                        first = _place(self._stream, piece, int(unknown.argmax()), position)
                        other = piece
                    missing += int(unknown.sum())
            elif self._escape is not None:
                symbols = symbols.astype(symbol_dtype(len(self._alphabet) + 1), copy=False)
            position += len(piece)
            self.count = position
            if not missing:  # otherwise the rest is only counted
                yield symbols
        if missing:
            way_out = "make a table that knows them, or one with an escape (codec table --escape)"
            if self._escape is not None:
                way_out = f"its escape is for readings of kind {_kind(self._alphabet)}, and these are {_kind(other)}"
            raise MissingCodewordError(
                f"{first} has no codeword in the code, nor have {missing:,} of {position:,} readings: {way_out}"
            )

    def _look_up(self, piece: Labels) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        if self._stream.origin.is_lines:
            symbols, unknown = find_spelled(self._alphabet, piece)
        else:
            symbols, unknown = find(self._alphabet, piece, self._trusted)
        if len(self._lengths) and self._lengths.all():
            return symbols, unknown
        if not len(self._lengths):
            return symbols, np.ones(len(symbols), np.bool_)
        without = self._lengths.take(symbols, mode="clip") == 0  # the symbol of an unknown label may be any
        return symbols, without if unknown is None else unknown | without

    def raw_of(self, symbols: NDArray[Any]) -> bytes:
        """The raw values behind the escapes among the next symbols."""
        wanted = 0 if self._escape is None else int(np.count_nonzero(symbols == self._escape))
        parts = []
        while wanted:
            values = self._raw.popleft()
            if len(values) > wanted:
                self._raw.appendleft(values.take(np.arange(wanted, len(values))))
                values = values.take(np.arange(wanted))
            wanted -= len(values)
            try:
                parts.append(pack_raw(values, self._stream.origin))
            except ValueError as error:
                raise StreamError(f"{self._stream.name}: {error}: code the file with --bytes") from None
        return b"".join(parts)


def _kind(labels: Labels) -> str:
    return labels.kind if labels.step == "1" else f"{labels.kind} in steps of {labels.step}"


def _place(stream: Stream, piece: Labels, place: int, before: int) -> str:
    reading, position = piece[place], before + place
    if piece.kind == "int":
        reading = piece.take(np.array([place])).spellings[0]
    return f"{stream.name}, {stream.place(position)}: the reading {reading}"


def _of_size(parts: Iterable[NDArray[Any]], size: int) -> Iterator[NDArray[Any]]:
    """The same symbols in stretches of `size`, the last one shorter."""
    held: list[NDArray[Any]] = []
    held_size = 0
    for part in parts:
        while held_size + len(part) >= size:
            cut = size - held_size
            yield np.concatenate([*held, part[:cut]]) if held else part[:cut]
            held, held_size, part = [], 0, part[cut:]
        if len(part):
            held.append(part)
            held_size += len(part)
    if held:
        yield np.concatenate(held) if len(held) > 1 else held[0]
