"""A corpus of .huf files, made when it is asked for: good ones, bad ones, and ones of kinds that version 1 has not.

    python tests/support/corpus.py FOLDER      writes them all, the originals of the good ones, and a list

Each bad file has one thing wrong with it, and every checksum holds unless the checksum is that thing.
"""

from __future__ import annotations

import io
import struct
import sys
import zlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import checks
import numpy as np
from checks import exchange, flip, forge, huf, incomplete, mend, part, pieces, unhuf, walk
from context_codes import SHARED, in_rows

from codec.codes.context import ContextCode
from codec.codes.prefix import PrefixCode, huffman
from codec.codes.serialize import as_positive, gamma_encode, serialize
from codec.coding import decode, encode
from codec.coding.file import opened, parts_of
from codec.coding.steps import BASE_BYTES
from codec.errors import CodecError, DamagedError, OutputLimitError, UnsupportedError, WrongTableError
from codec.files.container import Block
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, labels_of

Code = PrefixCode | ContextCode | None
SMALL = {"lane_size": 5, "block_size": 12}

NASA = huffman(Distribution([100, 105, 110, 145, 160, 162, 174, 180], [30, 40, 5, 6, 7, 2, 5, 5]))
FEW = PrefixCode.from_lengths([100, 105, 110], [1, 2, 3], escape_length=3)
WORDS = PrefixCode.from_lengths(["a", "bc", ""], [1, 2, 3], escape_length=3)
STEPS = PrefixCode.from_lengths([0, 1], [1, 2], escape_length=2)
HALVES = PrefixCode.from_lengths([0.5, -0.0], [1, 2], escape_length=2)
ODD = incomplete(PrefixCode.from_lengths([3, 5, 9], [1, 2, 2]))  # lengths 1, 3, 3
PAIRS = huffman(Distribution([100, 105, 110], [4, 3, 1]).extension(2))
STEEP = PrefixCode.from_lengths(range(33), [*range(1, 33), 32])  # as long as codewords get
SWITCH = in_rows(["off", "on"], {SHARED: {0: 1, 1: 1}, 0: {0: 1, 1: 2}, 1: {0: 2, 1: 2}})  # rows 1 and 2 have holes


def levels(count: int, seed: int = 1) -> Any:
    """Readings of the alphabet of `NASA`, drawn by a generator that is written out here."""
    state, symbols = seed, []
    for _ in range(count):
        state = (1103515245 * state + 12345) % (1 << 31)
        symbols.append((0, 1, 1, 0, 2, 3, 1, 4, 5, 6, 0, 1, 7, 1, 0, 4)[state >> 27])
    return np.array([100, 105, 110, 145, 160, 162, 174, 180], np.int16)[symbols]


# ------------------------------------------------------------------ good files


@dataclass(frozen=True)
class Good:
    """A file that every reader of version 1 takes.

    Attributes
    ----------
    why : str
        What it shows.
    content : array, bytes, str
        What it was made from: readings, or the bytes of a file if `opens` is not None.
    code, embed
        The code that it was written with, if it was not learned; whether the file carries its table.
    options : dict
        Of `codec.coding.encode`.
    opens : dict or None
        How the content was opened as a file.
    """

    why: str
    content: Any
    code: Code = None
    embed: bool = True
    options: dict[str, Any] = field(default_factory=dict)
    opens: dict[str, Any] | None = None

    def make(self, content: Any = None, engine: str | None = None) -> bytes:
        """The file; of other content, if some is given."""
        content = self.content if content is None else content
        if self.opens is None:
            return encode(content, self.code, self.embed, engine=engine, **self.options)
        return huf(content, self.code, opens=self.opens, embed_table=self.embed, engine=engine, **self.options)

    @property
    def needed(self) -> Code:
        """The code that a reader has to be given."""
        return None if self.embed else self.code

    def read(self, data: bytes, engine: str | None = None) -> Any:
        """What `make` was given."""
        if self.opens is None:
            return decode(data, self.needed, engine=engine)
        text = unhuf(data, self.needed, engine)
        return self.opens["column"].encode() + b"\n" + text if "column" in self.opens else text


def learned_context(readings: Any) -> Code:
    """The code in context that is learned from readings."""
    code = opened(io.BytesIO(encode(readings, context=True))).code
    return code


STEADY = np.repeat(levels(16, 3), 5)  # readings that often stay
RAMP = np.arange(40) // 3 * 5

