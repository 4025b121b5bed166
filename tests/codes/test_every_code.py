"""Every vector of code lengths of up to 6 symbols and 6 bits, as the table of a file."""

from __future__ import annotations

import io
import itertools
import random
from collections import Counter
from functools import cache

import numpy as np
import pytest
from checks import each_engine

from codec.codes.prefix import PrefixCode, fingerprint_of
from codec.codes.serialize import serialize
from codec.coding import decode, encode
from codec.coding.file import opened, parts_of
from codec.errors import DamagedError
from codec.files.container import HAS_TABLE, INCOMPLETE, End, Header
from codec.readings.origin import Closing, Origin
from codec.theory.labels import labels_of

MOST = 6  # symbols, and bits
ONE = 1 << MOST  # the Kraft sum of a complete code
COMPLETE = {1: 0, 2: 1, 3: 3, 4: 13, 5: 75, 6: 525}  # ordered ways to write 1 as a sum of n powers of 1/2
END = End(0, 0, Closing(0).pack()).pack()


@cache
def front_of_table(size):
    """The table of labels 0, 1, ... up to its lengths, which for one bit each take `size` and 2 bits."""
    table = serialize(labels_of(range(size)), np.ones(size, np.int64))
    return table[: len(table) - (size + 2 + 7) // 8]


@cache
def gamma(number):
    word = format(number, "b")
    return "0" * (len(word) - 1) + word


def table_of(lengths):
    """A table, written as `codec.codes.serialize` documents it."""
    steps = [high - low for low, high in itertools.pairwise((0, *lengths))]
    bits = "".join(gamma(2 * step + 1 if step >= 0 else -2 * step) for step in steps)
    bits += "0" * (-len(bits) % 8)
    return front_of_table(len(lengths)) + int(bits, 2).to_bytes(len(bits) // 8, "big")


def vectors(size):
    return itertools.product(range(1, MOST + 1), repeat=size)


def fullness(lengths):
    return sum(ONE >> length for length in lengths)


def empty_file(table, flags):
    """A file of no bytes, coded with a table."""
    return Header(flags, 0, 1, 1, fingerprint_of(table), Origin("bytes").pack(), table).pack() + END


def accepted(data):
    try:
        file = opened(io.BytesIO(data))
    except DamagedError as error:
        assert "Kraft sum" in str(error)
        return False
    (end,) = parts_of(file)
    assert isinstance(end, End) and end.count == 0
    return True


def test_there_are_55986_of_them_and_their_tables_are_as_the_writer_writes_them():
    assert sum(MOST**size for size in COMPLETE) == 55_986
    for size in COMPLETE:
        for lengths in itertools.islice(vectors(size), 0, None, 97):
            assert table_of(lengths) == serialize(labels_of(range(size)), np.array(lengths))


SHARES = [(1, 1), (2, 1), (3, 1), (4, 1), (5, 0.1), (6, 0.03)]


@pytest.mark.dear
@pytest.mark.parametrize(("size", "share"), [*SHARES, *(pytest.param(n, 1, marks=pytest.mark.slow) for n in (5, 6))])
def test_a_table_is_accepted_if_it_is_a_code_and_its_flag_says_which(size, share):
    """A table of each complete code is read; of the others, a share drawn with a seed."""
    seen: Counter[str] = Counter()
    drawn = random.Random(1)
    for lengths in vectors(size):
        full = fullness(lengths)
        expected = "over-full" if full > ONE else "complete" if full == ONE else "incomplete"
        seen[expected] += 1
        if expected != "complete" and drawn.random() >= share:
            continue
        table = table_of(lengths)
        found = [accepted(empty_file(table, flags)) for flags in (HAS_TABLE, HAS_TABLE | INCOMPLETE)]
        assert found == [expected == "complete", expected == "incomplete"], lengths
    assert seen.total() == MOST**size and seen["complete"] == COMPLETE[size]


@pytest.mark.dear
@each_engine
@pytest.mark.parametrize("size", COMPLETE)
def test_every_symbol_of_every_complete_code_comes_back(size, engine):
    """And of every incomplete one of up to 3 symbols."""
    stream = bytes(range(size)) * 2 + bytes(range(size))[::-1]
    for lengths in vectors(size):
        if fullness(lengths) == ONE or (size <= 3 and fullness(lengths) < ONE):
            data = encode(stream, PrefixCode.from_lengths(range(size), lengths), engine=engine)
            assert decode(data, engine=engine) == stream
