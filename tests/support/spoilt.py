"""Bad files, and files of kinds that version 1 has not: why each is refused, and with what words.

Each has one thing wrong with it, and every checksum holds unless the checksum is that thing.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import Any

import checks
import numpy as np
from checks import exchange, flip, forge, huf, mend, mended, part, pieces, walk
from context_codes import SHARED, in_rows
from corpus import FEW, NASA, Code, good, levels

from codec.codes.gamma import as_positive, gamma_encode
from codec.codes.prefix import PrefixCode
from codec.codes.serialize import serialize
from codec.coding import encode
from codec.coding.file import opened, parts_of
from codec.coding.steps import BASE_BYTES
from codec.errors import CodecError, DamagedError, OutputLimitError, UnsupportedError, WrongTableError
from codec.files.container import Block
from codec.theory.labels import labels_of

# ------------------------------------------------------------------ ways to spoil one


def with_header(data: bytes, **fields: int | bytes) -> bytes:
    """The file with fields of its header changed; `_` stands for a space."""
    for name, value in fields.items():
        data = forge(data, "header", name.replace("_", " "), value)
    return data


def with_block(data: bytes, number: int = 0, code: Code = None, **changes: Any) -> bytes:
    """The file with a block packed anew out of changed contents; all its sizes and its checksum fit."""
    *blocks, _ = parts_of(opened(io.BytesIO(data), code))
    names = ("sequence", "count", "lane_bits", "payload", "extra", "base")
    head, packed, end = pieces(data)
    packed[number] = Block(**{name: getattr(blocks[number], name) for name in names} | changes).pack()
    return head + b"".join(packed) + end


def with_field(data: bytes, name: str, new: bytes, number: int = 0, **fields: int) -> bytes:
    """The file with a field of a block exchanged for bytes of any size, fields beside it changed, and mended."""
    start, stop = part(data, "block", number).fields[name]
    changed = data[:start] + new + data[stop:]
    for other, value in fields.items():  # each stands before the field
        start, stop = part(data, "block", number).fields[other.replace("_", " ")]
        changed = changed[:start] + value.to_bytes(stop - start, "big") + changed[stop:]
    return mend(changed)


def with_lanes(data: bytes, first: int, second: int) -> bytes:
    """The file with bits of its first lanes added and taken."""
    lane_bits = np.array(checks.lane_bits_of(data), np.int64)
    lane_bits[:2] += first, second
    return with_block(data, lane_bits=lane_bits)


def with_bit(data: bytes, name: str, field: str, bit: int, number: int = 0) -> bytes:
    """The file with a bit of a field flipped, and mended; a bit below 0 is counted from the end."""
    start, stop = part(data, name, number).fields[field]
    return mend(flip(data, bit + 8 * (start if bit >= 0 else stop)), like=data)


def rearranged(data: bytes, order: list[int], numbered: bool = False) -> bytes:
    """The file with its blocks in another order, perhaps numbered as if they belonged there."""
    head, blocks, end = pieces(data)
    chosen = [blocks[number] for number in order]
    if numbered:
        chosen = [block[:1] + struct.pack(">I", i) + block[5:] for i, block in enumerate(chosen)]
    file = head + b"".join(chosen) + end
    return mend(file) if numbered else file


EIGHTHS = PrefixCode.from_lengths(range(8), [3] * 8)
EIGHT = encode(np.arange(8), EIGHTHS)  # for other tables


def under(table: bytes, flags: int = 1, data: bytes = EIGHT) -> bytes:
    """Eight readings of 3 bits each, or another file, under another table."""
    return with_header(exchange(data, "table", table), flags=flags)


def of_lengths(lengths: list[int], labels: Any = range(8)) -> bytes:
    """A table of ints."""
    return serialize(labels_of(labels), np.array(lengths, np.int64))


def table(kind: int, count: int, labels: bytes, *numbers: list[int]) -> bytes:
    """A table written by hand: kind, number of labels, their bytes, gamma coded parts."""
    return struct.pack(">BI", kind, count) + labels + b"".join(map(gamma_encode, numbers))


def differences(*lengths: int) -> list[int]:
    """Lengths as they are gamma coded."""
    return as_positive(np.diff(lengths, prepend=0).tolist())


def nine(*values: int) -> bytes:
    """Int labels as they stand in a table."""
    return b"".join((value + (1 << 63)).to_bytes(9, "big") for value in values)


def text_label(data: bytes) -> bytes:
    """A label of bytes as it stands in a table."""
    return struct.pack(">I", len(data)) + data


def array(name: bytes, *shape: int, order: int = 0, dimensions: int | None = None) -> bytes:
    """The origin of an array."""
    size = len(shape) if dimensions is None else dimensions
    return bytes([0, len(name)]) + name + struct.pack(f">BB{len(shape)}Q", order, size, *shape)


ONE_STEP = b"\x011\x01"  # ints in steps of 1, ascending
AB = b"\x00\x00\x00\x01a\x00\x00\x00\x01b"
IN_CONTEXT = exchange(encode("abab", in_rows("ab", {SHARED: {0: 1, 1: 1}, 0: {0: 1, 1: 1}})), "origin", b"\x03")


def in_context(owners: int, *numbers: list[int], labels: bytes = AB, count: int = 2) -> bytes:
    """A file under a table in context: contexts, codewords in rows, first, other symbols, lengths."""
    return under(table(0x42, count, labels + struct.pack(">H", owners), *numbers), 1, IN_CONTEXT)


def tuples(size: int, count: int, labels: bytes, *numbers: list[int]) -> bytes:
    """A table of one tuple of so many readings, over so many labels."""
    return table(4, 1, struct.pack(">BBI", size, 0, count) + labels, *numbers)


LONG_LINES = (b"x" * 60_000 + b"\n") * 400


# ------------------------------------------------------------------ bad files


@dataclass(frozen=True)
class Bad:
    """A file that is refused, with a piece of the message, the exception, and what it is read with."""

    data: bytes
    message: str
    error: type[CodecError] = DamagedError
    code: Code = None
    max_output: int | None = None


def _cut(data: bytes, name: str, field: str, number: int = 0) -> bytes:
    """The file up to the last byte but one of a field."""
    return data[: part(data, name, number).fields[field][1] - 1]


P, B, L, D, E, X = (good(name) for name in ("plain", "blocks", "lanes", "differences", "escapes", "context"))
NO_TABLE, TWO, S = good("no-table"), good("pairs"), good("escaped-strings")
SINGLE = encode(np.full(20, 7), lane_size=5)
END = walk(P)[-1]

BAD: dict[str, Bad] = {
    # the header
    "no byte at all": Bad(b"", "the file ends within the header"),
    "the mark of another format": Bad(b"PK\x03\x04" + P[4:], "this is not a .huf file"),
    "CR LF became LF, as in a transfer as text": Bad(P.replace(b"\r\n", b"\n", 1), "this is not a .huf file"),
    "the highest bit of the mark is lost": Bad(b"\x09" + P[1:], "this is not a .huf file"),
    "cut short within the sizes": Bad(_cut(P, "header", "block size"),
        "the file ends within the header: it was cut short by at least"),
    "cut short within the origin": Bad(_cut(P, "header", "origin"), "ends within the header"),
    "a bit of the block size is flipped": Bad(flip(P, 8 * 20), "the header is damaged: its checksum does not hold"),
    "the flag of a table, and none follows": Bad(with_header(NO_TABLE, flags=1),
        "declares a table of 0 bytes, which its flags do not allow", code=NASA),
    "a table without its flag": Bad(with_header(P, flags=0), "which its flags do not allow"),
    "the flag of an incomplete code over a complete one": Bad(with_header(P, flags=3),
        "the header's flags say otherwise"),
    "the flag of an escape, and the table has none": Bad(with_header(P, flags=5),
        "the table's escape is not what the header's flags say"),
    "an escape without its flag": Bad(with_header(encode([100, 105], FEW), flags=1),
        "the table's escape is not what the header's flags say"),
    "the flag of a byte order mark, and no text": Bad(with_header(P, flags=9), "only a text can begin with one"),
    "the flag of an escape in a code over tuples": Bad(with_header(TWO, flags=5), "do not go together"),
    "the flag of an escape in a code in context": Bad(with_header(X, flags=5), "do not go together"),
    "a code over tuples of no readings": Bad(with_header(TWO, parameter=0), "do not go together"),
    "the header says triples, the table pairs": Bad(with_header(TWO, parameter=3),
        "the header says 3 readings in a codeword, the table 2"),
    "the header says single readings, the table pairs": Bad(with_header(TWO, parameter=0, code=0),
        "the header says 1 reading in a codeword, the table 2"),
    "the header says one code, the table one in context": Bad(with_header(X, code=0),
        "the table names an unknown kind of labels, 64"),
    "the header says a code in context, the table one": Bad(with_header(P, code=2),
        "the table names an unknown kind of labels in context, 0"),
    "differences of labels that have none": Bad(with_header(S, transform=1),
        "the header says a transform of labels of kind 2"),
    "the header says floats, the table ints": Bad(with_header(P, label_kind=1),
        "the header says labels of kind float, the table int"),
    "lanes of 0 symbols": Bad(with_header(L, lane_size=0), "sizes are out of range"),
    "lanes of more than 2^24": Bad(with_header(P, lane_size=(1 << 24) + 1), "sizes are out of range"),
    "lanes of 6 where they were of 7": Bad(with_header(L, lane_size=6), "block 0"),
    "blocks of 0 symbols": Bad(with_header(P, block_size=0), "sizes are out of range"),
    "blocks of more than any": Bad(with_header(P, block_size=2**32 - 1), "sizes are out of range"),
    "blocks of 13 where all have 12": Bad(with_header(B, block_size=13), "blocks were moved"),
    "a table of more than 16 MiB": Bad(with_header(P, table_size=(1 << 24) + 1),
        "declares a table of 16,777,217 bytes"),
    "a table of more bytes than follow": Bad(with_header(P, table_size=5000), "the file ends within the table"),
    "a fingerprint that is not that of the table": Bad(mended(P.replace(part(P, "header").read(P, "table fingerprint"),
        bytes(8)), walk(P)[:1]), "the table is damaged: its fingerprint does not hold"),
    # the origin
    "an origin of no bytes": Bad(exchange(P, "origin", b""), "is cut short"),
    "a place that readings cannot come from": Bad(exchange(P, "origin", b"\x05"),
        "the readings came from an unknown kind of place, 5"),
    "a text that does not say how its lines end": Bad(exchange(P, "origin", b"\x02"), "is cut short"),
    "line ends that there are not": Bad(exchange(P, "origin", b"\x02\x02"), "is not well-formed"),
    "a byte behind the origin of bytes": Bad(exchange(P, "origin", b"\x01\x00"), "is not well-formed"),
    "a type that NumPy has not": Bad(exchange(P, "origin", array(b"<i3", 40)), "an array of unknown type"),
    "strings of no characters": Bad(exchange(P, "origin", array(b"<U0", 40)), "an array of unknown type"),
    "a name of bytes above 127": Bad(exchange(P, "origin", array(b"<\xe92", 40)), "is cut short"),
    "an order that is neither C nor Fortran": Bad(exchange(P, "origin", array(b"<i2", 40, order=2)),
        "is not well-formed"),
    "65 dimensions": Bad(exchange(P, "origin", array(b"<i2", *[1] * 64, 40)), "an impossible shape, of 65 dimensions"),
    "a shape of 2^80 readings": Bad(exchange(P, "origin", array(b"<i2", 1 << 40, 1 << 40)), "an impossible shape"),
    "more dimensions announced than there are": Bad(exchange(P, "origin", array(b"<i2", 40, dimensions=2)),
        "is cut short"),
    "an array of one reading more": Bad(exchange(P, "origin", array(b"<i2", 41)),
        "the file holds 40 readings, and its header promises 41"),
    "readings above 127 in an array of int8": Bad(exchange(P, "origin", array(b"|i1", 40)),
        "holds readings that its file says it cannot hold"),
    "a string whose characters are ints": Bad(exchange(P, "origin", b"\x03"),
        "holds readings that its file says it cannot hold"),
    # the table
    "cut short within the table": Bad(_cut(P, "table", "table"), "the file ends within the table"),
    "a bit of the table is flipped": Bad(flip(P, 8 * part(P, "table").start + 100),
        "the table is damaged: its fingerprint does not hold"),
    "a table that ends before its labels": Bad(under(b"\x00\x00\x00"), "the table ends early"),
    "labels of kind 5": Bad(under(table(5, 0, b"")), "an unknown kind of labels, 5"),
    "2^32 - 1 labels in a small table": Bad(under(table(0, 2**32 - 1, ONE_STEP)),
        "declares 4,294,967,295 labels in 8 bytes"),
    "65,537 labels": Bad(under(table(3, 65_537, bytes(10_000))), "declares 65,537 labels"),
    "two labels that are one": Bad(under(table(0, 2, b"\x011\x00" + nine(7, 7), [3, 1])),
        "the table holds the label 7 twice"),
    "ints in steps of 0": Bad(under(table(0, 1, b"\x010\x01" + nine(7), [3])), "is no positive decimal number"),
    "neither ascending nor not": Bad(under(table(0, 1, b"\x011\x02" + nine(7), [3])), "an unknown order of labels, 2"),
    "labels that ascend, written as if they did not": Bad(under(table(0, 8, b"\x011\x00" + nine(*range(8)),
        differences(*[3] * 8))), "not in the one form"),
    "a label of 2^64": Bad(under(table(0, 1, ONE_STEP + nine(1 << 64), [3])), "does not fit 64 bits"),
    "a label of 65,537 bytes": Bad(under(table(3, 1, text_label(bytes(65_537)), [3])),
        "declares a label of 65,537 bytes"),
    "a label that goes on behind the table": Bad(under(table(3, 1, struct.pack(">I", 60_000))), "the table ends early"),
    "a string of a byte that UTF-8 has not": Bad(under(table(2, 1, text_label(b"\xff"), [3])),
        "a string that is not UTF-8"),
    "fewer bytes than its floats take": Bad(under(table(1, 2, bytes(15))), "the table ends early"),
    "a codeword of 33 bits": Bad(under(table(0, 1, ONE_STEP + nine(7), differences(33))),
        "a code length outside 0..32"),
    "a codeword of -1 bits": Bad(under(table(0, 1, ONE_STEP + nine(7), differences(-1))),
        "a code length outside 0..32"),
    "a number of more zeros than any has": Bad(under(table(0, 1, ONE_STEP + nine(7)) + bytes(20) + b"\xff" * 30),
        "a gamma coded number of more than 66 bits"),
    "fewer lengths than labels": Bad(under(table(0, 8, ONE_STEP + nine(0), [1] * 7, [7, 1])),
        "within its gamma coded numbers"),
    "a bit behind the lengths": Bad(under(table(0, 1, ONE_STEP + nine(7)) + b"\x61"),
        "the padding behind the table's gamma coded numbers is not zero"),
    "a byte behind the lengths": Bad(under(of_lengths([3] * 8) + b"\x00"), "1 byte stands behind the end of the table"),
    "lengths of a Kraft sum of 2": Bad(under(of_lengths([2] * 8)), "over-full: their Kraft sum is 2"),
    "lengths of a Kraft sum of 1 + 2^-32": Bad(under(of_lengths([*range(1, 32), 31, 32], range(33))), "over-full"),
    "unused prefixes without the flag": Bad(under(of_lengths([4] * 8)), "the header's flags say otherwise"),
    "labels, none of which has a codeword": Bad(under(of_lengths([0] * 8), 3), "the header's flags say otherwise"),
    "readings, and a table without labels": Bad(under(of_lengths([], []), 3),
        "the file holds readings and no code for them"),
    "an escape without a codeword": Bad(under(table(128, 2, ONE_STEP + nine(0), [1], differences(1, 1, 0)), 5),
        "the table's escape is not what"),
    "a table of tuples of 1 reading": Bad(under(tuples(1, 1, ONE_STEP + nine(0), [1], [3])),
        "tuples are of 1 reading:"),
    "a table of tuples of tuples": Bad(under(table(4, 1, b"\x02\x04\x00\x00\x00\x01")),
        "tuples are of 1 label of an unknown kind, 4"),
    "a tuple of number 4 over two labels": Bad(under(tuples(2, 2, ONE_STEP + nine(0), [1], [5], [3])),
        "holds the tuple number 4, and there are 4"),
    "tuples of 64 over two labels, which 63 bits cannot number": Bad(under(tuples(64, 2, ONE_STEP + nine(0), [1], [1],
        [3])), "are too many to number"),
    "tuples over two labels that are one": Bad(under(tuples(2, 2, b"\x011\x00" + nine(7, 7), [1], [3])),
        "the label 7 twice"),
    "257 contexts": Bad(in_context(257), "declares 257 contexts"),
    "two labels in context that are one": Bad(in_context(1, [1], [2, 1], [1, 1], [1], [3, 1, 1], labels=AB[:5] * 2),
        "the table holds the label 'a' twice"),
    "a context that is no symbol": Bad(in_context(1, [3], [2, 1], [1, 1], [1], [3, 1, 1]),
        "contexts or rows have more than its 2 symbols"),
    "a row of more symbols than there are": Bad(in_context(1, [1], [3, 1], [1, 1], [1], [3, 1, 1]),
        "contexts or rows have more than its 2 symbols"),
    "a row that begins before the first symbol": Bad(in_context(1, [1], [2, 1], [2, 1], [1], [3, 1, 1]),
        "a symbol below 0"),
    "a row that goes on behind the last symbol": Bad(in_context(1, [1], [2, 1], [3, 1], [1], [3, 1, 1]),
        "holds the symbol 2, and it has 2"),
    "a codeword of 0 bits in a row": Bad(in_context(1, [1], [2, 1], [1, 1], [1], differences(1, 1, 0)),
        "not in the one form"),
    "a row of a Kraft sum of 5/4": Bad(in_context(0, [3], [1], [1, 1], differences(1, 1, 2),
        labels=AB + b"\x00\x00\x00\x01c", count=3), "over-full in row 0"),
    "a row with an unused prefix, and no flag": Bad(in_context(1, [1], [2, 1], [1, 1], [1], differences(1, 1, 1)),
        "complete or incomplete"),
    # blocks
    "neither a block nor the end": Bad(forge(B, "block", "mark", ord("C")),
        "where block 0 or the end should start stands the byte 43"),
    "cut short within a payload": Bad(_cut(B, "block", "payload", 2), "the file ends within block 2"),
    "cut short between two blocks": Bad(B[: part(B, "block", 1).stop], "the file ends within block 2"),
    "a bit of a payload is flipped": Bad(flip(B, 8 * part(B, "block", 2).fields["payload"][0]),
        "block 2 is damaged: its checksum does not hold"),
    "a block numbered 2 where block 1 belongs": Bad(forge(B, "block", "sequence number", 2, number=1),
        "block 2 stands where block 1 or the end should"),
    "blocks in another order": Bad(rearranged(B, [0, 2, 1, 3]), "blocks were moved"),
    "blocks in another order, numbered anew": Bad(rearranged(B, [0, 2, 1, 3], True), "their checksum does not hold"),
    "a block is missing": Bad(rearranged(B, [0, 1, 3]), "blocks were moved"),
    "the last block is missing": Bad(rearranged(B, [0, 1, 2]),
        "the end counts 40 readings, and the blocks hold 36 symbols"),
    "a block stands twice": Bad(rearranged(B, [0, 1, 1, 2, 3]), "blocks were moved"),
    "a block of 0 symbols": Bad(forge(B, "block", "count", 0), "0 symbols in"),
    "a block of more symbols than the header says": Bad(forge(B, "block", "count", 13), "13 symbols in"),
    "a block of 2^32 - 1 symbols": Bad(forge(B, "block", "count", 2**32 - 1), "cannot be"),
    "a block and the end say a symbol fewer than there are": Bad(forge(forge(good("bytes"), "block", "count", 10),
        "end", "count", 10), "block 0 is damaged"),
    "11 bits for 12 symbols": Bad(forge(B, "block", "payload bits", 11), "cannot be"),
    "385 bits for 12 symbols": Bad(forge(B, "block", "payload bits", 385), "cannot be"),
    "raw values, and no escape": Bad(with_block(B, 1, extra=b"abc"),
        "block 1 has raw values, and the code has no escape"),
    "raw values of fewer bytes than the escapes take": Bad(with_field(E, "extra", bytes(15), extra_size=15),
        "end within those of its last 2"),
    "raw values of more bytes than the escapes take": Bad(with_field(E, "extra", bytes(24), extra_size=24),
        "8 bytes of raw values more"),
    "a raw string that goes on behind the raw values": Bad(with_bit(S, "block", "extra", 12),
        "its raw values end within those of its"),
    "a raw value of fewer bytes, and some left over": Bad(with_field(S, "extra",
        part(S, "block").read(S, "extra") + b"x", extra_size=part(S, "block").number(S, "extra size") + 1),
        "1 byte of raw values more than its escapes take"),
    "a raw string that UTF-8 has not": Bad(with_bit(S, "block", "extra", 24), "a string that is not UTF-8"),
    "a raw value that has a codeword": Bad(with_field(E, "extra", (100).to_bytes(8, "big") * 2),
        "behind an escape that has a codeword of its own"),
    "a raw value of another bit": Bad(with_bit(E, "block", "extra", 63), "their checksum does not hold"),
    "a base that is not the reading before": Bad(with_bit(D, "block", "base", 63, 1),
        "the base of block 1 is not the reading before it"),
    "all bases moved alike, which only the checksum of symbols tells": Bad(with_bit(encode(levels(20), delta=True),
        "block", "base", 63), "their checksum does not hold"),
    "entries of 33 bits": Bad(forge(L, "block", "index width", 33), "cannot be"),
    "entries of 1 bit, all 0": Bad(with_field(SINGLE, "lane index", b"\x00", index_width=1),
        "the lane index of block 0 does not fit"),
    "a least of 1 bit in a block of one lane": Bad(forge(P, "block", "least lane bits", 1),
        "the lane index of block 0 does not fit"),
    "more bits in the lanes than in the payload": Bad(forge(L, "block", "least lane bits", 2**32 - 1),
        "the lane index of block 0 does not fit"),
    "a bit of one lane counted to the next": Bad(with_lanes(L, 1, -1), "block 0 is damaged"),
    "a bit behind the index": Bad(with_bit(L, "block", "lane index", -1), "the lane index of block 0 does not fit"),
    "a bit behind the payload": Bad(with_bit(P, "block", "payload", -1), "the padding of block 0 is not zero"),
    "codewords of the same bits for other symbols": Bad(with_block(EIGHT,
        payload=np.array([0x05, 0x39, 0x76], np.uint8)), "their checksum does not hold"),
    "a prefix that no codeword has": Bad(with_block(good("one-label"), payload=np.array([0x80, 0, 0], np.uint8)),
        "block 0 is damaged"),
    "a payload that ends within a codeword": Bad(with_block(encode(np.arange(7, -1, -1), EIGHTHS),
        lane_bits=np.array([23])), "block 0 is damaged"),
    "a code of shorter codewords over the same payload": Bad(under(of_lengths([1, 2, 3, 4, 5, 6, 7, 7])),
        "block 0 is damaged"),
    # the end
    "cut short within the end": Bad(P[: END.start + 5], "the file ends within block 1"),
    "the last byte is missing": Bad(P[:-1], "it was cut short by at least 1 byte"),
    "a bit of the count is flipped": Bad(flip(P, 8 * END.start + 70), "block 1 is damaged: its checksum does not hold"),
    "an end that counts one reading more": Bad(forge(P, "end", "count", 41),
        "the end counts 41 readings, and the blocks hold 40 symbols"),
    "an end that counts 2^64 - 1 readings": Bad(forge(P, "end", "count", 2**64 - 1),
        "the end counts 18,446,744,073,709,551,615 readings"),
    "an end that fills up a pair that is full": Bad(forge(exchange(encode(b"abcabcab", per_codeword=2), "origin",
        b"\x01"), "end", "count", 7), "their checksum does not hold"),
    "another checksum of symbols": Bad(with_bit(P, "end", "checksum of symbols", 31),
        "the symbols decoded are not those encoded"),
    "a closing of no bytes": Bad(exchange(P, "closing", b""), "the end's note of the original"),
    "a closing of a byte too many": Bad(exchange(P, "closing", bytes(10)), "the end's note of the original"),
    "a last line neither ended nor not": Bad(exchange(P, "closing", bytes(8) + b"\x02"),
        "the end's note of the original"),
    "the end of a file with as many readings": Bad(P[: END.start] + encode(levels(40, 2))[-(END.stop - END.start) :],
        "their checksum does not hold"),
    "a zero behind the end": Bad(P + b"\x00", "something stands behind the end of the file"),
    "the file, and behind it the file again": Bad(P + P, "something stands behind the end of the file"),
    # the code that is given, the output that is allowed
    "a file without a table, and no code for it": Bad(NO_TABLE,
        "the file carries no table: give the one it was written with", WrongTableError),
    "a file without a table, and another code": Bad(NO_TABLE, "the file was written with the table", WrongTableError,
        FEW),
    "a file with a table, and another code": Bad(P, "the file was written with the table", WrongTableError, FEW),
    "a file without its table in context, and no code for it": Bad(good("context-no-table"),
        "the file carries no table", WrongTableError),
    "the header says a code in context, and the one given is none": Bad(with_header(NO_TABLE, code=2),
        "the header says a code in context", code=NASA),
    "readings of 80 bytes under a limit of 79": Bad(P, "more than the limit of 79 bytes", OutputLimitError,
        max_output=79),
    "24 MB out of 61 kB": Bad(huf(LONG_LINES), "more than the limit of 1,048,576 bytes", OutputLimitError,
        max_output=1 << 20),
    "labels that are long, in pairs": Bad(huf(LONG_LINES, per_codeword=2), "more than the limit of 1,048,576 bytes",
        OutputLimitError, max_output=1 << 20),
    "labels that are long, in context": Bad(huf(LONG_LINES, context=True), "more than the limit of 1,048,576 bytes",
        OutputLimitError, max_output=1 << 20),
}  # fmt: skip


UNSUPPORTED: dict[str, Bad] = {
    why: Bad(data, message, UnsupportedError)
    for why, (data, message) in {
        "a version before the first": (with_header(P, version=0), "a .huf file of version 0"),
        "a version to come, of which all else is unknown": (P[:8] + b"\x03" + P[9:],
            "a .huf file of version 3, and this program reads versions 1 and 2"),
        "the last version that there can be": (P[:8] + b"\xff", "a .huf file of version 255"),
        "a flag that version 1 has not": (with_header(P, flags=1 | 64), "flags has the value 65"),
        "another flag": (with_header(P, flags=1 | 128), "flags has the value 129"),
        "the transform after the last that is known": (with_header(D, transform=max(BASE_BYTES) + 1),
            "the header's transform has the value"),
        "a code that version 1 has not": (with_header(P, code=4), "code has the value 4"),
        "the last code that there can be": (with_header(TWO, code=255), "code has the value 255"),
        "a parameter where there is none": (with_header(P, parameter=1), "parameter has the value 1"),
        "a parameter of a code in context": (with_header(X, parameter=2), "parameter has the value 2"),
        "tuples of one reading": (with_header(TWO, parameter=1), "parameter has the value 1"),
        "tuples of more readings than any": (with_header(TWO, parameter=65), "parameter has the value 65"),
        "labels of a kind that version 1 has not": (with_header(P, label_kind=4), "a kind of labels (4)"),
    }.items()
}  # fmt: skip