GOOD: dict[str, Good] = {
    "plain": Good("one block, one lane", levels(40)),
    "no-table": Good("its code is given, its fingerprint signs it", levels(44), NASA, False, {"lane_size": 30}),
    "lanes": Good("a lane index, and padding behind it", levels(50), options={"lane_size": 7}),
    "lanes-of-8": Good("lanes that are written by whole words", levels(60), options={"lane_size": 8}),
    "lanes-of-1": Good("an index with an entry for every symbol", levels(30), options={"lane_size": 1}),
    "blocks": Good("several blocks, of several lanes", levels(40), options=SMALL),
    "full-blocks": Good("a last block that is as full as the others", levels(36), options=SMALL),
    "largest-sizes": Good("lanes and blocks as large as any", levels(30),
                          options={"lane_size": 1 << 24, "block_size": 1 << 24}),
    "fortran": Good("an array of two dimensions, column by column",
                    np.asfortranarray(levels(36).reshape(3, 12)), options=SMALL),
    "no-dimension": Good("an array of no dimension, of one reading", np.array(-7, ">i4")),
    "one-label": Good("one label has a codeword of 1 bit, and the code is incomplete", np.full(20, 7, np.int8)),
    "nothing": Good("no readings, no blocks, a table without labels", np.zeros((0, 2), np.float32)),
    "nothing-of-a-code": Good("no readings, and the code of others", np.zeros(0, np.int64), NASA),
    "empty-text": Good("a file of no bytes", b"", opens={}),
    "incomplete": Good("unused prefixes, on purpose", np.array([3, 5, 9, 3, 3, 5, 9] * 3, np.uint8), ODD,
                       options={"lane_size": 4}),
    "unused-labels": Good("labels without a codeword", np.array([1, 2, 1, 1]),
                          PrefixCode.from_lengths([0, 1, 2, 3], [0, 1, 1, 0])),
    "longest-codewords": Good("codewords of 32 bits", np.arange(33), STEEP, options={"lane_size": 6}),
    "300-labels": Good("symbols of two bytes", np.arange(300) * 7 % 299, options={"lane_size": 100}),
    "labels-out-of-order": Good("a table whose labels are not ascending", np.array([5, -1, 3, 5]),
                                PrefixCode.from_lengths([5, -1, 3], [1, 2, 2])),
    "widest-ints": Good("labels of 64 bits, and gaps of as many", np.array([0, 2**64 - 1, 0, 1], np.uint64)),
    "floats": Good("floats by their bits: two zeros, a NaN",
                   np.array([0.5, -0.0, np.nan, 0.0, 0.5] * 4, np.float32)),
    "strings": Good("labels of UTF-8", np.array(["on", "off", "off", "\u00e9", "on"] * 3)),
    "objects": Good("labels of bytes, one of them empty", np.array([b"", b"\0", b"abc", b""] * 3, object)),
    "complex": Good("a type that is coded as its bytes", np.array([1 + 2j, 3, 3, 1 + 2j], np.complex64)),
    "times": Good("a type with a unit", np.array(["1970-01-01", "NaT", "2021-05-05", "NaT"], "M8[D]")),
    "bytes": Good("bytes, without a type", b"abracadabra", options={"lane_size": 4}),
    "a-string": Good("characters", "abracadabr\u00e4", options={"lane_size": 4}),
    "text": Good("numbers on a grid, the last line not ended", b"21.5\n-0.3\n21.5\n0.0\n" * 4 + b"0.0",
                 options=SMALL, opens={}),
    "text-crlf": Good("lines that end with CR LF, one of them empty", b"on\r\noff\r\n\r\non\r\n",
                      options={"lane_size": 2}, opens={}),
    "column": Good("a column of a CSV file", b"x\n2.5\n2.5\n-1.0\n2.5\n", opens={"column": "x"}),
    "escapes": Good("raw values of 8 bytes", np.array([100, 7, 105, 100, -3, 110, 7]), FEW,
                    options={"lane_size": 3, "block_size": 5}),
    "escapes-no-table": Good("an escape in a code that is given",
                             np.array([100, 7, 105, 8], np.uint16), FEW, False),
    "escaped-floats": Good("raw values that are patterns of bits", np.array([0.5, 1.5, np.nan, -0.0]), HALVES),
    "escaped-strings": Good("raw values with sizes, one of 0",
                            np.array(["a", "\u00e9", "bc", "", "b" * 30, "ab"], object), WORDS,
                            options={"lane_size": 2}),
    "escaped-text": Good("raw values that are lines", b"100\nx\n105\n\n100\n", FEW, options=SMALL, opens={}),
    "pairs": Good("codewords for two readings, several blocks", levels(60, 2), options={"per_codeword": 2, **SMALL}),
    "pairs-filled-up": Good("an odd number of readings in pairs", levels(41, 2),
                            options={"per_codeword": 2, "lane_size": 7}),
    "triples-of-text": Good("lines, three to a codeword", b"1.5\n2.5\n2.5\n1.5\n2.5\n1.5\n9.5\n",
                            options={"per_codeword": 3, "lane_size": 2}, opens={}),
    "63-in-a-codeword": Good("as many of two readings in a codeword as any", b"ab" * 100, options={"per_codeword": 63}),
    "64-in-a-codeword": Good("as many readings in a codeword as any", b"a" * 130, options={"per_codeword": 64}),
    "pairs-no-table": Good("pairs of a code that is given", np.array([100, 105, 110, 100, 105] * 5), PAIRS, False),
    "differences": Good("differences, a base in every block", levels(40, 4),
                        options={"delta": True, "lane_size": 7, "block_size": 15}),
    "differences-around": Good("differences that go around at 2^64",
                               np.array([0, 2**64 - 1, 1, 0], np.uint64), options={"delta": True}),
    "differences-of-text": Good("differences on a grid", b"21.5\n21.4\n21.4\n21.6\n" * 4,
                                options={"delta": True, **SMALL}, opens={}),
    "escaped-differences": Good("raw values of differences", np.array([5, 6, 7, 90, 91, 91]), STEPS,
                                options={"delta": True, "lane_size": 2, "block_size": 4}),
    "pairs-of-differences": Good("differences, two to a codeword", RAMP,
                                 options={"delta": True, "per_codeword": 2, **SMALL}),
    "context": Good("a code behind each reading", STEADY, options={"context": True, "lane_size": 9, "block_size": 27}),
    "context-of-letters": Good("letters in context", "abracadabra" * 3, options={"context": True, "lane_size": 8}),
    "context-of-text": Good("lines in context", b"on\noff\noff\non\n\n" * 4,
                            options={"context": True, **SMALL}, opens={}),
    "context-no-table": Good("a code in context that is given", STEADY, learned_context(STEADY), False),
    "context-with-holes": Good("a row with an unused prefix", np.array(["off", "off", "on", "off", "on", "on"]),
                               SWITCH),
    "context-of-differences": Good("differences in context", RAMP,
                                   options={"delta": True, "context": True, **SMALL}),
}  # fmt: skip


