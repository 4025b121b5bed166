"""The main path, in one reading: a stream -> a file -> the stream.

readings -> symbols -> lengths -> codewords -> payload -> blocks of a file, and back.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from codec.bits.engine import BLOCK_SIZE, LANE_SIZE, engine_name, in_threads, threads_for
from codec.bits.engine import engine as engine_for
from codec.codes.prefix import PrefixCode, huffman, kraft_sum
from codec.codes.serialize import MAX_CODE_LENGTH, MAX_LABEL_BYTES, deserialize, serialize
from codec.errors import DamagedError, MissingCodewordError, OutputLimitError, StreamError, WrongTableError
from codec.files import container, restore
from codec.files.container import Block, ByteSource, End, Header
from codec.files.origin import Closing, Origin, count_of, unpack_closing, unpack_origin
from codec.files.streams import Stream, from_values, tally_stream
from codec.theory.alphabet import MAX_SYMBOLS, find, find_spelled
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels

_KINDS = ("int", "float", "str", "bytes")
_LABELS_IN_MEMORY = 1 << 26  # bytes that the labels may take, whatever the limit of the output


def encode(
    stream: Any,
    code: PrefixCode | Distribution | None = None,
    embed_table: bool = True,
    *,
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
    write(from_values(stream), out, code, embed_table, engine=engine, lane_size=lane_size, block_size=block_size)
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
    return restore.in_memory(reader.alphabet, reader.origin, reader.symbols_of(blocks, limit), count)


def default_max_output(file_bytes: int) -> int:
    """The most bytes of output that are no surprise: 256 for each byte of the file, and 1 GiB in any case."""
    return max(1 << 30, 256 * file_bytes)


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
    alphabet, lengths, fingerprint = _table_for(stream, code)
    incomplete = kraft_sum(lengths) != 1
    header = Header(
        flags=container.HAS_TABLE * embed_table | container.INCOMPLETE * incomplete,
        label_kind=_KINDS.index(alphabet.kind),
        lane_size=lane_size,
        block_size=block_size,
        fingerprint=fingerprint,
        origin=stream.origin.pack(),
        table=_table_to_embed(stream, alphabet, lengths) if embed_table else b"",
    )
    file_bytes = container.write_all(out, header.pack())
    count, checksum = 0, 0
    readings = _Symbols(stream, alphabet, lengths, learned=code is None)
    expected = count_of(stream.origin) or 0

    def coded(numbered: tuple[int, NDArray[Any]]) -> tuple[NDArray[Any], Block]:
        sequence, symbols = numbered
        coder = engine_for(engine, max(expected, sequence * block_size))
        payload, lane_bits = coder.encode(symbols, lengths, lane_size)
        return symbols, Block(sequence, len(symbols), lane_bits, payload)

    threads = threads_for(engine_name(engine, expected))
    for symbols, block in in_threads(coded, enumerate(_of_size(readings, block_size)), threads):
        file_bytes += container.write_all(out, block.pack())
        checksum = container.checksum_symbols(symbols, checksum)
        count += len(symbols)
    file_bytes += container.write_all(out, End(count, checksum, readings.closing.pack()).pack())
    return Written(count, file_bytes, readings.closing.original_bytes)


def _table_for(stream: Stream, code: PrefixCode | Distribution | None) -> tuple[Labels, NDArray[np.int64], str]:
    if code is None:
        labels, counts = tally_stream(stream)
        if not len(labels):
            empty = np.zeros(0, np.int64)
            return labels, empty, PrefixCode(labels, empty).fingerprint
        code = Distribution(labels, counts)
    code = as_code(code)
    if code.alphabet.kind not in _KINDS:
        raise ValueError(f"a file cannot carry labels of kind {code.alphabet.kind}")
    return code.alphabet, code.lengths, code.fingerprint


def _table_to_embed(stream: Stream, alphabet: Labels, lengths: NDArray[np.int64]) -> bytes:
    table = serialize(alphabet, lengths)
    if len(table) > MAX_LABEL_BYTES and alphabet.kind in ("str", "bytes"):
        longest = max(
            len(label.encode("utf-8", "surrogatepass") if isinstance(label, str) else label) for label in alphabet
        )
        if longest > MAX_LABEL_BYTES or len(table) > container.MAX_TABLE_BYTES:
            raise StreamError(
                f"{stream.name} has readings of up to {longest:,} bytes, a table of {len(table):,}; a table holds "
                f"labels of {MAX_LABEL_BYTES:,} and {container.MAX_TABLE_BYTES:,} in all: code the file with --bytes"
            )
    return table


def as_code(code: PrefixCode | Distribution) -> PrefixCode:
    """The code itself, or the Huffman code that a Distribution stands for; with codewords that files can hold."""
    code = huffman(code, MAX_CODE_LENGTH) if isinstance(code, Distribution) else code
    if len(code) > MAX_SYMBOLS:
        raise ValueError(f"the code has {len(code):,} labels, and files number at most {MAX_SYMBOLS:,}")
    if code.lengths.max() > MAX_CODE_LENGTH:
        raise ValueError(
            f"the code has codewords of {code.lengths.max()} bits, and files hold at most {MAX_CODE_LENGTH}: "
            f"build it with max_length={MAX_CODE_LENGTH}"
        )
    return code


class _Symbols:
    """The readings of a stream as symbols, every one with a codeword; its closing, once they are through."""

    def __init__(self, stream: Stream, alphabet: Labels, lengths: NDArray[np.int64], learned: bool) -> None:
        self._stream, self._alphabet, self._lengths = stream, alphabet, lengths
        # The alphabet was learned from these very readings, which cannot have changed since.
        self._trusted = learned and stream.in_memory
        self.closing = Closing(0)

    def __iter__(self) -> Iterator[NDArray[Any]]:
        by_spelling = self._stream.origin.is_lines
        some_have_none = not self._lengths.all()
        missing, first, position = 0, "", 0
        for piece in self._stream.pieces():
            if isinstance(piece, Closing):
                self.closing = piece
                break
            if by_spelling:
                symbols, unknown = find_spelled(self._alphabet, piece)
            else:
                symbols, unknown = find(self._alphabet, piece, self._trusted)
            if some_have_none:
                without = self._lengths[symbols] == 0 if len(self._lengths) else np.ones(len(symbols), np.bool_)
                unknown = without if unknown is None else unknown | without
            if unknown is not None and unknown.any():
                if not missing:
                    first = _place(self._stream, piece, int(unknown.argmax()), position)
                missing += int(unknown.sum())
            position += len(piece)
            if not missing:  # otherwise the rest is only counted
                yield symbols
        if missing:
            raise MissingCodewordError(
                f"{first} has no codeword in the code, nor have {missing:,} of {position:,} readings: "
                "make a table that knows them"
            )


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


class Reader:
    """A .huf file being read: header, origin and code at once, then the blocks, then the end.

    Parameters
    ----------
    source : file-like
        Read from its present position to the end.
    code : PrefixCode or Distribution, optional
        Needed for a file without a table.

    Attributes
    ----------
    header : Header
    origin : Origin
    alphabet : Labels
    lengths : int64 array
    end : End
    closing : Closing
        The last two once the blocks are through.
    """

    end: End
    closing: Closing

    def __init__(
        self, source: ByteSource, code: PrefixCode | Distribution | None = None, *, engine: str | None = None
    ) -> None:
        self.source = source
        engine_name(engine)  # a wrong name is refused before anything is read
        self._engine = engine
        self.header = container.read_header(source)
        self.origin: Origin = unpack_origin(self.header.origin)
        self.alphabet, self.lengths = _table_of(self.header, None if code is None else as_code(code))
        self._foreign = self.origin.foreign(self.alphabet)

    @property
    def code(self) -> PrefixCode | None:
        """The code of the file; None for an empty stream, which has none."""
        return PrefixCode(self.alphabet, self.lengths) if len(self.alphabet) else None

    def packed_blocks(self) -> Iterator[Block]:
        """The blocks, not decoded; then `end` and `closing` are known."""
        for part in container.read_blocks(self.source, self.header):
            if isinstance(part, End):
                self.end = part
                self.closing = unpack_closing(part.closing)
            else:
                yield part

    def decoded_blocks(self, max_output: int | None = None) -> Iterator[tuple[Block, NDArray[Any]]]:
        """The blocks and their symbols, one by one; the checksum of all symbols is tested at the end."""
        return self._decoded(self.packed_blocks(), self._sizes(max_output), max_output, 0)

    def symbols_of(self, blocks: list[Block], max_output: int) -> Iterator[NDArray[Any]]:
        """The symbols of blocks that have been read already, up to the end; the limit is looked at first."""
        sizes, count = self._sizes(max_output), sum(block.count for block in blocks)
        if count * int(sizes.min() if len(sizes) else 0) > max_output:
            raise _limit_error(max_output)
        return (symbols for _, symbols in self._decoded(blocks, sizes, max_output, count))

    def _sizes(self, max_output: int | None) -> NDArray[np.int64]:
        """Bytes of output for each symbol. All of them together are in memory while decoding."""
        sizes = restore.label_sizes(self.alphabet, self.origin)
        if max_output is not None and int(sizes.sum()) > max(max_output, _LABELS_IN_MEMORY):
            raise _limit_error(max_output)
        return sizes

    def _decoded(
        self, blocks: Iterable[Block], sizes: NDArray[np.int64], max_output: int | None, expected: int
    ) -> Iterator[tuple[Block, NDArray[Any]]]:
        def decoded(block: Block) -> tuple[Block, NDArray[Any]]:
            return block, self._decode_block(block, max(expected, block.sequence * self.header.block_size))

        checksum, output = 0, 0
        for block, symbols in in_threads(decoded, blocks, threads_for(engine_name(self._engine, expected))):
            output += self._output_of(symbols, sizes)
            if max_output is not None and output > max_output:
                raise _limit_error(max_output)
            checksum = container.checksum_symbols(symbols, checksum)
            yield block, symbols
        if checksum != self.end.symbols_checksum:
            raise DamagedError("the symbols decoded are not those encoded: their checksum does not hold")

    def _decode_block(self, block: Block, expected: int) -> NDArray[Any]:
        if not len(self.alphabet):
            raise DamagedError("the file holds readings and no code for them")
        coder = engine_for(self._engine, expected)
        try:
            symbols = coder.decode(block.payload, block.lane_bits, block.count, self.lengths, self.header.lane_size)
        except DamagedError as error:
            raise DamagedError(f"block {block.sequence} is damaged: {error}") from None
        if self._foreign is not None and self._foreign[symbols].any():
            raise DamagedError(f"block {block.sequence} holds readings that its file says it cannot hold")
        return np.asarray(symbols)

    @staticmethod
    def _output_of(symbols: NDArray[Any], sizes: NDArray[np.int64]) -> int:
        least = int(sizes.min())
        if least == sizes.max():
            return least * len(symbols)
        return int(np.bincount(symbols, minlength=len(sizes)) @ sizes)


def _limit_error(max_output: int) -> OutputLimitError:
    return OutputLimitError(
        f"decoding would give more than the limit of {max_output:,} bytes: give a higher max_output (--max-output)"
    )


def _table_of(header: Header, code: PrefixCode | None) -> tuple[Labels, NDArray[np.int64]]:
    """The table of a file: its own, or the given one that it was written against."""
    if code is not None and code.fingerprint != header.fingerprint:
        raise WrongTableError(
            f"the file was written with the table {header.fingerprint}, and the one given is {code.fingerprint}"
        )
    if header.table:
        alphabet, lengths = deserialize(header.table)
    elif code is not None:
        alphabet, lengths = code.alphabet, code.lengths
    else:
        raise WrongTableError(
            f"the file carries no table: give the one it was written with, {header.fingerprint} (--code)"
        )
    if _KINDS[header.label_kind] != alphabet.kind:
        raise DamagedError(f"the header says labels of kind {_KINDS[header.label_kind]}, the table {alphabet.kind}")
    kraft = kraft_sum(lengths)
    if kraft > 1:
        raise DamagedError(f"the table's lengths are over-full: their Kraft sum is {kraft}")
    if (kraft < 1) != bool(header.flags & container.INCOMPLETE) or (len(lengths) and not kraft):
        raise DamagedError(f"the table's lengths have the Kraft sum {kraft}, and the header's flags say otherwise")
    return alphabet, lengths


def restored(reader: Reader, max_output: int | None = None) -> Iterator[bytes]:
    """The bytes of the file that was encoded, block by block; all is checked by the time the last one is given."""

    blocks = reader.decoded_blocks(max_output)  # looks at the limit, before anything takes memory

    def parts() -> Iterator[NDArray[Any] | Closing]:
        for _, symbols in blocks:
            yield symbols
        expected = count_of(reader.origin)
        if expected is not None and expected != reader.end.count:
            raise DamagedError(f"the file holds {reader.end.count:,} readings, and its array had {expected:,}")
        yield reader.closing

    return restore.as_bytes(reader.alphabet, reader.origin, parts())
