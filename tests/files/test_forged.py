"""Files forged with every checksum mended: refused with an error of ours, or well-formed; and never greedy."""

from __future__ import annotations

import io
import itertools
import struct
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import corpus
import numpy as np
import pytest
from checks import each_engine, exchange, forge, lane_bits_of, mend, part, pieces, unhuf, walk
from corpus import GOOD, good
from fuzz import ENGINES, judge
from mutants import sign
from reading import Reader, restored
from spoilt import BAD, UNSUPPORTED, with_block, with_field, with_lanes

from codec.codes.prefix import PrefixCode
from codec.coding import decode, encode
from codec.errors import CodecError, DamagedError, OutputLimitError, StreamError

MIB = 1 << 20
EXTREMES = (0, 1, 2, 255, 1 << 16, 1 << 24, (1 << 24) + 1, 1 << 31, 2**32 - 1, 1 << 63, 2**64 - 1)
OPAQUE = ("origin", "table", "lane index", "extra", "payload", "closing")  # fields that are no number
each_file = pytest.mark.parametrize("name", GOOD)
# Files that differ in their sections, few enough for every one with every other.
VARIED = ("plain", "no-table", "lanes", "blocks", "nothing", "incomplete", "floats", "objects", "bytes", "a-string",
          "text", "escapes", "escaped-text", "pairs", "differences", "escaped-differences", "context",
          "context-of-text", "context-of-differences")  # fmt: skip
each_varied = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in VARIED else pytest.mark.slow) for name in GOOD]
)


def signed(data: bytes, code: Any) -> list[bytes]:
    """A forged file, and the same with the checksum of its symbols mended too, if that is another."""
    again = sign(data, code)
    return [data] if again == data else [data, again]


def judged(files: Iterator[bytes], name: str) -> tuple[int, int]:
    """How many forged files there are, and how many of them are accepted; all those are well-formed."""
    code, own, total, accepted = GOOD[name].needed, good(name), 0, 0
    for data in dict.fromkeys(files):
        for forged in signed(data, code):
            if forged != own:
                total += 1
                accepted += judge(forged, code, ENGINES)
    return total, accepted


# ------------------------------------------------------------------ every field


def numbers_forged(data: bytes) -> Iterator[bytes]:
    """Every number of every section at its extremes and beside what it was."""
    counter = {"header": 0, "table": 0, "block": 0, "end": 0}
    for p in walk(data):
        for field, (start, stop) in p.fields.items():
            if field in OPAQUE or field == "checksum":
                continue
            own, size = p.number(data, field), stop - start
            for value in {*EXTREMES, own - 1, own + 1, own ^ 1 << 8 * size - 1, 256**size - 1} - {own}:
                if 0 <= value < 256**size:
                    yield forge(data, p.name, field, value, counter[p.name])
        counter[p.name] += 1


def bytes_forged(data: bytes, places: int) -> Iterator[bytes]:
    """The first bytes of what is no number at their extremes; four and eight together too, as sizes and labels are."""
    counter = {"header": 0, "table": 0, "block": 0, "end": 0}
    for p in walk(data):
        for field in (field for field in p.fields if field in OPAQUE):
            own = p.read(data, field)
            changed = [own[::-1], bytes(len(own)), b"\xff" * len(own)]
            for place in range(min(len(own), places)):
                for size, values in ((1, (0, 0xFF, own[place] ^ 0x80)), (4, (2**32 - 1,)), (8, (2**64 - 1,))):
                    window = own[place : place + size]
                    new = [(value % 256 ** len(window)).to_bytes(len(window), "big") for value in values]
                    changed += [own[:place] + piece + own[place + len(window) :] for piece in new]
            yield from (forge(data, p.name, field, new, counter[p.name]) for new in changed if new != own)
        counter[p.name] += 1


@each_varied
def test_every_number_at_its_extremes_is_refused_or_well_formed(name: str) -> None:
    total, accepted = judged(numbers_forged(good(name)), name)
    assert total > 100 and accepted < total / 2


@each_varied
def test_bytes_at_their_extremes_are_refused_or_well_formed(name: str) -> None:
    total, accepted = judged(bytes_forged(good(name), 25), name)
    assert total > 50 and accepted < total


