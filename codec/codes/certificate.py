"""What can be shown of a code: that it is a prefix code, whether it is optimal for p, and the bounds that apply.

R. G. Gallager, Variations on a Theme by Huffman, 1978; C. E. Shannon, A Mathematical Theory of Communication, 1948,
theorem 9; E. S. Schwartz, An Optimum Encoding with Minimum Longest Code and Total Number of Digits, 1964.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from bitarray import bitarray
from numpy.typing import NDArray

from codec.codes.lengths import huffman_lengths
from codec.theory.distribution import Distribution
from codec.theory.information import gallager_bound
from codec.theory.shown import brief, shown, shown_as_html
from codec.theory.weights import as_integers


@dataclass(frozen=True)
class Certificate:
    """A code on a distribution p, in bits per symbol, exact where it can be.

    Attributes
    ----------
    kraft_sum : Fraction
        Of all codewords, the escape's too.
    prefix_free : bool
        Whether no codeword begins with another one: looked up in the codewords, not concluded from the Kraft sum.
    cost, huffman_cost : Fraction, or infinity
        E_p[l] of this code, and the least that any prefix code has: that of the Huffman code for p.
    entropy : float
        H(p).
    redundancy : float
        cost - H(p).
    gallager_bound : float
        The most redundancy of a code that is optimal for p. It says nothing of other codes.
    least_depth : int
        The longest codeword of the Huffman code for p: no optimal code has a shorter one.
    symbols : int
        Labels that occur in p.
    shannon_bound_holds : bool
        Whether H(p) <= cost < H(p) + 1. A single symbol breaks it, and so may a code that is not optimal.
    """

    kraft_sum: Fraction
    prefix_free: bool
    cost: Fraction | float
    huffman_cost: Fraction
    entropy: float
    redundancy: float
    gallager_bound: float
    least_depth: int
    symbols: int
    shannon_bound_holds: bool

    __str__ = shown
    _repr_html_ = shown_as_html

    def __repr__(self) -> str:
        return brief(self, "prefix_free", "optimal", "kraft_sum", "cost", "huffman_cost", "entropy")

    @property
    def optimal(self) -> bool:
        """Whether no prefix code has a lower cost on p."""
        return self.cost <= self.huffman_cost

    @property
    def gallager_applies(self) -> bool:
        """Whether Gallager's bound is one for this code: it is a theorem about optimal codes."""
        return self.optimal


def certify(p: Distribution, costs: NDArray[np.int64], words: Iterable[bitarray], kraft_sum: Fraction) -> Certificate:
    """The certificate of a code on p; `PrefixCode.certificate` is the way to it.

    Parameters
    ----------
    p : Distribution, of n labels
    costs : int64 array, (n,)
        Bits that each label of p costs; 0 for one that cannot be coded.
    words : iterable of bitarray
        All codewords.
    kraft_sum : Fraction

    Examples
    --------
    >>> p = Distribution("abc", [2, 1, 1])
    >>> shown = certify(p, np.array([2, 2, 2]), map(bitarray, ("00", "01", "10")), Fraction(3, 4))
    >>> shown.prefix_free, shown.cost, shown.huffman_cost, shown.optimal
    (True, Fraction(2, 1), Fraction(3, 2), False)
    """
    best = huffman_lengths(p.weights)
    cost, least = _cost(p.weights, costs), _cost(p.weights, best)
    entropy, symbols = p.entropy(), int(np.count_nonzero(p.weights))
    return Certificate(
        kraft_sum=kraft_sum,
        prefix_free=prefix_free(words),
        cost=cost,
        huffman_cost=Fraction(least),
        entropy=entropy,
        redundancy=float(cost) - entropy,
        gallager_bound=gallager_bound(p),
        least_depth=int(best.max()),
        symbols=symbols,
        shannon_bound_holds=_holds_shannon(p, costs, cost),
    )


def _cost(weights: NDArray[Any], costs: NDArray[np.int64]) -> Fraction | float:
    """sum w l / sum w; exact for weights that are floats too."""
    if ((weights != 0) & (costs == 0)).any():
        return math.inf
    exact = as_integers(weights)
    return Fraction(sum(w * l for w, l in zip(exact, costs.tolist(), strict=True)), sum(exact))


def _holds_shannon(p: Distribution, costs: NDArray[np.int64], cost: Fraction | float) -> bool:
    """Whether cost < H(p) + 1; that H(p) <= cost is a theorem about all prefix codes.

    An entropy can be too small for a float. Then the bound is still seen where each codeword is less than a bit
    above log2 1/p.
    """
    if math.isinf(cost):
        return False
    if cost - 1 < p.entropy():
        return True
    exact = as_integers(p.weights)
    total = sum(exact)
    return all(w << (l - 1) < total for w, l in zip(exact, costs.tolist(), strict=True) if w)


def prefix_free(words: Iterable[bitarray]) -> bool:
    """Whether no word begins with another one or equals it.

    In lexicographic order all words that begin with a word follow it directly: neighbours are enough.

    >>> prefix_free(map(bitarray, ("0", "10", "11"))), prefix_free(map(bitarray, ("01", "1", "0")))
    (True, False)
    """
    return not any(after.startswith(word) for word, after in pairwise(sorted(word.to01() for word in words)))
