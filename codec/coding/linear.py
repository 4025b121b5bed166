"""Linear prediction in integers: a reading from some before it, times weights, over a power of two.

The weights are fitted in floating point, and rounded to integers of at most 16 bits; the file holds those. All else is
integers modulo 2^64, the same on every machine.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.bits.recurrence import predicted_sums
from codec.codes.prediction_table import bits_of
from codec.theory.prediction import Prediction

_ORDERS = (1, 2, 3, 4, 6, 8, 12, 16)
_SHIFTS = (4, 5, 6, 7, 8, 10, 12, 14)
FITTED = 1 << 17  # readings that weights are fitted to
_STRETCH = 1 << 14  # values at a time, which stay in the cache


def residuals(values: NDArray[Any], history: NDArray[np.int64], of: Prediction) -> NDArray[Any]:
    """Each value minus its prediction.

    Parameters
    ----------
    values : int64 array, (count,); int32 where all that is left fits it, and there are no weights
    history : int64 array, (order,)
        The values before, the last one first.
    of : Prediction
        Without weights the value before is the prediction.

    Examples
    --------
    >>> twice_minus_once = Prediction("linear", weights=(4, -2), shift=1)
    >>> residuals(np.array([3, 4, 6]), np.array([2, 1]), twice_minus_once).tolist()
    [0, 0, 1]
    """
    left = np.empty_like(values)
    if not of.weights:
        left[:1] = values[:1] - history[:1]
        np.subtract(values[1:], values[:-1], out=left[1:])
        return left
    order = len(of.weights)
    every = np.concatenate([history[:order][::-1], values])
    product = np.empty(min(_STRETCH, len(values)), np.int64)
    for start in range(0, len(values), _STRETCH):
        sums, near = left[start : start + _STRETCH], every[start:]
        sums[:] = 0
        for lag, weight in enumerate(of.weights, 1):
            sums += np.multiply(near[order - lag :][: len(sums)], weight, out=product[: len(sums)])
        np.subtract(values[start : start + _STRETCH], predictions(sums, of), out=sums)
    return left


def predictions(sums: NDArray[np.int64], of: Prediction) -> NDArray[np.int64]:
    """Predictions out of weighted sums, rounded, in their place; those of ranks are ranks that there are."""
    sums += (1 << of.shift) >> 1
    sums >>= of.shift
    return sums if of.ranks is None else np.minimum(np.maximum(sums, 0, out=sums), len(of.ranks) - 1, out=sums)


def undone(
    left: NDArray[np.int64],
    history: NDArray[np.int64],
    of: Prediction,
    given: NDArray[np.int64] | None = None,
    engine: str | None = None,
) -> NDArray[np.int64]:
    """The inverse of `residuals`.

    Parameters
    ----------
    left : int64 array, (count,)
    history : int64 array, (order,)
    of : Prediction
    given : int64 array, (count,), or None
        Values that are known otherwise, at least 0; -1 elsewhere.
    engine : str or None

    Examples
    --------
    >>> undone(np.array([0, 0, 1]), np.array([2, 1]), Prediction("linear", weights=(4, -2), shift=1)).tolist()
    [3, 4, 6]
    """
    if not of.weights:
        return _summed(left, int(history[0]), given)
    highest = -1 if of.ranks is None else len(of.ranks) - 1
    known = np.zeros(0, np.int64) if given is None else given
    weights: NDArray[np.int64] = np.array(of.weights, np.int64)
    return predicted_sums(left, history, weights, (of.shift, highest), known, engine)


def _summed(left: NDArray[np.int64], before: int, given: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """Sums of differences; each value given begins a new sum."""
    if given is None:
        return np.cumsum(left) + before
    known = given >= 0
    sums = np.cumsum(np.where(known, 0, left))
    starts = np.concatenate([[before], given[known] - sums[known]])
    from_starts: NDArray[np.int64] = sums + starts[np.cumsum(known)]
    return from_starts


def fitted(values: NDArray[np.int64], order: int | None = None) -> tuple[tuple[int, ...], int]:
    """The weights and the shift that leave least of these values, as far as the search goes; what they take counts.

    Least squares for each order and shift; what is left is weighed as if it were Laplace's distribution.

    Parameters
    ----------
    values : int64 array, (count,)
        The first 131,072 are looked at.
    order : int, optional
        Only this one.
    """
    values = values[:FITTED]
    best, found = np.inf, Prediction("linear", weights=(1,))
    for each in (order,) if order else _ORDERS:
        if each >= len(values):
            continue
        exact = _least_squares(values, each)
        for shift in _SHIFTS:
            weights = np.rint(exact * (1 << shift))
            if np.abs(weights).max() >= 1 << 15:
                continue
            of = Prediction("linear", weights=tuple(int(w) for w in weights), shift=shift)
            left = residuals(values[each:], values[:each][::-1], of)
            mean = max(0.2, float(np.abs(left.astype(np.float64)).mean()))
            size = len(left) * np.log2(2 * math.e * mean) + each * bits_of(of.weights)
            if size < best:
                best, found = size, of
    return found.weights, found.shift


def _least_squares(values: NDArray[np.int64], order: int) -> NDArray[np.float64]:
    wanted = values.astype(np.float64)
    before = np.stack([wanted[order - lag : len(wanted) - lag] for lag in range(1, order + 1)])
    moments = before @ before.T
    moments[np.diag_indices(order)] += 1e-9 * max(1.0, float(np.trace(moments)) / order)
    return np.asarray(np.linalg.solve(moments, before @ wanted[order:]), np.float64)
