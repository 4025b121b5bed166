"""The ledger counts readings right where the alphabet just fills the type of its symbols."""

import numpy as np
import pytest

import codec


@pytest.mark.slow
@pytest.mark.parametrize("size", [255, 256, 257, 65_535, 65_536])
def test_alphabets_as_large_as_the_type_of_their_symbols(size):
    readings = np.arange(2 * size) % size
    book = codec.ledger(codec.encode(readings))
    assert (book.count, book.alphabet_size, sum(book.lines.values())) == (2 * size, size, book.file_bits)
    assert book.entropy == pytest.approx(np.log2(size), abs=1e-9)


@pytest.mark.parametrize("size", [254, 255, 256, 300])
def test_escapes_count_as_one_reading_whatever_the_size(size):
    code = codec.PrefixCode.from_lengths(range(size), [10] * size, escape_length=1)
    readings = np.array([*range(size), 1000, 1001, 1001, 5])
    book = codec.ledger(codec.encode(readings, code))
    counts = [1] * size + [3]
    counts[5] += 1
    assert book.entropy == pytest.approx(codec.entropy(counts), abs=1e-9)
