"""Other ways from weights to code lengths, to stand beside Huffman's: each a function weights -> lengths.

    fixed               the same length for every label that occurs
    shannon             l = ceil(log2 1/p): H(p) + D(p||q) <= E_p[l] < H(p) + D(p||q) + 1 for the code of any q of two
                        labels or more, which no Huffman code promises
    fano                halves of weights as equal as possible, halved again
    shannon-fano-elias  l = ceil(log2 1/p) + 1, enough to read codewords off the cumulative distribution unsorted

Each gives a prefix code, seldom a complete one, and none is better than Huffman's. Everything is decided in integers.

C. E. Shannon, A Mathematical Theory of Communication, 1948, section 9; R. M. Fano, The Transmission of Information,
1949; T. M. Cover, J. A. Thomas, Elements of Information Theory, section 5.9.
"""

from __future__ import annotations

import operator
from bisect import bisect_left
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.prefix import PrefixCode, huffman
from codec.errors import counted
from codec.theory.distribution import Distribution, as_distribution
from codec.theory.weights import as_integers

_POWERS = np.int64(1) << np.arange(63)


def fixed_lengths(weights: NDArray[Any]) -> NDArray[np.int64]:
    """As many bits for each label that occurs as number them all, at least 1.

    Parameters
    ----------
    weights : array, (n,)
        Validated weights (see `codec.theory.weights`).

    Returns
    -------
    lengths : int64 array, (n,)
        In bits; 0 for weight 0.

    Examples
    --------
    >>> fixed_lengths(np.array([5, 0, 1, 1, 1, 1])).tolist(), fixed_lengths(np.array([0, 7])).tolist()
    ([3, 0, 3, 3, 3, 3], [0, 1])
    """
    occurs = weights != 0
    width = max(1, (int(np.count_nonzero(occurs)) - 1).bit_length())
    return np.where(occurs, np.int64(width), np.int64(0))


def shannon_lengths(weights: NDArray[Any]) -> NDArray[np.int64]:
    """The smallest l of at least 1 with w 2^l >= W, the sum of the weights: ceil(log2 1/p) in integers.

    Parameters and returns as for `fixed_lengths`. Shannon, 1948, section 9.

    Examples
    --------
    >>> shannon_lengths(np.array([2, 1, 1])).tolist(), shannon_lengths(np.array([15, 7, 6, 6, 5])).tolist()
    ([1, 2, 2], [2, 3, 3, 3, 3])
    """
    return np.where(weights != 0, np.maximum(_information(weights), 1), 0)


def shannon_fano_elias_lengths(weights: NDArray[Any]) -> NDArray[np.int64]:
    """One bit more than ceil(log2 1/p): enough bits of F(x) + p(x)/2 to separate x from its neighbours.

    Parameters and returns as for `fixed_lengths`. Cover and Thomas, section 5.9.

    Examples
    --------
    >>> shannon_fano_elias_lengths(np.array([2, 4, 1, 1])).tolist()
    [3, 2, 4, 4]
    """
    return np.where(weights != 0, _information(weights) + 1, 0)


def _information(weights: NDArray[Any]) -> NDArray[np.int64]:
    """ceil(log2 W/w), exactly; 0 for weight 0.

    w shifted to as many digits as W has is either W at least, or one shift short of it.
    """
    occurs = np.flatnonzero(weights)
    result = np.zeros(len(weights), np.int64)
    if weights.dtype.kind == "i":
        here, total = weights[occurs], weights.sum()  # validated: the sum fits
        digits = np.searchsorted(_POWERS, here, side="right")
        shifts = int(total).bit_length() - digits
        result[occurs] = shifts + ((here << shifts) < total)
        return result
    exact = as_integers(weights)
    whole = sum(exact)
    for i in occurs.tolist():
        shift = whole.bit_length() - exact[i].bit_length()
        result[i] = shift + (exact[i] << shift < whole)
    return result


def fano_lengths(weights: NDArray[Any]) -> NDArray[np.int64]:
    """Split the labels, in the order of decreasing weight, into two halves of sums as equal as can be; and again.

    Equal weights stand in the order of the alphabet; of two equally good places to split the first is taken.
    Parameters and returns as for `fixed_lengths`. Fano, 1949.

    Examples
    --------
    >>> fano_lengths(np.array([15, 7, 6, 6, 5])).tolist(), fano_lengths(np.array([6, 5, 15, 0, 6, 7])).tolist()
    ([2, 2, 2, 3, 3], [2, 3, 2, 0, 3, 2])
    """
    exact = as_integers(weights)
    order = sorted(np.flatnonzero(weights).tolist(), key=lambda i: -exact[i])
    below = list(accumulate((exact[i] for i in order), initial=0))  # strictly ascending
    lengths = np.zeros(len(weights), np.int64)
    parts = [(0, len(order), 0)]
    while parts:
        start, stop, depth = parts.pop()
        if stop - start == 1:
            lengths[order[start]] = max(depth, 1)
            continue
        # The sums are nearest to each other at the last place before the middle, or at the first one behind it.
        ends = below[start] + below[stop]
        middle = bisect_left(below, -(-ends // 2), start + 1, stop - 1)
        if middle > start + 1 and ends - 2 * below[middle - 1] <= abs(2 * below[middle] - ends):
            middle -= 1
        parts += (start, middle, depth + 1), (middle, stop, depth + 1)
    return lengths


_LENGTHS: dict[str, Callable[[NDArray[Any]], NDArray[np.int64]]] = {
    "fixed": fixed_lengths,
    "shannon": shannon_lengths,
    "fano": fano_lengths,
    "shannon-fano-elias": shannon_fano_elias_lengths,
}
NAMES: tuple[str, ...] = ("huffman", *_LENGTHS)


def construct(name: str, p: Distribution, max_length: int | None = None) -> PrefixCode:
    """The code for p by a construction, one of NAMES: its lengths, and the canonical codewords of these lengths.

    Parameters
    ----------
    name : str
    p : Distribution, a mapping label -> weight, or a list of weights
    max_length : int, optional
        No codeword longer than this, in bits. Only Huffman's construction can obey; another is refused if its
        codewords happen to be longer.

    Raises
    ------
    ValueError
        For an unknown name, or a limit that the code does not keep.

    Examples
    --------
    >>> p = Distribution("abcde", [15, 7, 6, 6, 5])
    >>> {name: int(39 * construct(name, p).expected_length(p)) for name in NAMES}
    {'huffman': 87, 'fixed': 117, 'shannon': 102, 'fano': 89, 'shannon-fano-elias': 141}
    >>> construct("shannon", p).kraft_sum()
    Fraction(3, 4)
    """
    if name not in NAMES:
        raise ValueError(f"no construction is called {name!r}; there are {', '.join(NAMES)}")
    if name == "huffman":
        return huffman(p, max_length)
    p = as_distribution(p)
    lengths, max_length = _LENGTHS[name](p.weights), None if max_length is None else operator.index(max_length)
    if max_length is not None and lengths.max() > max_length:
        raise ValueError(
            f"the {name} code has codewords of up to {counted(int(lengths.max()), 'bit')}, "
            f"and the limit is {max_length}: only Huffman's construction can keep to one"
        )
    return PrefixCode(p.labels, lengths, p.weights)
