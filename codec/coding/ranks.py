"""Ranks: the places of readings among the sorted labels of a table, and readings that are none of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.theory.alphabet import find
from codec.theory.dense import LookUp, look_up
from codec.theory.labels import Labels

ASIDE = 1 << 17  # a reading aside from the ranks is moved by this; ranks differ by less than 2^16


def ranks_of(
    ranks: Labels, readings: NDArray[Any], look: LookUp = look_up
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """The place of each reading among sorted labels, or of the nearest one, the lower of two; and which are none.

    Places are int32, and int64 if some readings are none.

    >>> places, aside = ranks_of(Labels("int", np.array([10, 20, 40])), np.array([20, 29, 31, 99]))
    >>> places.tolist(), aside.tolist()
    ([1, 1, 2, 2], [False, True, True, True])
    """
    symbols, aside = find(ranks, Labels("int", readings, ranks.step), look=look)
    if aside is None:
        return symbols.astype(np.int32), None
    places = symbols.astype(np.int64)
    places[aside] = _nearest(as_int64(ranks.values), readings[aside].astype(np.int64))
    return places, aside


def _nearest(known: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of the nearest sorted number, the lower of two."""
    above = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    below = np.maximum(above - 1, 0)
    nearer = wanted.astype(np.float64) - known[below] <= known[above].astype(np.float64) - wanted
    return np.where(nearer & (known[above] > wanted), below, above)


def moved(readings: NDArray[np.int64]) -> NDArray[np.int64]:
    """Readings moved away from zero, so that none is a difference of ranks.

    >>> moved(np.array([0, 7, -7])).tolist()
    [131072, 131079, -131079]
    """
    return readings + np.where(readings < 0, -ASIDE, ASIDE)


def moved_back(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The inverse of `moved`."""
    return numbers - np.where(numbers < 0, -ASIDE, ASIDE)


def as_int64(values: NDArray[Any]) -> NDArray[np.int64]:
    """Ints modulo 2^64, as those of 64 bits with a sign."""
    if values.dtype == object:
        return np.array([value % (1 << 64) for value in values.tolist()], np.uint64).view(np.int64)
    return values.astype(np.int64)