@cache
def good(name: str) -> bytes:
    """A good file by its name."""
    return GOOD[name].make()


# ------------------------------------------------------------------ ways to spoil one


def crc(section: bytes) -> bytes:
    """A section with its checksum behind it."""
    return section + zlib.crc32(section).to_bytes(4, "big")


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
    changed = data
    for other, value in fields.items():
        start, stop = part(data, "block", number).fields[other.replace("_", " ")]
        changed = changed[:start] + value.to_bytes(stop - start, "big") + changed[stop:]
    block = part(data, "block", number)
    start, stop = block.fields[name]
    section = changed[block.start : start] + new + changed[stop : block.fields["checksum"][0]]
    return data[: block.start] + crc(section) + data[block.stop :]


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
        chosen = [crc(block[:1] + struct.pack(">I", i) + block[5:-4]) for i, block in enumerate(chosen)]
    return head + b"".join(chosen) + end


EIGHTHS = PrefixCode.from_lengths(range(8), [3] * 8)
EIGHT = encode(np.arange(8), EIGHTHS)  # for other tables


def under(table: bytes, flags: int = 1, data: bytes = EIGHT, **fields: int) -> bytes:
    """Eight readings of 3 bits each, or another file, under another table."""
    return with_header(exchange(data, "table", table), flags=flags, **fields)


def of_lengths(lengths: list[int], labels: Any = range(8)) -> bytes:
    """A table of ints."""
    return serialize(labels if isinstance(labels, Labels) else labels_of(labels), np.array(lengths, np.int64))


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


def rows(owners: int, *numbers: list[int], labels: bytes = AB, kind: int = 0x42, count: int = 2) -> bytes:
    """A table in context, written by hand: contexts, codewords in rows, first, other symbols, lengths."""
    return struct.pack(">BI", kind, count) + labels + struct.pack(">H", owners) + b"".join(map(gamma_encode, numbers))


LONG_LINE = b"x" * 60_000
BOMB = huf((LONG_LINE + b"\n") * 4000)  # 240 MB out of 61 kB


# ------------------------------------------------------------------ bad files


@dataclass(frozen=True)
class Spoilt:
    """A file that is refused: why, with what exception, and a piece of its message."""

    why: str
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

