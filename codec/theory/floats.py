"""Floats as the decimals that they show: 21.6 is 216 times 0.1, if that gives back the very same float.

A decimal of few enough digits is nearer to its own float than to any other of as many places. So the decimals are found
by rounding, and a single division, which is exact to the last bit, finds the floats again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_DECIMALS = 20  # of a step that a table can hold
_STRETCH = 1 << 15  # values at a time, which stay in the cache
_SAMPLE = 1 << 10  # values that are tried first
_EXACT = 1 << 53  # floats hold all ints up to here
_MOST_DIGITS = 1e15  # that a float64 always keeps


def step_of(decimals: int) -> str:
    """The step of numbers with so many decimals: "1", "0.1", "0.01", ..."""
    return "0." + "0" * (decimals - 1) + "1" if decimals else "1"


def multiples(units: NDArray[Any], step: str) -> NDArray[np.float64]:
    """The floats nearest to ``units * step``, shape (n,).

    >>> multiples(np.array([216, -3]), "0.1").tolist()
    [21.6, -0.3]
    """
    over, under = Fraction(step).as_integer_ratio()
    most = _EXACT // over
    if under <= 10**22 and len(units) and -most <= units.min() and units.max() <= most:
        return np.asarray(units, np.float64) * over / float(under)
    return np.array([float(Fraction(k * over, under)) for k in units.tolist()], np.float64)


def units_of(values: NDArray[np.float64], step: str, dtype: np.dtype[Any]) -> NDArray[np.int64] | None:
    """Ints k with ``k * step`` equal to each value, shape (n,); None if some value has none, as NaN and -0.0.

    Parameters
    ----------
    values : float64 array, (n,)
    step : str
    dtype : dtype
        Of the floats that must come back bit for bit: of 16, 32 or 64 bits.

    Examples
    --------
    >>> units_of(np.array([21.6, -0.3]), "0.1", np.dtype(float)).tolist()
    [216, -3]
    """
    units = np.empty(len(values), np.int64)
    done = 0
    for near in _near(values, step, dtype):
        units[done : done + len(near)] = near
        done += len(near)
    return units if done == len(values) else None


def _near(values: NDArray[np.float64], step: str, dtype: np.dtype[Any]) -> Iterator[NDArray[np.float64]]:
    """The units of each stretch of values, to be used at once; no more of them once a value has none."""
    over, under = map(float, Fraction(step).as_integer_ratio())
    most = most_units(dtype) / over
    near_all, back_all = np.empty((2, min(_STRETCH, len(values))))
    for start in range(0, len(values), _STRETCH):
        stretch = values[start : start + _STRETCH]
        near, back = near_all[: len(stretch)], back_all[: len(stretch)]
        with np.errstate(over="ignore", invalid="ignore"):
            np.multiply(stretch, under, out=near)
            if over != 1:
                near /= over
            np.rint(near, out=near)
            near += 0.0  # no -0.0
            np.divide(near if over == 1 else near * over, under, out=back)
            if dtype.itemsize < 8:
                back[:] = back.astype(dtype)
        few = near.max() < most and -near.min() < most
        if not few or (back.view(np.uint64) != stretch.view(np.uint64)).any():
            return
        yield near


def decimals_shown(stretches: Iterable[NDArray[np.float64]], dtype: np.dtype[Any]) -> int | None:
    """The fewest decimals that give back each of many floats bit for bit; None if no number of them does.

    Parameters
    ----------
    stretches : iterable of float64 arrays
    dtype : dtype
        Of the floats.

    Examples
    --------
    >>> decimals_shown([np.array([21.5, 21.25])], np.dtype(float))
    2
    >>> decimals_shown([np.array([0.1 + 0.2])], np.dtype(float)) is None
    True
    """
    decimals, greatest, count = 0, 0.0, 0
    finest = min(MAX_DECIMALS, int(-np.log10(float(np.finfo(dtype).smallest_subnormal))))  # 7 where floats have 16 bits
    for values in stretches:
        for some in (values[:: len(values) // _SAMPLE + 1], values):
            while sum(map(len, _near(some, step_of(decimals), dtype))) < len(some):
                decimals += 1
                if decimals > finest:
                    return None
        count += len(values)
        greatest = max(greatest, float(values.max(initial=0)), -float(values.min(initial=0)))
    return decimals if count and greatest * 10**decimals < most_units(dtype) else None


def most_units(dtype: np.dtype[Any]) -> float:
    """A float of this type with fewer units is nearer to its own decimal than half a unit."""
    return min(2.0 ** int(np.finfo(dtype).nmant), _MOST_DIGITS)
