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
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checks import Part, flip, forge, huf, mend, npy_of, pieces, unhuf, walk
from command_line import files, good, misused, program, refused, run
from hypothesis import given, settings
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

    def readings_of(self, kept: Iterable[int]) -> list[int]:
        """The places of the readings in these blocks."""
        count = len(self.readings)
        return [i for b in sorted(kept) for i in range(b * self.whole, min((b + 1) * self.whole, count))]

    def of(self, kept: Iterable[int], end: bool = True) -> bytes:
        """The file that is restored from some of the blocks, and from the end or not."""
        places = self.readings_of(kept)
        if self.array is not None:
            return npy_of(self.array if len(places) == len(self.readings) else np.asarray(self.readings)[places])
        last = bool(places) and places[-1] == len(self.readings) - 1
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


def salvaged(sample: Sample, data: bytes | None = None) -> tuple[bytes, tuple[Lost, ...]]:
    """What is restored of a file, and what is said to be lost; both must be of one mind about how much it is."""
    salvage = Salvage(io.BytesIO(sample.data if data is None else data), sample.code)
    assert not salvage.mixed
    return b"".join(salvage.restored()), salvage.lost


def expected(sample: Sample, kept: Iterable[int], end: bool = True) -> tuple[bytes, tuple[Lost, ...]]:
    kept = list(kept)
    return sample.of(kept, end), sample.lost_without(kept, end)


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
    assert salvaged(sample) == (unhuf(sample.data, sample.code), ()) == expected(sample, range(sample.blocks))
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


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.slow)])
@each_file
def test_a_block_damaged_cut_out_or_cut_short_is_lost_alone(name: str, whole: bool) -> None:
    sample = FILES[name]
    data, blocks = sample.data, blocks_of(sample.data)
    for number in range(len(blocks)) if whole else {0, len(blocks) // 2, len(blocks) - 1}:
        block, wanted = blocks[number], expected(sample, without(sample, number))
        for field, (start, stop) in block.fields.items():
            for bit in {8 * start, 8 * stop - 1} if stop > start else ():
                assert salvaged(sample, flip(data, bit)) == wanted, field
        size = block.stop - block.start
        for missing in {1, 4, size // 2, size - 1, size}:
            assert salvaged(sample, data[: block.stop - missing] + data[block.stop :]) == wanted
            assert salvaged(sample, data[: block.start] + data[block.start + missing :]) == wanted


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_any_bit_flipped_in_a_block_costs_this_block(step: int) -> None:
    for number, block in enumerate(blocks_of(TEXT.data)[:3]):
        wanted = expected(TEXT, without(TEXT, number))
        for bit in range(8 * block.start, 8 * block.stop, step):
            assert salvaged(TEXT, flip(TEXT.data, bit)) == wanted


@several
def test_several_blocks_lost_are_named_as_stretches(name: str) -> None:
    sample = FILES[name]
    _, blocks, _ = pieces(sample.data)
    for kept in ([0], [sample.blocks - 1], range(0, sample.blocks, 2), range(1, sample.blocks, 2), range(2)):
        assert salvaged(sample, rebuilt(sample, [blocks[b] for b in kept])) == expected(sample, kept)


def test_without_any_block_all_is_lost() -> None:
    assert salvaged(TEXT, rebuilt(TEXT, [])) == (b"", (Lost(0, 53),))
    assert salvaged(TEXT, rebuilt(TEXT, [], b"")) == (b"", (Lost(0, None),))


# ------------------------------------------------------------------ blocks in other places


@several
def test_blocks_doubled_swapped_or_moved_are_put_in_order(name: str) -> None:
    sample = FILES[name]
    _, blocks, end = pieces(sample.data)
    wanted = expected(sample, range(sample.blocks))
    assert salvaged(sample, rebuilt(sample, blocks[::-1])) == wanted
    assert salvaged(sample, rebuilt(sample, blocks + blocks)) == wanted
    assert salvaged(sample, rebuilt(sample, [end, *blocks[2:], *blocks[:2]])) == wanted
    assert salvaged(sample, rebuilt(sample, [end, *blocks], b"")) == wanted
    for number in range(sample.blocks - 1):
        swapped = [*blocks[:number], blocks[number + 1], blocks[number], *blocks[number + 2 :]]
        assert salvaged(sample, rebuilt(sample, swapped)) == wanted
        assert salvaged(sample, rebuilt(sample, [*blocks, blocks[number]])) == wanted


def test_of_a_block_damaged_in_one_place_another_copy_is_used() -> None:
    _, blocks, _ = pieces(TEXT.data)
    for number, block in enumerate(blocks):
        broken = [*blocks[:number], flip(block, 8 * 23), *blocks[number + 1 :], block]
        assert salvaged(TEXT, rebuilt(TEXT, broken)) == expected(TEXT, range(TEXT.blocks))


OTHER = of_array(np.array([1000, 2000, 3000, 1000] * 20))
GARBAGE = {
    "zeros": bytes(100),
    "marks": b"BEEB" * 50,
    "heads": struct.pack(">cIIIIIB", b"B", 1, 8, 20, 0, 2, 1) * 5,
    "the start of a block": pieces(TEXT.data)[1][1][:-1],
    "an end that does not hold": pieces(TEXT.data)[2][:-1] + b"\0",
    "a header": pieces(TEXT.data)[0],
    "noise": random.Random(1).randbytes(3000),
    "all of the same file": TEXT.data,
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_between_blocks_costs_nothing(garbage: bytes) -> None:
    front, blocks, end = pieces(TEXT.data)
    wanted = expected(TEXT, range(TEXT.blocks))
    for place in range(len(blocks) + 1):
        assert salvaged(TEXT, front + b"".join([*blocks[:place], garbage, *blocks[place:]]) + end) == wanted
    assert salvaged(TEXT, TEXT.data + garbage) == wanted
    assert salvaged(TEXT, rebuilt(TEXT, [garbage.join(blocks), garbage])) == wanted


# ------------------------------------------------------------------ parts of other files


def with_the_table_of(sample: Sample, raw: bytes) -> Sample:
    """Other lines, coded with the table of a sample."""
    return of_text(raw, Salvage(io.BytesIO(sample.data)).file.code)


# Other lines of the same table: as many as in the text, more, and fewer.
SAME_TABLE, LONGER, SHORTER = (
    with_the_table_of(TEXT, raw) for raw in (lines(53)[15:] + lines(3), lines(61), lines(19))
)


@pytest.mark.parametrize("foreign", [OTHER.data, SAME_TABLE.data], ids=["another table", "the same table"])
def test_of_different_blocks_that_claim_a_place_the_one_in_the_chain_counts(foreign: bytes) -> None:
    _, blocks, _ = pieces(TEXT.data)
    for number, other in enumerate(pieces(foreign)[1][:7]):
        for place in range(len(blocks) + 1):
            claimed = rebuilt(TEXT, [*blocks[:place], other, *blocks[place:]])
            # Beside the block itself, the chain from the front and the chain from the end disagree.
            lost = [number] if place in (number, number + 1) else []
            assert salvaged(TEXT, claimed) == expected(TEXT, without(TEXT, *lost)), (number, place)


def test_of_different_ends_none_counts() -> None:
    _, blocks, end = pieces(TEXT.data)
    for other in (pieces(LONGER.data)[2], pieces(SHORTER.data)[2]):
        for order in ([other, end], [end, other]):
            assert salvaged(TEXT, rebuilt(TEXT, [*blocks, *order], b"")) == expected(TEXT, range(7), end=False)


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


def test_a_block_beyond_the_end_is_none_of_this_file() -> None:
    _, blocks, _ = pieces(TEXT.data)
    beyond = [forge(TEXT.data, "block", "sequence number", number, 1) for number in (7, 8, 1000, 2**32 - 1)]
    for block in [pieces(data)[1][1] for data in beyond] + pieces(LONGER.data)[1][7:]:
        for place in (0, 3, 7):
            assert salvaged(TEXT, rebuilt(TEXT, [*blocks[:place], block, *blocks[place:]])) == expected(TEXT, range(7))
    for data in beyond:
        assert salvaged(TEXT, data) == expected(TEXT, without(TEXT, 1))


def test_a_block_of_another_size_than_its_place_has_is_none_of_this_file() -> None:
    _, blocks, _ = pieces(TEXT.data)
    _, shorter, _ = pieces(SHORTER.data)  # its third block has 3 symbols
    assert salvaged(TEXT, rebuilt(TEXT, [*blocks[:2], shorter[2], *blocks[3:]])) == expected(TEXT, without(TEXT, 2))
    for end in (b"", None):
        data = rebuilt(TEXT, [*blocks[:2], shorter[2], *blocks[3:]], end)
        assert salvaged(TEXT, data) == expected(TEXT, without(TEXT, 2), end is None)
    _, longer, _ = pieces(LONGER.data)  # its seventh block is full
    assert salvaged(TEXT, rebuilt(TEXT, [*blocks[:6], longer[6]])) == expected(TEXT, range(6))


def test_an_array_knows_its_count_without_its_end_and_against_another() -> None:
    sample = FILES["two dimensions"]
    _, blocks, _ = pieces(sample.data)
    other = pieces(FILES["Fortran"].data)[2]
    for end in (b"", End(1000, 0, Closing(0).pack()).pack(), other):
        assert salvaged(sample, rebuilt(sample, blocks, end)) == expected(sample, range(8)) if end != other else True
        assert salvaged(sample, rebuilt(sample, blocks[1:], end)) == expected(sample, range(1, 8))


# ------------------------------------------------------------------ the end, and cut short


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
            assert (text, lost) == expected(sample, blocks, end=False)


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
@each_file
def test_cut_short_or_cut_off_at_the_front_the_other_blocks_are_saved(name: str, step: int) -> None:
    sample = FILES[name]
    front, _, _ = pieces(sample.data)
    parts = blocks_of(sample.data)
    for place in {*range(parts[0].start, parts[-1].stop, step), *(part.stop for part in parts[:-1])}:
        kept = [number for number, block in enumerate(parts) if block.stop <= place]
        assert salvaged(sample, sample.data[:place]) == expected(sample, kept, end=False)
        if place > parts[0].start:
            kept = [number for number, block in enumerate(parts) if block.start >= place]
            assert salvaged(sample, front + sample.data[place:]) == expected(sample, kept)


def test_an_end_whose_note_is_not_well_formed_is_none() -> None:
    for closing in (b"", b"\0" * 8, b"\0" * 8 + b"\2", b"\0" * 10):
        data = rebuilt(TEXT, pieces(TEXT.data)[1], End(53, 0, closing).pack())
        assert salvaged(TEXT, data) == expected(TEXT, range(7), end=False)


def test_the_last_line_saved_is_ended_unless_it_was_the_last_and_was_not() -> None:
    sample = FILES["a last line not ended"]
    _, blocks, _ = pieces(sample.data)
    assert not salvaged(sample, rebuilt(sample, blocks[1:]))[0].endswith(b"\n")
    assert salvaged(sample, rebuilt(sample, blocks[:-1]))[0].endswith(b"\n")


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
                    assert salvaged(sample, forged) == expected(sample, without(sample, number))
    assert tried


def test_a_forged_block_that_no_writer_writes_is_lost_alone() -> None:
    tried = set()
    for number, block in enumerate(blocks_of(TEXT.data)):
        wanted = expected(TEXT, without(TEXT, number))
        if block.number(TEXT.data, "payload bits") % 8:
            tried.add("padding")
            assert salvaged(TEXT, mend(flip(TEXT.data, 8 * block.fields["payload"][1] - 1))) == wanted
        if block.number(TEXT.data, "index width"):
            tried.add("index")
            assert salvaged(TEXT, forge(TEXT.data, "block", "least lane bits", 2**32 - 1, number)) == wanted
    assert tried == {"padding", "index"}


def test_readings_that_the_file_cannot_hold_cost_their_block() -> None:
    code = huffman(Distribution([1, 2, 300], [2, 1, 1]))
    narrow, wide = (of_array(np.array(values, dtype), code) for values, dtype in
                    (([1, 2] * 20, np.uint8), ([1, 2, 300, 1] * 10, np.int16)))  # fmt: skip
    _, blocks, _ = pieces(narrow.data)
    foreign = pieces(wide.data)[1]
    assert salvaged(narrow, rebuilt(narrow, [foreign[0], *blocks[1:]])) == expected(narrow, range(1, 5))


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


@settings(deadline=None)
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
        assert (text, lost) == expected(sample, kept, end)
    else:  # nobody knows that the last tuple is filled up
        assert text.startswith(sample.of(kept, end=False))


@settings(deadline=None)
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


@settings(deadline=None)
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


# ------------------------------------------------------------------ the verb


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.huf").write_bytes(TEXT.data)
    _, blocks, _ = pieces(TEXT.data)
    (tmp_path / "bad.huf").write_bytes(rebuilt(TEXT, [*blocks[:2], *blocks[3:]]))
    return tmp_path


SAID = "codec decode: bad.huf: saved 45 of 53 readings; lost: readings 17 to 24\n"
SOUND = TEXT.of(without(TEXT, 2))


def test_salvage_of_a_whole_file_says_that_nothing_is_lost(folder: Path) -> None:
    result = good("decode", "t.huf", "--salvage")
    assert (result.talk, result.data) == ("t.huf: 53 readings, nothing is lost\n", b"")
    assert (folder / "t").read_bytes() == lines(53)
    assert good("decode", "t.huf", "--salvage", "-q", "-f").talk == ""
    (folder / "e.huf").write_bytes(encode(b""))
    assert good("decode", "e.huf", "--salvage").talk == "e.huf: 0 readings, nothing is lost\n"
    assert (folder / "e").read_bytes() == b""


def test_salvage_writes_what_is_sound_and_fails_with_what_is_lost(folder: Path) -> None:
    assert "bad.huf" in refused("decode", "bad.huf") and files(folder) == ["bad.huf", "t.huf"]
    (folder / "bad").write_bytes(b"mine")
    assert "exists already" in refused("decode", "bad.huf", "--salvage")
    assert (folder / "bad").read_bytes() == b"mine"
    assert refused("decode", "bad.huf", "--salvage", "-f") == SAID
    assert refused("decode", "bad.huf", "--salvage", "-q", "-o", "other") == SAID
    assert (folder / "bad").read_bytes() == (folder / "other").read_bytes() == SOUND
    assert files(folder) == ["bad", "bad.huf", "other", "t.huf"]
    assert "not allowed with argument" in misused("decode", "t.huf", "--salvage", "--test")


def test_salvage_writes_to_standard_output_and_reads_standard_input(folder: Path) -> None:
    for arguments in (["bad.huf", "-c"], ["bad.huf", "-o", "-"]):
        result = run("decode", "--salvage", *arguments)
        assert (result.code, result.data, result.talk) == (1, SOUND, SAID)
    result = run("decode", "--salvage", "-", "-c", stdin=(folder / "bad.huf").read_bytes())
    assert (result.code, result.data) == (1, SOUND) and result.talk.endswith(SAID.split("bad.huf")[1])
    assert program("decode", "--salvage", "t.huf", "-c", cwd=folder).data == lines(53)


def test_where_nothing_can_be_saved_no_file_is_written(folder: Path) -> None:
    for data, message in (
        (rebuilt(TEXT, []), "no block of it is sound: nothing can be saved"),
        (flip(TEXT.data, 100), "the header"),
        (b"", "cut short"),
    ):
        (folder / "bad.huf").write_bytes(data)
        assert message in refused("decode", "bad.huf", "--salvage")
    assert files(folder) == ["bad.huf", "t.huf"]


def test_salvage_needs_the_table_of_a_file_that_carries_none_and_heeds_the_limit(folder: Path) -> None:
    sample = FILES["no table"]
    (folder / "n.huf").write_bytes(sample.data)
    assert "carries no table" in refused("decode", "n.huf", "--salvage")
    assert "--max-output" in refused("decode", "n.huf", "--salvage", "--code", "nasa", "--max-output", 99)
    assert files(folder) == ["bad.huf", "n.huf", "t.huf"]
    good("decode", "n.huf", "--salvage", "--code", "nasa", "--max-output", 100)
    assert (folder / "n").read_bytes() == npy_of(sample.array)


def test_readings_of_another_file_are_an_error_though_none_is_missing(folder: Path) -> None:
    _, blocks, _ = pieces(TEXT.data)
    (folder / "bad.huf").write_bytes(rebuilt(TEXT, [pieces(SAME_TABLE.data)[1][0], *blocks[1:]]))
    assert "their checksum does not hold" in refused("decode", "bad.huf", "--salvage")
    assert len((folder / "bad").read_bytes().splitlines()) == 53


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
