"""Files forged with every checksum mended: refused with an error of ours, or well-formed; and never greedy."""

from __future__ import annotations

import io
import itertools
import random
import struct
import tracemalloc
from collections import Counter
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
WHOLE = (("origin", "header"), ("table", "table"), ("closing", "end"))  # fields of any size, and their sections
each_file = pytest.mark.parametrize("name", GOOD)
# Files that differ in their sections, few enough for every one with every other.
VARIED = ("plain", "no-table", "lanes", "blocks", "nothing", "incomplete", "floats", "objects", "bytes", "a-string",
          "text", "escapes", "escaped-text", "pairs", "differences", "escaped-differences", "context",
          "context-of-text", "context-of-differences")  # fmt: skip


# ------------------------------------------------------------------ every field


def numbers_forged(name: str) -> Iterator[bytes]:
    """Every number of every section at its extremes and beside what it was."""
    data, seen = good(name), Counter[str]()
    for p in walk(data):
        for field in (field for field in p.fields if field not in (*OPAQUE, "checksum")):
            own, size = p.number(data, field), len(p.read(data, field))
            for value in {*EXTREMES, own - 1, own + 1, own ^ 1 << 8 * size - 1, 256**size - 1} - {own}:
                if 0 <= value < 256**size:
                    yield forge(data, p.name, field, value, seen[p.name])
        seen[p.name] += 1


def bytes_forged(name: str) -> Iterator[bytes]:
    """The bytes of what is no number at their extremes; four and eight together too, as sizes and labels are."""
    data, seen = good(name), Counter[str]()
    for p in walk(data):
        for field in (field for field in p.fields if field in OPAQUE):
            own = p.read(data, field)
            changed = [own[::-1], bytes(len(own)), b"\xff" * len(own)]
            for place in range(min(len(own), 1000)):
                for size, values in ((1, (0, 0xFF, own[place] ^ 0x80)), (4, (2**32 - 1,)), (8, (2**64 - 1,))):
                    window = own[place : place + size]
                    new = [(value % 256 ** len(window)).to_bytes(len(window), "big") for value in values]
                    changed += [own[:place] + piece + own[place + len(window) :] for piece in new]
            yield from (forge(data, p.name, field, new, seen[p.name]) for new in changed if new != own)
        seen[p.name] += 1


def has(data: bytes, section: str) -> bool:
    return section in [p.name for p in walk(data)]


