"""Mutants of .huf files: changed in a few random places, and mended so that their checksums hold again.

A file is changed as bytes, or field by field in its sections, which then fit each other again. The fields are looked
for as far as a spoilt file still shows them.
"""

from __future__ import annotations

import io
import random
import struct
import zlib
from dataclasses import dataclass

import checks
import numpy as np

from codec.bits.engine import Coder
from codec.codes.canonical import kraft_sum
from codec.codes.context import ContextCode
from codec.codes.prefix import PrefixCode
from codec.codes.serialize import KINDS, deserialize, serialize
from codec.coding.file import decode_block, noting_end, opened, parts_of
from codec.coding.piece import Limit
from codec.errors import CodecError
from codec.files import container

MAX_OUTPUT = 1 << 20  # bytes
CRASHES = (ArithmeticError, AssertionError, AttributeError, EOFError, ImportError, LookupError, MemoryError, OSError,
           RuntimeError, TypeError, ValueError, Warning, struct.error, zlib.error)  # fmt: skip
INTERESTING = (0, 1, 2, 7, 8, 127, 128, 255, 256, *(1 << n for n in (16, 24, 31)), *(2**n - 1 for n in (32, 63, 64)))
TYPES = (
    b"|b1 |i1 |u1 <i2 >u4 <i8 <u8 <f2 >f4 <f8 <f16 <c8 <c16 |S1 |S999999 <U1 <U999999 |V3 |V8 |O <M8[s] <m8[25s]"
).split()

Code = PrefixCode | ContextCode | None
Seed = tuple[bytes, Code]  # a file, and the code that it needs if it has no table


@dataclass
class Section:
    """A part of a file, taken apart so that its fields can change their sizes."""

    name: str
    fields: dict[str, bytes]

    def number(self, name: str) -> int:
        return int.from_bytes(self.fields[name], "big")

    def set(self, name: str, value: int) -> None:
        size = len(self.fields[name])
        self.fields[name] = (value % (1 << 8 * size)).to_bytes(size, "big")


def apart(data: bytes) -> tuple[list[Section], bytes]:
    """The sections of a file and what stands behind the last that can be seen."""
    parts = list(checks.seen_parts(data))
    sections = [Section(p.name, {name: p.read(data, name) for name in p.fields}) for p in parts]
    return sections, data[parts[-1].stop :] if parts else data


def joined(sections: list[Section], rest: bytes) -> bytes:
    """The inverse of `apart`."""
    return b"".join(value for section in sections for value in section.fields.values()) + rest


