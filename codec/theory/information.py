"""Entropy, cross entropy, relative entropy, and mutual information: arrays in, bits per symbol out.

The true p comes before the believed q, and 0 log 0 = 0. Weights need not be normalised. Where q is 0 and p is
not, cross entropy and relative entropy are infinite.

C. E. Shannon, A Mathematical Theory of Communication, 1948; S. Kullback, R. A. Leibler, On Information
and Sufficiency, 1951.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray


@runtime_checkable
class HasProbabilities(Protocol):
    """A distribution with labels, which can be aligned with another."""

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Normalised weights."""

    @classmethod
    def from_counts(cls, counts: Mapping[Any, Any]) -> Any:
        """Made of a mapping label -> weight."""

    def aligned(self, other: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Probabilities of both, label by label."""


Weights = ArrayLike | HasProbabilities | Mapping[Any, Any]


def normalised(weights: ArrayLike) -> NDArray[np.float64]:
    """Probabilities in the proportion of the weights, shape unchanged.

    Raises
    ------
    ValueError
        If a weight is NaN, infinite or negative, or if they are all zero.

    Examples
    --------
    >>> normalised([3, 1]).tolist()
    [0.75, 0.25]
    """
    array = _floats(weights)
    bad = ~(np.isfinite(array) & (array >= 0))
    if bad.any():
        position = int(bad.reshape(-1).argmax())
        raise ValueError(f"weight {position} is {array.reshape(-1)[position]}: weights are finite numbers, at least 0")
    largest = array.max(initial=0.0)
    if not largest > 0:
        raise ValueError("all weights are zero: at least one symbol must be able to occur")
    scaled = array / largest  # so that a sum of huge weights does not overflow
    return np.asarray(scaled / scaled.sum())


def _floats(weights: Any) -> NDArray[np.float64]:
    """Weights as floats; ints beyond the floats are scaled down first, which changes no proportion."""
    array = np.asarray(weights)
    if array.dtype.kind not in "biufO" or weights is None:
        raise TypeError(f"weights are a list or an array of real numbers, not {type(weights).__name__} ({array.dtype})")
    try:
        return array.astype(np.float64)
    except OverflowError:
        flat = [Fraction(w) for w in array.reshape(-1).tolist()]
        largest = max(map(abs, flat))
        return np.array([float(w / largest) for w in flat]).reshape(array.shape)


def _aligned_series(p: Any, q: Any) -> tuple[Any, Any]:
    """Two pandas Series over the union of their indexes, 0 where one lacks a label; others as they are."""
    if not all(hasattr(x, "index") and hasattr(x, "reindex") for x in (p, q)) or p.index.equals(q.index):
        return p, q
    if not (p.index.is_unique and q.index.is_unique):
        raise ValueError("two Series are matched by their indexes, and a label stands twice in one of them")
    every = p.index.union(q.index)
    return p.reindex(every, fill_value=0), q.reindex(every, fill_value=0)


def _by_label(p: Any, q: Any) -> tuple[Any, Any]:
    """Mappings label -> weight in a form in which they can be aligned; others as they are."""
    if isinstance(p, Mapping) and isinstance(q, Mapping):
        every = {**p, **q}
        return [p.get(label, 0) for label in every], [q.get(label, 0) for label in every]
    if isinstance(p, Mapping) and isinstance(q, HasProbabilities):
        return type(q).from_counts(p), q
    if isinstance(q, Mapping) and isinstance(p, HasProbabilities):
        return p, type(p).from_counts(q)
    return p, q


def _probabilities(p: Weights) -> NDArray[np.float64]:
    p = list(p.values()) if isinstance(p, Mapping) else p
    return p.probabilities if isinstance(p, HasProbabilities) else normalised(p)


def _pair(p: Weights, q: Weights) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    p, q = _by_label(p, q)
    if isinstance(p, HasProbabilities) and isinstance(q, HasProbabilities):
        return p.aligned(q)
    if isinstance(p, HasProbabilities) or isinstance(q, HasProbabilities):
        raise TypeError("p and q must be two arrays, or two Distributions")
    p_array, q_array = map(normalised, _aligned_series(p, q))
    if p_array.shape != q_array.shape:
        raise ValueError(f"p has the shape {p_array.shape} and q {q_array.shape}: one weight each for every symbol")
    return p_array, q_array


def entropy(p: Weights) -> float:
    """H(p) = -sum p log2 p, in bits per symbol.

    Examples
    --------
    >>> entropy([0.5, 0.25, 0.25]), round(entropy([0.30, 0.40, 0.05, 0.06, 0.07, 0.02, 0.05, 0.05]), 4)
    (1.5, 2.3231)
    """
    probabilities = _probabilities(p)
    positive = probabilities[probabilities > 0]
    return float(-(positive * np.log2(positive)).sum()) + 0.0  # + 0.0: never -0.0


def cross_entropy(p: Weights, q: Weights) -> float:
    """H(p, q) = -sum p log2 q, in bits per symbol: infinite where q = 0 < p.

    Examples
    --------
    >>> cross_entropy([1, 1], [1, 3]) > entropy([1, 1]), cross_entropy([1, 1], [1, 0])
    (True, inf)
    """
    p_array, q_array = _pair(p, q)
    occurs = p_array > 0
    if (q_array[occurs] == 0).any():
        return float("inf")
    return float(-(p_array[occurs] * np.log2(q_array[occurs])).sum()) + 0.0


def relative_entropy(p: Weights, q: Weights) -> float:
    """D(p||q) = sum p log2(p / q), the KL divergence, in bits per symbol: infinite where q = 0 < p.

    Examples
    --------
    >>> relative_entropy([0.5, 0.5], [0.5, 0.5]), relative_entropy([0.5, 0.25, 0.25], [0.25, 0.5, 0.25])
    (0.0, 0.25)
    >>> relative_entropy({"a": 0.5, "b": 0.5}, {"b": 0.5, "a": 0.5})
    0.0
    """
    return divergence(*_pair(p, q))


def divergence(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    """D(p||q) of probabilities that are normalised already; those of q may sum to less than 1.

    >>> divergence(np.array([1.0]), np.array([0.25]))
    2.0
    """
    occurs = p > 0
    if (q[occurs] == 0).any():
        return float("inf")
    p, q = p[occurs], q[occurs]
    with np.errstate(over="ignore"):
        ratios = p / q
    # Where q is so small that the ratio overflows, its logarithm does not.
    logarithms = np.where(np.isinf(ratios), np.log2(p) - np.log2(q), np.log2(ratios))
    return max(0.0, float((p * logarithms).sum()))  # >= 0 by Gibbs' inequality; rounding may give -1e-17


def conditional_entropy(joint: ArrayLike) -> float:
    """H(next | before) = -sum p(before, next) log2 p(next | before), in bits per symbol.

    C. E. Shannon, 1948, section 6.

    Parameters
    ----------
    joint : array_like, (m, n)
        Weights of pairs: a row for what came before, a column for what is next.

    Raises
    ------
    ValueError
        Unless there are two dimensions; if a weight is NaN, infinite or negative, or if they are all zero.

    Examples
    --------
    >>> conditional_entropy([[2, 2], [4, 0]])
    0.5
    """
    pairs = _pairs(joint)
    occurs = pairs > 0
    before = np.broadcast_to(pairs.sum(axis=1, keepdims=True), pairs.shape)[occurs]
    # A pair is at most its row's sum, also when rounded: no term is negative, and none overflows.
    return float(-(pairs[occurs] * np.log2(pairs[occurs] / before)).sum()) + 0.0


def mutual_information(joint: ArrayLike) -> float:
    """I(before; next) = H(next) - H(next | before), in bits per symbol; 0 if the two are independent.

    It is D(pairs || product of their marginals), and the same if the table is transposed. C. E. Shannon, 1948,
    section 12, where it is the rate of transmission. Parameters and errors as for `conditional_entropy`.

    Examples
    --------
    >>> mutual_information([[1, 0], [0, 1]]), mutual_information([[1, 1], [1, 1]])
    (1.0, 0.0)
    """
    pairs = _pairs(joint)
    return max(0.0, entropy(pairs.sum(axis=0)) - conditional_entropy(pairs))  # rounding may give -1e-17


def _pairs(joint: ArrayLike) -> NDArray[np.float64]:
    pairs = normalised(joint)
    if pairs.ndim != 2:
        raise ValueError(f"the weights of pairs have the shape {pairs.shape}: a row each for what came before")
    return pairs


def gallager_bound(p: Weights) -> float:
    """The most redundancy that a Huffman code for p can have, in bits per symbol.

    p1 + 0.0860713 for the largest probability p1; 2 - h(p1) - p1 from p1 = 1/2 on, with h the binary entropy.
    R. G. Gallager, Variations on a Theme by Huffman, 1978.

    Examples
    --------
    >>> gallager_bound([1]), round(gallager_bound([0.4, 0.3, 0.3]), 4)
    (1.0, 0.4861)
    """
    largest = float(_probabilities(p).max())
    return largest + 0.0860713 if largest < 0.5 else 2 - entropy([largest, 1 - largest]) - largest
