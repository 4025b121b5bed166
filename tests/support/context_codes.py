"""Codes in context for the tests: built row by row or drawn at random, and their codewords by the definition."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from hypothesis import strategies as st

from codec.codes.context import ContextCode
from codec.codes.lengths import huffman_lengths
from codec.theory.labels import Labels, labels_of

SHARED = None  # the row of all that has none of its own
SHAPES = ("flat", "weights", "steep", "holes")


def in_rows(labels: Iterable[Any], rows: Mapping[int | None, Mapping[int, int]]) -> ContextCode:
    """A code in context out of the lengths that symbols have behind each context, and behind all others."""
    contexts = sorted(context for context in rows if context is not None)
    cells = [
        (row, symbol, length)
        for row, context in enumerate([SHARED, *contexts])
        for symbol, length in sorted(rows[context].items())
    ]
    columns = np.array(cells, np.int64).reshape(-1, 3).T.copy()
    alphabet = labels if isinstance(labels, Labels) else labels_of(labels)
    return ContextCode(alphabet, np.array(contexts, np.int64), columns[0], columns[1], columns[2])


def lengths_of_row(random: np.random.Generator, size: int, shape: str) -> list[int]:
    """Lengths of a code of so many codewords, up to 32 bits: complete, or with unused prefixes."""
    if shape == "steep":  # as long as codewords get: some of 1, 2, 3, ... bits, and the rest all alike
        short = max(s for s in range(min(size, 32)) if s + (size - s - 1).bit_length() <= 32)
        alike = max(1, short + (size - short - 1).bit_length())
        lengths = np.array([*range(1, short + 1), *[alike] * (size - short)])
    else:
        weights = np.ones(size, np.int64) if shape == "flat" else random.integers(1, 10 ** random.integers(1, 7), size)
        lengths = huffman_lengths(weights, 32)
    if shape == "holes":
        lengths = lengths + random.integers(0, 3, size) * (lengths < 31)
    return [int(length) for length in random.permutation(lengths)]


def random_code(
    random: np.random.Generator, size: int, owners: int, shape: str, most_in_row: int | None = None
) -> ContextCode:
    """A code over 0, 1, ...: some contexts with rows of their own, which hold some of the symbols."""
    most = min(size, most_in_row or size)
    rows: dict[int | None, dict[int, int]] = {}
    for context in [SHARED, *sorted(random.choice(size, min(owners, size), replace=False).tolist())]:
        symbols = random.choice(size, int(random.integers(1, most + 1)), replace=False).tolist()
        rows[context] = dict(zip(symbols, lengths_of_row(random, len(symbols), shape), strict=True))
    return in_rows(range(size), rows)


@st.composite
def codes(draw: st.DrawFn, most: int = 300, size: int | None = None) -> ContextCode:
    """Codes in context of 1 to `most` symbols, or of `size`, over 0, 1, ..."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = st.one_of(st.integers(1, min(12, most)), st.integers(1, most), st.sampled_from([min(256, most), most]))
    size = draw(sizes) if size is None else size
    owners, in_row = draw(st.sampled_from([(0, None), (1, None), (2, None), (12, None), (12, 40), (256, 3)]))
    return random_code(random, size, owners, draw(st.sampled_from(SHAPES)), in_row)


def words_in_rows(code: ContextCode) -> list[dict[int, str]]:
    """The codewords of each row, {symbol: bits}: by (length, symbol), numerically increasing."""
    rows: list[dict[int, str]] = [{} for _ in range(len(code.contexts) + 1)]
    cells = sorted(zip(code.rows.tolist(), code.lengths.tolist(), code.symbols.tolist(), strict=True))
    value, before = 0, (-1, 0)
    for row, length, symbol in cells:
        value = value << length - before[1] if row == before[0] else 0
        rows[row][symbol] = format(value, f"0{length}b")
        value, before = value + 1, (row, length)
    return rows


def bits_by_hand(code: ContextCode, symbols: Iterable[int], lane: int) -> list[str]:
    """The bits of each lane: one codeword after the other, each out of the row of the symbol before it."""
    words, contexts = words_in_rows(code), code.contexts.tolist()
    lanes: list[str] = []
    row = 0
    for position, symbol in enumerate(symbols):
        if position % lane == 0:
            row = 0
            lanes.append("")
        lanes[-1] += words[row][symbol]
        row = contexts.index(symbol) + 1 if symbol in contexts else 0
    return lanes


def draw_symbols(random: np.random.Generator, code: ContextCode, count: int, lane: int, flat: bool) -> np.ndarray:
    """Symbols that all have a codeword where they stand: as likely as their codewords are short, or all as likely."""
    starts = code.starts.tolist()
    rows = [code.symbols[a:b] for a, b in itertools.pairwise(starts)]
    shares = [np.ones(b - a) if flat else 0.5 ** code.lengths[a:b] for a, b in itertools.pairwise(starts)]
    limits = [np.cumsum(share / share.sum()) for share in shares]
    row_of, row, symbols = code.row_of.tolist(), 0, []
    for position, number in enumerate(random.random(count).tolist()):
        row = 0 if position % lane == 0 else row
        place = min(int(np.searchsorted(limits[row], number, side="right")), len(rows[row]) - 1)
        symbols.append(int(rows[row][place]))
        row = row_of[symbols[-1]]
    return np.array(symbols, np.uint8 if len(code) <= 256 else np.uint16)