@pytest.mark.slow
@each_file
def test_every_byte_at_its_extremes_is_refused_or_well_formed(name: str) -> None:
    total, accepted = judged(bytes_forged(good(name), 1000), name)
    assert total > 50 and accepted < total


def sizes_forged(data: bytes) -> Iterator[bytes]:
    """Origin, table and closing with bytes more and fewer, and their sizes with them."""
    for field, name in (("origin", "header"), ("table", "table"), ("closing", "end")):
        if [p for p in walk(data) if p.name == name]:
            own = part(data, name).read(data, field)
            for new in (own[:-1], own[1:], own + b"\0", b"\0" + own, own + own, own[: len(own) // 2], own + bytes(300)):
                if new or field != "table":
                    yield exchange(data, field, new)


@each_file
def test_sections_of_other_sizes_are_refused_or_well_formed(name: str) -> None:
    total, accepted = judged(sizes_forged(good(name)), name)
    assert total >= 14 and accepted < total / 2


# ------------------------------------------------------------------ counts

COUNTS = {1 << 31, 2**32 - 1}
LONG_COUNTS = {*COUNTS, 1 << 63, 2**64 - 1}


def refused(data: bytes, code: Any = None) -> None:
    for engine in ENGINES:
        with pytest.raises(CodecError):
            decode(data, code, engine=engine)
        with pytest.raises(CodecError):
            unhuf(data, code, engine)


@each_file
def test_no_other_number_of_readings_is_accepted(name: str) -> None:
    """Not even where the last codeword would stand for as many, which the checksum of symbols tells."""
    data, code = good(name), GOOD[name].needed
    own = part(data, "end").number(data, "count")
    for count in {own - 1, own + 1, 0, *LONG_COUNTS} - {own, -1}:
        refused(forge(data, "end", "count", count), code)
    for number in range(len(pieces(data)[1])):
        own = part(data, "block", number).number(data, "count")
        for count in {own - 1, own + 1, 0, *COUNTS} - {own}:
            refused(forge(data, "block", "count", count, number), code)


@each_file
def test_no_other_number_of_labels_is_accepted(name: str) -> None:
    data, code = good(name), GOOD[name].needed
    if GOOD[name].embed:
        table = part(data, "table").read(data, "table")
        own = int.from_bytes(table[1:5], "big")
        for count in {0, own - 1, own + 1, *COUNTS} - {own, -1}:
            refused(exchange(data, "table", table[:1] + count.to_bytes(4, "big") + table[5:]))
    else:
        assert code is not None and [p.name for p in walk(data)].count("table") == 0


# ------------------------------------------------------------------ sections of other files


@pytest.mark.parametrize("name", VARIED)
def test_sections_of_other_files_are_refused_or_well_formed(name: str) -> None:
    """All but the fronts and backs of files of the same symbols, and origins and closings that would do as well."""

    def mixed() -> Iterator[bytes]:
        front, blocks, end = pieces(good(name))
        for other in VARIED:
            other_front, other_blocks, other_end = pieces(good(other))
            yield other_front + b"".join(blocks) + end
            yield front + b"".join(other_blocks) + end
            yield front + b"".join(other_blocks) + other_end
            for place in range(len(blocks)):
                yield front + b"".join([*blocks[:place], *other_blocks[:1], *blocks[place + 1 :]]) + end
            for field, holder in (("origin", "header"), ("table", "table"), ("closing", "end")):
                if all([p for p in walk(data) if p.name == holder] for data in (good(name), good(other))):
                    yield exchange(good(name), field, part(good(other), holder).read(good(other), field))

    total, accepted = judged(mixed(), name)
    assert total > 80 and accepted < total / 2


# ------------------------------------------------------------------ the lane index


def test_every_order_of_the_entries_of_an_index_but_its_own_is_refused() -> None:
    data = encode(corpus.levels(15, 2), lane_size=3)
    own = np.array(lane_bits_of(data), np.int64)
    orders = {tuple(order) for order in itertools.permutations(own.tolist())} - {tuple(own.tolist())}
    assert len(own) == 5 and len(orders) >= 19
    for order in orders:
        refused(with_block(data, lane_bits=np.array(order, np.int64)))


@pytest.mark.parametrize(
    "name", ["lanes", "lanes-of-8", "lanes-of-1", "longest-codewords", "context", "pairs-filled-up"]
)
def test_bits_counted_to_another_lane_are_refused(name: str) -> None:
    data = good(name)
    for first, second in itertools.permutations((-33, -8, -2, -1, 0, 1, 2, 8, 33), 2):
        if min(first + lane_bits_of(data)[0], second + lane_bits_of(data)[1]) >= 0:
            refused(with_lanes(data, first, second))


@pytest.mark.parametrize("name", ["lanes", "lanes-of-1", "context"])
def test_an_index_that_overflows_is_refused(name: str) -> None:
    data = good(name)
    lanes = len(lane_bits_of(data))
    for width, least in itertools.product((0, 1, 8, 31, 32), (0, 1, 1 << 31, 2**32 - 1)):
        for fill in (b"\0", b"\xff", b"\x80"):
            index = bytearray(fill * ((width * (lanes - 1) + 7) // 8))
            if width * (lanes - 1) % 8:
                index[-1] &= 0xFF << -width * (lanes - 1) % 8 & 0xFF  # no padding that tells it before
            refused(with_field(data, "lane index", bytes(index), index_width=width, least_lane_bits=least))


# ------------------------------------------------------------------ memory


def peak_of(call: Callable[[], Any]) -> int:
    """The most memory that a call takes that is refused."""

    tracemalloc.start()
    try:
        with pytest.raises(CodecError):
            call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """Whatever is made once in a program is made."""
    for engine in ENGINES:
        for name, kind in GOOD.items():
            decode(good(name), kind.needed, engine=engine)
            unhuf(good(name), kind.needed, engine)


@each_engine
def test_what_is_refused_takes_no_more_memory_than_its_size_and_a_megabyte(engine: str) -> None:
    for name, file in {**BAD, **UNSUPPORTED}.items():
        for read in (
            lambda file=file: decode(file.data, file.code, file.max_output, engine=engine),
            lambda file=file: unhuf(file.data, file.code, engine, file.max_output),
        ):
            peak = peak_of(read)
            assert peak <= len(file.data) + MIB, f"{name}: {peak:,} bytes"


@each_engine
@pytest.mark.parametrize("name", ["blocks", "lanes-of-1", "300-labels", "longest-codewords", "escaped-strings",
                                  "pairs", "64-in-a-codeword", "differences", "context", "text"])  # fmt: skip
def test_no_number_declared_takes_memory(name: str, engine: str) -> None:
    data, kind, tried = good(name), GOOD[name], 0
    declared = {forge(data, p.name, field, value) for p in walk(data)[:3] for field in p.fields
                for value in (1 << 16, 1 << 24, 1 << 31, 2**32 - 1)
                if field not in (*OPAQUE, "checksum") and value < 256 ** len(p.read(data, field))}  # fmt: skip
    start, _ = part(data, "table").fields["table"]
    for place in range(start, min(start + 60, len(data))):
        declared.add(mend(data[:place] + b"\xff\xff\xff\xff" + data[place + 4 :], like=data))
    for forged in sorted(declared):
        try:
            decode(forged, kind.needed, MIB, engine=engine)
        except CodecError:
            tried += 1
            peak = peak_of(lambda forged=forged: decode(forged, kind.needed, MIB, engine=engine))
            assert peak <= len(forged) + MIB, f"{peak:,} bytes"
    assert tried > 30


# ------------------------------------------------------------------ limits


@each_engine
@each_file
def test_the_limit_of_output_is_the_output(name: str, engine: str) -> None:
    """To the byte, but for a last line that is not ended and is counted as if it were."""
    data, code = good(name), GOOD[name].needed
    reader = Reader(io.BytesIO(data), code)
    blocks = list(reader.packed_blocks())
    is_array = reader.origin.kind == "array" and reader.origin.dtype != "|O"
    text = unhuf(data, code, engine)
    size = np.asarray(decode(data, code)).nbytes if is_array else len(text)
    end = 0 if is_array or reader.origin.kind in ("bytes", "string") else len(reader.origin.line_end)
    limit = size + end * (not reader.closing.last_line_ended)
    assert unhuf(data, code, engine, limit) == text
    decode(data, code, limit, engine=engine)
    if not blocks:
        assert limit == 0
        return
    with pytest.raises(OutputLimitError, match=f"the limit of {limit - 1:,} bytes"):
        decode(data, code, limit - 1, engine=engine)
    for less in (0, limit // 2, limit - 1):
        given = 0
        with pytest.raises(OutputLimitError):
            for piece in restored(Reader(io.BytesIO(data), code, engine=engine), less):
                given += len(piece)
        head = len(text) - size if is_array else 0  # of the .npy file
        assert given <= less + head, "more was given than is allowed"


@each_engine
@pytest.mark.parametrize("block", [1, 5])
def test_a_few_bytes_that_are_very_many_readings_are_not_decoded(block: int, engine: str) -> None:
    data = encode(b"a" * 20_000_000, per_codeword=block)
    assert len(data) < 2_600_000
    for read in (
        lambda: decode(data, max_output=10**7, engine=engine),
        lambda: unhuf(data, None, engine, 10**7),
    ):
        with pytest.raises(OutputLimitError):
            read()


def of_one_label(size: int) -> bytes:
    """A file of one reading, a label of so many bytes."""
    table = struct.pack(">BII", 3, 1, size) + bytes(size) + b"\x60"
    return exchange(encode(np.array([b"x"], object)), "table", table)


@each_engine
def test_a_label_has_at_most_64_kib(engine: str) -> None:
    label = bytes(1 << 16)
    assert decode(of_one_label(1 << 16), engine=engine).tolist() == [label]
    assert part(of_one_label(1 << 16), "table").stop - part(of_one_label(1 << 16), "table").start == (1 << 16) + 10
    assert pieces(encode(np.array([label], object)))[:2] == pieces(of_one_label(1 << 16))[:2]
    for size in ((1 << 16) + 1, 1 << 20):
        with pytest.raises(DamagedError, match=f"declares a label of {size:,} bytes; labels have at most 65,536"):
            decode(of_one_label(size), engine=engine)
    with pytest.raises(StreamError, match="a table holds labels of 65,536 and 16,777,216 in all"):
        encode(np.array([label + b"\0"], object), engine=engine)


def labels_of_table(size: int) -> list[bytes]:
    """Labels whose table takes so many bytes: 257 of at most 64 KiB, in order."""
    labels = [bytes([i // 256, i % 256]) + b"x" * 65_000 for i in range(257)]
    code = PrefixCode.from_lengths(labels, [8] * 255 + [9, 9])
    missing, place = size - len(code.serialized), 0
    assert 0 < missing < 257 * 500
    while missing:
        more = min(missing, 500)
        labels[place] += b"x" * more
        missing, place = missing - more, place + 1
    return labels


def test_a_table_has_at_most_16_mib() -> None:
    for size in (1 << 24, (1 << 24) + 1):
        labels = labels_of_table(size)
        code = PrefixCode.from_lengths(labels, [8] * 255 + [9, 9])
        assert len(code.serialized) == size
        readings = np.array([labels[0], labels[256]], object)
        if size == 1 << 24:
            data = encode(readings, code)
            assert decode(data).tolist() == readings.tolist()
            continue
        with pytest.raises(StreamError, match="a table of 16,777,217"):
            encode(readings, code)
        data = encode(readings, code, embed_table=False)
        assert decode(data, code).tolist() == readings.tolist(), "without its table, the file may have such a code"
        header = part(data, "header")
        forged = forge(forge_flags(data), "header", "table size", size)
        with pytest.raises(DamagedError, match="declares a table of 16,777,217 bytes"):
            decode(forged[: header.stop] + code.serialized + forged[header.stop :], code)


def forge_flags(data: bytes) -> bytes:
    """The file as if a table followed."""
    start, stop = part(data, "header").fields["flags"]
    return data[:start] + b"\1" + data[stop:]
