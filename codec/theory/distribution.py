"""A distribution: an alphabet and the weights of its labels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from codec.theory import information
from codec.theory.alphabet import MAX_SYMBOLS, find, first_duplicate, tally
from codec.theory.labels import Labels, int_array, labels_of
from codec.theory.weights import exact_weights


@dataclass(frozen=True, eq=False, init=False)
class Distribution:
    """Labels and their weights, in an order that is kept: it is the alphabet, and it breaks ties.

    Parameters
    ----------
    labels : iterable of ints, floats, strings or bytes, (n,)
        Distinct, all of one kind.
    weights : array_like, (n,)
        Finite, at least 0, not all 0; of any sum. Integers and decimals are kept exactly
        (0.30 and 0.40 as 3 and 4).

    Attributes
    ----------
    labels : Labels
        A sequence of the labels.
    weights : int64 array, (n,)
        Python ints in an object array if they are too large, floats if they are too many to be exact.
    probabilities : float64 array, (n,)
    given_sum : float
        What the weights as given sum to; infinite if no float is so large.

    Raises
    ------
    ValueError, TypeError
        For weights that are none, duplicate labels, labels of several kinds.

    Examples
    --------
    >>> p = Distribution([100, 105, 110], [0.5, 0.25, 0.25])
    >>> p.weights.tolist(), p.entropy()
    ([2, 1, 1], 1.5)
    >>> Distribution([100, 105, 100], [1, 1, 1])
    Traceback (most recent call last):
    ValueError: label 100 stands twice in the distribution, the second time at position 2
    """

    labels: Labels
    weights: NDArray[Any]
    given_sum: float

    def __init__(self, labels: Iterable[Any], weights: ArrayLike) -> None:
        alphabet = labels_of(labels)
        object.__setattr__(self, "labels", alphabet)
        object.__setattr__(self, "weights", exact_weights(weights, alphabet))
        object.__setattr__(self, "given_sum", _sum_as_given(weights))
        duplicate = first_duplicate(alphabet)
        if duplicate is not None:
            raise ValueError(
                f"label {alphabet[duplicate]!r} stands twice in the distribution, "
                f"the second time at position {duplicate}"
            )

    @classmethod
    def from_stream(cls, stream: Any) -> Distribution:
        """The empirical distribution of a stream, labels sorted.

        >>> list(Distribution.from_stream("abracadabra").labels)
        ['a', 'b', 'c', 'd', 'r']
        """
        labels, counts = tally(labels_of(stream))
        if not len(labels):
            raise ValueError("an empty stream has no distribution")
        return cls(labels, counts)

    @classmethod
    def from_counts(cls, counts: Mapping[Any, Any]) -> Distribution:
        """From a mapping label -> weight; labels sorted, so that the order of a dict never matters.

        >>> Distribution.from_counts({"b": 1, "a": 2}).weights.tolist()
        [2, 1]
        """
        labels = labels_of(list(counts))
        weights = list(counts.values())
        distinct, _ = tally(labels)
        if len(distinct) < len(labels):  # two NaNs are two keys and one label
            raise ValueError(f"label {labels[first_duplicate(labels)]!r} stands twice among the counts")
        symbols, _ = find(labels, distinct)
        return cls(distinct, [weights[symbol] for symbol in symbols.tolist()])

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        shown = ", ".join(f"{label!r}: {p:.4g}" for label, p in zip(self.labels[:8], self.probabilities, strict=False))
        return f"Distribution({{{shown}{', ...' if len(self) > 8 else ''}}}, {len(self)} labels)"

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """The weights divided by their sum, float64, (n,)."""
        if self.weights.dtype == object:
            total = sum(self.weights.tolist())
            probabilities = np.array([weight / total for weight in self.weights.tolist()])
        else:
            probabilities = self.weights / self.weights.sum()
        probabilities.flags.writeable = False
        return probabilities

    def entropy(self) -> float:
        """H(p) in bits per symbol."""
        return information.entropy(self)

    def aligned(self, q: Distribution) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Probabilities of both over this distribution's labels; labels of q alone are left out.

        >>> p, q = Distribution("ab", [1, 1]), Distribution("bc", [1, 3])
        >>> [x.tolist() for x in p.aligned(q)]
        [[0.5, 0.5], [0.0, 0.25]]
        """
        return self.probabilities, q.lookup(self.labels, q.probabilities, 0.0)

    def lookup(self, labels: Labels, values: NDArray[Any], absent: Any, spelled: bool = False) -> NDArray[Any]:
        """`values` (one for each label of this distribution) at other labels, `absent` where there is none."""
        return align(self.labels, labels, values, absent, spelled)

    def sample(self, n: int, seed: int | None = None) -> NDArray[Any]:
        """n independent draws, as an array of labels, shape (n,).

        The same seed gives the same draws on every machine and version of NumPy (PCG64, inverse
        of the cumulative distribution).

        >>> Distribution([100, 105], [1, 3]).sample(5, seed=1).tolist()
        [105, 105, 100, 105, 105]
        """
        return array_of(self.labels.take(self.sample_symbols(n, np.random.Generator(np.random.PCG64(seed)))))

    def sample_symbols(self, n: int, random: np.random.Generator) -> NDArray[np.intp]:
        """n independent draws as symbols, from a generator that goes on."""
        if n < 0:
            raise ValueError(f"cannot draw {n} readings")
        occurs = np.flatnonzero(self.weights > 0)
        cumulative = np.cumsum(self.probabilities[occurs])
        rank = np.searchsorted(cumulative[:-1], random.random(n), side="right")
        return np.asarray(occurs[rank])

    def smoothed(self, alpha: float | Fraction, fill: bool = False) -> Distribution:
        """The same with alpha added to each weight, so that no label of the alphabet is impossible.

        With `fill`, an alphabet of ints gets all between the least and the greatest (on its grid) as labels.

        >>> smooth = Distribution([3, 5], [2, 1]).smoothed(0.5, fill=True)
        >>> list(smooth.labels), smooth.weights.tolist()
        ([3, 4, 5], [5, 1, 3])
        """
        labels, weights = self.labels, self.weights
        if fill and labels.kind == "int":
            low, high = int(labels.values.min()), int(labels.values.max())
            if high - low >= MAX_SYMBOLS:
                raise ValueError(f"from {low} to {high} there are more than {MAX_SYMBOLS:,} labels: too many to smooth")
            labels = Labels("int", int_array(range(low, high + 1)), labels.step)
            weights = self.lookup(labels, self.weights, 0)
        return Distribution(labels, [weight + Fraction(str(alpha)) for weight in weights.tolist()])

    def extension(self, k: int) -> Distribution:
        """The distribution of blocks of k independent symbols, labels are tuples, in lexicographic order.

        >>> pairs = Distribution("ab", [9, 1]).extension(2)
        >>> list(pairs.labels), pairs.weights.tolist()
        ([('a', 'a'), ('a', 'b'), ('b', 'a'), ('b', 'b')], [81, 9, 9, 1])
        """
        if k < 1:
            raise ValueError(f"blocks have at least one symbol, not {k}")
        size = len(self) ** k
        if size > 1 << 24:
            raise ValueError(f"{len(self)} labels in blocks of {k} are {size:,} tuples: too many to list")
        weights: list[Any] = [1]
        for _ in range(k):
            weights = [left * right for left in weights for right in self.weights.tolist()]
        numbers = np.arange(size)[:, None] // len(self) ** np.arange(k - 1, -1, -1) % len(self)
        return Distribution(Labels("tuple", numbers.astype(np.uint32), base=self.labels), weights)


def _sum_as_given(weights: ArrayLike) -> float:
    try:
        return math.fsum(float(weight) for weight in np.asarray(weights).tolist())
    except OverflowError:
        return math.inf


def align(alphabet: Labels, labels: Labels, values: NDArray[Any], absent: Any, spelled: bool = False) -> NDArray[Any]:
    """`values`, one for each label of `alphabet`, at other `labels`; `absent` where the alphabet lacks one.

    `spelled` is whether the labels were read from text, and so match those whose spelling they equal.

    >>> align(labels_of("ab"), labels_of("ba?"), np.array([1, 2]), 0).tolist()
    [2, 1, 0]
    """
    symbols, unknown = find(alphabet, labels, spelled)
    if unknown is None:
        return np.asarray(values[symbols])
    result = np.full(len(labels), absent, values.dtype)
    result[~unknown] = values[symbols[~unknown]]
    return result


def array_of(labels: Labels) -> NDArray[Any]:
    """Labels as the array a user would have made of them: ints, float64, or objects."""
    if labels.kind == "int" and labels.step == "1":
        return labels.values.copy()
    if labels.kind == "float" or labels.kind == "int":
        return np.array(list(labels), np.float64)
    values = np.empty(len(labels), object)
    values[:] = list(labels)
    return values
