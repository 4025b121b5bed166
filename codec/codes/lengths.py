"""Weights -> code lengths: Huffman's algorithm, and the best code under a length limit.

D. A. Huffman, A Method for the Construction of Minimum-Redundancy Codes, 1952. Two queues: J. van Leeuwen, On
the Construction of Huffman Trees, 1976. Package-merge: L. L. Larmore, D. S. Hirschberg, A Fast Algorithm for
Optimal Length-Limited Huffman Codes, 1990.

Among the optimal codes the one of least depth and least variance is built: symbols in the order of
(weight, position), leaves before inner nodes of equal weight (E. S. Schwartz, 1964).
"""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from codec.errors import counted

_INT64_MAX = np.iinfo(np.int64).max


def huffman_lengths(weights: NDArray[Any], max_length: int | None = None) -> NDArray[np.int64]:
    """Code lengths of least expected length; of least expected length under the limit, if one is given.

    Parameters
    ----------
    weights : array, (n,)
        Validated weights (see `codec.theory.weights`).
    max_length : int, optional
        No codeword is to be longer, in bits.

    Returns
    -------
    lengths : int64 array, (n,)
        0 for weight 0; 1 for a single symbol.

    Raises
    ------
    ValueError
        If the limit is too short for so many symbols.

    Examples
    --------
    >>> huffman_lengths(np.array([30, 40, 5, 6, 7, 2, 5, 5])).tolist()
    [2, 1, 5, 4, 4, 5, 5, 5]
    >>> huffman_lengths(np.array([1, 1, 2, 3, 5, 8]), max_length=3).tolist()
    [3, 3, 3, 3, 2, 2]
    """
    max_length = None if max_length is None else operator.index(max_length)
    occurring = np.flatnonzero(weights != 0)
    order = occurring[np.argsort(weights[occurring], kind="stable")]
    lengths = np.zeros(len(weights), np.int64)
    lengths[order] = _optimal(weights[order])
    if max_length is not None and lengths.max(initial=0) > max_length:
        if max_length < 1 or len(order) > 1 << max_length:
            raise ValueError(f"{len(order):,} codewords do not fit into {counted(max_length, 'bit')}")
        lengths[order] = _package_merge(weights[order], max_length)
    return lengths


def _optimal(leaves: NDArray[Any]) -> NDArray[np.int64]:
    """Depths of the leaves, given in ascending order of weight."""
    count = len(leaves)
    if count < 2:
        return np.ones(count, np.int64)
    depths = [0] * (2 * count - 1)
    firsts, seconds = _merged(leaves.tolist())
    for step in range(count - 2, -1, -1):  # from the root, the last node made, down
        depths[firsts[step]] = depths[seconds[step]] = depths[count + step] + 1
    return np.array(depths[:count], np.int64)


def _merged(weights: list[Any]) -> tuple[list[int], list[int]]:
    """The two nodes that Huffman's algorithm merges in each step.

    Nodes are numbered in the order of their making: leaves 0..n-1, then inner nodes n..2n-2. Both are in ascending
    order of weight, so that the least stands first in one of two queues.

    Parameters
    ----------
    weights : list
        Of the leaves, in ascending order; those of the inner nodes are added.
    """
    count = len(weights)
    leaf, inner, firsts, seconds = 0, count, [], []
    # First and second are taken alike, and written out: a loop over the two takes half as long again.
    for made in range(count, 2 * count - 1):
        if leaf < count and (inner == made or weights[leaf] <= weights[inner]):
            first = leaf
            leaf += 1
        else:
            first = inner
            inner += 1
        if leaf < count and (inner == made or weights[leaf] <= weights[inner]):
            second = leaf
            leaf += 1
        else:
            second = inner
            inner += 1
        firsts.append(first)
        seconds.append(second)
        weights.append(weights[first] + weights[second])
    return firsts, seconds


class Merge(NamedTuple):
    """A step of Huffman's algorithm: two nodes of least weight become one."""

    nodes: tuple[int, int]
    weights: tuple[Any, Any]


def merges(weights: NDArray[Any]) -> list[Merge]:
    """The steps of Huffman's algorithm, in order.

    Parameters
    ----------
    weights : array, (n,)
        Validated weights (see `codec.theory.weights`); those of 0 take no part.

    Returns
    -------
    list of Merge
        A node below n is the symbol of this number; node n is made in the first step, n + 1 in the second.

    Examples
    --------
    >>> [merge.weights for merge in merges(np.array([30, 40, 5, 6, 7, 2, 5, 5]))]
    [(2, 5), (5, 5), (6, 7), (7, 10), (13, 17), (30, 30), (40, 60)]
    """
    leaves = np.flatnonzero(weights != 0)
    leaves = leaves[np.argsort(weights[leaves], kind="stable")]
    names = [*leaves.tolist(), *range(len(weights), len(weights) + len(leaves))]
    every = weights[leaves].tolist()
    pairs = zip(*_merged(every), strict=True)
    return [Merge((names[first], names[second]), (every[first], every[second])) for first, second in pairs]


def expected_length(weights: NDArray[Any], lengths: NDArray[np.int64]) -> Fraction | float:
    """sum w l / sum w, exact for exact weights; infinite where a weight above 0 has no codeword."""
    if ((weights != 0) & (lengths == 0)).any():
        return float("inf")
    if weights.dtype.kind == "f":
        return float((weights * lengths).sum() / weights.sum())
    pairs = zip(weights.tolist(), lengths.tolist(), strict=True)
    return Fraction(sum(weight * length for weight, length in pairs), sum(weights.tolist()))


def _package_merge(leaves: NDArray[Any], max_length: int) -> NDArray[np.int64]:
    """Optimal lengths of at most `max_length` bits, for leaves in ascending order of weight.

    On every level the list of the level below, paired, is merged with the leaves. The 2n - 2 lightest entries
    of the last list are chosen; a chosen package chooses two entries a level below. A list is ascending, so
    what is chosen of it is a prefix, and it is enough to count the leaves in that prefix.
    """
    count = len(leaves)
    if leaves.dtype != object and leaves.dtype.kind != "f" and int(leaves.sum()) > _INT64_MAX // (2 * max_length):
        leaves = leaves.astype(object)
    is_leaf_lists = []
    entries, is_leaf = leaves, np.ones(count, np.bool_)
    for _ in range(max_length - 1):
        is_leaf_lists.append(is_leaf)
        even = len(entries) & ~1
        packages = entries[0:even:2] + entries[1:even:2]
        together = np.concatenate([leaves, packages])
        order = np.argsort(together, kind="stable")  # leaves before packages of equal weight
        entries, is_leaf = together[order], order < count
    is_leaf_lists.append(is_leaf)
    lengths = np.zeros(count, np.int64)
    chosen = 2 * count - 2
    for is_leaf in reversed(is_leaf_lists):
        leaf_count = int(np.count_nonzero(is_leaf[:chosen]))
        lengths[:leaf_count] += 1
        chosen = 2 * (chosen - leaf_count)
    return lengths