BAD: dict[str, Spoilt] = {
    # the header
    "empty": Spoilt("no byte at all", b"", "the file ends within the header"),
    "not-huf": Spoilt("the mark of another format", b"PK\x03\x04" + P[4:], "this is not a .huf file"),
    "through-text-mode": Spoilt("CR LF became LF, as in a transfer as text", P.replace(b"\r\n", b"\n", 1),
                                "this is not a .huf file"),
    "seven-bits": Spoilt("the highest bit of the mark is lost", b"\x09" + P[1:], "this is not a .huf file"),
    "cut-in-header": Spoilt("cut short within the sizes", _cut(P, "header", "block size"),
                            "the file ends within the header: it was cut short by at least"),
    "cut-in-origin": Spoilt("cut short within the origin", _cut(P, "header", "origin"), "ends within the header"),
    "header-checksum": Spoilt("a bit of the block size is flipped", flip(P, 8 * 20),
                              "the header is damaged: its checksum does not hold"),
    "table-flag-without-table": Spoilt("the flag of a table, and none follows", with_header(NO_TABLE, flags=1),
                                       "declares a table of 0 bytes, which its flags do not allow", code=NASA),
    "table-without-flag": Spoilt("a table without its flag", with_header(P, flags=0), "which its flags do not allow"),
    "incomplete-flag-of-a-complete": Spoilt("the flag of an incomplete code over a complete one",
                                            with_header(P, flags=3), "the header's flags say otherwise"),
    "escape-flag-without-escape": Spoilt("the flag of an escape, and the table has none", with_header(P, flags=5),
                                         "the table's escape is not what the header's flags say"),
    "escape-without-flag": Spoilt("an escape without its flag", with_header(encode([100, 105], FEW), flags=1),
                                  "the table's escape is not what the header's flags say"),
    "no-escape-in-pairs": Spoilt("the flag of an escape in a code over tuples", with_header(TWO, flags=5),
                                 "do not go together"),
    "no-escape-in-context": Spoilt("the flag of an escape in a code in context", with_header(X, flags=5),
                                   "do not go together"),
    "tuples-of-nothing": Spoilt("a code over tuples of no readings", with_header(TWO, parameter=0),
                                "do not go together"),
    "tuples-of-three": Spoilt("the header says triples, the table pairs", with_header(TWO, parameter=3),
                              "the header says 3 readings in a codeword, the table 2"),
    "tuples-in-a-plain-code": Spoilt("the header says single readings, the table pairs",
                                     with_header(TWO, parameter=0, code=0),
                                     "the header says 1 readings in a codeword, the table 2"),
    "context-in-a-plain-code": Spoilt("the header says one code, the table one in context", with_header(X, code=0),
                                      "the table names an unknown kind of labels, 64"),
    "plain-code-in-context": Spoilt("the header says a code in context, the table one", with_header(P, code=2),
                                    "the table names an unknown kind of labels in context, 0"),
    "differences-of-strings": Spoilt("differences of labels that have none", with_header(S, transform=1),
                                     "the header says a transform of labels of kind 2"),
    "other-kind-of-labels": Spoilt("the header says floats, the table ints", with_header(P, label_kind=1),
                                   "the header says labels of kind float, the table int"),
    "lanes-of-nothing": Spoilt("lanes of 0 symbols", with_header(L, lane_size=0), "sizes are out of range"),
    "lanes-too-large": Spoilt("lanes of more than 2^24", with_header(P, lane_size=(1 << 24) + 1),
                              "sizes are out of range"),
    "lanes-of-fewer": Spoilt("lanes of 6 where they were of 7", with_header(L, lane_size=6), "block 0"),
    "blocks-of-nothing": Spoilt("blocks of 0 symbols", with_header(P, block_size=0), "sizes are out of range"),
    "blocks-too-large": Spoilt("blocks of more than any", with_header(P, block_size=2**32 - 1),
                               "sizes are out of range"),
    "blocks-of-more": Spoilt("blocks of 13 where all have 12", with_header(B, block_size=13), "blocks were moved"),
    "table-too-large": Spoilt("a table of more than 16 MiB", with_header(P, table_size=(1 << 24) + 1),
                              "declares a table of 16,777,217 bytes"),
    "table-larger": Spoilt("a table of more bytes than follow", with_header(P, table_size=5000),
                           "the file ends within the table"),
    "other-fingerprint": Spoilt("a fingerprint that is not that of the table", crc(
        P[: part(P, "header").fields["table fingerprint"][0]] + bytes(8)
        + P[part(P, "header").fields["origin size"][0] : part(P, "header").fields["checksum"][0]]
    ) + P[part(P, "header").stop :], "the table is damaged: its fingerprint does not hold"),
    # the origin
    "no-origin": Spoilt("an origin of no bytes", exchange(P, "origin", b""), "is cut short"),
    "origin-of-no-kind": Spoilt("a place that readings cannot come from", exchange(P, "origin", b"\x05"),
                                "the readings came from an unknown kind of place, 5"),
    "text-without-line-ends": Spoilt("a text that does not say how its lines end", exchange(P, "origin", b"\x02"),
                                     "is cut short"),
    "text-of-other-line-ends": Spoilt("line ends that there are not", exchange(P, "origin", b"\x02\x02"),
                                      "is not well-formed"),
    "longer-origin": Spoilt("a byte behind the origin of bytes", exchange(P, "origin", b"\x01\x00"),
                            "is not well-formed"),
    "no-such-type": Spoilt("a type that NumPy has not", exchange(P, "origin", array(b"<i3", 40)),
                           "an array of unknown type"),
    "type-of-nothing": Spoilt("strings of no characters", exchange(P, "origin", array(b"<U0", 40)),
                              "an array of unknown type"),
    "type-not-in-ascii": Spoilt("a name of bytes above 127", exchange(P, "origin", array(b"<\xe92", 40)),
                                "is cut short"),
    "another-order": Spoilt("an order that is neither C nor Fortran",
                            exchange(P, "origin", array(b"<i2", 40, order=2)), "is not well-formed"),
    "too-many-dimensions": Spoilt("65 dimensions", exchange(P, "origin", array(b"<i2", *[1] * 64, 40)),
                                  "an impossible shape, of 65 dimensions"),
    "impossible-shape": Spoilt("a shape of 2^80 readings", exchange(P, "origin", array(b"<i2", 1 << 40, 1 << 40)),
                               "an impossible shape"),
    "missing-dimensions": Spoilt("more dimensions announced than there are",
                                 exchange(P, "origin", array(b"<i2", 40, dimensions=2)), "is cut short"),
    "shape-of-more": Spoilt("an array of one reading more", exchange(P, "origin", array(b"<i2", 41)),
                            "the file holds 40 readings, and its header promises 41"),
    "type-too-narrow": Spoilt("readings above 127 in an array of int8", exchange(P, "origin", array(b"|i1", 40)),
                              "holds readings that its file says it cannot hold"),
    "ints-as-characters": Spoilt("a string whose characters are ints", exchange(P, "origin", b"\x03"),
                                 "holds readings that its file says it cannot hold"),
    # the table
    "cut-in-table": Spoilt("cut short within the table", _cut(P, "table", "table"), "the file ends within the table"),
    "flip-in-table": Spoilt("a bit of the table is flipped", flip(P, 8 * part(P, "table").start + 100),
                            "the table is damaged: its fingerprint does not hold"),
    "table-of-three-bytes": Spoilt("a table that ends before its labels", under(b"\x00\x00\x00"),
                                   "the table ends early"),
    "labels-of-no-kind": Spoilt("labels of kind 5", under(table(5, 0, b"")), "an unknown kind of labels, 5"),
    "labels-very-many": Spoilt("2^32 - 1 labels in a small table", under(table(0, 2**32 - 1, ONE_STEP)),
                               "declares 4,294,967,295 labels in 8 bytes"),
    "labels-one-too-many": Spoilt("65,537 labels", under(table(3, 65_537, bytes(10_000))), "declares 65,537 labels"),
    "same-label-twice": Spoilt("two labels that are one", under(table(0, 2, b"\x011\x00" + nine(7, 7), [3, 1])),
                               "the table holds the label 7 twice"),
    "step-of-zero": Spoilt("ints in steps of 0", under(table(0, 1, b"\x010\x01" + nine(7), [3])),
                           "is no positive decimal number"),
    "order-of-no-kind": Spoilt("neither ascending nor not", under(table(0, 1, b"\x011\x02" + nine(7), [3])),
                               "an unknown order of labels, 2"),
    "ascending-and-not-said": Spoilt("labels that ascend, written as if they did not", under(
        table(0, 8, b"\x011\x00" + nine(*range(8)), differences(*[3] * 8))), "not in the one form"),
    "int-of-65-bits": Spoilt("a label of 2^64", under(table(0, 1, ONE_STEP + nine(1 << 64), [3])),
                             "does not fit 64 bits"),
    "label-too-long": Spoilt("a label of 65,537 bytes", under(table(3, 1, text_label(bytes(65_537)), [3])),
                             "declares a label of 65,537 bytes"),
    "label-of-more-than-the-table": Spoilt("a label that goes on behind the table",
                                           under(table(3, 1, struct.pack(">I", 60_000))), "the table ends early"),
    "label-not-utf-8": Spoilt("a string of a byte that UTF-8 has not", under(table(2, 1, text_label(b"\xff"), [3])),
                              "a string that is not UTF-8"),
    "floats-cut-short": Spoilt("fewer bytes than its floats take", under(table(1, 2, bytes(15))),
                               "the table ends early"),
    "length-of-33": Spoilt("a codeword of 33 bits", under(table(0, 1, ONE_STEP + nine(7), differences(33))),
                           "a code length outside 0..32"),
    "length-below-0": Spoilt("a codeword of -1 bits", under(table(0, 1, ONE_STEP + nine(7), differences(-1))),
                             "a code length outside 0..32"),
    "gamma-without-end": Spoilt("a number of more zeros than any has",
                                under(table(0, 1, ONE_STEP + nine(7)) + bytes(20) + b"\xff" * 30),
                                "a gamma coded number of more than 66 bits"),
    "gamma-cut-short": Spoilt("fewer lengths than labels", under(table(0, 8, ONE_STEP + nine(0), [1] * 7, [7, 1])),
                              "within its gamma coded numbers"),
    "padding-in-table": Spoilt("a bit behind the lengths", under(table(0, 1, ONE_STEP + nine(7)) + b"\x61"),
                               "the padding behind the table's gamma coded numbers is not zero"),
    "byte-behind-table": Spoilt("a byte behind the lengths", under(of_lengths([3] * 8) + b"\x00"),
                                "1 bytes stand behind the end of the table"),
    "over-full": Spoilt("lengths of a Kraft sum of 2", under(of_lengths([2] * 8)), "over-full: their Kraft sum is 2"),
    "over-full-by-least": Spoilt("lengths of a Kraft sum of 1 + 2^-32",
                                 under(of_lengths([*range(1, 32), 31, 32], range(33))), "over-full"),
    "incomplete-without-flag": Spoilt("unused prefixes without the flag", under(of_lengths([4] * 8)),
                                      "the header's flags say otherwise"),
    "no-codeword": Spoilt("labels, none of which has a codeword", under(of_lengths([0] * 8), 3),
                          "the header's flags say otherwise"),
    "no-labels": Spoilt("readings, and a table without labels", under(of_lengths([], []), 3),
                        "the file holds readings and no code for them"),
    "escape-of-no-bits": Spoilt("an escape without a codeword", under(table(
        128, 2, ONE_STEP + nine(0), [1], differences(1, 1, 0)), 5), "the table's escape is not what"),
    "tuples-of-one": Spoilt("a table of tuples of 1 reading", under(
        table(4, 1, b"\x01\x00\x00\x00\x00\x01" + ONE_STEP + nine(0), [1], [3])), "tuples are of 1 readings"),
    "tuples-of-tuples": Spoilt("a table of tuples of tuples", under(table(4, 1, b"\x02\x04\x00\x00\x00\x01")),
                               "tuples are of 1 labels of an unknown kind, 4"),
    "tuple-above-all": Spoilt("a tuple of number 4 over two labels", under(
        table(4, 1, b"\x02\x00\x00\x00\x00\x02" + ONE_STEP + nine(0), [1], [5], [3])),
        "holds the tuple number 4, and there are 4"),
    "tuples-too-many": Spoilt("tuples of 64 over two labels, which 63 bits cannot number", under(
        table(4, 1, b"\x40\x00\x00\x00\x00\x02" + ONE_STEP + nine(0), [1], [1], [3])), "are too many to number"),
    "same-label-twice-in-tuples": Spoilt("tuples over two labels that are one", under(
        table(4, 1, b"\x02\x00\x00\x00\x00\x02" + b"\x011\x00" + nine(7, 7), [1], [3])), "the label 7 twice"),
    "contexts-too-many": Spoilt("257 contexts", under(rows(257), 1, IN_CONTEXT), "declares 257 contexts"),
    "context-above-all": Spoilt("a context that is no symbol", under(
        rows(1, [3], [2, 1], [1, 1], [1], [3, 1, 1]), 1, IN_CONTEXT), "contexts or rows have more than its 2 symbols"),
    "row-too-long": Spoilt("a row of more symbols than there are", under(
        rows(1, [1], [3, 1], [1, 1], [1], [3, 1, 1]), 1, IN_CONTEXT), "contexts or rows have more than its 2 symbols"),
    "symbol-below-0": Spoilt("a row that begins before the first symbol", under(
        rows(1, [1], [2, 1], [2, 1], [1], [3, 1, 1]), 1, IN_CONTEXT), "a symbol below 0"),
    "symbol-above-all": Spoilt("a row that goes on behind the last symbol", under(
        rows(1, [1], [2, 1], [3, 1], [1], [3, 1, 1]), 1, IN_CONTEXT), "holds the symbol 2, and it has 2"),
    "row-of-no-bits": Spoilt("a codeword of 0 bits in a row", under(
        rows(1, [1], [2, 1], [1, 1], [1], differences(1, 1, 0)), 1, IN_CONTEXT), "not in the one form"),
    "row-over-full": Spoilt("a row of a Kraft sum of 5/4", under(
        rows(0, [3], [1], [1, 1], differences(1, 1, 2), labels=AB + b"\x00\x00\x00\x01c", count=3), 1, IN_CONTEXT),
        "over-full in row 0"),
    "row-incomplete-without-flag": Spoilt("a row with an unused prefix, and no flag", under(
        rows(1, [1], [2, 1], [1, 1], [1], differences(1, 1, 1)), 1, IN_CONTEXT), "complete or incomplete"),
    # blocks
    "no-mark": Spoilt("neither a block nor the end", forge(B, "block", "mark", ord("C")),
                      "where block 0 or the end should start stands the byte 43"),
    "cut-in-block": Spoilt("cut short within a payload", _cut(B, "block", "payload", 2),
                           "the file ends within block 2"),
    "cut-behind-block": Spoilt("cut short between two blocks", B[: part(B, "block", 1).stop],
                               "the file ends within block 2"),
    "block-checksum": Spoilt("a bit of a payload is flipped", flip(B, 8 * part(B, "block", 2).fields["payload"][0]),
                             "block 2 is damaged: its checksum does not hold"),
    "block-out-of-order": Spoilt("a block numbered 2 where block 1 belongs",
                                 forge(B, "block", "sequence number", 2, number=1), "block 2 stands where block 1"),
    "blocks-swapped": Spoilt("blocks in another order", rearranged(B, [0, 2, 1, 3]), "blocks were moved"),
    "blocks-swapped-and-numbered": Spoilt("blocks in another order, numbered anew",
                                          rearranged(B, [0, 2, 1, 3], True), "their checksum does not hold"),
    "block-dropped": Spoilt("a block is missing", rearranged(B, [0, 1, 3]), "blocks were moved"),
    "last-block-dropped": Spoilt("the last block is missing", rearranged(B, [0, 1, 2]),
                                 "the end counts 40 readings, and the blocks hold 36 symbols"),
    "block-repeated": Spoilt("a block stands twice", rearranged(B, [0, 1, 1, 2, 3]), "blocks were moved"),
    "no-symbols": Spoilt("a block of 0 symbols", forge(B, "block", "count", 0), "0 symbols in"),
    "more-symbols-than-a-block": Spoilt("a block of more symbols than the header says",
                                        forge(B, "block", "count", 13), "13 symbols in"),
    "very-many-symbols": Spoilt("a block of 2^32 - 1 symbols", forge(B, "block", "count", 2**32 - 1), "cannot be"),
    "a-symbol-fewer": Spoilt("a block and the end say a symbol fewer than there are", forge(
        forge(good("bytes"), "block", "count", 10), "end", "count", 10), "block 0 is damaged"),
    "fewer-bits-than-symbols": Spoilt("11 bits for 12 symbols", forge(B, "block", "payload bits", 11), "cannot be"),
    "more-than-32-bits-each": Spoilt("385 bits for 12 symbols", forge(B, "block", "payload bits", 385), "cannot be"),
    "values-without-escape": Spoilt("raw values, and no escape", with_block(B, 1, extra=b"abc"),
                                    "block 1 has raw values, and the code has no escape"),
    "values-too-few": Spoilt("raw values of fewer bytes than the escapes take",
                             with_field(E, "extra", bytes(15), extra_size=15), "end within those of its last 2"),
    "values-too-many": Spoilt("raw values of more bytes than the escapes take",
                              with_field(E, "extra", bytes(24), extra_size=24), "8 bytes of raw values more"),
    "strings-too-long": Spoilt("a raw string that goes on behind the raw values",
                               with_bit(S, "block", "extra", 12), "its raw values end within those of its"),
    "strings-too-short": Spoilt("a raw value of fewer bytes, and some left over", with_field(
        S, "extra", part(S, "block").read(S, "extra") + b"x",
        extra_size=part(S, "block").number(S, "extra size") + 1), "1 bytes of raw values more than its escapes take"),
    "strings-not-utf-8": Spoilt("a raw string that UTF-8 has not", with_bit(S, "block", "extra", 24),
                                "a string that is not UTF-8"),
    "another-raw-value": Spoilt("a raw value of another bit", with_bit(E, "block", "extra", 63),
                                "their checksum does not hold"),
    "another-base": Spoilt("a base that is not the reading before", with_bit(D, "block", "base", 63, 1),
                           "the base of block 1 is not the reading before it"),
    "another-first-base": Spoilt("all bases moved alike, which only the checksum of symbols tells", with_bit(
        encode(levels(20), delta=True), "block", "base", 63), "their checksum does not hold"),
    "index-too-wide": Spoilt("entries of 33 bits", forge(L, "block", "index width", 33), "cannot be"),
    "index-wider-than-need-be": Spoilt("entries of 1 bit, all 0",
                                       with_field(SINGLE, "lane index", b"\x00", index_width=1),
                                       "the lane index of block 0 does not fit"),
    "index-of-no-lanes": Spoilt("a least of 1 bit in a block of one lane", forge(P, "block", "least lane bits", 1),
                                "the lane index of block 0 does not fit"),
    "lanes-of-more-bits": Spoilt("more bits in the lanes than in the payload",
                                 forge(L, "block", "least lane bits", 2**32 - 1),
                                 "the lane index of block 0 does not fit"),
    "lanes-exchanged": Spoilt("a bit of one lane counted to the next", with_lanes(L, 1, -1), "block 0 is damaged"),
    "index-padding": Spoilt("a bit behind the index", with_bit(L, "block", "lane index", -1),
                            "the lane index of block 0 does not fit"),
    "payload-padding": Spoilt("a bit behind the payload", with_bit(P, "block", "payload", -1),
                              "the padding of block 0 is not zero"),
    "another-payload": Spoilt("codewords of the same bits for other symbols", with_block(
        EIGHT, payload=np.array([0x05, 0x39, 0x76], np.uint8)), "their checksum does not hold"),
    "unused-prefix": Spoilt("a prefix that no codeword has", with_block(
        good("one-label"), payload=np.array([0x80, 0, 0], np.uint8)), "block 0 is damaged"),
    "codeword-cut-short": Spoilt("a payload that ends within a codeword", with_block(
        encode(np.arange(7, -1, -1), EIGHTHS), lane_bits=np.array([23])), "block 0 is damaged"),
    "other-labels-of-no-shape": Spoilt("a code of shorter codewords over the same payload",
                                       under(of_lengths([1, 2, 3, 4, 5, 6, 7, 7])), "block 0 is damaged"),
    # the end
    "cut-in-end": Spoilt("cut short within the end", P[: END.start + 5], "the file ends within block 1"),
    "cut-by-one": Spoilt("the last byte is missing", P[:-1], "it was cut short by at least 1 bytes"),
    "end-checksum": Spoilt("a bit of the count is flipped", flip(P, 8 * END.start + 70),
                           "block 1 is damaged: its checksum does not hold"),
    "counts-one-more": Spoilt("an end that counts one reading more", forge(P, "end", "count", 41),
                              "the end counts 41 readings, and the blocks hold 40 symbols"),
    "counts-very-many": Spoilt("an end that counts 2^64 - 1 readings", forge(P, "end", "count", 2**64 - 1),
                               "the end counts 18,446,744,073,709,551,615 readings"),
    "fills-other-pair": Spoilt("an end that fills up a pair that is full", forge(
        exchange(encode(b"abcabcab", per_codeword=2), "origin", b"\x01"), "end", "count", 7),
        "their checksum does not hold"),
    "symbols-checksum": Spoilt("another checksum of symbols", with_bit(P, "end", "checksum of symbols", 31),
                               "the symbols decoded are not those encoded"),
    "no-closing": Spoilt("a closing of no bytes", exchange(P, "closing", b""), "the end's note of the original"),
    "longer-closing": Spoilt("a closing of a byte too many", exchange(P, "closing", bytes(10)),
                             "the end's note of the original"),
    "half-ended-line": Spoilt("a last line neither ended nor not", exchange(P, "closing", bytes(8) + b"\x02"),
                              "the end's note of the original"),
    "end-of-another": Spoilt("the end of a file with as many readings",
                             P[: END.start] + encode(levels(40, 2))[-(END.stop - END.start) :],
                             "their checksum does not hold"),
    "a-byte-behind": Spoilt("a zero behind the end", P + b"\x00", "something stands behind the end of the file"),
    "twice": Spoilt("the file, and behind it the file again", P + P, "something stands behind the end of the file"),
    # the code that is given, the output that is allowed
    "no-code-given": Spoilt("a file without a table, and no code for it", NO_TABLE,
                            "the file carries no table: give the one it was written with", WrongTableError),
    "another-code-given": Spoilt("a file without a table, and another code", NO_TABLE,
                                 "the file was written with the table", WrongTableError, FEW),
    "another-code-beside": Spoilt("a file with a table, and another code", P,
                                  "the file was written with the table", WrongTableError, FEW),
    "no-code-in-context-given": Spoilt("a file without its table in context, and no code for it",
                                       good("context-no-table"), "the file carries no table", WrongTableError),
    "in-context-of-a-plain-code": Spoilt("the header says a code in context, and the one given is none",
                                         with_header(NO_TABLE, code=2), "the header says a code in context",
                                         code=NASA),
    "one-byte-too-many": Spoilt("readings of 80 bytes under a limit of 79", P, "more than the limit of 79 bytes",
                                OutputLimitError, max_output=79),
    "bomb": Spoilt("240 MB out of 61 kB", BOMB, "more than the limit of 1,048,576 bytes", OutputLimitError,
                   max_output=1 << 20),
    "bomb-of-pairs": Spoilt("labels that are long, in pairs", huf((LONG_LINE + b"\n") * 400, per_codeword=2),
                            "more than the limit of 1,048,576 bytes", OutputLimitError, max_output=1 << 20),
    "bomb-in-context": Spoilt("labels that are long, in context", huf((LONG_LINE + b"\n") * 400, context=True),
                              "more than the limit of 1,048,576 bytes", OutputLimitError, max_output=1 << 20),
}  # fmt: skip

