"""Every small damage to small files of every kind is refused, through every engine."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from checks import INSTALLED, each_engine, flip, pieces, same, unhuf
from corpus import FEW, HALVES, NASA, PAIRS, STEPS, WORDS, Good, learned_context, levels

from codec.codes.prefix import PrefixCode
from codec.coding import decode
from codec.errors import CodecError

SLOW_DRIFT = (np.arange(45) // 4 % 5 + 20).astype(np.uint8)
LINES = b"21.5\n21.4\n21.4\n21.6\n" * 10
SWITCHED = b"on\noff\noff\non\n" * 9
CSV = b"x\n" + b"2.5\n-1.0\n2.5\n" * 11
LETTERS = PrefixCode.from_lengths(list(b"abc"), [1, 2, 3], escape_length=3)

FILES: dict[str, Good] = {
    "plain": Good("", levels(40)),
    "no table": Good("", levels(44), NASA, False),
    "several lanes": Good("", levels(50), options={"lane_size": 7}),
    "several blocks": Good("", levels(38), options={"lane_size": 5, "block_size": 10}),
    "empty": Good("", np.zeros(0, np.int64)),
    "empty text": Good("", b"", opens={}),
    "escapes": Good("", np.array([100, 7, 105, 100, -3, 110] * 5), FEW, options={"block_size": 20}),
    "escapes, no table": Good("", b"abacabad" * 5, LETTERS, False, {"lane_size": 11}),
    "escaped floats": Good("", np.array([0.5, 1.5, 0.5, -0.0, 0.5] * 6), HALVES),
    "escaped strings": Good("", np.array(["a", "bc", "", "xyz", "a"] * 6), WORDS),
    "pairs": Good("", levels(41, 2), options={"per_codeword": 2, "lane_size": 7}),
    "pairs, no table": Good("", np.array([100, 105, 110, 100, 105] * 7), PAIRS, False, {"block_size": 8}),
    "triples of bytes": Good("", b"abracadabra" * 4, options={"per_codeword": 3}),
    "differences": Good("", SLOW_DRIFT, options={"delta": True, "block_size": 25}),
    "differences of text": Good("", LINES, options={"delta": True}, opens={}),
    "escaped differences": Good("", np.array([5, 6, 7, 90, 91, 91] * 5), STEPS, options={"delta": True}),
    "context": Good("", np.repeat(levels(12, 3), 5), options={"context": True, "block_size": 32}),
    "context, no table": Good("", SWITCHED, learned_context([*["on", "off", "off", "on"] * 9]), False, opens={}),
    "differences in context": Good("", SLOW_DRIFT, options={"delta": True, "context": True}),
    "differences in pairs": Good("", SLOW_DRIFT, options={"delta": True, "per_codeword": 2, "block_size": 12}),
    "text": Good("", LINES[:-1], options={"lane_size": 9, "block_size": 25}, opens={}),
    "a column": Good("", CSV, opens={"column": "x"}),
    "bytes": Good("", b"abracadabra" * 3),
    "a string": Good("", "abracadabr\u00e4" * 3),
    "strings": Good("", np.array(["on", "off", "off", "\u00e9"] * 9)),
    "bytes among objects": Good("", np.array([b"", b"\0", b"abc"] * 10, object)),
}
DATA = {name: kind.make() for name, kind in FILES.items()}
each_file = pytest.mark.parametrize("name", FILES)


def cut(data: bytes) -> Iterator[bytes]:
    yield from (data[:size] for size in range(len(data)))


def flipped(data: bytes) -> Iterator[bytes]:
    yield from (flip(data, bit) for bit in range(8 * len(data)))


def inserted(data: bytes) -> Iterator[bytes]:
    for place in range(len(data) + 1):
        for more in (b"\x00", b"\xff", data[max(0, place - 1) :][:1]):
            yield data[:place] + more + data[place:]


def deleted(data: bytes) -> Iterator[bytes]:
    yield from (data[:place] + data[place + 1 :] for place in range(len(data)))


def swapped(data: bytes) -> Iterator[bytes]:
    for place in range(len(data) - 1):
        yield data[:place] + data[place : place + 2][::-1] + data[place + 2 :]


def rearranged(data: bytes) -> Iterator[bytes]:
    """Blocks that change places, stand twice or are missing; everything twice."""
    head, blocks, end = pieces(data)
    orders = [list(range(len(blocks)))]
    numbers = orders[0]
    for one, other in itertools.combinations(numbers, 2):
        order = list(numbers)
        order[one], order[other] = other, one
        orders.append(order)
    for one, place in itertools.product(numbers, range(len(blocks) + 1)):
        orders.append([*numbers[:place], one, *numbers[place:]])
    orders += [[*numbers[:one], *numbers[one + 1 :]] for one in numbers]
    yield from (head + b"".join(blocks[number] for number in order) + end for order in orders[1:])
    yield from (data + data, head + head + b"".join(blocks) + end, data + end, head + end + b"".join(blocks) + end)


DAMAGES = (cut, flipped, inserted, deleted, swapped, rearranged)


def every_damage(data: bytes) -> list[bytes]:
    """Each once, and none that changes nothing."""
    return list(dict.fromkeys(spoilt for damage in DAMAGES for spoilt in damage(data) if spoilt != data))


def accepted(files: list[bytes], code: Any, engine: str, streaming: bool) -> list[bytes]:
    """The files that are not refused. What is raised that is no `CodecError` is left to pass."""
    passed = []
    for data in files:
        try:
            unhuf(data, code, engine) if streaming else decode(data, code, engine=engine)
        except CodecError:
            continue
        passed.append(data)
    return passed


@each_file
def test_the_files_are_small_and_come_back(name: str) -> None:
    kind, data = FILES[name], DATA[name]
    assert all(same(kind.read(data, engine), kind.content) for engine in INSTALLED)
    readings = decode(data, kind.needed)
    assert len(data) < 320 and (30 <= len(readings) <= 150 or name.startswith("empty"))


@each_engine
@each_file
def test_every_damage_is_refused(name: str, engine: str) -> None:
    files = every_damage(DATA[name])
    assert len(files) > 11 * len(DATA[name])
    assert accepted(files, FILES[name].needed, engine, streaming=False) == []


@pytest.mark.slow
@each_engine
@each_file
def test_every_damage_is_refused_block_by_block(name: str, engine: str) -> None:
    assert accepted(every_damage(DATA[name]), FILES[name].needed, engine, streaming=True) == []


@each_engine
def test_a_damage_that_changes_nothing_is_seen(engine: str) -> None:
    """What is counted as accepted is what comes back."""
    data = DATA["pairs"]
    assert accepted([data, data[:-1]], None, engine, streaming=False) == [data]
    assert accepted([data[1:], data], None, engine, streaming=True) == [data]
