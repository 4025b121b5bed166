"""Sizes beyond 32 bits: files larger than memory should be, and numbers that no machine word holds.

What takes long is marked slow. Each program is watched from outside: how much memory it took at most.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from checks import INSTALLED, exchange, forge, huf, unhuf
from command_line import start
from reading import Reader

from codec.coding import decode, encode, write
from codec.coding.salvage import Lost, Salvage
from codec.errors import DamagedError
from codec.files import tables
from codec.files.container import Block, End
from codec.measure.ledger import ledger
from codec.measure.overhead import OVERHEAD
from codec.readings.origin import Closing, Origin, count_of, unpack_origin
from codec.readings.stream import Stream
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels

PIECE = 1 << 22
MEGABYTE = 1 << 20


# ------------------------------------------------------------------ numbers, not slow


def test_a_count_of_any_size_is_compared_as_it_stands() -> None:
    for count in (2**32 - 1, 2**32, 2**63, 2**64 - 1):
        data = forge(encode([3, 4, 3]), "end", "count", count)
        for read in (decode, unhuf):
            with pytest.raises(DamagedError, match=f"the end counts {count:,} readings, and the blocks hold 3 symbols"):
                read(data)
    for k in (2, 16):
        data = forge(encode([3, 4, 3], per_codeword=k), "end", "count", 2**64 - 1)
        with pytest.raises(DamagedError, match=r"the end counts 18,446,744,073,709,551,615 readings"):
            decode(data)


@pytest.mark.parametrize("shape", [(2**62,), (2**31, 2**31), (2**32 + 3,), (2**62, 0)])
def test_an_array_of_any_shape_counts_exactly_and_takes_no_memory(shape: tuple[int, ...]) -> None:
    origin = Origin("array", "|u1", shape)
    count = shape[0] * (shape[1] if len(shape) > 1 else 1)
    assert unpack_origin(origin.pack()) == origin and count_of(origin) == count
    data = exchange(encode(np.array([3, 4, 3], np.uint8)), "origin", origin.pack())
    for read in (decode, unhuf):
        with pytest.raises(DamagedError, match=f"the file holds 3 readings, and its header promises {count:,}$"):
            read(data)
    salvage = Salvage(io.BytesIO(data))
    assert salvage.count == count
    if 0 < count < 1 << 20:
        list(salvage.restored())
        assert (salvage.saved, salvage.lost) == (0, (Lost(0, count),))  # its one block is not full


@pytest.mark.parametrize("number", [1, 2**31, 2**32 - 1])
def test_a_block_of_any_number_is_saved_in_its_place(number: int) -> None:
    front_and_block = forge(huf(b"3\n4\n3\n"), "block", "sequence number", number)[:-28]
    salvage = Salvage(io.BytesIO(front_and_block))
    start = number * salvage.file.header.block_size
    assert b"".join(salvage.restored()) == b"3\n4\n3\n"
    assert salvage.lost == (Lost(0, start), Lost(start + 3, None))


def test_every_size_that_adds_up_is_an_int_of_any_size() -> None:
    for options in ({}, {"per_codeword": 2}, {"context": True}, {"delta": True}):
        data = encode(np.arange(50) ** 2 % 7, lane_size=3, block_size=10, **options)  # type: ignore[arg-type]
        reader = Reader(io.BytesIO(data))
        blocks = list(reader.packed_blocks())
        sizes = [reader.header.sizes(), reader.end.sizes(), *(block.sizes() for block in blocks)]
        assert all(type(size) is int for part in sizes for size in part.values())
        assert {type(n) for block in blocks for n in (block.payload_bits, block.count, block.sequence)} == {int}
        book = ledger(data)
        assert {type(number) for number in (book.file_bits, book.payload_bits, book.original_bits)} == {int}
        assert {type(book.lines[item]) for item in OVERHEAD} == {int}


def test_a_block_may_have_as_many_bits_as_its_head_can_say() -> None:
    wide = Block(0, 1 << 24, np.array([1 << 28, 1 << 28], np.int64), np.zeros(0, np.uint8))
    assert wide.payload_bits == wide.sizes()["payload"] == 1 << 29
    assert End(2**64 - 1, 0, Closing(2**64 - 1).pack()).pack()[1:9] == b"\xff" * 8


def test_the_original_of_a_stream_may_have_any_size() -> None:
    size = 2**64 - 1

    def pieces() -> Iterator[Labels | Closing]:
        yield Labels("int", np.array([3, 4, 3]))
        yield Closing(size)

    out = io.BytesIO()
    written = write(Stream(Origin("text"), pieces), out)
    assert written.original_bytes == size
    assert ledger(out.getvalue()).original_bits == 8 * size


# ------------------------------------------------------------------ files, slow


def watching(process: subprocess.Popen[bytes]) -> Callable[[], int]:
    """A function that waits for the good end of a program, and gives the most memory that it took, in MB.

    `ru_maxrss` is not used: that of a child begins with what its parent held.
    """
    seen = [0]

    def watch() -> None:
        while process.poll() is None:
            with contextlib.suppress(OSError):
                found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
                seen.append(int(found[1]) // 1024 if found else 0)
            time.sleep(0.01)

    thread = threading.Thread(target=watch)
    thread.start()

    def most() -> int:
        thread.join()
        assert process.returncode == 0 and max(seen) > 10
        return max(seen)

    return most


def feeding(pipe: BinaryIO, pieces: Iterator[bytes]) -> threading.Thread:
    def feed() -> None:
        with pipe:
            for piece in pieces:
                pipe.write(piece)

    thread = threading.Thread(target=feed)
    thread.start()
    return thread


def hash_of(pieces: Iterator[bytes]) -> str:
    digest = hashlib.blake2b()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def noise(pieces: int) -> Iterator[bytes]:
    """Random bytes, each piece another: the same ones, moved on."""
    data = np.random.default_rng(1).integers(0, 256, PIECE, np.uint8).tobytes()
    for number in range(pieces):
        cut = number * 7919 % PIECE
        yield data[cut:]
        yield data[:cut]


@pytest.mark.slow
def test_a_payload_of_more_than_32_bits_of_bits_comes_back_in_little_memory(tmp_path: Path) -> None:
    table, coded, pieces = tmp_path / "flat.json", tmp_path / "big.huf", 144
    table.write_text(tables.dumps(Distribution(list(range(256)), [1] * 256)))
    count = pieces * PIECE
    engine = {"env": {"CODEC_ENGINE": INSTALLED[-1]}}
    memory = {}
    try:
        with coded.open("wb") as out:
            arguments = ("encode", "-", "--bytes", "--code", table, "-c", "-q")
            encoding = start(*arguments, stdin=subprocess.PIPE, stdout=out, **engine)
            assert encoding.stdin is not None
            peak = watching(encoding)
            feeder = feeding(encoding.stdin, noise(pieces))
            memory["encode"] = peak()
            feeder.join()
        assert coded.stat().st_size > count
        decoding = start("decode", coded, "-c", stdout=subprocess.PIPE, **engine)
        assert decoding.stdout is not None
        peak = watching(decoding)
        with decoding.stdout as text:
            back = hash_of(iter(lambda: text.read(MEGABYTE), b""))
        memory["decode"] = peak()
        assert back == hash_of(noise(pieces))
        inspecting = start("inspect", coded, "--json", stdout=subprocess.PIPE, **engine)
        assert inspecting.stdout is not None
        peak = watching(inspecting)
        with inspecting.stdout as report:
            book = json.load(report)
        memory["inspect"] = peak()
    finally:
        coded.unlink(missing_ok=True)
    assert book["payload_bits"] == book["original_bits"] == 8 * count > 2**32
    assert sum(row["bits"] for row in book["ledger"]) == book["file_bits"]
    print(memory)
    assert max(memory.values()) < 600


@pytest.mark.slow
def test_an_array_of_two_gigabytes_is_coded_and_read_in_little_memory(tmp_path: Path) -> None:
    path, coded = tmp_path / "big.npy", tmp_path / "big.npy.huf"
    memory = {}
    try:
        array = np.lib.format.open_memmap(path, "w+", np.int16, (1 << 15, 1 << 15))  # a sparse file
        array[::64, ::64] = np.arange(512)[:, None] % 5 - 2
        array.flush()
        del array
        assert path.stat().st_size > 2**31
        memory["encode"] = watching(start("encode", path, "-q"))()
        path.rename(tmp_path / "original.npy")
        memory["decode"] = watching(start("decode", coded, "-q", "-o", path))()
        with path.open("rb") as back, (tmp_path / "original.npy").open("rb") as original:
            assert hash_of(iter(lambda: back.read(MEGABYTE), b"")) == hash_of(
                iter(lambda: original.read(MEGABYTE), b"")
            )
    finally:
        for file in (path, coded, tmp_path / "original.npy"):
            file.unlink(missing_ok=True)
    print(memory)
    assert max(memory.values()) < 300
