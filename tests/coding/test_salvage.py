"""Salvage: every sound block of a damaged file comes back, the rest is named, and no damage makes it fail otherwise.

What has to come back is known from the original, block by block, and not by reading the file.
"""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from checks import Part, flip, forge, huf, mend, npy_of, pieces, unhuf, walk
from hypothesis import given
from hypothesis import strategies as st

from codec.codes.prefix import PrefixCode, huffman
from codec.coding import encode
from codec.coding.salvage import Lost, Salvage
from codec.coding.steps import BASE_BYTES
from codec.errors import CodecError, DamagedError, OutputLimitError, UnsupportedError, WrongTableError
from codec.files.container import End, read_header
from codec.readings.origin import Closing
from codec.show.salvage import salvage_report
from codec.theory.distribution import Distribution
from codec.theory.sources import built_in

NASA = huffman(built_in("nasa"))
SMALL = {"lane_size": 3, "block_size": 8}


@dataclass(frozen=True)
class Sample:
    """A file, the readings in it and how they were written, and how many make a block."""

    data: bytes
    readings: Sequence[Any]
    whole: int
    code: PrefixCode | None = None
    end: bytes = b"\n"  # of a line
    ended: bool = True  # whether the last one is
    array: np.ndarray | None = None

    @property
    def blocks(self) -> int:
        return -(-len(self.readings) // self.whole)

    def of(self, kept: Iterable[int], end: bool = True) -> bytes:
        """The file that is restored from some of the blocks, and from the end or not."""
        count = len(self.readings)
        places = [i for b in sorted(kept) for i in range(b * self.whole, min((b + 1) * self.whole, count))]
        if self.array is not None:
            return npy_of(self.array if len(places) == count else np.asarray(self.readings)[places])
        last = bool(places) and places[-1] == count - 1
        ended = self.ended if last and end else bool(places)
        return self.end.join(self.readings[i] for i in places) + (self.end if ended else b"")

    def lost_without(self, kept: Iterable[int], end: bool = True) -> tuple[Lost, ...]:
        """The stretches of readings that are in none of these blocks."""
        kept, count = set(kept), len(self.readings)
        lost: list[Lost] = []
        for block in sorted(set(range(self.blocks)) - kept):
            start, stop = block * self.whole, min((block + 1) * self.whole, count)
            if lost and lost[-1].stop == start:
                start = lost.pop().start
            lost.append(Lost(start, stop))
        if not end and self.array is None:
            due = lost.pop().start if lost and lost[-1].stop == count else count
            lost.append(Lost(due, None))
        return tuple(lost)


def of_text(raw: bytes, code: PrefixCode | None = None, **options: Any) -> Sample:
    end = b"\r\n" if b"\r\n" in raw else b"\n"
    ended = raw.endswith(end)
    lines = (raw[: -len(end)] if ended else raw).split(end)
    whole = SMALL["block_size"] * options.get("per_codeword", 1)
    return Sample(huf(raw, code, **SMALL, **options), lines, whole, code, end, ended)


def of_array(array: Any, code: PrefixCode | None = None, **options: Any) -> Sample:
    flat = array.reshape(-1, order="F" if array.ndim > 1 and not array.flags.c_contiguous else "C")
    whole = SMALL["block_size"] * options.get("per_codeword", 1)
    return Sample(encode(array, code, **SMALL, **options), flat, whole, code, array=array)


def of_other(raw: Any, readings: Sequence[bytes], code: PrefixCode | None = None, **options: Any) -> Sample:
    return Sample(encode(raw, code, **SMALL, **options), readings, SMALL["block_size"], code, b"", False)


def lines(count: int, end: str = "\n") -> bytes:
    return "".join(f"{20 + i * i % 11 / 10:.1f}{end}" for i in range(count)).encode()


WORDS = "one two one three one two\none".replace("\n", " ").split()
ESCAPING = huffman(Distribution(["one", "two"], [3, 2]), escape_weight=1)
NUMBERS = huffman(Distribution([0, 1, 2], [3, 2, 2]), escape_weight=1)
STEPS = np.cumsum(np.arange(53) * 7 % 5 - 2) + 100
FILES: dict[str, Sample] = {
    "text": of_text(lines(53)),
    "a last line not ended": of_text(lines(50)[:-1]),
    "CR LF": of_text(lines(45, "\r\n")),
    "one full block more": of_text(lines(48)),
    "a single block": of_text(lines(5)),
    "many lines alike": of_text(b"7\n" * 50),
    "no table": of_array(built_in("nasa").sample(50, 1).astype(np.int16), NASA, embed_table=False),
    "escapes of words": of_text("\n".join(WORDS * 7).encode(), ESCAPING),
    "escapes of numbers": of_array(np.arange(60) % 5, NUMBERS),
    "tuples": of_array(np.arange(100) ** 2 % 11, per_codeword=3),
    "tuples of lines": of_text(lines(125), per_codeword=3),
    "differences": of_array(STEPS, delta=True),
    "differences of lines": of_text("".join(f"{v / 10}\n" for v in STEPS).encode(), delta=True),
    "differences in tuples": of_array(STEPS.astype(np.uint8), delta=True, per_codeword=2),
    "in context": of_text(lines(53), context=True),
    "differences in context": of_array(STEPS.astype(np.int16), delta=True, context=True),
    "bytes": of_other(b"abracadabra" * 5, [bytes([c]) for c in b"abracadabra" * 5]),
    "a string": of_other("abracadabrä" * 5, [c.encode() for c in "abracadabrä" * 5]),
    "two dimensions": of_array(np.arange(60, dtype=np.int16).reshape(12, 5) % 11),
    "Fortran": of_array(np.asfortranarray(np.arange(60, dtype=">f4").reshape(12, 5) % 11)),
    "booleans": of_array(np.arange(50) % 3 == 0),
    "words": of_array(np.array(["on", "off", "off", "é", "on"] * 10)),
    "complex": of_array((np.arange(50) % 4).astype(np.complex64)),
    "days": of_array((np.arange(50) % 4).astype("M8[D]")),
}
FILES["a column"] = Sample(
    huf(b"t,x\n" + b"".join(b"%d,%d\n" % (i, i % 5) for i in range(53)), opens={"column": "x"}, **SMALL),
    [b"%d" % (i % 5) for i in range(53)],
    SMALL["block_size"],
)
each_file = pytest.mark.parametrize("name", FILES)
several = pytest.mark.parametrize("name", [name for name, sample in FILES.items() if sample.blocks > 1])
TEXT = FILES["text"]


def salvaged(sample: Sample, data: bytes) -> tuple[bytes, tuple[Lost, ...]]:
    """What is restored of a file, and what is said to be lost."""
    salvage = Salvage(io.BytesIO(data), sample.code)
    assert not salvage.mixed
    return b"".join(salvage.restored()), salvage.lost


def saves(sample: Sample, data: bytes, kept: Iterable[int], end: bool = True) -> None:
    """These blocks of a sample are saved out of a file, and the others are said to be lost."""
    assert salvaged(sample, data) == (sample.of(kept, end), sample.lost_without(kept, end))


def without(sample: Sample, *lost: int) -> list[int]:
    return [block for block in range(sample.blocks) if block not in lost]


def blocks_of(data: bytes) -> list[Part]:
    return [part for part in walk(data) if part.name == "block"]


def rebuilt(sample: Sample, blocks: Iterable[bytes], end: bytes | None = None) -> bytes:
    """The file with other blocks, and another end."""
    front, _, its_end = pieces(sample.data)
    return front + b"".join(blocks) + (its_end if end is None else end)


# ------------------------------------------------------------------ nothing damaged


def test_the_files_are_what_their_names_say() -> None:
    for name, sample in FILES.items():
        header = read_header(io.BytesIO(sample.data), BASE_BYTES)
        blocks = blocks_of(sample.data)
        assert sample.blocks == len(blocks) and (len(blocks) in range(4, 10) or name == "a single block")
        assert bool(header.transform) == ("differences" in name)
        assert header.code == (1 if "tuples" in name else 2 if "context" in name else 0)
        assert header.code != 1 or len(sample.readings) % header.readings_per_symbol
        assert any(block.number(sample.data, "extra size") for block in blocks) == ("escapes" in name)


@each_file
def test_of_an_undamaged_file_nothing_is_lost(name: str) -> None:
    sample = FILES[name]
    assert sample.of(range(sample.blocks)) == unhuf(sample.data, sample.code)
    saves(sample, sample.data, range(sample.blocks))
    salvage = Salvage(io.BytesIO(sample.data), sample.code)
    list(salvage.restored())
    assert salvage.count == salvage.saved == len(sample.readings)


def test_of_an_empty_file_nothing_is_lost_and_a_pipe_is_read_too() -> None:
    for raw in (b"", np.zeros((0, 3), np.float32), "", []):
        salvage = Salvage(io.BytesIO(encode(raw)))
        assert b"".join(salvage.restored()) == unhuf(encode(raw))
        assert (salvage.count, salvage.saved, salvage.lost) == (0, 0, ())

    class Dribble(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 3))

    assert b"".join(Salvage(Dribble(TEXT.data)).restored()) == lines(53)


