"""A distribution: an alphabet and the weights of its labels."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from codec.errors import counted
from codec.theory import information
from codec.theory.alphabet import find, first_duplicate, match, tally
from codec.theory.filling import fill as filled_alphabet
from codec.theory.floats import decimals_shown, step_of, units_of
from codec.theory.foreign import array_of, in_chunks
from codec.theory.labels import Labels, frozen, labels_of, restore_read_only
from codec.theory.shown import shown, shown_as_html
from codec.theory.tuples import MAX_READINGS_PER_CODEWORD
from codec.theory.weights import as_integers, exact_weights


@dataclass(frozen=True, eq=False, init=False)
class Distribution:
    """Labels and their weights, in an order that is kept: it is the alphabet, and it breaks ties.

    Parameters
    ----------
    labels : iterable of ints, floats, strings or bytes, (n,)
        Distinct, all of one kind. Or, without weights, a mapping label -> weight, as for `from_counts`.
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
        The sum of the weights as given; infinite beyond the floats.

    Raises
    ------
    ValueError, TypeError
        For invalid weights, duplicate labels, or labels of several kinds.

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

    def __init__(self, labels: Iterable[Any], weights: ArrayLike | None = None) -> None:
        if weights is None:
            labels, weights = _sorted_counts(labels)
        alphabet = labels_of(labels).owned()
        object.__setattr__(self, "labels", alphabet)
        object.__setattr__(self, "weights", frozen(exact_weights(weights, alphabet)))
        object.__setattr__(self, "given_sum", _sum_as_given(weights))
        duplicate = first_duplicate(alphabet)
        if duplicate is not None:
            twice = f"label {alphabet[duplicate]!r} stands twice in the distribution"
            raise ValueError(f"{twice}, the second time at position {duplicate}")

    @classmethod
    def from_stream(cls, stream: Any, decimals: bool = True) -> Distribution:
        """The empirical distribution of a stream, labels sorted; an array in chunks is counted over Dask.

        The labels of an array of floats are the decimals that they show, if these give back each of them bit for bit;
        with ``decimals=False``, or if there are NaN or -0.0 among them, the floats themselves.

        >>> list(Distribution.from_stream("abracadabra").labels)
        ['a', 'b', 'c', 'd', 'r']
        """
        if in_chunks(stream):
            from codec.arrays.counts import distribution_of

            if not decimals:
                raise ValueError("decimals=False is for an array in memory; one in chunks gives the decimals it shows")
            return distribution_of(stream)
        labels = labels_of(stream)
        if decimals and labels.kind == "float":
            labels = _in_decimals(labels, array_of(stream))
        labels, counts = tally(labels)
        if not len(labels):
            raise ValueError("an empty stream has no distribution")
        return cls(labels, counts)

    @classmethod
    def from_counts(cls, counts: Mapping[Any, Any]) -> Distribution:
        """From a mapping label -> weight, or a Series from `value_counts`; labels sorted: a dict's order never matters.

        >>> Distribution.from_counts({"b": 1, "a": 2}).weights.tolist()
        [2, 1]
        """
        return cls(*_sorted_counts(counts))

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def _identity(self) -> tuple[Any, ...]:
        weights = as_integers(self.weights)
        common = math.gcd(*weights)
        return self.labels.identity, tuple(weight // common for weight in weights)

    def __eq__(self, other: object) -> bool:
        return self._identity == other._identity if isinstance(other, Distribution) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._identity)

    def __setstate__(self, state: dict[str, Any]) -> None:
        restore_read_only(self, state)

    __str__ = shown
    _repr_html_ = shown_as_html

    def __repr__(self) -> str:
        shown = ", ".join(f"{label!r}: {p:.4g}" for label, p in zip(self.labels[:8], self.probabilities, strict=False))
        return f"Distribution({{{shown}{', ...' if len(self) > 8 else ''}}}, {counted(len(self), 'label')})"

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """The weights divided by their sum, float64, (n,)."""
        probabilities = np.asarray(self.weights / self.weights.sum()).astype(np.float64)
        probabilities.flags.writeable = False
        return probabilities

    def entropy(self) -> float:
        """H(p) in bits per symbol."""
        return information.entropy(self)

    def aligned(self, q: Distribution) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Probabilities of both over this distribution's labels; labels of q alone are left out.

        Numbers match by value, whatever their kind. ValueError if the labels are of kinds that cannot be matched.

        >>> p, q = Distribution("ab", [1, 1]), Distribution("bc", [1, 3])
        >>> [x.tolist() for x in p.aligned(q)]
        [[0.5, 0.5], [0.0, 0.25]]
        """
        return self.probabilities, matched(q.labels, self, q.probabilities, 0.0)

    def lookup(self, labels: Labels, values: NDArray[Any], absent: Any, spelled: bool = False) -> NDArray[Any]:
        """`values` (one for each label of this distribution) at other labels; `absent` for those that it lacks."""
        return align(self.labels, labels, values, absent, spelled)

    def sample(self, n: int, seed: int | None = None) -> Any:
        """n independent draws, as an array of labels, shape (n,); as `Labels` if they have a step or are tuples.

        The same seed gives the same draws on every machine and version of NumPy: those of PCG64, looked up in the
        cumulative distribution.

        >>> Distribution([100, 105], [1, 3]).sample(5, seed=1).tolist()
        [105, 105, 100, 105, 105]
        """
        seed = None if seed is None else operator.index(seed)
        return draws_of(self.labels, self.sample_symbols(n, np.random.Generator(np.random.PCG64(seed))))

    def sample_symbols(self, n: int, random: np.random.Generator) -> NDArray[np.intp]:
        """n independent draws as symbols; the generator moves on."""
        n = operator.index(n)
        if n < 0:
            raise ValueError(f"cannot draw {n} readings")
        occurs = np.flatnonzero(self.weights > 0)
        cumulative = np.cumsum(self.probabilities[occurs])
        rank = np.searchsorted(cumulative[:-1], random.random(n), side="right")
        return np.asarray(occurs[rank])

    def smoothed(self, alpha: float | Fraction, fill: bool = False) -> Distribution:
        """The same with alpha added to each weight, so that no label has probability 0.

        With `fill`, the numbers between the least and the greatest become labels too: see `codec.theory.filling.fill`.

        >>> smooth = Distribution([3, 5], [2, 1]).smoothed(0.5, fill=True)
        >>> list(smooth.labels), smooth.weights.tolist()
        ([3, 4, 5], [5, 1, 3])
        """
        labels, weights = self.labels, self.weights
        if fill:
            labels, _ = filled_alphabet(labels)
            weights = self.lookup(labels, self.weights, 0)
        return Distribution(labels, [weight + Fraction(str(alpha)) for weight in weights.tolist()])

    def extension(self, k: int) -> Distribution:
        """The distribution of k independent symbols: its labels are tuples, in lexicographic order.

        >>> pairs = Distribution("ab", [9, 1]).extension(2)
        >>> list(pairs.labels), pairs.weights.tolist()
        ([('a', 'a'), ('a', 'b'), ('b', 'a'), ('b', 'b')], [81, 9, 9, 1])
        """
        k = operator.index(k)
        if not 1 <= k <= MAX_READINGS_PER_CODEWORD:
            bound = "least one symbol" if k < 1 else f"most {MAX_READINGS_PER_CODEWORD} symbols"
            raise ValueError(f"blocks have at {bound}, not {k}")
        size = len(self) ** k
        if size > 1 << 24:
            raise ValueError(f"{counted(len(self), 'label')} in blocks of {k} are {size:,} tuples: too many to list")
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
    return _values_at(*find(alphabet, labels, spelled), values, absent)


def matched(alphabet: Labels, p: Distribution, values: NDArray[Any], absent: Any) -> NDArray[Any]:
    """As `align` at the labels of p, also between kinds: see `codec.theory.alphabet.match`."""
    return _values_at(*match(alphabet, p.labels, p.weights != 0), values, absent)


def _values_at(
    symbols: NDArray[Any], unknown: NDArray[np.bool_] | None, values: NDArray[Any], absent: Any
) -> NDArray[Any]:
    found = values.take(symbols, mode="clip") if len(values) else np.full(len(symbols), absent, values.dtype)
    return found if unknown is None else np.where(unknown, np.array(absent, values.dtype), found)


def draws_of(labels: Labels, symbols: NDArray[Any]) -> Any:
    """Draws as an array, if the same labels are read from it again, else as Labels.

    Draws of differences are summed up, from 0 on, to readings that have them.
    """
    drawn = labels.take(symbols)
    if labels.of is not None:
        if labels.of.ranks is not None or labels.of.weights:
            raise ValueError(f"draws of {labels.of_what} are no readings")
        sums = np.cumsum(np.concatenate([np.zeros(min(1, len(symbols)), np.int64), drawn.values[1:]]))
        drawn = Labels("int", sums, drawn.step)
    return drawn if drawn.step != "1" or drawn.kind == "tuple" else np.asarray(drawn)


def _in_decimals(labels: Labels, array: NDArray[Any] | None) -> Labels:
    """The labels of floats as the decimals that they show, if these give back all of them."""
    values, dtype = labels.values.view(np.float64), np.dtype(np.float64) if array is None else array.dtype
    decimals = decimals_shown([values], dtype) if dtype.kind == "f" else None
    units = None if decimals is None else units_of(values, step_of(decimals), dtype)
    return labels if decimals is None or units is None else Labels("int", units, step_of(decimals))


def as_distribution(p: Any) -> Distribution:
    """A Distribution itself, or made of a mapping label -> weight, or of a list of weights, labelled from 0.

    >>> as_distribution([1, 3])
    Distribution({0: 0.25, 1: 0.75}, 2 labels)
    """
    if isinstance(p, Distribution):
        return p
    if isinstance(p, Mapping):
        return Distribution.from_counts(p)
    if isinstance(p, (list, tuple, np.ndarray)):
        return Distribution(range(len(p)), p)
    raise TypeError(f"a Distribution is wanted, a mapping label -> weight or a list of weights, not {p!r}")


def _sorted_counts(counts: Any) -> tuple[Labels, list[Any]]:
    """Labels in sorted order, and their weights."""
    if not hasattr(counts, "items"):
        raise TypeError(f"counts are a mapping label -> weight, not {type(counts).__name__}")
    pairs = list(counts.items())
    labels = labels_of([label for label, _ in pairs])
    distinct, _ = tally(labels)
    if len(distinct) < len(labels):  # two NaNs are two keys and one label
        raise ValueError(f"label {labels[first_duplicate(labels)]!r} stands twice among the counts")
    symbols, _ = find(labels, distinct)
    return distinct, [pairs[symbol][1] for symbol in symbols.tolist()]