def sizes_forged(name: str) -> Iterator[bytes]:
    """Origin, table and closing with bytes more and fewer, and their sizes with them."""
    data = good(name)
    for field, section in WHOLE:
        if has(data, section):
            own = part(data, section).read(data, field)
            for new in (own[:-1], own[1:], own + b"\0", b"\0" + own, own + own, own[: len(own) // 2], own + bytes(300)):
                if new or field != "table":
                    yield exchange(data, field, new)


def mixed(name: str) -> Iterator[bytes]:
    """All but the fronts and backs of files of the same symbols, and origins and closings that would do as well."""
    data = good(name)
    front, blocks, end = pieces(data)
    for other in map(good, VARIED):
        other_front, other_blocks, other_end = pieces(other)
        yield other_front + b"".join(blocks) + end
        yield front + b"".join(other_blocks) + end
        yield front + b"".join(other_blocks) + other_end
        for place in range(len(blocks)):
            yield front + b"".join([*blocks[:place], *other_blocks[:1], *blocks[place + 1 :]]) + end
        for field, section in WHOLE:
            if has(data, section) and has(other, section):
                yield exchange(data, field, part(other, section).read(other, field))


@pytest.mark.dear
@pytest.mark.parametrize("share", [0.04, pytest.param(1.0, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("ways", "least", "most"), [(numbers_forged, 100, 1 / 2), (bytes_forged, 50, 1),
                                                     (sizes_forged, 14, 1 / 2), (mixed, 80, 1 / 2)])  # fmt: skip
@each_file
def test_a_forged_file_is_refused_or_well_formed(name: str, ways: Any, least: int, most: float, share: float) -> None:
    """As it is, and with the checksum of its symbols mended too. By default a tenth, the same each time."""
    code, own = GOOD[name].needed, good(name)
    files = list(dict.fromkeys(ways(name)))
    if share < 1:
        files = random.Random(name).sample(files, min(len(files), 2 + int(share * len(files))))
    forged = list(dict.fromkeys(data for file in files for data in (file, sign(file, code)) if data != own))
    accepted = sum(judge(data, code, ENGINES) for data in forged)
    assert len(forged) >= share * least and accepted < most * max(len(forged), 8)


# ------------------------------------------------------------------ counts

COUNTS = {1 << 31, 2**32 - 1}
LONG_COUNTS = {*COUNTS, 1 << 63, 2**64 - 1}


def refused(data: bytes, code: Any = None) -> None:
    for engine in ENGINES:
        with pytest.raises(CodecError):
            decode(data, code, engine=engine)
        with pytest.raises(CodecError):
            unhuf(data, code, engine)


@pytest.mark.dear
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
        if table[0] & 63 >= 5:
            return  # a table of intervals or of a prediction has its number elsewhere
        for count in {0, own - 1, own + 1, *COUNTS} - {own, -1}:
            refused(exchange(data, "table", table[:1] + count.to_bytes(4, "big") + table[5:]))
    else:
        assert code is not None and [p.name for p in walk(data)].count("table") == 0


# ------------------------------------------------------------------ the lane index


def test_every_order_of_the_entries_of_an_index_but_its_own_is_refused() -> None:
    data = encode(corpus.levels(15, 2), lane_size=3)
    own = np.array(lane_bits_of(data), np.int64)
    orders = {tuple(order) for order in itertools.permutations(own.tolist())} - {tuple(own.tolist())}
    assert len(own) == 5 and len(orders) >= 19
    for order in orders:
        refused(with_block(data, lane_bits=np.array(order, np.int64)))


@pytest.mark.dear
@pytest.mark.parametrize(
    "name", ["lanes", "lanes-of-8", "lanes-of-1", "longest-codewords", "context", "pairs-filled-up"]
)
def test_bits_counted_to_another_lane_are_refused(name: str) -> None:
    data = good(name)
    for first, second in itertools.permutations((-33, -8, -2, -1, 0, 1, 2, 8, 33), 2):
        if min(first + lane_bits_of(data)[0], second + lane_bits_of(data)[1]) >= 0:
            refused(with_lanes(data, first, second))


@pytest.mark.dear
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


def peak_of(call: Callable[[], Any]) -> int | None:
    """The most memory that a call takes that is refused; None if it is not."""
    tracemalloc.start()
    try:
        call()
        return None
    except CodecError:
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def _warm() -> None:
    """Whatever is made once in a program is made."""
    for engine, (name, kind) in itertools.product(ENGINES, GOOD.items()):
        decode(good(name), kind.needed, engine=engine)
        unhuf(good(name), kind.needed, engine)


@pytest.mark.slow
@pytest.mark.usefixtures("_warm")
@each_engine
def test_what_is_refused_takes_no_more_memory_than_its_size_and_a_megabyte(engine: str) -> None:
    for why, file in {**BAD, **UNSUPPORTED}.items():
        for read in (
            lambda file=file: decode(file.data, file.code, file.max_output, engine=engine),
            lambda file=file: unhuf(file.data, file.code, engine, file.max_output),
        ):
            peak = peak_of(read)
            assert peak is not None and peak <= len(file.data) + MIB, f"{why}: {peak} bytes"


@pytest.mark.dear
@pytest.mark.usefixtures("_warm")
@each_engine
@pytest.mark.parametrize("name", ["blocks", "lanes-of-1", "300-labels", "longest-codewords", "escaped-strings",
                                  "pairs", "64-in-a-codeword", "differences", "context", "text"])  # fmt: skip
def test_no_number_declared_takes_memory(name: str, engine: str) -> None:
    data, code = good(name), GOOD[name].needed
    declared = {forge(data, p.name, field, value) for p in walk(data)[:3] for field in p.fields
                for value in (1 << 16, 1 << 24, 1 << 31, 2**32 - 1)
                if field not in (*OPAQUE, "checksum") and value < 256 ** len(p.read(data, field))}  # fmt: skip
    start, _ = part(data, "table").fields["table"]
    for place in range(start, min(start + 60, len(data))):
        declared.add(mend(data[:place] + b"\xff\xff\xff\xff" + data[place + 4 :], like=data))
    peaks = [(peak_of(lambda forged=forged: decode(forged, code, MIB, engine=engine)), len(forged))
             for forged in sorted(declared)]  # fmt: skip
    refused = [(peak, size) for peak, size in peaks if peak is not None]
    assert len(refused) > 30 and all(peak <= size + MIB for peak, size in refused), refused


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
    data = encode(b"a" * 2_000_000, per_codeword=block)
    assert len(data) < 260_000
    for read in (lambda: decode(data, None, 10**6, engine=engine), lambda: unhuf(data, None, engine, 10**6)):
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


def code_of_table(size: int) -> PrefixCode:
    """A code whose table takes so many bytes: 257 labels of at most 64 KiB, in order."""
    labels = [bytes([i // 256, i % 256]) + b"x" * 65_000 for i in range(257)]
    missing = size - len(PrefixCode.from_lengths(labels, [8] * 255 + [9, 9]).serialized)
    assert 0 < missing < 257 * 500
    longer = [label + b"x" * min(500, max(0, missing - 500 * place)) for place, label in enumerate(labels)]
    code = PrefixCode.from_lengths(longer, [8] * 255 + [9, 9])
    assert len(code.serialized) == size
    return code


def test_a_table_has_at_most_16_mib() -> None:
    largest, larger = code_of_table(1 << 24), code_of_table((1 << 24) + 1)
    readings = largest.alphabet.take(np.array([0, 256]))
    assert list(decode(encode(readings, largest))) == list(readings)
    readings = larger.alphabet.take(np.array([0, 256]))
    with pytest.raises(StreamError, match="a table of 16,777,217"):
        encode(readings, larger)
    data = encode(readings, larger, embed_table=False)
    assert list(decode(data, larger)) == list(readings), "without its table, the file may have such a code"
    header = part(data, "header")
    flags, _ = header.fields["flags"]
    forged = forge(data[:flags] + b"\1" + data[flags + 1 :], "header", "table size", (1 << 24) + 1)
    with pytest.raises(DamagedError, match="declares a table of 16,777,217 bytes"):
        decode(forged[: header.stop] + larger.serialized + forged[header.stop :], larger)
