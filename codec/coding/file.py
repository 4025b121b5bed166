"""A .huf file: its header and its code, and its blocks decoded back to readings.

`decode`, the ledger and salvage all go this way: `opened`, `parts_of`, `decoded`, `restored`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.bits.engine import Coder, engine_name
from codec.bits.threads import in_threads
from codec.codes.context import ContextCode, as_file_code
from codec.codes.prefix import PrefixCode
from codec.codes.serialize import KINDS, MAX_LABEL_BYTES
from codec.coding.options import Options
from codec.coding.piece import Limit, Piece
from codec.coding.step import Code, File
from codec.coding.steps import BASE_BYTES, TRANSFORMS, steps_of, transform_of
from codec.errors import DamagedError, StreamError, UnsupportedError, counted, option
from codec.files import container
from codec.files.container import Block, End, Header
from codec.files.section import ByteSource
from codec.files.short import source_of
from codec.files.table_of import marked, table_of
from codec.readings import restore
from codec.readings.origin import Closing, Origin, count_of, pack_spelling, unpack_closing, unpack_spelling
from codec.readings.spelling import RULES
from codec.readings.stream import Stream
from codec.theory.distribution import Distribution
from codec.theory.gaps import MASKED, MOST_KINDS, NAN

_LABELS_IN_MEMORY = 1 << 26  # bytes that the labels may take, whatever the limit of the output
# Symbols restored at a time: few, where readings take more memory than symbols.
_STRETCH, _TRANSFORMED, _EXPANDING = 1 << 20, 1 << 18, 1 << 16

Symbols = NDArray[Any]


def opened(
    source: ByteSource, code: PrefixCode | ContextCode | Distribution | None = None, engine: str | None = None
) -> File:
    """Read the header and the table of a file.

    Parameters
    ----------
    source : file-like
        Read from its present position on.
    code : PrefixCode, ContextCode or Distribution, optional
        Needed for a file without a table; for one with a table it must be the same code.
    """
    engine_name(engine)  # a wrong name is refused before anything is read
    given = code if code is None else as_file_code(code)
    source, begun, short = source_of(source, BASE_BYTES)
    header = container.read_header(source, BASE_BYTES, begun)
    origin = _origin_of(header)
    transform = next(one for one in TRANSFORMS if one.number == header.transform)
    found = table_of(header, given)
    if transform.of is not None and found.singles.of is None:
        found = marked(found, transform.of)
    if transform_of(found) is not transform:
        raise DamagedError(f"the header says {transform.name}, and the table is of {transform_of(found).name}")
    return File(source, header, origin, transform, found, engine, short)


def _origin_of(header: Header) -> Origin:
    """Where the readings came from; flags say what the packed origin does not."""
    has_rule, has_gaps = (bool(header.flags & flag) for flag in (container.HAS_SPELLING, container.HAS_GAPS))
    origin, rule, gaps = unpack_spelling(header.origin, has_rule, has_gaps)
    if header.flags & container.HAS_MARK:
        if origin.kind != "text":
            raise DamagedError("the header says a byte order mark, and only a text can begin with one")
        origin = replace(origin, mark=True)
    if not has_rule and not has_gaps:
        return origin
    if origin.kind == "array" and not has_rule:
        kind = np.dtype(origin.dtype).kind
        known = {NAN, MASKED} if kind == "f" else {MASKED} if kind in "iu" else set()
    else:
        known = {*gaps} if origin.kind in ("text", "column") else set()
    if not known >= {*gaps} or header.label_kind or (has_rule and origin.kind == "array"):
        raise DamagedError("the header says how numbers are spelled, and only those of a text can be so")
    if has_rule and rule not in RULES:
        raise UnsupportedError(f"the header's rule of spelling has the value {rule}, which this program cannot read")
    if has_gaps and (
        not gaps or len(set(gaps)) < len(gaps) or len(gaps) > MOST_KINDS or any("\n" in gap for gap in gaps)
    ):
        raise DamagedError("the header's gaps are none, too many, or not all different")
    return replace(origin, spelling=rule, gaps=gaps)


def parts_of(file: File) -> Iterator[Block | End]:
    """The blocks of a file, not decoded, and its end."""
    for part in container.read_blocks(file.source, file.header):
        if isinstance(part, End):
            unpack_closing(part.closing)
            expected = count_of(file.origin)
            if expected is not None and expected != part.count:
                raise DamagedError(
                    f"the file holds {counted(part.count, 'reading')}, and its header promises {expected:,}"
                )
        yield part


def decoded(
    file: File, parts: Iterable[Block | End], expected: int = 0, room: Symbols | None = None, each: bool = True
) -> Iterator[tuple[Block, Symbols]]:
    """The blocks and their symbols, over threads; the checksum of all symbols is tested at the end.

    Parameters
    ----------
    expected : int
        How many symbols are known to come.
    room : array, optional
        For the symbols of the whole file.
    each : bool
        Whether each block is to come by itself. If not, several may come as one, where their readings are the same.
    """
    coder = Coder(file.code, file.header.lane_size, file.engine, expected)
    ends: list[End] = []

    def blocks() -> Iterator[Block]:
        for part in parts:
            if isinstance(part, End):
                ends.append(part)
            else:
                yield part

    checksum = 0
    together = file.header.block_size % file.header.lane_size == 0 and _is_there(file.source)
    groups = _groups(blocks(), coder.at_once if together else 1)
    as_one = not each and file.transform.step is None and not file.code.has_escape and file.code.readings == 1
    for group, found in in_threads(lambda group: _decode_group(file, group, coder, room), groups, coder.threads):
        counts = [len(found)] if as_one else [block.count for block in group]
        for block, count in zip(group, counts, strict=False):
            symbols, found = found[:count], found[count:]
            checksum = container.checksum_symbols(symbols, checksum, block.base, block.extra)
            yield (block if count == block.count else replace(block, count=count, readings=count)), symbols
    for end in ends:
        if container.checksum_rest(file.header, end.count, checksum) != end.symbols_checksum:
            raise DamagedError("the symbols decoded are not those encoded: their checksum does not hold")


def _is_there(source: ByteSource) -> bool:
    """Whether all of a source is there already: what comes through a pipe is decoded as it comes."""
    seekable: Callable[[], bool] = getattr(source, "seekable", lambda: True)
    return seekable()


def _groups(blocks: Iterable[Block], size: int) -> Iterator[list[Block]]:
    """Blocks in groups of so many symbols, if no block has more."""
    group: list[Block] = []
    for block in blocks:
        if group and sum(one.count for one in group) + block.count > size:
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def _decode_group(file: File, group: list[Block], coder: Coder, room: Symbols | None) -> tuple[list[Block], Symbols]:
    """Blocks, and all their symbols; an error names the block."""
    if room is not None:
        room = room[group[0].sequence * file.header.block_size :][: sum(block.count for block in group)]
    if len(file.code.all_lengths):
        with contextlib.suppress(DamagedError):  # which of them is damaged, each alone will show
            return group, coder.decode_several(group, room)
    return group, np.concatenate([decode_block(file, block, coder) for block in group])


def decode_block(file: File, block: Block, coder: Coder) -> Symbols:
    """The symbols of a block."""
    if not len(file.code.all_lengths):
        raise DamagedError("the file holds readings and no code for them")
    try:
        return coder.decode(block.payload, block.lane_bits, block.count)
    except DamagedError as error:
        raise DamagedError(f"block {block.sequence} is damaged: {error}") from None


def symbols_are_readings(file: File) -> bool:
    """Whether an array of the symbols is the array of the readings."""
    plain = not file.code.has_escape and file.code.readings == 1 and file.transform.step is None
    return plain and restore.places_are_readings(file.alphabet, file.origin)


def need_labels(file: File, limit: Limit) -> None:
    """Refuse labels that take more memory, all together, than the output may; asked before any is made a value."""
    size = int(file.sizes.sum())
    if size > _LABELS_IN_MEMORY:
        limit.need(size)


def restored(
    file: File, blocks: Iterable[tuple[Block, Symbols]], limit: Limit
) -> Iterator[tuple[Block, Symbols, Iterator[Piece]]]:
    """Blocks, their symbols, and their readings in pieces of bounded size.

    The pieces of a block must be taken before the next block is.
    """
    last: Piece | None = None

    def kept(pieces: Iterator[Piece]) -> Iterator[Piece]:
        nonlocal last
        for piece in pieces:
            last = piece
            yield piece

    for block, symbols in blocks:
        pieces = kept(restore_block(file, block, symbols, last, limit))
        yield block, symbols, pieces
        for _ in pieces:  # what was not asked for is checked all the same
            pass


def restore_block(file: File, block: Block, symbols: Symbols, before: Piece | None, limit: Limit) -> Iterator[Piece]:
    """The readings of one block; `before` is the last piece of the block before it, if that is known."""
    if block.readings is not None:
        limit.need(block.readings * file.least_size)
    pieces = _stretches(file, symbols)
    for step in reversed(steps_of(file.transform, file.code)):
        pieces = step.back(pieces, block, before, file)
    done = 0
    for piece in pieces:
        own = piece.labels is file.alphabet
        unrepresentable = file.unrepresentable if own else file.origin.unrepresentable(piece.labels)
        wrong = None if unrepresentable is None else unrepresentable.take(piece.symbols)
        if wrong is not None and wrong.any():  # perhaps of several blocks that came as one
            number = block.sequence + (done + int(wrong.argmax())) // (file.header.block_size * file.code.readings)
            raise DamagedError(f"block {number} holds readings that its file says it cannot hold")
        done += len(piece)
        limit.take(output_of(file, piece))
        yield piece


def _stretches(file: File, symbols: Symbols) -> Iterator[Piece]:
    k = file.code.readings
    size = max(1, _EXPANDING // k) if k > 1 else _STRETCH if file.transform.step is None else _TRANSFORMED
    for start in range(0, len(symbols), size):
        yield Piece(file.code.alphabet, symbols[start : start + size])


def output_of(file: File, piece: Piece) -> int:
    """Bytes of output that these readings take."""
    fixed = restore.fixed_size(file.origin)
    if fixed:
        return fixed * len(piece)
    sizes = file.sizes if piece.labels is file.alphabet else restore.label_sizes(piece.labels, file.origin)
    return int(np.bincount(piece.symbols, minlength=len(sizes)) @ sizes)


def tables_and_places(blocks: Iterable[tuple[Block, Symbols, Iterator[Piece]]]) -> Iterator[restore.Part]:
    """The readings alone of what `restored` gives."""
    for _, _, pieces in blocks:
        for piece in pieces:
            yield piece.labels, piece.places


def restored_bytes(file: File, limit: Limit, ends: list[End] | None = None) -> Iterator[bytes]:
    """The bytes of the file that was encoded, in pieces; all is checked by the time the last one is given.

    The end of the file goes to `ends`.
    """
    ends = [] if ends is None else ends
    need_labels(file, limit)
    blocks = restored(file, decoded(file, noting_end(parts_of(file), ends.append), each=False), limit)

    def parts() -> Iterator[restore.Part | Closing]:
        yield from tables_and_places(blocks)
        yield unpack_closing(ends[0].closing)

    return restore.as_bytes(file.alphabet, file.origin, parts())


def noting_end(parts: Iterable[Block | End], note: Callable[[End], object]) -> Iterator[Block | End]:
    """The same parts; the end is noted when it passes."""
    for part in parts:
        if isinstance(part, End):
            note(part)
        yield part


def header_of(stream: Stream, code: Code, how: Options) -> Header:
    """The header of a stream's file."""
    k = code.readings
    flags = container.HAS_TABLE * how.embed_table
    flags |= container.INCOMPLETE * (not code.complete) | container.HAS_ESCAPE * code.has_escape
    flags |= container.HAS_MARK * stream.origin.mark | container.HAS_SPELLING * bool(stream.origin.spelling)
    flags |= container.HAS_GAPS * bool(stream.origin.gaps)
    return Header(
        flags=flags,
        label_kind=KINDS.index(code.singles.kind),
        lane_size=how.lane_size,
        block_size=how.largest_block,
        fingerprint=code.fingerprint,
        origin=stream.origin.pack() + pack_spelling(stream.origin),
        table=_table_to_embed(stream, code) if how.embed_table else b"",
        transform=how.transform.number,
        code=_kind_of(code),
        parameter=k if k > 1 else 0,
        base_bytes=how.transform.base_bytes,
    )


def _kind_of(code: Code) -> int:
    """The value of the header's field `code`."""
    if isinstance(code, ContextCode):
        return container.CONTEXT
    if code.widths is not None:
        return container.INTERVALS
    return container.TUPLES if code.readings > 1 else container.PLAIN


def _table_to_embed(stream: Stream, code: Code) -> bytes:
    table, labels = code.serialized, code.singles
    if len(table) > MAX_LABEL_BYTES and labels.kind in ("str", "bytes"):
        longest = max(
            len(label.encode("utf-8", "surrogatepass") if isinstance(label, str) else label) for label in labels
        )
        if longest > MAX_LABEL_BYTES or len(table) > container.MAX_TABLE_BYTES:
            raise StreamError(
                f"{stream.name} has readings of up to {counted(longest, 'byte')}, a table of {len(table):,}; "
                f"a table holds labels of {MAX_LABEL_BYTES:,} and {container.MAX_TABLE_BYTES:,} in all: "
                f"{option('code the file with --bytes')}"
            )
    return table
