"""How large is the memory of a stream? At least what is saved on readings not learned from; at most what they show.

The stream is cut into 30 stretches, and models are learned on every other one, so that a season is in both parts. For
each pair of neighbours outside them, a model saves log2 q(next | before) / p(next) bits, p the shares of the very
readings that it is measured on: a baseline that no code for single readings can beat, which errs on the safe side.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.measure.mismatch import BATCHES, LEAST_READINGS
from codec.measure.sampling import learning_cost, miller_madow

_T = 2.364  # Student's t, 29 degrees of freedom: 95 % for the better of two models, one side 1.25 %
Keys = NDArray[np.int64]


def memory_bounds(symbols: NDArray[Any], size: int, estimate: float) -> tuple[float | None, float | None]:
    """At least and at most how many bits a reading says about the next, 95 % each; None below 300 readings.

    Parameters
    ----------
    symbols : int array, (n,)
    size : int
        Of the alphabet.
    estimate : float
        The mutual information of neighbours as it stands in the stream.
    """
    if len(symbols) < LEAST_READINGS:
        return None, None
    before, after = symbols[:-1].astype(np.int64), symbols[1:].astype(np.int64)
    batch = len(before) // BATCHES
    before, after = before[: batch * BATCHES], after[: batch * BATCHES]
    odd = np.arange(len(before)) // batch % 2 == 1
    # What follows each reading; and how far it is from the one before, whatever that was.
    models = ((before, before * size + after), (np.zeros_like(before), after - before + size))
    lows = []
    for contexts, keys in models:
        saved = np.zeros(len(before))
        for learn, test in ((odd, ~odd), (~odd, odd)):
            saved[test] = _saved(contexts, keys, after, learn, test, size)
        center, error = _mean_and_error(saved, batch)
        lows.append(center - _T * error)
    # The estimate from pairs is high in all but odd cases, in which the two entropies it takes are low by their bias.
    shares, pairs = np.bincount(symbols), _counts(before * size + after, before * size + after)
    density = np.log2(pairs * float(len(before)) / (shares[before] * shares[after].astype(np.float64)))
    counts = np.bincount(symbols)
    bias = 2 * learning_cost(int(np.count_nonzero(counts)), len(symbols))
    high = estimate + bias + _T * _mean_and_error(density, batch)[1]
    return max(0.0, *lows), min(high, miller_madow(counts))


def _saved(
    contexts: Keys, keys: Keys, after: Keys, learn: NDArray[np.bool_], test: NDArray[np.bool_], size: int
) -> NDArray[np.float64]:
    """Bits saved at each pair of the test part, by shares learned on the other.

    q(next | before) = (c(before, next) + d p(next)) / (c(before) + d), d the different readings after that one, p from
    add-½ counts. I. H. Witten, T. C. Bell, The Zero-Frequency Problem, 1991, method C.
    """
    singles = np.bincount(after[learn], minlength=size)
    order_0 = (singles + 0.5) / (singles.sum() + size / 2)
    first = np.unique(keys[learn], return_index=True)[1]
    different = np.bincount(contexts[learn][first], minlength=int(contexts.max()) + 1)
    seen = np.bincount(contexts[learn], minlength=len(different))[contexts[test]]
    weight = np.maximum(different[contexts[test]], 1)
    q = (_counts(keys[learn], keys[test]) + weight * order_0[after[test]]) / (seen + weight)
    own = np.bincount(after[test], minlength=size) / np.count_nonzero(test)
    return np.asarray(np.log2(q / own[after[test]]))


def _counts(keys: Keys, wanted: Keys) -> NDArray[np.int64]:
    """How often each of the wanted keys is among the keys."""
    distinct, counts = np.unique(keys, return_counts=True)
    places = np.minimum(np.searchsorted(distinct, wanted), len(distinct) - 1)
    return np.where(distinct[places] == wanted, counts[places], 0)


def _mean_and_error(values: NDArray[np.float64], batch: int) -> tuple[float, float]:
    """The mean, and its standard error from batch means."""
    means = values.reshape(-1, batch).mean(axis=1)
    return float(means.mean()), float(means.std(ddof=1)) / math.sqrt(len(means))