UNSUPPORTED: dict[str, Spoilt] = {
    name: Spoilt(why, data, message, UnsupportedError)
    for name, why, data, message in (
        ("version-0", "a version before the first", with_header(P, version=0), "a .huf file of version 0"),
        ("version-2", "a version to come, of which all else is unknown", P[:8] + b"\x02" + P[9:],
         "a .huf file of version 2, and this program reads version 1"),
        ("version-255", "the last version that there can be", P[:8] + b"\xff", "a .huf file of version 255"),
        ("flag-16", "a flag that version 1 has not", with_header(P, flags=1 | 16), "flags has the value 17"),
        ("flag-128", "another flag", with_header(P, flags=1 | 128), "flags has the value 129"),
        ("next-transform", "the transform after the last that is known", with_header(D, transform=max(BASE_BYTES) + 1),
         "the header's transform has the value"),
        ("code-3", "a code that version 1 has not", with_header(P, code=3), "code has the value 3"),
        ("code-255", "the last code that there can be", with_header(TWO, code=255), "code has the value 255"),
        ("parameter-of-a-plain-code", "a parameter where there is none", with_header(P, parameter=1),
         "parameter has the value 1"),
        ("parameter-in-context", "a parameter of a code in context", with_header(X, parameter=2),
         "parameter has the value 2"),
        ("tuples-of-one", "tuples of one reading", with_header(TWO, parameter=1), "parameter has the value 1"),
        ("tuples-of-65", "tuples of more readings than any", with_header(TWO, parameter=65),
         "parameter has the value 65"),
        ("labels-of-kind-4", "labels of a kind that version 1 has not", with_header(P, label_kind=4),
         "a kind of labels (4)"),
    )
}  # fmt: skip


def main() -> int:
    """Write all files, and the list of them."""
    if len(sys.argv) != 2:
        print("usage: python tests/support/corpus.py FOLDER", file=sys.stderr)
        return 2
    folder, lines = Path(sys.argv[1]), []
    for name, kind in GOOD.items():
        lines.append((f"good/{name}.huf", "", kind.why))
        files = {f"good/{name}.huf": good(name), f"good/{name}.original": unhuf(good(name), kind.needed)}
        _write(folder, files)
    for place, spoilt in (("bad", BAD), ("unsupported", UNSUPPORTED)):
        for name, file in spoilt.items():
            limit = f" (--max-output {file.max_output})" if file.max_output is not None else ""
            lines.append((f"{place}/{name}.huf", f"{file.error.__name__}: {file.message}{limit}", file.why))
            _write(folder, {f"{place}/{name}.huf": file.data})
    text = "".join("\t".join(line) + "\n" for line in lines)
    _write(folder, {"list.tsv": f"file\trefused with\twhy\n{text}".encode()})
    print(f"{len(GOOD)} good, {len(BAD)} bad and {len(UNSUPPORTED)} unsupported files in {folder}")
    return 0


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    sys.exit(main())
