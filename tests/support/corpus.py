"""A corpus of .huf files, made when it is asked for.

    python tests/support/corpus.py FOLDER      writes them all, the originals of the good ones, and a list

The good ones are here, the bad ones and those of kinds that version 1 has not in `spoilt`.
"""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from checks import huf, incomplete, unhuf
from context_codes import SHARED, in_rows

from codec.codes.context import ContextCode
from codec.codes.prefix import PrefixCode, huffman
from codec.coding import decode, encode
from codec.coding.file import opened
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, labels_of
from codec.theory.prediction import Prediction

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
SPREAD = PrefixCode(Labels("int", np.arange(3, 8)), np.array([1, 4, 4, 4, 4]), None, 2, np.array([0, 2]))
RANKED = PrefixCode(
    Labels("int", np.array([-1, 0, 1]), of=Prediction("ranks", labels_of([100, 105, 110]))),
    np.array([2, 2, 2]),
    None,
    2,
)
SWITCH = in_rows(["off", "on"], {SHARED: {0: 1, 1: 1}, 0: {0: 1, 1: 2}, 1: {0: 2, 1: 2}})  # rows 1 and 2 have holes


def levels(count: int, seed: int = 1) -> Any:
    """Readings of the alphabet of `NASA`, drawn by a generator that is written out here."""
    state, symbols = seed, []
    for _ in range(count):
        state = (1103515245 * state + 12345) % (1 << 31)
        symbols.append((0, 1, 1, 0, 2, 3, 1, 4, 5, 6, 0, 1, 7, 1, 0, 4)[state >> 27])
    return np.array([100, 105, 110, 145, 160, 162, 174, 180], np.int16)[symbols]


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
    "largest-sizes": Good("lanes and blocks as large as any", levels(30), options={"lane_size": 1 << 24,
        "block_size": 1 << 24}),
    "fortran": Good("an array of two dimensions, column by column", np.asfortranarray(levels(36).reshape(3, 12)),
        options=SMALL),
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
    "floats": Good("floats by their bits: two zeros, a NaN", np.array([0.5, -0.0, np.nan, 0.0, 0.5] * 4, np.float32)),
    "strings": Good("labels of UTF-8", np.array(["on", "off", "off", "\u00e9", "on"] * 3)),
    "objects": Good("labels of bytes, one of them empty", np.array([b"", b"\0", b"abc", b""] * 3, object)),
    "complex": Good("a type that is coded as its bytes", np.array([1 + 2j, 3, 3, 1 + 2j], np.complex64)),
    "times": Good("a type with a unit", np.array(["1970-01-01", "NaT", "2021-05-05", "NaT"], "M8[D]")),
    "bytes": Good("bytes, without a type", b"abracadabra", options={"lane_size": 4}),
    "a-string": Good("characters", "abracadabr\u00e4", options={"lane_size": 4}),
    "text": Good("numbers on a grid, the last line not ended", b"21.5\n-0.3\n21.5\n0.0\n" * 4 + b"0.0", options=SMALL,
        opens={}),
    "text-crlf": Good("lines that end with CR LF, one of them empty", b"on\r\noff\r\n\r\non\r\n",
        options={"lane_size": 2}, opens={}),
    "column": Good("a column of a CSV file", b"x\n2.5\n2.5\n-1.0\n2.5\n", opens={"column": "x"}),
    "escapes": Good("raw values of 8 bytes", np.array([100, 7, 105, 100, -3, 110, 7]), FEW, options={"lane_size": 3,
        "block_size": 5}),
    "escapes-no-table": Good("an escape in a code that is given", np.array([100, 7, 105, 8], np.uint16), FEW, False),
    "escaped-floats": Good("raw values that are patterns of bits", np.array([0.5, 1.5, np.nan, -0.0]), HALVES),
    "escaped-strings": Good("raw values with sizes, one of 0",
        np.array(["a", "\u00e9", "bc", "", "b" * 30, "ab"], object), WORDS, options={"lane_size": 2}),
    "escaped-text": Good("raw values that are lines", b"100\nx\n105\n\n100\n", FEW, options=SMALL, opens={}),
    "pairs": Good("codewords for two readings, several blocks", levels(60, 2), options={"per_codeword": 2, **SMALL}),
    "pairs-filled-up": Good("an odd number of readings in pairs", levels(41, 2), options={"per_codeword": 2,
        "lane_size": 7}),
    "triples-of-text": Good("lines, three to a codeword", b"1.5\n2.5\n2.5\n1.5\n2.5\n1.5\n9.5\n",
        options={"per_codeword": 3, "lane_size": 2}, opens={}),
    "63-in-a-codeword": Good("as many of two readings in a codeword as any", b"ab" * 100, options={"per_codeword": 63}),
    "64-in-a-codeword": Good("as many readings in a codeword as any", b"a" * 130, options={"per_codeword": 64}),
    "pairs-no-table": Good("pairs of a code that is given", np.array([100, 105, 110, 100, 105] * 5), PAIRS, False),
    "differences": Good("differences, a base in every block", levels(40, 4), options={"delta": True, "lane_size": 7,
        "block_size": 15}),
    "differences-around": Good("differences that go around at 2^64", np.array([0, 2**64 - 1, 1, 0], np.uint64),
        options={"delta": True}),
    "differences-of-text": Good("differences on a grid", b"21.5\n21.4\n21.4\n21.6\n" * 4, options={"delta": True,
        **SMALL}, opens={}),
    "escaped-differences": Good("raw values of differences", np.array([5, 6, 7, 90, 91, 91]), STEPS,
        options={"delta": True, "lane_size": 2, "block_size": 4}),
    "pairs-of-differences": Good("differences, two to a codeword", RAMP, options={"delta": True, "per_codeword": 2,
        **SMALL}),
    "context": Good("a code behind each reading", STEADY, options={"context": True, "lane_size": 9, "block_size": 27}),
    "context-of-letters": Good("letters in context", "abracadabra" * 3, options={"context": True, "lane_size": 8}),
    "context-of-text": Good("lines in context", b"on\noff\noff\non\n\n" * 4, options={"context": True, **SMALL},
        opens={}),
    "context-no-table": Good("a code in context that is given", STEADY, learned_context(STEADY), False),
    "context-with-holes": Good("a row with an unused prefix", np.array(["off", "off", "on", "off", "on", "on"]),
        SWITCH),
    "context-of-differences": Good("differences in context", RAMP, options={"delta": True, "context": True, **SMALL}),
    "intervals": Good("one length for the numbers of an interval", RAMP + RAMP[::-1] % 7, options={"intervals": True,
        **SMALL}),
    "intervals-of-labels": Good("intervals of labels with gaps", RAMP**3, options={"intervals": True}),
    "intervals-no-table": Good("an interval code with an escape, given", np.array([3, 9, 4, 7, 5, 3]), SPREAD, False),
    "intervals-of-differences": Good("differences in intervals, of text", b"21.5\n21.4\n22.0\n21.6\n" * 4,
        options={"delta": True, "intervals": True, **SMALL}, opens={}),
    "ranks": Good("differences of ranks", levels(40, 5), options={"transform": "ranks", **SMALL}),
    "escaped-ranks": Good("readings without a rank", np.array([100, 105, 107, 110, 5, 105, -3]), RANKED,
        options={"lane_size": 2, "block_size": 4}),
    "linear": Good("residuals of linear prediction, a base in every block", np.cumsum(RAMP % 7), options={
        "transform": "linear", "lane_size": 7, "block_size": 15}),
    "linear-ranks": Good("residuals of ranks, of text", b"21.5\n21.4\n22.0\n21.6\n" * 9, options={
        "transform": "linear ranks", "intervals": True, **SMALL}, opens={}),
    "context-of-ranks": Good("differences of ranks in context", STEADY, options={"transform": "ranks",
        "context": True, **SMALL}),
}  # fmt: skip


