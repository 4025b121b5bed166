"""A stream -> a file: symbols, codewords, blocks, and the end that says how many readings there are."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import BinaryIO

from codec.bits.engine import Coder, engine
from codec.bits.threads import in_threads
from codec.codes.context import ContextCode, as_file_code
from codec.codes.prefix import PrefixCode
from codec.coding.block_size import with_block_size
from codec.coding.file import header_of
from codec.coding.learn import learned
from codec.coding.options import Options
from codec.coding.piece import Cut, Piece
from codec.coding.step import Code, Job
from codec.coding.steps import BASE_BYTES, LEVELS, coded_symbols, transform_of
from codec.coding.symbols import refuse_missing_pairs
from codec.files import container
from codec.files.container import Block, End
from codec.files.short import pack_short
from codec.readings.floats import in_kind_of
from codec.readings.origin import count_of
from codec.readings.stream import Stream
from codec.theory.distribution import Distribution

_AT_ONCE = 1 << 20  # symbols, in several blocks, that go the whole way together


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
    if how.short:
        held = io.BytesIO()
        written = write(stream, held, code, replace(how, short=False))
        return replace(written, file_bytes=container.write_all(out, pack_short(held.getvalue(), BASE_BYTES)))
    if code is not None:
        how.refuse_learning()
    elif not how.embed_table:
        raise ValueError("a file without a table needs a given code: without either, nothing could decode it")
    given = None if code is None else as_file_code(code)
    learns_gaps = given is None and stream.origin.kind != "array"
    if stream.gapped is not None and (how.transform is not LEVELS or how.intervals or learns_gaps):
        stream = stream.gapped  # the plain code of floats knows each NaN by its bits
    if given is None:
        used, how = learned(stream, how)
    else:
        used = given
        how = with_block_size(how, used, _known_count(stream), is_own=False)
    how = _as_the_code_says(how, used)
    stream = in_kind_of(stream, used.alphabet.source)
    block_size = how.largest_block
    header = header_of(stream, used, how)
    known = count_of(stream.origin)
    of, look = used.singles.of or how.transform.of, engine(how.engine, known or 0).look_up
    job = Job(stream, how.transform, used, block_size * used.readings, of, look)
    coder = Coder(used, how.lane_size, how.engine, known or 0)
    alone = how.transform.step is not None or used.has_escape or block_size % how.lane_size > 0
    group = 1 if alone else max(1, _AT_ONCE // block_size)  # blocks

    def coded(numbered: tuple[int, Piece]) -> tuple[Piece, list[bytes | memoryview]]:
        number, piece = numbered
        if code is not None:
            refuse_missing_pairs(job, piece.symbols, how.lane_size, number * group * block_size)
        parts: list[bytes | memoryview] = []
        for sequence, (payload, lane_bits) in enumerate(
            coder.encode_several(piece.symbols, block_size), number * group
        ):
            count = min(block_size, len(piece.symbols) - (sequence - number * group) * block_size)
            parts += Block(sequence, count, lane_bits, payload, piece.raw, piece.base).parts()
        return piece, parts if group == 1 else [b"".join(parts)]

    file_bytes = container.write_all(out, header.pack())
    checksum = 0
    readings = Cut(stream, group * job.block_readings)
    pieces = coded_symbols(readings, job, group * block_size)
    for piece, parts in in_threads(coded, enumerate(pieces), coder.threads):
        file_bytes += sum(container.write_all(out, part) for part in parts)
        checksum = container.checksum_symbols(piece.symbols, checksum, piece.base, piece.raw)
    checksum = container.checksum_rest(header, readings.count, checksum)
    file_bytes += container.write_all(out, End(readings.count, checksum, readings.closing.pack()).pack())
    return Written(readings.count, file_bytes, readings.closing.original_bytes)


def _as_the_code_says(how: Options, code: Code) -> Options:
    """The same options with the transform whose labels the code is over."""
    of = transform_of(code)
    if how.transform not in (of, LEVELS) and code.singles.of is not None:
        raise ValueError(f"the code is over {of.name}, and {how.transform.name} are asked for: leave that out")
    return how if of is LEVELS else replace(how, transform=of)


def _known_count(stream: Stream) -> int | None:
    """How many readings a stream has, if that is known before it is read."""
    count = count_of(stream.origin)
    return sum(map(len, stream.labels())) if count is None and stream.in_memory else count
