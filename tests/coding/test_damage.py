"""No damage passes: a file of the corpus, changed in any small way, is refused; forged, it is refused or still right.

What was not mended is refused by a checksum before an engine sees it, so it is read with one engine. Where the
checksums were mended the change reaches the engines, and all of them are tried. A seeded part by default, all if slow.
"""

from __future__ import annotations

import io
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from checks import INSTALLED, exchange, flip, mended, part, pieces, same, unhuf, walk
from corpus import GOOD, good

from codec.coding import decode
from codec.coding.file import opened, parts_of
from codec.errors import CodecError

each_file = pytest.mark.parametrize("name", GOOD)
each_tenth = pytest.mark.parametrize("share", [10, pytest.param(1, marks=pytest.mark.slow)])
each_thirtieth = pytest.mark.parametrize("share", [30, pytest.param(1, marks=pytest.mark.slow)])


def chosen(every: Sequence[Any], share: int, seed: str) -> list[Any]:
    """One in `share`, the same ones each time."""
    return random.Random(seed).sample(every, -(-len(every) // share))


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
    """Blocks that change places, stand twice or are missing; anything behind the end."""
    head, blocks, end = pieces(data)
    numbers = list(range(len(blocks)))
    orders = [[*numbers[:place], one, *numbers[place:]] for one in numbers for place in [*numbers, len(blocks)]]
    orders += [[*numbers[:one], *numbers[one + 1 :]] for one in numbers]
    orders += [numbers[:one] for one in numbers]
    for one, other in itertools.combinations(numbers, 2):
        order = list(numbers)
        order[one], order[other] = other, one
        orders.append(order)
    yield from (head + b"".join(blocks[number] for number in order) + end for order in orders)
    yield from (data + more for more in (b"\0", b"\xff", b"B", b"E", end, data, bytes(100), *blocks))
    yield from (head + head + b"".join(blocks) + end, head + end + b"".join(blocks) + end)


DAMAGES = (cut, flipped, inserted, deleted, swapped)


def passed(files: list[bytes], read: Callable[[bytes], Any]) -> list[bytes]:
    """The files that are not refused. What is raised that is no `CodecError` is left to pass."""
    accepted = []
    for data in files:
        try:
            read(data)
        except CodecError:
            continue
        accepted.append(data)
    return accepted


@pytest.mark.dear
@each_tenth
@each_file
def test_every_damage_is_refused(name: str, share: int) -> None:
    data, code = good(name), GOOD[name].needed
    files = chosen([spoilt for damage in DAMAGES for spoilt in damage(data)], share, name)
    files = [spoilt for spoilt in dict.fromkeys([*files, *rearranged(data)]) if spoilt != data]
    assert len(files) > 11 * len(data) // share
    assert passed(files, lambda file: decode(file, code, engine="lanes")) == []
    assert passed(files, lambda file: unhuf(file, code, "lanes")) == []
    assert passed([data, data[:-1]], lambda file: decode(file, code, engine="lanes")) == [data]


def size_of(readings: Any) -> int:
    return readings.size if isinstance(readings, np.ndarray) else len(readings)


def readings_of(data: bytes, code: Any) -> list[Any]:
    """What each engine reads of a forged file; nothing if all refuse it."""
    if passed([data], lambda file: list(parts_of(opened(io.BytesIO(file), code)))) == []:
        return passed([data], lambda file: decode(file, code))  # before any engine
    found = []
    for engine in INSTALLED:
        passed([data], lambda file, engine=engine: found.append(decode(file, code, engine=engine)))  # type: ignore[misc]
        passed([data], lambda file, engine=engine: unhuf(file, code, engine))  # type: ignore[misc]
    assert len(found) in (0, len(INSTALLED)), "some engines refuse it, others do not"
    return found


APART = ("table", "table fingerprint", "origin", "extra")  # they say which readings there are
FREE = ("lane size", "block size", "closing", "flags")  # of them some bits change no reading
FREE_OF_NOTHING = (*FREE, "transform")  # where there are no readings


@pytest.mark.dear
@each_thirtieth
@each_file
def test_a_forged_bit_is_refused_or_gives_the_right_readings(name: str, share: int) -> None:
    kind, data = GOOD[name], good(name)
    parts, right = walk(data), decode(data, kind.needed)
    bits = [(field, bit) for p in parts for field, (start, stop) in p.fields.items() if field != "checksum"
            for bit in range(8 * start, 8 * stop)]  # fmt: skip
    for field, bit in chosen(bits, share, name):
        for found in readings_of(mended(flip(data, bit), parts), kind.needed):
            if field in APART:
                assert size_of(found) == size_of(right), f"bit {bit} of {field}"
            else:
                assert same(found, right), f"bit {bit} of {field}"
                assert field in (FREE if size_of(right) else FREE_OF_NOTHING), (
                    f"nothing depends on bit {bit} of {field}"
                )


@pytest.mark.dear
@each_tenth
@each_file
def test_a_section_of_another_file_gives_as_many_readings_or_is_refused(name: str, share: int) -> None:
    kind, data = GOOD[name], good(name)
    count = size_of(decode(data, kind.needed))
    places = {"origin": "header", "closing": "end"} | ({"table": "table"} if kind.embed else {})
    for field, place in places.items():
        for other in chosen([other for other in GOOD if field != "table" or GOOD[other].embed], share, name + field):
            own = part(good(other), place).read(good(other), field)
            for found in readings_of(exchange(data, field, own), kind.needed):
                assert size_of(found) == count, f"{field} of {other}"


@pytest.mark.parametrize("name", ["blocks", "full-blocks", "escapes"])
def test_blocks_and_ends_of_another_file_of_the_same_table_are_refused(name: str) -> None:
    kind, data = GOOD[name], good(name)
    sizes = {key: size for key, size in kind.options.items() if key.endswith("_size")}
    alike = replace(kind, code=opened(io.BytesIO(data)).code, options=sizes)
    head, blocks, end = pieces(data)
    other_head, others, other_end = pieces(alike.make(np.flip(kind.content)))
    assert head == other_head and len(blocks) == len(others) > 1 and end != other_end
    mixed = [[*blocks[:number], others[number], *blocks[number + 1 :]] for number in range(len(blocks))]
    files = [head + b"".join(chain) + end for chain in (*mixed, others) if chain != blocks]
    files += [head + b"".join(blocks) + other_end, head + b"".join(others) + end, head + other_end]
    for file in files:
        assert readings_of(file, None) == []