@cache
def good(name: str) -> bytes:
    """A good file by its name."""
    return GOOD[name].make()


def file_name(why: str) -> str:
    """The name of a bad file, of why it is refused."""
    return "-".join("".join(c if c.isalnum() else " " for c in why.lower()).split())


def main() -> int:
    """Write all files, and the list of them."""
    from spoilt import BAD, UNSUPPORTED

    if len(sys.argv) != 2:
        print("usage: python tests/support/corpus.py FOLDER", file=sys.stderr)
        return 2
    files: dict[str, bytes] = {}
    lines = ["file\trefused with\twhy\n"]
    for name, kind in GOOD.items():
        files |= {f"good/{name}.huf": good(name), f"good/{name}.original": unhuf(good(name), kind.needed)}
        lines.append(f"good/{name}.huf\t\t{kind.why}\n")
    for place, spoilt in (("bad", BAD), ("unsupported", UNSUPPORTED)):
        for why, file in spoilt.items():
            limit = f" (--max-output {file.max_output})" if file.max_output is not None else ""
            files[name := f"{place}/{file_name(why)}.huf"] = file.data
            lines.append(f"{name}\t{file.error.__name__}: {file.message}{limit}\t{why}\n")
    files["list.tsv"] = "".join(lines).encode()
    for name, data in files.items():
        path = Path(sys.argv[1]) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    print(f"{len(GOOD)} good, {len(BAD)} bad and {len(UNSUPPORTED)} unsupported files in {sys.argv[1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
