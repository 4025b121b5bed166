"""Exact weights: counts stay integers, decimals are read as a person reads them.

Ties between weights decide which of the optimal codes is built, and a rounded sum of floats can break a tie.
So weights become integers wherever they can: 0.30 and 0.40 become 3 and 4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from codec.errors import counted
from codec.theory.labels import objects

MAX_EXACT = 65_536  # longer arrays of floats stay floats
_MAX_DECIMALS = 400  # of a weight; floats have at most 324
_INT64_MAX = np.iinfo(np.int64).max


def exact_weights(weights: ArrayLike, labels: Sequence[Any]) -> NDArray[Any]:  # noqa: C901 (a check each)
    """Validated weights: int64 if their sum fits, Python ints otherwise, floats if they are more than 65,536.

    Parameters
    ----------
    weights : array_like, (n,)
        Non-negative numbers, not all zero; they need not sum to anything.
    labels : sequence, (n,)
        Named in errors.

    Raises
    ------
    ValueError
        If a weight is NaN, infinite or negative, all are zero, or there are not as many as labels, at least one.

    Examples
    --------
    >>> exact_weights([0.30, 0.40, 0.3], "abc").tolist(), exact_weights([4, 6, 5], "abc").tolist()
    ([3, 4, 3], [4, 6, 5])
    >>> exact_weights([0.5, -1], "ab")
    Traceback (most recent call last):
    ValueError: the weight of label 'b' is -1: weights are finite numbers, at least 0
    """
    if isinstance(weights, np.ndarray) or hasattr(weights, "to_numpy"):
        array = np.asarray(weights)
    elif not isinstance(weights, Sequence):
        raise TypeError(f"weights are a list or an array of numbers, not {type(weights).__name__}")
    else:
        array = objects(weights)
    if array.ndim != 1:
        raise ValueError(f"weights must be one-dimensional, and these have the shape {array.shape}")
    if len(array) != len(labels):
        raise ValueError(
            f"there are {counted(len(labels), 'label')} and {counted(len(array), 'weight')}: one weight for each label"
        )
    if not len(array):
        raise ValueError("a distribution needs at least one label")
    if array.dtype.kind == "f" and len(array) > MAX_EXACT:
        exact = array.astype(np.float64)
        bad = ~(np.isfinite(exact) & (exact >= 0))
    elif array.dtype.kind in "biu":
        bad = array < 0
        exact = _fitting([int(w) for w in array.tolist()]) if array.dtype == np.uint64 else array.astype(np.int64)
        if exact.dtype != object and exact.sum(dtype=np.float64) >= 2.0**62:
            exact = _fitting(exact.tolist())
    else:
        exact = _fitting(_common_integers(list(array), labels))  # a float32 is spelled with its own digits
        bad = np.zeros(0, np.bool_)
    if bad.any():
        raise _bad_weight(labels[int(bad.argmax())], array[bad.argmax()])
    if not exact.any():
        raise ValueError("all weights are zero: at least one label must be able to occur")
    exact.flags.writeable = False
    return exact


def as_integers(weights: NDArray[Any]) -> list[int]:
    """Validated weights as Python ints in exactly the same proportion; integers stay as they are.

    >>> as_integers(np.array([0.5, 3.0, 0.0])), as_integers(np.array([4, 6]))
    ([1, 6, 0], [4, 6])
    """
    values = weights.tolist()
    if weights.dtype.kind != "f":
        return [int(weight) for weight in values]
    ratios = [weight.as_integer_ratio() for weight in values]
    finest = max(denominator for _, denominator in ratios)  # a multiple of the others: all are powers of two
    return [numerator * (finest // denominator) for numerator, denominator in ratios]


def _bad_weight(label: Any, weight: Any) -> ValueError:
    return ValueError(f"the weight of label {label!r} is {weight}: weights are finite numbers, at least 0")


def _common_integers(weights: list[Any], labels: Sequence[Any]) -> list[int]:
    """Numbers as integers in the same proportion; integers stay as they are."""
    fractions = []
    for position, weight in enumerate(weights):
        if isinstance(weight, (bool, int, np.integer, np.bool_)):
            fraction = Fraction(int(weight))
        elif isinstance(weight, Fraction):
            fraction = weight
        else:
            try:
                finite = math.isfinite(weight if not isinstance(weight, complex) else None)  # type: ignore[arg-type]
            except TypeError:
                raise TypeError(f"the weight of label {labels[position]!r} is {weight!r}: not a number") from None
            if not finite:
                raise _bad_weight(labels[position], weight)
            if isinstance(weight, Decimal) and weight.adjusted() < -_MAX_DECIMALS:  # as an integer it would fill memory
                raise ValueError(f"the weight of label {labels[position]!r} is {weight}: that is too small to be exact")
            fraction = Fraction(str(weight))
        if fraction < 0:
            raise _bad_weight(labels[position], weight)
        fractions.append(fraction)
    denominator = math.lcm(*(fraction.denominator for fraction in fractions))
    return [int(fraction * denominator) for fraction in fractions]


def _fitting(weights: list[int]) -> NDArray[Any]:
    array = np.empty(len(weights), np.int64 if sum(weights) <= _INT64_MAX else object)
    array[:] = weights
    return array
