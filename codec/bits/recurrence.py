"""Values out of what a linear prediction left of each: a loop in which each step waits for the one before."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.bits.engine import engine_name

_WORD = 1 << 64


def predicted_sums(
    left: NDArray[np.int64],
    history: NDArray[np.int64],
    weights: NDArray[np.int64],
    limits: tuple[int, int],
    known: NDArray[np.int64],
    engine: str | None = None,
) -> NDArray[np.int64]:
    """Each value: its prediction plus what that left, all modulo 2^64.

    Parameters
    ----------
    left : int64 array, (count,)
    history : int64 array, (order,)
        The values before, the last one first.
    weights : int64 array, (order,)
    limits : (int, int)
        The prediction is the sum of values times weights, over 2 to the first of these, rounded; it is from 0 to the
        second, or of any size if that is -1.
    known : int64 array, (count,) or (0,)
        Values that are known otherwise, at least 0; -1 elsewhere.
    engine : str, optional

    Examples
    --------
    >>> numbers = [np.array(x) for x in ([0, 0, 1], [2, 1], [4, -2])]
    >>> predicted_sums(*numbers, (1, -1), np.zeros(0, np.int64), "reference").tolist()
    [3, 4, 6]
    """
    if engine_name(engine, len(left)) == "compiled":
        from codec.bits import compiled

        return compiled.predicted_sums(left, history, weights, limits, known)
    window = deque(history.tolist(), len(weights))
    shift, highest = limits
    half, values = (1 << shift) >> 1, []
    given: Any = known.tolist() or [-1] * len(left)
    times = weights.tolist()
    for residual, value in zip(left.tolist(), given, strict=True):
        if value < 0:
            prediction = _signed(half + sum(w * x for w, x in zip(times, window, strict=True))) >> shift
            if highest >= 0:
                prediction = min(max(prediction, 0), highest)
            value = _signed(prediction + residual)
        values.append(value)
        window.appendleft(value)
    return np.array(values, np.int64)


def _signed(number: int) -> int:
    """The number modulo 2^64, from -2^63 on."""
    return (number + (_WORD >> 1)) % _WORD - (_WORD >> 1)