def settle(sections: list[Section]) -> None:
    """Set right what sections say of each other: sizes, numbers of blocks, the count of readings."""
    symbols, sequence, k = 0, 0, 1
    for section in sections:
        for name in ("origin", "extra", "closing"):
            if name in section.fields:
                section.set(f"{name} size", len(section.fields[name]))
        if section.name == "header":
            k = max(1, section.number("parameter"))
            section.set("table size", sum(len(s.fields["table"]) for s in sections if s.name == "table"))
        elif section.name == "block":
            section.set("sequence number", sequence)
            sequence, symbols = sequence + 1, symbols + section.number("count")
        elif section.name == "end" and -(-section.number("count") // k) != symbols:
            section.set("count", symbols * k)


def mend(data: bytes) -> bytes:
    """The file with the fingerprint of its table and all checksums set right, as far as its layout can be seen."""
    return checks.mended(data, list(checks.seen_parts(data)))


def sign(data: bytes, code: Code) -> bytes:
    """The file with the checksum of its symbols set right too, if they can be decoded."""
    ends: list[container.End] = []
    try:
        file = opened(io.BytesIO(data), code)
        list(noting_end(parts_of(file), ends.append))
        coder = Coder(file.code, file.header.lane_size)
        checksum, limit = 0, Limit(MAX_OUTPUT)
        for block in parts_of(opened(io.BytesIO(data), code)):
            if isinstance(block, container.Block):
                symbols = decode_block(file, block, coder)
                limit.take(len(symbols))
                checksum = container.checksum_symbols(symbols, checksum, block.base, block.extra)
    except (CodecError, *CRASHES):  # of which `judge` will tell
        if not ends:
            return data
    checksum = container.checksum_rest(file.header, ends[0].count, checksum)
    sections, rest = apart(data)
    if sections[-1].name == "end":
        sections[-1].set("checksum of symbols", checksum)
    return mend(joined(sections, rest))


# ------------------------------------------------------------------ mutants


class Mutator:
    """Makes a mutant of some file for each number, the same for the same seed.

    Parameters
    ----------
    files : dict
        Names of files -> the files, and the codes that they need.
    """

    def __init__(self, files: dict[str, Seed], seed: int) -> None:
        self._names, self._files, self._seed = list(files), files, seed
        self._sections = {name: apart(data)[0] for name, (data, _) in files.items()}

    def mutant(self, number: int) -> tuple[str, bytes, Code]:
        """The name of the file that was changed, what became of it, and the code for it."""
        rng = random.Random(f"{self._seed}:{number}")
        name = rng.choice(self._names)
        data, code = self._files[name]
        return name, self.changed(data, code, rng), code

    def changed(self, data: bytes, code: Code, rng: random.Random) -> bytes:
        """A file in some ways like another, mostly with all checksums right."""
        times = rng.randint(1, 4)
        changes = (self._field, self._field, self._number, self._exchange, self._order, self._table)
        if rng.random() < 0.3:
            changed = bytearray(data)
            for _ in range(times):
                rng.choice((self._bytes, self._bytes, self._integer, self._splice))(changed, rng)
            data = bytes(changed)
        else:
            sections, rest = apart(data)
            for _ in range(times):
                if sections:
                    rng.choice(changes)(sections, rng)
            if rng.random() < 0.9:
                settle(sections)
            data = joined(sections, rest)
        if rng.random() < 0.8:
            data = mend(container.MAGIC + data[len(container.MAGIC) :])
            if rng.random() < 0.6:
                data = sign(data, code)
        return data

    def _bytes(self, data: bytearray, rng: random.Random) -> None:
        """One small change of bytes."""
        if not data:
            data += rng.randbytes(1)
            return
        place, kind = rng.randrange(len(data)), rng.randrange(7)
        if kind < 2:
            data[place] ^= 1 << rng.randrange(8)
        elif kind == 2:
            data[place] = rng.choice((0, 1, 2, 4, 127, 128, 255, rng.randrange(256)))
        elif kind == 3:
            data[place:place] = rng.randbytes(rng.choice((1, 1, 2, 8)))
        elif kind == 4:
            del data[place : place + rng.choice((1, 1, 2, 8))]
        elif kind == 5:
            data[place:place] = data[place : place + rng.choice((1, 1, 2, 8))]
        else:
            other = rng.randrange(len(data))
            data[place], data[other] = data[other], data[place]

    def _integer(self, data: bytearray, rng: random.Random) -> None:
        """An integer that is at some border, anywhere."""
        size = rng.choice((1, 2, 4, 8))
        place = rng.randrange(max(1, len(data) - size))
        data[place : place + size] = (rng.choice(INTERESTING) % (1 << 8 * size)).to_bytes(size, "big")

    def _splice(self, data: bytearray, rng: random.Random) -> None:
        """A stretch of another file."""
        other = self._files[rng.choice(self._names)][0]
        place, start = rng.randrange(len(data) + 1), rng.randrange(len(other))
        size = rng.choice((4, 16, 64, len(other)))
        data[place : place + rng.choice((0, size))] = other[start : start + size]

    def _field(self, sections: list[Section], rng: random.Random) -> None:
        """Bytes of one field; those of variable size are the more likely."""
        section = rng.choice(sections)
        wide = [n for n in ("origin", "table", "extra", "lane index", "payload", "closing") if section.fields.get(n)]
        name = rng.choice(wide) if wide and rng.random() < 0.8 else rng.choice(list(section.fields))
        if name == "origin" and section.fields["origin"][:1] == b"\0":
            return self._type(section, rng)
        value = bytearray(section.fields[name])
        self._bytes(value, rng)
        section.fields[name] = bytes(value)

    def _type(self, section: Section, rng: random.Random) -> None:
        """Another type or shape of an array."""
        origin = section.fields["origin"]
        end = 2 + origin[1] if len(origin) > 1 else len(origin)
        name, shape = origin[2:end], bytearray(origin[end:])
        if rng.random() < 0.6:
            name = rng.choice(TYPES)
        else:
            rng.choice((self._bytes, self._integer))(shape, rng)
        section.fields["origin"] = origin[:1] + bytes([len(name)]) + name + bytes(shape)

    def _table(self, sections: list[Section], rng: random.Random) -> None:
        """Another code for the same labels, or other labels for the same code; both well-formed."""
        tables = [section for section in sections if section.name == "table"]
        others = [section for section in self._sections[rng.choice(self._names)] if section.name == "table"]
        try:
            alphabet, lengths = deserialize(tables[0].fields["table"])
            if rng.random() < 0.4:
                alphabet, _ = deserialize(others[0].fields["table"])
                alphabet = alphabet.take(np.arange(len(lengths)) % max(1, len(alphabet)))
            elif rng.random() < 0.5:
                rng.shuffle(shuffled := lengths.tolist())
                lengths = np.array(shuffled)
            else:
                lengths[rng.randrange(len(lengths))] += rng.choice((-1, 1, 8))
            tables[0].fields["table"] = serialize(alphabet, lengths)
        except (CodecError, ValueError, IndexError):
            return  # there is no such table
        for header in sections:
            if header.name == "header":
                header.set("label kind", KINDS.index((alphabet if alphabet.base is None else alphabet.base).kind))
                whole = kraft_sum(lengths) == 1
                header.set("flags", header.number("flags") & ~container.INCOMPLETE | container.INCOMPLETE * (not whole))

    def _number(self, sections: list[Section], rng: random.Random) -> None:
        """A field that is a number, at some border or near what it was."""
        section = rng.choice(sections)
        name = rng.choice([name for name, value in section.fields.items() if len(value) <= 8] or list(section.fields))
        near = section.number(name) + rng.choice((-2, -1, 1, 2))
        if section.fields[name]:
            section.set(name, rng.choice((near, near, rng.choice(INTERESTING))))

    def _exchange(self, sections: list[Section], rng: random.Random) -> None:
        """A field, or a whole section, of another file."""
        section = rng.choice(sections)
        others = [s for s in self._sections[rng.choice(self._names)] if s.name == section.name]
        if others:
            new = rng.choice(others).fields
            chosen = list(new) if rng.random() < 0.3 else [rng.choice(list(new))]
            section.fields.update({name: new[name] for name in chosen})

    def _order(self, sections: list[Section], rng: random.Random) -> None:
        """Sections that change places, are repeated or missing."""
        one, other, kind = rng.randrange(len(sections)), rng.randrange(len(sections)), rng.randrange(3)
        if kind == 0:
            sections[one], sections[other] = sections[other], sections[one]
        elif kind == 1:
            sections.insert(other, Section(sections[one].name, dict(sections[one].fields)))
        else:
            del sections[one]
