"""How many tables an array wants: one for all chunks, a table each, or some, each shared by chunks that are alike.

Chunks are put into groups as k-means does it, with code lengths for distances: each chunk goes to the group whose
Huffman code, of its readings and a hundredth of all, codes it in fewest bits; then the codes are made anew. A further
group begins with the chunk that gains most by a table of its own. That finds good groups, not certainly the best.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codec.codes.lengths import huffman_lengths
from codec.codes.prefix import huffman
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.readings.stream import Tally
from codec.theory.alphabet import find
from codec.theory.distribution import Distribution

TRIED = (1, 2, 3, 4, 6, 8)  # tables
_ROUNDS = 5


@dataclass(frozen=True)
class Tables:
    """What so many tables cost.

    Attributes
    ----------
    tables : int
    payload_bits, table_bits, naming_bits : int
        Of all readings, of the tables, and of the number that each chunk has to tell of its table.
    groups : tuple of int
        Which table each chunk has, numbered from 0.
    """

    tables: int
    payload_bits: int
    table_bits: int
    naming_bits: int
    groups: tuple[int, ...]

    @property
    def bits(self) -> int:
        """All of it."""
        return self.payload_bits + self.table_bits + self.naming_bits


def tables_tried(p: Distribution, tallies: Sequence[Tally], own_bits: NDArray[np.int64]) -> Iterator[Tables]:
    """What 1, 2, ... tables cost, each learned from the chunks that share it.

    Parameters
    ----------
    p : Distribution
        Of all chunks.
    tallies : sequence of (Labels, int64 array)
        Of each chunk.
    own_bits : int64 array, (chunks,)
        Of each chunk under its own Huffman code, this code's table included.

    Examples
    --------
    >>> from codec.theory.labels import labels_of
    >>> chunks = [(labels_of("abc"), np.array(counts)) for counts in ([90, 5, 5], [5, 5, 90], [80, 10, 10])]
    >>> p = Distribution("abc", [175, 20, 105])
    >>> [(each.groups, each.payload_bits) for each in tables_tried(p, chunks, np.array([110, 110, 120]))]
    [((0, 0, 0), 425), ((0, 1, 0), 340)]
    """
    sizes = [len(labels) for labels, _ in tallies]
    starts = np.cumsum([0, *sizes[:-1]])
    symbols = np.concatenate([find(p.labels, labels, spelled=True)[0] for labels, _ in tallies]).astype(np.int64)
    counts, chunk = np.concatenate([counts for _, counts in tallies]), np.repeat(np.arange(len(sizes)), sizes)
    groups = np.zeros(len(sizes), np.int64)

    def weights_of(groups: NDArray[np.int64], k: int) -> NDArray[np.int64]:
        weights = np.zeros((k, len(p)), np.int64)
        np.add.at(weights, (groups[chunk], symbols), counts)
        return weights

    for k in range(1, min(max(TRIED), len(sizes) - 1) + 1):
        for _ in range(_ROUNDS):
            weights = weights_of(groups, k)
            lengths = np.stack([huffman_lengths(_covering(row, p), MAX_CODE_LENGTH) for row in weights])
            bits = np.stack([np.add.reduceat(counts * row[symbols], starts) for row in lengths])
            nearest = bits.argmin(axis=0)
            if (nearest == groups).all():
                break
            groups = nearest
        if len(np.unique(groups)) < k:
            return  # no chunk is coded better by a table more
        if k in TRIED:
            yield _cost(p, groups, weights_of(groups, k))
        groups = groups.copy()
        groups[(bits.min(axis=0) - own_bits).argmax()] = k


def _covering(row: NDArray[np.int64], p: Distribution) -> NDArray[np.int64]:
    """The weights of a group, and a hundredth of those of all beside them, at least a hundredth of a reading each."""
    return np.asarray(100 * row + np.ceil(p.probabilities * row.sum()).astype(np.int64))


def _cost(p: Distribution, groups: NDArray[np.int64], weights: NDArray[np.int64]) -> Tables:
    payload = table = 0
    for row in weights:
        code = huffman(Distribution(p.labels.take(np.flatnonzero(row)), row[row > 0]), MAX_CODE_LENGTH)
        payload += int(row[row > 0] @ code.lengths)
        table += 8 * len(code.serialized)
    naming = len(groups) * (len(weights) - 1).bit_length()
    return Tables(len(weights), payload, table, naming, tuple(groups.tolist()))