# ------------------------------------------------------------------ one block damaged


@pytest.mark.dear
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.slow)])
@each_file
def test_a_block_damaged_cut_out_or_cut_short_is_lost_alone(name: str, whole: bool) -> None:
    sample = FILES[name]
    data, blocks = sample.data, blocks_of(sample.data)
    for number in range(len(blocks)) if whole else {len(blocks) // 2}:
        block, others = blocks[number], without(sample, number)
        for start, stop in block.fields.values():
            for bit in {8 * start, 8 * stop - 1} if stop > start else ():
                saves(sample, flip(data, bit), others)
        size = block.stop - block.start
        for missing in {1, 4, size // 2, size - 1, size}:
            saves(sample, data[: block.stop - missing] + data[block.stop :], others)
            saves(sample, data[: block.start] + data[block.start + missing :], others)


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_any_bit_flipped_in_a_block_costs_this_block(step: int) -> None:
    for number, block in enumerate(blocks_of(TEXT.data)[:3]):
        for bit in range(8 * block.start, 8 * block.stop, step):
            saves(TEXT, flip(TEXT.data, bit), without(TEXT, number))


@pytest.mark.dear
@several
def test_blocks_lost_are_named_as_stretches_and_blocks_elsewhere_are_put_in_order(name: str) -> None:
    sample = FILES[name]
    _, blocks, end = pieces(sample.data)
    count = len(blocks)
    for kept in ([0], [count - 1], range(0, count, 2), range(1, count, 2), range(2)):
        saves(sample, rebuilt(sample, [blocks[b] for b in kept]), kept)
    for moved in (blocks[::-1], blocks + blocks, [end, *blocks[2:], *blocks[:2]]):
        saves(sample, rebuilt(sample, moved), range(count))
    saves(sample, rebuilt(sample, [end, *blocks], b""), range(count))
    for number in range(count - 1):
        swapped = [*blocks[:number], blocks[number + 1], blocks[number], *blocks[number + 2 :]]
        saves(sample, rebuilt(sample, swapped), range(count))
        saves(sample, rebuilt(sample, [*blocks, blocks[number]]), range(count))


def test_without_any_block_all_is_lost_and_another_copy_saves_a_damaged_block() -> None:
    assert salvaged(TEXT, rebuilt(TEXT, [])) == (b"", (Lost(0, 53),))
    assert salvaged(TEXT, rebuilt(TEXT, [], b"")) == (b"", (Lost(0, None),))
    _, blocks, _ = pieces(TEXT.data)
    for number, block in enumerate(blocks):
        broken = [*blocks[:number], flip(block, 8 * 23), *blocks[number + 1 :], block]
        saves(TEXT, rebuilt(TEXT, broken), range(TEXT.blocks))


GARBAGE = (
    bytes(100),
    b"BEEB" * 50,
    struct.pack(">cIIIIIB", b"B", 1, 8, 20, 0, 2, 1) * 5,  # heads of blocks
    pieces(TEXT.data)[1][1][:-1],
    pieces(TEXT.data)[2][:-1] + b"\0",  # an end that does not hold
    pieces(TEXT.data)[0],
    random.Random(1).randbytes(3000),
    TEXT.data,
)


def test_garbage_between_blocks_costs_nothing() -> None:
    front, blocks, end = pieces(TEXT.data)
    for garbage in GARBAGE:
        for place in range(len(blocks) + 1):
            saves(TEXT, front + b"".join([*blocks[:place], garbage, *blocks[place:]]) + end, range(7))
        saves(TEXT, TEXT.data + garbage, range(7))
        saves(TEXT, rebuilt(TEXT, [garbage.join(blocks), garbage]), range(7))


# ------------------------------------------------------------------ parts of other files


def with_the_table_of(sample: Sample, raw: bytes) -> Sample:
    """Other lines, coded with the table of a sample."""
    return of_text(raw, Salvage(io.BytesIO(sample.data)).file.code)


# Other lines of the same table: as many as in the text, more, and fewer.
SAME_TABLE, LONGER, SHORTER = (
    with_the_table_of(TEXT, raw) for raw in (lines(53)[15:] + lines(3), lines(61), lines(19))
)


def test_of_different_blocks_that_claim_a_place_the_one_in_the_chain_counts_and_of_ends_none() -> None:
    _, blocks, end = pieces(TEXT.data)
    for foreign in (encode(np.array([1000, 2000, 3000, 1000] * 20), **SMALL), SAME_TABLE.data):
        for number, other in enumerate(pieces(foreign)[1][:7]):
            for place in range(len(blocks) + 1):
                # Beside the block itself, the chain from the front and the chain from the end disagree.
                lost = [number] if place in (number, number + 1) else []
                saves(TEXT, rebuilt(TEXT, [*blocks[:place], other, *blocks[place:]]), without(TEXT, *lost))
    for other in (pieces(LONGER.data)[2], pieces(SHORTER.data)[2]):
        for order in ([other, end], [end, other]):
            saves(TEXT, rebuilt(TEXT, [*blocks, *order], b""), range(7), end=False)


def test_a_block_of_another_file_in_the_place_of_one_is_noticed() -> None:
    _, blocks, _ = pieces(TEXT.data)
    _, others, _ = pieces(SAME_TABLE.data)
    for place in range(TEXT.blocks):
        salvage = Salvage(io.BytesIO(rebuilt(TEXT, [*blocks[:place], others[place], *blocks[place + 1 :]])))
        list(salvage.restored())
        assert salvage.mixed and salvage.lost == () and salvage.saved == 53
        assert salvage_report(salvage) == (
            "saved 53 of 53 readings; but their checksum does not hold: some are those of another file"
        )


def test_a_block_beyond_the_end_or_of_another_size_than_its_place_has_is_none_of_this_file() -> None:
    _, blocks, _ = pieces(TEXT.data)
    beyond = [forge(TEXT.data, "block", "sequence number", number, 1) for number in (7, 8, 1000, 2**32 - 1)]
    for block in [pieces(data)[1][1] for data in beyond] + pieces(LONGER.data)[1][7:]:
        for place in (0, 3, 7):
            saves(TEXT, rebuilt(TEXT, [*blocks[:place], block, *blocks[place:]]), range(7))
    for data in beyond:
        saves(TEXT, data, without(TEXT, 1))
    for end in (b"", None):  # the third block has 3 symbols
        other = [*blocks[:2], pieces(SHORTER.data)[1][2], *blocks[3:]]
        saves(TEXT, rebuilt(TEXT, other, end), without(TEXT, 2), end is None)
    saves(TEXT, rebuilt(TEXT, [*blocks[:6], pieces(LONGER.data)[1][6]]), range(6))  # which is full


def test_an_array_knows_its_count_without_its_end_and_against_another() -> None:
    sample = FILES["two dimensions"]
    _, blocks, _ = pieces(sample.data)
    for end in (b"", End(1000, 0, Closing(0).pack()).pack()):
        saves(sample, rebuilt(sample, blocks, end), range(8))
        saves(sample, rebuilt(sample, blocks[1:], end), range(1, 8))
    saves(sample, rebuilt(sample, blocks[1:], pieces(FILES["Fortran"].data)[2]), range(1, 8))


# ------------------------------------------------------------------ the end, and cut short


@pytest.mark.dear
@each_file
def test_a_damaged_end_costs_what_only_it_knew(name: str) -> None:
    sample = FILES[name]
    end, blocks = walk(sample.data)[-1], range(sample.blocks)
    filled = -len(sample.readings) % (sample.whole // SMALL["block_size"])
    for field, (start, stop) in end.fields.items():
        data = flip(sample.data, random.Random(field).randrange(8 * start, 8 * stop))
        text, lost = salvaged(sample, data)
        if filled and sample.array is None:  # nobody knows that the last tuple is filled up
            assert text.startswith(sample.of(blocks, end=False))
            assert text.count(sample.end) == len(sample.readings) + filled and lost[0].start == text.count(sample.end)
        else:
            saves(sample, data, blocks, end=False)


@pytest.mark.dear
@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
@each_file
def test_cut_short_or_cut_off_at_the_front_the_other_blocks_are_saved(name: str, step: int) -> None:
    sample = FILES[name]
    front, _, _ = pieces(sample.data)
    parts = blocks_of(sample.data)
    for place in {*range(parts[0].start, parts[-1].stop, step), *(part.stop for part in parts[:-1])}:
        kept = [number for number, block in enumerate(parts) if block.stop <= place]
        saves(sample, sample.data[:place], kept, end=False)
        if place > parts[0].start:
            kept = [number for number, block in enumerate(parts) if block.start >= place]
            saves(sample, front + sample.data[place:], kept)


def test_an_end_whose_note_is_not_well_formed_is_none() -> None:
    for closing in (b"", b"\0" * 8, b"\0" * 8 + b"\2", b"\0" * 10):
        saves(TEXT, rebuilt(TEXT, pieces(TEXT.data)[1], End(53, 0, closing).pack()), range(7), end=False)


# ------------------------------------------------------------------ the front


def test_nothing_is_saved_behind_a_damaged_header_or_table() -> None:
    for name in ("text", "no table", "differences", "in context", "tuples"):
        sample = FILES[name]
        front, _, _ = pieces(sample.data)
        for bit in range(8 * len(front)):
            kind = UnsupportedError if bit // 8 == 8 else DamagedError  # the version comes first
            with pytest.raises(kind):
                Salvage(io.BytesIO(flip(sample.data, bit)), sample.code)
        for size in range(len(front)):
            with pytest.raises(DamagedError):
                Salvage(io.BytesIO(sample.data[:size]), sample.code)
    for code in (None, huffman(built_in("peaked"))):
        with pytest.raises(WrongTableError):
            Salvage(io.BytesIO(FILES["no table"].data), code)


# ------------------------------------------------------------------ forged


@pytest.mark.parametrize("name", ["text", "tuples", "differences", "in context", "escapes of words", "a string"])
def test_a_forged_block_that_does_not_decode_is_lost_alone(name: str) -> None:
    sample, tried = FILES[name], 0
    for number, block in enumerate(blocks_of(sample.data)):
        start = 8 * block.fields["payload"][0]
        for bit in range(start, start + block.number(sample.data, "payload bits"), 3):
            forged = mend(flip(sample.data, bit))
            try:
                unhuf(forged, sample.code)
            except DamagedError as error:
                if f"block {number} is damaged" in str(error):
                    tried += 1
                    saves(sample, forged, without(sample, number))
    assert tried


def test_a_forged_block_that_no_writer_writes_is_lost_alone() -> None:
    blocks = blocks_of(TEXT.data)
    padded = [n for n, block in enumerate(blocks) if block.number(TEXT.data, "payload bits") % 8]
    indexed = [n for n, block in enumerate(blocks) if block.number(TEXT.data, "index width")]
    for number in padded:
        saves(TEXT, mend(flip(TEXT.data, 8 * blocks[number].fields["payload"][1] - 1)), without(TEXT, number))
    for number in indexed:
        saves(TEXT, forge(TEXT.data, "block", "least lane bits", 2**32 - 1, number), without(TEXT, number))
    assert padded and indexed


def test_readings_that_the_file_cannot_hold_cost_their_block() -> None:
    code = huffman(Distribution([1, 2, 300], [2, 1, 1]))
    narrow, wide = (of_array(np.array(values, dtype), code) for values, dtype in
                    (([1, 2] * 20, np.uint8), ([1, 2, 300, 1] * 10, np.int16)))  # fmt: skip
    _, blocks, _ = pieces(narrow.data)
    foreign = pieces(wide.data)[1]
    saves(narrow, rebuilt(narrow, [foreign[0], *blocks[1:]]), range(1, 5))


# ------------------------------------------------------------------ whatever happens


def mutated(data: bytes, start: int, draw: random.Random) -> bytes:
    """Data, changed in one way behind `start`."""
    a, b = sorted((draw.randint(start, len(data)), draw.randint(start, len(data))))
    way = draw.randrange(6)
    if way == 0 and len(data) > start:
        return flip(data, draw.randrange(8 * start, 8 * len(data)))
    if way == 1:
        return data[:a] + data[b:]
    if way == 2:
        return data[:a] + draw.randbytes(draw.randrange(40)) + data[a:]
    if way == 3:
        return data + data[a:b]
    if way == 4:
        return data[:a] + data[a:b] * 2 + data[b:]
    return data[:start] + data[a:b] + data[start:a] + data[b:]


@given(name=st.sampled_from(sorted(FILES)), seed=st.integers(0, 2**32), times=st.integers(1, 6))
def test_whatever_happens_what_is_saved_is_what_was_there_and_the_rest_is_named(
    name: str, seed: int, times: int
) -> None:
    sample, draw = FILES[name], random.Random(seed)
    data, front = sample.data, len(pieces(sample.data)[0])
    for _ in range(times):
        data = mutated(data, front, draw)
    text, lost = salvaged(sample, data)
    end = pieces(sample.data)[2] in data
    assert any(stretch.stop is None for stretch in lost) == (not end and sample.array is None)
    kept = [
        b for b in range(sample.blocks)
        if not any(stretch.start <= b * sample.whole and (stretch.stop is None or b * sample.whole < stretch.stop)
                   for stretch in lost)
    ]  # fmt: skip
    assert set(kept) >= {number for number, block in enumerate(pieces(sample.data)[1]) if block in data}
    if end or sample.array is not None or not kept or "tuples" not in name or kept[-1] < sample.blocks - 1:
        assert (text, lost) == (sample.of(kept, end), sample.lost_without(kept, end))
    else:  # nobody knows that the last tuple is filled up
        assert text.startswith(sample.of(kept, end=False))


@given(name=st.sampled_from(sorted(FILES)), seed=st.integers(0, 2**32), times=st.integers(1, 4))
def test_forged_however_a_file_is_saved_or_refused(name: str, seed: int, times: int) -> None:
    sample, draw = FILES[name], random.Random(seed)
    _, blocks, end = pieces(sample.data)
    for _ in range(times):
        place = draw.randrange(len(blocks))
        body = bytearray(blocks[place][:-4])
        body[draw.choice([draw.randrange(len(body)), draw.randrange(1, 22)])] = draw.choice(
            [0, 1, 255, draw.randrange(256)]
        )
        blocks[place] = bytes(body) + zlib.crc32(body).to_bytes(4, "big")
    forged_end = End(draw.choice([0, 1, len(sample.readings), 2**64 - 1, draw.randrange(200)]), 0, end[15:24]).pack()
    data = rebuilt(sample, blocks, draw.choice([end, forged_end, b""]))
    salvage = Salvage(io.BytesIO(data), sample.code, 1 << 20)
    text = b"".join(salvage.restored())
    if sample.array is None and sample.end:
        assert len(text.splitlines()) == salvage.saved
    bounds = [bound for stretch in salvage.lost for bound in (stretch.start, stretch.stop) if bound is not None]
    assert bounds == sorted(bounds)
    if salvage.count is not None:
        assert salvage.saved + sum((s.stop or 0) - s.start for s in salvage.lost) == salvage.count


@given(data=st.binary(max_size=300))
def test_noise_is_refused_and_behind_a_front_it_is_lost(data: bytes) -> None:
    with pytest.raises(CodecError):
        Salvage(io.BytesIO(data))
    assert salvaged(TEXT, pieces(TEXT.data)[0] + data) == (b"", (Lost(0, None),))


# ------------------------------------------------------------------ time and space


def test_more_output_than_allowed_is_refused_and_what_is_lost_takes_none() -> None:
    for sample in FILES.values():
        readings = sample.readings
        size = readings.nbytes if isinstance(readings, np.ndarray) else sum(len(r) + len(sample.end) for r in readings)
        if not isinstance(readings, np.ndarray) or sample.code is None:
            list(Salvage(io.BytesIO(sample.data), sample.code, size).restored())
        with pytest.raises(OutputLimitError, match="max_output"):
            list(Salvage(io.BytesIO(sample.data), sample.code, size - 1).restored())
        if sample.blocks > 1:
            front, blocks, end = pieces(sample.data)
            list(Salvage(io.BytesIO(front + b"".join(blocks[:-1]) + end), sample.code, size - 1).restored())


def test_the_readings_saved_of_tuples_take_no_more_than_allowed() -> None:
    sample = of_array(np.zeros(1 << 14, np.int64), per_codeword=16)
    with pytest.raises(OutputLimitError, match="1,000 bytes"):
        list(Salvage(io.BytesIO(sample.data), None, 1000).restored())


# ------------------------------------------------------------------ the report


def test_the_report_names_single_readings_the_end_and_at_most_ten_stretches() -> None:
    sample = of_text(lines(26))
    every = Sample(huf(lines(26), lane_size=1, block_size=1), sample.readings, 1)
    _, blocks, _ = pieces(every.data)

    def report(kept: Iterable[int], end: bytes | None = None) -> str:
        salvage = Salvage(io.BytesIO(rebuilt(every, [blocks[b] for b in kept], end)))
        list(salvage.restored())
        return salvage_report(salvage)

    odd = ", ".join(f"reading {i}" for i in range(1, 20, 2))
    assert report(range(1, 26)) == "saved 25 of 26 readings; lost: reading 1"
    assert report([0, 25]) == "saved 2 of 26 readings; lost: readings 2 to 25"
    assert report(range(3), b"") == "saved 3 readings; lost: whatever followed reading 3, and the end"
    assert report([*range(1, 20, 2), *range(20, 26)]) == f"saved 16 of 26 readings; lost: {odd}"
    assert report([*range(1, 22, 2), *range(22, 26)]).endswith(f"lost: {odd} and 1 stretch more")
    assert report(range(1, 26, 2)).endswith(f"lost: {odd} and 3 stretches more")
